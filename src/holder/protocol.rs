//! What server and holder say to each other.
//!
//! The server says [`Request::Hello`] and is answered; from then on it alone is told of exits. A request is answered
//! by one reply with its number, [`Request::Panes`] by one [`Reply::Held`] for each pane before that. A server and a
//! holder of different releases meet whenever wt is upgraded: variants and fields are only ever added at the end.

use crate::protocol::hello::Version;
use crate::term::Size;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What this build speaks. Majors must be equal; a server asks nothing that came after the holder's minor.
pub const VERSION: Version = Version { major: 1, minor: 1 };

/// What the server asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// The first words. The newest server to say them is the one that counts.
    Hello {
        /// [`VERSION`] of the server.
        version: Version,
        /// Its release.
        release: String,
    },
    /// Starts a program: answered by `Spawned` with the PTY's master, or `Failed`.
    Spawn(Spawn),
    /// Asks for all panes, ended ones too, each with its master: their last output may not have been read.
    Panes,
    /// Replaces what is kept with a pane for the server.
    SetMeta {
        /// Which pane.
        pane: u64,
        /// The holder does not look into it.
        meta: Vec<u8>,
    },
    /// Sends a signal to every process of the pane's session: answered by `Signalled`.
    Signal {
        /// Which pane.
        pane: u64,
        /// Which signal.
        signal: KillSignal,
    },
    /// Drops a pane and what is known of it: closes the master, which hangs up on what still runs there.
    Forget {
        /// Which pane.
        pane: u64,
    },
    /// Hands over the master of a program that another holder, now dead, had started.
    Adopt {
        /// Which pane.
        pane: u64,
        /// Its program.
        pid: u32,
        /// When that was started, in clock ticks since boot.
        start_time: u64,
        /// The holder does not look into it.
        meta: Vec<u8>,
    },
    /// Ends the holder. Programs are sent nothing, but those whose master nobody else has are hung up on.
    Stop,
    /// Keeps more of what the server leaves to the next one; since minor 1.
    Keep {
        /// The holder does not look into it.
        part: Vec<u8>,
    },
    /// Asks for the next part of what the server before has left: answered by `Kept`; since minor 1.
    Take,
}

/// A program to start on a PTY of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spawn {
    /// The number it is known by from now on.
    pub pane: u64,
    /// Program and arguments; empty for `$SHELL` as a login shell, or the one in the password database.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Where it starts; if it cannot, `$HOME`, then `/`.
    pub cwd: String,
    /// The size of the PTY from the start.
    pub size: Size,
    /// Kept for the server; the holder does not look into it.
    pub meta: Vec<u8>,
}

/// A signal on the way to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KillSignal {
    /// The terminal is gone (SIGHUP).
    Hup,
    /// Please end (SIGTERM).
    Term,
    /// End (SIGKILL).
    Kill,
}

/// What the holder answers, and [`Reply::Exited`], which it says unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Answers `Hello`.
    Welcome {
        /// [`VERSION`] of the holder.
        version: Version,
        /// Its release.
        release: String,
        /// Its process id.
        pid: u32,
    },
    /// Done; nothing to say.
    Done,
    /// Not done: what, on what, in one line.
    Failed(String),
    /// Started; the master comes with it.
    Spawned {
        /// Which pane.
        pane: u64,
        /// The program, leader of its own session.
        pid: u32,
        /// When it was started, in clock ticks since boot.
        start_time: u64,
        /// Where it was started.
        cwd: String,
        /// What is to be said to the user about where it was started, if that is not where it was asked to.
        note: Option<String>,
    },
    /// One pane of the answer to `Panes`; the master comes with it.
    Held(HeldPane),
    /// How many processes a signal was sent to.
    Signalled {
        /// None left: the pane has come to its end.
        processes: u32,
    },
    /// A program has ended.
    Exited {
        /// Which pane.
        pane: u64,
        /// How, and when.
        exit: Exit,
    },
    /// A part of what the server before has left; empty once there is no more.
    Kept {
        /// As it was given.
        part: Vec<u8>,
    },
}

/// One pane, as the holder knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPane {
    /// Its number.
    pub pane: u64,
    /// Its program.
    pub pid: u32,
    /// When that was started, in clock ticks since boot.
    pub start_time: u64,
    /// When that was started, in milliseconds since the Unix epoch.
    pub started_at: u64,
    /// The size of its PTY.
    pub size: Size,
    /// As the server set it last.
    pub meta: Vec<u8>,
    /// How it ended, if it has.
    pub exit: Option<Exit>,
}

/// How a program ended, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// How.
    pub status: Status,
    /// Milliseconds since the Unix epoch.
    pub at: u64,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Not known: it was adopted from a holder that had died.
    Unknown,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Status::Code(code) => write!(f, "exited {code}"),
            Status::Signal(number) => match signal_hook::low_level::signal_name(number) {
                Some(name) => write!(f, "killed by {name}"),
                None => write!(f, "killed by signal {number}"),
            },
            Status::Unknown => f.write_str("ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_as_a_shell_user_knows_it() {
        assert_eq!(Status::Code(3).to_string(), "exited 3");
        assert_eq!(Status::Signal(11).to_string(), "killed by SIGSEGV");
        assert_eq!(Status::Signal(99).to_string(), "killed by signal 99");
    }

    #[test]
    fn the_first_words_never_change() {
        let hello = Request::Hello {
            version: Version { major: 1, minor: 0 },
            release: "0.1.0".to_owned(),
        };
        let bytes = postcard::to_allocvec(&hello).unwrap();
        assert_eq!(bytes, b"\x00\x01\x00\x050.1.0");
    }
}
