//! What a program does to one row: writing, erasing, shifting. Whatever would leave half of a wide character blanks
//! the other half too.

use super::cell::{Cell, Glyph};
use super::row::{Row, Version};
use super::style::StyleId;

impl Row {
    /// Sets whether the line goes on in the next row.
    pub(super) fn set_wrapped(&mut self, wrapped: bool, now: Version) {
        if self.wrapped != wrapped {
            self.wrapped = wrapped;
            let end = self.cells.len() as u16;
            self.touch(now, end.saturating_sub(1), end);
        }
    }

    /// Sees to it that no wide character lies across the boundary before `col`: both its halves become blanks.
    #[inline]
    pub(super) fn cut(&mut self, now: Version, col: u16) {
        let at = usize::from(col);
        if at > 0 && self.cells.get(at).is_some_and(Cell::is_continuation) {
            let blank = Cell::blank(self.cells[at].style);
            self.cells[at - 1] = blank;
            self.cells[at] = blank;
            self.touch(now, col - 1, col + 1);
        }
    }

    /// Makes the written part reach `col` at least.
    #[inline]
    pub(super) fn reach(&mut self, col: u16) {
        if self.cells.len() < usize::from(col) {
            self.cells.resize(usize::from(col), Cell::BLANK);
        }
    }

    /// Writes ASCII text from `col` on; the caller sees that it fits.
    #[inline]
    pub(super) fn put_ascii(&mut self, now: Version, col: u16, text: &[u8], style: StyleId) {
        let end = col + text.len() as u16;
        self.touch(now, col, end);
        let start = usize::from(col);
        if start < self.cells.len() {
            self.cut(now, col);
            self.cut(now, end);
            let held = (self.cells.len() - start).min(text.len());
            let (over, beyond) = text.split_at(held);
            for (cell, &byte) in self.cells[start..].iter_mut().zip(over) {
                *cell = Cell::ascii(byte, style);
            }
            self.cells
                .extend(beyond.iter().map(|&byte| Cell::ascii(byte, style)));
        } else {
            self.reach(col);
            self.cells
                .extend(text.iter().map(|&byte| Cell::ascii(byte, style)));
        }
    }

    /// Writes one cell of width 1 or 2 at `col`; the caller sees that it fits.
    #[inline]
    pub(super) fn put(&mut self, now: Version, col: u16, cell: Cell) {
        let width = u16::from(cell.width());
        self.touch(now, col, col + width);
        let at = usize::from(col);
        if at == self.cells.len() {
            self.cells.push(cell);
            if width == 2 {
                self.cells.push(Cell::continuation(cell.style));
            }
            return;
        }
        self.cut(now, col);
        self.cut(now, col + width);
        self.reach(col + width);
        self.cells[at] = cell;
        if width == 2 {
            self.cells[at + 1] = Cell::continuation(cell.style);
        }
    }

    /// Overwrites columns `start..end` with `blank`.
    pub(super) fn erase(&mut self, now: Version, start: u16, end: u16, blank: Cell) {
        if start >= end {
            return;
        }
        self.cut(now, start);
        self.cut(now, end);
        self.touch(now, start, end);
        let (from, to) = (usize::from(start), usize::from(end));
        if blank == Cell::BLANK && to >= self.cells.len() {
            self.cells.truncate(from);
        } else {
            self.reach(end);
            self.cells[from..to].fill(blank);
        }
    }

    /// Overwrites those of the columns `start..end` that `keeps` does not hold back (DECSED, DECSEL).
    pub(super) fn erase_unless(
        &mut self,
        now: Version,
        (start, end): (u16, u16),
        blank: Cell,
        keeps: impl Fn(Cell) -> bool,
    ) {
        // Behind the written part there is nothing but blanks.
        let end = match blank == Cell::BLANK {
            true => end.min(self.cells.len() as u16),
            false => end,
        };
        if start >= end {
            return;
        }
        for edge in [start, end] {
            if !keeps(self.cell(edge)) {
                self.cut(now, edge);
            }
        }
        self.touch(now, start, end);
        self.reach(end);
        let part = &mut self.cells[usize::from(start)..usize::from(end)];
        part.iter_mut()
            .filter(|cell| !keeps(**cell))
            .for_each(|cell| *cell = blank);
    }

    /// Shifts what stands from `col` on by `count` to the right (ICH); what passes `cols` is lost.
    pub(super) fn insert(&mut self, now: Version, col: u16, count: u16, blank: Cell, cols: u16) {
        let count = count.min(cols - col);
        self.cut(now, col);
        self.cut(now, cols - count);
        self.touch(now, col, cols);
        let at = usize::from(col);
        if at < self.cells.len() {
            self.cells.truncate(usize::from(cols - count));
        }
        if at < self.cells.len() || blank != Cell::BLANK {
            self.reach(col);
            let blanks = std::iter::repeat_n(blank, usize::from(count));
            self.cells.splice(at..at, blanks);
        }
    }

    /// Takes `count` cells out at `col`; the rest moves left and blanks follow (DCH).
    pub(super) fn delete(&mut self, now: Version, col: u16, count: u16, blank: Cell, cols: u16) {
        let count = count.min(cols - col);
        self.cut(now, col);
        self.cut(now, col + count);
        self.touch(now, col, cols);
        let len = self.cells.len();
        let from = usize::from(col).min(len);
        let to = usize::from(col + count).min(len);
        self.cells.drain(from..to);
        if blank != Cell::BLANK {
            self.reach(cols - count);
            self.cells.resize(usize::from(cols), blank);
        }
    }

    /// The cells of columns `start..end`; half a wide character at either side comes as a blank.
    pub(super) fn copy(&self, start: u16, end: u16) -> Vec<Cell> {
        let mut cells: Vec<Cell> = (start..end).map(|col| self.cell(col)).collect();
        if let Some(first) = cells.first_mut().filter(|cell| cell.is_continuation()) {
            *first = Cell::blank(first.style);
        }
        if let Some(last) = cells.last_mut().filter(|cell| cell.width() == 2) {
            *last = Cell::blank(last.style);
        }
        cells
    }

    /// Overwrites the columns from `col` on with `cells`, which hold no half of a wide character.
    pub(super) fn paste(&mut self, now: Version, col: u16, cells: &[Cell]) {
        if cells.is_empty() {
            return;
        }
        let end = col + cells.len() as u16;
        self.cut(now, col);
        self.cut(now, end);
        self.touch(now, col, end);
        self.reach(end);
        self.cells[usize::from(col)..usize::from(end)].copy_from_slice(cells);
    }

    /// Gives the characters that begin in the columns `start..end` other styles, all of each.
    pub(super) fn restyle(
        &mut self,
        now: Version,
        (start, end): (u16, u16),
        mut style_of: impl FnMut(StyleId) -> StyleId,
    ) {
        self.reach(end);
        let begins = |cell: &Cell| !cell.is_continuation();
        let Some(first) = (start..end).find(|col| begins(&self.cell(*col))) else {
            return;
        };
        let behind = end + u16::from(!begins(&self.cell(end)));
        self.touch(now, first, behind);
        for cell in &mut self.cells[usize::from(first)..usize::from(behind)] {
            cell.style = style_of(cell.style);
        }
    }

    /// Cuts the row to `cols`.
    pub(super) fn narrow(&mut self, now: Version, cols: u16) {
        self.cut(now, cols);
        self.cells.truncate(usize::from(cols));
    }

    /// Columns up to the last that is not a plain blank.
    pub fn used(&self) -> usize {
        used(&self.cells)
    }

    /// Where the character before column `col` begins, if one is written there.
    pub(super) fn before(&self, col: u16) -> Option<u16> {
        let left = col.checked_sub(1)?;
        let cell = self.cells.get(usize::from(left))?;
        match cell.glyph() {
            Glyph::Continuation => left.checked_sub(1),
            _ => Some(left),
        }
    }
}

/// How many of `cells` are left without the plain blanks at their end.
pub fn used(cells: &[Cell]) -> usize {
    let plain = cells.iter().rev().take_while(|cell| **cell == Cell::BLANK);
    cells.len() - plain.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::RowId;
    use proptest::prelude::*;

    const NOW: Version = Version(1);

    fn row(text: &str) -> Row {
        let mut row = Row::new(RowId(0), NOW);
        let mut col = 0;
        for c in text.chars() {
            let width = crate::term::width::char_width(c);
            row.put(NOW, col, Cell::new(c, width, StyleId::DEFAULT));
            col += u16::from(width);
        }
        row
    }

    fn text(row: &Row) -> String {
        row.cells()
            .iter()
            .filter_map(|cell| match cell.glyph() {
                Glyph::Char(c) => Some(c),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn half_a_wide_character_takes_the_other_with_it() {
        let mut left = row("a界b");
        left.put_ascii(NOW, 1, b"x", StyleId::DEFAULT);
        assert_eq!(text(&left), "ax b");
        let mut right = row("a界b");
        right.put_ascii(NOW, 2, b"x", StyleId::DEFAULT);
        assert_eq!(text(&right), "a xb");
    }

    #[test]
    fn shifting_keeps_the_width() {
        let mut row = row("abcdef");
        row.insert(NOW, 2, 2, Cell::BLANK, 6);
        assert_eq!(text(&row), "ab  cd");
        row.delete(NOW, 1, 3, Cell::BLANK, 6);
        assert_eq!(text(&row), "acd");
    }

    proptest! {
        #[test]
        fn no_half_is_ever_left(ops in prop::collection::vec((0..6u8, 0..12u16, 0..12u16), 0..40)) {
            let mut row = Row::new(RowId(0), NOW);
            let red = Cell::blank(StyleId(3));
            for (op, col, n) in ops {
                let n = n.min(12 - col);
                match op {
                    0 => row.put_ascii(NOW, col, &b"abcdefghijkl"[..usize::from(n)], StyleId(1)),
                    1 if col < 11 => row.put(NOW, col, Cell::new('界', 2, StyleId(2))),
                    2 => row.erase(NOW, col, col + n, if n % 2 == 0 { red } else { Cell::BLANK }),
                    3 => row.insert(NOW, col, n, if n % 2 == 0 { red } else { Cell::BLANK }, 12),
                    4 => row.delete(NOW, col, n, if n % 2 == 0 { red } else { Cell::BLANK }, 12),
                    _ => row.put(NOW, col, Cell::new('x', 1, StyleId(2))),
                }
                prop_assert!(row.cells().len() <= 12);
                let mut wide = false;
                for cell in row.cells() {
                    prop_assert_eq!(cell.is_continuation(), wide);
                    wide = cell.width() == 2;
                }
                prop_assert!(!wide);
            }
        }
    }
}
