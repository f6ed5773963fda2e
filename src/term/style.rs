//! How a cell looks.

use std::hash::{Hash, Hasher};

/// A colour as a program names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// One of the 256 palette entries.
    Index(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Attributes as bits; the three bits from [`Attrs::UNDERLINE_SHIFT`] hold the underline style (ECMA-48 SGR 4, kitty's
/// `4:n`): 0 none, 1 straight, 2 double, 3 curly, 4 dotted, 5 dashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Attrs(pub u16);

impl Attrs {
    /// SGR 1.
    pub const BOLD: Attrs = Attrs(1);
    /// SGR 2.
    pub const DIM: Attrs = Attrs(1 << 1);
    /// SGR 3.
    pub const ITALIC: Attrs = Attrs(1 << 2);
    /// SGR 5 and 6.
    pub const BLINK: Attrs = Attrs(1 << 3);
    /// SGR 7.
    pub const INVERSE: Attrs = Attrs(1 << 4);
    /// SGR 8.
    pub const HIDDEN: Attrs = Attrs(1 << 5);
    /// SGR 9.
    pub const STRIKE: Attrs = Attrs(1 << 6);
    /// SGR 53.
    pub const OVERLINE: Attrs = Attrs(1 << 7);
    /// DECSCA: not erased by selective erase.
    pub const PROTECTED: Attrs = Attrs(1 << 8);
    /// Where the underline style's three bits begin.
    pub const UNDERLINE_SHIFT: u16 = 9;
    const UNDERLINE_MASK: u16 = 0b111 << Self::UNDERLINE_SHIFT;

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Attrs) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets (`on`) or clears the bits of `other`.
    pub fn set(&mut self, other: Attrs, on: bool) {
        if on {
            self.0 |= other.0
        } else {
            self.0 &= !other.0
        }
    }

    /// The underline style, 0 to 5.
    pub fn underline(self) -> u8 {
        ((self.0 & Self::UNDERLINE_MASK) >> Self::UNDERLINE_SHIFT) as u8
    }

    /// Replaces the underline style; above 5 counts as 1.
    pub fn set_underline(&mut self, style: u8) {
        let style = if style > 5 { 1 } else { style };
        self.0 = self.0 & !Self::UNDERLINE_MASK | u16::from(style) << Self::UNDERLINE_SHIFT;
    }
}

/// How a cell looks, in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Foreground.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Colour of the underline; `Default` follows the foreground.
    pub underline: Color,
    /// Bold and the rest.
    pub attrs: Attrs,
    /// The hyperlink (OSC 8), 0 for none; else an index of [`Tables::link`](super::Tables::link).
    pub link: u16,
}

/// Index of a [`Style`] in [`Tables`](super::Tables).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StyleId(pub u16);

impl StyleId {
    /// The default style; it is 0 in every table.
    pub const DEFAULT: StyleId = StyleId(0);
}

/// A hyperlink: `uri`, and the `id` that joins its parts (OSC 8).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Link {
    /// The `id=` parameter, often empty.
    pub id: String,
    /// Where it leads.
    pub uri: String,
}

impl Color {
    /// The colour in 26 bits.
    fn packed(self) -> u32 {
        match self {
            Color::Default => 0,
            Color::Index(index) => 1 << 24 | u32::from(index),
            Color::Rgb(r, g, b) => 2 << 24 | u32::from_be_bytes([0, r, g, b]),
        }
    }
}

impl Hash for Style {
    /// All of it in two words: programs may bring many thousands of styles a second.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let rest = u32::from(self.attrs.0) << 16 | u32::from(self.link);
        state.write_u64(pair(self.fg.packed(), self.bg.packed()));
        state.write_u64(pair(self.underline.packed(), rest));
    }
}

impl Style {
    /// A cheap hash for the cache of recent styles.
    pub(super) fn slot(&self) -> usize {
        let color = |color: Color| match color {
            Color::Default => 0,
            Color::Index(index) => 0x100 + u64::from(index),
            Color::Rgb(r, g, b) => 0x100_0000 + u64::from(u32::from_be_bytes([0, r, g, b])),
        };
        let attrs = u64::from(self.attrs.0) << 16 ^ u64::from(self.link);
        let mixed = color(self.fg) ^ color(self.bg) << 27 ^ color(self.underline) << 13;
        let mixed = (mixed ^ attrs << 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 56) as usize
    }

    /// The style with coarser colours: what is used when the table of styles is full.
    pub(super) fn coarse(mut self) -> Style {
        for color in [&mut self.fg, &mut self.bg, &mut self.underline] {
            if let Color::Rgb(r, g, b) = *color {
                *color = Color::Rgb(r & 0xe0, g & 0xe0, b & 0xe0);
            }
        }
        self
    }

    /// The style without colours: what is used when even coarse ones do not fit.
    pub(super) fn colorless(self) -> Style {
        Style {
            fg: Color::Default,
            bg: Color::Default,
            underline: Color::Default,
            ..self
        }
    }
}
