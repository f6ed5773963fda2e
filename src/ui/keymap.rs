//! Which key does what, read from TOML: `[root]` always, `[prefix]` after the prefix, `[copy]` in copy mode.

use super::action::Action;
use crate::term::{Key, KeyCode, Mods};
use std::collections::{BTreeMap, HashMap};

/// The keymap that is built in.
pub const TMUX: &str = include_str!("../../keymaps/tmux.toml");

/// When a table of keys is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Always.
    Root,
    /// For the key after the prefix.
    Prefix,
    /// In copy mode.
    Copy,
}

const TABLES: [(&str, Table); 3] = [
    ("root", Table::Root),
    ("prefix", Table::Prefix),
    ("copy", Table::Copy),
];

/// Keys and their actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    tables: [HashMap<Key, Action>; 3],
    /// In the order of the names, for the help page.
    listed: Vec<(Table, Key, Action)>,
}

/// What is wrong with a keymap, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// It is no TOML, or not of tables of strings.
    #[error("keymap: {0}")]
    Syntax(String),
    /// A table that is not asked.
    #[error("keymap: no table [{0}]; there are [root], [prefix] and [copy]")]
    Table(String),
    /// A name that no key has.
    #[error("keymap: no key {0:?} in [{1}]; keys are named like C-b, M-Left, S-F3, Space")]
    Key(String, String),
    /// A name that no action has.
    #[error("keymap: {key:?} in [{table}] is bound to {action:?}; did you mean {nearest:?}?")]
    Action {
        /// In which table.
        table: String,
        /// Of which key.
        key: String,
        /// What it is bound to.
        action: String,
        /// The known name most like it.
        nearest: &'static str,
    },
}

impl Keymap {
    /// Reads a keymap.
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        let read: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(text).map_err(|error| KeymapError::Syntax(error.message().into()))?;
        let mut keymap = Self {
            tables: Default::default(),
            listed: Vec::new(),
        };
        for (table_name, bindings) in &read {
            let known = TABLES.iter().find(|(known, _)| known == table_name);
            let &(_, table) = known.ok_or_else(|| KeymapError::Table(table_name.clone()))?;
            for (key, action) in bindings {
                keymap.bind(table, table_name, key, action)?;
            }
        }
        Ok(keymap)
    }

    fn bind(
        &mut self,
        table: Table,
        name: &str,
        key: &str,
        action: &str,
    ) -> Result<(), KeymapError> {
        let bound = key
            .parse()
            .map_err(|_| KeymapError::Key(key.into(), name.into()))?;
        let action = Action::parse(action).ok_or_else(|| KeymapError::Action {
            table: name.into(),
            key: key.into(),
            action: action.into(),
            nearest: Action::nearest(action),
        })?;
        self.tables[table as usize].insert(bound, action.clone());
        self.listed.push((table, bound, action));
        Ok(())
    }

    /// What `key` does by that table.
    pub fn action(&self, table: Table, key: Key) -> Option<Action> {
        let table = &self.tables[table as usize];
        table.get(&as_bound(key)).cloned()
    }

    /// The bindings of a table.
    pub fn bindings(&self, table: Table) -> impl Iterator<Item = (Key, Action)> {
        let listed = self.listed.iter().filter(move |(of, ..)| *of == table);
        listed.map(|(_, key, action)| (*key, action.clone()))
    }
}

/// The key as keymaps hold it: Control knows no capitals.
fn as_bound(key: Key) -> Key {
    match key.code {
        KeyCode::Char(c) if key.mods.contains(Mods::CTRL) => {
            Key::new(KeyCode::Char(c.to_ascii_lowercase()), key.mods)
        }
        _ => Key::new(key.code, key.mods),
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::parse(TMUX).expect("a test reads the keymap that is built in")
    }
}

#[cfg(test)]
mod tests {
    use super::super::action::{KeysAction, PaneAction};
    use super::*;
    use crate::protocol::Direction;

    #[test]
    fn the_built_in_keymap_is_read() {
        let key = |name: &str| name.parse().expect("a key");
        let keymap = Keymap::default();
        assert_eq!(
            keymap.action(Table::Root, key("C-b")),
            Some(Action::Keys(KeysAction::Prefix))
        );
        assert_eq!(
            keymap.action(Table::Prefix, key("%")),
            Some(Action::Pane(PaneAction::Split(Direction::Right)))
        );
        assert_eq!(keymap.action(Table::Root, key("%")), None);
    }

    #[test]
    fn errors_name_what_was_meant() {
        let error = |text| Keymap::parse(text).expect_err(text).to_string();
        assert_eq!(
            error("[prefix]\n\"%\" = \"splt --right\""),
            "keymap: \"%\" in [prefix] is bound to \"splt --right\"; did you mean \"split --right\"?"
        );
        assert!(error("[prefix]\n\"C-bb\" = \"zoom\"").contains("no key \"C-bb\""));
        assert!(error("[perfix]\n").contains("[perfix]"));
    }
}
