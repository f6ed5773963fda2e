//! Blocks that were found damaged when they were read, for all who read the same history.

use crate::scrollback::index::Entry;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most blocks that are remembered: others are found damaged anew each time.
const MAX_BLOCKS: usize = 4096;

/// What is damaged of one history.
#[derive(Debug, Default)]
pub(super) struct Damage(Mutex<BTreeMap<u64, Entry>>);

impl Damage {
    fn blocks(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a block.
    pub fn note(&self, entry: Entry) {
        let mut blocks = self.blocks();
        if blocks.len() < MAX_BLOCKS && blocks.insert(entry.first_line, entry).is_none() {
            let (first, last) = (entry.first_line + 1, entry.end_line());
            let segment = entry.segment;
            tracing::warn!(segment, "lines {first}–{last} are damaged on disk");
        }
    }

    /// Whether that block is known to be damaged.
    pub fn has(&self, entry: Entry) -> bool {
        self.blocks().get(&entry.first_line) == Some(&entry)
    }

    /// How many lines are known to be damaged, from line `first` on.
    pub fn lines_from(&self, first: u64) -> u64 {
        let lines = |entry: &Entry| u64::from(entry.lines);
        self.blocks()
            .range(first..)
            .map(|(_, entry)| lines(entry))
            .sum()
    }
}
