//! A link that loses, doubles, delays and reorders packets, as a value in virtual time: what the tests of everything
//! above run over. The same seed gives the same fate to the same packets.

use super::Time;
use std::collections::BTreeMap;
use std::ops::Range;

/// How bad a link is, in one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Packets of a thousand that never arrive.
    pub loss: u32,
    /// Packets of a thousand that arrive twice.
    pub doubling: u32,
    /// Packets of a thousand that are held back by [`Conditions::hold`].
    pub holding: u32,
    /// Milliseconds by which a held packet is late, so that later ones overtake it.
    pub hold: u64,
    /// Milliseconds that every packet takes.
    pub delay: u64,
    /// At most so many milliseconds more, by chance; overtaking follows from it.
    pub jitter: u64,
    /// Times in which nothing that is sent arrives.
    pub outages: Vec<Range<Time>>,
}

/// One direction of a bad link.
#[derive(Debug, Clone)]
pub struct Wire {
    conditions: Conditions,
    chance: Chance,
    /// By arrival, and by the order of sending among those that arrive together.
    in_flight: BTreeMap<(Time, u64), Vec<u8>>,
    count: u64,
}

impl Wire {
    /// A wire whose chances follow from `seed`.
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            chance: Chance::new(seed),
            in_flight: BTreeMap::new(),
            count: 0,
        }
    }

    /// Makes the wire better or worse from now on.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Sends a packet.
    pub fn put(&mut self, packet: Vec<u8>, now: Time) {
        let out = self.conditions.outages.iter().any(|at| at.contains(&now));
        if out || self.chance.permille(self.conditions.loss) {
            return;
        }
        if self.chance.permille(self.conditions.doubling) {
            self.fly(packet.clone(), now);
        }
        self.fly(packet, now);
    }

    fn fly(&mut self, packet: Vec<u8>, now: Time) {
        let mut takes = self.conditions.delay + self.chance.below(self.conditions.jitter + 1);
        if self.chance.permille(self.conditions.holding) {
            takes += self.conditions.hold;
        }
        self.count += 1;
        self.in_flight
            .insert((now.after(takes), self.count), packet);
    }

    /// The packets that have arrived by `now`, in order of arrival.
    pub fn take(&mut self, now: Time) -> Vec<Vec<u8>> {
        let later = self.in_flight.split_off(&(now.after(1), 0));
        let arrived = std::mem::replace(&mut self.in_flight, later);
        arrived.into_values().collect()
    }

    /// When the next packet arrives.
    pub fn next(&self) -> Option<Time> {
        self.in_flight.keys().next().map(|(at, _)| *at)
    }
}

/// Small seeded chance (SplitMix64; Steele, Lea & Flood, OOPSLA 2014).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.any() % end.max(1)
    }

    /// Whether something happens that does so `permille` times in a thousand.
    pub fn permille(&mut self, permille: u32) -> bool {
        self.below(1000) < u64::from(permille)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(conditions: Conditions, seed: u64) -> Vec<Vec<u8>> {
        let mut wire = Wire::new(conditions, seed);
        for n in 0..200 {
            wire.put(vec![n], Time(u64::from(n)));
        }
        wire.take(Time(10_000))
    }

    #[test]
    fn a_good_wire_keeps_all_in_order() {
        let sent = (0..200).map(|n| vec![n]).collect::<Vec<_>>();
        assert_eq!(arrivals(Conditions::default(), 1), sent);
    }

    #[test]
    fn a_bad_wire_loses_doubles_and_reorders_the_same_way_again() {
        let bad = Conditions {
            loss: 300,
            doubling: 300,
            jitter: 20,
            ..Conditions::default()
        };
        let got = arrivals(bad.clone(), 7);
        assert_eq!(got, arrivals(bad.clone(), 7));
        assert_ne!(got, arrivals(bad, 8));
        assert!(!got.is_sorted());
        let mut distinct = got.clone();
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() < 200 && distinct.len() < got.len());
    }

    #[test]
    fn nothing_passes_in_an_outage() {
        let out = Conditions {
            outages: vec![Time(0)..Time(150)],
            ..Conditions::default()
        };
        assert_eq!(arrivals(out, 1).first(), Some(&vec![150]));
    }

    #[test]
    fn packets_arrive_when_they_are_due() {
        let slow = Conditions {
            delay: 30,
            ..Conditions::default()
        };
        let mut wire = Wire::new(slow, 1);
        wire.put(vec![1], Time(5));
        assert_eq!(wire.next(), Some(Time(35)));
        assert!(wire.take(Time(34)).is_empty());
        assert_eq!(wire.take(Time(35)), [vec![1]]);
    }
}
