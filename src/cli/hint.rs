//! What somebody new to wt is told, with the keys that do it.

use crate::disk::places::Places;
use crate::ui::Keymap;
use crate::ui::action::Action;
use std::fs::OpenOptions;

/// The line of the very first start; `None` if this server's state says that it was shown.
pub(super) fn first_start(places: &Places, keymap: &Keymap) -> Option<String> {
    let marker = places.state_dir().ok()?.join("welcomed");
    let new = OpenOptions::new().write(true).create_new(true).open(marker);
    new.ok().map(|_| welcome(keymap))
}

/// No wider than the status line of a terminal of 80 columns.
fn welcome(keymap: &Keymap) -> String {
    let told = [
        ("split --right", "splits"),
        ("detach", "leaves"),
        ("help", "helps"),
    ];
    let parts: Vec<_> = told
        .iter()
        .filter_map(|(action, does)| Some(format!("{} {does}", keys_for(keymap, action)?)))
        .collect();
    format!("Welcome to wt: {}", parts.join(" · "))
}

/// Why wt does not start in one of its own panes.
pub(super) fn nested(keymap: &Keymap) -> String {
    let told = [("tab new", "opens a tab here"), ("detach", "leaves")];
    let parts: Vec<_> = told
        .iter()
        .filter_map(|(action, does)| Some(format!("{} {does}, ", keys_for(keymap, action)?)))
        .collect();
    format!(
        "this is a pane of wt already: {}--nested goes on all the same",
        parts.concat()
    )
}

/// The keys that do the action of that name, as they are typed one after the other.
fn keys_for(keymap: &Keymap, action: &str) -> Option<String> {
    let key = |table, name| {
        let action = [Action::parse(name)?];
        let mut bound = keymap
            .bindings(table)
            .filter(|(_, bound)| bound.actions == action);
        bound.next().map(|(key, _)| key)
    };
    let alone = key("root", action).map(|key| key.to_string());
    alone.or_else(|| {
        let (prefix, key) = (key("root", "prefix")?, key("prefix", action)?);
        Some(format!("{prefix} {key}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::places::Roots;
    use crate::ui::{chrome, keymap};

    #[test]
    fn the_keys_told_are_those_of_the_keymap() {
        let keymap = Keymap::default();
        assert_eq!(
            welcome(&keymap),
            "Welcome to wt: C-b % splits · C-b d leaves · C-b ? helps"
        );
        assert!(nested(&keymap).contains("C-b c opens a tab here, C-b d leaves, --nested"));
        let vi = Keymap::builtin("vi").expect("a keymap");
        assert_ne!(welcome(&vi), welcome(&keymap));
    }

    #[test]
    fn the_line_of_the_first_start_fits_a_terminal_of_80_columns() {
        for known in keymap::BUILT_IN {
            let line = welcome(&Keymap::builtin(known.name).expect("a keymap"));
            assert!(chrome::width(&line) <= 80, "{line}");
            assert!(line.ends_with("helps"), "{line}");
        }
    }

    #[test]
    fn the_first_start_is_the_first_alone() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots {
            tmp: dir.path().to_owned(),
            config: dir.path().to_owned(),
            state: dir.path().to_owned(),
        };
        let places = Places::under("default", &roots).unwrap();
        assert!(first_start(&places, &Keymap::default()).is_some());
        assert_eq!(first_start(&places, &Keymap::default()), None);
    }
}
