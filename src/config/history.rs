//! The table `[history]`: how much of what left the screens is kept, for how long, and whether it is sealed.

use super::faults::{Faults, describe, no_such};
use crate::when;
use toml::de::{DeTable, DeValue};

/// How history is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Bytes on disk for one pane.
    pub pane_bytes: u64,
    /// Bytes on disk for all panes.
    pub total_bytes: u64,
    /// Seconds for which a line is kept at most; `None` for as long as there is room.
    pub max_age_secs: Option<u64>,
    /// Whether it is sealed.
    pub encrypt: bool,
    /// The file of the passphrase that it is sealed with, which may begin with `~/`; `None` for a key of wt's own.
    pub passphrase_file: Option<String>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            pane_bytes: 1 << 30,
            total_bytes: 20 << 30,
            max_age_secs: None,
            encrypt: false,
            passphrase_file: None,
        }
    }
}

/// A key of the table.
pub struct HistoryKey {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub expects: &'static str,
    /// What holds without it, in TOML; empty if that is nothing.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// What may stand in the table.
pub const KEYS: [HistoryKey; 5] = [
    HistoryKey {
        name: "pane-bytes",
        expects: "a size of 1MiB at least, such as \"1GiB\"",
        default: "\"1GiB\"",
        doc: "The history that is kept of one pane, on disk. The oldest goes first.",
    },
    HistoryKey {
        name: "total-bytes",
        expects: "a size of 1MiB at least, such as \"20GiB\"",
        default: "\"20GiB\"",
        doc: "The history that is kept of all panes.",
    },
    HistoryKey {
        name: "max-age",
        expects: "a time such as \"90d\" or \"12h\", or \"none\"",
        default: "\"none\"",
        doc: "How long history is kept at most.",
    },
    HistoryKey {
        name: "encrypt",
        expects: "true or false",
        default: "false",
        doc: "Whether what is written from now on is encrypted: with the key in history.key beside it, or as the next says.",
    },
    HistoryKey {
        name: "passphrase-file",
        expects: "a path that begins with / or ~/",
        default: "",
        doc: "The file of a passphrase, readable for you alone, of which the key is made instead. It can stay on a drive that is not always there.",
    },
];

/// The smallest quota.
const MIN_BYTES: u64 = 1 << 20;

const SIZES: [(&str, u64); 8] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl History {
    /// Reads the table of `config.toml`. What is wrong in it is left as it is.
    pub(super) fn read(table: &DeTable, faults: &mut Faults) -> Self {
        let mut history = Self::default();
        for entry in faults.entries(table) {
            let Some(key) = KEYS.iter().find(|key| key.name == entry.name) else {
                let known = KEYS.iter().map(|key| key.name);
                let wrong = no_such("key", entry.name, known);
                faults.push(entry.line, format!("[history] {wrong}"));
                continue;
            };
            if history.set(key.name, entry.value).is_none() {
                let found = describe(entry.value);
                let (name, takes) = (key.name, key.expects);
                faults.push(
                    entry.line,
                    format!("[history] `{name}` is {found}; it takes {takes}"),
                );
            }
        }
        history
    }

    fn set(&mut self, name: &str, value: &DeValue) -> Option<()> {
        if name == "encrypt" {
            self.encrypt = value.as_bool()?;
            return Some(());
        }
        let text = value.as_str()?;
        match name {
            "passphrase-file" => self.passphrase_file = Some(path(text)?),
            "pane-bytes" => self.pane_bytes = size(text)?,
            "total-bytes" => self.total_bytes = size(text)?,
            _ if text == "none" => self.max_age_secs = None,
            _ => self.max_age_secs = Some(when::length(text)? / 1000),
        }
        Some(())
    }
}

fn path(text: &str) -> Option<String> {
    let is_path = text.starts_with('/') || text.starts_with("~/");
    is_path.then(|| text.to_owned())
}

fn size(text: &str) -> Option<u64> {
    parse_size(text).filter(|bytes| *bytes >= MIN_BYTES)
}

/// A number of bytes as people write it: `20GiB`, `500MB`, `4096B`.
pub fn parse_size(text: &str) -> Option<u64> {
    with_unit(text, &SIZES)
}

/// A whole number and one of these units.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text[digits.len()..].trim_start();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn sizes_and_ages_are_read() {
        let text = "[history]\npane-bytes = '512MiB'\ntotal-bytes = '2 TiB'\nmax-age = '90 days'\n\
            encrypt = true\npassphrase-file = '~/key'";
        let (config, errors) = Config::parse(text, "f");
        assert_eq!(errors, []);
        let expected = History {
            pane_bytes: 512 << 20,
            total_bytes: 2 << 40,
            max_age_secs: Some(90 * 86_400),
            encrypt: true,
            passphrase_file: Some("~/key".into()),
        };
        assert_eq!(config.history, expected);
    }

    #[test]
    fn what_is_wrong_is_said_and_changes_nothing() {
        let lines = |text: &str| {
            let (config, errors) = Config::parse(text, "f");
            assert_eq!(config.history, History::default(), "{text}");
            errors.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            lines("[history]\nmax-aeg = '1d'\npane-bytes = '1 GB of it'"),
            [
                "f:2: [history] there is no key `max-aeg`; is `max-age` meant?",
                "f:3: [history] `pane-bytes` is \"1 GB of it\"; it takes a size of 1MiB at least, such as \"1GiB\"",
            ]
        );
        for wrong in [
            "pane-bytes = 5",
            "total-bytes = '99999999TiB'",
            "pane-bytes = '1KiB'",
            "max-age = 'd'",
            "encrypt = 'yes'",
            "passphrase-file = 'key'",
        ] {
            assert_eq!(lines(&format!("[history]\n{wrong}")).len(), 1, "{wrong}");
        }
    }
}
