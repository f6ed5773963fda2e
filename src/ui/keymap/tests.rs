//! Keymaps: those that are built in, and what a user's own may do wrong.

use super::*;
use crate::config::{Config, Layer};

fn key(name: &str) -> Key {
    name.parse().expect(name)
}

fn own(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |&(name, text): &(&str, &str)| Source {
        name: name.to_owned(),
        file: format!("keymaps/{name}.toml"),
        text: Ok(text.to_owned()),
    };
    files.iter().map(source).collect()
}

/// What a `config.toml` and keymap files make.
fn load(config: &str, files: &[(&str, &str)]) -> (Option<Keymap>, Vec<String>) {
    let (config, wrong) = Config::parse(config, "config.toml");
    assert_eq!(wrong, []);
    let (keymap, problems) = Keymap::load(&config.keys, &own(files), |name, message| {
        config.problem(name, message)
    });
    (keymap, problems.iter().map(ToString::to_string).collect())
}

/// The names of what a key does.
fn does(keymap: &Keymap, table: &str, name: &str) -> Vec<String> {
    let binding = keymap.binding(table, key(name));
    let actions = binding.map_or(&[][..], |binding| &binding.actions);
    actions.iter().map(Action::name).collect()
}

#[test]
fn every_built_in_keymap_is_whole() {
    for known in BUILT_IN {
        let (layer, wrong) = Layer::parse(known.text, known.name);
        assert_eq!(wrong, []);
        assert!(layer.description.is_some(), "{}", known.name);
        let config = format!("keymap = '{}'", known.name);
        let (keymap, problems) = load(&config, &[]);
        let keymap = keymap.expect(known.name);
        if known.name == COPY_KEYS {
            continue;
        }
        assert_eq!(problems, Vec::<String>::new(), "{}", known.name);
        let all: Vec<String> = keymap
            .tables()
            .flat_map(|table| keymap.bindings(table))
            .flat_map(|(_, binding)| binding.actions.iter().map(Action::name))
            .collect();
        for needed in [
            "detach",
            "help",
            "copy-mode",
            "tab new",
            "close",
            "leave",
            "yank",
        ] {
            assert!(
                all.iter().any(|name| name == needed),
                "{}: {needed}",
                known.name
            );
        }
        for table in layer.tables {
            let mut keys: Vec<Key> = table.bindings.iter().map(|b| b.key.legacy()).collect();
            keys.sort_by_key(ToString::to_string);
            let count = keys.len();
            keys.dedup();
            assert_eq!(
                keys.len(),
                count,
                "{}: a key of [{}] twice",
                known.name,
                table.name
            );
        }
    }
}

#[test]
fn every_file_of_keymaps_is_built_in() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/keymaps");
    let files = std::fs::read_dir(dir).expect("keymaps").count();
    assert_eq!(files, BUILT_IN.len());
}

#[test]
fn tables_come_in_a_sensible_order() {
    let tables = |name| {
        Keymap::builtin(name)
            .expect(name)
            .tables()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(tables("tmux"), ["root", "prefix", "copy"]);
    assert_eq!(
        tables("zellij"),
        [
            "root", "pane", "tab", "resize", "move", "session", "locked", "copy"
        ]
    );
}

#[test]
fn bindings_are_laid_over_what_lies_below() {
    let file = "include = 'tmux'\n[prefix]\n'%' = 'nothing'\n'|' = 'split --right'\n'x' = ['zoom', 'help']\n";
    let config = "keymap = 'mine'\n[keys.prefix]\n'x' = 'detach'\n[keys.root]\n'M-z' = { do = 'zoom', repeat = true }\n";
    let (keymap, problems) = load(config, &[("mine", file)]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(does(&keymap, "prefix", "%"), Vec::<String>::new());
    assert_eq!(does(&keymap, "prefix", "|"), ["split --right"]);
    assert_eq!(does(&keymap, "prefix", "x"), ["detach"]);
    assert_eq!(does(&keymap, "prefix", "d"), ["detach"]);
    assert!(
        keymap
            .binding("root", key("M-z"))
            .expect("a binding")
            .repeat
    );
}

#[test]
fn a_file_may_lie_on_the_built_in_one_of_its_name_or_start_afresh() {
    let (keymap, _) = load("", &[("tmux", "[prefix]\n'v' = 'split --right'\n")]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(does(&keymap, "prefix", "v"), ["split --right"]);
    assert_eq!(does(&keymap, "prefix", "%"), ["split --right"]);
    let fresh = "fresh = true\n[root]\n'F1' = 'help'\n'F2' = 'detach'\n";
    let (keymap, problems) = load("", &[("tmux", fresh)]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(keymap.bindings("prefix").count(), 0);
    assert_eq!(
        does(&keymap, "copy", "q"),
        ["leave"],
        "copy mode has keys all the same"
    );
}

#[test]
fn the_keys_of_copy_mode_lie_under_a_keymap_unless_it_starts_afresh() {
    let keys = |config: &str, file: &str| {
        let (keymap, _) = load(&format!("keymap = 'mine'\n{config}"), &[("mine", file)]);
        let keymap = keymap.expect("a keymap");
        ["q", "w", "F7"].map(|name| does(&keymap, "copy", name).concat())
    };
    let copy = "[copy]\n'w' = 'top'\n'F7' = 'leave'\n";
    assert_eq!(keys("", copy), ["leave", "top", "leave"]);
    let fresh = "fresh = true\n".to_owned();
    assert_eq!(keys("", &(fresh.clone() + copy)), ["", "top", "leave"]);
    let laid_over = "[keys.copy]\n'F7' = 'top'\n";
    assert_eq!(keys(laid_over, &fresh), ["leave", "word-next", "top"]);
}

#[test]
fn another_prefix_takes_the_place_of_the_old_one() {
    let (keymap, problems) = load("prefix = 'C-a'", &[]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(does(&keymap, "root", "C-a"), ["prefix"]);
    assert_eq!(does(&keymap, "prefix", "C-a"), ["send-key"]);
    assert_eq!(does(&keymap, "root", "C-b"), Vec::<String>::new());
    assert_eq!(does(&keymap, "prefix", "C-b"), Vec::<String>::new());
    assert_eq!(keymap.prefix(), Some(key("C-a")));
    let (keymap, problems) = load("keymap = 'alt'\nprefix = 'C-a'", &[]);
    let keymap = keymap.expect("a keymap all the same");
    assert_eq!(does(&keymap, "root", "M-h"), ["focus left"]);
    assert_eq!(
        problems,
        [
            "config.toml:2: `prefix` is C-a, but keymap alt has none: bind a key to `prefix`, or take this line out"
        ]
    );
}

#[test]
fn bindings_over_a_keymap_that_is_not_there_are_checked_too() {
    let config = "keymap = 'zelij'\n[keys.prefix]\n'|' = 'splt --right'\n";
    let (keymap, wrong) = load(config, &[]);
    assert_eq!(keymap, None);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(
        wrong[0].contains("zelij") && wrong[1].contains("splt --right"),
        "{wrong:?}"
    );
}

#[test]
fn a_key_is_bound_as_a_terminal_sends_it() {
    for (named, sent) in [
        ("C-@", "C-Space"),
        ("C-i", "Tab"),
        ("C-m", "Enter"),
        ("C-[", "Escape"),
        ("C-?", "BSpace"),
        ("C-8", "BSpace"),
        ("C-/", "C-_"),
        ("C-6", "C-^"),
        ("C-A", "C-a"),
        ("C-M-i", "M-Tab"),
    ] {
        let (keymap, wrong) = load(&format!("prefix = '{named}'"), &[]);
        assert_eq!(wrong, [""; 0], "{named}");
        let keymap = keymap.expect("a keymap");
        assert_eq!(does(&keymap, "root", sent), ["prefix"], "{named}");
    }
}

#[test]
fn all_that_is_wrong_is_said_with_its_line_and_what_was_meant() {
    let file = "[prefix]\n'%' = 'splt --right'\n'm' = 'mode resise'\n[resize]\n'C-bb' = 'zoom'\n'h' = 'resize lft'\n'q' = 'mode root'\n";
    let (keymap, problems) = load("keymap = 'mine'", &[("mine", file)]);
    assert_eq!(keymap, None);
    assert_eq!(
        problems,
        [
            "keymaps/mine.toml:2: [prefix] `%`: there is no action `splt --right`; is `split --right` meant?",
            "keymaps/mine.toml:3: there is no table `resise`; is `resize` meant?",
            "keymaps/mine.toml:5: [resize] `C-bb` is not the name of a key; keys are named like C-b, M-Left, S-F3, Space or %",
            "keymaps/mine.toml:6: [resize] `h`: there is no action `resize lft`; is `resize left` meant?",
        ]
    );
    let (_, problems) = load("\nkeymap = 'tmx'", &[]);
    assert_eq!(
        problems,
        ["config.toml:2: there is no keymap `tmx`; is `tmux` meant?"]
    );
}

#[test]
fn a_way_out_remains() {
    let (keymap, problems) = load("keymap = 'mine'", &[("mine", "[root]\n'F5' = 'zoom'\n")]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(
        problems,
        [
            "config.toml:1: keymap mine: no key of [root] leads to `detach`: C-b d was added",
            "config.toml:1: keymap mine: no key of [root] leads to `help`: C-b ? was added",
        ]
    );
    assert_eq!(does(&keymap, "root", "C-b"), ["prefix"]);
    assert_eq!(does(&keymap, "prefix", "d"), ["detach"]);
    assert_eq!(does(&keymap, "prefix", "C-b"), ["send-key"]);
}

#[test]
fn a_way_out_remains_where_its_keys_are_taken_and_in_every_mode() {
    let config = "[keys.prefix]\n'd' = 'zoom'\n'?' = 'mode trap'\n[keys.trap]\n'x' = 'zoom'\n";
    let (keymap, problems) = load(config, &[]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(does(&keymap, "prefix", "d"), ["zoom"]);
    assert_eq!(does(&keymap, "prefix", "D"), ["detach"]);
    assert_eq!(does(&keymap, "prefix", "h"), ["help"]);
    assert_eq!(does(&keymap, "trap", "C-b"), ["prefix"]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

#[test]
fn copy_mode_can_be_left() {
    let (keymap, problems) = load(
        "[keys.copy]\n'q' = 'top'\n'i' = 'nothing'\n'Escape' = 'nothing'\n'C-c' = 'nothing'\n",
        &[],
    );
    let keymap = keymap.expect("a keymap");
    assert_eq!(
        problems,
        ["config.toml: keymap tmux: no key of [copy] does `leave`: Escape was added"]
    );
    assert_eq!(does(&keymap, "copy", "Escape"), ["leave"]);
    assert_eq!(does(&keymap, "copy", "q"), ["top"]);
}

#[test]
fn the_order_of_actions_is_kept_and_modes_are_found_in_files_that_include() {
    let file = "include = 'zellij'\n[pane]\n'n' = ['split --down', 'zoom', 'mode root']\n";
    let (keymap, problems) = load("keymap = 'mine'", &[("mine", file)]);
    let keymap = keymap.expect("a keymap");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        does(&keymap, "pane", "n"),
        ["split --down", "zoom", "mode root"]
    );
    assert_eq!(keymap.unbound("locked"), Unbound::Pass);
    assert_eq!(keymap.unbound("pane"), Unbound::Ignore);
    assert_eq!(keymap.unbound("root"), Unbound::Pass);
}

#[test]
fn the_very_key_wins_and_what_older_terminals_cannot_tell_is_alike() {
    let file = "include = 'tmux'\n[prefix]\n'Tab' = 'zoom'\n'C-i' = 'help'\n'C-m' = 'detach'\n'C-c' = 'redraw'\n";
    let (keymap, _) = load("keymap = 'mine'", &[("mine", file)]);
    let keymap = keymap.expect("a keymap");
    for (name, expected) in [
        ("Tab", "zoom"),
        ("C-i", "help"),
        ("Enter", "detach"),
        ("S-Enter", "detach"),
        ("C-S-c", "redraw"),
    ] {
        assert_eq!(does(&keymap, "prefix", name), [expected], "{name}");
    }
    let typed = |name: &str, shifted, base| {
        let stroke = Stroke {
            shifted,
            base,
            mods: key(name).mods,
            ..Stroke::from(key(name))
        };
        let binding = keymap.binding_of("prefix", &stroke).expect(name);
        binding.actions[0].name()
    };
    assert_eq!(typed("C-с", None, Some('c')), "redraw", "by its place");
    let question = Stroke {
        mods: crate::term::Mods::SHIFT,
        shifted: Some('?'),
        ..Stroke::from(key("/"))
    };
    let binding = keymap.binding_of("prefix", &question).expect("?");
    assert_eq!(binding.actions[0].name(), does(&keymap, "prefix", "?")[0]);
}
