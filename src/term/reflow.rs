//! A new size: the main screen is wrapped anew, the alternate screen is cut or padded.
//!
//! The history is lines, whatever the width of its rows: a resize takes from it what the screen has room for, and
//! leaves the rest as it is. So it costs as much as the screen is large, and a narrow screen pushes nothing out of
//! memory.

use super::Size;
use super::caret::Caret;
use super::cell::Cell;
use super::edit::used;
use super::row::{Row, RowId, Version};
use super::screen::{Screen, Which};
use super::squeeze::{is_squeezed, squeezed, widened};
use super::terminal::Terminal;
use super::wrap::wrap_line;
use std::collections::VecDeque;
use std::ops::Range;

/// The rows for which a lower screen has no room below its cursor. They come back when it grows, unless its last row
/// has changed, or was erased with all above it: then something else follows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Below {
    pub(super) rows: Vec<Row>,
    last: RowId,
    at: Version,
}

/// A place in the text of some lines: which, and how many cells into it. Kept while they are wrapped anew.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    line: usize,
    offset: usize,
}

/// A line, or as much of it as is there.
#[derive(Debug, Default)]
struct Line {
    cells: Vec<Cell>,
    /// When any of its rows was last written.
    written_ms: u64,
}

/// Rows joined to lines.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<Line>,
    /// Where the screen's first row began, and where the cursor and the saved cursor stood.
    places: [Place; 3],
    /// The last row went on in a row that is not part of this.
    open: bool,
}

/// The rows of lines at some width: the line of each, and its cells.
#[derive(Debug)]
struct Wrapped {
    rows: Vec<(usize, Range<usize>)>,
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
        let cursor = if alternate { self.saved[0] } else { self.caret };
        let mut other = if alternate { self.caret } else { self.saved[1] };
        let mut main = [cursor, self.saved[0]];
        main.iter_mut().for_each(|caret| clamp(caret, old));
        self.screen.size = size;
        self.screen.resize_main(old, &mut main);
        self.screen.resize_alternate(&mut other);
        if alternate {
            std::mem::swap(&mut self.screen.rows, &mut self.screen.hidden);
            (self.saved[0], self.caret) = (main[0], other);
        } else {
            (self.caret, self.saved) = (main[0], [main[1], other]);
        }
        self.screen.history.trim(&self.tables);
        self.screen.open_margins();
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

impl Below {
    /// Whether the rows still follow the last one of `screen`.
    fn follows(&self, screen: &VecDeque<Row>) -> bool {
        let unchanged = |row: &Row| row.id == self.last && row.changed_at() <= self.at;
        screen.back().is_some_and(unchanged)
    }
}

impl Screen {
    /// What is below the main screen.
    pub(super) fn below(&self) -> &[Row] {
        let main = match self.shown {
            Which::Main => &self.rows,
            Which::Alternate => &self.hidden,
        };
        match self.below.follows(main) {
            true => &self.below.rows,
            false => &[],
        }
    }

    /// Puts `rows` below the main screen as it is.
    pub(super) fn put_below(&mut self, rows: Vec<Row>) {
        let main = match self.shown {
            Which::Main => &self.rows,
            Which::Alternate => &self.hidden,
        };
        let last = main.back().map_or(RowId::default(), |row| row.id);
        let at = self.now;
        self.below = Below { rows, last, at };
    }

    /// Wraps the main screen (in `rows`) anew, from its `old` size to its own.
    fn resize_main(&mut self, old: Size, carets: &mut [Caret; 2]) {
        let below = self.take_below();
        let last_used = self.rows.iter().rposition(|row| row.used() > 0);
        let filled = match below.is_empty() {
            true => last_used.map_or(0, |row| row + 1),
            false => self.rows.len(),
        };
        let filled = filled.max(usize::from(carets[0].row) + 1);
        let was_full = filled == usize::from(old.rows);
        let mut lines = self.take_lines(filled, below, carets);
        let height = usize::from(self.size.rows);
        let mut wrapped = lines.wrap(self.size.cols);
        if was_full && wrapped.rows.len() < height {
            lines.precede(self.pull(height - wrapped.rows.len()));
            wrapped = lines.wrap(self.size.cols);
        }
        let [top, cursor, saved] = lines.places;
        let top = wrapped.first_row(height, [top, cursor], was_full);
        wrapped.put(&mut carets[0], cursor, top, self.size);
        if usize::from(carets[1].row) < filled {
            wrapped.put(&mut carets[1], saved, top, self.size);
        }
        clamp(&mut carets[1], self.size);
        self.part(&lines, &wrapped, top);
    }

    /// What was below the main screen comes back no more, if that is shown: all up to its end was erased.
    pub(super) fn forget_below(&mut self) {
        if self.shown == Which::Main {
            self.below = Below::default();
        }
    }

    fn take_below(&mut self) -> Vec<Row> {
        let below = std::mem::take(&mut self.below);
        match below.follows(&self.rows) {
            true => below.rows,
            false => Vec::new(),
        }
    }

    /// Takes the first `filled` rows of the screen, those above it that are of the same line, and those below.
    fn take_lines(&mut self, filled: usize, below: Vec<Row>, carets: &[Caret; 2]) -> Lines {
        let mut lines = Lines::default();
        if self.history.rows.back().is_some_and(|row| row.wrapped) {
            lines.open_with(self.pop_line());
        }
        lines.places[0] = lines.next(0);
        let mut rows = Vec::from(std::mem::take(&mut self.rows));
        rows.truncate(filled);
        rows.extend(below);
        for (y, row) in rows.into_iter().enumerate() {
            for (n, caret) in carets.iter().enumerate() {
                if usize::from(caret.row) == y {
                    let col = usize::from(caret.col) + usize::from(caret.pending);
                    lines.places[n + 1] = lines.next(col);
                }
            }
            lines.add(&row);
            self.history.recycle(row);
        }
        (0..lines.lines.len()).for_each(|n| lines.tidy(n, self.size.cols));
        lines
    }

    /// Takes lines off the history until they have that many rows.
    fn pull(&mut self, rows: usize) -> Lines {
        let (mut pulled, mut count) = (Lines::default(), 0);
        while count < rows && !self.history.rows.is_empty() {
            pulled.lines.push(self.pop_line());
            let last = pulled.lines.len() - 1;
            pulled.tidy(last, self.size.cols);
            count += wrap_line(&pulled.lines[last].cells, self.size.cols).len();
        }
        pulled.lines.reverse();
        pulled
    }

    /// Takes the last line off the history, as much of it as is there.
    fn pop_line(&mut self) -> Line {
        let rows = &mut self.history.rows;
        let mut above = rows.iter().take(rows.len().saturating_sub(1));
        let start = above
            .rposition(|row| !row.wrapped)
            .map_or(0, |last| last + 1);
        let mut line = Line::default();
        for row in rows.split_off(start) {
            line.add(&row);
            self.history.recycle(row);
        }
        line
    }

    /// Parts the rows into history, screen, and what is below it; row `top` is the screen's first.
    fn part(&mut self, lines: &Lines, wrapped: &Wrapped, top: usize) {
        let (first, start) = wrapped.start(top);
        for line in &lines.lines[..first] {
            self.keep(line, line.cells.len(), false);
        }
        if start > 0 {
            self.keep(&lines.lines[first], start, true);
        }
        let end = wrapped.rows.len().min(top + usize::from(self.size.rows));
        for n in top..end {
            let (at, range) = &wrapped.rows[n];
            let line = &lines.lines[*at];
            let mut row = self.fresh_row();
            row.cells_mut()
                .extend_from_slice(&line.cells[range.clone()]);
            row.written_ms = line.written_ms;
            let is_last = range.end == line.cells.len();
            row.wrapped = !is_last || lines.open && *at + 1 == lines.lines.len();
            self.rows.push_back(row);
        }
        while self.rows.len() < usize::from(self.size.rows) {
            let row = self.fresh_row();
            self.rows.push_back(row);
        }
        self.below = self.left_below(lines, wrapped, end);
    }

    /// What stands from row `end` on.
    fn left_below(&mut self, lines: &Lines, wrapped: &Wrapped, end: usize) -> Below {
        let mut rows = Vec::new();
        if end < wrapped.rows.len() {
            let (first, mut start) = wrapped.start(end);
            for (n, line) in lines.lines.iter().enumerate().skip(first) {
                let open = lines.open && n + 1 == lines.lines.len();
                rows.extend(self.packed(&line.cells[start..], line.written_ms, open));
                start = 0;
            }
        }
        let last = self.rows.back().map_or(RowId::default(), |row| row.id);
        let at = self.now;
        Below { rows, last, at }
    }

    /// Puts the first `len` cells of a line into the history.
    fn keep(&mut self, line: &Line, len: usize, wrapped: bool) {
        let rows = self.packed(&line.cells[..len], line.written_ms, wrapped);
        self.history.rows.extend(rows);
    }

    /// A line as few long rows: what is not shown has no width.
    fn packed(&mut self, line: &[Cell], written_ms: u64, wrapped: bool) -> Vec<Row> {
        let line = widened(line);
        let ranges = wrap_line(&line, Size::MAX);
        let last = ranges.len() - 1;
        let row = |(n, range): (usize, Range<usize>)| {
            let mut row = self.fresh_row();
            row.cells_mut().extend_from_slice(&line[range]);
            row.written_ms = written_ms;
            row.wrapped = wrapped || n < last;
            row
        };
        ranges.into_iter().enumerate().map(row).collect()
    }

    /// Cuts or pads the alternate screen (in `hidden`); the cursor's row stays on it.
    fn resize_alternate(&mut self, caret: &mut Caret) {
        let height = usize::from(self.size.rows);
        let mut rows: VecDeque<Row> = std::mem::take(&mut self.hidden);
        let above = (usize::from(caret.row) + 1).saturating_sub(height);
        rows.drain(..above.min(rows.len()));
        caret.row -= above as u16;
        rows.truncate(height);
        while rows.len() < height {
            rows.push_back(self.fresh_row());
        }
        for row in &mut rows {
            row.narrow(self.now, self.size.cols);
            row.wrapped = false;
            row.id = self.fresh_id();
            row.touch_all(self.now);
        }
        self.hidden = rows;
        clamp(caret, self.size);
    }
}

impl Line {
    fn add(&mut self, row: &Row) {
        self.cells.extend_from_slice(row.cells());
        self.written_ms = self.written_ms.max(row.written_ms);
    }
}

impl Lines {
    /// Where column `col` of the row that is added next will stand.
    fn next(&self, col: usize) -> Place {
        match self.lines.last() {
            Some(line) if self.open => Place {
                line: self.lines.len() - 1,
                offset: line.cells.len() + col,
            },
            _ => Place {
                line: self.lines.len(),
                offset: col,
            },
        }
    }

    /// Begins with a line that goes on in the row that is added next.
    fn open_with(&mut self, line: Line) {
        self.lines.push(line);
        self.open = true;
    }

    fn add(&mut self, row: &Row) {
        if !self.open {
            self.lines.push(Line::default());
        }
        if let Some(line) = self.lines.last_mut() {
            line.add(row);
        }
        self.open = row.wrapped;
    }

    /// Makes line `n` ready to be wrapped: without the plain blanks at its end, but reaching the cursor, and with wide
    /// characters as wide as the screen lets them be.
    fn tidy(&mut self, n: usize, cols: u16) {
        let line = &mut self.lines[n].cells;
        line.truncate(used(line));
        let cursor = self.places[1];
        if cursor.line == n && cursor.offset > line.len() {
            line.resize(cursor.offset, Cell::BLANK);
        }
        if line.iter().any(is_squeezed) {
            self.rewrite(n, widened);
        }
        if cols == 1 {
            self.rewrite(n, squeezed);
        }
    }

    /// Changes line `n`; the places in it stay at their characters.
    fn rewrite(&mut self, n: usize, change: fn(&[Cell]) -> Vec<Cell>) {
        let line = &self.lines[n].cells;
        for place in self.places.iter_mut().filter(|place| place.line == n) {
            let before = place.offset.min(line.len());
            let is_half = line.get(before).is_some_and(Cell::is_continuation);
            let before = before - usize::from(is_half);
            place.offset += change(&line[..before]).len();
            place.offset -= before + usize::from(is_half);
        }
        self.lines[n].cells = change(line);
    }

    /// Puts other lines before these.
    fn precede(&mut self, mut above: Lines) {
        for place in &mut self.places {
            place.line += above.lines.len();
        }
        above.lines.append(&mut self.lines);
        self.lines = above.lines;
    }

    fn wrap(&self, cols: u16) -> Wrapped {
        let lines = self.lines.iter().enumerate();
        let rows = lines.flat_map(|(n, line)| {
            let ranges = wrap_line(&line.cells, cols).into_iter();
            ranges.map(move |range| (n, range))
        });
        Wrapped {
            rows: rows.collect(),
        }
    }
}

impl Wrapped {
    /// The row in which a place stands.
    fn row_of(&self, place: Place) -> usize {
        let is_before = |(line, range): &(usize, Range<usize>)| {
            (*line, range.start) <= (place.line, place.offset)
        };
        self.rows.partition_point(is_before).saturating_sub(1)
    }

    /// Where row `n` begins: its line, and how far into it.
    fn start(&self, n: usize) -> (usize, usize) {
        (self.rows[n].0, self.rows[n].1.start)
    }

    /// Which row becomes the screen's first: the one that was, unless the rows do not fit or a full screen grew; the
    /// cursor's row stays on the screen.
    fn first_row(&self, height: usize, [top, cursor]: [Place; 2], was_full: bool) -> usize {
        let (mut top, cursor) = (self.row_of(top), self.row_of(cursor));
        let fit = self.rows.len().saturating_sub(height);
        if fit > top {
            top = fit.min(cursor);
        } else if was_full {
            // Rows come back from history for what was gained, in height or by lines that need fewer rows.
            top = fit;
        }
        top.max((cursor + 1).saturating_sub(height))
    }

    /// Puts a caret at its place; row `top` is the screen's first.
    fn put(&self, caret: &mut Caret, place: Place, top: usize, size: Size) {
        let row = self.row_of(place);
        let col = place.offset - self.rows[row].1.start;
        let cols = usize::from(size.cols);
        caret.row = row.saturating_sub(top).min(usize::from(size.rows) - 1) as u16;
        caret.col = col.min(cols - 1) as u16;
        caret.pending = col == cols || col > cols && caret.pending;
    }
}
