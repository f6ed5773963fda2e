//! Who may use a server: the file `authorized`, a line for each key.
//!
//! ```text
//! # the laptop that Ann travels with
//! wt1q… owner ann-laptop added=2026-11-21T13:04:29Z until=2026-12-21T13:04:29Z
//! ```
//!
//! First the key, then its role, then its name, then what holds for it besides. A line with anything that this release
//! does not know grants nothing: what somebody wrote to limit a key is never half of it enforced. Where a key stands
//! twice its last line holds. What is not changed keeps its text to the letter, comments and unknown lines too.

use super::identity::PublicKey;
use super::name::{MAX_NAME, is_name};
use crate::when;
use std::fmt;
use thiserror::Error;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// What a new file begins with.
const HEAD: &str = "# Who may use this server of wt over a network: a key, its role and its name on each line.\n\
                    # `wt allow` and `wt pair` add lines, `wt revoke` takes them out; what you change holds at once.\n";

/// What a key's holder may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything that the user on this machine may.
    Owner,
}

impl Role {
    fn parse(word: &str) -> Result<Self, Fault> {
        match word {
            "owner" => Ok(Self::Owner),
            "" => Err(Fault::Name),
            _ => Err(Fault::Role(shown(word))),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Owner => f.write_str("owner"),
        }
    }
}

/// What a key is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose.
    pub key: PublicKey,
    /// What they may do.
    pub role: Role,
    /// What the key is called here: one word.
    pub name: String,
    /// When it was granted, in Unix seconds, as far as the line says.
    pub added: Option<u64>,
    /// When it ends, in Unix seconds; `None` for never.
    pub until: Option<u64>,
}

impl Grant {
    /// Whether it holds at that time.
    pub fn is_valid(&self, now_secs: u64) -> bool {
        self.until.is_none_or(|until| now_secs < until)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.key, self.role, self.name)?;
        for (word, time) in [("added", self.added), ("until", self.until)] {
            if let Some(secs) = time {
                write!(f, " {word}={}", when::utc(secs))?;
            }
        }
        Ok(())
    }
}

/// Why a line grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The key cannot be read.
    #[error("its first word is no key")]
    Key,
    /// The role is none that this release knows.
    #[error("the role {0:?} is not known to this release of wt, which knows `owner` alone")]
    Role(String),
    /// There is no role, or no name that can be one.
    #[error("it has no role or no name: KEY owner NAME is the least")]
    Name,
    /// A word says something that this release does not know.
    #[error("{0:?} is not known to this release of wt")]
    Word(String),
}

/// Why a key is turned away.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No line names it.
    #[error(
        "this server does not know the key of your device: `wt pair` there shows a code that makes them known"
    )]
    Unknown,
    /// Its time is over.
    #[error(
        "what your device was granted as {0:?} has ended: `wt allow` or `wt pair` there grants it anew"
    )]
    Expired(String),
    /// Its line grants nothing.
    #[error("the line of your device's key in the server's file authorized grants nothing: {0}")]
    Faulty(Fault),
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    means: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    /// Nothing: a comment, or blank.
    Nothing,
    Grant(Grant),
    /// It cannot be understood; whose key it is, as far as that can.
    Fault(Option<PublicKey>, Fault),
}

impl Line {
    fn parse(text: &str) -> Self {
        let mut words = text
            .split_ascii_whitespace()
            .take_while(|word| !word.starts_with('#'));
        let means = match words.next() {
            None => Meaning::Nothing,
            Some(first) => match first.parse() {
                Err(_) => Meaning::Fault(None, Fault::Key),
                Ok(key) => match grant(key, words) {
                    Ok(grant) => Meaning::Grant(grant),
                    Err(fault) => Meaning::Fault(Some(key), fault),
                },
            },
        };
        let text = text.to_owned();
        Self { text, means }
    }

    fn key(&self) -> Option<PublicKey> {
        match &self.means {
            Meaning::Nothing => None,
            Meaning::Grant(grant) => Some(grant.key),
            Meaning::Fault(key, _) => *key,
        }
    }
}

fn grant<'a>(key: PublicKey, mut words: impl Iterator<Item = &'a str>) -> Result<Grant, Fault> {
    let role = Role::parse(words.next().unwrap_or_default())?;
    let name = words
        .next()
        .filter(|name| is_name(name))
        .ok_or(Fault::Name)?;
    let (mut added, mut until) = (None, None);
    for word in words {
        let unknown = || Fault::Word(shown(word));
        let (what, value) = word.split_once('=').ok_or_else(unknown)?;
        let time = match what {
            "added" => &mut added,
            "until" => &mut until,
            _ => return Err(unknown()),
        };
        let is_second = time.is_some();
        *time = when::from_utc(value);
        if time.is_none() || is_second {
            return Err(unknown());
        }
    }
    Ok(Grant {
        key,
        role,
        name: name.to_owned(),
        added,
        until,
    })
}

/// A word of a file, as it may be repeated to a user.
fn shown(word: &str) -> String {
    word.chars().take(MAX_NAME).collect()
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    lines: Vec<Line>,
}

impl Grants {
    /// Reads the file's text. Law: [`text`](Self::text) gives it back to the letter, but for the break of its last line.
    pub fn parse(text: &str) -> Self {
        // A carriage return is part of its line: it is given back, too.
        let lines = text.split_terminator('\n').map(Line::parse).collect();
        Self { lines }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let line = |line: &Line| format!("{}\n", line.text);
        self.lines.iter().map(line).collect()
    }

    /// What is granted, also what has ended. Each key once.
    pub fn all(&self) -> impl Iterator<Item = &Grant> {
        let is_last = |at: usize, key| {
            self.lines[at + 1..]
                .iter()
                .all(|line| line.key() != Some(key))
        };
        let lines = self.lines.iter().enumerate();
        lines.filter_map(move |(at, line)| match &line.means {
            Meaning::Grant(grant) if is_last(at, grant.key) => Some(grant),
            _ => None,
        })
    }

    /// The lines that cannot be understood: their numbers from 1, and why.
    pub fn faults(&self) -> impl Iterator<Item = (usize, &Fault)> {
        (1..)
            .zip(&self.lines)
            .filter_map(|(number, line)| match &line.means {
                Meaning::Fault(_, fault) => Some((number, fault)),
                _ => None,
            })
    }

    /// What `key` may do now.
    ///
    /// # Errors
    /// If it may do nothing, in words for its holder.
    pub fn check(&self, key: PublicKey, now_secs: u64) -> Result<&Grant, Refusal> {
        let line = self.lines.iter().rfind(|line| line.key() == Some(key));
        match line.map(|line| &line.means) {
            Some(Meaning::Grant(grant)) if grant.is_valid(now_secs) => Ok(grant),
            Some(Meaning::Grant(grant)) => Err(Refusal::Expired(grant.name.clone())),
            Some(Meaning::Fault(_, fault)) => Err(Refusal::Faulty(fault.clone())),
            Some(Meaning::Nothing) | None => Err(Refusal::Unknown),
        }
    }

    /// Grants; what the same key had before is replaced.
    pub fn put(&mut self, grant: Grant) {
        if self.lines.is_empty() {
            self.lines = Self::parse(HEAD).lines;
        }
        let key = Some(grant.key);
        let text = grant.to_string();
        let line = Line {
            text,
            means: Meaning::Grant(grant),
        };
        match self.lines.iter().position(|line| line.key() == key) {
            Some(first) => {
                self.lines[first] = line;
                let mut at = 0..;
                self.lines
                    .retain(|line| at.next() <= Some(first) || line.key() != key);
            }
            None => self.lines.push(line),
        }
    }

    /// Takes out every line of the keys that are meant: by the key, or by its name. The keys.
    pub fn revoke(&mut self, key_or_name: &str) -> Vec<PublicKey> {
        let key = key_or_name.parse().ok();
        let is_meant = |line: &Line| match &line.means {
            Meaning::Grant(grant) => Some(grant.key) == key || grant.name == key_or_name,
            _ => key.is_some() && line.key() == key,
        };
        let meant = self.lines.iter().filter(|line| is_meant(line));
        let mut keys: Vec<PublicKey> = meant.filter_map(Line::key).collect();
        keys.sort_unstable();
        keys.dedup();
        self.lines
            .retain(|line| line.key().is_none_or(|key| !keys.contains(&key)));
        keys
    }

    /// The name itself, or with a number behind it where another key has it.
    pub fn free_name(&self, name: &str, key: PublicKey) -> String {
        let is_free = |name: &String| {
            self.all()
                .all(|grant| grant.name != *name || grant.key == key)
        };
        let numbered = (2..).map(|number| {
            let room = MAX_NAME - 1 - usize::ilog10(number) as usize - 1;
            let end = (0..=name.len().min(room)).rfind(|&at| name.is_char_boundary(at));
            format!("{}-{number}", &name[..end.unwrap_or(0)])
        });
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(is_free).expect("numbers do not end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> PublicKey {
        PublicKey::new([byte; 32])
    }

    fn grant(byte: u8, name: &str) -> Grant {
        Grant {
            key: key(byte),
            role: Role::Owner,
            name: name.into(),
            added: Some(1_795_266_269),
            until: None,
        }
    }

    #[test]
    fn a_file_is_read_as_it_is_written_by_hand() {
        let (one, two) = (key(1), key(2));
        let text = format!(
            "# mine\n\n  {one}  owner ann  # the laptop\n{two} owner desk until=2026-12-21T13:04:29Z"
        );
        let grants = Grants::parse(&text);
        assert_eq!(grants.faults().count(), 0);
        let names: Vec<_> = grants.all().map(|grant| grant.name.as_str()).collect();
        assert_eq!(names, ["ann", "desk"]);
        let ends = 1_797_858_269;
        assert!(grants.check(two, ends - 1).is_ok());
        assert_eq!(
            grants.check(two, ends),
            Err(Refusal::Expired("desk".into()))
        );
        assert_eq!(grants.check(key(3), 0), Err(Refusal::Unknown));
        assert_eq!(grants.text(), format!("{text}\n"));
    }

    #[test]
    fn a_line_that_is_not_understood_in_full_grants_nothing() {
        let key = key(1);
        let says = |line: &str| {
            let grants = Grants::parse(&line.replace("KEY", &key.to_string()));
            let refused = grants.check(key, 0).unwrap_err();
            format!(
                "{:?}\n{refused}",
                grants.faults().map(|(line, _)| line).collect::<Vec<_>>()
            )
        };
        let lines = [
            "KEY driver ann",
            "KEY",
            "KEY owner",
            "KEY owner -ann",
            "KEY owner ann session=work",
            "KEY owner ann until=soon",
            "KEY owner ann until=2026-12-21T13:04:29Z until=2027-12-21T13:04:29Z",
            "KEY owner ann\nKEY spectator ann",
            "ssh-ed25519 KEY owner ann",
        ];
        insta::assert_snapshot!(lines.map(says).join("\n"), @r#"
        [1]
        the line of your device's key in the server's file authorized grants nothing: the role "driver" is not known to this release of wt, which knows `owner` alone
        [1]
        the line of your device's key in the server's file authorized grants nothing: it has no role or no name: KEY owner NAME is the least
        [1]
        the line of your device's key in the server's file authorized grants nothing: it has no role or no name: KEY owner NAME is the least
        [1]
        the line of your device's key in the server's file authorized grants nothing: it has no role or no name: KEY owner NAME is the least
        [1]
        the line of your device's key in the server's file authorized grants nothing: "session=work" is not known to this release of wt
        [1]
        the line of your device's key in the server's file authorized grants nothing: "until=soon" is not known to this release of wt
        [1]
        the line of your device's key in the server's file authorized grants nothing: "until=2027-12-21T13:04:29Z" is not known to this release of wt
        [2]
        the line of your device's key in the server's file authorized grants nothing: the role "spectator" is not known to this release of wt, which knows `owner` alone
        [1]
        this server does not know the key of your device: `wt pair` there shows a code that makes them known
        "#);
    }

    #[test]
    fn a_key_is_granted_anew_and_revoked_among_lines_of_others() {
        let mut grants = Grants::default();
        grants.put(grant(1, "ann"));
        assert!(grants.text().starts_with(HEAD));
        let mut grants = Grants::parse(&format!("# a\n{}\nodd\n# b\n{} guest x", key(1), key(1)));
        grants.put(grant(2, "bea"));
        grants.put(grant(1, "ann"));
        let bea = grant(2, "bea");
        assert_eq!(
            grants.text(),
            format!("# a\n{}\nodd\n# b\n{bea}\n", grant(1, "ann"))
        );
        assert_eq!(grants.free_name("ann", key(1)), "ann");
        assert_eq!(grants.free_name("ann", key(3)), "ann-2");
        assert_eq!(grants.revoke("ann"), [key(1)]);
        assert_eq!(grants.revoke("ann"), []);
        assert_eq!(grants.revoke(&key(2).to_string()), [key(2)]);
        assert_eq!(grants.text(), "# a\nodd\n# b\n");
    }

    #[test]
    fn lines_of_another_system_are_read_and_given_back() {
        let text = format!("# mine\r\n{} owner ann\r\n", key(1));
        let grants = Grants::parse(&text);
        assert!(grants.check(key(1), 0).is_ok());
        assert_eq!(grants.text(), text);
    }

    #[test]
    fn a_line_that_grants_nothing_can_be_revoked_by_its_key() {
        let mut grants = Grants::parse(&format!("{} driver ann", key(1)));
        assert_eq!(grants.revoke("ann"), []);
        assert_eq!(grants.revoke(&key(1).to_string()), [key(1)]);
        assert_eq!(grants.text(), "");
    }

    proptest! {
        #[test]
        fn what_is_granted_comes_back(
            bytes: [u8; 32],
            name in "[a-z0-9ä][a-zä0-9._@+-]{0,30}",
            added in proptest::option::of(0u64..200_000_000_000),
            until in proptest::option::of(0u64..200_000_000_000),
        ) {
            let grant = Grant { key: PublicKey::new(bytes), role: Role::Owner, name, added, until };
            let mut grants = Grants::default();
            grants.put(grant.clone());
            let read = Grants::parse(&grants.text());
            prop_assert_eq!(read.all().collect::<Vec<_>>(), vec![&grant]);
            prop_assert_eq!(read, grants);
        }

        #[test]
        fn whatever_stands_there_survives_what_is_added_and_taken_out(
            lines in prop::collection::vec(
                prop_oneof![Just("# x".to_owned()), Just(String::new()), "[ -~]{0,40}", Just(format!("{} owner a", key(7)))],
                0..8,
            ),
        ) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let mut grants = Grants::parse(&text);
            prop_assert_eq!(grants.text(), text.as_str());
            let had = grants.check(key(9), 0).is_ok();
            prop_assert!(!had);
            let before = grants.clone();
            grants.put(grant(9, "nine-nine"));
            prop_assert!(grants.check(key(9), 0).is_ok());
            prop_assert!(grants.text().contains(&text));
            prop_assert_eq!(grants.revoke("nine-nine"), vec![key(9)]);
            if !before.lines.is_empty() {
                prop_assert_eq!(grants, before);
            }
        }
    }
}
