//! What comes from a peer beside the streams of a conversation: datagrams and large packets, as a hostile peer or a bad
//! path may have them.

use super::bytes::Trial;
use std::collections::BTreeSet;
use wt::protocol::{InputReceiver, View};
use wt::sync::{Carrier, Endpoint, MAX_PACKET, Outgoing, Reliability, Time, Way};
use wt::varint::{self, Reader};

/// The conversation that is meant.
const INDEX: u64 = 4;

/// One end: what takes packets in.
struct End {
    carrier: Carrier,
    /// As a server takes input, and as a client takes views.
    endpoint: Endpoint<u64>,
    input: InputReceiver,
    view: View,
    shown: Endpoint<u64>,
}

impl End {
    fn new() -> Self {
        Self {
            carrier: Carrier::new(1200),
            endpoint: Endpoint::new(Reliability::Lossy),
            input: InputReceiver::default(),
            view: View::default(),
            shown: Endpoint::new(Reliability::Lossy),
        }
    }

    /// The packet that a datagram of the connection made whole, if it names the conversation.
    fn datagram(&mut self, bytes: &[u8], now: Time) -> Option<Vec<u8>> {
        let mut reader = Reader::new(bytes);
        if reader.u64() != Ok(INDEX) {
            return None;
        }
        self.carrier.handle_datagram(reader.rest(), now).ok()?
    }

    fn take(&mut self, packet: &[u8], now: Time) {
        assert!(packet.len() <= MAX_PACKET);
        let _ = self.endpoint.handle(packet, &mut self.input, now);
        let _ = self.shown.handle(packet, &mut self.view, now);
        while self.input.next().is_some() {}
        self.endpoint.adapt(&mut self.carrier, now);
        self.shown.adapt(&mut self.carrier, now);
    }
}

/// A datagram as it travels.
fn named(bytes: &[u8]) -> Vec<u8> {
    let mut named = Vec::new();
    varint::put(&mut named, INDEX);
    named.extend_from_slice(bytes);
    named
}

/// Whatever comes is taken or refused within bounds; as long as nothing was forged or damaged on the way, each packet
/// comes out as it was put in, and once.
pub fn whatever_comes_is_taken_or_refused(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let (mut peer, mut own) = (Carrier::new(300), End::new());
    let (mut datagrams, mut streams) = (Vec::new(), Vec::new());
    let (mut now, mut count, mut is_honest) = (Time(0), 0u32, true);
    let (mut once, mut often) = (BTreeSet::new(), BTreeSet::new());
    while !trial.is_empty() {
        let packet = match trial.byte() % 10 {
            0 | 1 => {
                count += 1;
                let times = 1 + usize::from(trial.byte()) * 8;
                let packet = [&trial.piece().repeat(times)[..], &count.to_be_bytes()].concat();
                match peer.put(packet.clone()) {
                    Way::Datagrams => once.insert(packet),
                    // A stream comes once; here it is brought as often as the trial wants.
                    Way::Stream => often.insert(packet),
                };
                None
            }
            2 => pick(&datagrams, trial.byte()).and_then(|bytes| own.datagram(bytes, now)),
            3 => pick(&streams, trial.byte())
                .and_then(|bytes: &Vec<u8>| own.carrier.handle_stream(bytes.clone(), now).ok()),
            4 => {
                is_honest = false;
                let mut bytes = pick(&datagrams, trial.byte()).cloned().unwrap_or_default();
                let at = usize::from(trial.byte()) % bytes.len().max(1);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (count % 8));
                own.datagram(&bytes, now)
            }
            5 => {
                is_honest = false;
                let bytes = pick(&datagrams, trial.byte()).cloned().unwrap_or_default();
                let len = usize::from(trial.byte()) % (bytes.len() + 1);
                own.datagram(&bytes[..len], now)
            }
            6 => {
                is_honest = false;
                own.datagram(&named(trial.piece()), now)
            }
            7 => {
                is_honest = false;
                own.datagram(trial.piece(), now)
            }
            8 => {
                is_honest = false;
                own.carrier.handle_stream(trial.piece().to_vec(), now).ok()
            }
            _ => {
                now = now.after(u64::from(trial.byte()) * 4);
                while let Some(Outgoing::Datagram(report)) = own.carrier.poll(now) {
                    let _ = peer.handle_datagram(&report, now);
                }
                None
            }
        };
        while let Some(outgoing) = peer.poll(now) {
            match outgoing {
                Outgoing::Datagram(bytes) => datagrams.push(named(&bytes)),
                Outgoing::Stream { bytes, .. } => streams.push(bytes),
            }
        }
        if let Some(packet) = packet {
            let is_due = once.remove(&packet) || often.contains(&packet);
            assert!(is_due || !is_honest, "a packet that nobody sent, or twice");
            own.take(&packet, now);
        }
    }
}

fn pick(all: &[Vec<u8>], which: u8) -> Option<&Vec<u8>> {
    all.get(usize::from(which) % all.len().max(1))
}
