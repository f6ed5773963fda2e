//! xterm's modifyOtherKeys (ctlseqs, XTMODKEYS; xterm's page "Modified Keys"): keys that have no sequence get one while a
//! modifier is held. Letters with Alt alone keep their ESC at level 1: programs that ask for that level count on it.

use crate::term::functional::number;
use crate::term::keyboard::{OtherFormat, OtherKeys};
use crate::term::{Key, KeyCode, Modes, Mods, Stroke};

/// Appends the sequence of a key that gets one; false if it gets none.
pub(super) fn encode(stroke: &Stroke, modes: Modes, out: &mut Vec<u8>) -> bool {
    let key = stroke.key();
    let key = match key.code {
        KeyCode::Keypad(keypad) => Key::new(keypad.plain(), key.mods),
        _ => key,
    };
    let held = stroke.mods.without(Mods::LOCKS);
    let gets_one = match modes.other_keys() {
        OtherKeys::Off => false,
        OtherKeys::Unclear => is_unclear(key.code, held),
        OtherKeys::All => is_other(key.code, held),
    };
    // xterm's modifiers know no Super and no Hyper.
    if !gets_one || held.0 > 7 {
        return false;
    }
    let (code, modifiers) = (number(key.code).0, held.0 + 1);
    let text = match modes.other_format() {
        OtherFormat::Tilde => format!("\x1b[27;{modifiers};{code}~"),
        OtherFormat::U => format!("\x1b[{code};{modifiers}u"),
    };
    out.extend_from_slice(text.as_bytes());
    true
}

/// Level 2: every modifier counts, but Shift alone is in the character.
fn is_other(code: KeyCode, held: Mods) -> bool {
    match code {
        KeyCode::Char(' ') | KeyCode::Enter | KeyCode::Tab => held != Mods::NONE,
        KeyCode::Escape | KeyCode::Backspace => held != Mods::NONE,
        KeyCode::BackTab => held != Mods::SHIFT,
        KeyCode::Char(_) => held.without(Mods::SHIFT) != Mods::NONE,
        _ => false,
    }
}

/// Level 1: what the older bytes would leave unsaid.
fn is_unclear(code: KeyCode, held: Mods) -> bool {
    if held == Mods::ALT {
        return false;
    }
    match code {
        KeyCode::Char(c) => {
            let is_control = matches!(c, '@'..='~' | ' ' | '/' | '2'..='8' | '?');
            let ctrl_alone = held.without(Mods::ALT) == Mods::CTRL;
            is_other(code, held) && !(is_control && ctrl_alone) && held != Mods::SHIFT
        }
        KeyCode::BackTab => held != Mods::SHIFT,
        KeyCode::Enter | KeyCode::Tab => held != Mods::NONE,
        _ => false,
    }
}
