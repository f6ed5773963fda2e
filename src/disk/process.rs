//! What the operating system tells of a process: when it started, which session it belongs to. A pid alone names
//! nobody for long; a pid and its start time do.
//!
//! Linux is asked through `/proc/PID/stat` (proc(5)). Elsewhere a process is only known to be there or not.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::path::Path;

/// A process, told apart from a later one with the same pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Its process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot; 0 where the system does not say.
    pub start_time: u64,
}

impl Identity {
    /// Who has `pid` now; `None` if nobody, or only a process that has ended and waits to be reaped.
    pub fn of(pid: u32) -> Option<Self> {
        let known = Pid::from_raw(i32::try_from(pid).ok()?)?;
        if has_proc() {
            let stat = Stat::of(pid)?;
            return (!stat.is_ended()).then_some(Self {
                pid,
                start_time: stat.start_time,
            });
        }
        match test_kill_process(known) {
            Ok(()) | Err(Errno::PERM) => Some(Self { pid, start_time: 0 }),
            Err(_) => None,
        }
    }

    /// This very process.
    pub fn own() -> Self {
        let pid = std::process::id();
        Self::of(pid).unwrap_or(Self { pid, start_time: 0 })
    }

    /// Whether this process, and not another with its pid, still runs.
    pub fn is_alive(self) -> bool {
        Self::of(self.pid).is_some_and(|now| {
            now.start_time == self.start_time || now.start_time == 0 || self.start_time == 0
        })
    }
}

/// Whether there is a Linux `/proc` to read.
pub fn has_proc() -> bool {
    cfg!(target_os = "linux") && Path::new("/proc/self/stat").exists()
}

/// A line of `/proc/PID/stat`, as far as wt cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Its process id.
    pub pid: u32,
    /// One letter: `R`unning, `S`leeping, `Z`ombie, …
    pub state: u8,
    /// The session that it belongs to: the pid of that session's leader.
    pub session: u32,
    /// When it started, in clock ticks since boot.
    pub start_time: u64,
}

impl Stat {
    /// Reads the line of `pid`; `None` if there is no such process.
    pub fn of(pid: u32) -> Option<Self> {
        Self::parse(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads a line. The second field, the command's name, may hold spaces and brackets: what counts is the last `)`.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|&b| b == b'(')?;
        let close = line.iter().rposition(|&b| b == b')')?;
        let pid = std::str::from_utf8(line.get(..open)?).ok()?;
        let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let state = *fields.next()?.as_bytes().first()?;
        // Counted from the state, which proc(5) calls field 3: the session is field 6, the start time field 22.
        let session = fields.nth(2)?.parse().ok()?;
        let start_time = fields.nth(15)?.parse().ok()?;
        Some(Self {
            pid: pid.trim().parse().ok()?,
            state,
            session,
            start_time,
        })
    }

    /// Whether the process has ended and waits to be reaped.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x')
    }
}

/// The processes of `session` that have not ended. Empty where there is no `/proc`.
pub fn members_of(session: u32) -> Vec<Stat> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Stat::of)
        .filter(|stat| stat.session == session && !stat.is_ended())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_shift_the_fields() {
        let line = b"42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20 21\n";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.pid, stat.state), (42, b'S'));
        assert_eq!((stat.session, stat.start_time), (3, 777));
    }

    #[test]
    fn this_process_is_alive_and_another_start_time_is_not_it() {
        let own = Identity::own();
        assert!(own.is_alive());
        if has_proc() {
            let other = Identity {
                start_time: own.start_time + 1,
                ..own
            };
            assert!(!other.is_alive());
        }
    }

    #[test]
    fn pids_that_cannot_be_are_nobody() {
        assert_eq!(Identity::of(0), None);
        assert_eq!(Identity::of(u32::MAX), None);
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Stat::parse(&line);
        }
    }
}
