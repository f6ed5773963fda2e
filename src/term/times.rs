//! The law of a line's time: it is when the line was last written, wherever its rows went since.

use super::testing::fed;
use super::{Emulator, HISTORY_ROWS, Size, Spill};
use proptest::prelude::*;

/// An emulator that was fed the lines, each a second after the one before; the first at 1 s.
fn written(size: Size, lines: &[String]) -> Emulator {
    let mut emulator = Emulator::new(size);
    for (second, line) in (1..).zip(lines) {
        emulator.set_now(1000 * second);
        emulator.feed(line.as_bytes());
        emulator.feed(b"\r\n");
    }
    emulator
}

/// The time of each line that was spilled.
fn times(spill: &Spill) -> Vec<u64> {
    let runs = spill.times.iter();
    let times: Vec<u64> = runs
        .flat_map(|(count, at)| std::iter::repeat_n(*at, *count as usize))
        .collect();
    assert_eq!(times.len() as u64, spill.lines);
    times
}

proptest! {
    #[test]
    fn a_line_keeps_its_time_through_sizes_and_snapshots(
        lines in prop::collection::vec("[a-z界]{0,30}", 1..40),
        sizes in prop::collection::vec((1..40u16, 1..14u16), 0..5),
    ) {
        let mut emulator = written(Size::new(17, 6), &lines);
        for (cols, rows) in sizes {
            emulator.set_now(1_000_000);
            emulator.resize(Size::new(cols, rows));
            let mut snapshot = Vec::new();
            emulator.snapshot(&mut snapshot);
            emulator = Emulator::restore(&snapshot).expect("what was written");
        }
        // Empty lines at the end are not kept when the screen is cleared.
        emulator.feed(b".\x1b[2J\x1b[3J");
        let mut times = times(&emulator.take_spill());
        times.pop();
        prop_assert_eq!(times, (1..=lines.len() as u64).map(|n| 1000 * n).collect::<Vec<_>>());
    }
}

#[test]
fn a_line_is_as_old_as_its_latest_change_and_an_empty_one_as_when_it_was_left() {
    let mut emulator = written(Size::new(9, 6), &["a".into(), String::new(), "c".into()]);
    emulator.set_now(9000);
    emulator.feed(b"\x1b[Hb\x1b[4;1H.\x1b[2J\x1b[3J");
    assert_eq!(
        emulator.take_spill().times,
        [(1, 9000), (1, 2000), (1, 3000), (1, 9000)]
    );
}

#[test]
fn lines_of_one_moment_are_one_run_and_all_pieces_of_a_long_one_have_its_time() {
    let mut emulator = Emulator::new(Size::new(10, 2));
    emulator.set_now(7);
    emulator.feed("x\r\n".repeat(2 * HISTORY_ROWS).as_bytes());
    let spill = emulator.take_spill();
    assert_eq!(spill.times, [(spill.lines, 7)]);
    emulator.set_now(8);
    emulator.feed("x".repeat(30_000).as_bytes());
    assert_eq!(times(&emulator.take_spill()).last(), Some(&8));
}

#[test]
fn what_no_clock_was_set_for_has_no_time() {
    let mut emulator = fed(9, 2, "a\r\nb\r\n\x1b[3J");
    assert_eq!(times(&emulator.take_spill()), [0]);
}
