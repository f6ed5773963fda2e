//! What one frame of a 200 × 50 screen costs: building it, packing it and taking it in (µs), and its length (bytes,
//! printed first). Divan reports the time of each whole trip: poll at the server, handle at the client.

use divan::Bencher;
use wt::protocol::{Chrome, Echo, Header, SurfaceId, SurfaceSource, View, ViewMark, ViewSource};
use wt::sync::{Endpoint, Reliability, Time, Urgency};
use wt::term::palette::Palette;
use wt::term::{
    Attrs, Cell, Color, Cursor, Modes, Row, RowId, Size, Style, StyleId, Tables, Version,
};

const COLS: u16 = 200;
const ROWS: u16 = 50;

fn main() {
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
