//! Grapheme clusters, as they arrive character by character: what joins the cell before the caret.

use super::cell::{Cell, Glyph};
use super::codec::char_width;
use super::terminal::Terminal;
use super::text::{Join, Last};
use unicode_width::UnicodeWidthStr;

/// The most bytes that one cell's text may have; what would pass it is dropped.
pub(super) const MAX_CLUSTER: usize = 64;

const ZWJ: char = '\u{200d}';
const VS16: char = '\u{fe0f}';

pub(super) fn is_regional(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

pub(super) fn is_skin_tone(c: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

impl Terminal {
    /// Where the character before the caret begins.
    fn previous(&mut self) -> Option<u16> {
        let end = self.caret.col + u16::from(self.caret.pending);
        let row = self.caret.row;
        self.screen.row(row).before(end)
    }

    /// Adds a character of no width to the one before it; where there is none, to a blank of its own.
    pub(super) fn combine(&mut self, c: char) {
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
    pub(super) fn join(&mut self, c: char) -> bool {
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
        let (row, now) = (self.caret.row, self.screen.now);
        let row = self.screen.row(row);
        let old = row.cell(col);
        let widens = width == 2 && old.width() == 1 && !self.caret.pending;
        let width = if widens { 2 } else { old.width() };
        row.put(now, col, self.tables.cell(text, width, old.style));
        if widens {
            self.advance(1);
        }
    }
}
