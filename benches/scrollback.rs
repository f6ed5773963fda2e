//! How fast lines go to disk and come back: append and pack, read at random, search. Prints sizes on disk first.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wt::disk::history::History;
use wt::disk::writer::Writer;
use wt::scrollback::block::Packer;
use wt::scrollback::lines::Lines;
use wt::scrollback::search::{Direction, Pattern, Position};
use wt::scrollback::store::TAIL_BYTES;
use wt::term::cell::Cell;
use wt::term::codec;
use wt::term::{StyleId, Tables};
use wt::varint;

const LINES: u64 = 1_000_000;

/// What the lines look like.
#[derive(Debug, Clone, Copy)]
enum Corpus {
    Seq,
    Log,
}

const CORPORA: [Corpus; 2] = [Corpus::Seq, Corpus::Log];

fn main() {
    CORPORA.into_iter().for_each(report);
    divan::main();
}

/// Prints what is no duration of a whole: sizes, and what appending costs the thread that does it.
fn report(corpus: Corpus) {
    let encoded = corpus.encoded(LINES);
    let mut world = World::new();
    let resident = resident_kib();
    let (total, worst) = world.append(&encoded, LINES);
    let grown = resident_kib().saturating_sub(resident);
    let on_disk = world.bytes_on_disk();
    println!(
        "{corpus:?}: {:.2} B/line on disk, {:.2} B/line encoded; appending takes {total:?} of the caller, \
         {worst:?} at worst; {grown} KiB of memory stay",
        on_disk as f64 / LINES as f64,
        encoded.len() as f64 / LINES as f64,
    );
}

fn resident_kib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0u64) * 4
}

impl Corpus {
    fn line(self, n: u64) -> String {
        let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        match self {
            Corpus::Seq => n.to_string(),
            Corpus::Log => format!(
                "2026-01-{:02}T{:02}:{:02}:{:02}.{:03}Z INFO worker-{} request id={noise:011x} path=/api/v1/items/{} status=200 took={}us",
                n / 86_400_000 % 28 + 1,
                n / 3_600_000 % 24,
                n / 60_000 % 60,
                n / 1000 % 60,
                n % 1000,
                noise % 16,
                noise % 5000,
                noise % 997,
            ),
        }
    }

    fn encoded(self, lines: u64) -> Vec<u8> {
        let tables = Tables::default();
        let (mut out, mut body) = (Vec::new(), Vec::new());
        for n in 0..lines {
            let line = self.line(n);
            let cells: Vec<Cell> = line
                .chars()
                .map(|c| Cell::new(c, 1, StyleId::DEFAULT))
                .collect();
            body.clear();
            body.push(0);
            codec::encode_cells(&cells, &tables, &mut body);
            varint::put_bytes(&mut out, &body);
        }
        out
    }
}

struct World {
    history: History,
    writer: Writer,
    dir: TempDir,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let writer = Writer::default();
        World {
            history: History::create(dir.path(), &writer).expect("it is empty"),
            writer,
            dir,
        }
    }

    fn filled(corpus: Corpus) -> World {
        Self::with(corpus, LINES)
    }

    fn with(corpus: Corpus, lines: u64) -> World {
        let mut world = World::new();
        let mut left = lines;
        // In parts, so that the lines of the longest history never stand in memory together.
        while left > 0 {
            let part = left.min(LINES);
            world.append(&corpus.encoded(part), part);
            left -= part;
        }
        world
    }

    fn bytes_on_disk(&self) -> u64 {
        let files = std::fs::read_dir(self.dir.path().join("scrollback")).expect("it is written");
        let length =
            |file: std::io::Result<std::fs::DirEntry>| file?.metadata().map(|file| file.len());
        files.map(|file| length(file).expect("it is there")).sum()
    }

    /// Appends in pieces of about the size of one read from a PTY, and waits until all is written. Says how long
    /// the appending took, in sum and at worst.
    fn append(&mut self, encoded: &[u8], lines: u64) -> (Duration, Duration) {
        let (mut total, mut worst) = (Duration::ZERO, Duration::ZERO);
        let mut reader = varint::Reader::new(encoded);
        let mut left = lines;
        while left > 0 {
            let before = reader.rest();
            let mut count = 0;
            while before.len() - reader.rest().len() < 16 << 10 && count < left {
                reader.bytes().expect("whole lines");
                count += 1;
            }
            let piece = &before[..before.len() - reader.rest().len()];
            let start = Instant::now();
            self.history.append(count, piece, 0);
            let took = start.elapsed();
            (total, worst) = (total + took, worst.max(took));
            left -= count;
        }
        assert!(self.writer.flush(Duration::from_secs(60)));
        assert_eq!(self.history.warning(), None);
        (total, worst)
    }
}

#[divan::bench(args = CORPORA, sample_count = 5, sample_size = 1)]
fn append(bencher: Bencher, corpus: Corpus) {
    let encoded = corpus.encoded(LINES);
    bencher
        .counter(BytesCount::new(encoded.len()))
        .with_inputs(World::new)
        .bench_local_values(|mut world| {
            world.append(&encoded, LINES);
            world
        });
}

#[divan::bench(args = CORPORA)]
fn pack_one_block(bencher: Bencher, corpus: Corpus) {
    let encoded = corpus.encoded(20_000);
    let mut lines = Lines::default();
    let mut reader = varint::Reader::new(&encoded);
    while lines.bytes().len() < TAIL_BYTES - 1000 {
        lines.push(reader.bytes().expect("whole lines"), 0);
    }
    let mut packer = Packer::new().expect("memory");
    let mut block = Vec::new();
    bencher
        .counter(BytesCount::new(lines.bytes().len()))
        .bench_local(|| packer.pack(black_box(&lines), None, &mut block));
}

#[divan::bench(args = CORPORA)]
fn read_a_screen_at_random(bencher: Bencher, corpus: Corpus) {
    let world = World::filled(corpus);
    let mut at = 1u64;
    bencher.bench_local(|| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut bytes = 0;
        let read = world
            .history
            .read((at >> 20) % LINES, 50, &mut |_, body| bytes += body.len());
        read.map(|()| bytes).expect("it can be read")
    });
}

#[divan::bench(args = CORPORA)]
fn step_line_by_line(bencher: Bencher, corpus: Corpus) {
    let world = World::filled(corpus);
    let mut at = LINES - 1;
    bencher.bench_local(|| {
        at -= 1;
        let mut bytes = 0;
        let read = world
            .history
            .read(at, 1, &mut |_, body| bytes += body.len());
        read.map(|()| bytes).expect("it can be read")
    });
}

/// No line matches, so that all are searched.
#[divan::bench(args = [(Corpus::Seq, "12x4"), (Corpus::Log, "error"), (Corpus::Log, "Error"), (Corpus::Log, "erreür")], sample_count = 5)]
fn search_a_million_lines(bencher: Bencher, (corpus, text): (Corpus, &str)) {
    let world = World::filled(corpus);
    let searcher = world.history.searcher();
    let pattern = Pattern::new(text).expect("it is not empty");
    let cancel = AtomicBool::new(false);
    bencher.bench_local(|| {
        let found = searcher.find(&pattern, Position::default(), Direction::Forward, &cancel);
        assert_eq!(found.expect("it can be read"), None);
    });
}

/// From a thousand lines to a million; to ten million with `WT_BENCH_LONG`, which takes 300 MB of disk.
fn curve() -> Vec<u64> {
    let longest = match std::env::var_os("WT_BENCH_LONG") {
        Some(_) => 7,
        None => 6,
    };
    (3..=longest).map(|power| 10u64.pow(power)).collect()
}

#[divan::bench(args = curve(), sample_count = 5, sample_size = 1)]
fn curve_append(bencher: Bencher, lines: u64) {
    let encoded = Corpus::Log.encoded(lines.min(LINES));
    bencher
        .counter(divan::counter::ItemsCount::new(lines))
        .with_inputs(World::new)
        .bench_local_values(|mut world| {
            for _ in 0..lines.div_ceil(LINES) {
                world.append(&encoded, lines.min(LINES));
            }
            world
        });
}

#[divan::bench(args = curve())]
fn curve_read_at_random(bencher: Bencher, lines: u64) {
    let world = World::with(Corpus::Log, lines);
    let mut at = 1u64;
    bencher.bench_local(|| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut bytes = 0;
        let mut each = |_, body: &[u8]| bytes += body.len();
        let read = world.history.read((at >> 20) % lines, 50, &mut each);
        read.map(|()| bytes).expect("it can be read")
    });
}

/// Nothing matches, and filters rule out what they can.
#[divan::bench(args = curve(), sample_count = 5)]
fn curve_search(bencher: Bencher, lines: u64) {
    let world = World::with(Corpus::Log, lines);
    let searcher = world.history.searcher();
    let pattern = Pattern::new("needle in the hay").expect("it is not empty");
    let cancel = AtomicBool::new(false);
    bencher.bench_local(|| {
        let found = searcher.find(&pattern, Position::default(), Direction::Forward, &cancel);
        assert_eq!(found.expect("it can be read"), None);
    });
}

/// From index files, as a server starts.
#[divan::bench(args = curve(), sample_count = 20)]
fn curve_recovery(bencher: Bencher, lines: u64) {
    let world = World::with(Corpus::Log, lines);
    bencher.bench_local(|| {
        let opened = History::open(world.dir.path(), &world.writer, None);
        opened.expect("it can be read").1.end_line
    });
}

/// From the heads of blocks, where index files were lost.
#[divan::bench(args = curve(), sample_count = 3, sample_size = 1)]
fn curve_recovery_without_indexes(bencher: Bencher, lines: u64) {
    let world = World::with(Corpus::Log, lines);
    let folder = world.dir.path().join("scrollback");
    bencher
        .with_inputs(|| {
            for file in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = file.path();
                if path.extension().is_some_and(|extension| extension == "idx") {
                    std::fs::remove_file(path).expect("it is there");
                }
            }
        })
        .bench_local_values(|()| {
            let opened = History::open(world.dir.path(), &world.writer, None);
            opened.expect("it can be read").1.end_line
        });
}
