//! Grapheme clusters, as they arrive character by character: what joins the cell before the caret, and how that cell
//! widens and narrows. With mode 2027 ("terminal-unicode-core") clusters are those of UAX #29; without it marks of no
//! width join, and nothing else.

use super::caret::Switches;
use super::cell::{Cell, Glyph};
use super::margins::Shift;
use super::terminal::Terminal;
use super::text::Last;
use super::width::{Join, Traits, joined_width};

impl Terminal {
    /// Prints a character that may join the one before it.
    pub(super) fn print_joining(&mut self, c: char, traits: Traits) {
        let class = traits.class();
        let join = match self.switches.has(Switches::CLUSTERS) {
            true => self.last.join.then(class),
            false => None,
        };
        if let Some(join) = join
            && self.extend(c, traits)
        {
            self.last.join = join;
            return;
        }
        let join = Join::start(class);
        if traits.width() == 0 {
            self.combine(c, traits);
            self.last.join = join;
        } else {
            self.place(c, u16::from(traits.width()));
            let char = Some(c);
            self.last = Last { char, join };
        }
    }

    /// Where the character before the caret begins.
    fn previous(&mut self) -> Option<u16> {
        let end = self.caret.col + u16::from(self.caret.pending);
        let row = self.caret.row;
        self.screen.row(row).before(end)
    }

    /// Adds a character of no width to the one before it; where there is none, to a blank of its own.
    fn combine(&mut self, c: char, traits: Traits) {
        if self.previous().is_none() {
            if self.caret.col > 0 && !self.caret.pending {
                let (row, col) = (self.caret.row, self.caret.col - 1);
                let now = self.screen.now;
                self.screen.row(row).put(now, col, Cell::BLANK);
            } else {
                self.place(' ', 1);
            }
        }
        self.extend(c, traits);
    }

    /// Adds `c` to the cell before the caret; false if it has to stand in a cell of its own. A mark that has no room
    /// in the cell any more is dropped.
    fn extend(&mut self, c: char, traits: Traits) -> bool {
        let Some(col) = self.previous() else {
            return false;
        };
        let row = self.caret.row;
        let cell = self.screen.row(row).cell(col);
        let glyph = cell.glyph();
        let Some(index) = self.tables.join(glyph, c) else {
            return traits.width() == 0;
        };
        let single = match glyph {
            Glyph::Char(base) => Some(base),
            _ => None,
        };
        let width = match self.switches.has(Switches::CLUSTERS) {
            true => joined_width(cell.width(), single, c),
            false => cell.width(),
        };
        let joined = |width| Cell::cluster(index, width, cell.style);
        match (cell.width(), width) {
            (1, 2) => self.widen(col, joined),
            (2, 1) => self.narrow(col, joined(1)),
            _ => self.put(col, joined(cell.width())),
        }
        self.compact();
        true
    }

    fn put(&mut self, col: u16, cell: Cell) {
        let (row, now) = (self.caret.row, self.screen.now);
        self.screen.row(row).put(now, col, cell);
    }

    /// The cell at `col`, before the caret, takes the next column too; what stood there is overwritten, as if the
    /// cluster had been written at once. In the last column it goes to the next row, as foot, kitty and ghostty have
    /// it; without DECAWM, or on a screen of one column, it stays as narrow as it was.
    fn widen(&mut self, col: u16, joined: impl Fn(u8) -> Cell) {
        let end = self.line_end();
        if col + 1 < end {
            if self.switches.has(Switches::INSERT) && self.is_in_columns() {
                self.shift_row(self.caret.row, col + 1, 1, Shift::Insert);
            }
            self.put(col, joined(2));
            self.advance(1);
        } else if self.switches.has(Switches::AUTOWRAP) && end > 1 {
            self.screen.erase(self.caret.row, col, end, Cell::BLANK);
            self.place_cell(joined(2));
        } else {
            self.put(col, joined(1));
        }
    }

    /// The wide cell before the caret gives its right half back: a blank stays, nothing shifts, the caret steps back.
    fn narrow(&mut self, col: u16, cell: Cell) {
        self.put(col, cell);
        self.caret.col = col + 1;
        self.caret.pending = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fed, lines, replies};
    use super::super::{Emulator, Size};
    use super::*;

    fn widths(emulator: &Emulator, row: usize) -> Vec<u8> {
        let row = emulator.rows().nth(row).expect("a row");
        row.cells().iter().map(Cell::width).collect()
    }

    fn place(emulator: &Emulator) -> (u16, u16) {
        (emulator.cursor().row, emulator.cursor().col)
    }

    #[test]
    fn clusters_are_cells_unless_switched_off() {
        let text = "👩\u{200d}👧क्षि🇩🇪1\u{fe0f}\u{20e3}";
        assert_eq!(widths(&fed(20, 1, text), 0), [2, 0, 2, 0, 2, 0, 2, 0]);
        let mut off = fed(20, 1, &format!("\x1b[?2027$p\x1b[?2027l{text}\x1b[?2027$p"));
        assert_eq!(widths(&off, 0), [2, 0, 2, 0, 1, 1, 1, 2, 0, 2, 0, 1]);
        assert_eq!(replies(&mut off), "\x1b[?2027;1$y\x1b[?2027;2$y");
    }

    #[test]
    fn what_widens_overwrites_its_neighbour() {
        let emulator = fed(6, 1, "abcdef\r❤\u{fe0f}x");
        assert_eq!(lines(&emulator), ["❤\u{fe0f}xdef"]);
        assert_eq!(place(&emulator), (0, 3));
        let inserted = fed(6, 1, "abcdef\r\x1b[4h❤\u{fe0f}x");
        assert_eq!(lines(&inserted), ["❤\u{fe0f}xabc"]);
        let halved = fed(6, 1, "a界b\r❤\u{fe0f}");
        assert_eq!(lines(&halved), ["❤\u{fe0f} b"]);
    }

    #[test]
    fn what_widens_in_the_last_column_goes_to_the_next_row() {
        let emulator = fed(3, 2, "ab❤\u{fe0f}");
        assert_eq!(lines(&emulator), ["ab", "❤\u{fe0f}"]);
        assert_eq!(place(&emulator), (1, 2));
        assert!(emulator.rows().next().is_some_and(|row| row.wrapped));
        let unwrapped = fed(3, 2, "\x1b[?7lab❤\u{fe0f}");
        assert_eq!(lines(&unwrapped), ["ab❤\u{fe0f}", ""]);
        assert_eq!(widths(&unwrapped, 0), [1, 1, 1]);
        assert_eq!(widths(&fed(1, 2, "❤\u{fe0f}"), 0), [1]);
    }

    #[test]
    fn what_narrows_steps_back() {
        let emulator = fed(6, 1, "⌚\u{fe0e}x");
        assert_eq!(widths(&emulator, 0), [1, 1]);
        let full = fed(4, 2, "ab⌚\u{fe0e}");
        assert_eq!(place(&full), (0, 3));
        assert_eq!(lines(&fed(4, 2, "ab⌚\u{fe0e}cd")), ["ab⌚\u{fe0e}c", "d"]);
    }

    #[test]
    fn a_sequence_between_parts_them() {
        assert_eq!(widths(&fed(9, 1, "🇩\x1b[m🇪"), 0), [2, 0, 2, 0]);
        assert_eq!(widths(&fed(9, 1, "e\x1b[m\u{301}"), 0), [1]);
    }

    #[test]
    fn what_prepends_itself_takes_ascii_too() {
        assert_eq!(lines(&fed(9, 1, "\u{600}12")), ["\u{600}12"]);
        assert_eq!(widths(&fed(9, 1, "\u{600}12"), 0), [2, 0, 1]);
    }

    #[test]
    fn letters_are_never_lost_to_the_bound() {
        let stack = "क\u{94d}".repeat(40);
        let emulator = fed(80, 1, &stack);
        assert_eq!(lines(&emulator).concat().matches('क').count(), 40);
    }

    #[test]
    fn a_flood_of_clusters_is_compacted_away() {
        let mut emulator = Emulator::new(Size::new(80, 24));
        let mut text = String::new();
        for n in 0..1_000_000u32 {
            text.extend(
                ['e', '\u{301}']
                    .into_iter()
                    .chain(char::from_u32(0xe0100 + n % 240)),
            );
            text.extend(char::from_u32(0x300 + n / 240 % 112));
            text.extend(char::from_u32(0x1dc0 + n / 26880 % 64));
        }
        emulator.feed(text.as_bytes());
        assert!(emulator.tables().counts().1 <= 16 << 10);
    }
}
