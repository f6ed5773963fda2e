//! The cursor, and the modes that decide what keys and mice send.

use super::keyboard::{KeyboardFlags, OtherFormat, OtherKeys};

/// Where the cursor is and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// 0-based row.
    pub row: u16,
    /// 0-based column.
    pub col: u16,
    /// Whether it is shown.
    pub visible: bool,
    /// DECSCUSR's number: 0 the terminal's own, 1–2 block, 3–4 underline, 5–6 bar; odd ones blink.
    pub shape: u8,
}

/// Modes that decide what keys and mice send. Bits of [`Modes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes(pub u32);

impl Modes {
    /// DECCKM: cursor keys send SS3.
    pub const APP_CURSOR: Modes = Modes(1);
    /// DECKPAM: the keypad sends SS3.
    pub const APP_KEYPAD: Modes = Modes(1 << 1);
    /// 2004.
    pub const BRACKETED_PASTE: Modes = Modes(1 << 2);
    /// 1004.
    pub const FOCUS_EVENTS: Modes = Modes(1 << 3);
    /// Mode 9: presses only.
    pub const MOUSE_X10: Modes = Modes(1 << 4);
    /// 1000: presses and releases.
    pub const MOUSE_PRESS: Modes = Modes(1 << 5);
    /// 1002: and drags.
    pub const MOUSE_DRAG: Modes = Modes(1 << 6);
    /// 1003: and every motion.
    pub const MOUSE_MOTION: Modes = Modes(1 << 7);
    /// 1005.
    pub const MOUSE_UTF8: Modes = Modes(1 << 8);
    /// 1006.
    pub const MOUSE_SGR: Modes = Modes(1 << 9);
    /// 1007: the wheel sends arrows on the alternate screen.
    pub const ALTERNATE_SCROLL: Modes = Modes(1 << 10);
    /// The alternate screen is shown.
    pub const ALTERNATE_SCREEN: Modes = Modes(1 << 11);
    /// DECSCNM: the whole screen is inverse.
    pub const REVERSE_SCREEN: Modes = Modes(1 << 12);
    /// LNM: Return sends CR LF.
    pub const NEWLINE: Modes = Modes(1 << 13);
    /// 1015.
    pub const MOUSE_URXVT: Modes = Modes(1 << 14);
    /// 1016.
    pub const MOUSE_PIXELS: Modes = Modes(1 << 15);
    /// DECBKM: Backspace sends BS.
    pub const BACKARROW: Modes = Modes(1 << 24);
    /// 1035 is reset: an application keypad is one even while NumLock is on.
    pub const IGNORE_NUM_LOCK: Modes = Modes(1 << 25);
    /// Where the flags of kitty's keyboard protocol lie, and what xterm's modifyOtherKeys and formatOtherKeys say.
    const KEYBOARD: u32 = 16;
    const OTHER_KEYS: u32 = 21;
    const OTHER_FORMAT: u32 = 23;

    /// What the program asked of kitty's keyboard protocol.
    pub fn keyboard(self) -> KeyboardFlags {
        KeyboardFlags::new((self.0 >> Self::KEYBOARD) as u16)
    }

    /// These, with other flags of kitty's keyboard protocol.
    pub fn with_keyboard(self, flags: KeyboardFlags) -> Modes {
        let all = u32::from(KeyboardFlags::ALL.bits()) << Self::KEYBOARD;
        Modes(self.0 & !all | u32::from(flags.bits()) << Self::KEYBOARD)
    }

    /// What the program asked of modifyOtherKeys.
    pub fn other_keys(self) -> OtherKeys {
        match self.0 >> Self::OTHER_KEYS & 3 {
            0 => OtherKeys::Off,
            1 => OtherKeys::Unclear,
            _ => OtherKeys::All,
        }
    }

    /// These, with another level of modifyOtherKeys.
    pub fn with_other_keys(self, level: OtherKeys) -> Modes {
        Modes(self.0 & !(3 << Self::OTHER_KEYS) | (level as u32) << Self::OTHER_KEYS)
    }

    /// formatOtherKeys: in which form modifyOtherKeys tells of keys.
    pub fn other_format(self) -> OtherFormat {
        match self.0 >> Self::OTHER_FORMAT & 1 {
            0 => OtherFormat::Tilde,
            _ => OtherFormat::U,
        }
    }

    /// These, with another formatOtherKeys.
    pub fn with_other_format(self, format: OtherFormat) -> Modes {
        Modes(self.0 & !(1 << Self::OTHER_FORMAT) | (format as u32) << Self::OTHER_FORMAT)
    }

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Modes) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub fn intersects(self, other: Modes) -> bool {
        self.0 & other.0 != 0
    }

    /// Sets (`on`) or clears the bits of `other`.
    pub fn set(&mut self, other: Modes, on: bool) {
        if on {
            self.0 |= other.0
        } else {
            self.0 &= !other.0
        }
    }
}
