//! A picture: the user's whole terminal as a value, before it becomes bytes.

use crate::term::cell::Glyph;
use crate::term::palette::Rgb;
use crate::term::{Attrs, Cell, Color, Cursor, Size, Style, Tables};

/// One position of the user's terminal. The style stands in it in full, so that pictures from different tables can be
/// compared; clusters and links index the picture's own tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// What it shows.
    pub glyph: Glyph,
    /// 2 for a wide cell, 0 for its right half, else 1.
    pub width: u8,
    /// How it looks; `link` indexes the picture's tables.
    pub style: Style,
}

impl Tile {
    /// A blank in the default style.
    pub const BLANK: Tile = Tile {
        glyph: Glyph::Char(' '),
        width: 1,
        style: Style {
            fg: Color::Default,
            bg: Color::Default,
            underline: Color::Default,
            attrs: Attrs(0),
            link: 0,
        },
    };

    /// One narrow character.
    pub fn char(c: char, style: Style) -> Self {
        Self {
            glyph: Glyph::Char(c),
            width: 1,
            style,
        }
        .canonical()
    }

    /// The tile of a screen's cell whose style and cluster are already the picture's.
    pub fn of(cell: Cell, glyph: Glyph, style: Style) -> Self {
        Self {
            glyph,
            width: cell.width(),
            style,
        }
        .canonical()
    }

    /// Drops what cannot be seen: a blank has no foreground unless something is drawn with it.
    pub fn canonical(mut self) -> Self {
        const DRAWN: u16 = Attrs::INVERSE.0 | Attrs::STRIKE.0 | Attrs::OVERLINE.0;
        let attrs = self.style.attrs;
        if self.glyph == Glyph::Char(' ') && attrs.0 & DRAWN == 0 && attrs.underline() == 0 {
            self.style = Style {
                bg: self.style.bg,
                link: self.style.link,
                ..Style::default()
            };
        }
        self
    }

    /// Whether erasing leaves exactly this.
    pub fn is_blank(&self) -> bool {
        *self == Self::BLANK
    }
}

/// One row of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PictureRow {
    /// Stands for all that the cells came from. Law: rows of equal keys have equal tiles, wherever they stand.
    pub key: u64,
    /// Exactly as many as the picture is wide. A wide tile is always followed by its right half.
    pub tiles: Vec<Tile>,
}

/// What the user's terminal is to show.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Columns and rows.
    pub size: Size,
    /// Top to bottom, as many as `size.rows`.
    pub rows: Vec<PictureRow>,
    /// The hardware cursor; inside the picture.
    pub cursor: Cursor,
    /// The cursor's colour, if it is not the terminal's own.
    pub cursor_color: Option<Rgb>,
    /// Clusters and links of the tiles; styles stand in the tiles themselves.
    pub tables: Tables,
}

impl Picture {
    /// A blank one.
    pub fn new(size: Size) -> Self {
        let row = PictureRow {
            key: 0,
            tiles: vec![Tile::BLANK; usize::from(size.cols)],
        };
        Self {
            size,
            rows: vec![row; usize::from(size.rows)],
            cursor: Cursor::default(),
            cursor_color: None,
            tables: Tables::default(),
        }
    }

    /// The text of a tile; empty for the right half of a wide one.
    pub fn text<'a>(&'a self, tile: &Tile, buffer: &'a mut [u8; 4]) -> &'a str {
        match tile.glyph {
            Glyph::Char(c) => c.encode_utf8(buffer),
            Glyph::Cluster(index) => self.tables.cluster(index),
            Glyph::Continuation => "",
        }
    }

    /// The picture as lines of text, trailing blanks cut.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            for tile in &row.tiles {
                text.push_str(self.text(tile, &mut [0; 4]));
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }
}
