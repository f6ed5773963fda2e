//! What the menus hold: what can be done to a pane, a tab, the session, a border.

use super::action::{Action, ClientAction, SessionAction};
use super::overlay::{Choice, Entry, Purpose};
use crate::protocol::command::{
    Asking, LayoutCommand, PaneCommand, Preset, Spawn, TabCommand, Which,
};
use crate::protocol::view::{PaneBox, TabLabel};
use crate::protocol::{Command, Direction, On};
use crate::term::{Key, KeyCode, Mods};

fn entry(text: &str, letter: char, choice: Choice) -> Entry {
    Entry::Do(text.to_owned(), letter, choice)
}

fn perform(action: Action) -> Choice {
    let key = Key::new(KeyCode::Escape, Mods::NONE);
    Choice::Perform(vec![action], key)
}

/// What can be done to a pane, and to the link under the mouse.
pub fn of_pane(pane: &PaneBox, link: Option<String>) -> Vec<Entry> {
    let send = |command| Choice::Send(On::Pane(pane.pane), Command::Pane(command));
    let split = |side| {
        send(PaneCommand::Split {
            side,
            spawn: Spawn::default(),
        })
    };
    let mut entries = Vec::new();
    if let Some(link) = link {
        entries.push(entry("Open link", 'o', Choice::Open(link.clone())));
        entries.push(entry("Copy link", 'y', Choice::Copy(link)));
        entries.push(Entry::Rule);
    }
    entries.extend([
        entry("Split right", '|', split(Direction::Right)),
        entry("Split below", '-', split(Direction::Down)),
        Entry::Rule,
        entry("Zoom", 'z', send(PaneCommand::Zoom)),
        entry("Swap with next", 's', send(PaneCommand::Swap(Which::Next))),
        entry("Break out", 'b', send(PaneCommand::Break)),
        entry("Move to tab…", 'm', Choice::Ask(Purpose::Move(pane.pane))),
        entry("Rename…", 'r', Choice::Ask(Purpose::RenamePane(pane.pane))),
        Entry::Rule,
        entry(
            "Copy mode",
            'c',
            perform(Action::Client(ClientAction::CopyMode)),
        ),
        entry("Paste", 'p', send(PaneCommand::Paste)),
        Entry::Rule,
        entry("Close", 'x', send(PaneCommand::Close(Asking::IfBusy))),
    ]);
    entries
}

/// What can be done to a tab; `number` is its place, from 1.
pub fn of_tab(tab: &TabLabel, number: u16) -> Vec<Entry> {
    let send = |command| Choice::Send(On::Tab(tab.id), Command::Tab(command));
    vec![
        entry(
            "Go there",
            'g',
            Choice::Send(On::Focus, Command::Tab(TabCommand::Select(number))),
        ),
        Entry::Rule,
        entry("Rename…", 'r', Choice::Ask(Purpose::RenameTab(tab.id))),
        entry("Move left", '<', send(TabCommand::Move(-1))),
        entry("Move right", '>', send(TabCommand::Move(1))),
        Entry::Rule,
        entry(
            "New tab",
            'n',
            Choice::Send(On::Focus, Command::Tab(TabCommand::New(Spawn::default()))),
        ),
        entry("Close", 'x', send(TabCommand::Close(Asking::IfBusy))),
    ]
}

/// What can be done to the session.
pub fn of_session() -> Vec<Entry> {
    vec![
        entry(
            "New tab",
            'n',
            Choice::Send(On::Focus, Command::Tab(TabCommand::New(Spawn::default()))),
        ),
        entry(
            "Choose session…",
            's',
            perform(Action::Session(SessionAction::Choose)),
        ),
        entry("New session…", 'c', Choice::Ask(Purpose::NewSession)),
        entry("Rename session…", 'r', Choice::Ask(Purpose::RenameSession)),
        Entry::Rule,
        entry("Detach", 'd', perform(Action::Client(ClientAction::Detach))),
        entry("Help", '?', perform(Action::Client(ClientAction::Help))),
    ]
}

/// How the panes may be arranged.
pub fn of_border() -> Vec<Entry> {
    let preset = |text, letter, preset| {
        let command = Command::Layout(LayoutCommand::Preset(preset));
        entry(text, letter, Choice::Send(On::Focus, command))
    };
    vec![
        preset("Side by side", 'h', Preset::EvenHorizontal),
        preset("One above the other", 'v', Preset::EvenVertical),
        preset("Large one above", 'a', Preset::MainHorizontal),
        preset("Large one on the left", 'l', Preset::MainVertical),
        preset("Rows and columns", 't', Preset::Tiled),
        Entry::Rule,
        entry(
            "Rotate",
            'r',
            Choice::Send(On::Focus, Command::Layout(LayoutCommand::Rotate)),
        ),
    ]
}
