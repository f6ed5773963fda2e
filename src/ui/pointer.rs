//! What the mouse means: reports for programs that want them, else the focus, scrolling, selecting, the tabs.

use super::Ui;
use super::action::OutputAction;
use super::copy::{Copy, Entered};
use super::gesture::{Dragged, DraggedTab};
use super::keys::modes;
use super::overlay::Overlay;
use super::page::{Page, Point};
use crate::protocol::command::{PaneCommand, Which};
use crate::protocol::scrolled::MarkKind;
use crate::protocol::view::PaneBox;
use crate::protocol::{Command, On, PaneId, View};
use crate::sync::Time;
use crate::term::encode::encode_key;
use crate::term::mouse::{ANY_MOUSE, encode_mouse};
use crate::term::{Key, KeyCode, Modes, Mods, Mouse, MouseAction};

/// Rows, or arrow keys, for one notch of the wheel.
const WHEEL_ROWS: i32 = 3;

/// What the user's terminal has to tell of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseUse {
    /// Nothing: it stays with the terminal.
    Left,
    /// Presses, drags and the wheel.
    Buttons,
    /// Every motion, too.
    Motion,
}

/// How exactly it has to tell where the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MousePrecision {
    /// By its cell.
    Cells,
    /// By its pixel (1016).
    Pixels,
}

/// What a held button belongs to, if that is no text being selected.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grip {
    /// The program of that pane.
    Program(PaneId),
    /// A line between panes.
    Line(Dragged),
    /// A tab.
    Tab(DraggedTab),
    /// Something that is done with already: nobody is told of its release.
    Spent,
}

/// The mouse between two events.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    pub(super) grip: Option<Grip>,
    /// When and where the button went down last on what knows double clicks.
    pub(super) pressed: Option<(Time, u16, u16)>,
}

impl Ui {
    /// What is to be told of the mouse now: its motions as well while a menu is open, or a program that is shown asks
    /// for them.
    pub fn mouse_use(&self, view: &View) -> MouseUse {
        let asks = |pane: &PaneBox| modes(view, pane.pane).contains(Modes::MOUSE_MOTION);
        let is_menu = matches!(self.overlay, Some(Overlay::Menu(_)));
        match self.settings.mouse {
            false => MouseUse::Left,
            true if is_menu || view.chrome.panes.iter().any(asks) => MouseUse::Motion,
            true => MouseUse::Buttons,
        }
    }

    /// How exactly the mouse is to be told of now: a program that is shown may ask for pixels.
    pub fn mouse_precision(&self, view: &View) -> MousePrecision {
        let asks = |pane: &PaneBox| {
            let modes = modes(view, pane.pane);
            modes.contains(Modes::MOUSE_PIXELS) && modes.intersects(ANY_MOUSE)
        };
        match self.settings.mouse && view.chrome.panes.iter().any(asks) {
            true => MousePrecision::Pixels,
            false => MousePrecision::Cells,
        }
    }

    /// What the mouse did, to whatever has it: what it holds, what lies over the panes, the status line, a pane, a line.
    pub(super) fn mouse(&mut self, mouse: Mouse, view: &View, now: Time) {
        if !self.settings.mouse {
            return;
        }
        let pressed = matches!(mouse.action, MouseAction::Press(_));
        if pressed && self.chord.is_under_way() {
            self.chord.drop_next();
            self.repaint();
        }
        if self.held_mouse(mouse, view, now) {
            return;
        }
        if self.overlay_mouse(mouse, view, now) {
            return;
        }
        if self.outer.size.rows > 1 && mouse.y + 1 >= self.outer.size.rows {
            return self.status_mouse(mouse, view, now);
        }
        let (x, y) = self.in_area(mouse);
        let Some(pane) = view.chrome.panes.iter().find(|pane| contains(pane, x, y)) else {
            return self.line_mouse(mouse, (x, y), view, now);
        };
        match mouse.action {
            MouseAction::Press(button) => self.press(button, pane, mouse, view, now),
            MouseAction::WheelUp => self.wheel(-WHEEL_ROWS, pane, mouse, view, now),
            MouseAction::WheelDown => self.wheel(WHEEL_ROWS, pane, mouse, view, now),
            MouseAction::Motion if self.tells_program(pane.pane, mouse, view) => {
                self.report(pane.pane, mouse, view);
            }
            MouseAction::Motion => {}
            _ if pane.focused => self.report(pane.pane, mouse, view),
            _ => {}
        }
    }

    /// The mouse while it holds something; false if it holds nothing.
    fn held_mouse(&mut self, mouse: Mouse, view: &View, now: Time) -> bool {
        match (mouse.action, self.pointer.grip) {
            (MouseAction::Drag(_), _) if self.selecting.is_held() => {
                self.drag_select(mouse, view, now);
            }
            (MouseAction::Release(_), _) if self.selecting.is_held() => {
                self.release_select(view, now);
            }
            (MouseAction::Drag(_), Some(grip)) => self.drag(grip, mouse, view),
            (MouseAction::Release(_), Some(grip)) => {
                self.pointer.grip = None;
                self.release_button(grip, mouse, view, now);
            }
            _ => return false,
        }
        true
    }

    /// Where the mouse is in the area, as the terminal shows it.
    pub(super) fn in_area(&self, mouse: Mouse) -> (u16, u16) {
        let offset = self.outer.offset;
        (
            mouse.x.saturating_add(offset.x),
            mouse.y.saturating_add(offset.y),
        )
    }

    /// Where the mouse is within the pane, or the nearest position in it.
    pub(super) fn in_pane(&self, pane: &PaneBox, mouse: Mouse) -> Point {
        let (x, y) = self.in_area(mouse);
        Point {
            row: y
                .saturating_sub(pane.area.y)
                .min(pane.area.rows.saturating_sub(1)),
            col: x
                .saturating_sub(pane.area.x)
                .min(pane.area.cols.saturating_sub(1)),
        }
    }

    /// Whether the program of that pane wants to know what the mouse does.
    pub(super) fn tells_program(&self, pane: PaneId, mouse: Mouse, view: &View) -> bool {
        modes(view, pane).intersects(ANY_MOUSE) && !self.is_ours(pane, mouse)
    }

    /// Whether the mouse means nothing to the program: with Shift, and in copy mode.
    fn is_ours(&self, pane: PaneId, mouse: Mouse) -> bool {
        let copying = self.copies.get(&pane).is_some_and(Copy::is_active);
        copying || mouse.mods.contains(Mods::SHIFT)
    }

    fn press(&mut self, button: u8, pane: &PaneBox, mouse: Mouse, view: &View, now: Time) {
        if self.messages.dismiss() {
            self.repaint();
        }
        if self.press_apart(pane, mouse, view, now) {
            return;
        }
        if button == 0 && self.press_mark(pane, mouse, view, now) {
            self.pointer.grip = Some(Grip::Spent);
            return;
        }
        self.select(pane, now);
        if self.tells_program(pane.pane, mouse, view) {
            self.pointer.grip = Some(Grip::Program(pane.pane));
            self.report(pane.pane, mouse, view);
        } else {
            self.press_select(button, pane, mouse, view, now);
        }
    }

    /// A press on what stands for folded lines, or on the first cell of a prompt: folds or opens what the command printed.
    fn press_mark(&mut self, pane: &PaneBox, mouse: Mouse, view: &View, now: Time) -> bool {
        let (at, id) = (self.in_pane(pane, mouse), pane.pane);
        let copy = self.copies.get_mut(&id).filter(|copy| copy.is_active());
        let mark = Page::of(view, id).and_then(|page| page.mark(at.row));
        let is_hit = mark.is_some_and(|mark| mark == MarkKind::Fold || at.col == 0);
        let Some(copy) = copy.filter(|_| is_hit && !mouse.mods.contains(Mods::SHIFT)) else {
            return false;
        };
        let outcome = copy.output(OutputAction::Fold, at.row);
        self.follow(outcome, id, now);
        true
    }

    fn drag(&mut self, grip: Grip, mouse: Mouse, view: &View) {
        match grip {
            Grip::Program(pane) => self.report(pane, mouse, view),
            Grip::Line(dragged) => self.drag_line(dragged, self.in_area(mouse)),
            Grip::Tab(dragged) => self.drag_tab(dragged, mouse, view),
            Grip::Spent => {}
        }
    }

    fn release_button(&mut self, grip: Grip, mouse: Mouse, view: &View, now: Time) {
        match grip {
            Grip::Program(pane) => self.report(pane, mouse, view),
            Grip::Line(dragged) => self.release_line(dragged, view, now),
            Grip::Tab(_) | Grip::Spent => {}
        }
    }

    /// Gives `pane` the focus.
    pub(super) fn select(&mut self, pane: &PaneBox, now: Time) {
        if !pane.focused {
            let command = Command::Pane(PaneCommand::Focus(Which::Here));
            self.command_on(On::Pane(pane.pane), command, now);
        }
    }

    /// Sends what the mouse did to the program, if it wants to know.
    fn report(&mut self, pane: PaneId, mouse: Mouse, view: &View) {
        let Some(shown) = view.chrome.panes.iter().find(|shown| shown.pane == pane) else {
            return;
        };
        let at = self.in_pane(shown, mouse);
        let mouse = Mouse {
            x: at.col,
            y: at.row,
            ..mouse
        };
        let mut bytes = Vec::with_capacity(16);
        if encode_mouse(mouse, modes(view, pane), &mut bytes) {
            self.send_bytes(pane, &bytes, view);
        }
    }

    fn wheel(&mut self, rows: i32, pane: &PaneBox, mouse: Mouse, view: &View, now: Time) {
        if self.tells_program(pane.pane, mouse, view) {
            return self.report(pane.pane, mouse, view);
        }
        let modes = modes(view, pane.pane);
        if !self.is_ours(pane.pane, mouse) && modes.contains(Modes::ALTERNATE_SCREEN) {
            let code = if rows < 0 { KeyCode::Up } else { KeyCode::Down };
            let key = Key::new(code, Mods::NONE);
            let mut bytes = Vec::with_capacity(16);
            for _ in 0..rows.abs() {
                encode_key(key, modes, &mut bytes);
            }
            return self.send_bytes(pane.pane, &bytes, view);
        }
        self.wheel_scroll(rows, pane, view, now);
    }

    fn wheel_scroll(&mut self, rows: i32, pane: &PaneBox, view: &View, now: Time) {
        let Some(page) = Page::of(view, pane.pane) else {
            return;
        };
        if !self.copies.get(&pane.pane).is_some_and(Copy::is_active) {
            if rows > 0 {
                return;
            }
            let before = self.copies.get(&pane.pane);
            let copy = Copy::enter(Entered::ByWheel, Point::default(), before);
            self.copies.insert(pane.pane, copy);
        }
        self.select(pane, now);
        let command = self
            .copies
            .get_mut(&pane.pane)
            .and_then(|copy| copy.wheel(rows, &page));
        match command {
            Some(command) => self.scroll(pane.pane, command),
            None => self.leave_copy(pane.pane),
        }
        self.repaint();
    }
}

fn contains(pane: &PaneBox, x: u16, y: u16) -> bool {
    let area = pane.area;
    (area.x..area.x.saturating_add(area.cols)).contains(&x)
        && (area.y..area.y.saturating_add(area.rows)).contains(&y)
}
