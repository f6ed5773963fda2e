//! The lines that a window shows, decoded once: a line of a million characters takes longer to decode than a wheel may
//! take to turn.

use super::lines::{LineText, PaneLines};
use crate::term::{Cell, Tables};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Styles and clusters that are gathered before the tables are made anew.
const TABLES_LIMIT: usize = 16 * 1024;

/// A decoded line.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Its cells, interned in the tables of [`Decoded`].
    pub cells: Vec<Cell>,
    text: OnceCell<LineText>,
}

impl Line {
    /// The line of these cells.
    pub fn of(cells: Vec<Cell>) -> Self {
        let text = OnceCell::new();
        Self { cells, text }
    }

    /// Its text.
    pub fn text(&self, tables: &Tables) -> &LineText {
        self.text.get_or_init(|| LineText::new(&self.cells, tables))
    }
}

/// Lines by their numbers, with the tables that their cells index.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    tables: Tables,
    kept: BTreeMap<u64, Rc<Line>>,
}

impl Decoded {
    /// What the cells index.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Starts anew if the tables have become large; says whether they had.
    pub fn renew(&mut self) -> bool {
        let is_full = self.tables.counts().0 > TABLES_LIMIT || self.tables.are_crowded();
        if is_full {
            *self = Self::default();
        }
        is_full
    }

    /// Line `number`; empty if it cannot be read.
    pub fn line(&mut self, number: u64, lines: &PaneLines) -> Rc<Line> {
        if let Some(line) = self.kept.get(&number) {
            return line.clone();
        }
        Rc::new(Line::of(lines.line(number, &mut self.tables)))
    }

    /// How many cells line `number` has, and how they wrap, is for `look` to say; nothing is added to the tables.
    pub fn with_cells<T>(
        &self,
        number: u64,
        lines: &PaneLines,
        look: impl FnOnce(&[Cell]) -> T,
    ) -> T {
        match self.kept.get(&number) {
            Some(line) => look(&line.cells),
            None => look(&lines.line(number, &mut Tables::default())),
        }
    }

    /// Keeps these lines, those of `range`, and no others. The program may still write over those in memory: they are left
    /// out.
    pub fn keep(&mut self, shown: BTreeMap<u64, Rc<Line>>, range: &Range<u64>, lines: &PaneLines) {
        self.kept.retain(|number, _| range.contains(number));
        self.kept.extend(shown);
        self.kept.split_off(&lines.first_in_memory());
    }
}
