//! Finds the server or the holder, or starts it: a client that comes first makes the server, a server that comes
//! first makes the holder. Any number may come at once; a lock decides, and the others connect to the winner.

use crate::disk::process::Identity;
use crate::disk::{Lock, Places};
use crate::holder::daemon::FirstLine;
use crate::holder::{HolderEvent, HolderLink};
use anyhow::{Context, Result, anyhow, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd};
use std::io::{self, BufRead, BufReader};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long one that is starting, or that holds the lock, is given to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often to try while another one is starting.
const RETRY: Duration = Duration::from_millis(2);

/// Connects to the server, starting it if there is none. An error is one line for the user.
pub fn ensure_server(places: &Places) -> Result<UnixStream> {
    Service::server(places).ensure()
}

/// Starts a server that stays until it is stopped, if there is none.
pub fn start_staying(places: &Places) -> Result<UnixStream> {
    Service {
        words: &["server", "run", "--start", "service"],
        ..Service::server(places)
    }
    .ensure()
}

/// Connects to the holder if there is one.
pub fn find_holder(places: &Places) -> Result<Option<UnixStream>> {
    connect(&places.holder_socket())
}

/// Connects to the holder, starting it if there is none.
pub fn ensure_holder(places: &Places) -> Result<UnixStream> {
    Service {
        what: "holder",
        words: &["server", "hold"],
        socket: places.holder_socket(),
        lock: places.holder_lock(),
        log: places.holder_log_file(),
        name: places.name(),
    }
    .ensure()
}

/// Connects to the holder as its one server, starting it if there is none.
pub async fn link_holder(places: &Places) -> Result<(HolderLink, mpsc::Receiver<HolderEvent>)> {
    match HolderLink::open(ensure_holder(places)?).await {
        Ok(linked) => Ok(linked),
        // One that held nothing may have left just then.
        Err(_) => HolderLink::open(ensure_holder(places)?).await,
    }
}

/// Connects to the server if there is one.
pub fn find_server(places: &Places) -> Result<Option<UnixStream>> {
    connect(&places.socket())
}

/// `None` if nobody listens there.
fn connect(socket: &Path) -> Result<Option<UnixStream>> {
    match UnixStream::connect(socket) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
            _ => Err(error).with_context(|| format!("cannot connect to {}", socket.display())),
        },
    }
}

/// A process that runs once per user and name.
struct Service<'a> {
    what: &'a str,
    words: &'a [&'a str],
    socket: PathBuf,
    lock: PathBuf,
    log: PathBuf,
    name: &'a str,
}

impl<'a> Service<'a> {
    fn server(places: &'a Places) -> Self {
        Self {
            what: "server",
            words: &["server", "run", "--start", "client"],
            socket: places.socket(),
            lock: places.lock(),
            log: places.log_file(),
            name: places.name(),
        }
    }

    fn ensure(&self) -> Result<UnixStream> {
        if let Some(stream) = connect(&self.socket)? {
            return Ok(stream);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = self.start()?;
            let owner = match line {
                FirstLine::Ready => None,
                FirstLine::Held(owner) => owner,
                FirstLine::Failed(why) => bail!("the {} cannot start: {why}", self.what),
            };
            // The winner listens soon; if it has ended instead, it is for us to start one.
            while Instant::now() < deadline {
                if let Some(stream) = connect(&self.socket)? {
                    return Ok(stream);
                }
                if !self.is_held() {
                    break;
                }
                sleep(RETRY);
            }
            if Instant::now() >= deadline {
                return Err(self.silent(owner));
            }
        }
    }

    fn is_held(&self) -> bool {
        Lock::owner(&self.lock).is_some_and(Identity::is_alive)
    }

    fn silent(&self, owner: Option<u32>) -> anyhow::Error {
        let what = self.what;
        let locked = || {
            Some(
                Lock::owner(&self.lock)
                    .filter(|owner| owner.is_alive())?
                    .pid,
            )
        };
        match owner.or_else(locked) {
            Some(pid) => anyhow!(
                "the {what} (process {pid}) runs but does not answer at {}: end it with `kill {pid}`",
                self.socket.display()
            ),
            None => anyhow!(
                "the {what} does not answer; {} may say why",
                self.log.display()
            ),
        }
    }

    /// Starts one, and waits for what it says first.
    fn start(&self) -> Result<FirstLine> {
        let program = own_program()?;
        keep_descriptors();
        let mut child = Command::new(&program)
            .args(["-L", self.name])
            .args(self.words)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let said = child.stdout.take().context("no output of its own")?;
        let line = first_line(said, PATIENCE)?;
        if let Some(line @ FirstLine::Ready) = FirstLine::parse(&line) {
            return Ok(line);
        }
        if line.is_empty() {
            // It is dead or silent for ever: dead, it would be a zombie of ours.
            let _ = child.try_wait();
            return Err(self.silent(None));
        }
        let _ = child.wait();
        FirstLine::parse(&line).with_context(|| format!("the {} says: {}", self.what, line.trim()))
    }
}

/// What is said until the first line break; empty if nothing comes in time.
fn first_line(said: ChildStdout, patience: Duration) -> Result<String> {
    let timeout = Timespec::try_from(patience)?;
    let mut fds = [PollFd::new(&said, PollFlags::IN)];
    while let Err(error) = poll(&mut fds, Some(&timeout)) {
        if error != rustix::io::Errno::INTR {
            return Err(error).context("waiting for it to start");
        }
    }
    let mut line = String::new();
    if !fds[0].revents().is_empty() {
        // One write is one line: it is there in full.
        BufReader::new(said).read_line(&mut line)?;
    }
    Ok(line)
}

/// Keeps what a shell or script had open when it ran us from whoever we start: a lock or a pipe held by a process that
/// stays for weeks is never given up. Our own descriptors are closed on exec as it is.
#[allow(
    unsafe_code,
    reason = "an inherited descriptor is known by its number alone"
)]
fn keep_descriptors() {
    let Ok(open) = std::fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|&number: &i32| number > 2) {
        // SAFETY: only a flag is set, and only for this one call: should the number be closed or opened anew
        // meanwhile, that fails, or sets what is set on every descriptor of ours anyway.
        let inherited = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(inherited, FdFlags::CLOEXEC);
    }
}

/// The program that runs now. After an upgrade the kernel calls the old file deleted: then the new one is meant.
pub(super) fn own_program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find the program wt itself")?;
    let replaced = own.to_str().and_then(|own| own.strip_suffix(" (deleted)"));
    Ok(match replaced {
        Some(path) if Path::new(path).exists() => PathBuf::from(path),
        _ => own,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_open_before_is_not_handed_on() {
        let inherited = std::fs::File::open("/dev/null").unwrap();
        fcntl_setfd(&inherited, FdFlags::empty()).unwrap();
        keep_descriptors();
        let flags = rustix::io::fcntl_getfd(&inherited).unwrap();
        assert_eq!(flags, FdFlags::CLOEXEC);
    }

    #[test]
    fn nobody_listens_where_there_is_no_socket_or_an_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("sock");
        assert!(connect(&socket).unwrap().is_none());
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        assert!(connect(&socket).unwrap().is_none());
    }
}
