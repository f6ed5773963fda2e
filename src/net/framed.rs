//! Messages on a stream of bytes, whatever carries it: what was read and not yet understood, what was queued and not
//! yet written.

use crate::protocol::{FrameReader, Message};
use anyhow::{Context, Result, bail};
use std::io::{self, ErrorKind};

/// Bytes read at once.
const READ: usize = 64 << 10;
/// Room for unsent bytes that an idle link may keep.
const IDLE_ROOM: usize = 64 << 10;

/// What was read and not yet understood.
#[derive(Debug)]
pub(super) struct Incoming {
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
    /// One that refuses messages that are longer.
    pub(super) fn of_at_most(bytes: usize) -> Self {
        Self {
            frames: FrameReader::of_at_most(bytes),
            ..Self::default()
        }
    }

    /// A message that was read already.
    pub(super) fn next_message(&mut self) -> Result<Option<Message>> {
        Ok(self.frames.next_message()?)
    }

    /// The next message, reading as long as it is not whole; `None` if that would block, `Some(None)` at the end.
    pub(super) fn receive(
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
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    pub(super) fn is_empty(&self) -> bool {
        self.sent == self.bytes.len()
    }

    /// Where to append.
    pub(super) fn room(&mut self) -> &mut Vec<u8> {
        if self.sent >= self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
        &mut self.bytes
    }

    pub(super) fn write(
        &mut self,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> Result<()> {
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
