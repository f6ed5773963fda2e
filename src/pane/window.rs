//! One viewer's place in a pane's lines: rows wrapped at the viewer's width, kept still while new output arrives.
//!
//! A window is a surface of its own: a row's id says which line it shows, so scrolling resends only what comes into
//! sight.

use super::Pane;
use super::decoded::Decoded;
use super::filling::Filling;
use super::folds::Folds;
use super::highlight::Highlight;
use super::lines::{PaneLines, Place, Reach, Stored, rows_in_memory};
use super::margin::Margin;
use super::sought::Sought;
use super::walk::Walk;
use crate::protocol::scrolled::{Lead, Tally};
use crate::protocol::surface::{Header, Scrolled, SurfaceSource};
use crate::protocol::{Rect, Spot};
use crate::scrollback::lines::Lines;
use crate::term::{Cell, Cursor, Row, Size, Tables, Version, codec, rows_to_lines};
use std::ops::Range;

/// A viewer's place in scrollback.
#[derive(Debug)]
pub struct Window {
    pub(super) size: Size,
    pub(super) top: Place,
    pub(super) rows: Vec<Row>,
    decoded: Decoded,
    pub(super) folds: Folds,
    /// Whether commands that failed are shown alone.
    pub(super) is_filtered: bool,
    pub(super) reach: Reach,
    /// The top line, if it is in scrollback, and when it was written: to look that up may take the reading of a block.
    written: Option<(u64, Option<u64>)>,
    /// Up to where the viewer has seen what was printed.
    pub(super) seen: u64,
    /// Where the pane stood when it was looked at last.
    looked_at: Version,
    changes: Changes,
    pub(super) header: Header,
    pub(super) sought: Sought,
    pub(super) margin: Margin,
}

/// The window's own version, and when what of it changed.
#[derive(Debug, Default)]
struct Changes {
    now: Version,
    header: Version,
    order: Version,
}

impl Window {
    /// A window onto the screen of `pane`, as it is now.
    pub fn new(pane: &Pane, stored: &dyn Stored) -> Self {
        let mut window = Self {
            size: pane.emulator().size(),
            top: Place {
                line: u64::MAX,
                row: 0,
            },
            rows: Vec::new(),
            decoded: Decoded::default(),
            folds: Folds::default(),
            is_filtered: false,
            reach: Reach::default(),
            written: None,
            seen: 0,
            looked_at: Version(0),
            changes: Changes::default(),
            header: Header {
                scrolled: Some(Scrolled::default()),
                ..pane.header()
            },
            sought: Sought::default(),
            margin: Margin::default(),
        };
        window.refill(pane, stored);
        window
    }

    /// Says something of the last command, which leads nowhere as yet.
    pub(super) fn say(&mut self, note: String) {
        if let Some(scrolled) = &mut self.header.scrolled {
            scrolled.note = note;
            scrolled.lead = None;
        }
    }

    /// Says what is known of the matches of the last search.
    pub fn set_tally(&mut self, tally: Option<Tally>) {
        let scrolled = self.header.scrolled.get_or_insert_default();
        if scrolled.tally != tally {
            scrolled.tally = tally;
            self.changes.now.0 += 1;
            self.changes.header = self.changes.now;
        }
    }

    /// Leads the viewer's cursor somewhere.
    pub(super) fn lead(&mut self, lead: Lead) {
        if let Some(scrolled) = &mut self.header.scrolled {
            scrolled.lead = Some(lead);
        }
    }

    /// Lets `act` look at the pane's lines as they are now.
    pub(super) fn with_walk<T>(
        &self,
        pane: &Pane,
        stored: &dyn Stored,
        act: impl FnOnce(&Walk) -> T,
    ) -> T {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::reaching(self.reach, pane, stored, &rows);
        act(&self.walk(&lines))
    }

    /// The ways through some lines, as they are shown here.
    pub(super) fn walk<'a>(&'a self, lines: &'a PaneLines<'a>) -> Walk<'a> {
        Walk {
            lines,
            folds: &self.folds,
            decoded: &self.decoded,
            size: self.size,
        }
    }

    /// What the cells of the rows index.
    pub(super) fn tables(&self) -> &Tables {
        self.decoded.tables()
    }

    /// The first row that is shown.
    pub fn top(&self) -> Place {
        self.top
    }

    /// Where it stands.
    pub fn version(&self) -> Version {
        self.changes.now
    }

    /// How much of the lines is shown.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The lines that are shown.
    pub(super) fn lines(&self) -> Range<u64> {
        let last = self.rows.last().map(|row| Spot::of_row(row.id).line);
        self.top.line..last.map_or(self.top.line, |last| last + 1)
    }

    /// Counts what else than the place has changed of what is shown where.
    pub(super) fn layout(&self) -> u64 {
        let scrolled = self.header.scrolled.as_ref();
        scrolled.map_or(0, |scrolled| scrolled.layout)
    }

    /// Notes that lines are shown otherwise than before.
    pub(super) fn lay_out_anew(&mut self) {
        if let Some(scrolled) = &mut self.header.scrolled {
            scrolled.layout += 1;
        }
    }

    /// Fits the window to the pane's size, keeping its top cell in the top row.
    pub fn resize(&mut self, pane: &Pane, stored: &dyn Stored) {
        self.lay_out_anew();
        self.size = pane.emulator().size();
        if let Some(top) = self.rows.first().map(|row| Spot::of_row(row.id)) {
            self.top = self.with_walk(pane, stored, |walk| walk.place_of(top));
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
                Some(cells) => codec::encode_line(&cells, false, self.decoded.tables(), &mut body),
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
        if self.folds.at(number).is_some() {
            return None;
        }
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
        self.changes.now.0 += 1;
        self.changes.header = self.changes.now;
    }

    /// The window, to be shown to its viewer.
    pub fn source(&self) -> SurfaceSource<'_> {
        SurfaceSource {
            version: self.changes.now,
            header: self.header.clone(),
            header_changed_at: self.changes.header,
            cursor: Cursor::default(),
            order_changed_at: self.changes.order,
            rows: self.rows.iter().collect(),
            tables: self.decoded.tables(),
        }
    }

    /// Takes note of what the pane has printed since, of which only the amount is shown, and of its colours.
    pub fn keep_up(&mut self, pane: &Pane, stored: &dyn Stored) {
        let now = pane.emulator().version();
        if std::mem::replace(&mut self.looked_at, now) != now {
            let place = self.place(pane, stored);
            self.change_header(place, pane);
            self.mark_margin(pane);
        }
    }

    /// The rows of the lines from `self.top` on, as they are now. Rows that stay keep their version.
    pub(super) fn refill(&mut self, pane: &Pane, stored: &dyn Stored) {
        let top = self.top;
        self.top = self.with_walk(pane, stored, |walk| walk.clamp(top));
        self.changes.now.0 += 1;
        if self.decoded.renew() {
            self.rows.clear();
            self.margin.clear();
        }
        let rows = rows_in_memory(pane);
        let lines = PaneLines::reaching(self.reach, pane, stored, &rows);
        let around = self.margin.lines();
        let (fresh, matches) = self.gather(self.top, self.size, &around, &lines);
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        if ids(&fresh) != ids(&self.rows) {
            self.changes.order = self.changes.now;
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
        let place = Scrolled {
            matches,
            ..self.place(pane, stored)
        };
        self.change_header(place, pane);
    }

    /// The rows that fill `size` from `top` on, and where the pattern stands in them. What is decoded of `others` is kept
    /// beside what is decoded for them.
    pub(super) fn gather(
        &mut self,
        top: Place,
        size: Size,
        others: &Range<u64>,
        lines: &PaneLines,
    ) -> (Vec<Row>, Vec<Rect>) {
        let highlight = Highlight::new(self.sought.pattern.as_ref(), self.sought.found);
        let mut filling = Filling::new(top, size, self.changes.now, highlight);
        let mut number = top.line;
        while !filling.is_full() {
            // A line is read first: it may turn out to be damaged.
            let line = match number < lines.end() && self.folds.at(number).is_none() {
                true => self.decoded.line(number, lines),
                false => Default::default(),
            };
            number = match self.folds.row_at(number, lines) {
                Some(fold) => {
                    filling.add_fold(number, &fold.label);
                    fold.lines.end
                }
                None => {
                    filling.add_line(number, line, self.decoded.tables());
                    number + 1
                }
            };
        }
        let filled = filling.finish();
        self.decoded.keep(filled.lines, others, lines);
        (filled.rows, filled.matches)
    }

    /// Where the window is among all lines.
    fn place(&mut self, pane: &Pane, stored: &dyn Stored) -> Scrolled {
        let before = self.header.scrolled.clone().unwrap_or_default();
        let top = self.top;
        let written = self.written.filter(|(line, _)| *line == top.line);
        let (place, end) = self.with_walk(pane, stored, |walk| {
            let lines = walk.lines;
            let (first, end) = (lines.first(), lines.written_end());
            let place = Scrolled {
                first,
                above: top.line.saturating_sub(first),
                total: end.saturating_sub(first),
                written_ms: match written {
                    Some((_, at_ms)) => at_ms,
                    None => lines.time_of(top.line),
                },
                at_bottom: walk.is_at_bottom(top),
                ..before
            };
            (place, end)
        });
        // A line in scrollback stays as it is; others have their times at hand.
        let is_stored = top.line < stored.end_line();
        self.written = is_stored.then_some((top.line, place.written_ms));
        if place.at_bottom {
            self.seen = end;
        }
        Scrolled {
            fresh: end.saturating_sub(self.seen),
            marks: self.marks(&self.rows, &pane.commands),
            ..place
        }
    }

    fn change_header(&mut self, place: Scrolled, pane: &Pane) {
        let header = Header {
            size: self.size,
            scrolled: Some(place),
            ..pane.header()
        };
        if header != self.header {
            self.header = header;
            self.changes.now.0 += 1;
            self.changes.header = self.changes.now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::Origin;
    use crate::pane::lines::Nothing;
    use crate::protocol::PaneId;
    use crate::protocol::command::ScrollCommand;
    use crate::scrollback::lines;
    use crate::scrollback::search::{Match, Pattern};
    use crate::term::{self, StyleId};
    use std::cell::Cell;

    /// Line `n` reads `line n`.
    fn body(n: u64) -> Vec<u8> {
        let cells = format!("line {n}");
        let cells: Vec<_> = cells
            .chars()
            .map(|c| term::Cell::new(c, 1, StyleId::DEFAULT))
            .collect();
        let mut body = Vec::new();
        codec::encode_line(&cells, false, &Tables::default(), &mut body);
        body
    }

    /// Thirty lines, of which a part is damaged; counts how often it is asked for a time.
    #[derive(Default)]
    struct Damaged {
        gap: Range<u64>,
        is_known: Cell<bool>,
        asked: Cell<u32>,
    }

    impl Stored for Damaged {
        fn first_line(&self) -> u64 {
            0
        }

        fn end_line(&self) -> u64 {
            30
        }

        fn gap_at(&self, line: u64) -> Option<Range<u64>> {
            let is_known = self.is_known.get() && self.gap.contains(&line);
            is_known.then(|| self.gap.clone())
        }

        fn time_of(&self, line: u64) -> Option<u64> {
            self.asked.set(self.asked.get() + 1);
            Some(1000 + line)
        }

        fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8])) {
            for line in (start..30).take(max) {
                match self.gap.contains(&line) {
                    true => self.is_known.set(true),
                    false => each(line, &body(line)),
                }
            }
        }
    }

    #[test]
    fn damaged_lines_stand_as_one_row_that_says_so() {
        let (pane, stored) = (
            pane(40, "screen"),
            Damaged {
                gap: 8..20,
                ..Damaged::default()
            },
        );
        let mut window = Window::new(&pane, &stored);
        let word = "⋯ 12 lines are damaged or gone".to_owned();
        window.scroll(&ScrollCommand::Top, &pane, &stored);
        window.scroll(&ScrollCommand::By(6), &pane, &stored);
        let line = |n| format!("line {n}");
        let around = [line(6), line(7), word.clone(), line(20)];
        assert_eq!(shown(&window), around, "from above, as it is found");
        window.scroll(&ScrollCommand::By(1), &pane, &stored);
        window.scroll(&ScrollCommand::By(1), &pane, &stored);
        assert_eq!(shown(&window), [word.clone(), line(20), line(21), line(22)]);
        let stored = Damaged {
            gap: 8..20,
            ..Damaged::default()
        };
        let mut window = Window::new(&pane, &stored);
        window.scroll(&ScrollCommand::By(-12), &pane, &stored);
        assert_eq!(
            shown(&window),
            [line(7), word, line(20), line(21)],
            "from below"
        );
    }

    #[test]
    fn the_time_of_the_top_line_is_looked_up_once() {
        let (mut pane, stored) = (pane(40, "screen"), Damaged::default());
        let mut window = Window::new(&pane, &stored);
        window.scroll(&ScrollCommand::Top, &pane, &stored);
        let before = stored.asked.get();
        for _ in 0..9 {
            pane.output(b"more");
            window.keep_up(&pane, &stored);
        }
        assert_eq!(stored.asked.get(), before);
        let written = |window: &Window| window.header.scrolled.clone().and_then(|at| at.written_ms);
        assert_eq!(written(&window), Some(1000));
        window.scroll(&ScrollCommand::By(3), &pane, &stored);
        assert_eq!(written(&window), Some(1003));
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
            cells.for_each(|cell| window.decoded.tables().push_text(cell, &mut text));
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
        let before = window.changes.now;
        window.followed();
        window.scroll(&ScrollCommand::Top, &pane, &Nothing);
        assert_eq!(told(&window), Some(1), "scrolling does not forget it");
        assert!(window.changes.header > before);
    }

    #[test]
    fn it_follows_the_colours_of_the_live_screen() {
        let mut pane = pane(20, "a");
        let mut window = Window::new(&pane, &Nothing);
        let before = window.changes.now;
        window.keep_up(&pane, &Nothing);
        assert_eq!(window.changes.now, before, "nothing has changed");
        pane.output(b"\x1b]11;#003366\x07");
        window.keep_up(&pane, &Nothing);
        assert!(window.changes.header > before);
        assert_eq!(
            window.source().header.palette.background,
            Some((0, 51, 102))
        );
    }
}
