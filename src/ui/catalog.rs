//! What the lists hold: every key, every action, every session.

use super::action::{ACTIONS, Action, KeysAction, PaneAction, TabAction};
use super::beside::{Beside, Held, Landing};
use super::keymap::{self, Binding, Keymap};
use super::overlay::{Choice, Item, List};
use crate::protocol::command::{SessionCommand, Which};
use crate::protocol::request::{PaneSummary, SessionSummary, TabSummary};
use crate::protocol::{Command, Direction, On};
use crate::term::{Key, KeyCode, Mods};

/// Stands for the key where none was pressed.
const NO_KEY: Key = Key {
    code: KeyCode::Escape,
    mods: Mods::NONE,
};

/// Every binding of every table, grouped by what it is done to; then what no key does.
pub fn keys(keymap: &Keymap) -> List {
    let mut items = Vec::new();
    for (title, table) in tables(keymap) {
        for noun in Action::NOUNS {
            let bound = grouped(keymap, table).into_iter();
            let of_noun = bound.filter(|(_, _, actions)| actions[0].noun() == noun);
            let found: Vec<Item> = of_noun
                .map(|(keys, key, actions)| bound_item(keys, key, actions))
                .collect();
            if !found.is_empty() {
                items.push(Item::heading(format!("{title} · {noun}")));
                items.extend(found);
            }
        }
    }
    let all: Vec<&Action> = keymap
        .tables()
        .flat_map(|table| keymap.bindings(table))
        .flat_map(|(_, binding)| &binding.actions)
        .collect();
    items.push(Item::heading("without a key".to_owned()));
    let unbound = every_action().filter(|action| !all.contains(&action));
    items.extend(unbound.map(|action| bound_item(String::new(), NO_KEY, vec![action])));
    List::new("Keys", "Enter does it · Escape leaves", items, 0)
}

/// Every action by its name, with its keys.
pub fn actions(keymap: &Keymap) -> List {
    let keys_of = |action: &Action| {
        let tables = tables(keymap).into_iter();
        let keys = tables.flat_map(|(_, table)| {
            let bound = keymap.bindings(table);
            let bound = bound.filter(|(_, bound)| bound.actions == [action.clone()]);
            bound.map(move |(key, _)| match table {
                keymap::PREFIX => format!("{} {}", prefix_name(keymap), key_name(key)),
                keymap::ROOT | keymap::COPY => key_name(key),
                mode => format!("{mode}: {}", key_name(key)),
            })
        });
        keys.take(2).collect::<Vec<_>>().join(", ")
    };
    let is_offered = |action: &Action| !matches!(action, Action::Keys(_));
    let item = |action: Action| Item {
        depth: 1,
        name: action.name(),
        text: action.description(),
        aside: keys_of(&action),
        choice: Some(Choice::Perform(vec![action], NO_KEY)),
    };
    let mut items = Vec::new();
    for noun in Action::NOUNS {
        let offered = every_action().filter(is_offered);
        let of_noun = offered.filter(|action| action.noun() == noun);
        let found: Vec<Item> = of_noun.map(item).collect();
        if !found.is_empty() {
            items.push(Item::heading(noun.to_owned()));
            items.extend(found);
        }
    }
    List::new("Commands", "Enter does it · Escape leaves", items, 0)
}

/// What the keys of a mode do, in short: the way back first, and one key for each thing.
pub fn hint(keymap: &Keymap, mode: &str) -> String {
    let back = [Action::Keys(KeysAction::Mode(keymap::ROOT.to_owned()))];
    let mut bound = grouped(keymap, mode);
    bound.sort_by_key(|(_, _, actions)| *actions != back);
    let said = bound.into_iter().map(|(_, key, actions)| {
        let name = written(&actions[0]);
        // In the mode `tab`, `tab next` is `next`.
        let name = name.strip_prefix(mode).map_or(&*name, str::trim_start);
        let what = if actions == back { "back" } else { name };
        format!("{} {what}", key_name(key))
    });
    said.collect::<Vec<_>>().join(" · ")
}

/// All sessions with their tabs and panes, the tab that is looked at selected; then those that the client holds beside
/// that one.
pub fn sessions(sessions: &[SessionSummary], looked_at: &str, beside: Option<&Beside>) -> List {
    let mut items = Vec::new();
    let mut selected = 0;
    for session in sessions {
        if session.dead_since_ms.is_some() {
            items.push(dead_item(session));
            continue;
        }
        items.push(session_item(session));
        for tab in &session.tabs {
            if session.name == looked_at && tab.active {
                selected = items.len();
            }
            items.push(tab_item(session, tab));
            items.extend(tab.panes.iter().map(pane_item));
        }
    }
    if let Some(beside) = beside {
        items.push(Item::heading("beside this session".to_owned()));
        let held = beside.sessions.iter().enumerate();
        let others = held.filter(|(place, _)| *place != beside.shown);
        items.extend(others.flat_map(|(place, held)| held_items(place, held)));
    }
    List::new(
        "Sessions",
        "Enter goes there · Escape leaves",
        items,
        selected,
    )
}

fn tabs_of(session: &SessionSummary) -> String {
    match session.tabs.len() {
        1 => "1 tab".to_owned(),
        count => format!("{count} tabs"),
    }
}

/// A session whose programs are gone: choosing it brings it back. It is named by a pane, as a living one may have its
/// name.
fn dead_item(session: &SessionSummary) -> Item {
    let mut panes = session.tabs.iter().flat_map(|tab| &tab.panes);
    let resume = |pane: &PaneSummary| {
        let command = SessionCommand::Resume(pane.id.to_string());
        Choice::Send(On::Focus, Command::Session(command))
    };
    Item {
        text: format!("{} (dead)", session.name),
        aside: format!("{}, Enter brings it back", tabs_of(session)),
        choice: panes.next().map(resume),
        ..Item::default()
    }
}

fn session_item(session: &SessionSummary) -> Item {
    let tabs = tabs_of(session);
    Item {
        text: session.name.clone(),
        aside: match session.clients {
            0 => tabs,
            1 => format!("{tabs}, attached"),
            count => format!("{tabs}, {count} clients"),
        },
        choice: Some(switch(session.name.clone())),
        ..Item::default()
    }
}

/// A session that the client holds beside the one that is shown, and its tabs.
fn held_items(place: usize, held: &Held) -> Vec<Item> {
    let mut items = vec![Item {
        text: held.name.clone(),
        aside: if held.is_lost { "out of reach" } else { "" }.to_owned(),
        choice: Some(Choice::Visit(place, Landing::AsItWas)),
        ..Item::default()
    }];
    let tabs = held.tabs.iter().zip(1u16..);
    items.extend(tabs.map(|(tab, number)| Item {
        depth: 1,
        text: format!("{number}: {}", tab.name),
        choice: Some(Choice::Visit(place, Landing::Tab(number))),
        ..Item::default()
    }));
    items
}

fn tab_item(session: &SessionSummary, tab: &TabSummary) -> Item {
    let active = if tab.active { "*" } else { "" };
    let zoomed = if tab.zoomed { "Z" } else { "" };
    Item {
        depth: 1,
        text: format!("{}: {}{active}{zoomed}", tab.number, tab.name),
        aside: match tab.panes.len() {
            1 => String::new(),
            count => format!("{count} panes"),
        },
        choice: Some(switch(format!("{}:{}", session.name, tab.number))),
        ..Item::default()
    }
}

fn pane_item(pane: &PaneSummary) -> Item {
    let said = match (pane.name.is_empty(), pane.title.is_empty()) {
        (false, _) => &pane.name,
        (true, false) => &pane.title,
        (true, true) => &pane.cwd,
    };
    let fate = if pane.fate.is_empty() { "" } else { " · " };
    Item {
        depth: 2,
        text: format!("{} {}  {said}{fate}{}", pane.id, pane.command, pane.fate),
        choice: Some(switch(pane.id.to_string())),
        ..Item::default()
    }
}

fn switch(target: String) -> Choice {
    Choice::Send(On::Focus, Command::Session(SessionCommand::Switch(target)))
}

/// The tables and what they are called, those that one meets first before the others.
fn tables(keymap: &Keymap) -> Vec<(String, &str)> {
    let title = |table| match table {
        keymap::ROOT => "always".to_owned(),
        keymap::PREFIX => format!("after {}", prefix_name(keymap)),
        keymap::COPY => "in copy mode".to_owned(),
        mode => format!("mode {mode}"),
    };
    let mut tables: Vec<_> = keymap.tables().collect();
    // Where there is a prefix, all that matters comes after it.
    if tables.get(1) == Some(&keymap::PREFIX) {
        tables.swap(0, 1);
    }
    tables
        .into_iter()
        .map(|table| (title(table), table))
        .collect()
}

/// Every action that takes no further word, and those that take one of a few.
fn every_action() -> impl Iterator<Item = Action> {
    let sides = [
        Direction::Left,
        Direction::Down,
        Direction::Up,
        Direction::Right,
    ];
    let resizes = sides.map(|side| Action::Pane(PaneAction::Resize(side, 1)));
    let named = ACTIONS.iter().map(|(.., action)| action.clone());
    named.chain(resizes)
}

fn bound_item(keys: String, key: Key, actions: Vec<Action>) -> Item {
    let said = |say: fn(&Action) -> String, between| {
        let all: Vec<String> = actions.iter().map(say).collect();
        all.join(between)
    };
    Item {
        depth: 1,
        name: keys,
        text: said(Action::description, ", then "),
        aside: said(written, "; "),
        choice: Some(Choice::Perform(
            actions.into_iter().map(general).collect(),
            key,
        )),
    }
}

/// How a keymap writes it, with an N for a number that may be another.
fn written(action: &Action) -> String {
    let name = action.name();
    match general(action.clone()) == *action {
        true => name,
        false => {
            name.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
                + "N"
        }
    }
}

/// What stands for actions that differ by a number alone: to ask for the number.
fn general(action: Action) -> Action {
    match action {
        Action::Tab(TabAction::Select(_)) => Action::Tab(TabAction::Ask),
        Action::Pane(PaneAction::Focus(Which::Number(_))) => Action::Pane(PaneAction::Pick),
        action => action,
    }
}

/// The keys of each thing that can be done, in the order of the first key, and that key. What differs by a number alone
/// is one thing.
fn grouped(keymap: &Keymap, table: &str) -> Vec<(String, Key, Vec<Action>)> {
    let mut grouped: Vec<(Vec<Key>, Vec<Action>)> = Vec::new();
    let generals = |actions: &[Action]| actions.iter().cloned().map(general).collect::<Vec<_>>();
    for (key, Binding { actions, .. }) in keymap.bindings(table) {
        let is_asked = |actions: &[Action]| generals(actions) == actions;
        let is_same = |known: &[Action]| {
            generals(known) == generals(actions) && is_asked(known) == is_asked(actions)
        };
        match grouped.iter_mut().find(|(_, known)| is_same(known)) {
            Some((keys, _)) => keys.push(key),
            None => grouped.push((vec![key], actions.clone())),
        }
    }
    let names = |keys: &[Key]| match keys {
        [first, .., last] if keys.len() > 4 => {
            format!("{} to {}", key_name(*first), key_name(*last))
        }
        _ => keys
            .iter()
            .map(|key| key_name(*key))
            .collect::<Vec<_>>()
            .join(" "),
    };
    grouped
        .into_iter()
        .map(|(keys, actions)| (names(&keys), keys[0], actions))
        .collect()
}

/// The caret is the one key whose name reads like a control character.
fn key_name(key: Key) -> String {
    match key.to_string() {
        name if name == "^" => "caret".to_owned(),
        name => name,
    }
}

fn prefix_name(keymap: &Keymap) -> String {
    let prefix = keymap.prefix();
    prefix.map_or_else(|| "the prefix".to_owned(), key_name)
}
