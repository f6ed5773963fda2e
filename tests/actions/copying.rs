//! Copy mode: its cursor, its scrolling and its searches, over real output. The other client's screen stands still.

use super::acting::Acting;
use crate::support::pair::mark;
use crate::support::{Outer, wait_for};

driving! {
    the_cursor_follows_every_motion: "copy-mode", "left", "down", "up", "right", "word-next", "word-back", "word-end",
        "wide-word-next", "wide-word-back", "wide-word-end", "paragraph-next", "paragraph-back", "bracket",
        "line-start", "line-text", "line-end", "screen-top", "screen-middle", "screen-bottom", "leave";
    characters_are_jumped_to: "copy-mode", "screen-top", "line-start", "line-end", "jump", "jump-back", "jump-before",
        "jump-back-behind", "jump-again", "jump-reverse", "leave";
    the_word_under_the_cursor_is_searched_for: "copy-mode", "screen-top", "search-word", "search-word-back", "leave";
    the_rows_scroll_by_every_step: "copy-mode", "scroll-up", "scroll-down", "half-page-up", "half-page-down",
        "page-up", "page-down", "top", "bottom", "leave";
    a_place_is_gone_to: "copy-mode", "goto", "leave";
    copy_mode_begins_a_page_up: "copy-mode page-up", "leave";
    matches_are_found_both_ways: "copy-mode search", "search-back", "search", "search-next", "search-previous",
        "leave";
}

/// What the motions go over, from the first row of the screen on.
const TEXT: &str = "alpha (beta [x]) gamma-delta  end\n  two words/here\n\nthird line\n\nlast\n";

/// Shows that text in both clients, a prompt below it.
pub fn show_text(pair: &mut Acting) {
    std::fs::write(pair.home.path().join("text"), TEXT).expect("a file");
    pair.one.send("clear; cat text\r");
    pair.both("the text", |rows| {
        rows[0].starts_with("alpha (beta") && rows[6] == "$"
    });
}

/// Waits until a client's status line tells a place among the lines, which is how it says that copy mode is on.
pub fn copy_mode_is_on(outer: &Outer) {
    outer.wait("copy mode", |rows| {
        rows[23].contains(" line ") && rows[23].contains('%')
    });
}

/// Waits until a client's cursor is there.
pub fn cursor_is(outer: &Outer, why: &str, at: (u16, u16)) {
    let mut seen = (0, 0);
    let start = std::time::Instant::now();
    while start.elapsed() < crate::support::DEADLINE {
        seen = outer.cursor();
        if seen == at {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(3));
    }
    panic!("{why}: the cursor is at {seen:?}, not at {at:?}");
}

fn the_cursor_follows_every_motion(pair: &mut Acting) {
    show_text(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    cursor_is(&pair.one, "it begins where the shell's was", (6, 2));
    let steps = [
        ("line-start", (6, 0)),
        ("screen-top", (0, 0)),
        ("word-next", (0, 6)),
        ("word-next", (0, 7)),
        ("word-back", (0, 6)),
        ("bracket", (0, 15)),
        ("bracket", (0, 6)),
        ("word-end", (0, 10)),
        ("wide-word-next", (0, 12)),
        ("wide-word-next", (0, 17)),
        ("wide-word-end", (0, 27)),
        ("wide-word-back", (0, 17)),
        ("word-end", (0, 21)),
        ("line-end", (0, 32)),
        ("line-start", (0, 0)),
        ("down", (1, 0)),
        ("line-text", (1, 2)),
        ("right", (1, 3)),
        ("left", (1, 2)),
        ("up", (0, 2)),
        ("paragraph-next", (2, 0)),
        ("paragraph-next", (4, 0)),
        ("paragraph-back", (2, 0)),
        ("screen-bottom", (22, 0)),
        ("screen-middle", (11, 0)),
    ];
    for (name, at) in steps {
        pair.act(name);
        cursor_is(&pair.one, name, at);
    }
    assert_eq!(pair.other.cursor(), (6, 2));
    pair.act("leave");
    cursor_is(&pair.one, "left", (6, 2));
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

/// What a row shows beside the thumb that says which part of all lines is on the screen.
fn without_thumb(row: &str) -> &str {
    row.trim_end_matches('▐').trim_end()
}

/// Waits until the first row of the first client shows `text`.
fn top_is(pair: &Acting, why: &str, text: &str) {
    pair.one
        .wait(&format!("{text:?} on top after {why}"), |rows| {
            without_thumb(&rows[0]) == text
        });
}

/// Prints the numbers up to 100: the screen begins with 79.
fn count(pair: &mut Acting) {
    pair.one.send("seq 100\r");
    pair.both("the numbers", |rows| rows[0] == "79" && rows[22] == "$");
}

fn the_rows_scroll_by_every_step(pair: &mut Acting) {
    count(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    let steps = [
        ("scroll-up", "78"),
        ("scroll-up", "77"),
        ("scroll-down", "78"),
        ("half-page-up", "67"),
        ("half-page-up", "56"),
        ("half-page-down", "67"),
        ("page-up", "45"),
        ("page-up", "23"),
        ("page-down", "45"),
        ("top", "$ seq 100"),
        ("page-down", "22"),
        ("bottom", "79"),
    ];
    for (name, text) in steps {
        pair.act(name);
        top_is(pair, name, text);
    }
    // The place is said, and what the program prints meanwhile moves nothing.
    pair.act("top");
    top_is(pair, "top", "$ seq 100");
    pair.one
        .wait("the place", |rows| rows[23].contains(" line 1 of 102 · 0%"));
    mark(&mut pair.other, "meanwhile");
    top_is(pair, "output", "$ seq 100");
    pair.act("leave");
    pair.one.wait_text("meanwhile-2");
}

fn a_place_is_gone_to(pair: &mut Acting) {
    count(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    let goals = [("31", "30"), ("0%", "$ seq 100"), ("100%", "79")];
    for (goal, text) in goals {
        pair.act("goto");
        pair.one.wait_text("go to");
        pair.one.send(format!("{goal}\r"));
        top_is(pair, goal, text);
    }
    pair.act("goto");
    pair.one.wait_text("go to");
    pair.one.send("nowhere\r");
    pair.one.wait_text("\"nowhere\" is no place");
    assert_eq!(pair.other.rows()[0], "79");
    // What was typed stays to be mended, or given up.
    pair.one.send("\x1b");
    pair.one.wait_gone("nowhere");
    pair.act("leave");
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

fn copy_mode_begins_a_page_up(pair: &mut Acting) {
    count(pair);
    pair.act("copy-mode page-up");
    top_is(pair, "a page", "57");
    pair.one.send("\x1b[5~");
    top_is(pair, "two pages", "35");
    pair.act("leave");
    top_is(pair, "leaving", "79");
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

/// Waits until the first client's cursor stands at the start of a row that is `text`.
fn stands_on(pair: &Acting, text: &str) {
    wait_for(&format!("the cursor on {text:?}"), || {
        let (row, col) = pair.one.cursor();
        (col == 0 && pair.one.rows()[usize::from(row)] == text).then_some(())
    });
}

fn matches_are_found_both_ways(pair: &mut Acting) {
    pair.one
        .send("for i in $(seq 200); do case $i in *50) echo needle-$i;; *) echo $i;; esac; done\r");
    pair.both("the output", |rows| rows[21] == "200" && rows[22] == "$");
    pair.act("copy-mode search");
    pair.one.wait_text("search back:");
    pair.one.send("needle-\r");
    stands_on(pair, "needle-150");
    pair.act("search-next");
    stands_on(pair, "needle-50");
    pair.act("search-previous");
    stands_on(pair, "needle-150");
    pair.act("search-back");
    pair.one.wait_text("search back:");
    pair.one.send("needle-5\r");
    stands_on(pair, "needle-50");
    pair.act("search");
    pair.one
        .wait("a prompt", |rows| rows[23].starts_with("search:"));
    pair.one.send("needle-1\r");
    stands_on(pair, "needle-150");
    pair.act("search");
    pair.one
        .wait("a prompt", |rows| rows[23].starts_with("search:"));
    pair.one.send("haystack\r");
    pair.one
        .wait("what was not found", |rows| rows[23].contains("not found"));
    stands_on(pair, "needle-150");
    pair.act("leave");
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

fn characters_are_jumped_to(pair: &mut Acting) {
    show_text(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    pair.act("screen-top");
    pair.act("line-start");
    let steps = [
        ("jump", "a", (0, 4)),
        ("jump-again", "", (0, 10)),
        ("jump-reverse", "", (0, 4)),
        ("jump-before", "[", (0, 11)),
        ("jump-back", "l", (0, 1)),
        ("line-end", "", (0, 32)),
        ("jump-back-behind", "g", (0, 18)),
        // What is not there moves nothing.
        ("jump", "Q", (0, 18)),
    ];
    for (name, then, at) in steps {
        pair.act(name);
        pair.one.send(then);
        cursor_is(&pair.one, name, at);
    }
    pair.act("leave");
    mark(&mut pair.one, "typed");
}

fn the_word_under_the_cursor_is_searched_for(pair: &mut Acting) {
    pair.one
        .send("clear; printf 'needle one\\nhaystack\\nneedle two\\n'\r");
    pair.one.wait("the words", |rows| {
        rows[0] == "needle one" && rows[2] == "needle two" && rows[3] == "$"
    });
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    pair.one.send("0");
    pair.act("screen-top");
    cursor_is(&pair.one, "the top", (0, 0));
    pair.act("search-word");
    cursor_is(&pair.one, "the next one", (2, 0));
    pair.act("search-word-back");
    cursor_is(&pair.one, "the one before", (0, 0));
    pair.act("leave");
    mark(&mut pair.one, "typed");
}
