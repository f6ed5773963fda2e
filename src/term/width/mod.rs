//! Columns of characters and grapheme clusters: the one truth for the emulator, the wire and the chrome. The table is
//! generated from the Unicode data (`cargo run --example widths`); its version is [`UNICODE_VERSION`].
//!
//! A character's columns, by the first rule that says something:
//!
//! - 1: soft hyphen and the signs that enclose a number (Prepended_Concatenation_Mark): they are seen. unicode-width
//!   says the same; wcwidth says 1 too.
//! - 2: Hangul's leading filler, which stands for a wide letter (UAX #11 W).
//! - 0: marks above, below and around (Mn, Me), formats (Cf), line and paragraph separators, what is ignorable by
//!   default, and Hangul vowels and finals of the two Jamo blocks: they are drawn into the cell before them. C0 and C1
//!   controls are never printed.
//! - 1: marks beside their base (Mc). wcwidth says 0, unicode-width and glibc 1: a program that counts by these and
//!   one that counts clusters then agree, as a base and its mark take two columns either way.
//! - 2: East Asian Wide and Fullwidth, and what is drawn as an emoji unless told otherwise (Emoji_Presentation): so
//!   also a lone half of a flag, for which unicode-width says 1, wcwidth and kitty 2.
//! - 1: everything else, what is Ambiguous (UAX #11 §5) and what is not assigned included. unicode-width gives three
//!   columns to some long ligatures and none to a few letters; a terminal's cell is 1 or 2.
//!
//! A cluster takes what its characters take together, at most 2. An emoji selector (VS16) makes it 2 and a text selector
//! (VS15) 1, where the standard knows the pair. These are the widths of "terminal-unicode-core", mode 2027.

mod cluster;
mod disputed;
mod table;
mod traits;

pub use cluster::{Join, clusters, joined_width, text_width};
pub use disputed::is_disputed;
pub use table::UNICODE_VERSION;
pub use traits::{BLOCK, Class, Selectable, Traits};

/// Columns of one character by itself: 0, 1 or 2.
#[inline]
pub fn char_width(c: char) -> u8 {
    Traits::of(c).width()
}

#[cfg(test)]
mod tests;
