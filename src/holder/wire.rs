//! Frames over a unix socket, some of which carry a file descriptor (`SCM_RIGHTS`, unix(7)). Never blocks: what cannot
//! be sent now waits, what has not come in full waits too.
//!
//! A frame is the length of its body (4 bytes, little-endian), a number that ties a reply to its request (4 bytes),
//! one byte that says how many descriptors come with it (0 or 1), and the body in postcard.

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use thiserror::Error;

/// Longest body: a program's arguments and environment with room to spare.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

/// Most bytes that wait to be sent; a peer that lets so much pile up is not reading.
const MAX_UNSENT: usize = 16 * 1024 * 1024;

/// Most descriptors that may have come before their frames.
const MAX_EARLY: usize = 16;

const HEAD: usize = 9;

/// The number of what nobody asked for.
pub const UNASKED: u32 = 0;

/// Why a connection is of no more use.
#[derive(Debug, Error)]
pub enum WireError {
    /// The peer is gone.
    #[error("the connection is closed")]
    Closed,
    /// The peer does not speak as it should.
    #[error("malformed frame: {0}")]
    Malformed(&'static str),
    /// The peer does not read.
    #[error("the peer does not read what it is sent")]
    Stuck,
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// One frame that has come.
#[derive(Debug)]
pub struct Frame<T> {
    /// Ties it to what it answers; [`UNASKED`] if to nothing.
    pub number: u32,
    /// What it says.
    pub body: T,
    /// What it carries.
    pub fd: Option<OwnedFd>,
}

/// Whether all is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing waits.
    All,
    /// The rest goes when the socket is writable again.
    Part,
}

struct Unsent {
    bytes: Vec<u8>,
    sent: usize,
    fd: Option<Arc<OwnedFd>>,
}

/// One end of a connection.
pub struct Wire {
    socket: UnixStream,
    received: Vec<u8>,
    early: VecDeque<OwnedFd>,
    unsent: VecDeque<Unsent>,
    unsent_bytes: usize,
}

impl Wire {
    /// Takes a connected socket.
    pub fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            received: Vec::new(),
            early: VecDeque::new(),
            unsent: VecDeque::new(),
            unsent_bytes: 0,
        })
    }

    /// Puts a frame behind those that wait. Call [`flush`](Self::flush) after it.
    pub fn push<T: Serialize>(
        &mut self,
        number: u32,
        body: &T,
        fd: Option<Arc<OwnedFd>>,
    ) -> Result<(), WireError> {
        let head = vec![0; HEAD];
        let mut bytes = postcard::to_extend(body, head)
            .map_err(|_| WireError::Malformed("a body that cannot be written"))?;
        let length = bytes.len() - HEAD;
        if length > MAX_BODY {
            return Err(WireError::Malformed("too long to be sent"));
        }
        if self.unsent_bytes + bytes.len() > MAX_UNSENT {
            return Err(WireError::Stuck);
        }
        bytes[..4].copy_from_slice(&(length as u32).to_le_bytes());
        bytes[4..8].copy_from_slice(&number.to_le_bytes());
        bytes[8] = u8::from(fd.is_some());
        self.unsent_bytes += bytes.len();
        self.unsent.push_back(Unsent { bytes, sent: 0, fd });
        Ok(())
    }

    /// Sends as much as the socket takes.
    pub fn flush(&mut self) -> Result<Flushed, WireError> {
        while let Some(next) = self.unsent.front_mut() {
            match send(&self.socket, &next.bytes[next.sent..], next.fd.as_deref()) {
                // Too many descriptors are on their way at once (unix(7)): the peer has to take some first.
                Err(Errno::AGAIN | Errno::TOOMANYREFS) => return Ok(Flushed::Part),
                Err(Errno::INTR) => {}
                Err(Errno::PIPE | Errno::CONNRESET) => return Err(WireError::Closed),
                Err(error) => return Err(WireError::Io(error.into())),
                Ok(sent) => {
                    next.fd = None;
                    next.sent += sent;
                    self.unsent_bytes -= sent;
                    if next.sent == next.bytes.len() {
                        self.unsent.pop_front();
                    }
                }
            }
        }
        Ok(Flushed::All)
    }

    /// Whether anything waits to be sent.
    pub fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Reads once what has come. `Ok(false)`: nothing has.
    pub fn receive(&mut self) -> Result<bool, WireError> {
        let mut chunk = [0; 16 * 1024];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = match recvmsg(
            &self.socket,
            &mut [IoSliceMut::new(&mut chunk)],
            &mut control,
            receive_flags(),
        ) {
            Ok(message) => message.bytes,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(false),
            Err(Errno::CONNRESET) => return Err(WireError::Closed),
            Err(error) => return Err(WireError::Io(error.into())),
        };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                self.early.extend(fds);
            }
        }
        if received == 0 {
            return Err(WireError::Closed);
        }
        if self.early.len() > MAX_EARLY {
            return Err(WireError::Malformed("more descriptors than frames"));
        }
        self.received.extend_from_slice(&chunk[..received]);
        Ok(true)
    }

    /// Takes the next frame that has come in full.
    pub fn take_frame<T: DeserializeOwned>(&mut self) -> Result<Option<Frame<T>>, WireError> {
        let Some((head, rest)) = self.received.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let [a, b, c, d, number @ .., fds] = *head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > MAX_BODY {
            return Err(WireError::Malformed("a body that is too long"));
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let body =
            postcard::from_bytes(body).map_err(|_| WireError::Malformed("an unknown body"))?;
        let fd = match fds {
            0 => None,
            1 => Some(
                self.early
                    .pop_front()
                    .ok_or(WireError::Malformed("a descriptor that did not come"))?,
            ),
            _ => return Err(WireError::Malformed("too many descriptors")),
        };
        self.received.drain(..HEAD + length);
        if self.received.is_empty() {
            self.received = Vec::new();
        }
        Ok(Some(Frame {
            number: u32::from_le_bytes(number),
            body,
            fd,
        }))
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn send(socket: &UnixStream, bytes: &[u8], fd: Option<&OwnedFd>) -> Result<usize, Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds: Vec<BorrowedFd> = fd.iter().map(|fd| fd.as_fd()).collect();
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&fds));
    }
    sendmsg(socket, &[IoSlice::new(bytes)], &mut control, send_flags())
}

/// Descriptors must not leak into programs that are started later.
#[cfg(target_os = "linux")]
fn receive_flags() -> RecvFlags {
    RecvFlags::CMSG_CLOEXEC
}

#[cfg(not(target_os = "linux"))]
fn receive_flags() -> RecvFlags {
    RecvFlags::empty()
}

/// A peer that is gone is an error here, no signal.
#[cfg(target_os = "linux")]
fn send_flags() -> SendFlags {
    SendFlags::NOSIGNAL
}

#[cfg(not(target_os = "linux"))]
fn send_flags() -> SendFlags {
    SendFlags::empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{Read, Write};

    fn pair() -> (Wire, Wire) {
        let (a, b) = UnixStream::pair().unwrap();
        (Wire::new(a).unwrap(), Wire::new(b).unwrap())
    }

    #[test]
    fn frames_and_their_descriptors_come_in_order() {
        let (mut a, mut b) = pair();
        let mut ends = Vec::new();
        for number in 1..=10u32 {
            let (mine, theirs) = UnixStream::pair().unwrap();
            ends.push(mine);
            let fd = (number % 2 == 0).then(|| Arc::new(OwnedFd::from(theirs)));
            a.push(number, &format!("frame {number}"), fd).unwrap();
        }
        assert_eq!(a.flush().unwrap(), Flushed::All);
        drop(a);
        let mut number = 0;
        loop {
            match b.receive() {
                Ok(_) => {}
                Err(WireError::Closed) => break,
                Err(error) => panic!("{error}"),
            }
            while let Some(frame) = b.take_frame::<String>().unwrap() {
                number += 1;
                assert_eq!(
                    (frame.number, frame.body),
                    (number, format!("frame {number}"))
                );
                assert_eq!(frame.fd.is_some(), number % 2 == 0);
                if let Some(fd) = frame.fd {
                    UnixStream::from(fd).write_all(b"x").unwrap();
                    let mut byte = [0];
                    ends[number as usize - 1].read_exact(&mut byte).unwrap();
                }
            }
        }
        assert_eq!(number, 10);
    }

    #[test]
    fn more_than_the_socket_takes_waits_and_comes_in_full() {
        let (mut a, mut b) = pair();
        let body = "x".repeat(MAX_BODY - 10);
        a.push(7, &body, None).unwrap();
        let frame = loop {
            a.flush().unwrap();
            b.receive().unwrap();
            if let Some(frame) = b.take_frame::<String>().unwrap() {
                break frame;
            }
        };
        assert_eq!(frame.body, body);
        assert!(!a.has_unsent());
    }

    #[test]
    fn a_peer_that_does_not_read_is_given_up() {
        let (mut a, _b) = pair();
        let body = vec![0u8; 1024 * 1024];
        let stuck = (0..32).find_map(|_| {
            let pushed = a.push(1, &body, None);
            pushed.and_then(|()| a.flush().map(drop)).err()
        });
        assert!(matches!(stuck, Some(WireError::Stuck)), "{stuck:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let (a, mut b) = pair();
            (&a.socket).write_all(&bytes).unwrap();
            if !bytes.is_empty() {
                b.receive().unwrap();
            }
            while let Ok(Some(_)) = b.take_frame::<super::super::protocol::Request>() {}
            prop_assert!(b.received.capacity() <= 16 * 1024 + HEAD);
        }
    }
}
