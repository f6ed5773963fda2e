//! A screen driven by hand, for tests of what carries screens. It keeps the promises that [`SurfaceSource`] asks for.

use super::surface::{Header, Surface, SurfaceSource};
use crate::sync::wire::Chance;
use crate::term::palette::Palette;
use crate::term::{Attrs, Cell, Color, Cursor, Modes, Row, RowId, Size, Style, StyleId, Tables};
use crate::term::{Version, cell::Glyph, width::char_width};

pub(super) struct Scripted {
    pub size: Size,
    pub rows: Vec<Row>,
    pub tables: Tables,
    pub version: Version,
    pub cursor: Cursor,
    pub header: Header,
    header_changed_at: Version,
    order_changed_at: Version,
    next_id: u64,
    /// The rows of the screen that is not shown.
    other: Option<Vec<Row>>,
}

impl Scripted {
    pub fn new(cols: u16, rows: u16) -> Self {
        let size = Size::new(cols, rows);
        let mut screen = Self {
            size,
            rows: Vec::new(),
            tables: Tables::default(),
            version: Version(1),
            cursor: Cursor::default(),
            header: Header {
                size,
                modes: Modes::default(),
                title: "a title".into(),
                palette: Palette::default(),
                scrolled: None,
                fate: String::new(),
                can_rerun: false,
            },
            header_changed_at: Version(1),
            order_changed_at: Version(1),
            next_id: 1000,
            other: None,
        };
        for at in 0..usize::from(rows) {
            let row = screen.fresh();
            screen.rows.insert(at, row);
        }
        screen
    }

    pub fn source(&self) -> SurfaceSource<'_> {
        SurfaceSource {
            version: self.version,
            header: self.header.clone(),
            header_changed_at: self.header_changed_at,
            cursor: self.cursor,
            order_changed_at: self.order_changed_at,
            rows: self.rows.iter().collect(),
            tables: &self.tables,
        }
    }

    /// Begins the next published state.
    pub fn next(&mut self) {
        self.version.0 += 1;
    }

    fn fresh(&mut self) -> Row {
        self.next_id += 1;
        Row::new(RowId(self.next_id), self.version)
    }

    pub fn write(&mut self, at: u16, mut col: u16, text: &str, style: StyleId) {
        let (cols, now) = (self.size.cols, self.version);
        for c in text.chars() {
            let width = u16::from(char_width(c).max(1));
            if col + width > cols {
                break;
            }
            let row = &mut self.rows[usize::from(at)];
            let (mut start, mut end) = (col, col + width);
            if row.cell(col).is_continuation() {
                start -= 1;
            }
            if row.cell(end).is_continuation() {
                end += 1;
            }
            let cells = row.cells_mut();
            if cells.len() < usize::from(end) {
                cells.resize(usize::from(end), Cell::BLANK);
            }
            cells[usize::from(start)..usize::from(end)].fill(Cell::BLANK);
            cells[usize::from(col)] = Cell::new(c, width as u8, style);
            if width == 2 {
                cells[usize::from(col) + 1] = Cell::continuation(style);
            }
            row.touch(now, start, end);
            col += width;
        }
        self.cursor.row = at;
        self.cursor.col = col.min(cols - 1);
    }

    pub fn write_cluster(&mut self, at: u16, col: u16, text: &str) {
        self.write(at, col, "界", StyleId::DEFAULT);
        let cluster = self.tables.cell(text, 2, StyleId::DEFAULT);
        let cells = self.rows[usize::from(at)].cells_mut();
        if cells
            .get(usize::from(col))
            .is_some_and(|cell| cell.width() == 2)
        {
            cells[usize::from(col)] = cluster;
        }
    }

    pub fn erase_from(&mut self, at: u16, col: u16) {
        let now = self.version;
        let row = &mut self.rows[usize::from(at)];
        let col = match row.cell(col).is_continuation() {
            true => col - 1,
            false => col,
        };
        row.cells_mut().truncate(usize::from(col));
        row.touch(now, col, u16::MAX);
    }

    pub fn wrap(&mut self, at: u16, wrapped: bool) {
        let row = &mut self.rows[usize::from(at)];
        row.wrapped = wrapped;
        row.touch(self.version, 0, 1);
    }

    /// Takes the row `from` off and puts a fresh one in at `to`: scrolling, inserted and deleted lines.
    pub fn shift(&mut self, from: usize, to: usize) {
        self.rows.remove(from);
        let row = self.fresh();
        self.rows.insert(to, row);
        self.order_changed_at = self.version;
    }

    pub fn retitle(&mut self, title: String) {
        self.header.title = title;
        self.header_changed_at = self.version;
    }

    /// Shows the other screen; every row that comes back is changed as a whole.
    pub fn switch(&mut self) {
        let other = self.other.take().unwrap_or_default();
        self.other = Some(std::mem::replace(&mut self.rows, other));
        while self.rows.len() < usize::from(self.size.rows) {
            let row = self.fresh();
            self.rows.push(row);
        }
        for row in &mut self.rows {
            row.touch(self.version, 0, u16::MAX);
        }
        self.order_changed_at = self.version;
    }

    /// Does something by chance.
    pub fn act(&mut self, chance: &mut Chance) {
        self.next();
        let at = chance.below(self.size.rows.into()) as u16;
        let col = chance.below(self.size.cols.into()) as u16;
        let last = self.rows.len() - 1;
        match chance.below(16) {
            0..=5 => {
                let texts = ["x", "界a", "some words", "é", "  ", "ひらがな", "\u{300}"];
                let text = texts[chance.below(texts.len() as u64) as usize];
                let style = self.tables.style_id(Style {
                    fg: Color::Index(chance.below(4) as u8),
                    attrs: Attrs(chance.below(2) as u16),
                    ..Style::default()
                });
                self.write(at, col, text, style);
            }
            6 => self.write_cluster(at, col, "👩\u{200d}👩"),
            7..=8 => self.erase_from(at, col),
            9..=10 => self.shift(0, last),
            11 => self.shift(last, usize::from(at)),
            12 => self.shift(usize::from(at), last),
            13 => self.switch(),
            14 => self.wrap(at, chance.permille(500)),
            _ => self.retitle(format!("title {}", chance.below(3))),
        }
    }

    /// Whether `shown` is this screen, cell by cell.
    pub fn assert_shown(&self, shown: &Surface, tables: &Tables) {
        assert_eq!(shown.header.as_ref(), Some(&self.header));
        assert_eq!(shown.cursor, self.cursor);
        assert_eq!(shown.version, self.version);
        assert_eq!(shown.rows.len(), self.rows.len());
        let ids = self.rows.iter().map(|row| row.id);
        assert!(ids.eq(shown.order.iter().copied()));
        for row in &self.rows {
            let copy = &shown.rows[&row.id];
            assert_eq!(copy.wrapped, row.wrapped);
            assert_eq!(copy.cells().len(), row.cells().len());
            for (ours, theirs) in row.cells().iter().zip(copy.cells()) {
                assert_eq!(named(*ours, &self.tables), named(*theirs, tables));
            }
        }
    }
}

/// A cell in words: what stands in it, its width, its style and where its link leads.
pub(super) fn named(cell: Cell, tables: &Tables) -> (String, u8, Style, String) {
    let text = match cell.glyph() {
        Glyph::Char(c) => c.to_string(),
        Glyph::Cluster(index) => tables.cluster(index).to_owned(),
        Glyph::Continuation => String::new(),
    };
    let mut style = tables.style(cell.style);
    let link = tables.link(style.link).uri.clone();
    style.link = 0;
    (text, cell.width(), style, link)
}
