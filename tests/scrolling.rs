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

#[test]
fn a_line_a_percentage_and_a_time_are_gone_to() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 5000; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    // The first line is the command, so that line 1001 says 1000.
    outer.send("\x02[1001G");
    outer.wait("that line on top", |rows| rows[0] == "1000");
    outer.wait_text("line 1,001 of");
    outer.send(":50%\r");
    outer.wait("the middle on top", |rows| {
        rows[0]
            .parse()
            .is_ok_and(|n: u32| (2480..=2500).contains(&n))
    });
    outer.send(":1 hour ago\r");
    outer.wait("the first line on top", |rows| rows[1] == "1");
    outer.send(":9999999\r");
    outer.wait_text("no line 9999999: the last is 500");
    outer.send(":soon\r");
    outer.wait_text("\"soon\" is no place");
    outer.send("q");
    outer.wait_text("done-2");
}

#[test]
fn how_much_is_new_below_is_said() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 500; read x; seq $x\r");
    outer.wait("the output", |rows| rows.iter().any(|row| row == "500"));
    outer.send("\x02[g");
    outer.wait("the top", |rows| rows[1] == "1");
    let before = outer.rows()[..20].to_vec();
    let mut other = home.open(&["attach", "work"], 80, 24);
    other.wait("the last line", |rows| rows.iter().any(|row| row == "500"));
    other.send("20000\r");
    outer.wait_text("↓ 20,001 new lines");
    assert_eq!(outer.rows()[..20], before);
    outer.send("G");
    outer.wait("nothing is new any more", |rows| {
        rows.iter().any(|row| row == "20000") && !rows[23].contains("new lines")
    });
}

#[test]
fn what_was_cleared_is_shown_to_who_goes_on_at_the_top() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 500; printf '\\033[H\\033[2J\\033[3J'; seq 600 700; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[g");
    outer.wait("what came after it", |rows| rows[0].starts_with("600"));
    outer.send("g");
    outer.wait("what came before it", |rows| rows[1] == "1");
    outer.wait_text("what was cleared is shown again");
}

/// Prints a command's prompt, its output and its end, as a shell marks them (OSC 133).
const MARKED: &str = "run() { printf '\\033]133;A\\033\\\\> %s\\n\\033]133;C\\033\\\\' $1; seq $2; \
                      printf '\\033]133;D;%s\\033\\\\' $3; }";

#[test]
fn commands_are_gone_to_folded_and_copied() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send(format!("{MARKED}\r"));
    outer.send("run one 100 0; run two 50 3; run three 30 0; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[[[");
    outer.wait("the prompt of the second", |rows| rows[0] == "> two");
    outer.send("z");
    outer.wait("its output folded", |rows| {
        rows[1].starts_with("⋯ 50 lines") && rows[1].ends_with("exit 3") && rows[2] == "> three"
    });
    outer.send("z");
    outer.wait("its output again", |rows| rows[1] == "1");
    outer.send("!");
    outer.wait("it alone", |rows| {
        rows[0] == "> two" && rows.iter().all(|row| row != "> three")
    });
    outer.send("!q");
    outer.wait_text("done-2");
    outer.send("\x02y");
    outer.wait_text("copied 30 lines");
}
