//! Control sequences that keys, mice and replies arrive in: CSI and SS3 (ECMA-48 §5.4; xterm ctlseqs).

use super::{ESC_WAIT, InputEvent, Parsed, SEQUENCE_WAIT, TerminalReply};
use crate::term::{KeyCode, Mods, Mouse, MouseAction};

/// Longest sequence that is waited for.
const MAX_SEQUENCE: usize = 64;
const MAX_PARAMS: usize = 16;

/// The pieces of a control sequence.
struct Csi<'a> {
    /// `<`, `=`, `>` or `?` before the parameters; 0 for none.
    private: u8,
    /// The parameters, at most [`MAX_PARAMS`]; what follows a colon is left out.
    params: Vec<u16>,
    /// Whether any parameter has a part after a colon that says that the key went up.
    is_release: bool,
    /// The last intermediate byte; 0 for none.
    intermediate: u8,
    last: u8,
    raw: &'a [u8],
}

impl Csi<'_> {
    fn param(&self, index: usize) -> u16 {
        self.params.get(index).copied().unwrap_or(0)
    }
}

/// A sequence from its ESC on, or from the second of two: `alt` is what the first then means.
pub(super) fn parse(bytes: &[u8], alt: Mods, held: &mut u8) -> Parsed {
    let start = if alt == Mods::NONE { 2 } else { 3 };
    let body = &bytes[start..];
    match body {
        [] => return Parsed::Incomplete(ESC_WAIT),
        [b'M', report @ ..] if alt == Mods::NONE => return old_mouse(report, held),
        [b'[', rest @ ..] => return linux_function_key(bytes, start, rest, alt),
        _ => {}
    }
    // rxvt ends a key with Shift in a dollar, which elsewhere is an intermediate byte.
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && body.get(digits) == Some(&b'$') {
        let number = number_of(&body[..digits]);
        return key_of_number(number, alt.with(Mods::SHIFT), &bytes[..=start + digits]);
    }
    let window = &body[..body.len().min(MAX_SEQUENCE)];
    let is_middle = |byte: &u8| (0x20..=0x3f).contains(byte);
    match window.iter().position(|byte| !is_middle(byte)) {
        None if window.len() == MAX_SEQUENCE => Parsed::Unknown(start + MAX_SEQUENCE),
        None => Parsed::Incomplete(SEQUENCE_WAIT),
        Some(length) if !(0x40..=0x7e).contains(&body[length]) => Parsed::Unknown(start + length),
        Some(length) => meaning(
            &split(&body[..=length], &bytes[..=start + length]),
            alt,
            held,
        ),
    }
}

fn number_of(digits: &[u8]) -> u16 {
    let digit = |number: u16, byte: &u8| {
        number
            .saturating_mul(10)
            .saturating_add(u16::from(byte - b'0'))
    };
    digits.iter().fold(0, digit)
}

/// F1–F5 of the Linux console: `CSI [ A` to `CSI [ E`.
fn linux_function_key(bytes: &[u8], start: usize, rest: &[u8], alt: Mods) -> Parsed {
    match rest.first() {
        None => Parsed::Incomplete(SEQUENCE_WAIT),
        Some(last @ b'A'..=b'E') => {
            Parsed::key(KeyCode::F(last - b'A' + 1), alt, &bytes[..start + 2])
        }
        Some(_) => Parsed::Unknown(start + 1),
    }
}

fn split<'a>(body: &[u8], raw: &'a [u8]) -> Csi<'a> {
    let (last, body) = body.split_last().unwrap_or((&0, &[]));
    let (private, body) = match body {
        [private @ b'<'..=b'?', rest @ ..] => (*private, rest),
        _ => (0, body),
    };
    let end = body
        .iter()
        .position(|byte| *byte < 0x30)
        .unwrap_or(body.len());
    let (numbers, intermediates) = body.split_at(end);
    let parts = || numbers.split(|byte| *byte == b';').take(MAX_PARAMS);
    let digits = |part: &[u8]| {
        part.iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(part.len())
    };
    Csi {
        private,
        params: parts()
            .map(|part| number_of(&part[..digits(part)]))
            .collect(),
        is_release: parts().any(|part| part.ends_with(b":3")),
        intermediate: intermediates.last().copied().unwrap_or(0),
        last: *last,
        raw,
    }
}

/// What a whole sequence says.
fn meaning(csi: &Csi, alt: Mods, held: &mut u8) -> Parsed {
    let event = |event| Parsed::Event(event, csi.raw.len());
    match (csi.private, csi.intermediate, csi.last) {
        (b'<', 0, b'M' | b'm') if csi.params.len() == 3 => {
            event(InputEvent::Mouse(sgr_mouse(csi, held)))
        }
        (b'?', 0, b'c') => event(InputEvent::Reply(TerminalReply::Attributes(
            csi.params.clone(),
        ))),
        (b'?', 0, b'n') if csi.params == [997, 1] => {
            event(InputEvent::Reply(TerminalReply::DarkScheme))
        }
        (b'?', 0, b'n') if csi.params == [997, 2] => {
            event(InputEvent::Reply(TerminalReply::LightScheme))
        }
        (b'?', b'$', b'y') => event(InputEvent::Reply(mode_reply(csi))),
        (0, 0, b'M') if csi.params.len() == 3 => event(InputEvent::Mouse(urxvt_mouse(csi, held))),
        (0, 0, b'R') if !is_f3(csi) => event(InputEvent::Reply(cursor_reply(csi))),
        (0, 0, b'I') if csi.param(0) == 0 => event(InputEvent::FocusGained),
        (0, 0, b'O') if csi.param(0) == 0 => event(InputEvent::FocusLost),
        (0, 0, b'~') if csi.param(0) == 200 && alt == Mods::NONE => {
            Parsed::PasteBegins(csi.raw.len())
        }
        (0, 0, _) if !csi.is_release => key(csi, alt),
        _ => Parsed::Unknown(csi.raw.len()),
    }
}

fn mode_reply(csi: &Csi) -> TerminalReply {
    TerminalReply::Mode {
        mode: csi.param(0),
        state: csi.param(1),
    }
}

fn cursor_reply(csi: &Csi) -> TerminalReply {
    TerminalReply::CursorPosition {
        row: csi.param(0).saturating_sub(1),
        col: csi.param(1).saturating_sub(1),
    }
}

/// Whether `CSI R` is F3 with modifiers rather than a cursor in row 1: xterm gives both the same form.
fn is_f3(csi: &Csi) -> bool {
    csi.param(0) <= 1 && (csi.params.len() < 2 || (2..=16).contains(&csi.param(1)))
}

fn key(csi: &Csi, alt: Mods) -> Parsed {
    let unknown = Parsed::Unknown(csi.raw.len());
    let Some(mods) = xterm_mods(csi.param(1)) else {
        return unknown;
    };
    let mods = mods.with(alt);
    match csi.last {
        b'~' if csi.param(0) == 27 && csi.params.len() == 3 => {
            key_of_codepoint(csi.param(2), mods, csi.raw)
        }
        b'~' => key_of_number(csi.param(0), mods, csi.raw),
        b'^' => key_of_number(csi.param(0), mods.with(Mods::CTRL), csi.raw),
        b'@' => key_of_number(
            csi.param(0),
            mods.with(Mods::CTRL).with(Mods::SHIFT),
            csi.raw,
        ),
        b'u' => key_of_codepoint(csi.param(0), mods, csi.raw),
        b'a'..=b'd' => letter(
            csi.last.to_ascii_uppercase(),
            mods.with(Mods::SHIFT),
            csi.raw,
        ),
        last if csi.param(0) <= 1 => letter(last, mods, csi.raw),
        _ => unknown,
    }
}

/// Modifiers as xterm sends them: 1 and a bit each for Shift, Alt, Ctrl and Meta, which is Alt here; kitty's locks are
/// no modifiers. `None` for what no [`Mods`] can say.
fn xterm_mods(param: u16) -> Option<Mods> {
    let bits = param.saturating_sub(1) & !(64 | 128);
    let meta = if bits & 8 == 0 { Mods::NONE } else { Mods::ALT };
    (bits < 16).then_some(Mods((bits & 7) as u8).with(meta))
}

/// The key of a sequence that ends in a letter.
fn letter(last: u8, mods: Mods, raw: &[u8]) -> Parsed {
    let code = match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'Z' => KeyCode::BackTab,
        _ => return Parsed::Unknown(raw.len()),
    };
    Parsed::key(code, mods, raw)
}

/// The key of `CSI number ~`: the DEC and xterm numbers, and rxvt's for Home and End.
fn key_of_number(number: u16, mods: Mods, raw: &[u8]) -> Parsed {
    let code = match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        _ => match crate::term::encode::FUNCTION_NUMBERS
            .iter()
            .position(|known| u16::from(*known) == number)
        {
            Some(index) => KeyCode::F(index as u8 + 1),
            None => return Parsed::Unknown(raw.len()),
        },
    };
    Parsed::key(code, mods, raw)
}

/// The key of a code point: modifyOtherKeys, `CSI u`, and kitty's numbers for keys that have none.
fn key_of_codepoint(codepoint: u16, mods: Mods, raw: &[u8]) -> Parsed {
    let code = match codepoint {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Escape,
        8 | 127 => KeyCode::Backspace,
        57376..=57398 => KeyCode::F((codepoint - 57376) as u8 + 13),
        57399..=57408 => KeyCode::Char(char::from(b'0' + (codepoint - 57399) as u8)),
        57409..=57413 => KeyCode::Char(char::from(b"./*-+"[usize::from(codepoint - 57409)])),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        57344..=63743 | u16::MAX => return Parsed::Unknown(raw.len()),
        _ => match char::from_u32(u32::from(codepoint)) {
            Some(c) if !c.is_control() => KeyCode::Char(c),
            _ => return Parsed::Unknown(raw.len()),
        },
    };
    Parsed::key(code, mods, raw)
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
    let raw = &bytes[..=letter_at];
    let mods = mods.with(alt);
    let last = bytes[letter_at];
    match last {
        b'a'..=b'd' => return letter(last.to_ascii_uppercase(), mods.with(Mods::CTRL), raw),
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' => return letter(last, mods, raw),
        _ => {}
    }
    match keypad(last) {
        Some(code) => Parsed::key(code, mods, raw),
        None if alt != Mods::NONE => Parsed::Unknown(start),
        None => Parsed::key(KeyCode::Char('O'), Mods::ALT, &bytes[start - 2..start]),
    }
}

fn keypad(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b' ' => KeyCode::Char(' '),
        b'X' => KeyCode::Char('='),
        b'j'..=b'y' => KeyCode::Char(char::from(last - b'j' + b'*')),
        _ => return None,
    })
}

/// Mode 1000's report after `CSI M`: button, column and row, each a byte that starts from 32.
fn old_mouse(report: &[u8], held: &mut u8) -> Parsed {
    let [button, x, y] = match report {
        [button, x, y, ..] => [*button, *x, *y].map(|byte| u16::from(byte).saturating_sub(32)),
        _ => return Parsed::Incomplete(SEQUENCE_WAIT),
    };
    Parsed::Event(InputEvent::Mouse(mouse(button, x, y, End::Unsaid, held)), 6)
}

/// Mode 1015's report: the numbers of the old one in decimal.
fn urxvt_mouse(csi: &Csi, held: &mut u8) -> Mouse {
    let button = csi.param(0).saturating_sub(32);
    mouse(button, csi.param(1), csi.param(2), End::Unsaid, held)
}

/// Mode 1006's report.
fn sgr_mouse(csi: &Csi, held: &mut u8) -> Mouse {
    let end = match csi.last {
        b'm' => End::Up,
        _ => End::Down,
    };
    mouse(csi.param(0), csi.param(1), csi.param(2), end, held)
}

/// What a report says of the button: it went down, or up, or the number has to say it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Down,
    Up,
    Unsaid,
}

fn mouse(code: u16, x: u16, y: u16, end: End, held: &mut u8) -> Mouse {
    let button = (code & 3) as u8;
    let action = match (code & 0xc0, code & 32 != 0) {
        (0x40, _) => [
            MouseAction::WheelUp,
            MouseAction::WheelDown,
            MouseAction::WheelLeft,
            MouseAction::WheelRight,
        ][usize::from(button)],
        (0, true) if button == 3 => MouseAction::Motion,
        (0, false) if button == 3 && end != End::Down => MouseAction::Release(*held),
        (high, is_motion) => {
            let button = if high == 0 { button } else { button + 8 };
            match (is_motion, end) {
                (true, _) => MouseAction::Drag(button),
                (false, End::Up) => MouseAction::Release(button),
                (false, _) => {
                    *held = button;
                    MouseAction::Press(button)
                }
            }
        }
    };
    let bits = [(4, Mods::SHIFT), (8, Mods::ALT), (16, Mods::CTRL)];
    let held_keys = bits.iter().filter(|(bit, _)| code & bit != 0);
    Mouse {
        action,
        x: x.saturating_sub(1),
        y: y.saturating_sub(1),
        mods: held_keys.fold(Mods::NONE, |mods, (_, more)| mods.with(*more)),
    }
}
