//! Packets of which not all parts have come yet.

use super::datagram::{Datagram, MAX_DATAGRAM, MAX_PARTS, Packing};
use crate::varint::Malformed;
use std::collections::VecDeque;

/// Most packets that wait for parts; one more drops the oldest. Newer packets hold what the older ones said.
const MAX_WAITING: usize = 8;
/// Most bytes that they hold together.
const MAX_BYTES: usize = 256 << 10;
const _: () = assert!(MAX_BYTES >= MAX_PARTS * MAX_DATAGRAM);

/// Puts packets together from their parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

/// A packet that lacks parts.
#[derive(Debug, Clone)]
struct Waiting {
    /// The number of the datagram that brought, or will bring, the first part.
    first: u64,
    packing: Packing,
    parts: Vec<Option<Vec<u8>>>,
}

impl Parts {
    /// Takes in the part that `number` first brought; the packet if it was the last that lacked.
    pub fn take(
        &mut self,
        number: u64,
        datagram: &Datagram,
    ) -> Result<Option<(Packing, Vec<u8>)>, Malformed> {
        let (index, count) = (datagram.part.index, usize::from(datagram.part.count));
        let first = number.wrapping_sub(index.into());
        let at = self.waiting.iter().position(|one| one.first == first);
        let at = at.unwrap_or_else(|| {
            self.waiting.push_back(Waiting {
                first,
                packing: datagram.packing,
                parts: vec![None; count],
            });
            self.waiting.len() - 1
        });
        let packet = &mut self.waiting[at];
        if packet.parts.len() != count || packet.packing != datagram.packing {
            return Err(Malformed("datagram part"));
        }
        let slot = &mut packet.parts[usize::from(index)];
        if slot.is_none() {
            *slot = Some(datagram.bytes.to_vec());
            self.bytes += datagram.bytes.len();
        }
        if packet.parts.iter().all(Option::is_some) {
            return Ok(self.remove(at));
        }
        self.bound();
        Ok(None)
    }

    fn remove(&mut self, at: usize) -> Option<(Packing, Vec<u8>)> {
        let packet = self.waiting.remove(at)?;
        let bytes = packet.parts.into_iter().flatten().flatten();
        let bytes = bytes.collect::<Vec<_>>();
        self.bytes -= bytes.len();
        Some((packet.packing, bytes))
    }

    fn bound(&mut self) {
        while self.waiting.len() > MAX_WAITING || self.bytes > MAX_BYTES {
            self.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagram::Part;
    use super::*;

    fn part(index: u8, count: u8, bytes: &[u8]) -> Datagram<'_> {
        Datagram {
            number: 0,
            back: 0,
            part: Part { index, count },
            report: None,
            packing: Packing::Plain,
            bytes,
        }
    }

    #[test]
    fn parts_come_together_in_any_order() {
        let mut parts = Parts::default();
        assert_eq!(parts.take(12, &part(2, 3, b"c")), Ok(None));
        assert_eq!(parts.take(12, &part(2, 3, b"c")), Ok(None));
        assert_eq!(parts.take(20, &part(0, 2, b"x")), Ok(None));
        assert_eq!(parts.take(10, &part(0, 3, b"a")), Ok(None));
        let whole = parts.take(11, &part(1, 3, b"b"));
        assert_eq!(whole, Ok(Some((Packing::Plain, b"abc".to_vec()))));
        assert_eq!((parts.waiting.len(), parts.bytes), (1, 1));
    }

    #[test]
    fn parts_that_contradict_each_other_are_refused() {
        let mut parts = Parts::default();
        assert_eq!(parts.take(10, &part(0, 3, b"a")), Ok(None));
        assert!(parts.take(11, &part(1, 4, b"b")).is_err());
    }

    #[test]
    fn packets_that_never_become_whole_are_dropped() {
        let mut parts = Parts::default();
        let long = vec![0; MAX_DATAGRAM - 20];
        for number in (0..1000).map(|n| n * 8) {
            for index in 0..7 {
                let taken = parts.take(number + index, &part(index as u8, 8, &long));
                assert_eq!(taken, Ok(None));
                assert!(parts.waiting.len() <= MAX_WAITING && parts.bytes <= MAX_BYTES);
            }
        }
    }
}
