//! Draws what stands around and over the panes with ratatui, and turns its cells into tiles.
//!
//! No message or label here ever holds a `^`: keys are named, not spelled as control characters.

pub mod bar;
mod label;
pub mod list;
mod matches;
pub mod menu;
pub mod pick;
pub mod status;

pub use label::{clusters, fit, plain, width};

use super::picture::Tile;
use super::theme::{Face, Theme};
use crate::term::cell::Glyph;
use crate::term::width::{char_width, text_width};
use crate::term::{Attrs, Color, Size, Style, Tables};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color as RatColor, Modifier, Style as RatStyle};
use std::hash::{DefaultHasher, Hash, Hasher};

/// All that is drawn over the panes.
#[derive(Debug, Default)]
pub struct Drawing {
    /// From the lowest to the highest.
    pub layers: Vec<Layer>,
    /// Column and row of the terminal where something is typed; the cursor is hidden without one.
    pub cursor: Option<(u16, u16)>,
}

/// A rectangle drawn over the panes, in columns and rows of the terminal.
#[derive(Debug)]
pub struct Layer(pub Buffer);

impl Layer {
    /// A blank one; it is cut at the terminal's edges.
    pub fn new(at: Rect, size: Size, face: Face) -> Self {
        let mut buffer = Buffer::empty(at.intersection(Rect::new(0, 0, size.cols, size.rows)));
        buffer.set_style(buffer.area, style(face));
        Self(buffer)
    }

    /// Stands for what the layer lays over the row; `None` where it does not.
    pub fn key(&self, y: u16) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        self.0.area.x.hash(&mut hasher);
        self.cells(y)?.hash(&mut hasher);
        Some(hasher.finish())
    }

    /// Lays its part of the row over `tiles`, which begin at the terminal's first column.
    pub fn put(&self, y: u16, tables: &mut Tables, tiles: &mut [Tile]) {
        let from = usize::from(self.0.area.x).min(tiles.len());
        if let Some(cells) = self.cells(y) {
            put_cells(cells, tables, &mut tiles[from..]);
        }
    }

    fn cells(&self, y: u16) -> Option<&[ratatui::buffer::Cell]> {
        let area = self.0.area;
        let row = usize::from(y.checked_sub(area.y)?);
        let cols = usize::from(area.width);
        self.0.content.get(row * cols..(row + 1) * cols)
    }
}

/// ratatui's form of a face. One without a background leaves that of what it is drawn on.
fn style(face: Face) -> RatStyle {
    let color = |color| match color {
        Color::Default => RatColor::Reset,
        Color::Index(index) => RatColor::Indexed(index),
        Color::Rgb(r, g, b) => RatColor::Rgb(r, g, b),
    };
    let mut style = RatStyle::new().fg(color(face.0.fg));
    if face.0.bg != Color::Default {
        style = style.bg(color(face.0.bg));
    }
    let underlined = (face.0.attrs.underline() > 0, Modifier::UNDERLINED);
    let others = MODIFIERS.map(|(attr, modifier)| (face.0.attrs.contains(attr), modifier));
    // No attribute of what lies below shines through.
    for (is_set, modifier) in others.into_iter().chain([underlined]) {
        style = match is_set {
            true => style.add_modifier(modifier),
            false => style.remove_modifier(modifier),
        };
    }
    style
}

/// How the line in use looks on that ground. Where both look alike, as on a terminal without colours, it is the other way
/// round.
fn selected(theme: &Theme, ground: Face) -> Face {
    let mut face = theme.menu_selected;
    if face == ground {
        let is_inverse = face.0.attrs.contains(Attrs::INVERSE);
        face.0.attrs.set(Attrs::INVERSE, !is_inverse);
    }
    face
}

const MODIFIERS: [(Attrs, Modifier); 4] = [
    (Attrs::BOLD, Modifier::BOLD),
    (Attrs::DIM, Modifier::DIM),
    (Attrs::ITALIC, Modifier::ITALIC),
    (Attrs::INVERSE, Modifier::REVERSED),
];

fn term_style(cell: &ratatui::buffer::Cell) -> Style {
    let color = |color| match color {
        RatColor::Indexed(index) => Color::Index(index),
        RatColor::Rgb(r, g, b) => Color::Rgb(r, g, b),
        _ => Color::Default,
    };
    let mut attrs = Attrs::default();
    for (attr, modifier) in MODIFIERS {
        attrs.set(attr, cell.modifier.contains(modifier));
    }
    attrs.set_underline(u8::from(cell.modifier.contains(Modifier::UNDERLINED)));
    Style {
        fg: color(cell.fg),
        bg: color(cell.bg),
        attrs,
        ..Style::default()
    }
}

/// Turns a row of ratatui's cells into tiles.
fn put_cells(cells: &[ratatui::buffer::Cell], tables: &mut Tables, tiles: &mut [Tile]) {
    let end = cells.len().min(tiles.len());
    let mut x = 0;
    while x < end {
        let style = term_style(&cells[x]);
        let symbol = cells[x].symbol();
        let mut chars = symbol.chars();
        let (glyph, width) = match (chars.next(), chars.next()) {
            (Some(c), None) => (Glyph::Char(c), char_width(c).max(1)),
            (None, _) => (Glyph::Char(' '), 1),
            _ => {
                let width = text_width(symbol).clamp(1, 2) as u8;
                (tables.glyph(symbol), width)
            }
        };
        tiles[x] = Tile {
            glyph,
            width,
            style,
        }
        .canonical();
        x += 1;
        if width == 2 && x < end {
            tiles[x] = Tile {
                glyph: Glyph::Continuation,
                width: 0,
                style,
            };
            x += 1;
        }
    }
}

/// Writes `text` from `(x, y)` on, to the end of the row at most. Each cluster takes the columns that it takes
/// everywhere in wt; ratatui counts some otherwise, and would write the next one beside its place.
fn write((mut x, y): (u16, u16), text: &str, style: RatStyle, buffer: &mut Buffer) {
    for (cluster, cols) in clusters(text) {
        let end = x.saturating_add(cols as u16);
        if end > buffer.area.right() {
            return;
        }
        for at in x..end {
            let symbol = if at == x { cluster } else { " " };
            if let Some(cell) = buffer.cell_mut((at, y)) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
        x = end;
    }
}

/// Writes `text`, cut to the tiles' width, into `tiles`.
pub fn put_text(text: &str, face: Face, tables: &mut Tables, tiles: &mut [Tile]) {
    let cols = tiles.len() as u16;
    let mut buffer = Buffer::empty(Rect::new(0, 0, cols, 1));
    buffer.set_style(buffer.area, style(face));
    write((0, 0), &fit(text, tiles.len()), style(face), &mut buffer);
    put_cells(&buffer.content, tables, tiles);
}

#[cfg(test)]
mod tests;
