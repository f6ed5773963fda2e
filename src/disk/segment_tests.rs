//! What becomes of a history when its files go, are cut, or were written before there were segments.

use super::history::History;
use super::segments::Segments;
use super::writer::Writer;
use crate::varint;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

struct World {
    root: TempDir,
    writer: Writer,
}

impl World {
    fn new() -> World {
        let writer = Writer::default();
        // The smallest segments there are.
        writer.set_quota(4 << 20);
        World {
            root: tempfile::tempdir().unwrap(),
            writer,
        }
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("7")
    }

    fn segments(&self) -> Segments {
        Segments::of_pane(&self.dir())
    }

    fn open(&self) -> History {
        History::open(&self.dir(), &self.writer, None).unwrap().0
    }

    /// Adds lines of 10 kB that cannot be packed.
    fn fill(&self, history: &mut History, lines: u64) {
        for _ in 0..lines {
            let mut bytes = Vec::new();
            varint::put_bytes(&mut bytes, &body(history.end_line()));
            history.append(1, &bytes, 5);
        }
        assert!(self.writer.flush(Duration::from_secs(60)));
    }
}

fn body(line: u64) -> Vec<u8> {
    let mut noise = line + 1;
    let mut next = || {
        noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (noise >> 40) as u8
    };
    (0..10_000).map(|_| next()).collect()
}

fn numbers(history: &History) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut each = |n, found: &[u8]| {
        assert_eq!(found, body(n));
        numbers.push(n);
    };
    history.read(0, usize::MAX, &mut each).unwrap();
    numbers
}

#[test]
fn a_quota_drops_the_oldest_and_numbers_stay() {
    let world = World::new();
    let mut history = world.open();
    world.fill(&mut history, 1200);
    let first = history.first_line();
    assert!((600..1000).contains(&first), "{first}");
    assert_eq!(numbers(&history), (first..1200).collect::<Vec<_>>());
    assert_eq!(history.warning(), None);
    history.save();
    drop(history);
    assert!(world.writer.flush(Duration::from_secs(60)));
    let (history, recovery) = History::open(&world.dir(), &world.writer, None).unwrap();
    assert_eq!((recovery.end_line, recovery.missing_lines), (1200, 0));
    assert_eq!(numbers(&history), (first..1200).collect::<Vec<_>>());
}

#[test]
fn a_segment_that_somebody_deletes_costs_itself_alone() {
    let world = World::new();
    let mut history = world.open();
    world.fill(&mut history, 100);
    let numbers_before = world.segments().numbers().unwrap();
    assert!(numbers_before.len() > 2);
    fs::remove_file(world.segments().path(1)).unwrap();
    let left = numbers(&history);
    assert!(left.len() > 50 && left.len() < 100 && left.contains(&0) && left.contains(&99));
    // The one that is being written goes as well: the next lines begin another.
    let last = *numbers_before.last().unwrap();
    fs::remove_file(world.segments().path(last)).unwrap();
    world.fill(&mut history, 50);
    history.save();
    assert!(world.writer.flush(Duration::from_secs(60)));
    drop(history);
    let left = numbers(&world.open());
    assert!(left.contains(&0) && left.ends_with(&(110..150).collect::<Vec<_>>()));
}

#[test]
fn an_index_that_is_gone_or_wrong_is_made_anew() {
    let world = World::new();
    let mut history = world.open();
    world.fill(&mut history, 100);
    history.save();
    assert!(world.writer.flush(Duration::from_secs(60)));
    drop(history);
    let index = |number| world.segments().path(number).with_extension("idx");
    let right = fs::read(index(0)).unwrap();
    fs::write(index(0), &right[..right.len() - 1]).unwrap();
    fs::remove_file(index(1)).unwrap();
    assert_eq!(numbers(&world.open()), (0..100).collect::<Vec<_>>());
    assert_eq!(fs::read(index(0)).unwrap(), right);
    assert!(index(1).exists());
}

#[test]
fn a_file_of_the_time_before_segments_is_read_and_goes_on() {
    let world = World::new();
    let mut history = world.open();
    world.fill(&mut history, 20);
    history.save();
    assert!(world.writer.flush(Duration::from_secs(60)));
    drop(history);
    let single = world.root.path().join("single");
    fs::rename(world.segments().path(0), &single).unwrap();
    fs::remove_dir_all(world.segments().dir()).unwrap();
    fs::rename(&single, world.segments().dir()).unwrap();
    let peeked = History::peek(&world.dir(), world.writer.keys()).unwrap();
    assert_eq!((peeked.first_line(), peeked.end_line()), (0, 20));
    assert!(world.segments().dir().is_file());
    let mut history = world.open();
    world.fill(&mut history, 20);
    assert_eq!(numbers(&history), (0..40).collect::<Vec<_>>());
}

#[test]
fn a_last_segment_that_cannot_be_read_costs_itself_alone() {
    let world = World::new();
    let mut history = world.open();
    world.fill(&mut history, 250);
    drop(history);
    let last = world.segments().numbers().unwrap().pop().unwrap();
    assert!(last > 0, "the lines fill more than one segment");
    fs::remove_file(world.segments().path(last)).unwrap();
    fs::create_dir(world.segments().path(last)).unwrap();
    let mut history = world.open();
    let mut lines = Vec::new();
    let read = |history: &History, lines: &mut Vec<u64>| {
        lines.clear();
        let each = &mut |number: u64, body_of: &[u8]| {
            assert!(body_of == body(number), "another line's text");
            lines.push(number);
        };
        history.read(0, 1000, each).unwrap();
    };
    read(&history, &mut lines);
    assert!(lines.len() > 50, "{} lines", lines.len());
    let before = lines.clone();
    world.fill(&mut history, 20);
    read(&history, &mut lines);
    assert_eq!(lines[..before.len()], before);
    assert_eq!(lines.len(), before.len() + 20);
    assert_eq!(
        world.segments().numbers().unwrap().last(),
        Some(&(last + 1))
    );
}
