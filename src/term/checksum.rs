//! DECRQCRA: the checksum of a rectangle, by which test suites read the screen. It tells a program nothing that it did
//! not write itself, or could not have its terminal say by other means.

use super::cell::Glyph;
use super::rectangle::Rectangle;
use super::sequence::Params;
use super::style::Attrs;
use super::terminal::Terminal;

/// XTCHECKSUM (xterm ctlseqs): do not negate the sum.
const POSITIVE: u8 = 1;
/// Leave attributes out.
const PLAIN: u8 = 1 << 1;
/// Count blanks also at the ends.
const UNTRIMMED: u8 = 1 << 2;
/// Count whole code points instead of bytes.
const WIDE: u8 = 1 << 4;

/// What an attribute adds to its cell (VT420; xterm's order).
const WEIGHTS: [(Attrs, u32); 5] = [
    (Attrs::PROTECTED, 0x04),
    (Attrs::HIDDEN, 0x08),
    (Attrs::INVERSE, 0x20),
    (Attrs::BLINK, 0x40),
    (Attrs::BOLD, 0x80),
];

impl Terminal {
    /// Answers DECRQCRA: an id, a page, a rectangle.
    pub(super) fn checksum_report(&mut self, params: &Params) {
        let id = params.numbers().first().copied().unwrap_or(0);
        let area = self.rectangle(params, 2);
        let sum = area.map_or(0, |area| self.checksum(area));
        let negated = self.settings.checksum & POSITIVE == 0;
        let sum = if negated { sum.wrapping_neg() } else { sum };
        self.effects
            .reply(format!("\x1bP{id}!~{:04X}\x1b\\", sum & 0xffff).as_bytes());
    }

    fn checksum(&self, area: Rectangle) -> u32 {
        let trims = self.settings.checksum & UNTRIMMED == 0;
        let mut sum = 0u32;
        let rows = self
            .screen
            .rows
            .range(usize::from(area.top)..usize::from(area.bottom));
        for (n, row) in rows.enumerate() {
            let written = match trims {
                true => area.right.min(row.cells().len() as u16),
                false => area.right,
            };
            for col in area.left..written {
                let value = self.weight(row.cell(col));
                let first = n == 0 && col == area.left;
                if first || !trims || value != u32::from(b' ') {
                    sum = sum.wrapping_add(value);
                }
            }
        }
        sum
    }

    /// What one cell adds.
    fn weight(&self, cell: super::Cell) -> u32 {
        let code = match cell.glyph() {
            Glyph::Char(c) => u32::from(c),
            Glyph::Cluster(index) => self.tables.cluster(index).chars().map(u32::from).sum(),
            Glyph::Continuation => 0,
        };
        let code = match self.settings.checksum & WIDE {
            0 => code & 0xff,
            _ => code,
        };
        if self.settings.checksum & PLAIN != 0 {
            return code;
        }
        let attrs = self.tables.style(cell.style).attrs;
        let weights = WEIGHTS.iter().filter(|(attr, _)| attrs.contains(*attr));
        let underline = if attrs.underline() > 0 { 0x10 } else { 0 };
        code + underline + weights.map(|(_, weight)| weight).sum::<u32>()
    }
}
