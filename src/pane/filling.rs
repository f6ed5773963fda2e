//! The rows of a window, gathered line by line from its top until it is full.

use super::decoded::Line;
use super::highlight::Highlight;
use super::lines::Place;
use crate::protocol::{Rect, Spot};
use crate::term::{Cell, Row, Size, StyleId, Tables, Version, wrap_line};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A window that is being filled.
pub(super) struct Filling<'a> {
    top: Place,
    size: Size,
    version: Version,
    highlight: Highlight<'a>,
    rows: Vec<Row>,
    shown: BTreeMap<u64, Rc<Line>>,
}

/// What fills a window.
pub(super) struct Filled {
    pub rows: Vec<Row>,
    /// Where the pattern stands.
    pub matches: Vec<Rect>,
    /// The lines that are shown.
    pub lines: BTreeMap<u64, Rc<Line>>,
}

impl<'a> Filling<'a> {
    /// An empty window of which `top` is to be the first row; new rows have `version`.
    pub fn new(top: Place, size: Size, version: Version, highlight: Highlight<'a>) -> Self {
        Self {
            top,
            size,
            version,
            highlight,
            rows: Vec::new(),
            shown: BTreeMap::new(),
        }
    }

    /// Whether no row is left.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= usize::from(self.size.rows)
    }

    /// Adds the row that stands for lines from number `line` on.
    pub fn add_fold(&mut self, line: u64, label: &str) {
        let mut row = Row::new(Spot { line, cell: 0 }.row_id(), self.version);
        let chars = label.chars().take(usize::from(self.size.cols));
        let cells = chars.map(|c| Cell::new(c, 1, StyleId::DEFAULT));
        row.cells_mut().extend(cells);
        self.rows.push(row);
    }

    /// Adds the rows of a line, as far as there is room.
    pub fn add_line(&mut self, number: u64, line: Rc<Line>, tables: &Tables) {
        let ranges = wrap_line(&line.cells, self.size.cols);
        let skip = match number == self.top.line {
            true => self.top.row as usize,
            false => 0,
        };
        let first_row = self.rows.len();
        let room = usize::from(self.size.rows) - first_row;
        let part = skip.min(ranges.len())..ranges.len().min(skip + room);
        for at in part.clone() {
            let range = ranges[at].clone();
            let cell = range.start as u32;
            let id = Spot { line: number, cell }.row_id();
            let mut row = Row::new(id, self.version);
            row.cells_mut().extend_from_slice(&line.cells[range]);
            row.wrapped = at + 1 < ranges.len();
            self.rows.push(row);
        }
        let shown = &ranges[part];
        self.highlight.mark(number, &line, tables, shown, first_row);
        self.shown.insert(number, line);
    }

    /// What was gathered.
    pub fn finish(self) -> Filled {
        Filled {
            rows: self.rows,
            matches: self.highlight.finish(),
            lines: self.shown,
        }
    }
}
