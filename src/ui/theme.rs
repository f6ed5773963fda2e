//! Colours and attributes of what stands around the panes, read from TOML.

use super::pen::ColorDepth;
use crate::term::{Attrs, Color, Style};
use serde::Deserialize;

/// The theme that is built in.
pub const DEFAULT: &str = include_str!("../../themes/default.toml");

/// How the chrome looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The status line.
    pub status: Face,
    /// The tab in use.
    pub tab: Face,
    /// A tab in which a pane rang.
    pub tab_bell: Face,
    /// The prefix, and the place in scrollback.
    pub indicator: Face,
    /// Messages, questions and prompts.
    pub message: Face,
    /// Lines between panes.
    pub border: Face,
    /// Lines around the pane that has the focus.
    pub border_focused: Face,
    /// What no pane fills because another client is smaller.
    pub fill: Face,
    /// How a program ended.
    pub fate: Face,
    /// Selected text.
    pub selection: Face,
    /// Text that the search found.
    #[serde(rename = "match")]
    pub found: Face,
    /// The match in use.
    #[serde(rename = "match_first")]
    pub found_first: Face,
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Face(pub Style);

impl Theme {
    /// Reads a theme. The error is one line that names the entry.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        toml::from_str(text).map_err(|error| ThemeError(error.message().to_owned()))
    }

    /// The theme for a terminal of that many colours: without any, what has a background is inverse instead.
    pub fn for_depth(mut self, depth: ColorDepth) -> Self {
        if depth == ColorDepth::Mono {
            for face in self.faces() {
                if face.0.bg != Color::Default {
                    face.0.attrs.set(Attrs::INVERSE, true);
                }
                (face.0.fg, face.0.bg) = (Color::Default, Color::Default);
            }
        }
        self
    }

    fn faces(&mut self) -> [&mut Face; 12] {
        [
            &mut self.status,
            &mut self.tab,
            &mut self.tab_bell,
            &mut self.indicator,
            &mut self.message,
            &mut self.border,
            &mut self.border_focused,
            &mut self.fill,
            &mut self.fate,
            &mut self.selection,
            &mut self.found,
            &mut self.found_first,
        ]
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::parse(DEFAULT).expect("a test reads the theme that is built in")
    }
}

/// What is wrong with a theme, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("theme: {0}")]
pub struct ThemeError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    fg: String,
    bg: String,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            fg: "default".into(),
            bg: "default".into(),
            bold: false,
            dim: false,
            italic: false,
            underline: false,
            inverse: false,
        }
    }
}

impl<'de> Deserialize<'de> for Face {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = Entry::deserialize(deserializer)?;
        let color = |name: &str| {
            color(name).ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "no colour {name:?}; say \"default\", a name, 0 to 255 or \"#rrggbb\""
                ))
            })
        };
        let mut attrs = Attrs::default();
        attrs.set(Attrs::BOLD, entry.bold);
        attrs.set(Attrs::DIM, entry.dim);
        attrs.set(Attrs::ITALIC, entry.italic);
        attrs.set(Attrs::INVERSE, entry.inverse);
        attrs.set_underline(u8::from(entry.underline));
        Ok(Face(Style {
            fg: color(&entry.fg)?,
            bg: color(&entry.bg)?,
            attrs,
            ..Style::default()
        }))
    }
}

const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

fn color(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Default);
    }
    if let Some(hex) = name.strip_prefix('#') {
        let rgb = u32::from_str_radix(hex, 16)
            .ok()
            .filter(|_| hex.len() == 6)?;
        let [_, r, g, b] = rgb.to_be_bytes();
        return Some(Color::Rgb(r, g, b));
    }
    let named = |name| NAMES.iter().position(|&known| known == name);
    match name.strip_prefix("bright-") {
        Some(name) => named(name).map(|index| Color::Index(index as u8 + 8)),
        None => named(name)
            .map(|index| Color::Index(index as u8))
            .or_else(|| name.parse().ok().map(Color::Index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_theme_is_read() {
        assert_eq!(Theme::default().tab.0.bg, Color::Index(110));
    }

    #[test]
    fn a_wrong_colour_is_named() {
        let text = DEFAULT.replace("\"252\"", "\"beige\"");
        let error = Theme::parse(&text).expect_err("no such colour").to_string();
        assert!(error.contains("\"beige\""), "{error}");
    }

    #[test]
    fn colours_are_named_three_ways() {
        assert_eq!(color("bright-red"), Some(Color::Index(9)));
        assert_eq!(color("236"), Some(Color::Index(236)));
        assert_eq!(color("#0a0b0c"), Some(Color::Rgb(10, 11, 12)));
        assert_eq!(color("256"), None);
        assert_eq!(color("#0a0b0"), None);
    }

    #[test]
    fn without_colours_a_background_becomes_inverse() {
        let theme = Theme::default().for_depth(ColorDepth::Mono);
        assert!(theme.status.0.attrs.contains(Attrs::INVERSE));
        assert!(!theme.border.0.attrs.contains(Attrs::INVERSE));
    }
}
