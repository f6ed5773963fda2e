//! When each line of a run was written. Lines come in bursts of one time, so what is kept is bursts.
//!
//! ```text
//! times = { lines, time - time before }      varints, the difference zigzagged; the time before the first is the
//!                                            one in the block's head
//! ```
//!
//! Times are kept as the clock gave them: it may have gone backwards.

use crate::varint::{self, Malformed, Reader};

/// No line was written this late (Unix ms); what claims so is damaged.
pub const MAX_TIME: u64 = 1 << 48;

/// One burst: how many lines, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Burst {
    lines: u32,
    at_ms: u64,
}

/// The times of consecutive lines, in Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    bursts: Vec<Burst>,
}

impl Times {
    /// `lines` lines of one time.
    pub fn of(lines: u32, at_ms: u64) -> Self {
        let mut times = Self::default();
        times.push(lines, at_ms);
        times
    }

    /// Adds `lines` lines that were written at `at_ms`.
    pub fn push(&mut self, lines: u32, at_ms: u64) {
        let at_ms = at_ms.min(MAX_TIME);
        match self.bursts.last_mut() {
            _ if lines == 0 => {}
            Some(last) if last.at_ms == at_ms => last.lines += lines,
            _ => self.bursts.push(Burst { lines, at_ms }),
        }
    }

    /// Each line's time, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let each = |burst: &Burst| std::iter::repeat_n(burst.at_ms, burst.lines as usize);
        self.bursts.iter().flat_map(each)
    }

    /// The first line's; 0 without lines.
    pub fn first(&self) -> u64 {
        self.bursts.first().map_or(0, |burst| burst.at_ms)
    }

    /// The latest of all; 0 without lines.
    pub fn latest(&self) -> u64 {
        let times = self.bursts.iter().map(|burst| burst.at_ms);
        times.max().unwrap_or(0)
    }

    /// Appends the bursts; [`Times::first`] has to be kept beside them.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut before = self.first();
        for burst in &self.bursts {
            varint::put(out, u64::from(burst.lines));
            varint::put(out, varint::zigzag(burst.at_ms as i64 - before as i64));
            before = burst.at_ms;
        }
    }

    /// Reads the times of `lines` lines. Law: undoes [`Times::encode`], or refuses.
    pub fn decode(lines: u32, first_ms: u64, bytes: &[u8]) -> Result<Self, Malformed> {
        let (mut times, mut left, mut before) = (Self::default(), lines, first_ms);
        let mut reader = Reader::new(bytes);
        while left > 0 {
            let burst = reader.at_most(u64::from(left))? as u32;
            let change = varint::unzigzag(reader.u64()?);
            let at = before.checked_add_signed(change);
            before = at
                .filter(|at| *at <= MAX_TIME)
                .ok_or(Malformed("time of a line"))?;
            if burst == 0 {
                return Err(Malformed("count of lines of one time"));
            }
            times.push(burst, before);
            left -= burst;
        }
        match reader.is_empty() {
            true => Ok(times),
            false => Err(Malformed("times")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_come_back(bursts in prop::collection::vec((1..1000u32, 0..=MAX_TIME), 0..50)) {
            let mut times = Times::default();
            for &(lines, at) in &bursts {
                times.push(lines, at);
            }
            let lines: u32 = bursts.iter().map(|(lines, _)| lines).sum();
            let mut bytes = Vec::new();
            times.encode(&mut bytes);
            prop_assert_eq!(Times::decode(lines, times.first(), &bytes), Ok(times.clone()));
            prop_assert_eq!(times.iter().count(), lines as usize);
            prop_assert_eq!(times.latest(), bursts.iter().map(|(_, at)| *at).max().unwrap_or(0));
        }

        #[test]
        fn nothing_panics(lines: u32, first: u64, bytes: Vec<u8>) {
            if let Ok(times) = Times::decode(lines, first, &bytes) {
                prop_assert!(times.latest() <= MAX_TIME);
            }
        }
    }

    #[test]
    fn a_burst_takes_few_bytes() {
        let mut times = Times::default();
        for n in 0..600 {
            times.push(1, 1_700_000_000_000 + n / 300);
        }
        let mut bytes = Vec::new();
        times.encode(&mut bytes);
        assert!(bytes.len() <= 6, "{bytes:?}");
    }
}
