//! Starts a program on a PTY of its own, or says in one line why it cannot be started.

use super::protocol::Spawn;
use crate::term::Size;
use portable_pty::{Child, CommandBuilder, MasterPty, PtyPair, PtySize, native_pty_system};
use rustix::fs::{Access, access};
use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Longest argument or variable that Linux takes: `MAX_ARG_STRLEN` (execve(2)).
const MAX_WORD: usize = 128 * 1024;

/// Where a program is looked for without `$PATH`.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// A program that runs.
pub struct Started {
    /// The program.
    pub child: Box<dyn Child + Send + Sync>,
    /// The other side of its terminal.
    pub master: OwnedFd,
    /// Where it was started.
    pub cwd: String,
    /// What is to be said about that, if it is not where it was asked to.
    pub note: Option<String>,
}

/// Starts what `spawn` says. The error is one line for the user.
pub fn start(spawn: &Spawn) -> Result<Started, String> {
    let words = spawn.env.iter().flat_map(|(name, value)| [name, value]);
    if let Some(word) = spawn.argv.iter().chain(words).find(|word| !fits(word)) {
        let shown: String = word.chars().take(20).flat_map(char::escape_debug).collect();
        return Err(format!(
            "an argument or variable is too long or holds a NUL: {shown}…"
        ));
    }
    let (cwd, note) = directory(spawn);
    let command = command(spawn, &cwd)?;
    let pair = open(spawn.size).map_err(|error| format!("cannot open a PTY: {error}"))?;
    let started = pair.slave.spawn_command(command);
    let child = started.map_err(|error| one_line(&format!("cannot start: {error:#}")))?;
    let master =
        own(pair.master.as_ref()).map_err(|error| format!("cannot keep the PTY: {error}"))?;
    Ok(Started {
        child,
        master,
        cwd,
        note,
    })
}

fn fits(word: &str) -> bool {
    word.len() < MAX_WORD && !word.contains('\0')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Opens a PTY of that size, in which the kernel erases whole characters of UTF-8.
fn open(size: Size) -> anyhow::Result<PtyPair> {
    let pair = native_pty_system().openpty(PtySize {
        rows: size.rows,
        cols: size.cols,
        pixel_width: 0,
        pixel_height: 0,
    })?;
    with_fd(pair.master.as_ref(), |master| {
        let mut modes = tcgetattr(master)?;
        modes.input_modes |= InputModes::IUTF8;
        Ok(tcsetattr(master, OptionalActions::Now, &modes)?)
    })?;
    Ok(pair)
}

/// A descriptor of our own of that master, closed on exec.
fn own(master: &dyn MasterPty) -> io::Result<OwnedFd> {
    with_fd(master, |fd| fd.try_clone_to_owned())
}

#[allow(
    unsafe_code,
    reason = "portable-pty gives the number of its descriptor alone"
)]
fn with_fd<T>(
    master: &dyn MasterPty,
    act: impl FnOnce(BorrowedFd) -> io::Result<T>,
) -> io::Result<T> {
    let fd = master.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
    // SAFETY: `master` is borrowed and keeps the descriptor open for as long as this call lasts.
    act(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// Where to start, and what to say if that is not where it should.
fn directory(spawn: &Spawn) -> (String, Option<String>) {
    let asked = spawn.cwd.as_str();
    if can_enter(asked) {
        return (asked.to_owned(), None);
    }
    let home = variable(spawn, "HOME").filter(|home| can_enter(home));
    let instead = home.unwrap_or("/").to_owned();
    let note = format!("cannot start in {asked:?}: started in {instead}");
    (instead, Some(note))
}

fn can_enter(path: &str) -> bool {
    let path = Path::new(path);
    path.is_absolute() && path.is_dir() && access(path, Access::EXEC_OK).is_ok()
}

fn variable<'a>(spawn: &'a Spawn, name: &str) -> Option<&'a str> {
    let found = spawn.env.iter().rfind(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn command(spawn: &Spawn, cwd: &str) -> Result<CommandBuilder, String> {
    let mut command = match spawn.argv.first() {
        None => CommandBuilder::new_default_prog(),
        Some(program) => {
            let path = variable(spawn, "PATH");
            let found = find(program, path.unwrap_or(DEFAULT_PATH), Path::new(cwd))?;
            let mut argv: Vec<_> = spawn.argv.iter().map(Into::into).collect();
            // portable-pty looks for these elsewhere than execvp(3) would.
            if path.is_none() || program.contains('/') {
                argv[0] = found.into_os_string();
            }
            CommandBuilder::from_argv(argv)
        }
    };
    command.env_clear();
    for (name, value) in &spawn.env {
        if !name.is_empty() && !name.contains('=') {
            command.env(name, value);
        }
    }
    // Shells believe PWD if it names the directory that they are in, by whatever links the user came.
    command.env("PWD", cwd);
    command.cwd(cwd);
    Ok(command)
}

/// Finds what execvp(3) would run, or says why it would not.
fn find(program: &str, path: &str, cwd: &Path) -> Result<PathBuf, String> {
    if program.is_empty() {
        return Err("command not found: the name is empty".to_owned());
    }
    let mut refusal = format!("command not found: {program}");
    let folders: Vec<PathBuf> = match program.contains('/') {
        true => vec![PathBuf::new()],
        false => std::env::split_paths(path).collect(),
    };
    for folder in folders {
        let candidate = cwd.join(folder).join(program);
        if !candidate.exists() {
            continue;
        }
        match check(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(why) => refusal = format!("cannot run {program}: {why}"),
        }
    }
    Err(refusal)
}

/// Whether the file at `path` can be run. An interpreter that is missing would otherwise show only once the program
/// is a process of its own.
fn check(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err("it is a directory".to_owned());
    }
    access(path, Access::EXEC_OK).map_err(|_| "permission denied".to_owned())?;
    match interpreter(path) {
        Some(interpreter) if !interpreter.exists() => Err(format!(
            "its interpreter {} is missing",
            interpreter.display()
        )),
        _ => Ok(()),
    }
}

/// What the `#!` line of a script names (execve(2)).
fn interpreter(path: &Path) -> Option<PathBuf> {
    let mut start = Vec::new();
    File::open(path)
        .ok()?
        .take(256)
        .read_to_end(&mut start)
        .ok()?;
    let line = start
        .strip_prefix(b"#!")?
        .split(|&byte| byte == b'\n')
        .next()?;
    let word = line.trim_ascii().split(u8::is_ascii_whitespace).next()?;
    let found = PathBuf::from(OsStr::from_bytes(word));
    found.is_absolute().then_some(found)
}

/// The size of the PTY behind `master`.
pub fn size_of(master: impl AsFd) -> Size {
    match rustix::termios::tcgetwinsize(master) {
        Ok(size) => Size::new(size.ws_col, size.ws_row),
        Err(_) => Size::new(80, 24),
    }
}
