//! Panes: made, shown alone, moved, named, ended.

use super::acting::Acting;
use crate::support::pair::{find, mark};
use crate::support::wait_for;

driving! {
    panes_are_split: "split --right", "split --left", "split --down", "split --up";
    a_pane_alone_and_all_again: "zoom";
    panes_change_places: "swap next", "swap previous", "swap left", "swap right", "swap down", "swap up";
    a_pane_goes_to_a_tab_of_its_own_and_back: "break", "move";
    a_pane_gets_a_title: "rename";
    what_was_copied_is_pasted: "paste";
    a_pane_is_closed_after_a_question: "close";
    an_ended_program_is_started_again: "restart";
    the_history_is_opened_in_an_editor: "history open";
    the_history_is_opened_in_a_pager: "history open --pager";
    what_ran_in_a_restored_pane_is_run_again: "rerun";
}

fn panes_are_split(pair: &mut Acting) {
    mark(&mut pair.one, "first");
    let a = pair.listing().ids(1)[0];
    let mut expected = vec![a];
    // Where the new pane stands among all.
    let splits = [
        ("split --right", 1),
        ("split --left", 1),
        ("split --down", 2),
        ("split --up", 2),
    ];
    for (name, at) in splits {
        pair.act(name);
        let count = expected.len() + 1;
        pair.until(name, |listing| listing.panes(1).len() == count);
        let listing = pair.listing();
        let ids = listing.ids(1);
        expected.insert(at, ids[at]);
        assert_eq!(ids, expected, "{name}");
        assert_eq!(listing.focus(1), at + 1, "{name}");
        mark(&mut pair.one, &format!("p{at}{count}"));
        pair.other.wait_text(&format!("p{at}{count}-2"));
    }
    pair.both("the same panes", |rows| {
        rows[0].contains("─ 1 ") && rows[0].contains("─ 5 ")
    });
    let sizes = pair.listing().sizes(1);
    assert_eq!(sizes[0], (40, 22));
    assert!(sizes[1].0 + sizes[4].0 + 1 == 40 && sizes[4].1 == 22);
    assert_eq!(sizes[1..4].iter().map(|size| size.1 + 1).sum::<u64>(), 23);
    // The other client has stayed where it was.
    mark(&mut pair.other, "stayed");
    assert!(find(&pair.other, "stayed-2").is_some_and(|(col, _)| col < 40));
}

fn a_pane_alone_and_all_again(pair: &mut Acting) {
    pair.three();
    mark(&mut pair.one, "lower");
    pair.act("zoom");
    pair.both("one pane alone", |rows| !rows[5].contains('│'));
    pair.both_show("lower-2");
    pair.until("a zoom", |listing| listing.tab(1)["zoomed"] == true);
    pair.one.send("clear; stty size\r");
    pair.both_show("23 81");
    pair.act("zoom");
    pair.both("all panes", |rows| rows[5].contains('│'));
    pair.until("no zoom", |listing| listing.tab(1)["zoomed"] == false);
}

fn panes_change_places(pair: &mut Acting) {
    pair.three();
    mark(&mut pair.one, "lower");
    let [a, b, c] = <[u64; 3]>::try_from(pair.listing().ids(1)).expect("three panes");
    // The lower one on the right has the focus, and takes it along.
    let swaps = [
        ("swap up", [a, c, b]),
        ("swap down", [a, b, c]),
        ("swap left", [c, b, a]),
        ("swap right", [b, c, a]),
        ("swap next", [b, a, c]),
        ("swap previous", [b, c, a]),
    ];
    for (name, then) in swaps {
        pair.act(name);
        pair.until(name, |listing| listing.ids(1) == then);
        let at = then.iter().position(|id| *id == c).expect("it is there");
        pair.looks_at(at + 1);
        let is_left = |rows: &[String]| {
            let mut left = rows.iter().filter_map(|row| row.split('│').next());
            left.any(|row| row.contains("lower-2"))
        };
        pair.both(name, |rows| is_left(rows) == (at == 0));
    }
}

fn a_pane_goes_to_a_tab_of_its_own_and_back(pair: &mut Acting) {
    mark(&mut pair.one, "left");
    pair.one.send("\x02%");
    mark(&mut pair.one, "right");
    let ids = pair.listing().ids(1);
    pair.act("break");
    pair.one.wait_gone("left-2");
    pair.one.wait_text("right-2");
    pair.other.wait_gone("right-2");
    pair.both_show("2:sh");
    pair.other.wait_text("left-2");
    let listing = pair.listing();
    assert_eq!(listing.ids(1), ids[..1]);
    assert_eq!(listing.ids(2), ids[1..]);
    pair.act("move");
    pair.one.wait_text("move pane to tab:");
    pair.one.send("1\r");
    pair.both_show("right-2");
    pair.both_show("left-2");
    pair.until("one tab", |listing| listing.tabs("work").len() == 1);
    let listing = pair.listing();
    assert_eq!((listing.ids(1), listing.focus(1)), (ids, 2));
    // What cannot be found is said, to the one who asked.
    pair.act("move");
    pair.one.wait_text("move pane to tab:");
    pair.one.send("7\r");
    pair.one.wait_gone("move pane to tab:");
    pair.one
        .wait("a message", |rows| rows[23].contains("no tab \"7\""));
    pair.other
        .wait("no message", |rows| rows[23].contains("1:sh"));
}

fn a_pane_gets_a_title(pair: &mut Acting) {
    pair.three();
    pair.act("rename");
    pair.one.wait_text("title of the pane:");
    pair.one.send("\x15the log\r");
    pair.both_show("─ 3 the log ");
    assert_eq!(pair.listing().panes(1)[2]["name"], "the log");
    pair.act("rename");
    pair.one.wait_text("title of the pane: the log");
    pair.one.send("\x1b");
    pair.one.wait_gone("title of the pane");
    pair.both_show("─ 3 the log ");
}

fn what_was_copied_is_pasted(pair: &mut Acting) {
    pair.act("paste");
    pair.one.wait_text("nothing was copied yet");
    pair.one.send("echo pasted-$((1+1))\r");
    pair.one.wait_text("pasted-2");
    pair.one.send("\x02[k0v$y");
    pair.one.wait_text("copied 8 characters");
    pair.act("paste");
    pair.both_show("$ pasted-2");
    pair.other.send("\x15echo from-the-other: \x02]\r");
    pair.one.wait("the other's paste", |rows| {
        rows.iter().any(|row| row == "from-the-other: pasted-2")
    });
}

fn a_pane_is_closed_after_a_question(pair: &mut Acting) {
    pair.one.send("\x02%");
    pair.both("two panes", |rows| rows[5].contains('│'));
    pair.one.send("cat\r");
    pair.until("a busy pane", |listing| listing.panes(1)[1]["busy"] == true);
    pair.act("close");
    pair.one.wait_text("close it? (y/n)");
    pair.other
        .wait("no question", |rows| rows[23].contains(" 1:cat"));
    pair.one.send("n");
    pair.one.wait_gone("close it?");
    pair.one.send("typed-on\r");
    pair.both_show("typed-on");
    pair.act("close");
    pair.one.wait_text("close it? (y/n)");
    pair.one.send("y");
    pair.both("one pane", |rows| !rows[5].contains('│'));
    // What only waits for a command is not asked about, and the last pane ends the session.
    pair.act("close");
    assert_eq!(pair.one.wait_end(), 0);
    assert_eq!(pair.other.wait_end(), 0);
    wait_for("no session", || {
        pair.listing().sessions().is_empty().then_some(())
    });
}

fn an_ended_program_is_started_again(pair: &mut Acting) {
    let script = "echo run >> runs; wc -l < runs; exit 3";
    pair.home.ok(&[
        "split",
        "-t",
        "work:1.1",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        script,
    ]);
    pair.both_show("exited 3");
    pair.one.send("\x02o");
    pair.until("the focus", |listing| listing.focus(1) == 2);
    for runs in ["2", "3"] {
        pair.act("restart");
        pair.both(&format!("run {runs}"), |rows| {
            rows.iter()
                .any(|row| row.split('│').any(|part| part.trim() == runs))
        });
        pair.both_show("exited 3");
    }
    // Return does the same.
    pair.one.send("\r");
    pair.both("run 4", |rows| {
        rows.iter()
            .any(|row| row.split('│').any(|part| part.trim() == "4"))
    });
}

/// Lets the first client open the history by that action; the tab that shows it goes with the program.
fn opens_the_history(pair: &mut Acting, name: &'static str, program: &str) {
    mark(&mut pair.one, "kept");
    pair.both_show("kept-2");
    pair.act(name);
    pair.until("a tab for it", |listing| listing.tabs("work").len() == 2);
    pair.one.wait(program, |rows| {
        rows.iter()
            .any(|row| row.starts_with(&format!("the {program} at +")))
            && rows.iter().any(|row| row == "kept-2")
    });
    mark(&mut pair.other, program);
    pair.one.send("\r");
    pair.until("its end", |listing| listing.tabs("work").len() == 1);
    pair.both_show(&format!("{program}-2"));
}

fn the_history_is_opened_in_an_editor(pair: &mut Acting) {
    opens_the_history(pair, "history open", "editor");
}

fn the_history_is_opened_in_a_pager(pair: &mut Acting) {
    opens_the_history(pair, "history open --pager", "pager");
}

fn what_ran_in_a_restored_pane_is_run_again(pair: &mut Acting) {
    pair.one.send("sleep 1000\r");
    wait_for("the command's record", || {
        let text = std::fs::read_to_string(pair.home.state().join("panes/1/meta.json")).ok()?;
        let told: serde_json::Value = serde_json::from_str(&text).ok()?;
        (told["command"] == "sleep 1000").then_some(())
    });
    pair.home.cut_the_power();
    pair.home.ok(&["resume", "-d", "work"]);
    pair.one = pair.home.open(&["attach", "work"], 81, 24);
    pair.other = pair.home.open(&["attach", "work"], 81, 24);
    pair.both_show("restored");
    pair.act("rerun");
    pair.until("the command", |listing| {
        listing.panes(1)[0]["command"] == "sleep"
    });
    pair.one.wait_gone("restored");
    pair.other.wait_gone("restored");
}
