//! Several clients at one session: each looks where it wants, and the one that typed last decides the size.

use crate::remote::Served;
use crate::support::home::WT;
use crate::support::{Held, Home, Outer, wait_for};
use std::time::{Duration, Instant};

/// Two clients of one session, `work`, with terminals of these widths and 24 rows.
fn two(home: &Home, widths: [u16; 2]) -> [Outer; 2] {
    let one = home.open(&["new", "-s", "work"], widths[0], 24);
    one.wait_prompt();
    let two = home.open(&["attach", "work"], widths[1], 24);
    two.wait_prompt();
    [one, two]
}

/// Types a command whose output names the place.
fn mark(outer: &mut Outer, name: &str) {
    outer.send(format!("echo {name}-$((1+1))\r"));
    outer.wait_text(&format!("{name}-2"));
}

#[test]
fn each_client_has_a_tab_of_its_own() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [80, 80]);
    mark(&mut one, "first");
    two.wait_text("first-2");
    two.send("\x02c");
    two.wait_gone("first-2");
    mark(&mut two, "second");
    one.wait_text("2:sh");
    assert!(one.rows().iter().any(|row| row.contains("first-2")));
    assert!(!one.rows().iter().any(|row| row.contains("second-2")));
    mark(&mut one, "still-first");
    two.send("\x021");
    two.wait_text("still-first-2");
}

#[test]
fn each_client_has_a_focus_of_its_own() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [81, 81]);
    mark(&mut one, "left");
    one.send("\x02%");
    mark(&mut one, "right");
    two.wait_text("right-2");
    // The second client stayed on the left.
    mark(&mut two, "from-the-left");
    one.send("\x02");
    one.send("o");
    mark(&mut one, "left-again");
    one.send("\x02o");
    mark(&mut one, "right-again");
    mark(&mut two, "left-for-ever");
    let rows = two.rows();
    let left: Vec<&str> = rows
        .iter()
        .map(|row| row.split('│').next().unwrap_or(""))
        .collect();
    for text in ["from-the-left-2", "left-again-2", "left-for-ever-2"] {
        assert!(
            left.iter().any(|row| row.contains(text)),
            "{text} is on the left: {rows:#?}"
        );
    }
    assert!(
        !left.iter().any(|row| row.contains("right-again-2")),
        "{rows:#?}"
    );
}

#[test]
fn the_client_that_typed_last_decides_the_size() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [80, 100]);
    one.send("stty size\r");
    one.wait_text("23 80");
    two.wait_text("23 80");
    two.send("stty size\r");
    two.wait_text("23 100");
    // Tabs have a size each: one client's tab is not touched by what the other types in its own.
    two.send("\x02c");
    two.wait_gone("23 100");
    two.send("stty size\r");
    two.wait_text("23 100");
    one.send("clear; stty size\r");
    one.wait_text("23 80");
    two.send("clear; stty size\r");
    two.wait_text("23 100");
    one.send("clear; for i in 1 2 3; do stty size; done\r");
    wait_for("three sizes", || {
        let sizes = one.rows();
        (sizes.iter().filter(|row| *row == "23 80").count() == 3).then_some(())
    });
}

#[test]
fn a_zoom_is_for_everybody_and_a_session_is_left_alone() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [81, 81]);
    mark(&mut one, "left");
    one.send("\x02%");
    one.wait_text("│");
    mark(&mut one, "right");
    two.wait_text("│");
    one.send("\x02z");
    two.wait_gone("left-2");
    two.wait_text("right-2");
    mark(&mut two, "typed-into-the-zoomed-one");
    one.wait_text("typed-into-the-zoomed-one-2");
    two.send("\x02z");
    one.wait_text("left-2");
    home.ok(&["new", "-d", "-s", "other"]);
    two.send("\x02)");
    two.wait_gone("left-2");
    two.wait_text(" other ");
    mark(&mut two, "elsewhere");
    assert!(one.rows().iter().any(|row| row.contains("left-2")));
    two.send("\x02L");
    two.wait_text("left-2");
    two.send("\x02)");
    two.wait_text("elsewhere-2");
    two.send("\x02d");
    assert_eq!(two.wait_end(), 0);
    two.wait_text("from session other");
}

#[test]
fn what_is_typed_behind_a_command_goes_where_that_leads() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 81, 24);
    outer.wait_prompt();
    // All in one piece, as fast fingers or a script have it.
    outer.send("echo a$((1+0))\r\x02%echo b$((1+1))\r\x02\"echo c$((1+2))\r\x02oecho d$((1+3))\r\x02cecho e$((1+4))\r");
    outer.wait_text("e5");
    outer.send("\x021");
    outer.wait_text("c3");
    let rows = outer.rows();
    let left = |text: &str| {
        rows.iter()
            .any(|row| row.split('│').next().is_some_and(|row| row.contains(text)))
    };
    assert!(left("a1") && left("d4"), "{rows:#?}");
    assert!(!left("b2") && !left("c3"), "{rows:#?}");
}

#[test]
fn tabs_that_nobody_looks_at_are_marked() {
    let home = Home::new();
    home.configure("shell = [\"/bin/sh\"]\nsilence = 1\n");
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("\x02c");
    outer.wait_text("2:sh*");
    outer.wait_prompt();
    outer.send("\x021");
    outer.wait_text("1:sh*");
    // What a new shell prints at once is no news.
    home.ok(&["send", "-t", "work:2", "sleep 1; echo hi", "Enter"]);
    outer.wait_text("2:sh#");
    outer.wait_text("2:sh#~");
    home.ok(&["send", "-t", "work:2", "printf '\\a'", "Enter"]);
    outer.wait_text("2:sh!#~");
    outer.send("\x022");
    outer.wait_text("2:sh*");
    outer.send("\x021");
    outer.wait("no mark", |rows| rows[23].contains(" 2:sh "));
    home.ok(&[
        "tab",
        "new",
        "-t",
        "work",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        "exit 3",
    ]);
    outer.wait_text("3:sh✗");
}

#[test]
fn a_tab_that_is_moved_away_leaves_nobody_behind() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [80, 80]);
    mark(&mut one, "first");
    for outer in [&mut one, &mut two] {
        outer.send("\x02c");
        outer.wait_gone("first-2");
        outer.send("\x022");
    }
    mark(&mut one, "second");
    two.wait_text("second-2");
    home.ok(&["pane", "move", "-t", "work:2", "--to", "work:1", "--right"]);
    // The second client's tab is gone: it is shown another one, and its keys arrive.
    mark(&mut two, "alive");
    mark(&mut one, "alive-too");
}

#[test]
fn who_only_looks_on_changes_no_size() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [100, 80]);
    one.send("seq 100; stty size\r");
    one.wait_text("23 100");
    two.send("\x1b[<64;5;5M");
    two.wait_text(" line ");
    two.resize(60, 24);
    two.send("\x1b[<65;5;5M");
    one.send("clear; echo one-$((1+1)); stty size; echo end-$((1+1))\r");
    one.wait_text("one-2");
    one.wait_text("end-2");
    one.wait_text("23 100");
    // Whoever types leads, and the others have their size back when that one leaves.
    two.send("stty size\r");
    one.wait_text("23 60");
    two.send("\x02d");
    assert_eq!(two.wait_end(), 0);
    wait_for("the size of the client that is left", || {
        let size = home.list()[0]["tabs"][0]["panes"][0]["size"]["cols"].clone();
        (size == 100).then_some(())
    });
}

#[test]
fn choosing_a_tab_leaves_the_focus_where_one_had_it() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [81, 81]);
    mark(&mut one, "left");
    two.send("\x02%");
    mark(&mut two, "right");
    one.wait_text("right-2");
    one.send("\x02s");
    one.wait_text("Sessions");
    one.send("\r");
    one.wait_gone("Sessions");
    mark(&mut one, "still-left");
    let rows = one.rows();
    let left = |row: &String| {
        row.split('│')
            .next()
            .is_some_and(|row| row.contains("still-left-2"))
    };
    assert!(rows.iter().any(left), "{rows:#?}");
}

#[test]
fn scripts_and_jobs_are_asked_for_before_they_are_closed() {
    let home = Home::new();
    std::fs::write(
        home.path().join("dep.sh"),
        "#!/bin/sh\necho deploying\nsleep 1000\n",
    )
    .expect("a file");
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("\x02c");
    outer.wait_text("2:sh*");
    outer.send("sh dep.sh\r");
    outer.wait_text("deploying");
    outer.send("\x02x");
    outer.wait_text("close it? (y/n)");
    outer.send("n");
    outer.wait_gone("close it?");
    outer.send("\x03");
    outer.wait("a prompt", |rows| {
        rows.iter()
            .rev()
            .find(|row| !row.is_empty() && !row.contains("work"))
            .is_some_and(|row| row == "$")
    });
    outer.send("sleep 1000 & \r");
    outer.wait("a prompt after the job", |rows| {
        rows.iter().filter(|row| *row == "$").count() >= 1
            && rows.iter().any(|row| row.contains("sleep 1000 &"))
    });
    outer.send("\x02x");
    outer.wait_text("sleep runs in pane");
    outer.send("y");
    outer.wait_gone("2:sh");
    // An idle shell goes at once.
    outer.send("\x02c");
    outer.wait_text("2:sh*");
    outer.wait_prompt();
    outer.send("\x02x");
    outer.wait_gone("2:sh");
}

#[test]
fn programs_hear_of_the_focus_once() {
    let home = Home::new();
    let [mut one, mut two] = two(&home, [80, 80]);
    one.send("stty raw -echo; printf '\\033[?1004h'; cat -v\r");
    wait_for("the program", || {
        home.list()[0]["tabs"][0]["name"]
            .as_str()
            .map(|name| name == "cat")
            .filter(|is| *is)
    });
    // Both look at it: it loses the focus when the second one looks away.
    one.send("\x1b[O");
    home.ok(&["send", "-t", "work", "-l", "-"]);
    two.wait_text("-");
    two.send("\x1b[O");
    two.wait_text("-^[[O");
    one.send("\x1b[I");
    two.wait_text("-^[[O^[[I");
}

/// Prints `line 1`, `line 2` and so on, until it is interrupted.
const FLOOD: &str = "i=0; while :; do i=$((i+1)); echo line $i; done\r";

#[test]
fn a_client_behind_a_bad_link_delays_no_key_of_another() {
    const ROUND_TRIP: Duration = Duration::from_millis(1_200);
    const KEYS: u32 = 20;
    let served = Served::new();
    let mut near = served.home.open(&["new", "-s", "work"], 81, 24);
    near.wait_prompt();
    let target = format!("wt://{}/work", served.address);
    let link = format!("rtt={},loss=20,rate=64", ROUND_TRIP.as_millis());
    let far = served
        .home
        .open(&["attach", "--simulate", &link, &target], 81, 24);
    far.wait_prompt();
    // Both see a flood beside the pane that is typed into: more than the bad link carries.
    near.send("\x02%");
    near.wait_text("│");
    near.send(FLOOD);
    near.wait_text("line 1");
    near.send("\x02o");
    mark(&mut near, "other-pane");
    far.wait_text("line ");
    let start = Instant::now();
    for _ in 0..KEYS {
        let (_, before) = near.cursor();
        near.send("x");
        wait_for("the key", || (near.cursor().1 > before).then_some(()));
    }
    let took = start.elapsed();
    // Had a key waited for the other client, each would have taken a round trip at least.
    assert!(took < ROUND_TRIP * KEYS / 2, "{KEYS} keys took {took:?}");
}

#[test]
fn who_looks_at_another_tab_is_sent_nothing_of_the_one_that_others_look_at() {
    let home = Home::new();
    let mut one = home.open(&["new", "-s", "work"], 80, 24);
    one.wait_prompt();
    let held = Held::before(&home);
    let argv = [WT, "attach", "work"];
    let mut two = Outer::open(&argv, &held.env(&home), home.path(), 80, 24);
    two.wait_prompt();
    two.send("\x02c");
    two.wait_text("2:sh*");
    mark(&mut two, "elsewhere");
    one.send(FLOOD);
    one.wait_text("line 1");
    mark(&mut two, "settled");
    let before = held.said();
    home.wait_lines("work:1", 30_000);
    let said = held.said() - before;
    assert!(said < 200, "{said} bytes of what it does not look at");
    mark(&mut two, "still-there");
}
