//! What server and holder do alike to become processes of their own: leave the terminal, be the only one, listen, and
//! tell whoever started them how that went.
//!
//! That is told on standard output, one line, before it becomes `/dev/null`.

use crate::disk::lock::LockError;
use crate::disk::{Lock, log};
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// The first line of a started process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstLine {
    /// It listens.
    Ready,
    /// Another one runs; this is its pid, as far as is known.
    Held(Option<u32>),
    /// It could not start, for this reason.
    Failed(String),
}

impl FirstLine {
    /// Reads the line; `None` if it is none of these.
    pub fn parse(line: &str) -> Option<Self> {
        match line
            .trim_end()
            .split_once(' ')
            .unwrap_or((line.trim_end(), ""))
        {
            ("ready", _) => Some(Self::Ready),
            ("held", pid) => Some(Self::Held(pid.parse().ok())),
            ("failed", why) => Some(Self::Failed(why.to_owned())),
            _ => None,
        }
    }

    fn of(error: &anyhow::Error) -> Self {
        match error.downcast_ref() {
            Some(LockError::Held { owner, .. }) => Self::Held(owner.map(|owner| owner.pid)),
            _ => Self::Failed(format!("{error:#}")),
        }
    }

    fn write(&self) -> String {
        let mut line = String::new();
        let written = match self {
            Self::Ready => write!(line, "ready"),
            Self::Held(None) => write!(line, "held"),
            Self::Held(Some(pid)) => write!(line, "held {pid}"),
            Self::Failed(why) => write!(line, "failed {}", why.replace(['\n', '\r'], " ")),
        };
        debug_assert!(written.is_ok());
        line.push('\n');
        line
    }
}

/// Starts a process of its own: leaves the terminal and the directory of whoever started it, opens the log, and runs
/// `open`. Returns what that made once its success is told; from then on nothing is printed. An error has been told
/// as well: whoever calls this need only end.
pub fn begin<T>(log_file: &Path, open: impl FnOnce() -> Result<T>) -> Result<T> {
    // Fails for the leader of a process group, which is nobody's background process: then there is nothing to leave.
    let _ = rustix::process::setsid();
    let _ = std::env::set_current_dir("/");
    let opened = open_log(log_file).and_then(|()| open());
    let line = match &opened {
        Ok(_) => FirstLine::Ready,
        Err(error) => {
            tracing::warn!("not started: {error:#}");
            FirstLine::of(error)
        }
    };
    // Nobody may be left to read it.
    let _ = rustix::io::write(rustix::stdio::stdout(), line.write().as_bytes());
    if opened.is_ok() {
        silence(log_file).context("cannot leave the terminal")?;
    }
    opened
}

fn open_log(log_file: &Path) -> Result<()> {
    if let Some(folder) = log_file.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    log::start(log_file)
}

/// Leads standard input and output nowhere, and what the runtime says when it aborts into the log.
fn silence(log_file: &Path) -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    match OpenOptions::new().append(true).open(log_file) {
        Ok(log) => rustix::stdio::dup2_stderr(&log)?,
        Err(_) => rustix::stdio::dup2_stderr(&null)?,
    }
    Ok(())
}

/// Takes the lock and listens. Whoever has the lock may take away a socket that was left behind: nobody can be
/// listening there.
pub fn listen(lock: &Path, socket: &Path) -> Result<(Lock, UnixListener)> {
    let lock = Lock::take(lock)?;
    let shown = socket.display();
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove the old socket {shown}"));
        }
        _ => {}
    }
    let listener =
        UnixListener::bind(socket).with_context(|| format!("cannot listen on {shown}"))?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot close {shown} to others"))?;
    listener
        .set_nonblocking(true)
        .with_context(|| format!("cannot listen on {shown}"))?;
    Ok((lock, listener))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn the_first_line_is_read_as_it_was_written() {
        let failed = FirstLine::Failed("cannot write x: it is full".to_owned());
        for line in [
            FirstLine::Ready,
            FirstLine::Held(None),
            FirstLine::Held(Some(7)),
            failed,
        ] {
            assert_eq!(FirstLine::parse(&line.write()), Some(line));
        }
        assert_eq!(FirstLine::parse(""), None);
        assert_eq!(FirstLine::parse("thread 'main' panicked"), None);
    }

    #[test]
    fn a_socket_left_behind_is_replaced_and_a_live_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (lock, socket) = (dir.path().join("lock"), dir.path().join("sock"));
        drop(listen(&lock, &socket).unwrap());
        assert!(UnixStream::connect(&socket).is_err());
        let held = listen(&lock, &socket).unwrap();
        let error = listen(&lock, &socket).unwrap_err();
        assert_eq!(
            FirstLine::of(&error),
            FirstLine::Held(Some(std::process::id()))
        );
        UnixStream::connect(&socket).unwrap();
        drop(held);
    }
}
