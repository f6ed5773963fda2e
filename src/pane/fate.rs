//! How a program ended, and the words for it.

use serde::{Deserialize, Serialize};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// Nobody was there to see.
    Unseen,
}

/// What is left of a pane's program.
pub(super) struct Fate {
    pub ending: Ending,
    /// One line for the pane's last row: how it ended, and what can be done.
    pub words: String,
    /// The same for a pane that is too narrow for that.
    pub short: String,
    /// Whether `r` runs again what ran there.
    pub can_rerun: bool,
}

impl Fate {
    /// The words that a pane of so many columns has room for.
    pub fn words_for(&self, cols: u16) -> &str {
        match self.words.chars().count() > usize::from(cols) {
            true => &self.short,
            false => &self.words,
        }
    }

    /// Of a program that has ended.
    pub fn ended(ending: Ending, ran_ms: u64) -> Self {
        Self {
            ending,
            words: ending.sentence(ran_ms),
            short: ending.sentence(ran_ms),
            can_rerun: false,
        }
    }

    /// Of a program that is gone with its machine. `command` is what ran there; empty if a shell waited for commands.
    pub fn restored(command: &str) -> Self {
        let runs = match command {
            "" => String::new(),
            command => format!(", r runs `{}` again", clipped(command)),
        };
        Self {
            ending: Ending::Unseen,
            words: format!("restored, its process is gone · Enter starts the shell{runs}"),
            short: match command {
                "" => "restored · Enter starts the shell".to_owned(),
                command => format!("restored · Enter: shell, r: {}", clipped(command)),
            },
            can_rerun: !command.is_empty(),
        }
    }
}

impl Ending {
    /// Whether it ended well.
    pub fn is_success(self) -> bool {
        self == Ending::Code(0)
    }

    /// How: `exited 2`, `killed by SIGKILL`.
    pub fn words(self) -> String {
        match self {
            Ending::Code(code) => format!("exited {code}"),
            Ending::Signal(signal) => match signal_name(signal) {
                Some(name) => format!("killed by {name}"),
                None => format!("killed by signal {signal}"),
            },
            Ending::Unseen => "ended, nobody saw how".to_owned(),
        }
    }

    /// One line for the pane's last row: how, after how long, and what can be done.
    pub fn sentence(self, ran_ms: u64) -> String {
        let (how, ran) = (self.words(), duration(ran_ms));
        format!("{how} after {ran} · Enter restarts")
    }
}

/// Most characters of a command that are told.
const MAX_COMMAND: usize = 48;

fn clipped(command: &str) -> String {
    match command.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}

/// A duration as one reads it: `0.4 s`, `12 s`, `2 m 10 s`, `3 h 5 m`, `2 d 4 h`.
pub fn duration(ms: u64) -> String {
    let secs = ms / 1000;
    match secs {
        0..10 => format!("{}.{} s", secs, ms % 1000 / 100),
        10..60 => format!("{secs} s"),
        60..3600 => format!("{} m {} s", secs / 60, secs % 60),
        3600..86_400 => format!("{} h {} m", secs / 3600, secs % 3600 / 60),
        _ => format!("{} d {} h", secs / 86_400, secs % 86_400 / 3600),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    // The numbers on which Linux, macOS and the BSDs agree (POSIX.1 kill(1)).
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_pane_says_what_can_be_done() {
        let restored = |command: &str| Fate::restored(command).words;
        assert_eq!(
            restored(""),
            "restored, its process is gone · Enter starts the shell"
        );
        assert!(restored("make -j8").ends_with("Enter starts the shell, r runs `make -j8` again"));
        let fate = Fate::restored("make -j8");
        assert_eq!(fate.words_for(80), fate.words);
        assert_eq!(fate.words_for(40), "restored · Enter: shell, r: make -j8");
        let long = restored(&"é".repeat(100));
        assert!(long.contains(&format!("`{}…`", "é".repeat(48))), "{long}");
    }

    #[test]
    fn endings_are_told_in_words() {
        assert_eq!(
            Ending::Code(3).sentence(130_000),
            "exited 3 after 2 m 10 s · Enter restarts"
        );
        assert_eq!(
            Ending::Signal(11).sentence(400),
            "killed by SIGSEGV after 0.4 s · Enter restarts"
        );
        assert_eq!(
            Ending::Signal(64).sentence(59_000),
            "killed by signal 64 after 59 s · Enter restarts"
        );
        assert_eq!(duration(200_000_000), "2 d 7 h");
    }
}
