//! `wt doctor` in terminals that answer, that are silent, and that the user interrupts.

use crate::support::home::WT;
use crate::support::{Home, Outer, wait_for};

/// A shell in a terminal, which has begun to run `wt doctor`.
fn asked(home: &Home) -> Outer {
    let mut outer = Outer::open(&["/bin/sh"], &home.env(), home.path(), 150, 40);
    outer.wait_prompt();
    outer.send(format!("{WT} doctor\r"));
    wait_for("the last question", || {
        let raw = outer.raw();
        raw.windows(3).any(|bytes| bytes == b"\x1b[c").then_some(())
    });
    outer
}

/// The shell has its terminal back as it was, and nothing stands behind its next prompt.
fn assert_whole(outer: &Outer) {
    outer.wait("an empty prompt", |rows| {
        rows.iter()
            .rfind(|row| !row.is_empty())
            .is_some_and(|row| row == "$")
    });
    assert_eq!(outer.is_whole(), Ok(()));
}

#[test]
fn what_a_terminal_answers_is_told_and_none_of_it_is_left_on_the_prompt() {
    let home = Home::new();
    let mut outer = asked(&home);
    outer.send("\x1b[2;3R\x1b[2;3R\x1bP>|XTerm(390)\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    outer.send("\x1b[?2026;2$y\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?64;1;2c");
    for told in [
        "XTerm(390)",
        "#ffffff, light",
        "each appears at once",
        "16 million",
    ] {
        outer.wait_text(told);
    }
    outer.wait_text("ok   config");
    assert_whole(&outer);
}

#[test]
fn a_silent_terminal_is_not_waited_for() {
    let home = Home::new();
    let outer = asked(&home);
    outer.wait_text("answers no questions");
    assert_whole(&outer);
}

#[test]
fn an_interrupted_question_leaves_a_whole_terminal() {
    let home = Home::new();
    let mut outer = asked(&home);
    outer.send("\x1b[2;3R\x03\x1b[2;3R\x1b[?64;1;2c");
    outer.wait_text("interrupted");
    assert_whole(&outer);
}

#[test]
fn without_a_terminal_it_asks_nothing_and_says_so() {
    let home = Home::new();
    let said = home.wt(&["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_slice(&said.stdout).expect("JSON");
    assert_eq!(findings[0]["what"], "terminal");
    assert_eq!(findings[0]["verdict"], "mend");
    assert_eq!(said.status.code(), Some(1));
}
