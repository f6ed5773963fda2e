//! What ties this client to its viewer at the server while links come and go: who it is, how another link is made, and
//! when that is tried.

use super::again::{Again, Attempt};
use super::outage::{Loss, Outage};
use crate::disk::random;
use crate::protocol::Token;
use crate::protocol::request::Attach;
use crate::sync::Time;
use crate::sync::silence::PROBE;

/// What leads to another link.
#[derive(Debug)]
pub(super) struct Tie {
    /// Names the viewer to its server.
    pub(super) viewer: Token,
    reach: Again,
    outage: Option<Outage>,
    has_link: bool,
}

impl Tie {
    pub(super) fn new(reach: Again) -> Self {
        Self {
            viewer: Token(random::random()),
            reach,
            outage: None,
            has_link: true,
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
    }

    /// The server was heard: no other link is needed.
    pub(super) fn heard(&mut self) {
        if self.has_link {
            self.outage = None;
        }
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
        let nth = outage.poll(now)?;
        Some(self.reach.attempt(nth, attach))
    }

    /// The attempt has failed.
    pub(super) fn failed(&mut self, now: Time) {
        if let Some(outage) = &mut self.outage {
            outage.failed(now);
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
