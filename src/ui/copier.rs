//! From the cells of a surface to the tiles of a picture: styles, clusters and links become the picture's own, and
//! nothing comes through that would steer the user's terminal.

use super::picture::Tile;
use crate::term::cell::Glyph;
use crate::term::palette::Palette;
use crate::term::{Attrs, Cell, Row, Style, StyleId, Tables};

/// Copies the cells of a view's row into tiles of the picture.
pub(super) struct Copier<'a> {
    from: &'a Tables,
    to: &'a mut Tables,
    /// The colours that the program has changed, if there are any.
    palette: Option<&'a Palette>,
    /// The attributes that are the other way round on the whole surface.
    flipped: Attrs,
    /// The style seen last, and what became of it.
    style: (StyleId, Style),
}

impl<'a> Copier<'a> {
    pub(super) fn new(
        from: &'a Tables,
        to: &'a mut Tables,
        palette: Option<&'a Palette>,
        flipped: Attrs,
    ) -> Self {
        let mut copier = Self {
            from,
            to,
            palette,
            flipped,
            style: (StyleId::DEFAULT, Style::default()),
        };
        copier.style.1 = copier.translate(StyleId::DEFAULT);
        copier
    }

    pub(super) fn row(&mut self, row: Option<&Row>, from: u16, tiles: &mut [Tile]) {
        let cells = row.map_or(&[][..], Row::cells);
        let cells = cells.get(usize::from(from)..).unwrap_or(&[]);
        for (tile, cell) in tiles.iter_mut().zip(cells) {
            *tile = self.tile(*cell);
        }
        let written = cells.len().min(tiles.len());
        let blank = self.tile(Cell::BLANK);
        tiles[written..].fill(blank);
    }

    fn tile(&mut self, cell: Cell) -> Tile {
        if cell.style != self.style.0 {
            self.style = (cell.style, self.translate(cell.style));
        }
        let glyph = match cell.glyph() {
            Glyph::Char(c) if c < ' ' || ('\x7f'..'\u{a0}').contains(&c) => {
                Glyph::Char(char::REPLACEMENT_CHARACTER)
            }
            Glyph::Cluster(index) => self.cluster(index),
            glyph => glyph,
        };
        Tile::of(cell, glyph, self.style.1)
    }

    fn cluster(&mut self, index: u32) -> Glyph {
        let text = self.from.cluster(index);
        match text.is_empty() || text.chars().any(char::is_control) {
            true => Glyph::Char(char::REPLACEMENT_CHARACTER),
            false => self.to.glyph(text),
        }
    }

    fn translate(&mut self, id: StyleId) -> Style {
        let mut style = self.from.style(id);
        if style.link != 0 {
            style.link = self.to.link_id(self.from.link(style.link));
        }
        if let Some(palette) = self.palette {
            style = palette.paint(style);
        }
        style.attrs.0 ^= self.flipped.0;
        style
    }
}
