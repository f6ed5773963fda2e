//! The holder's process: one thread that sleeps until a program ends or a server speaks.

use super::daemon;
use super::keepsake::Keepsake;
use super::panes::Panes;
use super::protocol::{Reply, Request, VERSION};
use super::wire::{Frame, UNASKED, Wire, WireError};
use crate::disk::process::Identity;
use crate::disk::{Lock, Places};
use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::SigId;
use signal_hook::consts::SIGCHLD;
use signal_hook::low_level::{pipe, unregister};
use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a holder without panes waits for a server.
const IDLE: Duration = Duration::from_secs(5);

/// How often to look for what does not wake the loop: only when there is something to look for.
const LOOK: Duration = Duration::from_secs(1);

/// Most connections at a time. One is the server's.
const MAX_PEERS: usize = 8;

/// Runs the holder until it holds nothing and no server is there.
pub fn run(places: &Places) -> Result<()> {
    daemon::begin(&places.holder_log_file(), || Holder::listen(places))?.serve()
}

/// A connection, and whether it has said hello.
struct Peer {
    wire: Wire,
    is_server: bool,
}

/// What to do with a connection after a frame.
enum Next {
    Keep,
    Drop,
    StopHolder,
}

/// The holder.
pub struct Holder {
    _lock: Lock,
    socket: PathBuf,
    listener: UnixListener,
    panes: Panes,
    keepsake: Keepsake,
    peers: Vec<Peer>,
    /// Readable after SIGCHLD.
    children: UnixStream,
    signal: SigId,
    idle_since: Instant,
    /// Set while there are no descriptors left for new connections.
    deaf: bool,
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
        unregister(self.signal);
    }
}

impl Holder {
    /// Becomes the holder at `places`; an error if there is one already.
    pub fn listen(places: &Places) -> Result<Self> {
        let socket = places.holder_socket();
        let (lock, listener) = daemon::listen(&places.holder_lock(), &socket)?;
        let (children, woken) = UnixStream::pair().context("cannot make a pipe")?;
        children.set_nonblocking(true)?;
        let signal = pipe::register(SIGCHLD, woken).context("cannot wait for programs")?;
        tracing::info!(socket = %socket.display(), "holder listens");
        Ok(Self {
            _lock: lock,
            socket,
            listener,
            panes: Panes::default(),
            keepsake: Keepsake::default(),
            peers: Vec::new(),
            children,
            signal,
            idle_since: Instant::now(),
            deaf: false,
        })
    }

    /// Serves until it holds nothing and no server is there, or is told to stop.
    pub fn serve(mut self) -> Result<()> {
        loop {
            let ready = match self.wait() {
                Ok(ready) => ready,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error).context("waiting for something to happen"),
            };
            self.tell_ended();
            self.keepsake.expire(Instant::now());
            if self.hear(&ready.peers) {
                tracing::info!("holder was told to stop");
                return Ok(());
            }
            if ready.listener {
                self.accept();
            }
            if !self.peers.is_empty() || !self.panes.is_empty() {
                self.idle_since = Instant::now();
            } else if self.idle_since.elapsed() >= IDLE {
                tracing::info!("holder has nothing to hold");
                return Ok(());
            }
        }
    }

    /// Sleeps until something happens. Says which connections to look at, and whether there is a new one.
    fn wait(&mut self) -> Result<Ready, Errno> {
        let listened = match self.deaf {
            true => PollFlags::empty(),
            false => PollFlags::IN,
        };
        let mut fds = vec![
            PollFd::from_borrowed_fd(self.listener.as_fd(), listened),
            PollFd::from_borrowed_fd(self.children.as_fd(), PollFlags::IN),
        ];
        fds.extend(self.peers.iter().map(|peer| {
            let wanted = match peer.wire.has_unsent() {
                true => PollFlags::IN | PollFlags::OUT,
                false => PollFlags::IN,
            };
            PollFd::from_borrowed_fd(peer.wire.as_fd(), wanted)
        }));
        let watched = self.panes.watched();
        fds.extend(watched.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        poll(&mut fds, self.timeout().as_ref())?;
        let spoke = |fd: &PollFd| !fd.revents().is_empty();
        let ready = Ready {
            listener: spoke(&fds[0]) || self.deaf,
            peers: fds[2..][..self.peers.len()].iter().map(spoke).collect(),
        };
        self.deaf = false;
        // One byte for each signal; what is left over only wakes the loop once more.
        let _ = (&self.children).read(&mut [0; 256]);
        Ok(ready)
    }

    /// Longest time to sleep; for ever, unless there is something to look for.
    fn timeout(&self) -> Option<Timespec> {
        let longest = if self.peers.is_empty() && self.panes.is_empty() {
            IDLE.saturating_sub(self.idle_since.elapsed())
        } else if self.deaf || self.panes.must_look() || !self.keepsake.is_empty() {
            LOOK
        } else {
            return None;
        };
        Timespec::try_from(longest).ok()
    }

    fn tell_ended(&mut self) {
        for (pane, exit) in self.panes.find_ended() {
            tracing::info!(pane, status = %exit.status, "program ended");
            let server = self.peers.iter_mut().find(|peer| peer.is_server);
            if let Some(server) = server
                && server
                    .say(UNASKED, &Reply::Exited { pane, exit }, None)
                    .is_err()
            {
                server.is_server = false;
            }
        }
    }

    fn accept(&mut self) {
        match self.listener.accept() {
            Ok((socket, _)) if is_own(&socket) => match Wire::new(socket) {
                Ok(wire) => {
                    self.make_room();
                    self.peers.push(Peer {
                        wire,
                        is_server: false,
                    });
                }
                Err(error) => tracing::warn!(%error, "connection refused"),
            },
            Ok(_) => tracing::warn!("connection of another user refused"),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => {
                tracing::warn!(%error, "no connection taken");
                self.deaf = true;
            }
        }
    }

    /// Drops the oldest connection that has not said hello if there are too many.
    fn make_room(&mut self) {
        if self.peers.len() >= MAX_PEERS
            && let Some(oldest) = self.peers.iter().position(|peer| !peer.is_server)
        {
            self.peers.remove(oldest);
        }
    }

    /// Hears the connections that spoke; whether one said to stop.
    fn hear(&mut self, spoke: &[bool]) -> bool {
        let mut peers = std::mem::take(&mut self.peers);
        let mut stop = false;
        let mut index = 0;
        peers.retain_mut(|peer| {
            let has_spoken = spoke.get(index).copied().unwrap_or(false);
            index += 1;
            match has_spoken.then(|| self.hear_one(peer)) {
                None | Some(Next::Keep) => true,
                Some(Next::Drop) => false,
                Some(Next::StopHolder) => {
                    stop = true;
                    false
                }
            }
        });
        // The newest server is the one that counts: those before it are closed.
        if let Some(newest) = peers.iter().rposition(|peer| peer.is_server) {
            let mut index = 0;
            peers.retain(|peer| {
                index += 1;
                index > newest || !peer.is_server
            });
        }
        self.peers = peers;
        stop
    }

    fn hear_one(&mut self, peer: &mut Peer) -> Next {
        match self.converse(peer) {
            Ok(next) => next,
            Err(WireError::Closed) => Next::Drop,
            Err(error) => {
                tracing::warn!(%error, "connection dropped");
                Next::Drop
            }
        }
    }

    fn converse(&mut self, peer: &mut Peer) -> Result<Next, WireError> {
        peer.wire.flush()?;
        if !peer.wire.receive()? {
            return Ok(Next::Keep);
        }
        while let Some(frame) = peer.wire.take_frame()? {
            match self.answer(peer, frame)? {
                Next::Keep => {}
                other => return Ok(other),
            }
        }
        Ok(Next::Keep)
    }

    fn answer(&mut self, peer: &mut Peer, frame: Frame<Request>) -> Result<Next, WireError> {
        let Frame { number, body, fd } = frame;
        if !peer.is_server && !matches!(body, Request::Hello { .. }) {
            return Err(WireError::Malformed("a request before hello"));
        }
        let reply = match body {
            Request::Hello { version, release } => {
                self.keepsake.greet();
                return greet(peer, number, version.major, &release);
            }
            Request::Spawn(spawn) => return self.spawn(peer, number, spawn),
            Request::Panes => {
                for (held, master) in self.panes.list() {
                    peer.say(number, &Reply::Held(held), Some(master))?;
                }
                Ok(Reply::Done)
            }
            Request::SetMeta { pane, meta } => {
                self.panes.set_meta(pane, meta).map(|()| Reply::Done)
            }
            Request::Signal { pane, signal } => {
                let sent = self.panes.signal(pane, signal);
                tracing::info!(pane, ?signal, ?sent, "signal");
                sent.map(|processes| Reply::Signalled { processes })
            }
            Request::Forget { pane } => {
                self.panes.forget(pane);
                Ok(Reply::Done)
            }
            Request::Adopt {
                pane,
                pid,
                start_time,
                meta,
            } => {
                let leader = Identity { pid, start_time };
                self.adopt(pane, leader, meta, fd).map(|()| Reply::Done)
            }
            Request::Keep { part } => {
                let kept = self.keepsake.keep(part, Instant::now());
                kept.map(|()| Reply::Done)
            }
            Request::Take => Ok(Reply::Kept {
                part: self.keepsake.take().unwrap_or_default(),
            }),
            Request::Stop => {
                peer.say(number, &Reply::Done, None)?;
                return Ok(Next::StopHolder);
            }
        };
        peer.say(number, &reply.unwrap_or_else(Reply::Failed), None)?;
        Ok(Next::Keep)
    }

    fn spawn(
        &mut self,
        peer: &mut Peer,
        number: u32,
        spawn: super::Spawn,
    ) -> Result<Next, WireError> {
        let pane = spawn.pane;
        match self.panes.spawn(spawn) {
            Ok(fresh) => {
                tracing::info!(pane, pid = fresh.leader.pid, "program started");
                let reply = Reply::Spawned {
                    pane,
                    pid: fresh.leader.pid,
                    start_time: fresh.leader.start_time,
                    cwd: fresh.cwd,
                    note: fresh.note,
                };
                peer.say(number, &reply, Some(fresh.master))?;
            }
            Err(why) => {
                tracing::warn!(pane, "program not started");
                peer.say(number, &Reply::Failed(why), None)?;
            }
        }
        Ok(Next::Keep)
    }

    fn adopt(
        &mut self,
        pane: u64,
        leader: Identity,
        meta: Vec<u8>,
        master: Option<OwnedFd>,
    ) -> Result<(), String> {
        let master = master.ok_or("the master did not come")?;
        if !rustix::termios::isatty(&master) {
            return Err("what came is no terminal".to_owned());
        }
        tracing::info!(pane, pid = leader.pid, "program adopted");
        self.panes.adopt(pane, leader, meta, master)
    }
}

/// What woke the loop.
struct Ready {
    listener: bool,
    /// One for each connection.
    peers: Vec<bool>,
}

impl Peer {
    fn say(
        &mut self,
        number: u32,
        reply: &Reply,
        fd: Option<std::sync::Arc<OwnedFd>>,
    ) -> Result<(), WireError> {
        self.wire.push(number, reply, fd)?;
        self.wire.flush().map(drop)
    }
}

fn greet(peer: &mut Peer, number: u32, major: u16, release: &str) -> Result<Next, WireError> {
    let own = env!("CARGO_PKG_VERSION");
    if major != VERSION.major {
        let why = format!(
            "the holder is of wt {own}, which wt {release} cannot talk to: its panes must end first"
        );
        peer.say(number, &Reply::Failed(why), None)?;
        return Ok(Next::Drop);
    }
    let welcome = Reply::Welcome {
        version: VERSION,
        release: own.to_owned(),
        pid: std::process::id(),
    };
    peer.say(number, &welcome, None)?;
    peer.is_server = true;
    tracing::info!(release, "server connected");
    Ok(Next::Keep)
}

/// Whether the peer runs as the same user. The folder of the socket is private already; this is the second fence.
#[cfg(target_os = "linux")]
fn is_own(socket: &UnixStream) -> bool {
    let peer = rustix::net::sockopt::socket_peercred(socket);
    peer.is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}

#[cfg(not(target_os = "linux"))]
fn is_own(_: &UnixStream) -> bool {
    true
}
