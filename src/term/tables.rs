//! What the cells of one screen or view share: looks, grapheme clusters and hyperlinks, each stored once, so that a
//! cell is eight bytes.

use super::cell::{Cell, Glyph};
use super::joins::{Joins, MAX_CLUSTER, spell};
use super::pool::{Limit, Pool, Pooled};
use super::style::{Link, Style, StyleId};

/// Styles that one screen can tell apart: as many as [`StyleId`] has numbers.
const STYLES: Limit = Limit {
    values: 1 << 16,
    bytes: 0,
};

/// The last styles are kept for rounded colours.
const KEPT_STYLES: usize = 8 << 10;

/// Clusters of one screen; all of Unicode's pictographs are a quarter of it.
const CLUSTERS: Limit = Limit {
    values: 16 << 10,
    bytes: 512 << 10,
};

/// Hyperlinks of one screen.
const LINKS: Limit = Limit {
    values: 8 << 10,
    bytes: 1 << 20,
};

/// How many of the styles last looked up are found without hashing.
const RECENT: usize = 256;

/// What the cells of one screen or view share: styles, clusters and links, each stored once.
///
/// Laws: a number once handed out means the same until the owner sweeps it away; whatever comes, the tables hold at
/// most 65,536 styles, 16,384 clusters of 512 KiB together, and 8,192 links of 1 MiB together.
#[derive(Debug, Clone)]
pub struct Tables {
    styles: Pool<Style>,
    clusters: Pool<Box<str>>,
    links: Pool<Link>,
    /// The id last found for a style with a given hash: programs switch between few.
    recent: [StyleId; RECENT],
    joins: Joins,
    /// What numbers mean that were never handed out.
    none: Link,
}

impl Pooled for Style {
    fn text_bytes(&self) -> usize {
        0
    }
}

impl Pooled for Box<str> {
    fn text_bytes(&self) -> usize {
        self.len()
    }
}

impl Pooled for Link {
    fn text_bytes(&self) -> usize {
        self.id.len() + self.uri.len()
    }
}

impl Default for Tables {
    fn default() -> Self {
        let mut tables = Self {
            styles: Pool::new(STYLES),
            clusters: Pool::new(CLUSTERS),
            links: Pool::new(LINKS),
            recent: [StyleId::DEFAULT; RECENT],
            joins: Joins::default(),
            none: Link::default(),
        };
        // The defaults are 0 in every table.
        tables.styles.number(&Style::default(), Style::default);
        tables.links.number(&Link::default(), Link::default);
        tables
    }
}

impl Tables {
    /// The style behind `id`; the default one for an id that was never handed out.
    #[inline]
    pub fn style(&self, id: StyleId) -> Style {
        let style = self.styles.get(usize::from(id.0));
        style.copied().unwrap_or_default()
    }

    /// One more than the highest number of a style so far.
    pub(super) fn style_ids(&self) -> usize {
        self.styles.end()
    }

    /// Finds or adds `style`. When the table is nearly full its colours are rounded, then given up.
    #[inline]
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
        let is_full = self.styles.len() >= STYLES.values - KEPT_STYLES;
        let found = match is_full && style.coarse() != style {
            true => self.styles.find_or_refuse(&style),
            false => self.styles.number(&style, || style),
        };
        let nearly = |style: &Style| self.styles.find(style);
        let found = found
            .or_else(|| nearly(&style.coarse()))
            .or_else(|| self.styles.number(&style.coarse(), || style.coarse()))
            .or_else(|| self.styles.find(&style.colorless()));
        found.map_or(StyleId::DEFAULT, |id| StyleId(id as u16))
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

    /// What a cell with `text` holds: its character, or a cluster that is found or added. Once the table is full, the
    /// first character stands for all; nothing is a blank.
    pub fn glyph(&mut self, text: &str) -> Glyph {
        let mut chars = text.chars();
        let first = chars.next().unwrap_or(' ');
        if chars.next().is_none() {
            return Glyph::Char(first);
        }
        let found = self.clusters.number(text, || text.into());
        found.map_or(Glyph::Char(first), Glyph::Cluster)
    }

    /// Finds or adds the cluster of `glyph` and `c`; nothing if it is longer than [`MAX_CLUSTER`], or new to a full
    /// table.
    pub(super) fn join(&mut self, glyph: Glyph, c: char) -> Option<u32> {
        if let Some(cluster) = self.joins.find(glyph, c) {
            return Some(cluster);
        }
        let mut space = [0; MAX_CLUSTER];
        let text = match glyph {
            Glyph::Char(base) => spell(base.encode_utf8(&mut [0; 4]), c, &mut space),
            Glyph::Cluster(index) => spell(self.cluster(index), c, &mut space),
            Glyph::Continuation => None,
        }?;
        let cluster = self.clusters.number(text, || text.into())?;
        self.joins.remember(glyph, c, cluster);
        Some(cluster)
    }

    /// The cell that shows `text` in `width` columns.
    pub fn cell(&mut self, text: &str, width: u8, style: StyleId) -> Cell {
        match self.glyph(text) {
            Glyph::Cluster(index) => Cell::cluster(index, width, style),
            Glyph::Char(c) => Cell::new(c, width, style),
            Glyph::Continuation => Cell::blank(style),
        }
    }

    /// The link behind `index`; the empty one for 0 and for an index that was never handed out.
    pub fn link(&self, index: u16) -> &Link {
        self.links.get(usize::from(index)).unwrap_or(&self.none)
    }

    /// Finds or adds `link`; 0, no link, once the table is full.
    pub fn link_id(&mut self, link: &Link) -> u16 {
        let found = self.links.number(link, || link.clone());
        found.map_or(0, |id| id as u16)
    }

    /// How many styles, clusters and links are held.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.styles.len(), self.clusters.len(), self.links.len())
    }

    /// Whether the owner should drop what no cell uses any more: a table is nearly full.
    #[inline]
    pub fn are_crowded(&self) -> bool {
        self.styles.is_crowded() || self.clusters.is_crowded() || self.links.is_crowded()
    }

    /// Begins a sweep: the owner marks what it uses.
    pub(super) fn marks(&self) -> Marks {
        let mut marks = Marks {
            styles: vec![false; self.styles.end()],
            clusters: vec![false; self.clusters.end()],
            links: vec![false; self.links.end()],
        };
        marks.styles[0] = true;
        marks.links[0] = true;
        marks
    }

    /// Drops what is not marked. All other numbers stay as they are.
    pub(super) fn sweep(&mut self, mut marks: Marks) {
        for (n, _) in marks.styles.iter().enumerate().filter(|(_, used)| **used) {
            if let Some(style) = self.styles.get(n)
                && let Some(mark) = marks.links.get_mut(usize::from(style.link))
            {
                *mark = true;
            }
        }
        self.styles.sweep(&marks.styles);
        self.clusters.sweep(&marks.clusters);
        self.links.sweep(&marks.links);
        self.recent = [StyleId::DEFAULT; RECENT];
        self.joins = Joins::default();
    }
}

/// What is in use while tables are swept.
#[derive(Debug)]
pub(super) struct Marks {
    styles: Vec<bool>,
    clusters: Vec<bool>,
    links: Vec<bool>,
}

impl Marks {
    /// Marks what `cell` uses.
    #[inline]
    pub(super) fn cell(&mut self, cell: Cell) {
        if let Some(mark) = self.styles.get_mut(usize::from(cell.style.0)) {
            *mark = true;
        }
        if let Glyph::Cluster(index) = cell.glyph()
            && let Some(mark) = self.clusters.get_mut(index as usize)
        {
            *mark = true;
        }
    }

    /// Marks the link of a style that stands in no cell yet.
    pub(super) fn link(&mut self, link: u16) {
        if let Some(mark) = self.links.get_mut(usize::from(link)) {
            *mark = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::{Attrs, Color};
    use super::*;

    fn colored(n: u32) -> Style {
        let [_, r, g, b] = n.to_be_bytes();
        Style {
            fg: Color::Rgb(r, g, b),
            attrs: Attrs::BOLD,
            ..Style::default()
        }
    }

    #[test]
    fn a_full_table_rounds_colours_and_keeps_attributes() {
        let mut tables = Tables::default();
        for n in 0..100_000 {
            let id = tables.style_id(colored(n * 7));
            assert!(tables.style(id).attrs.contains(Attrs::BOLD));
        }
        assert!(tables.counts().0 <= 65_536);
    }

    #[test]
    fn a_sweep_keeps_what_is_used_where_it_is() {
        let mut tables = Tables::default();
        for n in 0..200 {
            tables.style_id(colored(n));
            tables.cell(&format!("e{n}"), 1, StyleId::DEFAULT);
        }
        let link = tables.link_id(&Link {
            id: String::new(),
            uri: "https://example.org".into(),
        });
        let style = tables.style_id(Style {
            link,
            ..Style::default()
        });
        let cell = tables.cell("e7", 1, style);
        let mut marks = tables.marks();
        marks.cell(cell);
        tables.sweep(marks);
        assert_eq!(tables.counts(), (2, 1, 2));
        assert_eq!(
            tables.link(tables.style(cell.style).link).uri,
            "https://example.org"
        );
        let mut text = String::new();
        tables.push_text(&cell, &mut text);
        assert_eq!(text, "e7");
        // What was swept away makes room, and what stayed is found again.
        assert_eq!(tables.cell("e7", 1, style), cell);
        let ids: Vec<_> = (0..300).map(|n| tables.style_id(colored(n))).collect();
        for (n, id) in (0..300).zip(&ids) {
            assert_eq!(tables.style(*id), colored(n));
        }
        assert_eq!(tables.counts().0, 302);
    }

    #[test]
    fn no_table_outgrows_its_bound() {
        let mut tables = Tables::default();
        for n in 0..40_000 {
            let cell = tables.cell(&format!("e{n:0>60}"), 1, StyleId::DEFAULT);
            assert_ne!(cell, Cell::BLANK);
            tables.link_id(&Link {
                id: String::new(),
                uri: format!("{n:0>2000}"),
            });
        }
        let (_, clusters, links) = tables.counts();
        assert!(clusters <= CLUSTERS.values && tables.clusters.bytes() <= CLUSTERS.bytes);
        assert!(links <= LINKS.values && tables.links.bytes() <= LINKS.bytes);
    }
}
