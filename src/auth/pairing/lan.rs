//! How a device that was told a code finds the one that shows it in the local network: a question to everybody, which
//! only a server answers that shows a code with that number.
//!
//! ```text
//! question   "wt-pair?" │ version │ number │ zeros, up to 96 bytes
//! answer     "wt-pair!" │ version │ number │ port (2, big-endian) │ server (8) │ name         never longer than 96 either
//! ```
//!
//! Nothing of it is secret or believed: whoever answers has to know the code.

use super::VERSION;
use crate::auth::name::{MAX_NAME, name_like};
use crate::varint::{self, Reader};

/// The UDP port that servers which show a code are asked at.
pub const PORT: u16 = 60000;

/// The group that they are asked in (administratively scoped, RFC 2365).
pub const GROUP: [u8; 4] = [239, 255, 87, 84];

/// The same for IPv6: a transient group of one link (RFC 4291 §2.7).
pub const GROUP_OF_LINK: [u16; 8] = [0xff12, 0, 0, 0, 0, 0, 0x5754, 0x5754];

/// Bytes of a question. No answer is longer: nobody can be flooded by asking in their name.
pub const QUESTION: usize = 96;

const ASKS: &[u8; 8] = b"wt-pair?";
const ANSWERS: &[u8; 8] = b"wt-pair!";

/// A server that shows a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The number of its code.
    pub number: u16,
    /// The UDP port that it listens on.
    pub port: u16,
    /// The beginning of its key: tells it from others, where one answers by several addresses.
    pub server: [u8; 8],
    /// What its machine calls itself.
    pub name: String,
}

/// The question for the server that shows a code with this number.
pub fn question(number: u16) -> [u8; QUESTION] {
    let mut bytes = Vec::from(ASKS);
    bytes.push(VERSION);
    varint::put(&mut bytes, u64::from(number));
    bytes.resize(QUESTION, 0);
    bytes.try_into().expect("resized to its length")
}

/// The number that is asked for; `None` if that is no question.
pub fn asked(bytes: &[u8]) -> Option<u16> {
    let rest = bytes
        .strip_prefix(ASKS)
        .filter(|_| bytes.len() == QUESTION)?;
    let mut reader = Reader::new(rest);
    let version = reader.u8().ok()?;
    reader.u16().ok().filter(|_| version == VERSION)
}

impl Found {
    /// The answer. Law: [`read`](Self::read) gives it back, with the name as far as it is one.
    pub fn answer(&self) -> Vec<u8> {
        let mut bytes = Vec::from(ANSWERS);
        bytes.push(VERSION);
        varint::put(&mut bytes, u64::from(self.number));
        bytes.extend(self.port.to_be_bytes());
        bytes.extend(self.server);
        let name = name_like(&self.name).unwrap_or_default();
        varint::put_bytes(&mut bytes, name.as_bytes());
        bytes
    }

    /// Reads an answer; `None` if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes
            .strip_prefix(ANSWERS)
            .filter(|_| bytes.len() <= QUESTION)?;
        let mut reader = Reader::new(rest);
        let version = reader.u8().ok()?;
        let number = reader.u16().ok().filter(|_| version == VERSION)?;
        let port = reader.take(2).ok()?;
        let port = u16::from_be_bytes([port[0], port[1]]);
        let server = reader.take(8).ok()?.try_into().ok()?;
        let name = reader.str().ok().filter(|name| name.len() <= MAX_NAME)?;
        Some(Self {
            number,
            port,
            server,
            name: name_like(name).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn questions_and_answers_come_back(number in 0u16..=99, port: u16, name in "[a-z][a-z0-9.-]{0,63}") {
            prop_assert_eq!(asked(&question(number)), Some(number));
            let found = Found { number, port, server: [7; 8], name: name_like(&name).unwrap() };
            prop_assert!(found.answer().len() <= QUESTION);
            prop_assert_eq!(Found::read(&found.answer()), Some(found.clone()));
            prop_assert_eq!(asked(&found.answer()), None);
            prop_assert_eq!(Found::read(&question(number)), None);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = (asked(&bytes), Found::read(&bytes));
            for mark in [ASKS, ANSWERS] {
                let bytes = [&mark[..], &bytes].concat();
                let _ = (asked(&bytes), Found::read(&bytes));
            }
        }
    }

    #[test]
    fn a_short_question_is_not_answered() {
        assert_eq!(asked(&question(7)[..95]), None);
    }
}
