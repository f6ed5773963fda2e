//! Styles as the escape sequences that set them, for text that leaves wt (ECMA-48 SGR; xterm ctlseqs; OSC 8).

use super::cell::Cell;
use super::style::{Attrs, Color, Link, Style, StyleId};
use super::tables::Tables;
use std::io::Write;

/// What stands between the parts of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// As ISO 8613-6 has it, and xterm's reports.
    Colons,
    /// As every terminal and pager understands it.
    Semicolons,
}

/// Appends the sequence that leads from any style to `style`, its hyperlink left out.
pub fn put_sgr(style: &Style, out: &mut Vec<u8>) {
    put(
        out,
        format_args!("\x1b[{}m", describe(style, Parts::Semicolons)),
    );
}

/// The parameters of the SGR that leads from any style to `style`.
pub(super) fn describe(style: &Style, parts: Parts) -> String {
    let mut out = String::from("0");
    let plain = [
        (Attrs::BOLD, 1),
        (Attrs::DIM, 2),
        (Attrs::ITALIC, 3),
        (Attrs::BLINK, 5),
        (Attrs::INVERSE, 7),
        (Attrs::HIDDEN, 8),
        (Attrs::STRIKE, 9),
        (Attrs::OVERLINE, 53),
    ];
    for (_, number) in plain.iter().filter(|(attr, _)| style.attrs.contains(*attr)) {
        out += &format!(";{number}");
    }
    match style.attrs.underline() {
        0 => {}
        1 => out += ";4",
        shape => out += &format!(";4:{shape}"),
    }
    let colors = [
        (style.fg, 30, parts),
        (style.bg, 40, parts),
        (style.underline, 50, Parts::Colons),
    ];
    for (color, base, parts) in colors {
        out += &match (color, parts) {
            (Color::Default, _) => continue,
            (Color::Index(n @ 0..=7), _) if base < 50 => format!(";{}", base + n),
            (Color::Index(n @ 8..=15), _) if base < 50 => format!(";{}", base + 52 + n),
            (Color::Index(n), Parts::Colons) => format!(";{}:5:{n}", base + 8),
            (Color::Index(n), Parts::Semicolons) => format!(";{};5;{n}", base + 8),
            (Color::Rgb(r, g, b), Parts::Colons) => format!(";{}:2::{r}:{g}:{b}", base + 8),
            (Color::Rgb(r, g, b), Parts::Semicolons) => format!(";{};2;{r};{g};{b}", base + 8),
        };
    }
    out
}

/// Appends cells as text with the sequences that give them their looks and hyperlinks. Begins and ends in the default
/// style.
pub fn put_cells(cells: &[Cell], tables: &Tables, out: &mut Vec<u8>) {
    let (mut style, mut link) = (StyleId::DEFAULT, 0);
    let mut text = String::with_capacity(cells.len());
    for cell in cells {
        if cell.style != style {
            out.extend_from_slice(text.as_bytes());
            text.clear();
            style = cell.style;
            let look = tables.style(style);
            put_sgr(&look, out);
            if look.link != link {
                link = look.link;
                put_link(tables.link(link), out);
            }
        }
        tables.push_text(cell, &mut text);
    }
    out.extend_from_slice(text.as_bytes());
    if link != 0 {
        put_link(&Link::default(), out);
    }
    if style != StyleId::DEFAULT {
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// Appends the sequence that begins a hyperlink, or (the empty one) ends it.
pub fn put_link(link: &Link, out: &mut Vec<u8>) {
    let id = if link.id.is_empty() {
        String::new()
    } else {
        format!("id={}", link.id)
    };
    put(out, format_args!("\x1b]8;{id};{}\x1b\\", link.uri));
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("a vector takes every byte");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_spelled_out() {
        let mut attrs = Attrs::BOLD;
        attrs.set_underline(3);
        let style = Style {
            fg: Color::Index(9),
            bg: Color::Rgb(1, 2, 3),
            underline: Color::Index(5),
            attrs,
            ..Style::default()
        };
        let mut out = Vec::new();
        put_sgr(&style, &mut out);
        assert_eq!(out, b"\x1b[0;1;4:3;91;48;2;1;2;3;58:5:5m");
        out.clear();
        put_sgr(&Style::default(), &mut out);
        assert_eq!(out, b"\x1b[0m");
    }
}
