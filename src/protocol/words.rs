//! Words of the other side that a user reads as they are, on a terminal that obeys what is in them: what would be obeyed
//! is taken out before anybody has them.

use super::request::Reply;
use super::trust::{Trusted, Whereabouts};
use super::{Event, Message};
use crate::term::hidden::is_steering;

/// Stands for a character that a terminal would obey.
const OBEYED: char = '\u{fffd}';

/// `words` without what a terminal would obey, or what turns the order of reading; lines may still end.
pub fn plain(words: &str) -> String {
    let shown = |c: char| match c != '\n' && is_steering(c) {
        true => OBEYED,
        false => c,
    };
    words.chars().map(shown).collect()
}

impl Message {
    /// The message with words that can be shown as they are.
    pub(super) fn with_plain_words(mut self) -> Self {
        match &mut self {
            Self::Welcome(welcome) => welcome.release = plain(&welcome.release),
            Self::Reply(Reply::Error(words) | Reply::Said(words))
            | Self::Event(Event::Detached(words)) => *words = plain(words),
            Self::Reply(Reply::Over(words)) => *words = plain(words),
            Self::Reply(Reply::Made { session, .. } | Reply::Attached { session, .. }) => {
                *session = plain(session);
            }
            Self::Reply(Reply::Resumed { sessions }) => {
                sessions.iter_mut().for_each(|name| *name = plain(name));
            }
            Self::Reply(Reply::Trust(trusted)) => trusted.make_plain(),
            _ => {}
        }
        self
    }
}

impl Trusted {
    fn make_plain(&mut self) {
        match self {
            Self::Whereabouts(place) => {
                let Whereabouts {
                    key,
                    name,
                    addresses,
                } = place;
                let words = [key, name].into_iter().chain(addresses);
                words.for_each(|words| *words = plain(words));
            }
            Self::Code(code) => *code = plain(code),
            Self::Paired { name, words } => {
                *name = plain(name);
                *words = plain(words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::FrameReader;
    use crate::protocol::hello::{VERSION, Welcome};

    fn read(message: &Message) -> Message {
        let mut bytes = Vec::new();
        message.encode(&mut bytes);
        let mut reader = FrameReader::default();
        reader.push(&bytes);
        reader.next_message().unwrap().unwrap()
    }

    #[test]
    fn no_words_of_the_other_side_steer_a_terminal() {
        let raw = || "no\x1b]52;c;eA==\x07\n\u{9b}2J\u{202e}ok".to_owned();
        let plain = || "no\u{fffd}]52;c;eA==\u{fffd}\n\u{fffd}2J\u{fffd}ok".to_owned();
        let messages: [fn(String) -> Message; 8] = [
            |words| Message::Reply(Reply::Error(words)),
            |words| Message::Reply(Reply::Said(words)),
            |words| Message::Event(Event::Detached(words)),
            |words| Message::Reply(Reply::Over(words)),
            |name| {
                Message::Reply(Reply::Resumed {
                    sessions: vec![name],
                })
            },
            |session| {
                Message::Reply(Reply::Attached {
                    session,
                    resumed: None,
                })
            },
            |words| {
                Message::Reply(Reply::Trust(Trusted::Whereabouts(Whereabouts {
                    key: words.clone(),
                    name: words.clone(),
                    addresses: vec![words],
                })))
            },
            |release| {
                Message::Welcome(Welcome {
                    version: VERSION,
                    release,
                    incarnation: 1,
                    pid: 1,
                })
            },
        ];
        for message in messages {
            assert_eq!(read(&message(raw())), message(plain()));
        }
    }
}
