//! What keys of line editors do to a line of which beginning and end are known, all in one row: as readline, zsh and fish
//! agree about it. Where they do not, nothing is foreseen.

use super::draft::{Draft, Slot, Text, Written, is_faint};
use super::key::{Edit, Key};
use super::line::End;
use std::ops::Range;

/// What a character is for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Letter,
    /// Some count it to the word beside it, and some do not.
    Sign,
}

impl Draft<'_> {
    /// Notes where the line ends.
    pub fn ends(&mut self, end: End) {
        let (row, col) = self.cursor;
        if self.pending || self.proposes(row, col) {
            return;
        }
        self.end = match end {
            End::Cursor => Some((row, col)),
            End::Text => Some((row, col + self.run(row, col) as u16)),
            End::Unknown => None,
        };
    }

    /// Whether what stands there next is a proposal of the program's.
    fn proposes(&mut self, row: u16, col: u16) -> bool {
        let (tables, typed) = (self.tables, self.style_at(row, col));
        let mut slots = self.slots(row).iter().skip(col.into());
        let text = slots.find(|slot| slot.text != Text::Char(' '));
        text.is_some_and(|text| text.style != typed && is_faint(tables.style(text.style)))
    }

    /// The cursor was at `from`, and a character more or less has moved it: the end moves along.
    pub(super) fn shift_end(&mut self, from: (u16, u16)) {
        let (cursor, cols) = (self.cursor, self.cols);
        let is_pending = self.pending;
        self.end = self.end.take().and_then(|(row, col)| {
            let is_one_row = row == from.0 && row == cursor.0 && !is_pending;
            let end = (col + cursor.1).checked_sub(from.1)?;
            (is_one_row && end < cols).then_some((row, end))
        });
    }

    /// Does what `key` does to the line.
    pub(super) fn edit(&mut self, key: Key, cells: &mut Vec<Written>) -> Option<()> {
        let line = self.line()?;
        let col = self.cursor.1;
        let is_at_end = col == line.end;
        match key {
            Key::Edit(Edit::Home) => self.cursor.1 = line.start,
            Key::Edit(Edit::End) => self.cursor.1 = line.end,
            Key::Edit(Edit::WordBack) => self.cursor.1 = self.word_before(&line)?,
            Key::Edit(Edit::WordForward) => self.cursor.1 = self.word_behind(&line)?,
            Key::Edit(Edit::KillRest) => self.remove(col..line.end, &line, cells)?,
            Key::Edit(Edit::Delete) if !is_at_end => {
                let width = u16::from(self.slots(self.cursor.0)[usize::from(col)].width.max(1));
                self.remove(col..col.saturating_add(width), &line, cells)?;
            }
            // Some take away the whole line, others what is before the cursor.
            Key::KillLine if is_at_end => self.remove(line.clone(), &line, cells)?,
            Key::KillWord if is_at_end => {
                let word = self.word_before(&line)?;
                self.remove(word..col, &line, cells)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// The columns of the line, if it is known where it begins and ends, and that is in the cursor's row.
    fn line(&self) -> Option<Range<u16>> {
        let (row, col) = self.cursor;
        let (start, first) = self.start.filter(|_| !self.pending)?;
        let (end, last) = self.end?;
        let is_here = self.id(row) == Some(start) && end == row;
        (is_here && (first..=last).contains(&col)).then_some(first..last)
    }

    fn class(&mut self, col: u16) -> Class {
        let row = self.cursor.0;
        match self.slots(row)[usize::from(col)].text {
            Text::Char(' ') => Class::Blank,
            Text::Char(c) if c.is_alphanumeric() => Class::Letter,
            _ => Class::Sign,
        }
    }

    /// Where the word before the cursor begins, if blanks are around it.
    fn word_before(&mut self, line: &Range<u16>) -> Option<u16> {
        let mut at = self.cursor.1;
        while at > line.start && self.class(at - 1) == Class::Blank {
            at -= 1;
        }
        let end = at;
        while at > line.start && self.class(at - 1) == Class::Letter {
            at -= 1;
        }
        let is_whole = at == line.start || self.class(at - 1) == Class::Blank;
        (at < end && is_whole).then_some(at)
    }

    /// Where the word behind the cursor ends, if blanks are around it.
    fn word_behind(&mut self, line: &Range<u16>) -> Option<u16> {
        let mut at = self.cursor.1;
        while at < line.end && self.class(at) == Class::Blank {
            at += 1;
        }
        let start = at;
        while at < line.end && self.class(at) == Class::Letter {
            at += 1;
        }
        let is_whole = at == line.end || self.class(at) == Class::Blank;
        (at > start && is_whole).then_some(at)
    }

    /// Takes these columns away and draws up what is behind them; the cursor comes to stand there. Not where that would cut
    /// a character in two: the screen may have its cursor, and so the end of the line, within one.
    fn remove(
        &mut self,
        gone: Range<u16>,
        line: &Range<u16>,
        cells: &mut Vec<Written>,
    ) -> Option<()> {
        let row = self.cursor.0;
        let edges = [gone.start, gone.end, line.end];
        if gone.end > line.end || edges.iter().any(|&col| self.is_within(row, col)) {
            return None;
        }
        let (from, end) = (usize::from(gone.start), usize::from(line.end));
        let slots = self.slots(row).get_mut(from..end)?;
        let style = slots
            .first()
            .map_or_else(Default::default, |slot| slot.style);
        slots.rotate_left(gone.len());
        let kept = slots.len() - gone.len();
        slots[kept..].fill(Slot::guessed_blank(style));
        self.note_erased(row, from..end, cells);
        self.cursor.1 = gone.start;
        self.end = Some((row, line.end - gone.len() as u16));
        Some(())
    }

    /// Whether a character stands on both sides of that column's left edge.
    fn is_within(&mut self, row: u16, col: u16) -> bool {
        let slot = self.slots(row).get(usize::from(col));
        slot.is_some_and(|slot| slot.text == Text::Half)
    }
}
