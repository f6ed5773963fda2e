//! Tests of bounds: what hostile programs make the emulator do and hold is counted, not timed. What they may cost in
//! time is measured by the search in `tests/fuzz`.

use super::testing::fed;
use super::{Emulator, Size};

/// Cells that are not blank, over screen, history and spill.
fn cells_written(emulator: &mut Emulator) -> usize {
    let rows = emulator.history().iter().chain(emulator.rows());
    let held: usize = rows.map(|row| row.used()).sum();
    held + emulator.take_spill().bytes.len()
}

#[test]
fn a_few_bytes_do_not_write_many_cells() {
    for text in ["x\x1b[65535b", "界\x1b[65535b", "\x1b(0x\x1b[65535b"] {
        let mut emulator = fed(200, 50, text);
        assert!(cells_written(&mut emulator) <= 2 * 1001, "{text:?}");
    }
}

#[test]
fn links_of_full_length_are_let_go() {
    let mut emulator = Emulator::new(Size::new(200, 50));
    for n in 0..20_000 {
        emulator.feed(format!("\x1b]8;;http://{n:0>2000}\x07x").as_bytes());
        emulator.take_spill();
    }
    let (_, _, links) = emulator.tables().counts();
    assert!(links <= 600, "{links} links are held");
    // Once the old ones have left the history, new ones find room again.
    emulator.feed("\r\n".repeat(2000).as_bytes());
    for n in 0..2000 {
        emulator.feed(format!("\x1b]8;;http://new/{n}\x07x").as_bytes());
    }
    let last = emulator.rows().filter_map(|row| row.cells().last()).last();
    let link = last.map(|cell| emulator.tables().style(cell.style).link);
    assert!(link.is_some_and(|link| emulator.tables().link(link).uri.starts_with("http://new")));
}

#[test]
fn clusters_never_seen_before_are_bounded_and_come_back() {
    let mut emulator = Emulator::new(Size::new(200, 50));
    let mark = |n: u32| char::from_u32(0x300 + n % 0x60).expect("a combining mark");
    for n in 0..300_000 {
        emulator.feed(format!("x{}{}{}", mark(n), mark(n / 96), mark(n / 9216)).as_bytes());
        emulator.take_spill();
    }
    assert!(emulator.tables().counts().1 <= 16 << 10);
    emulator.feed("\r\n".repeat(1100).as_bytes());
    for n in 0..3000 {
        emulator.feed(format!("e{}\r", mark(n)).as_bytes());
    }
    let shown = emulator
        .rows()
        .map(|row| super::testing::row_text(&emulator, row));
    assert!(shown.last().is_some_and(|line| line.chars().count() == 2));
}

#[test]
fn what_has_passed_within_one_feed_takes_no_room() {
    let mut emulator = Emulator::new(Size::new(20, 4));
    let line = |n: u32| {
        let [_, r, g, b] = n.to_be_bytes();
        let mark = |n: u32| char::from_u32(0x300 + n % 0x60).expect("a combining mark");
        format!(
            "\x1b[38;2;{r};{g};{b}mx{}{}{}\r\n",
            mark(n),
            mark(n / 96),
            mark(n / 9216)
        )
    };
    let text: String = (0..100_000).map(line).collect();
    emulator.feed(text.as_bytes());
    let row = emulator.rows().next().expect("a row");
    let style = emulator.tables().style(row.cell(0).style);
    let [_, r, g, b] = 99_997u32.to_be_bytes();
    assert_eq!(style.fg, super::Color::Rgb(r, g, b));
    assert_eq!(super::testing::row_text(&emulator, row).chars().count(), 4);
}

#[test]
fn a_rectangle_changes_a_bounded_number_of_looks() {
    let mut emulator = Emulator::new(Size::new(200, 50));
    for n in 0..10_000u32 {
        let [_, r, g, b] = n.to_be_bytes();
        emulator.feed(format!("\x1b[38;2;{r};{g};{b}mx").as_bytes());
    }
    let before = emulator.tables().counts().0;
    emulator.feed(b"\x1b[2*x\x1b[1;1;50;200;1;4$r");
    let new = emulator.tables().counts().0 - before;
    assert!((1..=256).contains(&new), "{new} styles are new");
}

#[test]
fn a_damaged_snapshot_brings_no_controls_into_the_title() {
    let emulator = fed(20, 4, "\x1b]2;a title\x07");
    let mut bytes = Vec::new();
    emulator.snapshot(&mut bytes);
    let at = bytes.windows(7).position(|part| part == b"a title");
    bytes[at.expect("the title") + 1] = 0x1b;
    assert!(Emulator::restore(&bytes).is_err());
}

#[test]
fn answers_not_taken_are_bounded_whatever_comes_between() {
    let mut emulator = Emulator::new(Size::new(80, 2));
    let asked = "\x1b[c".repeat(200);
    for _ in 0..1000 {
        emulator.feed(format!("{asked}\x07").as_bytes());
    }
    let bytes = super::testing::replies(&mut emulator).len();
    assert!(
        (60_000..=64 << 10).contains(&bytes),
        "{bytes} bytes of answers"
    );
    // Once they are taken, questions are answered again.
    emulator.feed(b"\x1b[5n");
    assert_eq!(super::testing::replies(&mut emulator), "\x1b[0n");
}

#[test]
fn what_does_not_end_is_kept_up_to_its_bound_and_does_nothing() {
    let (string, clipboard) = (64 << 10, 1400 << 10);
    let kinds = [
        ("\x1b[", 1 << 10),
        ("\x1b#", 1 << 10),
        ("\x1b]2;", string),
        ("\x1bP+q", string),
        ("\x1bPtmux;", string),
        ("\x1bk", string),
        ("\x1bX", string),
        ("\x1b^", string),
        ("\x1b_", string),
        ("\x1b]52;c;", clipboard),
    ];
    for (start, bound) in kinds {
        let mut emulator = fed(9, 1, start);
        let mut most = 0;
        for _ in 0..300 {
            // Bytes that may stand in any of them.
            emulator.feed(&vec![b' '; bound / 128]);
            most = most.max(emulator.scanner.pending.len());
        }
        assert!((bound / 2..=bound).contains(&most), "{start:?}: {most}");
        assert!(emulator.scanner.pending.capacity() <= 16, "{start:?}");
        emulator.feed(b"\x1b\\\x1b[mok");
        assert_eq!(super::testing::lines(&emulator), ["ok"], "{start:?}");
        assert_eq!(emulator.poll(), None, "{start:?}");
        assert_eq!(emulator.title(), "", "{start:?}");
    }
}
