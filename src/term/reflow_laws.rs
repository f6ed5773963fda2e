//! The laws of a new size: whatever a program wrote, and through whatever sizes the screen goes, no character is lost,
//! none changes, and the cursor stays where it was in the text.

use super::edit::used;
use super::screen::Which;
use super::squeeze::widened;
use super::testing::{fed, lines, stream};
use super::{Cell, Emulator, HISTORY_ROWS, Row, Size, StyleId};
use proptest::prelude::*;

/// The main screen's text: what is above it, on it and below it, as lines, and where in them its cursor stands.
#[derive(Debug, PartialEq, Eq)]
struct Text {
    lines: Vec<Vec<Cell>>,
    cursor: (usize, usize),
}

impl Text {
    fn of(emulator: &Emulator) -> Self {
        let screen = &emulator.terminal.screen;
        let (rows, caret) = match screen.shown {
            Which::Main => (&screen.rows, emulator.terminal.caret),
            Which::Alternate => (&screen.hidden, emulator.terminal.saved[0]),
        };
        let row = usize::from(caret.row.min(screen.size.rows - 1));
        let cursor_row = screen.history.rows.len() + row;
        let pending = caret.pending && caret.col + 1 == screen.size.cols;
        let col = usize::from(caret.col.min(screen.size.cols - 1)) + usize::from(pending);
        let rows = screen.history.rows.iter().chain(rows);
        let rows: Vec<&Row> = rows.chain(&screen.below.rows).collect();
        let mut text = Text {
            lines: Vec::new(),
            cursor: (0, 0),
        };
        let mut line = Vec::new();
        for (n, row) in rows.iter().enumerate() {
            if n == cursor_row {
                text.cursor = (text.lines.len(), line.len() + col);
            }
            line.extend_from_slice(row.cells());
            if !row.wrapped || n + 1 == rows.len() {
                text.end_line(std::mem::take(&mut line));
            }
        }
        while text.lines.last().is_some_and(Vec::is_empty) {
            text.lines.pop();
        }
        text
    }

    /// Takes in a line, without the plain blanks at its end. A cursor on the right half of a character is on it.
    fn end_line(&mut self, line: Vec<Cell>) {
        if self.cursor.0 == self.lines.len() {
            let offset = self.cursor.1;
            let before = offset.min(line.len());
            let half = line.get(before).is_some_and(Cell::is_continuation);
            let before = before - usize::from(half);
            let beyond = offset.saturating_sub(line.len());
            self.cursor.1 = widened(&line[..before]).len() + beyond;
        }
        let mut line = widened(&line);
        line.truncate(used(&line));
        self.lines.push(line);
    }
}

/// Sizes, the unusual ones often.
fn size() -> impl Strategy<Value = Size> {
    let side = |max: u16| prop_oneof![3 => 1..=max, 1 => Just(1u16), 1 => Just(2u16)];
    (side(40), side(14)).prop_map(|(cols, rows)| Size::new(cols, rows))
}

/// What a shell leaves: prompts that wrap, text that scrolled, blanks in colour, and the cursor somewhere in it.
fn session() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        "[a-z]{0,60}",
        "[界あé한 ]{0,30}",
        "(👩\u{200d}👧|❤\u{fe0f}|🇩🇪|e\u{301}|x){0,12}"
    ];
    let line = (text, prop::bool::ANY).prop_map(|(text, colored)| match colored {
        true => format!("\x1b[44m{text}\x1b[K\x1b[m\r\n"),
        false => format!("{text}\r\n"),
    });
    let back = (0..9u16, 0..30u16).prop_map(|(up, left)| format!("\x1b[{up}A\x1b[{left}D"));
    let lines = prop::collection::vec(line, 0..40);
    let prompt = "\\$ [a-z界]{0,50}";
    (lines, prompt, prop::option::of(back)).prop_map(|(lines, prompt, back)| {
        (lines.concat() + &prompt + &back.unwrap_or_default()).into_bytes()
    })
}

fn keeps_its_text(bytes: &[u8], sizes: &[Size]) -> Result<(), TestCaseError> {
    let first = Size::new(17, 6);
    let mut emulator = Emulator::new(first);
    emulator.feed(bytes);
    let before = Text::of(&emulator);
    for size in sizes.iter().chain([&first]) {
        emulator.resize(*size);
        prop_assert_eq!(&before, &Text::of(&emulator), "at {:?}", size);
        prop_assert_eq!(emulator.rows().count(), usize::from(size.rows));
        let is_too_long = |row: &Row| row.cells().len() > usize::from(size.cols);
        prop_assert!(!emulator.rows().any(is_too_long));
    }
    let mut snapshot = Vec::new();
    emulator.snapshot(&mut snapshot);
    prop_assert!(Emulator::restore(&snapshot).is_ok());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_session_keeps_its_text(bytes in session(), sizes in prop::collection::vec(size(), 1..6)) {
        keeps_its_text(&bytes, &sizes)?;
    }

    #[test]
    fn whatever_was_written_is_kept(bytes in stream(), sizes in prop::collection::vec(size(), 1..6)) {
        keeps_its_text(&bytes, &sizes)?;
    }

    #[test]
    fn the_main_screen_is_kept_behind_the_alternate_one(
        bytes in session(), over in stream(), sizes in prop::collection::vec(size(), 1..6),
    ) {
        keeps_its_text(&[&bytes[..], b"\x1b[?1049h", &over].concat(), &sizes)?;
    }

    #[test]
    fn a_full_screen_that_grows_is_full_while_there_is_history(bytes in session(), size in size()) {
        let mut emulator = Emulator::new(Size::new(17, 6));
        emulator.feed(&bytes);
        if emulator.history().is_empty() {
            return Ok(());
        }
        emulator.resize(size);
        let screen = &emulator.terminal.screen;
        let last = screen.rows.iter().rposition(|row| row.used() > 0).unwrap_or(0);
        let filled = last.max(usize::from(emulator.cursor().row)) + 1;
        let is_full = filled == usize::from(size.rows) || !screen.below.rows.is_empty();
        prop_assert!(is_full || screen.history.rows.is_empty());
    }
}

#[test]
fn a_narrow_screen_pushes_nothing_out_of_memory() {
    let mut emulator = Emulator::new(Size::new(80, 24));
    for n in 0..HISTORY_ROWS {
        emulator.feed(format!("{n:079}\r\n").as_bytes());
    }
    let before = Text::of(&emulator);
    for cols in [1, 2, 7, 300, 80] {
        emulator.resize(Size::new(cols, 24));
        assert_eq!(emulator.take_spill().lines, 0, "{cols} columns");
        assert_eq!(before, Text::of(&emulator), "{cols} columns");
    }
}

#[test]
fn a_line_longer_than_the_ring_keeps_what_is_in_memory() {
    let mut emulator = Emulator::new(Size::new(10, 4));
    let text: String = (0..15_000u32)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    emulator.feed(text.as_bytes());
    emulator.take_spill();
    let before = Text::of(&emulator);
    for cols in [1, 333, 10] {
        emulator.resize(Size::new(cols, 4));
        assert_eq!(emulator.take_spill().lines, 0);
        assert_eq!(before, Text::of(&emulator));
    }
    assert_eq!(lines(&emulator).concat(), text[text.len() - 40..]);
}

#[test]
fn what_a_low_screen_has_no_room_for_comes_back() {
    let mut emulator = fed(4, 4, "a\r\nb\r\nc\r\nd\x1b[2H");
    emulator.resize(Size::new(4, 2));
    assert_eq!(lines(&emulator), ["b", "c"]);
    let mut drawn = Emulator::of(emulator.terminal.clone(), Default::default());
    emulator.resize(Size::new(4, 4));
    assert_eq!(lines(&emulator), ["a", "b", "c", "d"]);
    drawn.feed(b"\x1b[2Hnew");
    drawn.resize(Size::new(4, 4));
    assert_eq!(lines(&drawn), ["a", "b", "new", ""]);
}

#[test]
fn what_was_erased_to_its_end_comes_back_no_more() {
    for (erase, left) in [
        ("\x1b[2J", ""),
        ("\x1b[H\x1b[J", ""),
        ("\x1b[2H\x1b[J", "b"),
    ] {
        let mut emulator = fed(4, 10, "a\r\nb\r\nc\r\n\n\nf\r\ng\r\nh\r\ni\r\nj\x1b[H");
        emulator.resize(Size::new(4, 5));
        assert_eq!(lines(&emulator), ["a", "b", "c", "", ""]);
        emulator.feed(erase.as_bytes());
        emulator.resize(Size::new(4, 10));
        let shown = lines(&emulator).concat();
        assert_eq!(shown, if left.is_empty() { "" } else { "a" }, "{erase:?}");
    }
}

#[test]
fn wide_characters_are_wide_again() {
    let mut emulator = fed(6, 2, "界e\u{301}❤\u{fe0f}x");
    let before = Text::of(&emulator);
    emulator.resize(Size::new(1, 2));
    assert_eq!(lines(&emulator), ["❤\u{fe0f}", "x"]);
    emulator.feed("한".as_bytes());
    emulator.resize(Size::new(8, 2));
    let line = &Text::of(&emulator).lines[0];
    assert_eq!(line[..6], before.lines[0][..6]);
    assert_eq!(line[6], Cell::new('한', 2, StyleId::DEFAULT));
    assert_eq!(emulator.cursor().col, 7);
}

#[test]
fn the_saved_cursor_stays_on_its_character_too() {
    let mut emulator = fed(10, 4, "0123456789ab\x1b7c\r\nd");
    emulator.resize(Size::new(5, 6));
    emulator.feed(b"\x1b8C");
    assert_eq!(lines(&emulator)[..4], ["01234", "56789", "abC", "d"]);
}
