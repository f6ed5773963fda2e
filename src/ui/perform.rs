//! Does what a bound key says.

use super::action::{Action, ClientAction, CopyAction, PaneAction, Scroll, TabAction};
use super::copy::{Copy, Entered, Outcome};
use super::page::Point;
use super::{Effect, FOCUS_MS, Mode, Moving, Question, RESTART, Ui};
use crate::protocol::command::{PaneCommand, ScrollCommand, Spawn, TabCommand};
use crate::protocol::view::PaneBox;
use crate::protocol::{Command, Direction, PaneId, View};
use crate::sync::Time;
use crate::term::Key;

impl Ui {
    /// Does what `key` is bound to.
    pub(super) fn perform(&mut self, action: Action, key: Key, view: &View, now: Time) {
        match action {
            Action::Pane(action) => self.pane_action(action, view, now),
            Action::Tab(action) => self.tab_action(action, view, now),
            Action::Client(action) => self.client_action(action, key, view, now),
            Action::Copy(action) => self.copy_action(action, view, now),
        }
    }

    fn pane_action(&mut self, action: PaneAction, view: &View, now: Time) {
        let alone = view.chrome.panes.len() < 2 && !view.chrome.zoomed;
        let command = match action {
            PaneAction::Split(side) => PaneCommand::Split {
                side,
                spawn: Spawn::default(),
            },
            PaneAction::Focus(_) | PaneAction::FocusNext if alone => return,
            PaneAction::Focus(side) if !has_neighbour(view, side) => {
                return self.command(Command::Pane(PaneCommand::Focus(side)));
            }
            PaneAction::Focus(side) => PaneCommand::Focus(side),
            PaneAction::FocusNext => PaneCommand::FocusNext,
            PaneAction::Zoom => return self.command(Command::Pane(PaneCommand::Zoom)),
            PaneAction::Restart => return self.command(RESTART),
            PaneAction::Close => {
                let Some(pane) = view.focused() else { return };
                let text = format!("close pane {}? (y/n) ", pane.pane);
                return self.ask(text, Command::Pane(PaneCommand::Close));
            }
        };
        self.await_focus(view, now);
        self.command(Command::Pane(command));
    }

    fn tab_action(&mut self, action: TabAction, view: &View, now: Time) {
        let tabs = &view.chrome.tabs;
        let active = tabs.iter().position(|tab| tab.active);
        let command = match action {
            TabAction::New => TabCommand::New(Spawn::default()),
            TabAction::Next | TabAction::Previous if tabs.len() < 2 => return,
            TabAction::Next => TabCommand::Next,
            TabAction::Previous => TabCommand::Previous,
            TabAction::Select(number) => {
                let index = usize::from(number).wrapping_sub(1);
                if index >= tabs.len() {
                    return self.say(format!("no tab {number}"), now);
                }
                if Some(index) == active {
                    return;
                }
                TabCommand::Select(number)
            }
            TabAction::Close => {
                let Some(index) = active else { return };
                let text = format!("close tab {}:{}? (y/n) ", index + 1, tabs[index].name);
                return self.ask(text, Command::Tab(TabCommand::Close));
            }
        };
        self.await_focus(view, now);
        self.command(Command::Tab(command));
    }

    fn client_action(&mut self, action: ClientAction, key: Key, view: &View, now: Time) {
        match action {
            ClientAction::Prefix => self.mode = Mode::Prefix,
            ClientAction::SendKey => return self.send_key(key, view, now),
            ClientAction::Detach => return self.effects.push_back(Effect::Detach),
            ClientAction::CopyMode => self.enter_copy(view),
            ClientAction::CopyModePageUp => {
                self.enter_copy(view);
                self.copy_action(CopyAction::Scroll(Scroll::PageUp), view, now);
            }
            ClientAction::Redraw => {
                self.painter.forget();
                self.effects.push_back(Effect::RepaintWhole);
            }
            ClientAction::Help => self.mode = Mode::Help,
        }
        self.repaint();
    }

    fn ask(&mut self, text: String, command: Command) {
        self.mode = Mode::Question(Question { text, command });
        self.repaint();
    }

    /// Enters copy mode by a key, or takes over what the wheel entered.
    fn enter_copy(&mut self, view: &View) {
        let (Some(pane), Some(surface)) = (view.focused(), view.focused_surface()) else {
            return;
        };
        if let Some(copy) = self
            .copies
            .get_mut(&pane.pane)
            .filter(|copy| copy.is_active())
        {
            copy.entered = Entered::ByKey;
            return;
        }
        let cursor = Point {
            row: surface.cursor.row,
            col: surface.cursor.col,
        };
        self.copies
            .insert(pane.pane, Copy::enter(Entered::ByKey, cursor));
        self.command(Command::Scroll(ScrollCommand::Enter));
    }

    /// Does what copy mode wants done.
    pub(super) fn follow(&mut self, outcome: Outcome, pane: PaneId, now: Time) {
        match outcome {
            Outcome::Moved => {}
            Outcome::Scroll(command) => self.command(Command::Scroll(command)),
            Outcome::Ask(direction) => {
                self.mode = Mode::Prompt {
                    pane,
                    direction,
                    text: String::new(),
                };
            }
            Outcome::Yank(text) => {
                let count = text.chars().count();
                self.effects.push_back(Effect::Clipboard {
                    selection: "c".into(),
                    bytes: text.into_bytes(),
                });
                self.leave_copy(pane);
                self.say(format!("copied {count} characters"), now);
            }
            Outcome::Leave => self.leave_copy(pane),
        }
        self.repaint();
    }

    /// What is typed from here on belongs to where the focus goes.
    pub(super) fn await_focus(&mut self, view: &View, now: Time) {
        self.moving = Some(Moving {
            from: view.focused().map(|pane| pane.pane),
            until: now.after(FOCUS_MS),
        });
    }
}

/// Whether a pane lies on that side of the focused one, so that the focus will move; a zoomed one may have any.
fn has_neighbour(view: &View, side: Direction) -> bool {
    let Some(at) = view.focused().map(|pane| pane.area) else {
        return false;
    };
    let lies_there = |pane: &PaneBox| match side {
        Direction::Left => pane.area.x < at.x,
        Direction::Right => pane.area.x > at.x,
        Direction::Up => pane.area.y < at.y,
        Direction::Down => pane.area.y > at.y,
    };
    view.chrome.zoomed || view.chrome.panes.iter().any(lies_there)
}
