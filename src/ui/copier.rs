//! From the cells of a surface to the tiles of a picture: styles, clusters and links become the picture's own, and
//! nothing comes through that would steer the user's terminal.

use super::picture::Tile;
use super::predict::{Slot, Text, Underline};
use crate::term::cell::Glyph;
use crate::term::hidden::is_steering;
use crate::term::palette::Palette;
use crate::term::width::{char_width, text_width};
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

    /// Draws guesses over a row that was copied from its column `from` on.
    pub(super) fn guesses(
        &mut self,
        cells: &[(u16, Slot)],
        underline: Underline,
        from: u16,
        tiles: &mut [Tile],
    ) {
        for (col, slot) in cells {
            let at = col.checked_sub(from).map(usize::from);
            let Some(tile) = at.and_then(|at| tiles.get_mut(at)) else {
                continue;
            };
            let glyph = match &slot.text {
                Text::Char(c) if is_steering(*c) => Glyph::Char(char::REPLACEMENT_CHARACTER),
                Text::Char(c) => Glyph::Char(*c),
                Text::Cluster(text) => self.to.glyph(text),
                Text::Half => Glyph::Continuation,
            };
            let mut style = self.translate(slot.style);
            if underline == Underline::Yes && slot.is_guess() {
                style.attrs.set_underline(1);
            }
            *tile = Tile {
                glyph,
                width: slot.width,
                style,
            }
            .canonical();
        }
    }

    fn tile(&mut self, cell: Cell) -> Tile {
        if cell.style != self.style.0 {
            self.style = (cell.style, self.translate(cell.style));
        }
        let glyph = match cell.glyph() {
            Glyph::Char(c) if is_steering(c) => Glyph::Char(char::REPLACEMENT_CHARACTER),
            Glyph::Cluster(index) => self.cluster(index, cell.width()),
            glyph => glyph,
        };
        Tile::of(cell, glyph, self.style.1)
    }

    /// A cluster that the user's terminal may give other columns than the program counts (it has turned mode 2027 off, or
    /// there was no room) is drawn as its first character.
    fn cluster(&mut self, index: u32, width: u8) -> Glyph {
        let text = self.from.cluster(index);
        let first = match text.chars().next() {
            Some(first) if !text.contains(char::is_control) => first,
            _ => return Glyph::Char(char::REPLACEMENT_CHARACTER),
        };
        let width = usize::from(width);
        if text_width(text) != width && usize::from(char_width(first)) == width {
            return Glyph::Char(first);
        }
        self.to.glyph(text)
    }

    fn translate(&mut self, id: StyleId) -> Style {
        let mut style = self.from.style(id);
        if style.link != 0 {
            style.link = self.to.link_id(self.from.link(style.link));
        }
        if self.flipped.contains(Attrs::INVERSE) {
            // xterm reverses the colours that nobody chose: those that were chosen are exchanged twice (DECSCNM).
            std::mem::swap(&mut style.fg, &mut style.bg);
        }
        style.attrs.0 ^= self.flipped.0;
        if let Some(palette) = self.palette {
            style = palette.paint(style);
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::testing::stream;
    use crate::term::{Emulator, Size};
    use crate::ui::ColorDepth;
    use crate::ui::paint::Painter;
    use crate::ui::picture::Picture;
    use proptest::prelude::*;
    use std::hash::{DefaultHasher, Hash, Hasher};

    fn picture(emulator: &Emulator) -> Picture {
        let mut picture = Picture::new(emulator.size());
        draw(emulator, &mut picture);
        picture
    }

    fn draw(emulator: &Emulator, picture: &mut Picture) {
        let tables = &mut picture.tables;
        let mut copier = Copier::new(emulator.tables(), tables, None, Attrs::default());
        for (drawn, row) in picture.rows.iter_mut().zip(emulator.rows()) {
            copier.row(Some(row), 0, &mut drawn.tiles);
            let mut hasher = DefaultHasher::new();
            format!("{:?}", drawn.tiles).hash(&mut hasher);
            drawn.key = hasher.finish() | 1;
        }
        picture.cursor = emulator.cursor();
    }

    /// All that can be seen: each tile in full, and the cursor.
    fn seen(picture: &Picture) -> Vec<String> {
        let tile = |tile: &Tile| {
            let mut style = tile.style;
            style.attrs.set(Attrs::PROTECTED, false);
            let uri = &picture.tables.link(style.link).uri;
            style.link = 0;
            // The painter leaves out what steers.
            let text = picture.text(tile, &mut [0; 4]).replace(is_steering, "");
            format!("{text}:{} {style:?} {uri}", tile.width)
        };
        let tiles = picture.rows.iter().flat_map(|row| &row.tiles);
        let cursor = picture.cursor;
        let cursor = cursor.visible.then(|| format!("{cursor:?}"));
        tiles.map(tile).chain(cursor).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn what_is_drawn_on_a_fresh_terminal_is_the_screen(
            parts in prop::collection::vec(stream(), 1..5),
        ) {
            let size = Size::new(11, 5);
            let (mut program, mut shown) = (Emulator::new(size), Emulator::new(size));
            let (mut painter, mut picture) = (Painter::new(ColorDepth::True), picture(&program));
            for part in parts {
                program.feed(&part);
                draw(&program, &mut picture);
                let mut out = Vec::new();
                painter.paint(&picture, &mut out);
                shown.feed(&out);
                for (is, should_be) in seen(&self::picture(&shown)).iter().zip(&seen(&picture)) {
                    prop_assert_eq!(is, should_be);
                }
            }
        }
    }
}
