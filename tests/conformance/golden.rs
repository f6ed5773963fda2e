//! A screen as text that can be read, compared and put into version control: each row, below it the styles that are
//! not the default by columns, and the cursor.

use super::shown::{Shown, ShownRow};
use std::fmt::Write;
use wt::term::{Attrs, Color, Cursor, Emulator, Style};

const ATTRS: [(Attrs, &str); 9] = [
    (Attrs::BOLD, "bold"),
    (Attrs::DIM, "dim"),
    (Attrs::ITALIC, "italic"),
    (Attrs::BLINK, "blink"),
    (Attrs::INVERSE, "inverse"),
    (Attrs::HIDDEN, "hidden"),
    (Attrs::STRIKE, "strike"),
    (Attrs::OVERLINE, "overline"),
    (Attrs::PROTECTED, "protected"),
];

const UNDERLINES: [&str; 6] = ["", "underline", "double", "curly", "dotted", "dashed"];

/// The visible rows and the cursor. A row begins with `|`, or with `+` if its line goes on in the next.
pub fn screen(emulator: &Emulator, rows: &[ShownRow]) -> String {
    let mut out = String::new();
    for row in rows {
        put_row(row, &mut out);
    }
    let Cursor {
        row, col, visible, ..
    } = emulator.cursor();
    let hidden = if visible { "" } else { ", hidden" };
    let _ = writeln!(out, "cursor {row},{col}{hidden}");
    if !emulator.title().is_empty() {
        let _ = writeln!(out, "title {}", emulator.title());
    }
    out
}

fn put_row(row: &ShownRow, out: &mut String) {
    let text: String = row.cells.iter().map(|cell| &*cell.text).collect();
    let mark = if row.wrapped { '+' } else { '|' };
    let _ = writeln!(out, "{mark}{}", text.trim_end_matches(' '));
    let mut styles = String::new();
    let mut col = 0;
    for run in row
        .cells
        .chunk_by(|a, b| a.style == b.style && a.link == b.link)
    {
        let last = col + run.len() - 1;
        let style = style(&run[0]);
        if !style.is_empty() {
            let _ = write!(styles, "  {col}-{last}{style}");
        }
        col += run.len();
    }
    if !styles.is_empty() {
        let _ = writeln!(out, "  {}", styles.trim_start());
    }
}

/// Each word with a space before it; nothing for the default style.
fn style(cell: &Shown) -> String {
    let Style {
        fg,
        bg,
        underline,
        attrs,
        ..
    } = cell.style;
    let mut words = String::new();
    for (name, color) in [("", fg), ("on ", bg), ("line ", underline)] {
        match color {
            Color::Default => {}
            Color::Index(index) => words += &format!(" {name}{index}"),
            Color::Rgb(r, g, b) => words += &format!(" {name}#{r:02x}{g:02x}{b:02x}"),
        }
    }
    for (attr, name) in ATTRS {
        if attrs.contains(attr) {
            words += &format!(" {name}");
        }
    }
    if attrs.underline() > 0 {
        words += &format!(" {}", UNDERLINES[usize::from(attrs.underline())]);
    }
    if !cell.link.is_empty() {
        words += &format!(" <{}>", cell.link);
    }
    words
}
