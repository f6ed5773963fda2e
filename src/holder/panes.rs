//! The panes that are held: each a program, the master of its PTY and, in the end, how it ended.

use super::protocol::{Exit, HeldPane, KillSignal, Spawn, Status};
use super::signal::signal_session;
use super::spawn::{self, size_of};
use crate::disk::process::{Identity, Stat};
use portable_pty::Child;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Most panes that are held; the descriptors of a process end somewhere near.
const MAX_PANES: usize = 4096;

/// Most bytes that are kept with a pane for the server.
const MAX_META: usize = 256 * 1024;

/// Whose program it is.
enum Program {
    /// Ours. Until the pane is forgotten it is not reaped, which keeps its pid, and with that the name of its
    /// session, from being given to another.
    Child(Box<dyn Child + Send + Sync>),
    /// That of a holder before us: only that it has ended can be seen, by this descriptor where there are such.
    Adopted(Option<OwnedFd>),
}

struct Pane {
    leader: Identity,
    program: Program,
    master: Arc<OwnedFd>,
    meta: Vec<u8>,
    started_at: u64,
    exit: Option<Exit>,
}

/// A pane that was started just now.
pub struct Fresh {
    /// Its program.
    pub leader: Identity,
    /// The other side of its terminal.
    pub master: Arc<OwnedFd>,
    /// Where it was started.
    pub cwd: String,
    /// What is to be said about that.
    pub note: Option<String>,
}

/// All panes, by number.
#[derive(Default)]
pub struct Panes {
    held: BTreeMap<u64, Pane>,
    /// Programs of forgotten panes that have not ended yet.
    forgotten: Vec<Box<dyn Child + Send + Sync>>,
}

impl Panes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Starts a program. The error is one line for the user.
    pub fn spawn(&mut self, spawn: Spawn) -> Result<Fresh, String> {
        self.check(spawn.pane, &spawn.meta)?;
        let started = spawn::start(&spawn)?;
        let pid = started.child.process_id().ok_or("the program has no pid")?;
        let fresh = Fresh {
            leader: Identity {
                pid,
                start_time: Stat::of(pid).map_or(0, |stat| stat.start_time),
            },
            master: Arc::new(started.master),
            cwd: started.cwd,
            note: started.note,
        };
        let pane = Pane {
            leader: fresh.leader,
            program: Program::Child(started.child),
            master: fresh.master.clone(),
            meta: spawn.meta,
            started_at: now(),
            exit: None,
        };
        self.held.insert(spawn.pane, pane);
        Ok(fresh)
    }

    /// Takes over a program that a holder before this one had started.
    pub fn adopt(
        &mut self,
        pane: u64,
        leader: Identity,
        meta: Vec<u8>,
        master: OwnedFd,
    ) -> Result<(), String> {
        self.check(pane, &meta)?;
        let watch = watch(leader);
        let adopted = Pane {
            leader,
            program: Program::Adopted(watch),
            master: Arc::new(master),
            meta,
            started_at: now(),
            exit: None,
        };
        self.held.insert(pane, adopted);
        Ok(())
    }

    fn check(&self, pane: u64, meta: &[u8]) -> Result<(), String> {
        if self.held.contains_key(&pane) {
            return Err(format!("pane %{pane} is held already"));
        }
        if self.held.len() >= MAX_PANES {
            return Err(format!("no more than {MAX_PANES} panes can be held"));
        }
        check_meta(meta)
    }

    /// All panes with their masters.
    pub fn list(&self) -> impl Iterator<Item = (HeldPane, Arc<OwnedFd>)> {
        self.held.iter().map(|(&number, pane)| {
            let held = HeldPane {
                pane: number,
                pid: pane.leader.pid,
                start_time: pane.leader.start_time,
                started_at: pane.started_at,
                size: size_of(&pane.master),
                meta: pane.meta.clone(),
                exit: pane.exit,
            };
            (held, pane.master.clone())
        })
    }

    /// Replaces what is kept with a pane.
    pub fn set_meta(&mut self, pane: u64, meta: Vec<u8>) -> Result<(), String> {
        check_meta(&meta)?;
        self.get(pane)?.meta = meta;
        Ok(())
    }

    /// Signals everything in a pane's session; says how many processes that were.
    pub fn signal(&mut self, pane: u64, signal: KillSignal) -> Result<u32, String> {
        let pane = self.get(pane)?;
        // An adopted program is reaped by others: once it is gone, its pid may be anybody's.
        if matches!(pane.program, Program::Adopted(_)) && !pane.leader.is_alive() {
            return Ok(0);
        }
        Ok(signal_session(pane.leader, pane.master.as_fd(), signal))
    }

    fn get(&mut self, pane: u64) -> Result<&mut Pane, String> {
        self.held
            .get_mut(&pane)
            .ok_or_else(|| format!("pane %{pane} is not held"))
    }

    /// Drops a pane. Forgetting one that is not held is no error: the server may have asked before it died.
    pub fn forget(&mut self, pane: u64) {
        if let Some(Pane {
            program: Program::Child(child),
            ..
        }) = self.held.remove(&pane)
        {
            self.forgotten.push(child);
            self.reap_forgotten();
        }
    }

    fn reap_forgotten(&mut self) {
        self.forgotten
            .retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    }

    /// Finds the programs that have ended since the last call.
    pub fn find_ended(&mut self) -> Vec<(u64, Exit)> {
        self.reap_forgotten();
        let mut ended = Vec::new();
        for (&number, pane) in self.held.iter_mut().filter(|(_, pane)| pane.exit.is_none()) {
            if let Some(status) = pane.status() {
                let exit = Exit { status, at: now() };
                pane.exit = Some(exit);
                ended.push((number, exit));
            }
        }
        ended
    }

    /// Descriptors that become readable when an adopted program ends.
    pub fn watched(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.adopted()
            .filter_map(|watch| Some(watch.as_ref()?.as_fd()))
    }

    /// Whether some adopted program can only be seen to have ended by looking now and then.
    pub fn must_look(&self) -> bool {
        self.adopted().any(Option::is_none)
    }

    fn adopted(&self) -> impl Iterator<Item = &Option<OwnedFd>> {
        self.held.values().filter_map(|pane| match &pane.program {
            Program::Adopted(watch) if pane.exit.is_none() => Some(watch),
            _ => None,
        })
    }
}

impl Pane {
    /// How the program ended; `None` while it runs.
    fn status(&self) -> Option<Status> {
        match self.program {
            Program::Child(_) => peek(self.leader.pid),
            Program::Adopted(_) => (!self.leader.is_alive()).then_some(Status::Unknown),
        }
    }
}

/// How our child ended, without reaping it.
fn peek(pid: u32) -> Option<Status> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let status = match waitid(WaitId::Pid(pid), options) {
        Ok(found) => found?,
        Err(rustix::io::Errno::CHILD) => return Some(Status::Unknown),
        Err(_) => return None,
    };
    Some(match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Status::Code(code),
        (None, Some(number)) => Status::Signal(number),
        (None, None) => Status::Unknown,
    })
}

#[cfg(target_os = "linux")]
fn watch(leader: Identity) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(leader.pid).ok()?)?;
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn watch(_: Identity) -> Option<OwnedFd> {
    None
}

fn check_meta(meta: &[u8]) -> Result<(), String> {
    match meta.len() {
        0..=MAX_META => Ok(()),
        length => Err(format!("{length} bytes are too many to keep with a pane")),
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
