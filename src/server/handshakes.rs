//! Handshakes under way with whoever knocks at the network. Anybody can begin one, in the name of any address, so the
//! few at a time are shared out so that those who cannot be answered never take the place of those who can.

use super::Server;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// From so many on, whoever knocks has to show first that they are where they say (RFC 9000 §8.1.2).
const UNPROVEN: usize = 16;

/// And from so many on that say that they come from one place.
const UNPROVEN_AT_PLACE: usize = 4;

/// Most handshakes at a time with those who have shown it.
const MAX_PROVEN: usize = 64;

/// And most with those of one place.
const MAX_AT_PLACE: usize = 16;

/// Bits of an address of IPv6 that tell places apart: whoever has one address has all that begin so (RFC 6177).
const PLACE_BITS: u32 = 64;

/// Whether somebody is where they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// They have answered from there.
    Shown,
    /// They only say so.
    Missing,
}

/// What to do with whoever knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Welcome {
    /// The handshake begins.
    Begin,
    /// They have to show first that they are where they say.
    Prove,
    /// There is no room.
    Refuse,
}

/// The handshakes under way.
#[derive(Debug, Default)]
pub(super) struct Handshakes {
    next: u64,
    under_way: BTreeMap<u64, (IpAddr, Proof)>,
}

impl Handshakes {
    /// What to do with somebody from that address. Law: whatever those do who have shown nothing, somebody who has is
    /// refused only for the sake of others who have.
    pub fn judge(&self, from: IpAddr, proof: Proof) -> Welcome {
        let place = place(from);
        let equals = || self.under_way.values().filter(|other| other.1 == proof);
        let (all, at_place) = (
            equals().count(),
            equals().filter(|other| other.0 == place).count(),
        );
        match proof {
            Proof::Missing if all >= UNPROVEN || at_place >= UNPROVEN_AT_PLACE => Welcome::Prove,
            Proof::Shown if all >= MAX_PROVEN || at_place >= MAX_AT_PLACE => Welcome::Refuse,
            _ => Welcome::Begin,
        }
    }

    fn begin(&mut self, from: IpAddr, proof: Proof) -> u64 {
        self.next += 1;
        self.under_way.insert(self.next, (place(from), proof));
        self.next
    }

    fn end(&mut self, number: u64) {
        self.under_way.remove(&number);
    }
}

/// A handshake counts as under way for as long as what is returned lives.
pub(super) fn begin(server: &Server, from: IpAddr, proof: Proof) -> UnderWay {
    let number = server.with(|world| world.network.handshakes.begin(from, proof));
    let server = server.clone();
    UnderWay { server, number }
}

/// A handshake is under way.
pub(super) struct UnderWay {
    server: Server,
    number: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let number = self.number;
        self.server
            .with(|world| world.network.handshakes.end(number));
    }
}

/// What is shared by all addresses that one sender can take.
fn place(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => {
            let kept = u128::MAX << (u128::BITS - PLACE_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & kept))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: usize) -> IpAddr {
        IpAddr::from([10, 0, (n >> 8) as u8, n as u8])
    }

    /// Lets in whoever is let in.
    fn knock(handshakes: &mut Handshakes, from: IpAddr, proof: Proof) -> Welcome {
        let welcome = handshakes.judge(from, proof);
        if welcome == Welcome::Begin {
            handshakes.begin(from, proof);
        }
        welcome
    }

    #[test]
    fn forged_addresses_keep_nobody_out() {
        let mut handshakes = Handshakes::default();
        let victim = address(7);
        for n in 0..10_000 {
            let forged = if n % 2 == 0 { victim } else { address(n) };
            let welcome = knock(&mut handshakes, forged, Proof::Missing);
            assert_ne!(welcome, Welcome::Refuse);
        }
        assert_eq!(handshakes.under_way.len(), UNPROVEN);
        assert_eq!(
            knock(&mut handshakes, victim, Proof::Missing),
            Welcome::Prove
        );
        assert_eq!(handshakes.judge(victim, Proof::Shown), Welcome::Begin);
    }

    #[test]
    fn one_place_takes_its_share_alone() {
        let mut handshakes = Handshakes::default();
        for host in 0..1000u16 {
            let from = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
            knock(&mut handshakes, from, Proof::Shown);
        }
        assert_eq!(handshakes.under_way.len(), MAX_AT_PLACE);
        let neighbour = IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1]);
        assert_eq!(handshakes.judge(neighbour, Proof::Shown), Welcome::Begin);
    }

    #[test]
    fn there_is_room_again_once_a_handshake_has_ended() {
        let mut handshakes = Handshakes::default();
        for n in 0..1000 {
            knock(&mut handshakes, address(n), Proof::Shown);
        }
        assert_eq!(handshakes.under_way.len(), MAX_PROVEN);
        assert_eq!(handshakes.judge(address(1), Proof::Shown), Welcome::Refuse);
        handshakes.end(1);
        assert_eq!(handshakes.judge(address(1), Proof::Shown), Welcome::Begin);
    }
}
