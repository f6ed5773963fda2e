//! What the system tells of the program in a terminal's foreground, and of this machine.

use super::hosted::base_name;
use crate::protocol::Tty;
use rustix::termios::{
    InputModes, LocalModes, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp,
};
use std::os::fd::AsFd;
use std::path::PathBuf;

/// The most that is read of a program's arguments, in bytes.
const MAX_ARGUMENTS: usize = 64 << 10;

/// The process that leads the foreground of `terminal`, whose first process is `pid`.
pub(super) fn leader(terminal: impl AsFd, pid: u32) -> u32 {
    tcgetpgrp(terminal).map_or(pid, |group| group.as_raw_nonzero().get() as u32)
}

/// How `terminal` treats what is typed; nothing if it is gone.
pub(super) fn tty(terminal: impl AsFd) -> Tty {
    let Ok(termios) = tcgetattr(terminal) else {
        return Tty::default();
    };
    let mut tty = Tty::default();
    let local = |mode| termios.local_modes.contains(mode);
    let input = |mode| termios.input_modes.contains(mode);
    tty.set(Tty::ECHO, local(LocalModes::ECHO));
    tty.set(Tty::CANONICAL, local(LocalModes::ICANON));
    tty.set(Tty::SIGNALS, local(LocalModes::ISIG));
    tty.set(Tty::RETURN_IS_NEWLINE, input(InputModes::ICRNL));
    tty.set(Tty::UTF8, input(InputModes::IUTF8));
    tty.set(
        Tty::POSTPROCESSED,
        termios.output_modes.contains(OutputModes::OPOST),
    );
    tty.set(Tty::USUAL_KEYS, edits_as_usual(&termios));
    tty
}

/// Whether the kernel's line is edited by the keys that it has when a terminal is made (termios(3)), and shown so.
fn edits_as_usual(termios: &Termios) -> bool {
    let keys = [
        (SpecialCodeIndex::VERASE, 0x7f),
        (SpecialCodeIndex::VKILL, 0x15),
        (SpecialCodeIndex::VWERASE, 0x17),
    ];
    let shown = LocalModes::ECHOE | LocalModes::ECHOK | LocalModes::ECHOKE | LocalModes::IEXTEN;
    let is_usual = |(key, code)| termios.special_codes[key] == code;
    keys.into_iter().all(is_usual) && termios.local_modes.contains(shown)
}

/// The name of a process as the kernel has it, at most 15 bytes; empty if it is gone.
pub(super) fn name(pid: u32) -> String {
    let name = std::fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    String::from_utf8_lossy(&name).trim_end().to_owned()
}

/// Whether the command in the foreground of `terminal` is a shell that waits for commands: one of `shells` without a
/// script or a command to run.
pub(super) fn is_idle_shell(terminal: impl AsFd, pid: u32, shells: &[&str]) -> bool {
    let leader = leader(terminal, pid);
    let line = std::fs::read(format!("/proc/{leader}/cmdline")).unwrap_or_default();
    let words: Vec<_> = line
        .split(|byte| *byte == 0)
        .map(String::from_utf8_lossy)
        .collect();
    let (Some(program), Some(arguments)) = (words.first(), words.get(1..)) else {
        return false;
    };
    let is_shell = shells.contains(&base_name(program).as_str());
    let runs_something = |word: &str| {
        !word.is_empty()
            && (!word.starts_with('-') || !word.starts_with("--") && word.contains('c'))
    };
    is_shell && !arguments.iter().any(|word| runs_something(word))
}

/// The name of a process other than `pid` in the session that `pid` leads: a job in the background, or a stopped one.
pub(super) fn job(pid: u32) -> Option<String> {
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|process| process.file_name().to_string_lossy().parse::<u32>().ok())
        .filter(|process| *process != pid)
        .find_map(|process| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            // The name stands in brackets, and may hold some itself; state, parent, group and session follow (proc(5)).
            let (name, rest) = stat.rsplit_once(')')?;
            let mut fields = rest.split_ascii_whitespace();
            let is_zombie = fields.next()? == "Z";
            let session: u32 = fields.nth(2)?.parse().ok()?;
            let name = name.split_once('(')?.1;
            (session == pid && !is_zombie).then(|| name.to_owned())
        })
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

/// Program and arguments of the command in the foreground of `terminal`, whose first process is `pid`. Nothing if they
/// are too long to be typed again.
pub(super) fn arguments(terminal: impl AsFd, pid: u32) -> Vec<String> {
    let leader = leader(terminal, pid);
    let line = std::fs::read(format!("/proc/{leader}/cmdline")).unwrap_or_default();
    let Some(line) = line
        .strip_suffix(&[0])
        .filter(|line| line.len() <= MAX_ARGUMENTS)
    else {
        return Vec::new();
    };
    let words = line.split(|byte| *byte == 0);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
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
