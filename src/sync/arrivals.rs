//! Which datagrams have come: so that copies are taken once, and the other side learns how many are lost.

use super::Time;

/// Datagrams before the newest that are remembered; what is older is too late to matter.
const REMEMBERED: u64 = 256;
/// Datagrams before the newest that say how the link is lately.
const LATELY: u64 = 48;
/// Datagrams that may still be overtaken by the newest without counting as lost.
const REORDERED: u64 = 3;
/// Longest row of losses that says something of the link's loss; a longer one is an outage.
const LONGEST_BURST: u64 = 16;
/// After this silence, in ms, more may have been lost than 16 bits can count.
const ORDER_LASTS: u64 = 10_000;

/// What became of the newest datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Fate {
    /// Nothing of that number was sent, or an outage swallowed it.
    #[default]
    Unknown,
    Missing,
    Came,
}

/// The datagrams that came, by number.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    newest: Option<u64>,
    /// Of each number below the newest, by its remainder.
    fates: Vec<Fate>,
    /// Which bytes came, by the number of their first sending.
    firsts: Vec<bool>,
    heard: Time,
}

impl Arrivals {
    pub fn new() -> Self {
        Self {
            newest: None,
            fates: vec![Fate::Unknown; REMEMBERED as usize],
            firsts: vec![false; REMEMBERED as usize],
            heard: Time(0),
        }
    }

    /// Notes a datagram; the number under which its bytes were sent first, unless they have come before or are too
    /// old to tell.
    pub fn note(&mut self, number: u16, back: u8, now: Time) -> Option<u64> {
        let number = self.unfold(number, now);
        self.heard = now;
        self.advance(number);
        let newest = self.newest?;
        if number + REMEMBERED <= newest {
            return None;
        }
        self.fates[slot(number)] = Fate::Came;
        let first = number - u64::from(back);
        if first + REMEMBERED <= newest {
            return None;
        }
        let came = std::mem::replace(&mut self.firsts[slot(first)], true);
        (!came).then_some(first)
    }

    /// The full number: the one nearest to the newest.
    fn unfold(&mut self, number: u16, now: Time) -> u64 {
        // Far from 0, so that nothing before the first datagram needs care.
        let Some(newest) = self.newest else {
            return 1 << 32 | u64::from(number);
        };
        let ahead = number.wrapping_sub(newest as u16);
        let is_behind = ahead as i16 <= 0;
        if is_behind && now.since(self.heard) <= ORDER_LASTS {
            return newest - u64::from(ahead.wrapping_neg());
        }
        newest + u64::from(ahead)
    }

    fn advance(&mut self, number: u64) {
        let from = match self.newest {
            None => number,
            Some(newest) if number > newest => newest + 1,
            Some(_) => return,
        };
        let missing = match number - from <= LONGEST_BURST {
            true => Fate::Missing,
            false => Fate::Unknown,
        };
        for between in from.max(number.saturating_sub(REMEMBERED - 1))..=number {
            self.fates[slot(between)] = missing;
            self.firsts[slot(between)] = false;
        }
        self.newest = Some(number);
    }

    /// Datagrams that did not come, of 255: of all that are remembered, unless the last of them tell another story.
    pub fn report(&self) -> u8 {
        let (lost, of) = self.count(REMEMBERED);
        let (lately, lately_of) = self.count(LATELY);
        let share = |lost: u64, of: u64| (lost * 255).checked_div(of).unwrap_or(0) as u8;
        let all = share(lost, of);
        // Two standard deviations of so many chances.
        let spread = (4 * lately).isqrt();
        let at_least = share(lately.saturating_sub(spread), lately_of);
        let at_most = share((lately + spread + 3).min(lately_of), lately_of);
        match all < at_least || all > at_most {
            true => share(lately, lately_of),
            false => all,
        }
    }

    /// How many of the last so many datagrams did not come, and of how many that is known.
    fn count(&self, last: u64) -> (u64, u64) {
        let Some(newest) = self.newest else {
            return (0, 0);
        };
        let fates = (newest - (last - 1)..=newest - REORDERED).map(|n| self.fates[slot(n)]);
        let (mut came, mut missing) = (0, 0);
        for fate in fates {
            match fate {
                Fate::Unknown => {}
                Fate::Missing => missing += 1,
                Fate::Came => came += 1,
            }
        }
        (missing, came + missing)
    }
}

fn slot(number: u64) -> usize {
    (number % REMEMBERED) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_taken_once_whichever_comes_first() {
        let mut arrivals = Arrivals::new();
        let first = arrivals.note(65_535, 0, Time(0)).expect("new");
        assert_eq!(arrivals.note(0, 1, Time(1)), None, "a copy");
        assert_eq!(arrivals.note(2, 1, Time(2)), Some(first + 2), "overtook");
        assert_eq!(arrivals.note(1, 0, Time(3)), None);
        assert_eq!(arrivals.note(1, 0, Time(3)), None);
    }

    #[test]
    fn what_is_lost_is_reported_and_an_outage_is_not() {
        let mut arrivals = Arrivals::new();
        for number in (0..200).filter(|n| n % 4 != 0) {
            arrivals.note(number, 0, Time(number.into()));
        }
        assert!((60..=66).contains(&arrivals.report()));
        let mut arrivals = Arrivals::new();
        for number in (0..200).filter(|n| !(100..140).contains(n)) {
            arrivals.note(number, 0, Time(number.into()));
        }
        assert_eq!(arrivals.report(), 0);
    }

    #[test]
    fn a_link_that_turns_bad_or_good_is_noticed_soon() {
        let mut arrivals = Arrivals::new();
        let mut number = 0..;
        let mut send = |arrivals: &mut Arrivals, count: u16, lost: u16| {
            for (n, number) in (0..count).zip(number.by_ref()) {
                if n * lost % 10 >= lost {
                    arrivals.note(number, 0, Time(0));
                }
            }
            arrivals.report()
        };
        assert_eq!(send(&mut arrivals, 250, 0), 0);
        assert!(send(&mut arrivals, 60, 3) > 60);
        assert!(send(&mut arrivals, 60, 0) < 10);
    }

    #[test]
    fn late_datagrams_are_not_lost() {
        let mut arrivals = Arrivals::new();
        for number in (0..200u16).map(|n| n ^ 1) {
            assert!(arrivals.note(number, 0, Time(0)).is_some());
        }
        assert_eq!(arrivals.report(), 0);
    }

    #[test]
    fn after_a_day_of_losses_the_next_datagram_is_taken() {
        let mut arrivals = Arrivals::new();
        arrivals.note(50_000, 0, Time(0));
        assert_eq!(arrivals.note(20_000, 0, Time(1_000)), None, "too old");
        assert!(arrivals.note(20_000, 0, Time(20_000)).is_some());
        assert!(arrivals.note(20_001, 0, Time(20_001)).is_some());
    }
}
