//! One end of a synchronised link: sends the frames of a source, and takes the other's into a replica.

use super::packet::{Frame, Packet};
use super::rtt::Rtt;
use super::sender::Sender;
use super::{FrameNo, Replica, Source, Time};
use crate::varint::Malformed;

/// Milliseconds that an acknowledgement may wait for a frame to ride along with.
const ACK_DELAY: u64 = 5;

/// What the link below promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliability {
    /// Every packet arrives, in order. A polled packet counts as delivered: nothing is resent and no packet is sent
    /// only to acknowledge, so an idle link has no timers. Poll only while no earlier packet waits to be written.
    Reliable,
    /// Packets may be lost, doubled and reordered.
    Lossy,
}

/// How soon a change should be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// With the next poll: somebody waits for it.
    AtOnce,
    /// [`FRAME_INTERVAL`](super::FRAME_INTERVAL) after the last frame; at once if that is over.
    Paced,
}

/// What a packet did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// The replica stands at a newer frame.
    Moved,
    /// The replica is as it was: the packet only acknowledged, or came late or twice.
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
    ack_due: Option<Time>,
    rtt: Rtt,
}

impl<M: Clone + PartialEq> Endpoint<M> {
    /// An end that has sent and received nothing: both sides start from the empty state.
    pub fn new(reliability: Reliability) -> Self {
        Self {
            reliability,
            sender: Sender::new(reliability),
            received: FrameNo(0),
            ack_due: None,
            rtt: Rtt::new(),
        }
    }

    /// Takes in a packet. Late and doubled ones are no error; after an error the link should be given up, as the
    /// peer does not speak the same language.
    pub fn handle(
        &mut self,
        packet: &[u8],
        replica: &mut impl Replica,
        now: Time,
    ) -> Result<Handled, Malformed> {
        let packet = Packet::decode(packet)?;
        self.rtt.heard(packet.sent, packet.echo, now);
        self.sender.acknowledged(packet.ack, self.rtt.smoothed());
        let Some(frame) = packet.frame else {
            return Ok(Handled::Unmoved);
        };
        if self.reliability == Reliability::Lossy {
            // Also for what came twice: its acknowledgement may have been lost.
            let at = now.after(ACK_DELAY);
            self.ack_due = Some(self.ack_due.map_or(at, |due| due.min(at)));
        }
        if frame.no <= self.received {
            return Ok(Handled::Unmoved);
        }
        if frame.base > self.received {
            return Err(Malformed("frame base"));
        }
        replica.apply(frame.base, frame.no, frame.diff)?;
        self.received = frame.no;
        Ok(Handled::Moved)
    }

    /// Notes that the source changed: a frame becomes due.
    pub fn changed(&mut self, urgency: Urgency, now: Time) {
        self.sender.changed(urgency, now);
    }

    /// The next packet if one is due, built from the source as it is now.
    pub fn poll(&mut self, source: &impl Source<Mark = M>, now: Time) -> Option<Vec<u8>> {
        let frame = self.sender.poll(source, self.rtt.smoothed(), now);
        if frame.is_none() && self.ack_due.is_none_or(|due| due > now) {
            return None;
        }
        self.ack_due = None;
        let (sent, echo) = match self.reliability {
            Reliability::Reliable => (None, None),
            Reliability::Lossy => (Some(Rtt::clock(now)), self.rtt.take_echo(now)),
        };
        let packet = Packet {
            ack: self.received,
            sent,
            echo,
            frame: frame.as_ref().map(|frame| Frame {
                no: frame.no,
                base: frame.base,
                diff: &frame.diff,
            }),
        };
        Some(packet.encode())
    }

    /// Notes that the packet polled last left by a stream: it needs no resend.
    pub fn went_by_stream(&mut self) {}

    /// When [`poll`](Self::poll) may have something; `None` until something happens.
    pub fn timeout(&self) -> Option<Time> {
        self.sender.timeout().into_iter().chain(self.ack_due).min()
    }

    /// The newest frame known to be delivered; on a reliable link that is the last one sent. Differences build on
    /// it, and the source need not remember what came before.
    pub fn acked(&self) -> FrameNo {
        self.sender.base()
    }

    /// Where the source stood at [`acked`](Self::acked); `None` for the empty state.
    pub fn acked_mark(&self) -> Option<&M> {
        self.sender.base_mark()
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

    /// The estimated round trip in milliseconds; 100 where nothing was measured.
    pub fn round_trip(&self) -> u64 {
        self.rtt.smoothed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::{Chance, Conditions, Wire};
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
    fn a_frame_is_acknowledged_in_time_and_an_acknowledgement_is_not() {
        let (mut here, mut there) = (end(Reliability::Lossy), end(Reliability::Lossy));
        let (mut shown, packet) = (Shown::default(), first_packet(&mut here));
        there
            .handle(&packet, &mut shown, Time(50))
            .expect("a frame");
        assert_eq!(there.poll(&Number(0), Time(54)), None);
        assert_eq!(there.timeout(), Some(Time(55)));
        let ack = there
            .poll(&Number(0), Time(55))
            .expect("an acknowledgement");
        assert_eq!(there.timeout(), None);
        let handled = here.handle(&ack, &mut Shown::default(), Time(105));
        assert_eq!(handled, Ok(Handled::Unmoved));
        assert_eq!((here.acked(), here.timeout()), (FrameNo(1), None));
        assert_eq!(here.round_trip(), 100);
        let again = there.handle(&packet, &mut shown, Time(200));
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

    /// Milliseconds from each change at one end until the other end's echo of it is shown, sorted.
    fn echoes(loss: u32, seed: u64) -> Vec<u64> {
        let bad = Conditions {
            loss,
            delay: 50,
            ..Conditions::default()
        };
        let (mut up, mut down) = (Wire::new(bad.clone(), seed), Wire::new(bad, seed + 1));
        let (mut here, mut there) = (end(Reliability::Lossy), end(Reliability::Lossy));
        let (mut typed, mut got, mut echoed) = (Number(0), Shown::default(), Shown::default());
        let (mut typed_at, mut took) = (Vec::new(), Vec::new());
        let (mut chance, mut key) = (Chance::new(seed), 0);
        for now in (0..120_000).map(Time) {
            if now.0 == key && typed_at.len() < 500 {
                typed.0 += 1;
                typed_at.push(now);
                key += 80 + chance.below(170);
                here.changed(Urgency::AtOnce, now);
            }
            for packet in up.take(now) {
                let handled = there.handle(&packet, &mut got, now);
                if handled == Ok(Handled::Moved) {
                    there.changed(Urgency::AtOnce, now);
                }
            }
            for packet in down.take(now) {
                here.handle(&packet, &mut echoed, now).expect("a packet");
            }
            let settled = typed_at.iter().take(echoed.0 as usize).skip(took.len());
            let settled = settled.map(|at| now.since(*at)).collect::<Vec<_>>();
            took.extend(settled);
            if let Some(packet) = here.poll(&typed, now) {
                up.put(packet, now);
            }
            if let Some(packet) = there.poll(&Number(got.0), now) {
                down.put(packet, now);
            }
        }
        assert_eq!(took.len(), 500);
        took.sort_unstable();
        took
    }

    #[test]
    fn a_key_is_echoed_after_one_round_trip() {
        let took = echoes(0, 1);
        assert_eq!((took[0], took[499]), (100, 100));
    }

    /// The paper's bad link (100 ms, 29 % each way), on which mosh takes 162, 406 and 524 ms.
    #[test]
    fn loss_delays_a_key_by_little() {
        let mut took = (0..10).flat_map(|n| echoes(290, n * 2)).collect::<Vec<_>>();
        took.sort_unstable();
        let [p50, p95, p99] = [50, 95, 99].map(|p| took[took.len() * p / 100]);
        assert!(p50 <= 100 && p95 <= 380 && p99 <= 560, "{p50} {p95} {p99}");
    }
}
