//! Setting, resetting and reporting modes (xterm ctlseqs, "DEC Private Mode Set").

use super::caret::Switches;
use super::modes::Modes;
use super::terminal::Terminal;

/// The modes that decide what keys and mice send, by DEC number.
const PUBLIC: [(u16, Modes); 11] = [
    (1, Modes::APP_CURSOR),
    (5, Modes::REVERSE_SCREEN),
    (9, Modes::MOUSE_X10),
    (66, Modes::APP_KEYPAD),
    (1000, Modes::MOUSE_PRESS),
    (1002, Modes::MOUSE_DRAG),
    (1003, Modes::MOUSE_MOTION),
    (1004, Modes::FOCUS_EVENTS),
    (1005, Modes::MOUSE_UTF8),
    (1006, Modes::MOUSE_SGR),
    (2004, Modes::BRACKETED_PASTE),
];

/// The mouse modes that exclude one another.
const MOUSE: Modes =
    Modes(Modes::MOUSE_X10.0 | Modes::MOUSE_PRESS.0 | Modes::MOUSE_DRAG.0 | Modes::MOUSE_MOTION.0);

fn public(mode: u16) -> Option<Modes> {
    if mode == 1007 {
        return Some(Modes::ALTERNATE_SCROLL);
    }
    let found = PUBLIC.iter().find(|(number, _)| *number == mode);
    found.map(|(_, bit)| *bit)
}

fn switch(mode: u16) -> Option<Switches> {
    match mode {
        7 => Some(Switches::AUTOWRAP),
        25 => Some(Switches::CURSOR),
        2026 => Some(Switches::SYNCHRONIZED),
        2027 => Some(Switches::CLUSTERS),
        _ => None,
    }
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
            if MOUSE.contains(bit) && on {
                self.set_mode(MOUSE, false);
            }
            self.set_mode(bit, on);
        } else if let Some(switch) = switch(mode) {
            self.switches.set(switch, on);
            if mode == 7 {
                self.caret.pending &= on;
            }
        } else {
            self.screen_mode(mode, on);
        }
    }

    fn screen_mode(&mut self, mode: u16, on: bool) {
        match mode {
            6 => {
                self.caret.origin = on;
                self.address(0, 0);
            }
            // Blinking is the lowest bit of DECSCUSR's number; 0 leaves it to the user.
            12 if self.shape > 0 || on => {
                self.shape = (self.shape.max(1) - 1) / 2 * 2 + if on { 1 } else { 2 };
            }
            47 => self.alternate(on),
            1047 => {
                if !on && self.modes.contains(Modes::ALTERNATE_SCREEN) {
                    self.clear_screen();
                }
                self.alternate(on);
            }
            1048 => self.save_or_restore(on),
            1049 if on == self.modes.contains(Modes::ALTERNATE_SCREEN) => {}
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

    fn clear_screen(&mut self) {
        let blank = self.blank();
        let size = self.size();
        for y in 0..size.rows {
            self.screen.erase(y, 0, size.cols, blank);
        }
    }

    /// DECRQM for an ANSI mode.
    pub(super) fn report_ansi_mode(&mut self, mode: u16) {
        let state = match mode {
            4 => state(self.switches.has(Switches::INSERT)),
            20 => state(self.modes.contains(Modes::NEWLINE)),
            _ => 0,
        };
        self.effects
            .reply(format!("\x1b[{mode};{state}$y").as_bytes());
    }

    /// DECRQM for a DEC mode: 1 set, 2 reset, 0 unknown.
    pub(super) fn report_dec_mode(&mut self, mode: u16) {
        let state = match (public(mode), switch(mode), mode) {
            (Some(bit), ..) => state(self.modes.contains(bit)),
            (_, Some(bit), _) => state(self.switches.has(bit)),
            (.., 6) => state(self.caret.origin),
            (.., 12) => state(self.shape % 2 == 1),
            (.., 47 | 1047 | 1049) => state(self.modes.contains(Modes::ALTERNATE_SCREEN)),
            (.., 1048) => 1,
            _ => 0,
        };
        self.effects
            .reply(format!("\x1b[?{mode};{state}$y").as_bytes());
    }
}

fn state(on: bool) -> u8 {
    if on { 1 } else { 2 }
}
