//! The emulator: what programs print.

#[path = "../replica.rs"]
mod replica;

use super::bytes::Trial;
use replica::Replica;
use std::collections::HashMap;
use std::fmt::Write;
use wt::term;
use wt::term::cell::Glyph;
use wt::term::codec::{decode_line, encode_line};
use wt::term::{Cell, Effect, Emulator, HISTORY_ROWS, Row, RowId, Size, Tables};

/// Output in pieces; after each something else may happen. Three emulators see it: one whole, one in cuts, and one that
/// is taken down and restored. A replica follows by differences.
pub fn holds(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let size = Size::new(trial.upto(20), trial.upto(8));
    let mut whole = Emulator::new(size);
    let mut cut = Emulator::new(size);
    let mut restored = Emulator::new(size);
    let mut replica = Replica::default();
    let step = usize::from(trial.upto(7));
    while !trial.is_empty() {
        let piece = trial.piece();
        whole.feed(piece);
        piece.chunks(step).for_each(|part| cut.feed(part));
        restored.feed(piece);
        match trial.byte() % 8 {
            0 => {
                let size = Size::new(trial.upto(24), trial.upto(9));
                [&mut whole, &mut cut, &mut restored]
                    .into_iter()
                    .for_each(|one| one.resize(size));
            }
            1 => {
                // What is not yet taken is no part of a snapshot.
                let taken = [&mut whole, &mut cut, &mut restored].map(taken);
                assert_eq!(taken[0], taken[1], "cuts");
                assert_eq!(taken[0], taken[2], "restored");
                restored = again(&restored);
            }
            2 => [&mut whole, &mut cut, &mut restored]
                .into_iter()
                .for_each(Emulator::respawn_reset),
            3 => [&mut whole, &mut cut, &mut restored]
                .into_iter()
                .for_each(Emulator::end_synchronized),
            4 => {
                replica.take(&whole);
                replica.is_like(&whole);
            }
            _ => {}
        }
        is_sound(&whole);
    }
    let left = shown(&whole);
    assert_eq!(left, shown(&cut), "cuts");
    assert_eq!(left, shown(&restored), "restored");
    assert_eq!(taken(&mut whole), taken(&mut cut), "cuts");
}

/// Bytes that claim to be a snapshot.
pub fn restores(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let snapshot = trial.piece();
    let Ok(mut emulator) = Emulator::restore(snapshot) else {
        return;
    };
    assert_eq!(
        shown(&emulator),
        shown(&again(&emulator)),
        "a snapshot of what was restored"
    );
    emulator.feed(trial.piece());
    is_sound(&emulator);
    emulator.resize(Size::new(trial.upto(30), trial.upto(12)));
    emulator.feed(trial.piece());
    is_sound(&emulator);
}

/// A snapshot with some bytes changed.
pub fn survives_damage(bytes: &[u8]) {
    let mut trial = Trial(bytes);
    let mut emulator = Emulator::new(Size::new(trial.upto(12), trial.upto(5)));
    let changes: Vec<_> = (0..trial.byte() % 4)
        .map(|_| (trial.byte(), trial.byte(), trial.byte()))
        .collect();
    emulator.feed(trial.0);
    let mut snapshot = Vec::new();
    emulator.snapshot(&mut snapshot);
    for (high, low, to) in changes {
        let at = usize::from(high) << 8 | usize::from(low);
        let len = snapshot.len();
        snapshot[at % len] = to;
    }
    let Ok(mut emulator) = Emulator::restore(&snapshot) else {
        return;
    };
    is_sound(&emulator);
    emulator.feed(trial.0);
    emulator.resize(Size::new(7, 3));
    emulator.feed(trial.0);
    is_sound(&emulator);
}

/// Bytes that claim to be an encoded line.
pub fn decodes(bytes: &[u8]) {
    let mut tables = Tables::default();
    let Ok((cells, continued)) = decode_line(bytes, &mut tables) else {
        return;
    };
    is_whole(&cells);
    let mut once = Vec::new();
    encode_line(&cells, continued, &tables, &mut once);
    let mut other = Tables::default();
    let (read, goes_on) = decode_line(&once, &mut other).expect("what was encoded");
    assert_eq!(goes_on, continued);
    assert_eq!(row_shown(&cells, &tables), row_shown(&read, &other));
    let mut twice = Vec::new();
    encode_line(&read, goes_on, &other, &mut twice);
    assert_eq!(once, twice);
}

/// The same emulator, by its snapshot.
fn again(emulator: &Emulator) -> Emulator {
    let mut bytes = Vec::new();
    emulator.snapshot(&mut bytes);
    Emulator::restore(&bytes).expect("what was written")
}

/// What an emulator hands out, taken from it.
fn taken(emulator: &mut Emulator) -> String {
    let mut replies = Vec::new();
    let mut others = String::new();
    while let Some(effect) = emulator.poll() {
        match effect {
            Effect::Reply(bytes) => replies.extend(bytes),
            // How many bells ring in a row depends on when they are taken.
            Effect::Bell => {}
            // So does how many notices of a flood are kept.
            Effect::Notice(notice) => {
                let text = notice.to_string();
                assert!(!text.contains(char::is_control), "a notice with controls");
            }
            other => {
                let _ = write!(others, "{other:?}");
            }
        }
    }
    assert!(replies.len() <= 64 << 10 << 10, "replies without bound");
    format!(
        "{:?}{others}{:?}",
        replies.escape_ascii().to_string(),
        emulator.take_spill()
    )
}

/// Everything that shows, with styles in full, so that it can be compared across emulators.
fn shown(emulator: &Emulator) -> String {
    let mut out = format!(
        "{:?} {:?} {:?} {:?} {:?}\n",
        emulator.size(),
        emulator.cursor(),
        emulator.modes(),
        emulator.title(),
        emulator.cwd(),
    );
    for row in emulator.history().iter().chain(emulator.rows()) {
        let _ = writeln!(
            out,
            "{} {}",
            row.wrapped,
            row_shown(row.cells(), emulator.tables())
        );
    }
    out
}

fn row_shown(cells: &[Cell], tables: &Tables) -> String {
    let mut out = String::new();
    for cell in cells {
        let style = tables.style(cell.style);
        let _ = write!(out, "{}", cell.width());
        tables.push_text(cell, &mut out);
        if style != Default::default() {
            let _ = write!(out, "<{style:?} {:?}>", tables.link(style.link));
        }
    }
    // Numbers of links differ from table to table; what they lead to is written beside them.
    let mut parts = out.split("link: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

/// A wide cell is followed by its other half, and only it.
fn is_whole(cells: &[Cell]) {
    let mut wide = false;
    for cell in cells {
        assert_eq!(cell.is_continuation(), wide, "half of a wide character");
        wide = cell.width() == 2;
    }
    assert!(!wide, "half of a wide character at the end");
}

fn is_sound(emulator: &Emulator) {
    let size = emulator.size();
    let cursor = emulator.cursor();
    assert!(
        cursor.row < size.rows && cursor.col < size.cols,
        "the cursor has left the screen"
    );
    assert_eq!(emulator.rows().count(), usize::from(size.rows));
    for row in emulator.rows() {
        assert!(
            row.cells().len() <= usize::from(size.cols),
            "a row is too long"
        );
        is_whole(row.cells());
        row.cells()
            .iter()
            .for_each(|cell| has_text(cell, emulator.tables()));
    }
    assert!(emulator.history().len() <= HISTORY_ROWS);
    let (styles, clusters, links) = emulator.tables().counts();
    assert!(
        styles <= 1 << 16 && clusters <= 16 << 10 && links <= 8 << 10,
        "tables without bound"
    );
    assert!(!emulator.title().contains(char::is_control) && emulator.title().len() <= 4 << 10);
    assert!(
        emulator
            .cwd()
            .is_none_or(|cwd| !cwd.contains(char::is_control))
    );
    assert_eq!(
        ids(emulator.rows()).len(),
        usize::from(size.rows),
        "a row id twice"
    );
}

fn ids<'a>(rows: impl Iterator<Item = &'a Row>) -> HashMap<RowId, ()> {
    rows.map(|row| (row.id, ())).collect()
}

fn has_text(cell: &Cell, tables: &Tables) {
    match cell.glyph() {
        Glyph::Char(c) => assert!(!c.is_control(), "a control in a cell"),
        Glyph::Cluster(index) => {
            let text = tables.cluster(index);
            assert!(
                !text.is_empty() && text.len() <= 64 && !text.contains(char::is_control),
                "{text:?}"
            );
        }
        Glyph::Continuation => {}
    }
}
