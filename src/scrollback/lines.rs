//! A run of consecutive encoded lines, back to back: what a block holds once it is unpacked, and what waits in memory
//! to become one. The encoding of a line's body is `term::codec`'s; here it is opaque but for its text.

use super::times::Times;
use crate::varint::{self, Malformed, Reader};
use std::fmt;
use std::ops::Range;

/// The longest body that is kept; a longer line reads as an empty one.
pub const MAX_LINE: usize = 8 << 20;

/// No line has a number this high; what claims one is damaged.
pub const MAX_NUMBER: u64 = 1 << 62;

/// A line without text: no flags, no text, no style runs, no exceptions.
pub const EMPTY_LINE: &[u8] = &[0, 0, 0, 0];

/// Lines `first()..end()` in order, each as its length and its body, and when it was written.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Lines {
    first: u64,
    count: u32,
    times: Times,
    bytes: Vec<u8>,
}

/// Leaves the text out: what was on a screen has no place in a log.
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({}..{})", self.first, self.end())
    }
}

impl Lines {
    /// No lines yet; the next one will be number `first`.
    pub fn starting_at(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// Takes `bytes` as `count` lines from number `first`, written at `times`. Refused unless they are exactly that
    /// many.
    pub fn from_bytes(
        first: u64,
        count: u32,
        times: Times,
        bytes: Vec<u8>,
    ) -> Result<Self, Malformed> {
        let mut reader = Reader::new(&bytes);
        for _ in 0..count {
            reader.bytes()?;
        }
        if !reader.is_empty() || first > MAX_NUMBER {
            return Err(Malformed("line count"));
        }
        Ok(Self {
            first,
            count,
            times,
            bytes,
        })
    }

    /// The number of the first line.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many lines there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The number after the last line's.
    pub fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// When the first of the lines was written, in Unix ms.
    pub fn written_at(&self) -> u64 {
        self.times.first()
    }

    /// When each of the lines was written.
    pub fn times(&self) -> &Times {
        &self.times
    }

    /// All lines with their lengths, as a block packs them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds one line, written at `now_ms` (Unix ms); bodies over [`MAX_LINE`] are replaced with [`EMPTY_LINE`].
    pub fn push(&mut self, body: &[u8], now_ms: u64) {
        self.times.push(1, now_ms);
        let body = match body.len() {
            0..=MAX_LINE => body,
            _ => EMPTY_LINE,
        };
        varint::put_bytes(&mut self.bytes, body);
        self.count += 1;
    }

    /// Every line's number and body, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut reader = Reader::new(&self.bytes);
        (self.first..self.end())
            .map_while(move |number| reader.bytes().ok().map(|body| (number, body)))
    }

    /// Every line's number, time (Unix ms) and body, in order.
    pub fn timed(&self) -> impl Iterator<Item = (u64, u64, &[u8])> {
        let numbered = self.iter().zip(self.times.iter());
        numbered.map(|((number, body), at_ms)| (number, at_ms, body))
    }

    /// When line `line` was written, if it is one of these.
    pub fn time_of(&self, line: u64) -> Option<u64> {
        let at = line.checked_sub(self.first)?;
        self.times.iter().nth(at as usize)
    }

    /// The first of the lines that was written at `at_ms` or later.
    pub fn at_time(&self, at_ms: u64) -> Option<u64> {
        let at = self.times.iter().position(|time| time >= at_ms)?;
        Some(self.first + at as u64)
    }

    /// Where each line's text stands among [`Lines::bytes`], whether it is UTF-8 or not; empty for a line without one.
    pub fn texts(&self) -> impl Iterator<Item = Range<usize>> {
        let mut lines = Reader::new(&self.bytes);
        (0..self.count).map_while(move |_| {
            let body = lines.bytes().ok()?;
            let body_end = self.bytes.len() - lines.rest().len();
            let mut parts = Reader::new(body.get(1..).unwrap_or_default());
            let text = parts.bytes().unwrap_or_default();
            let end = body_end - parts.rest().len();
            Some(end - text.len()..end)
        })
    }

    /// The lines from number `line` on.
    pub fn since(&self, line: u64) -> Lines {
        let mut rest = Lines::starting_at(line.clamp(self.first, self.end()));
        for (_, at_ms, body) in self.timed().skip_while(|(number, ..)| *number < line) {
            rest.push(body, at_ms);
        }
        rest
    }
}

/// The text of an encoded line's body; empty where the body has none that can be read.
pub fn text(body: &[u8]) -> &str {
    body.get(1..)
        .and_then(|rest| Reader::new(rest).str().ok())
        .unwrap_or("")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A body as the codec writes it for unstyled ASCII.
    pub fn body(text: &str) -> Vec<u8> {
        let mut body = vec![0];
        varint::put_bytes(&mut body, text.as_bytes());
        body.extend([1, text.len() as u8, 0, 0]);
        body
    }

    #[test]
    fn lines_know_their_numbers() {
        let mut lines = Lines::starting_at(7);
        lines.push(&body("a"), 5);
        lines.push(&body("b"), 6);
        let texts: Vec<_> = lines.iter().map(|(n, body)| (n, text(body))).collect();
        assert_eq!(texts, [(7, "a"), (8, "b")]);
        assert_eq!((lines.end(), lines.written_at()), (9, 5));
        assert_eq!(lines.since(8).timed().next(), Some((8, 6, &body("b")[..])));
        assert_eq!((lines.time_of(8), lines.time_of(9)), (Some(6), None));
        assert_eq!((lines.at_time(6), lines.at_time(7)), (Some(8), None));
        assert!(lines.since(99).is_empty());
    }

    #[test]
    fn a_line_too_long_keeps_its_number() {
        let mut lines = Lines::default();
        lines.push(&vec![1; MAX_LINE + 1], 0);
        assert_eq!(lines.iter().next(), Some((0, EMPTY_LINE)));
    }

    #[test]
    fn a_wrong_count_is_refused() {
        let from_bytes =
            |first, count, bytes| Lines::from_bytes(first, count, Times::of(count, 0), bytes);
        assert!(from_bytes(0, 2, vec![0, 0]).is_ok());
        assert!(from_bytes(0, 1, vec![0, 0]).is_err());
        assert!(from_bytes(0, 3, vec![0, 0]).is_err());
        assert!(from_bytes(u64::MAX, 2, vec![0, 0]).is_err());
    }
}
