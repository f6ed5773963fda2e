//! Scrolling back, searching, and coming back.

use crate::support::Home;

#[test]
fn a_million_lines_are_there_from_the_first() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 1000000; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[g");
    outer.wait("the first line on top", |rows| {
        rows[0].contains("seq") && rows[1] == "1" && rows[2] == "2"
    });
    outer.send("G");
    outer.wait_text("done-2");
    outer.send("?777777\r");
    outer.wait("the match", |rows| rows.iter().any(|row| row == "777777"));
    outer.send("q");
    outer.wait_text("done-2");
}

#[test]
fn search_goes_both_ways_and_q_leaves() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("for i in $(seq 1 5000); do echo line-$i-; done; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[?line-1234-\r");
    outer.wait("the match", |rows| {
        rows.iter().any(|row| row == "line-1234-")
    });
    outer.send("/line-1300-\r");
    outer.wait("the next match", |rows| {
        rows.iter().any(|row| row == "line-1300-")
    });
    outer.send("?no-such-text\r");
    outer.wait_text("not found");
    outer.send("q");
    outer.wait_text("done-2");
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
}

#[test]
fn a_screen_full_of_matches_is_searched() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 240, 60);
    outer.wait_prompt();
    outer.send("printf 'a%.0s' $(seq 20000); echo; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[/a\r");
    outer.send("nnnq");
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
}

#[test]
fn the_wheel_scrolls_at_once_and_typing_returns() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 500; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    for _ in 0..30 {
        outer.send("\x1b[<64;10;10M");
    }
    outer.wait("older lines", |rows| rows.iter().any(|row| row == "400"));
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
}

#[test]
fn new_output_does_not_move_what_one_reads() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 500; while :; do read x; seq $x; done\r");
    outer.wait("the output", |rows| rows.iter().any(|row| row == "500"));
    outer.send("\x02[g");
    outer.wait("the top", |rows| rows[1] == "1");
    let before = outer.rows()[..20].to_vec();
    let mut other = home.open(&["attach", "work"], 80, 24);
    other.wait("the last line", |rows| rows.iter().any(|row| row == "500"));
    other.send("9000\r");
    other.wait_text("9000");
    assert_eq!(outer.rows()[..20], before);
}

#[test]
fn narrow_and_wide_again_loses_nothing() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("echo $(seq 100 140)\r");
    outer.wait("the output and a prompt", |rows| {
        let prompt = rows.iter().rposition(|row| row == "$");
        prompt.is_some_and(|at| at > 0 && rows[at - 1].ends_with("140"))
    });
    let before = outer.rows()[..6].to_vec();
    outer.resize(20, 24);
    outer.wait("narrow rows", |rows| {
        rows.iter().all(|row| row.chars().count() <= 20)
    });
    outer.resize(80, 24);
    outer.wait("the same rows again", |rows| rows[..6] == before);
}
