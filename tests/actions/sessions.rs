//! Sessions: gone to, chosen from a list, named.

use super::acting::Acting;
use crate::support::Outer;
use crate::support::pair::mark;

driving! {
    sessions_are_walked_through: "session next", "session previous", "session last";
    a_session_is_chosen_from_the_list: "choose";
    a_session_is_named: "session rename";
    a_session_is_made_and_ended: "session new", "session last", "session kill";
}

/// Waits until a client's status line begins with that session.
fn is_in(outer: &Outer, session: &str) {
    let start = format!(" {session} ");
    outer.wait(session, |rows| rows[23].starts_with(&start));
}

fn sessions_are_walked_through(pair: &mut Acting) {
    mark(&mut pair.one, "at-work");
    for name in ["play", "rest"] {
        pair.home.ok(&["new", "-d", "-s", name]);
    }
    let all = pair.listing().sessions();
    let at = |name: &str| {
        all.iter()
            .position(|known| known == name)
            .expect("it is there")
    };
    let beside = |name: &str, by: usize| all[(at(name) + by) % 3].clone();
    let mut now = "work".to_owned();
    let mut before = now.clone();
    let steps = [
        ("session next", 1),
        ("session next", 1),
        ("session next", 1),
        ("session previous", 2),
        ("session last", 0),
        ("session last", 0),
        ("session previous", 2),
    ];
    for (name, by) in steps {
        let then = match by {
            0 => before,
            by => beside(&now, by),
        };
        (before, now) = (now, then);
        pair.act(name);
        is_in(&pair.one, &now);
        mark(&mut pair.one, &format!("in-{now}"));
    }
    is_in(&pair.other, "work");
    pair.other.wait_text("at-work-2");
}

fn a_session_is_chosen_from_the_list(pair: &mut Acting) {
    mark(&mut pair.one, "at-work");
    pair.home.ok(&["new", "-d", "-s", "play"]);
    pair.home.ok(&["tab", "new", "-t", "play"]);
    pair.home.ok(&["tab", "rename", "-t", "play:1", "cards"]);
    pair.act("choose");
    pair.one.wait_text("┌ Sessions ─");
    pair.one.wait_text("2 tabs");
    pair.one.wait_text("1 tab, 2 clients");
    pair.one.send("cards");
    pair.one.wait_gone("2 clients");
    pair.one.send("\r");
    is_in(&pair.one, "play");
    pair.one
        .wait("its first tab", |rows| rows[23].contains("1:cards*"));
    pair.until("a client each", |listing| listing.sessions().len() == 2);
    is_in(&pair.other, "work");
    // Nothing is chosen by leaving, and a session by its name goes where it was left.
    pair.act("choose");
    pair.one.wait_text("┌ Sessions ─");
    pair.one.send("work\x1b");
    pair.one.wait_gone("┌ Sessions ─");
    is_in(&pair.one, "play");
    pair.act("choose");
    pair.one.wait_text("┌ Sessions ─");
    pair.one.send("work\r");
    pair.one.wait_text("at-work-2");
    is_in(&pair.one, "work");
}

fn a_session_is_named(pair: &mut Acting) {
    pair.home.ok(&["new", "-d", "-s", "play"]);
    pair.act("session rename");
    pair.one.wait_text("name of the session: work");
    pair.one.send("\x15house\r");
    is_in(&pair.one, "house");
    is_in(&pair.other, "house");
    pair.until("its name", |listing| {
        listing.sessions().contains(&"house".to_owned())
    });
    // A name that is taken, and one that no target could say.
    for (name, said) in [("play", "play"), ("a:b", "cannot hold")] {
        pair.act("session rename");
        pair.one.wait_text("name of the session: house");
        pair.one.send(format!("\x15{name}\r"));
        pair.one.wait("why not", |rows| {
            rows[23].contains(said) && !rows[23].contains("name of the session")
        });
    }
    is_in(&pair.other, "house");
}

fn a_session_is_made_and_ended(pair: &mut Acting) {
    pair.act("session new");
    pair.one.wait_text("name of the new session");
    pair.one.send("fresh\r");
    is_in(&pair.one, "fresh");
    mark(&mut pair.one, "in-fresh");
    is_in(&pair.other, "work");
    // Without a name it has a number.
    pair.act("session new");
    pair.one.wait_text("name of the new session");
    pair.one.send("\r");
    is_in(&pair.one, "0");
    mark(&mut pair.one, "in-0");
    pair.act("session last");
    is_in(&pair.one, "fresh");
    pair.one.send("sleep 1000\r");
    pair.act("session kill");
    pair.one.wait_text("in session fresh: end it? (y/n)");
    pair.one.send("n");
    pair.one.wait_gone("end it?");
    pair.act("session kill");
    pair.one.wait_text("in session fresh: end it? (y/n)");
    pair.one.send("y");
    pair.until("the others alone", |listing| {
        listing.sessions() == ["work", "0"]
    });
    pair.one.wait_text("session fresh ended");
}
