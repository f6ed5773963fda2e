//! The round trip as seen by echoed clocks: smoothed as in TCP (RFC 6298 §2), from 16 bits of milliseconds as in
//! mosh, whose echo is advanced by the time that it was held.

use super::Time;

/// What a round trip is taken for before the first sample, in ms.
const UNMEASURED: u64 = 100;
/// Samples from this on come from a clock that wrapped or a machine that slept.
const LONGEST_SAMPLE: u64 = 5_000;
/// A clock held longer than this is not echoed.
const LONGEST_HOLD: u64 = 1_000;
/// While little is sent, a clock is not sent again for so many ms: each costs two bytes, and its echo two more.
const OFTEN: u64 = 150;
/// After this silence the peer's clock may have wrapped past any order.
const ORDER_LASTS: u64 = 10_000;

/// How long, in ms, the shortest round trip is remembered: the path may have become longer.
const SHORTEST_LASTS: u64 = 30_000;
/// Bytes that are too few to fill a queue, sent in two round trips or up to four: what a packet meets in a queue left at
/// most a round trip before it, or the round trip would be longer.
const LITTLE: usize = 6_000;
/// What is taken for two round trips where they are shorter, in ms: as long as some frames.
const SHORTEST_SPAN: u64 = 40;

/// Estimates the round trip of one link.
#[derive(Debug, Clone)]
pub(super) struct Rtt {
    /// Mean and mean deviation, in 1/16 ms.
    estimate: Option<(u64, u64)>,
    /// The shortest sample of this span and of the one before, and when this span began.
    shortest: (u64, u64, Time),
    /// Bytes that were sent, and that have come.
    sent: Lately,
    came: Lately,
    is_bloated: bool,
    /// The peer's newest clock, and when it came.
    heard: Option<(u16, Time)>,
    owes_echo: bool,
    /// When a clock was last sent.
    told: Option<Time>,
}

impl Rtt {
    pub fn new() -> Self {
        Self {
            estimate: None,
            shortest: (u64::MAX, u64::MAX, Time(0)),
            sent: Lately::new(),
            came: Lately::new(),
            is_bloated: false,
            heard: None,
            owes_echo: false,
            told: None,
        }
    }

    /// Takes over what another has measured, as long as nothing was measured here.
    pub fn expect(&mut self, ms: u64) {
        if self.estimate.is_none() {
            self.measured(ms, Time(0));
        }
    }

    /// Forgets what was measured: the path is another.
    pub fn forget(&mut self) {
        self.estimate = None;
        self.shortest = (u64::MAX, u64::MAX, Time(0));
        self.is_bloated = false;
    }

    /// What to assume of the round trip, in ms; [`UNMEASURED`] before the first sample.
    pub fn smoothed(&self) -> u64 {
        self.estimate
            .map_or(UNMEASURED, |(mean, _)| mean.div_ceil(16))
    }

    /// By how many ms a sample differs from the mean, on average.
    pub fn deviation(&self) -> u64 {
        self.estimate.map_or(0, |(_, deviation)| deviation / 16)
    }

    /// Notes that so many bytes were sent, as they travel.
    pub fn sent(&mut self, bytes: usize, now: Time) {
        self.sent.note(bytes, now);
    }

    /// Notes that a packet of so many bytes has come.
    pub fn came(&mut self, bytes: usize, now: Time) {
        self.came.note(bytes, now);
    }

    /// Whether the round trip has grown far beyond the shortest: what is sent waits in a queue. It cannot be one of ours
    /// where little was sent: then the path has become longer, or others fill it.
    pub fn is_bloated(&self) -> bool {
        self.is_bloated
    }

    /// The clocks to send: our own, and the peer's as it would read by now. While somebody types not every packet needs
    /// them; where much goes one way or the other, and might queue, each measures.
    pub fn clocks(&mut self, now: Time) -> Option<(u16, Option<u16>)> {
        let is_recent = self.told.is_some_and(|told| now.since(told) < OFTEN);
        let is_quiet = self.sent.of_late(now).max(self.came.of_late(now)) <= LITTLE;
        if is_recent && is_quiet && self.estimate.is_some() {
            return None;
        }
        self.told = Some(now);
        Some((clock_at(now), self.take_echo(now)))
    }

    /// The echo to send: each clock is echoed once.
    fn take_echo(&mut self, now: Time) -> Option<u16> {
        let (clock, at) = self.heard?;
        let held = now.since(at);
        let echo = self.owes_echo && held < LONGEST_HOLD;
        self.owes_echo = false;
        echo.then(|| clock.wrapping_add(held as u16))
    }

    /// Takes in the clocks of a packet. A doubled or overtaken packet measures nothing.
    pub fn heard(&mut self, sent: Option<u16>, echo: Option<u16>, now: Time) {
        let Some(clock) = sent else { return };
        let newer = self.heard.is_none_or(|(before, at)| {
            now.since(at) > ORDER_LASTS || clock.wrapping_sub(before) as i16 > 0
        });
        if !newer {
            return;
        }
        self.heard = Some((clock, now));
        self.owes_echo = true;
        let sample = echo.map(|echo| u64::from(clock_at(now).wrapping_sub(echo)));
        if let Some(sample) = sample.filter(|sample| *sample < LONGEST_SAMPLE) {
            self.measured(sample, now);
        }
    }

    fn measured(&mut self, sample: u64, now: Time) {
        let lately = (2 * sample.max(self.smoothed())).max(SHORTEST_SPAN);
        self.sent.span = lately;
        self.came.span = lately;
        // What has grown all at once may be a queue that was sent before the spans were as long.
        let has_grown = self.estimate.is_some() && sample > 2 * self.smoothed();
        let is_idle = !has_grown && self.sent.of_late(now) <= LITTLE;
        // Where nothing waits in a queue of ours, every round trip tells how long the path is by now.
        let lasts = if is_idle { lately } else { SHORTEST_LASTS };
        let (this, _, since) = self.shortest;
        self.shortest = match now.since(since) > lasts {
            true => (sample, this, now),
            false => (this.min(sample), self.shortest.1, since),
        };
        let sample = sample * 16;
        self.estimate = Some(match self.estimate {
            None => (sample, sample / 2),
            Some((mean, deviation)) => (
                (mean * 7 + sample) / 8,
                (deviation * 3 + mean.abs_diff(sample)) / 4,
            ),
        });
        let shortest = self.shortest.0.min(self.shortest.1);
        self.is_bloated = !is_idle && self.smoothed() > shortest * 3 / 2 + 60;
    }
}

/// Bytes of late: in this span of time and in the one before.
#[derive(Debug, Clone)]
struct Lately {
    this: usize,
    before: usize,
    /// When this span began.
    since: Time,
    /// How many ms it lasts.
    span: u64,
}

impl Lately {
    fn new() -> Self {
        Self {
            this: 0,
            before: 0,
            since: Time(0),
            span: 2 * UNMEASURED,
        }
    }

    fn note(&mut self, bytes: usize, now: Time) {
        match now.since(self.since) {
            age if age < self.span => self.this += bytes,
            age => {
                self.before = if age < 2 * self.span { self.this } else { 0 };
                (self.this, self.since) = (bytes, now);
            }
        }
    }

    fn of_late(&self, now: Time) -> usize {
        match now.since(self.since) {
            age if age < self.span => self.this + self.before,
            age if age < 2 * self.span => self.this,
            _ => 0,
        }
    }
}

fn clock_at(now: Time) -> u16 {
    now.0 as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_a_clock_was_held_does_not_count() {
        let (mut here, mut there) = (Rtt::new(), Rtt::new());
        let sent = clock_at(Time(65_530));
        there.heard(Some(sent), None, Time(1_000));
        let echo = there.take_echo(Time(1_400));
        assert_eq!(there.take_echo(Time(1_400)), None);
        here.heard(Some(1), echo, Time(65_530 + 400 + 70));
        assert_eq!(here.smoothed(), 70);
    }

    #[test]
    fn not_every_key_takes_clocks_along_but_every_packet_of_a_flood_does() {
        let mut here = Rtt::new();
        assert!(here.clocks(Time(0)).is_some() && here.clocks(Time(1)).is_some());
        here.heard(Some(5), Some(0), Time(40));
        let mut sent = |at, bytes| {
            let clocks = here.clocks(Time(at));
            here.sent(bytes, Time(at));
            clocks
        };
        assert_eq!(sent(100, 90), None);
        assert_eq!(sent(200, 90), Some((200, Some(165))));
        assert_eq!(sent(300, 90), None);
        assert_eq!(sent(301, LITTLE), None);
        assert_eq!(sent(302, 1200), Some((302, None)));
    }

    #[test]
    fn a_flood_is_measured_by_each_of_its_acknowledgements() {
        let (mut floods, mut acknowledges) = (Rtt::new(), Rtt::new());
        acknowledges.expect(20);
        floods.expect(20);
        let mut echoes = 0;
        for now in (0..2_000).step_by(20).map(Time) {
            let clocks = floods.clocks(now);
            floods.sent(1_200, now);
            acknowledges.came(1_200, now);
            acknowledges.heard(clocks.map(|clocks| clocks.0), None, now);
            let back = acknowledges.clocks(now);
            acknowledges.sent(10, now);
            echoes += u32::from(back.is_some_and(|clocks| clocks.1.is_some()));
        }
        // The first few are few.
        assert!(echoes > 85, "{echoes}");
    }

    #[test]
    fn a_queue_that_fills_at_once_is_no_longer_path() {
        // 33 kB/s behind 2 ms: frames of 5 kB until 16 kB are under way, then one for each that is acknowledged.
        let mut here = Rtt::new();
        here.expect(2);
        let mut sampled = |sends: bool, at: u64, ms: u16| {
            let now = Time(at);
            if sends {
                here.sent(5_000, now);
            }
            let clock = clock_at(now);
            if ms > 0 {
                here.heard(Some(clock), Some(clock.wrapping_sub(ms)), now);
            }
            here.is_bloated()
        };
        for (at, ms) in [(0, 0), (16, 0), (32, 0), (48, 0)] {
            sampled(true, at, ms);
        }
        for (n, ms) in [150, 284, 402].into_iter().chain([450; 30]).enumerate() {
            let is_bloated = sampled(true, 150 + 150 * n as u64, ms);
            assert!(is_bloated || n < 5, "after {n}");
        }
    }

    #[test]
    fn a_doubled_packet_measures_nothing() {
        let mut here = Rtt::new();
        here.heard(Some(5), Some(0), Time(40));
        here.heard(Some(5), Some(0), Time(400));
        assert_eq!(here.smoothed(), 40);
    }

    #[test]
    fn a_queue_shows_as_a_round_trip_that_grew() {
        let mut here = Rtt::new();
        let mut now = 0;
        let mut sample = |here: &mut Rtt, ms: u16| {
            now += 1000;
            let clock = clock_at(Time(now));
            here.sent(LITTLE + 1, Time(now));
            here.heard(Some(clock), Some(clock.wrapping_sub(ms)), Time(now));
        };
        for ms in [100, 130, 90, 120] {
            sample(&mut here, ms);
            assert!(!here.is_bloated());
        }
        assert!((5..=50).contains(&here.deviation()));
        for _ in 0..5 {
            sample(&mut here, 400);
        }
        assert!(here.is_bloated());
        for _ in 0..70 {
            sample(&mut here, 400);
        }
        assert!(!here.is_bloated(), "the path is longer now");
        here.forget();
        assert_eq!((here.smoothed(), here.is_bloated()), (100, false));
    }

    #[test]
    fn keys_fill_no_queue_on_a_path_that_has_become_longer() {
        let mut here = Rtt::new();
        for (n, ms) in (0..200).map(|n| (n, if n < 20 { 2 } else { 105 })) {
            let now = Time(n * 100);
            let clock = clock_at(now);
            here.sent(120, now);
            here.heard(Some(clock), Some(clock.wrapping_sub(ms)), now);
            assert!(!here.is_bloated(), "{n}");
        }
        // What keys have measured is what a flood is compared with.
        for n in 200..260 {
            let now = Time(n * 100);
            let clock = clock_at(now);
            here.sent(3_000, now);
            here.heard(Some(clock), Some(clock.wrapping_sub(300)), now);
        }
        assert!(here.is_bloated());
    }

    #[test]
    fn frames_that_follow_each_other_alone_tell_how_long_the_path_is() {
        let mut here = Rtt::new();
        let mut bloated = 0;
        for (n, ms) in (0..40).map(|n| (n, if n < 20 { 2 } else { 105 })) {
            let now = Time(n * 105);
            let clock = clock_at(now);
            here.sent(1_800, now);
            here.heard(Some(clock), Some(clock.wrapping_sub(ms)), now);
            bloated += u32::from(here.is_bloated());
        }
        assert!(!here.is_bloated());
        assert!(bloated < 10, "for {bloated} round trips");
    }
}
