//! Copy mode: a viewer's place in a pane's scrollback, with a cursor and a selection over the rows that are shown.
//!
//! The rows themselves come from the server: what lies beyond them is asked for with a [`ScrollCommand`] and arrives
//! with a later view. A selection that reaches beyond the shown rows is copied as far as it is shown.

use super::action::{CopyAction, Motion, Scroll};
use super::page::{Page, Point, Step};
use crate::protocol::command::ScrollCommand;
use crate::protocol::surface::Scrolled;
use crate::term::RowId;

/// What brought the viewer here, which decides what leads back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// A key: keys move the cursor until one leaves.
    ByKey,
    /// The wheel: there is no cursor, and typing goes to the pane again.
    ByWheel,
    /// A drag: there is a selection until the button is released.
    ByDrag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Asked for; the view does not show it yet.
    Entering,
    /// Shown.
    Inside,
    /// Given up; the view does not show that yet.
    Leaving,
}

/// What a selection consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// From cell to cell.
    Char,
    /// Whole rows.
    Line,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    unit: Unit,
    id: Option<RowId>,
    /// Row within the shown ones; before 0 or beyond the last one once it is no longer shown.
    row: i32,
    col: u16,
}

/// What copy mode wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing but to be drawn.
    Moved,
    /// This to be asked of the server.
    Scroll(ScrollCommand),
    /// A text to search for, towards the first line or the last.
    Ask(SearchDirection),
    /// This text in the clipboard, and to leave.
    Yank(String),
    /// To leave.
    Leave,
}

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchDirection {
    /// Towards the last line.
    Forwards,
    /// Towards the first.
    Backwards,
}

/// The viewer's place in one pane.
#[derive(Debug, Clone)]
pub struct Copy {
    /// What brought the viewer here.
    pub entered: Entered,
    phase: Phase,
    cursor: Point,
    anchor: Option<Anchor>,
    direction: SearchDirection,
    /// What the server said before a search that is not answered yet.
    searched: Option<Scrolled>,
    /// Lines above when the rows were last seen.
    above: u64,
    wheel_down: bool,
}

impl Copy {
    /// Enters with the cursor at `cursor`.
    pub fn enter(entered: Entered, cursor: Point) -> Self {
        Self {
            entered,
            phase: Phase::Entering,
            cursor,
            anchor: None,
            direction: SearchDirection::Backwards,
            searched: None,
            above: u64::MAX,
            wheel_down: false,
        }
    }

    /// Whether keys still belong to it: it was not left.
    pub fn is_active(&self) -> bool {
        self.phase != Phase::Leaving
    }

    /// Leaves; true if that was not already so.
    pub fn leave(&mut self) -> bool {
        self.anchor = None;
        std::mem::replace(&mut self.phase, Phase::Leaving) != Phase::Leaving
    }

    /// Where the cursor is; `None` while there is none.
    pub fn cursor(&self) -> Option<Point> {
        (self.is_active() && self.entered != Entered::ByWheel).then_some(self.cursor)
    }

    /// Puts the cursor where the mouse is.
    pub fn point(&mut self, page: &Page, at: Point) {
        self.cursor = page.clamp(at);
    }

    /// Begins a selection at the cursor.
    pub fn begin(&mut self, page: &Page, unit: Unit) {
        self.anchor = Some(Anchor {
            unit,
            id: page.row(self.cursor.row).map(|row| row.id),
            row: i32::from(self.cursor.row),
            col: self.cursor.col,
        });
    }

    /// Whether anything is selected.
    pub fn is_selecting(&self) -> bool {
        self.anchor.is_some()
    }

    /// What is to be done for `action`.
    pub fn act(&mut self, action: CopyAction, page: &Page) -> Outcome {
        match action {
            CopyAction::Move(motion) => self.go(motion, page),
            CopyAction::Scroll(scroll) => self.scroll(scroll, page),
            CopyAction::Search => Outcome::Ask(SearchDirection::Forwards),
            CopyAction::SearchBack => Outcome::Ask(SearchDirection::Backwards),
            CopyAction::SearchNext => self.search(String::new(), self.direction, page),
            CopyAction::SearchPrevious => {
                let opposite = match self.direction {
                    SearchDirection::Forwards => SearchDirection::Backwards,
                    SearchDirection::Backwards => SearchDirection::Forwards,
                };
                self.search(String::new(), opposite, page)
            }
            CopyAction::Select => self.toggle(Unit::Char, page),
            CopyAction::SelectLine => self.toggle(Unit::Line, page),
            CopyAction::Yank => match self.selected(page) {
                Some(text) => Outcome::Yank(text),
                None => Outcome::Leave,
            },
            CopyAction::Leave => Outcome::Leave,
            CopyAction::SelectBlock
            | CopyAction::SelectWord
            | CopyAction::OtherEnd
            | CopyAction::ClearSelection
            | CopyAction::YankStay => Outcome::Moved,
        }
    }

    fn go(&mut self, motion: Motion, page: &Page) -> Outcome {
        self.searched = None;
        match page.step(self.cursor, motion) {
            Step::To(point) => {
                self.cursor = point;
                Outcome::Moved
            }
            Step::Beyond(by, point) => {
                self.cursor = point;
                Outcome::Scroll(ScrollCommand::By(by))
            }
        }
    }

    fn scroll(&mut self, scroll: Scroll, page: &Page) -> Outcome {
        self.searched = None;
        let rows = i32::from(page.rows);
        let by = match scroll {
            Scroll::Up => -1,
            Scroll::Down => 1,
            Scroll::HalfPageUp => -(rows / 2).max(1),
            Scroll::HalfPageDown => (rows / 2).max(1),
            Scroll::PageUp => -(rows - 1).max(1),
            Scroll::PageDown => (rows - 1).max(1),
            Scroll::Top => {
                self.cursor = Point::default();
                return Outcome::Scroll(ScrollCommand::Top);
            }
            Scroll::Bottom => {
                self.cursor = Point {
                    row: page.rows - 1,
                    col: 0,
                };
                return Outcome::Scroll(ScrollCommand::Bottom);
            }
        };
        self.move_at_the_ends(by, page);
        Outcome::Scroll(ScrollCommand::By(by))
    }

    /// Where no more rows can come, the cursor moves instead.
    fn move_at_the_ends(&mut self, by: i32, page: &Page) {
        let scrolled = page
            .surface
            .header
            .as_ref()
            .and_then(|header| header.scrolled.as_ref());
        let ends = scrolled.is_some_and(|at| match by < 0 {
            true => at.above == 0,
            false => at.at_bottom,
        });
        if ends {
            let row = i32::from(self.cursor.row) + by;
            self.cursor.row = row.clamp(0, i32::from(page.rows) - 1) as u16;
        }
    }

    /// Searches for `pattern`; an empty one repeats the last.
    pub fn search(&mut self, pattern: String, direction: SearchDirection, page: &Page) -> Outcome {
        if !pattern.is_empty() {
            self.direction = direction;
        }
        let header = page.surface.header.as_ref();
        self.searched = Some(
            header
                .and_then(|header| header.scrolled.clone())
                .unwrap_or_default(),
        );
        Outcome::Scroll(ScrollCommand::Search {
            pattern,
            backwards: direction == SearchDirection::Backwards,
            row: self.cursor.row,
            col: self.cursor.col,
        })
    }

    fn toggle(&mut self, unit: Unit, page: &Page) -> Outcome {
        match &mut self.anchor {
            Some(anchor) if anchor.unit != unit => anchor.unit = unit,
            Some(_) => self.anchor = None,
            None => self.begin(page, unit),
        }
        Outcome::Moved
    }

    /// First and last selected cell, both included, within the shown rows.
    pub fn selection(&self, page: &Page) -> Option<(Point, Point)> {
        let anchor = self.anchor.filter(|_| self.is_active())?;
        let last = Point {
            row: page.rows - 1,
            col: page.cols - 1,
        };
        let anchored = match anchor.row {
            ..0 => Point::default(),
            row if row >= i32::from(page.rows) => last,
            row => Point {
                row: row as u16,
                col: anchor.col.min(last.col),
            },
        };
        let cursor = page.clamp(self.cursor);
        let (from, to) = (anchored.min(cursor), anchored.max(cursor));
        Some(match anchor.unit {
            Unit::Char => (from, to),
            Unit::Line => (
                Point { col: 0, ..from },
                Point {
                    col: last.col,
                    ..to
                },
            ),
        })
    }

    fn selected(&self, page: &Page) -> Option<String> {
        let (from, to) = self.selection(page)?;
        let mut text = page.text_between(from, to);
        if self.anchor.is_some_and(|anchor| anchor.unit == Unit::Line) {
            text.push('\n');
        }
        Some(text)
    }

    /// What turning the wheel by `rows` asks for; `None` if it leads out at the bottom.
    pub fn wheel(&mut self, rows: i32, page: &Page) -> Option<ScrollCommand> {
        let header = page.surface.header.as_ref();
        let at_bottom = header
            .and_then(|header| header.scrolled.as_ref())
            .is_some_and(|scrolled| scrolled.at_bottom);
        self.wheel_down = rows > 0;
        if self.entered == Entered::ByWheel && self.wheel_down && at_bottom {
            return None;
        }
        Some(ScrollCommand::By(rows))
    }

    /// Takes note of what the view shows now; says whether it is still needed, and what the search said.
    pub fn see(&mut self, page: &Page) -> Seen {
        let header = page.surface.header.as_ref();
        let Some(scrolled) = header.and_then(|header| header.scrolled.as_ref()) else {
            return match self.phase {
                Phase::Entering => Seen::Here,
                Phase::Inside | Phase::Leaving => Seen::Gone,
            };
        };
        if self.phase == Phase::Leaving {
            return Seen::Here;
        }
        self.phase = Phase::Inside;
        self.keep_anchor(page, scrolled.above);
        self.above = scrolled.above;
        if let Some(before) = &self.searched {
            let answered = before != scrolled;
            if let Some(first) = scrolled.matches.first() {
                self.cursor = page.clamp(Point {
                    row: first.y,
                    col: first.x,
                });
            }
            if answered {
                self.searched = None;
            }
            if answered && !scrolled.note.is_empty() {
                return Seen::Note(scrolled.note.clone());
            }
        }
        if self.entered == Entered::ByWheel && self.wheel_down && scrolled.at_bottom {
            return Seen::Done;
        }
        Seen::Here
    }

    fn keep_anchor(&mut self, page: &Page, above: u64) {
        let Some(anchor) = &mut self.anchor else {
            return;
        };
        let shown = page
            .surface
            .order
            .iter()
            .position(|&id| Some(id) == anchor.id);
        match shown {
            Some(row) => anchor.row = row as i32,
            // Entering may bring rows of other ids in the same places.
            None if self.above == u64::MAX => {
                let row = u16::try_from(anchor.row).unwrap_or(0);
                anchor.id = page.row(row).map(|row| row.id);
            }
            None if above < self.above => anchor.row = i32::MAX,
            None if above > self.above => anchor.row = -1,
            None => {}
        }
    }
}

/// What became of copy mode when the view changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It goes on.
    Here,
    /// It goes on, and the search said this.
    Note(String),
    /// The wheel reached the bottom: it is to be left.
    Done,
    /// The server left it.
    Gone,
}
