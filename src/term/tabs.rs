//! Tab stops: one bit a column.

use super::Size;

/// Which columns are tab stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tabs {
    stops: Vec<bool>,
}

impl Tabs {
    /// Every eighth column.
    pub(super) fn new() -> Self {
        let stops = (0..Size::MAX).map(|col| col % 8 == 0).collect();
        Self { stops }
    }

    /// Sets or (`on` false) clears the stop at `col`: HTS, TBC 0.
    pub(super) fn set(&mut self, col: u16, on: bool) {
        if let Some(stop) = self.stops.get_mut(usize::from(col)) {
            *stop = on;
        }
    }

    /// Clears all stops: TBC 3.
    pub(super) fn clear(&mut self) {
        self.stops.fill(false);
    }

    /// The next stop to the right of `col`, or the last of `cols` columns.
    pub(super) fn after(&self, col: u16, cols: u16) -> u16 {
        let found = (col + 1..cols).find(|&c| self.stops[usize::from(c)]);
        found.unwrap_or(cols - 1)
    }

    /// The next stop to the left of `col`, or column 0.
    pub(super) fn before(&self, col: u16) -> u16 {
        let found = (0..col).rev().find(|&c| self.stops[usize::from(c)]);
        found.unwrap_or(0)
    }

    /// The columns of all stops.
    pub(super) fn columns(&self) -> impl Iterator<Item = u16> {
        (0..Size::MAX).filter(|&col| self.stops[usize::from(col)])
    }
}
