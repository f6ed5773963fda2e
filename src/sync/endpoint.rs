//! One end of a synchronised link: sends the frames of a source, and takes the other's into a replica.

use super::carrier::{Carrier, Queue};
use super::early::Early;
use super::packet::{Frame, Gap, Packet, Wish};
use super::rtt::Rtt;
use super::sender::{Path, Sender};
use super::{FrameNo, Mark, Replica, Source, Time};
use crate::varint::Malformed;

/// Milliseconds that an acknowledgement may wait where the link loses packets.
const SOON: u64 = 5;
/// Milliseconds that it may wait elsewhere: while somebody types, the next key takes it along, and no packet is sent
/// only to acknowledge.
const RIDING: u64 = 150;
/// Bytes of frames after which it waits no longer there either: the peer sends more once it knows that those have come.
const MANY: usize = 4 << 10;
/// Milliseconds after which the peer is told that a frame is missing: it may only have been overtaken.
const OVERTAKEN: u64 = 10;
/// From so many packets of a thousand on that are lost for certain, acknowledgements are asked for at once.
const LOSES: u32 = 20;

/// What the link below promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliability {
    /// Every packet arrives, in order. A polled packet counts as delivered: nothing is resent and no packet is sent
    /// only to acknowledge, so an idle link has no timers. Poll only while no earlier packet waits to be written.
    Reliable,
    /// Packets may be lost, doubled and reordered. They go through a [`Carrier`].
    Lossy,
}

/// How soon a change should be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// With the next packet that leaves anyway, or when a person would notice: nobody waits for it.
    Lazy,
    /// [`FRAME_INTERVAL`](super::FRAME_INTERVAL) after the last frame, twice that over a link that loses packets; at
    /// once if that is over.
    Paced,
    /// As soon as a program that answers a key may have written all of it: over a long path a millisecond or two later.
    Answer,
    /// With the next poll: somebody waits for it.
    AtOnce,
}

/// What a packet did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// The replica stands at a newer frame.
    Moved,
    /// The replica is as it was: the packet only acknowledged, came late or twice, or waits for an earlier one.
    Unmoved,
}

/// One end of a synchronised link. `M` is the mark of its own source; the other's frames go into any [`Replica`],
/// which must be the same one for the endpoint's whole life.
///
/// Law: once packets arrive again, both replicas come to equal the sources, whatever was lost, doubled or reordered.
#[derive(Debug, Clone)]
pub struct Endpoint<M> {
    reliability: Reliability,
    sender: Sender<M>,
    received: FrameNo,
    early: Early,
    ack_due: Option<Time>,
    /// Bytes of frames that have come since something was acknowledged last.
    unacknowledged: usize,
    rtt: Rtt,
    wish: Wish,
    queue: Queue,
}

impl<M: Mark> Endpoint<M> {
    /// An end that has sent and received nothing: both sides start from the empty state.
    pub fn new(reliability: Reliability) -> Self {
        let (rtt, wish, queue) = (Rtt::new(), Wish::Riding, Queue::Short);
        Self {
            reliability,
            sender: Sender::new(reliability, path(&rtt, wish, queue)),
            received: FrameNo(0),
            early: Early::default(),
            ack_due: None,
            unacknowledged: 0,
            rtt,
            wish,
            queue,
        }
    }

    fn path(&self) -> Path {
        path(&self.rtt, self.wish, self.queue)
    }

    /// Takes in a packet. Late and doubled ones are no error; after an error the link should be given up, as the
    /// peer does not speak the same language.
    pub fn handle(
        &mut self,
        packet: &[u8],
        replica: &mut impl Replica,
        now: Time,
    ) -> Result<Handled, Malformed> {
        let bytes = packet.len();
        let packet = Packet::decode(packet)?;
        self.rtt.came(bytes, now);
        self.rtt.heard(packet.sent, packet.echo, now);
        self.sender.set_path(self.path());
        self.sender.acknowledged(packet.ack, now);
        self.sender.heard(now);
        if packet.gap == Gap::Missing {
            self.sender.missed(now);
        }
        match packet.frame {
            None => Ok(Handled::Unmoved),
            Some(frame) => self.take(frame, replica, now),
        }
    }

    fn take(
        &mut self,
        frame: Frame,
        replica: &mut impl Replica,
        now: Time,
    ) -> Result<Handled, Malformed> {
        let is_early = frame.base > self.received;
        if self.reliability == Reliability::Lossy {
            self.unacknowledged += frame.diff.len();
            // Also for what came twice: its acknowledgement may have been lost.
            let wait = match frame.wish {
                _ if is_early => OVERTAKEN,
                Wish::Riding if self.unacknowledged < MANY => RIDING,
                _ => SOON,
            };
            self.owe_acknowledgement(now.after(wait));
        }
        if frame.no <= self.received {
            return Ok(Handled::Unmoved);
        }
        if is_early {
            return match self.reliability {
                Reliability::Reliable => Err(Malformed("frame base")),
                Reliability::Lossy => {
                    self.early.keep(frame);
                    Ok(Handled::Unmoved)
                }
            };
        }
        replica.apply(frame.floor, frame.no, frame.diff)?;
        self.received = frame.no;
        while let Some((no, frame)) = self.early.take(self.received) {
            replica.apply(frame.floor, no, &frame.diff)?;
            self.received = no;
        }
        Ok(Handled::Moved)
    }

    /// Notes that the source changed: a frame becomes due.
    pub fn changed(&mut self, urgency: Urgency, now: Time) {
        self.sender.changed(urgency, now);
    }

    /// Takes over what `carrier` knows of the link, and tells it whether round trips have grown. Call it before polling.
    pub fn adapt(&mut self, carrier: &mut Carrier, now: Time) {
        self.rtt.sent(carrier.take_bytes(), now);
        carrier.set_round_trips(match self.rtt.is_bloated() {
            true => Queue::Long,
            false => Queue::Short,
        });
        self.queue = carrier.queue();
        // Behind a queue the next frame waits for the acknowledgement.
        self.wish = match carrier.certain_loss() >= LOSES || self.queue == Queue::Long {
            true => Wish::Soon,
            false => Wish::Riding,
        };
        self.sender.set_path(self.path());
        self.sender.set_streams(carrier.streams(), now);
    }

    /// Says how many ms a round trip takes by what the link below has measured, before packets have queued on it. It counts
    /// until packets of this endpoint have been answered.
    pub fn expect_round_trip(&mut self, ms: u64) {
        self.rtt.expect(ms);
    }

    /// Lets the peer know by `at` what of its frames has come, where no frame of ours is sent before that: over a
    /// reliable link it is told beside frames alone.
    pub fn acknowledge_by(&mut self, at: Time) {
        if self.reliability == Reliability::Reliable {
            self.owe_acknowledgement(at);
        }
    }

    fn owe_acknowledgement(&mut self, at: Time) {
        self.ack_due = Some(self.ack_due.map_or(at, |due| due.min(at)));
    }

    /// The next packet if one is due, built from the source as it is now.
    pub fn poll(&mut self, source: &impl Source<Mark = M>, now: Time) -> Option<Vec<u8>> {
        let must_ack = self.ack_due.is_some_and(|due| due <= now);
        if must_ack {
            self.sender.ride(now);
        }
        let frame = self.sender.poll(source, now);
        if frame.is_none() && !must_ack {
            return None;
        }
        (self.ack_due, self.unacknowledged) = (None, 0);
        let clocks = match self.reliability {
            Reliability::Reliable => None,
            Reliability::Lossy => self.rtt.clocks(now),
        };
        let packet = Packet {
            ack: self.received,
            gap: match self.early.is_empty() {
                true => Gap::None,
                false => Gap::Missing,
            },
            sent: clocks.map(|(sent, _)| sent),
            echo: clocks.and_then(|(_, echo)| echo),
            frame: frame.as_ref().map(|frame| Frame {
                no: frame.no,
                base: frame.base,
                floor: frame.floor,
                wish: self.wish,
                diff: &frame.diff,
            }),
        };
        Some(packet.encode())
    }

    /// Notes that the packet polled last went by a stream ([`Carrier::put`] says so): it is not sent again, and later
    /// frames build on it although it has not been acknowledged.
    pub fn went_by_stream(&mut self, now: Time) {
        self.sender.went_by_stream(now);
    }

    /// Notes that packets take another path from now on: what was measured is forgotten, and what is not acknowledged
    /// is sent again at once.
    pub fn path_changed(&mut self, now: Time) {
        self.rtt.forget();
        self.sender.set_path(self.path());
        self.sender.hurry(now);
    }

    /// When [`poll`](Self::poll) may have something; `None` until something happens.
    pub fn timeout(&self) -> Option<Time> {
        self.sender.timeout().into_iter().chain(self.ack_due).min()
    }

    /// The newest frame known to be delivered; on a reliable link that is the last one sent. The source need not
    /// remember what came before.
    pub fn acked(&self) -> FrameNo {
        self.sender.base()
    }

    /// Where the source stood at [`acked`](Self::acked); `None` for the empty state.
    pub fn acked_mark(&self) -> Option<&M> {
        self.sender.base_mark()
    }

    /// Where the source stood when it was last sent; `None` for the empty state.
    pub fn sent_mark(&self) -> Option<&M> {
        self.sender.newest_mark()
    }

    /// The newest frame that the peer itself said it has applied. On a reliable link this is said only beside the
    /// peer's own frames.
    pub fn confirmed(&self) -> FrameNo {
        self.sender.confirmed()
    }

    /// The newest frame of the peer's that was applied.
    pub fn received(&self) -> FrameNo {
        self.received
    }

    /// What the link below promises.
    pub fn reliability(&self) -> Reliability {
        self.reliability
    }

    /// Whether the link has a long queue, by what [`adapt`](Self::adapt) has taken over.
    pub fn queue(&self) -> Queue {
        self.queue
    }

    /// Whether each frame says again what has not been acknowledged: the link loses too many to build on those under way.
    pub fn repeats(&self) -> bool {
        self.reliability == Reliability::Lossy && self.wish == Wish::Soon
    }

    /// The estimated round trip in milliseconds; 100 where nothing was measured.
    pub fn round_trip(&self) -> u64 {
        self.rtt.smoothed()
    }
}

fn path(rtt: &Rtt, wish: Wish, queue: Queue) -> Path {
    Path {
        round_trip: rtt.smoothed(),
        deviation: rtt.deviation(),
        queue,
        wish,
        ack_delay: match wish {
            Wish::Soon => SOON,
            Wish::Riding => RIDING,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Urgency, sender::tests::Number};
    use super::*;

    /// Holds the number that was shown last.
    #[derive(Default)]
    struct Shown(u64);

    impl Replica for Shown {
        fn apply(&mut self, _: FrameNo, _: FrameNo, diff: &[u8]) -> Result<(), Malformed> {
            let bytes = diff.try_into().map_err(|_| Malformed("number"))?;
            self.0 = u64::from_le_bytes(bytes);
            Ok(())
        }
    }

    fn end(reliability: Reliability) -> Endpoint<u64> {
        Endpoint::new(reliability)
    }

    fn first_packet(from: &mut Endpoint<u64>) -> Vec<u8> {
        from.changed(Urgency::AtOnce, Time(0));
        from.poll(&Number(9), Time(0)).expect("a frame")
    }

    #[test]
    fn an_idle_reliable_link_has_no_timer() {
        let (mut here, mut there) = (end(Reliability::Reliable), end(Reliability::Reliable));
        let packet = first_packet(&mut here);
        let handled = there.handle(&packet, &mut Shown::default(), Time(0));
        assert_eq!(handled, Ok(Handled::Moved));
        assert_eq!((here.timeout(), there.timeout()), (None, None));
        assert_eq!(
            (here.acked_mark(), here.confirmed()),
            (Some(&9), FrameNo(0))
        );
    }

    #[test]
    fn a_reliable_link_acknowledges_alone_where_that_is_asked_for() {
        let (mut here, mut there) = (end(Reliability::Reliable), end(Reliability::Reliable));
        let packet = first_packet(&mut here);
        there
            .handle(&packet, &mut Shown::default(), Time(0))
            .expect("a frame");
        there.acknowledge_by(Time(250));
        assert_eq!(there.poll(&Number(0), Time(249)), None);
        let ack = there
            .poll(&Number(0), Time(250))
            .expect("an acknowledgement");
        let handled = here.handle(&ack, &mut Shown::default(), Time(250));
        assert_eq!(handled, Ok(Handled::Unmoved));
        assert_eq!(here.confirmed(), FrameNo(1));
        assert_eq!((here.timeout(), there.timeout()), (None, None));
    }

    #[test]
    fn a_frame_is_acknowledged_in_time_and_an_acknowledgement_is_not() {
        let (mut here, mut there) = (end(Reliability::Lossy), end(Reliability::Lossy));
        let (mut shown, packet) = (Shown::default(), first_packet(&mut here));
        there
            .handle(&packet, &mut shown, Time(50))
            .expect("a frame");
        assert_eq!(there.poll(&Number(0), Time(199)), None);
        assert_eq!(there.timeout(), Some(Time(200)));
        let ack = there
            .poll(&Number(0), Time(200))
            .expect("an acknowledgement");
        assert_eq!(there.timeout(), None);
        let handled = here.handle(&ack, &mut Shown::default(), Time(250));
        assert_eq!(handled, Ok(Handled::Unmoved));
        assert_eq!((here.acked(), here.timeout()), (FrameNo(1), None));
        assert_eq!(here.round_trip(), 100);
        let again = there.handle(&packet, &mut shown, Time(300));
        assert_eq!(again, Ok(Handled::Unmoved));
        assert!(there.timeout().is_some(), "the acknowledgement may be lost");
    }

    #[test]
    fn a_frame_on_a_base_that_never_came_is_refused() {
        let mut here = end(Reliability::Reliable);
        first_packet(&mut here);
        here.changed(Urgency::AtOnce, Time(1));
        let second = here.poll(&Number(10), Time(1)).expect("a frame");
        let refused = end(Reliability::Reliable).handle(&second, &mut Shown::default(), Time(1));
        assert_eq!(refused, Err(Malformed("frame base")));
    }

    /// Both ends of a link that loses nothing.
    struct Pair {
        here: Endpoint<u64>,
        there: Endpoint<u64>,
        shown: Shown,
    }

    impl Pair {
        fn new() -> Self {
            Self {
                here: end(Reliability::Lossy),
                there: end(Reliability::Lossy),
                shown: Shown::default(),
            }
        }

        fn send(&mut self, value: u64, now: Time) -> Vec<u8> {
            self.here.changed(Urgency::AtOnce, now);
            self.here.poll(&Number(value), now).expect("a frame")
        }

        fn arrive(&mut self, packet: &[u8], now: Time) -> Handled {
            let handled = self.there.handle(packet, &mut self.shown, now);
            handled.expect("a packet")
        }
    }

    #[test]
    fn frames_build_on_one_that_travels_by_stream_and_wait_for_it() {
        let mut pair = Pair::new();
        let snapshot = pair.send(1, Time(0));
        pair.here.went_by_stream(Time(0));
        let second = pair.send(2, Time(10));
        let third = pair.send(3, Time(20));
        assert_eq!(pair.arrive(&third, Time(60)), Handled::Unmoved);
        assert_eq!(pair.arrive(&second, Time(61)), Handled::Unmoved);
        assert_eq!(pair.shown.0, 0);
        assert_eq!(pair.arrive(&snapshot, Time(500)), Handled::Moved);
        assert_eq!((pair.shown.0, pair.there.received()), (3, FrameNo(3)));
        assert!(
            pair.here.timeout() >= Some(Time(10_000)),
            "no resends meanwhile"
        );
    }

    #[test]
    fn a_stream_that_never_arrives_is_given_up() {
        let mut pair = Pair::new();
        pair.send(1, Time(0));
        pair.here.went_by_stream(Time(0));
        let lost = pair.send(2, Time(10));
        assert_eq!(pair.arrive(&lost, Time(60)), Handled::Unmoved);
        let at = pair.here.timeout().expect("patience ends");
        let again = pair.here.poll(&Number(2), at).expect("a frame");
        assert_eq!(pair.arrive(&again, at), Handled::Moved);
        assert_eq!(pair.shown.0, 2);
    }

    #[test]
    fn a_missing_frame_is_told_and_sent_again() {
        let mut pair = Pair::new();
        let first = pair.send(1, Time(0));
        pair.arrive(&first, Time(50));
        let ack = pair.there.poll(&Number(0), Time(200)).expect("an answer");
        pair.here
            .handle(&ack, &mut Shown::default(), Time(250))
            .expect("an answer");
        let packet = Packet {
            ack: FrameNo(0),
            gap: Gap::None,
            sent: None,
            echo: None,
            frame: Some(Frame {
                no: FrameNo(3),
                base: FrameNo(2),
                floor: FrameNo(1),
                wish: Wish::Riding,
                diff: &3u64.to_le_bytes(),
            }),
        };
        pair.send(2, Time(300));
        assert_eq!(pair.arrive(&packet.encode(), Time(400)), Handled::Unmoved);
        let told = pair.there.poll(&Number(0), Time(410)).expect("at once");
        pair.here
            .handle(&told, &mut Shown::default(), Time(460))
            .expect("an answer");
        let again = pair.here.poll(&Number(2), Time(460)).expect("at once");
        assert_eq!(pair.arrive(&again, Time(510)), Handled::Moved);
        assert_eq!(pair.shown.0, 3, "both");
    }

    #[test]
    fn what_nobody_waits_for_rides_along() {
        let mut pair = Pair::new();
        let first = pair.send(1, Time(0));
        pair.arrive(&first, Time(50));
        pair.there.changed(Urgency::Lazy, Time(100));
        assert_eq!(pair.there.timeout(), Some(Time(200)));
        let packet = pair.there.poll(&Number(7), Time(200)).expect("both");
        let mut shown = Shown::default();
        pair.here
            .handle(&packet, &mut shown, Time(250))
            .expect("both");
        assert_eq!((shown.0, pair.here.acked()), (7, FrameNo(1)));
        pair.there.changed(Urgency::Lazy, Time(300));
        assert_eq!(pair.there.timeout(), Some(Time(450)));
    }

    #[test]
    fn another_path_is_tried_at_once() {
        let mut pair = Pair::new();
        pair.send(1, Time(0));
        pair.here.path_changed(Time(30));
        assert!(pair.here.poll(&Number(1), Time(30)).is_some());
    }
}
