//! Draws a list: its frame, what is looked for, the lines in sight, and the selected one in full.

use super::{Drawing, Layer, clusters, fit, plain, selected, style, width, write};
use crate::protocol::Rect;
use crate::term::Size;
use crate::ui::overlay::{Item, List, Place};
use crate::ui::theme::{Face, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect as RatRect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Widget};

/// ratatui's form of a rectangle.
pub(super) fn rat(rect: Rect) -> RatRect {
    RatRect::new(rect.x, rect.y, rect.cols, rect.rows)
}

/// Draws `list` over a terminal of that size.
pub fn draw(list: &List, size: Size, theme: &Theme) -> Drawing {
    let place = list.place(size);
    let mut layer = Layer::new(rat(place.outer), size, theme.dialog);
    let buffer = &mut layer.0;
    let (at, all) = list.count();
    let count = format!(" {at}/{all} ");
    if place.framed {
        draw_frame(list, place.outer, &count, theme, buffer);
    }
    let cursor = draw_filter(list, place.filter, theme, buffer);
    if !place.framed && place.filter.cols > count.len() as u16 + 12 {
        let x = place.filter.x + place.filter.cols - count.len() as u16;
        buffer.set_string(x, place.filter.y, &count, style(theme.hint));
    }
    draw_items(list, &place, theme, buffer);
    if let Some(item) = list.selection() {
        draw_detail(item, place.detail, theme, buffer);
    }
    Drawing {
        layers: vec![layer],
        cursor,
    }
}

/// The frame, with what the list is, how much there is of it, and what the keys do.
fn draw_frame(list: &List, at: Rect, count: &str, theme: &Theme, buffer: &mut Buffer) {
    let hint = fit(&format!(" {} ", list.hint), usize::from(at.cols - 2));
    let title = Line::styled(format!(" {} ", list.title), style(theme.title_focused));
    Block::bordered()
        .border_style(style(theme.hint))
        .title(title)
        .title(Line::styled(count, style(theme.hint)).right_aligned())
        .title_bottom(Line::styled(hint, style(theme.hint)))
        .render(rat(at), buffer);
}

/// The lines in sight.
fn draw_items(list: &List, place: &Place, theme: &Theme, buffer: &mut Buffer) {
    let body = place.body;
    let names = list.name_cols(body.cols);
    for ((item, is_selected), y) in list.lines(place).zip(0..body.rows) {
        let row = Rect {
            y: body.y + y,
            rows: 1,
            ..body
        };
        let in_use = is_selected.then(|| selected(theme, theme.dialog));
        draw_item(item, in_use, names, row, theme, buffer);
    }
    if list.count().1 == 0 && body.rows > 0 {
        let nothing = fit("nothing found", usize::from(body.cols));
        buffer.set_string(body.x, body.y, nothing, style(theme.hint));
    }
}

fn draw_filter(list: &List, at: Rect, theme: &Theme, buffer: &mut Buffer) -> Option<(u16, u16)> {
    const SIGN: &str = "> ";
    if at.rows == 0 || at.cols < 4 {
        return None;
    }
    let cols = at.cols - SIGN.len() as u16;
    let x = at.x + SIGN.len() as u16;
    buffer.set_string(at.x, at.y, SIGN, style(theme.border_focused));
    let (text, cursor) = list.filter.window(cols);
    match list.filter.is_empty() {
        true => {
            let hint = fit("type to find", usize::from(cols));
            buffer.set_string(x, at.y, hint, style(theme.hint));
        }
        false => write((x, at.y), &text, style(theme.dialog), buffer),
    }
    Some((x + cursor.min(cols - 1), at.y))
}

fn draw_item(
    item: &Item,
    in_use: Option<Face>,
    names: usize,
    row: Rect,
    theme: &Theme,
    buffer: &mut Buffer,
) {
    let of = |face: Face| in_use.unwrap_or(face);
    let plain_face = match item.choice {
        Some(_) => theme.dialog,
        None => theme.title_focused,
    };
    if let Some(face) = in_use {
        buffer.set_style(rat(row).intersection(buffer.area), style(face));
    }
    let end = row.x + row.cols;
    let mut x = row.x;
    let mut put = |text: &str, face: Face, to: u16| {
        let room = usize::from(to.saturating_sub(x));
        let shown = fit(text, room);
        write((x, row.y), &shown, style(of(face)), buffer);
        x += width(&shown) as u16;
    };
    let aside = match row.cols >= List::WIDE {
        true => width(&item.aside) as u16,
        false => 0,
    };
    let limit = end - if aside > 0 { aside + 2 } else { 0 };
    put(&"  ".repeat(usize::from(item.depth)), plain_face, limit);
    if !item.name.is_empty() {
        let name = fit(&item.name, names);
        let pad = " ".repeat(names - width(&name) + 2);
        put(&name, theme.border_focused, limit);
        put(&pad, plain_face, limit);
    }
    put(&item.text, plain_face, limit);
    if aside > 0 {
        let shown = fit(&item.aside, usize::from(aside));
        let at = (end - aside, row.y);
        write(at, &shown, style(of(theme.hint)), buffer);
    }
}

/// The selected line's text in full, wrapped, below a blank row.
fn draw_detail(item: &Item, at: Rect, theme: &Theme, buffer: &mut Buffer) {
    let (mut x, mut y) = (0, 1);
    for (cluster, cols) in clusters(&plain(&item.text)) {
        if x + cols > usize::from(at.cols) {
            (x, y) = (0, y + 1);
        }
        if y >= at.rows {
            return;
        }
        let place = (at.x + x as u16, at.y + y);
        write(place, cluster, style(theme.hint), buffer);
        x += cols;
    }
}
