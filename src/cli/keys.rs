//! `wt keys`: everything that can be done, and the keys that do it.

use super::args::ListedKeys;
use crate::config::{Config, ConfigError, Keys};
use crate::disk::places::Places;
use crate::ui::Keymap;
use crate::ui::action::{ACTIONS, Action, KeysAction, WITH_ARGUMENT};
use crate::ui::keymap::{Binding, COPY, ROOT};
use anyhow::{Result, bail};
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

/// One thing that can be done.
#[derive(Debug, Serialize)]
struct Entry {
    /// Whose affair it is.
    group: &'static str,
    /// As keymaps name it.
    action: String,
    description: String,
    /// As in `prefix d`; a key of `[root]` stands alone.
    keys: Vec<String>,
}

/// Prints the actions and their keys by a keymap, or by the one that is configured.
pub(super) fn run(places: &Places, listed: ListedKeys) -> Result<ExitCode> {
    let (config, _) = places.read_config();
    let keymap = chosen(places, &config, listed.keymap)?;
    let entries = entries(&keymap);
    let mut out = std::io::stdout().lock();
    if listed.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&entries)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(prefix) = keymap.prefix() {
        writeln!(out, "The prefix is {prefix}.")?;
    }
    let mut group = "";
    for entry in &entries {
        if entry.group != group {
            group = entry.group;
            writeln!(out, "\n{group}")?;
        }
        let keys = entry.keys.join(", ");
        let line = format!("  {:<24} {:<46} {keys}", entry.action, entry.description);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(places: &Places, config: &Config, name: Option<String>) -> Result<Keymap> {
    let sources = places.read_sources();
    let (keymap, problems) = match name {
        Some(keymap) => {
            let keys = Keys {
                keymap,
                ..Keys::default()
            };
            let asked = |_: &'static str, message| ConfigError {
                file: "--keymap".to_owned(),
                line: 0,
                message,
            };
            Keymap::load(&keys, &sources.keymaps, asked)
        }
        None => Keymap::load(&config.keys, &sources.keymaps, |key, message| {
            config.problem(key, message)
        }),
    };
    match (keymap, ConfigError::summary(&problems)) {
        (Some(keymap), _) => Ok(keymap),
        (None, Some(problem)) => bail!(problem),
        (None, None) => Ok(Keymap::default()),
    }
}

/// Every action, and those with an argument that have a key.
fn entries(keymap: &Keymap) -> Vec<Entry> {
    let mut actions: Vec<Action> = ACTIONS.iter().map(|(.., action)| action.clone()).collect();
    for table in keymap.tables() {
        for (_, binding) in keymap.bindings(table) {
            for action in &binding.actions {
                if !actions.contains(action) {
                    actions.push(action.clone());
                }
            }
        }
    }
    actions.retain(|action| *action != Action::Keys(KeysAction::Nothing));
    let mut entries: Vec<Entry> = actions.iter().map(|action| entry(keymap, action)).collect();
    for (action, description) in WITH_ARGUMENT {
        entries.push(Entry {
            group: "with an argument",
            action: action.to_owned(),
            description: description.to_owned(),
            keys: Vec::new(),
        });
    }
    let place = |entry: &Entry| Action::NOUNS.iter().position(|noun| *noun == entry.group);
    entries.sort_by_key(|entry| place(entry).unwrap_or(Action::NOUNS.len()));
    entries
}

fn entry(keymap: &Keymap, action: &Action) -> Entry {
    let mut keys = Vec::new();
    for table in keymap.tables() {
        let bindings = keymap.bindings(table);
        let doing = bindings.filter(|(_, binding)| does(binding, action));
        keys.extend(doing.map(|(key, _)| match table {
            // Of copy mode the group says it.
            ROOT | COPY => key.to_string(),
            table => format!("{table} {key}"),
        }));
    }
    Entry {
        group: action.noun(),
        action: action.name(),
        description: action.description(),
        keys,
    }
}

/// Whether a key is there for that: one that does something and then leaves a mode is there for what it does.
fn does(binding: &Binding, action: &Action) -> bool {
    let is_aside = binding.actions.len() > 1 && matches!(action, Action::Keys(_));
    !is_aside && binding.actions.contains(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_listed_with_all_its_keys() {
        let entries = entries(&Keymap::default());
        let keys = |name: &str| {
            let entry = entries.iter().find(|entry| entry.action == name);
            entry.expect(name).keys.join(", ")
        };
        assert_eq!(keys("detach"), "prefix d");
        assert_eq!(keys("choose"), "prefix w, prefix s");
        assert_eq!(keys("prefix"), "C-b");
        assert_eq!(keys("leave"), "q, i, C-c");
        assert_eq!(keys("tab select 3"), "prefix 3");
        assert_eq!(keys("split --up"), "", "unbound, and listed all the same");
        assert_eq!(keys("mode NAME"), "");
        assert!(entries.iter().all(|entry| !entry.description.is_empty()));
    }
}
