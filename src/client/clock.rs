//! The time of day for the status line, told at the start of each minute.

use crate::config::Clock as ClockUse;
use crate::when::Now;
use jiff::Zoned;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

/// What time it is, by this machine's clocks.
pub fn now() -> Now {
    let now = Zoned::now();
    let ms = now.timestamp().as_millisecond();
    Now::new(u64::try_from(ms).unwrap_or(0), now.time_zone().clone())
}

/// The name of the time zone here, as `TZ` has it, if it has one.
pub fn zone() -> Option<String> {
    let set = std::env::var("TZ").ok().filter(|zone| !zone.is_empty());
    let system = || TimeZone::system().iana_name().map(str::to_owned);
    set.or_else(system)
}

/// Says when the next minute begins, and what time it is then.
#[derive(Debug)]
pub(super) struct Clock {
    shown: ClockUse,
    /// When it is to be told next; but once if it is not shown.
    pub(super) due: Option<Instant>,
}

impl Clock {
    /// A clock that is due at once; one that is not shown, this once.
    pub(super) fn new(shown: ClockUse) -> Self {
        let due = Some(Instant::now());
        Self { shown, due }
    }

    /// The time of day as it is shown.
    pub(super) fn text(&self) -> String {
        written(&Zoned::now(), self.shown)
    }

    /// The time of day; due again when the next minute begins.
    pub(super) fn tell(&mut self) -> String {
        let now = Zoned::now();
        let wait = until_next_minute(&now);
        self.due = match self.shown {
            ClockUse::Off => None,
            _ => Instant::now().checked_add(wait),
        };
        written(&now, self.shown)
    }
}

fn written(now: &Zoned, shown: ClockUse) -> String {
    match shown {
        ClockUse::Hours24 => now.strftime("%H:%M").to_string(),
        ClockUse::Hours12 => now.strftime("%-I:%M %p").to_string(),
        ClockUse::Off => String::new(),
    }
}

fn until_next_minute(now: &Zoned) -> Duration {
    let second = u64::from(now.second().unsigned_abs()) * 1_000;
    let millis = u64::from(now.millisecond().unsigned_abs());
    Duration::from_millis(60_000u64.saturating_sub(second + millis).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse().expect("a time")
    }

    #[test]
    fn the_time_is_written_as_wanted() {
        let evening = at("2026-03-01T21:05:30.250+00:00[UTC]");
        assert_eq!(written(&evening, ClockUse::Hours24), "21:05");
        assert_eq!(written(&evening, ClockUse::Hours12), "9:05 PM");
        assert_eq!(written(&evening, ClockUse::Off), "");
    }

    #[test]
    fn it_is_due_when_the_next_minute_begins() {
        let wait = |text| until_next_minute(&at(text)).as_millis();
        assert_eq!(wait("2026-03-01T21:05:30.250+00:00[UTC]"), 29_750);
        assert_eq!(wait("2026-03-01T21:05:00+00:00[UTC]"), 60_000);
        let mut hidden = Clock::new(ClockUse::Off);
        assert!(hidden.due.is_some(), "ages are told by it");
        hidden.tell();
        assert_eq!(hidden.due, None);
    }
}
