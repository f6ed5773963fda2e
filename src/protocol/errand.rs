//! Errands: commands of wt's own that read what stands on the server's machine. The server has them done there, in the
//! words of its command line, and passes on what they say, as it comes and no faster than it is taken.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most words of an errand.
pub const MAX_WORDS: usize = 1024;

/// Longest that they may be together, in bytes.
pub const MAX_WORD_BYTES: usize = 64 << 10;

/// Longest that they may be as they are handed on, in bytes: each with its length.
pub const MAX_WRITTEN: usize = MAX_WORD_BYTES + 8 * (MAX_WORDS + 1);

/// Longest name of a time zone, in bytes.
const MAX_ZONE: usize = 80;

/// What is to be done. It ends with the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Errand {
    /// A command and its arguments, without a host in any of them.
    pub words: Vec<String>,
    /// By which time zone the client reads and writes times, as `TZ` names it.
    pub zone: Option<String>,
}

/// Why an errand is not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this command is longer than a server takes: give it fewer or shorter arguments")]
pub struct TooLong;

impl Errand {
    /// The words as they can be given to a program.
    ///
    /// # Errors
    /// If they are too many or too long.
    pub fn argv(&self) -> Result<Vec<String>, TooLong> {
        let bytes: usize = self.words.iter().map(String::len).sum();
        match self.words.len() <= MAX_WORDS && bytes <= MAX_WORD_BYTES {
            // None can hold a zero byte.
            true => Ok(self
                .words
                .iter()
                .map(|word| word.replace('\0', ""))
                .collect()),
            false => Err(TooLong),
        }
    }

    /// The words as they are handed to the program by a pipe: how many bytes (4, the lowest first), and those.
    ///
    /// # Errors
    /// If they are too many or too long.
    pub fn written(&self) -> Result<Vec<u8>, TooLong> {
        let words = postcard::to_allocvec(&self.argv()?).map_err(|_| TooLong)?;
        let len = u32::try_from(words.len()).map_err(|_| TooLong)?;
        Ok([&len.to_le_bytes()[..], &words].concat())
    }

    /// Reads words as [`Errand::written`] has them, without their length.
    ///
    /// # Errors
    /// If they are not whole.
    pub fn read_words(written: &[u8]) -> Result<Vec<String>, postcard::Error> {
        postcard::from_bytes(written)
    }

    /// The time zone, if that is the name of one (POSIX.1 §8.3) and no path out of where zones are kept.
    pub fn zone(&self) -> Option<&str> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-+/,.:<>".contains(c);
        let is_name = |zone: &&str| {
            !zone.is_empty()
                && zone.len() <= MAX_ZONE
                && zone.chars().all(fits)
                && !zone.starts_with(['/', ':', '.'])
                && !zone.contains("..")
        };
        self.zone.as_deref().filter(is_name)
    }
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrandReply {
    /// Part of what it prints.
    Out(Vec<u8>),
    /// Part of what it says beside that.
    Err(Vec<u8>),
    /// It is done, and exits with this code.
    Over(u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Errand {
        Errand {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            zone: None,
        }
    }

    #[test]
    fn words_are_bounded_and_fit_a_program() {
        assert_eq!(words(&["tail", "a\0b"]).argv().unwrap(), ["tail", "ab"]);
        assert_eq!(words(&[""; MAX_WORDS + 1]).argv(), Err(TooLong));
        let long = "x".repeat(MAX_WORD_BYTES);
        assert!(words(&[&long]).argv().is_ok());
        assert_eq!(words(&[&long, "x"]).argv(), Err(TooLong));
    }

    #[test]
    fn words_are_handed_on_as_they_are() {
        let long = "x".repeat(MAX_WORD_BYTES / MAX_WORDS);
        let most = words(&[long.as_str(); MAX_WORDS]);
        for wanted in [most, words(&["grep", "-F", "", "-- \u{e9}\n"])] {
            let written = wanted.written().unwrap();
            let (len, rest) = written.split_at(4);
            assert_eq!(len, (rest.len() as u32).to_le_bytes());
            assert!(rest.len() <= MAX_WRITTEN);
            assert_eq!(Errand::read_words(rest).unwrap(), wanted.words);
            assert!(Errand::read_words(&rest[..rest.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_zone_is_a_name_and_no_path() {
        let zone = |text: &str| {
            let zone = Some(text.to_owned());
            let errand = Errand { zone, ..words(&[]) };
            errand.zone().is_some()
        };
        for good in [
            "UTC",
            "Europe/Helsinki",
            "EET-2EEST,M3.5.0/3,M10.5.0/4",
            "<+03>-3",
        ] {
            assert!(zone(good), "{good}");
        }
        for bad in [
            "",
            "/etc/shadow",
            ":/etc/shadow",
            "../x",
            "a/../b",
            "x y",
            "a\nb",
        ] {
            assert!(!zone(bad), "{bad}");
        }
    }
}
