//! Points in time as people write them: `2h`, `30 min ago`, `14:30`, `yesterday 9:05`, `2026-11-21 14:30`, and back into
//! words. Knows no clock: what time it is, and where, is a [`Now`] that the edges make (`client::clock`).

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::str::FromStr;
use thiserror::Error;

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 80;

/// How far back a point may lie, in milliseconds: a thousand years.
const MAX_BACK: u64 = 1000 * 365 * 24 * HOUR;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The units of a length of time, with all the ways to write them.
const UNITS: [(u64, &[&str]); 6] = [
    (1, &["ms"]),
    (SECOND, &["s", "sec", "secs", "second", "seconds"]),
    (MINUTE, &["m", "min", "mins", "minute", "minutes"]),
    (HOUR, &["h", "hr", "hrs", "hour", "hours"]),
    (DAY, &["d", "day", "days"]),
    (7 * DAY, &["w", "week", "weeks"]),
];

/// A point in time, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So many milliseconds before now.
    Ago(u64),
    /// Unix milliseconds.
    At(u64),
    /// That date and time by the clocks here.
    Local(DateTime),
    /// When the clocks here showed that time last.
    Last(Time),
    /// That time so many days before today.
    DaysBack(u8, Time),
}

/// A text that names no point in time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no time: write 2h, 30 min ago, 14:30, yesterday 9:05 or 2026-11-21 14:30")]
pub struct Unclear(pub String);

impl FromStr for When {
    type Err = Unclear;

    fn from_str(text: &str) -> Result<Self, Unclear> {
        let unclear = || Unclear(text.chars().take(MAX_TEXT).collect());
        if text.len() > MAX_TEXT {
            return Err(unclear());
        }
        let lower = text.trim().to_lowercase();
        None.or_else(|| ago(&lower))
            .or_else(|| since_the_epoch(&lower))
            .or_else(|| of_a_day(&lower))
            .or_else(|| of_the_calendar(text.trim()))
            .ok_or_else(unclear)
    }
}

/// `now`, or a length of time: `2h`, `1 h 30 min`, `1.5 days ago`.
fn ago(text: &str) -> Option<When> {
    if text == "now" {
        return Some(When::Ago(0));
    }
    length(text.strip_suffix("ago").unwrap_or(text)).map(When::Ago)
}

/// A length of time in milliseconds: numbers, each followed by its unit.
pub fn length(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (unit, _) = UNITS
            .iter()
            .find(|(_, names)| names.contains(&&rest[..end]))?;
        total += number * *unit as f64;
        rest = rest[end..].trim_start_matches([' ', ',']);
    }
    (total <= MAX_BACK as f64 && !text.trim().is_empty()).then_some(total as u64)
}

/// `@` and seconds since the Unix epoch, as `date` takes them.
fn since_the_epoch(text: &str) -> Option<When> {
    let seconds: u64 = text.strip_prefix('@')?.parse().ok()?;
    seconds.checked_mul(SECOND).map(When::At)
}

/// `14:30`, `today`, `yesterday`, `yesterday at 14:30`.
fn of_a_day(text: &str) -> Option<When> {
    let (back, rest) = match text {
        _ if text.starts_with("today") => (0, &text["today".len()..]),
        _ if text.starts_with("yesterday") => (1, &text["yesterday".len()..]),
        _ => return clock(text).map(When::Last),
    };
    match rest.trim().trim_start_matches("at ").trim() {
        "" => Some(When::DaysBack(back, Time::midnight())),
        rest => clock(rest).map(|time| When::DaysBack(back, time)),
    }
}

/// Hours and minutes, perhaps with seconds.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| match part.len() {
        1 | 2 => part.parse::<u8>().ok(),
        _ => None,
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        None => 0,
        Some(second) => second?,
    };
    let is_over = parts.next().is_none();
    let time = Time::new(hour as i8, minute as i8, second as i8, 0).ok();
    time.filter(|_| is_over)
}

/// A date, or date and time, as ISO 8601 and RFC 3339 write it.
fn of_the_calendar(text: &str) -> Option<When> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return u64::try_from(instant.as_millisecond()).ok().map(When::At);
    }
    // A date alone is its midnight.
    text.parse::<DateTime>().ok().map(When::Local)
}

/// What time it is, and by which clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    ms: u64,
    zone: TimeZone,
}

impl Now {
    /// Unix milliseconds, in a time zone.
    pub fn new(ms: u64, zone: TimeZone) -> Now {
        Now { ms, zone }
    }

    /// Now, in Unix milliseconds.
    pub fn ms(&self) -> u64 {
        self.ms
    }

    /// So many milliseconds later, in the same zone.
    pub fn later(&self, ms: u64) -> Now {
        Now::new(self.ms.saturating_add(ms), self.zone.clone())
    }

    /// The point in Unix milliseconds; `None` where the calendar has no such day.
    pub fn find(&self, when: When) -> Option<u64> {
        let local = |at: DateTime| self.zone.to_timestamp(at).ok().and_then(since_epoch);
        let today = self.local(self.ms)?;
        let back = |days: u8, time: Time| {
            let day = today.date().checked_sub(Span::new().days(days)).ok()?;
            local(day.to_datetime(time))
        };
        match when {
            When::Ago(length) => Some(self.ms.saturating_sub(length)),
            When::At(ms) => Some(ms),
            When::Local(at) => local(at),
            When::DaysBack(days, time) => back(days, time),
            When::Last(time) => match back(0, time)? {
                later if later > self.ms => back(1, time),
                at => Some(at),
            },
        }
    }

    /// `2026-11-21 14:30:05` by the clocks here.
    pub fn written(&self, ms: u64) -> String {
        let at = self.local(ms);
        at.map_or_else(String::new, |at| {
            at.strftime("%Y-%m-%d %H:%M:%S").to_string()
        })
    }

    /// As short as it is clear: `14:30` today, `Nov 20 14:30` within half a year, else `2025-11-20`.
    pub fn brief(&self, ms: u64) -> String {
        let (Some(at), Some(today)) = (self.local(ms), self.local(self.ms)) else {
            return String::new();
        };
        let is_recent = self.ms.abs_diff(ms) < 182 * DAY;
        let form = match at.date() == today.date() {
            true => "%H:%M",
            false if is_recent => "%b %e %H:%M",
            false => "%Y-%m-%d",
        };
        at.strftime(form).to_string()
    }

    fn local(&self, ms: u64) -> Option<DateTime> {
        let at = Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
        Some(self.zone.to_datetime(at))
    }
}

/// A point in time in files that other machines may read: `2026-11-21T13:04:29Z` (RFC 3339). Takes Unix seconds. Law:
/// [`from_utc`] gives it back, up to the end of the year 9999.
pub fn utc(secs: u64) -> String {
    let at = i64::try_from(secs)
        .ok()
        .and_then(|secs| Timestamp::from_second(secs).ok());
    at.unwrap_or(Timestamp::MAX)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// Reads [`utc`], or the same time as another zone writes it; Unix seconds.
pub fn from_utc(text: &str) -> Option<u64> {
    let at = text.parse::<Timestamp>().ok()?;
    u64::try_from(at.as_second()).ok()
}

fn since_epoch(at: Timestamp) -> Option<u64> {
    u64::try_from(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz;
    use proptest::prelude::*;

    /// Saturday, 15:04:29 by clocks two hours east of Greenwich.
    fn now() -> Now {
        let at: Timestamp = "2026-11-21T15:04:29+02:00".parse().expect("a time");
        let zone = tz::offset(2).to_time_zone();
        Now::new(at.as_millisecond() as u64, zone)
    }

    fn found(text: &str) -> String {
        match text.parse().map(|when| now().find(when)) {
            Ok(Some(ms)) => now().written(ms),
            Ok(None) => "nowhere".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn lengths_count_back_from_now() {
        assert_eq!(found("now"), "2026-11-21 15:04:29");
        assert_eq!(found("2h"), "2026-11-21 13:04:29");
        assert_eq!(found("30 min ago"), "2026-11-21 14:34:29");
        assert_eq!(found("10 minutes ago"), "2026-11-21 14:54:29");
        assert_eq!(found("1h30m"), "2026-11-21 13:34:29");
        assert_eq!(found("1 hour, 5 Minutes"), "2026-11-21 13:59:29");
        assert_eq!(found("1.5d"), "2026-11-20 03:04:29");
        assert_eq!(found("2 weeks ago"), "2026-11-07 15:04:29");
    }

    #[test]
    fn times_of_day_are_the_last_ones() {
        assert_eq!(found("14:30"), "2026-11-21 14:30:00");
        assert_eq!(found("9:05:07"), "2026-11-21 09:05:07");
        assert_eq!(found("15:05"), "2026-11-20 15:05:00");
        assert_eq!(found("today"), "2026-11-21 00:00:00");
        assert_eq!(found("Yesterday at 9:05"), "2026-11-20 09:05:00");
    }

    proptest! {
        #[test]
        fn utc_comes_back(secs in 0u64..253_000_000_000) {
            prop_assert_eq!(from_utc(&utc(secs)), Some(secs));
        }
    }

    #[test]
    fn utc_is_written_as_the_standard_says() {
        assert_eq!(utc(1_795_266_269), "2026-11-21T13:04:29Z");
        assert_eq!(from_utc("2026-11-21T15:04:29+02:00"), Some(1_795_266_269));
        assert_eq!(utc(u64::MAX), "9999-12-30T22:00:00Z");
        for other in ["", "tomorrow", "2026-11-21", "1969-12-31T00:00:00Z"] {
            assert_eq!(from_utc(other), None, "{other}");
        }
    }

    #[test]
    fn dates_are_read_as_the_standard_writes_them() {
        assert_eq!(found("2026-11-20"), "2026-11-20 00:00:00");
        assert_eq!(found("2026-11-20 14:30"), "2026-11-20 14:30:00");
        assert_eq!(found("2026-11-20T14:30:05"), "2026-11-20 14:30:05");
        assert_eq!(found("2026-11-20T14:30:05Z"), "2026-11-20 16:30:05");
        assert_eq!(found("2026-11-20T14:30:05-03:00"), "2026-11-20 19:30:05");
        assert_eq!(found("@0"), "1970-01-01 02:00:00");
    }

    #[test]
    fn what_is_no_time_is_said_to_be_none() {
        let long = "9".repeat(200) + "h";
        for text in [
            "",
            " ",
            "2",
            "h",
            "2x",
            "ago",
            "25:00",
            "14:60",
            "1:2:3:4",
            "2026-13-01",
        ] {
            assert!(text.parse::<When>().is_err(), "{text:?}");
        }
        for text in [
            "1e9h",
            "99999999999999w",
            "yesterday 25:00",
            "todayish",
            &long,
        ] {
            assert!(text.parse::<When>().is_err(), "{text:?}");
        }
        let message = found("soonish");
        assert!(
            message.starts_with("\"soonish\" is no time: write 2h"),
            "{message}"
        );
    }

    #[test]
    fn brief_is_as_short_as_it_is_clear() {
        let brief = |text: &str| {
            let ms = text.parse().ok().and_then(|when| now().find(when));
            now().brief(ms.expect("a time"))
        };
        assert_eq!(brief("2h"), "13:04");
        assert_eq!(brief("yesterday 9:05"), "Nov 20 09:05");
        assert_eq!(brief("2025-11-20"), "2025-11-20");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(text in "\\PC{0,30}|[0-9:@ .a-z-]{0,20}") {
            if let Ok(when) = text.parse::<When>() {
                let _ = now().find(when);
            }
        }

        #[test]
        fn what_was_written_out_is_read_back(ms in 0..4_000_000_000_000u64) {
            let ms = ms / 1000 * 1000;
            let when: When = now().written(ms).parse().expect("a date and a time");
            prop_assert_eq!(now().find(when), Some(ms));
        }
    }
}
