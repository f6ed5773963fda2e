//! Erasing: ED, EL, ECH and their selective kin (ECMA-48 §8.3.38 to 41; DECSED, DECSEL: DEC STD 070 §5), DECALN.

use super::cell::Cell;
use super::settings::Protection;
use super::style::Attrs;
use super::terminal::Terminal;

/// Who asks for cells to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eraser {
    /// ED, EL, ECH: spares nothing but ISO's guarded areas.
    Plain,
    /// DECSED, DECSEL: spares what is protected, in either way.
    Selective,
    /// DECSERA: spares what DECSCA protects.
    SelectiveRectangle,
}

impl Terminal {
    /// Whether protected cells stay.
    pub(super) fn spares(&self, eraser: Eraser) -> bool {
        match self.settings.protection {
            Protection::Off => false,
            Protection::Dec => eraser != Eraser::Plain,
            Protection::Iso => eraser != Eraser::SelectiveRectangle,
        }
    }

    /// Erases columns `start..end` of row `y`, or those cells that are not protected.
    pub(super) fn erase_part(&mut self, y: u16, (start, end): (u16, u16), eraser: Eraser) {
        let blank = self.blank();
        if !self.spares(eraser) {
            return self.screen.erase(y, start, end, blank);
        }
        let (now, cols) = (self.screen.now, self.screen.size.cols);
        let tables = &self.tables;
        let keeps = |cell: Cell| tables.style(cell.style).attrs.contains(Attrs::PROTECTED);
        let row = self.screen.row(y);
        row.erase_unless(now, (start, end), blank, keeps);
        if end == cols && !keeps(row.cell(cols - 1)) {
            row.set_wrapped(false, now);
        }
    }

    /// ED and DECSED. What a main screen showed when ED clears it whole goes into history first.
    pub(super) fn erase_display(&mut self, what: u16, eraser: Eraser) {
        let size = self.screen.size;
        let (row, col) = (self.caret.row, self.caret.col);
        let rows = match (what, eraser) {
            (0, _) => row + 1..size.rows,
            (1, _) => 0..row,
            (2, _) => 0..size.rows,
            (3, Eraser::Plain) => {
                self.screen.history.clear(&self.tables);
                return;
            }
            _ => return,
        };
        self.caret.pending = false;
        let whole = what == 2 || what == 0 && (row, col) == (0, 0);
        if whole && eraser == Eraser::Plain && !self.spares(eraser) {
            self.screen.keep_rows(&self.tables);
        }
        if matches!(what, 0 | 2) {
            self.screen.forget_below();
        }
        if what < 2 {
            self.erase_line(what, eraser);
        }
        for y in rows {
            self.erase_part(y, (0, size.cols), eraser);
        }
    }

    /// EL and DECSEL.
    pub(super) fn erase_line(&mut self, what: u16, eraser: Eraser) {
        let (col, cols) = (self.caret.col, self.screen.size.cols);
        let part = match what {
            0 => (col, cols),
            1 => (0, col + 1),
            2 => (0, cols),
            _ => return,
        };
        self.caret.pending = false;
        self.erase_part(self.caret.row, part, eraser);
    }

    /// ECH.
    pub(super) fn erase_cells(&mut self, count: u16) {
        self.caret.pending = false;
        let (col, cols) = (self.caret.col, self.screen.size.cols);
        let end = col.saturating_add(count).min(cols);
        self.erase_part(self.caret.row, (col, end), Eraser::Plain);
    }

    /// Blanks the shown screen.
    pub(super) fn clear_screen(&mut self) {
        let blank = self.blank();
        let size = self.size();
        for y in 0..size.rows {
            self.screen.erase(y, 0, size.cols, blank);
        }
    }

    /// DECALN: fills the screen with E, the margins open.
    pub(super) fn alignment(&mut self) {
        let size = self.screen.size;
        self.screen.open_margins();
        let row_of_e = vec![b'E'; usize::from(size.cols)];
        let now = self.screen.now;
        for y in 0..size.rows {
            self.screen.end_line(y);
            let row = self.screen.row(y);
            row.put_ascii(now, 0, &row_of_e, super::StyleId::DEFAULT);
        }
        self.go(0, 0);
    }
}
