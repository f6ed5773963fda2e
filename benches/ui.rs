//! What a frame costs the client at 200 × 50: time from a changed view to bytes, and the bytes.

use divan::Bencher;
use std::collections::HashMap;
use wt::protocol::view::{Chrome, PaneBox};
use wt::protocol::{Header, PaneId, Rect, Surface, SurfaceId, View};
use wt::sync::Time;
use wt::term::input::InputEvent;
use wt::term::palette::Palette;
use wt::term::{
    Attrs, Cell, Color, Cursor, Key, KeyCode, Modes, Mods, Row, RowId, Size, Style, Tables, Version,
};
use wt::ui::{ColorDepth, Event, Options, Settings, Ui};

const COLS: u16 = 200;
const ROWS: u16 = 50;
const PANE: SurfaceId = SurfaceId(1);

fn main() {
    for (name, step) in [
        ("one letter", letter as fn(&mut View, u64)),
        ("one line scrolled", line),
        ("a page of text", page),
    ] {
        let (mut ui, mut view) = (ui(), view());
        let mut out = Vec::new();
        ui.paint(&view, Time(0), &mut out);
        let mut bytes = 0;
        for turn in 0..100 {
            step(&mut view, turn);
            out.clear();
            ui.paint(&view, Time(0), &mut out);
            bytes += out.len();
        }
        println!("{name}: {} bytes a frame", bytes / 100);
    }
    divan::main();
}

/// A line as compilers print them: words in a few styles.
fn row(tables: &mut Tables, id: u64) -> Row {
    let mut row = Row::new(RowId(id), Version(id));
    let text = format!(
        "   Compiling crate-{id} v0.{id}.1 (/home/user/src/crate-{id}) {}",
        "ok ".repeat(40)
    );
    for (index, word) in text.split_inclusive(' ').enumerate() {
        let style = tables.style_id(Style {
            fg: Color::Index((index % 7) as u8),
            attrs: if index == 3 {
                Attrs::BOLD
            } else {
                Attrs::default()
            },
            ..Style::default()
        });
        row.cells_mut()
            .extend(word.chars().map(|c| Cell::new(c, 1, style)));
    }
    row.cells_mut().truncate(usize::from(COLS));
    row
}

fn view() -> View {
    let rows = ROWS - 1;
    let area = Rect {
        x: 0,
        y: 0,
        cols: COLS,
        rows,
    };
    let mut view = View {
        chrome: Chrome {
            session: "work".into(),
            host: "box".into(),
            panes: vec![PaneBox {
                pane: PaneId(1),
                surface: PANE,
                area,
                focused: true,
                title: String::new(),
            }],
            area: Some(Size::new(COLS, rows)),
            ..Chrome::default()
        },
        ..View::default()
    };
    let header = Header {
        size: Size::new(COLS, rows),
        modes: Modes::default(),
        title: String::new(),
        palette: Palette::default(),
        scrolled: None,
        fate: String::new(),
        can_rerun: false,
    };
    let rows: Vec<Row> = (1..=u64::from(rows))
        .map(|id| row(&mut view.tables, id))
        .collect();
    let surface = Surface {
        header: Some(header),
        cursor: Cursor {
            row: 20,
            col: 10,
            visible: true,
            shape: 0,
        },
        order: rows.iter().map(|row| row.id).collect(),
        rows: rows
            .into_iter()
            .map(|row| (row.id, row))
            .collect::<HashMap<_, _>>(),
        version: Version(1),
    };
    view.surfaces.insert(PANE, surface);
    view
}

fn ui() -> Ui {
    Ui::new(Options {
        size: Size::new(COLS, ROWS),
        settings: Settings::default(),
        colors: ColorDepth::True,
    })
}

fn surface(view: &mut View) -> &mut Surface {
    view.surfaces
        .get_mut(&PANE)
        .expect("the bench's own surface")
}

fn letter(view: &mut View, turn: u64) {
    let surface = surface(view);
    let col = 10 + (turn % 100) as u16;
    let id = surface.order[20];
    let row = surface.rows.get_mut(&id).expect("an ordered row");
    row.cells_mut()[usize::from(col)] =
        Cell::new((b'a' + (turn % 26) as u8) as char, 1, Default::default());
    row.touch(Version(1_000_000 + turn), col, col + 1);
    surface.cursor.col = col + 1;
}

fn line(view: &mut View, turn: u64) {
    let row = row(&mut view.tables, 1_000 + turn);
    let surface = surface(view);
    let gone = surface.order.remove(0);
    surface.rows.remove(&gone);
    surface.order.push(row.id);
    surface.rows.insert(row.id, row);
}

fn page(view: &mut View, turn: u64) {
    for index in 0..u64::from(ROWS - 1) {
        line(view, turn * 1_000 + index);
    }
}

fn frames(bencher: Bencher, step: fn(&mut View, u64)) {
    let (mut ui, mut view) = (ui(), view());
    let mut out = Vec::with_capacity(1 << 20);
    ui.paint(&view, Time(0), &mut out);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        step(&mut view, turn);
        out.clear();
        ui.paint(&view, Time(0), &mut out);
        out.len()
    });
}

#[divan::bench]
fn one_letter(bencher: Bencher) {
    frames(bencher, letter);
}

#[divan::bench]
fn one_line_scrolled(bencher: Bencher) {
    frames(bencher, line);
}

#[divan::bench]
fn a_page_of_text(bencher: Bencher) {
    frames(bencher, page);
}

#[divan::bench]
fn whole_repaint(bencher: Bencher) {
    let (mut ui, view) = (ui(), view());
    let mut out = Vec::with_capacity(1 << 20);
    bencher.bench_local(|| {
        out.clear();
        ui.forget_painted();
        ui.paint(&view, Time(0), &mut out);
        out.len()
    });
}

#[divan::bench]
fn one_key(bencher: Bencher) {
    let (mut ui, view) = (ui(), view());
    let key = Key {
        code: KeyCode::Char('a'),
        mods: Mods::NONE,
    };
    bencher.bench_local(|| {
        let input = InputEvent::Key(key.into());
        ui.handle(Event::Input(input), &view, Time(0));
        ui.poll()
    });
}
