//! Which key does what: tables of bindings. `[root]` is asked always, `[prefix]` after the prefix, `[copy]` in copy mode;
//! others are reached by the actions `table NAME`, for one key, and `mode NAME`, until a key says `mode root`.

mod build;
mod exits;

use super::action::{Action, KeysAction};
use crate::config::sources::{BuiltIn, Shelf};
use crate::config::{ConfigError, Keys, Source, Unbound};
use crate::term::{Key, Stroke};

/// The keymaps that are built in, and the keys of copy mode that they share.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "tmux",
        text: include_str!("../../../keymaps/tmux.toml"),
    },
    BuiltIn {
        name: "zellij",
        text: include_str!("../../../keymaps/zellij.toml"),
    },
    BuiltIn {
        name: "vi",
        text: include_str!("../../../keymaps/vi.toml"),
    },
    BuiltIn {
        name: "alt",
        text: include_str!("../../../keymaps/alt.toml"),
    },
    BuiltIn {
        name: COPY_KEYS,
        text: include_str!("../../../keymaps/copy.toml"),
    },
];

/// The built-in keymap of copy mode alone: it lies under every keymap, but for one that
/// starts afresh and has a `[copy]` of its own.
pub const COPY_KEYS: &str = "copy";

/// The table that is asked when no other is.
pub const ROOT: &str = "root";
/// The table for the key after the prefix.
pub const PREFIX: &str = "prefix";
/// The table of copy mode.
pub const COPY: &str = "copy";

/// What a key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Done in this order.
    pub actions: Vec<Action>,
    /// Whether the next key may come from the same table, without the prefix.
    pub repeat: bool,
}

/// Tables of keys and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// What it is, in a sentence; empty if it does not say.
    pub description: String,
    tables: Vec<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    name: String,
    unbound: Unbound,
    /// In the order in which they were bound.
    bindings: Vec<(Key, Binding)>,
}

impl Keymap {
    /// A keymap that is built in.
    pub fn builtin(name: &str) -> Option<Self> {
        BUILT_IN.iter().find(|known| known.name == name)?;
        let asked = |_: &'static str, message| ConfigError {
            file: String::new(),
            line: 0,
            message,
        };
        let keys = Keys {
            keymap: name.to_owned(),
            ..Keys::default()
        };
        Self::load(&keys, &[], asked).0
    }

    /// The keymap that is chosen, with the bindings of `config.toml` laid over it; `None` if it cannot be used, and one
    /// should keep the keymap that one has. `asked` words a problem with a key of `config.toml`.
    ///
    /// Law: from every table that can take all keys, some keys lead to `detach` and to `help`. Where a file would
    /// have it otherwise, they are added, and a problem says so.
    pub fn load(
        keys: &Keys,
        own: &[Source],
        asked: impl Fn(&'static str, String) -> ConfigError,
    ) -> (Option<Self>, Vec<ConfigError>) {
        build::load(keys, own, asked)
    }

    /// What `key` does by that table. A binding of that very key holds, or else one of a key that older terminals
    /// cannot tell from it: what is bound for them does the same elsewhere.
    pub fn binding(&self, table: &str, key: Key) -> Option<&Binding> {
        let table = self.table(table)?;
        table.exactly(key).or_else(|| table.roughly(key))
    }

    /// What a key that was typed does by that table; where a terminal tells of more, by any of its readings.
    pub fn binding_of(&self, table: &str, stroke: &Stroke) -> Option<&Binding> {
        let table = self.table(table)?;
        let exactly = stroke.keys().find_map(|key| table.exactly(key));
        exactly.or_else(|| stroke.keys().find_map(|key| table.roughly(key)))
    }

    /// What a key does that the table does not bind.
    pub fn unbound(&self, table: &str) -> Unbound {
        self.table(table)
            .map_or_else(|| unbound_by_default(table), |table| table.unbound)
    }

    /// The names of the tables: `root`, `prefix`, the others in the order of the files, `copy`.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.name.as_str())
    }

    /// The bindings of a table, in the order of the files.
    pub fn bindings(&self, table: &str) -> impl Iterator<Item = (Key, &Binding)> {
        let bindings = self.table(table).map_or(&[][..], |table| &table.bindings);
        bindings.iter().map(|(key, binding)| (*key, binding))
    }

    /// The first key that leads to the prefix table, by `[root]` or another table.
    pub fn prefix(&self) -> Option<Key> {
        let all = self.tables.iter().flat_map(|table| &table.bindings);
        let mut prefixes = all.filter(|(_, binding)| binding.does(&KeysAction::Prefix));
        prefixes.next().map(|&(key, _)| key)
    }

    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The table of that name, made if it is missing.
    fn table_mut(&mut self, name: &str) -> &mut Table {
        let at = self.tables.iter().position(|table| table.name == name);
        let at = at.unwrap_or_else(|| {
            let place = |name: &str| match name {
                ROOT => 0,
                PREFIX => 1,
                COPY => 3,
                _ => 2,
            };
            let after = |table: &Table| place(&table.name) <= place(name);
            let at = self.tables.partition_point(after);
            let table = Table {
                name: name.to_owned(),
                unbound: unbound_by_default(name),
                bindings: Vec::new(),
            };
            self.tables.insert(at, table);
            at
        });
        &mut self.tables[at]
    }
}

impl Table {
    fn exactly(&self, key: Key) -> Option<&Binding> {
        let found = self.bindings.iter().find(|(bound, _)| *bound == key);
        found.map(|(_, binding)| binding)
    }

    /// What a key does that older terminals cannot tell from `key`.
    fn roughly(&self, key: Key) -> Option<&Binding> {
        let alike = |(bound, _): &&(Key, Binding)| bound.legacy() == key.legacy();
        self.bindings.iter().find(alike).map(|(_, binding)| binding)
    }

    fn bind(&mut self, key: Key, binding: Binding) {
        match self.bindings.iter_mut().find(|(bound, _)| *bound == key) {
            Some((_, old)) => *old = binding,
            None => self.bindings.push((key, binding)),
        }
    }

    fn free(&mut self, key: Key) {
        match self.exactly(key) {
            Some(_) => self.bindings.retain(|(bound, _)| *bound != key),
            None => self
                .bindings
                .retain(|(bound, _)| bound.legacy() != key.legacy()),
        }
    }
}

impl Binding {
    /// A key that does one thing, once.
    fn of(action: Action) -> Self {
        Self {
            actions: vec![action],
            repeat: false,
        }
    }

    /// What it does, in a few words.
    pub fn description(&self) -> String {
        let all: Vec<String> = self.actions.iter().map(Action::description).collect();
        all.join(", then ")
    }

    fn does(&self, wanted: &KeysAction) -> bool {
        let is_wanted = |action: &Action| matches!(action, Action::Keys(it) if it == wanted);
        self.actions.iter().any(is_wanted)
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::builtin("tmux").expect("a test reads the keymaps that are built in")
    }
}

/// All keymaps that can be named.
pub fn shelf(own: &[Source]) -> Shelf<'_> {
    Shelf {
        what: "keymap",
        built_in: BUILT_IN,
        own,
    }
}

fn unbound_by_default(table: &str) -> Unbound {
    match table {
        ROOT => Unbound::Pass,
        _ => Unbound::Ignore,
    }
}

#[cfg(test)]
mod tests;
