//! Styles as the escape sequences that set them, for text that leaves wt (ECMA-48 SGR; xterm ctlseqs; OSC 8).

use super::style::{Attrs, Color, Link, Style};
use std::io::Write;

/// Appends the sequence that leads from any style to `style`, its hyperlink left out.
pub fn put_sgr(style: &Style, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[0");
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
        put(out, format_args!(";{number}"));
    }
    match style.attrs.underline() {
        0 => {}
        1 => put(out, format_args!(";4")),
        shape => put(out, format_args!(";4:{shape}")),
    }
    put_color(style.fg, 30, out);
    put_color(style.bg, 40, out);
    match style.underline {
        Color::Default => {}
        Color::Index(index) => put(out, format_args!(";58:5:{index}")),
        Color::Rgb(r, g, b) => put(out, format_args!(";58:2::{r}:{g}:{b}")),
    }
    out.push(b'm');
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

/// `base` is 30 for the foreground, 40 for the background.
fn put_color(color: Color, base: u8, out: &mut Vec<u8>) {
    match color {
        Color::Default => {}
        Color::Index(index @ 0..=7) => put(out, format_args!(";{}", base + index)),
        Color::Index(index @ 8..=15) => put(out, format_args!(";{}", base + 60 + index - 8)),
        Color::Index(index) => put(out, format_args!(";{};5;{index}", base + 8)),
        Color::Rgb(r, g, b) => put(out, format_args!(";{};2;{r};{g};{b}", base + 8)),
    }
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
