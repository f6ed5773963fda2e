//! Searching what a pane has printed: while the pattern is typed, both ways, and how often it stands there.

use crate::support::{Home, Outer};

/// A pane that has printed 30,000 numbered lines, in copy mode at its end.
fn printed(home: &Home) -> Outer {
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq -f 'line %g of many' 30000; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x02[");
    outer
}

#[test]
fn what_is_typed_is_found_at_once_and_escape_leads_back() {
    let home = Home::new();
    let mut outer = printed(&home);
    outer.send("?line 12345");
    outer.wait("the match, before Enter", |rows| {
        rows.iter().any(|row| row == "line 12345 of many")
    });
    outer.wait_text("1 of 1");
    outer.send("\x1b");
    outer.wait("the end again", |rows| {
        rows.iter().any(|row| row == "done-2") && !rows.iter().any(|row| row.contains("search"))
    });
    outer.send("?line 12345");
    outer.wait("the match", |rows| {
        rows.iter().any(|row| row == "line 12345 of many")
    });
    outer.send("\r");
    outer.wait("the match without a prompt", |rows| {
        rows.iter().any(|row| row == "line 12345 of many")
            && !rows.iter().any(|row| row.contains("search"))
    });
    outer.send("q");
    outer.wait_text("done-2");
}

#[test]
fn matches_are_counted_and_numbered() {
    let home = Home::new();
    let mut outer = printed(&home);
    outer.send("g/77 of\r");
    outer.wait_text("1 of 300");
    outer.send("n");
    outer.wait_text("2 of 300");
    outer.send("NN");
    outer.wait_text("300 of 300");
    outer.wait("the last match", |rows| {
        rows.iter().any(|row| row == "line 29977 of many")
    });
    outer.send("n");
    outer.wait_text("round the end");
    outer.send("q");
    outer.wait_text("done-2");
}

#[test]
fn a_regular_expression_is_searched_for() {
    let home = Home::new();
    let mut outer = printed(&home);
    outer.send("?\x1brline (\\d)2345 OF");
    outer.wait_text("search back regex:");
    outer.wait_text("not found");
    outer.send("\x7f\x7fof many$");
    outer.wait("the match", |rows| {
        rows.iter().any(|row| row == "line 22345 of many")
    });
    outer.wait_text("2 of 2");
    outer.send("(");
    outer.wait_text("unclosed group at");
    outer.send("\x7f\r");
    outer.wait("the match without a prompt", |rows| {
        rows.iter().any(|row| row == "line 22345 of many")
            && !rows.iter().any(|row| row.contains("search"))
    });
    outer.send("n");
    outer.wait("the one before", |rows| {
        rows.iter().any(|row| row == "line 12345 of many")
    });
}

#[test]
fn a_new_key_ends_the_search_before_it() {
    let home = Home::new();
    let mut outer = printed(&home);
    for pattern in ["l", "li", "lin", "line 2", "line 20", "no such line"] {
        outer.send("?");
        outer.send(pattern);
        outer.send("\x07");
    }
    outer.send("?line 400 ");
    outer.wait("the match of the last one", |rows| {
        rows.iter().any(|row| row == "line 400 of many")
    });
    outer.wait_text("1 of 1");
}

#[test]
fn after_the_wheel_what_is_in_sight_is_found_first() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 300; echo done-$((1+1))\r");
    outer.wait_text("done-2");
    outer.send("\x1b[<64;5;5M");
    outer.wait("the rows above", |rows| {
        !rows.iter().any(|row| row == "done-2")
    });
    outer.send("\x02/28");
    outer.wait_text("13 of 13");
    assert!(outer.rows().iter().any(|row| row == "289"));
}

#[test]
fn a_place_that_is_none_stays_to_be_mended() {
    let home = Home::new();
    let mut outer = printed(&home);
    outer.send(":100x\r");
    outer.wait_text("is no place");
    outer.send("\x7f\r");
    outer.wait("line 100", |rows| {
        rows.iter().any(|row| row == "line 100 of many")
    });
}
