//! Reads one file of a theme.

use super::{FACES, Scheme};
use crate::config::ConfigError;
use crate::config::faults::{Entry, Faults, describe, no_such};
use crate::config::sources::Text;
use crate::term::{Attrs, Color};
use toml::de::{DeTable, DeValue};

/// What one file says.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) file: String,
    pub(super) kind: Option<Scheme>,
    pub(super) palette: Vec<(String, Color)>,
    pub(super) faces: Vec<FaceEntry>,
}

/// A face as it is written: its colours may be names of a palette.
#[derive(Debug)]
pub(super) struct FaceEntry {
    pub(super) name: &'static str,
    pub(super) line: usize,
    pub(super) fg: String,
    pub(super) bg: String,
    pub(super) attrs: Attrs,
}

/// What may stand at the top of a theme beside faces.
const TOP: [&str; 5] = ["description", "include", "fresh", "kind", "palette"];
const IN_FACE: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "inverse"];

/// The eight colours that every terminal has; each has a `bright-` one.
pub(super) const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

impl Layer {
    /// Where the layer gives a face, if it does.
    pub(super) fn entry(&self, name: &str) -> Option<(&str, usize)> {
        let face = self.faces.iter().find(|face| face.name == name)?;
        Some((&self.file, face.line))
    }

    pub(super) fn read(text: &Text) -> (Self, Vec<ConfigError>) {
        let (table, mut faults) = Faults::read(text.text, text.file);
        let mut layer = Self {
            file: text.file.to_owned(),
            kind: None,
            palette: Vec::new(),
            faces: Vec::new(),
        };
        for entry in faults.entries(&table) {
            let read = match (entry.name, entry.value) {
                ("palette", DeValue::Table(colors)) => {
                    layer.palette = read_palette(colors, &mut faults);
                    Ok(())
                }
                (name, value) if TOP.contains(&name) => read_top(name, value, &mut layer),
                _ => read_face(&entry, &faults).map(|face| layer.faces.push(face)),
            };
            if let Err(message) = read {
                faults.push(entry.line, message);
            }
        }
        (layer, faults.finish())
    }
}

fn read_top(name: &str, value: &DeValue, layer: &mut Layer) -> Result<(), String> {
    let (fits, takes) = match (name, value) {
        ("kind", value) => {
            layer.kind = match value.as_str() {
                Some("dark") => Some(Scheme::Dark),
                Some("light") => Some(Scheme::Light),
                _ => None,
            };
            (layer.kind.is_some(), "\"dark\" or \"light\"")
        }
        ("fresh", value) => (value.is_bool(), "true or false"),
        ("palette", _) => (
            false,
            "a table of colours, such as { accent = \"#3a7bd5\" }",
        ),
        (_, value) => (value.is_str(), "a text"),
    };
    match fits {
        true => Ok(()),
        false => Err(format!("`{name}` is {}; it takes {takes}", describe(value))),
    }
}

fn read_palette(colors: &DeTable, faults: &mut Faults) -> Vec<(String, Color)> {
    let mut palette = Vec::new();
    for entry in faults.entries(colors) {
        match written(entry.value).and_then(|name| color(&name)) {
            Some(color) => palette.push((entry.name.to_owned(), color)),
            None => faults.push(
                entry.line,
                format!(
                    "[palette] `{}` is {}; it takes a name such as \"red\", 0 to 255, \"#rrggbb\" or \"default\"",
                    entry.name.escape_debug(),
                    describe(entry.value)
                ),
            ),
        }
    }
    palette
}

fn read_face(entry: &Entry, faults: &Faults) -> Result<FaceEntry, String> {
    let known = FACES.iter().find(|face| face.name == entry.name);
    let Some(known) = known else {
        let all = FACES.iter().map(|face| face.name).chain(TOP);
        return Err(no_such("face", entry.name, all));
    };
    let name = known.name;
    let mut face = FaceEntry {
        name,
        line: entry.line,
        fg: "default".to_owned(),
        bg: "default".to_owned(),
        attrs: Attrs::default(),
    };
    let table = entry.value.as_table().ok_or_else(|| {
        let found = describe(entry.value);
        format!("`{name}` is {found}; it takes a table, such as {{ fg = \"white\", bg = \"blue\", bold = true }}")
    })?;
    for part in faults.entries(table) {
        set(&mut face, part.name, part.value).map_err(|wrong| format!("`{name}`: {wrong}"))?;
    }
    Ok(face)
}

fn set(face: &mut FaceEntry, part: &str, value: &DeValue) -> Result<(), String> {
    let takes = |what| format!("{part} is {}; it takes {what}", describe(value));
    let attr = match part {
        "fg" | "bg" => {
            let name = written(value).ok_or_else(|| takes("a colour"))?;
            *(if part == "fg" {
                &mut face.fg
            } else {
                &mut face.bg
            }) = name;
            return Ok(());
        }
        "bold" => Attrs::BOLD,
        "dim" => Attrs::DIM,
        "italic" => Attrs::ITALIC,
        "underline" => Attrs(1 << Attrs::UNDERLINE_SHIFT),
        "inverse" => Attrs::INVERSE,
        _ => return Err(no_such("attribute", part, IN_FACE.into_iter())),
    };
    let on = value.as_bool().ok_or_else(|| takes("true or false"))?;
    face.attrs.set(attr, on);
    Ok(())
}

/// A colour as it is written: a text, or the number of a palette's entry.
fn written(value: &DeValue) -> Option<String> {
    match value {
        DeValue::String(name) => Some(name.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The colour of that name, if it is none of a palette's own.
pub(super) fn color(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Default);
    }
    if let Some(hex) = name.strip_prefix('#') {
        let is_hex = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let rgb = u32::from_str_radix(hex, 16).ok().filter(|_| is_hex)?;
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
