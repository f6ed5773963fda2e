//! How a cell looks, and the tables in which a screen interns looks, grapheme clusters and hyperlinks, so that a
//! cell is eight bytes.

use std::collections::HashMap;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    /// Foreground.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Colour of the underline; `Default` follows the foreground.
    pub underline: Color,
    /// Bold and the rest.
    pub attrs: Attrs,
    /// The hyperlink (OSC 8), 0 for none; else an index of [`Tables::link`].
    pub link: u16,
}

/// Index of a [`Style`] in [`Tables`].
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

/// What the cells of one screen or view share: styles, clusters and links, each stored once.
///
/// Law: an index once handed out stays valid until the owner compacts the tables.
#[derive(Debug, Clone)]
pub struct Tables {
    styles: Vec<Style>,
    style_ids: HashMap<Style, StyleId>,
    clusters: Vec<Box<str>>,
    cluster_ids: HashMap<Box<str>, u32>,
    links: Vec<Link>,
    link_ids: HashMap<Link, u16>,
}

impl Default for Tables {
    fn default() -> Self {
        let style = Style::default();
        Self {
            styles: vec![style],
            style_ids: HashMap::from([(style, StyleId::DEFAULT)]),
            clusters: Vec::new(),
            cluster_ids: HashMap::new(),
            links: vec![Link::default()],
            link_ids: HashMap::from([(Link::default(), 0)]),
        }
    }
}

impl Tables {
    /// The style behind `id`; the default one for an id that was never handed out.
    pub fn style(&self, id: StyleId) -> Style {
        self.styles
            .get(usize::from(id.0))
            .copied()
            .unwrap_or_default()
    }

    /// Finds or adds `style`; the default style's id once all 65,536 are taken.
    pub fn style_id(&mut self, style: Style) -> StyleId {
        if let Some(&id) = self.style_ids.get(&style) {
            return id;
        }
        let Ok(id) = u16::try_from(self.styles.len()) else {
            return StyleId::DEFAULT;
        };
        self.styles.push(style);
        self.style_ids.insert(style, StyleId(id));
        StyleId(id)
    }

    /// The text of a cluster; empty for an index that was never handed out.
    pub fn cluster(&self, index: u32) -> &str {
        self.clusters.get(index as usize).map_or("", |text| text)
    }

    /// Finds or adds the cluster `text`.
    pub fn cluster_id(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.cluster_ids.get(text) {
            return id;
        }
        let id = self.clusters.len() as u32;
        self.clusters.push(text.into());
        self.cluster_ids.insert(text.into(), id);
        id
    }

    /// The link behind `index`; the empty one for 0 and for an index that was never handed out.
    pub fn link(&self, index: u16) -> &Link {
        self.links.get(usize::from(index)).unwrap_or(&self.links[0])
    }

    /// Finds or adds `link`; 0, no link, once the table is full.
    pub fn link_id(&mut self, link: &Link) -> u16 {
        if let Some(&id) = self.link_ids.get(link) {
            return id;
        }
        let Ok(id) = u16::try_from(self.links.len()) else {
            return 0;
        };
        self.links.push(link.clone());
        self.link_ids.insert(link.clone(), id);
        id
    }

    /// How many styles, clusters and links are held; the owner compacts when these grow.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.styles.len(), self.clusters.len(), self.links.len())
    }
}
