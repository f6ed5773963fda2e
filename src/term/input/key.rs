//! Keys that arrive as control sequences: CSI and SS3 of xterm, rxvt and the Linux console, xterm's modifyOtherKeys, and
//! kitty's keyboard protocol.

use super::csi::Csi;
use super::{Dialect, ESC_WAIT, Parsed};
use crate::term::functional::{key_of_letter, key_of_number, key_of_tilde};
use crate::term::{Key, KeyCode, Keypad, Mods, Phase, Stroke};

/// Longest text of a key that is kept, in characters.
const MAX_TEXT: usize = 16;

/// The key of a sequence without prefix; `None` if it is no key's.
pub(super) fn of(csi: &Csi, alt: Mods, dialect: &Dialect) -> Option<Stroke> {
    let mods = match dialect.has_keyboard {
        true => Some(Mods(csi.number(1).saturating_sub(1).min(255) as u8)),
        false => xterm_mods(csi.number(1)),
    };
    let mods = mods?.with(alt);
    let control = Mods::CTRL.with(Mods::SHIFT);
    let (code, mods) = match csi.last {
        b'~' if csi.number(0) == 27 && csi.count() == 3 => (key_of_number(csi.part(2, 0))?, mods),
        b'~' => (key_of_tilde(csi.part(0, 0))?, mods),
        b'^' => (key_of_tilde(csi.part(0, 0))?, mods.with(Mods::CTRL)),
        b'@' => (key_of_tilde(csi.part(0, 0))?, mods.with(control)),
        b'u' => return of_number(csi, mods),
        b'a'..=b'd' => {
            let code = key_of_letter(csi.last.to_ascii_uppercase())?;
            (code, mods.with(Mods::SHIFT))
        }
        b'Z' => (KeyCode::BackTab, mods),
        last if csi.number(0) <= 1 => (key_of_letter(last)?, mods),
        _ => return None,
    };
    Some(Stroke {
        phase: phase(csi)?,
        ..told(code, mods)
    })
}

/// The key, as it is told with its modifiers but no more.
fn told(code: KeyCode, mods: Mods) -> Stroke {
    let plain = Stroke::from(Key::new(code, mods));
    Stroke {
        mods: plain.mods.with(mods),
        ..plain
    }
}

/// `CSI u`: kitty's form, with what other terminals say in it.
fn of_number(csi: &Csi, mods: Mods) -> Option<Stroke> {
    let phase = phase(csi)?;
    let text = match phase {
        Phase::Release => String::new(),
        _ => text(csi),
    };
    let char_at = |part| char::from_u32(csi.part(0, part)).filter(|c| !c.is_control());
    let code = match csi.part(0, 0) {
        0 if !text.is_empty() => KeyCode::Char('\0'),
        number => key_of_number(number)?,
    };
    let plain = told(code, mods);
    let is_char = matches!(code, KeyCode::Char(_));
    let alternate = |c: Option<char>| c.filter(|_| is_char);
    Some(Stroke {
        phase,
        shifted: alternate(char_at(1)).or(plain.shifted),
        base: alternate(char_at(2)),
        text,
        ..plain
    })
}

/// What a key did; `None` for what no phase stands for.
fn phase(csi: &Csi) -> Option<Phase> {
    match csi.part(1, 1) {
        0 | 1 => Some(Phase::Press),
        2 => Some(Phase::Repeat),
        3 => Some(Phase::Release),
        _ => None,
    }
}

fn text(csi: &Csi) -> String {
    let chars = csi.parts(2).flatten().filter_map(char::from_u32);
    chars.filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

/// Modifiers as xterm sends them: 1 and a bit each for Shift, Alt, Ctrl and Meta, which is Alt here; locks that come
/// beside them are no modifiers. `None` for what no [`Mods`] can say.
fn xterm_mods(param: u16) -> Option<Mods> {
    let bits = param.saturating_sub(1) & !(64 | 128);
    let meta = if bits & 8 == 0 { Mods::NONE } else { Mods::ALT };
    (bits < 16).then_some(Mods((bits & 7) as u8).with(meta))
}

/// rxvt's key with Shift, `CSI number $`.
pub(super) fn shifted_rxvt(csi: &Csi, alt: Mods) -> Parsed {
    match key_of_tilde(csi.part(0, 0)) {
        Some(code) => Parsed::key(code, alt.with(Mods::SHIFT), csi.length),
        None => Parsed::Unknown(csi.length),
    }
}

/// SS3 from its ESC on: cursor and function keys, and the keypad in application mode.
pub(super) fn parse_ss3(bytes: &[u8], alt: Mods) -> Parsed {
    let start = if alt == Mods::NONE { 2 } else { 3 };
    let (mods, letter_at) = match bytes.get(start) {
        None => return Parsed::Incomplete(ESC_WAIT),
        Some(digit @ b'2'..=b'8') => match bytes.get(start + 1) {
            None => return Parsed::Incomplete(ESC_WAIT),
            Some(b'A'..=b'S') => (Mods(digit - b'1'), start + 1),
            Some(_) => (Mods::NONE, start),
        },
        Some(_) => (Mods::NONE, start),
    };
    let (mods, last) = (mods.with(alt), bytes[letter_at]);
    let (code, mods) = match last {
        b'a'..=b'd' => {
            let code = key_of_letter(last.to_ascii_uppercase());
            (code, mods.with(Mods::CTRL))
        }
        b'A'..=b'F' | b'H' | b'P'..=b'S' => (key_of_letter(last), mods),
        _ => (keypad(last), mods),
    };
    match code {
        Some(code) => Parsed::key(code, mods, letter_at + 1),
        None if alt != Mods::NONE => Parsed::Unknown(start),
        None => Parsed::key(KeyCode::Char('O'), Mods::ALT, 2),
    }
}

/// The keypad in application mode.
fn keypad(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'M' => KeyCode::Keypad(Keypad::Enter),
        b'I' => KeyCode::Tab,
        b' ' => KeyCode::Char(' '),
        b'X' => KeyCode::Keypad(Keypad::Char('=')),
        b'j'..=b'y' => KeyCode::Keypad(Keypad::Char(char::from(last - b'j' + b'*'))),
        _ => return None,
    })
}
