//! Looks for the input that costs the emulator most: time for each piece of output, and memory beyond the rows of the
//! screens and of the history. `worst [SECONDS] [SEED]`; the figures of the best finds come last.
//!
//! A candidate is a preparation (pieces repeated so often that tables fill) and an attack (a few pieces, over and
//! over). Candidates breed from the best of three leagues: the mean time of a piece, the longest single piece, and the
//! bytes held. What is measured is the shortest of several runs, piece by piece, so that other work on the machine
//! does not count. A piece longer than [`FREE_BYTES`] is divided by its length in these.

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::fmt;
use std::time::{Duration, Instant};
use wt::term::{Emulator, Size};
use wt_fuzz::grammar::{Chance, Gene, New, Text};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The screen that is attacked.
const SIZE: (u16, u16) = (200, 50);

/// A piece is charged as one for each of so many bytes.
const FREE_BYTES: usize = 64;

/// Pieces of an attack that are measured.
const ATTACK: usize = 200;

const LEAGUE: usize = 12;

#[derive(Debug, Clone)]
struct Candidate {
    preparation: Vec<(Gene, u32)>,
    attack: Vec<Gene>,
}

/// What a candidate costs; each the higher the worse.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    mean_ns: f64,
    longest_ns: f64,
    bytes: f64,
    /// Bytes of spill that one piece left, at most.
    spill: f64,
}

impl Candidate {
    fn any(chance: &mut Chance) -> Self {
        let repeats = [1, 1, 1, 200, 1200, 9000, 50_000];
        let preparation = (0..chance.below(4))
            .map(|_| (Gene::any(chance), chance.of(&repeats)))
            .collect();
        let attack = (0..1 + chance.below(3))
            .map(|_| Gene::any(chance))
            .collect();
        Self {
            preparation,
            attack,
        }
    }

    fn mutated(&self, chance: &mut Chance) -> Self {
        let mut child = self.clone();
        let at = chance.below(child.attack.len() as u64) as usize;
        match chance.below(7) {
            0 => child.attack.push(Gene::any(chance)),
            1 if child.attack.len() > 1 => drop(child.attack.remove(at)),
            2 => child.attack[at] = Gene::any(chance),
            3 => child
                .preparation
                .push((Gene::any(chance), chance.of(&[1, 200, 50_000]))),
            4 => {
                child.preparation.pop();
            }
            _ => child.attack[at] = child.attack[at].mutated(chance),
        }
        child.attack.truncate(4);
        child.preparation.truncate(6);
        child
    }

    /// The emulator as the attack finds it.
    fn prepared(&self) -> Emulator {
        let mut emulator = Emulator::new(Size::new(SIZE.0, SIZE.1));
        let started = Instant::now();
        for (gene, repeats) in &self.preparation {
            for turn in 0..*repeats {
                emulator.feed(&gene.render(turn));
                take(&mut emulator);
                if started.elapsed() > Duration::from_millis(800) {
                    break;
                }
            }
        }
        emulator
    }

    fn measured(&self, runs: usize, plain: usize) -> Cost {
        let mut shortest = vec![f64::INFINITY; ATTACK];
        let mut cost = Cost::default();
        for _ in 0..runs {
            let before = live();
            let mut emulator = self.prepared();
            let mut spent = 0.0;
            for (n, best) in shortest.iter_mut().enumerate() {
                let gene = &self.attack[n % self.attack.len()];
                let bytes = gene.render(1_000_000 + n as u32);
                let started = Instant::now();
                emulator.feed(&bytes);
                let time = started.elapsed().as_nanos() as f64;
                let charged = bytes.len().div_ceil(FREE_BYTES).max(1);
                *best = best.min(time / charged as f64);
                cost.spill = cost.spill.max(take(&mut emulator) as f64 / charged as f64);
                spent += time;
                if spent > 3e8 {
                    break;
                }
            }
            let held = live().saturating_sub(before).saturating_sub(plain);
            cost.bytes = cost.bytes.max(held as f64);
        }
        shortest.retain(|time| time.is_finite());
        cost.mean_ns = shortest.iter().sum::<f64>() / shortest.len() as f64;
        cost.longest_ns = shortest.iter().copied().fold(0.0, f64::max);
        cost
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (gene, repeats) in &self.preparation {
            write!(f, "{repeats}×[{gene}] ")?;
        }
        let attack: Vec<_> = self.attack.iter().map(Gene::to_string).collect();
        write!(f, "→ {}", attack.join(" · "))
    }
}

/// Takes effects and spill, as a server does after each piece; says how long the spill was.
fn take(emulator: &mut Emulator) -> usize {
    while emulator.poll().is_some() {}
    emulator.take_spill().bytes.len()
}

/// Bytes allocated at this moment.
fn live() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// What an emulator holds whose two screens and whole history are full of plain text: the rows that are not counted.
fn plain_bytes() -> usize {
    let before = live();
    let mut emulator = Emulator::new(Size::new(SIZE.0, SIZE.1));
    for _ in 0..1200 {
        emulator.feed(&[b'x'; 200]);
        take(&mut emulator);
    }
    emulator.feed(b"\x1b[?1047h");
    emulator.feed(&vec![b'x'; 200 * 50]);
    live() - before
}

/// What is known to be dear, to begin with.
fn suspects() -> Vec<Candidate> {
    let csi = |numbers: &[u32], end: &[u8]| {
        Gene::Csi(
            Vec::new(),
            numbers.iter().copied().map(Some).collect(),
            end.to_vec(),
        )
    };
    let mode = |mode, end: u8| Gene::Csi(b"?".to_vec(), vec![Some(mode)], vec![end]);
    let wide = || (Gene::Text(Text::Wide, 100), 50);
    let styled = || (Gene::New(New::StyledRow), 50);
    let sides = || (mode(69, b'h'), 1);
    let candidate = |preparation: Vec<(Gene, u32)>, attack: Vec<Gene>| Candidate {
        preparation,
        attack,
    };
    vec![
        candidate(
            vec![(Gene::Text(Text::Wide, 1), 1)],
            vec![csi(&[65535], b"b")],
        ),
        candidate(vec![(Gene::New(New::Style), 1)], vec![csi(&[65535], b"b")]),
        candidate(vec![wide()], vec![csi(&[25, 1], b"H"), csi(&[1], b"L")]),
        candidate(vec![wide()], vec![csi(&[50], b"S")]),
        candidate(vec![wide()], vec![Gene::Escape(b"\x1b#8".to_vec())]),
        candidate(vec![wide()], vec![mode(1049, b'h'), mode(1049, b'l')]),
        candidate(
            vec![],
            vec![Gene::Escape(b"\x1b#8".to_vec()), csi(&[2], b"J")],
        ),
        candidate(vec![], vec![Gene::New(New::StyledRow)]),
        candidate(
            vec![(Gene::New(New::Style), 50_000)],
            vec![Gene::New(New::Style)],
        ),
        candidate(
            vec![(Gene::New(New::LongCluster), 50_000)],
            vec![Gene::New(New::LongCluster)],
        ),
        candidate(
            vec![(Gene::New(New::Link), 9_000)],
            vec![Gene::New(New::LinkedStyle)],
        ),
        candidate(
            vec![(Gene::New(New::Title), 200)],
            vec![Gene::New(New::Title)],
        ),
        candidate(
            vec![(csi(&[3], b"g"), 1)],
            vec![Gene::Escape(b"\t".to_vec()), Gene::Escape(b"\r".to_vec())],
        ),
        candidate(
            vec![],
            vec![Gene::String(b']', b"52;c;".to_vec(), 4_000_000)],
        ),
        candidate(vec![], vec![Gene::Escape(b"\x1bc".to_vec())]),
        candidate(vec![wide()], vec![csi(&[3], b"J")]),
        candidate(
            vec![(Gene::New(New::StyledRow), 1200)],
            vec![csi(&[3], b"J")],
        ),
        candidate(
            vec![(Gene::New(New::StyledRow), 1200)],
            vec![csi(&[50], b"S")],
        ),
        candidate(vec![wide()], vec![csi(&[1, 1, 50, 200, 1, 2, 2, 1], b"$v")]),
        candidate(vec![wide()], vec![csi(&[65, 1, 1, 50, 200], b"$x")]),
        candidate(vec![wide()], vec![csi(&[1, 1, 50, 200], b"$z")]),
        candidate(vec![wide()], vec![csi(&[1, 1, 50, 200], b"${")]),
        candidate(vec![styled()], vec![csi(&[1, 1, 1, 1, 50, 200], b"*y")]),
        candidate(vec![styled()], vec![csi(&[1, 1, 50, 200, 1, 4], b"$r")]),
        candidate(vec![styled()], vec![csi(&[1, 1, 50, 200, 1, 4], b"$t")]),
        candidate(
            vec![wide(), sides(), (csi(&[2, 199], b"s"), 1)],
            vec![csi(&[1], b"S")],
        ),
        candidate(
            vec![wide(), sides(), (csi(&[2, 199], b"s"), 1)],
            vec![csi(&[1], b"T")],
        ),
        candidate(
            vec![wide(), sides(), (csi(&[2, 199], b"s"), 1)],
            vec![csi(&[1], b"'}"), csi(&[1], b"'~")],
        ),
    ]
}

/// The best candidates by one measure.
struct League {
    name: &'static str,
    of: fn(&Cost) -> f64,
    unit: (f64, &'static str),
    best: Vec<(f64, Candidate)>,
}

impl League {
    fn take(&mut self, candidate: &Candidate, cost: &Cost) {
        let value = (self.of)(cost);
        let at = self.best.partition_point(|(held, _)| *held >= value);
        if at < LEAGUE {
            self.best.insert(at, (value, candidate.clone()));
            self.best.truncate(LEAGUE);
        }
    }

    /// Measures the best again, more often, and prints them.
    fn print(&mut self, plain: usize) {
        println!("{}", self.name);
        for (value, candidate) in &mut self.best {
            *value = (self.of)(&candidate.measured(7, plain));
        }
        self.best.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (value, candidate) in &self.best {
            println!(
                "  {:10.1} {}  {candidate}",
                value / self.unit.0,
                self.unit.1
            );
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| {
        arguments
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (seconds, seed) = (number(60), number(1));
    let plain = plain_bytes();
    let league = |name, of, unit| League {
        name,
        of,
        unit,
        best: Vec::new(),
    };
    let mut leagues = [
        league("mean of a piece", |cost: &Cost| cost.mean_ns, (1e3, "µs")),
        league("longest piece", |cost: &Cost| cost.longest_ns, (1e3, "µs")),
        league(
            "held beyond the rows",
            |cost: &Cost| cost.bytes,
            (1e3, "kB"),
        ),
        league("spill of a piece", |cost: &Cost| cost.spill, (1e3, "kB")),
    ];
    let mut chance = Chance::new(seed);
    let mut waiting = suspects();
    let (started, mut tried) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(seconds) || !waiting.is_empty() {
        let candidate = waiting.pop().unwrap_or_else(|| match chance.below(4) {
            0 => Candidate::any(&mut chance),
            _ => {
                let league = &leagues[chance.below(leagues.len() as u64) as usize];
                let at = chance.below(league.best.len() as u64) as usize;
                league.best[at].1.mutated(&mut chance)
            }
        });
        let cost = candidate.measured(2, plain);
        leagues
            .iter_mut()
            .for_each(|league| league.take(&candidate, &cost));
        tried += 1;
    }
    println!(
        "seed {seed}, {tried} candidates, {} kB of plain rows not counted",
        plain / 1000
    );
    leagues.iter_mut().for_each(|league| league.print(plain));
}
