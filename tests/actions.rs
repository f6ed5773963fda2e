//! Every action, by the keys that lead to it: one client does it, and a second one at the same session looks on.
//!
//! An action that has no key below, or that no test drives, fails a test.

#[macro_use]
mod acting;

mod client;
mod copying;
mod focus;
mod layouts;
mod outputs;
mod panes;
mod selections;
mod sessions;
mod tables;
mod tabs;
mod visits;

use std::collections::BTreeSet;
use wt::ui::action::{ACTIONS, Action, WITH_ARGUMENT};

/// The tests of all files: which actions each one drives.
const DRIVEN: [&[&[&str]]; 11] = [
    client::DRIVEN,
    copying::DRIVEN,
    focus::DRIVEN,
    layouts::DRIVEN,
    outputs::DRIVEN,
    panes::DRIVEN,
    selections::DRIVEN,
    sessions::DRIVEN,
    tables::DRIVEN,
    tabs::DRIVEN,
    visits::DRIVEN,
];

/// Keys for what the keymap of tmux leaves without one.
const CONFIG: &str = r#"
shell = ["/bin/sh"]
predict = "never"
clipboard = "terminal"
repeat-time = 10000

[env]
EDITOR = "sh -c 'echo the editor at $1; cat $2; read answer' sh"
PAGER = "sh -c 'echo the pager at $1; cat $2; read answer' sh"

[keys.prefix]
"H" = "split --left"
"K" = "split --up"
"P" = "focus previous"
"I" = "focus 3"
"A" = "swap left"
"S" = "swap down"
"W" = "swap up"
"D" = "swap right"
"C-e" = "restart"
"X" = "session kill"
"g" = "table mine"
"G" = "mode mine"
"u" = "nothing"
"Z" = "rerun"
"j" = "visit play"
"k" = "visit next"
"J" = "visit previous"

[keys.copy]
"a" = "select-word"
"X" = "clear-selection"

[keys.mine]
"f" = "tab new"
"F" = "tab previous"
"Escape" = "mode root"
"#;

/// What the user types for each action; those of copy mode, within it.
#[rustfmt::skip]
const KEYS: &[(&str, &str)] = &[
    ("split --right", "\x02%"),
    ("split --down", "\x02\""),
    ("split --left", "\x02H"),
    ("split --up", "\x02K"),
    ("focus next", "\x02o"),
    ("focus previous", "\x02P"),
    ("focus last", "\x02;"),
    ("focus left", "\x02\x1b[D"),
    ("focus down", "\x02\x1b[B"),
    ("focus up", "\x02\x1b[A"),
    ("focus right", "\x02\x1b[C"),
    ("focus pick", "\x02q"),
    ("focus 3", "\x02I"),
    ("swap next", "\x02}"),
    ("swap previous", "\x02{"),
    ("swap left", "\x02A"),
    ("swap down", "\x02S"),
    ("swap up", "\x02W"),
    ("swap right", "\x02D"),
    ("resize left", "\x02\x1b[1;5D"),
    ("resize down", "\x02\x1b[1;5B"),
    ("resize up", "\x02\x1b[1;5A"),
    ("resize right", "\x02\x1b[1;5C"),
    ("resize left 5", "\x02\x1b[1;3D"),
    ("resize down 5", "\x02\x1b[1;3B"),
    ("resize up 5", "\x02\x1b[1;3A"),
    ("resize right 5", "\x02\x1b[1;3C"),
    ("zoom", "\x02z"),
    ("break", "\x02!"),
    ("move", "\x02."),
    ("rename", "\x02t"),
    ("paste", "\x02]"),
    ("close", "\x02x"),
    ("restart", "\x02\x05"),
    ("rerun", "\x02Z"),
    ("visit", "\x02v"),
    ("visit play", "\x02j"),
    ("visit next", "\x02k"),
    ("visit previous", "\x02J"),
    ("visit leave", "\x02V"),
    ("history open", "\x02e"),
    ("history open --pager", "\x02E"),
    ("layout next", "\x02 "),
    ("layout even-horizontal", "\x02\x1b1"),
    ("layout even-vertical", "\x02\x1b2"),
    ("layout main-horizontal", "\x02\x1b3"),
    ("layout main-vertical", "\x02\x1b4"),
    ("layout tiled", "\x02\x1b5"),
    ("rotate", "\x02\x1bo"),
    ("rotate back", "\x02\x0f"),
    ("tab new", "\x02c"),
    ("tab next", "\x02n"),
    ("tab previous", "\x02p"),
    ("tab last", "\x02l"),
    ("tab ask", "\x02'"),
    ("tab select 1", "\x021"),
    ("tab select 2", "\x022"),
    ("tab select 9", "\x029"),
    ("tab move left", "\x02<"),
    ("tab move right", "\x02>"),
    ("tab rename", "\x02,"),
    ("tab close", "\x02&"),
    ("choose", "\x02s"),
    ("session next", "\x02)"),
    ("session previous", "\x02("),
    ("session last", "\x02L"),
    ("session rename", "\x02$"),
    ("session new", "\x02N"),
    ("session kill", "\x02X"),
    ("detach", "\x02d"),
    ("copy-mode", "\x02["),
    ("copy-mode page-up", "\x02\x1b[5~"),
    ("copy-mode search", "\x02/"),
    ("copy-mode prompt-previous", "\x02\x10"),
    ("copy-mode prompt-next", "\x02\x0e"),
    ("copy-output", "\x02y"),
    ("redraw", "\x02r"),
    ("help", "\x02?"),
    ("commands", "\x02:"),
    ("messages", "\x02~"),
    ("menu", "\x02m"),
    ("reload", "\x02R"),
    ("prefix", "\x02"),
    ("send-key", "\x02\x02"),
    ("nothing", "\x02u"),
    ("table mine", "\x02g"),
    ("mode mine", "\x02G"),
    ("left", "h"),
    ("down", "j"),
    ("up", "k"),
    ("right", "l"),
    ("jump", "f"),
    ("jump-back", "F"),
    ("jump-before", "t"),
    ("jump-back-behind", "T"),
    ("jump-again", ";"),
    ("jump-reverse", ","),
    ("search-word", "*"),
    ("search-word-back", "#"),
    ("yank-rest", "D"),
    ("back", "\x1b"),
    ("word-next", "w"),
    ("word-back", "b"),
    ("word-end", "e"),
    ("wide-word-next", "W"),
    ("wide-word-back", "B"),
    ("wide-word-end", "E"),
    ("paragraph-next", "}"),
    ("paragraph-back", "{"),
    ("bracket", "%"),
    ("line-start", "0"),
    ("line-text", "^"),
    ("line-end", "$"),
    ("screen-top", "H"),
    ("screen-middle", "M"),
    ("screen-bottom", "L"),
    ("top", "g"),
    ("bottom", "G"),
    ("half-page-up", "\x15"),
    ("half-page-down", "\x04"),
    ("page-up", "\x1b[5~"),
    ("page-down", "\x1b[6~"),
    ("scroll-up", "\x19"),
    ("scroll-down", "\x05"),
    ("search", "/"),
    ("search-back", "?"),
    ("search-next", "n"),
    ("search-previous", "N"),
    ("goto", ":"),
    ("prompt-previous", "["),
    ("prompt-next", "]"),
    ("fold", "z"),
    ("fold-all", "Z"),
    ("unfold-all", "U"),
    ("only-failed", "!"),
    ("select", "v"),
    ("select-line", "V"),
    ("select-block", "\x16"),
    ("select-word", "a"),
    ("select-output", "O"),
    ("other-end", "o"),
    ("clear-selection", "X"),
    ("yank", "y"),
    ("yank --stay", "Y"),
    ("leave", "q"),
];

/// How the list of actions with an argument writes `name`.
fn form(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    match words[..] {
        ["resize", _] => "resize SIDE".to_owned(),
        ["resize", _, _] => "resize SIDE N".to_owned(),
        ["visit", target] if !["next", "previous", "leave"].contains(&target) => {
            "visit TARGET".to_owned()
        }
        [first @ ("table" | "mode"), _] => format!("{first} NAME"),
        [.., last] if last.parse::<u16>().is_ok() => name.replace(last, "N"),
        _ => name.to_owned(),
    }
}

#[test]
fn every_action_is_driven_by_a_test() {
    let without = ACTIONS.iter().map(|&(name, ..)| name);
    let known: BTreeSet<String> = without
        .chain(WITH_ARGUMENT.iter().map(|&(name, _)| name))
        .map(str::to_owned)
        .collect();
    let driven: BTreeSet<String> = { DRIVEN.iter().copied().flatten().copied().flatten() }
        .map(|name| form(name))
        .collect();
    let missing: Vec<_> = known.difference(&driven).collect();
    let unknown: Vec<_> = driven.difference(&known).collect();
    assert!(missing.is_empty(), "no test drives {missing:?}");
    assert!(unknown.is_empty(), "there is no action {unknown:?}");
}

#[test]
fn what_the_tests_type_is_the_name_of_an_action() {
    for &(name, _) in KEYS {
        let action = Action::parse(name);
        assert_eq!(action.map(|action| action.name()).as_deref(), Some(name));
    }
}
