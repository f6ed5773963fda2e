//! Setting, resetting and reporting modes (xterm ctlseqs, "DEC Private Mode Set").

use super::caret::Switches;
use super::modes::Modes;
use super::string::Told;
use super::terminal::Terminal;

/// The modes that decide what keys and mice send, by DEC number.
const PUBLIC: [(u16, Modes); 14] = [
    (1, Modes::APP_CURSOR),
    (5, Modes::REVERSE_SCREEN),
    (9, Modes::MOUSE_X10),
    (66, Modes::APP_KEYPAD),
    (67, Modes::BACKARROW),
    (1000, Modes::MOUSE_PRESS),
    (1002, Modes::MOUSE_DRAG),
    (1003, Modes::MOUSE_MOTION),
    (1004, Modes::FOCUS_EVENTS),
    (1005, Modes::MOUSE_UTF8),
    (1006, Modes::MOUSE_SGR),
    (1015, Modes::MOUSE_URXVT),
    (1016, Modes::MOUSE_PIXELS),
    (2004, Modes::BRACKETED_PASTE),
];

/// The mouse modes that exclude one another.
const MOUSE: Modes =
    Modes(Modes::MOUSE_X10.0 | Modes::MOUSE_PRESS.0 | Modes::MOUSE_DRAG.0 | Modes::MOUSE_MOTION.0);

/// The forms of mouse reports that exclude one another.
const MOUSE_FORM: Modes =
    Modes(Modes::MOUSE_UTF8.0 | Modes::MOUSE_SGR.0 | Modes::MOUSE_URXVT.0 | Modes::MOUSE_PIXELS.0);

fn public(mode: u16) -> Option<Modes> {
    if mode == 1007 {
        return Some(Modes::ALTERNATE_SCROLL);
    }
    let found = PUBLIC.iter().find(|(number, _)| *number == mode);
    found.map(|(_, bit)| *bit)
}

/// The modes that only the emulator itself knows, by DEC number.
const OWN: [(u16, Switches); 13] = [
    (4, Switches::SMOOTH),
    (7, Switches::AUTOWRAP),
    (18, Switches::FORM_FEED),
    (19, Switches::PRINT_SCREEN),
    (25, Switches::CURSOR),
    (40, Switches::COLUMNS_ALLOWED),
    (41, Switches::MORE_FIX),
    (42, Switches::NATIONAL),
    (45, Switches::REVERSE_WRAP),
    (1045, Switches::REVERSE_WRAP_FAR),
    (2026, Switches::SYNCHRONIZED),
    (2027, Switches::CLUSTERS),
    (2048, Switches::SIZE_REPORTS),
];

fn switch(mode: u16) -> Option<Switches> {
    let found = OWN.iter().find(|(number, _)| *number == mode);
    found.map(|(_, bit)| *bit)
}

impl Terminal {
    /// SM and RM.
    pub(super) fn ansi_mode(&mut self, mode: u16, on: bool) {
        match mode {
            4 => self.switches.set(Switches::INSERT, on),
            20 => self.set_mode(Modes::NEWLINE, on),
            _ => {}
        }
    }

    /// DECSET and DECRST.
    pub(super) fn dec_mode(&mut self, mode: u16, on: bool) {
        if let Some(bit) = public(mode) {
            // To xterm the tracking modes are one setting, which resetting any of them turns off; so are the forms.
            if MOUSE.contains(bit) {
                self.set_mode(MOUSE, false);
            } else if MOUSE_FORM.contains(bit) && on {
                self.set_mode(MOUSE_FORM, false);
            }
            self.set_mode(bit, on);
        } else if mode == 1035 {
            self.set_mode(Modes::IGNORE_NUM_LOCK, !on);
        } else if let Some(switch) = switch(mode) {
            self.switches.set(switch, on);
            if mode == 7 {
                self.caret.pending &= on;
            }
            if mode == 2048 {
                self.size_report();
            }
        } else {
            self.screen_mode(mode, on);
        }
    }

    fn screen_mode(&mut self, mode: u16, on: bool) {
        match mode {
            3 => self.set_columns(on),
            6 => {
                self.caret.origin = on;
                self.address(0, 0);
            }
            // Blinking is the lowest bit of DECSCUSR's number; 0 leaves it to the user.
            12 if self.shape > 0 || on => {
                self.shape = (self.shape.max(1) - 1) / 2 * 2 + if on { 1 } else { 2 };
            }
            47 => self.alternate(on),
            69 if self.settings.level >= 4 => self.allow_sides(on),
            1047 => {
                if !on && self.modes.contains(Modes::ALTERNATE_SCREEN) {
                    self.clear_screen();
                }
                self.alternate(on);
            }
            2031 => {
                self.colors.told = match on {
                    true => Told::Always,
                    false => Told::OnDemand,
                };
            }
            1048 => self.save_or_restore(on),
            1049 if on => {
                self.save_caret();
                self.alternate(true);
                self.clear_screen();
            }
            1049 => {
                self.alternate(false);
                self.restore_caret();
            }
            _ => {}
        }
    }

    fn save_or_restore(&mut self, save: bool) {
        match save {
            true => self.save_caret(),
            false => self.restore_caret(),
        }
    }

    /// DECCOLM, where mode 40 allows it: the screen is cleared and the margins open. The size is a wish.
    fn set_columns(&mut self, wide: bool) {
        if !self.switches.has(Switches::COLUMNS_ALLOWED) {
            return;
        }
        self.switches.set(Switches::COLUMNS_132, wide);
        self.wish_cols(if wide { 132 } else { 80 });
        self.screen.open_margins();
        self.screen.keep_rows(&self.tables);
        self.clear_screen();
        self.go(0, 0);
    }

    /// XTSAVE.
    pub(super) fn put_aside_mode(&mut self, mode: u16) {
        if let state @ (SET | RESET) = self.dec_state(mode) {
            self.settings.saved_modes.insert(mode, state == SET);
        }
    }

    /// XTRESTORE.
    pub(super) fn take_back_mode(&mut self, mode: u16) {
        if let Some(&on) = self.settings.saved_modes.get(&mode) {
            self.dec_mode(mode, on);
        }
    }

    /// DECRQM for an ANSI mode.
    pub(super) fn report_ansi_mode(&mut self, mode: u16) {
        let state = match mode {
            4 => state(self.switches.has(Switches::INSERT)),
            20 => state(self.modes.contains(Modes::NEWLINE)),
            // SRM: what is typed is never echoed here.
            12 => ALWAYS_SET,
            // KAM would lock the user out; the others are of terminals that transmit by the page.
            1 | 2 | 5 | 7 | 10 | 11 | 13..=19 => ALWAYS_RESET,
            _ => UNKNOWN,
        };
        self.effects
            .reply(format!("\x1b[{mode};{state}$y").as_bytes());
    }

    /// DECRQM for a DEC mode.
    pub(super) fn report_dec_mode(&mut self, mode: u16) {
        let state = self.dec_state(mode);
        self.effects
            .reply(format!("\x1b[?{mode};{state}$y").as_bytes());
    }

    fn dec_state(&self, mode: u16) -> u8 {
        match (public(mode), switch(mode), mode) {
            (Some(bit), ..) => state(self.modes.contains(bit)),
            (_, Some(bit), _) => state(self.switches.has(bit)),
            (.., 3) => state(self.switches.has(Switches::COLUMNS_132)),
            (.., 6) => state(self.caret.origin),
            (.., 12) => state(self.shape % 2 == 1),
            (.., 47 | 1047 | 1049) => state(self.modes.contains(Modes::ALTERNATE_SCREEN)),
            (.., 69) => state(self.switches.has(Switches::SIDES)),
            (.., 1035) => state(!self.modes.contains(Modes::IGNORE_NUM_LOCK)),
            // Alt sends an ESC before the key.
            (.., 1036 | 1039) => ALWAYS_SET,
            (.., 1048) => SET,
            (.., 2031) => state(self.colors.told == Told::Always),
            // DECARM is the keyboard's, DECHCCM and DECVCCM a terminal's with pages.
            (.., 8 | 60 | 61) => ALWAYS_RESET,
            _ => UNKNOWN,
        }
    }
}

/// What DECRQM answers (DEC STD 070 §5).
const UNKNOWN: u8 = 0;
const SET: u8 = 1;
const RESET: u8 = 2;
const ALWAYS_SET: u8 = 3;
const ALWAYS_RESET: u8 = 4;

fn state(on: bool) -> u8 {
    if on { SET } else { RESET }
}
