//! wt's emulator beside vt100 and alacritty_terminal, in one run: MB/s of the thread's CPU time. The engines take turns on
//! each corpus, so that a busy machine disturbs them alike; what counts is the ratio. wt encodes every line that leaves its
//! memory as scrollback does; alacritty_terminal keeps 10,000 lines.

mod corpus;

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::Config;
use alacritty_terminal::vte::ansi::{Processor, StdSyncHandler};
use corpus::{CORPORA, corpus};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use wt::term::{Emulator, Size};

const CHUNK: usize = 64 << 10;
const ROUNDS: usize = 7;
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

/// How many times alacritty_terminal's speed is aimed at, by corpus.
const AIMS: [f64; 5] = [4.0, 2.5, 1.3, 1.5, 4.0];

type Engine = fn(&[u8], (u16, u16));

fn wt(bytes: &[u8], (cols, rows): (u16, u16)) {
    let mut emulator = Emulator::new(Size::new(cols, rows));
    for chunk in bytes.chunks(CHUNK) {
        emulator.feed(chunk);
        black_box(emulator.take_spill());
        while emulator.poll().is_some() {}
    }
    black_box(emulator.version());
}

struct Grid(u16, u16);

impl Dimensions for Grid {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.1)
    }

    fn columns(&self) -> usize {
        usize::from(self.0)
    }
}

fn alacritty(bytes: &[u8], (cols, rows): (u16, u16)) {
    let config = Config {
        scrolling_history: 10_000,
        ..Config::default()
    };
    let mut term = Term::new(config, &Grid(cols, rows), VoidListener);
    let mut parser: Processor<StdSyncHandler> = Processor::new();
    for chunk in bytes.chunks(CHUNK) {
        parser.advance(&mut term, chunk);
    }
    black_box(term.grid().cursor.point);
}

fn vt100(bytes: &[u8], (cols, rows): (u16, u16)) {
    let side = |n| std::num::NonZeroU16::new(n).expect("sizes are not 0");
    let mut parser = vt100::Parser::new(side(rows), side(cols), 10_000);
    for chunk in bytes.chunks(CHUNK) {
        parser.process(chunk);
    }
    black_box(parser.screen().cursor_position());
}

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Each engine's speed in MB/s, the median of the rounds.
fn speeds(engines: [Engine; 3], bytes: &[u8], size: (u16, u16)) -> [f64; 3] {
    let mut taken = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (engine, taken) in engines.iter().zip(&mut taken) {
            let start = cpu_seconds();
            engine(bytes, size);
            taken.push(cpu_seconds() - start);
        }
    }
    taken.map(|mut taken| {
        taken.sort_by(f64::total_cmp);
        bytes.len() as f64 / 1e6 / taken[ROUNDS / 2]
    })
}

fn main() {
    // `cargo test --benches` asks for a short run; cargo bench says so.
    let rated = std::env::args().any(|arg| arg == "--bench");
    println!("size    corpus        wt  alacritty  vt100   wt/alacritty (aim)  wt/vt100");
    for size in SIZES {
        for (name, aim) in CORPORA.iter().zip(AIMS) {
            let mut bytes = corpus(name);
            if !rated {
                bytes.truncate(CHUNK);
            }
            let [ours, theirs, oldest] = speeds([wt, alacritty, vt100], &bytes, size);
            println!(
                "{:>3}x{:<3} {name:<9} {ours:>6.0} {theirs:>10.0} {oldest:>6.0} {:>14.2} ({aim})  {:>9.2}",
                size.0,
                size.1,
                ours / theirs,
                ours / oldest,
            );
        }
    }
}
