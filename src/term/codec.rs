//! Cells ↔ bytes: the one form in which rows cross a link and lines go to disk. It names styles, clusters and links
//! in full, so it can be read back into any [`Tables`].
//!
//! ```text
//! cells  = text runs exceptions
//! text   = len utf8                 every cell's characters, in order
//! runs   = count { cells style }    how many cells, in which style; the last run reaches the end
//! excps  = count { skip len width } cells that are not one character of its assumed width; 3: two columns in one
//! style  = flags [fg] [bg] [underline] [attrs] [link]
//! colour = 0..=255 index | 256 + rgb        link = id uri
//! line   = flags cells              flag 1: cut off by the length limit, goes on in the next line; flag 2: always
//! ```

use super::cell::{Cell, Glyph};
use super::style::{Attrs, Color, Link, Style, StyleId};
use super::tables::Tables;
use super::width::char_width;
use crate::varint::{self, Malformed, Reader};

/// Columns that one character takes where nothing else is said. This is part of the coding and never changes, so that
/// the two ends of a wire, and a line on disk and its reader, may differ in the table of widths: it is near enough to
/// any for few cells to be exceptions.
#[inline]
fn assumed_width(c: char) -> u8 {
    // Most of what is not ASCII is Han, kana and Hangul, or below them.
    match c {
        ..'\u{3000}' => 1,
        '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => 2,
        _ => assumed_width_of_others(c),
    }
}

#[inline(never)]
fn assumed_width_of_others(c: char) -> u8 {
    match c {
        '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{3000}'..='\u{303e}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Appends `cells`. A continuation whose wide half is missing is written as a blank.
pub fn encode_cells(cells: &[Cell], tables: &Tables, out: &mut Vec<u8>) {
    Encoder::default().cells(cells, tables, out);
}

/// Appends one logical line; `continued` says that it was cut off by the length limit and goes on in the next.
pub fn encode_line(cells: &[Cell], continued: bool, tables: &Tables, out: &mut Vec<u8>) {
    Encoder::default().line(cells, continued, tables, out);
}

/// The most columns that [`decode_line`] takes.
pub const MAX_LINE_CELLS: usize = 4 << 20;

/// Reads one line written by [`encode_line`]: its cells, and whether it goes on in the next.
pub fn decode_line(bytes: &[u8], tables: &mut Tables) -> Result<(Vec<Cell>, bool), Malformed> {
    let mut reader = Reader::new(bytes);
    let flags = reader.u8()?;
    let width = match flags & ASSUMED {
        0 => char_width,
        _ => assumed_width,
    };
    let cells = decode(&mut reader, tables, MAX_LINE_CELLS, width)?;
    Ok((cells, flags & CONTINUED != 0))
}

/// The bit of a line's first byte that says that it goes on in the next.
pub const CONTINUED: u8 = 1;

/// The bit that says that exceptions are those to [`assumed_width`]. Lines without it were written when they were
/// those to the table of widths, and are read by the one that is.
const ASSUMED: u8 = 2;

/// How many cells above ASCII are taken in at a time: room for their text is made beforehand.
const REGULAR: usize = 48;

/// Writes cells without allocating: it keeps its workspace from one row to the next.
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    text: Vec<u8>,
    runs: Vec<(u64, StyleId)>,
    exceptions: Vec<(u64, u64, u8)>,
}

impl Encoder {
    /// As [`encode_line`].
    pub fn line(&mut self, cells: &[Cell], continued: bool, tables: &Tables, out: &mut Vec<u8>) {
        out.push(ASSUMED | if continued { CONTINUED } else { 0 });
        self.cells(cells, tables, out);
    }

    /// As [`encode_cells`].
    pub fn cells(&mut self, cells: &[Cell], tables: &Tables, out: &mut Vec<u8>) {
        self.text.clear();
        self.runs.clear();
        self.exceptions.clear();
        self.collect(cells, tables);
        varint::put_bytes(out, &self.text);
        varint::put(out, self.runs.len() as u64);
        for &(count, style) in &self.runs {
            varint::put(out, count);
            match style {
                StyleId::DEFAULT => out.push(0),
                style => put_style(tables.style(style), tables, out),
            }
        }
        varint::put(out, self.exceptions.len() as u64);
        for &(skip, bytes, width) in &self.exceptions {
            varint::put(out, skip);
            varint::put(out, bytes);
            out.push(width);
        }
    }

    fn collect(&mut self, cells: &[Cell], tables: &Tables) {
        let mut since_exception = 0u64;
        let mut previous_width = 0;
        let mut rest = cells;
        if is_ascii(cells) {
            self.collect_ascii(cells);
            return;
        }
        while let Some(&first) = rest.first() {
            if first.is_ascii_in(first.style) {
                let (plain, after) = rest.split_at(ascii_prefix(rest, first.style));
                self.text.extend(plain.iter().map(Cell::low_byte));
                since_exception += plain.len() as u64;
                previous_width = 1;
                self.count(plain.len() as u64, first.style);
                rest = after;
                continue;
            }
            let (regular, taken) = self.collect_regular(rest, first.style);
            if taken > 0 {
                since_exception += regular;
                previous_width = rest[taken - 1].width().max(1);
                self.count(regular, first.style);
                rest = &rest[taken..];
                continue;
            }
            rest = &rest[1..];
            let orphan = first.is_continuation() && previous_width != 2;
            previous_width = first.width();
            if first.is_continuation() && !orphan {
                continue;
            }
            self.count(1, first.style);
            let (bytes, regular) = put_glyph(&first, orphan, tables, &mut self.text);
            if regular {
                since_exception += 1;
            } else {
                let width = match first.is_marked_squeezed() {
                    true => SQUEEZED,
                    false => first.width().max(1),
                };
                self.exceptions.push((since_exception, bytes as u64, width));
                since_exception = 0;
            }
        }
    }

    /// The commonest row by far: every cell one byte of text.
    fn collect_ascii(&mut self, cells: &[Cell]) {
        self.text.extend(cells.iter().map(Cell::low_byte));
        let mut rest = cells;
        while let Some(first) = rest.first() {
            let (run, after) = rest.split_at(style_prefix(rest, first.style));
            self.runs.push((run.len() as u64, first.style));
            rest = after;
        }
    }

    /// Takes in the characters above ASCII, from the first, that are in `style` and have the width that is assumed;
    /// says how many they are and how many cells they take.
    fn collect_regular(&mut self, cells: &[Cell], style: StyleId) -> (u64, usize) {
        let (mut regular, mut taken) = (0, 0);
        let mut end = self.text.len();
        let cells = &cells[..cells.len().min(REGULAR)];
        self.text.resize(end + 4 * cells.len(), 0);
        while let Some(cell) = cells.get(taken).filter(|cell| cell.style == style) {
            let Glyph::Char(c @ '\u{80}'..) = cell.glyph() else {
                break;
            };
            let width = assumed_width(c);
            if width != cell.width() {
                break;
            }
            end += c.encode_utf8(&mut self.text[end..]).len();
            regular += 1;
            taken += 1;
            taken += usize::from(width == 2 && cells.get(taken).is_some_and(Cell::is_continuation));
        }
        self.text.truncate(end);
        (regular, taken)
    }

    /// Counts cells to the run of their style.
    fn count(&mut self, cells: u64, style: StyleId) {
        match self.runs.last_mut() {
            Some((count, last)) if *last == style => *count += cells,
            _ => self.runs.push((cells, style)),
        }
    }
}

/// Whether every cell is one byte of ASCII. Branch-free, so that many cells are looked at at a time.
fn is_ascii(cells: &[Cell]) -> bool {
    cells.iter().fold(0, |odd, cell| odd | cell.beyond_ascii()) == 0
}

/// How many of `cells`, from the first, are in `style`.
fn style_prefix(cells: &[Cell], style: StyleId) -> usize {
    let mut taken = 0;
    while let Some(chunk) = cells[taken..].first_chunk::<8>() {
        if chunk
            .iter()
            .fold(0, |odd, cell| odd | cell.style.0 ^ style.0)
            != 0
        {
            break;
        }
        taken += 8;
    }
    let same = |cell: &&Cell| cell.style == style;
    taken + cells[taken..].iter().take_while(same).count()
}

/// How many of `cells`, from the first, are one byte of ASCII in `style`.
fn ascii_prefix(cells: &[Cell], style: StyleId) -> usize {
    let plain = |cell: &Cell| cell.is_ascii_in(style);
    let mut taken = 0;
    for chunk in cells.chunks_exact(16) {
        if !chunk.iter().fold(true, |all, cell| all & plain(cell)) {
            break;
        }
        taken += 16;
    }
    let rest = &cells[taken..];
    taken
        + rest
            .iter()
            .position(|cell| !plain(cell))
            .unwrap_or(rest.len())
}

/// Appends the cell's text; says how many bytes that was, and whether they read back without an exception.
fn put_glyph(cell: &Cell, orphan: bool, tables: &Tables, text: &mut Vec<u8>) -> (usize, bool) {
    let before = text.len();
    let regular = match cell.glyph() {
        Glyph::Char(c) => {
            text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            assumed_width(c) == cell.width()
        }
        Glyph::Cluster(index) => {
            text.extend_from_slice(tables.cluster(index).as_bytes());
            false
        }
        Glyph::Continuation => {
            debug_assert!(orphan);
            text.push(b' ');
            true
        }
    };
    (text.len() - before, regular)
}

/// Reads what [`encode_cells`] wrote: at most `max_cells` columns.
pub fn decode_cells(
    reader: &mut Reader,
    tables: &mut Tables,
    max_cells: usize,
) -> Result<Vec<Cell>, Malformed> {
    decode(reader, tables, max_cells, assumed_width)
}

/// Reads cells of which those that are no exception are as wide as `width` says.
fn decode(
    reader: &mut Reader,
    tables: &mut Tables,
    max_cells: usize,
    width: impl Fn(char) -> u8,
) -> Result<Vec<Cell>, Malformed> {
    let text = reader.str()?;
    decode_text(text, reader, tables, max_cells, width)
}

/// Reads what [`encode_cells`] wrote after the text, which is known.
pub fn decode_cells_of(
    text: &str,
    reader: &mut Reader,
    tables: &mut Tables,
    max_cells: usize,
) -> Result<Vec<Cell>, Malformed> {
    decode_text(text, reader, tables, max_cells, assumed_width)
}

fn decode_text(
    text: &str,
    reader: &mut Reader,
    tables: &mut Tables,
    max_cells: usize,
    width: impl Fn(char) -> u8,
) -> Result<Vec<Cell>, Malformed> {
    let limit = text.len() as u64;
    let runs = read_runs(reader, tables, limit)?;
    let exceptions = read_exceptions(reader, limit)?;
    let mut cells = Vec::with_capacity(text.len().min(max_cells));
    let (mut runs, mut exceptions) = (runs.into_iter(), exceptions.into_iter());
    let mut run = runs.next().unwrap_or((0, StyleId::DEFAULT));
    let mut exception = exceptions.next();
    let mut rest = text;
    while !rest.is_empty() {
        while run.0 == 0 {
            run = runs.next().ok_or(Malformed("style runs"))?;
        }
        run.0 -= 1;
        let (cell, taken) = match &mut exception {
            Some((0, bytes, width)) => {
                let cluster = rest.get(..*bytes).unwrap_or_default();
                let cell = cluster_cell(cluster, *width, run.1, tables)?;
                exception = exceptions.next();
                (cell, cluster.len())
            }
            other => {
                if let Some((skip, ..)) = other {
                    *skip -= 1;
                }
                let c = rest.chars().next().filter(|c| !c.is_control());
                let c = c.ok_or(Malformed("text"))?;
                (Cell::new(c, width(c).max(1), run.1), c.len_utf8())
            }
        };
        rest = &rest[taken..];
        cells.push(cell);
        if cell.width() == 2 {
            cells.push(Cell::continuation(run.1));
        }
        if cells.len() > max_cells {
            return Err(Malformed("row length"));
        }
    }
    Ok(cells)
}

/// How many cells are in which style.
fn read_runs(
    reader: &mut Reader,
    tables: &mut Tables,
    limit: u64,
) -> Result<Vec<(u64, StyleId)>, Malformed> {
    let mut runs = Vec::new();
    for _ in 0..reader.at_most(limit)? {
        let count = reader.at_most(limit)?;
        runs.push((count, read_style(reader, tables)?));
    }
    Ok(runs)
}

/// How many cells are passed over, then the bytes and columns of one.
fn read_exceptions(reader: &mut Reader, limit: u64) -> Result<Vec<(u64, usize, u8)>, Malformed> {
    let mut exceptions = Vec::new();
    for _ in 0..reader.at_most(limit)? {
        exceptions.push((
            reader.at_most(limit)?,
            reader.at_most(limit)? as usize,
            reader.u8()?,
        ));
    }
    Ok(exceptions)
}

fn cluster_cell(
    text: &str,
    width: u8,
    style: StyleId,
    tables: &mut Tables,
) -> Result<Cell, Malformed> {
    if text.is_empty() || text.contains(char::is_control) {
        return Err(Malformed("cluster"));
    }
    match width {
        1..=2 => Ok(tables.cell(text, width, style)),
        SQUEEZED => Ok(tables.cell(text, 2, style).squeezed()),
        _ => Err(Malformed("width")),
    }
}

/// Written as the width of what is two columns wide and has one, because the screen has no more.
const SQUEEZED: u8 = 3;

const FG: u8 = 1;
const BG: u8 = 2;
const UNDERLINE: u8 = 4;
const ATTRS: u8 = 8;
const LINK: u8 = 16;

/// Appends `style`, one byte if it is the default.
pub fn put_style(style: Style, tables: &Tables, out: &mut Vec<u8>) {
    let colors = [(FG, style.fg), (BG, style.bg), (UNDERLINE, style.underline)];
    let flags = colors
        .iter()
        .filter(|(_, color)| *color != Color::Default)
        .map(|(flag, _)| flag)
        .sum::<u8>();
    let attrs = if style.attrs == Attrs::default() {
        0
    } else {
        ATTRS
    };
    let link = if style.link == 0 { 0 } else { LINK };
    out.push(flags | attrs | link);
    for (_, color) in colors {
        match color {
            Color::Default => {}
            Color::Index(index) => varint::put(out, u64::from(index)),
            Color::Rgb(r, g, b) => {
                varint::put(out, 256 + u64::from(u32::from_be_bytes([0, r, g, b])))
            }
        }
    }
    if attrs != 0 {
        varint::put(out, u64::from(style.attrs.0));
    }
    if link != 0 {
        let link = tables.link(style.link);
        varint::put_bytes(out, link.id.as_bytes());
        varint::put_bytes(out, link.uri.as_bytes());
    }
}

/// Reads what [`put_style`] wrote, interned in `tables`.
pub fn read_style(reader: &mut Reader, tables: &mut Tables) -> Result<StyleId, Malformed> {
    let flags = reader.u8()?;
    let mut color = |flag| match flags & flag {
        0 => Ok(Color::Default),
        _ => Ok(match reader.at_most(256 + 0xff_ffff)? {
            index @ 0..=255 => Color::Index(index as u8),
            rgb => {
                let [_, r, g, b] = ((rgb - 256) as u32).to_be_bytes();
                Color::Rgb(r, g, b)
            }
        }),
    };
    let (fg, bg, underline) = (color(FG)?, color(BG)?, color(UNDERLINE)?);
    let attrs = Attrs(if flags & ATTRS == 0 { 0 } else { reader.u16()? });
    let link = match flags & LINK {
        0 => 0,
        _ => tables.link_id(&Link {
            id: reader.str()?.to_owned(),
            uri: reader.str()?.to_owned(),
        }),
    };
    Ok(tables.style_id(Style {
        fg,
        bg,
        underline,
        attrs,
        link,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(tables: &mut Tables) -> Vec<Cell> {
        let mut attrs = Attrs::BOLD;
        attrs.set_underline(3);
        let link = tables.link_id(&Link {
            id: "a".into(),
            uri: "https://example.org/".into(),
        });
        let red = tables.style_id(Style {
            fg: Color::Rgb(255, 0, 1),
            attrs,
            link,
            ..Style::default()
        });
        let family = tables.cell("👩\u{200d}👩", 2, StyleId::DEFAULT);
        vec![
            Cell::new('a', 1, red),
            Cell::new('界', 2, red),
            Cell::continuation(red),
            family,
            Cell::continuation(StyleId::DEFAULT),
            Cell::BLANK,
            Cell::new('❤', 2, red),
            Cell::continuation(red),
        ]
    }

    #[test]
    fn controls_are_no_text() {
        for text in ["a\u{1b}", "\u{9b}", "\u{7f}x"] {
            let mut bytes = vec![0];
            varint::put_bytes(&mut bytes, text.as_bytes());
            bytes.extend([1, text.chars().count() as u8, 0, 0]);
            assert!(decode_line(&bytes, &mut Tables::default()).is_err());
        }
        let mut bytes = vec![0];
        varint::put_bytes(&mut bytes, b"abc");
        bytes.extend([1, 3, 0, 0]);
        assert!(decode_line(&bytes, &mut Tables::default()).is_ok());
    }

    #[test]
    fn cells_come_back_in_other_tables() {
        let mut tables = Tables::default();
        let cells = cells(&mut tables);
        let mut first = Vec::new();
        encode_cells(&cells, &tables, &mut first);
        let mut other = Tables::default();
        other.style_id(Style {
            bg: Color::Index(7),
            ..Style::default()
        });
        let back =
            decode_cells(&mut Reader::new(&first), &mut other, 100).expect("what was encoded");
        assert_eq!(back.len(), cells.len());
        let mut second = Vec::new();
        encode_cells(&back, &other, &mut second);
        assert_eq!(first, second);
    }

    #[test]
    fn the_coding_of_widths_is_fixed() {
        let mut tables = Tables::default();
        let mut cells = Vec::new();
        for (c, width) in [
            ('界', 2),
            ('a', 1),
            ('❤', 1),
            ('⌚', 2),
            ('🦀', 2),
            ('界', 1),
        ] {
            cells.push(Cell::new(c, width, StyleId::DEFAULT));
            if width == 2 {
                cells.push(Cell::continuation(StyleId::DEFAULT));
            }
        }
        let mut line = Vec::new();
        encode_line(&cells, false, &tables, &mut line);
        let mut golden = vec![2, 17];
        golden.extend_from_slice("界a❤⌚🦀界".as_bytes());
        golden.extend([1, 6, 0, 2, 3, 3, 2, 1, 3, 1]);
        assert_eq!(line, golden);
        assert_eq!(decode_line(&line, &mut tables), Ok((cells, false)));
    }

    #[test]
    fn lines_of_before_are_read_by_the_table() {
        let mut tables = Tables::default();
        let mut line = vec![0, 6];
        line.extend_from_slice("界⌚".as_bytes());
        line.extend([1, 2, 0, 0]);
        let (cells, _) = decode_line(&line, &mut tables).expect("a line");
        assert_eq!(
            cells.iter().map(Cell::width).collect::<Vec<_>>(),
            [2, 0, 2, 0]
        );
    }

    #[test]
    fn widths_of_any_table_come_back() {
        let any = (0x20..0x11_0000).filter_map(char::from_u32);
        for c in any.filter(|c| !c.is_control()) {
            for width in [1, 2] {
                let mut cells = vec![Cell::new(c, width, StyleId::DEFAULT)];
                cells.extend((width == 2).then(|| Cell::continuation(StyleId::DEFAULT)));
                let (mut tables, mut line) = (Tables::default(), Vec::new());
                encode_line(&cells, false, &tables, &mut line);
                let back = decode_line(&line, &mut tables).expect("what was encoded");
                assert_eq!(back.0, cells, "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let _ = decode_cells(&mut Reader::new(&bytes), &mut Tables::default(), 1000);
        }
    }
}
