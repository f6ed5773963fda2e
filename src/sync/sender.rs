//! The sending half of an endpoint: which frames went out, which of them the peer has, and when the next is due.

use super::carrier::{Queue, Streams, Way};
use super::packet::Wish;
use super::resend::{Pace, Resend};
use super::{FRAME_INTERVAL, FrameNo, Mark, Reliability, Source, Time, Urgency};
use std::collections::VecDeque;

/// Frames whose marks are remembered until one is acknowledged.
const MAX_UNACKED: usize = 32;
/// Where the next one is forgotten, from the newest: recent ones will be acknowledged soon, and the oldest are what
/// a peer behind a long outage may still confirm (mosh's choice).
const FORGET_AT: usize = 16;
/// Milliseconds between two paced frames of a link that loses packets: what comes later is worth more than twice as many.
const LOSSY_INTERVAL: u64 = 16;
/// Milliseconds that an answer may wait for its rest, and which share of the round trip.
const GATHERING: u64 = 2;
const GATHERED_OF: u64 = 50;
/// Milliseconds that what nobody waits for may wait for something to ride along with.
const LAZY: u64 = 150;
/// Bytes that a frame must save by building on one that is not known to have arrived, to be worth the risk, and which
/// share of all of it: where everything changes all the time nothing is won, and one loss would hold up all that follows.
const WORTH_A_RISK: usize = 16;
const SHARE_WORTH_A_RISK: usize = 8;
/// Most frames that travel by streams at a time.
const MAX_STREAMS: usize = 4;
/// Longest frame, in bytes, that knocks often at a link that is silent.
const SMALL: usize = 200;
/// Milliseconds after which a stream is given up at first, and at most.
const PATIENCE: (u64, u64) = (10_000, 80_000);

/// What the link is like, as far as it decides when something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    /// Milliseconds.
    pub round_trip: u64,
    /// By how many ms it differs.
    pub deviation: u64,
    pub queue: Queue,
    /// When the peer is asked to acknowledge.
    pub wish: Wish,
    /// Milliseconds that the peer then takes.
    pub ack_delay: u64,
}

impl Path {
    /// Milliseconds to wait for an acknowledgement: 1.1 round trips, or more where they differ, and the peer's delay.
    fn resend_after(&self) -> u64 {
        let usual = self.round_trip * 11 / 10;
        usual.max(self.round_trip + 2 * self.deviation) + 5 + self.ack_delay
    }
}

/// Decides what is sent of a source and when.
#[derive(Debug, Clone)]
pub(super) struct Sender<M> {
    reliability: Reliability,
    /// The newest frame that was sent.
    last: FrameNo,
    /// The newest frame that the peer is known to have; `None` is the empty state.
    base: Option<Sent<M>>,
    unacked: VecDeque<Sent<M>>,
    /// The newest frame that the peer said it has.
    confirmed: FrameNo,
    /// When a change is to be sent, and how urgent the most urgent of those is that wait.
    due: Option<(Time, Urgency)>,
    /// When the newest frame was first sent.
    paced_from: Option<Time>,
    resend: Resend,
    /// How long a stream may take before it is given up.
    patience: u64,
    /// Since when none of the streams that are not acknowledged is under way.
    streams_over: Option<Time>,
    /// When something last came from the peer.
    heard: Time,
    path: Path,
    window: Window,
}

/// How many bytes of frames may be unacknowledged. It only has to be near enough: frames are compressed below, and the
/// path has a control of its own.
#[derive(Debug, Clone, Copy)]
struct Window(usize);

impl Window {
    const FIRST: usize = 16 << 10;
    const SMALLEST: usize = 1500;
    const LARGEST: usize = 1 << 20;

    /// How many bytes may be under way for something so urgent to follow. What somebody waits for does not wait for the
    /// rest to be acknowledged, unless that stands in a queue which all would have to pass.
    fn room(self, urgency: Urgency, queue: Queue) -> usize {
        match (urgency, queue) {
            (Urgency::Answer | Urgency::AtOnce, Queue::Short) => 2 * self.0.max(Self::FIRST),
            _ => self.0,
        }
    }

    /// So many bytes were acknowledged.
    fn acknowledged(&mut self, bytes: usize, queue: Queue) {
        self.0 = match queue {
            Queue::Short => self.0 + bytes,
            Queue::Long => self.0 / 2,
        };
        self.0 = self.0.clamp(Self::SMALLEST, Self::LARGEST);
    }
}

/// A frame that went out.
#[derive(Debug, Clone)]
struct Sent<M> {
    no: FrameNo,
    mark: M,
    /// When that was for the first time.
    at: Time,
    way: Way,
    bytes: usize,
}

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub no: FrameNo,
    pub base: FrameNo,
    pub floor: FrameNo,
    pub diff: Vec<u8>,
}

impl<M: Mark> Sender<M> {
    pub fn new(reliability: Reliability, path: Path) -> Self {
        Self {
            reliability,
            last: FrameNo(0),
            base: None,
            unacked: VecDeque::new(),
            confirmed: FrameNo(0),
            due: None,
            paced_from: None,
            resend: Resend::default(),
            patience: PATIENCE.0,
            streams_over: None,
            heard: Time(0),
            path,
            window: Window(Window::FIRST),
        }
    }

    pub fn base(&self) -> FrameNo {
        self.base.as_ref().map_or(FrameNo(0), |sent| sent.no)
    }

    pub fn base_mark(&self) -> Option<&M> {
        self.base.as_ref().map(|sent| &sent.mark)
    }

    /// Where the source stood in the newest frame that was sent.
    pub fn newest_mark(&self) -> Option<&M> {
        let newest = self.unacked.back().or(self.base.as_ref());
        newest.map(|sent| &sent.mark)
    }

    pub fn confirmed(&self) -> FrameNo {
        self.confirmed
    }

    pub fn set_path(&mut self, path: Path) {
        self.path = path;
    }

    pub fn timeout(&self) -> Option<Time> {
        self.ready_at().into_iter().chain(self.resend.at()).min()
    }

    /// When the change that is due may be sent. A link that bears no more, or of which nothing is heard, is sent no more
    /// than the resends, which then hold the change too.
    fn ready_at(&self) -> Option<Time> {
        let (due, urgency) = self.due?;
        let (Some(oldest), Some(resend)) = (self.unacked.front(), self.resend.at()) else {
            return Some(due);
        };
        let silent_from = oldest.at.max(self.heard);
        let is_silent = due.since(silent_from) > 2 * self.path.resend_after();
        let flight = self.unacked.iter().map(|sent| sent.bytes).sum::<usize>();
        let is_full =
            self.streams() >= MAX_STREAMS || flight > self.window.room(urgency, self.path.queue);
        Some(match is_silent || is_full {
            true => due.max(resend),
            false => due,
        })
    }

    /// Notes that the source changed.
    pub fn changed(&mut self, urgency: Urgency, now: Time) {
        let interval = match self.reliability {
            Reliability::Reliable => FRAME_INTERVAL,
            Reliability::Lossy => LOSSY_INTERVAL,
        };
        let at = match (urgency, self.paced_from) {
            (Urgency::AtOnce, _) | (Urgency::Paced, None) => now,
            (Urgency::Answer, _) => now.after(self.gathering()),
            (Urgency::Paced, Some(sent)) => now.max(sent.after(interval)),
            (Urgency::Lazy, _) => now.after(LAZY),
        };
        self.due = Some(match self.due {
            None => (at, urgency),
            Some((due, before)) => (due.min(at), urgency.max(before)),
        });
    }

    /// For how many ms the answer to a key waits for the rest of it: programs write one screen in several pieces, and each
    /// that is sent alone costs a packet. Far less than anybody sees beside the round trip.
    fn gathering(&self) -> u64 {
        match self.reliability {
            Reliability::Reliable => 0,
            Reliability::Lossy => (self.path.round_trip / GATHERED_OF).min(GATHERING),
        }
    }

    /// A packet leaves now anyway: what waits goes with it.
    pub fn ride(&mut self, now: Time) {
        self.due = self.due.map(|(due, urgency)| (due.min(now), urgency));
    }

    /// Notes that something came from the peer. After a silence what it lacks is sent at once.
    pub fn heard(&mut self, now: Time) {
        let silence = now.since(self.heard);
        self.heard = now;
        let oldest = self.unacked.front().map(|oldest| now.since(oldest.at));
        let wait = self.path.resend_after();
        if oldest.is_some_and(|age| age.min(silence) > 2 * wait) && self.streams() == 0 {
            self.resend.hurry(self.path.round_trip, now);
        }
    }

    fn streams(&self) -> usize {
        let streams = self.unacked.iter().filter(|sent| sent.way == Way::Stream);
        streams.count()
    }

    /// Notes that the peer has `frame`. What it cannot have, or is known to have left behind, changes nothing.
    pub fn acknowledged(&mut self, frame: FrameNo, now: Time) {
        if frame > self.last || frame <= self.confirmed {
            return;
        }
        self.confirmed = frame;
        // Only a frame that the peer holds itself may be built on: a mark near it may name what the peer never saw.
        let Ok(at) = self.unacked.binary_search_by_key(&frame, |sent| sent.no) else {
            return;
        };
        let bytes = self.unacked.iter().take(at + 1).map(|sent| sent.bytes);
        self.window.acknowledged(bytes.sum(), self.path.queue);
        let before = self.base.take();
        self.base = self.unacked.drain(..=at).last();
        // The peer has applied both: what the later one kept back it has from the earlier.
        if let (Some(base), Some(before)) = (&mut self.base, &before) {
            base.mark.join(&before.mark);
        }
        self.patience = PATIENCE.0;
        let oldest = self.unacked.front().map(|sent| sent.at);
        let wait = self.path.resend_after();
        self.resend.progress(oldest, wait, now);
        if self.streams() > 0 {
            self.wait_for_streams(now);
        }
    }

    /// Takes note of what became of the streams that left. Those that came to the peer's machine are acknowledged soon, or
    /// were lost there.
    pub fn set_streams(&mut self, streams: Streams, now: Time) {
        if streams == Streams::UnderWay || self.streams() == 0 {
            self.streams_over = None;
        } else if self.streams_over.is_none() {
            self.streams_over = Some(now);
            self.wait_for_streams(now);
        }
    }

    fn wait_for_streams(&mut self, now: Time) {
        let often = (self.patience / PATIENCE.0).max(2);
        self.resend.put_off(
            match self.streams_over {
                None => self.patience,
                Some(_) => self.path.resend_after() * often,
            },
            now,
        );
    }

    /// Notes that the peer lacks a frame that newer ones build on.
    pub fn missed(&mut self, now: Time) {
        // What is missing may be on its way by a stream, or has just come.
        let at = match self.streams() {
            0 => self.unacked.front().map(|oldest| oldest.at),
            _ => self.streams_over,
        };
        if at.is_some_and(|at| now.since(at) >= self.path.round_trip + 5) {
            self.resend.hurry(self.path.round_trip, now);
        }
    }

    /// Sends what is not acknowledged with the next poll: the path is another.
    pub fn hurry(&mut self, now: Time) {
        self.resend.hurry(0, now);
    }

    /// Notes that the frame sent last went by a stream: it will arrive, so others may build on it and none is sent again.
    pub fn went_by_stream(&mut self, now: Time) {
        if let Some(last) = self.unacked.back_mut() {
            last.way = Way::Stream;
            self.streams_over = None;
            let patience = self.patience.max(4 * self.path.round_trip);
            self.resend.put_off(patience, now);
            self.patience = (patience * 2).min(PATIENCE.1);
        }
    }

    /// The next frame if one is due, from the state as it is now.
    pub fn poll(&mut self, source: &impl Source<Mark = M>, now: Time) -> Option<Outgoing> {
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let again = self.resend.is_due(now);
        if !again && !is_due(self.ready_at()) {
            return None;
        }
        let mark = source.mark();
        let moved = self.newest_mark().is_none_or(|newest| {
            let mut reached = mark.clone();
            reached.join(newest);
            reached != *newest
        });
        if moved || is_due(self.due.map(|(at, _)| at)) {
            self.due = None;
        }
        if !moved && !again {
            return None;
        }
        if again {
            self.give_up_streams();
        }
        let (base, diff) = self.diff(source, again, now);
        let mark = self.reached(mark, base);
        // What the newest frame took along and this one keeps back makes it another frame.
        if moved || self.newest_mark().is_none_or(|newest| *newest != mark) {
            self.remember(mark, diff.len(), now);
            self.paced_from = Some(now);
        }
        let floor = self.base();
        self.sent(again, now);
        Some(Outgoing {
            no: self.last,
            base,
            floor,
            diff,
        })
    }

    /// What to build on, and the difference from there.
    fn diff(&self, source: &impl Source<Mark = M>, again: bool, now: Time) -> (FrameNo, Vec<u8>) {
        let travelling = self
            .unacked
            .iter()
            .rev()
            .find(|sent| sent.way == Way::Stream);
        let firm = travelling.or(self.base.as_ref());
        let from = |base: Option<&Sent<M>>| {
            let mut diff = Vec::new();
            source.diff(base.map(|sent| &sent.mark), &mut diff);
            (base.map_or(FrameNo(0), |sent| sent.no), diff)
        };
        let safe = from(firm);
        // A frame that left a moment ago will most likely arrive, on a link that loses little.
        let newest = self.unacked.back().filter(|newest| {
            let is_fresh = now.since(newest.at) < self.path.resend_after();
            is_fresh && newest.no > safe.0
        });
        if again || self.path.wish == Wish::Soon || safe.1.len() < WORTH_A_RISK {
            return safe;
        }
        let Some(newest) = newest else { return safe };
        let risky = from(Some(newest));
        let worth = WORTH_A_RISK.max(safe.1.len() / SHARE_WORTH_A_RISK);
        match risky.1.len() + worth <= safe.1.len() {
            true => risky,
            false => safe,
        }
    }

    /// Where the peer stands once it has applied a frame that leads from `base` to `mark`.
    fn reached(&self, mut mark: M, base: FrameNo) -> M {
        let mut sent = self.base.iter().chain(&self.unacked);
        if let Some(built_on) = sent.find(|sent| sent.no == base) {
            mark.join(&built_on.mark);
        }
        mark
    }

    fn give_up_streams(&mut self) {
        for sent in &mut self.unacked {
            sent.way = Way::Datagrams;
        }
    }

    fn remember(&mut self, mark: M, bytes: usize, at: Time) {
        self.last.0 += 1;
        let no = self.last;
        self.unacked.push_back(Sent {
            no,
            mark,
            at,
            way: Way::Datagrams,
            bytes,
        });
        if self.unacked.len() > MAX_UNACKED {
            let may_go = |at: &usize| self.unacked[*at].way == Way::Datagrams;
            let at = (MAX_UNACKED - FORGET_AT..MAX_UNACKED).find(may_go);
            self.unacked.remove(at.unwrap_or(0));
        }
    }

    /// How often to send again: a small packet knocks while nothing at all is heard. Where others arrive, or the packet is
    /// long, that would only cost; and where hardly any is lost, what was sent again will have arrived.
    fn pace(&self, now: Time) -> Pace {
        let is_small = self.unacked.back().is_none_or(|last| last.bytes <= SMALL);
        let is_silent = now.since(self.heard) > self.path.resend_after();
        match (self.path.queue, self.path.wish) {
            (Queue::Long, _) => Pace::Patient,
            (Queue::Short, _) if is_small && is_silent => Pace::Knocking,
            (Queue::Short, Wish::Riding) if !is_silent => Pace::Patient,
            (Queue::Short, _) => Pace::Usual,
        }
    }

    fn sent(&mut self, again: bool, now: Time) {
        let wait = self.path.resend_after();
        match (self.reliability, again) {
            (Reliability::Reliable, _) => self.base = self.unacked.drain(..).last(),
            (Reliability::Lossy, true) => self.resend.again(wait, self.pace(now), now),
            // A newer frame does not put off the resend of an older one.
            (Reliability::Lossy, false) => self.resend.start(wait, now),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const PATH: Path = Path {
        round_trip: 100,
        deviation: 0,
        queue: Queue::Short,
        wish: Wish::Soon,
        ack_delay: 5,
    };

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
        sender.poll(&Number(value), now)
    }

    #[test]
    fn a_reliable_link_builds_on_what_was_sent_last() {
        let mut sender = Sender::new(Reliability::Reliable, PATH);
        for value in 1..100 {
            let frame = send(&mut sender, value, Time(value)).expect("a frame");
            assert_eq!((frame.no.0, frame.base.0), (value, value - 1));
            assert_eq!(frame.diff, value.to_le_bytes());
        }
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn a_lossy_link_builds_on_what_is_acknowledged() {
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        for value in 1..=100 {
            let frame = send(&mut sender, value, Time(value)).expect("a frame");
            assert_eq!(frame.base, FrameNo(0));
        }
        assert_eq!(sender.unacked.len(), MAX_UNACKED);
        sender.acknowledged(FrameNo(40), Time(1));
        assert_eq!(sender.base(), FrameNo(0), "frame 40 is forgotten");
        sender.acknowledged(FrameNo(99), Time(1));
        assert_eq!(sender.base_mark(), Some(&99));
        sender.acknowledged(FrameNo(50), Time(1));
        sender.acknowledged(FrameNo(101), Time(1));
        assert_eq!(sender.base(), FrameNo(99));
    }

    #[test]
    fn resends_back_off_to_the_cap() {
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        send(&mut sender, 1, Time(0)).expect("a frame");
        let mut waits = Vec::new();
        let mut now = Time(0);
        for _ in 0..5 {
            let next = sender.timeout().expect("a resend");
            waits.push(next.since(now));
            now = next;
            let frame = sender.poll(&Number(1), now).expect("the frame again");
            assert_eq!(frame.no, FrameNo(1));
        }
        assert_eq!(waits, [120, 156, 125, 125, 125], "it knocks");
        sender.acknowledged(FrameNo(1), Time(1));
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn steady_typing_over_a_good_link_resends_nothing() {
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        for now in 0..1000u64 {
            if now % 30 == 0 {
                send(&mut sender, now + 1, Time(now)).expect("a frame");
            }
            if now >= 100 && (now - 100) % 30 == 0 {
                sender.acknowledged(FrameNo((now - 100) / 30 + 1), Time(now));
            }
            assert!(sender.poll(&Number(now / 30 * 30 + 1), Time(now)).is_none());
        }
    }

    #[test]
    fn pace_holds_only_after_a_frame() {
        let mut sender = Sender::new(Reliability::Reliable, PATH);
        sender.changed(Urgency::Paced, Time(100));
        assert!(sender.poll(&Number(1), Time(100)).is_some());
        sender.changed(Urgency::Paced, Time(101));
        assert!(sender.poll(&Number(2), Time(101)).is_none());
        assert_eq!(sender.timeout(), Some(Time(108)));
        sender.changed(Urgency::AtOnce, Time(102));
        assert!(sender.poll(&Number(3), Time(102)).is_some());
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn the_pieces_of_an_answer_go_together() {
        for (round_trip, reliability, wait) in [
            (100, Reliability::Lossy, 2),
            (50, Reliability::Lossy, 1),
            (10, Reliability::Lossy, 0),
            (100, Reliability::Reliable, 0),
        ] {
            let mut sender = Sender::new(reliability, Path { round_trip, ..PATH });
            sender.changed(Urgency::Answer, Time(100));
            assert_eq!(sender.timeout(), Some(Time(100 + wait)));
            sender.changed(Urgency::Answer, Time(101));
            assert_eq!(sender.timeout(), Some(Time(100 + wait)));
            sender.changed(Urgency::AtOnce, Time(101));
            assert!(sender.poll(&Number(1), Time(101)).is_some());
        }
    }

    #[test]
    fn what_did_not_change_is_not_sent() {
        let mut sender = Sender::new(Reliability::Reliable, PATH);
        assert!(send(&mut sender, 1, Time(0)).is_some());
        assert!(send(&mut sender, 1, Time(50)).is_none());
        assert_eq!(sender.timeout(), None);
    }

    #[test]
    fn what_somebody_waits_for_does_not_wait_for_acknowledgements() {
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        let long = Long(Window::FIRST / 2);
        for n in 0..3 {
            sender.changed(Urgency::Paced, Time(n * 20));
            assert!(sender.poll(&long.at(n), Time(n * 20)).is_some());
        }
        sender.changed(Urgency::Paced, Time(60));
        assert!(sender.poll(&long.at(3), Time(60)).is_none(), "full");
        sender.changed(Urgency::AtOnce, Time(61));
        assert!(sender.poll(&long.at(4), Time(61)).is_some());
        sender.set_path(Path {
            queue: Queue::Long,
            ..PATH
        });
        sender.changed(Urgency::AtOnce, Time(62));
        assert!(
            sender.poll(&long.at(5), Time(62)).is_none(),
            "it would queue"
        );
    }

    #[test]
    fn where_hardly_any_is_lost_what_was_sent_again_is_waited_for() {
        let intervals = |wish| {
            let far = Path {
                round_trip: 500,
                wish,
                ..PATH
            };
            let mut sender = Sender::new(Reliability::Lossy, far);
            sender.changed(Urgency::AtOnce, Time(0));
            assert!(sender.poll(&Number(1), Time(0)).is_some());
            // Others arrive all the time.
            let resends = (1..2000).map(Time).filter(|now| {
                sender.heard(*now);
                sender.poll(&Number(1), *now).is_some()
            });
            resends.map(|at| at.0).collect::<Vec<_>>()
        };
        assert_eq!(intervals(Wish::Riding), [560, 1120, 1680]);
        assert_eq!(intervals(Wish::Soon), [560, 810, 1060, 1310, 1560, 1810]);
    }

    /// So many bytes, whatever they build on.
    struct Long(usize);

    impl Long {
        fn at(&self, mark: u64) -> LongAt {
            LongAt(self.0, mark)
        }
    }

    struct LongAt(usize, u64);

    impl Source for LongAt {
        type Mark = u64;
        fn mark(&self) -> u64 {
            self.1
        }
        fn diff(&self, _: Option<&u64>, out: &mut Vec<u8>) {
            out.resize(self.0, 0);
        }
    }

    #[test]
    fn where_all_changes_no_frame_builds_on_one_that_may_be_lost() {
        let mut sender = Sender::new(
            Reliability::Lossy,
            Path {
                wish: Wish::Riding,
                ..PATH
            },
        );
        for n in 0..5 {
            sender.changed(Urgency::AtOnce, Time(n));
            let frame = sender.poll(&Screen(n), Time(n)).expect("a frame");
            assert_eq!(frame.base, FrameNo(0));
        }
    }

    /// All of it changes with every frame; of the empty state a little more has to be said.
    struct Screen(u64);

    impl Source for Screen {
        type Mark = u64;
        fn mark(&self) -> u64 {
            self.0
        }
        fn diff(&self, base: Option<&u64>, out: &mut Vec<u8>) {
            out.resize(if base.is_some() { 2000 } else { 2060 }, 0);
        }
    }

    #[test]
    fn a_stream_that_was_lost_where_it_came_is_sent_again_soon() {
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        send(&mut sender, 1, Time(0)).expect("a frame");
        sender.went_by_stream(Time(0));
        sender.set_streams(Streams::UnderWay, Time(10));
        send(&mut sender, 2, Time(10)).expect("a frame");
        sender.missed(Time(500));
        assert!(sender.timeout() >= Some(Time(10_000)), "it may take long");
        sender.set_streams(Streams::Over, Time(2000));
        assert_eq!(sender.timeout(), Some(Time(2240)));
        sender.missed(Time(2050));
        assert_eq!(sender.timeout(), Some(Time(2240)), "it has just come");
        sender.missed(Time(2110));
        let again = sender.poll(&Number(2), Time(2110)).expect("all of it");
        assert_eq!((again.no, again.base), (FrameNo(2), FrameNo(0)));
        // Nor is that waited for where nobody says that it is missing.
        let mut sender = Sender::new(Reliability::Lossy, PATH);
        send(&mut sender, 1, Time(0)).expect("a frame");
        sender.went_by_stream(Time(0));
        sender.set_streams(Streams::Over, Time(80));
        assert!(sender.poll(&Number(1), Time(320)).is_some());
    }
}
