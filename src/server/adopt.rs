//! A server's beginning: finding the holder, and taking up the panes that outlived the server before.

use super::hosted::{Hosted, Process};
use super::world::{World, unix_ms};
use super::{Server, ending, spawn, start};
use crate::holder::{Held, HolderEvent, HolderLink};
use crate::pane::{Ending, Origin};
use crate::protocol::{Direction, PaneId};
use crate::session::Session;
use crate::term::Size;
use anyhow::Result;
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// How long a program sees a terminal one row shorter, so that it draws itself anew.
const NUDGE: Duration = Duration::from_millis(50);

/// Reaches the holder and takes up every pane that it has. A server without one still answers, and says what is wrong.
pub(super) async fn begin(server: &Server) {
    let places = server.with(|world| world.places.clone());
    let written_ms = server.with(World::read_saved);
    match start::link_holder(&places).await {
        Ok((link, events)) => {
            server.with(|world| world.holder = Some(link.clone()));
            if let Err(error) = adopt(server, &link).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the panes of the server before could not be taken up"
                );
            }
            tokio::task::spawn_local(ending::follow_holder(server.clone(), events));
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no holder of programs");
            server.with(|world| world.warnings.push(format!("no pane can start: {error:#}")));
        }
    }
    server.with(|world| world.part_the_dead(written_ms));
}

/// Starts another holder in place of one that died, and hands it the terminals that this server still has.
pub(super) async fn replace_holder(server: &Server) -> Result<Receiver<HolderEvent>> {
    tracing::error!("the holder of programs died; its terminals go to another one");
    let places = server.with(|world| world.places.clone());
    // The dead one is a child of this server that nobody else waits for.
    let _ = rustix::process::waitpid(None, rustix::process::WaitOptions::NOHANG);
    let stream = tokio::task::spawn_blocking(move || start::ensure_holder(&places)).await??;
    let (link, events) = HolderLink::open(stream).await?;
    let orphans = server.with(|world| {
        world.holder = Some(link.clone());
        world.warnings.push(
            "the holder of programs was killed: how programs of that time end cannot be seen"
                .to_owned(),
        );
        world.orphans()
    });
    for (pane, process, meta) in orphans {
        let master = process.master.as_fd().try_clone_to_owned();
        let handed = match master {
            Ok(master) => {
                link.adopt(pane.0, process.pid, process.start_time, meta, master)
                    .await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = handed {
            tracing::error!(
                pane = pane.0,
                error = format!("{error:#}"),
                "a terminal could not be handed on"
            );
        }
    }
    server.with(World::settle_the_unseen);
    Ok(events)
}

async fn adopt(server: &Server, holder: &HolderLink) -> Result<()> {
    let held = holder.panes().await?;
    let panes: Vec<_> = held.iter().map(|held| PaneId(held.pane)).collect();
    server.with(|world| world.wake_the_held(&panes));
    for held in held {
        let pane = held.pane;
        if let Err(error) = take_up(server, held) {
            tracing::error!(
                pane,
                error = format!("{error:#}"),
                "a pane could not be taken up"
            );
        }
    }
    if !panes.is_empty() {
        tracing::info!(
            panes = panes.len(),
            "took up the panes of the server before"
        );
        tokio::task::spawn_local(nudge(server.clone(), panes));
    }
    Ok(())
}

fn take_up(server: &Server, held: Held) -> Result<()> {
    let pane = PaneId(held.pane);
    server.with(|world| world.restore(&held))?;
    spawn::run(server, pane, (held.pid, held.start_time), held.master)?;
    if let Some(exit) = held.exit {
        server.with(|world| world.program_ended(pane, ending::of(exit), exit.at));
    }
    let is_closing = server.with(|world| {
        let hosted = world.panes.get_mut(&pane);
        hosted.is_some_and(|hosted| {
            // It may print nothing for long, and its tab is named by what runs.
            hosted.refresh_command(true);
            hosted.pane.origin.closing
        })
    });
    if is_closing {
        ending::close(server, vec![pane]);
    }
    Ok(())
}

/// Makes full-screen programs draw themselves anew: what they printed after the last snapshot is not known.
async fn nudge(server: Server, panes: Vec<PaneId>) {
    let resize = |world: &mut World, rows_less: u16| {
        for pane in &panes {
            if let Some(hosted) = world.panes.get(pane) {
                let size = hosted.pane.emulator().size();
                hosted.tell_size(Size::new(
                    size.cols,
                    size.rows.saturating_sub(rows_less).max(1),
                ));
            }
        }
    };
    server.with(|world| resize(world, 1));
    tokio::time::sleep(NUDGE).await;
    server.with(|world| resize(world, 0));
}

impl World {
    /// Makes a pane of what the holder and the pane's files know of it.
    fn restore(&mut self, held: &Held) -> Result<()> {
        let id = PaneId(held.pane);
        self.sessions.reserve_id(id.0);
        let told = postcard::from_bytes::<Origin>(&held.meta).ok();
        let hosted = self.take_back(id, told, held.size)?;
        let pane = &hosted.pane;
        if !pane.origin.closing {
            self.give_home(id, &pane.origin.session, pane.emulator().size());
        }
        self.panes.insert(id, hosted);
        Ok(())
    }

    /// Finds a place for a pane that the saved sessions do not know: it was made in the server's last moment.
    fn give_home(&mut self, pane: PaneId, session: &str, area: Size) {
        if self.sessions.of_pane(pane).is_some() {
            return;
        }
        let name = if session.is_empty() {
            self.sessions.free_name()
        } else {
            session.to_owned()
        };
        match self.sessions.named(&name).map(|found| found.id) {
            Some(found) => {
                if let Some(session) = self.sessions.get_mut(found) {
                    let current = session.current;
                    if let Some(tab) = session.tab_mut(current) {
                        tab.split(tab.focus, Direction::Down, pane);
                    }
                }
            }
            None => {
                self.sessions.add(
                    name,
                    pane,
                    area,
                    std::env::vars().collect(),
                    unix_ms() / 1000,
                );
            }
        }
    }

    /// Reads the sessions that the server before has saved; says when they were written.
    fn read_saved(&mut self) -> u64 {
        let loaded = self.saved.sessions.load();
        for problem in &loaded.problems {
            tracing::error!(problem);
        }
        self.warnings.extend(loaded.problems);
        self.sessions = loaded.sessions;
        loaded.written_ms
    }

    /// Takes sessions for living that were taken for dead, as their holder could not be reached then.
    fn wake_the_held(&mut self, held: &[PaneId]) {
        let dead = self.sessions.dead().iter();
        let lives = |session: &Session| session.panes().iter().any(|pane| held.contains(pane));
        let woken = dead.filter(|dead| lives(&dead.session));
        let woken: Vec<_> = woken.map(|dead| dead.session.id).collect();
        for id in woken {
            self.sessions.resume(id);
        }
    }

    /// Panes whose end only the dead holder could have told: they have ended, nobody saw how.
    fn settle_the_unseen(&mut self) {
        let unseen = |hosted: &&Hosted| {
            hosted.process.is_none() && hosted.ending.is_none() && hosted.started
        };
        let panes: Vec<_> = self
            .panes
            .values()
            .filter(unseen)
            .map(|hosted| hosted.pane.id)
            .collect();
        panes
            .into_iter()
            .for_each(|pane| self.program_ended(pane, Ending::Unseen, unix_ms()));
    }

    /// The running programs with what the holder keeps for each.
    fn orphans(&self) -> Vec<(PaneId, Process, Vec<u8>)> {
        let orphan = |hosted: &Hosted| {
            let meta = postcard::to_allocvec(&hosted.pane.origin).ok()?;
            Some((hosted.pane.id, hosted.process.clone()?, meta))
        };
        self.panes.values().filter_map(orphan).collect()
    }
}
