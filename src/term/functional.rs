//! The numbers of keys that give no text (kitty's keyboard page, "Functional key definitions"; xterm ctlseqs,
//! "PC-Style Function Keys"): one table, read in both directions.

use super::KeyCode;
use super::key::{Keypad, Special};

/// `CSI n ~` of F1 and up: the VT220's numbers, which leave gaps.
pub(super) const FUNCTION_NUMBERS: [u8; 20] = [
    11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
];

/// The first number of F13 and up, of the keypad's characters, and of its other keys.
const F13: u32 = 57376;
const KEYPAD_CHARS: (u32, &[u8; 11]) = (57399, b"0123456789.");
const KEYPAD_SIGNS: (u32, &[u8; 4]) = (57410, b"/*-+");
const KEYPAD_KEYS: (u32, [Keypad; 14]) = (
    57414,
    [
        Keypad::Enter,
        Keypad::Char('='),
        Keypad::Char(','),
        Keypad::Left,
        Keypad::Right,
        Keypad::Up,
        Keypad::Down,
        Keypad::PageUp,
        Keypad::PageDown,
        Keypad::Home,
        Keypad::End,
        Keypad::Insert,
        Keypad::Delete,
        Keypad::Begin,
    ],
);

/// The keys that end in a letter of their own.
const LETTERS: [(KeyCode, u8); 11] = [
    (KeyCode::Up, b'A'),
    (KeyCode::Down, b'B'),
    (KeyCode::Right, b'C'),
    (KeyCode::Left, b'D'),
    (KeyCode::Keypad(Keypad::Begin), b'E'),
    (KeyCode::End, b'F'),
    (KeyCode::Home, b'H'),
    (KeyCode::F(1), b'P'),
    (KeyCode::F(2), b'Q'),
    (KeyCode::F(3), b'R'),
    (KeyCode::F(4), b'S'),
];

/// The letter of `CSI 1 ; … letter`, or of SS3.
pub(super) fn letter(code: KeyCode) -> Option<u8> {
    let found = LETTERS.iter().find(|(known, _)| *known == code);
    found.map(|(_, letter)| *letter)
}

/// The key that ends in that letter.
pub(super) fn key_of_letter(letter: u8) -> Option<KeyCode> {
    let found = LETTERS.iter().find(|(_, known)| *known == letter);
    found.map(|(code, _)| *code)
}

/// The number of `CSI n ~`, as xterm has it.
pub(super) fn tilde(code: KeyCode) -> Option<u32> {
    Some(match code {
        KeyCode::Insert => 2,
        KeyCode::Delete => 3,
        KeyCode::PageUp => 5,
        KeyCode::PageDown => 6,
        KeyCode::F(n) => u32::from(*FUNCTION_NUMBERS.get(usize::from(n).wrapping_sub(1))?),
        _ => return None,
    })
}

/// The key of `CSI n ~`: the DEC and xterm numbers, and rxvt's for Home and End.
pub(super) fn key_of_tilde(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        57427 => KeyCode::Keypad(Keypad::Begin),
        _ => {
            let mut known = FUNCTION_NUMBERS.iter();
            let at = known.position(|known| u32::from(*known) == number)?;
            KeyCode::F(at as u8 + 1)
        }
    })
}

/// The number and the last byte by which kitty's protocol tells of a key.
pub(super) fn number(code: KeyCode) -> (u32, u8) {
    match code {
        // A cursor position is reported in the form of F3's letter.
        KeyCode::F(3) => return (13, b'~'),
        KeyCode::F(n @ 13..) => return (F13 + u32::from(n) - 13, b'u'),
        _ => {}
    }
    if let Some(letter) = letter(code) {
        return (1, letter);
    }
    if let Some(number) = tilde(code) {
        return (number, b'~');
    }
    let number = match code {
        KeyCode::Char(c) => u32::from(c),
        KeyCode::Escape => 27,
        KeyCode::Enter => 13,
        KeyCode::Tab | KeyCode::BackTab => 9,
        KeyCode::Backspace => 127,
        KeyCode::Special(key) => u32::from(key.number()),
        KeyCode::Keypad(key) => keypad_number(key),
        _ => 0,
    };
    (number, b'u')
}

fn keypad_number(key: Keypad) -> u32 {
    let placed = |place: Option<usize>, first: u32| place.map(|place| first + place as u32);
    let char_in = |chars: &[u8]| match key {
        Keypad::Char(c) => chars.iter().position(|known| char::from(*known) == c),
        _ => None,
    };
    let in_keys = KEYPAD_KEYS.1.iter().position(|known| *known == key);
    placed(char_in(KEYPAD_CHARS.1), KEYPAD_CHARS.0)
        .or_else(|| placed(char_in(KEYPAD_SIGNS.1), KEYPAD_SIGNS.0))
        .or_else(|| placed(in_keys, KEYPAD_KEYS.0))
        .unwrap_or(0)
}

/// The key of `CSI n u`: a character, or one of kitty's numbers for keys that give none.
pub(super) fn key_of_number(number: u32) -> Option<KeyCode> {
    let within = |first: u32, count: usize| {
        let place = number.checked_sub(first)? as usize;
        (place < count).then_some(place)
    };
    if let Some(place) = within(KEYPAD_CHARS.0, KEYPAD_CHARS.1.len()) {
        let c = char::from(KEYPAD_CHARS.1[place]);
        return Some(KeyCode::Keypad(Keypad::Char(c)));
    }
    if let Some(place) = within(KEYPAD_SIGNS.0, KEYPAD_SIGNS.1.len()) {
        let c = char::from(KEYPAD_SIGNS.1[place]);
        return Some(KeyCode::Keypad(Keypad::Char(c)));
    }
    if let Some(place) = within(KEYPAD_KEYS.0, KEYPAD_KEYS.1.len()) {
        return Some(KeyCode::Keypad(KEYPAD_KEYS.1[place]));
    }
    match number {
        9 => Some(KeyCode::Tab),
        13 => Some(KeyCode::Enter),
        27 => Some(KeyCode::Escape),
        8 | 127 => Some(KeyCode::Backspace),
        F13..=57398 => Some(KeyCode::F((number - F13) as u8 + 13)),
        // The range in which kitty numbers keys.
        57344..=63743 => { u16::try_from(number).ok() }
            .and_then(Special::of)
            .map(KeyCode::Special),
        _ => char::from_u32(number)
            .filter(|c| !c.is_control())
            .map(KeyCode::Char),
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::key_with;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_has_a_number_of_its_own(key in key_with(0..1)) {
            let code = key.code;
            let back = match number(code) {
                (1, letter) if letter != b'u' => key_of_letter(letter),
                (number, b'~') => key_of_tilde(number),
                (number, _) => key_of_number(number),
            };
            let expected = match code {
                KeyCode::BackTab => KeyCode::Tab,
                code => code,
            };
            let is_private = matches!(code, KeyCode::Char('\u{e000}'..='\u{f8ff}'));
            prop_assert!(is_private || back == Some(expected), "{:?} {:?}", code, back);
        }
    }
}
