//! Moving left, also past the start of a row (xterm's reverse wrap, modes 45 and 1045).

use super::caret::Switches;
use super::terminal::Terminal;

impl Terminal {
    /// BS and CUB: not past the left margin if the caret is right of it, unless reverse wrap leads on.
    pub(super) fn back(&mut self, count: u16) {
        let wraps = Switches(Switches::REVERSE_WRAP.0 | Switches::REVERSE_WRAP_FAR.0);
        if self.switches.has(wraps) && self.switches.has(Switches::AUTOWRAP) {
            return self.back_wrapping(count);
        }
        let col = self.caret.col.saturating_sub(count).max(self.line_start());
        self.go(self.caret.row, col);
    }

    /// A pending wrap counts as the first column: it is taken back before the caret moves.
    fn back_wrapping(&mut self, count: u16) {
        let mut rest = count - u16::from(self.caret.pending).min(count);
        let (mut row, mut col) = (self.caret.row, self.caret.col);
        let mut start = self.line_start();
        while rest > col - start {
            let Some(above) = self.row_before(row) else {
                rest = col - start;
                break;
            };
            rest -= col - start + 1;
            (row, col, start) = (above, self.screen.right - 1, self.screen.left);
        }
        self.go(row, col - rest);
    }

    /// The row that a caret at the start of `row` goes back to: with mode 45 if its line goes on in `row`, with 1045
    /// any, from the top margin's the bottom margin's.
    fn row_before(&self, row: u16) -> Option<u16> {
        let screen = &self.screen;
        if self.switches.has(Switches::REVERSE_WRAP_FAR) {
            let first = row == screen.top || row == 0;
            return Some(if first { screen.bottom - 1 } else { row - 1 });
        }
        let above = row.checked_sub(1)?;
        screen.rows[usize::from(above)].wrapped.then_some(above)
    }
}
