//! Takes the text of an [`Extent`] out of a pane's lines, one line after the other, wherever they come from.
//!
//! Law: the text depends on the lines and the extent alone, not on how the lines were shown or in which parts they
//! were read.

use crate::protocol::extent::{Extent, Shape};
use crate::scrollback::lines;
use crate::term::{Cell, Tables, codec, wrap_line};
use std::ops::{ControlFlow, Range};

/// Longest text that is copied: what fits into one message, with room for what stands around it.
pub const MAX_TEXT: usize = crate::protocol::frame::MAX_BODY - 4096;

/// Styles and clusters that are gathered before the tables are made anew.
const TABLES_LIMIT: usize = 16 * 1024;

/// A text that is being put together.
#[derive(Debug)]
pub struct Extract {
    extent: Extent,
    max: usize,
    text: String,
    rows: u64,
    /// Whether the last line goes on in the next: it was too long to be stored in one piece.
    is_open: bool,
    is_cut: bool,
    tables: Tables,
}

/// What was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The text; lines end with a newline, all but the last unless whole lines were asked for.
    pub text: String,
    /// How many lines it has, or rows if it is a rectangle.
    pub rows: u64,
    /// Whether the end is missing, as it was too long.
    pub is_cut: bool,
}

impl Extract {
    /// Begins with nothing.
    pub fn new(extent: Extent) -> Self {
        Self::at_most(extent, MAX_TEXT)
    }

    fn at_most(extent: Extent, max: usize) -> Self {
        Self {
            extent,
            max,
            text: String::new(),
            rows: 0,
            is_open: false,
            is_cut: false,
            tables: Tables::default(),
        }
    }

    /// The lines that are wanted.
    pub fn range(&self) -> Range<u64> {
        self.extent.from.line..self.extent.to.line.saturating_add(1)
    }

    /// Takes what belongs to the extent of the next line, encoded as it is stored; `Break` once there is no room.
    pub fn line(&mut self, number: u64, body: &[u8]) -> ControlFlow<()> {
        if !self.range().contains(&number) {
            return ControlFlow::Continue(());
        }
        let is_inner = number != self.extent.from.line && number != self.extent.to.line;
        let goes_on = body
            .first()
            .is_some_and(|flags| flags & codec::CONTINUED != 0);
        match self.extent.shape {
            Shape::Block { left, right, width } => {
                let cells = self.cells(body);
                self.block(number, &cells, left..right.saturating_add(1), width);
            }
            Shape::Cells if !is_inner => {
                let cells = self.cells(body);
                self.edge(number, &cells, goes_on);
            }
            Shape::Cells | Shape::Lines => self.put(lines::text(body), goes_on),
        }
        match self.is_cut {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    /// The text.
    pub fn finish(mut self) -> Extracted {
        if self.extent.shape == Shape::Lines && self.rows > 0 && !self.is_cut {
            self.text.push('\n');
        }
        Extracted {
            text: self.text,
            rows: self.rows,
            is_cut: self.is_cut,
        }
    }

    /// A line that cannot be read is empty.
    fn cells(&mut self, body: &[u8]) -> Vec<Cell> {
        if self.tables.counts().0 > TABLES_LIMIT || self.tables.are_crowded() {
            self.tables = Tables::default();
        }
        let line = codec::decode_line(body, &mut self.tables);
        line.map(|(cells, _)| cells).unwrap_or_default()
    }

    /// The first line, or the last: a part of it, perhaps.
    fn edge(&mut self, number: u64, cells: &[Cell], goes_on: bool) {
        let (from, to) = (self.extent.from, self.extent.to);
        let start = if number == from.line {
            from.cell as usize
        } else {
            0
        };
        let end = match number == to.line {
            true => (to.cell as usize).saturating_add(1),
            false => usize::MAX,
        };
        let text = self.text_of(cells, start..end);
        self.put(&text, goes_on && end >= cells.len());
    }

    fn block(&mut self, number: u64, cells: &[Cell], columns: Range<u16>, width: u16) {
        let rows = wrap_line(cells, width);
        let row_of = |cell: u32| rows.iter().rposition(|row| row.start <= cell as usize);
        let (from, to) = (self.extent.from, self.extent.to);
        let first = (number == from.line).then(|| row_of(from.cell)).flatten();
        let last = (number == to.line).then(|| row_of(to.cell)).flatten();
        let wanted = first.unwrap_or(0)..=last.unwrap_or(rows.len() - 1);
        for row in rows.get(wanted).unwrap_or(&[]) {
            let column = |col: u16| (row.start + usize::from(col)).min(row.end);
            let text = self.text_of(cells, column(columns.start)..column(columns.end));
            self.put(&text, false);
        }
    }

    /// The text of some cells; of a wide character that is cut, the whole.
    fn text_of(&self, cells: &[Cell], range: Range<usize>) -> String {
        let is_half = |at: usize| cells.get(at).is_some_and(Cell::is_continuation);
        let (mut start, mut end) = (range.start.min(cells.len()), range.end.min(cells.len()));
        if start < end && start > 0 && is_half(start) {
            start -= 1;
        }
        if start < end && is_half(end) {
            end += 1;
        }
        let mut text = String::new();
        for cell in cells.get(start..end).unwrap_or(&[]) {
            self.tables.push_text(cell, &mut text);
        }
        text
    }

    /// Adds a line, or a piece of one that goes on.
    fn put(&mut self, text: &str, goes_on: bool) {
        if !self.is_open && self.rows > 0 {
            self.text.push('\n');
        }
        self.rows += u64::from(!self.is_open);
        self.is_open = goes_on;
        self.text.push_str(match goes_on {
            true => text,
            false => text.trim_end_matches(' '),
        });
        if self.text.len() > self.max {
            self.is_cut = true;
            let is_boundary = |at: &usize| self.text.is_char_boundary(*at);
            let end = (0..=self.max).rev().find(is_boundary).unwrap_or(0);
            self.text.truncate(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::extent::Spot;
    use crate::term::{StyleId, width};
    use proptest::prelude::*;

    fn cells_of(text: &str) -> Vec<Cell> {
        let mut cells = Vec::new();
        for c in text.chars() {
            let width = width::char_width(c);
            cells.push(Cell::new(c, width, StyleId::DEFAULT));
            if width == 2 {
                cells.push(Cell::continuation(StyleId::DEFAULT));
            }
        }
        cells
    }

    fn body(text: &str, continued: bool) -> Vec<u8> {
        let mut body = Vec::new();
        codec::encode_line(&cells_of(text), continued, &Tables::default(), &mut body);
        body
    }

    fn taken(lines: &[&str], from: (u64, u32), to: (u64, u32), shape: Shape) -> String {
        let spot = |(line, cell)| Spot { line, cell };
        let (from, to) = (spot(from), spot(to));
        let mut extract = Extract::new(Extent { from, to, shape });
        for (number, line) in (0..).zip(lines) {
            let _ = extract.line(number, &body(line, false));
        }
        extract.finish().text
    }

    #[test]
    fn text_from_cell_to_cell() {
        let lines = ["one two  ", "", "three 世界", "four"];
        let cells = |from, to| taken(&lines, from, to, Shape::Cells);
        assert_eq!(cells((0, 4), (0, 6)), "two");
        assert_eq!(cells((0, 4), (2, 4)), "two\n\nthree");
        assert_eq!(cells((2, 7), (2, 8)), "世界", "halves are wholes");
        assert_eq!(cells((0, 99), (1, 99)), "\n");
        assert_eq!(
            taken(&lines, (1, 3), (2, 0), Shape::Lines),
            "\nthree 世界\n"
        );
    }

    #[test]
    fn a_rectangle_of_wrapped_rows() {
        let (left, right) = (1, 2);
        let block = Shape::Block {
            left,
            right,
            width: 4,
        };
        let lines = ["abcdefgh", "x", "1世界"];
        assert_eq!(taken(&lines, (0, 5), (2, 2), block), "fg\n\n世");
        assert_eq!(taken(&lines, (0, 1), (0, 2), block), "bc");
    }

    #[test]
    fn pieces_of_one_line_are_joined() {
        let extent = Extent {
            from: Spot::default(),
            to: Spot { line: 2, cell: 0 },
            shape: Shape::Lines,
        };
        let mut extract = Extract::new(extent);
        for (number, text, goes_on) in [(0, "a ", true), (1, "b", false), (2, "c", false)] {
            assert!(extract.line(number, &body(text, goes_on)).is_continue());
        }
        let all = extract.finish();
        assert_eq!((&*all.text, all.rows), ("a b\nc\n", 2));
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_said() {
        let extent = Extent {
            from: Spot::default(),
            to: Spot { line: 9, cell: 0 },
            shape: Shape::Lines,
        };
        let mut extract = Extract::at_most(extent, 8);
        assert!(extract.line(0, &body("12345", false)).is_continue());
        assert!(extract.line(1, &body("世界", false)).is_break());
        let all = extract.finish();
        assert_eq!((&*all.text, all.is_cut), ("12345\n", true));
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_cells_between(
            lines in prop::collection::vec("[ab 世]{0,12}", 1..6),
            one in (0..6u64, 0..30u32),
            other in (0..6u64, 0..30u32),
        ) {
            let (from, to) = (one.min(other), one.max(other));
            let refs: Vec<&str> = lines.iter().map(String::as_str).collect();
            let mut wanted = Vec::new();
            for (number, line) in (0..).zip(&lines).filter(|(n, _)| (from.0..=to.0).contains(n)) {
                let (mut text, mut at) = (String::new(), 0);
                for c in line.chars() {
                    let last = at + u32::from(width::char_width(c)) - 1;
                    if (number, last) >= from && (number, at) <= to {
                        text.push(c);
                    }
                    at = last + 1;
                }
                wanted.push(text.trim_end_matches(' ').to_owned());
            }
            prop_assert_eq!(taken(&refs, from, to, Shape::Cells), wanted.join("\n"));
        }
    }
}
