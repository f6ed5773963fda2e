//! What lies over the panes, in the real program.

use crate::support::{Home, wait_for};

fn status(rows: &[String]) -> &str {
    rows.last().map_or("", String::as_str)
}

#[test]
fn a_key_is_found_in_the_help_and_done() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("\x02?");
    outer.wait_text("type to find");
    outer.send("new tab\r");
    outer.wait("another tab", |rows| status(rows).contains("2:sh"));
    outer.wait_gone("Keys");
    outer.wait_prompt();
}

#[test]
fn the_status_line_tells_the_time() {
    let home = Home::new();
    let outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait("a clock", |rows| {
        let line = status(rows).trim_end();
        let time = line.rsplit(' ').next().unwrap_or_default();
        let (hours, minutes) = time.split_once(':').unwrap_or_default();
        let is_below = |text: &str, end: u32| text.parse().is_ok_and(|number: u32| number < end);
        is_below(hours, 24) && is_below(minutes, 60)
    });
}

#[test]
fn an_address_that_cannot_be_opened_is_copied() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 120, 24);
    outer.wait_prompt();
    outer.send("clear; echo https://example.org/$((40+2))\r");
    outer.wait("the address on top", |rows| {
        rows[0] == "https://example.org/42"
    });
    outer.send("\x1b[<16;5;1M\x1b[<16;5;1m");
    outer.wait_text("copied instead: https://example.org/42");
    let copied = "\x1b]52;c;aHR0cHM6Ly9leGFtcGxlLm9yZy80Mg==\x1b\\";
    wait_for("the copy", || {
        let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
        raw.contains(copied).then_some(())
    });
}

#[test]
fn a_menu_opens_where_it_is_asked_for_and_splits() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("\x1b[<2;30;5M\x1b[<2;30;5m");
    outer.wait_text("Split right");
    outer.send("|");
    outer.wait("two panes", |rows| {
        rows[0]
            .chars()
            .nth(39)
            .is_some_and(|c| c == '│' || c == '┬')
            || rows[1].contains('│')
    });
    outer.wait_gone("Split right");
}
