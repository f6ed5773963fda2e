//! The sending half of an endpoint: which frames went out, which of them the peer has, and when the next is due.

use super::{FRAME_INTERVAL, FrameNo, Reliability, Source, Time, Urgency};
use std::collections::VecDeque;

/// Frames whose marks are remembered until one is acknowledged.
const MAX_UNACKED: usize = 32;
/// Where the next one is forgotten, from the newest: recent ones will be acknowledged soon, and the oldest are what
/// a peer behind a long outage may still confirm (mosh's choice).
const FORGET_AT: usize = 16;
/// Milliseconds: the quickest resend, and the longest that the back-off alone leads to.
const RESEND: std::ops::RangeInclusive<u64> = 20..=250;

/// Decides what is sent of a source and when.
#[derive(Debug, Clone)]
pub(super) struct Sender<M> {
    reliability: Reliability,
    /// The newest frame that was sent.
    last: FrameNo,
    /// What differences build on; `None` is the empty state.
    base: Option<Sent<M>>,
    unacked: VecDeque<Sent<M>>,
    /// The newest frame that the peer said it has.
    confirmed: FrameNo,
    /// When a change is to be sent.
    due: Option<Time>,
    /// When the newest frame was first sent.
    paced_from: Option<Time>,
    /// When to send again what is not acknowledged.
    resend: Option<Time>,
    tries: i32,
}

/// A frame that went out.
#[derive(Debug, Clone)]
struct Sent<M> {
    no: FrameNo,
    mark: M,
    /// When that was for the first time.
    at: Time,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub no: FrameNo,
    pub base: FrameNo,
    pub diff: Vec<u8>,
}

impl<M: Clone + PartialEq> Sender<M> {
    pub fn new(reliability: Reliability) -> Self {
        Self {
            reliability,
            last: FrameNo(0),
            base: None,
            unacked: VecDeque::new(),
            confirmed: FrameNo(0),
            due: None,
            paced_from: None,
            resend: None,
            tries: 0,
        }
    }

    pub fn base(&self) -> FrameNo {
        self.base.as_ref().map_or(FrameNo(0), |sent| sent.no)
    }

    pub fn base_mark(&self) -> Option<&M> {
        self.base.as_ref().map(|sent| &sent.mark)
    }

    pub fn confirmed(&self) -> FrameNo {
        self.confirmed
    }

    pub fn timeout(&self) -> Option<Time> {
        self.due.into_iter().chain(self.resend).min()
    }

    /// Notes that the source changed.
    pub fn changed(&mut self, urgency: Urgency, now: Time) {
        let at = match (urgency, self.paced_from) {
            (Urgency::Paced, Some(sent)) => now.max(sent.after(FRAME_INTERVAL)),
            _ => now,
        };
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Notes that the peer has `frame`. What it cannot have, or is known to have left behind, changes nothing.
    pub fn acknowledged(&mut self, frame: FrameNo, srtt: u64) {
        if frame > self.last || frame <= self.confirmed {
            return;
        }
        self.confirmed = frame;
        // Only a frame that the peer holds itself may be built on: a mark near it may name what the peer never saw.
        let Ok(at) = self.unacked.binary_search_by_key(&frame, |sent| sent.no) else {
            return;
        };
        self.base = self.unacked.drain(..=at).last();
        self.tries = 0;
        let oldest = self.unacked.front().map(|sent| sent.at);
        self.resend = oldest.map(|at| at.after(self.resend_after(srtt)));
    }

    /// The next frame if one is due, from the state as it is now.
    pub fn poll(
        &mut self,
        source: &impl Source<Mark = M>,
        srtt: u64,
        now: Time,
    ) -> Option<Outgoing> {
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let again = is_due(self.resend);
        if !again && !is_due(self.due) {
            return None;
        }
        let mark = source.mark();
        let newest = self.unacked.back().or(self.base.as_ref());
        let moved = newest.is_none_or(|sent| sent.mark != mark);
        if moved || is_due(self.due) {
            self.due = None;
        }
        if moved {
            self.remember(mark, now);
            self.paced_from = Some(now);
        }
        if !moved && !again {
            return None;
        }
        let mut diff = Vec::new();
        source.diff(self.base_mark(), &mut diff);
        let base = self.base();
        self.sent(again, srtt, now);
        Some(Outgoing {
            no: self.last,
            base,
            diff,
        })
    }

    fn remember(&mut self, mark: M, at: Time) {
        self.last.0 += 1;
        let no = self.last;
        self.unacked.push_back(Sent { no, mark, at });
        if self.unacked.len() > MAX_UNACKED {
            self.unacked.remove(MAX_UNACKED - FORGET_AT);
        }
    }

    fn sent(&mut self, again: bool, srtt: u64, now: Time) {
        match self.reliability {
            Reliability::Reliable => self.base = self.unacked.drain(..).last(),
            Reliability::Lossy => {
                self.tries += i32::from(again);
                // A newer frame does not put off the resend of an older one.
                if again || self.resend.is_none() {
                    self.resend = Some(now.after(self.resend_after(srtt)));
                }
            }
        }
    }

    /// Milliseconds to wait for an acknowledgement: 1.1 round trips and the peer's delay, a third more at each try.
    fn resend_after(&self, srtt: u64) -> u64 {
        let first = (srtt * 11 / 10 + 10).max(*RESEND.start());
        let backed_off = first as f64 * 1.3f64.powi(self.tries.min(32));
        (backed_off as u64).min(first.max(*RESEND.end()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub struct Number(pub u64);

    impl Source for Number {
        type Mark = u64;
        fn mark(&self) -> u64 {
            self.0
        }
        fn diff(&self, _: Option<&u64>, out: &mut Vec<u8>) {
            out.extend(self.0.to_le_bytes());
        }
    }

    fn send(sender: &mut Sender<u64>, value: u64, now: Time) -> Option<Outgoing> {
        sender.changed(Urgency::AtOnce, now);
        sender.poll(&Number(value), 100, now)
    }

    #[test]
    fn a_reliable_link_builds_on_what_was_sent_last() {
        let mut sender = Sender::new(Reliability::Reliable);
        for value in 1..100 {
            let frame = send(&mut sender, value, Time(value)).expect("a frame");
            assert_eq!((frame.no.0, frame.base.0), (value, value - 1));
            assert_eq!(frame.diff, value.to_le_bytes());
        }
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn a_lossy_link_builds_on_what_is_acknowledged() {
        let mut sender = Sender::new(Reliability::Lossy);
        for value in 1..=100 {
            let frame = send(&mut sender, value, Time(value)).expect("a frame");
            assert_eq!(frame.base, FrameNo(0));
        }
        assert_eq!(sender.unacked.len(), MAX_UNACKED);
        sender.acknowledged(FrameNo(40), 100);
        assert_eq!(sender.base(), FrameNo(0), "frame 40 is forgotten");
        sender.acknowledged(FrameNo(99), 100);
        assert_eq!(sender.base_mark(), Some(&99));
        sender.acknowledged(FrameNo(50), 100);
        sender.acknowledged(FrameNo(101), 100);
        assert_eq!(sender.base(), FrameNo(99));
    }

    #[test]
    fn resends_back_off_to_the_cap() {
        let mut sender = Sender::new(Reliability::Lossy);
        send(&mut sender, 1, Time(0)).expect("a frame");
        let mut waits = Vec::new();
        let mut now = Time(0);
        for _ in 0..5 {
            let next = sender.timeout().expect("a resend");
            waits.push(next.since(now));
            now = next;
            let frame = sender.poll(&Number(1), 100, now).expect("the frame again");
            assert_eq!(frame.no, FrameNo(1));
        }
        assert_eq!(waits, [120, 156, 202, 250, 250]);
        sender.acknowledged(FrameNo(1), 100);
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn steady_typing_over_a_good_link_resends_nothing() {
        let mut sender = Sender::new(Reliability::Lossy);
        for now in 0..1000u64 {
            if now % 30 == 0 {
                send(&mut sender, now + 1, Time(now)).expect("a frame");
            }
            if now >= 100 && (now - 100) % 30 == 0 {
                sender.acknowledged(FrameNo((now - 100) / 30 + 1), 100);
            }
            assert!(
                sender
                    .poll(&Number(now / 30 * 30 + 1), 100, Time(now))
                    .is_none()
            );
        }
    }

    #[test]
    fn pace_holds_only_after_a_frame() {
        let mut sender = Sender::new(Reliability::Reliable);
        sender.changed(Urgency::Paced, Time(100));
        assert!(sender.poll(&Number(1), 0, Time(100)).is_some());
        sender.changed(Urgency::Paced, Time(101));
        assert!(sender.poll(&Number(2), 0, Time(101)).is_none());
        assert_eq!(sender.timeout(), Some(Time(108)));
        sender.changed(Urgency::AtOnce, Time(102));
        assert!(sender.poll(&Number(3), 0, Time(102)).is_some());
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn what_did_not_change_is_not_sent() {
        let mut sender = Sender::new(Reliability::Reliable);
        assert!(send(&mut sender, 1, Time(0)).is_some());
        assert!(send(&mut sender, 1, Time(50)).is_none());
        assert_eq!(sender.timeout(), None);
    }
}
