//! What lies around a viewer's place in scrollback: the rows above it and below, which its client holds so that a wheel
//! turns without asking.
//!
//! Law: its rows stand in one run, and whoever goes by some rows from the place while staying among them is shown these by
//! the server too. So it has no row of the screen, which the program may still write over.

use super::Pane;
use super::lines::{PaneLines, Place, Stored, rows_in_memory};
use super::window::Window;
use crate::protocol::surface::{Header, Scrolled, SurfaceSource};
use crate::protocol::{Rect, Spot};
use crate::term::palette::Palette;
use crate::term::{Cursor, Modes, Row, RowId, Size, Version};
use std::collections::HashMap;
use std::ops::Range;

/// Most rows of one: some pages of a large screen.
const MAX_ROWS: u32 = 512;

/// Most cells of one, about 1.5 MB of them with what they were decoded from; the server has one a viewer at most, and so
/// has its client.
const MAX_CELLS: usize = 1 << 16;

/// Places of a pattern from which on there is none: they would have to be said again with every row more.
const MAX_MATCHES: usize = 256;

/// How many rows there should be above a place and below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Above.
    pub above: u32,
    /// Below.
    pub below: u32,
}

/// What lies around a place, with a version of its own.
#[derive(Debug)]
pub(super) struct Margin {
    rows: Vec<Row>,
    header: Header,
    now: Version,
    header_changed_at: Version,
    order_changed_at: Version,
}

/// Rows that were gathered around a place.
struct Run {
    rows: Vec<Row>,
    matches: Vec<Rect>,
    /// Where the row begins that stands below the last.
    below: Option<Spot>,
}

impl Default for Margin {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            header: Header {
                size: Size::new(1, 1),
                modes: Modes::default(),
                title: String::new(),
                palette: Palette::default(),
                scrolled: Some(Scrolled::default()),
                fate: String::new(),
                can_rerun: false,
            },
            now: Version(1),
            header_changed_at: Version(1),
            order_changed_at: Version(1),
        }
    }
}

impl Margin {
    /// The lines that its rows are of.
    pub fn lines(&self) -> Range<u64> {
        let line = |row: &Row| Spot::of_row(row.id).line;
        match (self.rows.first(), self.rows.last()) {
            (Some(first), Some(last)) => line(first)..line(last) + 1,
            _ => 0..0,
        }
    }

    fn layout(&self) -> u64 {
        let scrolled = self.header.scrolled.as_ref();
        scrolled.map_or(0, |scrolled| scrolled.layout)
    }

    /// How many rows there are before that of `id`, and from it on.
    fn around(&self, id: Option<RowId>) -> Option<(usize, usize)> {
        let at = self.rows.binary_search_by_key(&id?, |row| row.id).ok()?;
        Some((at, self.rows.len() - at))
    }

    /// Takes other rows; those that stay keep their versions. Says whether anything is another than before.
    fn become_of(&mut self, mut rows: Vec<Row>, header: Header) -> bool {
        let is_same = |one: &Row, other: &Row| {
            one.id == other.id && one.wrapped == other.wrapped && one.cells() == other.cells()
        };
        let stays = rows.len() == self.rows.len()
            && rows
                .iter()
                .zip(&self.rows)
                .all(|(one, other)| is_same(one, other));
        if stays && header == self.header {
            return false;
        }
        self.now.0 += 1;
        if header != self.header {
            self.header = header;
            self.header_changed_at = self.now;
        }
        if !stays {
            self.order_changed_at = self.now;
            let old: HashMap<RowId, Row> = self.rows.drain(..).map(|row| (row.id, row)).collect();
            for row in &mut rows {
                match old.get(&row.id).filter(|old| is_same(old, row)) {
                    Some(old) => *row = old.clone(),
                    None => *row = fresh(row, self.now),
                }
            }
            self.rows = rows;
        }
        true
    }

    /// Leaves nothing of it.
    pub fn clear(&mut self) {
        let header = Header {
            scrolled: Some(Scrolled::default()),
            ..self.header.clone()
        };
        self.become_of(Vec::new(), header);
    }
}

impl Window {
    /// What lies around the place, to be held by its viewer.
    pub fn margin_source(&self) -> SurfaceSource<'_> {
        let margin = &self.margin;
        SurfaceSource {
            version: margin.now,
            header: margin.header.clone(),
            header_changed_at: margin.header_changed_at,
            cursor: Cursor::default(),
            order_changed_at: margin.order_changed_at,
            rows: margin.rows.iter().collect(),
            tables: self.tables(),
        }
    }

    /// Where that stands.
    pub fn margin_version(&self) -> Version {
        self.margin.now
    }

    /// Whether all that the place shows was among what lay around it at `version` already.
    pub fn is_within_margin(&self, version: Version) -> bool {
        let margin = &self.margin;
        let known = self.rows.iter().all(|row| {
            let at = margin.rows.binary_search_by_key(&row.id, |row| row.id);
            at.is_ok_and(|at| margin.rows[at].changed_at() <= version)
        });
        known && margin.layout() == self.layout()
    }

    /// Leaves nothing around the place.
    pub fn drop_margin(&mut self) {
        if !self.margin.rows.is_empty() {
            self.margin.clear();
        }
    }

    /// Brings what lies around the place nearer to what is wanted, by at most `step` rows on either side. Says whether
    /// that changed anything.
    pub fn widen(&mut self, wanted: Around, step: u32, pane: &Pane, stored: &dyn Stored) -> bool {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::reaching(self.reach, pane, stored, &rows);
        let page = self.rows.len() as u32;
        let top = self.rows.first().map(|row| row.id);
        let has = self.margin.around(top);
        let (above, behind) = has.map_or((0, 0), |(above, from)| (above as u32, from as u32));
        let room = MAX_ROWS.saturating_sub(page) / 2;
        let wanted = Around {
            above: wanted.above.min(above + step).min(room),
            below: wanted
                .below
                .min(behind.saturating_sub(page) + step)
                .min(room),
        };
        let run = self.gather_around(wanted, &lines);
        let header = Header {
            size: self.size,
            scrolled: Some(Scrolled {
                layout: self.layout(),
                below: run.below,
                marks: self.marks(&run.rows, &pane.commands),
                matches: run.matches,
                ..Scrolled::default()
            }),
            ..self.margin.header.clone()
        };
        let margin = &mut self.margin;
        margin.become_of(run.rows, header)
    }

    /// So many rows around the place, as far as the screen.
    fn gather_around(&mut self, wanted: Around, lines: &PaneLines) -> Run {
        let top = self.walk(lines).up(self.top, wanted.above);
        let screen = lines.screen();
        let (first, page) = (self.rows.first().map(|row| row.id), self.rows.len());
        let height = wanted.above as usize + page + wanted.below as usize;
        // One more, to know what is below.
        let size = Size::new(self.size.cols, height as u16 + 1);
        let shown = self.lines();
        let (mut rows, mut matches) = self.gather(top, size, &shown, lines);
        let is_settled = is_before(top, screen, &rows);
        let at = rows.iter().position(|row| Some(row.id) == first);
        let most = at.map_or(0, |at| at + page + wanted.below as usize);
        let end = is_settled.min(most).min(rows.len().saturating_sub(1));
        let (from, end) = within_bounds(&rows, end, at.unwrap_or(0));
        let below = rows.get(end).map(|row| Spot::of_row(row.id));
        rows.truncate(end);
        rows.drain(..from);
        matches.retain(|found| (from..end).contains(&usize::from(found.y)));
        for found in &mut matches {
            found.y -= from as u16;
        }
        if matches.len() > MAX_MATCHES {
            (rows, matches) = (Vec::new(), Vec::new());
        }
        Run {
            rows,
            matches,
            below,
        }
    }

    /// Says anew what is known of the commands around the place, and whether that has changed.
    pub(super) fn mark_margin(&mut self, pane: &Pane) {
        if self.margin.rows.is_empty() || self.margin.layout() != self.layout() {
            return;
        }
        let marks = self.marks(&self.margin.rows, &pane.commands);
        let margin = &mut self.margin;
        if let Some(scrolled) = &mut margin.header.scrolled
            && scrolled.marks != marks
        {
            scrolled.marks = marks;
            margin.now.0 += 1;
            margin.header_changed_at = margin.now;
        }
    }
}

/// The row as one that comes in at `now`, whatever its version was.
fn fresh(row: &Row, now: Version) -> Row {
    let mut fresh = Row::new(row.id, now);
    fresh.cells_mut().extend_from_slice(row.cells());
    fresh.wrapped = row.wrapped;
    fresh
}

/// How many of the rows from `top` on stand before `end`.
fn is_before(top: Place, end: Place, rows: &[Row]) -> usize {
    let mut place = top;
    let mut count = 0;
    for row in rows {
        let line = Spot::of_row(row.id).line;
        if line != place.line {
            place = Place { line, row: 0 };
        }
        if place >= end {
            break;
        }
        place.row += 1;
        count += 1;
    }
    count
}

/// As many of the first `end` rows as there may be: those that are nearest to the one at `at`.
fn within_bounds(rows: &[Row], end: usize, at: usize) -> (usize, usize) {
    let (mut from, mut end) = (0, end);
    let mut cells: usize = rows[..end].iter().map(|row| row.cells().len()).sum();
    while cells > MAX_CELLS && from < end {
        match at.saturating_sub(from) > end.saturating_sub(at) {
            true => {
                cells -= rows[from].cells().len();
                from += 1;
            }
            false => {
                end -= 1;
                cells -= rows[end].cells().len();
            }
        }
    }
    (from, end)
}
