//! Draws a menu: its frame and its lines, each with the letter that does it.

use super::list::rat;
use super::{Drawing, Layer, fit, selected, style};
use crate::term::Size;
use crate::ui::overlay::{Entry, Menu};
use crate::ui::theme::Theme;
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
    let frame = Style {
        bg: style(theme.menu).bg,
        ..style(theme.hint)
    };
    let title = fit(&format!(" {} ", menu.title), inner);
    Block::bordered()
        .border_style(frame)
        .title(Line::styled(title, style(theme.menu)))
        .render(rat(place), buffer);
    let shown = menu.entries.iter().enumerate().skip(menu.top(size));
    for ((index, entry), y) in shown.zip(place.y + 1..place.y + place.rows - 1) {
        let (x, end) = (place.x + 1, place.x + place.cols - 1);
        match entry {
            Entry::Rule => {
                let rule = format!("├{}┤", "─".repeat(inner));
                buffer.set_string(place.x, y, rule, frame);
            }
            Entry::Do(text, letter, _) => {
                let face = match menu.selected == Some(index) {
                    true => selected(theme, theme.menu),
                    false => theme.menu,
                };
                buffer.set_style(RatRect::new(x, y, inner as u16, 1), style(face));
                let text = fit(text, inner.saturating_sub(4));
                buffer.set_stringn(x + 1, y, text, inner.saturating_sub(1), style(face));
                if inner > 2 {
                    buffer.set_string(end - 2, y, letter.to_string(), style(face));
                }
            }
        }
    }
    Drawing {
        layers: vec![layer],
        cursor: None,
    }
}
