//! The pen: how the user's terminal will draw the next character, and the shortest SGR that changes it
//! (ECMA-48 §8.3.117; kitty's underline styles and colours; OSC 8 hyperlinks).

use crate::term::hidden::is_steering;
use crate::term::palette;
use crate::term::{Attrs, Color, Style, Tables};
use std::io::Write;

/// How many colours the user's terminal draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None: attributes alone.
    Mono,
    /// The sixteen of ECMA-48 and aixterm.
    Ansi16,
    /// xterm's palette of 256.
    Indexed256,
    /// 24 bits.
    True,
}

impl std::fmt::Display for ColorDepth {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            ColorDepth::Mono => "none",
            ColorDepth::Ansi16 => "16",
            ColorDepth::Indexed256 => "256",
            ColorDepth::True => "16 million",
        })
    }
}

/// The pen's state in the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pen {
    style: Style,
}

impl Pen {
    /// Appends what leads from the present style to `style`, as far as `depth` can show it.
    pub fn change(&mut self, style: Style, depth: ColorDepth, tables: &Tables, out: &mut Vec<u8>) {
        let style = shown(style, depth);
        if style == self.style {
            return;
        }
        if style.link != self.style.link {
            put_link(style.link, tables, out);
        }
        let old = Style {
            link: style.link,
            ..self.style
        };
        self.style = style;
        if old != style {
            put_sgr(old, style, out);
        }
    }

    /// Whether the pen would draw `style` without a change.
    pub fn draws(&self, style: Style, depth: ColorDepth) -> bool {
        self.style == shown(style, depth)
    }

    /// Returns to the default style, in which erasing is safe on every terminal.
    pub fn reset(&mut self, tables: &Tables, out: &mut Vec<u8>) {
        self.change(Style::default(), ColorDepth::True, tables, out);
    }
}

/// The style as a terminal of `depth` colours shows it.
fn shown(mut style: Style, depth: ColorDepth) -> Style {
    style.attrs.set(Attrs::PROTECTED, false);
    style.fg = degraded(style.fg, depth);
    style.bg = degraded(style.bg, depth);
    if depth < ColorDepth::True {
        style.underline = Color::Default;
        let kind = style.attrs.underline().min(1);
        style.attrs.set_underline(kind);
    }
    if depth < ColorDepth::Indexed256 {
        style.link = 0;
        style.attrs.set(Attrs::OVERLINE, false);
    }
    style
}

pub(super) fn degraded(color: Color, depth: ColorDepth) -> Color {
    match (color, depth) {
        (Color::Default, _) | (_, ColorDepth::Mono) => Color::Default,
        (color, ColorDepth::True) => color,
        (Color::Rgb(r, g, b), ColorDepth::Indexed256) => Color::Index(nearest_256(r, g, b)),
        (color @ Color::Index(_), ColorDepth::Indexed256) => color,
        (Color::Index(index @ 0..16), ColorDepth::Ansi16) => Color::Index(index),
        (Color::Index(index), ColorDepth::Ansi16) => {
            let (r, g, b) = palette::xterm(index);
            Color::Index(nearest_16(r, g, b))
        }
        (Color::Rgb(r, g, b), ColorDepth::Ansi16) => Color::Index(nearest_16(r, g, b)),
    }
}

/// xterm's cube levels.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

fn nearest_256(r: u8, g: u8, b: u8) -> u8 {
    let level = |value: u8| {
        (0..6u8)
            .min_by_key(|&level| LEVELS[usize::from(level)].abs_diff(value))
            .unwrap_or(0)
    };
    let cube = 16 + 36 * level(r) + 6 * level(g) + level(b);
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let grey = 232 + (mean.saturating_sub(3) / 10).min(23) as u8;
    if distance(palette::xterm(grey), (r, g, b)) < distance(palette::xterm(cube), (r, g, b)) {
        grey
    } else {
        cube
    }
}

fn nearest_16(r: u8, g: u8, b: u8) -> u8 {
    (0..16u8)
        .min_by_key(|&index| distance(palette::xterm(index), (r, g, b)))
        .unwrap_or(7)
}

fn put_link(link: u16, tables: &Tables, out: &mut Vec<u8>) {
    let link = tables.link(link);
    let printable = |text: &str| !text.contains(is_steering);
    out.extend_from_slice(b"\x1b]8;");
    if printable(&link.uri) && printable(&link.id) && !link.uri.is_empty() {
        if !link.id.is_empty() {
            out.extend_from_slice(b"id=");
            out.extend_from_slice(link.id.as_bytes());
        }
        out.push(b';');
        out.extend_from_slice(link.uri.as_bytes());
    } else {
        out.push(b';');
    }
    out.extend_from_slice(b"\x1b\\");
}

/// Parameters of one SGR, written in place.
struct Sgr<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Sgr<'_> {
    fn param(&mut self, param: std::fmt::Arguments) {
        if !self.first {
            self.out.push(b';');
        }
        self.first = false;
        self.out
            .write_fmt(param)
            .expect("writing into a vector cannot fail");
    }

    fn color(&mut self, color: Color, base: u8) {
        match color {
            Color::Default => self.param(format_args!("{}", base + 9)),
            Color::Index(index @ 0..8) => self.param(format_args!("{}", base + index)),
            Color::Index(index @ 8..16) => self.param(format_args!("{}", base + 52 + index)),
            Color::Index(index) => self.param(format_args!("{};5;{index}", base + 8)),
            Color::Rgb(r, g, b) => self.param(format_args!("{};2;{r};{g};{b}", base + 8)),
        }
    }

    fn underline_color(&mut self, color: Color) {
        match color {
            Color::Default => self.param(format_args!("59")),
            Color::Index(index) => self.param(format_args!("58:5:{index}")),
            Color::Rgb(r, g, b) => self.param(format_args!("58:2::{r}:{g}:{b}")),
        }
    }
}

/// Each attribute with the parameters that set and clear it; bold and dim are cleared together.
const ATTRS: [(Attrs, u8, u8); 8] = [
    (Attrs::BOLD, 1, 22),
    (Attrs::DIM, 2, 22),
    (Attrs::ITALIC, 3, 23),
    (Attrs::BLINK, 5, 25),
    (Attrs::INVERSE, 7, 27),
    (Attrs::HIDDEN, 8, 28),
    (Attrs::STRIKE, 9, 29),
    (Attrs::OVERLINE, 53, 55),
];

/// Appends the shorter of a change from `old` and a fresh start.
fn put_sgr(old: Style, new: Style, out: &mut Vec<u8>) {
    let start = out.len();
    put_difference(old, new, out);
    let difference = out.len() - start;
    put_fresh(new, out);
    if out.len() - start - difference < difference {
        out.drain(start..start + difference);
    } else {
        out.truncate(start + difference);
    }
}

fn put_fresh(new: Style, out: &mut Vec<u8>) {
    if new
        == (Style {
            link: new.link,
            ..Style::default()
        })
    {
        out.extend_from_slice(b"\x1b[m");
        return;
    }
    out.extend_from_slice(b"\x1b[0");
    let mut sgr = Sgr { out, first: false };
    put_changes(
        &mut sgr,
        Style {
            link: new.link,
            ..Style::default()
        },
        new,
    );
    out.push(b'm');
}

fn put_difference(old: Style, new: Style, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    let mut sgr = Sgr { out, first: true };
    put_changes(&mut sgr, old, new);
    out.push(b'm');
}

fn put_changes(sgr: &mut Sgr, mut old: Style, new: Style) {
    let gone = Attrs(old.attrs.0 & !new.attrs.0);
    for (attr, _, clear) in ATTRS {
        if gone.contains(attr) && old.attrs.contains(attr) {
            sgr.param(format_args!("{clear}"));
            old.attrs.set(attr, false);
            if clear == 22 {
                old.attrs.set(Attrs::BOLD, false);
                old.attrs.set(Attrs::DIM, false);
            }
        }
    }
    for (attr, set, _) in ATTRS {
        if new.attrs.contains(attr) && !old.attrs.contains(attr) {
            sgr.param(format_args!("{set}"));
        }
    }
    if old.attrs.underline() != new.attrs.underline() {
        match new.attrs.underline() {
            0 => sgr.param(format_args!("24")),
            1 if old.attrs.underline() == 0 => sgr.param(format_args!("4")),
            kind => sgr.param(format_args!("4:{kind}")),
        }
    }
    if old.fg != new.fg {
        sgr.color(new.fg, 30);
    }
    if old.bg != new.bg {
        sgr.color(new.bg, 40);
    }
    if old.underline != new.underline {
        sgr.underline_color(new.underline);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(from: Style, to: Style, depth: ColorDepth) -> String {
        let tables = Tables::default();
        let mut pen = Pen::default();
        pen.change(from, depth, &tables, &mut Vec::new());
        let mut out = Vec::new();
        pen.change(to, depth, &tables, &mut out);
        String::from_utf8(out).expect("ASCII").replace('\x1b', "␛")
    }

    fn style(fg: Color, attrs: Attrs) -> Style {
        Style {
            fg,
            attrs,
            ..Style::default()
        }
    }

    #[test]
    fn the_shorter_way_is_taken() {
        let red_bold = style(Color::Index(1), Attrs::BOLD);
        let red = style(Color::Index(1), Attrs(0));
        let all = style(
            Color::Index(1),
            Attrs(Attrs::BOLD.0 | Attrs::ITALIC.0 | Attrs::INVERSE.0),
        );
        assert_eq!(lead(red_bold, red, ColorDepth::True), "␛[22m");
        assert_eq!(lead(all, red, ColorDepth::True), "␛[0;31m");
        assert_eq!(lead(red_bold, Style::default(), ColorDepth::True), "␛[m");
    }

    #[test]
    fn dim_survives_the_end_of_bold() {
        let both = style(Color::Default, Attrs(Attrs::BOLD.0 | Attrs::DIM.0));
        let dim = style(Color::Default, Attrs::DIM);
        assert_eq!(lead(both, dim, ColorDepth::True), "␛[0;2m");
        let both = style(Color::Rgb(1, 2, 3), Attrs(Attrs::BOLD.0 | Attrs::DIM.0));
        let dim = style(Color::Rgb(1, 2, 3), Attrs::DIM);
        assert_eq!(lead(both, dim, ColorDepth::True), "␛[22;2m");
    }

    #[test]
    fn colours_degrade_to_what_the_terminal_has() {
        let orange = style(Color::Rgb(255, 135, 0), Attrs(0));
        let none = Style::default();
        assert_eq!(lead(none, orange, ColorDepth::True), "␛[38;2;255;135;0m");
        assert_eq!(lead(none, orange, ColorDepth::Indexed256), "␛[38;5;208m");
        assert_eq!(
            lead(
                none,
                style(Color::Rgb(250, 10, 10), Attrs(0)),
                ColorDepth::Ansi16
            ),
            "␛[91m"
        );
        assert_eq!(lead(none, orange, ColorDepth::Mono), "");
    }

    #[test]
    fn a_link_is_left_out_if_a_part_of_it_steers_the_terminal() {
        let lead = |id: &str, uri: &str| {
            let mut tables = Tables::default();
            let (id, uri) = (id.to_owned(), uri.to_owned());
            let link = tables.link_id(&crate::term::style::Link { id, uri });
            let style = Style {
                link,
                ..Style::default()
            };
            let mut out = Vec::new();
            Pen::default().change(style, ColorDepth::True, &tables, &mut out);
            String::from_utf8(out).expect("UTF-8").replace('\x1b', "␛")
        };
        assert_eq!(lead("1", "http://a/é"), "␛]8;id=1;http://a/é␛\\");
        for hostile in ["\x1b", "\n", "\u{9c}", "\u{202e}", "\u{2066}", "\u{feff}"] {
            assert_eq!(lead("1", &format!("http://a/{hostile}")), "␛]8;;␛\\");
            assert_eq!(lead(hostile, "http://a/"), "␛]8;;␛\\");
        }
    }

    #[test]
    fn underlines_keep_their_style_and_colour_where_they_can() {
        let mut curly = Style {
            underline: Color::Rgb(255, 0, 0),
            ..Style::default()
        };
        curly.attrs.set_underline(3);
        assert_eq!(
            lead(Style::default(), curly, ColorDepth::True),
            "␛[4:3;58:2::255:0:0m"
        );
        assert_eq!(
            lead(Style::default(), curly, ColorDepth::Indexed256),
            "␛[4m"
        );
    }
}
