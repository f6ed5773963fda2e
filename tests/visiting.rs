//! One client with several sessions side by side, of its own machine and of another one. Each machine is a home of its
//! own; the network is the loopback.

use crate::pairing::acquainted;
use crate::support::pair::{find, mark};
use crate::support::{Held, Home, Outer, wait_for};

/// A client that holds `main` of its own machine, which is shown, and `work` of the machine that it calls `desk`.
struct Both {
    /// The other machine.
    desk: Home,
    /// The client's own.
    here: Home,
    outer: Outer,
}

impl Both {
    fn new() -> Self {
        let (desk, here, _) = acquainted();
        here.ok(&["new", "-d", "-s", "main"]);
        let outer = here.open(&["attach", "main", "desk/work"], 100, 24);
        outer.wait_prompt();
        outer.wait_text(" main  1:sh*  desk/work  1:sh ");
        Self { desk, here, outer }
    }

    /// Waits until `main` is shown, or else `desk/work`.
    fn wait_shown(&self, row: &str) {
        self.outer.wait_text(row);
        self.outer.wait("the row of tabs", |rows| {
            rows.iter().any(|line| line.contains(row))
        });
    }
}

const MAIN: &str = " main  1:sh*  desk/work  1:sh ";
const WORK: &str = " main  1:sh  desk/work  1:sh* ";

#[test]
fn tabs_of_two_machines_stand_in_one_row_and_keys_walk_across() {
    let mut both = Both::new();
    mark(&mut both.outer, "here");
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    both.outer.wait_gone("here-2");
    both.outer.wait_prompt();
    mark(&mut both.outer, "there");
    both.outer.send("\x02n");
    both.wait_shown(MAIN);
    both.outer.wait_gone("there-2");
    both.outer.wait_text("here-2");
    // All in one piece: what is typed behind the key that leads away is for where that leads.
    both.outer
        .send("\x02pecho east-$((1+1))\r\x02necho west-$((1+1))\r");
    both.outer.wait_text("west-2");
    let shown = |home: &Home, session: &str| home.ok(&["capture", "-t", session]);
    let (main, work) = (shown(&both.here, "main"), shown(&both.desk, "work"));
    assert!(main.contains("here-2") && main.contains("west-2"), "{main}");
    assert!(!main.contains("there-2") && !main.contains("east-2"));
    assert!(
        work.contains("there-2") && work.contains("east-2"),
        "{work}"
    );
    // A click on a tab, or on the name, of the other one goes there.
    let at = find(&both.outer, "desk/work  1:sh").expect("the other tab");
    both.outer
        .send(format!("\x1b[<0;{};{}M", at.0 + 13, at.1 + 1));
    both.wait_shown(WORK);
    both.outer.wait_text("east-2");
    both.outer.send("\x02d");
    assert_eq!(both.outer.wait_end(), 0);
    both.outer.wait_text("[detached (from session main)]");
    both.outer.wait_text("[detached (from session desk/work)]");
}

/// Ends what serves a home, and waits until another server has taken its place.
fn kill_server(home: &Home) {
    let before = home.servers("run");
    home.kill_server();
    wait_for("another server", || {
        let now = home.servers("run");
        (!now.is_empty() && now != before).then_some(())
    });
}

#[test]
fn a_server_that_dies_while_the_other_is_shown_hurts_nobody_and_is_followed() {
    let mut both = Both::new();
    both.outer.send("x=kept; echo before-$((1+1))\r");
    both.outer.wait_text("before-2");
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    mark(&mut both.outer, "there");
    // The server of this machine dies while it is not shown, and the client starts another one.
    kill_server(&both.here);
    mark(&mut both.outer, "unhurt");
    both.outer.wait_text("main: the server was lost");
    both.outer.send("\x02n");
    both.wait_shown(MAIN);
    both.outer.wait_gone("unhurt-2");
    both.outer.send("echo $x-$((1+1))\r");
    both.outer.wait_text("kept-2");
    both.outer.send("\x02n");
    both.outer.wait_text("unhurt-2");
}

#[test]
fn a_session_that_ends_leaves_the_others_and_the_last_one_ends_the_client() {
    let mut both = Both::new();
    both.desk.ok(&["kill", "work"]);
    both.outer.wait_text("desk/work: session work ended");
    mark(&mut both.outer, "still-here");
    both.outer.wait_text(" main  1:sh* ");
    both.outer.wait_gone("desk/work");
    both.outer.send("exit\r");
    assert_eq!(both.outer.wait_end(), 0);
    both.outer.wait_text("[session main ended]");
}

#[test]
fn a_session_that_ends_while_it_is_shown_leads_to_the_one_beside_it() {
    let mut both = Both::new();
    mark(&mut both.outer, "here");
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    both.outer.wait_prompt();
    both.outer.send("exit\r");
    both.outer.wait_text("here-2");
    both.outer.wait_text("desk/work: session work ended");
    mark(&mut both.outer, "again");
}

#[test]
fn a_session_is_visited_and_left_from_within() {
    let (desk, here, _) = acquainted();
    let mut outer = here.open(&["new", "-s", "main"], 100, 24);
    outer.wait_prompt();
    mark(&mut outer, "here");
    outer.send("\x02v");
    outer.wait_text("visit [HOST/]SESSION:");
    outer.send("desk/work\r");
    outer.wait_text(WORK);
    outer.wait_gone("here-2");
    mark(&mut outer, "there");
    outer.send("\x02V");
    outer.wait_text("here-2");
    outer.wait_gone("desk/work");
    let left = || desk.ok(&["ls"]).starts_with("work: detached");
    wait_for("the server to know", || left().then_some(()));
    for (target, said) in [
        ("nowhere/x", "nowhere/x: "),
        ("missing", "no session \"missing\""),
        ("desk/missing", "no session \"missing\""),
    ] {
        outer.send(format!("\x02v{target}\r"));
        outer.wait_text(said);
        mark(&mut outer, &format!("unhurt-by-{}", target.len()));
    }
    outer.send("\x02d");
    outer.wait_text("[detached (from session main)]");
}

#[test]
fn those_that_are_not_reached_are_said_and_the_rest_is_held() {
    let (_desk, here, _) = acquainted();
    here.ok(&["new", "-d", "-s", "main"]);
    let mut outer = here.open(
        &["attach", "nowhere/x", "desk/work", "missing", "main"],
        100,
        24,
    );
    outer.wait_text("missing: no session \"missing\"");
    mark(&mut outer, "work");
    outer.wait_text(" desk/work  1:sh*  main  1:sh ");
    outer.send("\x02~");
    outer.wait_text("nowhere/x: ");
    outer.send("\x1b");
    outer.wait_gone("nowhere/x: ");
    outer.send("\x02d");
    assert_eq!(outer.wait_end(), 0);
}

/// A client that holds two sessions of one server, over a link that counts.
fn counted() -> (Home, Held, Outer) {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "one"]);
    home.ok(&["new", "-d", "-s", "two"]);
    let held = Held::before(&home);
    let argv = [crate::support::home::WT, "attach", "one", "two"];
    let outer = Outer::open(&argv, &held.env(&home), home.path(), 100, 24);
    outer.wait_prompt();
    outer.wait_text(" one  1:sh*  two  1:sh ");
    (home, held, outer)
}

#[test]
fn a_session_that_is_not_shown_is_sent_nothing_of_what_it_prints() {
    let (home, held, mut outer) = counted();
    outer.send("\x02n");
    outer.wait_text(" one  1:sh  two  1:sh* ");
    outer.wait_prompt();
    outer.send("i=0; while :; do i=$((i+1)); echo line $i; done\r");
    outer.wait_text("line 1");
    let before = held.said();
    home.wait_lines("two", 30_000);
    let shown = held.said() - before;
    outer.send("\x02n");
    outer.wait_text(" one  1:sh*  two  1:sh# ");
    mark(&mut outer, "settled");
    let before = held.said();
    home.wait_lines("two", 30_000);
    let hidden = held.said() - before;
    mark(&mut outer, "echoed");
    assert!(
        shown > 5_000 && hidden < 200,
        "{shown} bytes of a flood that is shown, {hidden} of one that is not"
    );
    // Once it is looked at again it is there at once.
    outer.send("\x02n");
    outer.wait_text("line ");
    outer.send("\x03");
}

#[test]
fn one_that_is_not_shown_has_no_say_in_sizes() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "one"]);
    let mut small = home.open(&["new", "-s", "two"], 60, 20);
    small.wait_prompt();
    small.send("stty size\r");
    small.wait_text("19 60");
    let mut large = home.open(&["attach", "two", "one"], 100, 30);
    large.wait_text(" two  1:sh*  one  1:sh ");
    large.send("stty size\r");
    large.wait_text("29 100");
    large.send("\x02n");
    large.wait_text(" two  1:sh  one  1:sh* ");
    small.wait("its own size", |rows| {
        rows.last().is_some_and(|row| row.contains("two"))
    });
    small.send("clear; stty size\r");
    small.wait_text("19 60");
    // What it asks for from elsewhere changes nothing.
    large.resize(90, 25);
    mark(&mut large, "resized");
    small.send("clear; stty size; echo done-$((1+1))\r");
    small.wait_text("done-2");
    assert!(small.rows().iter().any(|row| row == "19 60"));
}
