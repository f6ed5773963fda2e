//! Surfaces as bytes: what changed of one since a version, hand-coded as it is what every frame is made of.
//!
//! ```text
//! surface = flags version [since] cursor [header] [order] [taken] rows
//! flags   = 1 whole | 2 header | 4 order | 8 unchanged (nothing follows) | 16 taken
//! since   = how far before version the difference begins; absent from a whole one
//! cursor  = row col (shape * 2 + visible)
//! order   = runs { first len*2+apart [step] }*   ids first, first + step, …; the step is 1 unless they stand apart;
//!                                                first relative to the end of the run before
//! taken   = count { skip len }*                   rows that are as the kin has them: it is the place in scrollback for what
//!                                                lies around one, and the other way round
//! rows    = count { skip start*8+flags [len] [cells] }*     1 wrapped | 2 no cells | 4 the row ends with the cells
//! ```
//!
//! Cells whose text is empty are told by a row beside them: `0 likeness runs exceptions` by the one above, which did not
//! change or stands in the same frame, and `0 0 likeness runs exceptions` by the one below, which did not change.
//!
//! A row is named by its place in the order, so it costs one byte. Its cells from `start` on are replaced, and it is
//! cut or filled up to `len` cells; so an erased tail costs nothing.

use super::kin::{self, Kin};
use super::likeness;
use super::scrolled::Scrolled;
use super::surface::{Header, Surface, SurfaceSource};
use crate::term::cell::Glyph;
use crate::term::codec::{decode_cells, decode_cells_of, encode_cells};
use crate::term::palette::Palette;
use crate::term::{Cell, Cursor, Modes, Row, RowId, Size, Tables, Version};
use crate::varint::{self, Malformed, Reader, unzigzag, zigzag};

const WHOLE: u8 = 1;
const HEADER: u8 = 2;
const ORDER: u8 = 4;
const UNCHANGED: u8 = 8;
const TAKEN: u8 = 16;

const WRAPPED: u64 = 1;
const NO_CELLS: u64 = 2;
const ENDS: u64 = 4;

/// Most rows of one surface: those of the largest screen.
pub(super) const MAX_ROWS: u64 = Size::MAX as u64;
const MAX_COLS: u64 = Size::MAX as u64;
/// Frames with more changed rows than this are long enough for the compression of packets to see what resembles what.
const FEW_ROWS: usize = 4;
/// Shortest row that others are told by.
const WORTH_TELLING: usize = 8;

impl SurfaceSource<'_> {
    /// Appends what changed since `since` (`None`: since it did not exist).
    ///
    /// Law: a [`Surface`] that stands at `since` or anywhere between that and now equals this after applying it. It
    /// holds as long as a row that comes into the order, or back into it, carries a whole change from that moment.
    pub fn encode(&self, since: Option<Version>, out: &mut Vec<u8>) {
        self.encode_beside(since, |_| false, out);
    }

    /// The same for somebody whose kin of this surface is known to show the rows that `has` names as they are here.
    pub fn encode_beside(
        &self,
        since: Option<Version>,
        has: impl Fn(&Row) -> bool,
        out: &mut Vec<u8>,
    ) {
        // One that is kept back says an earlier version than some frame on its way: it changes nothing of that either.
        if since.is_some_and(|since| since >= self.version) {
            out.push(UNCHANGED);
            return;
        }
        let changed = |at: Version| since.is_none_or(|since| at > since);
        let (header, order) = (
            changed(self.header_changed_at),
            changed(self.order_changed_at),
        );
        let changes = self.changes(since);
        let (taken, changed): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(_, row, _)| has(row));
        let flag = |set: bool, flag| if set { flag } else { 0 };
        out.push(
            flag(since.is_none(), WHOLE)
                | flag(header, HEADER)
                | flag(order, ORDER)
                | flag(!taken.is_empty(), TAKEN),
        );
        varint::put(out, self.version.0);
        if let Some(since) = since {
            varint::put(out, self.version.0.saturating_sub(since.0));
        }
        put_cursor(self.cursor, out);
        if header {
            put_header(&self.header, out);
        }
        if order {
            put_order(&self.rows, out);
        }
        if !taken.is_empty() {
            kin::put_taken(taken.iter().map(|(place, ..)| *place), out);
        }
        self.put_rows(&changed, &taken, out);
    }

    /// The rows that changed, with their places and the columns that did.
    fn changes(&self, since: Option<Version>) -> Vec<Change<'_>> {
        let changed = self.rows.iter().enumerate().filter_map(|(place, row)| {
            let columns = match since {
                Some(since) => row.changed_since(since)?,
                None => (0, u16::MAX),
            };
            Some((place, *row, columns))
        });
        changed.collect()
    }

    fn put_rows(&self, changed: &[Change], taken: &[Change], out: &mut Vec<u8>) {
        varint::put(out, changed.len() as u64);
        let mut next = 0;
        let is_few = changed.len() <= FEW_ROWS;
        let change = |of: &Row| changed.iter().find(|(_, row, _)| row.id == of.id);
        let is_taken = |of: &Row| taken.iter().any(|(_, row, _)| row.id == of.id);
        for (place, row, columns) in changed {
            varint::put(out, (place - next) as u64);
            next = place + 1;
            let is_told = |beside: &&Row| !is_taken(beside);
            let is_whole = |(_, row, columns): &Change| is_whole(row, *columns);
            let above = place.checked_sub(1).map(|above| self.rows[above]);
            let above = above.filter(|above| is_few && change(above).is_none_or(is_whole));
            let below = self.rows.get(place + 1).copied();
            let below = below.filter(|below| is_few && change(below).is_none());
            let beside = [above.filter(is_told), below.filter(is_told)];
            put_row(row, *columns, beside, self.tables, out);
        }
    }
}

/// A row that changed: its place, and which columns.
type Change<'a> = (usize, &'a Row, (u16, u16));

/// Whether these columns are all of the row.
fn is_whole(row: &Row, (start, end): (u16, u16)) -> bool {
    start == 0 && usize::from(end) >= row.cells().len()
}

fn put_cursor(cursor: Cursor, out: &mut Vec<u8>) {
    varint::put(out, u64::from(cursor.row));
    varint::put(out, u64::from(cursor.col));
    varint::put(
        out,
        u64::from(cursor.shape) << 1 | u64::from(cursor.visible),
    );
}

fn put_header(header: &Header, out: &mut Vec<u8>) {
    varint::put(out, u64::from(header.size.cols));
    varint::put(out, u64::from(header.size.rows));
    varint::put(out, u64::from(header.modes.0));
    varint::put_bytes(out, header.title.as_bytes());
    varint::put_bytes(out, header.fate.as_bytes());
    out.push(u8::from(header.can_rerun));
    header.palette.put(out);
    let Some(scrolled) = &header.scrolled else {
        out.push(0);
        return;
    };
    out.push(1);
    scrolled.put(out);
}

fn put_order(rows: &[&Row], out: &mut Vec<u8>) {
    let ids: Vec<u64> = rows.iter().map(|row| row.id.0).collect();
    let runs = runs(&ids);
    varint::put(out, runs.len() as u64);
    let mut end = 0u64;
    for (run, step) in runs {
        varint::put(out, zigzag(run[0].wrapping_sub(end) as i64));
        varint::put(out, (run.len() as u64) << 1 | u64::from(step != 1));
        if step != 1 {
            varint::put(out, step);
        }
        end = run[0].wrapping_add((run.len() as u64).wrapping_mul(step));
    }
}

/// Cuts ids into runs of equal steps. Those of lines in scrollback that do not wrap are far apart, and evenly so. A step
/// other than 1 is worth its bytes from three ids on.
fn runs(mut ids: &[u64]) -> Vec<(&[u64], u64)> {
    let mut runs = Vec::new();
    while !ids.is_empty() {
        let steps = ids.windows(2).map(|two| two[1].wrapping_sub(two[0]));
        let step = steps.clone().next().unwrap_or(1);
        let len = 1 + steps.take_while(|other| *other == step).count();
        let (len, step) = match step {
            1 => (len, step),
            _ if len > 2 => (len, step),
            _ => (1, 1),
        };
        let (run, rest) = ids.split_at(len);
        runs.push((run, step));
        ids = rest;
    }
    runs
}

fn put_row(
    row: &Row,
    (start, end): (u16, u16),
    beside: Beside,
    tables: &Tables,
    out: &mut Vec<u8>,
) {
    let cells = row.cells();
    let len = cells.len();
    let halves = |at: usize| cells.get(at).is_some_and(Cell::is_continuation);
    let (mut start, mut end) = (usize::from(start).min(len), usize::from(end).min(len));
    while start > 0 && halves(start) {
        start -= 1;
    }
    while halves(end) {
        end += 1;
    }
    let patch = cells.get(start..end).unwrap_or_default();
    let flag = |set: bool, flag| if set { flag } else { 0 };
    let flags = flag(row.wrapped, WRAPPED)
        | flag(patch.is_empty(), NO_CELLS)
        | flag(start + patch.len() == len, ENDS);
    varint::put(out, (start as u64) << 3 | flags);
    if flags & ENDS == 0 {
        varint::put(out, len as u64);
    }
    if flags & NO_CELLS == 0 {
        put_cells(patch, beside, tables, out);
    }
}

/// The rows above and below another, if the reader knows them in full.
type Beside<'a> = [Option<&'a Row>; 2];

/// What cells that are told by the row above or below them begin with.
const TOLD: [&[u8]; 2] = [&[0], &[0, 0]];

/// Appends cells, by a row beside them if that is shorter.
fn put_cells(cells: &[Cell], beside: Beside, tables: &Tables, out: &mut Vec<u8>) {
    let start = out.len();
    encode_cells(cells, tables, out);
    let texts = beside.map(|row| row.and_then(|row| ascii(row.cells())));
    if texts.iter().all(Option::is_none) {
        return;
    }
    let whole = out[start..].to_vec();
    let mut reader = Reader::new(&whole);
    let Ok(text) = reader.bytes() else { return };
    let told = texts.into_iter().zip(TOLD).filter_map(|(other, begin)| {
        let mut told = begin.to_vec();
        likeness::put(text, &other?, &mut told);
        Some(told)
    });
    let told = told.min_by_key(Vec::len).unwrap_or_default();
    if told.len() + reader.rest().len() < whole.len() {
        out.truncate(start);
        out.extend_from_slice(&told);
        out.extend_from_slice(reader.rest());
    }
}

/// The text of a row that is ASCII, and worth telling others by.
fn ascii(cells: &[Cell]) -> Option<Vec<u8>> {
    let byte = |cell: &Cell| match cell.glyph() {
        Glyph::Char(c) => c.is_ascii().then_some(c as u8),
        _ => None,
    };
    let text = cells.iter().map(byte).collect::<Option<Vec<u8>>>()?;
    (text.len() >= WORTH_TELLING).then_some(text)
}

/// What one frame says of a surface, read in full and checked against the surface as it is: applying it cannot fail.
#[derive(Debug)]
pub(super) struct SurfacePatch {
    whole: bool,
    version: Version,
    cursor: Cursor,
    header: Option<Header>,
    order: Option<Vec<RowId>>,
    rows: Vec<RowPatch>,
}

/// What is said of one row.
#[derive(Debug)]
pub(super) struct RowPatch {
    pub id: RowId,
    pub wrapped: bool,
    pub start: usize,
    pub len: usize,
    pub cells: Vec<Cell>,
}

impl SurfacePatch {
    /// Reads what [`SurfaceSource::encode`] wrote, for the surface `old` if there is one; `None` if it did not change.
    pub fn decode(
        reader: &mut Reader,
        old: Option<&Surface>,
        kin: Kin,
        tables: &mut Tables,
    ) -> Result<Option<Self>, Malformed> {
        let flags = reader.u8()?;
        if flags == UNCHANGED {
            return match old {
                Some(_) => Ok(None),
                None => Err(Malformed("surface")),
            };
        }
        if flags & !(WHOLE | HEADER | ORDER | TAKEN) != 0 {
            return Err(Malformed("surface flags"));
        }
        let whole = flags & WHOLE != 0;
        let version = reader.u64()?;
        let old = if whole {
            None
        } else {
            let since = version - reader.at_most(version)?;
            let held = old.filter(|old| (since..=version).contains(&old.version.0));
            Some(held.ok_or(Malformed("surface version"))?)
        };
        let cursor = read_cursor(reader)?;
        let header = match flags & HEADER {
            0 if whole => return Err(Malformed("surface header")),
            0 => None,
            _ => Some(read_header(reader)?),
        };
        let order = match flags & ORDER {
            0 => None,
            _ => Some(read_order(reader)?),
        };
        let places = order.as_deref().or(old.map(|old| old.order.as_slice()));
        let places = places.ok_or(Malformed("surface order"))?;
        let taken = match flags & TAKEN {
            0 => Vec::new(),
            _ => kin::read_taken(reader, places, kin)?,
        };
        let mut rows = read_rows(reader, places, old, tables)?;
        rows.extend(taken);
        if order.is_some() {
            all_known(places, &rows, old)?;
        }
        Ok(Some(Self {
            whole,
            version: Version(version),
            cursor,
            header,
            order,
            rows,
        }))
    }

    /// The rows that it brings.
    pub fn rows(&self) -> &[RowPatch] {
        &self.rows
    }

    /// Whether it stands for all of the surface, whatever that was.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// How many rows are in the order if that changed.
    pub fn reordered_rows(&self) -> Option<usize> {
        self.order.as_ref().map(Vec::len)
    }
}

fn read_cursor(reader: &mut Reader) -> Result<Cursor, Malformed> {
    let (row, col) = (reader.u16()?, reader.u16()?);
    let look = reader.at_most(u64::from(u8::MAX) << 1 | 1)?;
    Ok(Cursor {
        row,
        col,
        visible: look & 1 != 0,
        shape: (look >> 1) as u8,
    })
}

fn read_header(reader: &mut Reader) -> Result<Header, Malformed> {
    Ok(Header {
        size: Size::new(reader.u16()?, reader.u16()?),
        modes: Modes(reader.at_most(u64::from(u32::MAX))? as u32),
        title: reader.str()?.to_owned(),
        fate: reader.str()?.to_owned(),
        can_rerun: reader.at_most(1)? == 1,
        palette: Palette::read(reader)?,
        scrolled: match reader.u8()? {
            0 => None,
            1 => Some(Scrolled::read(reader)?),
            _ => return Err(Malformed("surface header")),
        },
    })
}

fn read_order(reader: &mut Reader) -> Result<Vec<RowId>, Malformed> {
    let mut order = Vec::new();
    let mut end = 0u64;
    for _ in 0..reader.at_most(MAX_ROWS)? {
        let first = end.wrapping_add(unzigzag(reader.u64()?) as u64);
        let head = reader.at_most((MAX_ROWS - order.len() as u64) << 1 | 1)?;
        let (len, step) = match head & 1 {
            0 => (head >> 1, 1),
            _ => (head >> 1, reader.u64()?),
        };
        let id = |n: u64| first.wrapping_add(n.wrapping_mul(step));
        end = id(len);
        order.extend((0..len).map(|n| RowId(id(n))));
    }
    Ok(order)
}

fn read_rows(
    reader: &mut Reader,
    places: &[RowId],
    old: Option<&Surface>,
    tables: &mut Tables,
) -> Result<Vec<RowPatch>, Malformed> {
    let count = reader.at_most(places.len() as u64)?;
    let mut rows = Vec::new();
    let mut place = 0usize;
    for _ in 0..count {
        place += reader.at_most(MAX_ROWS)? as usize;
        let id = *places.get(place).ok_or(Malformed("row place"))?;
        let above = place.checked_sub(1).map(|above| places[above]);
        place += 1;
        let beside = |side| match side {
            Side::Above => above_cells(above?, &rows, old),
            Side::Below => old?.rows.get(places.get(place)?).map(Row::cells),
        };
        let row = read_row(reader, id, beside, tables)?;
        let is_known = old.is_some_and(|old| old.rows.contains_key(&id));
        if row.start > 0 && !is_known {
            return Err(Malformed("row start"));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The cells of the row above one that is being read, if they are known in full by now.
fn above_cells<'a>(
    above: RowId,
    rows: &'a [RowPatch],
    old: Option<&'a Surface>,
) -> Option<&'a [Cell]> {
    match rows.last().filter(|last| last.id == above) {
        Some(last) => (last.start == 0 && last.len == last.cells.len()).then_some(&last.cells),
        None => old?.rows.get(&above).map(Row::cells),
    }
}

/// Which row beside another.
enum Side {
    Above,
    Below,
}

/// Reads the cells of a row, told by those beside them or not.
fn read_cells<'a>(
    reader: &mut Reader,
    beside: impl FnOnce(Side) -> Option<&'a [Cell]>,
    tables: &mut Tables,
    max: usize,
) -> Result<Vec<Cell>, Malformed> {
    let (side, begin) = match reader.rest() {
        [0, 0, ..] => (Side::Below, 2),
        [0, ..] => (Side::Above, 1),
        _ => return decode_cells(reader, tables, max),
    };
    for _ in 0..begin {
        reader.u8()?;
    }
    let other = beside(side)
        .and_then(ascii)
        .ok_or(Malformed("row beside"))?;
    let text = likeness::read(reader, &other, 4 * MAX_COLS as usize)?;
    let text = String::from_utf8(text).map_err(|_| Malformed("text"))?;
    decode_cells_of(&text, reader, tables, max)
}

fn read_row<'a>(
    reader: &mut Reader,
    id: RowId,
    beside: impl FnOnce(Side) -> Option<&'a [Cell]>,
    tables: &mut Tables,
) -> Result<RowPatch, Malformed> {
    let head = reader.at_most(MAX_COLS << 3 | 7)?;
    let start = (head >> 3) as usize;
    let len = match head & ENDS {
        0 => Some(reader.at_most(MAX_COLS)? as usize),
        _ => None,
    };
    let cells = match head & NO_CELLS {
        0 => {
            let max = MAX_COLS as usize - start.min(MAX_COLS as usize);
            read_cells(reader, beside, tables, max)?
        }
        _ => Vec::new(),
    };
    let end = start + cells.len();
    if len.is_some_and(|len| len < end) {
        return Err(Malformed("row length"));
    }
    Ok(RowPatch {
        id,
        wrapped: head & WRAPPED != 0,
        start,
        len: len.unwrap_or(end),
        cells,
    })
}

/// Refuses an order that names a row which nobody has said anything about, or one twice.
fn all_known(order: &[RowId], rows: &[RowPatch], old: Option<&Surface>) -> Result<(), Malformed> {
    let mut given = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    given.sort_unstable();
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Malformed("row order"));
    }
    let is_known = |id: &RowId| {
        old.is_some_and(|old| old.rows.contains_key(id)) || given.binary_search(id).is_ok()
    };
    match sorted.iter().all(is_known) {
        true => Ok(()),
        false => Err(Malformed("unknown row")),
    }
}

impl Surface {
    /// Takes in a patch that was read for it.
    pub(super) fn apply(&mut self, patch: SurfacePatch) {
        if patch.whole {
            *self = Self::default();
        }
        self.version = patch.version;
        self.cursor = patch.cursor;
        if let Some(header) = patch.header {
            self.header = Some(header);
        }
        for row in patch.rows {
            row.apply(self);
        }
        if let Some(order) = patch.order {
            let mut kept = order.clone();
            kept.sort_unstable();
            self.rows.retain(|id, _| kept.binary_search(id).is_ok());
            self.order = order;
        }
    }
}

impl RowPatch {
    fn apply(self, surface: &mut Surface) {
        let version = surface.version;
        let row = surface
            .rows
            .entry(self.id)
            .or_insert_with(|| Row::new(self.id, version));
        let end = if self.len == self.start + self.cells.len() {
            u16::MAX
        } else {
            (self.start + self.cells.len()) as u16
        };
        row.touch(version, self.start as u16, end);
        row.wrapped = self.wrapped;
        self.write(row.cells_mut());
    }

    /// Does to the cells of its row what it says.
    pub fn write(&self, cells: &mut Vec<Cell>) {
        cells.resize(self.len, Cell::BLANK);
        cells[self.start..self.start + self.cells.len()].copy_from_slice(&self.cells);
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Rect;
    use super::super::scripted::Scripted;
    use super::*;
    use crate::term::StyleId;

    #[test]
    fn a_change_of_half_a_wide_cell_sends_all_of_it() {
        let mut screen = Scripted::new(10, 1);
        screen.write(0, 0, "a界b", StyleId::DEFAULT);
        for half in [1, 2] {
            let mut shown = Surface::default();
            let mut tables = Tables::default();
            let mut since = None;
            for _ in 0..4 {
                screen.next();
                screen.rows[0].touch(screen.version, half, half + 1);
                let mut diff = Vec::new();
                screen.source().encode(since, &mut diff);
                let mut reader = Reader::new(&diff);
                let patch = SurfacePatch::decode(&mut reader, Some(&shown), Kin::None, &mut tables);
                shown.apply(patch.expect("what was encoded").expect("a change"));
                since = Some(screen.version);
            }
            screen.assert_shown(&shown, &tables);
        }
    }

    #[test]
    fn a_line_that_scrolls_in_is_told_by_the_next_or_the_one_before() {
        let line = |n| format!("-rw-r--r-- 1 root root 4096 Nov 22 02:{n:02} src/lib{n}.rs");
        // Where rows leave the screen, and where they come in: at the end, at the top, below a header.
        for (from, to) in [(0, 9), (9, 0), (9, 1)] {
            let mut screen = Scripted::new(80, 10);
            screen.write(0, 0, "PERMISSIONS", StyleId::DEFAULT);
            for at in 1..10 {
                screen.write(at, 0, &line(at), StyleId::DEFAULT);
            }
            let (mut shown, mut tables, mut since, mut bytes) =
                (Surface::default(), Tables::default(), None, 0);
            for n in 20..25 {
                let mut diff = Vec::new();
                screen.source().encode(since, &mut diff);
                let mut reader = Reader::new(&diff);
                let patch = SurfacePatch::decode(&mut reader, Some(&shown), Kin::None, &mut tables);
                shown.apply(patch.expect("what was encoded").expect("a change"));
                screen.assert_shown(&shown, &tables);
                bytes = diff.len();
                since = Some(screen.version);
                screen.next();
                screen.shift(from, to);
                screen.write(to as u16, 0, &line(n), StyleId::DEFAULT);
            }
            assert!(bytes < 50, "{bytes} from {from} to {to}");
        }
    }

    #[test]
    fn as_many_matches_as_may_be_shown_arrive() {
        let mut screen = Scripted::new(10, 1);
        let found = Rect {
            x: 1,
            y: 2,
            cols: 3,
            rows: 1,
        };
        let scrolled = Scrolled {
            matches: vec![found; Scrolled::MAX_MATCHES],
            ..Scrolled::default()
        };
        screen.header.scrolled = Some(scrolled);
        let mut diff = Vec::new();
        screen.source().encode(None, &mut diff);
        let patch = SurfacePatch::decode(
            &mut Reader::new(&diff),
            None,
            Kin::None,
            &mut Tables::default(),
        );
        let patch = patch.expect("what was encoded").expect("a change");
        assert_eq!(patch.header, Some(screen.header));
    }

    #[test]
    fn ids_that_stand_evenly_apart_cost_one_run() {
        let order = |ids: &[u64]| {
            let rows: Vec<Row> = ids
                .iter()
                .map(|id| Row::new(RowId(*id), Version(0)))
                .collect();
            let mut out = Vec::new();
            put_order(&rows.iter().collect::<Vec<_>>(), &mut out);
            let read = read_order(&mut Reader::new(&out)).expect("what was put");
            assert_eq!(read.iter().map(|id| id.0).collect::<Vec<_>>(), ids);
            out.len()
        };
        let lines: Vec<u64> = (1000..1050).map(|line| line << 22).collect();
        assert!(order(&lines) < 16);
        let wrapped: Vec<u64> = (0..50).map(|row| 7 << 22 | (row * 80)).collect();
        assert!(order(&wrapped) < 16);
        order(&[5, 6, 7, 7 << 22, 8 << 22, 3, 2, 1, u64::MAX, 0, 9]);
        order(&[]);
    }

    #[test]
    fn an_order_may_name_only_rows_that_are_known() {
        let mut screen = Scripted::new(10, 3);
        let mut diff = Vec::new();
        screen.source().encode(None, &mut diff);
        let mut tables = Tables::default();
        let mut shown = Surface::default();
        let patch = SurfacePatch::decode(&mut Reader::new(&diff), None, Kin::None, &mut tables);
        shown.apply(patch.expect("what was encoded").expect("a change"));
        let since = screen.version;
        screen.next();
        screen.shift(0, 2);
        shown.rows.remove(&screen.rows[0].id);
        diff.clear();
        screen.source().encode(Some(since), &mut diff);
        let refused = SurfacePatch::decode(
            &mut Reader::new(&diff),
            Some(&shown),
            Kin::None,
            &mut tables,
        );
        assert_eq!(refused.err(), Some(Malformed("unknown row")));
    }
}
