//! The names of keys, printed and read.

use super::{Key, KeyCode, Keypad, Mods, Special};
use std::fmt::{self, Display, Write};
use std::str::FromStr;

/// A name that is no key's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not the name of a key; keys are named like C-b, M-Left, S-F3, Space or %")]
pub struct UnknownKey(pub String);

/// Keys with names: the name that is printed first, then others that are understood.
const NAMES: &[(KeyCode, &[&str])] = &[
    (KeyCode::Char(' '), &["Space"]),
    (KeyCode::Enter, &["Enter", "Return"]),
    (KeyCode::Tab, &["Tab"]),
    (KeyCode::BackTab, &["BTab", "BackTab"]),
    (KeyCode::Backspace, &["BSpace", "Backspace"]),
    (KeyCode::Escape, &["Escape", "Esc"]),
    (KeyCode::Up, &["Up"]),
    (KeyCode::Down, &["Down"]),
    (KeyCode::Left, &["Left"]),
    (KeyCode::Right, &["Right"]),
    (KeyCode::Home, &["Home"]),
    (KeyCode::End, &["End"]),
    (KeyCode::PageUp, &["PageUp", "PPage", "PgUp"]),
    (KeyCode::PageDown, &["PageDown", "NPage", "PgDn"]),
    (KeyCode::Insert, &["Insert", "IC"]),
    (KeyCode::Delete, &["Delete", "DC"]),
];

/// Keys of the keypad with names, behind `KP`.
const KEYPAD: &[(Keypad, &str)] = &[
    (Keypad::Enter, "Enter"),
    (Keypad::Left, "Left"),
    (Keypad::Right, "Right"),
    (Keypad::Up, "Up"),
    (Keypad::Down, "Down"),
    (Keypad::PageUp, "PageUp"),
    (Keypad::PageDown, "PageDown"),
    (Keypad::Home, "Home"),
    (Keypad::End, "End"),
    (Keypad::Insert, "Insert"),
    (Keypad::Delete, "Delete"),
    (Keypad::Begin, "Begin"),
];

/// The characters of the keypad, each behind `KP`.
const KEYPAD_CHARS: &str = "0123456789./*-+=,";

/// The names of special keys, from each number on.
const SPECIALS: [(u16, &[&str]); 3] = [
    (
        57358,
        &[
            "CapsLock",
            "ScrollLock",
            "NumLock",
            "PrintScreen",
            "Pause",
            "Menu",
        ],
    ),
    (
        57428,
        &[
            "MediaPlay",
            "MediaPause",
            "MediaPlayPause",
            "MediaReverse",
            "MediaStop",
            "MediaFastForward",
            "MediaRewind",
            "MediaNext",
            "MediaPrevious",
            "MediaRecord",
            "LowerVolume",
            "RaiseVolume",
            "Mute",
        ],
    ),
    (
        57441,
        &[
            "LeftShift",
            "LeftControl",
            "LeftAlt",
            "LeftSuper",
            "LeftHyper",
            "LeftMeta",
            "RightShift",
            "RightControl",
            "RightAlt",
            "RightSuper",
            "RightHyper",
            "RightMeta",
            "Level3Shift",
            "Level5Shift",
        ],
    ),
];

/// The prefixes of modifiers, in the order in which they are printed.
const MODIFIERS: [(Mods, &str); 6] = [
    (Mods::SUPER, "Super-"),
    (Mods::HYPER, "Hyper-"),
    (Mods::META, "Meta-"),
    (Mods::CTRL, "C-"),
    (Mods::ALT, "M-"),
    (Mods::SHIFT, "S-"),
];

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (code, mods) = match self.code {
            KeyCode::Char(c) if c.is_ascii_uppercase() && self.mods.contains(Mods::CTRL) => {
                let small = KeyCode::Char(c.to_ascii_lowercase());
                (small, self.mods.with(Mods::SHIFT))
            }
            code => (code, self.mods),
        };
        for (bit, name) in MODIFIERS {
            if mods.contains(bit) {
                f.write_str(name)?;
            }
        }
        if let Some((_, names)) = NAMES.iter().find(|(named, _)| *named == code) {
            return f.write_str(names[0]);
        }
        match code {
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::Char(c) => f.write_char(c),
            KeyCode::Keypad(Keypad::Char(c)) => write!(f, "KP{c}"),
            KeyCode::Keypad(key) => {
                let named = KEYPAD.iter().find(|(named, _)| *named == key);
                write!(f, "KP{}", named.map_or("", |(_, name)| name))
            }
            KeyCode::Special(key) => f.write_str(special_name(key)),
            _ => Ok(()),
        }
    }
}

fn special_name(key: Special) -> &'static str {
    let within = |(first, names): &(u16, &'static [&'static str])| {
        let at = key.number().checked_sub(*first)?;
        names.get(usize::from(at)).copied()
    };
    SPECIALS.iter().find_map(within).unwrap_or_default()
}

impl FromStr for Key {
    type Err = UnknownKey;

    /// Understands what [`Display`] prints, names in any case, and `^b` for `C-b`. `C-B` is `C-b`, as in tmux;
    /// `C-S-b` says Shift.
    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let (mods, name) = split_mods(text);
        let code = match code_named(name).ok_or_else(|| UnknownKey(text.to_owned()))? {
            KeyCode::Char(c) if mods.contains(Mods::CTRL) => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        Ok(Key::new(code, mods))
    }
}

/// Takes the modifiers off the front; a last character is never taken for one (`C--` is Ctrl and minus).
fn split_mods(text: &str) -> (Mods, &str) {
    let (mut mods, mut rest) = (Mods::NONE, text);
    while let Some((bit, length)) = modifier(rest).filter(|(_, length)| *length < rest.len()) {
        (mods, rest) = (mods.with(bit), &rest[length..]);
    }
    (mods, rest)
}

/// The modifier that `text` begins with, and how long that says.
fn modifier(text: &str) -> Option<(Mods, usize)> {
    if text.starts_with('^') {
        return Some((Mods::CTRL, 1));
    }
    let said = |name: &str| {
        let start = text.get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let (bit, name) = MODIFIERS.iter().find(|(_, name)| said(name))?;
    Some((*bit, name.len()))
}

fn code_named(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    if let Some(number) = name.strip_prefix(['F', 'f'])
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        let plain = !number.starts_with('0');
        return number.parse().ok().filter(|_| plain).map(KeyCode::F);
    }
    let named = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let plain = NAMES.iter().find(|(_, names)| named(names));
    plain
        .map(|(code, _)| *code)
        .or_else(|| keypad_named(name).map(KeyCode::Keypad))
        .or_else(|| special_named(name).map(KeyCode::Special))
}

fn keypad_named(name: &str) -> Option<Keypad> {
    let kp = name.get(..2)?;
    let rest = kp.eq_ignore_ascii_case("KP").then(|| &name[2..])?;
    let mut chars = rest.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return KEYPAD_CHARS.contains(c).then_some(Keypad::Char(c));
    }
    let named = |(_, known): &&(Keypad, &str)| known.eq_ignore_ascii_case(rest);
    KEYPAD.iter().find(named).map(|(key, _)| *key)
}

fn special_named(name: &str) -> Option<Special> {
    SPECIALS.iter().find_map(|(first, names)| {
        let at = { names.iter() }.position(|known| known.eq_ignore_ascii_case(name))?;
        Special::of(first + at as u16)
    })
}

#[cfg(test)]
pub(in crate::term) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every key in its normal form, with any of those modifiers held.
    pub(in crate::term) fn key_with(mods: std::ops::Range<u8>) -> impl Strategy<Value = Key> {
        let named = proptest::sample::select(NAMES).prop_map(|(code, _)| code);
        let char = prop_oneof![proptest::char::range(' ', '~'), any::<char>()]
            .prop_filter("controls are keys of their own", |c| !c.is_control());
        let keypad = proptest::sample::select(KEYPAD).prop_map(|(key, _)| key);
        let keypad_char = { KEYPAD_CHARS.chars() }
            .map(Keypad::Char)
            .collect::<Vec<_>>();
        let keypad = prop_oneof![keypad, proptest::sample::select(keypad_char)];
        let special = (57358..57455u16).prop_filter_map("gaps", Special::of);
        let code = prop_oneof![
            2 => named,
            2 => char.prop_map(KeyCode::Char),
            1 => (1..=35u8).prop_map(KeyCode::F),
            1 => keypad.prop_map(KeyCode::Keypad),
            1 => special.prop_map(KeyCode::Special),
        ];
        (code, mods).prop_map(|(code, mods)| Key::new(code, Mods(mods)))
    }

    fn key(name: &str) -> Key {
        name.parse().expect(name)
    }

    #[test]
    fn names_are_those_of_tmux() {
        let plain = |code| Key::new(code, Mods::NONE);
        assert_eq!(key("C-b"), Key::new(KeyCode::Char('b'), Mods::CTRL));
        assert_eq!(key("M-Left"), Key::new(KeyCode::Left, Mods::ALT));
        assert_eq!(key("S-F3"), Key::new(KeyCode::F(3), Mods::SHIFT));
        assert_eq!(key("C-Space"), Key::new(KeyCode::Char(' '), Mods::CTRL));
        assert_eq!(key("BSpace"), plain(KeyCode::Backspace));
        assert_eq!(key("%"), plain(KeyCode::Char('%')));
        assert_eq!(key("pgup"), plain(KeyCode::PageUp));
        assert_eq!(key("^b"), key("C-b"));
        assert_eq!(key("^"), plain(KeyCode::Char('^')));
        assert_eq!(key("C--"), Key::new(KeyCode::Char('-'), Mods::CTRL));
        assert_eq!(key("S-Tab"), key("BTab"));
        assert_eq!(key("S-a"), key("A"));
        assert_eq!(key("super-C-Left").to_string(), "Super-C-Left");
        assert_eq!(key("kpenter"), plain(KeyCode::Keypad(Keypad::Enter)));
        assert_eq!(key("KP5").to_string(), "KP5");
        assert_eq!(key("LeftShift").to_string(), "LeftShift");
    }

    #[test]
    fn control_with_a_capital_is_control_with_the_letter() {
        assert_eq!(key("C-B"), key("C-b"));
        assert_ne!(key("C-S-b"), key("C-b"));
        assert_eq!(key("C-S-b").to_string(), "C-S-b");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for name in [
            "", "C-", "Foo", "KP", "KPa", "Super-", "F0", "F01", "F300", "F+1", "M-Fx", "\u{7}",
            "ab",
        ] {
            assert_eq!(name.parse::<Key>(), Err(UnknownKey(name.to_owned())));
        }
    }

    #[test]
    fn each_key_has_one_that_older_terminals_tell_of() {
        for (name, older) in [
            ("C-i", "Tab"),
            ("C-M-i", "M-Tab"),
            ("C-[", "Escape"),
            ("C-m", "Enter"),
            ("C-S-a", "C-a"),
            ("C-@", "C-Space"),
            ("C-/", "C-_"),
            ("S-Enter", "Enter"),
            ("C-Tab", "Tab"),
            ("C-S-Tab", "BTab"),
            ("C-BSpace", "C-h"),
            ("S-Space", "Space"),
            ("KP5", "5"),
            ("C-KPEnter", "Enter"),
            ("S-Up", "S-Up"),
            ("Super-a", "Super-a"),
        ] {
            assert_eq!(key(name).legacy(), key(older), "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_older_terminals_tell_of_is_told_as_itself(key in key_with(0..64)) {
            prop_assert_eq!(key.legacy().legacy(), key.legacy());
        }

        #[test]
        fn a_printed_key_is_parsed_as_itself(key in key_with(0..64)) {
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }
    }
}
