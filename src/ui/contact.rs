//! Whether the server is in reach, as far as the user has to know.

use super::messages::Firmness;
use super::{Effect, Ui};
use crate::protocol::Undelivered;
use crate::sync::Time;
use crate::sync::silence::UNSPOKEN;

/// How long a message stands that nobody expects, in milliseconds.
const NEWS_MS: u64 = 8_000;

/// What became of the way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// It is out of reach. What is done meanwhile waits for it.
    Lost,
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
            ms => Some(format!("reconnecting · {}", span(ms / 1000))),
        }
    }
}

/// A length of time in its largest unit.
fn span(secs: u64) -> String {
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        secs => format!("{} h", secs / 3600),
    }
}

impl Ui {
    /// Takes note of what became of the way to the server.
    pub(super) fn contact(&mut self, contact: Contact, now: Time) {
        match contact {
            Contact::Lost if self.absence.is_some() => {}
            Contact::Lost => {
                let due = now.after(UNSPOKEN);
                self.absence = Some(Absence { since: now, due });
                // It is told where messages stand.
                self.messages.clear();
            }
            Contact::Back => self.come_back(now),
            Contact::Anew(undelivered) => self.begin_anew(undelivered, now),
        }
        self.repaint();
    }

    /// Another process may be the server now, and it has not heard of this terminal's colours.
    fn come_back(&mut self, now: Time) {
        self.absence = None;
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
        let text = match undelivered.is_empty() {
            true => "the server was lost; another one has taken up your programs".to_owned(),
            false => format!("the server was lost: {undelivered}"),
        };
        self.say_for(text, Firmness::Firm, NEWS_MS, now);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::super::tests::{User, lone};
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
