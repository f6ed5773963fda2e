//! When to send again what nobody has acknowledged.

use super::Time;
use super::silence::longest_wait;

/// The quickest resend, in ms.
const QUICKEST: u64 = 20;
/// How often, in ms, a packet knocks at a link that is silent, and for how long at most.
const KNOCK: u64 = 125;
const KNOCKING: u64 = 20_000;

/// How often something may be sent again. How long a round trip takes says when the first time is, and nothing of when a
/// link that is gone comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Often: it is little, and nothing at all is heard. Whoever waits for the link to come back sees it at once.
    Knocking,
    /// As silence demands.
    Usual,
    /// Never sooner than the first time: it will have arrived, or only stands in a queue.
    Patient,
}

/// The timer of what is not acknowledged.
#[derive(Debug, Clone, Default)]
pub(super) struct Resend {
    at: Option<Time>,
    tries: u32,
    /// Since when nothing was acknowledged.
    since: Time,
    /// When something was last sent again.
    tried: Option<Time>,
}

impl Resend {
    pub fn at(&self) -> Option<Time> {
        self.at
    }

    pub fn is_due(&self, now: Time) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// Starts the timer unless it runs: something left for the first time.
    pub fn start(&mut self, wait: u64, now: Time) {
        if self.at.is_none() {
            *self = Self {
                at: Some(now.after(wait.max(QUICKEST))),
                tries: 0,
                since: now,
                tried: None,
            };
        }
    }

    /// Something was acknowledged; the oldest that is not left at `oldest`.
    pub fn progress(&mut self, oldest: Option<Time>, wait: u64, now: Time) {
        let at = oldest.map(|oldest| oldest.after(wait.max(QUICKEST)).max(now));
        *self = Self {
            at,
            tries: 0,
            since: now,
            tried: self.tried,
        };
    }

    /// It was sent again.
    pub fn again(&mut self, wait: u64, pace: Pace, now: Time) {
        self.tries += 1;
        self.tried = Some(now);
        let first = wait.max(QUICKEST);
        let silent = now.since(self.since);
        let slowest = match pace {
            Pace::Knocking if silent < KNOCKING => KNOCK,
            Pace::Knocking | Pace::Usual => longest_wait(silent),
            Pace::Patient => longest_wait(silent).max(first),
        };
        let backed_off = first as f64 * 1.3f64.powi(self.tries.min(32) as i32);
        self.at = Some(now.after((backed_off as u64).min(slowest)));
    }

    /// Waits for so long, whatever was tried.
    pub fn put_off(&mut self, wait: u64, now: Time) {
        self.at = Some(now.after(wait));
    }

    /// Sends again with the next poll, if anything waits for it and that was not done in the last `round_trip`: its
    /// effect would not be known yet.
    pub fn hurry(&mut self, round_trip: u64, now: Time) {
        if self
            .tried
            .is_none_or(|tried| now.since(tried) >= round_trip)
        {
            self.at = self.at.map(|at| at.min(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(resend: &mut Resend, (wait, pace): (u64, Pace), count: usize) -> Vec<u64> {
        let mut now = resend.at().expect("a timer");
        let mut waits = Vec::new();
        for _ in 0..count {
            resend.again(wait, pace, now);
            let next = resend.at().expect("a timer");
            waits.push(next.since(now));
            now = next;
        }
        waits
    }

    #[test]
    fn resends_back_off_to_the_cap_of_the_first_minute() {
        let mut resend = Resend::default();
        resend.start(120, Time(0));
        resend.start(120, Time(50));
        assert_eq!(resend.at(), Some(Time(120)));
        let waits = waits(&mut resend, (120, Pace::Usual), 200);
        assert_eq!(waits[..5], [156, 202, 250, 250, 250]);
        assert_eq!(waits.last(), Some(&250));
    }

    #[test]
    fn a_long_round_trip_puts_off_only_the_first_resend_unless_there_is_a_queue() {
        let mut resend = Resend::default();
        resend.start(700, Time(0));
        let first = |pace| waits(&mut resend.clone(), (700, pace), 300)[..2].to_vec();
        assert_eq!(first(Pace::Knocking), [125, 125]);
        assert_eq!(first(Pace::Usual), [250, 250]);
        assert_eq!(first(Pace::Patient), [700, 700]);
        let knocks = waits(&mut resend, (700, Pace::Knocking), 300);
        assert_eq!(knocks.last(), Some(&250));
    }

    #[test]
    fn a_link_that_is_gone_for_long_costs_little_and_comes_back_in_time() {
        let mut resend = Resend::default();
        resend.start(120, Time(0));
        let waits = waits(&mut resend, (120, Pace::Usual), 2000);
        assert_eq!(waits.iter().max(), Some(&5_000));
        assert!((1..=1000).contains(&waits[300]));
        resend.progress(Some(Time(10)), 120, Time(1_000_000));
        assert_eq!(resend.at(), Some(Time(1_000_000)));
        resend.progress(None, 120, Time(1_000_000));
        assert_eq!(resend.at(), None);
    }
}
