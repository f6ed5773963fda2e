//! How a cell looks, and the tables in which a screen interns looks, grapheme clusters and hyperlinks, so that a
//! cell is eight bytes.

use super::cell::{Cell, Glyph};
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
    /// The id last found for a style with a given hash: programs switch between few.
    recent: [StyleId; RECENT],
}

const RECENT: usize = 256;

impl Style {
    /// A cheap hash for the cache of recent styles.
    fn slot(&self) -> usize {
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
    fn coarse(mut self) -> Style {
        for color in [&mut self.fg, &mut self.bg, &mut self.underline] {
            if let Color::Rgb(r, g, b) = *color {
                *color = Color::Rgb(r & 0xe0, g & 0xe0, b & 0xe0);
            }
        }
        self
    }
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
            recent: [StyleId::DEFAULT; RECENT],
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

    /// Finds or adds `style`. Once all 65,536 are taken its colours are rounded, then given up; the owner compacts
    /// before that.
    pub fn style_id(&mut self, style: Style) -> StyleId {
        let slot = style.slot();
        let recent = self.recent[slot];
        if self.styles.get(usize::from(recent.0)) == Some(&style) {
            return recent;
        }
        let id = self.intern(style);
        self.recent[slot] = id;
        id
    }

    fn intern(&mut self, style: Style) -> StyleId {
        if let Some(&id) = self.style_ids.get(&style) {
            return id;
        }
        let full = self.styles.len();
        // The last ids are kept for rounded colours.
        if full > usize::from(u16::MAX) - 8192 && style.coarse() != style {
            return self.intern(style.coarse());
        }
        let Ok(id) = u16::try_from(full) else {
            let plain = Style {
                fg: Color::Default,
                bg: Color::Default,
                underline: Color::Default,
                ..style
            };
            return self.style_ids.get(&plain).copied().unwrap_or_default();
        };
        self.styles.push(style);
        self.style_ids.insert(style, StyleId(id));
        StyleId(id)
    }

    /// The text of a cluster; empty for an index that was never handed out.
    pub fn cluster(&self, index: u32) -> &str {
        self.clusters.get(index as usize).map_or("", |text| text)
    }

    /// Appends what `cell` shows; nothing for the right half of a wide cell.
    pub fn push_text(&self, cell: &Cell, text: &mut String) {
        match cell.glyph() {
            Glyph::Char(c) => text.push(c),
            Glyph::Cluster(index) => text.push_str(self.cluster(index)),
            Glyph::Continuation => {}
        }
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

/// Rebuilds [`Tables`] from the cells that are still in use.
#[derive(Debug)]
pub struct Compaction<'a> {
    old: &'a Tables,
    new: Tables,
    styles: Vec<Option<StyleId>>,
    clusters: Vec<Option<u32>>,
}

impl<'a> Compaction<'a> {
    /// Starts with empty tables.
    pub fn new(old: &'a Tables) -> Self {
        Self {
            old,
            new: Tables::default(),
            styles: vec![None; old.styles.len()],
            clusters: vec![None; old.clusters.len()],
        }
    }

    /// The style in the new tables.
    pub fn style(&mut self, mut style: Style) -> Style {
        style.link = self.new.link_id(self.old.link(style.link));
        style
    }

    /// The cell in the new tables.
    pub fn cell(&mut self, mut cell: Cell) -> Cell {
        let known = self.styles.get(usize::from(cell.style.0));
        let style = match known.copied().flatten() {
            Some(id) => id,
            None => {
                let style = self.style(self.old.style(cell.style));
                let id = self.new.style_id(style);
                if let Some(slot) = self.styles.get_mut(usize::from(cell.style.0)) {
                    *slot = Some(id);
                }
                id
            }
        };
        cell.style = style;
        if let Glyph::Cluster(index) = cell.glyph() {
            let text = self.old.cluster(index);
            let known = self.clusters.get(index as usize).copied().flatten();
            let index_now = known.unwrap_or_else(|| self.new.cluster_id(text));
            if let Some(slot) = self.clusters.get_mut(index as usize) {
                *slot = Some(index_now);
            }
            cell = Cell::cluster(index_now, cell.width(), style);
        }
        cell
    }

    /// The new tables.
    pub fn finish(self) -> Tables {
        self.new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_rounds_colours_and_keeps_attributes() {
        let mut tables = Tables::default();
        let style = |n: u32| {
            let [_, r, g, b] = n.to_be_bytes();
            Style {
                fg: Color::Rgb(r, g, b),
                attrs: Attrs::BOLD,
                ..Style::default()
            }
        };
        for n in 0..100_000 {
            let id = tables.style_id(style(n * 7));
            assert!(tables.style(id).attrs.contains(Attrs::BOLD));
        }
        assert!(tables.counts().0 <= 65_536);
    }

    #[test]
    fn compaction_keeps_what_is_used() {
        let mut tables = Tables::default();
        for n in 0..200 {
            tables.style_id(Style {
                fg: Color::Index(n),
                ..Style::default()
            });
            tables.cluster_id(&format!("e{n}"));
        }
        let link = tables.link_id(&Link {
            id: String::new(),
            uri: "https://example.org".into(),
        });
        let style = Style {
            link,
            ..Style::default()
        };
        let id = tables.style_id(style);
        let cell = Cell::cluster(tables.cluster_id("e7"), 1, id);
        let mut compaction = Compaction::new(&tables);
        let now = compaction.cell(cell);
        let new = compaction.finish();
        assert_eq!(new.counts(), (2, 1, 2));
        assert_eq!(
            new.link(new.style(now.style).link).uri,
            "https://example.org"
        );
        assert!(matches!(now.glyph(), Glyph::Cluster(i) if new.cluster(i) == "e7"));
    }
}
