//! The server's end of its connection to the holder.

use super::keepsake::{MAX_BYTES, MAX_PART};
use super::protocol::{Exit, HeldPane, KillSignal, Reply, Request, Spawn, VERSION};
use super::wire::{Flushed, Frame, UNASKED, Wire, WireError};
use crate::term::Size;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{Interest, Ready};
use tokio::sync::{mpsc, oneshot};

/// Something that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderEvent {
    /// A program has ended.
    Exited {
        /// Which pane.
        pane: u64,
        /// How, and when.
        exit: Exit,
    },
    /// The connection is gone: the holder has died, or a newer server has taken this one's place.
    Gone,
}

/// A program that was started.
#[derive(Debug)]
pub struct Spawned {
    /// Its process id; it leads its own session.
    pub pid: u32,
    /// When it was started, in clock ticks since boot.
    pub start_time: u64,
    /// Where it was started.
    pub cwd: String,
    /// What is to be said to the user, if that is not where it was asked to.
    pub note: Option<String>,
    /// The other side of its terminal.
    pub master: OwnedFd,
}

/// A pane that the holder has.
#[derive(Debug)]
pub struct Held {
    /// Its number.
    pub pane: u64,
    /// Its program.
    pub pid: u32,
    /// When that was started, in clock ticks since boot.
    pub start_time: u64,
    /// When that was started, in milliseconds since the Unix epoch.
    pub started_at: u64,
    /// The size of its PTY.
    pub size: Size,
    /// As it was set last.
    pub meta: Vec<u8>,
    /// How it ended, if it has.
    pub exit: Option<Exit>,
    /// The other side of its terminal.
    pub master: OwnedFd,
}

/// The connection to the holder. Clones share it; it closes with the last of them.
#[derive(Debug, Clone)]
pub struct HolderLink {
    requests: mpsc::Sender<Ask>,
    pid: u32,
    release: Arc<str>,
    /// The minor version that the holder speaks.
    minor: u16,
}

/// The first minor version of holders that keep what a server leaves.
const KEEPING: u16 = 1;

#[derive(Debug)]
struct Ask {
    request: Request,
    fd: Option<Arc<OwnedFd>>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
struct Answer {
    reply: Reply,
    fd: Option<OwnedFd>,
    held: Vec<Held>,
}

impl HolderLink {
    /// Connects to the holder that listens at `path`, as its one server.
    pub async fn connect(path: &Path) -> Result<(Self, mpsc::Receiver<HolderEvent>)> {
        let socket = UnixStream::connect(path)
            .with_context(|| format!("cannot connect to the holder at {}", path.display()))?;
        Self::open(socket).await
    }

    /// Says hello on a socket that is connected to the holder.
    pub async fn open(socket: UnixStream) -> Result<(Self, mpsc::Receiver<HolderEvent>)> {
        let wire = Wire::new(socket.try_clone()?)?;
        let readiness = tokio::net::UnixStream::from_std(socket)?;
        let (requests, asked) = mpsc::channel(64);
        let (events, received) = mpsc::channel(64);
        tokio::spawn(Task::new(wire, readiness, asked, events).run());
        let mut link = Self {
            requests,
            pid: 0,
            release: "".into(),
            minor: 0,
        };
        let hello = Request::Hello {
            version: VERSION,
            release: env!("CARGO_PKG_VERSION").to_owned(),
        };
        match link.ask(hello, None).await?.reply {
            Reply::Welcome {
                pid,
                release,
                version,
            } => {
                link.pid = pid;
                link.minor = version.minor;
                link.release = release.into();
                Ok((link, received))
            }
            other => Err(unexpected(other)),
        }
    }

    /// The holder's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The holder's release.
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Starts a program. An error is one line for the user, such as `command not found: NAME`.
    pub async fn spawn(&self, spawn: Spawn) -> Result<Spawned> {
        let answer = self.ask(Request::Spawn(spawn), None).await?;
        match (answer.reply, answer.fd) {
            (
                Reply::Spawned {
                    pid,
                    start_time,
                    cwd,
                    note,
                    ..
                },
                Some(master),
            ) => Ok(Spawned {
                pid,
                start_time,
                cwd,
                note,
                master,
            }),
            (other, _) => Err(unexpected(other)),
        }
    }

    /// All panes that the holder has, ended ones too.
    pub async fn panes(&self) -> Result<Vec<Held>> {
        let answer = self.ask(Request::Panes, None).await?;
        match answer.reply {
            Reply::Done => Ok(answer.held),
            other => Err(unexpected(other)),
        }
    }

    /// Sends a signal to all processes of the pane's session; says how many those were.
    pub async fn signal(&self, pane: u64, signal: KillSignal) -> Result<u32> {
        match self
            .ask(Request::Signal { pane, signal }, None)
            .await?
            .reply
        {
            Reply::Signalled { processes } => Ok(processes),
            other => Err(unexpected(other)),
        }
    }

    /// Drops a pane and what is known of it. What still runs there is hung up on once the server has closed its own
    /// descriptor too.
    pub async fn forget(&self, pane: u64) -> Result<()> {
        self.order(Request::Forget { pane }, None).await
    }

    /// Replaces what is kept with a pane for the next server.
    pub async fn set_meta(&self, pane: u64, meta: Vec<u8>) -> Result<()> {
        self.order(Request::SetMeta { pane, meta }, None).await
    }

    /// Hands the holder a pane that the holder before it had started, once that one is dead.
    pub async fn adopt(
        &self,
        pane: u64,
        pid: u32,
        start_time: u64,
        meta: Vec<u8>,
        master: OwnedFd,
    ) -> Result<()> {
        let request = Request::Adopt {
            pane,
            pid,
            start_time,
            meta,
        };
        self.order(request, Some(Arc::new(master))).await
    }

    /// Has the holder keep `bytes` for the server that comes after this one.
    pub async fn keep(&self, bytes: &[u8]) -> Result<()> {
        if self.minor < KEEPING {
            bail!("the holder is of wt {}, and keeps nothing", self.release);
        }
        for part in bytes.chunks(MAX_PART) {
            let part = part.to_vec();
            self.order(Request::Keep { part }, None).await?;
        }
        Ok(())
    }

    /// Takes what the server before this one has left; nothing if it left nothing.
    pub async fn take(&self) -> Result<Vec<u8>> {
        let mut taken = Vec::new();
        while self.minor >= KEEPING && taken.len() <= MAX_BYTES {
            match self.ask(Request::Take, None).await?.reply {
                Reply::Kept { part } if part.is_empty() => break,
                Reply::Kept { part } => taken.extend_from_slice(&part),
                other => return Err(unexpected(other)),
            }
        }
        Ok(taken)
    }

    /// Ends the holder. It sends nothing to programs.
    pub async fn stop(&self) -> Result<()> {
        self.order(Request::Stop, None).await
    }

    async fn order(&self, request: Request, fd: Option<Arc<OwnedFd>>) -> Result<()> {
        match self.ask(request, fd).await?.reply {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    async fn ask(&self, request: Request, fd: Option<Arc<OwnedFd>>) -> Result<Answer> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask {
            request,
            fd,
            answer,
        };
        self.requests.send(ask).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }
}

/// The holder that was asked has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the holder of programs has ended")]
pub struct HolderGone;

fn gone() -> anyhow::Error {
    HolderGone.into()
}

fn unexpected(reply: Reply) -> anyhow::Error {
    match reply {
        Reply::Failed(why) => anyhow!(why),
        _ => anyhow!("the holder answered something else than was asked"),
    }
}

/// Owns the connection.
struct Task {
    wire: Wire,
    /// The same socket, as the runtime watches it.
    readiness: tokio::net::UnixStream,
    asked: mpsc::Receiver<Ask>,
    events: mpsc::Sender<HolderEvent>,
    /// Events that the server has not had room for yet: at most one for each pane.
    unheard: VecDeque<HolderEvent>,
    waiting: HashMap<u32, (oneshot::Sender<Answer>, Vec<Held>)>,
    last: u32,
}

/// Why the task woke up.
enum Woken {
    /// There is a request; `None`: there will never be another.
    Asked(Option<Ask>),
    /// Bytes have come, or there is room for more.
    Ready(Ready),
    /// An event found room.
    Heard,
}

impl Task {
    fn new(
        wire: Wire,
        readiness: tokio::net::UnixStream,
        asked: mpsc::Receiver<Ask>,
        events: mpsc::Sender<HolderEvent>,
    ) -> Self {
        Self {
            wire,
            readiness,
            asked,
            events,
            unheard: VecDeque::new(),
            waiting: HashMap::new(),
            last: UNASKED,
        }
    }

    async fn run(mut self) {
        match self.serve().await {
            Ok(()) => return,
            Err(error) => tracing::warn!("connection to the holder: {error:#}"),
        }
        // Whoever waits for an answer learns of it by this.
        self.waiting.clear();
        drop(self.asked);
        self.unheard.push_back(HolderEvent::Gone);
        for event in self.unheard {
            if self.events.send(event).await.is_err() {
                return;
            }
        }
    }

    /// Returns when the last link is dropped.
    async fn serve(&mut self) -> Result<()> {
        loop {
            match self.wake().await? {
                Woken::Asked(Some(ask)) => self.ask(ask)?,
                Woken::Asked(None) => return Ok(()),
                Woken::Ready(ready) => {
                    self.transfer(ready)?;
                    self.take_frames()?;
                }
                Woken::Heard => {}
            }
        }
    }

    /// Sleeps until there is something to do.
    async fn wake(&mut self) -> Result<Woken> {
        let interest = match self.wire.has_unsent() {
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::READABLE,
        };
        tokio::select! {
            ask = self.asked.recv() => Ok(Woken::Asked(ask)),
            ready = self.readiness.ready(interest) => Ok(Woken::Ready(ready?)),
            room = self.events.reserve(), if !self.unheard.is_empty() => {
                match room {
                    Ok(room) => {
                        if let Some(event) = self.unheard.pop_front() {
                            room.send(event);
                        }
                    }
                    Err(_) => self.unheard.clear(),
                }
                Ok(Woken::Heard)
            }
        }
    }

    /// Sends and receives what the socket has room for and has. The runtime has to be told when it has no more.
    fn transfer(&mut self, ready: Ready) -> Result<()> {
        let wire = &mut self.wire;
        let blocked = || io::Error::from(io::ErrorKind::WouldBlock);
        if ready.is_writable() {
            let sent = self
                .readiness
                .try_io(Interest::WRITABLE, || match flush(wire) {
                    Ok(Flushed::Part) => Err(blocked()),
                    other => Ok(other),
                });
            sent.unwrap_or(Ok(Flushed::Part))?;
        }
        if ready.is_readable() {
            let received = self
                .readiness
                .try_io(Interest::READABLE, || match wire.receive() {
                    Ok(false) => Err(blocked()),
                    other => Ok(other),
                });
            received.unwrap_or(Ok(false))?;
        }
        Ok(())
    }

    fn ask(&mut self, ask: Ask) -> Result<()> {
        self.last = self.last.checked_add(1).unwrap_or(UNASKED + 1);
        let wire = &mut self.wire;
        match wire.push(self.last, &ask.request, ask.fd) {
            Ok(()) => flush(wire).map(drop)?,
            // Only this request is too long, and nothing of it was sent.
            Err(error @ WireError::Malformed(_)) => {
                let answer = Answer {
                    reply: Reply::Failed(error.to_string()),
                    fd: None,
                    held: Vec::new(),
                };
                let _ = ask.answer.send(answer);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.waiting.insert(self.last, (ask.answer, Vec::new()));
        Ok(())
    }

    fn take_frames(&mut self) -> Result<()> {
        while let Some(Frame { number, body, fd }) = self.wire.take_frame()? {
            match (body, fd) {
                (Reply::Exited { pane, exit }, _) => {
                    self.unheard.push_back(HolderEvent::Exited { pane, exit });
                }
                (Reply::Held(pane), Some(master)) => {
                    let Some((_, held)) = self.waiting.get_mut(&number) else {
                        bail!("a pane that was not asked for");
                    };
                    held.push(Held::new(pane, master));
                }
                (reply, fd) => {
                    let Some((answer, held)) = self.waiting.remove(&number) else {
                        bail!("an answer that was not asked for");
                    };
                    // Whoever asked may have given up waiting.
                    let _ = answer.send(Answer { reply, fd, held });
                }
            }
        }
        Ok(())
    }
}

/// Sends what can be sent. A peer that closed may have said something before: that is read first.
fn flush(wire: &mut Wire) -> Result<Flushed, WireError> {
    match wire.flush() {
        Err(WireError::Closed) => Ok(Flushed::All),
        other => other,
    }
}

impl Held {
    fn new(pane: HeldPane, master: OwnedFd) -> Self {
        Self {
            pane: pane.pane,
            pid: pane.pid,
            start_time: pane.start_time,
            started_at: pane.started_at,
            size: pane.size,
            meta: pane.meta,
            exit: pane.exit,
            master,
        }
    }
}
