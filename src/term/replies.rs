//! What a terminal answers when it is asked about itself (xterm ctlseqs).

use super::ansi::{Parts, describe};
use super::terminal::Terminal;

/// What DA2 gives as the version. Programs read it as xterm's patch level, and vim takes less than 277 for a terminal
/// without SGR mouse reports.
const FIRMWARE: u16 = 1000;

/// The size of a cell in pixels, for programs that ask: nobody here knows the font.
const CELL: (u32, u32) = (8, 16);

impl Terminal {
    /// DA1: a VT220 with colours.
    pub(super) fn primary_attributes(&mut self) {
        self.effects.reply(b"\x1b[?62;22c");
    }

    /// DA2.
    pub(super) fn secondary_attributes(&mut self) {
        self.effects
            .reply(format!("\x1b[>0;{FIRMWARE};1c").as_bytes());
    }

    /// DA3: no unit number.
    pub(super) fn tertiary_attributes(&mut self) {
        self.effects.reply(b"\x1bP!|00000000\x1b\\");
    }

    /// XTVERSION.
    pub(super) fn version_report(&mut self) {
        let version = env!("CARGO_PKG_VERSION");
        self.effects
            .reply(format!("\x1bP>|wt({version})\x1b\\").as_bytes());
    }

    /// The caret as it is reported: 1-based, within the margins under DECOM.
    fn position(&self) -> (u16, u16) {
        let top = if self.caret.origin {
            self.screen.top
        } else {
            0
        };
        (self.caret.row.saturating_sub(top) + 1, self.caret.col + 1)
    }

    /// DSR.
    pub(super) fn status_report(&mut self, what: u16) {
        let (row, col) = self.position();
        match what {
            5 => self.effects.reply(b"\x1b[0n"),
            6 => self.effects.reply(format!("\x1b[{row};{col}R").as_bytes()),
            _ => {}
        }
    }

    /// DSR, DEC's: DECXCPR, printer, keys, keyboard.
    pub(super) fn dec_status_report(&mut self, what: u16) {
        let (row, col) = self.position();
        match what {
            6 => self
                .effects
                .reply(format!("\x1b[?{row};{col};1R").as_bytes()),
            15 => self.effects.reply(b"\x1b[?13n"),
            25 => self.effects.reply(b"\x1b[?20n"),
            26 => self.effects.reply(b"\x1b[?27;1;0;0n"),
            _ => {}
        }
    }

    /// XTWINOPS: sizes and the title stack. Nothing else of the window is the program's business.
    pub(super) fn window(&mut self, what: u16, which: u16) {
        let size = self.size();
        let (cols, rows) = (u32::from(size.cols), u32::from(size.rows));
        let answer = match what {
            14 => format!("\x1b[4;{};{}t", rows * CELL.1, cols * CELL.0),
            16 => format!("\x1b[6;{};{}t", CELL.1, CELL.0),
            18 => format!("\x1b[8;{rows};{cols}t"),
            22 if which != 1 => return self.labels.push(),
            23 if which != 1 => {
                if self.labels.pop() {
                    self.header_changed();
                }
                return;
            }
            _ => return,
        };
        self.effects.reply(answer.as_bytes());
    }

    /// DECRQSS: SGR, margins, cursor shape, protection.
    pub(super) fn setting_report(&mut self, setting: &[u8]) {
        let value = match setting {
            b"m" => format!("{}m", describe(&self.caret.style, Parts::Colons)),
            b"r" => format!("{};{}r", self.screen.top + 1, self.screen.bottom),
            b" q" => format!("{} q", self.shape),
            b"\"q" => {
                let protected = super::Attrs::PROTECTED;
                let on = self.caret.style.attrs.contains(protected);
                format!("{}\"q", u8::from(on))
            }
            b"\"p" => String::from("62;1\"p"),
            _ => return self.effects.reply(b"\x1bP0$r\x1b\\"),
        };
        self.effects
            .reply(format!("\x1bP1$r{value}\x1b\\").as_bytes());
    }
}
