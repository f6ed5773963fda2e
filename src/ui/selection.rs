//! What is selected of a pane's text: two ends, each a cell of the pane's lines, so that neither scrolling nor new
//! output moves them.
//!
//! Law: the cells that are highlighted are those of the [`Extent`], whichever part of it is shown.

use super::page::{Page, Point, Words};
use crate::protocol::{Extent, Shape, Spot};

/// What a selection consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Cells as the text reads.
    Cell,
    /// Whole words.
    Word,
    /// Whole lines, with all rows that they wrap over.
    Line,
    /// A rectangle of cells.
    Block,
}

/// One end of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    /// The cell.
    spot: Spot,
    /// The column where it was shown when it was put there.
    col: u16,
    /// First and last cell of the word or line that it stands for.
    first: Spot,
    last: Spot,
    /// Whether it was put on the live screen, of which nobody knows yet which lines its rows are.
    is_live: bool,
}

impl End {
    fn at(page: &Page, point: Point, unit: Unit) -> Self {
        let spot = page.spot(point);
        let (first, last) = match unit {
            Unit::Cell | Unit::Block => (spot, spot),
            Unit::Word => {
                let (first, last) = page.word_at(point, Words::Names);
                (page.spot(first), page.spot(last))
            }
            Unit::Line => whole_line(spot),
        };
        Self {
            spot,
            col: page.clamp(point).col,
            first,
            last,
            is_live: !page.is_scrolled(),
        }
    }

    /// The same end of a selection of another unit.
    fn of_unit(self, page: &Page, unit: Unit) -> Self {
        match (unit, page.point_of(self.spot)) {
            (_, Some(point)) => Self::at(page, point, unit),
            (Unit::Line, None) => {
                let (first, last) = whole_line(self.spot);
                Self {
                    first,
                    last,
                    ..self
                }
            }
            (_, None) => Self {
                first: self.spot,
                last: self.spot,
                ..self
            },
        }
    }
}

fn whole_line(spot: Spot) -> (Spot, Spot) {
    let cell = |cell| Spot { cell, ..spot };
    (cell(0), cell(u32::MAX))
}

/// A selection between the anchor, which stays, and the head, which follows the cursor or the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    unit: Unit,
    anchor: End,
    head: End,
    /// The columns of the page that it was made on: rectangles are of no use at another width.
    width: u16,
}

impl Selection {
    /// Selects the unit at `point`.
    pub fn begin(page: &Page, point: Point, unit: Unit) -> Self {
        let end = End::at(page, point, unit);
        Self {
            unit,
            anchor: end,
            head: end,
            width: page.cols,
        }
    }

    /// Selects the lines from that of `anchor` to that of `head`, on a page of so many columns.
    pub fn of_lines(anchor: Spot, head: Spot, width: u16) -> Self {
        let end = |spot| {
            let (first, last) = whole_line(spot);
            let (col, is_live) = (0, false);
            End {
                spot,
                col,
                first,
                last,
                is_live,
            }
        };
        Self {
            unit: Unit::Line,
            anchor: end(anchor),
            head: end(head),
            width,
        }
    }

    /// What it consists of.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Where it was begun.
    pub fn anchor(&self) -> Spot {
        self.anchor.spot
    }

    /// Moves the head to `point`.
    pub fn extend(&mut self, page: &Page, point: Point) {
        self.head = End::at(page, point, self.unit);
    }

    /// Goes on in another unit.
    pub fn become_of(&mut self, page: &Page, unit: Unit) {
        self.unit = unit;
        self.anchor = self.anchor.of_unit(page, unit);
        self.head = self.head.of_unit(page, unit);
    }

    /// Lets the anchor follow the cursor, and the head stay; the cursor belongs where the anchor was: there, or in that
    /// column.
    ///
    /// Law: twice is as before.
    pub fn turn(&mut self) -> (Spot, u16) {
        std::mem::swap(&mut self.anchor, &mut self.head);
        (self.head.spot, self.head.col)
    }

    /// Whether it still means anything at `width` columns.
    pub fn fits(&self, width: u16) -> bool {
        self.unit != Unit::Block || width == self.width
    }

    /// Takes the place in scrollback for the live screen on which it was begun: each row stays where it is. An end that
    /// was put on another place in scrollback is where it belongs already.
    pub fn enter(&mut self, page: &Page) {
        let ends = [&mut self.anchor, &mut self.head];
        for end in ends.into_iter().filter(|end| end.is_live) {
            for spot in [&mut end.spot, &mut end.first, &mut end.last] {
                let row = u16::try_from(spot.line).unwrap_or(u16::MAX);
                let col = u16::try_from(spot.cell).unwrap_or(u16::MAX);
                *spot = page.spot(Point { row, col });
            }
            end.is_live = false;
            *end = end.of_unit(page, self.unit);
        }
    }

    /// The part of the text that is selected.
    pub fn extent(&self) -> Extent {
        let columns = (self.anchor.col, self.head.col);
        Extent {
            from: self.anchor.first.min(self.head.first),
            to: self.anchor.last.max(self.head.last),
            shape: match self.unit {
                Unit::Cell | Unit::Word => Shape::Cells,
                Unit::Line => Shape::Lines,
                Unit::Block => Shape::Block {
                    left: columns.0.min(columns.1),
                    right: columns.0.max(columns.1),
                    width: self.width,
                },
            },
        }
    }

    /// The selected columns of the row at `y`, the end left out: `u16::MAX` for all to the edge.
    pub fn columns(&self, page: &Page, y: u16) -> Option<(u16, u16)> {
        let (Extent { from, to, shape }, start) = (self.extent(), page.start(y));
        let end = Spot {
            cell: page.end(y),
            ..start
        };
        let is_elsewhere = |end: &End| end.is_live == page.is_scrolled();
        if to < start || from >= end || [self.anchor, self.head].iter().any(is_elsewhere) {
            return None;
        }
        let (left, right) = match shape {
            Shape::Block { left, right, .. } => (left, right + 1),
            Shape::Cells | Shape::Lines => {
                let col = |spot: Spot| u16::try_from(spot.cell - start.cell).unwrap_or(u16::MAX);
                let left = if from <= start { 0 } else { col(from) };
                let ends_here = to.line == start.line && to < end;
                let right = if ends_here {
                    col(to).saturating_add(1)
                } else {
                    u16::MAX
                };
                (left, right)
            }
        };
        // Wide characters are selected whole.
        let is_half = |col| {
            page.row(y)
                .is_some_and(|row| row.cell(col).is_continuation())
        };
        let right = right.saturating_add(u16::from(is_half(right)));
        Some((page.whole(y, left), right))
    }
}
