//! Where the motions of copy mode lead, over the rows that are shown.

use super::action::{Jump, Motion};
use super::page::{Class, Page, Point, Words};

/// Where a motion led.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To a position that is shown.
    To(Point),
    /// Beyond the edge, to the same column: the rows have to move by this many.
    Beyond(i32, Point),
    /// To somewhere that is not shown: once the rows have moved by this many, it goes on from that position.
    Further(i32, Point),
}

const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];

impl Page<'_> {
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
            Motion::WordNext => self.scan(at, 1, |at| self.begins_word(at, Words::Small)),
            Motion::WordEnd => self.scan(at, 1, |at| self.ends_word(at, Words::Small)),
            Motion::WordBack => self.scan(at, -1, |at| self.begins_word(at, Words::Small)),
            Motion::WideWordNext => self.scan(at, 1, |at| self.begins_word(at, Words::Wide)),
            Motion::WideWordEnd => self.scan(at, 1, |at| self.ends_word(at, Words::Wide)),
            Motion::WideWordBack => self.scan(at, -1, |at| self.begins_word(at, Words::Wide)),
            Motion::ParagraphNext => self.paragraph(row, 1),
            Motion::ParagraphBack => self.paragraph(row, -1),
            Motion::Bracket => Step::To(self.bracket(at).unwrap_or(at)),
            Motion::LineStart => on_row(0),
            Motion::LineText => {
                let is_text =
                    |&col: &u16| self.class(Point { row, col }, Words::Wide) != Class::Blank;
                on_row((0..self.cols).find(is_text).unwrap_or(0))
            }
            Motion::LineEnd => on_row(self.whole(row, self.used(row).saturating_sub(1))),
            Motion::ScreenTop => to_row(0),
            Motion::ScreenMiddle => to_row(self.rows / 2),
            Motion::ScreenBottom => to_row(self.rows - 1),
        }
    }

    /// Where `jump` to `c` leads from `at`, if that stands in the row. From a cell beside `c` it goes on to the next one.
    pub fn jump(&self, at: Point, jump: Jump, c: char) -> Option<Point> {
        let Point { row, col } = self.clamp(at);
        let is_c = |col: &u16| self.char_at(Point { row, col: *col }) == Some(c);
        let width = |col: u16| self.row(row).map_or(1, |row| row.cell(col).width().max(1));
        let next = col + u16::from(width(col));
        let col = match jump {
            Jump::To => (next..self.cols).find(is_c)?,
            Jump::BackTo => (0..col).rev().find(is_c)?,
            Jump::Before => self.whole(row, (next + 1..self.cols).find(is_c)? - 1),
            Jump::BackBehind => {
                let before = self.whole(row, col.checked_sub(1)?);
                let found = (0..before).rev().find(is_c)?;
                found + u16::from(width(found))
            }
            Jump::Again | Jump::Reverse => return None,
        };
        Some(Point { row, col })
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

    fn begins_word(&self, at: Point, words: Words) -> bool {
        let class = self.class(at, words);
        let before = self.before(at).map(|before| self.class(before, words));
        class != Class::Blank && before != Some(class)
    }

    fn ends_word(&self, at: Point, words: Words) -> bool {
        let class = self.class(at, words);
        let after = self.after(at).map(|after| self.class(after, words));
        class != Class::Blank && after != Some(class)
    }

    fn scan(&self, from: Point, by: i32, found: impl Fn(Point) -> bool) -> Step {
        let mut at = self.clamp(from);
        while let Some(next) = self.neighbour(at, by) {
            at = next;
            if found(at) {
                let col = self.whole(at.row, at.col);
                return Step::To(Point { col, ..at });
            }
        }
        Step::Further(by, at)
    }

    /// To the next blank row behind (or before) one that is not.
    fn paragraph(&self, from: u16, by: i32) -> Step {
        let (mut row, col) = (from, 0);
        let last = if by > 0 { self.rows - 1 } else { 0 };
        while row != last {
            let next = row.saturating_add_signed(by as i16);
            if self.used(next) == 0 && self.used(row) > 0 {
                return Step::To(Point { row: next, col });
            }
            row = next;
        }
        Step::Further(by * i32::from(self.rows - 1).max(1), Point { row, col })
    }

    /// The bracket that matches the first one at or after `at` in its row, if it is shown.
    fn bracket(&self, at: Point) -> Option<Point> {
        let of = |at: Point| {
            let c = self.char_at(at)?;
            BRACKETS.into_iter().find_map(|(open, close)| match c {
                _ if c == open => Some((close, open, 1)),
                _ if c == close => Some((open, close, -1)),
                _ => None,
            })
        };
        let row = at.row;
        let mut in_row = (at.col..self.cols).map(|col| Point { row, col });
        let (mut at, (wanted, own, by)) = in_row.find_map(|at| Some((at, of(at)?)))?;
        let mut depth = 0;
        while let Some(next) = self.neighbour(at, by) {
            at = next;
            match self.char_at(at) {
                Some(c) if c == wanted && depth == 0 => return Some(at),
                Some(c) if c == wanted => depth -= 1,
                Some(c) if c == own => depth += 1,
                _ => {}
            }
        }
        None
    }
}
