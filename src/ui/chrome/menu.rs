//! Draws a menu: its frame and its lines, each with the letter that does it.

use super::list::rat;
use super::{Drawing, Layer, fit, selected, style, write};
use crate::protocol::Rect;
use crate::term::Size;
use crate::ui::overlay::{Entry, Menu};
use crate::ui::theme::{Face, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect as RatRect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Widget};

/// Draws `menu` over a terminal of that size.
pub fn draw(menu: &Menu, size: Size, theme: &Theme) -> Drawing {
    let place = menu.place(size);
    let mut layer = Layer::new(rat(place), size, theme.menu);
    let buffer = &mut layer.0;
    if place.cols < 3 || place.rows < 3 {
        return Drawing::default();
    }
    let inner = usize::from(place.cols - 2);
    let title = fit(&format!(" {} ", menu.title), inner);
    Block::bordered()
        .border_style(frame(theme))
        .title(Line::styled(title, style(theme.menu)))
        .render(rat(place), buffer);
    let shown = menu.entries.iter().enumerate().skip(menu.top(size));
    for ((index, entry), y) in shown.zip(place.y + 1..place.y + place.rows - 1) {
        let is_selected = menu.selected == Some(index);
        let in_use = is_selected.then(|| selected(theme, theme.menu));
        let row = Rect {
            y,
            rows: 1,
            ..place
        };
        draw_entry(entry, in_use, row, theme, buffer);
    }
    Drawing {
        layers: vec![layer],
        cursor: None,
    }
}

/// How the frame and the lines between groups look.
fn frame(theme: &Theme) -> Style {
    Style {
        bg: style(theme.menu).bg,
        ..style(theme.hint)
    }
}

/// Draws one line into `row`, between the two sides of the frame.
fn draw_entry(entry: &Entry, in_use: Option<Face>, row: Rect, theme: &Theme, buffer: &mut Buffer) {
    let Rect { x, y, cols, .. } = row;
    let inner = usize::from(cols - 2);
    match entry {
        Entry::Rule => {
            let rule = format!("├{}┤", "─".repeat(inner));
            buffer.set_string(x, y, rule, frame(theme));
        }
        Entry::Do(text, letter, _) => {
            let face = style(in_use.unwrap_or(theme.menu));
            buffer.set_style(RatRect::new(x + 1, y, cols - 2, 1), face);
            let text = fit(text, inner.saturating_sub(4));
            write((x + 2, y), &text, face, buffer);
            if inner > 2 {
                buffer.set_string(x + cols - 3, y, letter.to_string(), face);
            }
        }
    }
}
