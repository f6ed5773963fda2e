//! Sends a signal to everything that a pane's program has started and that has not left its session. Never to a
//! process that merely has a pid that one of them had.

use super::protocol::KillSignal;
use crate::disk::process::{Identity, Stat, has_proc, members_of};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::HashSet;
use std::os::fd::BorrowedFd;

/// Most times that a session is searched anew for processes forked meanwhile.
const MAX_ROUNDS: usize = 8;

/// Signals the session that `leader` leads or led. `leader` must not have been reaped, or be known to be alive: its
/// pid is the name of the session.
///
/// Returns how many processes there were to signal.
pub fn signal_session(leader: Identity, master: BorrowedFd, signal: KillSignal) -> u32 {
    if !has_proc() {
        return signal_groups(leader, master, signal);
    }
    let mut signalled = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut found = members_of(leader.pid);
        found.retain(|member| member.start_time >= leader.start_time);
        found.retain(|member| signalled.insert((member.pid, member.start_time)));
        if found.is_empty() {
            break;
        }
        for member in found {
            send(member, signal);
        }
    }
    signalled.len() as u32
}

/// What is stopped cannot act on a signal: it is woken up, as the kernel does when a terminal goes.
fn signals(signal: KillSignal) -> &'static [Signal] {
    match signal {
        KillSignal::Hup => &[Signal::HUP, Signal::CONT],
        KillSignal::Term => &[Signal::TERM, Signal::CONT],
        KillSignal::Kill => &[Signal::KILL],
    }
}

#[cfg(target_os = "linux")]
fn send(member: Stat, signal: KillSignal) {
    use rustix::process::{PidfdFlags, kill_process, pidfd_open, pidfd_send_signal};
    let Some(pid) = pid_of(member.pid) else {
        return;
    };
    match pidfd_open(pid, PidfdFlags::empty()) {
        // Now that the descriptor is held, it names one process: is it still the one that was found?
        Ok(fd) if Stat::of(member.pid).is_some_and(|now| now.start_time == member.start_time) => {
            for &signal in signals(signal) {
                let _ = pidfd_send_signal(&fd, signal);
            }
        }
        // Kernels before 5.3.
        Err(Errno::NOSYS) => {
            for &signal in signals(signal) {
                let _ = kill_process(pid, signal);
            }
        }
        _ => {}
    }
}

#[cfg(not(target_os = "linux"))]
fn send(_: Stat, _: KillSignal) {}

/// Where sessions cannot be searched: the program's own group, and the one in the foreground of its terminal.
fn signal_groups(leader: Identity, master: BorrowedFd, signal: KillSignal) -> u32 {
    let foreground = rustix::termios::tcgetpgrp(master).ok();
    let own = pid_of(leader.pid);
    let mut groups: Vec<Pid> = own.into_iter().chain(foreground).collect();
    groups.dedup();
    groups.retain(|&group| {
        let sent = signals(signal)
            .iter()
            .map(|&signal| kill_process_group(group, signal));
        !sent.into_iter().any(|sent| sent == Err(Errno::SRCH))
    });
    groups.len() as u32
}

fn pid_of(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}
