//! What stands on disk: blocks of scrollback, and the user's configuration.

use super::bytes::Trial;
use wt::config::{Config, Layer};
use wt::scrollback::block::{HEAD_LEN, Head, MAGIC, Unpacker};
use wt::scrollback::recovery;
use wt::scrollback::search::Pattern;
use wt::scrollback::store::Store;

/// A file of blocks: every block that is found can be placed, the last one can be read, and recovery never fails.
pub fn blocks_are_found(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let snapshot = trial.piece();
    let file = honest(trial.0);
    let read = |at: u64, buffer: &mut [u8]| {
        let rest = file.get(at as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    };
    let len = file.len() as u64;
    let scan = recovery::scan(len, read).expect("the file can be read");
    let mut unpacker = Unpacker::new().expect("there is memory");
    let mut end = 0;
    for entry in &scan.entries {
        assert!(
            entry.offset >= end && entry.offset + u64::from(entry.len) <= len,
            "blocks overlap"
        );
        end = entry.offset + u64::from(entry.len);
        let block = &file[entry.offset as usize..end as usize];
        if let Ok(lines) = unpacker.unpack(block) {
            assert_eq!(lines.iter().count(), entry.lines as usize);
        }
    }
    let (store, _) = Store::recover(scan, len, Some(snapshot).filter(|bytes| !bytes.is_empty()));
    assert!(store.first_line() <= store.end_line());
}

/// The bytes with right sums in every head that stands where one may begin, so that more than sums is tried.
fn honest(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    let mut at = 0;
    while at + HEAD_LEN <= file.len() {
        if file[at..].starts_with(&MAGIC) {
            let sum = crc32fast::hash(&file[at..at + 40]);
            file[at + 40..at + 44].copy_from_slice(&sum.to_le_bytes());
            if let Ok(head) = Head::read(&file[at..])
                && let Some(body) = file.get(at + HEAD_LEN..at + HEAD_LEN + head.body_len as usize)
            {
                let sum = crc32fast::hash(body);
                file[at + 36..at + 40].copy_from_slice(&sum.to_le_bytes());
                let sum = crc32fast::hash(&file[at..at + 40]);
                file[at + 40..at + 44].copy_from_slice(&sum.to_le_bytes());
            }
        }
        at += 1;
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
}
