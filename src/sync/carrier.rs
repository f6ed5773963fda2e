//! Carries packets of any size over a link of datagrams: cut into parts and put together again, each taken once. What
//! is too long for datagrams goes by a stream of its own.

use super::Time;
use super::arrivals::Arrivals;
use super::copies::Copies;
use super::datagram::{Datagram, MAX_DATAGRAM, MAX_HEAD, MAX_PARTS, Packing, Part};
use super::packet;
use super::packing::Packer;
use super::parts::Parts;
use crate::varint::Malformed;
use std::collections::VecDeque;

/// Shortest datagram that a link may offer: what IPv6 promises, less the heads of all that is below.
pub const MIN_DATAGRAM: usize = 256;
/// Longest packet that is put in or comes out.
pub const MAX_PACKET: usize = 8 << 20;
/// Datagrams from one that tells how many are lost to the next.
const REPORT_EVERY: u16 = 16;
/// Datagrams that the other side counts for its report.
const COUNTED: u64 = 250;
/// The first byte of a stream whose packet is written as it is.
const PLAIN: u8 = 0;
/// And of one whose packet is compressed.
const PACKED: u8 = 1;
/// Longest packet that travels in datagrams, before it is compressed: a few of them may not ask for much memory.
const MAX_UNPACKED: usize = 256 << 10;

/// Which way a packet leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In datagrams: it may be lost.
    Datagrams,
    /// By a stream: it arrives unless a later one takes its place.
    Stream,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// One datagram, at most as long as the link said.
    Datagram(Vec<u8>),
    /// All that one stream says.
    Stream {
        /// The bytes, then the stream's end.
        bytes: Vec<u8>,
        /// What to do with earlier streams that have not left in full.
        earlier: Earlier,
    },
}

/// Whether streams that left before are still of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// What they bring is built on.
    Needed,
    /// This one takes their place: they should be reset.
    Superseded,
}

/// Whether the link below has a long queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What is sent travels at once.
    Short,
    /// The round trip has grown far beyond what the path needs: every byte adds to it.
    Long,
}

/// What is known below of the streams that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// Some may be under way.
    UnderWay,
    /// All have come to the other machine, or were given up.
    Over,
}

/// Both directions of one link of datagrams.
///
/// Law: a packet comes out as it was put in, at most once, or not at all.
#[derive(Debug)]
pub struct Carrier {
    max_datagram: usize,
    /// How many datagrams left.
    sent: u64,
    /// Bytes of the packets that were taken in, as they travel, since that was asked for.
    bytes: usize,
    unsent: VecDeque<Unsent>,
    /// The newest packet that is too long for datagrams.
    stream: Option<Outgoing>,
    packer: Packer,
    copies: Copies,
    arrivals: Arrivals,
    parts: Parts,
    last_heard: Option<Time>,
    /// What the other side said last of the datagrams that it misses, of 255.
    lost: u8,
    reported: Option<u8>,
    /// What the link below says of its queue, and what round trips say.
    queue: (Queue, Queue),
    streams: Streams,
}

/// Whether a datagram may be worth copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    One,
    Copies,
}

/// A datagram that has no number yet.
#[derive(Debug, Clone)]
struct Unsent {
    worth: Worth,
    part: Part,
    packing: Packing,
    bytes: Vec<u8>,
}

impl Carrier {
    /// A link whose datagrams hold up to `max_datagram` bytes.
    pub fn new(max_datagram: usize) -> Self {
        let mut carrier = Self {
            max_datagram: 0,
            sent: 0,
            bytes: 0,
            unsent: VecDeque::new(),
            stream: None,
            packer: Packer::default(),
            copies: Copies::new(),
            arrivals: Arrivals::new(),
            parts: Parts::default(),
            last_heard: None,
            lost: 0,
            reported: None,
            queue: (Queue::Short, Queue::Short),
            streams: Streams::UnderWay,
        };
        carrier.set_max_datagram(max_datagram);
        carrier
    }

    /// The path's datagrams hold so many bytes from now on.
    pub fn set_max_datagram(&mut self, bytes: usize) {
        self.max_datagram = bytes.clamp(MIN_DATAGRAM, MAX_DATAGRAM);
    }

    /// Bytes of the packets that were taken in since this was last asked, as they travel.
    pub(super) fn take_bytes(&mut self) -> usize {
        std::mem::take(&mut self.bytes)
    }

    /// Says how the link below does.
    pub fn set_queue(&mut self, queue: Queue) {
        self.queue.0 = queue;
    }

    /// Says what became of the streams that left.
    pub fn set_streams(&mut self, streams: Streams) {
        self.streams = streams;
    }

    /// What became of all streams, those included that have yet to leave.
    pub(super) fn streams(&self) -> Streams {
        match self.stream {
            Some(_) => Streams::UnderWay,
            None => self.streams,
        }
    }

    pub(super) fn set_round_trips(&mut self, queue: Queue) {
        self.queue.1 = queue;
    }

    pub(super) fn queue(&self) -> Queue {
        match self.queue {
            (Queue::Short, Queue::Short) => Queue::Short,
            _ => Queue::Long,
        }
    }

    /// Takes a packet in to be sent with the next polls. Whoever builds packets has to know of the ones that go by
    /// stream: [`Endpoint::went_by_stream`](super::Endpoint::went_by_stream).
    #[must_use = "the endpoint has to know of what goes by stream"]
    pub fn put(&mut self, packet: Vec<u8>) -> Way {
        debug_assert!(packet.len() <= MAX_PACKET);
        let earlier = match packet::is_ahead(&packet) {
            true => Earlier::Needed,
            false => Earlier::Superseded,
        };
        let is_frame = packet::is_frame(&packet);
        let is_vast = packet.len() > MAX_UNPACKED;
        let (packing, packet) = match self.packer.pack(&packet) {
            Some(packed) => (Packing::Packed, packed),
            None => (Packing::Plain, packet),
        };
        self.bytes += packet.len();
        let room = self.max_datagram - MAX_HEAD;
        let count = packet.len().div_ceil(room).max(1);
        if is_vast || count > MAX_PARTS {
            let packed = match packing {
                Packing::Plain => PLAIN,
                Packing::Packed => PACKED,
            };
            self.stream = Some(Outgoing::Stream {
                bytes: [&[packed], packet.as_slice()].concat(),
                earlier,
            });
            return Way::Stream;
        }
        let worth = match count == 1 && is_frame {
            true => Worth::Copies,
            false => Worth::One,
        };
        // Parts of about one length: the last is as likely to be lost as the others.
        let len = packet.len().div_ceil(count).max(1);
        for index in 0..count {
            let (start, end) = (index * len, ((index + 1) * len).min(packet.len()));
            let part = Part {
                index: index as u8,
                count: count as u8,
            };
            self.unsent.push_back(Unsent {
                worth,
                part,
                packing,
                bytes: packet[start.min(end)..end].to_vec(),
            });
        }
        Way::Datagrams
    }

    /// What is to be sent now.
    pub fn poll(&mut self, now: Time) -> Option<Outgoing> {
        if let Some(stream) = self.stream.take() {
            return Some(stream);
        }
        if let Some(unsent) = self.unsent.pop_front() {
            return Some(self.send(unsent, now));
        }
        let (packing, bytes, first) = self.copies.poll(now)?;
        let back = u8::try_from(self.sent - first).ok()?;
        let datagram = self.datagram(back, Part::WHOLE, packing, &bytes);
        let encoded = datagram.encode();
        self.sent += 1;
        Some(Outgoing::Datagram(encoded))
    }

    fn send(&mut self, unsent: Unsent, now: Time) -> Outgoing {
        let datagram = self.datagram(0, unsent.part, unsent.packing, &unsent.bytes);
        if unsent.worth == Worth::Copies {
            let (loss, queue) = (self.certain_loss(), self.queue());
            self.copies.sent(&datagram, self.sent, loss, queue, now);
        }
        self.sent += 1;
        Outgoing::Datagram(datagram.encode())
    }

    fn datagram<'a>(
        &mut self,
        back: u8,
        part: Part,
        packing: Packing,
        bytes: &'a [u8],
    ) -> Datagram<'a> {
        let number = self.sent as u16;
        Datagram {
            number,
            back,
            part,
            report: self.report(number),
            packing,
            bytes,
        }
    }

    fn report(&mut self, number: u16) -> Option<u8> {
        let report = self.arrivals.report();
        let is_news = self.reported != Some(report) || number.is_multiple_of(REPORT_EVERY);
        self.reported = Some(report);
        is_news.then_some(report)
    }

    /// The loss in thousandths that so many datagrams make certain: one lost of few may be chance.
    pub(super) fn certain_loss(&self) -> u32 {
        let of = self.sent.clamp(1, COUNTED);
        let lost = u64::from(self.lost) * of / 255;
        (lost.saturating_sub(lost.isqrt()) * 1000 / of) as u32
    }

    /// When [`poll`](Self::poll) will have something that it has not now.
    pub fn timeout(&self) -> Option<Time> {
        self.copies.timeout()
    }

    /// Takes in a datagram; the packet that it was, or made whole. A copy of what has come is none. After an error
    /// the link should be given up.
    pub fn handle_datagram(
        &mut self,
        bytes: &[u8],
        now: Time,
    ) -> Result<Option<Vec<u8>>, Malformed> {
        let datagram = Datagram::decode(bytes)?;
        self.last_heard = Some(now);
        if let Some(lost) = datagram.report {
            self.lost = lost;
        }
        let Some(number) = self.arrivals.note(datagram.number, datagram.back, now) else {
            return Ok(None);
        };
        if datagram.part == Part::WHOLE {
            return match datagram.packing {
                Packing::Plain => Ok(Some(datagram.bytes.to_vec())),
                Packing::Packed => self.packer.unpack(datagram.bytes, MAX_UNPACKED).map(Some),
            };
        }
        match self.parts.take(number, &datagram)? {
            None => Ok(None),
            Some((Packing::Plain, bytes)) => Ok(Some(bytes)),
            Some((Packing::Packed, bytes)) => self.packer.unpack(&bytes, MAX_UNPACKED).map(Some),
        }
    }

    /// Takes in all that a stream said: one packet. Whoever reads the stream stops at [`MAX_PACKET`] bytes.
    pub fn handle_stream(&mut self, mut bytes: Vec<u8>, now: Time) -> Result<Vec<u8>, Malformed> {
        self.last_heard = Some(now);
        if bytes.len() > MAX_PACKET {
            return Err(Malformed("stream length"));
        }
        match bytes.first() {
            Some(&PLAIN) => {
                bytes.remove(0);
                Ok(bytes)
            }
            Some(&PACKED) => self.packer.unpack(&bytes[1..], MAX_PACKET),
            _ => Err(Malformed("stream flags")),
        }
    }

    /// How many of a thousand datagrams sent from here are lost, as the other side counts.
    pub fn loss(&self) -> u32 {
        u32::from(self.lost) * 1000 / 255
    }

    /// When something last came from the other side.
    pub fn last_heard(&self) -> Option<Time> {
        self.last_heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outgoing(carrier: &mut Carrier, now: Time) -> Vec<Outgoing> {
        std::iter::from_fn(|| carrier.poll(now)).collect()
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut chance = super::super::wire::Chance::new(len as u64);
        (0..len).map(|_| chance.any() as u8).collect()
    }

    #[test]
    fn a_small_packet_is_one_datagram() {
        let (mut here, mut there) = (Carrier::new(1200), Carrier::new(1200));
        assert_eq!(here.put(b"packet".to_vec()), Way::Datagrams);
        let sent = outgoing(&mut here, Time(0));
        let [Outgoing::Datagram(bytes)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        assert!(bytes.len() <= b"packet".len() + 4);
        let got = there.handle_datagram(bytes, Time(7));
        assert_eq!(got, Ok(Some(b"packet".to_vec())));
        assert_eq!(there.handle_datagram(bytes, Time(8)), Ok(None), "a double");
        assert_eq!(there.last_heard(), Some(Time(8)));
    }

    #[test]
    fn what_is_too_long_for_datagrams_goes_by_stream() {
        let (mut here, mut there) = (Carrier::new(1200), Carrier::new(1200));
        let packet = noise(20_000);
        assert_eq!(here.put(noise(30_000)), Way::Stream);
        assert_eq!(here.put(packet.clone()), Way::Stream);
        let sent = outgoing(&mut here, Time(0));
        let [Outgoing::Stream { bytes, .. }] = sent.as_slice() else {
            panic!("{} pieces", sent.len());
        };
        let got = there.handle_stream(bytes.clone(), Time(0));
        assert_eq!(got, Ok(packet), "the newer one");
    }

    #[test]
    fn losses_are_told_to_the_sender() {
        let (mut here, mut there) = (Carrier::new(1200), Carrier::new(1200));
        for n in 0..400u64 {
            assert_eq!(here.put(vec![1]), Way::Datagrams);
            for sent in outgoing(&mut here, Time(n)) {
                let Outgoing::Datagram(bytes) = sent else {
                    panic!("a stream");
                };
                if n % 5 != 0 {
                    there.handle_datagram(&bytes, Time(n)).expect("a packet");
                }
            }
        }
        assert_eq!(there.put(vec![1]), Way::Datagrams);
        for sent in outgoing(&mut there, Time(400)) {
            let Outgoing::Datagram(bytes) = sent else {
                panic!("a stream");
            };
            here.handle_datagram(&bytes, Time(400)).expect("a packet");
        }
        assert!((190..=210).contains(&here.loss()), "{}", here.loss());
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in(len in 0usize..9000, room in 256usize..2000, seed: u64) {
            let (mut here, mut there) = (Carrier::new(room), Carrier::new(room));
            let packet = noise(len);
            let way = here.put(packet.clone());
            let mut sent = outgoing(&mut here, Time(0));
            // In any order.
            sent.sort_by_key(|one| match one {
                Outgoing::Datagram(bytes) | Outgoing::Stream { bytes, .. } => {
                    bytes.iter().fold(seed, |a, b| a.wrapping_mul(31) ^ u64::from(*b))
                }
            });
            let mut got = Vec::new();
            for one in sent {
                match one {
                    Outgoing::Datagram(bytes) => {
                        prop_assert!(bytes.len() <= room && way == Way::Datagrams);
                        got.extend(there.handle_datagram(&bytes, Time(1)).expect("a datagram"));
                    }
                    Outgoing::Stream { bytes, .. } => {
                        prop_assert!(way == Way::Stream);
                        got.push(there.handle_stream(bytes, Time(1)).expect("a stream"));
                    }
                }
            }
            prop_assert_eq!(got, [packet]);
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(datagrams: Vec<Vec<u8>>, stream: Vec<u8>) {
            let mut carrier = Carrier::new(1200);
            for (now, bytes) in datagrams.iter().enumerate() {
                let _ = carrier.handle_datagram(bytes, Time(now as u64 * 5000));
            }
            let _ = carrier.handle_stream(stream, Time(0));
        }
    }
}
