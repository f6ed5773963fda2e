//! Throughput of the emulator, MB/s of program output, with the lines that leave memory taken as they come.

mod corpus;

use corpus::{CORPORA, corpus};
use divan::Bencher;
use divan::counter::BytesCount;
use wt::term::{Emulator, Size};

fn main() {
    divan::main();
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
