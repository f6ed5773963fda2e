//! A way out of every keymap: keys that lead to `detach` and to `help`, wherever one is, and out of copy mode.

use super::{Binding, COPY, Keymap, PREFIX, ROOT};
use crate::config::Unbound;
use crate::term::Key;
use crate::ui::action::{Action, ClientAction, CopyAction, KeysAction};

/// What has to be within reach, and the keys that may lead there, the best first.
const EXITS: [(ClientAction, [&str; 3]); 2] = [
    (ClientAction::Detach, ["d", "D", "C-d"]),
    (ClientAction::Help, ["?", "h", "F1"]),
];
/// Keys that may lead out of copy mode, the best first.
const LEAVES: [&str; 3] = ["q", "Escape", "C-c"];
/// Keys that may become a prefix, the best first.
const PREFIXES: [&str; 4] = ["C-b", "C-a", "C-Space", "F12"];

impl Keymap {
    /// Adds what is missing on the way out. What was added, in words.
    pub(super) fn add_exits(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        // Whoever can come into a mode has to come out of it.
        for base in self.modes() {
            for (exit, keys) in EXITS {
                let wanted = Action::Client(exit);
                if !self.reaches(&base, &wanted) {
                    let prefix = self.find_prefix(&base);
                    let key = self.find_key(&keys, &wanted);
                    let name = wanted.name();
                    said.push(format!(
                        "no key of [{base}] leads to `{name}`: {prefix} {key} was added"
                    ));
                }
            }
        }
        let leave = Action::Copy(CopyAction::Leave);
        if !self.actions(COPY).any(|action| *action == leave) {
            let key = self.free_key(COPY, &LEAVES);
            said.push(format!("no key of [copy] does `leave`: {key} was added"));
            self.table_mut(COPY).bind(key, Binding::of(leave));
        }
        said
    }

    /// The tables that can take all keys: `root`, and every mode that some keys lead to from there.
    fn modes(&self) -> Vec<String> {
        let mut modes = vec![ROOT.to_owned()];
        let mut at = 0;
        while let Some(base) = modes.get(at).cloned() {
            at += 1;
            for table in self.turns(&base) {
                for action in self.actions(&table) {
                    if let Action::Keys(KeysAction::Mode(mode)) = action
                        && !modes.contains(mode)
                    {
                        modes.push(mode.clone());
                    }
                }
            }
        }
        modes
    }

    /// The tables from which the next keys may come while all come from `base`: itself, and those for one key.
    fn turns(&self, base: &str) -> Vec<String> {
        let mut turns = vec![base.to_owned()];
        let mut at = 0;
        while let Some(table) = turns.get(at).cloned() {
            at += 1;
            for action in self.actions(&table) {
                let next = match action {
                    Action::Keys(KeysAction::Prefix) => PREFIX,
                    Action::Keys(KeysAction::Table(next)) => next,
                    _ => continue,
                };
                if !turns.iter().any(|known| known == next) {
                    turns.push(next.to_owned());
                }
            }
        }
        turns
    }

    /// Whether some keys lead from `base` to `wanted`, through other modes or not.
    fn reaches(&self, base: &str, wanted: &Action) -> bool {
        let mut bases = vec![base.to_owned()];
        let mut at = 0;
        while let Some(base) = bases.get(at).cloned() {
            at += 1;
            for table in self.turns(&base) {
                for action in self.actions(&table) {
                    match action {
                        action if action == wanted => return true,
                        Action::Keys(KeysAction::Mode(mode)) if !bases.contains(mode) => {
                            bases.push(mode.clone());
                        }
                        _ => {}
                    }
                }
            }
        }
        false
    }

    fn actions(&self, table: &str) -> impl Iterator<Item = &Action> {
        self.bindings(table)
            .flat_map(|(_, binding)| &binding.actions)
    }

    /// The prefix key in `base`, bound there if there is none.
    fn find_prefix(&mut self, base: &str) -> Key {
        let mut bindings = self.bindings(base);
        let known = bindings.find(|(_, binding)| binding.does(&KeysAction::Prefix));
        if let Some((key, _)) = known {
            return key;
        }
        drop(bindings);
        let key = self.free_key(base, &PREFIXES);
        let prefix = Binding::of(Action::Keys(KeysAction::Prefix));
        self.table_mut(base).bind(key, prefix);
        let sends = Binding::of(Action::Keys(KeysAction::SendKey));
        if self.binding(PREFIX, key).is_none() && self.unbound(base) == Unbound::Pass {
            self.table_mut(PREFIX).bind(key, sends);
        }
        key
    }

    /// The key after the prefix that does `wanted`, bound to it if there is none.
    fn find_key(&mut self, keys: &[&str], wanted: &Action) -> Key {
        let mut bindings = self.bindings(PREFIX);
        if let Some((key, _)) = bindings.find(|(_, binding)| binding.actions.contains(wanted)) {
            return key;
        }
        drop(bindings);
        let key = self.free_key(PREFIX, keys);
        self.table_mut(PREFIX)
            .bind(key, Binding::of(wanted.clone()));
        key
    }

    /// The first of `keys` that the table does not bind, or the first.
    fn free_key(&self, table: &str, keys: &[&str]) -> Key {
        let keys: Vec<Key> = keys.iter().filter_map(|name| name.parse().ok()).collect();
        let free = |key: &&Key| self.binding(table, **key).is_none();
        *keys
            .iter()
            .find(free)
            .or(keys.first())
            .expect("the lists above name keys")
    }
}
