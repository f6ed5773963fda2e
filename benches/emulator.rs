//! Throughput of the emulator, MB/s of program output, with the lines that leave memory taken as they come.

use divan::Bencher;
use divan::counter::BytesCount;
use wt::term::{Emulator, Size};

fn main() {
    divan::main();
}

const CORPORA: [&str; 5] = ["log", "build", "cjk", "tui", "longline"];
const LENGTH: usize = 8 << 20;

/// A small generator with a fixed seed: the corpora are the same in every run.
struct Seed(u64);

impl Seed {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn word(&mut self) -> String {
        let length = 2 + self.below(9);
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }

    fn words(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            text += &self.word();
            text.push(' ');
        }
        text
    }
}

fn corpus(name: &str) -> Vec<u8> {
    let mut seed = Seed(0x5eed);
    let mut out = String::new();
    while out.len() < LENGTH {
        out += &match name {
            "log" => format!(
                "2026-11-21T06:{:02}:11Z INFO {}\r\n",
                seed.below(60),
                seed.words(44)
            ),
            "build" => format!(
                "\x1b[0m\x1b[1m\x1b[38;5;{}m   Compiling\x1b[0m {} v0.{} (\x1b[4m{}\x1b[24m)\r\n\x1b[33mwarning\x1b[0m: {}\r\n",
                seed.below(16),
                seed.word(),
                seed.below(90),
                seed.word(),
                seed.words(30),
            ),
            "cjk" => {
                let han: String = (0..30)
                    .filter_map(|_| char::from_u32(0x4e00 + seed.below(0x5000) as u32))
                    .collect();
                format!("{han} {} é 👍🏽 ❤\u{fe0f}\r\n", seed.word())
            }
            "tui" => format!(
                "\x1b[{};{}H\x1b[38;2;{};{};40m{}\x1b[m\x1b[K",
                1 + seed.below(24),
                1 + seed.below(60),
                seed.below(8) * 30,
                seed.below(8) * 30,
                seed.words(16),
            ),
            _ => seed.words(4000) + "\r\n",
        };
    }
    out.into_bytes()
}

#[divan::bench(args = CORPORA, sample_count = 10)]
fn feed(bencher: Bencher, name: &str) {
    let bytes = corpus(name);
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| {
            let mut emulator = Emulator::new(Size::new(80, 24));
            for chunk in bytes.chunks(64 << 10) {
                emulator.feed(chunk);
                divan::black_box(emulator.take_spill());
            }
            emulator.version()
        });
}

#[divan::bench]
fn resize_with_full_history(bencher: Bencher) {
    let mut emulator = Emulator::new(Size::new(80, 24));
    emulator.feed(&corpus("log"));
    let mut wide = true;
    bencher.bench_local(|| {
        wide = !wide;
        emulator.resize(Size::new(if wide { 80 } else { 63 }, 24));
    });
}
