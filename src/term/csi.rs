//! Control sequences (CSI) and escapes: what each does.

use super::cell::Cell;
use super::charset::Charset;
use super::screen::Which;
use super::sequence::{Params, Sequence};
use super::style::Attrs;
use super::terminal::Terminal;

/// How often REP repeats at most. Programs fill parts of a row with it; xterm has no bound, and a few bytes would cost
/// it 65,535 characters.
const MAX_REPEAT: u16 = 1000;

/// The numbers of a control sequence. Missing and 0 are the same to most.
struct Numbers<'a>(&'a Params);

impl Numbers<'_> {
    fn at(&self, n: usize) -> u16 {
        match self.0.is_flat() {
            true => self.0.numbers().get(n).copied().unwrap_or(0),
            false => self.0.iter().nth(n).map_or(0, |param| param[0]),
        }
    }

    /// The number, at least 1.
    fn count(&self, n: usize) -> u16 {
        self.at(n).max(1)
    }
}

impl Terminal {
    /// Acts on a control sequence. Of one with too many numbers only the attributes are taken.
    pub(super) fn csi(&mut self, sequence: &Sequence) {
        let params = &sequence.params;
        let action = char::from(sequence.action);
        if params.overflown && action != 'm' {
            return;
        }
        let n = Numbers(params);
        match (sequence.marks(), action) {
            ([], 'm') => self.sgr(params),
            ([], 'h' | 'l') => params
                .numbers()
                .iter()
                .for_each(|&mode| self.ansi_mode(mode, action == 'h')),
            ([b'?'], 'h' | 'l') => params
                .numbers()
                .iter()
                .for_each(|&mode| self.dec_mode(mode, action == 'h')),
            ([], _) if self.movement(&n, action) || self.editing(&n, action) => {}
            ([], _) => self.plain(&n, action),
            (marks, _) => self.marked(&n, marks, action),
        }
    }

    /// Acts on an escape, `ESC intermediates byte`.
    pub(super) fn escape(&mut self, intermediates: &[u8], byte: u8) {
        let charsets = &mut self.caret.charsets;
        match (intermediates, byte) {
            ([], b'7') => self.save_caret(),
            ([], b'8') => self.restore_caret(),
            ([], b'D') => self.index(),
            ([], b'E') => {
                self.index();
                self.caret.col = 0;
            }
            ([], b'H') => self.tabs.set(self.caret.col, true),
            ([], b'M') => self.reverse_index(),
            ([], b'N') => charsets.once = Some(2),
            ([], b'O') => charsets.once = Some(3),
            ([], b'n') => charsets.active = 2,
            ([], b'o') => charsets.active = 3,
            ([], b'Z') => self.primary_attributes(),
            ([], b'c') => self.reset(),
            ([], b'=') => self.set_mode(super::Modes::APP_KEYPAD, true),
            ([], b'>') => self.set_mode(super::Modes::APP_KEYPAD, false),
            ([b'('], _) => charsets.slots[0] = Charset::named(byte),
            ([b')'], _) => charsets.slots[1] = Charset::named(byte),
            ([b'*'], _) => charsets.slots[2] = Charset::named(byte),
            ([b'+'], _) => charsets.slots[3] = Charset::named(byte),
            ([b'#'], b'8') => self.alignment(),
            _ => {}
        }
    }

    /// The sequences that move the caret; false if `action` is none of them.
    fn movement(&mut self, n: &Numbers, action: char) -> bool {
        let (row, col) = (self.caret.row, self.caret.col);
        let relative = match self.caret.origin {
            true => row.saturating_sub(self.screen.top),
            false => row,
        };
        match action {
            'A' => self.up(n.count(0)),
            'B' | 'e' => self.down(n.count(0)),
            'C' | 'a' => self.go(row, col.saturating_add(n.count(0))),
            'D' => self.go(row, col.saturating_sub(n.count(0))),
            'E' => {
                self.down(n.count(0));
                self.caret.col = 0;
            }
            'F' => {
                self.up(n.count(0));
                self.caret.col = 0;
            }
            'G' | '`' => self.go(row, n.count(0) - 1),
            'H' | 'f' => self.address(n.count(0) - 1, n.count(1) - 1),
            'I' => self.tab(n.count(0)),
            'Z' => self.back_tab(n.count(0)),
            'd' => self.address(n.count(0) - 1, col),
            'j' => self.go(row, col.saturating_sub(n.count(0))),
            'k' => self.address(relative.saturating_sub(n.count(0)), col),
            's' => self.save_caret(),
            'u' => self.restore_caret(),
            _ => return false,
        }
        true
    }

    /// The sequences that erase, insert, delete and scroll; false if `action` is none of them.
    fn editing(&mut self, n: &Numbers, action: char) -> bool {
        let cols = self.screen.size.cols;
        let (row, col) = (self.caret.row, self.caret.col);
        let now = self.screen.now;
        match action {
            'J' => self.erase_display(n.at(0)),
            'K' => self.erase_line(n.at(0)),
            'L' | 'M' => self.shift_lines(n.count(0), action),
            '@' | 'P' => {
                let blank = self.blank();
                self.caret.pending = false;
                let target = self.screen.row(row);
                match action {
                    '@' => target.insert(now, col, n.count(0), blank, cols),
                    _ => target.delete(now, col, n.count(0), blank, cols),
                }
                self.screen.end_line(row);
            }
            'X' => {
                let blank = self.blank();
                self.caret.pending = false;
                let end = col.saturating_add(n.count(0)).min(cols);
                self.screen.erase(row, col, end, blank);
            }
            'S' => self.scroll_up(n.count(0)),
            'T' if n.0.len() <= 1 => self.scroll_down(n.count(0)),
            'b' => self.repeat(n.count(0)),
            _ => return false,
        }
        true
    }

    /// The other sequences without intermediates.
    fn plain(&mut self, n: &Numbers, action: char) {
        match action {
            'c' if n.at(0) == 0 => self.primary_attributes(),
            'g' => match n.at(0) {
                0 => self.tabs.set(self.caret.col, false),
                3 => self.tabs.clear(),
                _ => {}
            },
            'n' => self.status_report(n.at(0)),
            'r' => self.set_margins(n.at(0), n.at(1)),
            't' => self.window(n.at(0), n.at(1)),
            _ => {}
        }
    }

    /// The sequences with a prefix or intermediates.
    fn marked(&mut self, n: &Numbers, intermediates: &[u8], action: char) {
        match (intermediates, action) {
            (b"?", 'J') => self.erase_display_selectively(n.at(0)),
            (b"?", 'K') => self.erase_line_selectively(n.at(0)),
            (b"?", 'n') => self.dec_status_report(n.at(0)),
            (b">", 'c') if n.at(0) == 0 => self.secondary_attributes(),
            (b"=", 'c') if n.at(0) == 0 => self.tertiary_attributes(),
            (b">", 'q') if n.at(0) == 0 => self.version_report(),
            (b"!", 'p') => self.soft_reset(),
            (b" ", 'q') => self.shape = n.at(0).min(6) as u8,
            (b"\"", 'q') => {
                let protected = n.at(0) == 1;
                self.caret.style.attrs.set(Attrs::PROTECTED, protected);
                self.pen = None;
            }
            (b"$", 'p') => self.report_ansi_mode(n.at(0)),
            (b"?$", 'p') => self.report_dec_mode(n.at(0)),
            _ => {}
        }
    }

    fn set_margins(&mut self, top: u16, bottom: u16) {
        let rows = self.screen.size.rows;
        let top = top.max(1) - 1;
        let bottom = match bottom {
            0 => rows,
            bottom => bottom.min(rows),
        };
        if top + 1 < bottom {
            (self.screen.top, self.screen.bottom) = (top, bottom);
            self.address(0, 0);
        }
    }

    /// IL and DL: only within the margins.
    fn shift_lines(&mut self, count: u16, action: char) {
        let (top, bottom) = self.margins();
        let row = self.caret.row;
        if !(top..bottom).contains(&row) {
            return;
        }
        let blank = self.blank();
        match action {
            'L' => self.screen.scroll_down((row, bottom), count, blank),
            _ => self.screen.delete_rows((row, bottom), count, blank),
        }
        self.caret.col = 0;
        self.caret.pending = false;
    }

    /// ED. What a main screen showed when it is cleared whole goes into history first.
    fn erase_display(&mut self, what: u16) {
        let blank = self.blank();
        let size = self.screen.size;
        let (row, col) = (self.caret.row, self.caret.col);
        let rows = match what {
            0 => row + 1..size.rows,
            1 => 0..row,
            2 => 0..size.rows,
            3 => {
                self.screen.history.clear(&self.tables);
                return;
            }
            _ => return,
        };
        self.caret.pending = false;
        if what == 2 || what == 0 && (row, col) == (0, 0) {
            self.screen.keep_rows(&self.tables);
        }
        match what {
            0 => self.screen.erase(row, col, size.cols, blank),
            1 => self.screen.erase(row, 0, col + 1, blank),
            _ => {}
        }
        for y in rows {
            self.screen.erase(y, 0, size.cols, blank);
        }
    }

    /// The columns that EL erases.
    fn line_part(&self, what: u16) -> Option<(u16, u16)> {
        let (col, cols) = (self.caret.col, self.screen.size.cols);
        match what {
            0 => Some((col, cols)),
            1 => Some((0, col + 1)),
            2 => Some((0, cols)),
            _ => None,
        }
    }

    fn erase_line(&mut self, what: u16) {
        let blank = self.blank();
        if let Some((start, end)) = self.line_part(what) {
            self.caret.pending = false;
            self.screen.erase(self.caret.row, start, end, blank);
        }
    }

    /// DECSEL: protected cells stay.
    fn erase_line_selectively(&mut self, what: u16) {
        if let Some(part) = self.line_part(what) {
            self.caret.pending = false;
            self.erase_unprotected(self.caret.row, part);
        }
    }

    /// DECSED: protected cells stay.
    fn erase_display_selectively(&mut self, what: u16) {
        let (row, size) = (self.caret.row, self.screen.size);
        let rows = match what {
            0 => row + 1..size.rows,
            1 => 0..row,
            2 => 0..size.rows,
            _ => return,
        };
        if what < 2 {
            self.erase_line_selectively(what);
        }
        for y in rows {
            self.erase_unprotected(y, (0, size.cols));
        }
    }

    fn erase_unprotected(&mut self, y: u16, part: (u16, u16)) {
        let blank = self.blank();
        let now = self.screen.now;
        let tables = &self.tables;
        let keeps = |cell: Cell| tables.style(cell.style).attrs.contains(Attrs::PROTECTED);
        self.screen.row(y).erase_unless(now, part, blank, keeps);
    }

    /// REP (ECMA-48 §8.3.103), at most [`MAX_REPEAT`].
    fn repeat(&mut self, count: u16) {
        let Some(c) = self.last.char else { return };
        let count = usize::from(count.min(MAX_REPEAT));
        match u8::try_from(c) {
            Ok(byte @ 0x20..=0x7e) if self.caret.charsets.is_plain() => {
                self.print_ascii(&[byte; MAX_REPEAT as usize][..count]);
            }
            _ => (0..count).for_each(|_| self.print(c)),
        }
    }

    /// DECALN.
    fn alignment(&mut self) {
        let size = self.screen.size;
        (self.screen.top, self.screen.bottom) = (0, size.rows);
        let row_of_e = vec![b'E'; usize::from(size.cols)];
        let now = self.screen.now;
        for y in 0..size.rows {
            self.screen.end_line(y);
            let row = self.screen.row(y);
            row.put_ascii(now, 0, &row_of_e, super::StyleId::DEFAULT);
        }
        self.go(0, 0);
    }

    /// 1049, 1047 and 47.
    pub(super) fn alternate(&mut self, on: bool) {
        self.show(if on { Which::Alternate } else { Which::Main });
    }
}
