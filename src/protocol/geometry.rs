//! Rectangles of cells, and directions between them.

use serde::{Deserialize, Serialize};

/// A rectangle of cells: columns `x..x + cols`, rows `y..y + rows`, 0-based from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Leftmost column.
    pub x: u16,
    /// Topmost row.
    pub y: u16,
    /// Width in cells.
    pub cols: u16,
    /// Height in cells.
    pub rows: u16,
}

impl Rect {
    /// Whether the cell at `x`, `y` lies inside.
    pub fn contains(&self, x: u16, y: u16) -> bool {
        (self.x..self.x + self.cols).contains(&x) && (self.y..self.y + self.rows).contains(&y)
    }
}

/// One of the four ways to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Towards column 0.
    Left,
    /// Away from column 0.
    Right,
    /// Towards row 0.
    Up,
    /// Away from row 0.
    Down,
}
