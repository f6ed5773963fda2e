//! Ways through a pane's lines, row by row, as they are wrapped at one width and folded.

use super::decoded::Decoded;
use super::folds::Folds;
use super::lines::{PaneLines, Place};
use crate::protocol::Spot;
use crate::term::{Size, wrap_line};

/// The rows of a window: what is above and below what.
///
/// Law: going down from the first row one by one shows each row of each line that is not folded once, and each fold
/// once; going up again leads back.
pub(super) struct Walk<'a> {
    pub lines: &'a PaneLines<'a>,
    pub folds: &'a Folds,
    pub decoded: &'a Decoded,
    pub size: Size,
}

impl Walk<'_> {
    /// The first row.
    pub fn first(&self) -> Place {
        Place {
            line: self.lines.first(),
            row: 0,
        }
    }

    /// The top at which the last row of the screen is the window's last.
    pub fn bottom(&self) -> Place {
        let end = Place {
            line: self.lines.end(),
            row: 0,
        };
        self.up(end, u32::from(self.size.rows))
    }

    /// Whether `top` is at the bottom or below it. Only near the end is that looked for row by row.
    pub fn is_at_bottom(&self, top: Place) -> bool {
        let is_far = top.line.saturating_add(u64::from(self.size.rows)) < self.lines.end();
        !(is_far && self.folds.is_empty()) && top >= self.bottom()
    }

    /// The place nearest to `top` that may be the window's top.
    pub fn clamp(&self, top: Place) -> Place {
        let top = match self.is_at_bottom(top) {
            true => self.bottom(),
            false => top,
        };
        self.settled(top.max(self.first()))
    }

    /// A place within a fold is that of the fold.
    fn settled(&self, place: Place) -> Place {
        match self.folds.at(place.line) {
            Some(fold) => Place {
                line: fold.lines.start.max(self.lines.first()),
                row: 0,
            },
            None => place,
        }
    }

    /// How many rows stand for the line.
    fn rows_of(&self, number: u64) -> u32 {
        if self.folds.at(number).is_some() {
            return 1;
        }
        let wrapped = |cells: &[_]| wrap_line(cells, self.size.cols).len() as u32;
        self.decoded.with_cells(number, self.lines, wrapped)
    }

    /// The line behind the one at `number`, and behind all that are folded with it.
    pub fn after(&self, number: u64) -> u64 {
        let fold = self.folds.at(number);
        fold.map_or(number + 1, |fold| fold.lines.end)
    }

    /// The row that shows `spot`.
    pub fn place_of(&self, spot: Spot) -> Place {
        if self.folds.at(spot.line).is_some() {
            return self.settled(Place {
                line: spot.line,
                row: 0,
            });
        }
        let row_of = |cells: &[_]| {
            let rows = wrap_line(cells, self.size.cols);
            let shows = |row: &std::ops::Range<usize>| row.start <= spot.cell as usize;
            rows.iter().rposition(shows).unwrap_or(0)
        };
        let row = self.decoded.with_cells(spot.line, self.lines, row_of);
        Place {
            line: spot.line,
            row: row as u32,
        }
    }

    /// The top at which `spot` is shown: the present one, or one that brings it to the middle.
    pub fn around(&self, spot: Spot, top: Place) -> Place {
        let place = self.place_of(spot);
        let end = self.down(top, u32::from(self.size.rows));
        match (top..end).contains(&place) {
            true => top,
            false => self.up(place, u32::from(self.size.rows / 2)),
        }
    }

    /// So many rows above `from`, or the first.
    pub fn up(&self, from: Place, rows: u32) -> Place {
        let (mut at, mut left) = (self.settled(from), rows);
        while left > at.row {
            if at.line <= self.lines.first() {
                return self.first();
            }
            left -= at.row + 1;
            let line = at.line - 1;
            let row = self.rows_of(line) - 1;
            at = self.settled(Place { line, row });
        }
        Place {
            row: at.row - left,
            ..at
        }
    }

    /// So many rows below `from`, or behind the last.
    pub fn down(&self, from: Place, rows: u32) -> Place {
        let (mut at, mut left) = (self.settled(from), rows);
        while left > 0 && at.line < self.lines.end() {
            let below = self.rows_of(at.line).saturating_sub(at.row + 1);
            if left <= below {
                return Place {
                    row: at.row + left,
                    ..at
                };
            }
            left -= below + 1;
            at = Place {
                line: self.after(at.line),
                row: 0,
            };
        }
        at
    }
}
