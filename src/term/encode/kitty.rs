//! Kitty's keyboard protocol (its page): `CSI key : shifted : base ; modifiers : event ; text u`.

use super::legacy;
use crate::term::functional::number;
use crate::term::keyboard::KeyboardFlags;
use crate::term::{KeyCode, Modes, Mods, Phase, Stroke};
use std::fmt::Write;

/// Appends what the key sends to a program that has asked for some of the protocol.
pub(super) fn encode(stroke: &Stroke, modes: Modes, out: &mut Vec<u8>) {
    let asked = |flags| modes.keyboard().contains(flags);
    let all_keys = asked(KeyboardFlags::ALL_KEYS);
    if let KeyCode::Keypad(key) = stroke.code
        && !all_keys
        && !asked(KeyboardFlags::DISAMBIGUATE)
        && key.plain() != stroke.code
    {
        let plain = Stroke {
            code: key.plain(),
            ..stroke.clone()
        };
        return encode(&plain, modes, out);
    }
    let is_release = stroke.phase == Phase::Release;
    if is_release && !asked(KeyboardFlags::EVENTS) || stroke.is_modifier() && !all_keys {
        return;
    }
    if !all_keys {
        if is_release && types_commands(stroke.code) {
            return;
        }
        let text = standalone(stroke, modes);
        if !text.is_empty() {
            return out.extend_from_slice(text.as_bytes());
        }
        if keeps_bytes(stroke, modes) {
            return legacy::encode(stroke, modes, out);
        }
    }
    let mut said = Said::of(stroke, modes);
    if !all_keys && types_commands(stroke.code) {
        said.mods = said.mods.without(Mods::LOCKS);
    }
    said.write(out);
}

/// Keys by which a shell is used: they keep their bytes, so that one can type `reset` after a program that has crashed.
fn types_commands(code: KeyCode) -> bool {
    matches!(code, KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace)
}

/// The text that is sent as it is.
fn standalone(stroke: &Stroke, modes: Modes) -> String {
    let is_told = matches!(stroke.code, KeyCode::Keypad(_))
        && modes.keyboard().contains(KeyboardFlags::DISAMBIGUATE);
    match is_told {
        true => String::new(),
        false => stroke.text(),
    }
}

/// Whether the key sends what it sends without the protocol.
fn keeps_bytes(stroke: &Stroke, modes: Modes) -> bool {
    if types_commands(stroke.code) && stroke.mods.without(Mods::LOCKS) == Mods::NONE {
        return true;
    }
    let flags = modes.keyboard();
    if flags.contains(KeyboardFlags::DISAMBIGUATE) || stroke.mods.without(Mods::LOCKS).0 > 7 {
        return false;
    }
    let tells_event = flags.contains(KeyboardFlags::EVENTS) && stroke.phase != Phase::Press;
    match stroke.code {
        KeyCode::Char(c) => {
            let shifts = stroke.mods.contains(Mods::CTRL.with(Mods::SHIFT));
            (c.is_ascii() || stroke.base.is_some())
                && !tells_event
                && !shifts
                && Said::of(stroke, modes).has_no_alternates()
        }
        KeyCode::Escape | KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace => !tells_event,
        _ => false,
    }
}

/// What a sequence says.
struct Said {
    number: u32,
    shifted: Option<char>,
    base: Option<char>,
    mods: Mods,
    /// Only one that is no press.
    event: Option<u8>,
    text: String,
    last: u8,
}

impl Said {
    fn of(stroke: &Stroke, modes: Modes) -> Self {
        let asked = |flags| modes.keyboard().contains(flags);
        let tells_text = asked(KeyboardFlags::TEXT) && asked(KeyboardFlags::ALL_KEYS);
        let is_char = matches!(stroke.code, KeyCode::Char(_));
        let alternate = |c: Option<char>| c.filter(|_| is_char && asked(KeyboardFlags::ALTERNATES));
        let (number, last) = number(stroke.code);
        Self {
            number,
            shifted: alternate(stroke.shifted).filter(|_| stroke.mods.contains(Mods::SHIFT)),
            base: alternate(stroke.base),
            mods: stroke.mods,
            event: match stroke.phase {
                Phase::Repeat if asked(KeyboardFlags::EVENTS) => Some(2),
                Phase::Release if asked(KeyboardFlags::EVENTS) => Some(3),
                _ => None,
            },
            text: match tells_text {
                true => stroke.text(),
                false => String::new(),
            },
            last,
        }
    }

    fn has_no_alternates(&self) -> bool {
        self.shifted.is_none() && self.base.is_none()
    }

    /// Fields at the end that say nothing are left out, and so is the 1 before a letter.
    fn write(&self, out: &mut Vec<u8>) {
        let has_mods = self.mods != Mods::NONE || self.event.is_some();
        let has_more = has_mods || !self.text.is_empty();
        let mut text = String::from("\x1b[");
        if self.number != 1 || has_more {
            let _ = write!(text, "{}", self.number);
        }
        match (self.shifted.map(u32::from), self.base.map(u32::from)) {
            (Some(shifted), Some(base)) => drop(write!(text, ":{shifted}:{base}")),
            (Some(shifted), None) => drop(write!(text, ":{shifted}")),
            (None, Some(base)) => drop(write!(text, "::{base}")),
            (None, None) => {}
        }
        if has_more {
            text.push(';');
        }
        if has_mods {
            let _ = write!(text, "{}", u16::from(self.mods.0) + 1);
        }
        if let Some(event) = self.event {
            let _ = write!(text, ":{event}");
        }
        for (at, c) in self.text.chars().enumerate() {
            let separator = if at == 0 { ';' } else { ':' };
            let _ = write!(text, "{separator}{}", u32::from(c));
        }
        out.extend_from_slice(text.as_bytes());
        out.push(self.last);
    }
}

/// Appends the sequence of a key that has no older one: `CSI key ; modifiers u`.
pub(super) fn encode_plainly(stroke: &Stroke, out: &mut Vec<u8>) {
    let mut said = Said::of(stroke, Modes::default());
    said.mods = said.mods.without(Mods::LOCKS);
    said.write(out);
}
