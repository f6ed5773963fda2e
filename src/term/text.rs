//! Printing: runs of text and wide characters. What joins the character before it is in `cluster`.

use super::caret::Switches;
use super::cell::Cell;
use super::cluster::{is_regional, is_skin_tone};
use super::codec::char_width;
use super::terminal::Terminal;

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
    pub(super) fn advance(&mut self, width: u16) {
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
    pub(super) fn place(&mut self, c: char, width: u16) {
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
}
