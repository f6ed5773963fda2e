//! XTWINOPS: what a program may ask of its window. wt answers sizes and keeps titles; that a program changes its size,
//! or has its title typed back at it, is for whoever runs the emulator to grant: a tab decides the one, and the other
//! lets a title that came from elsewhere become input.

use super::Size;
use super::caret::Switches;
use super::effect::Effect;
use super::mouse::CELL_PIXELS as CELL;
use super::string::Named;
use super::terminal::Terminal;

/// What a display of a common size would hold, for programs that ask how large they could be.
const DISPLAY: Size = Size {
    cols: 240,
    rows: 67,
};

/// What programs may do beyond what is safe everywhere. Bits; none are granted at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grants(pub u8);

impl Grants {
    /// Wishes for another size come out as [`Effect::Resize`].
    pub const RESIZE: Grants = Grants(1);
    /// Titles are reported.
    pub const TITLES: Grants = Grants(1 << 1);

    fn contains(self, other: Grants) -> bool {
        self.0 & other.0 == other.0
    }
}

impl super::Emulator {
    /// Grants programs what wt itself does not.
    pub fn grant(&mut self, grants: Grants) {
        self.terminal.grants = grants;
    }
}

impl Terminal {
    /// XTWINOPS.
    pub(super) fn window(&mut self, numbers: &[u16]) {
        let at = |n: usize| numbers.get(n).copied();
        let size = self.size();
        match numbers.first().copied().unwrap_or(0) {
            4 => self.wish_pixels(at(1), at(2)),
            8 => {
                let rows = wished(at(1), size.rows, DISPLAY.rows);
                self.wish(wished(at(2), size.cols, DISPLAY.cols), rows);
            }
            rows @ 24.. => self.wish(size.cols, rows),
            20 => self.report_title('L', self.labels.icon.clone()),
            21 => self.report_title('l', self.labels.title.clone()),
            what @ 22..=23 => {
                if let Some(named) = Named::of(at(1).unwrap_or(0)) {
                    self.title_stack(what, named);
                }
            }
            what => self.report_size(what),
        }
    }

    /// Puts titles aside (22), takes them back (23).
    fn title_stack(&mut self, what: u16, named: Named) {
        if what == 22 {
            self.labels.push(named);
        } else if self.labels.pop(named) {
            self.header_changed();
        }
    }

    /// Tells the size to a program that wants to know (mode 2048, "In-Band Window Resize Notifications").
    pub(super) fn size_report(&mut self) {
        if self.switches.has(Switches::SIZE_REPORTS) {
            let Size { cols, rows } = self.size();
            let (width, height) = (
                u32::from(cols) * u32::from(CELL.0),
                u32::from(rows) * u32::from(CELL.1),
            );
            let report = format!("\x1b[48;{rows};{cols};{height};{width}t");
            self.effects.reply(report.as_bytes());
        }
    }

    fn report_size(&mut self, what: u16) {
        let size = self.size();
        let (width, height) = CELL;
        let pixels = |size: Size| {
            let [rows, cols] = [size.rows, size.cols].map(u32::from);
            format!("{};{}", rows * u32::from(height), cols * u32::from(width))
        };
        let answer = match what {
            11 => String::from("1"),
            13 => String::from("3;0;0"),
            14 => format!("4;{}", pixels(size)),
            15 => format!("5;{}", pixels(DISPLAY)),
            16 => format!("6;{height};{width}"),
            18 => format!("8;{};{}", size.rows, size.cols),
            19 => format!("9;{};{}", DISPLAY.rows, DISPLAY.cols),
            _ => return,
        };
        self.effects.reply(format!("\x1b[{answer}t").as_bytes());
    }

    /// Titles hold no control characters, so that none can end the report early.
    fn report_title(&mut self, kind: char, title: String) {
        if self.grants.contains(Grants::TITLES) {
            let answer = format!("\x1b]{kind}{title}\x1b\\");
            self.effects.reply(answer.as_bytes());
        }
    }

    /// DECSNLS: the rows of the screen.
    pub(super) fn wish_rows(&mut self, rows: u16) {
        if rows > 0 {
            self.wish(self.size().cols, rows);
        }
    }

    /// DECSCPP and DECCOLM: the columns.
    pub(super) fn wish_cols(&mut self, cols: u16) {
        let cols = if cols == 0 { 80 } else { cols };
        self.wish(cols, self.size().rows);
    }

    fn wish_pixels(&mut self, height: Option<u16>, width: Option<u16>) {
        let size = self.size();
        let cells = |pixels: Option<u16>, cell: u16| pixels.map(|pixels| pixels.div_ceil(cell));
        let rows = wished(cells(height, CELL.1), size.rows, DISPLAY.rows);
        self.wish(wished(cells(width, CELL.0), size.cols, DISPLAY.cols), rows);
    }

    fn wish(&mut self, cols: u16, rows: u16) {
        if self.grants.contains(Grants::RESIZE) {
            self.effects.push(Effect::Resize(Size::new(cols, rows)));
        }
    }
}

/// A side as it is wished for: left out it stays as it is, 0 stands for the display's.
fn wished(number: Option<u16>, now: u16, largest: u16) -> u16 {
    match number {
        None => now,
        Some(0) => largest,
        Some(number) => number,
    }
}
