//! A viewer's copy of a screen. Included by wt's own tests and by the fuzz target; `super::term` is wt's.

use super::term::{Cell, Emulator, RowId, Version};
use std::collections::HashMap;

/// What a viewer holds: built from differences alone.
#[derive(Default)]
pub struct Replica {
    order: Vec<RowId>,
    rows: HashMap<RowId, (Vec<Cell>, bool)>,
    at: Version,
}

impl Replica {
    /// Takes in what changed since the last time.
    pub fn take(&mut self, emulator: &Emulator) {
        let cols = emulator.size().cols;
        if emulator.order_changed_at() > self.at {
            self.order = emulator.rows().map(|row| row.id).collect();
            let order = &self.order;
            self.rows.retain(|id, _| order.contains(id));
        }
        for row in emulator.rows() {
            if let Some((start, end)) = row.changed_since(self.at) {
                let held = self.rows.entry(row.id).or_default();
                held.0.resize(usize::from(cols), Cell::BLANK);
                (start..end.min(cols)).for_each(|col| held.0[usize::from(col)] = row.cell(col));
                held.1 = row.wrapped;
            }
        }
        self.at = emulator.version();
    }

    /// Panics unless it holds what the emulator shows.
    pub fn is_like(&self, emulator: &Emulator) {
        let cols = emulator.size().cols;
        assert_eq!(self.order.len(), emulator.rows().count(), "rows");
        for (id, row) in self.order.iter().zip(emulator.rows()) {
            assert_eq!(*id, row.id, "the order of rows");
            let shown: Vec<_> = (0..cols).map(|col| row.cell(col)).collect();
            let held = &self.rows[id];
            assert_eq!(
                (&held.0, held.1),
                (&shown, row.wrapped),
                "a row that a viewer holds"
            );
        }
    }
}
