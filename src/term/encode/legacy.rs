//! The bytes that programs expect that ask for nothing: xterm's (ctlseqs, "PC-Style Function Keys"), and kitty's for keys
//! that xterm has none for.

use super::kitty;
use crate::term::functional::{letter, tilde};
use crate::term::{KeyCode, Keypad, Modes, Mods, Stroke};

/// Appends what the key sends; nothing if it has no bytes.
pub(super) fn encode(stroke: &Stroke, modes: Modes, out: &mut Vec<u8>) {
    if let KeyCode::Keypad(key) = stroke.code
        && encode_keypad(key, stroke.mods, modes, out)
    {
        return;
    }
    let text = stroke.text();
    if !text.is_empty() {
        return out.extend_from_slice(text.as_bytes());
    }
    let steers = stroke.mods.intersects(Mods::CTRL.with(Mods::ALT));
    let placed = stroke.keys().nth(2).filter(|_| steers);
    let key = placed.unwrap_or_else(|| stroke.key());
    let mods = key.mods;
    if mods.intersects(Mods(!7)) && letter(key.code).or(tilde(key.code).map(|_| 0)).is_none() {
        return kitty::encode_plainly(stroke, out);
    }
    match key.code {
        KeyCode::Char(c) => encode_char(c, mods, out),
        KeyCode::Enter if modes.contains(Modes::NEWLINE) => plain(b"\r\n", mods, out),
        KeyCode::Enter => plain(b"\r", mods, out),
        KeyCode::Tab => plain(b"\t", mods, out),
        KeyCode::BackTab => plain(b"\x1b[Z", mods, out),
        KeyCode::Escape => plain(b"\x1b", mods, out),
        KeyCode::Backspace => {
            let deletes = mods.contains(Mods::CTRL) == modes.contains(Modes::BACKARROW);
            plain(if deletes { b"\x7f" } else { b"\x08" }, mods, out);
        }
        KeyCode::Keypad(key) if key.plain() != KeyCode::Keypad(key) => {
            let plain = Stroke {
                code: key.plain(),
                ..stroke.clone()
            };
            encode(&plain, modes, out);
        }
        code => encode_functional(code, stroke, modes, out),
    }
}

fn encode_functional(code: KeyCode, stroke: &Stroke, modes: Modes, out: &mut Vec<u8>) {
    let mods = stroke.mods.without(Mods::LOCKS);
    let modes = match code {
        KeyCode::F(_) => Modes::APP_CURSOR,
        _ => modes,
    };
    match (letter(code), tilde(code)) {
        (Some(letter), _) => cursor(letter, mods, modes, out),
        (None, Some(number)) => numbered(number, mods, out),
        (None, None) => kitty::encode_plainly(stroke, out),
    }
}

/// SS3 for a key of an application keypad, but for digits while NumLock is on.
fn encode_keypad(key: Keypad, mods: Mods, modes: Modes, out: &mut Vec<u8>) -> bool {
    let is_locked = mods.contains(Mods::NUM_LOCK) && !modes.contains(Modes::IGNORE_NUM_LOCK);
    let last = match key {
        Keypad::Char(c @ '*'..='9') => b'j' + (c as u8 - b'*'),
        Keypad::Char('=') => b'X',
        Keypad::Enter => b'M',
        _ => return false,
    };
    let applies = modes.contains(Modes::APP_KEYPAD) && !is_locked;
    if applies && mods.without(Mods::LOCKS) == Mods::NONE {
        out.extend_from_slice(&[0x1b, b'O', last]);
        return true;
    }
    false
}

/// Bytes that only Alt changes: an ESC goes before.
fn plain(bytes: &[u8], mods: Mods, out: &mut Vec<u8>) {
    if mods.contains(Mods::ALT) {
        out.push(0x1b);
    }
    out.extend_from_slice(bytes);
}

fn encode_char(c: char, mods: Mods, out: &mut Vec<u8>) {
    let controlled = match mods.contains(Mods::CTRL) {
        true => control(c).unwrap_or(c),
        false => c,
    };
    plain(controlled.encode_utf8(&mut [0; 4]).as_bytes(), mods, out);
}

/// What Ctrl makes of a character: the C0 control in its column of ASCII, and what a VT220 makes of digits.
fn control(c: char) -> Option<char> {
    let byte = u8::try_from(c).ok()?;
    let control = match byte {
        b'@'..=b'_' | b'a'..=b'z' => byte & 0x1f,
        b' ' | b'2' => 0,
        b'3'..=b'7' => byte - b'3' + 0x1b,
        b'~' => 0x1e,
        b'/' => 0x1f,
        b'8' | b'?' => 0x7f,
        _ => return None,
    };
    Some(char::from(control))
}

/// A key that ends in a letter: SS3 in application mode, CSI otherwise and whenever a modifier is held.
fn cursor(letter: u8, mods: Mods, modes: Modes, out: &mut Vec<u8>) {
    if mods != Mods::NONE {
        let text = format!("\x1b[1;{}{}", modifier(mods), char::from(letter));
        out.extend_from_slice(text.as_bytes());
    } else if modes.contains(Modes::APP_CURSOR) {
        out.extend_from_slice(&[0x1b, b'O', letter]);
    } else {
        out.extend_from_slice(&[0x1b, b'[', letter]);
    }
}

fn numbered(number: u32, mods: Mods, out: &mut Vec<u8>) {
    let text = match mods {
        Mods::NONE => format!("\x1b[{number}~"),
        mods => format!("\x1b[{number};{}~", modifier(mods)),
    };
    out.extend_from_slice(text.as_bytes());
}

/// xterm's parameter: one and the bits for Shift, Alt and Ctrl; kitty adds its own.
fn modifier(mods: Mods) -> u16 {
    1 + u16::from(mods.0)
}
