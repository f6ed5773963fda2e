//! One row of a screen: cells, an identity that moves with it when the screen scrolls, and which columns changed
//! when, so that a difference for a viewer is cheap to build.

use super::cell::Cell;

/// Names a row for as long as it is on a screen. Scrolling, inserting and deleting lines move ids; only a fresh row
/// (and every row after a reflow) gets a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RowId(pub u64);

/// Counts the changes of a screen that viewers may have been shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Version(pub u64);

/// One row. Cells beyond `cells().len()` are [`Cell::BLANK`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Who the row is.
    pub id: RowId,
    /// Whether the line goes on in the next row (it was wrapped, not ended).
    pub wrapped: bool,
    cells: Vec<Cell>,
    /// Columns `start..end` changed at a version, newest first.
    touched: [(Version, u16, u16); 2],
}

impl Row {
    /// An empty row that came to be at `now`.
    pub fn new(id: RowId, now: Version) -> Self {
        let whole = (now, 0, u16::MAX);
        Self {
            id,
            wrapped: false,
            cells: Vec::new(),
            touched: [whole, whole],
        }
    }

    /// The written part.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell at `col`, blank beyond the written part.
    pub fn cell(&self, col: u16) -> Cell {
        self.cells
            .get(usize::from(col))
            .copied()
            .unwrap_or(Cell::BLANK)
    }

    /// The cells, to be changed; call [`Row::touch`] with the columns that were.
    pub fn cells_mut(&mut self) -> &mut Vec<Cell> {
        &mut self.cells
    }

    /// Notes that columns `start..end` changed at `now`.
    pub fn touch(&mut self, now: Version, start: u16, end: u16) {
        let newest = &mut self.touched[0];
        if newest.0 == now {
            newest.1 = newest.1.min(start);
            newest.2 = newest.2.max(end);
        } else {
            let merged = self.touched[1];
            self.touched[1] = self.touched[0];
            self.touched[0] = (now, start, end);
            // What the log forgets has to be covered by its oldest entry.
            self.touched[1].1 = self.touched[1].1.min(merged.1);
            self.touched[1].2 = self.touched[1].2.max(merged.2);
        }
    }

    /// When the row last changed.
    pub fn changed_at(&self) -> Version {
        self.touched[0].0
    }

    /// The columns `start..end` (`end` may exceed the width) that changed after `since`; `None` if none did.
    pub fn changed_since(&self, since: Version) -> Option<(u16, u16)> {
        let [newest, older] = self.touched;
        if newest.0 <= since {
            None
        } else if older.0 <= since {
            Some((newest.1, newest.2))
        } else {
            Some((newest.1.min(older.1), newest.2.max(older.2)))
        }
    }
}
