//! A history as a page of HTML that needs nothing beside it, runs nothing and fetches nothing.

use super::{Setting, Wrapping, hex};
use crate::term::palette::{Rgb, xterm};
use crate::term::style::{Attrs, Color, Style};
use crate::term::{Cell, StyleId, Tables};
use std::collections::HashMap;
use std::fmt::Write;

/// Kinds of addresses that become links; others are text.
const SCHEMES: [&str; 3] = ["http://", "https://", "file://"];

/// A page that is being written.
pub(super) struct Page {
    /// Default colours: letters, and what is behind them.
    colors: (Rgb, Rgb),
    /// What opens and closes the text in a style.
    styles: HashMap<StyleId, (String, &'static str)>,
}

impl Page {
    /// Appends the page's beginning.
    pub fn begin(setting: Setting, out: &mut Vec<u8>) -> Page {
        let (fore, back) = setting.colors;
        let wrapping = match setting.wrapping {
            Wrapping::Wrap => "white-space:pre-wrap;overflow-wrap:anywhere",
            Wrapping::Scroll => "white-space:pre",
        };
        let mut head = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
        head += "<meta charset=\"utf-8\">\n";
        head += "<meta http-equiv=\"Content-Security-Policy\" ";
        head += "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
        head += "<title>";
        escape(&setting.title, &mut head);
        head += "</title>\n<style>\n";
        head += "@keyframes blink{50%{opacity:0}}\n";
        head += &format!(
            "body{{margin:0;color:{};background:{}}}\n",
            hex(fore),
            hex(back)
        );
        head += &format!("pre{{margin:1em;font:14px/1.3 monospace;{wrapping}}}\n");
        head += "a{color:inherit}\n</style>\n</head>\n<body>\n<pre>\n";
        out.extend_from_slice(head.as_bytes());
        Page {
            colors: setting.colors,
            styles: HashMap::new(),
        }
    }

    /// Appends the page's end.
    pub fn end(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"</pre>\n</body>\n</html>\n");
    }

    /// Forgets what was found of styles: their numbers are given anew.
    pub fn forget_styles(&mut self) {
        self.styles.clear();
    }

    /// Appends cells.
    pub fn cells(&mut self, cells: &[Cell], tables: &Tables, out: &mut Vec<u8>) {
        let mut rest = cells;
        let (mut text, mut escaped) = (String::new(), String::new());
        while let Some(first) = rest.first() {
            let same = |cell: &&Cell| cell.style == first.style;
            let (run, after) = rest.split_at(rest.iter().take_while(same).count());
            text.clear();
            run.iter()
                .for_each(|cell| tables.push_text(cell, &mut text));
            escaped.clear();
            escape(&text, &mut escaped);
            let colors = self.colors;
            let styled = self.styles.entry(first.style);
            let (open, close) = styled.or_insert_with(|| opening(first.style, colors, tables));
            for part in [open.as_str(), &escaped, close] {
                out.extend_from_slice(part.as_bytes());
            }
            rest = after;
        }
    }
}

/// What opens and closes text in a style.
fn opening(id: StyleId, colors: (Rgb, Rgb), tables: &Tables) -> (String, &'static str) {
    let style = tables.style(id);
    let css = css(&style, colors);
    let attribute = match css.is_empty() {
        true => String::new(),
        false => format!(" style=\"{css}\""),
    };
    let uri = &tables.link(style.link).uri;
    let lower = uri.to_ascii_lowercase();
    if SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
        let mut href = String::new();
        escape(uri, &mut href);
        let open = format!("<a href=\"{href}\" rel=\"noopener noreferrer\"{attribute}>");
        return (open, "</a>");
    }
    match attribute.is_empty() {
        true => (String::new(), ""),
        false => (format!("<span{attribute}>"), "</span>"),
    }
}

/// The declarations for a style; empty for the default one.
fn css(style: &Style, (fore, back): (Rgb, Rgb)) -> String {
    let has = |attr| style.attrs.contains(attr);
    let (mut ink, mut ground) = (rgb(style.fg), rgb(style.bg));
    if has(Attrs::INVERSE) {
        (ink, ground) = (Some(ground.unwrap_or(back)), Some(ink.unwrap_or(fore)));
    }
    let mut css = String::new();
    let mut say = |name: &str, value: &str| {
        let _ = write!(css, "{name}:{value};");
    };
    if let Some(ink) = ink {
        say("color", &hex(ink));
    }
    if let Some(ground) = ground {
        say("background", &hex(ground));
    }
    for (attr, name, value) in [
        (Attrs::BOLD, "font-weight", "bold"),
        (Attrs::DIM, "opacity", ".6"),
        (Attrs::ITALIC, "font-style", "italic"),
        (Attrs::BLINK, "animation", "blink 1s step-end infinite"),
        (Attrs::HIDDEN, "visibility", "hidden"),
    ] {
        if has(attr) {
            say(name, value);
        }
    }
    let lines = lines(style);
    if !lines.is_empty() {
        say("text-decoration", &lines);
    }
    css
}

/// The lines under, through and over text.
fn lines(style: &Style) -> String {
    let shape = style.attrs.underline();
    let mut lines = Vec::new();
    for (is_there, name) in [
        (shape > 0, "underline"),
        (style.attrs.contains(Attrs::STRIKE), "line-through"),
        (style.attrs.contains(Attrs::OVERLINE), "overline"),
    ] {
        lines.extend(is_there.then(|| name.to_owned()));
    }
    let shapes = ["double", "wavy", "dotted", "dashed"];
    lines.extend(
        shapes
            .get(usize::from(shape).wrapping_sub(2))
            .map(|shape| shape.to_string()),
    );
    if shape > 0 {
        lines.extend(rgb(style.underline).map(hex));
    }
    lines.join(" ")
}

fn rgb(color: Color) -> Option<Rgb> {
    match color {
        Color::Default => None,
        Color::Index(index) => Some(xterm(index)),
        Color::Rgb(r, g, b) => Some((r, g, b)),
    }
}

/// Appends `text` so that it is text between tags and within quotes (HTML, "Serializing HTML fragments").
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A title may hold anything.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
