//! What is drawn over a pane: the guesses that are shown, and the cursor that follows from them.

use super::draft::{Draft, Slot, row_at};
use crate::protocol::{PaneId, Surface};
use crate::term::{Row, Tables};
use std::collections::BTreeMap;

/// What is drawn over a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// The pane.
    pub pane: PaneId,
    /// Cells that look otherwise, by row of the pane: each with its column.
    pub rows: BTreeMap<u16, Vec<(u16, Slot)>>,
    /// Where the cursor is: row and column of the pane.
    pub cursor: (u16, u16),
    /// How guesses look.
    pub underline: Underline,
}

/// Whether guesses are underlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Underline {
    /// They look as what is certain.
    No,
    /// They can be told: the link is slow.
    Yes,
}

impl Overlay {
    /// What `draft` has that `surface` has not.
    pub(super) fn of(
        draft: &Draft,
        (surface, tables): (&Surface, &Tables),
        pane: PaneId,
        underline: Underline,
    ) -> Self {
        let mut rows = BTreeMap::new();
        for (y, slots) in draft.written() {
            let row = row_at(surface, y);
            let differs = |(col, slot): &(u16, &Slot)| {
                let cell = row.map_or(crate::term::Cell::BLANK, |row: &Row| row.cell(*col));
                let old = Slot::of(cell, tables);
                (&old.text, old.style) != (&slot.text, slot.style)
            };
            let cells = (0..).zip(slots).filter(differs);
            let cells: Vec<(u16, Slot)> = cells.map(|(col, slot)| (col, slot.clone())).collect();
            if !cells.is_empty() {
                rows.insert(y, cells);
            }
        }
        Self {
            pane,
            rows,
            cursor: draft.cursor(),
            underline,
        }
    }
}

impl Slot {
    /// Whether it is one that the user typed and that is not certain yet.
    pub fn is_guess(&self) -> bool {
        self.is_guess
    }
}
