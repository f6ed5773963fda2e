//! Sessions side by side in one client: opened, walked through, left.

use super::acting::Acting;
use crate::support::Outer;
use crate::support::pair::mark;

driving! {
    sessions_stand_side_by_side: "visit", "visit play", "visit next", "visit previous", "visit leave";
}

/// Waits until the row of tabs shows these sessions, and the tab of that one as the one that is looked at.
fn shows(outer: &Outer, sessions: &[&str], shown: &str) {
    let tab = |name: &&str| match *name == shown {
        true => format!(" {name}  1:sh*"),
        false => format!(" {name}  1:sh"),
    };
    let row: String = sessions.iter().map(tab).collect::<Vec<_>>().join(" ");
    outer.wait(&row, |rows| rows[23].starts_with(&row));
}

fn sessions_stand_side_by_side(pair: &mut Acting) {
    mark(&mut pair.one, "at-work");
    for name in ["play", "rest"] {
        pair.home.ok(&["new", "-d", "-s", name]);
    }
    pair.act("visit play");
    shows(&pair.one, &["work", "play"], "play");
    mark(&mut pair.one, "at-play");
    pair.act("visit");
    pair.one.wait_text("visit [HOST/]SESSION:");
    pair.one.send("rest\r");
    let all = ["work", "play", "rest"];
    shows(&pair.one, &all, "rest");
    mark(&mut pair.one, "at-rest");
    // Each keeps its place in the row, and behind the last comes the first.
    pair.act("visit next");
    shows(&pair.one, &all, "work");
    pair.one.wait_text("at-work-2");
    pair.act("visit next");
    shows(&pair.one, &all, "play");
    pair.one.wait_text("at-play-2");
    pair.act("visit previous");
    shows(&pair.one, &all, "work");
    pair.act("visit leave");
    shows(&pair.one, &["play", "rest"], "play");
    mark(&mut pair.one, "still-there");
    // Whoever else is in the session that was left stays there.
    pair.other.wait_text("at-work-2");
    mark(&mut pair.other, "alone");
}
