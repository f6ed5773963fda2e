//! A new size: the main screen is wrapped anew with the history in memory, the alternate screen is cut or padded.

use super::caret::Caret;
use super::cell::{Cell, Glyph};
use super::edit::used;
use super::row::Row;
use super::screen::{Screen, Which};
use super::terminal::Terminal;
use super::wrap::wrap_line;
use super::{Size, StyleId};
use std::collections::VecDeque;

/// A place in the text of some rows: a line and how far into it; kept while the rows are wrapped anew.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: usize,
    offset: usize,
}

/// Rows joined to lines, with where the screen's first row and the cursor stood.
struct Lines {
    lines: Vec<Vec<Cell>>,
    top: Place,
    cursor: Place,
    /// The last row went on in a row that is not part of this.
    open: bool,
}

/// Rows of the new width, before they are parted into history and screen.
struct Wrapped {
    rows: Vec<(Vec<Cell>, bool)>,
    top: usize,
    cursor: (usize, u16, bool),
}

impl Terminal {
    /// Changes the size of both screens.
    pub(super) fn resize(&mut self, size: Size) {
        let old = self.screen.size;
        let alternate = self.screen.shown == Which::Alternate;
        if alternate {
            std::mem::swap(&mut self.screen.rows, &mut self.screen.hidden);
        }
        // While the alternate screen is shown, the main screen's cursor is the one that 1049 saved.
        let mut main = if alternate { self.saved[0] } else { self.caret };
        main.row = main.row.min(old.rows - 1);
        let mut other = if alternate { self.caret } else { self.saved[1] };
        self.screen.size = size;
        self.screen.resize_main(old, size, &mut main);
        self.screen.resize_alternate(size, &mut other);
        if alternate {
            std::mem::swap(&mut self.screen.rows, &mut self.screen.hidden);
            (self.saved[0], self.caret) = (main, other);
        } else {
            (self.caret, self.saved[1]) = (main, other);
            clamp(&mut self.saved[0], size);
        }
        self.screen.history.trim(&self.tables);
        (self.screen.top, self.screen.bottom) = (0, size.rows);
        self.screen.order_changed_at = self.screen.now;
        self.last.interrupt();
        self.header_changed();
    }
}

fn clamp(caret: &mut Caret, size: Size) {
    caret.row = caret.row.min(size.rows - 1);
    if caret.col >= size.cols || caret.pending {
        caret.pending &= caret.col + 1 == size.cols;
        caret.col = caret.col.min(size.cols - 1);
    }
}

impl Screen {
    /// Wraps history and main screen (in `rows`) anew.
    fn resize_main(&mut self, old: Size, size: Size, caret: &mut Caret) {
        let last_used = self.rows.iter().rposition(|row| row.used() > 0);
        let filled = last_used
            .map_or(0, |row| row + 1)
            .max(usize::from(caret.row) + 1);
        let was_full = filled == usize::from(old.rows);
        let lines = self.lines(filled, caret);
        let wrapped = lines.wrap(size, caret.pending);
        let top = first_row(&wrapped, size, was_full);
        let (row, col, pending) = wrapped.cursor;
        caret.row = (row.saturating_sub(top) as u16).min(size.rows - 1);
        (caret.col, caret.pending) = (col, pending);
        self.part(wrapped, top);
    }

    /// Joins the rows of history and the first `filled` of the screen.
    fn lines(&self, filled: usize, caret: &Caret) -> Lines {
        let above = self.history.rows.len();
        let cursor_row = above + usize::from(caret.row);
        let start = Place { line: 0, offset: 0 };
        let (mut top, mut cursor) = (start, start);
        let mut lines = vec![Vec::new()];
        let mut open = false;
        let rows = self
            .history
            .rows
            .iter()
            .chain(self.rows.iter().take(filled));
        for (n, row) in rows.enumerate() {
            if n > 0 && !open {
                lines.push(Vec::new());
            }
            let line = lines.len() - 1;
            let Some(cells) = lines.last_mut() else { break };
            let place = |offset| Place { line, offset };
            if n == above {
                top = place(cells.len());
            }
            if n == cursor_row {
                let col = usize::from(caret.col) + usize::from(caret.pending);
                cursor = place(cells.len() + col);
            }
            cells.extend_from_slice(row.cells());
            open = row.wrapped;
        }
        for line in &mut lines {
            line.truncate(used(line));
        }
        Lines {
            lines,
            top,
            cursor,
            open,
        }
    }

    /// Parts the rows into history and screen.
    fn part(&mut self, wrapped: Wrapped, top: usize) {
        for row in std::mem::take(&mut self.history.rows) {
            self.history.recycle(row);
        }
        for row in std::mem::take(&mut self.rows) {
            self.history.recycle(row);
        }
        let height = usize::from(self.size.rows);
        for (n, (cells, continues)) in wrapped.rows.into_iter().enumerate() {
            let mut row = self.fresh_row();
            row.cells_mut().extend_from_slice(&cells);
            row.wrapped = continues;
            if n < top {
                self.history.rows.push_back(row);
            } else if self.rows.len() < height {
                self.rows.push_back(row);
            }
        }
        while self.rows.len() < height {
            let row = self.fresh_row();
            self.rows.push_back(row);
        }
    }

    /// Cuts or pads the alternate screen (in `hidden`); the cursor's row stays on it.
    fn resize_alternate(&mut self, size: Size, caret: &mut Caret) {
        let height = usize::from(size.rows);
        let mut rows: VecDeque<Row> = std::mem::take(&mut self.hidden);
        let above = (usize::from(caret.row) + 1).saturating_sub(height);
        rows.drain(..above.min(rows.len()));
        caret.row -= above as u16;
        rows.truncate(height);
        while rows.len() < height {
            rows.push_back(self.fresh_row());
        }
        for row in &mut rows {
            row.narrow(self.now, size.cols);
            row.wrapped = false;
            row.id = self.fresh_id();
            row.touch_all(self.now);
        }
        self.hidden = rows;
        clamp(caret, size);
    }
}

impl Lines {
    fn wrap(self, size: Size, pending: bool) -> Wrapped {
        let mut rows = Vec::new();
        let (mut top, mut cursor) = (0, (0, 0, false));
        let last = self.lines.len() - 1;
        for (n, mut line) in self.lines.into_iter().enumerate() {
            if size.cols == 1 {
                narrow(&mut line);
            }
            let ranges = wrap_line(&line, size.cols);
            let first = rows.len();
            let place = |offset: usize| {
                let at = ranges.iter().rposition(|range| range.start <= offset);
                let at = at.unwrap_or(0);
                (first + at, offset - ranges[at].start)
            };
            if n == self.top.line {
                top = place(self.top.offset).0;
            }
            if n == self.cursor.line {
                let (row, col) = place(self.cursor.offset);
                let cols = usize::from(size.cols);
                let full = col >= cols;
                cursor = (
                    row,
                    col.min(cols - 1) as u16,
                    full && (pending || col == cols),
                );
            }
            let end = ranges.len() - 1;
            for (at, range) in ranges.iter().enumerate() {
                let continues = at < end || n == last && self.open;
                rows.push((line[range.clone()].to_vec(), continues));
            }
        }
        Wrapped { rows, top, cursor }
    }
}

/// Makes every wide character one column wide: a screen of one column has no other place for it.
fn narrow(line: &mut Vec<Cell>) {
    line.retain(|cell| !cell.is_continuation());
    for cell in line {
        *cell = match cell.glyph() {
            Glyph::Char(c) => Cell::new(c, 1, cell.style),
            Glyph::Cluster(index) => Cell::cluster(index, 1, cell.style),
            Glyph::Continuation => Cell::blank(StyleId::DEFAULT),
        };
    }
}

/// Which row becomes the screen's first: the one that was, unless the rows do not fit or a full screen grew; the
/// cursor's row stays on the screen.
fn first_row(wrapped: &Wrapped, size: Size, was_full: bool) -> usize {
    let height = usize::from(size.rows);
    let total = wrapped.rows.len();
    let fit = total.saturating_sub(height);
    let cursor = wrapped.cursor.0;
    let mut top = wrapped.top;
    if fit > top {
        top = fit.min(cursor);
    } else if was_full {
        // Rows come back from history for what was gained, in height or by lines that need fewer rows.
        top = fit;
    }
    top.max((cursor + 1).saturating_sub(height))
}
