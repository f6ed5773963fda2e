//! What stands on disk: blocks of scrollback, and the user's configuration.

use super::bytes::Trial;
use std::collections::BTreeSet;
use wt::config::{Config, Layer};
use wt::scrollback::block::{HEAD_LEN, MAGIC, Unpacker};
use wt::scrollback::index::{Index, Segment};
use wt::scrollback::journal::Memory;
use wt::scrollback::recovery::{self, Found};
use wt::scrollback::seal::Opener;
use wt::scrollback::search::{Case, Pattern, Syntax};
use wt::scrollback::store::{Store, Where};

/// A segment of blocks and a journal: every block that is found can be placed, all lines lie somewhere, and recovery
/// never fails. The journal's bytes may claim to be an index file, too.
pub fn blocks_are_found(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let journal = trial.piece();
    let file = honest(trial.0);
    let read = |at: u64, buffer: &mut [u8]| {
        let rest = file.get(at as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    };
    let len = file.len() as u64;
    let mut scan = recovery::scan(0, len, read).expect("the file can be read");
    scan.drop_torn(read).expect("the file can be read");
    let mut unpacker = Unpacker::new().expect("there is memory");
    let mut end = 0;
    for entry in &scan.segment.entries {
        assert!(
            entry.offset >= end && entry.offset + u64::from(entry.len) <= len,
            "blocks overlap"
        );
        end = entry.offset + u64::from(entry.len);
        let block = &file[entry.offset as usize..end as usize];
        if let Ok(lines) = unpacker.unpack(block, &Opener::NONE) {
            assert_eq!(lines.timed().count(), entry.lines as usize);
        }
    }
    let again = Segment::read(0, len, &scan.segment.to_bytes(len));
    assert_eq!(again.as_ref(), Ok(&scan.segment), "an index comes back");
    let _ = Segment::read(0, len, journal);
    let (mut found, mut memory) = (Found::default(), Memory::default());
    found.index = Index::default();
    found.index.add(scan.segment);
    assert!(memory.read_journal(journal, &Opener::NONE) <= journal.len());
    let (store, _) = Store::recover(found, &memory);
    every_line_lies_somewhere(&store);
}

/// From the first line to the last, place by place, without going back; of very many places the first are walked.
fn every_line_lies_somewhere(store: &Store) {
    assert!(store.first_line() <= store.end_line());
    let mut at = store.first_line();
    for _ in 0..10_000 {
        let end = match store.locate(at) {
            None => break,
            Some(Where::Block(entry)) => entry.end_line(),
            Some(Where::Memory(lines)) => lines.end(),
            Some(Where::Missing { until, .. }) => until,
        };
        assert!(end > at, "a place that leads nowhere");
        at = end;
    }
}

/// The bytes with right sums in every head that stands where one may begin, so that more than sums is tried.
fn honest(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    let heads: BTreeSet<usize> = (0..file.len().saturating_sub(HEAD_LEN - 1))
        .filter(|at| file[*at..].starts_with(&MAGIC))
        .collect();
    for at in heads {
        let len = |from: usize| {
            let bytes = std::array::from_fn(|n| file[at + from + n]);
            u32::from_le_bytes(bytes) as usize
        };
        let filter = at + HEAD_LEN..(at + HEAD_LEN).saturating_add(len(44));
        let body = filter.end..filter.end.saturating_add(len(48));
        for (part, sum_at) in [(filter, 52), (body, 56)] {
            if let Some(part) = file.get(part) {
                let sum = crc32fast::hash(part);
                file[at + sum_at..at + sum_at + 4].copy_from_slice(&sum.to_le_bytes());
            }
        }
        let sum = crc32fast::hash(&file[at..at + HEAD_LEN - 4]);
        file[at + HEAD_LEN - 4..at + HEAD_LEN].copy_from_slice(&sum.to_le_bytes());
    }
    file
}

/// Files of the user's: whatever they say, something holds, and what is wrong is said in one line.
pub fn settings_are_read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (_, problems) = Config::parse(&text, "config.toml");
    let (_, others) = Layer::parse(&text, "keymap.toml");
    for problem in problems.iter().chain(&others) {
        let line = problem.to_string();
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    if let Some(pattern) = Pattern::new(&text) {
        assert!(pattern.max_bytes() > 0);
    }
    // A regular expression, however it is written, is read or refused in bounded time and memory.
    if let Ok(pattern) = Pattern::parse(&text, Syntax::Regex, Case::Smart) {
        let _ = pattern.find_in(&text, 0);
    }
}
