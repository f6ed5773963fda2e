//! The rows of both screens, the scrolling margins, and the history above the main screen.

use super::Size;
use super::cell::Cell;
use super::history::History;
use super::reflow::Below;
use super::row::{Row, RowId, Version};
use super::tables::Tables;
use std::collections::VecDeque;

/// Which of the two screens is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Which {
    /// The one with history.
    #[default]
    Main,
    /// The one for full-screen programs.
    Alternate,
}

/// Both screens; `rows` is the one shown, top to bottom, and always `size.rows` long.
#[derive(Debug, Clone)]
pub(super) struct Screen {
    pub(super) size: Size,
    pub(super) rows: VecDeque<Row>,
    /// The rows of the screen that is not shown.
    pub(super) hidden: VecDeque<Row>,
    pub(super) shown: Which,
    pub(super) history: History,
    pub(super) below: Below,
    /// The scrolling margins: rows `top..bottom`.
    pub(super) top: u16,
    pub(super) bottom: u16,
    /// The side margins: columns `left..right`.
    pub(super) left: u16,
    pub(super) right: u16,
    pub(super) now: Version,
    /// What rows that are written to note: milliseconds since the Unix epoch.
    pub(super) now_ms: u64,
    pub(super) next_id: u64,
    pub(super) order_changed_at: Version,
}

impl Screen {
    pub(super) fn new(size: Size) -> Self {
        let mut screen = Self {
            size,
            rows: VecDeque::new(),
            hidden: VecDeque::new(),
            shown: Which::Main,
            history: History::default(),
            below: Below::default(),
            top: 0,
            bottom: size.rows,
            left: 0,
            right: size.cols,
            now: Version(1),
            now_ms: 0,
            next_id: 1,
            order_changed_at: Version(1),
        };
        screen.rows = screen.blank_rows();
        screen.hidden = screen.blank_rows();
        screen
    }

    /// The rows of the main screen, shown or not.
    pub(super) fn main_rows(&self) -> &VecDeque<Row> {
        match self.shown {
            Which::Main => &self.rows,
            Which::Alternate => &self.hidden,
        }
    }

    pub(super) fn blank_rows(&mut self) -> VecDeque<Row> {
        (0..self.size.rows).map(|_| self.fresh_row()).collect()
    }

    pub(super) fn fresh_id(&mut self) -> RowId {
        self.next_id += 1;
        RowId(self.next_id)
    }

    pub(super) fn fresh_row(&mut self) -> Row {
        let id = self.fresh_id();
        let mut row = self.history.fresh(id, self.now);
        row.written_ms = self.now_ms;
        row
    }

    /// The row at `y`, clamped to the screen, to be written to.
    #[inline]
    pub(super) fn row(&mut self, y: u16) -> &mut Row {
        let now_ms = self.now_ms;
        let row = self.at(y);
        row.written_ms = now_ms;
        row
    }

    /// The row at `y`, clamped to the screen, for what is no writing.
    fn at(&mut self, y: u16) -> &mut Row {
        let last = self.rows.len() - 1;
        &mut self.rows[usize::from(y).min(last)]
    }

    /// Ends the line in row `y`, if it went on.
    pub(super) fn end_line(&mut self, y: u16) {
        let now = self.now;
        self.at(y).set_wrapped(false, now);
    }

    fn filled_row(&mut self, blank: Cell) -> Row {
        let mut row = self.fresh_row();
        if blank != Cell::BLANK {
            let cols = usize::from(self.size.cols);
            row.cells_mut().resize(cols, blank);
        }
        row
    }

    /// Moves rows `top..bottom` up by `count`; those of the main screen's top go into history.
    pub(super) fn scroll_up(
        &mut self,
        (top, bottom): (u16, u16),
        count: u16,
        blank: Cell,
        tables: &Tables,
    ) {
        let keeps = top == 0 && self.shown == Which::Main;
        if top > 0 {
            self.end_line(top - 1);
        }
        for _ in 0..count.min(bottom - top) {
            let Some(row) = self.rows.remove(usize::from(top)) else {
                return;
            };
            if keeps {
                self.history.push(row, tables);
            } else {
                self.history.recycle(row);
            }
            let fresh = self.filled_row(blank);
            if bottom == self.size.rows {
                self.rows.push_back(fresh);
            } else {
                self.rows.insert(usize::from(bottom - 1), fresh);
            }
        }
        self.order_changed_at = self.now;
    }

    /// Takes rows `top..bottom` out one by one without keeping any (DL).
    pub(super) fn delete_rows(&mut self, (top, bottom): (u16, u16), count: u16, blank: Cell) {
        if top > 0 {
            self.end_line(top - 1);
        }
        for _ in 0..count.min(bottom - top) {
            if let Some(row) = self.rows.remove(usize::from(top)) {
                self.history.recycle(row);
            }
            let fresh = self.filled_row(blank);
            self.rows.insert(usize::from(bottom - 1), fresh);
        }
        self.order_changed_at = self.now;
    }

    /// Moves rows `top..bottom` down by `count`.
    pub(super) fn scroll_down(&mut self, (top, bottom): (u16, u16), count: u16, blank: Cell) {
        if top > 0 {
            self.end_line(top - 1);
        }
        for _ in 0..count.min(bottom - top) {
            if let Some(row) = self.rows.remove(usize::from(bottom - 1)) {
                self.history.recycle(row);
            }
            let fresh = self.filled_row(blank);
            self.rows.insert(usize::from(top), fresh);
        }
        self.end_line(bottom - 1);
        self.order_changed_at = self.now;
    }

    /// Erases columns `start..end` of row `y`; a line whose end is erased no longer goes on.
    pub(super) fn erase(&mut self, y: u16, start: u16, end: u16, blank: Cell) {
        let (now, cols) = (self.now, self.size.cols);
        let row = self.row(y);
        row.erase(now, start, end, blank);
        if end == cols {
            row.set_wrapped(false, now);
        }
    }

    /// Puts the rows in use into history before the main screen is cleared: what was shown is not lost.
    pub(super) fn keep_rows(&mut self, tables: &Tables) {
        if self.shown == Which::Alternate {
            return;
        }
        let used = self.rows.iter().rposition(|row| row.used() > 0);
        for n in 0..used.map_or(0, |last| last + 1) {
            let fresh = self.fresh_row();
            let mut row = std::mem::replace(&mut self.rows[n], fresh);
            if Some(n) == used {
                row.wrapped = false;
            }
            self.history.push(row, tables);
        }
        self.order_changed_at = self.now;
    }

    /// Shows the other screen. Its rows are news to every viewer, who may have dropped them meanwhile.
    pub(super) fn show(&mut self, which: Which) {
        if self.shown == which {
            return;
        }
        let below = match self.below().is_empty() {
            true => Vec::new(),
            false => std::mem::take(&mut self.below.rows),
        };
        self.shown = which;
        std::mem::swap(&mut self.rows, &mut self.hidden);
        for n in 0..self.rows.len() {
            let id = self.fresh_id();
            self.rows[n].id = id;
            self.rows[n].touch_all(self.now);
        }
        self.put_below(below);
        self.order_changed_at = self.now;
    }
}
