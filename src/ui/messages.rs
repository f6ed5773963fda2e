//! What was said to the user: the message that stands now, and those before it.

use super::overlay::{Choice, Item, List};
use super::reach::Reach;
use crate::sync::Time;
use std::collections::VecDeque;

/// Messages kept.
const MAX_KEPT: usize = 200;

/// The messages of one attachment.
#[derive(Debug, Default)]
pub struct Messages {
    standing: Option<Standing>,
    kept: VecDeque<Kept>,
    /// The time of day, as the clock says it; empty if there is none.
    pub clock: String,
    /// How the server is reached; `None` on its own machine.
    pub reach: Option<Reach>,
}

/// The message that stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    until: Time,
    firmness: Firmness,
}

/// Whether a key takes a message away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmness {
    /// It does.
    Loose,
    /// It stands for its time whatever is typed.
    Firm,
}

#[derive(Debug)]
struct Kept {
    text: String,
    at: Time,
    clock: String,
}

impl Messages {
    /// Lets `text` stand for so many milliseconds.
    pub fn say(&mut self, text: String, firmness: Firmness, stands_ms: u64, now: Time) {
        let until = now.after(stands_ms);
        self.standing = Some(Standing { until, firmness });
        if self.kept.len() == MAX_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept {
            text,
            at: now,
            clock: self.clock.clone(),
        });
    }

    /// What stands.
    pub fn standing(&self) -> Option<&str> {
        self.standing?;
        self.kept.back().map(|kept| &*kept.text)
    }

    /// Until when it stands.
    pub fn until(&self) -> Option<Time> {
        self.standing.map(|standing| standing.until)
    }

    /// A key was typed: takes away what that takes away; whether anything was.
    pub fn dismiss(&mut self) -> bool {
        let is_loose = |standing: &mut Standing| standing.firmness == Firmness::Loose;
        self.standing.take_if(is_loose).is_some()
    }

    /// Takes away what stands; whether anything did.
    pub fn clear(&mut self) -> bool {
        self.standing.take().is_some()
    }

    /// All that was said, the newest last and selected.
    pub fn list(&self, now: Time) -> List {
        let item = |kept: &Kept| Item {
            name: match kept.clock.is_empty() {
                true => ago(kept.at, now),
                false => kept.clock.clone(),
            },
            text: kept.text.clone(),
            choice: Some(Choice::Copy(kept.text.clone())),
            ..Item::default()
        };
        let items: Vec<Item> = self.kept.iter().map(item).collect();
        let last = items.len().saturating_sub(1);
        List::new("Messages", "Enter copies · Escape leaves", items, last)
    }
}

/// How long ago something was, in words.
fn ago(then: Time, now: Time) -> String {
    match now.0.saturating_sub(then.0) / 1000 {
        secs @ 0..60 => format!("{secs} s ago"),
        secs @ 60..3600 => format!("{} min ago", secs / 60),
        secs => format!("{} h ago", secs / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_kept_up_to_a_bound() {
        let mut messages = Messages::default();
        for n in 0..MAX_KEPT as u64 + 5 {
            messages.say(format!("message {n}"), Firmness::Loose, 4000, Time(n));
        }
        assert_eq!(messages.standing(), Some("message 204"));
        assert_eq!(messages.until(), Some(Time(4204)));
        assert!(messages.clear() && !messages.clear());
        assert_eq!(messages.standing(), None);
        let list = messages.list(Time(0));
        assert_eq!(list.count(), (MAX_KEPT, MAX_KEPT));
        assert_eq!(
            list.selection().map(|item| &*item.text),
            Some("message 204")
        );
    }

    #[test]
    fn a_key_takes_away_what_does_not_stand_firm() {
        let mut messages = Messages::default();
        messages.say("copied".into(), Firmness::Loose, 4000, Time(0));
        assert!(messages.dismiss() && !messages.dismiss());
        messages.say("welcome".into(), Firmness::Firm, 4000, Time(0));
        assert!(!messages.dismiss());
        assert_eq!(messages.standing(), Some("welcome"));
    }

    #[test]
    fn times_are_told_by_the_clock_or_by_how_long_ago() {
        assert_eq!(ago(Time(0), Time(59_999)), "59 s ago");
        assert_eq!(ago(Time(0), Time(60_000)), "1 min ago");
        assert_eq!(ago(Time(0), Time(7_200_000)), "2 h ago");
    }
}
