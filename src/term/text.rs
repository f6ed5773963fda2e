//! Printing: runs of text and wide characters. What joins the character before it is in `cluster`.

use super::caret::Switches;
use super::cell::Cell;
use super::margins::Shift;
use super::run::Run;
use super::terminal::Terminal;
use super::width::{Join, Traits};

/// What was printed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Last {
    /// For REP.
    pub(super) char: Option<char>,
    /// How the next character may join its cluster.
    pub(super) join: Join,
}

impl Last {
    /// A control came between two characters.
    #[inline]
    pub(super) fn interrupt(&mut self) {
        self.join = Join::SHUT;
    }
}

impl Terminal {
    /// Prints bytes of 0x20 to 0x7e.
    pub(super) fn print_ascii(&mut self, text: &[u8]) {
        let Some(&last) = text.last() else { return };
        if !self.caret.charsets.is_plain() || !self.prints_plainly() {
            for &byte in text {
                let c = self.caret.charsets.show(byte);
                self.print(c);
            }
            return;
        }
        let style = self.pen();
        let mut rest = text;
        while !rest.is_empty() {
            if self.caret.pending {
                self.wrap();
            }
            let (row, col) = (self.caret.row, self.caret.col);
            let (piece, after) = rest.split_at(rest.len().min(usize::from(self.line_end() - col)));
            rest = after;
            let now = self.screen.now;
            self.screen.row(row).put_ascii(now, col, piece, style);
            self.advance(piece.len() as u16);
        }
        self.last = Last {
            char: Some(char::from(last)),
            join: Join::OPEN,
        };
    }

    /// Prints the characters above ASCII, from the first, that begin a cell, as far as the row goes; says how many bytes
    /// they were.
    pub(super) fn print_run(&mut self, text: &str) -> usize {
        if self.caret.pending || !self.prints_plainly() || !self.switches.has(Switches::CLUSTERS) {
            return 0;
        }
        let style = self.pen();
        let (row, col, end) = (self.caret.row, self.caret.col, self.line_end());
        let now = self.screen.now;
        let run = Run::new(col, self.last.join);
        let run = self.screen.row(row).put_run(now, run, end, text, style);
        if run.bytes > 0 {
            self.advance(run.end - col);
            let (char, join) = (run.last, run.join);
            self.last = Last { char, join };
        }
        run.bytes
    }

    /// Whether characters just stand side by side: nothing moves them, nothing joins them to what was printed last.
    fn prints_plainly(&self) -> bool {
        self.switches.has(Switches::AUTOWRAP)
            && !self.switches.has(Switches::INSERT)
            && !self.last.join.takes_all()
    }

    /// Moves right past what was written.
    #[inline]
    pub(super) fn advance(&mut self, width: u16) {
        let end = self.line_end();
        self.caret.col += width;
        if self.caret.col >= end {
            self.caret.col = end - 1;
            self.caret.pending = true;
        }
    }

    /// Goes on in the next row: the line continues there.
    pub(super) fn wrap(&mut self) {
        let now = self.screen.now;
        // Between side margins it does not: what stands beside them is another text's.
        let goes_on = self.screen.is_full_width();
        self.screen.row(self.caret.row).set_wrapped(goes_on, now);
        self.index();
        self.caret.col = self.screen.left;
    }

    /// Prints one character.
    pub(super) fn print(&mut self, c: char) {
        let traits = Traits::of(c);
        let width = traits.width();
        if traits.is_plain() && width > 0 && !self.last.join.takes_all() {
            self.place(c, u16::from(width));
            self.last = Last {
                char: Some(c),
                join: Join::OPEN,
            };
        } else {
            self.print_joining(c, traits);
        }
    }

    /// Writes a character of width 1 or 2 into a cell of its own.
    pub(super) fn place(&mut self, c: char, width: u16) {
        let width = width.min(self.screen.size.cols);
        let style = self.pen();
        self.place_cell(Cell::new(c, width as u8, style));
    }

    /// Writes a cell at the caret, in the next row if it has to.
    pub(super) fn place_cell(&mut self, cell: Cell) {
        let width = u16::from(cell.width());
        let wraps = self.switches.has(Switches::AUTOWRAP);
        if self.caret.pending && wraps {
            self.wrap();
        }
        let end = self.line_end();
        if self.caret.col + width > end {
            if wraps {
                // The line goes on below; the column left over belongs to no character.
                let (row, col) = (self.caret.row, self.caret.col);
                self.screen.erase(row, col, end, Cell::BLANK);
                self.wrap();
            } else {
                self.caret.col = end - width;
            }
        }
        self.caret.pending = false;
        let (row, col) = (self.caret.row, self.caret.col);
        let now = self.screen.now;
        let inserts = self.switches.has(Switches::INSERT);
        if inserts && self.is_in_columns() {
            self.shift_row(row, col, width, Shift::Insert);
        }
        self.screen.row(row).put(now, col, cell);
        self.advance(width);
    }
}
