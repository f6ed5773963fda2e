//! What the mouse does to the chrome: tabs, the lines between panes, menus, links.

use super::beside::{Landing, Step};
use super::borders::Borders;
use super::chrome::bar::{Bar, Spot};
use super::chrome::status::{Status, StatusLine};
use super::overlay::{Entry, Menu, Purpose, pane_title};
use super::page::Page;
use super::pointer::Grip;
use super::{Effect, Ui, link, menus, place, status};
use crate::protocol::command::{PaneCommand, Resize, TabCommand};
use crate::protocol::view::PaneBox;
use crate::protocol::{Command, Direction, On, PaneId, TabId, View};
use crate::sync::Time;
use crate::term::{Mods, Mouse, MouseAction};

/// A second press within so many milliseconds makes a double click.
const DOUBLE_MS: u64 = 400;

/// A line between panes that is being dragged; a joint is part of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dragged {
    /// The pane on the left of the line, and the column that was asked for last.
    right_of: Option<(PaneId, u16)>,
    /// The pane above it, and the row.
    below: Option<(PaneId, u16)>,
    /// The pane whose title was pressed: it gets the focus unless the line is moved.
    titled: Option<PaneId>,
}

/// A tab that is being dragged to another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DraggedTab {
    tab: TabId,
    /// Where it was sent last, and how many commands the server will have answered once it is there.
    to: usize,
    answers: u64,
}

impl Ui {
    /// What the status line says.
    fn status<'a>(&'a self, view: &View) -> Status<'a> {
        let (overlay, messages) = (&self.overlay, &self.messages);
        let place = place(view, &self.copies, &self.wall);
        Status {
            beside: self.beside.several(),
            ..status(overlay, messages, &self.chord, place, view)
        }
    }

    /// Where everything stands in the status line.
    fn bar(&self, view: &View) -> Bar {
        Bar::of(&view.chrome, &self.status(view), self.outer.size.cols)
    }

    /// The mouse on the status line. While that shows no tabs, there are none to be clicked.
    pub(super) fn status_mouse(&mut self, mouse: Mouse, view: &View, now: Time) {
        match self.status(view).line {
            StatusLine::Tabs => self.bar_mouse(mouse, view, now),
            _ if matches!(mouse.action, MouseAction::Press(_)) => {
                self.pointer.grip = Some(Grip::Spent);
                if self.messages.clear() {
                    self.repaint();
                }
            }
            _ => {}
        }
    }

    fn bar_mouse(&mut self, mouse: Mouse, view: &View, now: Time) {
        let bar = self.bar(view);
        match (mouse.action, bar.at(mouse.x)) {
            (MouseAction::WheelUp, _) => self.step(Step::Back, view, now),
            (MouseAction::WheelDown, _) => self.step(Step::On, view, now),
            (MouseAction::Press(0), Some(Spot::Tab(index))) => {
                self.press_tab(index, mouse, view, now);
            }
            (MouseAction::Press(0), Some(Spot::Session(place))) => {
                self.go_beside(place, Landing::AsItWas);
            }
            (MouseAction::Press(0), Some(Spot::TabOf(place, index))) => {
                self.go_beside(place, Landing::Tab(index as u16 + 1));
            }
            (MouseAction::Press(0), None) if bar.before == Some(mouse.x) => {
                self.step(Step::Back, view, now);
            }
            (MouseAction::Press(0), None) if bar.after == Some(mouse.x) => {
                self.step(Step::On, view, now);
            }
            (MouseAction::Press(2), Some(Spot::Tab(index))) => {
                let tab = &view.chrome.tabs[index];
                let (title, number) = (format!("{} {}", index + 1, tab.name), index as u16 + 1);
                self.menu_at(mouse, title, menus::of_tab(tab, number), now);
            }
            (MouseAction::Press(2), _) => {
                let session = view.chrome.session.clone();
                self.menu_at(mouse, session, menus::of_session(), now);
            }
            _ => {}
        }
    }

    fn press_tab(&mut self, index: usize, mouse: Mouse, view: &View, now: Time) {
        let tab = &view.chrome.tabs[index];
        if self.is_second_press(mouse, now) {
            return self.prompt(Purpose::RenameTab(tab.id), view);
        }
        self.pointer.grip = Some(Grip::Tab(DraggedTab {
            tab: tab.id,
            to: index,
            answers: 0,
        }));
        if !tab.active {
            self.command(Command::Tab(TabCommand::Select(index as u16 + 1)), now);
        }
    }

    /// Moves the tab to where the mouse is, step by step. A step is told as so many places on, so it begins where the
    /// steps before will have led, whatever the view shows still.
    pub(super) fn drag_tab(&mut self, mut dragged: DraggedTab, mouse: Mouse, view: &View) {
        let bar = self.bar(view);
        let mut tabs = view.chrome.tabs.iter();
        let shown = tabs.position(|tab| tab.id == dragged.tab);
        let (Some(Spot::Tab(under)), Some(shown)) = (bar.at(mouse.x), shown) else {
            return;
        };
        let is_there = view.chrome.answered >= dragged.answers;
        let at = if is_there { shown } else { dragged.to };
        if under != at {
            let by = (under as i16).saturating_sub(at as i16);
            self.command_aside(On::Tab(dragged.tab), Command::Tab(TabCommand::Move(by)));
            (dragged.to, dragged.answers) = (under, self.waiting.commands);
        }
        self.pointer.grip = Some(Grip::Tab(dragged));
    }

    /// The mouse on a line between panes, at that position of the area.
    pub(super) fn line_mouse(&mut self, mouse: Mouse, (x, y): (u16, u16), view: &View, now: Time) {
        let titled = Borders::titled(view, x, y);
        match mouse.action {
            MouseAction::Press(2) if view.chrome.panes.len() > 1 => {
                self.menu_at(mouse, "Layout".to_owned(), menus::of_border(), now);
            }
            MouseAction::Press(0) => {
                if let Some(pane) = titled.filter(|_| self.is_second_press(mouse, now)) {
                    return self.prompt(Purpose::RenamePane(pane.pane), view);
                }
                let mut dragged = grasp(view, x, y);
                dragged.titled = titled.map(|pane| pane.pane);
                self.pointer.grip = Some(Grip::Line(dragged));
            }
            _ => {}
        }
    }

    /// Moves the line to where the mouse is; nothing that is typed waits for it.
    pub(super) fn drag_line(&mut self, mut dragged: Dragged, (x, y): (u16, u16)) {
        let mut moved = Vec::new();
        let ends = [
            (&mut dragged.right_of, Direction::Right, x),
            (&mut dragged.below, Direction::Down, y),
        ];
        for (end, side, to) in ends {
            if let Some((pane, at)) = end.as_mut().filter(|(_, at)| *at != to) {
                *at = to;
                moved.push((*pane, Resize::Border(side, to)));
            }
        }
        for (pane, resize) in moved {
            dragged.titled = None;
            let command = Command::Pane(PaneCommand::Resize(resize));
            self.command_aside(On::Pane(pane), command);
        }
        self.pointer.grip = Some(Grip::Line(dragged));
    }

    pub(super) fn release_line(&mut self, dragged: Dragged, view: &View, now: Time) {
        let mut panes = view.chrome.panes.iter();
        if let Some(pane) = panes.find(|pane| Some(pane.pane) == dragged.titled) {
            self.select(pane, now);
        }
    }

    /// A press on a pane that is not the program's affair: it opens a link or a menu. True if it was one.
    pub(super) fn press_apart(
        &mut self,
        pane: &PaneBox,
        mouse: Mouse,
        view: &View,
        now: Time,
    ) -> bool {
        let asks = mouse.action == MouseAction::Press(2) && mouse.mods.contains(Mods::ALT);
        if self.tells_program(pane.pane, mouse, view) && !asks {
            return false;
        }
        let under = || {
            let page = Page::of(view, pane.pane)?;
            link::at(&page, &view.tables, self.in_pane(pane, mouse))
        };
        match mouse.action {
            MouseAction::Press(0) if mouse.mods.contains(Mods::CTRL) => match under() {
                Some(url) => {
                    self.pointer.grip = Some(Grip::Spent);
                    self.effects.push_back(Effect::Open(url));
                }
                None => return false,
            },
            MouseAction::Press(2) => {
                let entries = menus::of_pane(pane, under());
                let title = pane_title(view, pane);
                self.select(pane, now);
                self.menu_at(mouse, title, entries, now);
            }
            _ => return false,
        }
        true
    }

    fn menu_at(&mut self, mouse: Mouse, title: String, entries: Vec<Entry>, now: Time) {
        // Without a menu, its button is nobody's.
        self.pointer.grip = Some(Grip::Spent);
        if self.open_menu(Menu::at((mouse.x, mouse.y), title, entries), now) {
            self.pointer.grip = None;
        }
    }

    /// Whether this press and the one before are a double click.
    fn is_second_press(&mut self, mouse: Mouse, now: Time) -> bool {
        let before = self.pointer.pressed.replace((now, mouse.x, mouse.y));
        let is_second = before.is_some_and(|(then, x, y)| {
            (x, y) == (mouse.x, mouse.y) && now <= then.after(DOUBLE_MS)
        });
        if is_second {
            self.pointer.pressed = None;
        }
        is_second
    }
}

/// The lines that a cell between panes is part of.
fn grasp(view: &View, x: u16, y: u16) -> Dragged {
    // A cell between two lines touches their panes at a corner.
    let near = |at: u16, start: u16, len: u16| {
        at.saturating_add(1) >= start && at <= start.saturating_add(len)
    };
    let panes = || view.chrome.panes.iter().map(|pane| (pane.pane, pane.area));
    let left = panes()
        .find(|(_, area)| area.x.saturating_add(area.cols) == x && near(y, area.y, area.rows));
    let above = panes()
        .find(|(_, area)| area.y.saturating_add(area.rows) == y && near(x, area.x, area.cols));
    Dragged {
        right_of: left.map(|(pane, _)| (pane, x)),
        below: above.map(|(pane, _)| (pane, y)),
        titled: None,
    }
}
