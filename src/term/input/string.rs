//! OSC and DCS strings: what a terminal answers to questions about itself.

use super::{ESC, ESC_WAIT, InputEvent, Parsed, SEQUENCE_WAIT, TerminalReply};
use crate::term::string::base64_decoded;
use crate::term::{KeyCode, Mods};

/// Longest string that is waited for.
const MAX_STRING: usize = 1024;
/// Longest clipboard that is waited for: 1 MiB in base64.
const MAX_CLIPBOARD: usize = 1400 << 10;
/// What a clipboard begins with (OSC 52).
const CLIPBOARD: &[u8] = b"\x1b]52;";

/// An OSC from `ESC ]` on. What no terminal answers is Alt and a bracket.
pub(super) fn parse_osc(bytes: &[u8]) -> Parsed {
    match bytes.get(2) {
        None => Parsed::Incomplete(ESC_WAIT),
        Some(b'1') => parse_string(bytes, MAX_STRING, osc_reply),
        Some(_) if bytes.starts_with(CLIPBOARD) => parse_string(bytes, MAX_CLIPBOARD, clipboard),
        Some(_) if CLIPBOARD.starts_with(bytes) => Parsed::Incomplete(SEQUENCE_WAIT),
        Some(_) => Parsed::key(KeyCode::Char(']'), Mods::ALT, 2),
    }
}

/// A DCS from `ESC P` on. What no terminal answers is Alt and a letter.
pub(super) fn parse_dcs(bytes: &[u8]) -> Parsed {
    match bytes.get(2) {
        None => Parsed::Incomplete(ESC_WAIT),
        Some(b'>') => parse_string(bytes, MAX_STRING, dcs_reply),
        Some(_) => Parsed::key(KeyCode::Char('P'), Mods::ALT, 2),
    }
}

/// A string up to ST or BEL, and what `reply` makes of its text.
fn parse_string(bytes: &[u8], max: usize, reply: fn(&str) -> Option<TerminalReply>) -> Parsed {
    let text = &bytes[2..];
    let window = &text[..text.len().min(max)];
    let length = match window.iter().position(|byte| byte.is_ascii_control()) {
        None if window.len() == max => return Parsed::Unknown(2 + max),
        None => return Parsed::Incomplete(SEQUENCE_WAIT),
        Some(length) => length,
    };
    let end = match &text[length..] {
        [0x07, ..] => 1,
        [ESC, b'\\', ..] => 2,
        [ESC] => return Parsed::Incomplete(SEQUENCE_WAIT),
        _ => return Parsed::Unknown(2 + length),
    };
    let all = 2 + length + end;
    match std::str::from_utf8(&text[..length]).ok().and_then(reply) {
        Some(reply) => Parsed::Event(InputEvent::Reply(reply), all),
        None => Parsed::Unknown(all),
    }
}

fn osc_reply(text: &str) -> Option<TerminalReply> {
    let (number, value) = text.split_once(';')?;
    match number {
        "10" => Some(TerminalReply::Foreground(value.to_owned())),
        "11" => Some(TerminalReply::Background(value.to_owned())),
        _ => None,
    }
}

/// What stands after the name of the selection.
fn clipboard(text: &str) -> Option<TerminalReply> {
    let (_, contents) = text.strip_prefix("52;")?.split_once(';')?;
    base64_decoded(contents.as_bytes()).map(TerminalReply::Clipboard)
}

fn dcs_reply(text: &str) -> Option<TerminalReply> {
    let version = text.strip_prefix(">|")?;
    Some(TerminalReply::Version(version.to_owned()))
}
