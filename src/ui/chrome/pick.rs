//! Draws the panes' signs, each large in the middle of its pane, or small where there is no room.

use super::list::rat;
use super::{Drawing, Layer, style, write};
use crate::protocol::view::PaneBox;
use crate::protocol::{Rect, View};
use crate::term::Size;
use crate::ui::offset::Offset;
use crate::ui::overlay::Pick;
use crate::ui::theme::Theme;
use ratatui::buffer::Buffer;

/// The digits in three columns and five rows; each row's bits from left to right.
const DIGITS: [[u8; 5]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 1, 1, 1],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];
/// A large digit's columns (two for each bit) and rows.
const LARGE: (u16, u16) = (6, 5);

/// Draws the signs of the panes that the terminal shows; `offset` says which.
pub fn draw(pick: &Pick, view: &View, offset: Offset, size: Size, theme: &Theme) -> Drawing {
    let layers = pick.signs().filter_map(|(pane, sign)| {
        let shown = view.chrome.panes.iter().find(|shown| shown.pane == pane)?;
        layer(shown, sign, offset, size, theme)
    });
    Drawing {
        layers: layers.collect(),
        cursor: None,
    }
}

/// The sign in the middle of its pane, if the terminal shows all of it.
fn layer(pane: &PaneBox, sign: char, offset: Offset, size: Size, theme: &Theme) -> Option<Layer> {
    let area = pane.area;
    let has_room = area.cols >= LARGE.0 + 2 && area.rows >= LARGE.1 + 2;
    let digit = sign.to_digit(10).filter(|_| has_room);
    let (cols, rows) = match digit {
        Some(_) => LARGE,
        None => (3.min(area.cols), 1),
    };
    let place = Rect {
        x: (area.x + (area.cols - cols) / 2).checked_sub(offset.x)?,
        y: (area.y + area.rows.saturating_sub(rows) / 2).checked_sub(offset.y)?,
        cols,
        rows,
    };
    let is_inside = place.x + cols <= size.cols && place.y + rows < size.rows.max(2);
    if !is_inside {
        return None;
    }
    let mut layer = Layer::new(rat(place), size, theme.pick);
    match digit {
        Some(digit) => draw_large(DIGITS[digit as usize], place, theme, &mut layer.0),
        None => {
            let text = match cols {
                3 => format!(" {sign} "),
                _ => sign.to_string(),
            };
            let at = (place.x, place.y);
            write(at, &text, style(theme.pick), &mut layer.0);
        }
    }
    Some(layer)
}

/// The ground of a large digit is the pane's own: blank.
fn draw_large(rows: [u8; 5], at: Rect, theme: &Theme, buffer: &mut Buffer) {
    buffer.reset();
    for (y, bits) in (at.y..).zip(rows) {
        for x in (0..3).filter(|x| bits >> (2 - x) & 1 == 1) {
            buffer.set_string(at.x + 2 * x, y, "  ", style(theme.pick));
        }
    }
}
