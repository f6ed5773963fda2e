//! One client with several sessions side by side, of its own machine and of another one. Each machine is a home of its
//! own; the network is the loopback.

use crate::pairing::acquainted;
use crate::support::home::kill;
use crate::support::pair::{find, mark};
use crate::support::{Held, Home, Outer, wait_for};
use std::time::{Duration, Instant};

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
        // What it prints while it is not shown would be marked in the row.
        wait_for("a prompt there", || {
            let shown = desk.ok(&["capture", "-t", "work"]);
            shown.contains('$').then_some(())
        });
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

#[test]
fn steps_in_one_piece_lead_on_over_sessions_that_were_never_shown() {
    let home = Home::new();
    for name in ["one", "two", "three"] {
        home.ok(&["new", "-d", "-s", name]);
    }
    let mut outer = home.open(&["attach", "one", "two", "three"], 100, 24);
    outer.wait_prompt();
    outer.wait_text(" one  1:sh*  two  1:sh  three  1:sh ");
    outer.send("\x02n\x02necho far-$((1+1))\r");
    outer.wait_text(" one  1:sh  two  1:sh  three  1:sh* ");
    outer.wait_text("far-2");
    // And all round.
    outer.send("\x02n\x02necho near-$((1+1))\r");
    outer.wait_text(" one  1:sh  two  1:sh*  three  1:sh ");
    outer.wait_text("near-2");
    let two = home.ok(&["capture", "-t", "two"]);
    assert!(two.contains("near-2") && !two.contains("far-2"), "{two}");
}

#[test]
fn a_session_that_comes_while_the_user_types_waits_beside() {
    let (desk, here, _) = acquainted();
    let mut outer = here.open(&["new", "-s", "main"], 100, 24);
    outer.wait_prompt();
    outer.send("\x02vdesk/work\recho st");
    outer.wait_text("desk/work is here: C-b n or a click on its name leads there");
    outer.send("ayed-$((1+1))\r");
    outer.wait_text("stayed-2");
    outer.wait_text(MAIN);
    // It is not held twice: who asks for it again goes there.
    outer.send("\x02vdesk/work\r");
    outer.wait_text(WORK);
    outer.wait_gone("stayed-2");
    mark(&mut outer, "there");
    assert!(desk.ok(&["capture", "-t", "work"]).contains("there-2"));
}

#[test]
fn what_was_typed_for_a_session_out_of_reach_is_counted_when_it_is_left() {
    let mut both = Both::new();
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    both.outer.wait_prompt();
    both.desk.kill_server();
    both.outer.send("abc\x02V");
    both.outer.wait_text("desk/work: 3 keys were not delivered");
    mark(&mut both.outer, "left");
}

#[test]
fn what_was_typed_in_a_silence_is_counted_to_who_detaches() {
    let mut both = Both::new();
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    both.outer.wait_prompt();
    both.desk.kill_server();
    both.outer.send("abc\x02d");
    assert_eq!(both.outer.wait_end(), 0);
    both.outer.wait_text("[detached (from session main)]");
    both.outer
        .wait_text("[detached (from session desk/work); 3 keys were not delivered]");
}

#[test]
fn who_leaves_a_session_does_not_walk_back_into_it() {
    let mut both = Both::new();
    both.outer.send("\x02V\x02pecho there-$((1+1))\r");
    both.outer.wait_text("there-2");
    both.outer.wait_text(" work  1:sh* ");
    both.outer.wait_gone(" main  1:sh");
    assert!(both.desk.ok(&["capture", "-t", "work"]).contains("there-2"));
}

#[test]
fn what_stood_in_a_session_that_is_not_shown_stays_over_a_restart() {
    let mut both = Both::new();
    both.outer.send("\x02n");
    both.wait_shown(WORK);
    mark(&mut both.outer, "there");
    both.outer.send("\x02n");
    both.wait_shown(MAIN);
    both.outer.wait_gone("there-2");
    both.desk.ok(&["server", "restart"]);
    let is_back = || both.desk.ok(&["ls"]).starts_with("work: attached");
    wait_for("the client", || is_back().then_some(()));
    // What happens there is told still.
    both.desk.ok(&["tab", "new", "-t", "work"]);
    both.outer.wait_text("desk/work  1:sh  2:sh ");
    let server = both.desk.servers("run")[0];
    kill(server, 19);
    both.outer.send("\x02n");
    both.outer.wait_text("there-2");
    kill(server, 18);
    mark(&mut both.outer, "again");
}

#[test]
fn an_end_elsewhere_takes_no_question_away() {
    let (desk, here, _) = acquainted();
    here.configure("shell = [\"/bin/sh\"]\nclipboard = \"terminal\"\n");
    here.ok(&["new", "-d", "-s", "main"]);
    let mut outer = here.open(&["attach", "main", "desk/work"], 100, 24);
    outer.wait_prompt();
    outer.wait_text(MAIN);
    outer.send("printf '\\033]52;c;?\\033\\\\'\r");
    outer.wait_text("wants to read your clipboard: C-y lets it");
    let shown = Instant::now();
    desk.ok(&["kill", "work"]);
    // A yes counts once the question could be read; the end is known by then.
    wait_for("a second and a half to pass", || {
        (shown.elapsed() > Duration::from_millis(1500)).then_some(())
    });
    outer.send("\x19");
    wait_for("the terminal to be asked", || {
        let raw = outer.raw();
        let question = b"\x1b]52;c;?\x1b\\";
        let is_asked = raw.windows(question.len()).any(|part| part == question);
        is_asked.then_some(())
    });
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
