//! Whether letters can be told from what is behind them: the contrast ratio of the Web Content Accessibility Guidelines
//! (WCAG 2.2, "contrast ratio").

use super::Scheme;
use crate::term::palette::{self, luminance};
use crate::term::{Attrs, Color, Style};

/// The least with which text can be read (WCAG 2.2 §1.4.3, large text).
pub(super) const LEAST_TEXT: f64 = 3.0;
/// The least with which lines can be seen.
pub(super) const LEAST_LINES: f64 = 1.5;

/// How much letters of that style stand out, from 1 to 21, on a terminal whose own colours are such.
pub fn contrast(style: Style, kind: Scheme) -> f64 {
    let (letters, behind) = kind.defaults();
    let rgb = |color, default| match color {
        Color::Default => default,
        Color::Index(index) => palette::xterm(index),
        Color::Rgb(r, g, b) => (r, g, b),
    };
    let (mut fg, mut bg) = (rgb(style.fg, letters), rgb(style.bg, behind));
    if style.attrs.contains(Attrs::INVERSE) {
        (fg, bg) = (bg, fg);
    }
    if style.attrs.contains(Attrs::DIM) {
        // Terminals differ; about half way is what most of them do.
        let half = |a: u8, b: u8| a.midpoint(b);
        fg = (half(fg.0, bg.0), half(fg.1, bg.1), half(fg.2, bg.2));
    }
    let (a, b) = (luminance(fg), luminance(bg));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The style with letters that can be read: its own, or else black or white ones.
pub fn legible(style: Style, kind: Scheme) -> Style {
    if contrast(style, kind) >= LEAST_TEXT {
        return style;
    }
    let with = |index| {
        let mut style = style;
        style.attrs.set(Attrs::DIM, false);
        match style.attrs.contains(Attrs::INVERSE) {
            true => style.bg = Color::Index(index),
            false => style.fg = Color::Index(index),
        }
        style
    };
    let (black, white) = (with(0), with(15));
    match contrast(black, kind) > contrast(white, kind) {
        true => black,
        false => white,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(fg: Color, bg: Color) -> Style {
        Style {
            fg,
            bg,
            ..Style::default()
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let black_on_white = style(Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
        assert_eq!(contrast(black_on_white, Scheme::Dark), 21.0);
        let grey = style(Color::Rgb(0x77, 0x77, 0x77), Color::Rgb(255, 255, 255));
        assert!((contrast(grey, Scheme::Light) - 4.48).abs() < 0.01);
        assert_eq!(
            contrast(style(Color::Index(1), Color::Index(1)), Scheme::Dark),
            1.0
        );
    }

    #[test]
    fn the_terminals_own_colours_go_by_its_kind() {
        let yellow = style(Color::Index(11), Color::Default);
        assert!(contrast(yellow, Scheme::Dark) > 15.0);
        assert!(contrast(yellow, Scheme::Light) < 1.2);
    }

    #[test]
    fn letters_that_cannot_be_read_become_black_or_white() {
        let grey = style(Color::Index(8), Color::Index(8));
        assert_eq!(legible(grey, Scheme::Dark).fg, Color::Index(0));
        let blue = style(Color::Index(4), Color::Index(4));
        assert_eq!(legible(blue, Scheme::Dark).fg, Color::Index(15));
        let fine = style(Color::Index(15), Color::Index(4));
        assert_eq!(legible(fine, Scheme::Dark), fine);
    }
}
