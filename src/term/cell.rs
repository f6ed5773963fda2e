//! One position of a screen, in eight bytes.

use super::style::StyleId;

/// One position: a glyph, its style and its width. Text longer than one `char` (a grapheme cluster) stands in
/// [`Tables`](super::Tables) and the cell holds its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    glyph: u32,
    /// Index of the style in the owner's [`Tables`](super::Tables).
    pub style: StyleId,
    width: u8,
    /// Set for a wide character in one column.
    squeezed: bool,
}

const CLUSTER: u32 = 1 << 31;

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// One character; a blank is a space.
    Char(char),
    /// A grapheme cluster of several characters, by its index in [`Tables`](super::Tables).
    Cluster(u32),
    /// The second half of the wide cell to its left.
    Continuation,
}

impl Cell {
    /// A blank in the default style; what lies beyond the written part of a row.
    pub const BLANK: Cell = Cell {
        glyph: ' ' as u32,
        style: StyleId::DEFAULT,
        width: 1,
        squeezed: false,
    };

    /// The cells without what is blank and plain at their end.
    pub fn trim_end(cells: &[Cell]) -> &[Cell] {
        let last = cells.iter().rposition(|cell| *cell != Cell::BLANK);
        &cells[..last.map_or(0, |last| last + 1)]
    }

    /// A cell of one character that is `width` (1 or 2) columns wide. A wide cell must be followed by
    /// [`Cell::continuation`].
    pub fn new(c: char, width: u8, style: StyleId) -> Self {
        Cell {
            glyph: c as u32,
            style,
            width,
            squeezed: false,
        }
    }

    /// A cell of one byte of printable ASCII.
    #[inline]
    pub const fn ascii(byte: u8, style: StyleId) -> Self {
        Cell {
            glyph: byte as u32,
            style,
            width: 1,
            squeezed: false,
        }
    }

    /// 0 if the cell is one byte of ASCII. Without a branch, so that many cells are looked at at a time.
    #[inline]
    pub(super) fn beyond_ascii(&self) -> u32 {
        self.glyph & !0x7f | u32::from(self.width ^ 1)
    }

    /// Whether the cell is one byte of ASCII in `style`; without a branch as well.
    #[inline]
    pub(super) fn is_ascii_in(&self, style: StyleId) -> bool {
        (self.beyond_ascii() == 0) & (self.style.0 == style.0)
    }

    /// The character of a cell that is one byte of ASCII.
    #[inline]
    pub(super) fn low_byte(&self) -> u8 {
        self.glyph as u8
    }

    /// A cell of several characters.
    pub fn cluster(index: u32, width: u8, style: StyleId) -> Self {
        debug_assert!(index < CLUSTER);
        Cell {
            glyph: index | CLUSTER,
            style,
            width,
            squeezed: false,
        }
    }

    /// The right half of a wide cell.
    pub fn continuation(style: StyleId) -> Self {
        Cell {
            glyph: 0,
            style,
            width: 0,
            squeezed: false,
        }
    }

    /// A blank in `style` (erased cells keep the background colour).
    pub fn blank(style: StyleId) -> Self {
        Cell {
            style,
            ..Self::BLANK
        }
    }

    /// The cell in one column, if it has two; it remembers them.
    pub(super) fn squeezed(self) -> Self {
        match self.width {
            2 => Cell {
                width: 1,
                squeezed: true,
                ..self
            },
            _ => self,
        }
    }

    /// The cell in two columns.
    pub(super) fn unsqueezed(self) -> Self {
        Cell {
            width: 2,
            squeezed: false,
            ..self
        }
    }

    /// Whether the cell has one column of the two that it had.
    pub(super) fn is_marked_squeezed(&self) -> bool {
        self.squeezed
    }

    /// What the cell shows.
    pub fn glyph(&self) -> Glyph {
        if self.width == 0 {
            Glyph::Continuation
        } else if self.glyph & CLUSTER != 0 {
            Glyph::Cluster(self.glyph & !CLUSTER)
        } else {
            Glyph::Char(char::from_u32(self.glyph).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
    }

    /// Columns: 2 for a wide cell, 0 for its right half, else 1.
    pub fn width(&self) -> u8 {
        self.width
    }

    /// Whether the cell is the right half of a wide one.
    pub fn is_continuation(&self) -> bool {
        self.width == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_eight_bytes() {
        assert_eq!(size_of::<Cell>(), 8);
    }
}
