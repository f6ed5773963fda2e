//! How guesses have turned out.

use crate::protocol::Guesses;
use crate::sync::Time;

/// Milliseconds between two reports.
const REPORT_MS: u64 = 5000;

/// How guesses have turned out, and what of it the server knows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub counts: Guesses,
    reported: Guesses,
    reported_at: Time,
}

/// How a guess turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The program has printed it where it was guessed, and nothing else can have.
    Right,
    /// It says nothing: it stood there before, or came elsewhere.
    Neutral,
    /// Something else came.
    Wrong,
}

impl Tally {
    pub(super) fn note(&mut self, verdict: Verdict, was_shown: Shown) {
        match (verdict, was_shown) {
            (Verdict::Right, Shown::Yes) => self.counts.right += 1,
            (Verdict::Right, Shown::No) => self.counts.hidden_right += 1,
            (Verdict::Wrong, Shown::Yes) => self.counts.wrong += 1,
            _ => {}
        }
    }

    /// What the server is to know now, if that is not long ago and something has changed.
    pub fn report(&mut self, now: Time) -> Option<Guesses> {
        let is_due = now.since(self.reported_at) >= REPORT_MS;
        is_due.then(|| self.last_report(now)).flatten()
    }

    /// What the server does not know yet.
    pub fn last_report(&mut self, now: Time) -> Option<Guesses> {
        if self.reported == self.counts {
            return None;
        }
        (self.reported, self.reported_at) = (self.counts, now);
        Some(self.counts)
    }
}

/// Whether a guess was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shown {
    #[default]
    No,
    Yes,
}
