//! Makes a keymap of the files that lie on each other, and says what is wrong in them.

use super::{Binding, COPY, COPY_KEYS, Keymap, PREFIX, ROOT, shelf};
use crate::config::faults::{no_such, shown};
use crate::config::sources::{Ground, Text};
use crate::config::{ConfigError, Keys, Layer, LayerBinding, Source};
use crate::term::Key;
use crate::ui::action::{Action, KeysAction};

/// A keymap on its way.
struct Builder {
    keymap: Keymap,
    problems: Vec<ConfigError>,
    /// Where a table is named that may not be there.
    references: Vec<Reference>,
}

struct Reference {
    file: String,
    line: usize,
    table: String,
}

pub(super) fn load(
    keys: &Keys,
    own: &[Source],
    asked: impl Fn(&'static str, String) -> ConfigError,
) -> (Option<Keymap>, Vec<ConfigError>) {
    let shelf = shelf(own);
    let texts = match shelf.stack(&keys.keymap, |message| asked("keymap", message)) {
        Ok(texts) => texts,
        Err(error) => {
            // What is laid over it may be wrong as well.
            let mut builder = Builder::new();
            builder.lay(&keys.overlay);
            let mut problems = builder.problems;
            problems.push(error);
            ConfigError::sort(&mut problems);
            return (None, problems);
        }
    };
    let mut builder = Builder::new();
    let lies_on = |text: &Text| text.ground == Ground::BuiltIn;
    if texts.first().is_some_and(lies_on) {
        builder.lay_copy_keys();
    }
    for text in texts {
        builder.lay_text(text.file, text.text);
    }
    builder.fill_copy_keys();
    builder.lay(&keys.overlay);
    builder.settle_tables();
    let Builder {
        mut keymap,
        mut problems,
        ..
    } = builder;
    if !problems.is_empty() {
        ConfigError::sort(&mut problems);
        return (None, problems);
    }
    let name = shown(&keys.keymap);
    if let Some(prefix) = keys.prefix
        && !keymap.replace_prefix(prefix)
    {
        let message = format!(
            "`prefix` is {prefix}, but keymap {name} has none: bind a key to `prefix`, or take this line out"
        );
        problems.push(asked("prefix", message));
    }
    let added = keymap.add_exits();
    problems.extend(
        added
            .into_iter()
            .map(|message| asked("keymap", format!("keymap {name}: {message}"))),
    );
    (Some(keymap), problems)
}

impl Builder {
    fn new() -> Self {
        Self {
            keymap: Keymap {
                description: String::new(),
                tables: Vec::new(),
            },
            problems: Vec::new(),
            references: Vec::new(),
        }
    }

    fn lay_text(&mut self, file: &str, text: &str) {
        let (layer, wrong) = Layer::parse(text, file);
        self.problems.extend(wrong);
        self.lay(&layer);
    }

    fn lay(&mut self, layer: &Layer) {
        if let Some(description) = &layer.description {
            self.keymap.description.clone_from(description);
        }
        for table in &layer.tables {
            let unbound = self.keymap.table_mut(&table.name);
            unbound.unbound = table.unbound.unwrap_or(unbound.unbound);
            for binding in &table.bindings {
                match self.read(binding, &table.name, &layer.file) {
                    Some(read) if read.does(&KeysAction::Nothing) => {
                        self.keymap.table_mut(&table.name).free(binding.key);
                    }
                    Some(read) => self.keymap.table_mut(&table.name).bind(binding.key, read),
                    None => {}
                }
            }
        }
    }

    /// What a binding's names mean; what is wrong with them becomes a problem.
    fn read(&mut self, binding: &LayerBinding, table: &str, file: &str) -> Option<Binding> {
        let mut actions = Vec::new();
        for name in &binding.actions {
            let Some(action) = Action::parse(name) else {
                let (key, table, nearest) = (binding.key, shown(table), Action::nearest(name));
                self.problems.push(ConfigError {
                    file: file.to_owned(),
                    line: binding.line,
                    message: format!(
                        "[{table}] `{key}`: there is no action `{}`; is `{nearest}` meant?",
                        shown(name)
                    ),
                });
                return None;
            };
            if let Action::Keys(KeysAction::Table(table) | KeysAction::Mode(table)) = &action {
                self.references.push(Reference {
                    file: file.to_owned(),
                    line: binding.line,
                    table: table.clone(),
                });
            }
            actions.push(action);
        }
        Some(Binding {
            actions,
            repeat: binding.repeat,
        })
    }

    fn lay_copy_keys(&mut self) {
        let known = super::BUILT_IN.iter().find(|known| known.name == COPY_KEYS);
        if let Some(known) = known {
            self.lay_text(known.name, known.text);
        }
    }

    /// Copy mode has keys, even where files that start afresh say nothing of it.
    fn fill_copy_keys(&mut self) {
        let copy = self.keymap.table(COPY);
        if copy.is_none_or(|copy| copy.bindings.is_empty()) {
            self.lay_copy_keys();
        }
    }

    /// Makes the tables that every keymap has, and looks for those that are named and not there.
    fn settle_tables(&mut self) {
        self.keymap.table_mut(ROOT);
        for reference in std::mem::take(&mut self.references) {
            if self.keymap.table(&reference.table).is_none() {
                self.problems.push(ConfigError {
                    file: reference.file,
                    line: reference.line,
                    message: no_such("table", &reference.table, self.keymap.names()),
                });
            }
        }
    }
}

impl Keymap {
    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tables.iter().map(|table| table.name.as_str())
    }

    /// Puts `prefix` in the place of every key that is a prefix, and of the one that sends it. Whether there was any.
    fn replace_prefix(&mut self, prefix: Key) -> bool {
        let mut old: Vec<Key> = Vec::new();
        for table in &mut self.tables {
            let is_prefix = |(_, binding): &(Key, Binding)| binding.does(&KeysAction::Prefix);
            let here = table.bindings.iter().filter(|bound| is_prefix(bound));
            let here: Vec<(Key, Binding)> = here.cloned().collect();
            table.bindings.retain(|bound| !is_prefix(bound));
            if let Some((_, binding)) = here.first() {
                table.bind(prefix, binding.clone());
            }
            old.extend(here.iter().map(|&(key, _)| key));
        }
        let sends = Binding::of(Action::Keys(KeysAction::SendKey));
        let after = self.table_mut(PREFIX);
        let before = after.bindings.len();
        after
            .bindings
            .retain(|(key, binding)| !(old.contains(key) && *binding == sends));
        if after.bindings.len() < before {
            after.bind(prefix, sends);
        }
        !old.is_empty()
    }
}
