//! When guesses are worth showing: once the echo takes its time. The thresholds are apart, so that a link near one of
//! them does not flicker.

use crate::sync::Time;

/// Milliseconds of echo above which guesses are shown, and below which no more.
const SHOW: (u64, u64) = (30, 20);
/// Milliseconds of echo above which they are underlined, and below which no more.
const MARK: (u64, u64) = (160, 100);
/// Quick echoes that make up for one that let the user wait.
const FORGIVEN_AFTER: u8 = 10;

/// How long echoes take.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// Smoothed, in sixteenths of a millisecond; `None` before the first.
    smoothed: Option<u64>,
    shows: bool,
    marks: bool,
    /// Quick echoes still to come after a slow one.
    unforgiven: u8,
}

impl Pace {
    /// A key was echoed after so many milliseconds.
    pub fn echoed(&mut self, ms: u64) {
        let sample = ms.min(10_000) * 16;
        let smoothed = match self.smoothed {
            None => sample,
            Some(old) => old - old / 4 + sample / 4,
        };
        self.smoothed = Some(smoothed);
        if ms <= SHOW.0 {
            self.unforgiven = self.unforgiven.saturating_sub(1);
        }
        let passes = |was: bool, (above, below): (u64, u64)| match was {
            true => smoothed >= below * 16,
            false => smoothed > above * 16,
        };
        self.shows = passes(self.shows, SHOW) || self.unforgiven > 0;
        self.marks = passes(self.marks, MARK);
    }

    /// A key that was typed at `typed` is not echoed yet.
    pub fn waits(&mut self, typed: Time, now: Time) {
        let waited = now.since(typed);
        if waited >= SHOW.0 && !self.shows {
            (self.shows, self.unforgiven) = (true, FORGIVEN_AFTER);
        }
        self.marks |= waited > MARK.0;
    }

    /// When a key that was typed at `typed` will have waited long enough for guesses to be shown, if none are.
    pub fn due(&self, typed: Time) -> Option<Time> {
        let due = match (self.shows, self.marks) {
            (false, _) => typed.after(SHOW.0),
            (true, false) => typed.after(MARK.0 + 1),
            (true, true) => return None,
        };
        Some(due)
    }

    /// Whether guesses are worth showing.
    pub fn shows(&self) -> bool {
        self.shows
    }

    /// Whether they are to be told from what is certain.
    pub fn marks(&self) -> bool {
        self.marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(echoes: &[u64]) -> Pace {
        let mut pace = Pace::default();
        echoes.iter().for_each(|ms| pace.echoed(*ms));
        pace
    }

    #[test]
    fn slow_echoes_turn_it_on_and_quick_ones_off() {
        assert!(!after(&[]).shows() && !after(&[5; 9]).shows() && !after(&[29]).shows());
        assert!(after(&[50]).shows() && !after(&[50]).marks());
        assert!(after(&[300]).marks());
        let mut pace = after(&[50; 5]);
        for _ in 0..20 {
            pace.echoed(25);
            assert!(pace.shows(), "between the thresholds nothing changes");
        }
        (0..20).for_each(|_| pace.echoed(1));
        assert!(!pace.shows());
    }

    #[test]
    fn a_key_that_waits_turns_it_on_for_a_while() {
        let mut pace = after(&[2; 9]);
        assert_eq!(pace.due(Time(100)), Some(Time(130)));
        pace.waits(Time(100), Time(129));
        assert!(!pace.shows());
        pace.waits(Time(100), Time(130));
        assert!(pace.shows() && !pace.marks());
        (0..9).for_each(|_| pace.echoed(2));
        assert!(pace.shows());
        pace.echoed(2);
        assert!(!pace.shows());
        pace.waits(Time(0), Time(300));
        assert!(pace.marks());
    }
}
