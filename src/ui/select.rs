//! Selecting with the mouse: by cells, words, lines and rectangles, beyond what is shown, and copied at once.

use super::Ui;
use super::copy::{Copy, Entered, Outcome, Then, is_at_end};
use super::page::{Page, Point};
use super::selection::Unit;
use crate::protocol::command::{PaneCommand, ScrollCommand};
use crate::protocol::view::PaneBox;
use crate::protocol::{Command, On, PaneId, View};
use crate::sync::Time;
use crate::term::{Mods, Mouse};

/// How soon the same cell has to be clicked again for a word, and again for a line, in milliseconds.
const CLICK_MS: u64 = 400;
/// Milliseconds between two steps of scrolling while the mouse is held beyond the edge.
const PULL_MS: u64 = 40;
/// The most rows of such a step.
const MAX_PULL: i32 = 16;

/// Presses of the first button that follow each other closely.
#[derive(Debug, Default)]
struct Clicks {
    last: Option<(PaneId, Point, Time)>,
    count: u8,
}

impl Clicks {
    /// Counts a press: 1 for one alone; after the third it begins anew.
    fn press(&mut self, pane: PaneId, at: Point, now: Time) -> u8 {
        let again = |&(last, point, time): &(PaneId, Point, Time)| {
            (last, point) == (pane, at) && now.since(time) <= CLICK_MS
        };
        self.count = match self.last.as_ref().is_some_and(again) {
            true => self.count % 3 + 1,
            false => 1,
        };
        self.last = Some((pane, at, now));
        self.count
    }
}

/// The first button, held down in a pane.
#[derive(Debug, Clone, Copy)]
struct Drag {
    pane: PaneId,
    /// Where it went down.
    start: Point,
    unit: Unit,
    /// Whether the mouse has been in another row since: the edge does not pull before.
    roamed: bool,
    /// Rows to scroll at each step, and when the next is due.
    pull: Option<(i32, Time)>,
    at: Point,
}

/// The mouse, as far as it selects.
#[derive(Debug, Default)]
pub(super) struct Selecting {
    clicks: Clicks,
    drag: Option<Drag>,
}

impl Selecting {
    /// Whether the button is held down.
    pub(super) fn is_held(&self) -> bool {
        self.drag.is_some()
    }

    /// When [`Ui::pull`] is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.drag?.pull.map(|(_, due)| due)
    }
}

impl Ui {
    /// A button went down in `pane`, whose program does not get the mouse.
    pub(super) fn press_select(
        &mut self,
        button: u8,
        pane: &PaneBox,
        mouse: Mouse,
        view: &View,
        now: Time,
    ) {
        let Some(page) = Page::of(view, pane.pane) else {
            return;
        };
        let at = self.in_pane(pane, mouse);
        match button {
            0 if mouse.mods.contains(Mods::SHIFT) && self.extend(pane.pane, at, &page) => {}
            0 => self.press_first(pane.pane, at, mouse.mods, &page, now),
            1 => {
                self.leave_copy(pane.pane);
                let paste = Command::Pane(PaneCommand::Paste);
                self.command_on(On::Pane(pane.pane), paste, now);
            }
            _ => {}
        }
    }

    /// Moves the end of the selection to `at`; false if there is none.
    fn extend(&mut self, pane: PaneId, at: Point, page: &Page) -> bool {
        let copy = self.copies.get_mut(&pane).filter(|copy| copy.is_active());
        let Some((copy, unit)) = copy.and_then(|copy| copy.take_up().map(|unit| (copy, unit)))
        else {
            return false;
        };
        copy.point(page, at);
        self.hold(pane, at, unit);
        self.repaint();
        true
    }

    fn hold(&mut self, pane: PaneId, start: Point, unit: Unit) {
        self.selecting.drag = Some(Drag {
            pane,
            start,
            unit,
            roamed: false,
            pull: None,
            at: start,
        });
    }

    fn press_first(&mut self, pane: PaneId, at: Point, mods: Mods, page: &Page, now: Time) {
        let block = mods.contains(Mods::ALT) || mods.contains(Mods::CTRL);
        let unit = match self.selecting.clicks.press(pane, at, now) {
            _ if block => Unit::Block,
            1 => Unit::Cell,
            2 => Unit::Word,
            _ => Unit::Line,
        };
        if let Some(copy) = self.copies.get_mut(&pane).filter(|copy| copy.is_active()) {
            copy.clear();
            copy.point(page, at);
            self.repaint();
        }
        self.hold(pane, at, unit);
        if matches!(unit, Unit::Word | Unit::Line) {
            self.begin_selection(pane, at, unit, page);
        }
    }

    /// Begins a selection at `at`, in copy mode if need be.
    fn begin_selection(&mut self, pane: PaneId, at: Point, unit: Unit, page: &Page) {
        if !self.copies.get(&pane).is_some_and(Copy::is_active) {
            let copy = Copy::enter(Entered::ByDrag, at, self.copies.get(&pane));
            self.copies.insert(pane, copy);
            self.scroll(pane, ScrollCommand::Enter);
        }
        if let Some(copy) = self.copies.get_mut(&pane) {
            if copy.entered == Entered::ByWheel {
                copy.entered = Entered::ByDrag;
            }
            copy.point(page, at);
            copy.begin(page, unit);
        }
        self.repaint();
    }

    /// The mouse moved while the button is held.
    pub(super) fn drag_select(&mut self, mouse: Mouse, view: &View, now: Time) {
        let Some(mut drag) = self.selecting.drag else {
            return;
        };
        let shown = view
            .chrome
            .panes
            .iter()
            .find(|shown| shown.pane == drag.pane);
        let (Some(shown), Some(page)) = (shown, Page::of(view, drag.pane)) else {
            return;
        };
        drag.at = self.in_pane(shown, mouse);
        drag.roamed |= drag.at.row != drag.start.row;
        let selection = |ui: &Self| {
            ui.copies
                .get(&drag.pane)
                .and_then(Copy::selection)
                .is_some()
        };
        let rows = self.rows_beyond(shown, mouse, drag);
        if (drag.at != drag.start || rows != 0) && !selection(self) {
            self.begin_selection(drag.pane, drag.start, drag.unit, &page);
        }
        if selection(self)
            && let Some(copy) = self.copies.get_mut(&drag.pane)
        {
            copy.point(&page, drag.at);
            self.repaint();
        }
        let due = drag.pull.map_or(now, |(_, due)| due);
        drag.pull = (rows != 0).then_some((rows, due));
        self.selecting.drag = Some(drag);
        self.pull(view, now);
    }

    /// How far beyond the pane's edge the mouse is, in rows: above it is negative. A terminal says nothing of what is
    /// beyond its own edge, so its first row counts as beyond.
    fn rows_beyond(&self, pane: &PaneBox, mouse: Mouse, drag: Drag) -> i32 {
        let y = i32::from(self.in_area(mouse).1);
        let (top, rows) = (i32::from(pane.area.y), i32::from(pane.area.rows));
        let rows = match y {
            _ if y < top => y - top,
            0 if drag.roamed && mouse.y == 0 => -1,
            _ if y >= top + rows => y - (top + rows - 1),
            _ if drag.roamed && mouse.y + 1 >= self.outer.size.rows => 1,
            _ => 0,
        };
        rows.clamp(-MAX_PULL, MAX_PULL)
    }

    /// Scrolls while the mouse is held beyond the edge, the faster the further out.
    pub(super) fn pull(&mut self, view: &View, now: Time) {
        let Some(drag) = &mut self.selecting.drag else {
            return;
        };
        let Some((rows, due)) = &mut drag.pull else {
            return;
        };
        if now < *due {
            return;
        }
        *due = now.after(PULL_MS);
        let (pane, rows) = (drag.pane, *rows);
        let can_move = Page::of(view, pane).is_some_and(|page| !is_at_end(&page, rows));
        let is_selecting = self.copies.get(&pane).and_then(Copy::selection).is_some();
        if can_move && is_selecting {
            self.scroll(pane, ScrollCommand::By(rows));
        }
    }

    /// The button was released: what is selected is copied; a click alone leads back from a selection.
    pub(super) fn release_select(&mut self, view: &View, now: Time) {
        let Some(drag) = self.selecting.drag.take() else {
            return;
        };
        let pane = drag.pane;
        let Some(copy) = self.copies.get_mut(&pane).filter(|copy| copy.is_active()) else {
            return;
        };
        if copy.selection().is_some() {
            copy.release();
            let outcome = copy.yank(Then::Stay);
            return self.follow(outcome, pane, now);
        }
        if copy.entered == Entered::ByDrag {
            copy.entered = Entered::ByWheel;
            let at_bottom = Page::of(view, pane).is_none_or(|page| is_at_end(&page, 1));
            if at_bottom {
                self.follow(Outcome::Leave, pane, now);
            }
        }
    }
}
