//! When lines were written, and which line stood at a time: for histories that grow and for those that only lie there.

use super::history::History;
use super::reader::BlockReader;
use super::search::{Searcher, chunk, read};
use crate::scrollback::store::{Store, Where};
use anyhow::Result;
use std::cell::RefCell;
use std::ops::{ControlFlow, Range};

/// Called with a line's number, time (Unix ms) and encoded body.
pub type EachTimed<'a> = &'a mut dyn FnMut(u64, u64, &[u8]) -> ControlFlow<()>;

impl History {
    /// The lines around `line` that are lost, or were found damaged.
    pub fn gap_at(&self, line: u64) -> Option<Range<u64>> {
        self.with_store(|store, reader| match store.locate(line)? {
            Where::Missing { from, until } => Some(from..until),
            Where::Block(entry) if reader.borrow().is_damaged(entry) => {
                Some(entry.first_line..entry.end_line())
            }
            _ => None,
        })
    }

    /// When line `line` was written, in Unix ms; `None` if it is not there.
    pub fn time_of(&self, line: u64) -> Result<Option<u64>> {
        self.with_store(|store, reader| time_of(store, reader, line))
    }

    /// The first line that was written at `at_ms` (Unix ms) or later; the number of the next line if none was.
    pub fn line_at_time(&self, at_ms: u64) -> Result<u64> {
        self.with_store(|store, reader| line_at_time(store, reader, at_ms))
    }

    /// Calls `each` with the number, time (Unix ms) and encoded body of each line in `lines`, in order, until it breaks.
    /// Lines that were lost are left out: the number tells. The last two blocks are kept unpacked.
    pub fn read_timed(&self, lines: Range<u64>, each: EachTimed) -> Result<()> {
        self.with_store(|store, reader| read(store, lines, &|place| chunk(place, reader), each))
    }
}

impl Searcher {
    /// When line `line` was written, in Unix ms; `None` if it is not there.
    pub fn time_of(&self, line: u64) -> Result<Option<u64>> {
        time_of(&self.store, &self.reader, line)
    }

    /// The first line that was written at `at_ms` (Unix ms) or later; the number of the next line if none was.
    pub fn line_at_time(&self, at_ms: u64) -> Result<u64> {
        line_at_time(&self.store, &self.reader, at_ms)
    }

    /// As [`Searcher::read`], with each line's time (Unix ms) between its number and its body.
    pub fn read_timed(&self, lines: Range<u64>, each: EachTimed) -> Result<()> {
        let lines = lines.start.max(self.store.floor())..lines.end;
        read(&self.store, lines, &|place| self.chunk(place), each)
    }
}

fn time_of(store: &Store, reader: &RefCell<BlockReader>, line: u64) -> Result<Option<u64>> {
    let Some(place) = store.locate(line) else {
        return Ok(None);
    };
    let chunk = chunk(place, reader)?;
    Ok(chunk.lines().and_then(|lines| lines.time_of(line)))
}

fn line_at_time(store: &Store, reader: &RefCell<BlockReader>, at_ms: u64) -> Result<u64> {
    let near = store.near_time(at_ms);
    let Some(place) = store.locate(near) else {
        return Ok(near);
    };
    let chunk = chunk(place, reader)?;
    // A damaged block still says how late it was.
    Ok(chunk
        .lines()
        .and_then(|lines| lines.at_time(at_ms))
        .unwrap_or(near))
}

#[cfg(test)]
mod tests {
    use super::super::writer::Writer;
    use super::*;
    use crate::varint;
    use std::time::Duration;

    /// Line `n` is written at `1000 + n / 3`.
    fn fill(history: &mut History, lines: u64) {
        for n in history.end_line()..history.end_line() + lines {
            let (mut body, mut bytes) = (vec![0], Vec::new());
            varint::put_bytes(&mut body, format!("{n:0100}").as_bytes());
            varint::put_bytes(&mut bytes, &body);
            history.append(1, &bytes, 1000 + n / 3);
        }
    }

    #[test]
    fn lines_are_found_by_time_in_blocks_and_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::default();
        let mut history = History::create(dir.path(), &writer).unwrap();
        fill(&mut history, 10_000);
        assert!(writer.flush(Duration::from_secs(60)));
        let searcher = history.searcher();
        for line in [0, 1, 2, 3, 4_000, 9_998, 9_999] {
            let at_ms = 1000 + line / 3;
            assert_eq!(history.time_of(line).unwrap(), Some(at_ms));
            assert_eq!(searcher.time_of(line).unwrap(), Some(at_ms));
            assert_eq!(history.line_at_time(at_ms).unwrap(), line / 3 * 3);
            assert_eq!(searcher.line_at_time(at_ms).unwrap(), line / 3 * 3);
        }
        assert_eq!(history.time_of(10_000).unwrap(), None);
        assert_eq!(history.line_at_time(0).unwrap(), 0);
        assert_eq!(history.line_at_time(99_999).unwrap(), 10_000);
        let mut times = Vec::new();
        let mut each = |n, at_ms, _: &[u8]| {
            times.push((n, at_ms));
            ControlFlow::Continue(())
        };
        searcher.read_timed(5_000..5_003, &mut each).unwrap();
        assert_eq!(times, [(5_000, 2_666), (5_001, 2_667), (5_002, 2_667)]);
    }

    #[test]
    fn a_clock_that_went_back_costs_no_line_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::default();
        let mut history = History::create(dir.path(), &writer).unwrap();
        // An hour that the clock was ahead, one that it was right, one that it was behind.
        let clocks = [9_000_000, 5_000_000, 1_000_000];
        let at = |line: u64| clocks[line as usize / 3000] + line;
        for line in 0..9000 {
            let (mut body, mut bytes) = (vec![0], Vec::new());
            varint::put_bytes(&mut body, format!("{line:0100}").as_bytes());
            varint::put_bytes(&mut bytes, &body);
            history.append(1, &bytes, at(line));
        }
        history.save();
        assert!(writer.flush(Duration::from_secs(60)));
        drop(history);
        let (history, recovery) = History::open(dir.path(), &writer, None).unwrap();
        assert!(history.memory_line() > 6000, "all three stand in blocks");
        assert_eq!((recovery.end_line, recovery.missing_lines), (9000, 0));
        let mut next = 0;
        let mut each = |n, at_ms, _: &[u8]| {
            assert_eq!((n, at_ms), (next, at(next)));
            next += 1;
            ControlFlow::Continue(())
        };
        history.read_timed(0..u64::MAX, &mut each).unwrap();
        assert_eq!(next, 9000);
        for wanted in [0, 1_000_500, 5_003_500, 9_000_000, 9_002_999, 9_003_000] {
            let first = (0..9000).find(|line| at(*line) >= wanted).unwrap_or(9000);
            assert_eq!(history.line_at_time(wanted).unwrap(), first);
        }
    }

    #[test]
    fn a_clock_that_went_back_hides_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut history = History::create(dir.path(), &Writer::default()).unwrap();
        let mut line = Vec::new();
        varint::put_bytes(&mut line, &[0, 0, 0, 0]);
        for at_ms in [5, 9, 3, 4, 12] {
            history.append(1, &line, at_ms);
        }
        assert_eq!(history.line_at_time(4).unwrap(), 0);
        assert_eq!(history.line_at_time(6).unwrap(), 1);
        assert_eq!(history.line_at_time(10).unwrap(), 4);
        assert_eq!(history.time_of(2).unwrap(), Some(3));
    }
}
