//! What the system tells of the program in a terminal's foreground, and of this machine.

use super::hosted::base_name;
use rustix::termios::tcgetpgrp;
use std::os::fd::AsFd;
use std::path::PathBuf;

/// The process that leads the foreground of `terminal`, whose first process is `pid`.
pub(super) fn leader(terminal: impl AsFd, pid: u32) -> u32 {
    tcgetpgrp(terminal).map_or(pid, |group| group.as_raw_nonzero().get() as u32)
}

/// The name of the command in the foreground of `terminal`, whose first process is `pid`.
pub(super) fn command(terminal: impl AsFd, pid: u32) -> Option<String> {
    let leader = leader(terminal, pid);
    let line = std::fs::read(format!("/proc/{leader}/cmdline")).ok()?;
    let first = line
        .split(|byte| *byte == 0)
        .next()
        .filter(|name| !name.is_empty())?;
    let name: String = String::from_utf8_lossy(first)
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    Some(base_name(name.split(' ').next().unwrap_or(&name)))
}

/// The directory of the command in the foreground of `terminal`, whose first process is `pid`.
pub(super) fn directory(terminal: impl AsFd, pid: u32) -> Option<PathBuf> {
    [leader(terminal, pid), pid]
        .into_iter()
        .find_map(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).ok())
}

/// This machine's name.
pub(super) fn host_name() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    name.split('.').next().unwrap_or(&name).to_owned()
}
