//! A time without a link: when the next attempt to get another one is due. A machine; it knows no clock.

use crate::sync::Time;
use crate::sync::silence::longest_wait;
use std::time::Duration;

/// Milliseconds after the first attempt that failed, doubled each time.
const FIRST_WAIT: u64 = 20;

/// How long a server that restarts is waited for before another one is started in its place, in milliseconds.
const RESTART_WAIT: u64 = 5_000;

/// How a link was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The server said that it makes room for another one.
    Restarting,
    /// Without a word.
    Silent,
}

/// One attempt to get another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// What is known of the server: whoever restarts it will start the next one, too.
    pub loss: Loss,
    /// How many there were before.
    pub nth: u32,
    /// How long a round trip took when the path was last there.
    pub round_trip: Option<Duration>,
}

/// A time without a link.
#[derive(Debug)]
pub(super) struct Outage {
    loss: Loss,
    since: Time,
    /// When the next attempt is due; `None` while one is under way.
    next: Option<Time>,
    tries: u32,
}

impl Outage {
    pub(super) fn new(loss: Loss, now: Time) -> Self {
        Self {
            loss,
            since: now,
            next: Some(now),
            tries: 0,
        }
    }

    /// The attempt that is due, if one is; it is under way then.
    pub(super) fn poll(&mut self, now: Time) -> Option<Try> {
        self.next.take_if(|due| *due <= now)?;
        let nth = self.tries;
        self.tries += 1;
        let loss = match now.since(self.since) < RESTART_WAIT {
            true => self.loss,
            false => Loss::Silent,
        };
        Some(Try {
            loss,
            nth,
            round_trip: None,
        })
    }

    /// The attempt that was under way has failed.
    pub(super) fn failed(&mut self, now: Time) {
        let doubled = FIRST_WAIT << self.tries.saturating_sub(1).min(16);
        let longest = longest_wait(now.since(self.since));
        self.next = Some(now.after(doubled.min(longest)));
    }

    /// Something has changed that may end it: unless an attempt is under way the next one is due.
    pub(super) fn hurry(&mut self, now: Time) {
        self.next = self.next.map(|next| next.min(now));
    }

    /// When [`Outage::poll`] is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When attempts are made that fail at once, from `from` on.
    fn tries(outage: &mut Outage, upto: u64) -> Vec<u64> {
        let mut made = Vec::new();
        while let Some(due) = outage.timeout().filter(|due| due.0 <= upto) {
            assert!(outage.poll(due).is_some());
            assert_eq!((outage.poll(due), outage.timeout()), (None, None));
            outage.failed(due);
            made.push(due.0);
        }
        made
    }

    #[test]
    fn it_is_tried_at_once_and_then_often() {
        let mut outage = Outage::new(Loss::Silent, Time(1000));
        let made = tries(&mut outage, 2200);
        assert_eq!(made, [1000, 1020, 1060, 1140, 1300, 1550, 1800, 2050]);
    }

    #[test]
    fn a_long_outage_costs_little_and_is_never_given_up() {
        let mut outage = Outage::new(Loss::Silent, Time(0));
        let day = 24 * 60 * 60 * 1000;
        let made = tries(&mut outage, day);
        let between = |from: u64, upto: u64| {
            let gaps = made
                .windows(2)
                .filter(|pair| pair[0] >= from && pair[1] < upto);
            gaps.map(|pair| pair[1] - pair[0]).max()
        };
        assert_eq!(between(0, 60_000), Some(250));
        assert_eq!(between(61_000, 600_000), Some(1_000));
        assert_eq!(between(700_000, day), Some(5_000));
    }

    #[test]
    fn a_change_of_the_network_is_followed_by_an_attempt() {
        let mut outage = Outage::new(Loss::Silent, Time(0));
        tries(&mut outage, 700_000);
        let next = outage.timeout().expect("another attempt");
        let earlier = Time(next.0 - 1);
        assert_eq!(outage.poll(earlier), None);
        outage.hurry(earlier);
        assert_eq!(outage.timeout(), Some(earlier));
        assert!(outage.poll(earlier).is_some());
        outage.hurry(earlier);
        assert_eq!(outage.timeout(), None, "one is under way");
    }

    #[test]
    fn a_server_that_restarts_is_waited_for_but_not_for_ever() {
        let mut outage = Outage::new(Loss::Restarting, Time(0));
        let first = outage.poll(Time(0)).expect("the first attempt");
        assert_eq!((first.loss, first.nth), (Loss::Restarting, 0));
        outage.failed(Time(0));
        let late = outage.poll(Time(RESTART_WAIT)).expect("another one");
        assert_eq!((late.loss, late.nth), (Loss::Silent, 1));
    }
}
