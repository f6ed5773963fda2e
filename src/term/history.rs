//! The rows above the screen that are still in memory, and the lines that leave them for good.

use super::codec::Encoder;
use super::edit::used;
use super::row::Row;
use super::tables::Tables;
use super::{Cell, RowId, Version};
use crate::varint;
use std::collections::VecDeque;

/// How many rows above the screen stay in memory, to be pulled back when the screen grows.
pub const HISTORY_ROWS: usize = 1000;

/// A line longer than this is spilled in pieces.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Lines that left memory: back to back, each the varint length of what
/// [`encode_line`](super::codec::encode_line) wrote, and then that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spill {
    /// How many lines.
    pub lines: u64,
    /// The lines.
    pub bytes: Vec<u8>,
    /// When they were last written: how many in a row at the same time, and that time in milliseconds since the Unix
    /// epoch, or 0 where it is not known. The counts add up to `lines`.
    pub times: Vec<(u64, u64)>,
    /// Set if the program cleared its scrollback (ED 3, RIS): views hide as many of these lines, and all before them.
    pub floor: Option<u64>,
}

/// The ring of rows above the main screen.
///
/// Law: what was spilled, then these rows, then the screen, is everything that was written, each line once.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) rows: VecDeque<Row>,
    pub(super) spill: Spill,
    spare: Vec<Row>,
    encoder: Encoder,
    joined: Vec<Cell>,
    encoded: Vec<u8>,
}

impl History {
    /// Takes in a row that left the top of the screen.
    pub(super) fn push(&mut self, row: Row, tables: &Tables) {
        self.rows.push_back(row);
        if self.rows.len() > HISTORY_ROWS {
            self.trim(tables);
        }
    }

    /// Spills lines from the front until the bound is kept. Lines leave whole; only one that fills the ring alone
    /// leaves in pieces.
    pub(super) fn trim(&mut self, tables: &Tables) {
        while self.rows.len() > HISTORY_ROWS {
            let limit = HISTORY_ROWS / 2;
            let end = self.rows.iter().take(limit).position(|row| !row.wrapped);
            self.spill_rows(end.map_or(limit, |last| last + 1), tables);
        }
    }

    /// Drops up to `count` lines from the front; says how many.
    pub(super) fn forget(&mut self, count: u64) -> u64 {
        let mut dropped = 0;
        while dropped < count {
            let Some(last) = self.rows.iter().position(|row| !row.wrapped) else {
                break;
            };
            self.rows.drain(..=last);
            dropped += 1;
        }
        dropped
    }

    /// Spills everything and sets the floor: ED 3 and RIS delete nothing.
    pub(super) fn clear(&mut self, tables: &Tables) {
        while !self.rows.is_empty() {
            let end = self.rows.iter().position(|row| !row.wrapped);
            self.spill_rows(end.map_or(self.rows.len(), |last| last + 1), tables);
        }
        self.spill.floor = Some(self.spill.lines);
    }

    /// An empty row, of used storage if there is any.
    pub(super) fn fresh(&mut self, id: RowId, now: Version) -> Row {
        match self.spare.pop() {
            Some(mut row) => {
                row.renew(id, now);
                row
            }
            None => Row::new(id, now),
        }
    }

    /// Takes back a row's storage.
    pub(super) fn recycle(&mut self, row: Row) {
        if self.spare.len() < 64 {
            self.spare.push(row);
        }
    }

    /// Spills the first `count` rows as one line.
    fn spill_rows(&mut self, count: usize, tables: &Tables) {
        if count == 1
            && let Some(row) = self.rows.pop_front()
        {
            self.spill_line(row.cells(), row.wrapped, row.written_ms, tables);
            self.recycle(row);
            return;
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        let (mut continued, mut written_ms) = (false, 0);
        for _ in 0..count {
            let Some(row) = self.rows.pop_front() else {
                break;
            };
            joined.extend_from_slice(row.cells());
            continued = row.wrapped;
            written_ms = row.written_ms.max(written_ms);
            self.recycle(row);
        }
        self.spill_line(&joined, continued, written_ms, tables);
        self.joined = joined;
    }

    fn spill_line(&mut self, cells: &[Cell], continued: bool, written_ms: u64, tables: &Tables) {
        let before = self.spill.lines;
        self.spill_cells(cells, continued, tables);
        let lines = self.spill.lines - before;
        match self.spill.times.last_mut() {
            Some((count, at)) if *at == written_ms => *count += lines,
            _ => self.spill.times.push((lines, written_ms)),
        }
    }

    fn spill_cells(&mut self, cells: &[Cell], continued: bool, tables: &Tables) {
        let cells = match continued {
            true => cells,
            false => &cells[..used(cells)],
        };
        // A cell is at most one cluster; below this count no line can pass the limit.
        let mut rest = cells;
        while rest.len() > MAX_LINE_BYTES / super::joins::MAX_CLUSTER {
            let (piece, after) = rest.split_at(first_piece(rest, tables));
            if after.is_empty() {
                break;
            }
            self.put(piece, true, tables);
            rest = after;
        }
        self.put(rest, continued, tables);
    }

    fn put(&mut self, cells: &[Cell], continued: bool, tables: &Tables) {
        self.encoded.clear();
        self.encoder
            .line(cells, continued, tables, &mut self.encoded);
        varint::put_bytes(&mut self.spill.bytes, &self.encoded);
        self.spill.lines += 1;
    }
}

/// How many of `cells` hold [`MAX_LINE_BYTES`] of text.
fn first_piece(cells: &[Cell], tables: &Tables) -> usize {
    let mut bytes = 0;
    for (n, cell) in cells.iter().enumerate() {
        let length = match cell.glyph() {
            super::cell::Glyph::Char(c) => c.len_utf8(),
            super::cell::Glyph::Cluster(index) => tables.cluster(index).len(),
            super::cell::Glyph::Continuation => 0,
        };
        if bytes + length > MAX_LINE_BYTES {
            return n.max(1);
        }
        bytes += length;
    }
    cells.len()
}
