//! What a program has chosen by sequences that are no modes, and how it asks for it (DECRQSS; DEC STD 070, xterm
//! ctlseqs).

use super::ansi::{Parts, describe};
use super::style::Attrs;
use super::terminal::Terminal;
use std::collections::BTreeMap;

/// The level that wt conforms to: a VT420's.
pub(super) const LEVEL: u8 = 4;

/// The most modes put aside at once (XTSAVE): more than there are.
pub(super) const MAX_SAVED_MODES: usize = 128;

/// What selective erasing spares (xterm tells the two ways apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Protection {
    /// Nothing.
    #[default]
    Off,
    /// DECSCA: DECSED, DECSEL and DECSERA spare what is protected.
    Dec,
    /// SPA and EPA (ECMA-48 §8.3.139): so do ED, EL and ECH.
    Iso,
}

/// Choices of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) protection: Protection,
    /// DECSCL: 1 to [`LEVEL`].
    pub(super) level: u8,
    /// DECSACE: 2 for rectangles, 0 and 1 for streams of characters.
    pub(super) extent: u8,
    /// XTCHECKSUM's bits.
    pub(super) checksum: u8,
    /// XTSAVE: whether each mode was set. Only known modes are kept.
    pub(super) saved_modes: BTreeMap<u16, bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            protection: Protection::Off,
            level: LEVEL,
            extent: 0,
            checksum: 0,
            saved_modes: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// DECSTR.
    pub(super) fn soften(&mut self) {
        self.protection = Protection::Off;
        self.extent = 0;
    }

    /// RIS.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Terminal {
    /// DECSCA.
    pub(super) fn protect(&mut self, what: u16) {
        self.settings.protection = Protection::Dec;
        self.set_protected(what == 1);
    }

    /// SPA (`V`) and EPA (`W`).
    pub(super) fn guard_area(&mut self, byte: u8) {
        if byte == b'V' {
            self.settings.protection = Protection::Iso;
        }
        self.set_protected(byte == b'V');
    }

    fn set_protected(&mut self, on: bool) {
        self.caret.style.attrs.set(Attrs::PROTECTED, on);
        self.pen = None;
    }

    /// DECSCL: a soft reset, then the level; answers have 8-bit controls unless the second number is 1 or the level 1.
    pub(super) fn conform(&mut self, level: u16, controls: u16) {
        if let 61..=69 = level {
            self.soft_reset();
            self.settings.level = LEVEL.min((level - 60) as u8);
            self.effects.answer_in_8_bits(level > 61 && controls != 1);
        }
    }

    /// DECRQSS.
    pub(super) fn setting_report(&mut self, setting: &[u8]) {
        let answer = match self.setting(setting) {
            Some(value) => format!("\x1bP1$r{value}{}\x1b\\", String::from_utf8_lossy(setting)),
            None => String::from("\x1bP0$r\x1b\\"),
        };
        self.effects.reply(answer.as_bytes());
    }

    /// The value of the setting that a sequence with these last bytes sets.
    fn setting(&self, setting: &[u8]) -> Option<String> {
        let screen = &self.screen;
        Some(match setting {
            b"m" => describe(&self.caret.style, Parts::Colons),
            b"r" => format!("{};{}", screen.top + 1, screen.bottom),
            b"s" if self.settings.level >= 4 => format!("{};{}", screen.left + 1, screen.right),
            b"t" | b"*|" => screen.size.rows.to_string(),
            b"$|" => screen.size.cols.to_string(),
            b" q" => self.shape.to_string(),
            b"\"q" => {
                let on = self.caret.style.attrs.contains(Attrs::PROTECTED);
                u8::from(on).to_string()
            }
            b"\"p" => {
                let controls = u8::from(!self.effects.are_in_8_bits());
                format!("6{};{controls}", self.settings.level)
            }
            b"*x" => self.settings.extent.to_string(),
            // There is no status line.
            b"$}" | b"$~" => String::from("0"),
            _ => return None,
        })
    }
}
