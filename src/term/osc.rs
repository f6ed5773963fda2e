//! Strings: operating system commands (OSC), and the few others that mean something.

use super::effect::{Effect, Mark};
use super::style::Link;
use super::terminal::Terminal;
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::collections::BTreeMap;

const MAX_TITLE: usize = 4 << 10;
const MAX_TITLES: usize = 10;
const MAX_URI: usize = 2083;
const MAX_LINK_ID: usize = 250;
const MAX_CLIPBOARD: usize = 1 << 20;

use super::palette::{self, Rgb};

/// What the program says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) title: String,
    /// The name of the window's icon (OSC 1); nothing shows it, but programs put it aside and ask for it.
    pub(super) icon: String,
    pub(super) cwd: Option<String>,
    /// Titles put aside (XTWINOPS 22), each with the icon's name.
    pub(super) stack: Vec<(String, String)>,
}

impl Labels {
    /// Puts title and icon's name aside; the oldest fall out when there are too many.
    pub(super) fn push(&mut self) {
        if self.stack.len() == MAX_TITLES {
            self.stack.remove(0);
        }
        self.stack.push((self.title.clone(), self.icon.clone()));
    }

    /// Takes the last ones back: 1 the icon's name alone, 2 the title alone. Says whether the title may have changed.
    pub(super) fn pop(&mut self, which: u16) -> bool {
        let Some((title, icon)) = self.stack.pop() else {
            return false;
        };
        if which != 2 {
            self.icon = icon;
        }
        if which != 1 {
            self.title = title;
        }
        which != 1
    }
}

/// The colours that queries are answered with. What is drawn is the viewer's own palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Palette {
    /// Foreground, background, cursor: OSC 10 to 12.
    defaults: [Rgb; 3],
    changed: [Option<Rgb>; 3],
    indexed: BTreeMap<u8, Rgb>,
}

impl Default for Palette {
    fn default() -> Self {
        let (fg, bg) = ((0xd8, 0xd8, 0xd8), (0, 0, 0));
        Self {
            defaults: [fg, bg, fg],
            changed: [None; 3],
            indexed: BTreeMap::new(),
        }
    }
}

impl Palette {
    pub(super) fn set_defaults(&mut self, fg: Rgb, bg: Rgb) {
        self.defaults = [fg, bg, fg];
    }

    pub(super) fn reset(&mut self) {
        self.changed = [None; 3];
        self.indexed.clear();
    }

    fn index(&self, index: u8) -> Rgb {
        let changed = self.indexed.get(&index).copied();
        changed.unwrap_or_else(|| palette::xterm(index))
    }
}

impl Terminal {
    /// Acts on the string `body` that `ESC kind` began.
    pub(super) fn string(&mut self, kind: u8, body: &[u8], bell: bool) {
        match kind {
            b']' => self.osc(body, if bell { "\x07" } else { "\x1b\\" }),
            b'k' => self.set_title(body),
            b'P' => {
                if let Some(setting) = body.strip_prefix(b"$q") {
                    self.setting_report(setting);
                }
            }
            _ => {}
        }
    }

    fn osc(&mut self, body: &[u8], end: &str) {
        let (number, rest) = split(body);
        let number = std::str::from_utf8(number)
            .ok()
            .and_then(|n| n.parse().ok());
        match number {
            Some(0u16) => {
                self.labels.icon = clean(rest, MAX_TITLE);
                self.set_title(rest);
            }
            Some(1) => self.labels.icon = clean(rest, MAX_TITLE),
            Some(2) => self.set_title(rest),
            Some(4) => self.indexed_colors(rest, end),
            Some(7) => self.set_cwd(rest),
            Some(8) => self.set_link(rest),
            Some(9) if !rest.starts_with(b"4;") => self.notify(rest),
            Some(which @ 10..=12) => self.default_color(usize::from(which - 10), rest, end),
            Some(52) => self.clipboard(rest),
            Some(104) => self.reset_indexed(rest),
            Some(which @ 110..=112) => self.palette.changed[usize::from(which - 110)] = None,
            Some(133) => self.mark(rest),
            Some(777) => {
                if let Some(text) = rest.strip_prefix(b"notify;") {
                    let (title, text) = split(text);
                    let both = [title, text].into_iter().filter(|part| !part.is_empty());
                    self.notify(&both.collect::<Vec<_>>().join(&b": "[..]));
                }
            }
            _ => {}
        }
    }

    fn set_title(&mut self, title: &[u8]) {
        let title = clean(title, MAX_TITLE);
        if self.labels.title != title {
            self.labels.title = title;
            self.header_changed();
        }
    }

    /// `file://host/path`.
    fn set_cwd(&mut self, uri: &[u8]) {
        let Some(rest) = uri.strip_prefix(b"file://") else {
            return;
        };
        let Some(slash) = rest.iter().position(|byte| *byte == b'/') else {
            return;
        };
        let path = percent_decoded(&rest[slash..rest.len().min(slash + MAX_TITLE)]);
        if let Ok(path) = String::from_utf8(path)
            && !path.contains(char::is_control)
        {
            self.labels.cwd = Some(path);
        }
    }

    /// `params;uri`; an empty uri ends the link. Too long a link is none: half a link leads astray.
    fn set_link(&mut self, body: &[u8]) {
        let (params, uri) = split(body);
        let id = params
            .split(|byte| *byte == b':')
            .find_map(|param| param.strip_prefix(b"id="))
            .unwrap_or_default();
        let uri = String::from_utf8_lossy(uri);
        let id = String::from_utf8_lossy(id);
        let bad = uri.len() > MAX_URI || id.len() > MAX_LINK_ID || uri.contains(char::is_control);
        self.caret.style.link = match uri.is_empty() || bad {
            true => 0,
            false => self.tables.link_id(&Link {
                id: id.into_owned(),
                uri: uri.into_owned(),
            }),
        };
        self.pen = None;
    }

    fn notify(&mut self, text: &[u8]) {
        let text = clean(text, MAX_TITLE);
        if !text.is_empty() {
            self.effects.push(Effect::Notify(text));
        }
    }

    /// A query for the clipboard goes unanswered: what is on it is not the program's to know.
    fn clipboard(&mut self, body: &[u8]) {
        let (selection, contents) = split(body);
        let known = selection.iter().all(|byte| b"cpqs01234567".contains(byte));
        if !known || selection.len() > 12 || contents == b"?" {
            return;
        }
        let config =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
        if let Ok(bytes) = engine.decode(contents)
            && bytes.len() <= MAX_CLIPBOARD
        {
            self.effects.push(Effect::Clipboard {
                selection: String::from_utf8_lossy(selection).into_owned(),
                bytes,
            });
        }
    }

    fn mark(&mut self, body: &[u8]) {
        let (kind, rest) = split(body);
        let mark = match kind {
            b"A" => Mark::Prompt,
            b"B" => Mark::Command,
            b"C" => Mark::Output,
            b"D" => {
                let code = std::str::from_utf8(split(rest).0).ok();
                Mark::End(code.and_then(|code| code.parse().ok()))
            }
            _ => return,
        };
        self.effects.push(Effect::Mark(mark));
    }

    /// OSC 4: pairs of index and colour, or `?`.
    fn indexed_colors(&mut self, body: &[u8], end: &str) {
        let mut rest = body;
        while !rest.is_empty() {
            let (index, after) = split(rest);
            let (value, after) = split(after);
            rest = after;
            let Some(index) = number(index) else { return };
            if value == b"?" {
                let color = written(self.palette.index(index));
                self.effects
                    .reply(format!("\x1b]4;{index};{color}{end}").as_bytes());
            } else if let Some(color) = parsed(value) {
                self.palette.indexed.insert(index, color);
            }
        }
    }

    /// OSC 104: the named indexes, or all.
    fn reset_indexed(&mut self, body: &[u8]) {
        if body.is_empty() {
            self.palette.indexed.clear();
        }
        for index in body.split(|byte| *byte == b';').filter_map(number) {
            self.palette.indexed.remove(&index);
        }
    }

    /// OSC 10, 11 and 12; further colours in one command belong to the next numbers.
    fn default_color(&mut self, first: usize, body: &[u8], end: &str) {
        for (which, value) in (first..3).zip(body.split(|byte| *byte == b';')) {
            if value == b"?" {
                let color = self.palette.changed[which].unwrap_or(self.palette.defaults[which]);
                let (number, color) = (which + 10, written(color));
                self.effects
                    .reply(format!("\x1b]{number};{color}{end}").as_bytes());
            } else if let Some(color) = parsed(value) {
                self.palette.changed[which] = Some(color);
            }
        }
    }
}

/// What stands before and after the first semicolon.
fn split(body: &[u8]) -> (&[u8], &[u8]) {
    match body.iter().position(|byte| *byte == b';') {
        Some(at) => (&body[..at], &body[at + 1..]),
        None => (body, &[]),
    }
}

fn number(text: &[u8]) -> Option<u8> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Text without control characters, at most `max` bytes.
fn clean(text: &[u8], max: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

fn parsed(text: &[u8]) -> Option<Rgb> {
    palette::parse(std::str::from_utf8(text).ok()?)
}

fn written((r, g, b): Rgb) -> String {
    format!("rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
}
