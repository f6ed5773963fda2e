//! The short code that one device shows and another is told: `7-crossbow-lagoon`.

use crate::auth::words;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How many words a code has: 18 bits that only those know who see it.
const WORDS: usize = 2;

/// The longest text that is read as a code, in bytes.
const MAX_TEXT: usize = 64;

/// The highest number.
const MAX_NUMBER: u16 = 99;

/// A code. Its number is no secret: it says which of several devices that wait is meant.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    number: u16,
    words: [&'static str; WORDS],
}

/// A text that is no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoCode {
    /// It has another form.
    #[error("a code is a number and two words, such as 7-crossbow-lagoon")]
    Form,
    /// A word is none of those that codes are made of; perhaps this one is meant.
    #[error("no code has the word {0:?}: it was not used up{hint}", hint = hint(.1))]
    Word(String, Option<&'static str>),
}

fn hint(like: &Option<&'static str>) -> String {
    like.map(|word| format!(", perhaps it says {word}"))
        .unwrap_or_default()
}

impl Code {
    /// The code of these random bytes.
    pub fn of(random: [u8; 4]) -> Self {
        let word = |nth: usize| {
            let bits = u32::from_be_bytes(random) >> (words::BITS_PER_WORD * nth);
            words::WORDS[bits as usize % words::WORDS.len()]
        };
        Self {
            // Bits that no word is made of.
            number: u16::from(random[0]) % MAX_NUMBER + 1,
            words: [word(0), word(1)],
        }
    }

    /// Which device is meant.
    pub fn number(&self) -> u16 {
        self.number
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.words.join("-"))
    }
}

/// Without the words, which are secret.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Code").field(&self.number).finish()
    }
}

impl FromStr for Code {
    type Err = NoCode;

    /// Reads a code as people write it: in any case, with blanks for hyphens, each word cut short after four letters.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        if text.len() > MAX_TEXT {
            return Err(NoCode::Form);
        }
        let is_between = |c: char| c == '-' || c.is_whitespace();
        let mut parts = text.split(is_between).filter(|part| !part.is_empty());
        let number = parts.next().and_then(|part| part.parse().ok());
        let number = number.filter(|number| (1..=MAX_NUMBER).contains(number));
        let (number, one, two) = match (number, parts.next(), parts.next(), parts.next()) {
            (Some(number), Some(one), Some(two), None) => (number, one, two),
            _ => return Err(NoCode::Form),
        };
        Ok(Self {
            number,
            words: [known(one)?, known(two)?],
        })
    }
}

fn known(text: &str) -> Result<&'static str, NoCode> {
    words::known(text).ok_or_else(|| {
        let lower = text.to_lowercase();
        let likeness = |word: &&'static str| (strsim::jaro_winkler(word, &lower), *word);
        let likest = words::WORDS
            .iter()
            .map(likeness)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let like = likest
            .filter(|(likeness, _)| *likeness > 0.8)
            .map(|(_, word)| word);
        NoCode::Word(text.to_owned(), like)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code: Code = "7-crossbow-lagoon".parse().unwrap();
        assert_eq!(code.to_string(), "7-crossbow-lagoon");
        for text in [
            "7 Crossbow LAGOON",
            " 7-cros-lago ",
            "7 - crossbow - lagoon",
        ] {
            assert_eq!(text.parse(), Ok(code.clone()), "{text}");
        }
        let refused = |text: &str| text.parse::<Code>().unwrap_err().to_string();
        insta::assert_snapshot!(["crossbow-lagoon", "7-crossbow-lagune", "7-xxxx-lagoon"].map(refused).join("\n"), @r#"
        a code is a number and two words, such as 7-crossbow-lagoon
        no code has the word "lagune": it was not used up, perhaps it says lagoon
        no code has the word "xxxx": it was not used up
        "#);
        for bad in [
            "",
            "0-crossbow-lagoon",
            "100-crossbow-lagoon",
            "7-crossbow",
            "7-crossbow-lagoon-lagoon",
        ] {
            assert_eq!(bad.parse::<Code>(), Err(NoCode::Form), "{bad}");
        }
        assert_eq!(format!("{code:?}"), "Code(7)");
    }

    #[test]
    fn every_bit_of_the_words_comes_from_what_is_random() {
        let words: BTreeSet<_> = (0..1u32 << 18)
            .map(|bits| Code::of(bits.to_be_bytes()).words)
            .collect();
        assert_eq!(words.len(), 1 << 18);
    }

    proptest! {
        #[test]
        fn codes_come_back_and_any_text_is_read_or_refused(random: [u8; 4], text in ".{0,70}") {
            let code = Code::of(random);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            let _ = text.parse::<Code>();
        }
    }
}
