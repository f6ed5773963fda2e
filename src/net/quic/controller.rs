//! How much may be under way: CUBIC (RFC 9438) between a floor and a guard.
//!
//! What a terminal sends is little and paces itself, so that random loss must not shrink the window below what a screen
//! needs: the floor. But where a long queue builds up on the path, every byte in it delays the next key: the guard then
//! keeps the window below what CUBIC alone would use. And while nothing at all is heard, what was sent is most likely
//! gone: the window grows slowly, so that resent packets never have to wait for timers that double.

use super::bulk::Bulk;
use super::settings::INITIAL_RTT;
use crate::sync::silence::UNACKNOWLEDGED;
use quinn_proto::RttEstimator;
use quinn_proto::congestion::{Controller, ControllerFactory, CubicConfig};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The window is never below so many packets as long as the path has no long queue.
const FLOOR: u64 = 20;

/// The window is never above so many packets while it has one.
const GUARDED: u64 = 4;

/// A queue is long if a round trip takes half as long again as the shortest, and so much more.
const QUEUE: Duration = Duration::from_millis(60);

/// For how long the shortest round trip counts: the path may have become another one.
const SHORTEST_LASTS: Duration = Duration::from_secs(5);

/// What was sent in two round trips, or up to four, may still make a queue if it is more than so many packets: what a
/// packet meets in a queue left at most a round trip before it, or the round trip would be longer.
const LITTLE: u64 = 5;

/// After so long without an acknowledgement the path counts as silent.
const SILENCE: Duration = Duration::from_millis(UNACKNOWLEDGED);

/// Bytes by which the window grows in each second of silence: enough for four small packets.
const SILENT_GROWTH: u64 = 1200;

/// Packets that may leave, whatever is under way, once something was heard after a silence: what was sent into it is gone,
/// but that is only known when later packets are acknowledged.
const RETURNING: u64 = 20;

/// A window that nothing fills and no pacing slows down.
const WIDE: u64 = 1 << 40;

/// Makes the controllers of one connection, one for each path that it takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Interactive {
    has_queue: Arc<AtomicBool>,
    /// Whether something was heard since something was sent last.
    heard: Arc<AtomicBool>,
    bulk: Bulk,
}

impl Interactive {
    /// Whether the path has a long queue.
    pub(super) fn has_queue(&self) -> bool {
        self.has_queue.load(Ordering::Relaxed)
    }

    /// What those may send who give way.
    pub(super) fn bulk(&self) -> &Bulk {
        &self.bulk
    }

    /// Takes note that something came from the other end.
    pub(super) fn note_heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }
}

impl ControllerFactory for Interactive {
    fn build(self: Arc<Self>, now: Instant, mtu: u16) -> Box<dyn Controller> {
        self.has_queue.store(false, Ordering::Relaxed);
        Box::new(Window {
            cubic: Arc::new(CubicConfig::default()).build(now, mtu),
            mtu: u64::from(mtu),
            shortest: Shortest::default(),
            sent: Sent::new(),
            has_queue: false,
            shown: (*self).clone(),
            waiting_since: None,
            returning: 0,
        })
    }
}

/// The window of one path.
struct Window {
    cubic: Box<dyn Controller>,
    mtu: u64,
    shortest: Shortest,
    sent: Sent,
    has_queue: bool,
    /// What the connection is told, and tells.
    shown: Interactive,
    /// Since when something is under way of which nothing was heard.
    waiting_since: Option<Instant>,
    /// Packets that may still leave as the path has come back.
    returning: u64,
}

impl Window {
    /// Takes note of a round trip, and of how long they take on average.
    fn measured(&mut self, latest: Duration, round_trip: Duration, now: Instant) {
        self.sent.lately = 2 * latest.max(round_trip);
        // What has grown all at once may be a queue that was sent before the spans were as long.
        let has_grown = latest > 2 * round_trip;
        if !has_grown && self.sent.of_late(now) <= LITTLE * self.mtu {
            // So little makes no queue: that is how long the path is, or what others have filled it with.
            self.shortest = Shortest::default();
        }
        let shortest = self.shortest.note(round_trip, now);
        self.has_queue = round_trip > shortest + shortest / 2 + QUEUE;
        self.shown
            .has_queue
            .store(self.has_queue, Ordering::Relaxed);
    }

    /// How long nothing was heard of what is under way.
    fn silence(&self, now: Instant) -> Duration {
        let since = self.waiting_since.map(|since| now - since);
        since.unwrap_or_default()
    }

    /// Whether the other end was just heard again.
    fn has_come_back(&self, now: Instant) -> bool {
        self.shown.heard.load(Ordering::Relaxed) && self.silence(now) > SILENCE
    }

    fn window_at(&self, now: Instant) -> u64 {
        let window = match self.has_queue {
            true => self.cubic.window().min(GUARDED * self.mtu),
            false => self.cubic.window().max(FLOOR * self.mtu),
        };
        if self.returning > 0 || self.has_come_back(now) {
            return WIDE;
        }
        let silence = self.silence(now).saturating_sub(SILENCE);
        window + SILENT_GROWTH * silence.as_millis() as u64 / 1000
    }
}

impl Controller for Window {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        if self.has_come_back(now) {
            self.returning = RETURNING;
        }
        self.returning = self.returning.saturating_sub(1);
        self.shown.heard.store(false, Ordering::Relaxed);
        self.waiting_since.get_or_insert(now);
        self.sent.note(bytes, now);
        self.cubic.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        round_trip: &RttEstimator,
    ) {
        self.measured(round_trip.conservative(), round_trip.get(), now);
        self.cubic.on_ack(now, sent, bytes, app_limited, round_trip);
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        self.waiting_since = (in_flight > 0).then_some(now);
        self.returning = 0;
        if app_limited {
            self.shown.bulk.renew(self.window_at(now));
        }
        self.cubic
            .on_end_acks(now, in_flight, app_limited, largest_packet_num_acked);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        self.cubic
            .on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.mtu = u64::from(new_mtu);
        self.cubic.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.window_at(Instant::now())
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self {
            cubic: self.cubic.clone_box(),
            mtu: self.mtu,
            shortest: self.shortest,
            sent: self.sent,
            has_queue: self.has_queue,
            shown: self.shown.clone(),
            waiting_since: None,
            returning: 0,
        })
    }

    fn initial_window(&self) -> u64 {
        self.cubic.initial_window().max(FLOOR * self.mtu)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The shortest round trip of late: that of the present span of time and of the one before.
#[derive(Debug, Clone, Copy, Default)]
struct Shortest {
    before: Option<Duration>,
    present: Option<(Instant, Duration)>,
}

impl Shortest {
    fn note(&mut self, round_trip: Duration, now: Instant) -> Duration {
        match &mut self.present {
            Some((since, shortest)) if now - *since < SHORTEST_LASTS => {
                *shortest = round_trip.min(*shortest);
            }
            present => {
                self.before = present.map(|(_, shortest)| shortest);
                *present = Some((now, round_trip));
            }
        }
        let present = self.present.map_or(round_trip, |(_, shortest)| shortest);
        self.before.map_or(present, |before| before.min(present))
    }
}

/// Bytes sent of late: in the present span of time and in the one before.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// How long a span is.
    lately: Duration,
    since: Option<Instant>,
    before: u64,
    present: u64,
}

impl Sent {
    fn new() -> Self {
        Self {
            lately: 2 * INITIAL_RTT,
            since: None,
            before: 0,
            present: 0,
        }
    }

    fn note(&mut self, bytes: u64, now: Instant) {
        if self.since.is_none_or(|since| now - since >= self.lately) {
            self.before = self.of_late(now);
            self.present = 0;
            self.since = Some(now);
        }
        self.present += bytes;
    }

    fn of_late(&self, now: Instant) -> u64 {
        match self.since.map(|since| now - since) {
            Some(passed) if passed < self.lately => self.before + self.present,
            Some(passed) if passed < 2 * self.lately => self.present,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MTU: u64 = 1200;

    fn window() -> Window {
        let controller = Arc::new(Interactive::default()).build(Instant::now(), MTU as u16);
        *controller.into_any().downcast().expect("a window of ours")
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn loss_does_not_shrink_the_window_below_the_floor() {
        let (mut window, start) = (window(), Instant::now());
        for n in 1..50 {
            let now = start + ms(n * 100);
            window.on_congestion_event(now, now - ms(1), true, MTU);
        }
        assert!(window.cubic.window() < FLOOR * MTU);
        assert_eq!(window.window_at(start), FLOOR * MTU);
    }

    #[test]
    fn a_long_queue_closes_the_window_and_its_end_opens_it() {
        let (mut window, start) = (window(), Instant::now());
        let measured = |window: &mut Window, round_trip, at| {
            window.on_sent(start + ms(at), 20 * MTU, 1);
            window.measured(ms(round_trip), ms(round_trip), start + ms(at));
        };
        measured(&mut window, 100, 0);
        measured(&mut window, 209, 500);
        assert_eq!(window.window_at(start), FLOOR * MTU);
        measured(&mut window, 211, 1000);
        assert!(window.shown.has_queue());
        assert_eq!(window.window_at(start), GUARDED * MTU);
        measured(&mut window, 150, 2000);
        assert_eq!(window.window_at(start), FLOOR * MTU);
        assert!(!window.shown.has_queue());
    }

    #[test]
    fn a_path_that_became_longer_is_no_queue_for_ever() {
        let (mut window, start) = (window(), Instant::now());
        let mut measured = |round_trip, at| {
            window.on_sent(start + ms(at), 20 * MTU, 1);
            window.measured(ms(round_trip), ms(round_trip), start + ms(at));
            window.has_queue
        };
        assert!(!measured(20, 0));
        assert!(measured(300, 4_000));
        measured(300, 6_000);
        assert!(!measured(300, 12_000));
    }

    #[test]
    fn who_sends_little_makes_no_queue() {
        let (mut window, start) = (window(), Instant::now());
        let mut measured = |bytes, round_trip, at| {
            window.on_sent(start + ms(at), bytes, 1);
            window.measured(ms(round_trip), ms(round_trip), start + ms(at));
            window.has_queue
        };
        assert!(!measured(20 * MTU, 1, 0));
        assert!(measured(20 * MTU, 100, 100));
        assert!(measured(100, 100, 200), "what was sent may still be there");
        assert!(!measured(100, 100, 500));
        assert!(measured(20 * MTU, 300, 600));
    }

    #[test]
    fn silence_opens_the_window_slowly_and_only_while_something_is_awaited() {
        let (mut window, start) = (window(), Instant::now());
        let hour = start + Duration::from_secs(3600);
        assert_eq!(window.window_at(hour), FLOOR * MTU);
        window.on_sent(start, 100, 1);
        assert_eq!(window.window_at(start + SILENCE), FLOOR * MTU);
        assert_eq!(
            window.window_at(start + SILENCE + ms(10_000)),
            FLOOR * MTU + 10 * SILENT_GROWTH
        );
        window.on_end_acks(hour, 0, true, Some(1));
        assert_eq!(window.window_at(hour + ms(60_000)), FLOOR * MTU);
    }

    #[test]
    fn a_path_that_came_back_bears_a_screen_whatever_was_lost_before() {
        let (mut window, start) = (window(), Instant::now());
        window.shown.note_heard();
        window.on_sent(start, MTU, 1);
        let back = start + ms(5_000);
        assert!(window.window_at(back) < 2 * FLOOR * MTU, "that was before");
        window.shown.note_heard();
        for n in 0..RETURNING {
            assert_eq!(window.window_at(back), WIDE);
            window.on_sent(back, MTU, 2 + n);
        }
        assert!(window.window_at(back) < 2 * FLOOR * MTU);
    }
}
