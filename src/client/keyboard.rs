//! The keyboard of the user's terminal: what it can tell of keys is found out, asked for, and taken back in the end.
//!
//! It is asked whether it speaks the kitty keyboard protocol, then who it is (XTVERSION), then for its attributes (DA1), which all
//! answer: when these come, the others have come or never will. Nothing waits for that. A terminal of the xterm kind
//! that does not speak the protocol has modifyOtherKeys instead; the rest has its keypad.

use crate::term::input::TerminalReply;
use crate::ui::{KeyboardUse, KeypadUse};

/// Asks all of that.
pub(super) const ASK: &[u8] = b"\x1b[?u\x1b[>q\x1b[c";

/// The beginnings of the names of terminals that have modifyOtherKeys and do no harm with it.
const WITH_OTHER_KEYS: [&str; 4] = ["XTerm", "tmux", "mintty", "iTerm2"];
/// modifyOtherKeys, level 2, as xterm takes it; tmux knows but one level.
const OTHER_KEYS: &[u8] = b"\x1b[>4;2m";
/// Takes that back.
const NO_OTHER_KEYS: &[u8] = b"\x1b[>4;0m";
/// Takes back the flags that were pushed.
const POP_FLAGS: &[u8] = b"\x1b[<u";

/// Whether a terminal of that name (XTVERSION) has modifyOtherKeys.
pub fn has_other_keys(name: &str) -> bool {
    WITH_OTHER_KEYS.iter().any(|known| name.starts_with(known))
}

/// What the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It has not said.
    Unknown,
    /// The kitty keyboard protocol.
    Kitty,
    /// modifyOtherKeys.
    OtherKeys,
    /// Neither.
    Plain,
}

/// The keyboard of the user's terminal.
#[derive(Debug)]
pub(super) struct Keyboard {
    kind: Kind,
    /// Whether its name is one of those that have modifyOtherKeys.
    is_xterm: bool,
    /// What was asked for last.
    asked: Option<KeyboardUse>,
}

impl Keyboard {
    /// A keyboard that nothing is known of.
    pub(super) fn new() -> Self {
        Self {
            kind: Kind::Unknown,
            is_xterm: false,
            asked: None,
        }
    }

    /// Appends what asks for the same again: the terminal may have been used by others.
    pub(super) fn ask_again(&self, out: &mut Vec<u8>) {
        match (self.kind, self.asked) {
            // Nothing is pushed: what was may still be there.
            (Kind::Kitty, Some(asked)) => {
                out.extend(format!("\x1b[={};1u", asked.flags.bits()).bytes());
            }
            (Kind::OtherKeys, Some(_)) => out.extend_from_slice(OTHER_KEYS),
            _ => {}
        }
        if self.asked.unwrap_or_default().keypad == KeypadUse::Application
            && self.kind != Kind::Kitty
        {
            out.extend_from_slice(b"\x1b=");
        }
    }

    /// Takes note of what the terminal says of itself.
    pub(super) fn hear(&mut self, reply: &TerminalReply) {
        match (reply, self.kind) {
            (TerminalReply::Keyboard(_), _) => self.kind = Kind::Kitty,
            (TerminalReply::Version(name), Kind::Unknown) => {
                self.is_xterm = has_other_keys(name);
            }
            (TerminalReply::Attributes(_), Kind::Unknown) if self.is_xterm => {
                self.kind = Kind::OtherKeys;
            }
            (TerminalReply::Attributes(_), Kind::Unknown) => self.kind = Kind::Plain,
            _ => {}
        }
    }

    /// Appends what asks for `wanted`, if that is something else than before.
    pub(super) fn ask_for(&mut self, wanted: KeyboardUse, out: &mut Vec<u8>) {
        let before = self.asked;
        if self.kind == Kind::Unknown || before == Some(wanted) {
            return;
        }
        self.asked = Some(wanted);
        match (self.kind, before) {
            (Kind::Kitty, None) => out.extend(format!("\x1b[>{}u", wanted.flags.bits()).bytes()),
            (Kind::Kitty, Some(before)) if before.flags != wanted.flags => {
                out.extend(format!("\x1b[={};1u", wanted.flags.bits()).bytes());
            }
            (Kind::OtherKeys, None) => out.extend_from_slice(OTHER_KEYS),
            _ => {}
        }
        let keypad = before.unwrap_or_default().keypad;
        if self.kind != Kind::Kitty && keypad != wanted.keypad {
            out.extend_from_slice(match wanted.keypad {
                KeypadUse::Numeric => b"\x1b>",
                KeypadUse::Application => b"\x1b=",
            });
        }
    }

    /// What takes back all that was asked for, but for the keypad.
    pub(super) fn undo(&self) -> &'static [u8] {
        match (self.kind, self.asked) {
            (Kind::Kitty, Some(_)) => POP_FLAGS,
            (Kind::OtherKeys, Some(_)) => NO_OTHER_KEYS,
            _ => b"",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::KeyboardFlags;

    fn wanted(flags: u16, keypad: KeypadUse) -> KeyboardUse {
        KeyboardUse {
            flags: KeyboardFlags::new(flags),
            keypad,
        }
    }

    /// What is sent for each of `uses` once the terminal has given `replies`, and what takes it back.
    fn sent(replies: &[TerminalReply], uses: &[KeyboardUse]) -> String {
        let mut keyboard = Keyboard::new();
        let mut out = Vec::new();
        keyboard.ask_for(KeyboardUse::default(), &mut out);
        assert!(out.is_empty(), "nothing is known yet");
        replies.iter().for_each(|reply| keyboard.hear(reply));
        for wanted in uses {
            keyboard.ask_for(*wanted, &mut out);
            out.push(b' ');
        }
        out.extend_from_slice(keyboard.undo());
        String::from_utf8(out).expect("text").replace('\x1b', "^")
    }

    const ATTRIBUTES: TerminalReply = TerminalReply::Attributes(Vec::new());

    #[test]
    fn flags_are_pushed_once_then_changed_and_popped() {
        let kitty = [TerminalReply::Keyboard(KeyboardFlags::NONE), ATTRIBUTES];
        let numeric = |flags| wanted(flags, KeypadUse::Numeric);
        let uses = [
            numeric(5),
            numeric(5),
            numeric(31),
            wanted(31, KeypadUse::Application),
            numeric(5),
        ];
        assert_eq!(sent(&kitty, &uses), "^[>5u  ^[=31;1u  ^[=5;1u ^[<u");
    }

    #[test]
    fn xterm_has_other_keys_and_the_rest_a_keypad() {
        let name = |name: &str| TerminalReply::Version(name.to_owned());
        let numeric = wanted(5, KeypadUse::Numeric);
        let uses = [numeric, wanted(31, KeypadUse::Application), numeric];
        assert_eq!(
            sent(&[name("XTerm(390)"), ATTRIBUTES], &uses),
            "^[>4;2m ^= ^> ^[>4;0m"
        );
        assert_eq!(sent(&[name("Other(1)"), ATTRIBUTES], &uses), " ^= ^> ");
        assert_eq!(sent(&[], &uses), "   ", "a silent terminal is left alone");
    }
}
