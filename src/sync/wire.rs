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
    /// How many are lost in a row, on average; up to 1: each loss is independent of the others. More of them: the chain
    /// of Gilbert (1960) and Elliott (1963), whose bad state loses everything.
    pub burst: u32,
    /// Packets of a thousand that arrive twice.
    pub doubling: u32,
    /// Packets of a thousand of which one bit arrives as another.
    pub flipping: u32,
    /// Packets of a thousand that are held back by [`Conditions::hold`].
    pub holding: u32,
    /// Milliseconds by which a held packet is late, so that later ones overtake it.
    pub hold: u64,
    /// Milliseconds that every packet takes.
    pub delay: u64,
    /// At most so many milliseconds more, by chance.
    pub jitter: u64,
    /// Whether packets overtake each other where chance delays them.
    pub order: Order,
    /// Bytes a second; 0 is no limit.
    pub rate: u64,
    /// Bytes that may wait for their turn where the rate is limited; what comes to a full queue is lost.
    pub queue: u64,
    /// Times in which nothing that is sent arrives.
    pub outages: Vec<Range<Time>>,
}

/// Whether packets may overtake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// They may.
    #[default]
    Free,
    /// Those that take longer hold up the ones behind them.
    Kept,
}

/// One direction of a bad link, for packets that are bytes, or have them.
#[derive(Debug, Clone)]
pub struct Wire<P = Vec<u8>> {
    conditions: Conditions,
    chance: Chance,
    /// By arrival, and by the order of sending among those that arrive together.
    in_flight: BTreeMap<(Time, u64), P>,
    count: u64,
    /// Whether the chain of losses is in its bad state.
    is_bad: bool,
    /// Until when the packets before keep the line busy, in microseconds.
    busy_until: u64,
    /// When the last packet arrives, if order is kept.
    last: Time,
}

impl<P: AsRef<[u8]> + AsMut<[u8]> + Clone> Wire<P> {
    /// A wire whose chances follow from `seed`.
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            chance: Chance::new(seed),
            in_flight: BTreeMap::new(),
            count: 0,
            is_bad: false,
            busy_until: 0,
            last: Time(0),
        }
    }

    /// Makes the wire better or worse from now on.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Loses everything that is on its way: the address that it was sent to is gone.
    pub fn cut(&mut self) {
        self.in_flight.clear();
    }

    /// Sends a packet.
    pub fn put(&mut self, packet: P, now: Time) {
        let Some(leaves) = self.queue(packet.as_ref().len() as u64, now) else {
            return;
        };
        let out = self.conditions.outages.iter().any(|at| at.contains(&now));
        if self.is_lost() || out {
            return;
        }
        let mut packet = packet;
        if self.chance.permille(self.conditions.doubling) {
            self.fly(packet.clone(), leaves);
        }
        if self.conditions.flipping > 0 && self.chance.permille(self.conditions.flipping) {
            self.flip(packet.as_mut());
        }
        self.fly(packet, leaves);
    }

    /// When a packet has left the queue; `None` if that is full.
    fn queue(&mut self, bytes: u64, now: Time) -> Option<Time> {
        let rate = self.conditions.rate;
        if rate == 0 {
            return Some(now);
        }
        let start = self.busy_until.max(now.0 * 1000);
        let waiting = (start - now.0 * 1000) * rate / 1_000_000;
        if waiting + bytes > self.conditions.queue {
            return None;
        }
        self.busy_until = start + bytes * 1_000_000 / rate;
        Some(Time(self.busy_until.div_ceil(1000)))
    }

    fn is_lost(&mut self) -> bool {
        let (loss, burst) = (self.conditions.loss, self.conditions.burst);
        if burst <= 1 {
            return self.chance.permille(loss);
        }
        // The bad state ends after `burst` packets on average, and begins so often that it takes the share `loss`.
        let millionths = match self.is_bad {
            true => 1_000_000 / u64::from(burst),
            false => 1_000_000 * u64::from(loss) / u64::from(burst * (1000 - loss.min(999))),
        };
        self.is_bad ^= self.chance.below(1_000_000) < millionths;
        self.is_bad
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let at = self.chance.below(bytes.len() as u64 * 8);
        if let Some(byte) = bytes.get_mut((at / 8) as usize) {
            *byte ^= 1 << (at % 8);
        }
    }

    fn fly(&mut self, packet: P, leaves: Time) {
        let mut takes = self.conditions.delay + self.chance.below(self.conditions.jitter + 1);
        if self.chance.permille(self.conditions.holding) {
            takes += self.conditions.hold;
        }
        let mut arrives = leaves.after(takes);
        if self.conditions.order == Order::Kept {
            arrives = arrives.max(self.last);
            self.last = arrives;
        }
        self.count += 1;
        self.in_flight.insert((arrives, self.count), packet);
    }

    /// The packets that have arrived by `now`, in order of arrival.
    pub fn take(&mut self, now: Time) -> Vec<P> {
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
    fn of_some_packets_one_bit_arrives_as_another() {
        let mut wire = Wire::new(
            Conditions {
                flipping: 250,
                ..Conditions::default()
            },
            3,
        );
        (0..2_000).for_each(|n| wire.put(vec![0; 20], Time(n)));
        let ones = |packet: &Vec<u8>| packet.iter().map(|byte| byte.count_ones()).sum::<u32>();
        let arrived = wire.take(Time(10_000));
        assert_eq!(arrived.len(), 2_000);
        assert!(arrived.iter().all(|packet| ones(packet) <= 1));
        let flipped = arrived.iter().filter(|packet| ones(packet) == 1).count();
        assert!((400..600).contains(&flipped), "{flipped}");
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

    #[test]
    fn losses_come_in_bursts() {
        let bursts = Conditions {
            loss: 290,
            burst: 3,
            ..Conditions::default()
        };
        let mut wire = Wire::new(bursts, 3);
        let mut came = [false; 30_000];
        for n in 0..30_000u64 {
            wire.put(n.to_le_bytes().to_vec(), Time(n));
        }
        for packet in wire.take(Time(1 << 40)) {
            let n = u64::from_le_bytes(packet.try_into().expect("eight bytes"));
            came[n as usize] = true;
        }
        let lost = came.iter().filter(|came| !**came).count();
        let bursts = came.windows(2).filter(|two| two[0] && !two[1]).count();
        assert!((8_100..9_300).contains(&lost), "{lost}");
        assert!((27..33).contains(&(lost * 10 / bursts)), "{bursts}");
    }

    #[test]
    fn a_slow_wire_has_a_queue_and_loses_what_does_not_fit() {
        let slow = Conditions {
            rate: 1_000,
            queue: 300,
            delay: 10,
            ..Conditions::default()
        };
        let mut wire = Wire::new(slow, 1);
        for n in 0..5 {
            wire.put(vec![n; 100], Time(0));
        }
        assert_eq!(wire.take(Time(109)).len(), 0);
        assert_eq!(wire.take(Time(110)), [vec![0; 100]]);
        assert_eq!(wire.take(Time(10_000)).len(), 2, "three fit");
        wire.put(vec![9; 100], Time(20_000));
        assert_eq!(wire.next(), Some(Time(20_110)));
        wire.cut();
        assert_eq!(wire.next(), None);
    }

    #[test]
    fn jitter_may_keep_the_order() {
        let kept = Conditions {
            jitter: 40,
            order: Order::Kept,
            ..Conditions::default()
        };
        assert!(arrivals(kept, 1).is_sorted());
    }
}
