//! A connection carried over a link: its bytes as pieces, each direction with an end of its own (RFC 9293 §3.6 calls it
//! half-closed), never more than one piece unsent either way.

use crate::net::watched::Watched;
use crate::net::{Link, Ready};
use crate::protocol::Message;
use crate::protocol::side::MAX_PIECE;
use anyhow::{Context, Result, bail, ensure};
use rustix::net::{Shutdown, shutdown, sockopt};
use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};

/// Carries the bytes of `stream` over `link` until both directions have ended, at most `max_bytes` each way. Dropping
/// the future cuts the connection.
///
/// # Errors
/// If either side goes away in the middle; whoever is connected here is then told so by a reset.
pub async fn splice(link: Link, stream: impl Into<OwnedFd>, max_bytes: u64) -> Result<()> {
    let mut pipe = Pipe {
        link,
        stream: Watched::new(stream).context("watching a connection")?,
        arrived: Arrived::default(),
        has_ended: false,
        left: (max_bytes, max_bytes),
    };
    let result = pipe.run().await;
    if result.is_err() {
        // Only TCP has resets; for other sockets the end has to do.
        let _ = sockopt::set_socket_linger(pipe.stream.as_fd(), Some(std::time::Duration::ZERO));
    }
    result
}

/// What is true of a pipe's connection.
struct Pipe {
    link: Link,
    stream: Watched,
    arrived: Arrived,
    /// Whether the stream has said its last.
    has_ended: bool,
    /// Bytes that it may still say, and that may still be said to it.
    left: (u64, u64),
}

/// What came over the link.
#[derive(Default)]
struct Arrived {
    piece: Vec<u8>,
    written: usize,
    /// Whether no more will come.
    has_ended: bool,
    /// Whether the stream has been told so, or takes nothing more.
    is_shut: bool,
}

impl Arrived {
    fn is_written(&self) -> bool {
        self.written == self.piece.len()
    }
}

impl Pipe {
    async fn run(&mut self) -> Result<()> {
        loop {
            self.write()?;
            self.link.try_flush()?;
            if self.has_ended && self.arrived.is_shut && self.link.is_clear() {
                return Ok(());
            }
            let Self {
                link,
                stream,
                arrived,
                has_ended,
                ..
            } = self;
            let (may_read, may_send) = (arrived.is_written(), !*has_ended && link.is_clear());
            tokio::select! {
                ready = carried(link, may_read) => self.take(ready?)?,
                ready = stream.readable(), if may_send => {
                    ready?;
                    self.read()?;
                }
                ready = stream.writable(), if !may_read => ready?,
            }
        }
    }

    /// Takes in what the link has.
    fn take(&mut self, ready: Ready) -> Result<()> {
        match ready {
            Ready::Message(Message::Piece(piece)) => {
                ensure!(!self.arrived.has_ended, "more came after the end");
                self.left.1 = spent(self.left.1, piece.len())?;
                self.arrived.has_ended = piece.is_empty();
                if !self.arrived.is_shut {
                    (self.arrived.piece, self.arrived.written) = (piece, 0);
                }
            }
            Ready::Message(_) => bail!("something else than a piece of the connection came"),
            Ready::Clear => {}
            Ready::Closed => bail!("the other side has gone"),
        }
        Ok(())
    }

    /// Sends on what the stream says.
    fn read(&mut self) -> Result<()> {
        let mut piece = vec![0; MAX_PIECE];
        match self.stream.try_read(&mut piece) {
            Ok(length) => {
                piece.truncate(length);
                self.left.0 = spent(self.left.0, length)?;
                self.has_ended = length == 0;
                self.link.queue(&Message::Piece(piece));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error).context("reading from a connection"),
        }
    }

    /// Writes what came, and then its end, as far as the stream takes it.
    fn write(&mut self) -> Result<()> {
        let arrived = &mut self.arrived;
        while !arrived.is_written() {
            match self.stream.try_write(&arrived.piece[arrived.written..]) {
                Ok(length) => arrived.written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // It takes nothing more, but what it has said before is still to be read.
                Err(_) => {
                    arrived.is_shut = true;
                    arrived.piece.clear();
                    arrived.written = 0;
                }
            }
        }
        if arrived.has_ended && !arrived.is_shut {
            arrived.is_shut = true;
            // Who has gone needs no end.
            let _ = shutdown(self.stream.as_fd(), Shutdown::Write);
        }
        Ok(())
    }
}

/// What the link has; while nothing more may come it is only written to.
async fn carried(link: &mut Link, may_read: bool) -> Result<Ready> {
    if may_read {
        return link.ready().await;
    }
    if link.is_clear() {
        return std::future::pending().await;
    }
    link.flush().await.map(|()| Ready::Clear)
}

fn spent(left: u64, bytes: usize) -> Result<u64> {
    let left = left.checked_sub(bytes as u64);
    left.context("the connection carried more than it may")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::thread;

    /// Two sockets that a link connects, each for one side.
    fn connected(test: impl FnOnce(UnixStream, UnixStream), max_bytes: u64) -> [Result<()>; 2] {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (near, near_end) = UnixStream::pair().expect("sockets");
        let (far, far_end) = UnixStream::pair().expect("sockets");
        let carrying = thread::spawn(move || {
            runtime.block_on(async {
                let (one, other) = UnixStream::pair().expect("sockets");
                let one = Link::unix(one).expect("a link");
                let other = Link::unix(other).expect("a link");
                let (one, other) = tokio::join!(
                    splice(one, near_end, max_bytes),
                    splice(other, far_end, max_bytes)
                );
                [one, other]
            })
        });
        test(near, far);
        carrying.join().expect("no panic")
    }

    #[test]
    fn each_direction_ends_by_itself() {
        let results = connected(
            |mut near, mut far| {
                near.write_all(b"question").expect("room");
                near.shutdown(std::net::Shutdown::Write).expect("an end");
                let mut heard = String::new();
                far.read_to_string(&mut heard).expect("a question");
                assert_eq!(heard, "question");
                far.write_all(b"answer").expect("room");
                drop(far);
                let mut heard = String::new();
                near.read_to_string(&mut heard).expect("an answer");
                assert_eq!(heard, "answer");
            },
            u64::MAX,
        );
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    #[test]
    fn who_does_not_read_holds_the_other_back_and_nothing_is_lost() {
        let sent: Vec<u8> = (0..5_000_000u32).map(|n| (n * 7) as u8).collect();
        let expected = sent.clone();
        let results = connected(
            move |near, mut far| {
                let mut writer = near.try_clone().expect("a socket");
                let writing = thread::spawn(move || {
                    writer.write_all(&sent).expect("room");
                    writer.shutdown(std::net::Shutdown::Write).expect("an end");
                });
                let mut got = vec![0; 10];
                far.read_exact(&mut got).expect("the beginning");
                assert!(!writing.is_finished(), "all of it fits nowhere");
                far.read_to_end(&mut got).expect("the rest");
                assert!(got == expected);
                drop(far);
                writing.join().expect("no panic");
            },
            u64::MAX,
        );
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    #[test]
    fn more_than_agreed_cuts_the_connection() {
        let results = connected(
            |mut near, mut far| {
                near.write_all(&[0; 2000]).expect("room");
                let mut got = Vec::new();
                let _ = far.read_to_end(&mut got);
                assert!(got.len() <= 1000);
            },
            1000,
        );
        assert!(results.iter().all(Result::is_err));
    }
}
