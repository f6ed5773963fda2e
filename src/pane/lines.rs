//! All lines of a pane as one numbered sequence: first those in scrollback, then those still in memory (the newest
//! rows above the screen, and the screen).

use super::Pane;
use crate::term::{Cell, Modes, Row, Tables, codec, rows_to_lines};
use crate::varint::Malformed;
use std::ops::Range;

/// The lines of a pane that have left memory: numbered from 0, never renumbered.
pub trait Stored {
    /// The first line that may be shown.
    fn first_line(&self) -> u64;
    /// One past the last.
    fn end_line(&self) -> u64;
    /// Calls `each` with the encoded bodies of the lines from `start` on, at most `max`, in order. A line that cannot
    /// be read is left out.
    fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8]));

    /// The first line that is kept, though it may be hidden.
    fn oldest_line(&self) -> u64 {
        self.first_line()
    }

    /// The lines around that one that are known to be lost or damaged. Reading a damaged line makes that known.
    fn gap_at(&self, _line: u64) -> Option<Range<u64>> {
        None
    }

    /// When that line was written, in milliseconds since the Unix epoch, if that is known.
    fn time_of(&self, _line: u64) -> Option<u64> {
        None
    }

    /// The first line that was written at that time or later; [`Stored::end_line`] if none was. `None` if no times are
    /// known.
    fn line_at(&self, _unix_ms: u64) -> Option<u64> {
        None
    }
}

/// What a pane has that has stored nothing yet.
#[cfg(test)]
pub(super) struct Nothing;

#[cfg(test)]
impl Stored for Nothing {
    fn first_line(&self) -> u64 {
        0
    }

    fn end_line(&self) -> u64 {
        0
    }

    fn read(&self, _: u64, _: usize, _: &mut dyn FnMut(u64, &[u8])) {}
}

/// How far back a viewer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Reach {
    /// To where the program cleared its scrollback.
    #[default]
    Cleared,
    /// To the oldest line that is kept.
    Kept,
}

/// A row within a pane's lines: the `row`-th row of line `line`, at some width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Number of the line.
    pub line: u64,
    /// Row within it once it is wrapped, from 0.
    pub row: u32,
}

/// The lines of a pane, readable by number for the length of one borrow.
pub(super) struct PaneLines<'a> {
    stored: &'a dyn Stored,
    /// Lines in memory; empty scrollback is shown above the alternate screen, as it has none.
    memory: Vec<&'a [&'a Row]>,
    tables: &'a Tables,
    first: u64,
    /// How many rows in memory are above the screen.
    above: usize,
    /// The row of the cursor among those in memory.
    cursor: usize,
}

/// The rows in memory, oldest first, of a pane.
pub(super) fn rows_in_memory(pane: &Pane) -> Vec<&Row> {
    let emulator = pane.emulator();
    if emulator.modes().contains(Modes::ALTERNATE_SCREEN) {
        emulator.rows().collect()
    } else {
        emulator.history().iter().chain(emulator.rows()).collect()
    }
}

impl<'a> PaneLines<'a> {
    pub(super) fn new(pane: &'a Pane, stored: &'a dyn Stored, rows: &'a [&'a Row]) -> Self {
        Self::reaching(Reach::Cleared, pane, stored, rows)
    }

    pub(super) fn reaching(
        reach: Reach,
        pane: &'a Pane,
        stored: &'a dyn Stored,
        rows: &'a [&'a Row],
    ) -> Self {
        let emulator = pane.emulator();
        let is_alternate = emulator.modes().contains(Modes::ALTERNATE_SCREEN);
        let above = rows.len().saturating_sub(usize::from(emulator.size().rows));
        Self {
            stored,
            memory: rows.split_inclusive(|row| !row.wrapped).collect(),
            tables: emulator.tables(),
            first: match reach {
                _ if is_alternate => stored.end_line(),
                Reach::Cleared => stored.first_line(),
                Reach::Kept => stored.oldest_line(),
            },
            above,
            cursor: above + usize::from(emulator.cursor().row),
        }
    }

    /// The first line that may be shown.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The first line that is kept, though it may be hidden.
    pub(super) fn oldest(&self) -> u64 {
        self.first.min(self.stored.oldest_line())
    }

    /// The first line that is in memory.
    pub(super) fn first_in_memory(&self) -> u64 {
        self.stored.end_line()
    }

    /// The first row of the screen; what is above it does not change as long as lines wrap as they do.
    pub(super) fn screen(&self) -> Place {
        let (mut above, mut line) = (self.above, self.first_in_memory());
        for rows in &self.memory {
            if rows.len() > above {
                break;
            }
            above -= rows.len();
            line += 1;
        }
        let row = above as u32;
        Place { line, row }
    }

    /// One past the last line of the screen.
    pub(super) fn end(&self) -> u64 {
        self.first_in_memory() + self.memory.len() as u64
    }

    /// One past the last line that something was written on, or that the cursor stands on.
    pub(super) fn written_end(&self) -> u64 {
        let mut rows: usize = self.memory.iter().map(|line| line.len()).sum();
        let is_blank = |line: &&[&Row]| {
            line.iter()
                .all(|row| row.cells().iter().all(|cell| *cell == Cell::BLANK))
        };
        let blank = self.memory.iter().rev().take_while(|line| {
            rows -= line.len();
            rows > self.cursor && is_blank(line)
        });
        self.end() - blank.count() as u64
    }

    /// The lines around that one that are known to be lost or damaged, of those that may be shown.
    pub(super) fn gap_at(&self, number: u64) -> Option<Range<u64>> {
        let border = self.first_in_memory();
        let gap = (number < border).then(|| self.stored.gap_at(number))??;
        let gap = gap.start.max(self.first)..gap.end.min(border);
        gap.contains(&number).then_some(gap)
    }

    /// When that line was written, in milliseconds since the Unix epoch, if that is known.
    pub(super) fn time_of(&self, number: u64) -> Option<u64> {
        let Some(at) = number.checked_sub(self.first_in_memory()) else {
            return self.stored.time_of(number);
        };
        let rows = self.memory.get(usize::try_from(at).ok()?)?;
        let written = rows.iter().map(|row| row.written_ms()).max()?;
        (written > 0).then_some(written)
    }

    /// The first line that was written at that time or later, or [`PaneLines::end`]; `None` if no times are known.
    pub(super) fn line_at(&self, unix_ms: u64) -> Option<u64> {
        let border = self.first_in_memory();
        match self.stored.line_at(unix_ms)? {
            line if line < border => Some(line),
            _ => {
                let is_later = |line: &u64| self.time_of(*line).is_some_and(|at| at >= unix_ms);
                Some((border..self.end()).find(is_later).unwrap_or(self.end()))
            }
        }
    }

    /// Calls `each` with the number and the cells of each line of `range` that can be read, in order, interned in
    /// `tables`.
    pub(super) fn read(
        &self,
        range: Range<u64>,
        tables: &mut Tables,
        each: &mut dyn FnMut(u64, &[Cell], &Tables),
    ) {
        let border = self.first_in_memory();
        if range.start < border {
            let count = range.end.min(border) - range.start;
            self.stored
                .read(range.start, count as usize, &mut |number, body| {
                    let cells = decode(body, tables).unwrap_or_default();
                    each(number, &cells, tables);
                });
        }
        for number in range.start.max(border)..range.end.min(self.end()) {
            let encoded = self.encoded((number - border) as usize);
            let cells = decode(&encoded, tables).unwrap_or_default();
            each(number, &cells, tables);
        }
    }

    /// Calls `each` with the encoded body of each line in memory, in order.
    pub(super) fn each_in_memory(&self, each: &mut dyn FnMut(&[u8])) {
        (0..self.memory.len()).for_each(|at| each(&self.encoded(at)));
    }

    fn encoded(&self, at: usize) -> Vec<u8> {
        let cells = rows_to_lines(self.memory[at].iter().copied()).concat();
        let mut encoded = Vec::new();
        codec::encode_line(&cells, false, self.tables, &mut encoded);
        encoded
    }

    /// The cells of line `number`, interned in `tables`; empty if it cannot be read.
    pub(super) fn line(&self, number: u64, tables: &mut Tables) -> Vec<Cell> {
        let mut found = Vec::new();
        self.read(number..number + 1, tables, &mut |_, cells, _| {
            found.extend_from_slice(cells)
        });
        found
    }
}

fn decode(encoded: &[u8], tables: &mut Tables) -> Result<Vec<Cell>, Malformed> {
    codec::decode_line(encoded, tables).map(|(cells, _)| cells)
}

/// A line's text, with the way back from its bytes to its cells.
#[derive(Debug)]
pub(super) struct LineText {
    pub text: String,
    /// Where each cell's text starts, and the end. The right half of a wide cell has none: the next cell starts there.
    starts: Vec<usize>,
}

impl LineText {
    pub fn new(cells: &[Cell], tables: &Tables) -> Self {
        let mut text = String::with_capacity(cells.len());
        let mut starts = Vec::with_capacity(cells.len() + 1);
        for cell in cells {
            starts.push(text.len());
            tables.push_text(cell, &mut text);
        }
        starts.push(text.len());
        Self { text, starts }
    }

    /// Where the text of that cell starts.
    pub fn byte_of(&self, cell: usize) -> usize {
        self.starts[cell.min(self.starts.len() - 1)]
    }

    /// The cell that `byte` is part of.
    pub fn cell_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// The cells that `bytes` are part of; not empty unless those are.
    pub fn cells_of(&self, bytes: &Range<usize>) -> Range<usize> {
        let behind = self.starts.partition_point(|start| *start < bytes.end);
        self.cell_at(bytes.start)..behind.max(self.cell_at(bytes.end))
    }
}
