//! Keys as values, named as tmux names them (`C-b`, `M-Left`, `S-F3`).

mod name;

pub use name::UnknownKey;
#[cfg(test)]
pub(super) use name::tests::key_with;

use std::ops::RangeInclusive;

/// A key with its modifiers, as it is bound: see [`Stroke`](super::Stroke) for all that a terminal says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// What was held.
    pub mods: Mods,
}

impl Key {
    /// The key in the form in which equal keys are equal values: Shift is in the character where there is one to hold
    /// it (`S-a` is `A`), Shift-Tab is [`KeyCode::BackTab`], and locks do not count.
    pub fn new(code: KeyCode, mods: Mods) -> Self {
        let mods = mods.without(Mods::LOCKS);
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

    /// The key that a terminal tells of in its place if it knows no keyboard protocol: Control has no capitals, with some
    /// characters it makes what another key makes too, and what it cannot be told with is left out (ECMA-48, C0; xterm
    /// ctlseqs, "Special Keyboard Keys").
    pub fn legacy(self) -> Self {
        let (code, mods) = (self.code, self.mods);
        let ctrl = mods.contains(Mods::CTRL);
        let alt_only = mods.without(Mods::CTRL.with(Mods::SHIFT));
        match code {
            KeyCode::Keypad(key) if key.plain() != code => Key::new(key.plain(), mods).legacy(),
            KeyCode::Char(' ') => Key::new(code, mods.without(Mods::SHIFT)),
            KeyCode::Char(c) if ctrl => match c {
                '@' | '2' => Key::new(KeyCode::Char(' '), mods.without(Mods::SHIFT)),
                '3' | '[' => Key::new(KeyCode::Escape, alt_only),
                '4' => Key::new(KeyCode::Char('\\'), mods),
                '5' => Key::new(KeyCode::Char(']'), mods),
                '6' => Key::new(KeyCode::Char('^'), mods),
                '/' | '7' => Key::new(KeyCode::Char('_'), mods),
                '8' | '?' => Key::new(KeyCode::Backspace, alt_only),
                'i' | 'I' => Key::new(KeyCode::Tab, alt_only),
                'm' | 'M' => Key::new(KeyCode::Enter, alt_only),
                c => Key::new(KeyCode::Char(c.to_ascii_lowercase()), mods),
            },
            KeyCode::Enter | KeyCode::Escape | KeyCode::Tab | KeyCode::BackTab => {
                Key::new(code, alt_only)
            }
            KeyCode::Backspace if ctrl => Key::new(KeyCode::Char('h'), mods.without(Mods::SHIFT)),
            KeyCode::Backspace => Key::new(code, alt_only),
            _ => self,
        }
    }
}

/// The capital of `c`, if it is one character.
pub(super) fn upper(c: char) -> char {
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
    /// One of the keypad, where the terminal tells it from its like.
    Keypad(Keypad),
    /// One that only the kitty keyboard protocol has a number for.
    Special(Special),
}

/// A key of the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the keys' own")]
pub enum Keypad {
    /// A digit, or one of `./*-+=,`.
    Char(char),
    Enter,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Insert,
    Delete,
    /// The one in the middle, without NumLock.
    Begin,
}

impl Keypad {
    /// The key that does the same elsewhere; the middle one has none but itself.
    pub fn plain(self) -> KeyCode {
        match self {
            Self::Char(c) => KeyCode::Char(c),
            Self::Enter => KeyCode::Enter,
            Self::Left => KeyCode::Left,
            Self::Right => KeyCode::Right,
            Self::Up => KeyCode::Up,
            Self::Down => KeyCode::Down,
            Self::PageUp => KeyCode::PageUp,
            Self::PageDown => KeyCode::PageDown,
            Self::Home => KeyCode::Home,
            Self::End => KeyCode::End,
            Self::Insert => KeyCode::Insert,
            Self::Delete => KeyCode::Delete,
            Self::Begin => KeyCode::Keypad(self),
        }
    }
}

/// A key by its number in kitty's keyboard page ("Functional key definitions"): locks, media keys, and the modifiers
/// themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Special(u16);

impl Special {
    /// CapsLock to Menu.
    const SYSTEM: RangeInclusive<u16> = 57358..=57363;
    /// The media keys.
    const MEDIA: RangeInclusive<u16> = 57428..=57440;
    /// The modifiers, left and right, and the two of ISO 9995.
    const MODIFIERS: RangeInclusive<u16> = 57441..=57454;

    /// The key of that number.
    pub fn of(number: u16) -> Option<Self> {
        let known = [Self::SYSTEM, Self::MEDIA, Self::MODIFIERS];
        known
            .iter()
            .any(|range| range.contains(&number))
            .then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Whether it only changes what other keys mean: a modifier, CapsLock, ScrollLock or NumLock.
    pub fn is_modifier(self) -> bool {
        Self::MODIFIERS.contains(&self.0) || (57358..=57360).contains(&self.0)
    }
}

/// Modifier bits, as the kitty keyboard protocol orders them.
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
    /// `Super-`.
    pub const SUPER: Mods = Mods(8);
    /// `Hyper-`.
    pub const HYPER: Mods = Mods(16);
    /// `Meta-`, where that is another key than Alt.
    pub const META: Mods = Mods(32);
    /// CapsLock is on.
    pub const CAPS_LOCK: Mods = Mods(64);
    /// NumLock is on.
    pub const NUM_LOCK: Mods = Mods(128);
    /// CapsLock and NumLock.
    pub const LOCKS: Mods = Mods(64 | 128);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Mods) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub fn intersects(self, other: Mods) -> bool {
        self.0 & other.0 != 0
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
