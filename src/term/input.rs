//! What the user's terminal sends, as events: keys, mouse, pastes, focus, and replies.
//!
//! Nothing is dropped and nothing waits for long: a byte that means nothing here comes out as
//! [`InputEvent::Unknown`], a sequence that stays unfinished is let go after [`ESC_WAIT`] or [`SEQUENCE_WAIT`], and a
//! paste is handed on while it arrives. The forms are those of xterm (ctlseqs), rxvt, the Linux console and kitty's
//! keyboard protocol.

mod csi;
mod string;

use super::{Key, KeyCode, Mods, Mouse};
use memchr::memmem;
use std::str;

/// How long an ESC that nothing follows may be the start of something, in milliseconds.
pub const ESC_WAIT: u64 = 10;
/// How long a sequence that cannot be two keys waits for its rest, in milliseconds.
pub const SEQUENCE_WAIT: u64 = 100;
/// Longest part of a paste in one event.
pub const PASTE_CHUNK: usize = 16 * 1024;

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Something that the user, or the terminal, did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputEvent {
    /// A key.
    Key {
        /// Which, in its normal form.
        key: Key,
        /// What the terminal sent for it.
        raw: Vec<u8>,
    },
    /// The mouse, at a cell of the terminal.
    Mouse(Mouse),
    /// Part of a paste.
    Paste {
        /// At most [`PASTE_CHUNK`].
        bytes: Vec<u8>,
        /// Whether this is the first part.
        first: bool,
        /// Whether this is the last part.
        last: bool,
    },
    /// The terminal has the user's attention.
    FocusGained,
    /// It no longer has.
    FocusLost,
    /// The terminal answered a question.
    Reply(TerminalReply),
    /// Bytes that mean nothing here; they are a program's affair.
    Unknown(Vec<u8>),
}

/// What a terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalReply {
    /// DA1: what kind of terminal it is.
    Attributes(Vec<u16>),
    /// CPR: where the cursor is, 0-based.
    CursorPosition {
        /// The row.
        row: u16,
        /// The column.
        col: u16,
    },
    /// OSC 10: the colour of text, as the terminal spells it.
    Foreground(String),
    /// OSC 11: the colour behind it.
    Background(String),
    /// DECRPM: how a private mode stands: 0 unknown, 1 set, 2 reset, 3 and 4 for good.
    Mode {
        /// Which.
        mode: u16,
        /// How it stands.
        state: u16,
    },
    /// The terminal's colours are light on dark now (the answer to `CSI ? 996 n`, and mode 2031).
    DarkScheme,
    /// The terminal's colours are dark on light now.
    LightScheme,
    /// XTVERSION: name and version.
    Version(String),
}

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
    fn key(code: KeyCode, mods: Mods, raw: &[u8]) -> Self {
        let (key, raw) = (Key::new(code, mods), raw.to_vec());
        let length = raw.len();
        Self::Event(InputEvent::Key { key, raw }, length)
    }
}

/// Where in a paste the decoder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paste {
    No,
    Begun,
    UnderWay,
}

/// Decodes the bytes of a terminal, however they are cut up.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
    paste: Paste,
    /// The button of the last press: the older mouse reports do not say which was released.
    held: u8,
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
            held: 0,
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
            match parse(rest, &mut self.held) {
                Parsed::Event(event, length) => {
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
        let raw = match code {
            KeyCode::Escape => rest[..1].to_vec(),
            _ => rest.to_vec(),
        };
        self.start += raw.len();
        let key = Key::new(code, mods);
        InputEvent::Key { key, raw }
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
fn parse(bytes: &[u8], held: &mut u8) -> Parsed {
    match bytes {
        [ESC] => Parsed::Incomplete(ESC_WAIT),
        [ESC, b'[', ..] => csi::parse(bytes, Mods::NONE, held),
        [ESC, b'O', ..] => csi::parse_ss3(bytes, Mods::NONE),
        [ESC, b']', ..] => string::parse_osc(bytes),
        [ESC, b'P', ..] => string::parse_dcs(bytes),
        [ESC, ESC, ..] => parse_double_escape(bytes, held),
        [ESC, rest @ ..] => parse_char(bytes, rest, Mods::ALT),
        _ => parse_char(bytes, bytes, Mods::NONE),
    }
}

/// Two ESC: Alt with a key that has a sequence (rxvt, iTerm2), or the Escape key and something else.
fn parse_double_escape(bytes: &[u8], held: &mut u8) -> Parsed {
    let parsed = match bytes {
        [_, _] => return Parsed::Incomplete(ESC_WAIT),
        [_, _, b'[', ..] => csi::parse(bytes, Mods::ALT, held),
        [_, _, b'O', ..] => csi::parse_ss3(bytes, Mods::ALT),
        _ => Parsed::Unknown(0),
    };
    match parsed {
        Parsed::Event(InputEvent::Key { .. }, _) | Parsed::Incomplete(_) => parsed,
        _ => Parsed::key(KeyCode::Escape, Mods::NONE, &bytes[..1]),
    }
}

/// A character or control at the front of `rest`, which ends `bytes`; what stands before it is its prefix.
fn parse_char(bytes: &[u8], rest: &[u8], mods: Mods) -> Parsed {
    let prefix = bytes.len() - rest.len();
    let (code, more, length) = match rest[0] {
        byte @ 0x20..=0x7e => (KeyCode::Char(char::from(byte)), Mods::NONE, 1),
        byte @ (..=0x1f | 0x7f) => {
            let (code, more) = control(byte);
            (code, more, 1)
        }
        _ => match first_char(rest) {
            Ok(Some(c)) if !c.is_control() => (KeyCode::Char(c), Mods::NONE, c.len_utf8()),
            Ok(Some(c)) => return Parsed::Unknown(prefix + c.len_utf8()),
            Ok(None) => return Parsed::Incomplete(SEQUENCE_WAIT),
            Err(length) => return Parsed::Unknown(prefix + length),
        },
    };
    Parsed::key(code, mods.with(more), &bytes[..prefix + length])
}

/// The key that sends a C0 control or DEL.
fn control(byte: u8) -> (KeyCode, Mods) {
    match byte {
        0 => (KeyCode::Char(' '), Mods::CTRL),
        b'\t' => (KeyCode::Tab, Mods::NONE),
        b'\r' => (KeyCode::Enter, Mods::NONE),
        ESC => (KeyCode::Escape, Mods::NONE),
        0x7f => (KeyCode::Backspace, Mods::NONE),
        1..=26 => (KeyCode::Char(char::from(byte + 0x60)), Mods::CTRL),
        _ => (KeyCode::Char(char::from(byte + 0x40)), Mods::CTRL),
    }
}

/// The first character; `None` if its end has not arrived; the length of what is no UTF-8 otherwise.
fn first_char(bytes: &[u8]) -> Result<Option<char>, usize> {
    let window = &bytes[..bytes.len().min(4)];
    let valid = match str::from_utf8(window) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) => return error.error_len().map_or(Ok(None), Err),
    };
    Ok(valid.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{Modes, MouseAction, encode::encode_key, key::tests::any_key};
    use proptest::prelude::*;

    /// Polls until nothing is left, and checks that every event stands for just the bytes that it took.
    fn drain(decoder: &mut Decoder, taken: &mut Vec<u8>) -> Vec<InputEvent> {
        let mut events = Vec::new();
        loop {
            let start = decoder.start;
            let event = decoder.poll();
            let bytes = &decoder.buffer[start..decoder.start];
            taken.extend_from_slice(bytes);
            match event {
                Some(InputEvent::Key { ref raw, .. } | InputEvent::Unknown(ref raw)) => {
                    assert_eq!(raw, bytes)
                }
                Some(InputEvent::Paste {
                    bytes: ref part, ..
                }) => assert!(memmem::find(bytes, part).is_some()),
                Some(_) => assert!(!bytes.is_empty()),
                None => return events,
            }
            events.extend(event);
        }
    }

    /// Decodes `input` cut at every `step` bytes, then waits.
    fn decode_in_steps(input: &[u8], step: usize) -> Vec<InputEvent> {
        let (mut decoder, mut taken, mut events) = (Decoder::new(), Vec::new(), Vec::new());
        for part in input.chunks(step) {
            decoder.feed(part, 0);
            events.extend(drain(&mut decoder, &mut taken));
            let held = decoder.buffer.len() - decoder.start;
            assert!(held <= 1100, "{held} bytes are held");
        }
        decoder.tick(SEQUENCE_WAIT);
        events.extend(drain(&mut decoder, &mut taken));
        taken.extend_from_slice(&decoder.buffer[decoder.start..]);
        assert_eq!(taken, input, "bytes were lost or doubled");
        events
    }

    fn decode(input: &[u8]) -> Vec<InputEvent> {
        decode_in_steps(input, usize::MAX)
    }

    /// The names of the keys that `input` is, and nothing else.
    fn keys(input: &[u8]) -> String {
        let name = |event: InputEvent| match event {
            InputEvent::Key { key, .. } => key.to_string(),
            other => format!("{other:?}"),
        };
        decode(input)
            .into_iter()
            .map(name)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn one(input: &[u8]) -> InputEvent {
        let mut events = decode(input);
        assert_eq!(events.len(), 1, "{events:?}");
        events.remove(0)
    }

    fn mouse(input: &[u8]) -> Mouse {
        match one(input) {
            InputEvent::Mouse(mouse) => mouse,
            other => panic!("{other:?}"),
        }
    }

    /// Parts of a paste, and runs of unknown bytes, put together.
    fn joined(events: Vec<InputEvent>) -> Vec<InputEvent> {
        let mut all: Vec<InputEvent> = Vec::new();
        for event in events {
            match (all.last_mut(), event) {
                (
                    Some(InputEvent::Paste { bytes, last, .. }),
                    InputEvent::Paste {
                        bytes: more,
                        first: false,
                        last: ends,
                    },
                ) => {
                    bytes.extend(more);
                    *last = ends;
                }
                (Some(InputEvent::Unknown(bytes)), InputEvent::Unknown(more)) => bytes.extend(more),
                (_, event) => all.push(event),
            }
        }
        all
    }

    #[test]
    fn characters_and_controls_are_keys() {
        assert_eq!(keys(b"aA% "), "a A % Space");
        assert_eq!(keys("é€😀".as_bytes()), "é € 😀");
        assert_eq!(
            keys(b"\0\x01\x08\t\n\r\x1a\x1c\x1d\x1e\x1f\x7f"),
            "C-Space C-a C-h Tab C-j Enter C-z C-\\ C-] C-^ C-_ BSpace"
        );
    }

    #[test]
    fn an_escape_before_it_is_alt() {
        assert_eq!(
            keys(b"\x1ba\x1bA\x1b\x01\x1b\r\x1b\x7f"),
            "M-a M-A C-M-a M-Enter M-BSpace"
        );
        assert_eq!(keys("\x1bé".as_bytes()), "M-é");
        assert_eq!(keys(b"\x1b[\x1bO"), "Unknown([27, 91]) M-O");
    }

    #[test]
    fn cursor_and_editing_keys_in_each_dialect() {
        assert_eq!(
            keys(b"\x1b[A\x1bOB\x1b[H\x1bOF\x1b[Z"),
            "Up Down Home End BTab"
        );
        assert_eq!(keys(b"\x1b[1~\x1b[4~\x1b[7~\x1b[8~"), "Home End Home End");
        assert_eq!(
            keys(b"\x1b[2~\x1b[3~\x1b[5~\x1b[6~"),
            "Insert Delete PageUp PageDown"
        );
        assert_eq!(
            keys(b"\x1b[1;5A\x1b[1;2D\x1b[3;3~\x1b[1;8C"),
            "C-Up S-Left M-Delete C-M-S-Right"
        );
        assert_eq!(
            keys(b"\x1b[a\x1bOd\x1b[3$\x1b[5^\x1b[6@"),
            "S-Up C-Left S-Delete C-PageUp C-S-PageDown"
        );
        assert_eq!(keys(b"\x1b[3$1"), "S-Delete 1");
        assert_eq!(keys(b"\x1b\x1b[A\x1b\x1bOC"), "M-Up M-Right");
        assert_eq!(keys(b"\x1b[1;9A"), "M-Up");
    }

    #[test]
    fn function_keys_in_each_dialect() {
        assert_eq!(
            keys(b"\x1bOP\x1bOS\x1b[11~\x1b[14~\x1b[[A\x1b[[E"),
            "F1 F4 F1 F4 F1 F5"
        );
        assert_eq!(
            keys(b"\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~\x1b[25~\x1b[34~"),
            "F5 F6 F10 F11 F12 F13 F20"
        );
        assert_eq!(
            keys(b"\x1b[1;2P\x1b[1;5R\x1b[15;3~\x1bO5Q"),
            "S-F1 C-F3 M-F5 C-F2"
        );
    }

    #[test]
    fn the_keypad_and_code_points_are_keys() {
        assert_eq!(keys(b"\x1bOM\x1bOj\x1bOp\x1bOy\x1bOX"), "Enter * 0 9 =");
        assert_eq!(
            keys(b"\x1b[97;5u\x1b[27;5;98~\x1b[13;2u\x1b[97;6u\x1b[32;5u"),
            "C-a C-b S-Enter C-S-a C-Space"
        );
        assert_eq!(keys(b"\x1b[97:65;2:1u\x1b[97;65u\x1b[27u"), "A a Escape");
        assert_eq!(
            one(b"\x1b[97;1:3u"),
            InputEvent::Unknown(b"\x1b[97;1:3u".to_vec())
        );
    }

    #[test]
    fn a_lone_escape_waits_no_longer_than_its_time() {
        let mut decoder = Decoder::new();
        decoder.feed(b"\x1b", 100);
        assert_eq!(
            (decoder.poll(), decoder.timeout()),
            (None, Some(100 + ESC_WAIT))
        );
        decoder.tick(100 + ESC_WAIT - 1);
        assert_eq!(decoder.poll(), None);
        decoder.tick(100 + ESC_WAIT);
        assert!(
            matches!(decoder.poll(), Some(InputEvent::Key { key, .. }) if key.code == KeyCode::Escape)
        );
        assert_eq!((decoder.poll(), decoder.timeout()), (None, None));
        assert_eq!(keys(b"\x1b\x1b"), "Escape Escape");
        assert_eq!(keys(b"\x1b\x1bx"), "Escape M-x");
    }

    #[test]
    fn a_sequence_cut_in_two_is_whole_if_its_rest_comes_in_time() {
        let mut decoder = Decoder::new();
        decoder.feed(b"\x1b[1;", 0);
        assert_eq!(
            (decoder.poll(), decoder.timeout()),
            (None, Some(SEQUENCE_WAIT))
        );
        decoder.feed(b"5A", 50);
        assert!(
            matches!(decoder.poll(), Some(InputEvent::Key { key, .. }) if key.to_string() == "C-Up")
        );
        decoder.feed(b"\x1b[1;", 60);
        assert_eq!(decoder.poll(), None);
        decoder.tick(60 + SEQUENCE_WAIT);
        assert_eq!(
            decoder.poll(),
            Some(InputEvent::Unknown(b"\x1b[1;".to_vec()))
        );
    }

    #[test]
    fn mice_in_each_dialect() {
        let at = |action, x, y, mods| Mouse { action, x, y, mods };
        assert_eq!(
            mouse(b"\x1b[<0;1;1M"),
            at(MouseAction::Press(0), 0, 0, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[<2;300;200m"),
            at(MouseAction::Release(2), 299, 199, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[<52;3;4M"),
            at(MouseAction::Drag(0), 2, 3, Mods::CTRL.with(Mods::SHIFT))
        );
        assert_eq!(
            mouse(b"\x1b[<35;3;4M"),
            at(MouseAction::Motion, 2, 3, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[<64;3;4M"),
            at(MouseAction::WheelUp, 2, 3, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[<73;3;4M"),
            at(MouseAction::WheelDown, 2, 3, Mods::ALT)
        );
        assert_eq!(
            mouse(b"\x1b[<128;3;4M"),
            at(MouseAction::Press(8), 2, 3, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[M !\""),
            at(MouseAction::Press(0), 0, 1, Mods::NONE)
        );
        assert_eq!(
            mouse(b"\x1b[34;5;6M"),
            at(MouseAction::Press(2), 4, 5, Mods::NONE)
        );
        let released = decode(b"\x1b[M\"!!\x1b[M#!!");
        assert_eq!(
            released[1],
            InputEvent::Mouse(at(MouseAction::Release(2), 0, 0, Mods::NONE))
        );
    }

    #[test]
    fn focus_and_replies_are_told_apart_from_keys() {
        assert_eq!(
            decode(b"\x1b[I\x1b[O"),
            [InputEvent::FocusGained, InputEvent::FocusLost]
        );
        let reply = |input: &[u8]| match one(input) {
            InputEvent::Reply(reply) => reply,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            reply(b"\x1b[?62;4c"),
            TerminalReply::Attributes(vec![62, 4])
        );
        assert_eq!(
            reply(b"\x1b[24;80R"),
            TerminalReply::CursorPosition { row: 23, col: 79 }
        );
        assert_eq!(
            reply(b"\x1b[?2026;2$y"),
            TerminalReply::Mode {
                mode: 2026,
                state: 2
            }
        );
        assert_eq!(
            reply(b"\x1b]10;rgb:ff/ff/ff\x07"),
            TerminalReply::Foreground("rgb:ff/ff/ff".into())
        );
        assert_eq!(
            reply(b"\x1b]11;rgb:0/0/0\x1b\\"),
            TerminalReply::Background("rgb:0/0/0".into())
        );
        assert_eq!(reply(b"\x1b[?997;1n"), TerminalReply::DarkScheme);
        assert_eq!(reply(b"\x1b[?997;2n"), TerminalReply::LightScheme);
        assert_eq!(
            reply(b"\x1bP>|XTerm(390)\x1b\\"),
            TerminalReply::Version("XTerm(390)".into())
        );
        assert_eq!(keys(b"\x1b]a\x1bPa"), "M-] a M-P a");
    }

    #[test]
    fn a_paste_is_handed_on_before_it_ends() {
        let mut decoder = Decoder::new();
        let part = |bytes: &[u8], first, last| {
            Some(InputEvent::Paste {
                bytes: bytes.to_vec(),
                first,
                last,
            })
        };
        decoder.feed(b"\x1b[200~one\x1b[20", 0);
        assert_eq!(decoder.poll(), part(b"one", true, false));
        assert_eq!((decoder.poll(), decoder.timeout()), (None, None));
        decoder.feed(b"0~ two\x1b[201", 1);
        assert_eq!(decoder.poll(), part(b"\x1b[200~ two", false, false));
        assert_eq!(decoder.poll(), None);
        decoder.feed(b"~x", 2);
        assert_eq!(decoder.poll(), part(b"", false, true));
        assert!(matches!(decoder.poll(), Some(InputEvent::Key { .. })));
        assert_eq!(
            decode(b"\x1b[200~\x1b[201~"),
            [part(b"", true, true).expect("a part")]
        );
    }

    #[test]
    fn a_long_paste_comes_in_parts() {
        let input = [
            b"\x1b[200~".to_vec(),
            vec![b'x'; 3 * PASTE_CHUNK + 5],
            PASTE_END.to_vec(),
        ]
        .concat();
        let events = decode(&input);
        let lengths = events.iter().map(|event| match event {
            InputEvent::Paste { bytes, .. } => bytes.len(),
            other => panic!("{other:?}"),
        });
        assert_eq!(
            lengths.collect::<Vec<_>>(),
            [PASTE_CHUNK, PASTE_CHUNK, PASTE_CHUNK, 5]
        );
    }

    #[test]
    fn what_is_no_utf8_is_unknown() {
        assert_eq!(
            joined(decode(b"\xff\x80a\xe2\x82")),
            [
                InputEvent::Unknown(vec![0xff, 0x80]),
                InputEvent::Key {
                    key: Key::new(KeyCode::Char('a'), Mods::NONE),
                    raw: b"a".to_vec()
                },
                InputEvent::Unknown(vec![0xe2, 0x82]),
            ]
        );
    }

    fn any_input() -> impl Strategy<Value = Vec<u8>> {
        let known = proptest::sample::select(vec![
            "a",
            "é",
            "😀",
            "\x1b",
            "\x1b[A",
            "\x1bOP",
            "\x1b[1;5A",
            "\x1b[3$",
            "\x1b[<0;10;20M",
            "\x1b[M !!",
            "\x1b[200~",
            "\x1b[201~",
            "\x1b[I",
            "\x1b[?62c",
            "\x1b]11;rgb:1/2/3\x07",
            "\x1b]1",
            "\x1bP>|x\x1b\\",
            "\x1b\x1b[B",
            "\x1b[97;5u",
        ]);
        let piece = prop_oneof![
            4 => known.prop_map(|text| text.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..8),
            1 => proptest::collection::vec(proptest::sample::select(b"\x1b[]OP<?;:0123$~MRu\x07".to_vec()), 0..90),
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn the_way_it_is_cut_changes_nothing(input in any_input(), step in 1..20usize) {
            prop_assert_eq!(joined(decode_in_steps(&input, step)), joined(decode(&input)));
        }

        #[test]
        fn what_a_key_sends_is_decoded_as_that_key(key in any_key(), bits in 0..4u32) {
            let mut sent = Vec::new();
            encode_key(key, Modes(bits), &mut sent);
            if sends_itself(key) {
                prop_assert_eq!(keys(&sent), key.to_string());
            }
        }
    }

    /// Whether no other key sends the same: a control stands for several keys, and Alt makes a bracket of a sequence.
    fn sends_itself(key: Key) -> bool {
        let held = |mods| key.mods.contains(mods);
        match key.code {
            KeyCode::Char(c) if held(Mods::CTRL) => c.is_ascii_lowercase() && !"him".contains(c),
            KeyCode::Char(c) if held(Mods::ALT) => !"[OP]".contains(c) && !held(Mods::SHIFT),
            KeyCode::F(n) => n <= 20,
            KeyCode::Escape => key.mods == Mods::NONE,
            KeyCode::Backspace | KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab => {
                !held(Mods::CTRL) && !held(Mods::SHIFT)
            }
            KeyCode::Char(_) => !held(Mods::SHIFT),
            _ => true,
        }
    }
}
