//! What a terminal answers when it is asked about itself (xterm ctlseqs).

use super::terminal::Terminal;

/// What DA2 gives as the version: the patch level of the xterm that this one follows. Programs read it so; vim takes
/// less than 277 for a terminal without SGR mouse reports.
const FIRMWARE: u16 = 410;

impl Terminal {
    /// DA1: a VT420 with 132 columns, selective erase, horizontal scrolling, colours and rectangles; at a lower level
    /// what that has.
    pub(super) fn primary_attributes(&mut self) {
        let answer = match self.settings.level {
            1 => "\x1b[?1;2c",
            2 => "\x1b[?62;1;6;22c",
            3 => "\x1b[?63;1;6;22c",
            _ => "\x1b[?64;1;6;21;22;28c",
        };
        self.effects.reply(answer.as_bytes());
    }

    /// DA2: a VT420.
    pub(super) fn secondary_attributes(&mut self) {
        self.effects
            .reply(format!("\x1b[>41;{FIRMWARE};0c").as_bytes());
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

    /// DSR.
    pub(super) fn status_report(&mut self, what: u16) {
        let (row, col) = self.counted();
        match what {
            5 => self.effects.reply(b"\x1b[0n"),
            6 => self.effects.reply(format!("\x1b[{row};{col}R").as_bytes()),
            _ => {}
        }
    }

    /// The caret's place, counted from 1.
    fn counted(&self) -> (u16, u16) {
        let (row, col) = self.position();
        (row + 1, col + 1)
    }

    /// DSR, DEC's: DECXCPR, printer, keys, keyboard, locator, macros, memory, sessions; dark or light
    /// (contour's 996). Whatever a terminal of today has
    /// not got is said to be missing or in order.
    pub(super) fn dec_status_report(&mut self, what: u16, id: u16) {
        let (row, col) = self.counted();
        let answer = match what {
            6 => format!("\x1b[?{row};{col};1R"),
            15 => String::from("\x1b[?13n"),
            25 => String::from("\x1b[?20n"),
            26 => String::from("\x1b[?27;1;0;0n"),
            53 | 55 => String::from("\x1b[?50n"),
            56 => String::from("\x1b[?57;0n"),
            62 => String::from("\x1b[0*{"),
            63 => format!("\x1bP{id}!~0000\x1b\\"),
            996 => return self.scheme_report(),
            75 => String::from("\x1b[?70n"),
            85 => String::from("\x1b[?83n"),
            _ => return,
        };
        self.effects.reply(answer.as_bytes());
    }

    /// DECREQTPARM: no parity, 8 bits, 38,400 baud both ways, as xterm says.
    pub(super) fn parameters_report(&mut self, what: u16) {
        let answer = format!("\x1b[{};1;1;128;128;1;0x", what + 2);
        self.effects.reply(answer.as_bytes());
    }
}
