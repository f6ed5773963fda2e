//! Lines of a pane that only its server has: on their way from memory to whoever reads the rest from disk.

use super::PaneId;
use crate::term::Size;
use crate::varint::Reader;
use serde::{Deserialize, Serialize};

/// Consecutive lines of one pane.
///
/// Law: whoever asks for these first, and then reads from disk what lies before the first of them, has every line once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecentLines {
    /// Which pane.
    pub pane: PaneId,
    /// The number of the first line. All lines before it are on disk, or lost.
    pub first: u64,
    /// How many there are; perhaps none.
    pub count: u64,
    /// Each line's length and its encoding (`term::codec`).
    pub lines: Vec<u8>,
    /// When they were written, in Unix ms, 0 where that is not known: runs of lines.
    pub times: Vec<(u64, u64)>,
    /// The line before which views show nothing.
    pub floor: u64,
    /// The line that the cursor is in: what is before it is complete.
    pub open_line: u64,
    /// The terminal's size.
    pub size: Option<Size>,
    /// Whether a full-screen program hides the main screen, to which these lines belong.
    pub is_hidden: bool,
}

impl RecentLines {
    /// The number after the last line's.
    pub fn end(&self) -> u64 {
        self.first + self.count
    }

    /// The lines from number `line` on.
    pub fn since(&self, line: u64) -> RecentLines {
        let skipped = line.saturating_sub(self.first).min(self.count);
        let mut reader = Reader::new(&self.lines);
        let mut left = skipped;
        while left > 0 && reader.bytes().is_ok() {
            left -= 1;
        }
        let mut left = skipped;
        let mut times = self.times.clone();
        times.retain_mut(|(count, _)| {
            let gone = left.min(*count);
            left -= gone;
            *count -= gone;
            *count > 0
        });
        RecentLines {
            first: self.first + skipped,
            count: self.count - skipped,
            lines: reader.rest().to_vec(),
            times,
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_keeps_its_numbers_and_times() {
        let all = RecentLines {
            first: 7,
            count: 3,
            lines: b"\x01a\x01b\x01c".to_vec(),
            times: vec![(1, 100), (2, 200)],
            ..RecentLines::default()
        };
        let rest = all.since(8);
        assert_eq!((rest.first, rest.count, rest.end()), (8, 2, 10));
        assert_eq!(
            (&rest.lines[..], &rest.times[..]),
            (&b"\x01b\x01c"[..], &[(2, 200)][..])
        );
        assert_eq!(all.since(3), all);
        assert_eq!((all.since(99).first, all.since(99).count), (10, 0));
    }
}
