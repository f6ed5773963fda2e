//! Whether the server is in reach, as far as the user has to know.

use super::messages::Firmness;
use super::{Effect, Ui};
use crate::protocol::Undelivered;
use crate::sync::Time;
use crate::sync::silence::UNSPOKEN;
use core::net::SocketAddr;

/// How long a message stands that nobody expects, in milliseconds.
const NEWS_MS: u64 = 8_000;

/// What became of the way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// It is out of reach. What is done meanwhile waits for it.
    Lost,
    /// There is a way to it still, but it is not heard.
    Silent,
    /// It is not heard, and where it was another server answers.
    Stranger(SocketAddr),
    /// It is in reach again, and goes on where it was.
    Back,
    /// One is in reach that knows nothing of this client; what the one before was not given is lost.
    Anew(Undelivered),
}

/// A time in which the server is out of reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    since: Time,
    /// When what is said of it changes.
    due: Time,
    /// Where another server answers.
    stranger: Option<SocketAddr>,
}

impl Absence {
    /// When it has to be looked at again.
    pub(super) fn due(self) -> Time {
        self.due
    }

    /// Whether something else is to be said of it now.
    pub(super) fn has_changed(&mut self, now: Time) -> bool {
        let is_due = self.due <= now;
        if is_due {
            let secs = now.since(self.since) / 1000 + 1;
            self.due = self.since.after(secs * 1000);
        }
        is_due
    }

    /// What is said of it; nothing at first.
    pub(super) fn words(self, now: Time) -> Option<String> {
        match now.since(self.since) {
            0..UNSPOKEN => None,
            UNSPOKEN..1000 => Some("reconnecting".to_owned()),
            ms => {
                let stranger = self.stranger.map(strange).unwrap_or_default();
                Some(format!("reconnecting · {}{stranger}", span(ms / 1000)))
            }
        }
    }
}

fn strange(at: SocketAddr) -> String {
    format!(" · another server is at {at}")
}

/// A length of time in its largest unit.
fn span(secs: u64) -> String {
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        secs => format!("{} h", secs / 3600),
    }
}

impl Contact {
    /// What the user is told of it at once, if that is anything.
    pub fn news(self) -> Option<String> {
        match self {
            Contact::Lost | Contact::Silent | Contact::Stranger(_) | Contact::Back => None,
            Contact::Anew(undelivered) if undelivered.is_empty() => {
                Some("the server was lost; another one has taken up your programs".to_owned())
            }
            Contact::Anew(undelivered) => Some(format!("the server was lost: {undelivered}")),
        }
    }
}

impl Ui {
    /// Takes note of what became of the way to the server.
    pub(super) fn contact(&mut self, contact: Contact, now: Time) {
        match contact {
            Contact::Silent => return,
            Contact::Lost | Contact::Stranger(_) if self.absence.is_some() => {
                return self.meet(contact);
            }
            // As long as there is a link, the silence itself is told of already.
            Contact::Stranger(at) => {
                let text = format!("another server is at {at}: yours is waited for");
                self.say_for(text, Firmness::Firm, NEWS_MS, now);
            }
            Contact::Lost => {
                let due = now.after(UNSPOKEN);
                self.absence = Some(Absence {
                    since: now,
                    due,
                    stranger: None,
                });
                // It is told where messages stand.
                self.messages.clear();
            }
            Contact::Back => self.come_back(now),
            Contact::Anew(undelivered) => self.begin_anew(undelivered, now),
        }
        self.repaint();
    }

    /// Takes note of who answers where the server was.
    fn meet(&mut self, contact: Contact) {
        let met = match contact {
            Contact::Stranger(at) => Some(at),
            _ => None,
        };
        if let Some(absence) = &mut self.absence
            && absence.stranger != met
        {
            absence.stranger = met;
            self.repaint();
        }
    }

    /// Another process may be the server now, and it has not heard of this terminal's colours.
    fn come_back(&mut self, now: Time) {
        self.absence = None;
        // It was of the path that is gone.
        self.messages.reach = None;
        self.effects.push_back(Effect::AskColors);
        self.waiting.take_heart(now);
    }

    /// What waited for the server that is lost is not for the one that has come.
    fn begin_anew(&mut self, undelivered: Undelivered, now: Time) {
        self.come_back(now);
        let mut undelivered = undelivered;
        undelivered.keys += self.waiting.forget();
        self.paste = None;
        self.restarted = None;
        self.predictor.restart();
        if let Some(text) = Contact::Anew(undelivered).news() {
            self.say_for(text, Firmness::Firm, NEWS_MS, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{User, lone};
    use super::super::{Event, Reach};
    use super::*;

    fn lost_at(ms: u64) -> User {
        let mut user = User::before(lone());
        user.now = Time(ms);
        user.hears(Contact::Lost);
        user
    }

    impl User {
        fn hears(&mut self, contact: Contact) -> String {
            let event = Event::Contact(contact);
            self.ui.handle(event, &self.view, self.now);
            self.effects()
        }

        fn at(&mut self, ms: u64) -> &mut Self {
            self.now = Time(ms);
            self.ui.handle(Event::Tick, &self.view, self.now);
            self
        }

        fn status(&mut self) -> String {
            self.screen().lines().last().unwrap_or_default().to_owned()
        }
    }

    #[test]
    fn an_outage_is_told_once_it_lasts_and_for_how_long() {
        let mut user = User::before(lone());
        user.now = Time(10_000);
        user.ui.say("a message".to_owned(), user.now);
        user.hears(Contact::Lost);
        user.resize(60, 10);
        assert!(!user.status().contains("reconnecting"));
        assert_eq!(user.ui.timeout(), Some(Time(10_400)));
        assert!(user.at(10_400).status().contains(" reconnecting"));
        assert_eq!(user.ui.timeout(), Some(Time(11_000)));
        assert!(user.at(14_000).status().contains(" reconnecting · 4 s"));
        assert_eq!(user.ui.timeout(), Some(Time(15_000)));
        assert!(user.at(85_000).status().contains(" reconnecting · 1 min"));
        assert_eq!(user.hears(Contact::Back), "AskColors");
        assert!(!user.status().contains("reconnecting"));
        assert_eq!(user.ui.timeout(), None);
    }

    fn reach(silent_ms: u64) -> Reach {
        Reach {
            by: [10, 0, 0, 7].into(),
            round_trip_ms: 102,
            loss: 0,
            silent_ms,
            awaited_ms: silent_ms,
        }
    }

    #[test]
    fn one_silence_is_told_of_once() {
        let mut user = User::before(lone());
        user.resize(90, 10);
        let hear = |user: &mut User, silent_ms| {
            let event = Event::Reach(reach(silent_ms));
            user.ui.handle(event, &user.view, user.now);
            user.status()
        };
        assert!(hear(&mut user, 5_000).contains("last heard 5 s ago"));
        user.hears(Contact::Silent);
        assert!(user.status().contains("last heard 5 s ago"));
        user.hears(Contact::Lost);
        let lost = user.at(3_000).status();
        assert!(lost.contains("reconnecting · 3 s") && !lost.contains("last heard"));
        let late = hear(&mut user, 9_000);
        assert!(late.contains("reconnecting · 3 s") && !late.contains("last heard"));
        user.hears(Contact::Back);
        let back = user.status();
        assert!(
            !back.contains("reconnecting") && !back.contains("last heard"),
            "{back}"
        );
        assert!(hear(&mut user, 0).contains("102 ms"));
    }

    #[test]
    fn a_stranger_is_told_of_as_long_as_it_answers() {
        let at = SocketAddr::from(([10, 0, 0, 7], 60001));
        let mut user = lost_at(0);
        user.resize(90, 10);
        user.at(2_000).hears(Contact::Stranger(at));
        let told = "reconnecting · 2 s · another server is at 10.0.0.7:60001";
        assert!(user.status().contains(told), "{}", user.status());
        user.hears(Contact::Lost);
        assert!(!user.status().contains("another server"));
        let mut user = User::before(lone());
        user.resize(90, 10);
        user.hears(Contact::Stranger(at));
        assert!(
            user.status()
                .contains("another server is at 10.0.0.7:60001: yours")
        );
        assert!(!user.status().contains("reconnecting"));
    }

    #[test]
    fn keys_are_sent_and_wait_for_commands_as_long_as_it_takes() {
        let mut user = lost_at(0);
        assert_eq!(user.types("a"), "%1 <- a");
        assert!(user.types("C-b %").contains("Split"));
        assert_eq!(user.types("b"), "", "nobody knows where that goes");
        user.at(60_000);
        assert_eq!(user.effects(), "");
        user.hears(Contact::Back);
        assert_eq!(user.answered(), "%1 <- b");
    }

    #[test]
    fn the_user_can_leave_although_keys_wait() {
        let mut user = lost_at(0);
        assert_eq!(user.types("C-b d"), "Detach");
        let mut user = lost_at(0);
        user.types("C-b % x C-b d");
        user.at(2_000);
        assert_eq!(user.effects(), "Detach");
    }

    #[test]
    fn what_waited_for_a_lost_server_is_dropped_and_counted() {
        let mut user = lost_at(0);
        user.types("C-b % x y");
        let undelivered = Undelivered { keys: 3, pasted: 0 };
        assert_eq!(user.hears(Contact::Anew(undelivered)), "AskColors");
        let said = user.status();
        assert!(
            said.starts_with("the server was lost: 5 keys were not"),
            "{said}"
        );
        let mut user = lost_at(0);
        user.hears(Contact::Anew(Undelivered::default()));
        assert!(user.status().starts_with("the server was lost; another"));
    }
}
