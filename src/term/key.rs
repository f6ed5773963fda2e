//! Keys and mouse actions as values, named as tmux names them (`C-b`, `M-Left`, `S-F3`).

use std::fmt::{self, Display, Write};
use std::str::FromStr;

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// What was held.
    pub mods: Mods,
}

impl Key {
    /// The key in the form in which equal keys are equal values: Shift is in the character where there is one to hold
    /// it (`S-a` is `A`), and Shift-Tab is [`KeyCode::BackTab`].
    pub fn new(code: KeyCode, mods: Mods) -> Self {
        let shifted = mods.contains(Mods::SHIFT);
        let (code, shift_is_used) = match code {
            KeyCode::Char(c) if shifted && !c.is_ascii_digit() && c != ' ' => {
                (KeyCode::Char(upper(c)), true)
            }
            KeyCode::Tab if shifted => (KeyCode::BackTab, true),
            KeyCode::BackTab => (code, true),
            _ => (code, false),
        };
        let mods = if shift_is_used {
            mods.without(Mods::SHIFT)
        } else {
            mods
        };
        Self { code, mods }
    }
}

/// The capital of `c`, if it is one character.
fn upper(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

/// Which key. A character stands for itself with Shift already in it (`A`, `%`); `C-a` is `Char('a')` with
/// [`Mods::CTRL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the keys' own")]
pub enum KeyCode {
    Char(char),
    F(u8),
    Enter,
    Tab,
    /// Shift-Tab (CSI Z).
    BackTab,
    Backspace,
    Escape,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Insert,
    Delete,
}

/// Modifier bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mods(pub u8);

impl Mods {
    /// Nothing held.
    pub const NONE: Mods = Mods(0);
    /// `S-`.
    pub const SHIFT: Mods = Mods(1);
    /// `M-` (Alt).
    pub const ALT: Mods = Mods(2);
    /// `C-`.
    pub const CTRL: Mods = Mods(4);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Mods) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those of `other`.
    pub fn with(self, other: Mods) -> Mods {
        Mods(self.0 | other.0)
    }

    /// These but those of `other`.
    pub fn without(self, other: Mods) -> Mods {
        Mods(self.0 & !other.0)
    }
}

/// A mouse action at a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mouse {
    /// What happened.
    pub action: MouseAction,
    /// 0-based column.
    pub x: u16,
    /// 0-based row.
    pub y: u16,
    /// What was held.
    pub mods: Mods,
}

/// What a mouse did. Buttons: 0 left, 1 middle, 2 right, 8–11 the extra ones as xterm numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MouseAction {
    Press(u8),
    Release(u8),
    Drag(u8),
    Motion,
    WheelUp,
    WheelDown,
    WheelLeft,
    WheelRight,
}

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

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (code, mods) = match self.code {
            KeyCode::Char(c) if c.is_ascii_uppercase() && self.mods.contains(Mods::CTRL) => {
                let small = KeyCode::Char(c.to_ascii_lowercase());
                (small, self.mods.with(Mods::SHIFT))
            }
            code => (code, self.mods),
        };
        for (bit, name) in [(Mods::CTRL, "C-"), (Mods::ALT, "M-"), (Mods::SHIFT, "S-")] {
            if mods.contains(bit) {
                f.write_str(name)?;
            }
        }
        match code {
            KeyCode::F(n) => write!(f, "F{n}"),
            code => match NAMES.iter().find(|(named, _)| *named == code) {
                Some((_, names)) => f.write_str(names[0]),
                None => match code {
                    KeyCode::Char(c) => f.write_char(c),
                    _ => Ok(()),
                },
            },
        }
    }
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
    loop {
        let mut chars = rest.chars();
        let (first, second) = (chars.next(), chars.next());
        let (bit, length) = match (first, second) {
            (Some('^'), Some(_)) => (Mods::CTRL, 1),
            (Some('C' | 'c'), Some('-')) => (Mods::CTRL, 2),
            (Some('M' | 'm'), Some('-')) => (Mods::ALT, 2),
            (Some('S' | 's'), Some('-')) => (Mods::SHIFT, 2),
            _ => return (mods, rest),
        };
        if rest.len() == length {
            return (mods, rest);
        }
        (mods, rest) = (mods.with(bit), &rest[length..]);
    }
}

fn code_named(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    if let Some(number) = name.strip_prefix(['F', 'f']) {
        let plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        return number.parse().ok().filter(|_| plain).map(KeyCode::F);
    }
    let named = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    NAMES
        .iter()
        .find(|(_, names)| named(names))
        .map(|(code, _)| *code)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every key in its normal form.
    pub(crate) fn any_key() -> impl Strategy<Value = Key> {
        let named = proptest::sample::select(NAMES).prop_map(|(code, _)| code);
        let char = prop_oneof![proptest::char::range(' ', '~'), any::<char>()]
            .prop_filter("controls are keys of their own", |c| !c.is_control());
        let code = prop_oneof![
            named,
            char.prop_map(KeyCode::Char),
            (1..=35u8).prop_map(KeyCode::F)
        ];
        (code, 0..8u8).prop_map(|(code, mods)| Key::new(code, Mods(mods)))
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
            "", "C-", "Foo", "F0", "F01", "F300", "F+1", "M-Fx", "\u{7}", "ab",
        ] {
            assert_eq!(name.parse::<Key>(), Err(UnknownKey(name.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn a_printed_key_is_parsed_as_itself(key in any_key()) {
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }
    }
}
