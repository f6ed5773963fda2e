//! Links over a unix socket.
//!
//! Latency is all here: reads and writes are tried at once, and the runtime is asked only when they would block.
//! Bytes that do not fit the socket wait in the link; ask [`Link::is_clear`] before building another sync frame, so
//! that a slow reader gets newer frames instead of more.

use super::framed::{Incoming, Outgoing};
use super::link::{Link, Ready};
use super::watched::Watched;
use crate::protocol::Message;
use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io;
use std::os::unix::net::UnixStream;
use std::time::Instant;
use tokio::net::UnixListener;

/// One connection, for use in one task.
#[derive(Debug)]
pub(super) struct Stream {
    stream: Watched,
    incoming: Incoming,
    outgoing: Outgoing,
}

impl Stream {
    /// A connection over a connected stream. Call within a runtime.
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        Ok(Self {
            stream: Watched::new(stream)?,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
        })
    }

    /// Goes on with what was read already.
    pub(super) fn resumed(stream: UnixStream, incoming: Incoming) -> io::Result<Self> {
        Ok(Self {
            incoming,
            ..Self::new(stream)?
        })
    }

    /// The next message; `None` once the peer is gone. Dropping the future loses nothing. Does not write: use
    /// [`ready`](Self::ready) where something may be queued.
    pub(super) async fn recv(&mut self) -> Result<Option<Message>> {
        loop {
            if let Some(ended) = self.try_recv()? {
                return Ok(ended);
            }
            self.stream.readable().await?;
        }
    }

    /// The next message, or word that all that was queued has been written, whichever comes first; writes meanwhile.
    /// Dropping the future loses nothing.
    pub(super) async fn ready(&mut self) -> Result<Ready> {
        loop {
            if let Some(message) = self.incoming.next_message()? {
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
    pub(super) fn linger(&mut self, until: Instant) -> Result<Option<Message>> {
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
    pub(super) fn is_hung_up(&self) -> bool {
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
    pub(super) fn queue(&mut self, message: &Message) {
        message.encode(self.outgoing.room());
    }

    /// Writes as much as the socket takes now. If the peer is gone it takes all: the peer's last words and its end
    /// come out of reading.
    pub(super) fn try_flush(&mut self) -> Result<()> {
        let Self {
            stream, outgoing, ..
        } = self;
        outgoing.write(|bytes| stream.try_write(bytes))
    }

    /// Writes all that is queued. Dropping the future loses nothing.
    pub(super) async fn flush(&mut self) -> Result<()> {
        loop {
            self.try_flush()?;
            if self.is_clear() {
                return Ok(());
            }
            self.stream.writable().await?;
        }
    }

    /// Whether nothing waits to be sent.
    pub(super) fn is_clear(&self) -> bool {
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
                    return Link::unix(stream.into_std()?);
                }
                Ok(peer) => tracing::warn!(uid = peer.uid(), "turned another user away"),
                Err(error) => tracing::warn!(%error, "a connection without credentials"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Event;

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

    async fn pair() -> Result<(Stream, Stream)> {
        let (one, other) = UnixStream::pair()?;
        Ok((Stream::new(one)?, Stream::new(other)?))
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
}
