//! Colours by number, by name and by value: xterm's 256, the ones a program has changed, and how colours are written.

use super::style::{Color, Style};
use crate::varint::{self, Malformed, Reader};
use std::collections::BTreeMap;

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// The colours that a program has changed and that its pane is drawn with. All others are the viewer's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Palette {
    indexed: BTreeMap<u8, Rgb>,
    /// Letters (OSC 10).
    pub foreground: Option<Rgb>,
    /// What is behind them (OSC 11).
    pub background: Option<Rgb>,
    /// The cursor (OSC 12).
    pub cursor: Option<Rgb>,
}

impl Palette {
    /// Whether all colours are the viewer's own.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the program has made of colour `index`.
    pub fn index(&self, index: u8) -> Option<Rgb> {
        self.indexed.get(&index).copied()
    }

    /// Changes colour `index`, or gives it back to the viewer.
    pub fn set_index(&mut self, index: u8, color: Option<Rgb>) {
        match color {
            Some(color) => self.indexed.insert(index, color),
            None => self.indexed.remove(&index),
        };
    }

    /// The changed colours of the 256, in their order.
    pub fn indexed(&self) -> impl ExactSizeIterator<Item = (u8, Rgb)> {
        self.indexed.iter().map(|(index, color)| (*index, *color))
    }

    /// Appends the palette as bytes: changed colours by number, then letters, background and cursor.
    pub fn put(&self, out: &mut Vec<u8>) {
        varint::put(out, self.indexed.len() as u64);
        for (index, (r, g, b)) in self.indexed() {
            out.extend([index, r, g, b]);
        }
        for color in [self.foreground, self.background, self.cursor] {
            put_color(color, out);
        }
    }

    /// Reads what [`Palette::put`] wrote.
    ///
    /// # Errors
    /// If it is something else.
    pub fn read(reader: &mut Reader) -> Result<Self, Malformed> {
        let mut palette = Self::default();
        for _ in 0..reader.at_most(256)? {
            let index = reader.u8()?;
            palette.indexed.insert(index, read_rgb(reader)?);
        }
        palette.foreground = read_color(reader)?;
        palette.background = read_color(reader)?;
        palette.cursor = read_color(reader)?;
        Ok(palette)
    }

    /// The style in this palette's colours.
    pub fn paint(&self, mut style: Style) -> Style {
        style.fg = self.color(style.fg, self.foreground);
        style.bg = self.color(style.bg, self.background);
        style.underline = self.color(style.underline, None);
        style
    }

    fn color(&self, color: Color, default: Option<Rgb>) -> Color {
        let changed = match color {
            Color::Default => default,
            Color::Index(index) => self.index(index),
            Color::Rgb(..) => None,
        };
        changed.map_or(color, |(r, g, b)| Color::Rgb(r, g, b))
    }
}

pub(super) fn put_color(color: Option<Rgb>, out: &mut Vec<u8>) {
    match color {
        None => out.push(0),
        Some((r, g, b)) => out.extend([1, r, g, b]),
    }
}

pub(super) fn read_color(reader: &mut Reader) -> Result<Option<Rgb>, Malformed> {
    match reader.at_most(1)? {
        0 => Ok(None),
        _ => read_rgb(reader).map(Some),
    }
}

fn read_rgb(reader: &mut Reader) -> Result<Rgb, Malformed> {
    Ok((reader.u8()?, reader.u8()?, reader.u8()?))
}

/// xterm's palette of 256.
pub fn xterm(index: u8) -> Rgb {
    const BASE: [Rgb; 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..=15 => BASE[usize::from(index)],
        16..=231 => {
            let n = index - 16;
            (level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        grey => {
            let n = 8 + 10 * (grey - 232);
            (n, n, n)
        }
    }
}

/// How bright a colour is, from 0 to 1 (WCAG 2.2, "relative luminance").
pub fn luminance((r, g, b): Rgb) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Whether a background of this colour makes a terminal a dark one.
pub fn is_dark(background: Rgb) -> bool {
    luminance(background) < 0.18
}

/// A colour as X11 writes it (XParseColor(3), "Color Names"): `rgb:r/g/b` with 1 to 4 digits each, scaled; `#rgb` with
/// as many, which are the highest digits; `rgbi:r/g/b` with intensities; or a name. The device-independent ones (CIE's
/// and TekHVC) are no colours here: nobody writes them, and they need Xlib's tables of a display.
pub fn parse(text: &str) -> Option<Rgb> {
    if let Some(digits) = text.strip_prefix('#') {
        return from_digits(digits);
    }
    match text.split_once(':') {
        Some((space, values)) if space.eq_ignore_ascii_case("rgb") => from_parts(values, scaled),
        Some((space, values)) if space.eq_ignore_ascii_case("rgbi") => from_intensities(values),
        Some(_) => None,
        None => by_name(text),
    }
}

/// Three values between slashes.
fn from_parts(values: &str, channel: impl FnMut(&str) -> Option<u8>) -> Option<Rgb> {
    let mut parts = values.split('/').map(channel);
    let color = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(color)
}

fn hex(digits: &str) -> Option<u32> {
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| plain)
}

fn scaled(digits: &str) -> Option<u8> {
    let max = (1u32 << (4 * digits.len().min(4))) - 1;
    Some((hex(digits)? * 255 / max) as u8)
}

/// Intensities from 0 to 1 between slashes, as the display that X11 assumes shows them (a Tektronix of 1990, whose red
/// is darker than its green and blue; its curves in Xlib's tables come to these exponents).
fn from_intensities(values: &str) -> Option<Rgb> {
    let mut exponents = [1.0 / 2.49, 1.0 / 2.22, 1.0 / 2.22].into_iter();
    from_parts(values, |text| {
        let intensity: f64 = text.parse().ok()?;
        let shown = intensity.powf(exponents.next()?) * 255.0;
        (0.0..=1.0)
            .contains(&intensity)
            .then_some(shown.round() as u8)
    })
}

/// The highest 8 bits of each third.
fn from_digits(digits: &str) -> Option<Rgb> {
    let each = digits.len() / 3;
    let part = |n: usize| {
        let value = hex(digits.get(n * each..(n + 1) * each)?)?;
        Some((value << (16 - 4 * each) >> 8) as u8)
    };
    let whole = each * 3 == digits.len();
    whole
        .then(|| Some((part(0)?, part(1)?, part(2)?)))
        .flatten()
}

/// The names that people write, of those that X11 knows (rgb.txt).
const NAMES: &[(&str, Rgb)] = &[
    ("black", (0, 0, 0)),
    ("white", (255, 255, 255)),
    ("red", (255, 0, 0)),
    ("green", (0, 255, 0)),
    ("blue", (0, 0, 255)),
    ("yellow", (255, 255, 0)),
    ("magenta", (255, 0, 255)),
    ("cyan", (0, 255, 255)),
    ("gray", (190, 190, 190)),
    ("grey", (190, 190, 190)),
    ("lime", (0, 255, 0)),
    ("orange", (255, 165, 0)),
    ("purple", (160, 32, 240)),
    ("brown", (165, 42, 42)),
    ("pink", (255, 192, 203)),
    ("gold", (255, 215, 0)),
    ("violet", (238, 130, 238)),
    ("turquoise", (64, 224, 208)),
    ("tomato", (255, 99, 71)),
    ("salmon", (250, 128, 114)),
    ("navy", (0, 0, 128)),
    ("maroon", (176, 48, 96)),
    ("beige", (245, 245, 220)),
    ("ivory", (255, 255, 240)),
    ("khaki", (240, 230, 140)),
    ("orchid", (218, 112, 214)),
    ("wheat", (245, 222, 179)),
    ("snow", (255, 250, 250)),
    ("tan", (210, 180, 140)),
    ("darkred", (139, 0, 0)),
    ("darkgreen", (0, 100, 0)),
    ("darkblue", (0, 0, 139)),
    ("darkcyan", (0, 139, 139)),
    ("darkmagenta", (139, 0, 139)),
    ("darkorange", (255, 140, 0)),
    ("darkgray", (169, 169, 169)),
    ("darkgrey", (169, 169, 169)),
    ("lightblue", (173, 216, 230)),
    ("lightgreen", (144, 238, 144)),
    ("lightcyan", (224, 255, 255)),
    ("lightyellow", (255, 255, 224)),
    ("lightgray", (211, 211, 211)),
    ("lightgrey", (211, 211, 211)),
    ("skyblue", (135, 206, 235)),
    ("steelblue", (70, 130, 180)),
    ("royalblue", (65, 105, 225)),
    ("forestgreen", (34, 139, 34)),
    ("seagreen", (46, 139, 87)),
    ("slategray", (112, 128, 144)),
    ("slategrey", (112, 128, 144)),
];

/// A colour by its name, whichever way it is spaced and capitalised; `gray` also with its percent.
fn by_name(name: &str) -> Option<Rgb> {
    let plain = name.replace(' ', "").to_ascii_lowercase();
    let percent = plain.strip_prefix("gray").or(plain.strip_prefix("grey"));
    let percent = percent.filter(|percent| percent.bytes().all(|c| c.is_ascii_digit()));
    if let Some(percent) = percent.and_then(|percent| percent.parse::<u32>().ok()) {
        let level = (percent * 255 + 50) / 100;
        return u8::try_from(level).ok().map(|level| (level, level, level));
    }
    let found = NAMES.iter().find(|(known, _)| *known == plain);
    found.map(|(_, color)| *color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_x11_writes_them() {
        for (text, color) in [
            ("rgb:f/0/8", Some((255, 0, 136))),
            ("RGB:ffff/8080/00", Some((255, 128, 0))),
            ("#fff", Some((240, 240, 240))),
            ("#102030", Some((16, 32, 48))),
            ("#800800f00", Some((128, 128, 240))),
            ("#aaaabbbbcccc", Some((170, 187, 204))),
            ("rgbi:1/0.5/0.5", Some((255, 187, 187))),
            ("rgbi:0.5/0/1.0", Some((193, 0, 255))),
            ("rgbi:2/0/0", None),
            ("rgbi:nan/0/0", None),
            ("Dark Orange", Some((255, 140, 0))),
            ("gray50", Some((128, 128, 128))),
            ("grey100", Some((255, 255, 255))),
            ("gray101", None),
            ("rgb:1/2", None),
            ("rgb:1/2/3/4", None),
            ("rgb:+1/2/3", None),
            ("#12345", None),
            ("#é12", None),
            ("nocolour", None),
            ("", None),
        ] {
            assert_eq!(parse(text), color, "{text}");
        }
    }

    #[test]
    fn only_what_was_changed_is_drawn_otherwise() {
        let mut palette = Palette::default();
        assert!(palette.is_empty());
        palette.set_index(1, Some((1, 2, 3)));
        palette.background = Some((4, 5, 6));
        let style = Style {
            fg: Color::Index(1),
            underline: Color::Index(2),
            ..Style::default()
        };
        let painted = palette.paint(style);
        assert_eq!(painted.fg, Color::Rgb(1, 2, 3));
        assert_eq!(painted.bg, Color::Rgb(4, 5, 6));
        assert_eq!(painted.underline, Color::Index(2));
        palette.set_index(1, None);
        palette.background = None;
        assert_eq!(palette.paint(style), style);
        assert!(palette.is_empty());
    }
}
