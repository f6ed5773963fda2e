//! One row of a screen: cells, an identity that moves with it when the screen scrolls, and which columns changed
//! when, so that a difference for a viewer is cheap to build. What a program does to a row is in `edit`.

use super::cell::Cell;

/// Names a row for as long as it is on a screen. Scrolling, inserting and deleting lines move ids; only a fresh row
/// (and every row after a reflow) gets a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RowId(pub u64);

/// Counts the changes of a screen that viewers may have been shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Version(pub u64);

/// How many changes a row remembers apart: as many as a viewer is usually behind while somebody types.
const LOG: usize = 4;

/// One row. Cells beyond `cells().len()` are [`Cell::BLANK`].
///
/// Law: `cells` holds no half of a wide character: a cell of width 2 is followed by a continuation, and only it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Who the row is.
    pub id: RowId,
    /// Whether the line goes on in the next row (it was wrapped, not ended).
    pub wrapped: bool,
    pub(super) cells: Vec<Cell>,
    /// See [`Row::written_ms`].
    pub(super) written_ms: u64,
    /// Columns `start..end` changed at a version, newest first.
    touched: [(Version, u16, u16); LOG],
}

impl Row {
    /// An empty row that came to be at `now`.
    pub fn new(id: RowId, now: Version) -> Self {
        Self {
            id,
            wrapped: false,
            cells: Vec::new(),
            written_ms: 0,
            touched: [(now, 0, u16::MAX); LOG],
        }
    }

    /// Makes this an empty row that came to be at `now`; its storage is kept.
    pub fn renew(&mut self, id: RowId, now: Version) {
        self.id = id;
        self.wrapped = false;
        self.written_ms = 0;
        self.cells.clear();
        self.touch_all(now);
    }

    /// When something was last written into it, in milliseconds since the Unix epoch; 0 if that is not known.
    pub fn written_ms(&self) -> u64 {
        self.written_ms
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
    #[inline]
    pub fn touch(&mut self, now: Version, start: u16, end: u16) {
        let newest = &mut self.touched[0];
        if newest.0 == now {
            newest.1 = newest.1.min(start);
            newest.2 = newest.2.max(end);
            return;
        }
        let forgotten = self.touched[LOG - 1];
        self.touched.copy_within(0..LOG - 1, 1);
        self.touched[0] = (now, start, end);
        // What the log forgets has to be covered by its oldest entry.
        let oldest = &mut self.touched[LOG - 1];
        oldest.1 = oldest.1.min(forgotten.1);
        oldest.2 = oldest.2.max(forgotten.2);
    }

    /// Notes that all of the row is news at `now`, whoever it was before.
    pub fn touch_all(&mut self, now: Version) {
        self.touched = [(now, 0, u16::MAX); LOG];
    }

    /// When the row last changed.
    pub fn changed_at(&self) -> Version {
        self.touched[0].0
    }

    /// The columns `start..end` (`end` may exceed the width) that changed after `since`; `None` if none did.
    ///
    /// Law: whoever held this row at `since` and takes these columns and [`Row::wrapped`] from it holds it as it is.
    pub fn changed_since(&self, since: Version) -> Option<(u16, u16)> {
        self.touched
            .iter()
            .take_while(|entry| entry.0 > since)
            .map(|entry| (entry.1, entry.2))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_changes_are_told_apart() {
        let mut row = Row::new(RowId(1), Version(1));
        for n in 2..6u16 {
            row.touch(Version(u64::from(n)), n, n + 1);
        }
        assert_eq!(row.changed_since(Version(5)), None);
        assert_eq!(row.changed_since(Version(4)), Some((5, 6)));
        assert_eq!(row.changed_since(Version(3)), Some((4, 6)));
        assert_eq!(row.changed_since(Version(0)), Some((0, u16::MAX)));
    }
}
