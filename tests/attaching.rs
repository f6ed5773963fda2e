//! Living in a session: typing, splitting, leaving and coming back.

use crate::support::{Home, wait_for};

#[test]
fn a_shell_runs_in_the_whole_terminal() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("echo $TERM-$COLORTERM-$TERM_PROGRAM-$WT_PANE; stty size; tty\r");
    outer.wait_text("xterm-256color-truecolor-wt-%");
    outer.wait_text("23 80");
    outer.wait_text("/dev/pts/");
    let rows = outer.rows();
    assert!(
        rows[0].starts_with("$ echo"),
        "no border above a lone pane: {rows:?}"
    );
    assert!(
        rows[23].contains("work"),
        "the status line names the session: {:?}",
        rows[23]
    );
    assert!(!rows[23].contains('^'));
}

#[test]
fn the_cursor_is_where_the_pane_has_it() {
    let home = Home::new();
    let mut outer = home.open(&["new"], 80, 24);
    outer.wait_prompt();
    outer.send("abc");
    outer.wait("the cursor behind the text", |rows| rows[0] == "$ abc");
    wait_for("the cursor", || (outer.cursor() == (0, 5)).then_some(()));
}

#[test]
fn detach_and_attach_from_another_size_finds_everything() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("echo first-$((40+2))\r");
    outer.wait_text("first-42");
    outer.send("\x02d");
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("detached");
    wait_for("the terminal is whole after detaching", || {
        outer.is_whole().ok()
    });

    let mut other = home.open(&["attach", "work"], 100, 30);
    other.wait_text("first-42");
    other.send("stty size\r");
    other.wait_text("29 100");
}

#[test]
fn panes_are_split_zoomed_and_closed() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 81, 24);
    outer.wait_prompt();
    outer.send("echo left\r");
    outer.send("\x02%");
    outer.wait("a line between two panes", |rows| rows[5].contains('│'));
    outer.send("stty size\r");
    outer.wait_text("22 40");
    outer.send("\x02\"");
    outer.wait("three panes", |rows| {
        rows[1..].iter().any(|row| row.contains('─'))
    });
    outer.send("echo low$((1+1))\r");
    outer.wait_text("low2");
    outer.send("\x02z");
    outer.wait("one pane alone", |rows| !rows[5].contains('│'));
    outer.send("stty size\r");
    outer.wait_text("23 81");
    outer.send("\x02z");
    outer.wait("the others again", |rows| rows[5].contains('│'));
    outer.send("exit\r");
    outer.wait("two panes", |rows| {
        !rows[1..].iter().any(|row| row.contains('─'))
    });
    outer.send("exit\r");
    outer.wait("one pane", |rows| !rows[5].contains('│'));
    outer.send("exit\r");
    assert_eq!(outer.wait_end(), 0);
    wait_for("the terminal is whole after the last exit", || {
        outer.is_whole().ok()
    });
}

#[test]
fn a_new_pane_starts_where_the_focused_one_is() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("deep")).expect("a directory");
    let mut outer = home.open(&["new"], 120, 24);
    outer.wait_prompt();
    outer.send("cd deep\r");
    outer.send("echo here-$((1+1))\r");
    outer.wait_text("here-2");
    outer.send("\x02c");
    outer.wait("another tab", |rows| rows[0] == "$");
    outer.send("pwd\r");
    outer.wait_text("/deep");
}

#[test]
fn tabs_are_opened_and_walked() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("echo one$((1+0))\r");
    outer.wait_text("one1");
    outer.send("\x02c");
    outer.wait_gone("one1");
    outer.wait("two tabs", |rows| {
        rows[23].contains("1:sh") && rows[23].contains("2:sh")
    });
    outer.send("echo two$((1+1))\r");
    outer.wait_text("two2");
    outer.send("\x02n");
    outer.wait_text("one1");
    outer.send("\x02p");
    outer.wait_text("two2");
    outer.send("\x021");
    outer.wait_text("one1");
}

#[test]
fn two_clients_see_the_same() {
    let home = Home::new();
    let mut one = home.open(&["new", "-s", "work"], 80, 24);
    one.wait_prompt();
    let mut two = home.open(&["attach", "work"], 80, 24);
    two.wait_prompt();
    one.send("echo from-one-$((1+1))\r");
    two.wait_text("from-one-2");
    two.send("echo from-two-$((2+2))\r");
    one.wait_text("from-two-4");
    assert_eq!(home.list()[0]["clients"], 2);
    home.ok(&["detach", "-t", "work"]);
    assert_eq!(one.wait_end(), 0);
    assert_eq!(two.wait_end(), 0);
}

#[test]
fn a_stopped_client_delays_nobody() {
    let home = Home::new();
    let mut stuck = home.open(&["new", "-s", "work"], 80, 24);
    stuck.wait_prompt();
    let mut other = home.open(&["attach", "work"], 80, 24);
    other.wait_prompt();
    crate::support::home::kill(stuck.pid(), 19);
    other.send("seq 200000; echo through-$((1+1))\r");
    other.wait_text("through-2");
    crate::support::home::kill(stuck.pid(), 18);
    stuck.wait_text("through-2");
    stuck.send("echo back-$((2+2))\r");
    stuck.wait_text("back-4");
}

#[test]
fn a_terminal_that_does_not_read_delays_nobody() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.pause(true);
    outer.send("seq 300000; echo all-$((1+1))\r");
    wait_for("the program's end", || {
        home.ok(&["capture", "-t", "work"])
            .contains("all-2")
            .then_some(())
    });
    outer.pause(false);
    outer.wait_text("all-2");
}

#[test]
fn the_terminal_is_whole_after_every_end() {
    for signal in [15, 1, 2] {
        let home = Home::new();
        let mut outer = home.open(&["new", "-s", "work"], 80, 24);
        outer.wait_prompt();
        outer.send(
            "vim --version >/dev/null; printf '\\033[?1000h\\033[?2004h\\033[?25l\\033=hidden'\r",
        );
        outer.wait_text("hidden");
        crate::support::home::kill(outer.pid(), signal);
        outer.wait_end();
        wait_for(&format!("a whole terminal after signal {signal}"), || {
            outer.is_whole().ok()
        });
        assert_eq!(home.list()[0]["name"], "work", "the session lives on");
    }
}

#[test]
fn a_resized_terminal_is_repainted() {
    let home = Home::new();
    let mut outer = home.open(&["new"], 80, 24);
    outer.wait_prompt();
    for (cols, rows) in [(120, 40), (20, 5), (1, 1), (2, 2), (80, 24)] {
        outer.resize(cols, rows);
    }
    outer.send("clear; stty size\r");
    outer.wait_text("23 80");
    outer.wait("the status line", |rows| rows[23].contains("1:sh"));
}
