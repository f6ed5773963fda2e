//! The store of one pane's lines: says which lines become a block and where every line is to be found. The newest
//! lines stand in the tail; a full tail waits, still readable, until its block stands in the file.
//!
//! Law: line *n* is the *n*-th line pushed, wherever it stands, or it is reported missing; never another line.

use super::index::{Entry, Index};
use super::journal::Progress;
use super::lines::Lines;
use crate::varint::Reader;
use std::collections::VecDeque;
use std::sync::Arc;

/// The size at which the tail becomes a block: with half of it a line of log takes a byte more on disk, and the filters of
/// a long history take twice as long to make.
pub const TAIL_BYTES: usize = 128 << 10;

/// How much may wait to be written before the oldest is given up.
pub const HELD_BYTES: usize = 8 << 20;

/// What is to be done about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Pack these lines, append the block, and tell [`Store::written`].
    Append(Arc<Lines>),
    /// Too much waits: the lines that begin here need not be written any more.
    Forget {
        /// The first line of an earlier `Append`.
        first_line: u64,
    },
}

/// Where a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where<'a> {
    /// In a block on disk.
    Block(Entry),
    /// In memory, among these lines.
    Memory(&'a Lines),
    /// Nowhere: lines `from..until` were lost.
    Missing {
        /// The first line of the gap.
        from: u64,
        /// The first line after it.
        until: u64,
    },
}

/// The lines of one pane. Cloning it copies the tail and shares the rest.
#[derive(Debug, Clone, Default)]
pub struct Store {
    pub(super) index: Index,
    pub(super) waiting: VecDeque<Arc<Lines>>,
    pub(super) tail: Lines,
    pub(super) floor: u64,
    waiting_bytes: usize,
    given_up: u64,
    effects: VecDeque<Effect>,
    pub(super) progress: Progress,
}

impl Store {
    /// A store whose lines all stand in these blocks.
    pub(super) fn of_blocks(index: Index) -> Store {
        Store {
            tail: Lines::starting_at(index.end_line()),
            index,
            ..Store::default()
        }
    }

    /// Adds `lines` lines, each as its length and its body in `bytes`, and how many of them were written when (Unix
    /// ms); the last time holds for the rest. Numbers are given by `lines` alone: where `bytes` holds fewer, the rest
    /// of them reads as missing.
    pub fn push(&mut self, lines: u64, bytes: &[u8], times: &[(u64, u64)]) {
        let mut reader = Reader::new(bytes);
        let mut times = times.iter().copied();
        let (mut same, mut at_ms) = times.next().unwrap_or_default();
        for pushed in 0..lines {
            let Ok(body) = reader.bytes() else {
                return self.skip(lines - pushed);
            };
            while same == 0
                && let Some(next) = times.next()
            {
                (same, at_ms) = next;
            }
            same = same.saturating_sub(1);
            self.push_line(body, at_ms);
        }
    }

    fn push_line(&mut self, body: &[u8], at_ms: u64) {
        if self.tail.bytes().len() + body.len() > TAIL_BYTES {
            self.seal();
        }
        self.tail.push(body, at_ms);
    }

    fn skip(&mut self, lines: u64) {
        self.seal();
        self.tail = Lines::starting_at(self.end_line().saturating_add(lines));
    }

    /// Turns the tail into lines that wait to be written.
    fn seal(&mut self) {
        if self.tail.is_empty() {
            return;
        }
        let next = Lines::starting_at(self.tail.end());
        let full = Arc::new(std::mem::replace(&mut self.tail, next));
        self.effects.push_back(Effect::Append(full.clone()));
        self.waiting_bytes += full.bytes().len();
        self.waiting.push_back(full);
        while self.waiting_bytes > HELD_BYTES && self.waiting.len() > 1 {
            self.give_up_oldest();
        }
    }

    fn give_up_oldest(&mut self) {
        let Some(oldest) = self.waiting.pop_front() else {
            return;
        };
        self.waiting_bytes -= oldest.bytes().len();
        self.given_up += u64::from(oldest.count());
        self.effects.push_back(Effect::Forget {
            first_line: oldest.first(),
        });
    }

    /// The next thing to be done about the file.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Notes that the lines of an [`Effect::Append`] now stand in the file. Effects are carried out in order.
    pub fn written(&mut self, entry: Entry) {
        if !self.index.push(entry) {
            return;
        }
        match self
            .waiting
            .iter()
            .position(|lines| lines.first() == entry.first_line)
        {
            Some(at) => {
                if let Some(lines) = self.waiting.remove(at) {
                    self.waiting_bytes -= lines.bytes().len();
                }
            }
            // Given up while it was being written after all.
            None => self.given_up = self.given_up.saturating_sub(u64::from(entry.lines)),
        }
    }

    /// Notes that a segment has been deleted: its lines read as missing.
    pub fn dropped(&mut self, segment: u32) {
        self.index.drop_segment(segment);
    }

    /// Gives the next line number `end`, or a higher one if that is given already.
    pub fn reach(&mut self, end: u64) {
        let lost = end.saturating_sub(self.end_line());
        if lost > 0 {
            self.skip(lost);
        }
    }

    /// Puts back lines that were in memory when the journal was written. They must follow all others.
    pub(super) fn restore(&mut self, lines: &Lines) {
        self.reach(lines.first());
        for (_, at_ms, body) in lines.timed() {
            self.push_line(body, at_ms);
        }
    }

    /// The oldest line that is still kept.
    pub fn first_line(&self) -> u64 {
        let on_disk = self.index.first().map(|entry| entry.first_line);
        let waiting = self.waiting.front().map(|lines| lines.first());
        on_disk.or(waiting).unwrap_or(self.tail.first())
    }

    /// The number that the next line will get.
    pub fn end_line(&self) -> u64 {
        self.tail.end()
    }

    /// The first line behind those that stand in the file.
    pub fn memory_line(&self) -> u64 {
        self.index.end_line()
    }

    /// The line before which views show nothing; what stands there is kept.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// Hides the lines before `line` from views.
    pub fn set_floor(&mut self, line: u64) {
        self.floor = line.min(self.end_line());
    }

    /// How many lines were given up because they could not be written.
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    /// Bytes of lines that wait to be written.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// The first line of the first block, or of the first lines in memory, that hold one written at `at_ms` (Unix ms) or
    /// later; the number of the next line if none do.
    pub fn near_time(&self, at_ms: u64) -> u64 {
        if let Some(entry) = self.index.near_time(at_ms) {
            return entry.first_line;
        }
        let waiting = self.waiting.iter().map(Arc::as_ref);
        let mut memory = waiting.chain([&self.tail]);
        let lines = memory.find(|lines| !lines.is_empty() && lines.times().latest() >= at_ms);
        lines.map_or(self.end_line(), Lines::first)
    }

    /// Where `line` is; `None` if it has not been pushed.
    pub fn locate(&self, line: u64) -> Option<Where<'_>> {
        if line >= self.end_line() {
            return None;
        }
        if line >= self.tail.first() {
            return Some(Where::Memory(&self.tail));
        }
        let (block_before, next_block) = self.index.around(line);
        let lines = self.waiting.partition_point(|lines| lines.end() <= line);
        let next_lines = self.waiting.get(lines);
        if let Some(entry) = next_block.filter(|entry| entry.first_line <= line) {
            return Some(Where::Block(*entry));
        }
        if let Some(lines) = next_lines.filter(|lines| lines.first() <= line) {
            return Some(Where::Memory(lines));
        }
        let lines_before = lines.checked_sub(1).map(|at| self.waiting[at].end());
        let until = next_block.map(|entry| entry.first_line);
        let until = until
            .into_iter()
            .chain(next_lines.map(|lines| lines.first()));
        Some(Where::Missing {
            from: block_before.max(lines_before).unwrap_or(0),
            until: until.min().unwrap_or(self.tail.first()),
        })
    }
}
