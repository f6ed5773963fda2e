//! What was typed and is not yet reflected, with what it is expected to do; and which part of it a screen reflects.

use super::draft::{Outcome, Text, Written, row_at};
use super::key::Key;
use super::line::Behind;
use super::tally::{Shown, Verdict};
use crate::protocol::Surface;
use crate::sync::Time;
use crate::term::cell::Glyph;
use crate::term::{Cell, RowId, Tables};
use std::collections::BTreeMap;

/// One key under way.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    pub key: Key,
    /// The offset of its last byte's end among all that was typed.
    pub end: u64,
    /// When it was typed.
    pub at: Time,
    pub hope: Hope,
    pub shown: Shown,
    /// Whether it was to be relied on when the screen was drawn last.
    pub is_firm: bool,
}

/// What is expected of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hope {
    /// Nothing that can be foreseen.
    Unknown,
    /// The screen is taken to show it already; nobody can tell.
    Taken,
    /// This.
    Known(Outcome),
}

impl Guess {
    pub fn new(key: Key, end: u64, at: Time) -> Self {
        Self {
            key,
            end,
            at,
            hope: Hope::Unknown,
            shown: Shown::No,
            is_firm: false,
        }
    }

    /// Whether it goes on in the next row.
    pub fn has_wrapped(&self) -> bool {
        matches!(&self.hope, Hope::Known(outcome) if outcome.wrapped)
    }
}

/// A screen as it came, and where it is looked at.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub surface: &'a Surface,
    pub tables: &'a Tables,
}

impl Seen<'_> {
    /// The row of the cursor and its column.
    pub fn cursor(&self) -> Option<(RowId, u16)> {
        let cursor = self.surface.cursor;
        let row = self.surface.order.get(usize::from(cursor.row))?;
        Some((*row, cursor.col))
    }

    fn shows(&self, written: &Written) -> bool {
        let row = self.surface.rows.get(&written.row);
        row.is_some_and(|row| Text::of(row.cell(written.col), self.tables) == written.text)
    }

    /// The text of the cursor's row before the cursor.
    pub fn before_cursor(&self) -> String {
        let cursor = self.surface.cursor;
        let mut text = String::new();
        let Some(row) = row_at(self.surface, cursor.row) else {
            return text;
        };
        for col in 0..cursor.col {
            self.tables.push_text(&row.cell(col), &mut text);
        }
        text
    }

    /// What stands around the cursor.
    pub fn behind_cursor(&self) -> Behind {
        let cursor = self.surface.cursor;
        let cells = row_at(self.surface, cursor.row).map_or(&[][..], |row| row.cells());
        let mut behind = cells.iter().skip(cursor.col.into());
        let is_blank = |cell: &Cell| cell.glyph() == Glyph::Char(' ');
        let before = cursor.col.checked_sub(1).map(usize::from);
        let before = before.and_then(|at| cells.get(at));
        match (behind.all(is_blank), before.is_none_or(is_blank)) {
            (false, _) => Behind::Text,
            (true, false) => Behind::Nothing,
            (true, true) => Behind::Blanks,
        }
    }

    /// Whether the character before the cursor is `c`.
    pub fn ends_with(&self, c: char) -> bool {
        let cursor = self.surface.cursor;
        let row = row_at(self.surface, cursor.row);
        let cell = |col: u16| row.map(|row| row.cell(col).glyph());
        let back = |by: u16| cursor.col.checked_sub(by).and_then(cell);
        match back(1) {
            Some(Glyph::Continuation) => back(2) == Some(Glyph::Char(c)),
            glyph => glyph == Some(Glyph::Char(c)),
        }
    }
}

/// How a screen fits to the first `count` of some keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It shows something else.
    None,
    /// The cursor is where they lead, and something else stands there than was expected.
    Contrary,
    /// The last of them shows, elsewhere than was expected.
    Loose,
    /// It shows what they do.
    Whole,
}

/// How the screen fits to `keys`, all of which are expected to do something that is known or taken for done.
pub(super) fn fit(keys: &[Guess], seen: &Seen) -> Fit {
    let Some(Hope::Known(last)) = keys.last().map(|guess| &guess.hope) else {
        return Fit::None;
    };
    if keys.iter().any(|guess| guess.hope == Hope::Unknown) {
        return Fit::None;
    }
    let cursor = seen.cursor();
    if cursor != Some(last.cursor) && (last.or.is_none() || cursor != last.or) {
        return Fit::None;
    }
    // What was written last in each place.
    let mut cells: BTreeMap<(RowId, u16), &Written> = BTreeMap::new();
    for guess in keys {
        if let Hope::Known(outcome) = &guess.hope {
            let written = outcome.cells.iter();
            cells.extend(written.map(|cell| ((cell.row, cell.col), cell)));
        }
    }
    match cells.values().all(|written| seen.shows(written)) {
        true => Fit::Whole,
        false => Fit::Contrary,
    }
}

/// How a key turned out that the screen is known to reflect. Those behind it may have written over it.
pub(super) fn verdict(guess: &Guess, later: &[Guess], seen: &Seen) -> Verdict {
    let Hope::Known(outcome) = &guess.hope else {
        return Verdict::Neutral;
    };
    let Some(cell) = outcome.cells.first() else {
        return Verdict::Neutral;
    };
    let rewrites = |guess: &Guess| match &guess.hope {
        Hope::Known(other) => {
            let mut cells = other.cells.iter();
            cells.any(|other| (other.row, other.col) == (cell.row, cell.col))
        }
        _ => true,
    };
    match (seen.shows(cell), guess.key) {
        (true, Key::Print(_)) if !cell.is_mute => Verdict::Right,
        (true, _) => Verdict::Neutral,
        (false, _) if later.iter().any(rewrites) => Verdict::Neutral,
        (false, Key::Print(c)) if seen.ends_with(c) => Verdict::Neutral,
        (false, Key::Print(_)) => Verdict::Wrong,
        (false, _) => Verdict::Neutral,
    }
}
