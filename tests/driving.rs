//! Every command of the command line, against a real server that no client is attached to.

use crate::support::{Home, wait_for};
use serde_json::Value;

/// A home with a session `work` of one tab with three panes: one on the left, two one above the other on the right.
fn three_panes() -> Home {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["split", "-t", "work:1.1", "--right"]);
    home.ok(&["split", "-t", "work:1.2", "--down"]);
    home
}

/// The panes of a tab of the first session, both from 1.
fn panes(home: &Home, tab: usize) -> Vec<Value> {
    let list = home.list();
    let panes = list[0]["tabs"][tab - 1]["panes"].as_array();
    panes.cloned().unwrap_or_default()
}

/// Their ids, as they are written in targets.
fn ids(home: &Home, tab: usize) -> Vec<String> {
    let id = |pane: &Value| format!("%{}", pane["id"]);
    panes(home, tab).iter().map(id).collect()
}

/// Their widths and heights.
fn sizes(home: &Home, tab: usize) -> Vec<(u64, u64)> {
    let size = |pane: &Value| {
        let cells = |what: &str| pane["size"][what].as_u64().expect("a size");
        (cells("cols"), cells("rows"))
    };
    panes(home, tab).iter().map(size).collect()
}

/// The number, from 1, of the pane that has the tab's focus.
fn focus(home: &Home, tab: usize) -> usize {
    let panes = panes(home, tab);
    let at = panes.iter().position(|pane| pane["focused"] == true);
    at.expect("a focus") + 1
}

/// The names of the first session's tabs, the active one with a `*`.
fn tabs(home: &Home) -> Vec<String> {
    let list = home.list();
    let tabs = list[0]["tabs"].as_array().cloned().unwrap_or_default();
    tabs.iter()
        .map(|tab| {
            let active = if tab["active"] == true { "*" } else { "" };
            format!("{}{active}", tab["name"].as_str().expect("a name"))
        })
        .collect()
}

/// Waits until the pane shows `text`.
fn wait_shown(home: &Home, target: &str, text: &str) {
    wait_for(&format!("{text:?} in {target}"), || {
        home.ok(&["capture", "-t", target])
            .contains(text)
            .then_some(())
    });
}

#[test]
fn a_session_is_renamed() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["new", "-d", "-s", "play"]);
    home.ok(&["rename", "-t", "work", "build"]);
    let list = home.list();
    let mut names: Vec<_> = (0..2).map(|n| list[n]["name"].as_str()).collect();
    names.sort();
    assert_eq!(names, [Some("build"), Some("play")]);
    home.ok(&["capture", "-t", "build"]);
    assert!(
        home.fails(&["rename", "-t", "build", "play"])
            .contains("play")
    );
    assert!(
        home.fails(&["rename", "-t", "build", "a:b"])
            .contains("cannot hold")
    );
    assert!(
        home.fails(&["rename", "-t", "nothing", "x"])
            .contains("wt ls")
    );
}

#[test]
fn tabs_are_named_moved_and_gone_back_to() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["tab", "rename", "one"]);
    for name in ["two", "three"] {
        home.ok(&["tab", "new", "-t", "work"]);
        home.ok(&["tab", "rename", "-t", "work", name]);
    }
    assert_eq!(tabs(&home), ["one", "two", "three*"]);
    home.ok(&["tab", "select", "1"]);
    home.ok(&["tab", "last"]);
    assert_eq!(tabs(&home), ["one", "two", "three*"]);
    home.ok(&["tab", "last"]);
    assert_eq!(tabs(&home), ["one*", "two", "three"]);
    home.ok(&["tab", "move", "-t", "work:3", "left"]);
    assert_eq!(tabs(&home), ["one*", "three", "two"]);
    home.ok(&["tab", "move", "-t", "work:1", "right", "9"]);
    assert_eq!(tabs(&home), ["three", "two", "one*"]);
    home.ok(&["tab", "rename", "-t", "work:3", ""]);
    assert_ne!(tabs(&home)[2], "one*", "it is named by its command again");
    home.wt(&["tab", "rename", "-t", "work:3", "a\u{1b}[31mb"]);
    assert!(!tabs(&home)[2].contains('\u{1b}'), "{:?}", tabs(&home));
}

#[test]
fn the_focus_goes_where_it_is_told() {
    let home = three_panes();
    assert_eq!(focus(&home, 1), 3);
    for (which, then) in [
        ("left", 1),
        ("2", 2),
        ("down", 3),
        ("up", 2),
        ("last", 3),
        ("next", 1),
        ("previous", 3),
    ] {
        home.ok(&["pane", "focus", "-t", "work", which]);
        assert_eq!(focus(&home, 1), then, "{which}");
    }
    home.ok(&["pane", "focus", "-t", &ids(&home, 1)[0]]);
    assert_eq!(focus(&home, 1), 1);
    assert!(home.fails(&["pane", "focus", "9"]).contains('9'));
}

#[test]
fn panes_are_resized() {
    let home = three_panes();
    let before = sizes(&home, 1);
    home.ok(&["pane", "resize", "-t", "work:1.1", "right", "5"]);
    let wider = sizes(&home, 1);
    assert_eq!(wider[0], (before[0].0 + 5, before[0].1));
    assert_eq!(wider[1].0, before[1].0 - 5);
    home.ok(&["pane", "resize", "-t", "work:1.2", "up", "2"]);
    assert_eq!(sizes(&home, 1)[1].1, before[1].1 - 2);
    home.ok(&["pane", "resize", "-t", "work:1.1", "--cols", "30"]);
    assert_eq!(sizes(&home, 1)[0].0, 30);
    home.ok(&["pane", "resize", "-t", "work:1.3", "--rows", "4"]);
    assert_eq!(sizes(&home, 1)[2].1, 4);
}

#[test]
fn a_pane_is_zoomed_named_and_closed() {
    let home = three_panes();
    home.ok(&["pane", "zoom", "-t", "work:1.2"]);
    assert_eq!(home.list()[0]["tabs"][0]["zoomed"], true);
    assert!(home.ok(&["ls"]).contains("(zoomed)"));
    home.ok(&["pane", "zoom", "-t", "work:1.2"]);
    assert_eq!(home.list()[0]["tabs"][0]["zoomed"], false);
    home.ok(&["pane", "rename", "-t", "work:1.2", "the log"]);
    assert_eq!(panes(&home, 1)[1]["name"], "the log");
    assert!(home.ok(&["ls"]).contains("\"the log\""));
    home.ok(&["pane", "rename", "-t", "work:1.2", ""]);
    assert_eq!(panes(&home, 1)[1]["name"], "");
    home.ok(&["send", "-t", "work:1.2", "exec sleep 1000", "Enter"]);
    wait_for("a busy pane", || {
        (panes(&home, 1)[1]["busy"] == true).then_some(())
    });
    assert!(home.ok(&["ls"]).contains("(busy)"));
    let left = [ids(&home, 1)[0].clone(), ids(&home, 1)[2].clone()];
    home.ok(&["pane", "close", "-t", "work:1.2"]);
    wait_for("its end, without a question", || {
        (ids(&home, 1) == left).then_some(())
    });
}

#[test]
fn panes_change_places() {
    let home = three_panes();
    let [a, b, c] = <[String; 3]>::try_from(ids(&home, 1)).expect("three panes");
    home.ok(&["pane", "swap", "-t", &a]);
    assert_eq!(ids(&home, 1), [&b[..], &a, &c]);
    home.ok(&["pane", "swap", "-t", &c, "up"]);
    assert_eq!(ids(&home, 1), [&b[..], &c, &a]);
    home.ok(&["tab", "new", "-t", "work"]);
    let d = ids(&home, 2)[0].clone();
    home.ok(&["pane", "swap", "-t", &b, "--with", "work:2.1"]);
    assert_eq!(ids(&home, 1), [&d[..], &c, &a]);
    assert_eq!(ids(&home, 2), [&b[..]]);
    home.ok(&["tab", "rename", "-t", "work:2", "logs"]);
    home.ok(&["pane", "swap", "-t", &d, "--with", ":logs.1"]);
    assert_eq!(ids(&home, 1), [&b[..], &c, &a]);
    home.ok(&["pane", "swap", "-t", &b, "--with", &format!(":1.{c}")]);
    assert_eq!(ids(&home, 1), [c, b, a]);
    assert!(
        home.fails(&["pane", "swap", "--with", "%999"])
            .contains("%999")
    );
}

#[test]
fn a_pane_is_moved_between_tabs_and_sessions() {
    let home = three_panes();
    let [a, b, c] = <[String; 3]>::try_from(ids(&home, 1)).expect("three panes");
    home.ok(&["pane", "break", "-t", &b]);
    assert_eq!(ids(&home, 1)[..], [&a[..], &c]);
    assert_eq!(ids(&home, 2)[..], [&b[..]]);
    home.ok(&["pane", "move", "-t", &b, "--to", &c, "--left"]);
    assert_eq!(ids(&home, 1)[..], [&a[..], &b, &c]);
    assert_eq!(tabs(&home).len(), 1, "a tab goes with its last pane");
    let (cols, rows) = (sizes(&home, 1)[1].0, sizes(&home, 1)[1].1);
    home.ok(&["new", "-d", "-s", "other"]);
    home.ok(&["pane", "move", "-t", &b, "--to", "other:1", "--down"]);
    let list = home.list();
    let all = list.as_array().expect("sessions");
    let other = all
        .iter()
        .find(|session| session["name"] == "other")
        .expect("other");
    let moved = &other["tabs"][0]["panes"][1];
    assert_eq!(format!("%{}", moved["id"]), b);
    assert_ne!(
        (
            moved["size"]["cols"].as_u64(),
            moved["size"]["rows"].as_u64()
        ),
        (Some(cols), Some(rows))
    );
    // Its program went with it.
    home.ok(&["send", "-t", &b, "echo still $((40+2))", "Enter"]);
    wait_shown(&home, &b, "still 42");
}

#[test]
fn presets_arrange_all_panes() {
    let home = three_panes();
    let area = home.list()[0]["size"].clone();
    let cells = |what: &str| area[what].as_u64().expect("a size");
    // The first row is the line above the panes, for their titles.
    let (cols, rows) = (cells("cols"), cells("rows") - 1);
    let arrange = |name: &str| {
        home.ok(&["layout", "-t", "work", name]);
        sizes(&home, 1)
    };
    let even = |all: Vec<u64>, whole: u64| {
        let (least, most) = (all.iter().min(), all.iter().max());
        assert!(
            most.zip(least)
                .is_some_and(|(most, least)| most - least <= 1),
            "{all:?}"
        );
        assert_eq!(
            all.iter().sum::<u64>() + all.len() as u64 - 1,
            whole,
            "{all:?}"
        );
    };
    let columns = arrange("even-horizontal");
    even(columns.iter().map(|size| size.0).collect(), cols);
    assert!(columns.iter().all(|size| size.1 == rows), "{columns:?}");
    let stack = arrange("even-vertical");
    even(stack.iter().map(|size| size.1).collect(), rows);
    assert!(stack.iter().all(|size| size.0 == cols), "{stack:?}");
    let main = arrange("main-horizontal");
    assert_eq!(main[0].0, cols);
    even(main[1..].iter().map(|size| size.0).collect(), cols);
    let main = arrange("main-vertical");
    assert_eq!(main[0].1, rows);
    even(main[1..].iter().map(|size| size.1).collect(), rows);
    let tiled = arrange("tiled");
    let next = arrange("next");
    assert_ne!(next, tiled);
    assert_eq!(next, columns, "the first preset comes after the last");
}

#[test]
fn panes_are_rotated_and_back() {
    let home = three_panes();
    let before = ids(&home, 1);
    home.ok(&["layout", "rotate"]);
    assert_ne!(ids(&home, 1), before);
    home.ok(&["layout", "rotate-back"]);
    assert_eq!(ids(&home, 1), before);
    home.ok(&["layout", "rotate"]);
    home.ok(&["layout", "rotate"]);
    home.ok(&["layout", "rotate"]);
    assert_eq!(ids(&home, 1), before, "three panes, three turns");
}

#[test]
fn an_ended_command_is_restarted() {
    let home = Home::new();
    let script = "echo run >> runs; exit 3";
    home.ok(&["new", "-d", "-s", "work", "--", "/bin/sh", "-c", script]);
    wait_for("its end", || {
        let fate = panes(&home, 1)[0]["fate"].clone();
        fate.as_str()
            .is_some_and(|fate| fate.contains('3'))
            .then_some(())
    });
    home.ok(&["pane", "restart", "-t", "work"]);
    wait_for("a second run", || {
        let runs = std::fs::read_to_string(home.path().join("runs")).unwrap_or_default();
        (runs.lines().count() == 2).then_some(())
    });
}

/// A pane that shows what is typed into it, byte by byte, after its program has printed `modes`.
fn showing_keys(home: &Home, session: &str, modes: &str) {
    let script = format!("stty -icanon -echo -isig; printf '{modes}ready'; exec cat -v");
    home.ok(&["new", "-d", "-s", session, "--", "/bin/sh", "-c", &script]);
    wait_shown(home, session, "ready");
}

#[test]
fn keys_are_typed_as_the_modes_of_the_pane_ask() {
    let home = Home::new();
    showing_keys(&home, "plain", "");
    home.ok(&[
        "send", "-t", "plain", "Up", "F5", "M-x", "C-c", "BTab", "DC", "Escape", "q",
    ]);
    wait_shown(&home, "plain", "ready^[[A^[[15~^[x^C^[[Z^[[3~^[q");
    showing_keys(&home, "modal", "\\033[?1h");
    home.ok(&["send", "-t", "modal", "Up", "C-Up", "BSpace"]);
    wait_shown(&home, "modal", "ready^[OA^[[1;5A^?");
}

#[test]
fn text_is_typed_as_it_is() {
    let home = Home::new();
    showing_keys(&home, "work", "");
    home.ok(&["send", "-t", "work", "-l", "Enter", "C-c"]);
    home.ok(&["send", "-t", "work", "-N", "3", "x", "Space"]);
    home.ok(&["send", "-t", "work", "-H", "41", "7e"]);
    home.ok(&["send", "-t", "work", "--", "-v", "a b"]);
    wait_shown(&home, "work", "readyEnterC-cx x x A~-va b");
    assert!(home.fails(&["send", "-t", "%999", "x"]).contains("%999"));
}

#[test]
fn a_long_text_arrives_whole() {
    let home = Home::new();
    let script = "stty -icanon -echo; echo ready; head -c 100000 | cksum; sleep 1000";
    home.ok(&["new", "-d", "-s", "work", "--", "/bin/sh", "-c", script]);
    wait_shown(&home, "work", "ready");
    let text = "0123456789".repeat(10_000);
    let sent = home.wt(&["send", "-t", "work", &text]);
    assert!(sent.status.success(), "the text was refused");
    // As cksum prints it for these bytes.
    wait_shown(&home, "work", "4002145000 100000");
}

#[test]
fn a_shell_is_driven_and_interrupted() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&[
        "send",
        "-t",
        "work",
        "echo $((40+2)) is; sleep 1000",
        "Enter",
    ]);
    wait_shown(&home, "work", "42 is");
    home.ok(&["send", "-t", "work", "C-c"]);
    home.ok(&["send", "-t", "work", "echo $((50+5)) came", "Enter"]);
    wait_shown(&home, "work", "55 came");
}

#[test]
fn a_changed_configuration_holds_for_new_panes() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.configure("shell = [\"/bin/sh\"]\nenv = { COLOUR = \"blue\" }\n");
    home.ok(&["reload"]);
    let script = "echo it is $COLOUR; sleep 1000";
    home.ok(&["tab", "new", "-t", "work", "--", "/bin/sh", "-c", script]);
    wait_shown(&home, "work:2", "it is blue");
    home.configure("shel = [\"/bin/sh\"]\n");
    assert!(home.fails(&["reload"]).contains("shel"));
}

#[test]
fn scripts_are_told_what_was_made() {
    let home = Home::new();
    let made = home.ok(&["new", "-d", "-P", "-s", "work"]);
    assert!(made.starts_with("work %"), "{made}");
    let split = home.ok(&["split", "-t", "work", "-P"]);
    assert!(ids(&home, 1).contains(&split.trim().to_owned()), "{split}");
    let tab = home.ok(&["tab", "new", "-t", "work", "-P", "--no-focus"]);
    assert_eq!(ids(&home, 2), [tab.trim()]);
}

#[test]
fn a_client_is_shown_another_session_from_outside() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "other"]);
    assert!(
        home.fails(&["switch", "-t", "other", "other"])
            .contains("attach")
    );
    let outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    home.ok(&["switch", "-t", "work", "other"]);
    outer.wait_text(" other ");
}

#[test]
fn a_command_that_is_over_at_once_is_no_error() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "quick", "--", "/bin/true"], 80, 24);
    outer.wait_text("[session quick ended]");
    assert_eq!(outer.wait_end(), 0);
}
