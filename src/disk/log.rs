//! The log: one file per kind of process, bounded in size, where panics end up too. Nothing is ever printed: the
//! screen may be ours.

use anyhow::{Context, Result};
use std::backtrace::Backtrace;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;

/// A log that has grown beyond this many bytes is moved to `NAME.old`, in the place of the one before.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Sends what is traced in this process to the file at `path`, and panics with it. `WT_LOG` picks the level: `off`,
/// `error`, `warn`, `info` (as it is without), `debug`, `trace`.
pub fn start(path: &Path) -> Result<()> {
    let file = LogFile::open(path).with_context(|| format!("cannot write {}", path.display()))?;
    tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_target(false)
        .log_internal_errors(false)
        .with_max_level(level(env::var("WT_LOG").ok().as_deref()))
        .try_init()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn level(wanted: Option<&str>) -> LevelFilter {
    wanted
        .and_then(|text| text.parse().ok())
        .unwrap_or(LevelFilter::INFO)
}

/// A panic in one line, for whoever is to be told.
pub fn describe_panic(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    let said = match payload.downcast_ref::<&str>() {
        Some(said) => said,
        None => payload
            .downcast_ref::<String>()
            .map_or("panic", String::as_str),
    };
    match panic.location() {
        Some(at) => format!("{said} at {}:{}", at.file(), at.line()),
        None => said.to_string(),
    }
}

fn log_panic(panic: &PanicHookInfo) {
    let thread = std::thread::current();
    tracing::error!(
        thread = thread.name().unwrap_or("?"),
        "panicked: {}\n{}",
        describe_panic(panic),
        Backtrace::force_capture()
    );
}

/// A file that is appended to, and starts anew when it is full.
struct LogFile {
    path: PathBuf,
    file: File,
    written: u64,
    max_bytes: u64,
}

impl LogFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = append_to(path)?;
        let mut log = Self {
            path: path.to_owned(),
            written: file.metadata()?.len(),
            file,
            max_bytes: MAX_BYTES,
        };
        log.turn_over_if_full()?;
        Ok(log)
    }

    fn turn_over_if_full(&mut self) -> io::Result<()> {
        if self.written <= self.max_bytes {
            return Ok(());
        }
        let mut old = self.path.clone().into_os_string();
        old.push(".old");
        fs::rename(&self.path, old)?;
        self.file = append_to(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A failure here would itself be reported, by a panic that is logged: what a full disk refuses is dropped.
        if self.file.write_all(bytes).is_ok() {
            self.written += bytes.len() as u64;
        }
        // A log that cannot be moved grows on: better than losing what it says.
        let _ = self.turn_over_if_full();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_makes_room_and_the_last_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.log");
        let mut log = LogFile::open(&path).unwrap();
        log.max_bytes = 10;
        for line in ["first line\n", "second line\n", "third\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "third\n");
        let old = fs::read_to_string(dir.path().join("server.log.old")).unwrap();
        assert_eq!(old, "second line\n");
    }

    #[test]
    fn a_disk_that_refuses_is_no_failure() {
        let file = File::open("/dev/null").unwrap();
        let path = PathBuf::from("/dev/null/server.log");
        let mut log = LogFile {
            path,
            file,
            written: 0,
            max_bytes: 10,
        };
        assert_eq!(log.write(b"longer than it may be").unwrap(), 21);
    }

    #[test]
    fn a_log_is_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.log");
        for line in ["one\n", "two\n"] {
            let mut log = LogFile::open(&path).unwrap();
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_level_that_is_none_is_the_usual_one() {
        assert_eq!(level(Some("debug")), LevelFilter::DEBUG);
        assert_eq!(level(Some("off")), LevelFilter::OFF);
        assert_eq!(level(Some("loud")), LevelFilter::INFO);
        assert_eq!(level(None), LevelFilter::INFO);
    }
}
