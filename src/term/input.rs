//! What the user's terminal sends, as events: keys, mouse, pastes, focus, and replies.
//!
//! Nothing is dropped and nothing waits for long: a byte that means nothing here comes out as
//! [`InputEvent::Unknown`], a sequence that stays unfinished is let go after [`ESC_WAIT`] or [`SEQUENCE_WAIT`], and a
//! paste is handed on while it arrives. The forms are those of xterm (ctlseqs), rxvt, the Linux console and kitty's
//! keyboard protocol.

mod csi;
mod event;
mod key;
mod mouse;
mod string;
#[cfg(test)]
mod tests;
mod text;

pub use event::{InputEvent, TerminalReply};

use super::{Key, KeyCode, Mods, Stroke};
use memchr::memmem;

/// How long an ESC that nothing follows may be the start of something, in milliseconds.
pub const ESC_WAIT: u64 = 10;
/// How long a sequence that cannot be two keys waits for its rest, in milliseconds.
pub const SEQUENCE_WAIT: u64 = 100;
/// Longest part of a paste in one event.
pub const PASTE_CHUNK: usize = 16 * 1024;

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the front of the buffer is.
enum Parsed {
    /// An event made of so many bytes.
    Event(InputEvent, usize),
    /// So many bytes that mean nothing here.
    Unknown(usize),
    /// A paste begins after so many bytes.
    PasteBegins(usize),
    /// More is needed, and is worth waiting for so many milliseconds.
    Incomplete(u64),
}

impl Parsed {
    fn key(code: KeyCode, mods: Mods, length: usize) -> Self {
        let stroke = Stroke::from(Key::new(code, mods));
        Self::Event(InputEvent::Key(stroke), length)
    }
}

/// Where in a paste the decoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paste {
    No,
    Begun,
    UnderWay,
}

/// What the terminal has told of how it speaks.
#[derive(Debug, Default)]
struct Dialect {
    /// The button of the last press: the older mouse reports do not say which was released.
    held: u8,
    /// It speaks the kitty keyboard protocol, whose modifiers xterm counts otherwise.
    has_keyboard: bool,
    /// Its mouse reports are in pixels (1016). It tells when that begins and ends, in its turn among the reports.
    in_pixels: bool,
    /// The size of its cells in pixels, if that is known.
    cell: Option<(u16, u16)>,
}

impl Dialect {
    fn learn(&mut self, reply: &TerminalReply) {
        match reply {
            TerminalReply::Keyboard(_) => self.has_keyboard = true,
            TerminalReply::Mode { mode: 1016, state } => self.in_pixels = matches!(state, 1 | 3),
            _ => {}
        }
    }
}

/// Decodes the bytes of a terminal, however they are cut up.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
    paste: Paste,
    dialect: Dialect,
    fed_at: u64,
    /// How long what is left may wait; 0 if nothing does.
    wait: u64,
    expired: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at rest.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            paste: Paste::No,
            dialect: Dialect::default(),
            fed_at: 0,
            wait: 0,
            expired: false,
        }
    }

    /// Takes what was read at `now` (ms). Poll until `None` before feeding more: then no more is ever held than these
    /// bytes and one unfinished sequence.
    pub fn feed(&mut self, bytes: &[u8], now: u64) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
        self.fed_at = now;
        self.expired = false;
    }

    /// Takes note of how large the terminal's cells are, in pixels: where in a cell the mouse is follows from that.
    pub fn set_cell(&mut self, cell: Option<(u16, u16)>) {
        self.dialect.cell = cell.filter(|(width, height)| *width > 0 && *height > 0);
    }

    /// When [`Decoder::tick`] is due, if anything is unfinished.
    pub fn timeout(&self) -> Option<u64> {
        (self.wait > 0).then_some(self.fed_at + self.wait)
    }

    /// Lets go of what has waited too long at `now`; poll afterwards.
    pub fn tick(&mut self, now: u64) {
        if self.timeout().is_some_and(|due| due <= now) {
            self.expired = true;
        }
    }

    /// The next event.
    pub fn poll(&mut self) -> Option<InputEvent> {
        loop {
            self.wait = 0;
            let rest = &self.buffer[self.start..];
            if rest.is_empty() {
                self.expired = false;
                return None;
            }
            if self.paste != Paste::No {
                return self.poll_paste();
            }
            match parse(rest, &mut self.dialect) {
                Parsed::Event(event, length) => {
                    if let InputEvent::Reply(reply) = &event {
                        self.dialect.learn(reply);
                    }
                    self.start += length;
                    return Some(event);
                }
                Parsed::Unknown(length) => return Some(self.take_unknown(length)),
                Parsed::PasteBegins(length) => {
                    self.start += length;
                    self.paste = Paste::Begun;
                }
                Parsed::Incomplete(_) if self.expired => return Some(self.let_go()),
                Parsed::Incomplete(wait) => {
                    self.wait = wait;
                    return None;
                }
            }
        }
    }

    fn take_unknown(&mut self, length: usize) -> InputEvent {
        let bytes = self.buffer[self.start..self.start + length].to_vec();
        self.start += length;
        InputEvent::Unknown(bytes)
    }

    /// What an unfinished sequence is when nothing follows: a key, or bytes for the program.
    fn let_go(&mut self) -> InputEvent {
        let rest = &self.buffer[self.start..];
        let (code, mods) = match rest {
            [ESC] | [ESC, ESC, ..] => (KeyCode::Escape, Mods::NONE),
            [ESC, c @ (b'[' | b'O' | b']' | b'P')] => (KeyCode::Char(char::from(*c)), Mods::ALT),
            _ => return self.take_unknown(rest.len()),
        };
        self.start += match code {
            KeyCode::Escape => 1,
            _ => rest.len(),
        };
        InputEvent::Key(Stroke::from(Key::new(code, mods)))
    }

    /// The next part of a paste: all up to its end, or all that cannot be the beginning of its end.
    fn poll_paste(&mut self) -> Option<InputEvent> {
        let rest = &self.buffer[self.start..];
        let window = &rest[..rest.len().min(PASTE_CHUNK + PASTE_END.len())];
        let end = memmem::find(window, PASTE_END).filter(|end| *end <= PASTE_CHUNK);
        let length = match end {
            Some(end) => end,
            None => (window.len() - overlap(window, PASTE_END)).min(PASTE_CHUNK),
        };
        if end.is_none() && length == 0 {
            return None;
        }
        let event = InputEvent::Paste {
            bytes: window[..length].to_vec(),
            first: self.paste == Paste::Begun,
            last: end.is_some(),
        };
        self.start += length + end.map_or(0, |_| PASTE_END.len());
        self.paste = match end {
            Some(_) => Paste::No,
            None => Paste::UnderWay,
        };
        Some(event)
    }
}

/// Length of the longest end of `text` that begins `pattern`.
fn overlap(text: &[u8], pattern: &[u8]) -> usize {
    (1..pattern.len())
        .rev()
        .find(|n| text.ends_with(&pattern[..*n]))
        .unwrap_or(0)
}

/// What stands at the front of `bytes`, which are not empty.
fn parse(bytes: &[u8], dialect: &mut Dialect) -> Parsed {
    match bytes {
        [ESC] => Parsed::Incomplete(ESC_WAIT),
        [ESC, b'[', ..] => csi::parse(bytes, Mods::NONE, dialect),
        [ESC, b'O', ..] => key::parse_ss3(bytes, Mods::NONE),
        [ESC, b']', ..] => string::parse_osc(bytes),
        [ESC, b'P', ..] => string::parse_dcs(bytes),
        [ESC, ESC, ..] => parse_double_escape(bytes, dialect),
        [ESC, rest @ ..] => text::parse(bytes, rest, Mods::ALT),
        _ => text::parse(bytes, bytes, Mods::NONE),
    }
}

/// Two ESC: Alt with a key that has a sequence (rxvt, iTerm2), or the Escape key and something else.
fn parse_double_escape(bytes: &[u8], dialect: &mut Dialect) -> Parsed {
    let parsed = match bytes {
        [_, _] => return Parsed::Incomplete(ESC_WAIT),
        [_, _, b'[', ..] => csi::parse(bytes, Mods::ALT, dialect),
        [_, _, b'O', ..] => key::parse_ss3(bytes, Mods::ALT),
        _ => Parsed::Unknown(0),
    };
    match parsed {
        Parsed::Event(InputEvent::Key(_), _) | Parsed::Incomplete(_) => parsed,
        _ => Parsed::key(KeyCode::Escape, Mods::NONE, 1),
    }
}
