//! From pictures to bytes: what leads the user's terminal from the picture painted last to the next, and no more.
//!
//! Only sequences that every terminal of the last thirty years knows are used (no margins left and right, no
//! rectangles, no CBT or CHT), erasing only in the default style, because a terminal may erase in the pen's background
//! or in its own.

use super::pen::{ColorDepth, Pen};
use super::picture::{Picture, PictureRow, Tile};
use super::shift::{self, Shift};
use crate::term::cell::Glyph;
use crate::term::hidden::is_steering;
use crate::term::palette::Rgb;
use crate::term::width::{Join, Traits, char_width, is_disputed};
use crate::term::{Cursor, Size, Tables};
use std::io::Write;

/// Blanks from which on ECH pays, with the move behind it.
const ERASE_FROM: usize = 12;
/// Unchanged columns that are cheaper written again than jumped over.
const WRITE_THROUGH: usize = 4;
/// Tiles that scrolling has to spare before it pays.
const SCROLL_FROM: usize = 24;
/// Zero width non-joiner: it shapes the letters beside it and steers nothing else.
const ZWNJ: char = '\u{200c}';
/// Variation selector 16: what it follows is drawn as an emoji, on some terminals in two columns.
const EMOJI_STYLE: char = '\u{fe0f}';

/// Knows what the user's terminal shows.
#[derive(Debug)]
pub struct Painter {
    depth: ColorDepth,
    /// What was painted last; `None` before that, and when the terminal may show anything.
    size: Option<Size>,
    rows: Vec<PictureRow>,
    cursor: Cursor,
    /// What the cursor was coloured with; it outlives what else the terminal may forget.
    cursor_color: Option<Rgb>,
    pen: Pen,
    /// Row and column of the hardware cursor, as far as they are sure.
    row: Option<u16>,
    col: Option<u16>,
    body: Vec<u8>,
    /// How many separate places the frame has written to.
    places: usize,
}

impl Painter {
    /// Makes a painter for a terminal that may show anything.
    pub fn new(depth: ColorDepth) -> Self {
        Self {
            depth,
            size: None,
            rows: Vec::new(),
            cursor: Cursor::default(),
            cursor_color: None,
            pen: Pen::default(),
            row: None,
            col: None,
            body: Vec::new(),
            places: 0,
        }
    }

    /// Forgets what the terminal shows: the next picture is painted whole.
    pub fn forget(&mut self) {
        self.size = None;
    }

    /// Appends what leads from the last picture to this one; nothing if they are equal.
    ///
    /// Law: after any sequence of pictures the terminal shows the last one.
    pub fn paint(&mut self, picture: &Picture, out: &mut Vec<u8>) {
        self.places = 0;
        self.body.clear();
        let whole = self.size != Some(picture.size);
        if whole {
            self.start_over(picture);
        } else {
            self.scroll(picture);
        }
        for (y, row) in picture.rows.iter().enumerate() {
            if self.rows[y].key != row.key {
                self.paint_row(y, row, &picture.tables);
            }
        }
        self.finish(picture, whole, out);
    }

    fn start_over(&mut self, picture: &Picture) {
        self.size = Some(picture.size);
        self.rows.clone_from(&Picture::new(picture.size).rows);
        self.pen = Pen::default();
        (self.row, self.col) = (Some(0), Some(0));
        self.body.extend_from_slice(b"\x1b[r\x1b[m");
        if self.depth >= ColorDepth::Indexed256 {
            self.body.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
        self.body.extend_from_slice(b"\x1b[H\x1b[2J");
        self.places = 2;
    }

    /// Wraps the body up as one synchronized frame and leaves the cursor where the picture has it.
    fn finish(&mut self, picture: &Picture, whole: bool, out: &mut Vec<u8>) {
        let (old, new) = (self.cursor, picture.cursor);
        let drawn = !self.body.is_empty();
        let hide = self.places > 1 && (old.visible || whole);
        if drawn {
            out.extend_from_slice(b"\x1b[?2026h");
            if hide {
                out.extend_from_slice(b"\x1b[?25l");
            }
        }
        if new.visible {
            self.go(usize::from(new.row), usize::from(new.col), None);
        }
        out.append(&mut self.body);
        if whole || old.shape != new.shape {
            let _ = write!(out, "\x1b[{} q", new.shape);
        }
        self.color_cursor(picture.cursor_color, whole, out);
        let is_shown = old.visible && !hide;
        match (is_shown, new.visible) {
            (false, true) => out.extend_from_slice(b"\x1b[?25h"),
            (true, false) => out.extend_from_slice(b"\x1b[?25l"),
            (false, false) if whole && !hide => out.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        if drawn {
            out.extend_from_slice(b"\x1b[?2026l");
        }
        self.cursor = new;
    }

    /// OSC 12 and 112 (xterm ctlseqs), on terminals that may be expected to pass over what they do not know.
    fn color_cursor(&mut self, color: Option<Rgb>, whole: bool, out: &mut Vec<u8>) {
        if self.depth < ColorDepth::Indexed256 {
            return;
        }
        let old = std::mem::replace(&mut self.cursor_color, color);
        match color {
            Some((r, g, b)) if whole || old != color => {
                let _ = write!(out, "\x1b]12;rgb:{r:02x}/{g:02x}/{b:02x}\x1b\\");
            }
            None if old.is_some() => out.extend_from_slice(b"\x1b]112\x1b\\"),
            _ => {}
        }
    }

    /// Moves rows that only changed their place, if that spares enough.
    fn scroll(&mut self, picture: &Picture) {
        let old = |y: usize| self.rows[y].key;
        let Some(shift) = shift::find(old, |y| picture.rows[y].key, self.rows.len()) else {
            return;
        };
        let blank = PictureRow {
            key: 0,
            tiles: vec![Tile::BLANK; usize::from(picture.size.cols)],
        };
        let exposed = shift.exposed();
        let (mut before, mut after) = (0, 0);
        for y in shift.top..shift.bottom {
            let new = &picture.rows[y];
            before += differing(&self.rows[y], new);
            after += match exposed.contains(&y) {
                true => differing(&blank, new),
                false => differing(&self.rows[y.saturating_add_signed(shift.by)], new),
            };
        }
        if before < after + SCROLL_FROM {
            return;
        }
        shift.rotate(&mut self.rows);
        for y in exposed {
            self.rows[y].clone_from(&blank);
        }
        self.put_scroll(shift, &picture.tables);
    }

    /// DECSTBM around the region, DL or IL at its top (the linux console has no SU and SD).
    fn put_scroll(&mut self, shift: Shift, tables: &Tables) {
        self.places += 2;
        self.pen.reset(tables, &mut self.body);
        let _ = write!(self.body, "\x1b[{};{}r", shift.top + 1, shift.bottom);
        if shift.top > 0 {
            let _ = write!(self.body, "\x1b[{}H", shift.top + 1);
        }
        let letter = if shift.by > 0 { 'M' } else { 'L' };
        let _ = write!(self.body, "\x1b[{}{letter}\x1b[r", shift.by.unsigned_abs());
        (self.row, self.col) = (Some(0), Some(0));
    }

    fn paint_row(&mut self, y: usize, row: &PictureRow, tables: &Tables) {
        let mut old = std::mem::take(&mut self.rows[y]);
        let new = &row.tiles;
        let tail = new
            .iter()
            .rposition(|tile| !tile.is_blank())
            .map_or(0, |x| x + 1);
        let mut line = Line {
            y,
            tiles: new,
            tables,
        };
        // Up to here a tile of uncertain width may have spoilt the row.
        let mut spoilt = 0;
        let mut x = 0;
        while x < new.len() {
            if old.tiles[x] == new[x] && x >= spoilt {
                x += 1;
                continue;
            }
            if x >= tail {
                self.erase_rest(&line, x);
                break;
            }
            while new[x].width == 0 && x > 0 {
                x -= 1;
            }
            let blanks = blanks(&new[x..tail]);
            if blanks >= ERASE_FROM {
                self.erase(&line, x, blanks);
                x += blanks;
                continue;
            }
            spoilt = spoilt
                .max(x + reach(&old.tiles[x], tables))
                .max(x + reach(&new[x], tables));
            self.put_tile(&mut line, x);
            x += usize::from(new[x].width.max(1));
        }
        old.key = row.key;
        old.tiles.clone_from(new);
        self.rows[y] = old;
    }

    fn erase_rest(&mut self, line: &Line, x: usize) {
        self.go(line.y, x, Some(line));
        self.pen.reset(line.tables, &mut self.body);
        self.body.extend_from_slice(b"\x1b[K");
    }

    fn erase(&mut self, line: &Line, x: usize, count: usize) {
        self.go(line.y, x, Some(line));
        self.pen.reset(line.tables, &mut self.body);
        let _ = write!(self.body, "\x1b[{count}X");
    }

    fn put_tile(&mut self, line: &mut Line, x: usize) {
        let tile = line.tiles[x];
        if joins(&tile, line.tables) {
            // Only after a control does it begin a cell of its own, as it did for the program.
            self.col = None;
        }
        self.go(line.y, x, Some(line));
        self.pen
            .change(tile.style, self.depth, line.tables, &mut self.body);
        let end = x + usize::from(tile.width.max(1));
        let cols = line.tiles.len();
        let last = end >= cols && line.y + 1 == self.rows.len();
        let wide_cluster = tile.width == 2 && matches!(tile.glyph, Glyph::Cluster(_));
        // Writing the last column of the last row must not scroll, nor an odd tile or its blanks wrap.
        let guard = last || wide_cluster && end >= cols || x + spread(&tile, line.tables) > cols;
        if guard {
            self.body.extend_from_slice(b"\x1b[?7l");
        }
        if wide_cluster {
            // A terminal that draws it narrow leaves blanks, not what stood there.
            let _ = write!(self.body, "  \x1b[{}G", x + 1);
        }
        match tile.glyph {
            Glyph::Char(c) => self
                .body
                .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Glyph::Cluster(index) => self.put_cluster(line.tables.cluster(index)),
            Glyph::Continuation => self.body.push(b' '),
        }
        if guard {
            self.body.extend_from_slice(b"\x1b[?7h");
        }
        self.col = (!is_odd(&tile)).then_some(end as u16);
        if end >= cols || guard {
            // Whether a wrap is pending differs between terminals.
            (self.row, self.col) = (None, None);
        }
    }

    /// Leaves out what would turn the order of reading of all that stands behind it, in other panes too.
    fn put_cluster(&mut self, text: &str) {
        for c in text.chars().filter(|c| !is_steering(*c) || *c == ZWNJ) {
            self.body
                .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// Moves the hardware cursor by the shortest way; `line` offers its unchanged tiles to be written through.
    fn go(&mut self, y: usize, x: usize, line: Option<&Line>) {
        let (to_row, to_col) = (y as u16, x as u16);
        if (self.row, self.col) == (Some(to_row), Some(to_col)) {
            return;
        }
        self.places += 1;
        match (self.row, self.col) {
            (Some(row), Some(col)) if row == to_row => self.go_along(usize::from(col), x, line),
            (Some(row), None) if row == to_row => self.put_column(x),
            (Some(row), _) if row + 1 == to_row && x == 0 => self.body.extend_from_slice(b"\r\n"),
            _ if x == 0 && y == 0 => self.body.extend_from_slice(b"\x1b[H"),
            _ if x == 0 => write!(self.body, "\x1b[{}H", y + 1).unwrap_or(()),
            _ => write!(self.body, "\x1b[{};{}H", y + 1, x + 1).unwrap_or(()),
        }
        (self.row, self.col) = (Some(to_row), Some(to_col));
    }

    fn go_along(&mut self, from: usize, x: usize, line: Option<&Line>) {
        if x == 0 {
            self.body.push(b'\r');
        } else if x < from {
            match from - x {
                back @ 1..=3 => self.body.extend(std::iter::repeat_n(b'\x08', back)),
                _ => self.put_column(x),
            }
        } else if let Some(gap) = line.and_then(|line| self.gap(line, from, x)) {
            for tile in gap {
                if let Glyph::Char(c) = tile.glyph {
                    self.body.push(c as u8);
                }
            }
            self.places -= 1;
        } else {
            match x - from {
                1 => self.body.extend_from_slice(b"\x1b[C"),
                ahead => write!(self.body, "\x1b[{ahead}C").unwrap_or(()),
            }
        }
    }

    /// CHA.
    fn put_column(&mut self, x: usize) {
        match x {
            0 => self.body.push(b'\r'),
            _ => write!(self.body, "\x1b[{}G", x + 1).unwrap_or(()),
        }
    }

    /// The tiles between, if writing them again is the shortest way across and needs no other pen.
    fn gap<'a>(&self, line: &Line<'a>, from: usize, x: usize) -> Option<&'a [Tile]> {
        let tiles = line.tiles.get(from..x)?;
        let plain = |tile: &Tile| {
            matches!(tile.glyph, Glyph::Char(' '..='~')) && self.pen.draws(tile.style, self.depth)
        };
        (tiles.len() <= WRITE_THROUGH && tiles.iter().all(plain)).then_some(tiles)
    }
}

/// A row being painted.
struct Line<'a> {
    y: usize,
    tiles: &'a [Tile],
    tables: &'a Tables,
}

fn differing(old: &PictureRow, new: &PictureRow) -> usize {
    if old.key == new.key {
        return 0;
    }
    let pairs = old.tiles.iter().zip(&new.tiles);
    pairs.filter(|(old, new)| old != new).count()
}

fn blanks(tiles: &[Tile]) -> usize {
    tiles.iter().take_while(|tile| tile.is_blank()).count()
}

/// Whether terminals disagree about the tile's width: clusters, some characters, and what the program's terminal has
/// drawn otherwise than by the table.
fn is_odd(tile: &Tile) -> bool {
    match tile.glyph {
        Glyph::Cluster(_) => true,
        Glyph::Char(c) => is_disputed(c) || char_width(c) != tile.width,
        Glyph::Continuation => false,
    }
}

/// Whether the tile would join a letter before it: marks with columns of their own, and the tones of skin.
fn joins(tile: &Tile, tables: &Tables) -> bool {
    let first = match tile.glyph {
        Glyph::Char(c) => Some(c),
        Glyph::Cluster(index) => tables.cluster(index).chars().next(),
        Glyph::Continuation => None,
    };
    first.is_some_and(|c| Join::OPEN.then(Traits::of(c).class()).is_some())
}

/// Columns that a terminal may fill when the tile is written.
fn reach(tile: &Tile, tables: &Tables) -> usize {
    match tile.glyph {
        Glyph::Cluster(index) => {
            let sum = tables.cluster(index).chars().map(columns).sum();
            usize::max(sum, 2)
        }
        _ if is_odd(tile) => 2,
        _ => usize::from(tile.width),
    }
}

/// Columns that it may take on a terminal that draws marks over their letters. Without a wrap some (tmux) draw the marks
/// of the last column over the letter before, so that a letter with marks is not kept from wrapping there.
fn spread(tile: &Tile, tables: &Tables) -> usize {
    match tile.glyph {
        Glyph::Cluster(index) if !tables.cluster(index).contains(EMOJI_STYLE) => {
            tables.cluster(index).chars().map(columns).sum()
        }
        _ => reach(tile, tables),
    }
}

fn columns(c: char) -> usize {
    usize::from(char_width(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{Attrs, Color, Emulator, Style};
    use proptest::prelude::*;
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::num::NonZeroU16;

    /// Tiles by letters: `a` plain, `A` red, `#` on blue, `W` wide, `E` an emoji, `F` a cluster, ` ` blank.
    fn picture(lines: &[&str]) -> Picture {
        let cols = lines.iter().map(|line| line.len()).max().unwrap_or(1);
        let mut picture = Picture::new(Size::new(cols as u16, lines.len() as u16));
        let family = picture.tables.glyph("e\u{301}");
        for (y, line) in lines.iter().enumerate() {
            let mut x = 0;
            for c in line.chars() {
                if x < cols {
                    x += put(&mut picture, y, x, c, family);
                }
            }
        }
        key(&mut picture);
        picture
    }

    fn put(picture: &mut Picture, y: usize, x: usize, c: char, cluster: Glyph) -> usize {
        let tiles = &mut picture.rows[y].tiles;
        let mut style = Style::default();
        match c {
            'A' | 'C' => style.fg = Color::Index(1),
            '#' => style.bg = Color::Rgb(0, 0, 200),
            'I' => style.attrs = Attrs::INVERSE,
            'B' => style.attrs = Attrs::BOLD,
            _ => {}
        }
        let (glyph, width) = match c {
            'W' => (Glyph::Char('界'), 2),
            'E' => (Glyph::Char('🦀'), 2),
            'F' => (cluster, 1),
            '#' => (Glyph::Char(' '), 1),
            c => (Glyph::Char(c), 1),
        };
        if x + width > tiles.len() {
            return 1;
        }
        tiles[x] = Tile {
            glyph,
            width: width as u8,
            style,
        }
        .canonical();
        if width == 2 {
            tiles[x + 1] = Tile {
                glyph: Glyph::Continuation,
                width: 0,
                style,
            };
        }
        width
    }

    fn key(picture: &mut Picture) {
        for row in &mut picture.rows {
            let mut hasher = DefaultHasher::new();
            for tile in &row.tiles {
                format!("{tile:?}").hash(&mut hasher);
            }
            row.key = hasher.finish() | 1;
        }
    }

    fn terminal(size: Size) -> vt100::Parser {
        let nonzero = |n| NonZeroU16::new(n).expect("a size is never 0");
        vt100::Parser::new(nonzero(size.rows), nonzero(size.cols), 0)
    }

    /// Masked, because vt100 lacks them: underline styles and colours, links, strike, blink, hidden, overline.
    fn assert_shows(terminal: &vt100::Parser, picture: &Picture) -> Result<(), TestCaseError> {
        for (y, row) in picture.rows.iter().enumerate() {
            for (x, tile) in row.tiles.iter().enumerate() {
                let cell = terminal.screen().cell(y as u16, x as u16).expect("inside");
                let mut buffer = [0; 4];
                let text = picture.text(tile, &mut buffer);
                let shown = if tile.width == 0 || cell.has_contents() {
                    cell.contents()
                } else {
                    " "
                };
                prop_assert_eq!(shown, text, "text at {} {}", y, x);
                prop_assert_eq!(cell.bgcolor(), color(tile.style.bg), "bg at {} {}", y, x);
                if tile.width > 0 && text != " " {
                    prop_assert_eq!(cell.fgcolor(), color(tile.style.fg), "fg at {} {}", y, x);
                    prop_assert_eq!(cell.bold(), tile.style.attrs.contains(Attrs::BOLD));
                }
                prop_assert_eq!(cell.inverse(), tile.style.attrs.contains(Attrs::INVERSE));
            }
        }
        prop_assert_eq!(terminal.screen().hide_cursor(), !picture.cursor.visible);
        if picture.cursor.visible {
            let at = (picture.cursor.row, picture.cursor.col);
            prop_assert_eq!(terminal.screen().cursor_position(), at);
        }
        Ok(())
    }

    fn color(color: Color) -> vt100::Color {
        match color {
            Color::Default => vt100::Color::Default,
            Color::Index(index) => vt100::Color::Idx(index),
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        }
    }

    fn painted(painter: &mut Painter, picture: &Picture) -> String {
        let mut out = Vec::new();
        painter.paint(picture, &mut out);
        String::from_utf8(out).expect("UTF-8").replace('\x1b', "␛")
    }

    #[test]
    fn an_equal_picture_costs_nothing() {
        let mut painter = Painter::new(ColorDepth::True);
        let picture = picture(&["abc", "d  "]);
        painted(&mut painter, &picture);
        assert_eq!(painted(&mut painter, &picture), "");
    }

    #[test]
    fn a_cluster_turns_no_order_of_reading() {
        let mut picture = picture(&["x"]);
        picture.rows[0].tiles[0].glyph = picture
            .tables
            .glyph("e\u{202e}\u{301}\u{2066}\u{200c}\u{200d}\u{2028}\u{feff}");
        key(&mut picture);
        let shown = painted(&mut Painter::new(ColorDepth::True), &picture);
        assert!(shown.contains("e\u{301}\u{200c}\u{200d}"), "{shown:?}");
        let steers = |c: char| is_steering(c) && c != ZWNJ;
        assert!(!shown.contains(steers), "{shown:?}");
    }

    #[test]
    fn marks_in_the_last_column_are_written_with_their_letter_as_anywhere() {
        let shown = painted(
            &mut Painter::new(ColorDepth::True),
            &picture(&["abF", "   "]),
        );
        assert!(shown.contains("abe\u{301}"), "{shown:?}");
    }

    #[test]
    fn a_wide_cluster_at_the_edge_is_written_over_blanks_without_a_wrap() {
        let mut picture = picture(&["abc|", "    "]);
        let mut painter = Painter::new(ColorDepth::True);
        painted(&mut painter, &picture);
        let glyph = picture.tables.glyph("❤\u{fe0f}");
        let tiles = &mut picture.rows[0].tiles;
        (tiles[2].glyph, tiles[2].width) = (glyph, 2);
        (tiles[3].glyph, tiles[3].width) = (Glyph::Continuation, 0);
        key(&mut picture);
        let shown = painted(&mut painter, &picture);
        assert!(shown.contains("␛[?7l  ␛[3G❤\u{fe0f}␛[?7h"), "{shown:?}");
    }

    #[test]
    fn a_typed_letter_costs_itself() {
        let mut painter = Painter::new(ColorDepth::True);
        let mut first = picture(&["$ l   ", "      "]);
        first.cursor = Cursor {
            row: 0,
            col: 3,
            visible: true,
            shape: 0,
        };
        painted(&mut painter, &first);
        let mut second = picture(&["$ ls  ", "      "]);
        second.cursor = Cursor {
            col: 4,
            ..first.cursor
        };
        assert_eq!(painted(&mut painter, &second), "␛[?2026hs␛[?2026l");
    }

    #[test]
    fn output_at_the_bottom_scrolls() {
        let mut painter = Painter::new(ColorDepth::True);
        let line = |c: &str| c.repeat(30);
        let lines: Vec<String> = ["a", "b", "c", "d", "z"].map(line).into();
        let texts = |lines: &[String]| picture(&lines.iter().map(|s| &s[..]).collect::<Vec<_>>());
        painted(&mut painter, &texts(&lines));
        let lines: Vec<String> = ["b", "c", "d", "e", "z"].map(line).into();
        let bytes = painted(&mut painter, &texts(&lines));
        assert_eq!(
            bytes,
            format!("␛[?2026h␛[1;4r␛[1M␛[r␛[4H{}␛[?2026l", "e".repeat(30))
        );
    }

    /// Writes `text`, one tile of `width`, into the first row.
    fn set(picture: &mut Picture, x: usize, text: &str, width: u8) {
        let glyph = picture.tables.glyph(text);
        let style = Style::default();
        let tiles = &mut picture.rows[0].tiles;
        tiles[x] = Tile {
            glyph,
            width,
            style,
        };
        if width == 2 {
            let glyph = Glyph::Continuation;
            tiles[x + 1] = Tile {
                glyph,
                width: 0,
                style,
            };
        }
        key(picture);
    }

    /// What the user's terminal shows in the columns from `start` on.
    fn shown(terminal: &Emulator, start: usize) -> String {
        let row = terminal.rows().next().expect("a row");
        let mut text = String::new();
        for cell in row.cells().iter().skip(start) {
            terminal.tables().push_text(cell, &mut text);
        }
        text.trim_end().to_owned()
    }

    #[test]
    fn a_terminal_with_other_widths_spoils_one_cell() {
        let tiles = [
            ("👩\u{200d}👩\u{200d}👧", 2),
            ("❤\u{fe0f}", 2),
            ("🇩🇪", 2),
            ("⌚\u{fe0e}", 1),
            ("कि", 2),
            ("🇩", 1),
        ];
        for (text, width) in tiles {
            let mut painter = Painter::new(ColorDepth::True);
            let mut terminal = Emulator::new(Size::new(12, 2));
            // Its clusters are single characters.
            terminal.feed(b"\x1b[?2027l");
            for (before, after) in [
                ("abcdefgh", "abcdefgh"),
                ("abcd", "abcdxy"),
                ("        ", "zz"),
            ] {
                for line in [before, after] {
                    let mut picture = picture(&[&format!("{line:12}"), "            "]);
                    set(&mut picture, 1, text, width);
                    let mut out = Vec::new();
                    painter.paint(&picture, &mut out);
                    terminal.feed(&out);
                    let end = 1 + usize::from(width);
                    let want = line.get(end..).unwrap_or_default().trim_end();
                    assert_eq!(shown(&terminal, end), want, "after {text:?}");
                }
            }
        }
    }

    fn lines(cols: usize, rows: usize) -> impl Strategy<Value = Vec<String>> {
        let line = prop_oneof![
            3 => prop::collection::vec(prop::sample::select(b"abcAC#BI WEF      ".to_vec()), cols)
                .prop_map(|bytes| String::from_utf8(bytes).expect("ASCII")),
            1 => prop::sample::select(b"xyz".to_vec()).prop_map(move |c| (c as char).to_string().repeat(cols)),
            1 => Just(" ".repeat(cols)),
        ];
        prop::collection::vec(line, rows)
    }

    #[test]
    fn the_cursor_is_coloured_once_and_given_back() {
        let mut painter = Painter::new(ColorDepth::True);
        let mut shown = picture(&["ab"]);
        let mut paint = |shown: &Picture| {
            let mut out = Vec::new();
            painter.paint(shown, &mut out);
            String::from_utf8(out).expect("text")
        };
        assert!(!paint(&shown).contains("\x1b]1"));
        shown.cursor_color = Some((255, 0, 16));
        assert_eq!(paint(&shown), "\x1b]12;rgb:ff/00/10\x1b\\");
        assert_eq!(paint(&shown), "");
        shown.cursor_color = None;
        assert_eq!(paint(&shown), "\x1b]112\x1b\\");
    }

    proptest! {
        #[test]
        fn the_last_picture_is_shown(
            frames in prop::collection::vec((lines(17, 6), 0..5isize, any::<bool>(), 0..6u16, 0..17u16), 1..8),
        ) {
            let size = Size::new(17, 6);
            let mut terminal = terminal(size);
            terminal.process(b"rubbish\x1b[41m\r\nmore of it");
            let mut painter = Painter::new(ColorDepth::True);
            let mut previous: Vec<String> = Vec::new();
            for (mut lines, shift, visible, row, col) in frames {
                // Most frames share rows with the one before, moved.
                if shift > 0 && !previous.is_empty() {
                    let by = shift as usize;
                    previous.rotate_left(by);
                    previous[6 - by..].clone_from_slice(&lines[6 - by..]);
                    lines = previous;
                }
                let mut next = picture(&lines.iter().map(|s| &s[..]).collect::<Vec<_>>());
                next.cursor = Cursor { row, col, visible, shape: 0 };
                let mut out = Vec::new();
                painter.paint(&next, &mut out);
                terminal.process(&out);
                assert_shows(&terminal, &next)?;
                previous = lines;
            }
        }
    }
}
