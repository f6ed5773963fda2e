//! Which block holds which lines, and where it stands: one table per segment. A sealed segment's table lies beside it
//! in an index file, so that a long history is opened without reading its blocks:
//!
//! ```text
//!   0  magic           89 'w' 't' 'i'
//!   4  version         u32 = 1
//!   8  segment length  u64             bytes of the segment that this is the index of
//!  16  blocks          u32
//!  20  sum             u32             CRC-32 of all other bytes
//!  24  blocks          { lines lost before it, lines, bytes of none before it, length, latest time - that before }
//! ```
//!
//! The head's integers are little-endian, the others varints, the difference zigzagged. An index file can be made anew
//! from the segment's heads at any time.

use super::lines::MAX_NUMBER;
use super::times::MAX_TIME;
use crate::varint::{self, Malformed, Reader};
use std::collections::VecDeque;
use std::sync::Arc;

/// The longest index file that is read, in bytes.
pub const MAX_INDEX: u64 = 16 << 20;

const MAGIC: [u8; 4] = [0x89, b'w', b't', b'i'];
const VERSION: u32 = 1;
const HEAD_LEN: usize = 24;

/// Where one block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The number of its first line.
    pub first_line: u64,
    /// Which segment it stands in.
    pub segment: u32,
    /// Its first byte in the segment.
    pub offset: u64,
    /// How many lines it holds.
    pub lines: u32,
    /// The block's bytes, head, filter and body.
    pub len: u32,
    /// The latest time of any of its lines, in Unix ms.
    pub latest: u64,
}

impl Entry {
    /// The number after its last line's.
    pub fn end_line(&self) -> u64 {
        self.first_line + u64::from(self.lines)
    }

    /// The segment's byte after its last.
    pub fn end_offset(&self) -> u64 {
        self.offset + u64::from(self.len)
    }
}

/// The blocks of one segment, in order; their lines rise and never overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// Which.
    pub number: u32,
    /// Its blocks.
    pub entries: Vec<Entry>,
}

impl Segment {
    /// The number after the last line's; 0 without lines.
    pub fn end_line(&self) -> u64 {
        self.entries.last().map_or(0, Entry::end_line)
    }

    /// The latest time of any line, in Unix ms; 0 without lines.
    pub fn latest(&self) -> u64 {
        let times = self.entries.iter().map(|entry| entry.latest);
        times.max().unwrap_or(0)
    }

    /// The index file of this segment, which has `len` bytes.
    pub fn to_bytes(&self, len: u64) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(len.to_le_bytes());
        out.extend((self.entries.len() as u32).to_le_bytes());
        out.extend([0; 4]);
        let (mut line, mut offset, mut latest) = (0, 0, 0);
        for entry in &self.entries {
            varint::put(&mut out, entry.first_line - line);
            varint::put(&mut out, u64::from(entry.lines));
            varint::put(&mut out, entry.offset - offset);
            varint::put(&mut out, u64::from(entry.len));
            varint::put(
                &mut out,
                varint::zigzag(entry.latest as i64 - latest as i64),
            );
            (line, offset, latest) = (entry.end_line(), entry.end_offset(), entry.latest);
        }
        let sum = sum_of(&out);
        out[20..24].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// Reads the index file of segment `number`, which has `len` bytes. Law: undoes [`Segment::to_bytes`], or refuses.
    pub fn read(number: u32, len: u64, bytes: &[u8]) -> Result<Segment, Malformed> {
        let head: &[u8; HEAD_LEN] = bytes.first_chunk().ok_or(Malformed("index"))?;
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|n| head[at + n]));
        let said_len = u64::from(word(8)) | u64::from(word(12)) << 32;
        if head[..4] != MAGIC || word(4) != VERSION || said_len != len {
            return Err(Malformed("index head"));
        }
        if sum_of(bytes) != word(20) {
            return Err(Malformed("index sum"));
        }
        let mut reader = Reader::new(&bytes[HEAD_LEN..]);
        let mut segment = Segment {
            number,
            entries: Vec::new(),
        };
        let (mut line, mut offset, mut latest) = (0, 0, 0);
        for _ in 0..word(16) {
            let entry = read_entry(&mut reader, (line, offset, latest))?;
            if entry.end_offset() > len || entry.first_line > MAX_NUMBER {
                return Err(Malformed("index entry"));
            }
            (line, offset, latest) = (entry.end_line(), entry.end_offset(), entry.latest);
            segment.entries.push(Entry {
                segment: number,
                ..entry
            });
        }
        segment.entries.shrink_to_fit();
        Ok(segment)
    }
}

fn read_entry(
    reader: &mut Reader,
    (line, offset, latest): (u64, u64, u64),
) -> Result<Entry, Malformed> {
    let short = u64::from(u32::MAX);
    let first_line = line + reader.at_most(MAX_NUMBER)?;
    let lines = reader.at_most(short)? as u32;
    let offset = offset + reader.at_most(1 << 62)?;
    let len = reader.at_most(short)? as u32;
    let latest = latest.checked_add_signed(varint::unzigzag(reader.u64()?));
    Ok(Entry {
        first_line,
        segment: 0,
        offset,
        lines,
        len,
        latest: latest
            .filter(|latest| *latest <= MAX_TIME)
            .ok_or(Malformed("index time"))?,
    })
}

fn sum_of(bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&bytes[..20]);
    sum.update(&bytes[HEAD_LEN..]);
    sum.finalize()
}

/// All segments of a history, oldest first. Cloning it copies no table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    segments: VecDeque<Arc<Segment>>,
}

impl Index {
    /// Adds the blocks of the next segment; such as hold lines that are known already are no part of this history.
    pub fn add(&mut self, mut segment: Segment) {
        let mut end = self.end_line();
        segment.entries.retain(|entry| {
            let follows = entry.first_line >= end;
            if follows {
                end = entry.end_line();
            }
            follows
        });
        if !segment.entries.is_empty() {
            self.segments.push_back(Arc::new(segment));
        }
    }

    /// Adds a block that was written behind all others; says whether it follows them.
    pub fn push(&mut self, entry: Entry) -> bool {
        if entry.first_line < self.end_line() {
            return false;
        }
        match self.segments.back_mut() {
            Some(last) if last.number == entry.segment => {
                Arc::make_mut(last).entries.push(entry);
            }
            last => {
                if let Some(last) = last {
                    Arc::make_mut(last).entries.shrink_to_fit();
                }
                self.segments.push_back(Arc::new(Segment {
                    number: entry.segment,
                    entries: vec![entry],
                }));
            }
        }
        true
    }

    /// Forgets a segment that has been deleted.
    pub fn drop_segment(&mut self, number: u32) {
        self.segments.retain(|segment| segment.number != number);
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments.iter().map(Arc::as_ref)
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.segments().flat_map(|segment| &segment.entries)
    }

    /// The oldest block.
    pub fn first(&self) -> Option<&Entry> {
        self.entries().next()
    }

    /// The number after the newest block's last line.
    pub fn end_line(&self) -> u64 {
        self.entries().next_back().map_or(0, Entry::end_line)
    }

    /// The first block that ends behind `line`, and where the block before it ends.
    pub fn around(&self, line: u64) -> (Option<u64>, Option<&Entry>) {
        let ends_before = |entry: &Entry| entry.end_line() <= line;
        let past = self
            .segments
            .partition_point(|segment| segment.entries.last().is_some_and(ends_before));
        let before = past.checked_sub(1).map(|at| &self.segments[at]);
        let before = before.and_then(|segment| segment.entries.last());
        let Some(segment) = self.segments.get(past) else {
            return (before.map(Entry::end_line), None);
        };
        let at = segment.entries.partition_point(ends_before);
        let before = at.checked_sub(1).map(|at| &segment.entries[at]).or(before);
        (before.map(Entry::end_line), segment.entries.get(at))
    }

    /// The first block that holds a line written at `at_ms` (Unix ms) or later.
    pub fn near_time(&self, at_ms: u64) -> Option<&Entry> {
        self.entries().find(|entry| entry.latest >= at_ms)
    }

    /// How many lines stand in the blocks.
    pub fn lines(&self) -> u64 {
        self.entries().map(|entry| u64::from(entry.lines)).sum()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Blocks with gaps of lines and bytes between them.
    pub fn segments() -> impl Strategy<Value = Segment> {
        let block = (0..3u64, 1..2000u32, 0..2u64, 1..90_000u32, 0..=MAX_TIME);
        (any::<u32>(), prop::collection::vec(block, 0..40)).prop_map(|(number, blocks)| {
            let (mut line, mut at) = (0, 0);
            let entry = |(lost, lines, none, len, latest)| {
                let entry = Entry {
                    first_line: line + lost,
                    segment: number,
                    offset: at + none,
                    lines,
                    len,
                    latest,
                };
                (line, at) = (entry.end_line(), entry.end_offset());
                entry
            };
            Segment {
                number,
                entries: blocks.into_iter().map(entry).collect(),
            }
        })
    }

    fn len(segment: &Segment) -> u64 {
        segment.entries.last().map_or(0, Entry::end_offset)
    }

    proptest! {
        #[test]
        fn an_index_file_comes_back(segment in segments()) {
            let bytes = segment.to_bytes(len(&segment));
            prop_assert_eq!(Segment::read(segment.number, len(&segment), &bytes), Ok(segment.clone()));
            prop_assert!(Segment::read(segment.number, len(&segment) + 1, &bytes).is_err());
        }

        #[test]
        fn any_flipped_bit_of_an_index_file_is_noticed(segment in segments(), at: prop::sample::Index, bit in 0..8u8) {
            let mut bytes = segment.to_bytes(len(&segment));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(Segment::read(segment.number, len(&segment), &bytes).is_err());
        }

        #[test]
        fn nothing_panics(segment in segments(), tail: Vec<u8>, blocks: u32) {
            let mut bytes = segment.to_bytes(u64::from(u32::MAX));
            bytes.extend(tail);
            bytes[16..20].copy_from_slice(&blocks.to_le_bytes());
            let sum = sum_of(&bytes);
            bytes[20..24].copy_from_slice(&sum.to_le_bytes());
            let _ = Segment::read(1, u64::from(u32::MAX), &bytes);
        }

        #[test]
        fn around_is_what_a_scan_finds(segment in segments(), pieces in 1..5usize, line in 0..50_000u64) {
            let mut index = Index::default();
            for (n, entries) in segment.entries.chunks(pieces).enumerate() {
                for entry in entries {
                    let follows = index.push(Entry { segment: n as u32, ..*entry });
                    prop_assert!(follows);
                }
            }
            let (before, at) = index.around(line);
            let all = &segment.entries;
            let place = |entry: &Entry| (entry.first_line, entry.end_line());
            prop_assert_eq!(at.map(place), all.iter().find(|entry| entry.end_line() > line).map(place));
            let mut ends = all.iter().map(Entry::end_line);
            prop_assert_eq!(before, ends.rfind(|end| *end <= line));
        }
    }
}
