//! A pane's rows and lines as text, plain or with escape sequences, for use outside wt.

use super::Pane;
use super::commands::At;
use super::lines::{PaneLines, Stored, rows_in_memory};
use crate::term::{Cell, RowId, Tables, ansi};

/// Text that is enough for one part.
const PART_BYTES: usize = 256 * 1024;

/// Lines read between two looks at the size: each may have a million characters.
const STEP: u64 = 8;

impl Pane {
    /// The screen's rows, each ended by a newline; blank rows at the end are left out.
    pub fn screen_as_text(&self, ansi: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for row in self.emulator().rows() {
            put_line(row.cells(), self.emulator().tables(), ansi, &mut out);
        }
        drop_blank_end(&mut out);
        out
    }

    /// Up to `max` lines from line `from` on, screen included, each ended by a newline; and the line to go on with. Ends
    /// early once there is enough for one part.
    pub fn lines_as_text(
        &self,
        stored: &dyn Stored,
        from: u64,
        max: usize,
        ansi: bool,
    ) -> (Vec<u8>, Option<u64>) {
        let rows = rows_in_memory(self);
        let lines = PaneLines::new(self, stored, &rows);
        let end = lines.end().min(from + max as u64);
        let (mut out, mut tables) = (Vec::new(), Tables::default());
        let mut next = from.max(lines.first());
        while next < end && out.len() < PART_BYTES {
            let step = end.min(next + STEP);
            lines.read(next..step, &mut tables, &mut |_, cells, tables| {
                put_line(cells, tables, ansi, &mut out)
            });
            next = step;
        }
        if next >= lines.end() {
            drop_blank_end(&mut out);
            return (out, None);
        }
        (out, Some(next))
    }

    /// The text from one place up to another, without what is blank at its end.
    pub fn text_between(&self, stored: &dyn Stored, from: At, to: At) -> String {
        let rows = rows_in_memory(self);
        let lines = PaneLines::new(self, stored, &rows);
        let (mut text, mut tables) = (String::new(), Tables::default());
        lines.read(
            from.line..to.line + 1,
            &mut tables,
            &mut |number, cells, tables| {
                let end = match number == to.line {
                    true => cells.len().min(to.col as usize),
                    false => cells.len(),
                };
                let start = match number == from.line {
                    true => end.min(from.col as usize),
                    false => 0,
                };
                cells[start..end]
                    .iter()
                    .for_each(|cell| tables.push_text(cell, &mut text));
                text.truncate(text.trim_end_matches(' ').len());
                text.push('\n');
            },
        );
        text.truncate(text.trim_end().len());
        text
    }

    /// Where the cursor stands.
    pub fn cursor_at(&self, stored: &dyn Stored) -> At {
        let (line, col) = self.emulator().cursor_in_lines();
        At {
            line: stored.end_line() + line,
            col,
        }
    }

    /// The row of the screen, and the column of it, that show the place `at`: if that is a place before the cursor in the
    /// same line.
    pub fn row_at(&self, at: At, stored: &dyn Stored) -> Option<(RowId, u16)> {
        let cursor = self.cursor_at(stored);
        let mut back = cursor
            .col
            .checked_sub(at.col)
            .filter(|_| cursor.line == at.line)?;
        let (emulator, cursor) = (self.emulator(), self.emulator().cursor());
        let rows: Vec<_> = emulator.rows().take(usize::from(cursor.row) + 1).collect();
        let mut before = u64::from(cursor.col);
        for row in rows.iter().rev() {
            if back <= before {
                return Some((row.id, u16::try_from(before - back).ok()?));
            }
            back -= before;
            before = row.cells().len() as u64;
        }
        None
    }

    /// How many lines there are, scrollback and screen together.
    pub fn line_count(&self, stored: &dyn Stored) -> u64 {
        let rows = rows_in_memory(self);
        let lines = PaneLines::new(self, stored, &rows);
        lines.end() - lines.first()
    }
}

fn drop_blank_end(out: &mut Vec<u8>) {
    while out.ends_with(b"\n\n") || *out == b"\n" {
        out.pop();
    }
}

fn put_line(cells: &[Cell], tables: &Tables, ansi: bool, out: &mut Vec<u8>) {
    if ansi {
        ansi::put_cells(Cell::trim_end(cells), tables, out);
    } else {
        let mut text = String::with_capacity(cells.len());
        cells
            .iter()
            .for_each(|cell| tables.push_text(cell, &mut text));
        out.extend_from_slice(text.trim_end_matches(' ').as_bytes());
    }
    out.push(b'\n');
}
