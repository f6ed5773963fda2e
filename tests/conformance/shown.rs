//! What a terminal shows, in a form in which emulators can be compared: each cell's text, width and style in full.

#[path = "../fuzz/src/theirs.rs"]
mod theirs;

use alacritty_terminal::term::cell::{Cell as TheirCell, Flags};
use wt::term;
use wt::term::cell::Glyph;
use wt::term::{Cell, Emulator, Row, Style, Tables};

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its characters; a blank is one space, the right half of a wide character nothing.
    pub text: String,
    /// Columns: 2, 1, or 0 for the right half.
    pub width: u8,
    /// Its style; links are compared by [`Shown::link`].
    pub style: Style,
    /// Where it leads to.
    pub link: String,
}

/// One row: its cells, and whether the line goes on in the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRow {
    /// As many as the screen has columns.
    pub cells: Vec<Shown>,
    /// Whether it wrapped.
    pub wrapped: bool,
}

/// The rows that are in wt's memory, oldest first.
pub fn of_wt(emulator: &Emulator) -> Vec<ShownRow> {
    let cols = emulator.size().cols;
    let rows = emulator.history().iter().chain(emulator.rows());
    rows.map(|row| wt_row(row, cols, emulator.tables()))
        .collect()
}

fn wt_row(row: &Row, cols: u16, tables: &Tables) -> ShownRow {
    let cells = (0..cols).map(|col| wt_cell(row.cell(col), tables));
    ShownRow {
        cells: cells.collect(),
        wrapped: row.wrapped,
    }
}

fn wt_cell(cell: Cell, tables: &Tables) -> Shown {
    let style = tables.style(cell.style);
    Shown {
        text: match cell.glyph() {
            Glyph::Char(c) => c.to_string(),
            Glyph::Cluster(index) => tables.cluster(index).to_owned(),
            Glyph::Continuation => String::new(),
        },
        width: cell.width(),
        style: Style { link: 0, ..style },
        link: tables.link(style.link).uri.clone(),
    }
}

/// One row of alacritty's.
pub fn alacritty_row<'a>(cells: impl Iterator<Item = &'a TheirCell>) -> ShownRow {
    let mut wrapped = false;
    let cells = cells.map(|cell| {
        wrapped = cell.flags.contains(Flags::WRAPLINE);
        alacritty_cell(cell)
    });
    ShownRow {
        cells: cells.collect(),
        wrapped,
    }
}

fn alacritty_cell(cell: &TheirCell) -> Shown {
    Shown {
        text: theirs::text(cell),
        width: match cell.flags {
            flags if flags.contains(Flags::WIDE_CHAR) => 2,
            flags if flags.contains(Flags::WIDE_CHAR_SPACER) => 0,
            _ => 1,
        },
        style: theirs::style(cell),
        link: theirs::link(cell),
    }
}
