//! Ways through a pane's lines, row by row, as they are wrapped at one width and folded.

use super::decoded::Decoded;
use super::folds::{Fold, Folds};
use super::lines::{PaneLines, Place};
use crate::protocol::Spot;
use crate::term::{Size, wrap_line};
use std::borrow::Cow;

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
        let rows = 0..self.size.rows;
        let far = rows.fold(top.line, |line, _| self.after(line));
        far >= self.lines.end() && top >= self.bottom()
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
        match self.row_at(place.line) {
            Some(fold) => Place {
                line: fold.lines.start.max(self.lines.first()),
                row: 0,
            },
            None => place,
        }
    }

    /// What stands as one row for `line` and others.
    fn row_at(&self, line: u64) -> Option<Cow<'_, Fold>> {
        self.folds.row_at(line, self.lines)
    }

    /// How many rows stand for the line.
    fn rows_of(&self, number: u64) -> u32 {
        if self.row_at(number).is_some() {
            return 1;
        }
        let wrapped = |cells: &[_]| wrap_line(cells, self.size.cols).len() as u32;
        self.decoded.with_cells(number, self.lines, wrapped)
    }

    /// The line behind the one at `number`, and behind all that are folded with it.
    pub fn after(&self, number: u64) -> u64 {
        let row = self.row_at(number);
        row.map_or(number.saturating_add(1), |row| row.lines.end)
    }

    /// The row that shows `spot`.
    pub fn place_of(&self, spot: Spot) -> Place {
        if self.row_at(spot.line).is_some() {
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
        // Reading the line may have shown that it is damaged.
        self.settled(Place {
            line: spot.line,
            row: row as u32,
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::lines::{Stored, rows_in_memory};
    use crate::pane::{Origin, Pane};
    use crate::protocol::PaneId;
    use crate::term::{Cell, StyleId, Tables, codec};
    use proptest::prelude::*;
    use std::ops::Range;

    /// Lines of that many cells, all of them stored.
    struct Lengths(Vec<usize>);

    impl Stored for Lengths {
        fn first_line(&self) -> u64 {
            0
        }

        fn end_line(&self) -> u64 {
            self.0.len() as u64
        }

        fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8])) {
            for (number, len) in (0..).zip(&self.0).skip(start as usize).take(max) {
                let mut body = Vec::new();
                let cells = vec![Cell::new('x', 1, StyleId::DEFAULT); *len];
                codec::encode_line(&cells, false, &Tables::default(), &mut body);
                each(number, &body);
            }
        }
    }

    /// Every place that is to be shown, from the first on.
    fn expected(lengths: &[usize], folds: &Folds, size: Size) -> Vec<Place> {
        let mut places = Vec::new();
        let screen = vec![0; usize::from(size.rows)];
        for (line, len) in (0..).zip(lengths.iter().chain(&screen)) {
            let fold = folds.at(line).map(|fold| fold.lines.start);
            let rows = match fold {
                Some(start) => u32::from(start == line),
                None => (*len as u32).div_ceil(size.cols.into()).max(1),
            };
            places.extend((0..rows).map(|row| Place { line, row }));
        }
        places
    }

    fn folds(ranges: Vec<Range<u64>>) -> Folds {
        let mut folds = Folds::default();
        for lines in ranges {
            let label = String::new();
            folds.add(Fold { lines, label });
        }
        folds
    }

    proptest! {
        #[test]
        fn going_down_shows_each_row_once_and_going_up_leads_back(
            lengths in prop::collection::vec(0..30usize, 1..30),
            ranges in prop::collection::vec((0..30u64, 1..6u64), 0..5),
            cols in 1..12u16,
            step in 1..9u32,
        ) {
            let size = Size::new(cols, 4);
            let pane = Pane::new(PaneId(1), Origin::default(), size);
            let end = lengths.len() as u64;
            let within = |(start, len): (u64, u64)| start.min(end - 1)..(start + len).min(end);
            let folds = folds(ranges.into_iter().map(within).collect());
            let stored = Lengths(lengths);
            let rows = rows_in_memory(&pane);
            let (lines, decoded) = (PaneLines::new(&pane, &stored, &rows), Decoded::default());
            let walk = Walk { lines: &lines, folds: &folds, decoded: &decoded, size };
            let places = expected(&stored.0, &folds, size);
            let mut at = walk.first();
            for place in &places {
                prop_assert_eq!(at, *place);
                at = walk.down(at, 1);
            }
            prop_assert_eq!(at.line, lines.end());
            for place in places.iter().rev() {
                at = walk.up(at, 1);
                prop_assert_eq!(at, *place);
            }
            let last = places.len() - 1;
            for (n, place) in places.iter().enumerate() {
                let below = (n + step as usize).min(last + 1);
                let wanted = places.get(below).map_or(lines.end(), |place| place.line);
                prop_assert_eq!(walk.down(*place, step).line, wanted);
                prop_assert_eq!(walk.up(*place, step), places[n.saturating_sub(step as usize)]);
                prop_assert_eq!(walk.is_at_bottom(*place), n + 4 > last);
            }
        }
    }
}
