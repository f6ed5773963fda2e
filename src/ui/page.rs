//! The rows of one pane as the viewer sees them, read as text: what copy mode moves over and selects from.

use crate::protocol::scrolled::MarkKind;
use crate::protocol::{PaneId, Spot, Surface, SurfaceId, View};
use crate::term::Row;
use crate::term::cell::Glyph;

/// A position within the shown rows, 0-based; positions read in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Point {
    /// The row.
    pub row: u16,
    /// The column.
    pub col: u16,
}

/// The shown rows of a pane.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// Where they stand.
    pub surface: &'a Surface,
    /// Which surface that is.
    pub id: SurfaceId,
    /// Rows shown; at least 1.
    pub rows: u16,
    /// Columns shown; at least 1.
    pub cols: u16,
}

/// What words consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Letters, or signs: vi's words.
    Small,
    /// All that is not blank: vi's WORDS.
    Wide,
    /// Letters and what stands in names of files and pages: what a double click selects.
    Names,
}

/// What a cell is for a word.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Class {
    Blank,
    Word,
    Sign,
}

/// Signs that belong to a name.
const NAME_SIGNS: &str = "-./~@%+=&?#";

impl<'a> Page<'a> {
    /// What is shown of `pane`, if anything is.
    pub fn of(view: &'a View, pane: PaneId) -> Option<Self> {
        let shown = view.chrome.panes.iter().find(|shown| shown.pane == pane)?;
        let surface = view.surface(shown.surface)?;
        let size = surface.header.as_ref()?.size;
        Some(Self {
            surface,
            id: shown.surface,
            rows: shown.area.rows.min(size.rows).max(1),
            cols: shown.area.cols.min(size.cols).max(1),
        })
    }

    /// The row at `y`, if it has arrived.
    pub fn row(&self, y: u16) -> Option<&'a Row> {
        let id = self.surface.order.get(usize::from(y))?;
        self.surface.rows.get(id)
    }

    /// The nearest position that is shown.
    pub fn clamp(&self, point: Point) -> Point {
        Point {
            row: point.row.min(self.rows - 1),
            col: point.col.min(self.cols - 1),
        }
    }

    /// Whether this is a place in scrollback, and not the live screen.
    pub fn is_scrolled(&self) -> bool {
        let header = self.surface.header.as_ref();
        header.is_some_and(|header| header.scrolled.is_some())
    }

    /// What is said of the row at `y`.
    pub fn mark(&self, y: u16) -> Option<MarkKind> {
        let header = self.surface.header.as_ref()?;
        header.scrolled.as_ref()?.mark_at(y)
    }

    /// Where the row at `y` begins. On the live screen, whose rows say nothing of lines, each row is a line.
    pub fn start(&self, y: u16) -> Spot {
        let cell = 0;
        match self.surface.order.get(usize::from(y)) {
            Some(_) if !self.is_scrolled() => Spot {
                line: y.into(),
                cell,
            },
            Some(&id) => Spot::of_row(id),
            None => Spot {
                line: u64::MAX,
                cell,
            },
        }
    }

    /// The cell behind the last of the row at `y`: nothing ends the last row of a line.
    pub fn end(&self, y: u16) -> u32 {
        match self.row(y) {
            Some(row) if row.wrapped && self.is_scrolled() => {
                self.start(y).cell + row.cells().len() as u32
            }
            _ => u32::MAX,
        }
    }

    /// What stands at `at`.
    pub fn spot(&self, at: Point) -> Spot {
        let at = self.clamp(at);
        let start = self.start(at.row);
        let cell = (start.cell + u32::from(at.col)).min(self.end(at.row) - 1);
        Spot { cell, ..start }
    }

    /// Where `spot` is shown.
    pub fn point_of(&self, spot: Spot) -> Option<Point> {
        let shows = |y: &u16| {
            let start = self.start(*y);
            start.line == spot.line && (start.cell..self.end(*y)).contains(&spot.cell)
        };
        let row = (0..self.rows).find(shows)?;
        let col = (spot.cell - self.start(row).cell).min(u32::from(self.cols) - 1);
        Some(Point {
            row,
            col: col as u16,
        })
    }

    /// One past the last column with something in it; 0 for a blank row.
    pub(super) fn used(&self, y: u16) -> u16 {
        (0..self.cols)
            .rev()
            .find(|&col| self.class(Point { row: y, col }, Words::Wide) != Class::Blank)
            .map_or(0, |col| col + 1)
    }

    pub(super) fn char_at(&self, at: Point) -> Option<char> {
        match self.row(at.row)?.cell(at.col).glyph() {
            Glyph::Char(c) => Some(c),
            Glyph::Cluster(_) | Glyph::Continuation => None,
        }
    }

    pub(super) fn class(&self, at: Point, words: Words) -> Class {
        let Some(row) = self.row(at.row) else {
            return Class::Blank;
        };
        match row.cell(at.col).glyph() {
            Glyph::Char(c) if c.is_whitespace() => Class::Blank,
            Glyph::Char(c) if c.is_alphanumeric() || c == '_' => Class::Word,
            Glyph::Char(c) if words == Words::Names && NAME_SIGNS.contains(c) => Class::Word,
            Glyph::Char(_) if words != Words::Wide => Class::Sign,
            // The right half of a wide character is what the left half is.
            Glyph::Continuation if at.col > 0 => {
                let col = at.col - 1;
                self.class(Point { col, ..at }, words)
            }
            Glyph::Char(_) | Glyph::Cluster(_) | Glyph::Continuation => Class::Word,
        }
    }

    /// The left half, should `col` be the right half of a wide cell.
    pub(super) fn whole(&self, row: u16, col: u16) -> u16 {
        let half = self
            .row(row)
            .is_some_and(|row| row.cell(col).is_continuation());
        col - u16::from(half && col > 0)
    }

    /// The last column of the row at `y` that text can stand in.
    fn last_col(&self, y: u16) -> u16 {
        match self.row(y) {
            Some(row) if row.wrapped => (row.cells().len() as u16).clamp(1, self.cols) - 1,
            _ => self.cols - 1,
        }
    }

    /// The cell before `at` in the same line, if it is shown.
    pub(super) fn before(&self, at: Point) -> Option<Point> {
        if at.col > 0 {
            let col = at.col - 1;
            return Some(Point { col, ..at });
        }
        let row = at.row.checked_sub(1)?;
        let col = self.last_col(row);
        self.row(row)?.wrapped.then_some(Point { row, col })
    }

    /// The cell after `at` in the same line, if it is shown.
    pub(super) fn after(&self, at: Point) -> Option<Point> {
        if at.col < self.last_col(at.row) {
            let col = at.col + 1;
            return Some(Point { col, ..at });
        }
        let (row, col) = (at.row + 1, 0);
        let goes_on = row < self.rows && self.row(at.row)?.wrapped;
        goes_on.then_some(Point { row, col })
    }

    /// First and last cell of the word at `at`, as far as it is shown; of blanks, all that stand together.
    pub fn word_at(&self, at: Point, words: Words) -> (Point, Point) {
        let at = self.clamp(at);
        let class = self.class(at, words);
        let go = |step: &dyn Fn(Point) -> Option<Point>| {
            let same = |&next: &Point| self.class(next, words) == class;
            let reached = std::iter::successors(Some(at), |&at| step(at).filter(same));
            reached.last().unwrap_or(at)
        };
        (go(&|at| self.before(at)), go(&|at| self.after(at)))
    }

    /// The word at `at`, as far as it is shown and without what combines with its letters; and its first cell. `None` for
    /// blanks.
    pub fn word(&self, at: Point) -> Option<(String, Point)> {
        if self.class(self.clamp(at), Words::Small) == Class::Blank {
            return None;
        }
        let (first, last) = self.word_at(at, Words::Small);
        let cells = std::iter::successors(Some(first), |&at| {
            self.after(at).filter(|next| *next <= last)
        });
        let is_half = |at: &Point| self.whole(at.row, at.col) != at.col;
        let letters = cells
            .filter(|at| !is_half(at))
            .map_while(|at| self.char_at(at));
        Some((letters.collect(), first))
    }
}
