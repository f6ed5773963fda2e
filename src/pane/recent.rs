//! The newest lines of a terminal, those that scrollback has not got yet: as it will store them, under the numbers that
//! they will get.

use crate::term::{Cell, Emulator, Modes, Row, codec, rows_to_lines};
use crate::varint;
use std::ops::Range;

/// The lines that an emulator has in memory: of its main screen, shown or not, and of the rows above that.
pub struct Recent<'a> {
    emulator: &'a Emulator,
    rows: Vec<&'a Row>,
    /// Where each line ends among the rows.
    ends: Vec<usize>,
    passed: usize,
}

impl<'a> Recent<'a> {
    /// The lines of `emulator`, without what is blank below the last of them.
    pub fn of(emulator: &'a Emulator) -> Self {
        let above = emulator.history();
        let rows: Vec<_> = above.iter().chain(emulator.main_rows()).collect();
        let used = rows
            .iter()
            .rposition(|row| row.cells().iter().any(|cell| *cell != Cell::BLANK));
        let used = used.map_or(0, |last| last + 1);
        // Nobody writes on a screen that is not shown: its last line will not change either.
        let caret = match emulator.modes().contains(Modes::ALTERNATE_SCREEN) {
            true => used,
            false => above.len() + usize::from(emulator.cursor().row),
        };
        let (mut ends, mut passed) = (Vec::new(), 0);
        for (at, row) in rows.iter().enumerate().take(used) {
            if !row.wrapped || at + 1 == used {
                ends.push(at + 1);
                passed += usize::from(at < caret);
            }
        }
        Self {
            emulator,
            rows,
            ends,
            passed,
        }
    }

    /// How many lines there are.
    pub fn count(&self) -> u64 {
        self.ends.len() as u64
    }

    /// How many of them, from the first, the cursor has left: the next output will not go there. What is blank below the
    /// last line counts once something stands below it: a screen that is cleared drops it.
    pub fn passed(&self) -> u64 {
        self.passed as u64
    }

    /// Appends lines, counted from the first in memory, each as its length and its encoding; and to `times` when each
    /// was last written, in Unix ms, or 0 where that is not known, as runs of lines.
    pub fn encode(&self, lines: Range<u64>, out: &mut Vec<u8>, times: &mut Vec<(u64, u64)>) {
        let mut encoded = Vec::new();
        for line in lines.start..lines.end.min(self.count()) {
            let rows = self.rows_of(line as usize);
            let cells = rows_to_lines(rows.iter().copied()).concat();
            encoded.clear();
            codec::encode_line(&cells, false, self.emulator.tables(), &mut encoded);
            varint::put_bytes(out, &encoded);
            let written = rows.iter().map(|row| row.written_ms()).max().unwrap_or(0);
            match times.last_mut() {
                Some((count, ms)) if *ms == written => *count += 1,
                _ => times.push((1, written)),
            }
        }
    }

    fn rows_of(&self, line: usize) -> &[&'a Row] {
        let start = line.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[line]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{Size, Tables};
    use crate::varint::Reader;

    fn screen(cols: u16, rows: u16, output: &str) -> Emulator {
        let mut emulator = Emulator::new(Size::new(cols, rows));
        emulator.set_now(5);
        emulator.feed(output.as_bytes());
        emulator
    }

    fn texts(recent: &Recent) -> Vec<String> {
        let (mut bytes, mut times) = (Vec::new(), Vec::new());
        recent.encode(0..recent.count(), &mut bytes, &mut times);
        assert_eq!(
            times.iter().map(|(count, _)| count).sum::<u64>(),
            recent.count()
        );
        let (mut reader, mut tables) = (Reader::new(&bytes), Tables::default());
        let mut found = Vec::new();
        while !reader.is_empty() {
            let body = reader.bytes().expect("whole lines");
            let (cells, _) = codec::decode_line(body, &mut tables).expect("a line");
            let mut text = String::new();
            cells
                .iter()
                .for_each(|cell| tables.push_text(cell, &mut text));
            found.push(text);
        }
        found
    }

    #[test]
    fn a_line_is_passed_once_the_cursor_has_left_it() {
        let emulator = screen(10, 4, "one\r\n\r\nthree\r\n$ ls");
        let recent = Recent::of(&emulator);
        assert_eq!(texts(&recent), ["one", "", "three", "$ ls"]);
        assert_eq!(recent.passed(), 3);
    }

    #[test]
    fn blank_lines_count_once_something_stands_below() {
        let mut emulator = screen(10, 6, "one\r\n\r\n\r\n");
        let recent = Recent::of(&emulator);
        assert_eq!((recent.count(), recent.passed()), (1, 1));
        emulator.feed(b"two");
        let recent = Recent::of(&emulator);
        assert_eq!((recent.count(), recent.passed()), (4, 3));
        assert_eq!(Recent::of(&screen(10, 6, "")).count(), 0);
    }

    #[test]
    fn no_number_is_given_twice_where_a_screen_is_cleared() {
        let mut emulator = screen(10, 6, "one\r\n\r\n");
        let passed = Recent::of(&emulator).passed();
        emulator.feed(b"\x1b[H\x1b[2Jnew\r\n");
        assert_eq!(texts(&Recent::of(&emulator))[passed as usize..], ["new"]);
    }

    #[test]
    fn wrapped_rows_are_one_line_also_across_the_top_of_the_screen() {
        let emulator = screen(4, 2, "abcdefghijkl\r\nx");
        let recent = Recent::of(&emulator);
        assert_eq!(texts(&recent), ["abcdefghijkl", "x"]);
        assert_eq!(recent.passed(), 1);
        let emulator = screen(4, 3, "abcdefghij");
        let recent = Recent::of(&emulator);
        assert_eq!(texts(&recent), ["abcdefghij"]);
        assert_eq!(recent.passed(), 0);
    }

    #[test]
    fn the_main_screen_counts_while_another_is_shown() {
        let emulator = screen(10, 4, "$ vim\r\n\x1b[?1049h\x1b[Hfile\r\n~");
        let recent = Recent::of(&emulator);
        assert_eq!(texts(&recent), ["$ vim"]);
        assert_eq!(recent.passed(), 1);
    }
}
