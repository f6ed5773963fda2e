//! A lock that one process holds for as long as it lives. The file says who: a second instance can name the first.

use super::process::Identity;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A lock held by this process: given back when dropped, or by the kernel when the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Why a lock was not had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{} is held by {}", path.display(), describe(*owner))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who has it, as far as the file says.
        owner: Option<Identity>,
    },
    /// The file cannot be opened or written.
    #[error("cannot lock {}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn describe(owner: Option<Identity>) -> String {
    match owner {
        Some(owner) => format!("process {}", owner.pid),
        None => "another process".to_owned(),
    }
}

impl Lock {
    /// Takes the lock at `path` without waiting, and writes into it who has it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        Self::try_take(path).map_err(|source| match Errno::from_io_error(&source) {
            Some(Errno::WOULDBLOCK) => LockError::Held {
                path: path.to_owned(),
                owner: Self::owner(path),
            },
            _ => LockError::Io {
                path: path.to_owned(),
                source,
            },
        })
    }

    fn try_take(path: &Path) -> io::Result<Self> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            flock(&file, FlockOperation::NonBlockingLockExclusive)?;
            // Whoever cleans up old files may have taken the name away in between: then this lock guards nothing.
            if !is_at(&file, path) {
                continue;
            }
            let own = Identity::own();
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{} {}", own.pid, own.start_time)?;
            return Ok(Self { file });
        }
    }

    /// Who wrote itself into the lock file last; it may have died since (see [`Identity::is_alive`]).
    pub fn owner(path: &Path) -> Option<Identity> {
        let mut text = String::new();
        File::open(path)
            .ok()?
            .take(64)
            .read_to_string(&mut text)
            .ok()?;
        let (pid, start_time) = text.trim_end().split_once(' ')?;
        Some(Identity {
            pid: pid.parse().ok()?,
            start_time: start_time.parse().ok()?,
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name stays: taking it away would race with whoever waits for it.
        let _ = self.file.set_len(0);
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_is_told_who_was_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::take(&path).unwrap();
        match Lock::take(&path).unwrap_err() {
            LockError::Held { owner, .. } => assert_eq!(owner, Some(Identity::own())),
            other => panic!("{other}"),
        }
        drop(held);
        Lock::take(&path).unwrap();
    }

    #[test]
    fn a_lock_given_back_names_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        drop(Lock::take(&path).unwrap());
        assert_eq!(Lock::owner(&path), None);
    }

    #[test]
    fn a_lock_in_a_missing_folder_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let error = Lock::take(&dir.path().join("no/lock")).unwrap_err();
        assert!(error.to_string().contains("no/lock"), "{error}");
    }

    #[test]
    fn noise_in_the_file_is_no_owner() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::fs::write(&path, [0xff; 4096]).unwrap();
        assert_eq!(Lock::owner(&path), None);
    }
}
