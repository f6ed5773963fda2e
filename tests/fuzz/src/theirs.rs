//! A cell of alacritty_terminal in wt's words. Included by wt's own tests, by the fuzz target and by the conformance
//! suite; `super::term` is wt's.

use super::term::{Attrs, Color, Style};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color as TheirColor, NamedColor};

/// Its characters; nothing for the right half of a wide one.
pub fn text(cell: &Cell) -> String {
    let mut text = String::new();
    if !cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
        // It marks where a tabulator went, and what it passed over, by the control itself.
        text.push(if cell.c == '\t' { ' ' } else { cell.c });
        text.extend(cell.zerowidth().into_iter().flatten());
    }
    text
}

/// Its look, without the link.
pub fn style(cell: &Cell) -> Style {
    Style {
        fg: color(cell.fg),
        bg: color(cell.bg),
        underline: cell.underline_color().map_or(Color::Default, color),
        attrs: attrs(cell.flags),
        link: 0,
    }
}

/// Where it leads to.
pub fn link(cell: &Cell) -> String {
    let link = cell.hyperlink();
    link.map_or(String::new(), |link| link.uri().to_owned())
}

fn attrs(flags: Flags) -> Attrs {
    let mut attrs = Attrs::default();
    for (theirs, ours) in [
        (Flags::BOLD, Attrs::BOLD),
        (Flags::DIM, Attrs::DIM),
        (Flags::ITALIC, Attrs::ITALIC),
        (Flags::INVERSE, Attrs::INVERSE),
        (Flags::HIDDEN, Attrs::HIDDEN),
        (Flags::STRIKEOUT, Attrs::STRIKE),
    ] {
        attrs.set(ours, flags.contains(theirs));
    }
    let underlines = [
        Flags::UNDERLINE,
        Flags::DOUBLE_UNDERLINE,
        Flags::UNDERCURL,
        Flags::DOTTED_UNDERLINE,
        Flags::DASHED_UNDERLINE,
    ];
    let underline = underlines.iter().position(|flag| flags.contains(*flag));
    attrs.set_underline(underline.map_or(0, |n| n as u8 + 1));
    attrs
}

fn color(color: TheirColor) -> Color {
    match color {
        TheirColor::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
        TheirColor::Indexed(index) => Color::Index(index),
        TheirColor::Named(name) if (name as usize) < 16 => Color::Index(name as u8),
        TheirColor::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        TheirColor::Named(name) => panic!("a program cannot ask for the colour {name:?}"),
    }
}
