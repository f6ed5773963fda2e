//! Characters and controls, as keys that have no sequence send them.

use super::{ESC, Parsed, SEQUENCE_WAIT};
use crate::term::{KeyCode, Mods};
use std::str;

/// A character or control at the front of `rest`, which ends `bytes`; what stands before it is its prefix.
pub(super) fn parse(bytes: &[u8], rest: &[u8], mods: Mods) -> Parsed {
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
    Parsed::key(code, mods.with(more), prefix + length)
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
