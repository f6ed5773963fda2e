//! What a key sends to a program: xterm's bytes (ctlseqs, "PC-Style Function Keys"), as the program's modes ask.

use super::{Key, KeyCode, Modes, Mods};

/// `CSI n ~` of F1 and up: the VT220's numbers, which leave gaps.
pub(super) const FUNCTION_NUMBERS: [u8; 20] = [
    11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
];

/// Appends what `key` sends under `modes`; nothing if it has no bytes.
pub fn encode_key(key: Key, modes: Modes, out: &mut Vec<u8>) {
    match key.code {
        KeyCode::Char(c) => encode_char(c, key.mods, out),
        KeyCode::Enter if modes.contains(Modes::NEWLINE) => plain(b"\r\n", key.mods, out),
        KeyCode::Enter => plain(b"\r", key.mods, out),
        KeyCode::Tab => plain(b"\t", key.mods, out),
        KeyCode::BackTab => plain(b"\x1b[Z", key.mods, out),
        KeyCode::Escape => plain(b"\x1b", key.mods, out),
        KeyCode::Backspace if key.mods.contains(Mods::CTRL) => plain(b"\x08", key.mods, out),
        KeyCode::Backspace => plain(b"\x7f", key.mods, out),
        KeyCode::Up => cursor(b'A', key.mods, modes, out),
        KeyCode::Down => cursor(b'B', key.mods, modes, out),
        KeyCode::Right => cursor(b'C', key.mods, modes, out),
        KeyCode::Left => cursor(b'D', key.mods, modes, out),
        KeyCode::Home => cursor(b'H', key.mods, modes, out),
        KeyCode::End => cursor(b'F', key.mods, modes, out),
        KeyCode::Insert => numbered(2, key.mods, out),
        KeyCode::Delete => numbered(3, key.mods, out),
        KeyCode::PageUp => numbered(5, key.mods, out),
        KeyCode::PageDown => numbered(6, key.mods, out),
        KeyCode::F(n @ 1..=4) => cursor(b'P' + n - 1, key.mods, Modes::APP_CURSOR, out),
        KeyCode::F(n) => {
            if let Some(number) = FUNCTION_NUMBERS.get(usize::from(n).wrapping_sub(1)) {
                numbered(*number, key.mods, out);
            }
        }
    }
}

/// Appends what a key that arrived as `raw` sends: its own bytes if xterm has none for it.
pub fn encode_pressed(key: Key, raw: &[u8], modes: Modes, out: &mut Vec<u8>) {
    let before = out.len();
    encode_key(key, modes, out);
    if out.len() == before {
        out.extend_from_slice(raw);
    }
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
        out.extend_from_slice(&[0x1b, b'[', b'1', b';', modifier(mods), letter]);
    } else if modes.contains(Modes::APP_CURSOR) {
        out.extend_from_slice(&[0x1b, b'O', letter]);
    } else {
        out.extend_from_slice(&[0x1b, b'[', letter]);
    }
}

fn numbered(number: u8, mods: Mods, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    if number >= 10 {
        out.push(b'0' + number / 10);
    }
    out.push(b'0' + number % 10);
    if mods != Mods::NONE {
        out.extend_from_slice(&[b';', modifier(mods)]);
    }
    out.push(b'~');
}

/// xterm's parameter: one and the bits for Shift, Alt and Ctrl.
fn modifier(mods: Mods) -> u8 {
    b'1' + (mods.0 & 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &str, modes: Modes) -> Vec<u8> {
        let mut out = Vec::new();
        encode_key(name.parse().expect(name), modes, &mut out);
        out
    }

    #[test]
    fn keys_send_what_xterm_sends() {
        let expected: &[(&str, &[u8])] = &[
            ("a", b"a"),
            ("M-a", b"\x1ba"),
            ("C-a", b"\x01"),
            ("C-M-a", b"\x1b\x01"),
            ("C-Space", b"\0"),
            ("C-/", b"\x1f"),
            ("C-3", b"\x1b"),
            ("C-7", b"\x1f"),
            ("C-?", b"\x7f"),
            ("é", "é".as_bytes()),
            ("C-S-a", b"\x01"),
            ("Enter", b"\r"),
            ("M-Enter", b"\x1b\r"),
            ("BSpace", b"\x7f"),
            ("C-BSpace", b"\x08"),
            ("BTab", b"\x1b[Z"),
            ("Up", b"\x1b[A"),
            ("C-Left", b"\x1b[1;5D"),
            ("DC", b"\x1b[3~"),
            ("C-S-NPage", b"\x1b[6;6~"),
            ("F1", b"\x1bOP"),
            ("S-F1", b"\x1b[1;2P"),
            ("F5", b"\x1b[15~"),
            ("C-F12", b"\x1b[24;5~"),
            ("F20", b"\x1b[34~"),
        ];
        for (name, bytes) in expected {
            assert_eq!(sent(name, Modes::default()), *bytes, "{name}");
        }
    }

    #[test]
    fn modes_change_cursor_keys_and_return() {
        assert_eq!(sent("Up", Modes::APP_CURSOR), b"\x1bOA");
        assert_eq!(sent("Home", Modes::APP_CURSOR), b"\x1bOH");
        assert_eq!(sent("C-Up", Modes::APP_CURSOR), b"\x1b[1;5A");
        assert_eq!(sent("DC", Modes::APP_CURSOR), b"\x1b[3~");
        assert_eq!(sent("Enter", Modes::NEWLINE), b"\r\n");
    }

    #[test]
    fn a_key_that_xterm_lacks_sends_what_it_came_as() {
        let mut out = Vec::new();
        let key = "F30".parse().expect("a key");
        encode_pressed(key, b"\x1b[57393u", Modes::default(), &mut out);
        assert_eq!(out, b"\x1b[57393u");
    }
}
