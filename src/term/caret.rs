//! Where the next character goes and how it will look: all that DECSC saves.

use super::charset::Charsets;
use super::style::Style;

/// The writing position with its pen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Caret {
    pub(super) row: u16,
    pub(super) col: u16,
    /// The last column was written; the next character wraps first.
    pub(super) pending: bool,
    /// DECOM: rows count from the top margin.
    pub(super) origin: bool,
    pub(super) style: Style,
    pub(super) charsets: Charsets,
}

/// Modes that only the emulator itself knows. Bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switches(pub(super) u8);

impl Switches {
    /// DECAWM.
    pub(super) const AUTOWRAP: Switches = Switches(1);
    /// IRM.
    pub(super) const INSERT: Switches = Switches(1 << 1);
    /// DECTCEM.
    pub(super) const CURSOR: Switches = Switches(1 << 2);
    /// 2026.
    pub(super) const SYNCHRONIZED: Switches = Switches(1 << 3);
    /// 2027: grapheme clusters.
    pub(super) const CLUSTERS: Switches = Switches(1 << 4);

    pub(super) fn has(self, other: Switches) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn set(&mut self, other: Switches, on: bool) {
        if on {
            self.0 |= other.0
        } else {
            self.0 &= !other.0
        }
    }
}

impl Default for Switches {
    fn default() -> Self {
        Switches(Self::AUTOWRAP.0 | Self::CURSOR.0 | Self::CLUSTERS.0)
    }
}
