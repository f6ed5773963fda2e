//! What a history is rebuilt from after the server ended, however it ended: the blocks of its segments, and the
//! journal of what was in memory. A torn end is cut off; damage elsewhere costs the block it is in.

use super::block::{HEAD_LEN, Head, MAGIC, Unpacker};
use super::index::{Entry, Index, Segment};
use super::journal::Memory;
use super::store::Store;
use std::io;

/// How far a scan looks at once for the next block behind damage.
const SEARCH_BYTES: usize = 64 << 10;

/// The blocks found in a segment by their heads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    /// The blocks, in the order in which they stand.
    pub segment: Segment,
    /// Where the last of them ends: what stands behind is torn.
    pub end: u64,
    /// Bytes between the blocks that are none.
    pub damaged_bytes: u64,
}

/// What was found on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The blocks of all segments.
    pub index: Index,
    /// Bytes behind the last block of the last segment.
    pub torn_bytes: u64,
    /// Bytes of damage between blocks.
    pub damaged_bytes: u64,
}

/// What was found at recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// The number that the next line will get. Rows that a snapshot's pane still had on its screen are on disk
    /// already if their line's number lies before this.
    pub end_line: u64,
    /// The number that the next line would have got when the journal was written last; `None` without a record that
    /// could be read.
    pub journal_end: Option<u64>,
    /// Bytes cut off the end of the last segment, or of the journals.
    pub torn_bytes: u64,
    /// Bytes of damage between blocks.
    pub damaged_bytes: u64,
    /// Lines that have a number and read as missing, but for those that a quota has dropped.
    pub missing_lines: u64,
}

/// Finds the blocks of a segment of `len` bytes from their heads. `read` fills a buffer from an offset and says how far
/// it came. Damage to the body of a block shows when it is read.
pub fn scan(
    number: u32,
    len: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<Scan> {
    let mut scan = Scan::default();
    scan.segment.number = number;
    let mut damaged = 0;
    let mut at = 0;
    while at < len {
        match entry_at(at, len, &mut read)? {
            // A block that stands there again, or belongs elsewhere.
            Some(entry) if entry.first_line < scan.segment.end_line() => {
                damaged += u64::from(entry.len);
                at = entry.end_offset();
            }
            Some(entry) => {
                at = entry.end_offset();
                scan.end = at;
                scan.segment.entries.push(Entry {
                    segment: number,
                    ..entry
                });
                scan.damaged_bytes += std::mem::take(&mut damaged);
            }
            None => {
                let next = next_magic(at + 1, len, &mut read)?;
                damaged += next - at;
                at = next;
            }
        }
    }
    Ok(scan)
}

impl Scan {
    /// Drops the last block if it is not what was written, and so on backwards: for the segment that was being written.
    pub fn drop_torn(
        &mut self,
        mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let mut unpacker = Unpacker::new()?;
        let entries = &mut self.segment.entries;
        while let Some(last) = entries.last() {
            let mut block = vec![0; last.len as usize];
            let got = read(last.offset, &mut block)?;
            if unpacker.is_whole(&block[..got]) {
                break;
            }
            entries.pop();
            self.end = entries.last().map_or(0, Entry::end_offset);
        }
        Ok(())
    }
}

type ReadAt<'a> = &'a mut dyn FnMut(u64, &mut [u8]) -> io::Result<usize>;

fn entry_at(at: u64, len: u64, read: ReadAt) -> io::Result<Option<Entry>> {
    let mut head = [0; HEAD_LEN];
    let got = read(at, &mut head)?;
    let Ok(head) = Head::read(&head[..got]) else {
        return Ok(None);
    };
    let block = head.block_len();
    Ok((u64::from(block) <= len - at).then_some(Entry {
        first_line: head.first_line,
        segment: 0,
        offset: at,
        lines: head.lines,
        len: block,
        latest: head.latest,
    }))
}

/// The first place from `at` on where a block may begin; `len` if there is none.
fn next_magic(mut at: u64, len: u64, read: ReadAt) -> io::Result<u64> {
    let mut window = vec![0; SEARCH_BYTES];
    let magic = memchr::memmem::Finder::new(&MAGIC);
    while at < len {
        let got = read(at, &mut window)?;
        if let Some(found) = magic.find(&window[..got]) {
            return Ok(at + found as u64);
        }
        if got < window.len() {
            break;
        }
        at += (got - (MAGIC.len() - 1)) as u64;
    }
    Ok(len)
}

impl Store {
    /// Rebuilds a store from the blocks of its segments and the journal, of any age. Line numbers decide: what stands in
    /// blocks is taken from there, and the journal adds only lines behind them.
    ///
    /// Law: every line of an intact block, and every line of the journal that follows the last block, is found under
    /// its own number; all others read as missing.
    pub fn recover(found: Found, memory: &Memory) -> (Store, Recovery) {
        let mut store = Store::of_blocks(found.index);
        memory.restore_to(&mut store);
        let recovery = Recovery {
            end_line: store.end_line(),
            journal_end: memory.end,
            torn_bytes: found.torn_bytes,
            damaged_bytes: found.damaged_bytes,
            missing_lines: store.missing_lines(),
        };
        (store, recovery)
    }

    fn missing_lines(&self) -> u64 {
        let waiting = self.waiting.iter().map(|lines| u64::from(lines.count()));
        let in_memory = waiting.sum::<u64>() + u64::from(self.tail.count());
        // Segments before the first may have been dropped on purpose.
        let first = self.index.segments().next();
        let start = first.filter(|segment| segment.number > 0);
        let start = start.map_or(0, |_| self.first_line());
        self.end_line()
            .saturating_sub(start + self.index.lines() + in_memory)
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Packer;
    use super::super::journal::Write;
    use super::super::lines::Lines;
    use super::super::seal::Opener;
    use super::super::store::{Effect, HELD_BYTES, TAIL_BYTES, Where};
    use super::*;
    use crate::varint;
    use proptest::prelude::*;

    /// A file that is written as the disk does it, in memory.
    #[derive(Default)]
    struct File {
        bytes: Vec<u8>,
        entries: Vec<Entry>,
    }

    impl File {
        fn append(&mut self, lines: &Lines) -> Entry {
            let mut block = Vec::new();
            Packer::new()
                .and_then(|mut packer| packer.pack(lines, None, &mut block))
                .expect("memory");
            let entry = Entry {
                first_line: lines.first(),
                segment: 0,
                offset: self.bytes.len() as u64,
                lines: lines.count(),
                len: block.len() as u32,
                latest: lines.times().latest(),
            };
            self.bytes.extend(block);
            self.entries.push(entry);
            entry
        }
    }

    #[test]
    fn a_block_that_stands_twice_counts_once() {
        let mut lines = [Lines::default(), Lines::starting_at(3)];
        for line in 0..3 {
            lines[0].push(&body(line), 1);
            lines[1].push(&body(line + 3), 1);
        }
        let mut file = File::default();
        let whole = [&lines[0], &lines[0], &lines[1], &lines[0]].map(|lines| file.append(lines));
        let len = file.bytes.len() as u64;
        let scan = scan(7, len, read_from(&file.bytes)).expect("memory is readable");
        let found: Vec<u64> = scan
            .segment
            .entries
            .iter()
            .map(|entry| entry.first_line)
            .collect();
        assert_eq!(found, [0, 3]);
        assert_eq!(scan.damaged_bytes, u64::from(whole[1].len));
        assert_eq!(scan.end, whole[2].end_offset());
        let index = scan.segment.to_bytes(len);
        assert_eq!(Segment::read(7, len, &index), Ok(scan.segment));
    }

    fn read_from(bytes: &[u8]) -> impl FnMut(u64, &mut [u8]) -> io::Result<usize> {
        move |at, out| {
            let rest = &bytes[(at as usize).min(bytes.len())..];
            let len = rest.len().min(out.len());
            out[..len].copy_from_slice(&rest[..len]);
            Ok(len)
        }
    }

    fn recover(bytes: &[u8], journal: Option<&[u8]>) -> (Store, Recovery) {
        let mut scan = scan(0, bytes.len() as u64, read_from(bytes)).expect("memory is readable");
        scan.drop_torn(read_from(bytes))
            .expect("memory is readable");
        let mut found = Found {
            torn_bytes: bytes.len() as u64 - scan.end,
            damaged_bytes: scan.damaged_bytes,
            ..Found::default()
        };
        found.index.add(scan.segment);
        let mut memory = Memory::default();
        memory.read_journal(journal.unwrap_or_default(), &Opener::NONE);
        Store::recover(found, &memory)
    }

    /// Line `n` of every test: lengths vary, and nothing else has the same text.
    fn body(n: u64) -> Vec<u8> {
        let mut body = vec![0];
        let noise = "x".repeat((n.wrapping_mul(2_654_435_761) >> 7) as usize % 9000);
        varint::put_bytes(&mut body, format!("{n} {noise}").as_bytes());
        body
    }

    /// Every line that can be read, as number and body.
    fn readable(store: &Store, bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut unpacker = Unpacker::new().expect("memory");
        let mut lines = Vec::new();
        let mut at = 0;
        while let Some(place) = store.locate(at) {
            let mut take = |found: &Lines| {
                lines.extend(found.iter().map(|(n, body)| (n, body.to_vec())));
                found.end()
            };
            at = match place {
                Where::Memory(found) => take(found),
                Where::Missing { until, .. } => until,
                Where::Block(entry) => {
                    let start = entry.offset as usize;
                    if let Ok(found) =
                        unpacker.unpack(&bytes[start..start + entry.len as usize], &Opener::NONE)
                    {
                        take(&found);
                    }
                    entry.end_line()
                }
            };
        }
        lines
    }

    /// Writes the journal of `store`.
    fn journal(store: &mut Store, journal: &mut Vec<u8>) {
        match store.journal(None) {
            Some(Write::Append(record)) => journal.extend(record),
            Some(Write::Restart(record)) => *journal = record,
            None => {}
        }
    }

    /// Pushes lines in chunks; blocks are written with a delay; the journal is written before each chunk.
    fn run(chunks: &[u64], delay: usize) -> (Store, File, Vec<Vec<u8>>) {
        let (mut store, mut file) = (Store::default(), File::default());
        let (mut written, mut journals) = (Vec::new(), Vec::new());
        let mut queue = std::collections::VecDeque::new();
        for &chunk in chunks {
            journal(&mut store, &mut written);
            journals.push(written.clone());
            let mut bytes = Vec::new();
            for n in store.end_line()..store.end_line() + chunk {
                varint::put_bytes(&mut bytes, &body(n));
            }
            store.push(chunk, &bytes, &[(chunk, 7)]);
            while let Some(Effect::Append(lines)) = store.poll() {
                queue.push_back(lines);
            }
            while queue.len() > delay {
                store.written(file.append(&queue.pop_front().expect("it is not empty")));
            }
        }
        (store, file, journals)
    }

    fn all(lines: std::ops::Range<u64>) -> Vec<(u64, Vec<u8>)> {
        lines.map(|n| (n, body(n))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn line_n_is_the_nth_pushed(chunks in prop::collection::vec(0..60u64, 1..20), delay in 0..4usize) {
            let (store, file, _) = run(&chunks, delay);
            prop_assert_eq!(readable(&store, &file.bytes), all(0..chunks.iter().sum()));
            prop_assert_eq!(store.first_line(), 0);
        }

        #[test]
        fn a_crash_at_any_byte_loses_only_what_is_behind(
            chunks in prop::collection::vec(1..60u64, 1..20),
            delay in 0..4usize,
            cut: prop::sample::Index,
            journal: prop::sample::Index,
        ) {
            let (_, mut file, journals) = run(&chunks, delay);
            let chosen = journal.index(journals.len());
            let journal_end = chunks[..chosen].iter().sum::<u64>();
            file.bytes.truncate(cut.index(file.bytes.len() + 1));
            let whole = file.entries.iter().filter(|e| e.offset + u64::from(e.len) <= file.bytes.len() as u64);
            let on_disk = whole.clone().next_back().map_or(0, Entry::end_line);
            let (store, recovery) = recover(&file.bytes, Some(&journals[chosen]));
            let lines = readable(&store, &file.bytes);
            prop_assert_eq!(&lines[..on_disk as usize], &all(0..on_disk)[..]);
            for (n, found) in &lines[on_disk as usize..] {
                prop_assert_eq!(found, &body(*n));
            }
            prop_assert_eq!(recovery.end_line, journal_end.max(on_disk));
            prop_assert_eq!(recovery.journal_end, Some(journal_end));
            prop_assert_eq!(recovery.missing_lines, recovery.end_line - lines.len() as u64);
            let kept = whole.map(|e| u64::from(e.len)).sum::<u64>();
            prop_assert_eq!(recovery.torn_bytes, file.bytes.len() as u64 - kept);
        }

        #[test]
        fn a_kill_loses_nothing_before_the_journal(
            chunks in prop::collection::vec(1..60u64, 1..20),
            delay in 0..4usize,
        ) {
            let (mut store, file, mut journals) = run(&chunks, delay);
            let mut written = journals.pop().unwrap_or_default();
            journal(&mut store, &mut written);
            let (store, recovery) = recover(&file.bytes, Some(&written));
            prop_assert_eq!(readable(&store, &file.bytes), all(0..chunks.iter().sum()));
            prop_assert_eq!(recovery.missing_lines, 0);
        }

        #[test]
        fn damage_loses_one_block(
            chunks in prop::collection::vec(20..60u64, 3..20),
            at: prop::sample::Index,
            bit in 0..8u8,
        ) {
            let (mut store, mut file, _) = run(&chunks, 0);
            prop_assume!(file.entries.len() > 1);
            store.lose_journal();
            let mut written = Vec::new();
            journal(&mut store, &mut written);
            let at = at.index(file.bytes.len());
            file.bytes[at] ^= 1 << bit;
            let hit = file.entries.iter().find(|e| (e.offset..e.offset + u64::from(e.len)).contains(&(at as u64)));
            let hit = hit.expect("the file is all blocks");
            let (store, _) = recover(&file.bytes, Some(&written));
            let mut expected = all(0..chunks.iter().sum());
            expected.retain(|(n, _)| !(hit.first_line..hit.end_line()).contains(n));
            prop_assert_eq!(readable(&store, &file.bytes), expected);
        }

        #[test]
        fn nothing_panics(mut file in prop::collection::vec(any::<u8>(), 0..500), journal: Vec<u8>, magics: Vec<prop::sample::Index>) {
            for at in magics {
                if file.len() >= 4 {
                    let at = at.index(file.len() - 3);
                    file[at..at + 4].copy_from_slice(&MAGIC);
                }
            }
            let (store, recovery) = recover(&file, Some(&journal));
            prop_assert_eq!(store.end_line(), recovery.end_line);
        }
    }

    #[test]
    fn damage_wider_than_the_window_is_skipped() {
        let (_, file, _) = run(&[40, 40], 0);
        let mut bytes = file.bytes.clone();
        let second = file.entries[1].offset as usize;
        bytes.splice(second..second, vec![0x89; 3 * SEARCH_BYTES + 1]);
        let (store, recovery) = recover(&bytes, None);
        assert_eq!(recovery.damaged_bytes, 3 * SEARCH_BYTES as u64 + 1);
        assert_eq!(readable(&store, &bytes), all(0..recovery.end_line));
        assert_eq!(recovery.missing_lines, 0);
    }

    #[test]
    fn what_cannot_be_written_is_given_up_oldest_first() {
        let mut store = Store::default();
        let mut line = Vec::new();
        varint::put_bytes(&mut line, &vec![0; TAIL_BYTES - 5000]);
        for _ in 0..200 {
            store.push(1, &line, &[]);
        }
        assert!(store.waiting_bytes() <= HELD_BYTES);
        let given_up = store.given_up();
        assert!(given_up > 0);
        let gap = Where::Missing {
            from: 0,
            until: given_up,
        };
        assert_eq!(store.locate(0), Some(gap));
        let forgotten = std::iter::from_fn(|| store.poll())
            .filter(|effect| matches!(effect, Effect::Forget { .. }))
            .count();
        assert_eq!(forgotten as u64, given_up);
    }

    #[test]
    fn numbers_go_on_where_bytes_are_missing() {
        let mut store = Store::default();
        store.push(5, &[1, 0, 1, 0], &[]);
        store.push(1, &[1, 7], &[]);
        assert_eq!(store.end_line(), 6);
        assert_eq!(store.locate(3), Some(Where::Missing { from: 2, until: 5 }));
        assert!(
            matches!(store.locate(5), Some(Where::Memory(lines)) if lines.iter().eq([(5, &[7u8][..])]))
        );
    }
}
