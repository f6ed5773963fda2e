//! Does what a bound key says.

use super::action::{
    Action, ClientAction, CopyAction, KeysAction, PaneAction, Scroll, SessionAction, TabAction,
};
use super::beside::Step;
use super::copy::{Copy, Entered, Outcome, Then};
use super::keymap::{self, Binding};
use super::overlay::{Overlay, Prompt, Purpose};
use super::page::{Page, Point};
use super::{Effect, Ui, catalog};
use crate::protocol::command::{
    Asking, OutputCommand, PaneCommand, Resize, ScrollCommand, SessionCommand, Spawn, TabCommand,
};
use crate::protocol::{Command, PaneId, View};
use crate::sync::Time;
use crate::term::Key;

impl Ui {
    /// Does what `key` is bound to in `table`, and minds whether it may be repeated.
    pub(super) fn perform_all(
        &mut self,
        binding: Binding,
        table: &str,
        key: Key,
        view: &View,
        now: Time,
    ) {
        for action in binding.actions {
            self.perform(action, key, view, now);
        }
        if binding.repeat && table != self.chord.base() && table != keymap::COPY {
            let until = now.after(self.settings.repeat_ms);
            self.chord.expect_again(table, until);
        }
    }

    /// Does what `action` says; `key` led to it.
    pub(super) fn perform(&mut self, action: Action, key: Key, view: &View, now: Time) {
        match action {
            Action::Session(action) => self.session_action(action, view, now),
            Action::Visit(action) => self.visit(action, view, now),
            Action::Tab(action) => self.tab_action(action, view, now),
            Action::Pane(action) => self.pane_action(action, view, now),
            Action::Layout(command) => self.command(Command::Layout(command), now),
            Action::Client(action) => self.client_action(action, view, now),
            Action::Keys(action) => self.keys_action(&action, key, view, now),
            Action::Copy(action) => self.copy_action(action, view, now),
        }
    }

    fn pane_action(&mut self, action: PaneAction, view: &View, now: Time) {
        let command = match action {
            PaneAction::Split(side) => PaneCommand::Split {
                side,
                spawn: Spawn::default(),
            },
            PaneAction::Focus(which) => PaneCommand::Focus(which),
            PaneAction::Resize(side, by) => PaneCommand::Resize(Resize::By(side, by)),
            PaneAction::Swap(which) => PaneCommand::Swap(which),
            PaneAction::Zoom => PaneCommand::Zoom,
            PaneAction::Break => PaneCommand::Break,
            PaneAction::Paste => PaneCommand::Paste,
            PaneAction::Restart => PaneCommand::Restart,
            PaneAction::Rerun => PaneCommand::Rerun,
            PaneAction::OpenHistory(with) => {
                let line = self.line_of_copier(view);
                PaneCommand::OpenHistory { with, line }
            }
            PaneAction::Close => PaneCommand::Close(Asking::IfBusy),
            PaneAction::Pick => return self.pick(view, now),
            PaneAction::Move => return self.prompt_for_pane(Purpose::Move, view),
            PaneAction::Rename => return self.prompt_for_pane(Purpose::RenamePane, view),
        };
        self.command(Command::Pane(command), now);
    }

    fn tab_action(&mut self, action: TabAction, view: &View, now: Time) {
        let tabs = &view.chrome.tabs;
        let command = match action {
            TabAction::New => TabCommand::New(Spawn::default()),
            TabAction::Next => return self.step(Step::On, view, now),
            TabAction::Previous => return self.step(Step::Back, view, now),
            TabAction::Last => TabCommand::Last,
            TabAction::Select(number) if usize::from(number) > tabs.len() => {
                return self.say(format!("no tab {number}"), now);
            }
            TabAction::Select(number) => TabCommand::Select(number),
            TabAction::Move(by) => TabCommand::Move(by),
            TabAction::Close => TabCommand::Close(Asking::IfBusy),
            TabAction::Ask => return self.prompt(Purpose::SelectTab, view),
            TabAction::Rename => {
                if let Some(tab) = tabs.iter().find(|tab| tab.active) {
                    self.prompt(Purpose::RenameTab(tab.id), view);
                }
                return;
            }
        };
        self.command(Command::Tab(command), now);
    }

    fn session_action(&mut self, action: SessionAction, view: &View, now: Time) {
        let command = match action {
            SessionAction::Choose => return self.ask_for_sessions(now),
            SessionAction::Next => SessionCommand::Next,
            SessionAction::Previous => SessionCommand::Previous,
            SessionAction::Last => SessionCommand::Last,
            SessionAction::New => return self.prompt(Purpose::NewSession, view),
            SessionAction::Rename => return self.prompt(Purpose::RenameSession, view),
            SessionAction::Kill => SessionCommand::Kill(Asking::IfBusy),
        };
        self.command(Command::Session(command), now);
    }

    /// Asks for the sessions; what is typed from here on is for the list of them.
    fn ask_for_sessions(&mut self, now: Time) {
        self.command(Command::Session(SessionCommand::List), now);
        self.waiting.await_all();
    }

    fn keys_action(&mut self, action: &KeysAction, key: Key, view: &View, now: Time) {
        match action {
            KeysAction::Prefix => self.chord.expect(keymap::PREFIX),
            KeysAction::Table(table) => self.chord.expect(table),
            KeysAction::Mode(mode) => self.chord.enter(mode, &self.settings.keymap),
            KeysAction::SendKey => return self.send_key(key, view, now),
            KeysAction::Nothing => {}
        }
        self.repaint();
    }

    fn client_action(&mut self, action: ClientAction, view: &View, now: Time) {
        match action {
            ClientAction::Detach => return self.effects.push_back(Effect::Detach),
            ClientAction::CopyMode => self.enter_copy(view),
            ClientAction::CopyModePageUp => {
                self.enter_copy(view);
                self.copy_action(CopyAction::Scroll(Scroll::PageUp), view, now);
            }
            ClientAction::Search => {
                self.enter_copy(view);
                self.copy_action(CopyAction::SearchBack, view, now);
            }
            ClientAction::Output(action) => {
                self.enter_copy(view);
                self.copy_action(CopyAction::Output(action), view, now);
            }
            ClientAction::CopyOutput => {
                if let Some(pane) = view.focused() {
                    let command = ScrollCommand::Output(OutputCommand::CopyLast);
                    self.scroll(pane.pane, command);
                }
            }
            ClientAction::Redraw => {
                self.outer.canvas.forget();
                self.effects.push_back(Effect::RepaintWhole);
            }
            ClientAction::Help => {
                self.open(Overlay::List(catalog::keys(&self.settings.keymap)));
            }
            ClientAction::Palette => {
                self.open(Overlay::List(catalog::actions(&self.settings.keymap)));
            }
            ClientAction::Messages => self.open(Overlay::List(self.messages.list(now))),
            ClientAction::Menu => self.pane_menu(view, now),
            ClientAction::Reload => self.effects.push_back(Effect::Reload),
        }
        self.repaint();
    }

    /// The line in which the cursor of copy mode stands, in the pane that has the focus.
    fn line_of_copier(&self, view: &View) -> Option<u64> {
        let pane = view.focused()?.pane;
        let copy = self.copies.get(&pane).filter(|copy| copy.is_active())?;
        // By the wheel there is none: then it is the first row.
        let cursor = copy.cursor().unwrap_or_default();
        Some(Page::of(view, pane)?.spot(cursor).line)
    }

    /// Enters copy mode by a key, or takes over what the wheel entered.
    fn enter_copy(&mut self, view: &View) {
        let (Some(pane), Some(surface)) = (view.focused(), view.focused_surface()) else {
            return;
        };
        let active = self.copies.get_mut(&pane.pane);
        if let Some(copy) = active.filter(|copy| copy.is_active()) {
            if let Some(page) = Page::of(view, pane.pane) {
                copy.take_keys(&page);
            }
            return;
        }
        // A place that was just left may still be shown: its cursor is none.
        let cursor = match pane.surface.is_scrolled() {
            true => Point {
                row: surface.order.len().saturating_sub(1) as u16,
                col: 0,
            },
            false => Point {
                row: surface.cursor.row,
                col: surface.cursor.col,
            },
        };
        let copy = Copy::enter(Entered::ByKey, cursor, self.copies.get(&pane.pane));
        self.copies.insert(pane.pane, copy);
        self.scroll(pane.pane, ScrollCommand::Enter);
    }

    /// Does what copy mode wants done.
    pub(super) fn follow(&mut self, outcome: Outcome, pane: PaneId, now: Time) {
        match outcome {
            Outcome::Moved => {}
            Outcome::Scroll(command) => self.scroll(pane, command),
            Outcome::Ask(direction) => {
                let purpose = Purpose::Search(pane, direction, self.syntax_of(pane));
                let prompt = Prompt::new(purpose, "", &self.prompts);
                self.open(Overlay::Prompt(prompt));
            }
            Outcome::AskGoal => {
                let prompt = Prompt::new(Purpose::Go(pane), "", &self.prompts);
                self.open(Overlay::Prompt(prompt));
            }
            Outcome::Copy(extent, then) => {
                self.scroll(pane, ScrollCommand::Copy(extent));
                self.say("copying".into(), now);
                if then == Then::Leave {
                    self.leave_copy(pane);
                }
            }
            Outcome::Leave => self.leave_copy(pane),
        }
        self.repaint();
    }
}
