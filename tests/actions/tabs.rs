//! Tabs: made, gone to, moved, named, ended. Each client has one of its own.

use super::acting::Acting;
use crate::support::Outer;
use crate::support::pair::mark;

driving! {
    each_client_goes_to_tabs_of_its_own: "tab new", "tab next", "tab previous", "tab last", "tab select 1",
        "tab select 2", "tab select 9";
    a_tab_is_asked_for: "tab ask";
    a_tab_moves_among_the_others: "tab move left", "tab move right";
    a_tab_is_named: "tab rename";
    a_tab_is_closed_after_a_question: "tab close";
}

/// Waits until a client's status line shows that tab as the one that is looked at.
fn looks_at(outer: &Outer, tab: &str) {
    outer.wait(tab, |rows| rows[23].split(' ').any(|word| word == tab));
}

fn each_client_goes_to_tabs_of_its_own(pair: &mut Acting) {
    mark(&mut pair.one, "in1");
    pair.act("tab new");
    pair.one.wait_gone("in1-2");
    mark(&mut pair.one, "in2");
    pair.act("tab new");
    pair.one.wait_gone("in2-2");
    mark(&mut pair.one, "in3");
    looks_at(&pair.one, "3:sh*");
    let steps = [
        ("tab next", 1),
        ("tab next", 2),
        ("tab previous", 1),
        ("tab previous", 3),
        ("tab last", 1),
        ("tab last", 3),
        ("tab select 2", 2),
        ("tab last", 3),
        ("tab select 1", 1),
    ];
    for (name, tab) in steps {
        pair.act(name);
        pair.one.wait_text(&format!("in{tab}-2"));
        looks_at(&pair.one, &format!("{tab}:sh*"));
        pair.until(name, |listing| listing.tab(tab)["active"] == true);
    }
    pair.act("tab select 9");
    pair.one.wait_text("no tab 9");
    // The other client has seen them come, and stayed where it was.
    looks_at(&pair.other, "1:sh*");
    pair.other
        .wait("all tabs", |rows| rows[23].contains("3:sh"));
    mark(&mut pair.other, "stayed");
    pair.one.wait_text("stayed-2");
}

fn a_tab_is_asked_for(pair: &mut Acting) {
    mark(&mut pair.one, "in1");
    pair.one.send("\x02c");
    pair.one.wait_gone("in1-2");
    for (number, said) in [("1", "in1-2"), ("7", "no tab 7"), ("x", "no tab x")] {
        pair.act("tab ask");
        pair.one.wait_text("go to tab:");
        pair.one.send(format!("{number}\r"));
        pair.one.wait_text(said);
    }
    pair.act("tab ask");
    pair.one.wait_text("go to tab:");
    pair.one.send("\x1b");
    looks_at(&pair.one, "1:sh*");
    pair.other.wait_text("in1-2");
}

fn a_tab_moves_among_the_others(pair: &mut Acting) {
    for name in ["one", "two", "three"] {
        pair.one.send(format!("\x02,\x15{name}\r\x02c"));
    }
    pair.one.send("\x02,\x15four\r");
    let order = |pair: &Acting, names: [&str; 4]| {
        pair.until(&names.join(" "), |listing| listing.tabs("work") == names);
        for (at, name) in names.iter().enumerate() {
            pair.both_show(&format!("{}:{name}", at + 1));
        }
    };
    order(pair, ["one", "two", "three", "four"]);
    pair.act("tab move left");
    order(pair, ["one", "two", "four", "three"]);
    // The key repeats.
    pair.one.send("<");
    order(pair, ["one", "four", "two", "three"]);
    pair.act("tab move right");
    order(pair, ["one", "two", "four", "three"]);
    looks_at(&pair.one, "3:four*");
    looks_at(&pair.other, "1:one*");
    for _ in 0..4 {
        pair.act("tab move left");
    }
    order(pair, ["four", "one", "two", "three"]);
    looks_at(&pair.one, "1:four*");
    looks_at(&pair.other, "2:one*");
}

fn a_tab_is_named(pair: &mut Acting) {
    pair.act("tab rename");
    pair.one.wait_text("name of the tab: sh");
    pair.one.send("\x15build\r");
    looks_at(&pair.one, "1:build*");
    looks_at(&pair.other, "1:build*");
    assert_eq!(pair.listing().tabs("work"), ["build"]);
    pair.act("tab rename");
    pair.one.wait_text("name of the tab: build");
    pair.one.send("-x\x1b");
    looks_at(&pair.one, "1:build*");
    // Without a name it is called by its program again.
    pair.act("tab rename");
    pair.one.send("\x15\r");
    looks_at(&pair.other, "1:sh*");
}

fn a_tab_is_closed_after_a_question(pair: &mut Acting) {
    mark(&mut pair.one, "in1");
    pair.one.send("\x02c");
    pair.one.wait_gone("in1-2");
    pair.one.send("cat\r");
    pair.until("a busy pane", |listing| {
        { listing.panes(2).iter() }.any(|pane| pane["busy"] == true)
    });
    pair.one.send("\x02%");
    pair.one.wait("two panes", |rows| rows[5].contains('│'));
    pair.other.send("\x022");
    pair.other.wait("two panes", |rows| rows[5].contains('│'));
    pair.act("tab close");
    pair.one.wait_text("cat runs in tab 2: close it? (y/n)");
    pair.one.send("n");
    looks_at(&pair.one, "2:sh*");
    pair.act("tab close");
    pair.one.wait_text("close it? (y/n)");
    pair.one.send("y");
    pair.both_show("in1-2");
    pair.both("one tab", |rows| !rows[23].contains("2:sh"));
    assert_eq!(pair.listing().tabs("work").len(), 1);
}
