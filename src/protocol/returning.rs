//! What is said when a viewer that has lost its link comes back over another one: who it is, and how far its input has
//! come.

use super::count::grouped;
use super::input::Input;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a viewer over all its links: random, made by the client, and told to its server alone. Who knows it may go on
/// in that viewer's place.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Token(pub [u8; 16]);

impl fmt::Debug for Token {
    /// Logs are no place for it.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What the user did and no server has heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undelivered {
    /// Keys, clicks and commands.
    pub keys: u64,
    /// Pasted bytes.
    pub pasted: u64,
}

impl Undelivered {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds an input. What the terminal says of itself is not the user's.
    pub fn count(&mut self, input: &Input) {
        match input {
            Input::Bytes { bytes, .. } => self.keys += keys(bytes),
            Input::Paste { bytes, .. } => self.pasted += bytes.len() as u64,
            Input::Command { .. } => self.keys += 1,
            Input::Resize(_) | Input::Focus(_) | Input::Looking(_) => {}
            Input::Colors { .. } | Input::Guessed(_) => {}
        }
    }
}

impl fmt::Display for Undelivered {
    /// `1 key was not delivered`, `12 keys and 3,400 pasted bytes were not delivered`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let keys = format!("{} key{}", grouped(self.keys), plural(self.keys));
        let pasted = format!(
            "{} pasted byte{}",
            grouped(self.pasted),
            plural(self.pasted)
        );
        match (self.keys, self.pasted) {
            (_, 0) => f.write_str(&keys)?,
            (0, _) => f.write_str(&pasted)?,
            _ => write!(f, "{keys} and {pasted}")?,
        }
        let is_one = self.keys + self.pasted == 1;
        f.write_str(if is_one { " was" } else { " were" })?;
        f.write_str(" not delivered")
    }
}

/// How many keys have made these bytes: a character is one, and so is an escape sequence (ECMA-48 §5.4, and SS3 with the
/// one byte behind it).
fn keys(bytes: &[u8]) -> u64 {
    let (mut rest, mut count) = (bytes, 0);
    while let Some(first) = rest.first() {
        let is_continuation = (0x80..0xc0).contains(first);
        count += u64::from(!is_continuation);
        let len = match rest {
            [0x1b, b'[', ..] => {
                let end = rest[2..]
                    .iter()
                    .position(|byte| (0x40..0x7f).contains(byte));
                end.map_or(rest.len(), |end| end + 3)
            }
            [0x1b, b'O', _, ..] => 3,
            [0x1b, _, ..] => 2,
            _ => 1,
        };
        rest = &rest[len..];
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_and_sequences_are_keys() {
        let counted = [
            &b"abc"[..],
            "äü".as_bytes(),
            b"\x1b[A\x1b[1;5C",
            b"\x1bOP",
            b"\x1bx\r",
            b"\x1b",
            b"\x1b[",
        ];
        assert_eq!(counted.map(keys), [3, 2, 2, 1, 2, 1, 1]);
    }

    #[test]
    fn what_was_not_delivered_is_told_in_few_words() {
        let told = [(1, 0), (12, 0), (0, 1), (2, 3400)];
        let told = told.map(|(keys, pasted)| Undelivered { keys, pasted }.to_string());
        let words = [
            "1 key was not delivered",
            "12 keys were not delivered",
            "1 pasted byte was not delivered",
            "2 keys and 3,400 pasted bytes were not delivered",
        ];
        assert_eq!(told, words);
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", Token([7; 16])), "Token(..)");
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_more_keys_than_bytes(bytes: Vec<u8>) {
            prop_assert!(keys(&bytes) <= bytes.len() as u64);
        }
    }
}
