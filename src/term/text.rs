//! Printing: runs of text, wide characters, and grapheme clusters as they arrive character by character.

use super::caret::Switches;
use super::cell::{Cell, Glyph};
use super::codec::char_width;
use super::terminal::Terminal;
use unicode_width::UnicodeWidthStr;

/// The most bytes that one cell's text may have; what would pass it is dropped.
pub(super) const MAX_CLUSTER: usize = 64;

/// What was printed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Last {
    /// For REP.
    pub(super) char: Option<char>,
    /// How the next character may join it.
    pub(super) join: Join,
}

/// How the next character may join the last one's cluster, beside marks, which always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Join {
    /// Something else happened in between.
    #[default]
    Never,
    /// A character: a skin tone joins.
    Modifier,
    /// A zero-width joiner: another pictograph joins.
    Joiner,
    /// The first half of a flag: the second joins.
    Flag,
}

impl Last {
    /// A control came between two characters.
    #[inline]
    pub(super) fn interrupt(&mut self) {
        self.join = Join::Never;
    }
}

const ZWJ: char = '\u{200d}';
const VS16: char = '\u{fe0f}';

fn is_regional(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

fn is_skin_tone(c: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

impl Terminal {
    /// Prints bytes of 0x20 to 0x7e.
    pub(super) fn print_ascii(&mut self, text: &[u8]) {
        let Some(&last) = text.last() else { return };
        let plain = self.caret.charsets.is_plain()
            && self.switches.has(Switches::AUTOWRAP)
            && !self.switches.has(Switches::INSERT);
        if !plain {
            for &byte in text {
                let c = self.caret.charsets.show(byte);
                self.print(c);
            }
            return;
        }
        let style = self.pen();
        let cols = self.screen.size.cols;
        let mut rest = text;
        while !rest.is_empty() {
            if self.caret.pending {
                self.wrap();
            }
            let (row, col) = (self.caret.row, self.caret.col);
            let (piece, after) = rest.split_at(rest.len().min(usize::from(cols - col)));
            rest = after;
            let now = self.screen.now;
            self.screen.row(row).put_ascii(now, col, piece, style);
            self.advance(piece.len() as u16);
        }
        self.last = Last {
            char: Some(char::from(last)),
            join: Join::Modifier,
        };
    }

    /// Moves right past what was written.
    #[inline]
    fn advance(&mut self, width: u16) {
        let cols = self.screen.size.cols;
        self.caret.col += width;
        if self.caret.col >= cols {
            self.caret.col = cols - 1;
            self.caret.pending = true;
        }
    }

    /// Goes on in the next row: the line continues there.
    fn wrap(&mut self) {
        let now = self.screen.now;
        self.screen.row(self.caret.row).set_wrapped(true, now);
        self.index();
        self.caret.col = 0;
    }

    /// Prints one character.
    pub(super) fn print(&mut self, c: char) {
        let width = char_width(c);
        if width == 0 {
            self.combine(c);
            return;
        }
        let joins = match self.last.join {
            Join::Never => false,
            Join::Modifier => is_skin_tone(c),
            Join::Joiner => true,
            Join::Flag => is_regional(c),
        };
        if joins && self.join(c) {
            return;
        }
        self.place(c, u16::from(width));
        self.last = Last {
            char: Some(c),
            join: if is_regional(c) {
                Join::Flag
            } else {
                Join::Modifier
            },
        };
    }

    /// Writes a character of width 1 or 2 into a cell of its own.
    fn place(&mut self, c: char, width: u16) {
        let cols = self.screen.size.cols;
        let width = width.min(cols);
        let wraps = self.switches.has(Switches::AUTOWRAP);
        if self.caret.pending && wraps {
            self.wrap();
        }
        if self.caret.col + width > cols {
            if wraps {
                // The line goes on below; the column left over belongs to no character.
                let (row, col) = (self.caret.row, self.caret.col);
                self.screen.erase(row, col, cols, Cell::BLANK);
                self.wrap();
            } else {
                self.caret.col = cols - width;
            }
        }
        self.caret.pending = false;
        let style = self.pen();
        let (row, col) = (self.caret.row, self.caret.col);
        let now = self.screen.now;
        let inserts = self.switches.has(Switches::INSERT);
        let target = self.screen.row(row);
        if inserts {
            target.insert(now, col, width, Cell::BLANK, cols);
        }
        target.put(now, col, Cell::new(c, width as u8, style));
        self.advance(width);
    }

    /// Where the character before the caret begins.
    fn previous(&mut self) -> Option<u16> {
        let end = self.caret.col + u16::from(self.caret.pending);
        let row = self.caret.row;
        self.screen.row(row).before(end)
    }

    /// Adds a character of no width to the one before it; where there is none, to a blank of its own.
    fn combine(&mut self, c: char) {
        if self.previous().is_none() {
            if self.caret.col > 0 && !self.caret.pending {
                let (row, col) = (self.caret.row, self.caret.col - 1);
                let now = self.screen.now;
                self.screen.row(row).put(now, col, Cell::BLANK);
            } else {
                self.place(' ', 1);
            }
        }
        let Some(col) = self.previous() else { return };
        let text = self.cell_text(col, c);
        if text.len() > MAX_CLUSTER {
            return;
        }
        let width = if c == VS16 { text.width().min(2) } else { 0 };
        self.replace(col, &text, width as u8);
        if c == ZWJ && self.last.join != Join::Never {
            self.last.join = Join::Joiner;
        } else if self.last.join != Join::Never {
            self.last.join = Join::Modifier;
        }
    }

    /// Joins `c` to the cluster before it, if they are one by the Unicode tables.
    fn join(&mut self, c: char) -> bool {
        let Some(col) = self.previous() else {
            return false;
        };
        let text = self.cell_text(col, c);
        let one = match self.last.join {
            Join::Flag => text.chars().count() == 2,
            _ => char_width(c) == 2 && text.width() == 2,
        };
        let row = self.caret.row;
        let narrow = self.screen.row(row).cell(col).width() == 1;
        // A cluster that has to widen needs the column.
        let fits = !(narrow && self.caret.pending);
        if !one || !fits || text.len() > MAX_CLUSTER {
            return false;
        }
        self.replace(col, &text, 2);
        self.last = Last {
            char: Some(c),
            join: Join::Modifier,
        };
        true
    }

    fn cell_text(&mut self, col: u16, c: char) -> String {
        let row = self.caret.row;
        let mut text = match self.screen.row(row).cell(col).glyph() {
            Glyph::Char(base) => String::from(base),
            Glyph::Cluster(index) => self.tables.cluster(index).to_owned(),
            Glyph::Continuation => String::new(),
        };
        text.push(c);
        text
    }

    /// Replaces the text of the cell at `col`; it widens if `width` is 2 and there is room.
    fn replace(&mut self, col: u16, text: &str, width: u8) {
        let index = self.tables.cluster_id(text);
        let (row, now) = (self.caret.row, self.screen.now);
        let row = self.screen.row(row);
        let old = row.cell(col);
        let widens = width == 2 && old.width() == 1 && !self.caret.pending;
        let width = if widens { 2 } else { old.width() };
        row.put(now, col, Cell::cluster(index, width, old.style));
        if widens {
            self.advance(1);
        }
    }
}
