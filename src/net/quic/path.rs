//! The path of a connection, as the client watches it: when the other end was heard last, and whether packets would leave
//! from another address than before.
//!
//! A server that hears a client at a new address may send it no more than three times what came from there, until the
//! client has proved to be there (RFC 9000 §8.1, §9.3): a key would wait for its echo a round trip longer. So what first
//! goes out on another path has padding beside it.

use crate::sync::silence;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long what was found of our address holds.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often padding is sent again while nothing comes back, at first and later; and at first where so many packets of a
/// thousand are lost.
const PAD_EVERY: Duration = Duration::from_millis(100);
const PAD_OFTEN: Duration = Duration::from_millis(10);
const LOSES: u32 = 50;
const PAD_SELDOM: Duration = Duration::from_secs(2);

/// How often it is sent at first, and how often of these in a row where packets are lost.
const PADS: u32 = 10;
const OFTEN: u32 = 3;

/// After so long without a word, although something was sent, the path may be another one without our seeing it.
const SUSPECT: Duration = Duration::from_millis(silence::SUSPECT);

/// After so long a translator of addresses may have lost our place: another port is taken.
const REBIND_EVERY: Duration = Duration::from_millis(silence::REBIND);

/// What is to be done about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Padding goes out with the next packet.
    Pad,
    /// The socket is to be another one, and padding goes out with the next packet.
    Rebind,
}

/// What is known of a path.
#[derive(Debug)]
pub(super) struct Path {
    /// Packets that came.
    count: u64,
    heard: Instant,
    /// The address that packets leave from, and when that was found.
    source: Option<IpAddr>,
    looked: Option<Instant>,
    /// Since when packets were sent that may need an answer.
    asked: Option<Instant>,
    padded: Option<Instant>,
    pads: u32,
    rebound: Option<Instant>,
}

impl Path {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            count: 0,
            heard: now,
            source: None,
            looked: None,
            asked: None,
            padded: None,
            pads: PADS,
            rebound: None,
        }
    }

    /// When the other end was heard last.
    pub(super) fn heard(&self) -> Instant {
        self.heard
    }

    /// How long an answer has been waited for, if one is.
    pub(super) fn awaited(&self, now: Instant) -> Duration {
        let asked = self.asked.map(|asked| now - asked.max(self.heard));
        asked.unwrap_or_default()
    }

    /// Notes how many packets have come in all.
    pub(super) fn note_received(&mut self, count: u64, now: Instant) {
        if count != self.count {
            self.count = count;
            self.heard = now;
            self.asked = None;
            self.pads = PADS;
            self.rebound = None;
        }
    }

    /// Whether our address is to be looked up again.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        self.looked.is_none_or(|looked| now - looked >= LOOK_EVERY)
    }

    /// Notes the address that packets leave from now; `None` if there is no way out.
    pub(super) fn note_source(&mut self, source: Option<IpAddr>, now: Instant) {
        self.looked = Some(now);
        let Some(source) = source else { return };
        let before = self.source.replace(source);
        if before.is_some_and(|before| before != source) {
            self.moved();
        }
    }

    /// Notes that the path is another one for all that is known.
    pub(super) fn moved(&mut self) {
        self.pads = 0;
        self.padded = None;
    }

    /// Whether the path is another one and the other end may not know that.
    pub(super) fn has_moved(&self) -> bool {
        self.pads < PADS
    }

    /// Something is being sent where so many packets of a thousand are lost: what is to be done with it.
    pub(super) fn sending(
        &mut self,
        (round_trip, loss): (Duration, u32),
        now: Instant,
    ) -> Option<Care> {
        let asked = *self.asked.get_or_insert(now);
        let silent = now - self.heard.max(asked);
        let is_lost = silent >= REBIND_EVERY
            && self
                .rebound
                .is_none_or(|rebound| now - rebound >= REBIND_EVERY);
        if is_lost {
            self.rebound = Some(now);
            self.padded = Some(now);
            return Some(Care::Rebind);
        }
        let every = match self.pads < PADS {
            true if loss >= LOSES && self.pads < OFTEN => PAD_OFTEN,
            true => PAD_EVERY,
            false if silent >= SUSPECT.max(round_trip * silence::SUSPECT_ROUNDS) => PAD_SELDOM,
            false => return None,
        };
        if self.padded.is_some_and(|padded| now - padded < every) {
            return None;
        }
        self.padded = Some(now);
        self.pads = self.pads.saturating_add(1);
        Some(Care::Pad)
    }
}

/// The address that packets to `peer` leave from now. Asks the system's routes; nothing is sent.
pub(super) fn source_to(peer: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match peer {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: (Duration, u32) = (Duration::from_millis(100), 10);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(10, 0, 0, last).into())
    }

    #[test]
    fn a_path_that_answers_needs_no_care() {
        let start = Instant::now();
        let mut path = Path::new(start);
        path.note_source(address(1), start);
        for n in 1..100 {
            let now = start + ms(n * 150);
            path.note_received(n, now - ms(50));
            path.note_source(address(1), now);
            assert_eq!(path.sending(LINK, now), None);
        }
    }

    #[test]
    fn what_goes_out_from_a_new_address_is_padded_until_it_is_answered() {
        let start = Instant::now();
        let mut path = Path::new(start);
        path.note_source(address(1), start);
        path.note_source(address(2), start + ms(10));
        assert_eq!(path.sending(LINK, start + ms(10)), Some(Care::Pad));
        assert_eq!(path.sending(LINK, start + ms(20)), None);
        assert_eq!(path.sending(LINK, start + ms(115)), Some(Care::Pad));
        path.note_received(1, start + ms(120));
        assert_eq!(path.sending(LINK, start + ms(300)), None);
    }

    #[test]
    fn padding_may_be_lost_too() {
        let start = Instant::now();
        let mut path = Path::new(start);
        path.moved();
        let bad = (ms(100), 300);
        let padded = (0..120).filter(|at| path.sending(bad, start + ms(*at)).is_some());
        assert_eq!(padded.collect::<Vec<_>>(), [0, 10, 20]);
    }

    #[test]
    fn no_way_out_is_no_new_address() {
        let start = Instant::now();
        let mut path = Path::new(start);
        path.note_source(address(1), start);
        path.note_source(None, start);
        path.note_source(address(1), start);
        assert_eq!(path.sending(LINK, start), None);
    }

    #[test]
    fn silence_is_met_by_padding_now_and_then_and_by_other_ports() {
        let start = Instant::now();
        let mut path = Path::new(start);
        let mut cared = Vec::new();
        for at in (0..25_000).step_by(250) {
            if let Some(care) = path.sending(LINK, start + ms(at)) {
                cared.push((at, care));
            }
        }
        let rebound: Vec<u64> = cared
            .iter()
            .filter(|(_, care)| *care == Care::Rebind)
            .map(|(at, _)| *at)
            .collect();
        assert_eq!(rebound, [10_000, 20_000]);
        assert_eq!(cared[0], (750, Care::Pad));
        assert!(cared.len() <= 14, "{cared:?}");
    }

    #[test]
    fn idleness_is_no_silence() {
        let start = Instant::now();
        let mut path = Path::new(start);
        path.note_received(1, start);
        assert_eq!(path.sending(LINK, start + ms(60_000)), None);
    }

    #[test]
    fn the_system_knows_the_way_to_itself() {
        let own = source_to(SocketAddr::from(([127, 0, 0, 1], 9)));
        assert_eq!(own, Some(Ipv4Addr::LOCALHOST.into()));
    }
}
