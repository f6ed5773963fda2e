//! What the actions of copy mode do to its cursor and selection, and what they ask for.

use super::leading::Aim;
use super::seeking::SearchDirection;
use super::{Copy, Entered, Pending, Phase};
use crate::protocol::command::{Goal, OutputCommand, ScrollCommand, Syntax};
use crate::protocol::{Extent, Shape, Spot};
use crate::ui::action::{CopyAction, Motion, OutputAction, Scroll};
use crate::ui::motion::Step;
use crate::ui::page::{Page, Point};
use crate::ui::selection::Unit;

/// What happens once the text is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Copy mode is left.
    Leave,
    /// It goes on.
    Stay,
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
    /// A place to go to.
    AskGoal,
    /// This text to be copied.
    Copy(Extent, Then),
    /// To leave.
    Leave,
}

/// Most times that a count does something.
const MAX_TIMES: u32 = 9999;

impl Copy {
    /// What is to be done for `action`.
    pub fn act(&mut self, action: CopyAction, page: &Page) -> Outcome {
        self.pending = None;
        let count = self.leading.take_count();
        if let Some(goal) = count.and_then(|count| goal(action, count)) {
            return self.go_to(goal);
        }
        let times = count.unwrap_or(1).min(MAX_TIMES);
        match action {
            CopyAction::Move(motion) => self.go(motion, times, page),
            CopyAction::Jump(jump) => {
                let aim = self.leading.aim(jump, times);
                self.jump(aim, page)
            }
            CopyAction::Scroll(scroll) => self.scroll(scroll, times, page),
            CopyAction::SearchWord => self.search_word(SearchDirection::Forwards, page),
            CopyAction::SearchWordBack => self.search_word(SearchDirection::Backwards, page),
            CopyAction::Search => Outcome::Ask(SearchDirection::Forwards),
            CopyAction::SearchBack => Outcome::Ask(SearchDirection::Backwards),
            CopyAction::SearchNext => self.search_on(self.seeking.direction, page),
            CopyAction::SearchPrevious => self.search_on(self.seeking.direction.opposite(), page),
            CopyAction::Select(unit) => self.toggle(unit, page),
            CopyAction::Output(action) => self.output(action, self.cursor.row),
            CopyAction::OtherEnd => self.turn(page),
            CopyAction::ClearSelection => self.clear(),
            CopyAction::Yank => self.yank(Then::Leave),
            CopyAction::YankStay => self.yank(Then::Stay),
            CopyAction::YankRest => self.yank_rest(page),
            CopyAction::Back if count.is_some() => Outcome::Moved,
            CopyAction::Back if self.selection.is_some() => self.clear(),
            CopyAction::Back | CopyAction::Leave => Outcome::Leave,
        }
    }

    /// Gives the selection up.
    pub fn clear(&mut self) -> Outcome {
        self.selection = None;
        Outcome::Moved
    }

    /// Copies the selection, as soon as the server can be told which text that is.
    pub fn yank(&mut self, then: Then) -> Outcome {
        match (self.selection(), then) {
            (Some(_), _) if self.phase != Phase::Inside => {
                self.pending = Some(Pending::Copy(then));
                Outcome::Moved
            }
            (Some(selection), _) => Outcome::Copy(selection.extent(), then),
            (None, Then::Leave) => Outcome::Leave,
            (None, Then::Stay) => Outcome::Moved,
        }
    }

    /// Copies from the cursor to the end of its line, with all rows that it wraps over.
    fn yank_rest(&self, page: &Page) -> Outcome {
        if self.phase != Phase::Inside {
            return Outcome::Moved;
        }
        let from = page.spot(self.cursor);
        let extent = Extent {
            from,
            to: Spot {
                cell: u32::MAX,
                ..from
            },
            shape: Shape::Cells,
        };
        Outcome::Copy(extent, Then::Leave)
    }

    pub(super) fn go(&mut self, motion: Motion, times: u32, page: &Page) -> Outcome {
        self.seeking.awaited = None;
        // A bracket leads back to where it was come from.
        let times = if motion == Motion::Bracket { 1 } else { times };
        for left in (1..=times).rev() {
            match page.step(self.cursor, motion) {
                Step::To(point) if point == self.cursor => break,
                Step::To(point) => self.move_to(page, point),
                Step::Beyond(by, point) => {
                    self.move_to(page, point);
                    return Outcome::Scroll(ScrollCommand::By(by * left as i32));
                }
                Step::Further(by, point) => {
                    self.move_to(page, point);
                    let pending = Pending::Motion(motion, left, page.spot(point), page.start(0));
                    self.pending = Some(pending);
                    return Outcome::Scroll(ScrollCommand::By(by));
                }
            }
        }
        Outcome::Moved
    }

    /// Goes where `aim` leads, if it leads there as often as it should.
    pub(super) fn jump(&mut self, aim: Option<Aim>, page: &Page) -> Outcome {
        let Some((jump, c, times)) = aim else {
            return Outcome::Moved;
        };
        self.seeking.awaited = None;
        let point = (0..times).try_fold(self.cursor, |at, _| page.jump(at, jump, c));
        if let Some(point) = point {
            self.move_to(page, point);
        }
        Outcome::Moved
    }

    fn scroll(&mut self, scroll: Scroll, times: u32, page: &Page) -> Outcome {
        self.seeking.awaited = None;
        let rows = i32::from(page.rows);
        let by = match scroll {
            Scroll::Up => -1,
            Scroll::Down => 1,
            Scroll::HalfPageUp => -(rows / 2).max(1),
            Scroll::HalfPageDown => (rows / 2).max(1),
            Scroll::PageUp => -(rows - 1).max(1),
            Scroll::PageDown => (rows - 1).max(1),
            Scroll::Ask => return Outcome::AskGoal,
            Scroll::Top => {
                self.move_to(page, Point::default());
                return Outcome::Scroll(ScrollCommand::Top);
            }
            Scroll::Bottom => {
                let row = page.rows - 1;
                self.move_to(page, Point { row, col: 0 });
                return Outcome::Scroll(ScrollCommand::Bottom);
            }
        };
        let by = by * times as i32;
        self.move_at_the_ends(by, page);
        Outcome::Scroll(ScrollCommand::By(by))
    }

    /// Goes to a place; the server says where that is.
    pub fn go_to(&mut self, goal: Goal) -> Outcome {
        self.seeking.awaited = None;
        Outcome::Scroll(ScrollCommand::To(goal))
    }

    /// Does something with the output of the command that the row belongs to, or goes to another.
    pub fn output(&mut self, action: OutputAction, row: u16) -> Outcome {
        self.seeking.awaited = None;
        Outcome::Scroll(ScrollCommand::Output(match action {
            OutputAction::Previous => OutputCommand::Previous { row },
            OutputAction::Next => OutputCommand::Next { row },
            OutputAction::Select => OutputCommand::Select { row },
            OutputAction::Fold => OutputCommand::Fold { row },
            OutputAction::FoldAll => OutputCommand::FoldAll,
            OutputAction::UnfoldAll => OutputCommand::UnfoldAll,
            OutputAction::OnlyFailed => OutputCommand::OnlyFailed,
        }))
    }

    /// Where no more rows can come, the cursor moves instead.
    fn move_at_the_ends(&mut self, by: i32, page: &Page) {
        if is_at_end(page, by) {
            let row = i32::from(self.cursor.row) + by;
            let row = row.clamp(0, i32::from(page.rows) - 1) as u16;
            self.move_to(page, Point { row, ..self.cursor });
        }
    }

    /// Searches for the word under the cursor, away from its beginning.
    fn search_word(&mut self, direction: SearchDirection, page: &Page) -> Outcome {
        let Some((word, first)) = page.word(self.cursor) else {
            return Outcome::Moved;
        };
        self.move_to(page, first);
        self.search((word, Syntax::Literal), direction, page)
    }

    fn toggle(&mut self, unit: Unit, page: &Page) -> Outcome {
        match &mut self.selection {
            Some((selection, _)) if selection.unit() == unit => self.selection = None,
            Some((selection, _)) => selection.become_of(page, unit),
            None => self.begin(page, unit),
        }
        Outcome::Moved
    }

    /// Goes to the other end of the selection, and shows it.
    fn turn(&mut self, page: &Page) -> Outcome {
        let Some((selection, _)) = &mut self.selection else {
            return Outcome::Moved;
        };
        let (spot, col) = selection.turn();
        match page.point_of(spot) {
            Some(point) => {
                self.move_to(page, Point { col, ..point });
                Outcome::Moved
            }
            None => {
                self.pending = Some(Pending::Cursor(spot));
                Outcome::Scroll(ScrollCommand::Show(spot))
            }
        }
    }

    /// What turning the wheel by `rows` asks for; `None` if it leads out at the bottom.
    pub fn wheel(&mut self, rows: i32, page: &Page) -> Option<ScrollCommand> {
        self.pending = None;
        self.wheel_down = rows > 0;
        if self.entered == Entered::ByWheel && self.wheel_down && is_at_end(page, rows) {
            return None;
        }
        Some(ScrollCommand::By(rows))
    }
}

/// Where a number before a key leads, as vi has it: `120G` to a line, `50%` to a percentage.
fn goal(action: CopyAction, count: u32) -> Option<Goal> {
    match action {
        CopyAction::Scroll(Scroll::Top | Scroll::Bottom) => Some(Goal::Line(count.into())),
        CopyAction::Move(Motion::Bracket) => Some(Goal::Percent(count.min(100) as u8)),
        _ => None,
    }
}

/// Whether no rows can come from that side.
pub fn is_at_end(page: &Page, by: i32) -> bool {
    let header = page.surface.header.as_ref();
    let scrolled = header.and_then(|header| header.scrolled.as_ref());
    scrolled.is_some_and(|at| match by < 0 {
        true => at.above == 0 && page.start(0).cell == 0,
        false => at.at_bottom,
    })
}
