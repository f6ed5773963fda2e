//! What `wt ssh` and `wt server bootstrap` say to each other over ssh: a line either way.
//!
//! ```text
//! → wt-bootstrap 1 PROTOCOL key=wt1… name=NAME [port=PORT]
//! ← wt-bootstrap 1 PROTOCOL key=wt1… name=NAME address=ADDR:PORT …
//! ← wt-bootstrap 1 PROTOCOL error=WORDS, percent-encoded
//! ```
//!
//! Other lines are what shells and login messages say; they are passed over. Words that are not known are, too: a
//! neighbouring release may add some. PROTOCOL is the version of the protocol that follows, as `MAJOR.MINOR`.

use super::address::Address;
use super::hosts::MAX_ADDRESSES;
use super::identity::PublicKey;
use super::name::name_like;
use crate::protocol::hello::Version;
use thiserror::Error;

/// The longest line, in bytes.
pub const MAX_LINE: usize = 8 << 10;

/// How many lines of others' are passed over.
pub const MAX_OTHERS: usize = 1000;

/// What every line begins with.
const MARK: &str = "wt-bootstrap 1 ";

/// The longest text of an error, in bytes.
const MAX_ERROR: usize = 500;

/// What the client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The protocol that it speaks.
    pub version: Version,
    /// Its key.
    pub key: PublicKey,
    /// What its machine calls itself.
    pub name: String,
    /// The UDP port that it wants.
    pub port: Option<u16>,
}

/// What the server's side answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The protocol that it speaks.
    pub version: Version,
    /// The server; or what went wrong, in one line.
    pub result: Result<There, String>,
}

/// The server that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// Its key.
    pub key: PublicKey,
    /// What its machine calls itself.
    pub name: String,
    /// Where it is reached, the likeliest first.
    pub addresses: Vec<Address>,
}

/// A line of wt's that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what came over ssh is no answer of wt's")]
pub struct Garbled;

impl Ask {
    /// The line, with its break. Law: [`parse`](Self::parse) gives it back.
    pub fn line(&self) -> String {
        let port = self
            .port
            .map(|port| format!(" port={port}"))
            .unwrap_or_default();
        let name = name_like(&self.name).unwrap_or_else(|| "client".into());
        format!(
            "{MARK}{} key={} name={name}{port}\n",
            shown(self.version),
            self.key
        )
    }

    /// Reads a line; `None` if it is somebody else's.
    ///
    /// # Errors
    /// If it lacks something.
    pub fn parse(line: &str) -> Option<Result<Self, Garbled>> {
        Some(Self::read(Words::of(line)?))
    }

    fn read(words: Words<'_>) -> Result<Self, Garbled> {
        let port = words
            .find("port")
            .map(|port| port.parse().map_err(|_| Garbled));
        Ok(Self {
            version: words.version()?,
            key: words.key()?,
            name: words.name()?,
            port: port.transpose()?,
        })
    }
}

impl Answer {
    /// The line, with its break. Law: [`parse`](Self::parse) gives it back.
    pub fn line(&self) -> String {
        let mut line = format!("{MARK}{}", shown(self.version));
        match &self.result {
            Err(error) => line.push_str(&format!(" error={}", percent(error))),
            Ok(there) => {
                let name = name_like(&there.name).unwrap_or_else(|| "server".into());
                line.push_str(&format!(" key={} name={name}", there.key));
                for address in there.addresses.iter().take(MAX_ADDRESSES) {
                    line.push_str(&format!(" address={address}"));
                }
            }
        }
        line + "\n"
    }

    /// Reads a line; `None` if it is somebody else's.
    ///
    /// # Errors
    /// If it lacks something.
    pub fn parse(line: &str) -> Option<Result<Self, Garbled>> {
        Some(Self::read(Words::of(line)?))
    }

    fn read(words: Words<'_>) -> Result<Self, Garbled> {
        let version = words.version()?;
        if let Some(error) = words.find("error") {
            let result = Err(unpercent(error).ok_or(Garbled)?);
            return Ok(Self { version, result });
        }
        // An address that this release cannot read is one that it cannot use.
        let addresses = words.all("address").filter_map(|text| text.parse().ok());
        let there = There {
            key: words.key()?,
            name: words.name()?,
            addresses: addresses.take(MAX_ADDRESSES).collect(),
        };
        Ok(Self {
            version,
            result: Ok(there),
        })
    }
}

/// The words of a line after what all begin with.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.get(..line.len().min(MAX_LINE)).unwrap_or_default();
        // What a login message left unfinished may stand before.
        let at = line.find(MARK)?;
        Some(Self(
            line[at + MARK.len()..].split_ascii_whitespace().collect(),
        ))
    }

    fn all(&self, what: &str) -> impl Iterator<Item = &'a str> {
        let split = |word: &&'a str| word.split_once('=');
        let words = self.0.iter().filter_map(split);
        words
            .filter(move |(key, _)| *key == what)
            .map(|(_, value)| value)
    }

    fn find(&self, what: &str) -> Option<&'a str> {
        self.all(what).next()
    }

    fn version(&self) -> Result<Version, Garbled> {
        let (major, minor) = self
            .0
            .first()
            .and_then(|word| word.split_once('.'))
            .ok_or(Garbled)?;
        match (major.parse(), minor.parse()) {
            (Ok(major), Ok(minor)) => Ok(Version { major, minor }),
            _ => Err(Garbled),
        }
    }

    fn key(&self) -> Result<PublicKey, Garbled> {
        self.find("key")
            .and_then(|key| key.parse().ok())
            .ok_or(Garbled)
    }

    fn name(&self) -> Result<String, Garbled> {
        self.find("name").and_then(name_like).ok_or(Garbled)
    }
}

fn shown(version: Version) -> String {
    format!("{}.{}", version.major, version.minor)
}

/// As URLs have it (RFC 3986 §2.1): what is not printed or divides words is written by its number.
fn percent(text: &str) -> String {
    let end = (0..=text.len().min(MAX_ERROR)).rfind(|&at| text.is_char_boundary(at));
    let byte = |byte: u8| match byte {
        b'!'..=b'~' if byte != b'%' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    text[..end.unwrap_or(0)].bytes().map(byte).collect()
}

fn unpercent(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8
            }
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    Some(
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> PublicKey {
        PublicKey::new([1; 32])
    }

    const VERSION: Version = Version { major: 3, minor: 1 };

    #[test]
    fn lines_are_found_among_what_shells_say() {
        let ask = Ask {
            version: VERSION,
            key: key(),
            name: "ann's laptop".into(),
            port: Some(60005),
        };
        let line = ask.line();
        let read = Ask::parse(&format!("motd> {line}")).unwrap().unwrap();
        assert_eq!(read.name, "ann-s-laptop");
        assert_eq!(read.port, Some(60005));
        for other in [
            "",
            "Last login: Sat Nov 21",
            "wt-bootstrap",
            "wt-bootstrap 2 3.0",
        ] {
            assert_eq!(Ask::parse(other), None, "{other}");
            assert_eq!(Answer::parse(other), None, "{other}");
        }
        for garbled in [
            "wt-bootstrap 1 ",
            "wt-bootstrap 1 3",
            "wt-bootstrap 1 3.0 key=x name=y",
        ] {
            assert_eq!(Ask::parse(garbled), Some(Err(Garbled)), "{garbled}");
            assert_eq!(Answer::parse(garbled), Some(Err(Garbled)), "{garbled}");
        }
        let more = format!(
            "{} color=red address=desk\n",
            Answer {
                version: VERSION,
                result: Ok(There {
                    key: key(),
                    name: "desk".into(),
                    addresses: vec![]
                }),
            }
            .line()
            .trim_end()
        );
        assert!(Answer::parse(&more).unwrap().unwrap().result.is_ok());
    }

    proptest! {
        #[test]
        fn answers_come_back(
            error in "\\PC{0,60}",
            ports in prop::collection::vec(1u16.., 0..5),
        ) {
            let there = There {
                key: key(),
                name: "desk".into(),
                addresses: ports.iter().map(|&port| Address::new("fd00::7", port)).collect(),
            };
            for result in [Err(error.clone()), Ok(there.clone())] {
                let answer = Answer { version: VERSION, result };
                let line = answer.line();
                prop_assert_eq!(line.lines().count(), 1);
                prop_assert_eq!(Answer::parse(&line), Some(Ok(answer)));
            }
        }

        #[test]
        fn any_line_is_read_or_refused(line in ".{0,80}") {
            let _ = (Ask::parse(&line), Answer::parse(&line));
            let line = format!("{MARK}{line}");
            let _ = (Ask::parse(&line), Answer::parse(&line));
        }
    }
}
