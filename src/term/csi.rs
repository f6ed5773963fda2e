//! Control sequences (CSI) and escapes: what each does.

use super::charset::Charset;
use super::erase::Eraser;
use super::margins::Shift;
use super::rectangle::Change;
use super::screen::Which;
use super::sequence::{Params, Sequence};
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
            ([], b'6') => self.back_index(),
            ([], b'9') => self.forward_index(),
            ([], b'D') => self.index(),
            ([], b'E') => {
                self.index();
                self.carriage_return();
            }
            ([], b'H') => self.tabs.set(self.caret.col, true),
            ([], b'M') => self.reverse_index(),
            ([], b'N') => charsets.once = Some(2),
            ([], b'O') => charsets.once = Some(3),
            ([], b'n') => charsets.active = 2,
            ([], b'o') => charsets.active = 3,
            ([], b'V' | b'W') => self.guard_area(byte),
            ([], b'Z') => self.primary_attributes(),
            ([], b'c') => self.reset(),
            ([], b'=') => self.set_mode(super::Modes::APP_KEYPAD, true),
            ([], b'>') => self.set_mode(super::Modes::APP_KEYPAD, false),
            ([b'('], _) => charsets.slots[0] = Charset::named(byte),
            ([b')'], _) => charsets.slots[1] = Charset::named(byte),
            ([b'*'], _) => charsets.slots[2] = Charset::named(byte),
            ([b'+'], _) => charsets.slots[3] = Charset::named(byte),
            ([b'#'], b'8') => self.alignment(),
            ([b' '], b'F' | b'G') => self.effects.answer_in_8_bits(byte == b'G'),
            _ => {}
        }
    }

    /// The sequences that move the caret; false if `action` is none of them.
    fn movement(&mut self, n: &Numbers, action: char) -> bool {
        let (row, col) = self.position();
        match action {
            'A' => self.up(n.count(0)),
            'B' => self.down(n.count(0)),
            'C' => self.forward(n.count(0)),
            'D' => self.back(n.count(0)),
            'E' => {
                self.down(n.count(0));
                self.carriage_return();
            }
            'F' => {
                self.up(n.count(0));
                self.carriage_return();
            }
            'G' | '`' => self.address(row, n.count(0) - 1),
            'H' | 'f' => self.address(n.count(0) - 1, n.count(1) - 1),
            'I' => self.tab(n.count(0)),
            'Z' => self.back_tab(n.count(0)),
            'a' => self.address(row, col.saturating_add(n.count(0))),
            'd' => self.address(n.count(0) - 1, col),
            'e' => self.address(row.saturating_add(n.count(0)), col),
            'j' => self.address(row, col.saturating_sub(n.count(0))),
            'k' => self.address(row.saturating_sub(n.count(0)), col),
            's' => self.set_sides_or_save(n.at(0), n.at(1)),
            'u' => self.restore_caret(),
            _ => return false,
        }
        true
    }

    /// The sequences that erase, insert, delete and scroll; false if `action` is none of them.
    fn editing(&mut self, n: &Numbers, action: char) -> bool {
        match action {
            '@' => self.shift_cells(n.count(0), Shift::Insert),
            'J' => self.erase_display(n.at(0), Eraser::Plain),
            'K' => self.erase_line(n.at(0), Eraser::Plain),
            'L' => self.shift_lines(n.count(0), Shift::Insert),
            'M' => self.shift_lines(n.count(0), Shift::Delete),
            'P' => self.shift_cells(n.count(0), Shift::Delete),
            'S' => self.scroll_up(n.count(0)),
            // With more numbers it tracked a highlight; `^` is ECMA-48's SD.
            'T' if n.0.len() <= 1 => self.scroll_down(n.count(0)),
            '^' => self.scroll_down(n.count(0)),
            'X' => self.erase_cells(n.count(0)),
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
            't' => self.window(n.0.numbers()),
            'x' if n.at(0) <= 1 => self.parameters_report(n.at(0)),
            _ => {}
        }
    }

    /// The sequences with a prefix or intermediates.
    fn marked(&mut self, n: &Numbers, marks: &[u8], action: char) {
        match (marks, action) {
            (b"?", 'J') => self.erase_display(n.at(0), Eraser::Selective),
            (b"?", 'K') => self.erase_line(n.at(0), Eraser::Selective),
            (b"?", 'n') => self.dec_status_report(n.at(0), n.at(1)),
            (b"?", 'r') => {
                n.0.numbers()
                    .iter()
                    .for_each(|&mode| self.take_back_mode(mode))
            }
            (b"?", 's') => {
                n.0.numbers()
                    .iter()
                    .for_each(|&mode| self.put_aside_mode(mode))
            }
            (b"?", 'W') if n.at(0) == 5 => self.tabs = super::tabs::Tabs::new(),
            (b">", 'c') if n.at(0) == 0 => self.secondary_attributes(),
            (b"=", 'c') if n.at(0) == 0 => self.tertiary_attributes(),
            (b">", 'q') if n.at(0) == 0 => self.version_report(),
            (b"!", 'p') => self.soft_reset(),
            (b" ", '@') => self.slide(n.count(0), Shift::Delete),
            (b" ", 'A') => self.slide(n.count(0), Shift::Insert),
            (b" ", 'q') if n.at(0) <= 6 => self.shape = n.at(0) as u8,
            (b"\"", 'p') => self.conform(n.at(0), n.at(1)),
            (b"\"", 'q') => self.protect(n.at(0)),
            (b"#", 'y') => self.settings.checksum = n.at(0) as u8,
            (b"'", '}') => self.shift_columns(n.count(0), Shift::Insert),
            (b"'", '~') => self.shift_columns(n.count(0), Shift::Delete),
            (b"*", 'x') => self.settings.extent = n.at(0).min(2) as u8,
            (b"*", 'y') => self.checksum_report(n.0),
            (b"*", '|') => self.wish_rows(n.at(0)),
            (b"$", 'p') if self.settings.level >= 3 => self.report_ansi_mode(n.at(0)),
            (b"?$", 'p') if self.settings.level >= 3 => self.report_dec_mode(n.at(0)),
            (b"$", _) => self.rectangular(n, action),
            (b"<" | b"=" | b">" | b"?", _) => {
                self.keyboard_request(marks[0], action, [n.at(0), n.at(1)]);
            }
            _ => {}
        }
    }

    /// The sequences marked by `$`: a VT420's rectangles, and reports of the state.
    fn rectangular(&mut self, n: &Numbers, action: char) {
        match action {
            'r' => self.change_rectangle(n.0, Change::Set),
            't' => self.change_rectangle(n.0, Change::Reverse),
            'v' => self.copy_rectangle(n.0),
            'w' => self.presentation_report(n.at(0)),
            'x' => self.fill_rectangle(n.0),
            'z' => self.erase_rectangle(n.0, Eraser::Plain),
            '{' => self.erase_rectangle(n.0, Eraser::SelectiveRectangle),
            '|' => self.wish_cols(n.at(0)),
            _ => {}
        }
    }

    /// REP (ECMA-48 §8.3.103), at most [`MAX_REPEAT`]. A second one repeats nothing, as in xterm: what it follows is a
    /// control.
    fn repeat(&mut self, count: u16) {
        let Some(c) = self.last.char else { return };
        let count = usize::from(count.min(MAX_REPEAT));
        match u8::try_from(c) {
            Ok(byte @ 0x20..=0x7e) if self.caret.charsets.is_plain() => {
                self.print_ascii(&[byte; MAX_REPEAT as usize][..count]);
            }
            _ => (0..count).for_each(|_| self.print(c)),
        }
        self.last.char = None;
    }

    /// 1049, 1047 and 47.
    pub(super) fn alternate(&mut self, on: bool) {
        self.show(if on { Which::Alternate } else { Which::Main });
    }
}
