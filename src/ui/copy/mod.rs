//! Copy mode: a viewer's place in a pane's scrollback, with a cursor over the rows that are shown and a selection that
//! may reach far beyond them.
//!
//! The rows themselves come from the server: what lies beyond them is asked for with a [`ScrollCommand`] and arrives
//! with a later view.

mod actions;
mod leading;
mod seeking;

pub use actions::{Outcome, Then, is_at_end};
pub use seeking::SearchDirection;

use super::action::{CopyAction, Motion};
use super::page::{Page, Point};
use super::selection::{Selection, Unit};
use crate::protocol::command::{OutputCommand, ScrollCommand};
use crate::protocol::scrolled::{Lead, Scrolled};
use crate::protocol::{Spot, SurfaceId};
use crate::term::Key;
use leading::Leading;
use seeking::Seeking;
use std::collections::VecDeque;

/// Commands under way that are told apart; who is further ahead waits for the server.
const MAX_UNDER_WAY: usize = 256;

/// What brought the viewer here, which decides what leads back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// A key: keys move the cursor until one leaves.
    ByKey,
    /// The wheel: there is no cursor, and typing goes to the pane again.
    ByWheel,
    /// A selection with the mouse: it stays until the next key or click, and typing goes to the pane again.
    ByDrag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Asked for; the view does not show it yet, or still shows the place that was left before.
    Entering(Option<SurfaceId>),
    /// Shown.
    Inside,
    /// Given up; the view does not show that yet.
    Leaving,
}

/// What moves the end of the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grip {
    /// The cursor.
    Cursor,
    /// Nothing: the mouse has let it go.
    Released,
}

/// The viewer's place in one pane.
#[derive(Debug, Clone)]
pub struct Copy {
    /// What brought the viewer here.
    pub entered: Entered,
    phase: Phase,
    /// The surface that was shown last.
    surface: Option<SurfaceId>,
    cursor: Point,
    /// The cursor's cell, and the columns of the page: by them it is found again at another width.
    place: Option<(Spot, u16)>,
    selection: Option<(Selection, Grip)>,
    seeking: Seeking,
    /// How many commands the server was sent for this place.
    asked: u64,
    /// Up to which of them it is known what the server said.
    heard: u64,
    /// Those that the server was sent and may not have followed, the newest last: each by its number, and the rows that it
    /// moves the place by, if it does nothing else.
    under_way: VecDeque<(u64, Option<i32>)>,
    /// What goes on once other rows are shown.
    pending: Option<Pending>,
    leading: Leading,
    wheel_down: bool,
}

/// What waits for the server's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pending {
    /// The motion, so many times, from that cell on; the first row that was shown before.
    Motion(Motion, u32, Spot, Spot),
    /// The cursor belongs on that cell.
    Cursor(Spot),
    /// The selection is to be copied.
    Copy(Then),
}

impl Copy {
    /// Enters with the cursor at `cursor`; `before` is the place that was left.
    pub fn enter(entered: Entered, cursor: Point, before: Option<&Copy>) -> Self {
        let left = before.and_then(|copy| copy.surface);
        Self {
            entered,
            phase: Phase::Entering(left.filter(|surface| surface.is_scrolled())),
            surface: None,
            cursor,
            place: None,
            selection: None,
            seeking: Seeking::default(),
            asked: 0,
            heard: 0,
            under_way: VecDeque::new(),
            pending: None,
            leading: Leading::default(),
            wheel_down: false,
        }
    }

    /// Whether keys still belong to it: it was not left.
    pub fn is_active(&self) -> bool {
        self.phase != Phase::Leaving
    }

    /// Leaves; true if that was not already so.
    pub fn leave(&mut self) -> bool {
        self.selection = None;
        self.pending = None;
        self.leading = Leading::default();
        std::mem::replace(&mut self.phase, Phase::Leaving) != Phase::Leaving
    }

    /// Where the cursor is; `None` while there is none.
    pub fn cursor(&self) -> Option<Point> {
        (self.is_active() && self.entered == Entered::ByKey).then_some(self.cursor)
    }

    /// Puts the cursor where the mouse is.
    pub fn point(&mut self, page: &Page, at: Point) {
        self.pending = None;
        self.move_to(page, page.clamp(at));
    }

    /// Begins a selection at the cursor.
    pub fn begin(&mut self, page: &Page, unit: Unit) {
        self.selection = Some((Selection::begin(page, self.cursor, unit), Grip::Cursor));
    }

    /// Takes the end of the selection up again, if there is one.
    pub fn take_up(&mut self) -> Option<Unit> {
        let (selection, grip) = self.selection.as_mut()?;
        *grip = Grip::Cursor;
        Some(selection.unit())
    }

    /// Lets the selection stand as it is, unless the keys go on with it.
    pub fn release(&mut self) {
        if let Some((_, grip)) = &mut self.selection
            && self.entered != Entered::ByKey
        {
            *grip = Grip::Released;
        }
    }

    /// What is selected.
    pub fn selection(&self) -> Option<&Selection> {
        let (selection, _) = self.selection.as_ref()?;
        self.is_active().then_some(selection)
    }

    /// Takes note that the server was sent `command` for this place.
    pub fn sent(&mut self, command: &ScrollCommand) {
        let is_aside = matches!(
            command,
            ScrollCommand::Copy(_)
                | ScrollCommand::Output(OutputCommand::CopyLast)
                | ScrollCommand::Live
        );
        if !is_aside {
            self.asked += 1;
            let rows = match command {
                ScrollCommand::By(rows) => Some(*rows),
                _ => None,
            };
            self.under_way.truncate(MAX_UNDER_WAY - 1);
            self.under_way.push_back((self.asked, rows));
        }
    }

    /// The moves that the server was sent and has yet to follow, where `surface` shows that it has followed so many
    /// commands: as far as they only move. `None` if that surface is not this place.
    pub fn steps_after(
        &mut self,
        surface: SurfaceId,
        followed: u64,
    ) -> Option<impl Iterator<Item = i32>> {
        let is_here = !matches!(self.phase, Phase::Entering(_)) && self.surface == Some(surface);
        if !is_here {
            return None;
        }
        while self
            .under_way
            .front()
            .is_some_and(|(number, _)| *number <= followed)
        {
            self.under_way.pop_front();
        }
        let numbered = self.under_way.iter().zip(followed + 1..);
        let in_order = numbered.take_while(|((number, _), wanted)| number == wanted);
        Some(in_order.map_while(|((_, rows), _)| *rows))
    }

    /// Whether `action` has to wait until the page shows what the actions before it led to.
    pub fn must_wait(&self, action: CopyAction, page: &Page) -> bool {
        self.is_active() && self.is_behind(page) && !is_of_any_page(action)
    }

    /// Waits no longer: the server does not answer.
    pub fn give_up_waiting(&mut self) {
        self.asked = 0;
        self.under_way.clear();
        self.pending = None;
    }

    /// Whether the page does not show yet what the server was asked for.
    fn is_behind(&self, page: &Page) -> bool {
        self.is_asked(page) || self.pending.is_some()
    }

    /// Whether the server was sent something that it has not followed on this page.
    fn is_asked(&self, page: &Page) -> bool {
        let header = page.surface.header.as_ref();
        let scrolled = header.and_then(|header| header.scrolled.as_ref());
        let entered = scrolled.filter(|_| self.phase == Phase::Inside);
        entered.map_or(0, |scrolled| scrolled.followed) < self.asked
    }

    /// From now on keys belong to it. The wheel has no cursor, and what is looked for from there lies before all that is
    /// in sight: the cursor comes to stand in the last row.
    pub fn take_keys(&mut self, page: &Page) {
        if self.entered == Entered::ByWheel {
            let row = page.surface.order.len().saturating_sub(1) as u16;
            self.move_to(page, Point { row, col: 0 });
        }
        self.entered = Entered::ByKey;
    }

    /// What a key does that a jump waits for; `None` if none does.
    pub fn take_character(&mut self, key: Key, page: &Page) -> Option<Outcome> {
        let is_awaited = self.leading.awaits_character();
        let aim = self.leading.take_character(key);
        is_awaited.then(|| self.jump(aim, page))
    }

    /// Takes a digit in that the keymap does not bind, or that goes on with a count.
    pub fn take_digit(&mut self, key: Key) -> bool {
        self.leading.take_digit(key)
    }

    /// Whether digits go on with a count, whatever they are bound to.
    pub fn is_counting(&self) -> bool {
        self.leading.is_counting()
    }

    fn move_to(&mut self, page: &Page, point: Point) {
        self.cursor = point;
        self.place = Some((page.spot(point), page.cols));
        if let Some((selection, Grip::Cursor)) = &mut self.selection {
            selection.extend(page, point);
        }
    }

    /// Takes note of what the view shows now; says whether it is still needed, and what the search said.
    pub fn see(&mut self, page: &Page) -> Seen {
        let header = page.surface.header.as_ref();
        let Some(scrolled) = header.and_then(|header| header.scrolled.as_ref()) else {
            return match self.phase {
                Phase::Entering(_) => Seen::Here,
                Phase::Inside | Phase::Leaving => Seen::Gone,
            };
        };
        self.surface = Some(page.id);
        match self.phase {
            Phase::Leaving => return Seen::Here,
            Phase::Entering(left) if left == Some(page.id) => return Seen::Here,
            Phase::Entering(_) => self.arrive(page, scrolled),
            Phase::Inside => self.keep_place(page),
        }
        let found = self.answer(page, scrolled);
        if let Some(note) = found.or(self.outcome(page, scrolled)) {
            return Seen::Note(note);
        }
        if self.entered == Entered::ByWheel && self.wheel_down && scrolled.at_bottom {
            return Seen::Done;
        }
        self.go_on(page)
    }

    /// The rows of scrollback have come, in place of those of the live screen.
    fn arrive(&mut self, page: &Page, scrolled: &Scrolled) {
        self.phase = Phase::Inside;
        if let Some((selection, _)) = &mut self.selection {
            selection.enter(page);
        }
        if self.asked == 0 {
            self.asked = scrolled.followed;
            self.heard = scrolled.followed;
        }
        let released = matches!(self.selection, Some((_, Grip::Released)));
        if !released {
            self.move_to(page, page.clamp(self.cursor));
        }
    }

    /// The cursor stays where it is on the screen when rows move, and with its text when they are wrapped anew.
    fn keep_place(&mut self, page: &Page) {
        if let Some((selection, _)) = &self.selection
            && !selection.fits(page.cols)
        {
            self.selection = None;
        }
        let point = match self.place {
            Some((spot, cols)) if cols != page.cols => page.point_of(spot),
            _ => None,
        };
        self.move_to(page, page.clamp(point.unwrap_or(self.cursor)));
    }

    /// Goes where the last command leads, if this is its outcome; what was said of it.
    fn outcome(&mut self, page: &Page, scrolled: &Scrolled) -> Option<String> {
        if scrolled.followed <= self.heard {
            return None;
        }
        self.heard = scrolled.followed;
        match scrolled.lead {
            Some(Lead::To(spot)) => self.lead(spot, page),
            Some(Lead::Lines(from, to)) => {
                self.selection = Some((Selection::of_lines(to, from, page.cols), Grip::Cursor));
                self.lead(from, page);
            }
            None => {}
        }
        (!scrolled.note.is_empty()).then(|| scrolled.note.clone())
    }

    /// Puts the cursor where the server leads it, if that is shown.
    fn lead(&mut self, spot: Spot, page: &Page) {
        if let Some(point) = page.point_of(spot) {
            self.move_to(page, point);
        }
    }

    /// Does what waited for these rows.
    fn go_on(&mut self, page: &Page) -> Seen {
        match self.pending {
            Some(Pending::Copy(then)) => {
                self.pending = None;
                Seen::Wants(self.yank(then))
            }
            Some(Pending::Cursor(spot)) => {
                if self.is_asked(page) {
                    return Seen::Here;
                }
                self.pending = None;
                if let Some(point) = page.point_of(spot) {
                    self.move_to(page, point);
                }
                Seen::Here
            }
            Some(Pending::Motion(motion, times, spot, top)) if page.start(0) != top => {
                self.pending = None;
                self.cursor = page.point_of(spot).unwrap_or(self.cursor);
                Seen::Wants(self.go(motion, times, page))
            }
            Some(Pending::Motion(..)) if self.is_asked(page) => Seen::Here,
            Some(Pending::Motion(..)) => {
                self.pending = None;
                Seen::Here
            }
            None => Seen::Here,
        }
    }
}

/// Whether an action means the same whichever rows are shown: keys that scroll need not wait for each other.
fn is_of_any_page(action: CopyAction) -> bool {
    match action {
        CopyAction::Scroll(_) | CopyAction::Back | CopyAction::Leave => true,
        CopyAction::Search | CopyAction::SearchBack => true,
        CopyAction::Move(motion) => matches!(
            motion,
            Motion::Up
                | Motion::Down
                | Motion::LineStart
                | Motion::ScreenTop
                | Motion::ScreenBottom
        ),
        _ => false,
    }
}

/// What became of copy mode when the view changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It goes on.
    Here,
    /// It goes on, and the search said this.
    Note(String),
    /// It goes on, and wants this done.
    Wants(Outcome),
    /// The wheel reached the bottom: it is to be left.
    Done,
    /// The server left it.
    Gone,
}
