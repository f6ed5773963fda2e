//! Runs of text above ASCII: characters that each begin a cell are written to a row at once, without a look at the
//! caret or the tables of clusters in between.

use super::cell::Cell;
use super::row::{Row, Version};
use super::style::StyleId;
use super::width::{Join, Traits};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Bytes of the text that are written.
    pub(super) bytes: usize,
    /// The column behind them.
    pub(super) end: u16,
    /// The last character.
    pub(super) last: Option<char>,
    /// How the next one may join it.
    pub(super) join: Join,
}

impl Run {
    /// A run that begins at column `col`; what stands before it may be joined as `join` says.
    pub(super) fn new(col: u16, join: Join) -> Self {
        Self {
            bytes: 0,
            end: col,
            last: None,
            join,
        }
    }

    /// Columns of `c` and what may join it, if it begins a cell after this run.
    #[inline]
    fn begins(&self, c: char) -> Option<(u16, Join)> {
        if is_han(c) && !self.join.takes_all() {
            return Some((2, Join::OPEN));
        }
        let traits = Traits::of(c);
        let width = u16::from(traits.width());
        let class = traits.class();
        let begins = width > 0 && self.join.then(class).is_none();
        begins.then(|| (width, Join::start(class)))
    }
}

/// Han characters, the most of them and of all that is wide: two columns each, and nothing joins them but marks.
#[inline]
pub(super) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

impl Row {
    /// Writes characters of `text` from where `run` is, as far as each begins a cell and ends at `cols` at the latest.
    /// [`Row::put`] of each would do the same, one by one.
    pub(super) fn put_run(
        &mut self,
        now: Version,
        mut run: Run,
        cols: u16,
        text: &str,
        style: StyleId,
    ) -> Run {
        let start = run.end;
        let mut changed = None;
        for c in text.chars() {
            let Some((width, join)) = run.begins(c).filter(|next| run.end + next.0 <= cols) else {
                break;
            };
            if run.bytes == 0 {
                self.cut(now, start);
                self.reach(start);
            }
            let at = usize::from(run.end);
            let cell = Cell::new(c, width as u8, style);
            // What stands already is no change: programs draw the same lines and boxes again and again.
            if self.cells.get(at) != Some(&cell) {
                match width {
                    2 => self.set_wide(at, [cell, Cell::continuation(style)]),
                    _ => self.set(at, cell),
                }
                let from = changed.map_or(run.end, |(from, _)| from);
                changed = Some((from, run.end + width));
            }
            run.end += width;
            run.bytes += c.len_utf8();
            run.last = Some(c);
            run.join = join;
        }
        if run.bytes > 0 {
            if let Some((from, end)) = changed {
                self.touch(now, from, end);
            }
            self.mend(now, run.end);
        }
        run
    }

    /// Sets a cell of the written part or just behind it.
    #[inline]
    fn set(&mut self, at: usize, cell: Cell) {
        match self.cells.get_mut(at) {
            Some(slot) => *slot = cell,
            None => self.cells.push(cell),
        }
    }

    /// As [`Row::set`], both halves.
    #[inline]
    fn set_wide(&mut self, at: usize, halves: [Cell; 2]) {
        match self.cells.get_mut(at..at + 2) {
            Some(slots) => slots.copy_from_slice(&halves),
            None => {
                self.cells.truncate(at);
                self.cells.extend(halves);
            }
        }
    }

    /// Blanks a right half at `col` whose left half was written over.
    fn mend(&mut self, now: Version, col: u16) {
        let cell = self.cells.get_mut(usize::from(col));
        if let Some(half) = cell.filter(|cell| cell.is_continuation()) {
            *half = Cell::blank(half.style);
            self.touch(now, col, col + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::RowId;
    use crate::term::width::clusters;
    use proptest::prelude::*;

    const NOW: Version = Version(1);

    #[test]
    fn the_table_says_the_same_of_han() {
        for c in (0..0x11_0000)
            .filter_map(char::from_u32)
            .filter(|c| is_han(*c))
        {
            assert!(
                Traits::of(c).is_plain() && Traits::of(c).width() == 2,
                "{c:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_run_is_its_characters_one_by_one(
            before in "[a-z界é]{0,5}", text in "[a-z界あé한가ß─🇩👍❤क\u{301}\u{94d}\u{200d}]{0,8}", col in 0..10u16,
        ) {
            let mut whole = Row::new(RowId(0), NOW);
            whole.put_run(NOW, Run::new(0, Join::SHUT), 10, &before, StyleId(2));
            let mut single = whole.clone();
            let run = whole.put_run(NOW, Run::new(col, Join::SHUT), 10, &text, StyleId(1));
            let mut at = col;
            for c in text[..run.bytes].chars() {
                let width = Traits::of(c).width();
                single.put(NOW, at, Cell::new(c, width, StyleId(1)));
                at += u16::from(width);
            }
            prop_assert_eq!(at, run.end);
            prop_assert_eq!(whole, single);
            // It ends where a cluster of several characters does, before its second, or where the row does.
            let written = text[..run.bytes].chars().count();
            let alone = clusters(&text).take_while(|(cluster, width)| {
                cluster.chars().count() == 1 && *width > 0
            });
            let fits = at + 2 <= 10;
            prop_assert!(!fits || written >= alone.count());
        }
    }
}
