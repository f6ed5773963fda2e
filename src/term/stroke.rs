//! All that a terminal says of a key (kitty's keyboard page): whether it went down or up, what Shift makes of it, where
//! it is on the keyboard, and the text that it gives.

use super::key::upper;
use super::{Key, KeyCode, Keypad, Mods};

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Phase {
    #[default]
    Press,
    Repeat,
    Release,
}

/// A key as the terminal told of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stroke {
    /// Which key: a character is the one that it gives without Shift, if that is known. NUL is no known key, but text.
    pub code: KeyCode,
    /// What was held, and which locks were on.
    pub mods: Mods,
    /// What it did.
    pub phase: Phase,
    /// The character that it gives with Shift, if Shift was held.
    pub shifted: Option<char>,
    /// The character that is in its place on the keyboard of a PC with US letters.
    pub base: Option<char>,
    /// The text that it gives, if that was told; no control characters.
    pub text: String,
}

impl From<Key> for Stroke {
    /// The key pressed on a terminal that says no more of it.
    fn from(key: Key) -> Self {
        let with_shift = key.mods.with(Mods::SHIFT);
        let (code, mods, shifted) = match key.code {
            KeyCode::Char(c) => match lower(c) {
                Some(small) => (KeyCode::Char(small), with_shift, Some(c)),
                None => (key.code, key.mods, None),
            },
            KeyCode::BackTab => (KeyCode::Tab, with_shift, None),
            code => (code, key.mods, None),
        };
        Self {
            code,
            mods,
            phase: Phase::Press,
            shifted,
            base: None,
            text: String::new(),
        }
    }
}

impl Stroke {
    /// The key with what Shift makes of it, as it is bound. The character that it gives says most, if that was told.
    pub fn key(&self) -> Key {
        let mut text = self.text.chars();
        let alone = match (text.next(), text.next()) {
            (Some(c), None) if self.is_plain() || self.code == KeyCode::Char('\0') => Some(c),
            _ => None,
        };
        let shifted = self.shifted.filter(|_| self.mods.contains(Mods::SHIFT));
        match (self.code, alone.or(shifted)) {
            (KeyCode::Char(_), Some(c)) => {
                Key::new(KeyCode::Char(c), self.mods.without(Mods::SHIFT))
            }
            (code, _) => Key::new(code, self.mods),
        }
    }

    /// Whether nothing is held but what letters are typed with.
    fn is_plain(&self) -> bool {
        self.mods.without(Mods::SHIFT.with(Mods::LOCKS)) == Mods::NONE
    }

    /// The keys that it may be bound as, the likeliest first: with what Shift makes of it, with Shift beside it, and by
    /// its place.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let beside = Key {
            code: self.code,
            mods: self.mods.without(Mods::LOCKS),
        };
        let all = [Some(self.key()), Some(beside), self.placed()];
        all.into_iter().flatten()
    }

    /// The key of ASCII in its place, if it is a letter of another alphabet.
    fn placed(&self) -> Option<Key> {
        let is_foreign = matches!(self.code, KeyCode::Char(c) if !c.is_ascii());
        let base = self.base.filter(|_| is_foreign)?;
        Some(Key::new(KeyCode::Char(base), self.mods))
    }

    /// The key that a terminal without a keyboard protocol would have told of. With Ctrl or Alt, a letter of another
    /// alphabet stands for the one in its place.
    pub fn legacy(&self) -> Key {
        let steers = self.mods.intersects(Mods::CTRL.with(Mods::ALT));
        let placed = self.placed().filter(|_| steers);
        placed.unwrap_or_else(|| self.key()).legacy()
    }

    /// The text that it gives: what was told, or what follows from the key if it gives any.
    pub fn text(&self) -> String {
        if self.phase == Phase::Release {
            return String::new();
        }
        if !self.text.is_empty() {
            return self.text.clone();
        }
        let plain = self.is_plain();
        let shift = self.mods.contains(Mods::SHIFT);
        match self.code {
            KeyCode::Char(c) if plain && c != '\0' => {
                let turned = self.mods.contains(Mods::CAPS_LOCK) && upper(c) != c;
                match shift != turned {
                    true => self.shifted.unwrap_or_else(|| upper(c)).to_string(),
                    false => c.to_string(),
                }
            }
            KeyCode::Keypad(Keypad::Char(c)) if plain => c.to_string(),
            _ => String::new(),
        }
    }

    /// Whether something is typed with it: it goes down, and does not only change what others mean.
    pub fn is_typed(&self) -> bool {
        self.phase != Phase::Release && !self.is_modifier()
    }

    /// Whether it is a key that only changes what others mean.
    pub fn is_modifier(&self) -> bool {
        matches!(self.code, KeyCode::Special(key) if key.is_modifier())
    }
}

/// The small letter of a capital, if each is one character.
fn lower(c: char) -> Option<char> {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) if small != c && upper(small) == c => Some(small),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::key::{Special, key_with};
    use super::*;
    use proptest::prelude::*;

    /// Every stroke in its normal form, of keys that give text or not, with everything that can be told.
    pub(in crate::term) fn any_stroke() -> impl Strategy<Value = Stroke> {
        let phase = prop::sample::select(vec![Phase::Press, Phase::Repeat, Phase::Release]);
        let char = prop::sample::select("aé1;с世!".chars().collect::<Vec<_>>());
        let alternates = (prop::option::of(char.clone()), prop::option::of(char));
        let text = prop_oneof![Just(""), Just("x"), Just("世"), Just("e\u{301}")];
        let told = (phase, alternates, text);
        let make = |(key, mods, told): (Key, u8, (Phase, _, &str))| {
            let (phase, (shifted, base), text): (_, (Option<char>, Option<char>), _) = told;
            let plain = Stroke::from(key);
            let is_char = matches!(plain.code, KeyCode::Char(_));
            let with_shift = Stroke::from(Key::new(plain.code, Mods::SHIFT));
            let is_private = matches!(plain.code, KeyCode::Char('\u{e000}'..='\u{f8ff}'));
            let is_normal = with_shift.code == plain.code && !is_private;
            is_normal.then_some(Stroke {
                code: plain.code,
                mods: Mods(mods),
                phase,
                shifted: { shifted.filter(|_| is_char) }
                    .or(with_shift.shifted)
                    .filter(|_| mods & 1 != 0),
                base: base.filter(|_| is_char),
                text: match phase {
                    Phase::Press | Phase::Repeat if is_char => text.to_owned(),
                    _ => String::new(),
                },
            })
        };
        let all = (key_with(0..1), any::<u8>(), told);
        all.prop_filter_map("not in its normal form", make)
    }

    fn stroke(name: &str) -> Stroke {
        Stroke::from(name.parse::<Key>().expect(name))
    }

    fn names(stroke: &Stroke) -> Vec<String> {
        stroke.keys().map(|key| key.to_string()).collect()
    }

    #[test]
    fn shift_is_in_the_character_or_beside_it() {
        let question = Stroke {
            mods: Mods::SHIFT,
            shifted: Some('?'),
            ..stroke("/")
        };
        assert_eq!(names(&question), ["?", "S-/"]);
        assert_eq!(question.text(), "?");
        let typed = Stroke {
            mods: Mods::SHIFT,
            text: "!".to_owned(),
            ..stroke("1")
        };
        assert_eq!(
            names(&typed),
            ["!", "S-1"],
            "its text says what Shift made of it"
        );
        assert_eq!(stroke("A").key().to_string(), "A");
        assert_eq!(stroke("A").code, KeyCode::Char('a'));
        assert_eq!(stroke("BTab").key().to_string(), "BTab");
    }

    #[test]
    fn a_letter_of_another_alphabet_has_a_place() {
        let es = Stroke {
            mods: Mods::CTRL,
            base: Some('c'),
            ..stroke("с")
        };
        assert_eq!(names(&es), ["C-с", "C-с", "C-c"]);
        assert_eq!(es.legacy().to_string(), "C-c");
        let typed = Stroke {
            mods: Mods::NONE,
            ..es
        };
        assert_eq!(typed.legacy().to_string(), "с");
        let umlaut = Stroke {
            base: Some('q'),
            ..stroke("C-a")
        };
        assert_eq!(
            umlaut.legacy().to_string(),
            "C-a",
            "AZERTY has its own letters"
        );
    }

    #[test]
    fn text_follows_from_the_key_where_none_is_told() {
        let with = |name: &str, mods: Mods| {
            Stroke {
                mods,
                ..stroke(name)
            }
            .text()
        };
        assert_eq!(with("a", Mods::NONE), "a");
        assert_eq!(with("a", Mods::SHIFT), "A");
        assert_eq!(with("a", Mods::CAPS_LOCK), "A");
        assert_eq!(with("a", Mods::CAPS_LOCK.with(Mods::SHIFT)), "a");
        assert_eq!(with("1", Mods::CAPS_LOCK.with(Mods::NUM_LOCK)), "1");
        assert_eq!(with("KP5", Mods::NUM_LOCK), "5");
        for mods in [Mods::CTRL, Mods::ALT, Mods::SUPER] {
            assert_eq!(with("a", mods), "");
        }
        assert_eq!(with("Enter", Mods::NONE), "");
    }

    #[test]
    fn what_changes_other_keys_is_no_key_to_bind() {
        assert!(stroke("LeftShift").is_modifier() && stroke("NumLock").is_modifier());
        assert!(!stroke("Menu").is_modifier() && !stroke("MediaPlay").is_modifier());
        assert_eq!(Special::of(57364), None);
    }
}
