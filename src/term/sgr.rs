//! SGR: the pen's colours and attributes (ECMA-48 §8.3.117; colons after ITU-T T.416 and kitty's underlines).

use super::sequence::Params;
use super::style::{Attrs, Color, Style, StyleId};
use super::terminal::Terminal;

impl Terminal {
    /// Changes the pen.
    pub(super) fn sgr(&mut self, params: &Params) {
        if let &[code] = params.numbers() {
            apply(&mut self.caret.style, code);
            let is_default = code == 0 && self.caret.style == Style::default();
            self.pen = is_default.then_some(StyleId::DEFAULT);
            return;
        }
        let mut style = self.caret.style;
        let mut params = params.iter();
        while let Some(param) = params.next() {
            match param {
                [target @ (38 | 48 | 58), rest @ ..] => {
                    let color = match rest {
                        [] => plain_color(&mut || params.next().and_then(|p| p.first()).copied()),
                        rest => colon_color(rest),
                    };
                    match (target, color) {
                        (38, Some(color)) => style.fg = color,
                        (48, Some(color)) => style.bg = color,
                        (_, Some(color)) => style.underline = color,
                        (_, None) => {}
                    }
                }
                [4, line, ..] => style.attrs.set_underline((*line).min(6) as u8),
                [code, ..] => apply(&mut style, *code),
                [] => {}
            }
        }
        self.caret.style = style;
        self.pen = None;
    }
}

/// `5;n` or `2;r;g;b`.
fn plain_color(next: &mut dyn FnMut() -> Option<u16>) -> Option<Color> {
    match next()? {
        5 => u8::try_from(next()?).ok().map(Color::Index),
        2 => {
            let (r, g, b) = (next()?, next()?, next()?);
            rgb(r, g, b)
        }
        _ => None,
    }
}

/// `:5:n`, `:2:r:g:b` or `:2:space:r:g:b` and what may follow.
fn colon_color(rest: &[u16]) -> Option<Color> {
    match *rest {
        [5, n, ..] => u8::try_from(n).ok().map(Color::Index),
        [2, r, g, b] => rgb(r, g, b),
        [2, _, r, g, b, ..] => rgb(r, g, b),
        _ => None,
    }
}

fn rgb(r: u16, g: u16, b: u16) -> Option<Color> {
    let byte = |n| u8::try_from(n).ok();
    Some(Color::Rgb(byte(r)?, byte(g)?, byte(b)?))
}

fn apply(style: &mut Style, code: u16) {
    let attrs = &mut style.attrs;
    match code {
        0 => {
            let protected = attrs.contains(Attrs::PROTECTED);
            let link = style.link;
            *style = Style {
                link,
                ..Style::default()
            };
            style.attrs.set(Attrs::PROTECTED, protected);
        }
        1 => attrs.set(Attrs::BOLD, true),
        2 => attrs.set(Attrs::DIM, true),
        3 => attrs.set(Attrs::ITALIC, true),
        4 => attrs.set_underline(1),
        5 | 6 => attrs.set(Attrs::BLINK, true),
        7 => attrs.set(Attrs::INVERSE, true),
        8 => attrs.set(Attrs::HIDDEN, true),
        9 => attrs.set(Attrs::STRIKE, true),
        21 => attrs.set_underline(2),
        22 => attrs.set(Attrs(Attrs::BOLD.0 | Attrs::DIM.0), false),
        23 => attrs.set(Attrs::ITALIC, false),
        24 => attrs.set_underline(0),
        25 => attrs.set(Attrs::BLINK, false),
        27 => attrs.set(Attrs::INVERSE, false),
        28 => attrs.set(Attrs::HIDDEN, false),
        29 => attrs.set(Attrs::STRIKE, false),
        53 => attrs.set(Attrs::OVERLINE, true),
        55 => attrs.set(Attrs::OVERLINE, false),
        30..=37 => style.fg = Color::Index((code - 30) as u8),
        39 => style.fg = Color::Default,
        40..=47 => style.bg = Color::Index((code - 40) as u8),
        49 => style.bg = Color::Default,
        59 => style.underline = Color::Default,
        90..=97 => style.fg = Color::Index((code - 82) as u8),
        100..=107 => style.bg = Color::Index((code - 92) as u8),
        _ => {}
    }
}
