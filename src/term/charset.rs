//! Character sets G0 to G3 (ECMA-35; xterm ctlseqs, "Controls beginning with ESC").

/// A set of characters that stands in for ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    /// As written.
    #[default]
    Ascii,
    /// ISO 646 UK: `#` is the pound sign.
    Uk,
    /// DEC special graphics: lines and corners.
    Drawing,
}

/// DEC special graphics from 0x5f to 0x7e.
const DRAWING: [char; 32] = [
    ' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
    '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];

impl Charset {
    fn map(self, byte: u8) -> char {
        match (self, byte) {
            (Charset::Uk, b'#') => '£',
            (Charset::Drawing, 0x5f..=0x7e) => DRAWING[usize::from(byte - 0x5f)],
            _ => char::from(byte),
        }
    }

    /// The final byte that designates the set.
    pub(super) fn name(self) -> char {
        match self {
            Charset::Ascii => 'B',
            Charset::Uk => 'A',
            Charset::Drawing => '0',
        }
    }

    /// The set that the final byte of a designation names; unknown ones are read as ASCII.
    pub(super) fn named(byte: u8) -> Charset {
        match byte {
            b'0' | b'2' => Charset::Drawing,
            b'A' => Charset::Uk,
            _ => Charset::Ascii,
        }
    }
}

/// The four designated sets, and which of them is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Charsets {
    /// G0 to G3.
    pub(super) slots: [Charset; 4],
    /// The set in use, 0 to 3.
    pub(super) active: u8,
    /// The set for the next character alone (SS2, SS3).
    pub(super) once: Option<u8>,
}

impl Charsets {
    /// Whether text is shown as written.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.once.is_none() && self.slots[usize::from(self.active & 3)] == Charset::Ascii
    }

    /// What the printable ASCII `byte` shows in the set in use.
    pub(super) fn shown(&self, byte: u8) -> char {
        self.slots[usize::from(self.active & 3)].map(byte)
    }

    /// What the printable ASCII `byte` shows; a single shift is used up.
    pub(super) fn show(&mut self, byte: u8) -> char {
        let slot = self.once.take().unwrap_or(self.active);
        self.slots[usize::from(slot & 3)].map(byte)
    }
}
