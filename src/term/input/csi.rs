//! Control sequences that keys, mice and replies arrive in (ECMA-48 §5.4; xterm ctlseqs).

use super::{Dialect, ESC_WAIT, InputEvent, Parsed, SEQUENCE_WAIT, TerminalReply, key, mouse};
use crate::term::{KeyCode, KeyboardFlags, Mods};

/// Longest sequence that is waited for.
const MAX_SEQUENCE: usize = 128;
/// Most numbers that a reply is read for.
const MAX_NUMBERS: usize = 16;

/// The pieces of a control sequence.
pub(super) struct Csi<'a> {
    /// `<`, `=`, `>` or `?` before the parameters; 0 for none.
    private: u8,
    /// The parameters, with `;` between them and `:` within them.
    params: &'a [u8],
    /// The last intermediate byte; 0 for none.
    intermediate: u8,
    pub(super) last: u8,
    /// How many bytes it is long.
    pub(super) length: usize,
}

impl Csi<'_> {
    /// The parts of a parameter; what is no number, or missing, is `None`.
    pub(super) fn parts(&self, index: usize) -> impl Iterator<Item = Option<u32>> {
        let param = self.params.split(|byte| *byte == b';').nth(index);
        let parts = param.unwrap_or_default().split(|byte| *byte == b':');
        parts.map(|part| str::from_utf8(part).ok()?.parse().ok())
    }

    /// Part of a parameter; 0 if it is missing.
    pub(super) fn part(&self, index: usize, part: usize) -> u32 {
        self.parts(index).nth(part).flatten().unwrap_or(0)
    }

    /// A parameter as far as it goes; 0 if it is missing.
    pub(super) fn number(&self, index: usize) -> u16 {
        self.part(index, 0).min(u16::MAX.into()) as u16
    }

    /// How many parameters there are.
    pub(super) fn count(&self) -> usize {
        self.params.split(|byte| *byte == b';').count()
    }

    fn numbers(&self) -> Vec<u16> {
        let count = self.count().min(MAX_NUMBERS);
        (0..count).map(|index| self.number(index)).collect()
    }
}

/// A sequence from its ESC on, or from the second of two: `alt` is what the first then means.
pub(super) fn parse(bytes: &[u8], alt: Mods, dialect: &mut Dialect) -> Parsed {
    let start = if alt == Mods::NONE { 2 } else { 3 };
    let body = &bytes[start..];
    match body {
        [] => return Parsed::Incomplete(ESC_WAIT),
        [b'M', report @ ..] if alt == Mods::NONE => return mouse::parse_old(report, dialect),
        [b'[', rest @ ..] => return linux_function_key(start, rest, alt),
        _ => {}
    }
    // rxvt ends a key with Shift in a dollar, which elsewhere is an intermediate byte.
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..MAX_SEQUENCE).contains(&digits) && body.get(digits) == Some(&b'$') {
        return key::shifted_rxvt(&split(&body[..=digits], start + digits + 1), alt);
    }
    let window = &body[..body.len().min(MAX_SEQUENCE)];
    let is_middle = |byte: &u8| (0x20..=0x3f).contains(byte);
    match window.iter().position(|byte| !is_middle(byte)) {
        None if window.len() == MAX_SEQUENCE => Parsed::Unknown(start + MAX_SEQUENCE),
        None => Parsed::Incomplete(SEQUENCE_WAIT),
        Some(length) if !(0x40..=0x7e).contains(&body[length]) => Parsed::Unknown(start + length),
        Some(length) => meaning(&split(&body[..=length], start + length + 1), alt, dialect),
    }
}

/// F1–F5 of the Linux console: `CSI [ A` to `CSI [ E`.
fn linux_function_key(start: usize, rest: &[u8], alt: Mods) -> Parsed {
    match rest.first() {
        None => Parsed::Incomplete(SEQUENCE_WAIT),
        Some(last @ b'A'..=b'E') => Parsed::key(KeyCode::F(last - b'A' + 1), alt, start + 2),
        Some(_) => Parsed::Unknown(start + 1),
    }
}

/// The pieces of a sequence that is so many bytes long, from what follows its CSI.
fn split(body: &[u8], length: usize) -> Csi<'_> {
    let (last, body) = body.split_last().unwrap_or((&0, &[]));
    let (private, body) = match body {
        [private @ b'<'..=b'?', rest @ ..] => (*private, rest),
        _ => (0, body),
    };
    let end = body.iter().position(|byte| *byte < 0x30);
    let (params, intermediates) = body.split_at(end.unwrap_or(body.len()));
    Csi {
        private,
        params,
        intermediate: intermediates.last().copied().unwrap_or(0),
        last: *last,
        length,
    }
}

/// What a whole sequence says.
fn meaning(csi: &Csi, alt: Mods, dialect: &mut Dialect) -> Parsed {
    let event = |event| Parsed::Event(event, csi.length);
    match (csi.private, csi.intermediate, csi.last) {
        (b'<', 0, b'M' | b'm') if csi.count() == 3 => {
            event(InputEvent::Mouse(mouse::sgr(csi, dialect)))
        }
        (b'?', ..) => match reply(csi) {
            Some(reply) => event(InputEvent::Reply(reply)),
            None => Parsed::Unknown(csi.length),
        },
        (0, 0, b'M') if csi.count() == 3 => event(InputEvent::Mouse(mouse::urxvt(csi, dialect))),
        (0, 0, b'R') if !is_f3(csi) => event(InputEvent::Reply(cursor_reply(csi))),
        (0, 0, b'I') if csi.number(0) == 0 => event(InputEvent::FocusGained),
        (0, 0, b'O') if csi.number(0) == 0 => event(InputEvent::FocusLost),
        (0, 0, b'~') if csi.number(0) == 200 && alt == Mods::NONE => {
            Parsed::PasteBegins(csi.length)
        }
        (0, 0, _) => match key::of(csi, alt, dialect) {
            Some(stroke) => event(InputEvent::Key(stroke)),
            None => Parsed::Unknown(csi.length),
        },
        _ => Parsed::Unknown(csi.length),
    }
}

/// What a terminal answers with a question mark.
fn reply(csi: &Csi) -> Option<TerminalReply> {
    match (csi.intermediate, csi.last) {
        (0, b'c') => Some(TerminalReply::Attributes(csi.numbers())),
        (0, b'u') => Some(TerminalReply::Keyboard(KeyboardFlags::new(csi.number(0)))),
        (0, b'n') if csi.numbers() == [997, 1] => Some(TerminalReply::DarkScheme),
        (0, b'n') if csi.numbers() == [997, 2] => Some(TerminalReply::LightScheme),
        (b'$', b'y') => Some(TerminalReply::Mode {
            mode: csi.number(0),
            state: csi.number(1),
        }),
        _ => None,
    }
}

fn cursor_reply(csi: &Csi) -> TerminalReply {
    TerminalReply::CursorPosition {
        row: csi.number(0).saturating_sub(1),
        col: csi.number(1).saturating_sub(1),
    }
}

/// Whether `CSI R` is F3 with modifiers rather than a cursor in row 1: xterm gives both the same form.
fn is_f3(csi: &Csi) -> bool {
    csi.number(0) <= 1 && (csi.count() < 2 || (2..=16).contains(&csi.number(1)))
}
