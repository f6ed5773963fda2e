//! Links over a unix socket.
//!
//! Latency is all here: reads and writes are tried at once, and the runtime is asked only when they would block.
//! Bytes that do not fit the socket wait in the link; ask [`Link::is_clear`] before building another sync frame, so
//! that a slow reader gets newer frames instead of more.

use super::watched::Watched;
use crate::protocol::hello::{self, Hello, VERSION};
use crate::protocol::request::{Reply, Request};
use crate::protocol::{FrameReader, Message};
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;
use tokio::net::UnixListener;

/// What this build calls itself.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Bytes read at once.
const READ: usize = 64 << 10;
/// Room for unsent bytes that an idle link may keep.
const IDLE_ROOM: usize = 64 << 10;

/// The server closed the connection before it answered: it was just ending.
#[derive(Debug, thiserror::Error)]
#[error("the server closed the connection; try again")]
pub struct Closed;

/// What a link has for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// The peer said something.
    Message(Message),
    /// All that was queued is on its way: another sync frame may be built.
    Clear,
    /// The peer is gone.
    Closed,
}

/// One connection, for use in one task.
#[derive(Debug)]
pub struct Link {
    stream: Watched,
    incoming: Incoming,
    outgoing: Outgoing,
}

impl Link {
    /// A link over a connected stream. Call within a runtime.
    pub fn new(stream: UnixStream) -> io::Result<Self> {
        Ok(Self {
            stream: Watched::new(stream)?,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
        })
    }

    /// The next message; `None` once the peer is gone. Dropping the future loses nothing. Does not write: use
    /// [`ready`](Self::ready) where something may be queued.
    pub async fn recv(&mut self) -> Result<Option<Message>> {
        loop {
            if let Some(ended) = self.try_recv()? {
                return Ok(ended);
            }
            self.stream.readable().await?;
        }
    }

    /// The next message, or word that all that was queued has been written, whichever comes first; writes meanwhile.
    /// Dropping the future loses nothing.
    pub async fn ready(&mut self) -> Result<Ready> {
        loop {
            if let Some(message) = self.incoming.frames.next_message()? {
                return Ok(Ready::Message(message));
            }
            let was_clear = self.is_clear();
            self.try_flush()?;
            match self.try_recv()? {
                Some(Some(message)) => return Ok(Ready::Message(message)),
                Some(None) => return Ok(Ready::Closed),
                None => {}
            }
            if !was_clear && self.is_clear() {
                return Ok(Ready::Clear);
            }
            if self.is_clear() {
                self.stream.readable().await?;
            } else {
                tokio::select! {
                    ready = self.stream.readable() => ready?,
                    ready = self.stream.writable() => ready?,
                }
            }
        }
    }

    /// A message that has come already; `Some(None)` if the peer is gone.
    fn try_recv(&mut self) -> Result<Option<Option<Message>>> {
        let Self {
            stream, incoming, ..
        } = self;
        incoming.receive(|room| stream.try_read(room))
    }

    /// Waits for a message without going to sleep, at most until `until`: being woken takes longer than many an answer.
    /// Other processes get their turns meanwhile. `None` if none came, or the peer is gone.
    pub fn linger(&mut self, until: Instant) -> Result<Option<Message>> {
        let Self {
            stream, incoming, ..
        } = self;
        loop {
            if let Some(answer) = incoming.receive(|room| stream.read_now(room))? {
                return Ok(answer);
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            rustix::thread::sched_yield();
        }
    }

    /// Whether the peer has closed its end, though messages of its may still wait.
    pub fn is_hung_up(&self) -> bool {
        let mut watched = [PollFd::new(&self.stream, PollFlags::RDHUP)];
        let _ = rustix::event::poll(
            &mut watched,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            }),
        );
        watched[0]
            .revents()
            .intersects(PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR)
    }

    /// Puts a message behind those that are not yet sent. Nothing is written before a flush.
    pub fn queue(&mut self, message: &Message) {
        message.encode(self.outgoing.room());
    }

    /// Writes as much as the socket takes now. If the peer is gone it takes all: the peer's last words and its end
    /// come out of reading.
    pub fn try_flush(&mut self) -> Result<()> {
        let Self {
            stream, outgoing, ..
        } = self;
        outgoing.write(|bytes| stream.try_write(bytes))
    }

    /// Writes all that is queued. Dropping the future loses nothing.
    pub async fn flush(&mut self) -> Result<()> {
        loop {
            self.try_flush()?;
            if self.is_clear() {
                return Ok(());
            }
            self.stream.writable().await?;
        }
    }

    /// Whether nothing waits to be sent.
    pub fn is_clear(&self) -> bool {
        self.outgoing.is_empty()
    }
}

/// Where a server is reached.
#[derive(Debug)]
pub struct Listener {
    listener: UnixListener,
}

impl Listener {
    /// Accepts what a socket that listens already is asked; its file is closed to other users.
    pub fn from_std(listener: std::os::unix::net::UnixListener) -> Result<Self> {
        let listener = UnixListener::from_std(listener).context("watching the socket")?;
        Ok(Self { listener })
    }

    /// The next connection of this user's; others are turned away. Dropping the future loses nothing.
    pub async fn accept(&self) -> Result<Link> {
        loop {
            let (stream, _) = self
                .listener
                .accept()
                .await
                .context("accepting a connection")?;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == rustix::process::geteuid().as_raw() => {
                    return Ok(Link::new(stream.into_std()?)?);
                }
                Ok(peer) => tracing::warn!(uid = peer.uid(), "turned another user away"),
                Err(error) => tracing::warn!(%error, "a connection without credentials"),
            }
        }
    }
}

/// A connection for a program that does one thing at a time and needs no runtime.
#[derive(Debug)]
pub struct Blocking {
    stream: UnixStream,
    incoming: Incoming,
}

impl Blocking {
    /// Connects to the server that listens at `path`.
    pub fn connect(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let stream = UnixStream::connect(path)
            .with_context(|| format!("connecting to {}", path.display()))?;
        Ok(Self {
            stream,
            incoming: Incoming::default(),
        })
    }

    /// Greets the server behind a connected stream.
    ///
    /// # Errors
    /// If it speaks a version that this build cannot talk to, or refuses.
    pub fn greet(stream: UnixStream) -> Result<Self> {
        let mut link = Self {
            stream,
            incoming: Incoming::default(),
        };
        link.send(&Message::Hello(Hello {
            version: VERSION,
            release: RELEASE.to_owned(),
        }))?;
        match link.recv()?.ok_or(Closed)? {
            Message::Welcome(welcome) => {
                hello::check((VERSION, RELEASE), (welcome.version, &welcome.release))?
            }
            Message::Reply(Reply::Error(line)) => bail!(line),
            _ => bail!("what listens on the socket does not answer as a wt server does"),
        }
        Ok(link)
    }

    /// Asks something.
    pub fn request(&mut self, request: Request) -> Result<()> {
        self.send(&Message::Request(request))
    }

    /// Waits for the next reply; other messages are passed over.
    pub fn reply(&mut self) -> Result<Reply> {
        loop {
            match self
                .recv()?
                .context("the server went away in the middle of an answer")?
            {
                Message::Reply(reply) => return Ok(reply),
                _ => continue,
            }
        }
    }

    /// How long one read or write may take; `None` for ever.
    pub fn set_timeout(&self, timeout: Option<std::time::Duration>) -> Result<()> {
        self.stream.set_read_timeout(timeout)?;
        self.stream.set_write_timeout(timeout)?;
        Ok(())
    }

    /// Writes a message. If the server is gone, its last words and its end come out of [`recv`](Self::recv).
    pub fn send(&mut self, message: &Message) -> Result<()> {
        let mut bytes = Vec::new();
        message.encode(&mut bytes);
        match self.stream.write_all(&bytes) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).context("writing to the server")
            }
            _ => Ok(()),
        }
    }

    /// Waits for the next message; `None` once the server is gone.
    pub fn recv(&mut self) -> Result<Option<Message>> {
        let Self { stream, incoming } = self;
        match incoming.receive(|room| stream.read(room))? {
            Some(ended) => Ok(ended),
            None => bail!("the server does not answer"),
        }
    }

    /// Goes on as a [`Link`]: what was read already stays with it. Call within a runtime.
    pub fn into_link(self) -> Result<Link> {
        self.set_timeout(None)?;
        Ok(Link {
            stream: Watched::new(self.stream)?,
            incoming: self.incoming,
            outgoing: Outgoing::default(),
        })
    }
}

/// What was read and not yet understood.
#[derive(Debug)]
struct Incoming {
    frames: FrameReader,
    room: Box<[u8]>,
}

impl Default for Incoming {
    fn default() -> Self {
        Self {
            frames: FrameReader::default(),
            room: vec![0; READ].into_boxed_slice(),
        }
    }
}

impl Incoming {
    /// The next message, reading as long as it is not whole; `None` if that would block, `Some(None)` at the end.
    fn receive(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> Result<Option<Option<Message>>> {
        loop {
            if let Some(message) = self.frames.next_message()? {
                return Ok(Some(Some(message)));
            }
            match read(&mut self.room) {
                Ok(0) if self.frames.is_midway() => bail!("the connection ended within a message"),
                Ok(0) => return Ok(Some(None)),
                Ok(len) => self.frames.push(&self.room[..len]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(None),
                    ErrorKind::Interrupted => {}
                    // The peer died with words of ours unread.
                    ErrorKind::ConnectionReset => return Ok(Some(None)),
                    _ => return Err(error).context("reading from the connection"),
                },
            }
        }
    }
}

/// What was queued and not yet written.
#[derive(Debug, Default)]
struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    fn is_empty(&self) -> bool {
        self.sent == self.bytes.len()
    }

    /// Where to append.
    fn room(&mut self) -> &mut Vec<u8> {
        if self.sent >= self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
        &mut self.bytes
    }

    fn write(&mut self, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> Result<()> {
        while !self.is_empty() {
            match write(&self.bytes[self.sent..]) {
                Ok(len) => self.sent += len,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(()),
                    ErrorKind::Interrupted => {}
                    ErrorKind::BrokenPipe => self.sent = self.bytes.len(),
                    _ => return Err(error).context("writing to the connection"),
                },
            }
        }
        self.bytes.clear();
        self.bytes.shrink_to(IDLE_ROOM);
        self.sent = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Event;
    use crate::protocol::request::{Reply, Request};

    fn run(test: impl Future<Output = Result<()>>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let limit = std::time::Duration::from_secs(20);
        runtime
            .block_on(async { tokio::time::timeout(limit, test).await })
            .expect("done in time")
            .expect("no error");
    }

    fn packet(len: usize) -> Message {
        Message::Packet((0..len).map(|n| n as u8).collect())
    }

    async fn pair() -> Result<(Link, Link)> {
        let (one, other) = UnixStream::pair()?;
        Ok((Link::new(one)?, Link::new(other)?))
    }

    #[test]
    fn messages_arrive_in_order_and_then_the_end() {
        run(async {
            let (mut one, mut other) = pair().await?;
            for message in [packet(3), Message::Event(Event::Bell)] {
                one.queue(&message);
            }
            one.try_flush()?;
            assert!(one.is_clear());
            drop(one);
            assert_eq!(other.recv().await?, Some(packet(3)));
            assert_eq!(other.recv().await?, Some(Message::Event(Event::Bell)));
            assert_eq!(other.recv().await?, None);
            Ok(())
        });
    }

    #[test]
    fn a_frame_larger_than_the_socket_waits_and_is_then_clear() {
        run(async {
            let (mut one, mut other) = pair().await?;
            one.queue(&packet(4 << 20));
            one.try_flush()?;
            assert!(!one.is_clear());
            let reading = async { other.recv().await };
            let (ready, got) = tokio::join!(one.ready(), reading);
            assert_eq!(ready?, Ready::Clear);
            assert_eq!(got?, Some(packet(4 << 20)));
            assert!(one.is_clear());
            Ok(())
        });
    }

    #[test]
    fn waiting_can_be_given_up_and_taken_up_again() {
        run(async {
            let (one, mut other) = pair().await?;
            let mut bytes = Vec::new();
            packet(1000).encode(&mut bytes);
            for part in bytes.chunks(300) {
                one.stream.try_write(part)?;
                tokio::select! {
                    biased;
                    ready = other.ready() => assert_eq!(ready?, Ready::Message(packet(1000))),
                    () = tokio::task::yield_now() => {}
                }
            }
            drop(one);
            assert_eq!(other.ready().await?, Ready::Closed);
            Ok(())
        });
    }

    #[test]
    fn the_last_words_of_a_peer_are_read_before_its_end() {
        run(async {
            let (mut one, mut other) = pair().await?;
            let bye = Message::Event(Event::Detached("bye".into()));
            one.queue(&bye);
            one.try_flush()?;
            drop(one);
            other.queue(&packet(3));
            let mut got = vec![other.ready().await?];
            while got.last() != Some(&Ready::Closed) {
                got.push(other.ready().await?);
            }
            got.retain(|ready| *ready != Ready::Clear);
            assert_eq!(got, [Ready::Message(bye), Ready::Closed]);
            Ok(())
        });
    }

    #[test]
    fn a_connection_that_ends_within_a_message_is_an_error() {
        run(async {
            let (one, mut other) = pair().await?;
            one.stream.try_write(b"\x05\x01\x09\0\0\0half")?;
            drop(one);
            assert!(other.recv().await.is_err());
            Ok(())
        });
    }

    #[test]
    fn a_blocking_client_asks_and_goes_on_as_a_link() {
        run(async {
            let dir = tempfile::tempdir()?;
            let path = dir.path().join("socket");
            let listener = std::os::unix::net::UnixListener::bind(&path)?;
            listener.set_nonblocking(true)?;
            let listener = Listener::from_std(listener)?;
            let asking = std::thread::spawn(move || {
                let mut client = Blocking::connect(path)?;
                client.send(&Message::Request(Request::List))?;
                let answer = client.recv()?;
                anyhow::Ok((client, answer))
            });
            let mut link = listener.accept().await?;
            let question = link.recv().await?;
            assert_eq!(question, Some(Message::Request(Request::List)));
            for message in [Message::Reply(Reply::Done), packet(2)] {
                link.queue(&message);
            }
            link.flush().await?;
            let (client, answer) = asking.join().expect("no panic")?;
            assert_eq!(answer, Some(Message::Reply(Reply::Done)));
            assert_eq!(client.into_link()?.recv().await?, Some(packet(2)));
            Ok(())
        });
    }
}
