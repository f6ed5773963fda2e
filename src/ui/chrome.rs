//! Draws what stands around the panes with ratatui, and turns its cells into tiles: the status line, the help page.
//!
//! No message or label here ever holds a `^`: keys are named, not spelled as control characters.

use super::keymap::{self, Keymap};
use super::picture::Tile;
use super::theme::{Face, Theme};
use crate::protocol::Chrome;
use crate::term::cell::Glyph;
use crate::term::codec::char_width;
use crate::term::{Attrs, Color, Style, Tables};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color as RatColor, Modifier, Style as RatStyle};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// What the status line says.
#[derive(Debug, Clone, Copy, Hash)]
pub struct Status<'a> {
    /// A message, question or prompt; it takes the place of the tabs.
    pub line: StatusLine<'a>,
    /// The table of keys that waits for one, or that all keys come from.
    pub mode: Option<&'a str>,
    /// Lines above, and all lines, while the focused pane is scrolled.
    pub scrolled: Option<(u64, u64)>,
}

/// What stands in the middle of the status line.
#[derive(Debug, Clone, Copy, Hash)]
pub enum StatusLine<'a> {
    /// The tabs.
    Tabs,
    /// Something to be read.
    Message(&'a str),
    /// Something to be typed: what for, and what so far. The cursor stands behind it.
    Prompt(&'a str, &'a str),
}

fn style(face: Face) -> RatStyle {
    let color = |color| match color {
        Color::Default => RatColor::Reset,
        Color::Index(index) => RatColor::Indexed(index),
        Color::Rgb(r, g, b) => RatColor::Rgb(r, g, b),
    };
    let mut style = RatStyle::new().fg(color(face.0.fg)).bg(color(face.0.bg));
    for (attr, modifier) in MODIFIERS {
        if face.0.attrs.contains(attr) {
            style = style.add_modifier(modifier);
        }
    }
    if face.0.attrs.underline() > 0 {
        style = style.add_modifier(Modifier::UNDERLINED);
    }
    style
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
fn put_row(buffer: &Buffer, y: u16, tables: &mut Tables, tiles: &mut [Tile]) {
    let mut x = 0;
    while x < tiles.len() {
        let Some(cell) = buffer.cell((x as u16, y)) else {
            return;
        };
        let style = term_style(cell);
        let mut chars = cell.symbol().chars();
        let (glyph, width) = match (chars.next(), chars.next()) {
            (Some(c), None) => (Glyph::Char(c), char_width(c).max(1)),
            (None, _) => (Glyph::Char(' '), 1),
            _ => {
                let width = cell.symbol().width().clamp(1, 2) as u8;
                (Glyph::Cluster(tables.cluster_id(cell.symbol())), width)
            }
        };
        tiles[x] = Tile {
            glyph,
            width,
            style,
        }
        .canonical();
        x += 1;
        if width == 2 && x < tiles.len() {
            tiles[x] = Tile {
                glyph: Glyph::Continuation,
                width: 0,
                style,
            };
            x += 1;
        }
    }
}

/// Draws the status line into `tiles`; returns the cursor's column if the line is typed into.
pub fn status(
    chrome: &Chrome,
    status: &Status,
    theme: &Theme,
    tables: &mut Tables,
    tiles: &mut [Tile],
) -> Option<u16> {
    let cols = tiles.len() as u16;
    let area = Rect::new(0, 0, cols, 1);
    let mut buffer = Buffer::empty(area);
    let mut cursor = None;
    match status.line {
        StatusLine::Tabs => {
            buffer.set_style(area, style(theme.status));
            let end = tabs(chrome, theme, &mut buffer);
            right(chrome, status, theme, end, &mut buffer);
        }
        StatusLine::Message(text) => {
            buffer.set_style(area, style(theme.message));
            buffer.set_stringn(0, 0, text, usize::from(cols), style(theme.message));
        }
        StatusLine::Prompt(label, text) => {
            buffer.set_style(area, style(theme.message));
            let face = style(theme.message);
            let (start, _) = buffer.set_stringn(0, 0, label, usize::from(cols), face);
            // The end of a long text is what is being typed.
            let room = usize::from(cols.saturating_sub(start + 1));
            let (end, _) = buffer.set_stringn(start, 0, tail(text, room), room, face);
            cursor = Some(end.min(cols - 1));
        }
    }
    put_row(&buffer, 0, tables, tiles);
    cursor
}

fn tail(text: &str, cols: usize) -> &str {
    let mut rest = text;
    while rest.width() > cols {
        let mut chars = rest.chars();
        chars.next();
        rest = chars.as_str();
    }
    rest
}

fn tabs(chrome: &Chrome, theme: &Theme, buffer: &mut Buffer) -> u16 {
    let cols = buffer.area.width;
    let session = session_label(chrome);
    let face = style(theme.status);
    let (end, _) = buffer.set_stringn(0, 0, &session, usize::from(cols), face);
    let mut end = end.min(cols);
    for (range, index) in tab_ranges(chrome, cols) {
        let tab = &chrome.tabs[index];
        let face = match (tab.active, tab.marks.bell) {
            (true, _) => theme.tab,
            (false, true) => theme.tab_bell,
            (false, false) => theme.status,
        };
        let room = usize::from(range.end - range.start);
        buffer.set_stringn(range.start, 0, tab_label(chrome, index), room, style(face));
        end = range.end;
    }
    end
}

fn right(chrome: &Chrome, status: &Status, theme: &Theme, end: u16, buffer: &mut Buffer) {
    let mut spans = Vec::new();
    if let Some(mode) = status.mode {
        let face = match mode {
            keymap::PREFIX => theme.indicator,
            _ => theme.mode,
        };
        spans.push(Span::styled(format!(" {mode} "), style(face)));
    }
    if let Some((above, total)) = status.scrolled {
        spans.push(Span::styled(
            format!(" [{above}/{total}] "),
            style(theme.indicator),
        ));
    }
    if !chrome.host.is_empty() {
        spans.push(Span::styled(
            format!(" {} ", chrome.host),
            style(theme.status),
        ));
    }
    let cols = buffer.area.width;
    // What says least goes first when there is no room.
    while !spans.is_empty() {
        let line = Line::from(spans.clone());
        let width = line.width() as u16;
        if width <= cols.saturating_sub(end) || spans.len() == 1 && width <= cols && end < cols {
            buffer.set_line(cols - width, 0, &line, width);
            return;
        }
        spans.pop();
    }
}

fn session_label(chrome: &Chrome) -> String {
    match chrome.session.is_empty() {
        true => String::new(),
        false => format!(" {} ", chrome.session),
    }
}

fn tab_label(chrome: &Chrome, index: usize) -> String {
    let tab = &chrome.tabs[index];
    let zoomed = if tab.active && chrome.zoomed { "Z" } else { "" };
    let mark = match (tab.active, tab.marks.bell) {
        (true, _) => "*",
        (false, true) => "!",
        (false, false) => "",
    };
    format!(" {}:{}{mark}{zoomed} ", index + 1, tab.name)
}

/// The columns of each tab that is shown, and its index; the tab in use is always among them.
pub fn tab_ranges(chrome: &Chrome, cols: u16) -> Vec<(Range<u16>, usize)> {
    let start = session_label(chrome).width().min(usize::from(cols)) as u16;
    let room = usize::from(cols - start);
    let widths: Vec<usize> = (0..chrome.tabs.len())
        .map(|index| tab_label(chrome, index).width())
        .collect();
    let active = chrome.tabs.iter().position(|tab| tab.active).unwrap_or(0);
    let mut first = 0;
    while first < active && widths[first..=active].iter().sum::<usize>() > room {
        first += 1;
    }
    let mut ranges = Vec::new();
    let mut x = start;
    for (index, width) in widths.iter().enumerate().skip(first) {
        let end = (usize::from(x) + width).min(usize::from(cols)) as u16;
        if end == x {
            break;
        }
        ranges.push((x..end, index));
        x = end;
    }
    ranges
}

/// The help page: every binding, in as many columns as fit.
pub fn help(
    keymap: &Keymap,
    theme: &Theme,
    size: (u16, u16),
    tables: &mut Tables,
) -> Vec<Vec<Tile>> {
    let (cols, rows) = size;
    let area = Rect::new(0, 0, cols, rows);
    let mut buffer = Buffer::empty(area);
    let title = Line::from(Span::styled(" Keys  (any key leaves) ", style(theme.tab)));
    buffer.set_line(0, 0, &title, cols);
    const WIDTH: u16 = 40;
    let entries = help_lines(keymap, theme);
    let height = rows.saturating_sub(2).max(1);
    for (index, column) in entries.chunks(usize::from(height)).enumerate() {
        let x = (index as u16).saturating_mul(WIDTH);
        if x >= cols || rows < 3 {
            break;
        }
        let part = Rect::new(x, 2, WIDTH.min(cols - x), height);
        Paragraph::new(column.to_vec()).render(part, &mut buffer);
    }
    (0..rows)
        .map(|y| {
            let mut tiles = vec![Tile::BLANK; usize::from(cols)];
            put_row(&buffer, y, tables, &mut tiles);
            tiles
        })
        .collect()
}

fn help_lines<'a>(keymap: &Keymap, theme: &Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let prefix = prefix_name(keymap);
    for (title, table) in [
        (format!("after {prefix}"), keymap::PREFIX),
        ("in copy mode".to_owned(), keymap::COPY),
        ("always".to_owned(), keymap::ROOT),
    ] {
        lines.push(Line::from(Span::styled(title, style(theme.border_focused))));
        for (keys, what) in grouped(keymap, table) {
            lines.push(Line::from(format!("  {keys:<9} {what}")));
        }
        lines.push(Line::default());
    }
    lines
}

/// The keys of each thing that can be done, in the order of the first key.
fn grouped(keymap: &Keymap, table: &str) -> Vec<(String, String)> {
    let mut grouped: Vec<(Vec<String>, String)> = Vec::new();
    for (key, binding) in keymap.bindings(table) {
        let (name, what) = (key.to_string(), binding.description());
        // The caret is the one key whose name reads like a control character.
        let name = if name == "^" {
            "caret".to_owned()
        } else {
            name
        };
        match grouped.iter_mut().find(|(_, known)| *known == what) {
            Some((keys, _)) => keys.push(name),
            None => grouped.push((vec![name], what)),
        }
    }
    let names = |keys: Vec<String>| match &keys[..] {
        [first, .., last] if keys.len() > 4 => format!("{first} to {last}"),
        _ => keys.join(" "),
    };
    grouped
        .into_iter()
        .map(|(keys, what)| (names(keys), what))
        .collect()
}

fn prefix_name(keymap: &Keymap) -> String {
    let prefix = keymap.prefix();
    prefix.map_or_else(|| "the prefix".to_owned(), |key| key.to_string())
}
