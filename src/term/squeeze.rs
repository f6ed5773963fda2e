//! Wide characters on a screen of one column, which has no other place for them: each takes one column there, and has
//! its two back when the screen is wider.

use super::cell::{Cell, Glyph};
use super::width::char_width;

/// The line with every wide character one column wide.
pub(super) fn squeezed(line: &[Cell]) -> Vec<Cell> {
    let shown = line.iter().filter(|cell| !cell.is_continuation());
    shown.map(|cell| cell.squeezed()).collect()
}

/// The line with all that was squeezed as wide as it is.
pub(super) fn widened(line: &[Cell]) -> Vec<Cell> {
    let mut wide = Vec::with_capacity(line.len() * 2);
    for cell in line {
        if is_squeezed(cell) {
            wide.extend([cell.unsqueezed(), Cell::continuation(cell.style)]);
        } else {
            wide.push(*cell);
        }
    }
    wide
}

/// Whether the cell is a wide character in one column. What was written there while the screen had no more bears no
/// mark; its width tells.
pub(super) fn is_squeezed(cell: &Cell) -> bool {
    let is_written_so = || match cell.glyph() {
        Glyph::Char(c) => c > '\u{ff}' && char_width(c) == 2,
        Glyph::Cluster(_) | Glyph::Continuation => false,
    };
    cell.width() == 1 && (cell.is_marked_squeezed() || is_written_so())
}
