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
pub(super) struct Switches(pub(super) u32);

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
    /// 45: moving left goes on at the end of the row above, if its line goes on here.
    pub(super) const REVERSE_WRAP: Switches = Switches(1 << 5);
    /// 1045: so it does above any row.
    pub(super) const REVERSE_WRAP_FAR: Switches = Switches(1 << 6);
    /// DECLRMM.
    pub(super) const SIDES: Switches = Switches(1 << 7);
    /// 40: DECCOLM is obeyed.
    pub(super) const COLUMNS_ALLOWED: Switches = Switches(1 << 8);
    /// DECCOLM.
    pub(super) const COLUMNS_132: Switches = Switches(1 << 9);
    /// DECSCLM; told back, and nothing else: output is never slowed.
    pub(super) const SMOOTH: Switches = Switches(1 << 10);
    /// DECPFF and DECPEX; told back, as nothing is printed.
    pub(super) const FORM_FEED: Switches = Switches(1 << 11);
    pub(super) const PRINT_SCREEN: Switches = Switches(1 << 12);
    /// DECNRCM; told back: sets are replaced in either mode.
    pub(super) const NATIONAL: Switches = Switches(1 << 13);
    /// 41: a tab that follows a full row wraps first, for old versions of more.
    pub(super) const MORE_FIX: Switches = Switches(1 << 14);

    /// 2048.
    pub(super) const SIZE_REPORTS: Switches = Switches(1 << 15);

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
