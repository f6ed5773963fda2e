//! The rows of one pane as the viewer sees them, read as text: what copy mode moves over and copies from.

use super::action::Motion;
use crate::protocol::{PaneId, Surface, View};
use crate::term::cell::Glyph;
use crate::term::{Row, Tables};

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
    tables: &'a Tables,
    /// Rows shown; at least 1.
    pub rows: u16,
    /// Columns shown; at least 1.
    pub cols: u16,
}

/// Where a motion led.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To a position that is shown.
    To(Point),
    /// Beyond the edge: the rows have to move by this many, the cursor to that position.
    Beyond(i32, Point),
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Blank,
    Word,
    Sign,
}

impl<'a> Page<'a> {
    /// What is shown of `pane`, if anything is.
    pub fn of(view: &'a View, pane: PaneId) -> Option<Self> {
        let shown = view.chrome.panes.iter().find(|shown| shown.pane == pane)?;
        let surface = view.surfaces.get(&shown.surface)?;
        let size = surface.header.as_ref()?.size;
        Some(Self {
            surface,
            tables: &view.tables,
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

    /// The text of columns `from..to` of the row at `y`, its trailing blanks included.
    fn text(&self, y: u16, from: u16, to: u16, out: &mut String) {
        let Some(row) = self.row(y) else { return };
        for col in from..to.min(self.cols) {
            match row.cell(col).glyph() {
                Glyph::Char(c) => out.push(c),
                Glyph::Cluster(index) => out.push_str(self.tables.cluster(index)),
                Glyph::Continuation => {}
            }
        }
    }

    /// The text from `from` to `to`, both included: rows of one line joined, blanks at the ends of lines cut.
    pub fn text_between(&self, from: Point, to: Point) -> String {
        let mut text = String::new();
        for y in from.row..=to.row.min(self.rows - 1) {
            let start = if y == from.row { from.col } else { 0 };
            let end = if y == to.row { to.col + 1 } else { self.cols };
            let wraps = self.row(y).is_some_and(|row| row.wrapped) && end >= self.cols;
            self.text(y, start, end, &mut text);
            if !wraps {
                text.truncate(text.trim_end_matches(' ').len());
                if y < to.row {
                    text.push('\n');
                }
            }
        }
        text
    }

    /// One past the last column with something in it; 0 for a blank row.
    fn end(&self, y: u16) -> u16 {
        (0..self.cols)
            .rev()
            .find(|&col| self.class(Point { row: y, col }) != Class::Blank)
            .map_or(0, |col| col + 1)
    }

    fn class(&self, at: Point) -> Class {
        let Some(row) = self.row(at.row) else {
            return Class::Blank;
        };
        match row.cell(at.col).glyph() {
            Glyph::Char(c) if c.is_whitespace() => Class::Blank,
            Glyph::Char(c) if c.is_alphanumeric() || c == '_' => Class::Word,
            Glyph::Char(_) => Class::Sign,
            // The right half of a wide cell belongs to its word.
            Glyph::Cluster(_) | Glyph::Continuation => Class::Word,
        }
    }

    /// Follows `motion` from `at`.
    pub fn step(&self, at: Point, motion: Motion) -> Step {
        let Point { row, col } = self.clamp(at);
        let on_row = |col: u16| Step::To(Point { row, col });
        let to_row = |row: u16| Step::To(Point { row, col });
        match motion {
            Motion::Left => on_row(self.whole(row, col.saturating_sub(1))),
            Motion::Right => {
                let wide = self.row(row).is_some_and(|row| row.cell(col).width() == 2);
                on_row((col + 1 + u16::from(wide)).min(self.cols - 1))
            }
            Motion::Up if row == 0 => Step::Beyond(-1, Point { row, col }),
            Motion::Up => to_row(row - 1),
            Motion::Down if row + 1 >= self.rows => Step::Beyond(1, Point { row, col }),
            Motion::Down => to_row(row + 1),
            Motion::WordNext => self.words(at, 1, |page, at| page.begins_word(at)),
            Motion::WordEnd => self.words(at, 1, |page, at| page.ends_word(at)),
            Motion::WordBack => self.words(at, -1, |page, at| page.begins_word(at)),
            Motion::LineStart => on_row(0),
            Motion::LineText => {
                let blank = |&col: &u16| self.class(Point { row, col }) == Class::Blank;
                on_row((0..self.cols).find(|col| !blank(col)).unwrap_or(0))
            }
            Motion::LineEnd => on_row(self.end(row).saturating_sub(1)),
            Motion::WideWordNext
            | Motion::WideWordBack
            | Motion::WideWordEnd
            | Motion::ParagraphNext
            | Motion::ParagraphBack
            | Motion::Bracket => Step::To(at),
            Motion::ScreenTop => to_row(0),
            Motion::ScreenMiddle => to_row(self.rows / 2),
            Motion::ScreenBottom => to_row(self.rows - 1),
        }
    }

    /// The left half, should `col` be the right half of a wide cell.
    fn whole(&self, row: u16, col: u16) -> u16 {
        let half = self
            .row(row)
            .is_some_and(|row| row.cell(col).is_continuation());
        col - u16::from(half && col > 0)
    }

    fn neighbour(&self, at: Point, by: i32) -> Option<Point> {
        let index = i32::from(at.row) * i32::from(self.cols) + i32::from(at.col) + by;
        let cols = i32::from(self.cols);
        (0..i32::from(self.rows) * cols)
            .contains(&index)
            .then(|| Point {
                row: (index / cols) as u16,
                col: (index % cols) as u16,
            })
    }

    fn begins_word(&self, at: Point) -> bool {
        let class = self.class(at);
        let before = Point {
            col: at.col.wrapping_sub(1),
            ..at
        };
        class != Class::Blank && (at.col == 0 || self.class(before) != class)
    }

    fn ends_word(&self, at: Point) -> bool {
        let class = self.class(at);
        let after = Point {
            col: at.col + 1,
            ..at
        };
        class != Class::Blank && (after.col >= self.cols || self.class(after) != class)
    }

    fn words(&self, from: Point, by: i32, found: impl Fn(&Self, Point) -> bool) -> Step {
        let mut at = self.clamp(from);
        while let Some(next) = self.neighbour(at, by) {
            at = next;
            if found(self, at) {
                return Step::To(at);
            }
        }
        let edge = Point {
            row: at.row,
            col: if by > 0 { 0 } else { self.cols - 1 },
        };
        Step::Beyond(by, edge)
    }
}
