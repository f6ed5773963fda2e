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
        let start = usize::from(col);
        if start < self.cells.len() {
            self.cut(now, col);
            self.cut(now, end);
            self.put_over(now, col, text, style);
        } else {
            self.touch(now, col, end);
            self.reach(col);
            self.cells
                .extend(text.iter().map(|&byte| Cell::ascii(byte, style)));
        }
    }

    /// As [`Row::put_ascii`], where something stands. Programs draw much again as it is: what only says so at either end
    /// is no change.
    fn put_over(&mut self, now: Version, col: u16, text: &[u8], style: StyleId) {
        let start = usize::from(col);
        let held = (self.cells.len() - start).min(text.len());
        let stands = |(cell, byte): &(&Cell, &u8)| **cell == Cell::ascii(**byte, style);
        let pairs = self.cells[start..start + held].iter().zip(text);
        let before = pairs.clone().take_while(stands).count();
        if before == text.len() {
            return;
        }
        let behind = match held == text.len() {
            true => pairs.rev().take_while(stands).count(),
            false => 0,
        };
        self.touch(now, col + before as u16, col + (text.len() - behind) as u16);
        let (over, beyond) = text.split_at(held);
        let changed = before..held - behind;
        for (cell, &byte) in self.cells[start..][changed.clone()]
            .iter_mut()
            .zip(&over[changed])
        {
            *cell = Cell::ascii(byte, style);
        }
        self.cells
            .extend(beyond.iter().map(|&byte| Cell::ascii(byte, style)));
    }

    /// Writes one cell of width 1 or 2 at `col`; the caller sees that it fits.
    #[inline]
    pub(super) fn put(&mut self, now: Version, col: u16, cell: Cell) {
        let width = u16::from(cell.width());
        let at = usize::from(col);
        if self.cells.get(at) == Some(&cell) {
            return;
        }
        self.touch(now, col, col + width);
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
        let (from, to) = (usize::from(start), usize::from(end));
        if start >= end || blank == Cell::BLANK && from >= self.cells.len() {
            return;
        }
        self.cut(now, start);
        self.cut(now, end);
        self.touch(now, start, end);
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
    use crate::term::run::Run;
    use crate::term::width::Join;
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
    fn what_is_drawn_again_as_it_is_is_no_change() {
        const LATER: Version = Version(2);
        let mut row = row("load: 17 界─");
        row.put_ascii(LATER, 0, b"load: 17", StyleId::DEFAULT);
        let run = Run::new(9, Join::SHUT);
        row.put_run(LATER, run, 20, "界─", StyleId::DEFAULT);
        row.put(LATER, 9, Cell::new('界', 2, StyleId::DEFAULT));
        row.erase(LATER, 12, 20, Cell::BLANK);
        assert_eq!(row.changed_since(NOW), None);
        row.put_ascii(LATER, 0, b"load: 18 ", StyleId::DEFAULT);
        assert_eq!(row.changed_since(NOW), Some((7, 8)));
        row.put_run(LATER, run, 20, "界│", StyleId::DEFAULT);
        assert_eq!(row.changed_since(NOW), Some((7, 12)));
        row.put_ascii(Version(3), 11, b"|....", StyleId::DEFAULT);
        assert_eq!(row.changed_since(LATER), Some((11, 16)));
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
        /// The law of [`Row::changed_since`], for what is written.
        #[test]
        fn columns_that_changed_are_told(
            before in "[a-c界─]{0,8}",
            writes in prop::collection::vec((0..10u16, "[a-c]{1,4}|[a界─]{1,4}", 1..3u16), 1..4),
        ) {
            let (mut row, mut held) = (row(&before), row(&before));
            for (n, (col, text, style)) in writes.iter().enumerate() {
                let now = Version(n as u64 + 2);
                match text.is_ascii() {
                    true => row.put_ascii(now, *col, text.as_bytes(), StyleId(*style)),
                    false => _ = row.put_run(now, Run::new(*col, Join::SHUT), 20, text, StyleId(*style)),
                }
            }
            if let Some((start, end)) = row.changed_since(NOW) {
                held.reach(end.min(row.cells().len() as u16));
                held.cells.truncate(row.cells().len());
                let end = usize::from(end).min(row.cells().len());
                let columns = usize::from(start)..end;
                held.cells[columns.clone()].copy_from_slice(&row.cells()[columns]);
            }
            prop_assert_eq!(held.cells(), row.cells());
        }

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
