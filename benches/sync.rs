//! What one frame of a 200 × 50 screen costs: building it, packing it and taking it in (µs), and its length (bytes,
//! printed first). Divan reports the time of each whole trip: poll at the server, handle at the client.
//!
//! Before that a table of links, in virtual time: what a key costs in ms and in bytes of IP packets, without prediction.

use divan::Bencher;
use wt::protocol::{Chrome, Echo, Header, SurfaceId, SurfaceSource, View, ViewMark, ViewSource};
use wt::sync::{Endpoint, Reliability, Time, Urgency};
use wt::term::palette::Palette;
use wt::term::{
    Attrs, Cell, Color, Cursor, Modes, Row, RowId, Size, Style, StyleId, Tables, Version,
};

#[path = "../tests/support/trial.rs"]
mod trial;

use trial::{Hand, Outcome, Program, type_at};
use wt::sync::wire::{Conditions, Order};

/// Name, round trip, loss in thousandths, jitter one way, bytes a second and in the queue, what runs there.
type Profile = (&'static str, u64, u32, u64, (u64, u64), Program);

const PROFILES: [Profile; 16] = [
    ("LAN", 2, 0, 0, (0, 0), Program::Shell),
    ("30 ms", 30, 0, 0, (0, 0), Program::Shell),
    ("100 ms", 100, 0, 0, (0, 0), Program::Shell),
    ("100 ms, 1 %", 100, 10, 5, (0, 0), Program::Shell),
    ("100 ms, 5 %", 100, 50, 0, (0, 0), Program::Shell),
    ("100 ms, 29 %", 100, 290, 0, (0, 0), Program::Shell),
    ("30 ms, 29 %", 30, 290, 0, (0, 0), Program::Shell),
    ("200 ms, 10 %", 200, 100, 0, (0, 0), Program::Shell),
    ("160 ms + 40, 20 %", 160, 200, 40, (0, 0), Program::Shell),
    ("272 ms + 9", 272, 0, 9, (0, 0), Program::Shell),
    ("380 ms + 120", 380, 0, 120, (0, 0), Program::Shell),
    ("30 ms + 30", 30, 0, 30, (0, 0), Program::Shell),
    (
        "redraws, 100 ms, 29 %",
        100,
        290,
        0,
        (0, 0),
        Program::Redraw,
    ),
    (
        "redraws, 64 kbit/s",
        50,
        0,
        0,
        (8_000, 64_000),
        Program::Redraw,
    ),
    ("pager, 100 ms", 100, 0, 0, (0, 0), Program::Pager(0)),
    ("pager under a header", 100, 0, 0, (0, 0), Program::Pager(1)),
];

fn print_links() {
    println!("link                    p50   p95   p99   max   bytes a key up, down");
    for (name, round_trip, loss, jitter, (rate, queue), program) in PROFILES {
        let link = Conditions {
            delay: round_trip / 2,
            loss,
            jitter,
            order: if loss < 20 { Order::Kept } else { Order::Free },
            rate,
            queue,
            ..Conditions::default()
        };
        let hand = Hand {
            keys: 500,
            gap: (80, 250),
            rest: 1500,
        };
        let mut all = Outcome::default();
        for seed in 0..5 {
            all.add(type_at(program, &link, hand, seed));
        }
        let [p50, p95, p99, max] = [50, 95, 99, 100].map(|p| all.percentile(p));
        let (up, down) = all.bytes;
        let keys = all.took.len() as u64;
        let (up, down) = (up / keys, down / keys);
        println!("{name:22} {p50:5} {p95:5} {p99:5} {max:5} {up:5} {down:5}");
    }
}

const COLS: u16 = 200;
const ROWS: u16 = 50;

fn main() {
    print_links();
    for (name, act) in ACTS {
        let mut trip = Trip::new();
        let lens = (0..100).map(|n| {
            act(&mut trip, n);
            trip.frame()
        });
        println!("{name}: {} bytes a frame", lens.sum::<usize>() / 100);
    }
    divan::main();
}

type Act = fn(&mut Trip, u64);
const ACTS: [(&str, Act); 3] = [
    ("key", Trip::key),
    ("scroll", Trip::scroll),
    ("redraw", Trip::redraw),
];

/// One server, one screen, one client.
struct Trip {
    rows: Vec<Row>,
    tables: Tables,
    styles: Vec<StyleId>,
    version: Version,
    order_changed_at: Version,
    next_id: u64,
    server: Endpoint<ViewMark>,
    client: Endpoint<u64>,
    view: View,
    chrome: Chrome,
}

impl Trip {
    fn new() -> Self {
        let mut tables = Tables::default();
        let styles = (0..8).map(|n| {
            tables.style_id(Style {
                fg: Color::Index(n),
                attrs: if n == 3 {
                    Attrs::BOLD
                } else {
                    Attrs::default()
                },
                ..Style::default()
            })
        });
        let mut trip = Self {
            styles: styles.collect(),
            tables,
            rows: (0..ROWS.into())
                .map(|n| Row::new(RowId(n), Version(1)))
                .collect(),
            version: Version(1),
            order_changed_at: Version(1),
            next_id: ROWS.into(),
            server: Endpoint::new(Reliability::Reliable),
            client: Endpoint::new(Reliability::Reliable),
            view: View::default(),
            chrome: Chrome::default(),
        };
        trip.redraw(0);
        trip.frame();
        trip
    }

    /// A line of words, one style each.
    fn fill(&mut self, at: usize, salt: u64) {
        let row = &mut self.rows[at];
        row.touch(self.version, 0, COLS);
        let cells = row.cells_mut();
        cells.clear();
        for col in 0..u64::from(COLS) {
            let word = (col / 9).wrapping_mul(salt + 7);
            let letter = b'a' + ((word + col) % 26) as u8;
            let c = if col % 9 == 8 { ' ' } else { letter.into() };
            cells.push(Cell::new(c, 1, self.styles[(word % 8) as usize]));
        }
    }

    fn key(&mut self, n: u64) {
        self.version.0 += 1;
        let col = (n % u64::from(COLS)) as usize;
        let row = &mut self.rows[40];
        row.cells_mut()[col] = Cell::new((b'a' + (n % 26) as u8).into(), 1, StyleId::DEFAULT);
        row.touch(self.version, col as u16, col as u16 + 1);
    }

    fn scroll(&mut self, n: u64) {
        self.version.0 += 1;
        self.rows.remove(0);
        self.rows.push(Row::new(RowId(self.next_id), self.version));
        self.next_id += 1;
        self.order_changed_at = self.version;
        self.fill(self.rows.len() - 1, n);
    }

    fn redraw(&mut self, n: u64) {
        self.version.0 += 1;
        for at in 0..self.rows.len() {
            self.fill(at, n + at as u64);
        }
    }

    fn frame(&mut self) -> usize {
        let surface = SurfaceSource {
            version: self.version,
            header: Header {
                size: Size::new(COLS, ROWS),
                modes: Modes::default(),
                title: String::new(),
                palette: Palette::default(),
                scrolled: None,
                fate: String::new(),
                can_rerun: false,
            },
            header_changed_at: Version(1),
            cursor: Cursor::default(),
            order_changed_at: self.order_changed_at,
            rows: self.rows.iter().collect(),
            tables: &self.tables,
        };
        let source = ViewSource {
            chrome: &self.chrome,
            chrome_version: 1,
            echo: Echo::default(),
            surfaces: vec![(SurfaceId(1), surface)],
        };
        self.server.changed(Urgency::AtOnce, Time(0));
        let packet = self.server.poll(&source, Time(0)).expect("a frame");
        let handled = self.client.handle(&packet, &mut self.view, Time(0));
        handled.expect("the server's own packet");
        packet.len()
    }
}

fn bench(bencher: Bencher, act: Act) {
    let mut trip = Trip::new();
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        act(&mut trip, n);
        trip.frame()
    });
}

#[divan::bench]
fn key(bencher: Bencher) {
    bench(bencher, Trip::key);
}

#[divan::bench]
fn scroll(bencher: Bencher) {
    bench(bencher, Trip::scroll);
}

#[divan::bench]
fn redraw(bencher: Bencher) {
    bench(bencher, Trip::redraw);
}
