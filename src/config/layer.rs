//! A layer of keys: what one keymap file, or the `[keys.…]` tables of `config.toml`, bind. Keys are known here; what
//! actions there are is not.

use super::faults::{ConfigError, Entry, Faults, describe, no_such, shown};
use crate::term::Key;
use toml::de::{DeTable, DeValue};

/// Tables of bindings as one file has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// Which file.
    pub file: String,
    /// The keymap in a sentence.
    pub description: Option<String>,
    /// In the order of the file.
    pub tables: Vec<LayerTable>,
}

/// One table: `[prefix]` and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerTable {
    /// As it is written between the brackets.
    pub name: String,
    /// What a key does that the table does not bind, if the table says so.
    pub unbound: Option<Unbound>,
    /// In the order of the file.
    pub bindings: Vec<LayerBinding>,
}

/// One key, and the names of what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerBinding {
    /// Which key.
    pub key: Key,
    /// On which line.
    pub line: usize,
    /// Names of actions, done in this order.
    pub actions: Vec<String>,
    /// Whether the next key may come from the same table.
    pub repeat: bool,
}

/// What a key does that a table does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbound {
    /// It goes to the program.
    Pass,
    /// Nothing.
    Ignore,
}

/// What may stand at the top of a keymap, beside tables.
const TOP: [&str; 3] = ["description", "include", "fresh"];
const IN_BINDING: [&str; 2] = ["do", "repeat"];

impl Layer {
    /// Reads a keymap file. What is right in it is in the layer, whatever else is wrong.
    pub fn parse(text: &str, file: &str) -> (Self, Vec<ConfigError>) {
        let (table, mut faults) = Faults::read(text, file);
        let mut layer = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        for entry in faults.entries(&table) {
            match (entry.name, entry.value) {
                ("description", DeValue::String(text)) => layer.description = Some(shown(text)),
                // How files lie on each other is read in `sources`.
                ("include", DeValue::String(_)) | ("fresh", DeValue::Boolean(_)) => {}
                (name, value) if TOP.contains(&name) => {
                    let takes = if name == "fresh" {
                        "true or false"
                    } else {
                        "a text"
                    };
                    let found = describe(value);
                    faults.push(entry.line, format!("`{name}` is {found}; it takes {takes}"));
                }
                (name, DeValue::Table(bindings)) => {
                    layer.tables.push(read_table(name, bindings, &mut faults));
                }
                (name, _) => {
                    let known = TOP.iter().copied().chain(["[root]", "[prefix]", "[copy]"]);
                    faults.push(entry.line, no_such("key", name, known));
                }
            }
        }
        (layer, faults.finish())
    }

    /// Reads the tables in `[keys]` of `config.toml`.
    pub(super) fn read_tables(tables: &DeTable, file: &str, faults: &mut Faults) -> Self {
        let mut layer = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        for entry in faults.entries(tables) {
            match entry.value.as_table() {
                Some(table) => layer.tables.push(read_table(entry.name, table, faults)),
                None => faults.push(
                    entry.line,
                    format!(
                        "[keys] holds tables: write [keys.prefix] above `{}`",
                        shown(entry.name)
                    ),
                ),
            }
        }
        layer
    }
}

fn read_table(name: &str, bindings: &DeTable, faults: &mut Faults) -> LayerTable {
    let mut table = LayerTable {
        name: name.to_owned(),
        unbound: None,
        bindings: Vec::new(),
    };
    for entry in faults.entries(bindings) {
        let read = if entry.name == "unbound" {
            read_unbound(entry.value).map(|unbound| table.unbound = Some(unbound))
        } else {
            read_binding(&entry, faults).map(|binding| table.bindings.push(binding))
        };
        if let Err(message) = read {
            faults.push(entry.line, format!("[{}] {message}", shown(name)));
        }
    }
    table
}

fn read_unbound(value: &DeValue) -> Result<Unbound, String> {
    match value.as_str() {
        Some("pass") => Ok(Unbound::Pass),
        Some("ignore") => Ok(Unbound::Ignore),
        _ => Err(format!(
            "`unbound` is {}; it takes \"pass\" (to the program) or \"ignore\"",
            describe(value)
        )),
    }
}

fn read_binding(entry: &Entry, faults: &Faults) -> Result<LayerBinding, String> {
    let key = entry.name.parse().map_err(|_| {
        format!(
            "`{}` is not the name of a key; keys are named like C-b, M-Left, S-F3, Space or %",
            shown(entry.name)
        )
    })?;
    let (actions, repeat) = match entry.value {
        DeValue::Table(table) => read_long(entry.name, table, faults)?,
        value => (names(entry.name, value)?, false),
    };
    Ok(LayerBinding {
        key,
        line: entry.line,
        actions,
        repeat,
    })
}

/// The long form: `{ do = "resize left", repeat = true }`.
fn read_long(key: &str, table: &DeTable, faults: &Faults) -> Result<(Vec<String>, bool), String> {
    let (mut actions, mut repeat) = (None, false);
    for entry in faults.entries(table) {
        match (entry.name, entry.value) {
            ("do", value) => actions = Some(names(key, value)?),
            ("repeat", DeValue::Boolean(value)) => repeat = *value,
            ("repeat", value) => {
                let found = describe(value);
                return Err(format!(
                    "`{key}`: repeat is {found}; it takes true or false"
                ));
            }
            (name, _) => {
                let wrong = no_such("key", name, IN_BINDING.into_iter());
                return Err(format!("`{key}`: {wrong}"));
            }
        }
    }
    let actions = actions.ok_or_else(|| format!("`{key}` does not say what to `do`"))?;
    Ok((actions, repeat))
}

/// One action's name, or several.
fn names(key: &str, value: &DeValue) -> Result<Vec<String>, String> {
    let all = match value {
        DeValue::String(name) => Some(vec![name.to_string()]),
        DeValue::Array(names) => names
            .iter()
            .map(|name| name.get_ref().as_str().map(str::to_owned))
            .collect(),
        _ => None,
    };
    all.filter(|names: &Vec<String>| !names.is_empty())
        .ok_or_else(|| {
            format!(
                "`{key}` is {}; it takes an action, an array of actions, or {{ do = …, repeat = true }}",
                describe(value)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let (_, faults) = Layer::parse(text, "k.toml");
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_three_ways_to_bind_are_read() {
        let (layer, faults) = Layer::parse(
            "description = 'mine'\n[prefix]\nunbound = 'pass'\n'x' = 'zoom'\n'y' = ['zoom', 'help']\n'z' = { do = 'zoom', repeat = true }\n",
            "k.toml",
        );
        assert_eq!(faults, []);
        assert_eq!(layer.description.as_deref(), Some("mine"));
        let [table] = &layer.tables[..] else {
            panic!("{layer:?}")
        };
        assert_eq!(
            (&*table.name, table.unbound),
            ("prefix", Some(Unbound::Pass))
        );
        let read: Vec<_> = table
            .bindings
            .iter()
            .map(|b| (b.key.to_string(), b.line, b.actions.len(), b.repeat))
            .collect();
        let expected = [("x", 4, 1, false), ("y", 5, 2, false), ("z", 6, 1, true)];
        assert_eq!(read, expected.map(|(k, l, n, r)| (k.to_owned(), l, n, r)));
    }

    #[test]
    fn every_wrong_thing_is_said_with_its_line() {
        let text = "includ = 'tmux'\nfresh = 1\n[prefix]\n'C-bb' = 'zoom'\n'x' = 1\n'y' = []\n'z' = { d = 'zoom' }\n'v' = { repeat = true }\nunbound = 'drop'\n";
        assert_eq!(
            faults(text),
            [
                "k.toml:1: there is no key `includ`; is `include` meant?",
                "k.toml:2: `fresh` is 1; it takes true or false",
                "k.toml:4: [prefix] `C-bb` is not the name of a key; keys are named like C-b, M-Left, S-F3, Space or %",
                "k.toml:5: [prefix] `x` is 1; it takes an action, an array of actions, or { do = …, repeat = true }",
                "k.toml:6: [prefix] `y` is an array; it takes an action, an array of actions, or { do = …, repeat = true }",
                "k.toml:7: [prefix] `z`: there is no key `d`; is `do` meant?",
                "k.toml:8: [prefix] `v` does not say what to `do`",
                "k.toml:9: [prefix] `unbound` is \"drop\"; it takes \"pass\" (to the program) or \"ignore\"",
            ]
        );
    }
}
