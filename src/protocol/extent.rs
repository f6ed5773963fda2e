//! Which part of a pane's text is meant, said so that scrolling, new output and other widths change nothing of it.

use crate::term::RowId;
use serde::{Deserialize, Serialize};

/// A cell of a pane's lines. Spots read in the order of the text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Spot {
    /// The line's number among all lines of the pane.
    pub line: u64,
    /// The cell within the line, however it is wrapped; it may lie beyond the line's end.
    pub cell: u32,
}

/// What of a line's number stands above the cell in a row's id: more than the longest line has cells.
const CELL_BITS: u32 = 22;

impl Spot {
    /// The id, in a place in scrollback, of the row that begins here.
    pub fn row_id(self) -> RowId {
        let last = (1 << CELL_BITS) - 1;
        RowId(self.line << CELL_BITS | u64::from(self.cell.min(last)))
    }

    /// Where the row of that id begins.
    pub fn of_row(id: RowId) -> Self {
        Self {
            line: id.0 >> CELL_BITS,
            cell: (id.0 & ((1 << CELL_BITS) - 1)) as u32,
        }
    }
}

/// A part of a pane's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Where it begins.
    pub from: Spot,
    /// Its last cell.
    pub to: Spot,
    /// What between the two belongs to it.
    pub shape: Shape,
}

/// What belongs to a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// All cells from the first to the last.
    Cells,
    /// The whole of every line.
    Lines,
    /// A rectangle: some columns of every row.
    Block {
        /// The first column.
        left: u16,
        /// The last column.
        right: u16,
        /// The columns at which lines wrap.
        width: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_id_leads_back_and_keeps_the_order(
            lines in (0..1u64 << 40, 0..1u64 << 40),
            cells in (0..1u32 << 22, 0..1u32 << 22),
        ) {
            let one = Spot { line: lines.0, cell: cells.0 };
            let other = Spot { line: lines.1, cell: cells.1 };
            prop_assert_eq!(Spot::of_row(one.row_id()), one);
            prop_assert_eq!(one.cmp(&other), one.row_id().0.cmp(&other.row_id().0));
        }
    }
}
