//! The right button: a menu for whatever is under it.

use super::{CONFIG, LEFT, RIGHT, click, drag, press, release};
use crate::support::pair::find;
use crate::support::{Outer, Pair};

/// Opens the menu of what is at `at`, which has a line `text`, and says where that is.
fn open(outer: &mut Outer, at: (u16, u16), text: &str) -> (u16, u16) {
    click(outer, RIGHT, at);
    outer.wait_text(text);
    find(outer, text).expect("it is there")
}

/// Opens a menu, clicks that line of it, and waits until it is gone.
fn choose(outer: &mut Outer, at: (u16, u16), text: &str) {
    let line = open(outer, at, text);
    click(outer, LEFT, line);
    outer.wait_gone(text);
}

/// The middle of a tab in the status line.
fn tab(outer: &Outer, label: &str) -> (u16, u16) {
    let (col, row) = find(outer, label).expect("a tab");
    (col + label.len() as u16 / 2, row)
}

#[test]
fn a_pane_has_a_menu_for_what_is_done_to_it() {
    let mut pair = Pair::open(CONFIG);
    pair.three();
    let ids = pair.listing().ids(1);
    choose(&mut pair.one, (60, 5), "Zoom");
    pair.until("a zoom", |listing| listing.tab(1)["zoomed"] == true);
    assert_eq!(pair.listing().focus(1), 2, "what is clicked has the focus");
    pair.both("one pane", |rows| !rows[5].contains('│'));
    choose(&mut pair.one, (60, 5), "Zoom");
    pair.both("all panes", |rows| rows[5].contains('│'));
    choose(&mut pair.one, (60, 5), "Swap with next");
    pair.until("places changed", |listing| {
        listing.ids(1) == [ids[0], ids[2], ids[1]]
    });
    choose(&mut pair.one, (60, 20), "Rename");
    pair.one.wait_text("title of the pane:");
    pair.one.send("\x15named\r");
    pair.both_show("─ 3 named ");
    choose(&mut pair.one, (10, 5), "Split right");
    pair.until("four panes", |listing| {
        listing.panes(1).len() == 4 && listing.focus(1) == 2
    });
    choose(&mut pair.one, (30, 5), "Close");
    pair.until("three panes", |listing| listing.panes(1).len() == 3);
    choose(&mut pair.one, (60, 20), "Break out");
    pair.until("two tabs", |listing| listing.ids(2) == ids[1..2]);
    assert_eq!(pair.other.cursor().1, 2, "the other has stayed on the left");
}

#[test]
fn a_menu_is_chosen_from_in_one_pull_and_left_by_a_click_beside() {
    let mut pair = Pair::open(CONFIG);
    pair.three();
    press(&mut pair.one, RIGHT, (10, 5));
    pair.one.wait_text("Zoom");
    let line = find(&pair.one, "Zoom").expect("it is there");
    drag(&mut pair.one, RIGHT, line);
    release(&mut pair.one, RIGHT, line);
    pair.until("a zoom", |listing| listing.tab(1)["zoomed"] == true);
    open(&mut pair.one, (10, 5), "Zoom");
    click(&mut pair.one, LEFT, (70, 20));
    pair.one.wait_gone("Split right");
    pair.one.send("typed");
    pair.both_show("$ typed");
    let listing = pair.listing();
    assert!(listing.tab(1)["zoomed"] == true && listing.focus(1) == 1);
}

#[test]
fn a_tab_has_a_menu() {
    let mut pair = Pair::open(CONFIG);
    pair.one
        .send("\x02,\x15one\r\x02c\x02,\x15two\r\x02c\x02,\x15three\r");
    pair.both_show("3:three");
    let at = tab(&pair.one, "1:one");
    choose(&mut pair.one, at, "Move right");
    pair.until("it has moved", |listing| {
        listing.tabs("work") == ["two", "one", "three"]
    });
    pair.both_show("2:one");
    let at = tab(&pair.one, "2:one");
    choose(&mut pair.one, at, "Rename");
    pair.one.wait_text("name of the tab: one");
    pair.one.send("\x15first\r");
    pair.both_show("2:first");
    let at = tab(&pair.one, "2:first");
    choose(&mut pair.one, at, "Go there");
    pair.one.wait_text("2:first*");
    let at = tab(&pair.one, "3:three");
    choose(&mut pair.one, at, "Close");
    pair.both("two tabs", |rows| !rows[23].contains("3:three"));
    assert_eq!(pair.listing().tabs("work"), ["two", "first"]);
}

#[test]
fn the_status_line_and_a_border_have_menus() {
    let mut pair = Pair::open(CONFIG);
    choose(&mut pair.one, (50, 23), "New tab");
    pair.both_show("2:sh");
    choose(&mut pair.one, (50, 23), "Rename session");
    pair.one.wait_text("name of the session: work");
    pair.one.send("\x1b");
    pair.one.wait_gone("name of the session");
    pair.one.send("\x021");
    pair.one.wait_text("1:sh*");
    pair.three();
    choose(&mut pair.one, (40, 5), "One above the other");
    pair.until("a stack", |listing| {
        listing.sizes(1).iter().all(|size| size.0 == 81)
    });
    pair.both("a stack", |rows| !rows[5].contains('│'));
    choose(&mut pair.one, (70, 8), "Rows and columns");
    pair.both("columns", |rows| rows[5].contains('│'));
    choose(&mut pair.one, (50, 23), "Detach");
    assert_eq!(pair.one.wait_end(), 0);
    pair.other.wait_text("1:sh*");
}
