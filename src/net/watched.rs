//! Descriptors as the runtime watches them: sockets, PTYs, the user's terminal.
//!
//! Only reading is watched all the time. A socket or PTY that is watched for writing wakes its owner whenever the
//! other side has read something, which would double the wakeups that a key costs; so writing is tried at once, and
//! watched only while it would block.

use rustix::io::{Errno, ioctl_fionbio};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor that never blocks. Belongs to the runtime in which it was made.
#[derive(Debug)]
pub struct Watched(AsyncFd<OwnedFd>);

impl Watched {
    /// Watches `fd`, which neither reads nor writes wait for from now on. Call within a runtime.
    pub fn new(fd: impl Into<OwnedFd>) -> io::Result<Self> {
        let fd = fd.into();
        ioctl_fionbio(&fd, true)?;
        watch(fd, Interest::READABLE).map(Self)
    }

    /// Waits until there may be something to read. Dropping the future loses nothing.
    pub async fn readable(&self) -> io::Result<()> {
        self.0.readable().await.map(|_| ())
    }

    /// Reads what is there; `WouldBlock` if that is nothing, 0 at the end.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_io(Interest::READABLE, |fd| {
            retry(|| rustix::io::read(fd, &mut *buffer))
        })
    }

    /// Reads what is there without asking the runtime, which learns of new data only when its thread sleeps.
    pub fn read_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        retry(|| rustix::io::read(&self.0, &mut *buffer))
    }

    /// Writes what fits; `WouldBlock` if that is nothing.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        retry(|| rustix::io::write(&self.0, bytes))
    }

    /// Waits until more may be written. Dropping the future loses nothing.
    pub async fn writable(&self) -> io::Result<()> {
        let second = watch(self.0.get_ref().try_clone()?, Interest::WRITABLE)?;
        second.writable().await.map(|_| ())
    }
}

impl AsFd for Watched {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}

fn retry(mut call: impl FnMut() -> rustix::io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

#[allow(
    unsafe_code,
    reason = "the runtime has to be promised that the descriptor stays what it is"
)]
fn watch(fd: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is one open descriptor until it is dropped, which only the `AsyncFd` that takes it over does.
    let watched = unsafe { AsyncFd::register_with_interest(fd, interest) };
    Ok(watched?)
}
