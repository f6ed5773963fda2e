//! What a program asks the keyboard for: kitty's keyboard protocol, with a stack of flags for each screen, and xterm's
//! modifyOtherKeys. [`Modes`](super::Modes) carries what holds now to whoever encodes keys.

use super::terminal::Terminal;
use crate::varint::{Malformed, Reader};

/// Flags of kitty's keyboard protocol (its page, "Progressive enhancement").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyboardFlags(u8);

impl KeyboardFlags {
    /// Nothing was asked for.
    pub const NONE: Self = Self(0);
    /// Keys that share their bytes with others have some of their own.
    pub const DISAMBIGUATE: Self = Self(1);
    /// Repeats and releases are told.
    pub const EVENTS: Self = Self(2);
    /// What Shift makes of a key, and its place, are told.
    pub const ALTERNATES: Self = Self(4);
    /// All keys are told as sequences, modifiers too.
    pub const ALL_KEYS: Self = Self(8);
    /// The text of a key is told beside it.
    pub const TEXT: Self = Self(16);
    /// All of them.
    pub const ALL: Self = Self(31);

    /// The flags of a control sequence; what no flag stands for is dropped.
    pub fn new(bits: u16) -> Self {
        Self(bits as u8 & Self::ALL.0)
    }

    /// Their number.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those of `other`.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// xterm's modifyOtherKeys: which keys that have no sequence get one when a modifier is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OtherKeys {
    /// None.
    #[default]
    Off,
    /// Those whose bytes would not tell of the modifier.
    Unclear,
    /// All but a letter with Shift.
    All,
}

/// xterm's formatOtherKeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OtherFormat {
    /// `CSI 27 ; modifiers ; code ~`.
    #[default]
    Tilde,
    /// `CSI code ; modifiers u`.
    U,
}

/// What [`Keyboard`] keeps of pushed flags for each screen; of more, the oldest are dropped.
const STACK: usize = 8;

/// The flags that programs have pushed, for the main and the alternate screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keyboard {
    stacks: [Vec<KeyboardFlags>; 2],
}

impl Keyboard {
    fn flags(&self, screen: usize) -> KeyboardFlags {
        self.stacks[screen].last().copied().unwrap_or_default()
    }

    fn push(&mut self, screen: usize, flags: KeyboardFlags) {
        let stack = &mut self.stacks[screen];
        if stack.len() == STACK {
            stack.remove(0);
        }
        stack.push(flags);
    }

    fn pop(&mut self, screen: usize, count: u16) {
        let stack = &mut self.stacks[screen];
        stack.truncate(stack.len().saturating_sub(count.into()));
    }

    /// Sets (mode 1), adds (2) or takes away (3) flags.
    fn set(&mut self, screen: usize, flags: KeyboardFlags, mode: u16) {
        let before = self.flags(screen);
        let after = match mode {
            0 | 1 => flags,
            2 => before.with(flags),
            3 => KeyboardFlags(before.0 & !flags.0),
            _ => return,
        };
        match self.stacks[screen].last_mut() {
            Some(top) => *top = after,
            None => self.push(screen, after),
        }
    }

    /// Appends both stacks for a snapshot.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        for stack in &self.stacks {
            out.push(stack.len() as u8);
            out.extend(stack.iter().map(|flags| flags.0));
        }
    }

    /// Reads what [`Keyboard::put`] wrote.
    pub(super) fn read(reader: &mut Reader) -> Result<Self, Malformed> {
        let mut keyboard = Self::default();
        for stack in &mut keyboard.stacks {
            for _ in 0..reader.at_most(STACK as u64)? {
                stack.push(KeyboardFlags::new(reader.u8()?.into()));
            }
        }
        Ok(keyboard)
    }
}

impl Terminal {
    /// The control sequences that ask something of the keyboard, by what stands before and behind their numbers.
    pub(super) fn keyboard_request(&mut self, prefix: u8, action: char, numbers: [u16; 2]) {
        let [first, second] = numbers;
        match (prefix, action) {
            (_, 'u') => self.kitty_keyboard(prefix, first, second),
            (b'>', 'm') => self.modify_keys(first, second),
            (b'>', 'n') => self.modify_keys(first, 0),
            (b'>', 'f') => self.format_keys(first, second),
            (b'?', 'm') => self.modify_keys_report(first),
            (b'?', 'g') => self.format_keys_report(first),
            _ => {}
        }
    }

    /// `CSI > u`, `CSI < u`, `CSI = u` and `CSI ? u`.
    fn kitty_keyboard(&mut self, prefix: u8, first: u16, second: u16) {
        let (screen, flags) = (self.slot(), KeyboardFlags::new(first));
        match prefix {
            b'>' => self.keyboard.push(screen, flags),
            b'<' => self.keyboard.pop(screen, first.max(1)),
            b'=' => self.keyboard.set(screen, flags, second),
            _ => {
                let flags = self.keyboard.flags(screen).bits();
                self.effects.reply(format!("\x1b[?{flags}u").as_bytes());
            }
        }
        self.keyboard_changed();
    }

    /// Lets the flags of the screen that is shown hold.
    pub(super) fn keyboard_changed(&mut self) {
        let flags = self.keyboard.flags(self.slot());
        self.set_modes(self.modes.with_keyboard(flags));
    }

    /// XTMODKEYS: only modifyOtherKeys (4) can be changed. `CSI > m` resets it; so does a resource without a value.
    fn modify_keys(&mut self, resource: u16, value: u16) {
        let level = match value {
            0 => OtherKeys::Off,
            1 => OtherKeys::Unclear,
            _ => OtherKeys::All,
        };
        match resource {
            0 if value == 0 => self.set_modes(self.modes.with_other_keys(OtherKeys::Off)),
            4 => self.set_modes(self.modes.with_other_keys(level)),
            _ => {}
        }
    }

    /// XTFMTKEYS: only formatOtherKeys (4) can be changed.
    fn format_keys(&mut self, resource: u16, value: u16) {
        let format = match value {
            0 => OtherFormat::Tilde,
            _ => OtherFormat::U,
        };
        if matches!((resource, value), (4, _) | (0, 0)) {
            self.set_modes(self.modes.with_other_format(format));
        }
    }

    /// XTQMODKEYS: cursor and function keys (1 and 2) have their modifiers as a second number.
    fn modify_keys_report(&mut self, resource: u16) {
        let value = match resource {
            0 => 0,
            1 | 2 => 2,
            4 => self.modes.other_keys() as u8,
            _ => return,
        };
        self.effects
            .reply(format!("\x1b[>{resource};{value}m").as_bytes());
    }

    /// XTQFMTKEYS.
    fn format_keys_report(&mut self, resource: u16) {
        let value = match resource {
            0..=3 => 0,
            4 => self.modes.other_format() as u8,
            _ => return,
        };
        self.effects
            .reply(format!("\x1b[>{resource};{value}f").as_bytes());
    }

    fn set_modes(&mut self, modes: super::Modes) {
        if self.modes != modes {
            self.modes = modes;
            self.header_changed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fed, replies};
    use super::*;

    /// What is told of the flags after each of `parts`.
    fn flags(parts: &[&str]) -> Vec<u8> {
        let mut emulator = fed(10, 2, "");
        let told = |part: &&str| {
            emulator.feed(part.as_bytes());
            emulator.feed(b"\x1b[?u");
            let said = replies(&mut emulator);
            let number = said
                .strip_prefix("\x1b[?")
                .and_then(|it| it.strip_suffix('u'));
            let number = number.expect("a report").parse().expect("a number");
            assert_eq!(emulator.modes().keyboard().bits(), number);
            number
        };
        parts.iter().map(told).collect()
    }

    #[test]
    fn flags_are_pushed_set_and_popped() {
        assert_eq!(
            flags(&["", "\x1b[>1u", "\x1b[>31u", "\x1b[<u", "\x1b[<u", "\x1b[<u"]),
            [0, 1, 31, 1, 0, 0]
        );
        assert_eq!(
            flags(&[
                "\x1b[=5u",
                "\x1b[=2;2u",
                "\x1b[=4;3u",
                "\x1b[=8;1u",
                "\x1b[=1;9u"
            ]),
            [5, 7, 3, 8, 8]
        );
        assert_eq!(
            flags(&["\x1b[=1u\x1b[>5u", "\x1b[<u", "\x1b[>u"]),
            [5, 1, 0]
        );
        assert_eq!(
            flags(&["\x1b[>1u\x1b[>2u\x1b[>4u", "\x1b[<2u", "\x1b[<9u"]),
            [4, 1, 0]
        );
        assert_eq!(flags(&["\x1b[>65535u"]), [31]);
    }

    #[test]
    fn a_full_stack_drops_its_oldest() {
        let pushes: String = (1..=9).map(|n| format!("\x1b[>{n}u")).collect();
        assert_eq!(flags(&[&pushes, "\x1b[<7u", "\x1b[<u"]), [9, 2, 0]);
    }

    #[test]
    fn each_screen_has_its_own() {
        assert_eq!(
            flags(&[
                "\x1b[>1u",
                "\x1b[?1049h",
                "\x1b[>3u",
                "\x1b[?1049l",
                "\x1b[?1049h"
            ]),
            [1, 0, 3, 1, 3]
        );
    }

    #[test]
    fn resets_forget_everything() {
        for reset in ["\x1bc", "\x1b[!p"] {
            let both = "\x1b[>1u\x1b[?1049h\x1b[>3u";
            assert_eq!(
                flags(&[both, reset, "\x1b[?1049l", "\x1b[?1049h"]),
                [3, 0, 0, 0]
            );
            let mut emulator = fed(10, 2, &format!("\x1b[>4;2m\x1b[>4;1f\x1b[?67h{reset}"));
            emulator.feed(b"\x1b[?4m\x1b[?4g\x1b[?67$p");
            assert_eq!(replies(&mut emulator), "\x1b[>4;0m\x1b[>4;0f\x1b[?67;2$y");
        }
    }

    #[test]
    fn modify_other_keys_is_kept_and_told() {
        let told = |text: &str| replies(&mut fed(10, 2, text));
        assert_eq!(told("\x1b[>4;1m\x1b[?4m"), "\x1b[>4;1m");
        assert_eq!(told("\x1b[>4;2m\x1b[>4m\x1b[?4m"), "\x1b[>4;0m");
        assert_eq!(told("\x1b[>4;2m\x1b[>4n\x1b[?4m"), "\x1b[>4;0m");
        assert_eq!(told("\x1b[>4;2m\x1b[>m\x1b[?4m"), "\x1b[>4;0m");
        assert_eq!(
            told("\x1b[>4;1f\x1b[?4g\x1b[>4f\x1b[?4g"),
            "\x1b[>4;1f\x1b[>4;0f"
        );
        assert_eq!(told("\x1b[?1m\x1b[?9m"), "\x1b[>1;2m");
        let mut emulator = fed(10, 2, "\x1b[>4;2m\x1b[?1049h");
        assert_eq!(emulator.modes().other_keys(), OtherKeys::All);
        emulator.respawn_reset();
        assert_eq!(emulator.modes().other_keys(), OtherKeys::Off);
    }
}
