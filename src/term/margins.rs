//! Margins: where text wraps and what scrolls (DECSTBM, DECLRMM, DECSLRM; DEC STD 070 §5 and §D), and all that moves
//! within the left and right ones. As long as those are at the edges, whole rows move and none of this is asked.

use super::caret::Switches;
use super::cell::Cell;
use super::screen::Screen;
use super::terminal::Terminal;

/// Which way cells move when some come in or go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    /// Blanks come in, the rest moves right.
    Insert,
    /// Cells go out, the rest moves left.
    Delete,
}

impl Screen {
    /// Whether text scrolls in whole rows.
    #[inline]
    pub(super) fn is_full_width(&self) -> bool {
        self.left == 0 && self.right == self.size.cols
    }

    /// Sets all four margins at the edges.
    pub(super) fn open_margins(&mut self) {
        (self.top, self.bottom) = (0, self.size.rows);
        (self.left, self.right) = (0, self.size.cols);
    }

    /// Moves columns `left..right` of rows `top..bottom` up by `count`.
    fn shift_block_up(&mut self, (top, bottom): (u16, u16), count: u16, blank: Cell) {
        let count = count.min(bottom - top);
        for y in top..bottom {
            self.refill(y, (y + count < bottom).then_some(y + count), blank);
        }
    }

    /// Moves columns `left..right` of rows `top..bottom` down by `count`.
    fn shift_block_down(&mut self, (top, bottom): (u16, u16), count: u16, blank: Cell) {
        let count = count.min(bottom - top);
        for y in (top..bottom).rev() {
            self.refill(y, (y >= top + count).then(|| y - count), blank);
        }
    }

    /// Fills columns `left..right` of row `y` from row `source`, or with blanks. Lines no longer go on here.
    fn refill(&mut self, y: u16, source: Option<u16>, blank: Cell) {
        let (now, left, right) = (self.now, self.left, self.right);
        match source {
            Some(source) => {
                let cells = self.row(source).copy(left, right);
                self.row(y).paste(now, left, &cells);
            }
            None => self.row(y).erase(now, left, right, blank),
        }
        self.end_line(y);
    }
}

impl Terminal {
    /// Whether the caret is between the left and right margins.
    #[inline]
    pub(super) fn is_in_columns(&self) -> bool {
        (self.screen.left..self.screen.right).contains(&self.caret.col)
    }

    /// Whether the caret is within all four margins.
    pub(super) fn is_in_margins(&self) -> bool {
        (self.screen.top..self.screen.bottom).contains(&self.caret.row) && self.is_in_columns()
    }

    /// Where writing ends in the caret's row: the right margin, or the edge once the caret is past it.
    #[inline]
    pub(super) fn line_end(&self) -> u16 {
        match self.caret.col < self.screen.right {
            true => self.screen.right,
            false => self.screen.size.cols,
        }
    }

    /// Where moving left ends: the left margin, or the edge once the caret is before it and not held by DECOM.
    pub(super) fn line_start(&self) -> u16 {
        match self.caret.col >= self.screen.left {
            true => self.screen.left,
            false => 0,
        }
    }

    /// CR.
    #[inline]
    pub(super) fn carriage_return(&mut self) {
        self.caret.pending = false;
        self.caret.col = match self.caret.origin {
            true => self.screen.left,
            false => self.line_start(),
        };
    }

    /// DECSTBM; margins without a row between them are ignored.
    pub(super) fn set_margins(&mut self, top: u16, bottom: u16) {
        let rows = self.screen.size.rows;
        if let Some(margins) = margin_pair(top, bottom, rows) {
            (self.screen.top, self.screen.bottom) = margins;
            self.address(0, 0);
        }
    }

    /// DECSLRM. Without DECLRMM its final byte is SCOSC.
    pub(super) fn set_sides_or_save(&mut self, left: u16, right: u16) {
        if !self.switches.has(Switches::SIDES) {
            return self.save_caret();
        }
        let cols = self.screen.size.cols;
        if let Some(sides) = margin_pair(left, right, cols) {
            (self.screen.left, self.screen.right) = sides;
            self.address(0, 0);
        }
    }

    /// DECLRMM: without it the side margins are at the edges.
    pub(super) fn allow_sides(&mut self, on: bool) {
        self.switches.set(Switches::SIDES, on);
        (self.screen.left, self.screen.right) = (0, self.screen.size.cols);
    }

    /// SU, and what scrolls when the caret goes past the bottom margin.
    pub(super) fn scroll_up(&mut self, count: u16) {
        let (blank, margins) = (self.blank(), self.margins());
        match self.screen.is_full_width() {
            true => self.screen.scroll_up(margins, count, blank, &self.tables),
            false => self.screen.shift_block_up(margins, count, blank),
        }
    }

    /// SD, and what scrolls when the caret goes past the top margin.
    pub(super) fn scroll_down(&mut self, count: u16) {
        let (blank, margins) = (self.blank(), self.margins());
        match self.screen.is_full_width() {
            true => self.screen.scroll_down(margins, count, blank),
            false => self.screen.shift_block_down(margins, count, blank),
        }
    }

    /// IL and DL: only within the margins.
    pub(super) fn shift_lines(&mut self, count: u16, shift: Shift) {
        if !self.is_in_margins() {
            return;
        }
        let blank = self.blank();
        let part = (self.caret.row, self.screen.bottom);
        match (shift, self.screen.is_full_width()) {
            (Shift::Insert, true) => self.screen.scroll_down(part, count, blank),
            (Shift::Insert, false) => self.screen.shift_block_down(part, count, blank),
            (Shift::Delete, true) => self.screen.delete_rows(part, count, blank),
            (Shift::Delete, false) => self.screen.shift_block_up(part, count, blank),
        }
        self.caret.col = self.screen.left;
        self.caret.pending = false;
    }

    /// ICH and DCH: within the side margins.
    pub(super) fn shift_cells(&mut self, count: u16, shift: Shift) {
        self.caret.pending = false;
        if !self.is_in_columns() {
            return;
        }
        let (row, col) = (self.caret.row, self.caret.col);
        self.shift_row(row, col, count, shift);
        self.screen.end_line(row);
    }

    /// DECIC and DECDC: the columns from the caret on, in all rows within the margins.
    pub(super) fn shift_columns(&mut self, count: u16, shift: Shift) {
        self.caret.pending = false;
        self.shift_rows(self.caret.col, count, shift);
    }

    /// SL and SR: all columns within the margins.
    pub(super) fn slide(&mut self, count: u16, shift: Shift) {
        self.caret.pending = false;
        self.shift_rows(self.screen.left, count, shift);
    }

    /// DECBI: one column left; at the left margin everything moves right.
    pub(super) fn back_index(&mut self) {
        match self.caret.col == self.screen.left {
            true => self.shift_rows(self.screen.left, 1, Shift::Insert),
            false => self.back(1),
        }
    }

    /// DECFI: one column right; at the right margin everything moves left.
    pub(super) fn forward_index(&mut self) {
        match self.caret.col + 1 == self.screen.right {
            true => self.shift_rows(self.screen.left, 1, Shift::Delete),
            false => self.forward(1),
        }
    }

    fn shift_rows(&mut self, from: u16, count: u16, shift: Shift) {
        if self.is_in_margins() {
            for y in self.screen.top..self.screen.bottom {
                self.shift_row(y, from, count, shift);
                self.screen.end_line(y);
            }
        }
    }

    /// Moves the cells of row `y` between `from` and the right margin.
    pub(super) fn shift_row(&mut self, y: u16, from: u16, count: u16, shift: Shift) {
        let blank = self.blank();
        let (now, right) = (self.screen.now, self.screen.right);
        let whole = right == self.screen.size.cols;
        let row = self.screen.row(y);
        match (shift, whole) {
            (Shift::Insert, true) => row.insert(now, from, count, blank, right),
            (Shift::Delete, true) => row.delete(now, from, count, blank, right),
            (_, false) => {
                let count = count.min(right - from);
                let (kept, to, erased) = match shift {
                    Shift::Insert => (row.copy(from, right - count), from + count, from),
                    Shift::Delete => (row.copy(from + count, right), from, right - count),
                };
                row.paste(now, to, &kept);
                row.erase(now, erased, erased + count, blank);
            }
        }
    }
}

/// Margins as a program counts them, `first..=last` from 1 with 0 for the edges, as half-open from 0.
fn margin_pair(first: u16, last: u16, count: u16) -> Option<(u16, u16)> {
    let first = first.max(1) - 1;
    let last = match last {
        0 => count,
        last => last.min(count),
    };
    (first + 1 < last).then_some((first, last))
}
