//! What ties this client to its viewer at the server while links come and go: who it is, how another link is made, and
//! when that is tried.

use super::again::{Again, Attempt};
use super::outage::{Loss, Outage, Try};
use crate::disk::random;
use crate::net::quic::Denied;
use crate::protocol::Token;
use crate::protocol::request::Attach;
use crate::sync::Time;
use crate::sync::silence::{PROBE, SUSPECT};
use crate::ui::Contact;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a server that made no sense has to make some, in milliseconds, before that is forgiven once more.
const SENSE: u64 = 60_000;

/// What leads to another link.
#[derive(Debug)]
pub(super) struct Tie {
    /// Names the viewer to its server.
    pub(super) viewer: Token,
    reach: Again,
    outage: Option<Outage>,
    has_link: bool,
    /// How long a round trip took last, over a network.
    round_trip: Option<Duration>,
    /// Where another server was met by the last attempt.
    stranger: Option<SocketAddr>,
    /// When the server last made no sense.
    nonsense: Option<Time>,
}

impl Tie {
    pub(super) fn new(reach: Again) -> Self {
        Self {
            viewer: Token(random::random()),
            reach,
            outage: None,
            has_link: true,
            round_trip: None,
            stranger: None,
            nonsense: None,
        }
    }

    /// The link is gone.
    pub(super) fn lose(&mut self, loss: Loss, now: Time) {
        self.has_link = false;
        self.outage = Some(Outage::new(loss, now));
    }

    /// Another link is there.
    pub(super) fn found(&mut self) {
        self.has_link = true;
        self.outage = None;
        self.stranger = None;
    }

    /// The server was heard: no other link is needed.
    pub(super) fn heard(&mut self) {
        if self.has_link {
            self.outage = None;
            self.stranger = None;
        }
    }

    /// The server makes no sense: whether another link may mend that, which begins with nothing. What comes again lies in
    /// the server, or in this client.
    pub(super) fn may_mend(&mut self, now: Time) -> bool {
        let before = self.nonsense.replace(now);
        before.is_none_or(|before| now.since(before) >= SENSE)
    }

    /// Whether another link is looked for.
    pub(super) fn is_seeking(&self) -> bool {
        self.outage.is_some()
    }

    /// Whether an attempt is due; the server has owed an answer since `asked`.
    pub(super) fn is_due(&self, asked: Option<Time>, now: Time) -> bool {
        self.timeout(asked).is_some_and(|due| due <= now)
    }

    /// The attempt that is due.
    pub(super) fn attempt(&mut self, attach: Attach, now: Time) -> Option<Attempt> {
        let outage = self
            .outage
            .get_or_insert_with(|| Outage::new(Loss::Silent, now));
        let nth = Try {
            round_trip: self.round_trip,
            ..outage.poll(now)?
        };
        Some(self.reach.attempt(nth, attach))
    }

    /// Takes note of how long a round trip takes.
    pub(super) fn note_round_trip(&mut self, ms: u64) {
        self.round_trip = Some(Duration::from_millis(ms));
    }

    /// The network has changed, or the machine has slept: where the server is not heard, another link is tried at once. It
    /// has owed an answer since `asked`.
    pub(super) fn stir(&mut self, asked: Option<Time>, now: Time) {
        match &mut self.outage {
            Some(outage) => outage.hurry(now),
            None if asked.is_some_and(|asked| now.since(asked) >= SUSPECT) => {
                self.outage = Some(Outage::new(Loss::Silent, now));
            }
            None => {}
        }
    }

    /// The attempt has failed; what the user may know of it. That another server answers is no end: it has our address in
    /// this network, and may not in the next one.
    pub(super) fn failed(&mut self, error: &anyhow::Error, now: Time) -> Contact {
        if let Some(outage) = &mut self.outage {
            outage.failed(now);
        }
        let stranger = match error.downcast_ref() {
            Some(Denied::OtherKey(at)) => Some(*at),
            _ => None,
        };
        let is_news = std::mem::replace(&mut self.stranger, stranger) != stranger;
        match (stranger, self.has_link) {
            (Some(at), has_link) if is_news || !has_link => Contact::Stranger(at),
            (_, true) => Contact::Silent,
            (_, false) => Contact::Lost,
        }
    }

    /// When [`Tie::attempt`] is due.
    pub(super) fn timeout(&self, asked: Option<Time>) -> Option<Time> {
        match &self.outage {
            Some(outage) => outage.timeout(),
            None => asked.map(|asked| asked.after(PROBE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_forgiven_once_a_minute() {
        let mut tie = Tie::new(Again::by(|_| Box::pin(std::future::pending())));
        let mut may_mend = |at: u64| tie.may_mend(Time(at));
        assert!(may_mend(1000));
        assert!(!may_mend(1100));
        assert!(!may_mend(1099 + SENSE));
        assert!(may_mend(1099 + 2 * SENSE));
    }
}
