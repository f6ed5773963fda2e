//! What a history takes on disk while a program prints a few lines each second: blocks, journals and indexes together.

use super::history::History;
use super::writer::Writer;
use crate::term::cell::Cell;
use crate::term::{StyleId, Tables, codec};
use crate::varint;
use std::path::Path;
use std::time::Duration;

const LINES_A_SECOND: u64 = 10;

/// The most that a line may take.
const MAX_BYTES: u64 = 40;

const WORDS: [&str; 24] = [
    "vector", "queue", "heap", "shard", "mutex", "alloc", "update", "response", "worker", "buffer",
    "lock", "zone", "stream", "commit", "error", "cache", "socket", "request", "retry", "delta",
    "parse", "borrow", "offset", "frame",
];

/// An ordinary line of log: a time, a level, some words, a number that counts and one that nobody foresees.
fn log(second: u64, line: u64, noise: &mut u64) -> String {
    let mut next = |below: u64| {
        *noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*noise >> 33) % below
    };
    let level = ["INFO ", "WARN ", "ERROR", "DEBUG"][next(4) as usize];
    let words: Vec<_> = (0..3 + next(5)).map(|_| WORDS[next(24) as usize]).collect();
    format!(
        "2031-05-01T{:02}:{:02}:{:02}.{:03}Z {level} svc-{}/{}: {} id={line:08x} took={}us",
        second / 3600 % 24,
        second / 60 % 60,
        second % 60,
        line % LINES_A_SECOND * 100,
        line % 10,
        WORDS[next(24) as usize],
        words.join(" "),
        next(9999),
    )
}

fn encoded(text: &str) -> Vec<u8> {
    let cell = |c| Cell::new(c, 1, StyleId::DEFAULT);
    let cells: Vec<Cell> = text.chars().map(cell).collect();
    let (mut body, mut line) = (Vec::new(), Vec::new());
    codec::encode_line(&cells, false, &Tables::default(), &mut body);
    varint::put_bytes(&mut line, &body);
    line
}

fn bytes_in(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap();
    let sizes = entries.map(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => bytes_in(&path),
            false => path.metadata().unwrap().len(),
        }
    });
    sizes.sum()
}

#[test]
fn a_log_of_ten_lines_a_second_takes_forty_bytes_a_line_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::default();
    let mut history = History::create(dir.path(), &writer).unwrap();
    let (mut noise, mut printed, mut texts) = (1, 0, 0);
    for second in 0..2 * 3600 {
        for _ in 0..LINES_A_SECOND {
            let text = log(second, printed, &mut noise);
            texts += text.len();
            history.append(1, &encoded(&text), 1_900_000_000_000 + 1000 * second);
            printed += 1;
        }
        history.save();
        // Time is virtual, and the disk's is not: it syncs every few seconds.
        if second % 60 == 59 {
            assert!(writer.flush(Duration::from_secs(60)));
        }
        if second % 900 == 899 {
            let (on_disk, hours) = (bytes_in(dir.path()), (second + 1) as f64 / 3600.0);
            println!(
                "{hours} h: {:.1} bytes a line of {}",
                on_disk as f64 / printed as f64,
                texts as u64 / printed,
            );
            assert!(
                hours < 1.0 || on_disk <= MAX_BYTES * printed,
                "{on_disk} for {printed}"
            );
        }
    }
}
