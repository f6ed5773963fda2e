//! Frames that came before the one that they build on: it was overtaken, or travels in a stream.

use super::FrameNo;
use super::packet::Frame;
use std::collections::BTreeMap;

/// Most frames that wait; one more drops the oldest. Newer ones mostly hold what the older said.
const MAX_FRAMES: usize = 32;
/// Most bytes that they hold together.
const MAX_BYTES: usize = 1 << 20;

/// A frame that waits for its base.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub base: FrameNo,
    pub floor: FrameNo,
    pub diff: Vec<u8>,
}

/// The frames that came early, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Early {
    frames: BTreeMap<FrameNo, Waiting>,
    bytes: usize,
}

impl Early {
    /// Keeps a frame; of two that lead to the same, the one that builds on less.
    pub fn keep(&mut self, frame: Frame) {
        if let Some(held) = self.frames.get(&frame.no) {
            if held.base <= frame.base {
                return;
            }
            self.bytes -= held.diff.len();
        }
        let waiting = Waiting {
            base: frame.base,
            floor: frame.floor,
            diff: frame.diff.to_vec(),
        };
        self.bytes += frame.diff.len();
        self.frames.insert(frame.no, waiting);
        while self.frames.len() > MAX_FRAMES || self.bytes > MAX_BYTES {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, dropped)) = self.frames.pop_first() {
            self.bytes -= dropped.diff.len();
        }
    }

    /// The newest frame that can be applied where `received` is, of those after it. What is not after it goes.
    pub fn take(&mut self, received: FrameNo) -> Option<(FrameNo, Waiting)> {
        while self
            .frames
            .first_key_value()
            .is_some_and(|(no, _)| *no <= received)
        {
            self.drop_first();
        }
        let mut newest_first = self.frames.iter().rev();
        let (no, _) = newest_first.find(|(_, frame)| frame.base <= received)?;
        let no = *no;
        let frame = self.frames.remove(&no)?;
        self.bytes -= frame.diff.len();
        Some((no, frame))
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::Wish;
    use super::*;

    fn frame(no: u64, base: u64, diff: &[u8]) -> Frame<'_> {
        Frame {
            no: FrameNo(no),
            base: FrameNo(base),
            floor: FrameNo(0),
            wish: Wish::Soon,
            diff,
        }
    }

    #[test]
    fn the_newest_that_fits_comes_out() {
        let mut early = Early::default();
        for (no, base) in [(3, 2), (5, 2), (4, 3), (7, 6), (7, 5)] {
            early.keep(frame(no, base, b"diff"));
        }
        assert!(early.take(FrameNo(1)).is_none());
        let taken = early.take(FrameNo(2)).map(|(no, _)| no);
        assert_eq!(taken, Some(FrameNo(5)));
        let (no, last) = early.take(FrameNo(5)).expect("it builds on 5");
        assert_eq!((no, last.base), (FrameNo(7), FrameNo(5)));
        assert!(early.take(FrameNo(7)).is_none());
        assert!(early.is_empty() && early.bytes == 0);
    }

    #[test]
    fn few_frames_and_few_bytes_are_kept() {
        let mut early = Early::default();
        for no in 2..1000 {
            early.keep(frame(no, no - 1, &[0; 100]));
            assert!(early.frames.len() <= MAX_FRAMES);
        }
        early.keep(frame(2000, 1999, &vec![0; 2 << 20]));
        assert!(early.is_empty() && early.bytes == 0);
    }
}
