//! Cuts the bytes of a trial into what a law needs.

/// The bytes of a trial, taken from the front.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a>(pub &'a [u8]);

impl<'a> Trial<'a> {
    /// One byte; 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    /// A number from 1 to `most`.
    pub fn upto(&mut self, most: u16) -> u16 {
        1 + u16::from(self.byte()) % most
    }

    /// Everything up to the next `0xfe`, which never occurs in text, or to the end.
    pub fn piece(&mut self) -> &'a [u8] {
        let at = memchr::memchr(0xfe, self.0);
        let (piece, rest) = self.0.split_at(at.unwrap_or(self.0.len()));
        self.0 = rest.get(1..).unwrap_or_default();
        piece
    }

    /// Whether all is taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
