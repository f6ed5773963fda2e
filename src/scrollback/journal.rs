//! What is in memory alone, as records that are appended to a file each moment: after a kill a history has every line
//! up to the last whole record.
//!
//! ```text
//! journal = { length record } …                                                  the length in 4 bytes, little-endian
//! record  = version floor end lines sum                                          integers as varints, the sum 4 bytes
//! lines   = runs { first count time len times len lines }
//! ```
//!
//! Version 2; in version 3 the lines are sealed, about all that stands before them: without the key a record is whole and
//! its numbers count. Records of version 1, which a pane's snapshot held, have no times but the first. A record that is not what
//! was written ends the journal: it was being written, or lies behind one that was.

use super::lines::{Lines, MAX_NUMBER};
use super::seal::{Kind, Opener, Sealer};
use super::store::Store;
use super::times::Times;
use crate::varint::{self, Malformed, Reader};
use std::sync::Arc;

const VERSION: u8 = 2;
const SEALED: u8 = 3;

/// The longest journal that is read, in bytes: several times what may wait for the disk. A server reads two per pane.
pub const MAX_JOURNAL: u64 = 32 << 20;

/// Beyond this a journal is begun anew once most of it stands in blocks.
const KEPT_BYTES: usize = 256 << 10;

/// How far the journal on disk has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Every line before this is in it, or in a block. 0 before the first record.
    end: u64,
    floor: u64,
    bytes: usize,
}

/// What is to be done to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Append these records.
    Append(Vec<u8>),
    /// These records hold all that is in memory: those before them may go, once the blocks are safe that hold their
    /// lines.
    Restart(Vec<u8>),
}

impl Store {
    /// What has to be written so that the journal holds all that is in memory, sealed if there is something to seal with;
    /// `None` if it does.
    pub fn journal(&mut self, sealer: Option<&Sealer<'_>>) -> Option<Write> {
        let progress = &self.progress;
        if progress.bytes > 0 && (progress.end, progress.floor) == (self.end_line(), self.floor) {
            return None;
        }
        let in_memory = self.waiting_bytes() + self.tail.bytes().len();
        let restarts = progress.bytes == 0 || progress.bytes > KEPT_BYTES.max(2 * in_memory);
        let from = if restarts { 0 } else { progress.end };
        let records = self.records(from, sealer);
        let before = if restarts { 0 } else { progress.bytes };
        self.progress = Progress {
            end: self.end_line(),
            floor: self.floor,
            bytes: before + records.len(),
        };
        Some(match restarts {
            true => Write::Restart(records),
            false => Write::Append(records),
        })
    }

    /// Forgets what the journal holds: it could not be written.
    pub fn lose_journal(&mut self) {
        self.progress = Progress::default();
    }

    /// The lines in memory from number `from` on, as records with their lengths. No record is longer than a block: a
    /// kill while they are written costs what is left of one, not all that waits for a disk that is slow.
    fn records(&self, from: u64, sealer: Option<&Sealer<'_>>) -> Vec<u8> {
        let mut out = Vec::new();
        let waiting = self.waiting.iter().map(Arc::as_ref);
        for lines in waiting.filter(|lines| lines.end() > from && !lines.is_empty()) {
            put_record(
                (self.floor, lines.end()),
                &[lines.since(from)],
                sealer,
                &mut out,
            );
        }
        // The last one says how far lines are numbered, also where the tail has none.
        let is_new = |lines: &&Lines| lines.end() > from && !lines.is_empty();
        let tail: Vec<_> = Some(&self.tail)
            .filter(is_new)
            .map(|lines| lines.since(from))
            .into_iter()
            .collect();
        put_record((self.floor, self.end_line()), &tail, sealer, &mut out);
        out
    }
}

/// Appends a record with its length.
fn put_record(
    (floor, end): (u64, u64),
    runs: &[Lines],
    sealer: Option<&Sealer<'_>>,
    out: &mut Vec<u8>,
) {
    let mut record = vec![sealer.map_or(VERSION, |_| SEALED)];
    varint::put(&mut record, floor);
    varint::put(&mut record, end);
    match sealer {
        None => put_runs(runs, &mut record),
        Some(sealer) => {
            let (about, mut plain) = (record.clone(), Vec::new());
            put_runs(runs, &mut plain);
            sealer.seal(Kind::Record, &about, &plain, &mut record);
        }
    }
    let sum = crc32fast::hash(&record);
    out.extend(((record.len() + 4) as u32).to_le_bytes());
    out.extend(record);
    out.extend(sum.to_le_bytes());
}

fn put_runs(runs: &[Lines], out: &mut Vec<u8>) {
    varint::put(out, runs.len() as u64);
    for lines in runs {
        varint::put(out, lines.first());
        varint::put(out, u64::from(lines.count()));
        varint::put(out, lines.written_at());
        let mut times = Vec::new();
        lines.times().encode(&mut times);
        varint::put_bytes(out, &times);
        varint::put_bytes(out, lines.bytes());
    }
}

/// What records say.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) floor: u64,
    /// The number that the next line would have got; `None` without a record.
    pub(super) end: Option<u64>,
    runs: Vec<Lines>,
    is_locked: bool,
}

impl Memory {
    /// Takes in a journal as far as it is whole; says how many bytes that are.
    pub fn read_journal(&mut self, journal: &[u8], opener: &Opener<'_>) -> usize {
        let mut rest = journal;
        while let Some((len, behind)) = rest.split_first_chunk()
            && let Some(record) = behind.get(..u32::from_le_bytes(*len) as usize)
            && self.read_record(record, opener).is_ok()
        {
            rest = &behind[record.len()..];
        }
        journal.len() - rest.len()
    }

    /// Whether lines stand in a record that cannot be opened. Its numbers have been taken in.
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Takes in one record, of any version.
    pub fn read_record(&mut self, record: &[u8], opener: &Opener<'_>) -> Result<(), Malformed> {
        let (body, sum) = record.split_last_chunk().ok_or(Malformed("record"))?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return Err(Malformed("record's sum"));
        }
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if !(1..=SEALED).contains(&version) {
            return Err(Malformed("record's version"));
        }
        let (floor, end) = (reader.u64()?, reader.at_most(MAX_NUMBER)?);
        let runs = if version < SEALED {
            read_runs(reader, version, end)?
        } else {
            let (about, sealed) = body.split_at(body.len() - reader.rest().len());
            match opener.open(Kind::Record, about, sealed) {
                Ok(plain) => read_runs(Reader::new(&plain), VERSION, end)?,
                Err(_) => {
                    self.is_locked = true;
                    Vec::new()
                }
            }
        };
        self.floor = floor;
        self.end = Some(end.max(self.end.unwrap_or(0)));
        self.runs.extend(runs);
        Ok(())
    }

    /// Adds to `store` the lines that follow its own.
    pub(super) fn restore_to(&self, store: &mut Store) {
        for lines in &self.runs {
            store.restore(&lines.since(store.end_line().max(lines.first())));
        }
        store.reach(self.end.unwrap_or(0));
        store.set_floor(self.floor);
    }
}

fn read_runs(mut reader: Reader<'_>, version: u8, end: u64) -> Result<Vec<Lines>, Malformed> {
    let mut runs: Vec<Lines> = Vec::new();
    for _ in 0..reader.at_most(reader.rest().len() as u64)? {
        let lines = read_run(&mut reader, version)?;
        let follows = runs.last().is_none_or(|last| last.end() <= lines.first());
        if !follows || lines.end() > end {
            return Err(Malformed("record's lines"));
        }
        runs.push(lines);
    }
    Ok(runs)
}

fn read_run(reader: &mut Reader, version: u8) -> Result<Lines, Malformed> {
    let first = reader.u64()?;
    let count = reader.at_most(u64::from(u32::MAX))? as u32;
    let written_at = reader.u64()?;
    let times = match version {
        1 => Times::of(count, written_at),
        _ => Times::decode(count, written_at, reader.bytes()?)?,
    };
    Lines::from_bytes(first, count, times, reader.bytes()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::index::Entry;
    use super::super::seal;
    use super::super::store::Effect;
    use super::*;
    use proptest::prelude::*;

    fn push(store: &mut Store, lines: u64) {
        let mut bytes = Vec::new();
        for n in store.end_line()..store.end_line() + lines {
            varint::put_bytes(&mut bytes, format!("{n:0200}").as_bytes());
        }
        let now = store.end_line();
        store.push(lines, &bytes, &[(lines, now)]);
    }

    fn memory_of(store: &Store) -> Vec<(u64, u64, Vec<u8>)> {
        let waiting = store.waiting.iter().map(Arc::as_ref);
        let lines = waiting.chain([&store.tail]).flat_map(Lines::timed);
        lines.map(|(n, at, body)| (n, at, body.to_vec())).collect()
    }

    fn recover(journal: &[u8]) -> (Store, usize) {
        let (mut memory, mut store) = (Memory::default(), Store::default());
        let len = memory.read_journal(journal, &Opener::NONE);
        memory.restore_to(&mut store);
        (store, len)
    }

    proptest! {
        #[test]
        fn records_come_back_up_to_where_they_are_cut(
            chunks in prop::collection::vec(0..300u64, 1..12),
            cut: prop::sample::Index,
        ) {
            let mut store = Store::default();
            let (mut journal, mut ends) = (Vec::new(), vec![(0, 0)]);
            for lines in chunks {
                push(&mut store, lines);
                store.set_floor(store.end_line() / 2);
                match store.journal(None) {
                    Some(Write::Append(record)) => journal.extend(record),
                    Some(Write::Restart(record)) => {
                        journal = record;
                        ends = vec![(0, 0)];
                    }
                    None => {}
                }
                ends.push((journal.len(), store.end_line()));
            }
            prop_assert_eq!(store.journal(None), None);
            let (again, _) = recover(&journal);
            prop_assert_eq!(memory_of(&again), memory_of(&store));
            prop_assert_eq!(again.floor(), store.floor());
            journal.truncate(cut.index(journal.len() + 1));
            let (len, end) = *ends.iter().rfind(|(len, _)| *len <= journal.len()).expect("the first");
            let (again, whole) = recover(&journal);
            // A write of several records may have come halfway.
            let next = ends.iter().find(|(len, _)| *len > journal.len());
            let most = next.map_or(end, |(_, end)| *end);
            prop_assert!(len <= whole && whole <= journal.len());
            prop_assert!(end <= again.end_line() && again.end_line() <= most);
        }

        #[test]
        fn nothing_panics(mut record: Vec<u8>) {
            let sum = crc32fast::hash(&record);
            record.extend(sum.to_le_bytes());
            let mut journal = (record.len() as u32).to_le_bytes().to_vec();
            journal.extend(record);
            recover(&journal);
        }
    }

    #[test]
    fn what_is_torn_costs_one_record_and_not_all_that_waits() {
        let mut store = Store::default();
        push(&mut store, 50_000);
        let Some(Write::Restart(mut journal)) = store.journal(None) else {
            panic!("nothing was written yet");
        };
        journal.truncate(journal.len() * 3 / 4);
        let (recovered, _) = recover(&journal);
        let share = recovered.end_line() * 100 / store.end_line();
        assert!((50..=85).contains(&share), "{share} % of the lines");
    }

    #[test]
    fn a_journal_of_old_lines_begins_anew() {
        let mut store = Store::default();
        let mut restarts = 0;
        for _ in 0..100 {
            push(&mut store, 100);
            if let Some(Write::Restart(_)) = store.journal(None) {
                restarts += 1;
            }
            while let Some(effect) = store.poll() {
                if let Effect::Append(lines) = effect {
                    store.written(Entry {
                        first_line: lines.first(),
                        segment: 0,
                        offset: 0,
                        lines: lines.count(),
                        len: 1,
                        latest: 0,
                    });
                }
            }
        }
        assert!((2..20).contains(&restarts), "{restarts}");
    }

    #[test]
    fn a_journal_that_was_lost_is_written_whole() {
        let mut store = Store::default();
        push(&mut store, 10);
        assert!(matches!(store.journal(None), Some(Write::Restart(_))));
        push(&mut store, 10);
        assert!(matches!(store.journal(None), Some(Write::Append(_))));
        store.lose_journal();
        let Some(Write::Restart(record)) = store.journal(None) else {
            panic!("it is lost");
        };
        assert_eq!(recover(&record).0.end_line(), 20);
    }

    #[test]
    fn a_sealed_record_counts_without_its_key_and_comes_back_with_it() {
        let mut store = Store::default();
        push(&mut store, 10);
        let ring = seal::tests::ring(1);
        let sealer = seal::tests::sealer(&ring, 4);
        let Some(Write::Restart(record)) = store.journal(Some(&sealer)) else {
            panic!("it is the first");
        };
        assert!(memchr::memmem::find(&record, &[b'0'; 20]).is_none());
        let read = |opener: &Opener<'_>| {
            let (mut memory, mut again) = (Memory::default(), Store::default());
            let whole = memory.read_journal(&record, opener);
            memory.restore_to(&mut again);
            assert_eq!((whole, again.end_line()), (record.len(), 10));
            (memory.is_locked(), memory_of(&again))
        };
        let opener = Opener {
            keys: &ring,
            pane: 4,
        };
        assert_eq!(read(&opener), (false, memory_of(&store)));
        assert_eq!(read(&Opener { pane: 5, ..opener }), (true, vec![]));
        assert_eq!(read(&Opener::NONE), (true, vec![]));
    }
}
