//! One viewer's place in a pane's lines: rows wrapped at the viewer's width, kept still while new output arrives.
//!
//! A window is a surface of its own: a row's id says which line it shows, so scrolling resends only what comes into
//! sight.

use super::Pane;
use super::highlight::Highlight;
use super::lines::{LineText, PaneLines, Place, Stored, rows_in_memory};
use crate::protocol::command::ScrollCommand;
use crate::protocol::surface::{Header, Scrolled, SurfaceSource};
use crate::protocol::{Rect, Spot};
use crate::scrollback::lines::Lines;
use crate::scrollback::search::{Direction, Match, Pattern, Position};
use crate::term::{Cell, Cursor, Row, Size, Tables, Version, codec, rows_to_lines, wrap_line};
use std::ops::Range;

/// A viewer's place in scrollback.
#[derive(Debug)]
pub struct Window {
    size: Size,
    top: Place,
    rows: Vec<Row>,
    tables: Tables,
    version: Version,
    header: Header,
    header_changed_at: Version,
    order_changed_at: Version,
    pattern: Option<Pattern>,
    found: Option<Match>,
}

/// Styles that a window gathers before its tables are made anew.
const TABLES_LIMIT: usize = 16 * 1024;

impl Window {
    /// A window onto the screen of `pane`, as it is now.
    pub fn new(pane: &Pane, stored: &dyn Stored) -> Self {
        let mut window = Self {
            size: pane.emulator().size(),
            top: Place::default(),
            rows: Vec::new(),
            tables: Tables::default(),
            version: Version(0),
            header: Header {
                scrolled: Some(Scrolled::default()),
                ..pane.header()
            },
            header_changed_at: Version(0),
            order_changed_at: Version(0),
            pattern: None,
            found: None,
        };
        let rows = rows_in_memory(pane);
        window.top = window.bottom(&PaneLines::new(pane, stored, &rows));
        window.refill(pane, stored);
        window
    }

    /// Follows a command of the viewer; a search shows what it finds by [`Window::show`].
    pub fn scroll(&mut self, command: &ScrollCommand, pane: &Pane, stored: &dyn Stored) {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::new(pane, stored, &rows);
        self.top = match command {
            ScrollCommand::By(rows) if *rows < 0 => self.up(self.top, rows.unsigned_abs(), &lines),
            ScrollCommand::By(rows) => self.down(self.top, rows.unsigned_abs(), &lines),
            ScrollCommand::Top => Place {
                line: lines.first(),
                row: 0,
            },
            ScrollCommand::Bottom => self.bottom(&lines),
            ScrollCommand::Show(spot) => self.around(*spot, &lines),
            ScrollCommand::Enter
            | ScrollCommand::Search { .. }
            | ScrollCommand::Copy(_)
            | ScrollCommand::Live => self.top,
        };
        self.refill(pane, stored);
    }

    /// Fits the window to the pane's size, keeping its top cell in the top row.
    pub fn resize(&mut self, pane: &Pane, stored: &dyn Stored) {
        self.size = pane.emulator().size();
        if let Some(top) = self.rows.first().map(|row| Spot::of_row(row.id)) {
            let rows = rows_in_memory(pane);
            self.top = self.place_of(top, &PaneLines::new(pane, stored, &rows));
        }
        self.refill(pane, stored);
    }

    /// The lines of `range` that are in memory, encoded as they are stored. What is shown is taken as it is shown: the
    /// program may have written over it meanwhile.
    pub fn recent(&self, range: Range<u64>, pane: &Pane, stored: &dyn Stored) -> Lines {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::new(pane, stored, &rows);
        let range = range.start.max(lines.first_in_memory())..range.end.min(lines.end());
        let mut recent = Lines::starting_at(range.start);
        let (mut tables, mut body) = (Tables::default(), Vec::new());
        for number in range {
            body.clear();
            match self.shown_line(number) {
                Some(cells) => codec::encode_line(&cells, false, &self.tables, &mut body),
                None => {
                    let cells = lines.line(number, &mut tables);
                    codec::encode_line(&cells, false, &tables, &mut body);
                }
            }
            recent.push(&body, 0);
        }
        recent
    }

    /// The cells of line `number`, if all its rows are shown.
    fn shown_line(&self, number: u64) -> Option<Vec<Cell>> {
        let is_of_it = |row: &&Row| Spot::of_row(row.id).line == number;
        let rows: Vec<&Row> = self.rows.iter().filter(is_of_it).collect();
        let begins = Spot::of_row(rows.first()?.id).cell == 0;
        let is_whole = begins && !rows.last()?.wrapped;
        is_whole.then(|| rows_to_lines(rows).concat())
    }

    /// Notes that a command was followed, whatever came of it.
    pub fn followed(&mut self) {
        if let Some(scrolled) = &mut self.header.scrolled {
            scrolled.followed += 1;
        }
        self.version.0 += 1;
        self.header_changed_at = self.version;
    }

    /// The pattern that was searched for last.
    pub fn pattern(&self) -> Option<&Pattern> {
        self.pattern.as_ref()
    }

    /// Searches for `pattern` from now on, and highlights it.
    pub fn set_pattern(&mut self, pattern: Pattern) {
        self.pattern = Some(pattern);
        self.found = None;
    }

    /// The place in the lines that the cell at `row`, `col` of the window shows.
    pub fn position_at(&self, row: u16, col: u16, pane: &Pane, stored: &dyn Stored) -> Position {
        let Some(shown) = self.rows.get(usize::from(row)) else {
            return Position {
                line: self.top.line,
                byte: 0,
            };
        };
        let start = Spot::of_row(shown.id);
        let rows = rows_in_memory(pane);
        let mut tables = Tables::default();
        let cells = PaneLines::new(pane, stored, &rows).line(start.line, &mut tables);
        let cell = start.cell as usize + usize::from(col);
        Position {
            line: start.line,
            byte: LineText::new(&cells, &tables).byte_of(cell),
        }
    }

    /// Looks for the pattern among the lines in memory, away from `from` in `direction`; the lines in scrollback are
    /// not looked at.
    pub fn find_in_memory(
        &self,
        pane: &Pane,
        stored: &dyn Stored,
        from: Position,
        direction: Direction,
    ) -> Option<Match> {
        let pattern = self.pattern.as_ref()?;
        let rows = rows_in_memory(pane);
        let lines = PaneLines::new(pane, stored, &rows);
        let mut tables = Tables::default();
        let mut look = |number: u64| {
            let text = LineText::new(&lines.line(number, &mut tables), &tables).text;
            let edge = (number == from.line).then_some(from.byte);
            let range = match direction {
                Direction::Backward => pattern.rfind_in(&text, edge.unwrap_or(text.len())),
                Direction::Forward => pattern.find_in(&text, edge.unwrap_or(0)),
            };
            range.map(|range| Match {
                line: number,
                start_byte: range.start,
                end_byte: range.end,
            })
        };
        let (first, end) = (lines.first_in_memory(), lines.end());
        match direction {
            Direction::Backward => (first..end.min(from.line.saturating_add(1)))
                .rev()
                .find_map(&mut look),
            Direction::Forward => (first.max(from.line)..end).find_map(&mut look),
        }
    }

    /// Shows what a search found, in the middle unless it is in sight already; or says that there is nothing.
    pub fn show(&mut self, found: Option<Match>, note: &str, pane: &Pane, stored: &dyn Stored) {
        self.found = found.or(self.found);
        if let Some(found) = found {
            let rows = rows_in_memory(pane);
            let lines = PaneLines::new(pane, stored, &rows);
            let mut tables = Tables::default();
            let cells = lines.line(found.line, &mut tables);
            let spot = Spot {
                line: found.line,
                cell: LineText::new(&cells, &tables).cell_at(found.start_byte) as u32,
            };
            self.top = self.around(spot, &lines);
        }
        if let Some(scrolled) = &mut self.header.scrolled {
            scrolled.note = note.to_owned();
        }
        self.header_changed_at = Version(self.version.0 + 1);
        self.refill(pane, stored);
    }

    /// The window, to be shown to its viewer.
    pub fn source(&self) -> SurfaceSource<'_> {
        SurfaceSource {
            version: self.version,
            header: self.header.clone(),
            header_changed_at: self.header_changed_at,
            cursor: Cursor::default(),
            order_changed_at: self.order_changed_at,
            rows: self.rows.iter().collect(),
            tables: &self.tables,
        }
    }

    /// Takes over the colours that the program has set since.
    pub fn recolor(&mut self, pane: &Pane) {
        let palette = pane.emulator().palette();
        if self.header.palette != *palette {
            self.header.palette.clone_from(palette);
            self.version.0 += 1;
            self.header_changed_at = self.version;
        }
    }

    /// The rows of the lines from `self.top` on, as they are now. Rows that stay keep their version.
    fn refill(&mut self, pane: &Pane, stored: &dyn Stored) {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::new(pane, stored, &rows);
        self.top = self.top.min(self.bottom(&lines)).max(Place {
            line: lines.first(),
            row: 0,
        });
        self.version.0 += 1;
        if self.tables.counts().0 > TABLES_LIMIT || self.tables.are_crowded() {
            self.tables = Tables::default();
            self.rows.clear();
        }
        let (fresh, matches) = self.gather(&lines);
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        if ids(&fresh) != ids(&self.rows) {
            self.order_changed_at = self.version;
        }
        let old = std::mem::replace(&mut self.rows, fresh);
        for row in &mut self.rows {
            if let Some(same) = old
                .iter()
                .find(|old| old.id == row.id && old.cells() == row.cells())
            {
                *row = same.clone();
            }
        }
        self.describe(&lines, matches, pane);
    }

    /// The rows that fill the window from its top, and where the pattern stands in them.
    fn gather(&mut self, lines: &PaneLines) -> (Vec<Row>, Vec<Rect>) {
        let mut rows = Vec::new();
        let mut highlight = Highlight::new(self.pattern.as_ref(), self.found);
        let height = usize::from(self.size.rows);
        let mut number = self.top.line;
        while rows.len() < height {
            let cells = if number < lines.end() {
                lines.line(number, &mut self.tables)
            } else {
                Vec::new()
            };
            let ranges = wrap_line(&cells, self.size.cols);
            let skip = if number == self.top.line {
                self.top.row as usize
            } else {
                0
            };
            let first_row = rows.len();
            let shown = skip.min(ranges.len())..ranges.len().min(skip + height - first_row);
            for at in shown.clone() {
                let range = ranges[at].clone();
                let start = Spot {
                    line: number,
                    cell: range.start as u32,
                };
                let mut row = Row::new(start.row_id(), self.version);
                row.cells_mut().extend_from_slice(&cells[range]);
                row.wrapped = at + 1 < ranges.len();
                rows.push(row);
            }
            highlight.mark(number, &cells, &self.tables, &ranges[shown], first_row);
            number += 1;
        }
        (rows, highlight.finish())
    }

    fn describe(&mut self, lines: &PaneLines, matches: Vec<Rect>, pane: &Pane) {
        let before = self.header.scrolled.clone().unwrap_or_default();
        let scrolled = Scrolled {
            above: self.top.line - lines.first(),
            total: lines.end() - lines.first(),
            at_bottom: self.top >= self.bottom(lines),
            matches,
            ..before
        };
        let header = Header {
            size: self.size,
            scrolled: Some(scrolled),
            ..pane.header()
        };
        if header != self.header {
            self.header = header;
            self.header_changed_at = self.version;
        }
    }

    /// The top at which the last row of the screen is the window's last.
    fn bottom(&self, lines: &PaneLines) -> Place {
        let end = Place {
            line: lines.end(),
            row: 0,
        };
        self.up(end, u32::from(self.size.rows), lines)
    }

    fn rows_of(&self, number: u64, lines: &PaneLines) -> u32 {
        wrap_line(&lines.line(number, &mut Tables::default()), self.size.cols).len() as u32
    }

    /// The row that shows `spot`.
    fn place_of(&self, spot: Spot, lines: &PaneLines) -> Place {
        let rows = wrap_line(
            &lines.line(spot.line, &mut Tables::default()),
            self.size.cols,
        );
        let row = rows
            .iter()
            .rposition(|row| row.start <= spot.cell as usize)
            .unwrap_or(0);
        Place {
            line: spot.line,
            row: row as u32,
        }
    }

    /// The top at which `spot` is shown: the present one, or one that brings it to the middle.
    fn around(&self, spot: Spot, lines: &PaneLines) -> Place {
        let place = self.place_of(spot, lines);
        let end = self.down(self.top, u32::from(self.size.rows), lines);
        match (self.top..end).contains(&place) {
            true => self.top,
            false => self.up(place, u32::from(self.size.rows / 2), lines),
        }
    }

    fn up(&self, from: Place, rows: u32, lines: &PaneLines) -> Place {
        let (mut at, mut left) = (from, rows);
        while left > at.row {
            if at.line <= lines.first() {
                return Place {
                    line: lines.first(),
                    row: 0,
                };
            }
            left -= at.row + 1;
            at.line -= 1;
            at.row = self.rows_of(at.line, lines) - 1;
        }
        Place {
            row: at.row - left,
            ..at
        }
    }

    fn down(&self, from: Place, rows: u32, lines: &PaneLines) -> Place {
        let (mut at, mut left) = (from, rows);
        while left > 0 && at.line < lines.end() {
            let below = self.rows_of(at.line, lines).saturating_sub(at.row + 1);
            if left <= below {
                return Place {
                    row: at.row + left,
                    ..at
                };
            }
            left -= below + 1;
            at = Place {
                line: at.line + 1,
                row: 0,
            };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::Origin;
    use crate::protocol::PaneId;
    use crate::scrollback::lines;

    /// A pane that has stored nothing yet.
    struct Nothing;

    impl Stored for Nothing {
        fn first_line(&self) -> u64 {
            0
        }

        fn end_line(&self) -> u64 {
            0
        }

        fn read(&self, _: u64, _: usize, _: &mut dyn FnMut(u64, &[u8])) {}
    }

    fn pane(cols: u16, output: &str) -> Pane {
        let mut pane = Pane::new(PaneId(1), Origin::default(), Size::new(cols, 4));
        pane.output(output.as_bytes());
        pane
    }

    fn shown(window: &Window) -> Vec<String> {
        let text = |row: &Row| {
            let mut text = String::new();
            let cells = row.cells().iter();
            cells.for_each(|cell| window.tables.push_text(cell, &mut text));
            text.trim_end().to_owned()
        };
        window.rows.iter().map(text).collect()
    }

    #[test]
    fn a_resize_keeps_the_top_cell_in_the_top_row() {
        let mut pane = pane(10, &("0123456789".repeat(9) + "\r\n1\r\n2\r\n3\r\n4"));
        let mut window = Window::new(&pane, &Nothing);
        window.scroll(&ScrollCommand::By(-3), &pane, &Nothing);
        assert_eq!(Spot::of_row(window.rows[0].id), Spot { line: 0, cell: 60 });
        for (cols, cell) in [(20, 60), (7, 56), (90, 0)] {
            pane.resize(Size::new(cols, 4));
            window.resize(&pane, &Nothing);
            assert_eq!(
                Spot::of_row(window.rows[0].id),
                Spot { line: 0, cell },
                "{cols}"
            );
        }
    }

    #[test]
    fn a_cell_is_shown_in_the_middle_unless_it_is_in_sight() {
        let lines: Vec<String> = (0..50).map(|n| format!("line {n}")).collect();
        let pane = pane(20, &lines.join("\r\n"));
        let mut window = Window::new(&pane, &Nothing);
        let show = |line| ScrollCommand::Show(Spot { line, cell: 0 });
        window.scroll(&show(48), &pane, &Nothing);
        assert_eq!(shown(&window), lines[46..]);
        window.scroll(&show(20), &pane, &Nothing);
        assert_eq!(shown(&window), lines[18..22]);
    }

    #[test]
    fn a_match_far_into_a_long_line_is_shown() {
        let long = "x".repeat(200) + "needle";
        let pane = pane(20, &(long + &"y".repeat(100) + "\r\nend"));
        let mut window = Window::new(&pane, &Nothing);
        let found = Match {
            line: 0,
            start_byte: 200,
            end_byte: 206,
        };
        window.set_pattern(Pattern::new("needle").expect("a pattern"));
        window.show(Some(found), "", &pane, &Nothing);
        assert!(shown(&window).iter().any(|row| row.starts_with("needle")));
        let matches = window.header.scrolled.map(|at| at.matches.len());
        assert_eq!(matches, Some(1));
    }

    #[test]
    fn a_screen_full_of_matches_is_shown() {
        let mut pane = pane(500, "");
        pane.resize(Size::new(500, 200));
        for (row, wanted) in [
            ("a".repeat(500), 200),
            ("a ".repeat(250), Scrolled::MAX_MATCHES),
        ] {
            pane.output(row.repeat(200).as_bytes());
            let mut window = Window::new(&pane, &Nothing);
            window.set_pattern(Pattern::new("a").expect("a pattern"));
            window.refill(&pane, &Nothing);
            let matches = window.header.scrolled.map(|at| at.matches.len());
            assert_eq!(matches, Some(wanted));
        }
    }

    #[test]
    fn lines_in_memory_are_copied_as_they_are_shown() {
        let mut pane = pane(20, "a\r\nb\r\nc\r\nd\r\ne");
        let window = Window::new(&pane, &Nothing);
        pane.output(b"\x1b[2;1Hwritten over");
        let recent = window.recent(0..99, &pane, &Nothing);
        let texts: Vec<&str> = recent.iter().map(|(_, body)| lines::text(body)).collect();
        assert_eq!(texts, ["a", "b", "c", "d", "e"]);
        assert_eq!(window.recent(3..4, &pane, &Nothing).first(), 3);
    }

    #[test]
    fn a_command_that_is_followed_is_told() {
        let pane = pane(20, "a");
        let mut window = Window::new(&pane, &Nothing);
        let told = |window: &Window| window.source().header.scrolled.map(|at| at.followed);
        assert_eq!(told(&window), Some(0));
        let before = window.version;
        window.followed();
        window.scroll(&ScrollCommand::Top, &pane, &Nothing);
        assert_eq!(told(&window), Some(1), "scrolling does not forget it");
        assert!(window.header_changed_at > before);
    }

    #[test]
    fn it_follows_the_colours_of_the_live_screen() {
        let mut pane = pane(20, "a");
        let mut window = Window::new(&pane, &Nothing);
        let before = window.version;
        window.recolor(&pane);
        assert_eq!(window.version, before, "nothing was changed");
        pane.output(b"\x1b]11;#003366\x07");
        window.recolor(&pane);
        assert!(window.header_changed_at > before);
        assert_eq!(
            window.source().header.palette.background,
            Some((0, 51, 102))
        );
    }
}
