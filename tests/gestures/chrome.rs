//! Gestures on the panes as a whole, the lines between them, their titles, and the tabs.

use super::{CONFIG, LEFT, WHEEL_DOWN, WHEEL_UP, click, clicks, drag, press, pull, release};
use crate::support::pair::{find, mark, pane_under_cursor};
use crate::support::{Outer, Pair};

/// Three panes of 40 columns: the vertical line is in column 40, the horizontal one in row 12 on its right.
fn three() -> Pair {
    let mut pair = Pair::open(CONFIG);
    pair.three();
    pair
}

/// Where the status line shows `text`: its middle, as marks of what happens in tabs move the labels by a column.
fn in_status(outer: &Outer, text: &str) -> (u16, u16) {
    outer.wait(text, |rows| rows[23].contains(text));
    let rows = outer.rows();
    let before = rows[23].split_once(text).expect("it is there").0;
    ((before.chars().count() + text.len() / 2) as u16, 23)
}

#[test]
fn a_click_gives_the_focus() {
    let mut pair = three();
    for (at, pane) in [((10, 10), 1), ((60, 5), 2), ((60, 20), 3), ((45, 0), 2)] {
        click(&mut pair.one, LEFT, at);
        pair.looks_at(pane);
        pair.until("the focus", |listing| listing.focus(1) == pane);
    }
    mark(&mut pair.one, "upper");
    assert!(find(&pair.other, "upper-2").is_none_or(|(col, row)| col > 40 && row < 12));
    assert_eq!(pane_under_cursor(&pair.other), 1, "the other's focus stays");
}

#[test]
fn what_is_typed_behind_a_click_goes_where_it_leads() {
    let mut pair = three();
    pair.one
        .send("\x1b[<0;5;5M\x1b[<0;5;5mleft\x1b[<0;60;5M\x1b[<0;60;5mupper\x1b[<0;60;20M\x1b[<0;60;20mlower");
    pair.both("three texts", |rows| {
        rows[1].starts_with("$ left ")
            && rows[1].contains("│$ upper")
            && rows[13].contains("│$ lower")
    });
}

#[test]
fn lines_and_the_joint_of_two_are_dragged() {
    let mut pair = three();
    let pulls = [
        ((40, 5), (30, 9), [(30, 22), (50, 11), (50, 10)]),
        ((60, 12), (75, 7), [(30, 22), (50, 6), (50, 15)]),
        ((30, 7), (50, 16), [(50, 22), (30, 15), (30, 6)]),
        ((50, 16), (40, 12), [(40, 22), (40, 11), (40, 10)]),
    ];
    for (from, to, sizes) in pulls {
        pull(&mut pair.one, LEFT, from, to);
        pair.until(&format!("{from:?} at {to:?}"), |listing| {
            listing.sizes(1) == sizes
        });
        let (left, above) = (sizes[0].0 as usize, sizes[1].1 as usize);
        pair.both("the lines", |rows| {
            let is = |row: usize, col: usize, c| rows[row].chars().nth(col) == Some(c);
            is(above + 1, left, '├') && is(above, left, '│')
        });
        pair.one.send("clear; stty size\r");
        pair.both_show(&format!("{} {}", sizes[2].1, sizes[2].0));
    }
    assert_eq!(pair.listing().focus(1), 3, "the focus stays");
}

#[test]
fn a_line_stops_where_a_pane_would_vanish() {
    let mut pair = three();
    press(&mut pair.one, LEFT, (40, 5));
    drag(&mut pair.one, LEFT, (0, 5));
    drag(&mut pair.one, LEFT, (80, 5));
    drag(&mut pair.one, LEFT, (20, 5));
    release(&mut pair.one, LEFT, (20, 5));
    pair.until("20 columns", |listing| listing.sizes(1)[0] == (20, 22));
    pull(&mut pair.one, LEFT, (20, 5), (0, 5));
    pair.until("few columns", |listing| listing.sizes(1)[0].0 < 5);
    let sizes = pair.listing().sizes(1);
    assert!(
        sizes.iter().all(|&(cols, rows)| cols > 0 && rows > 0),
        "{sizes:?}"
    );
    mark(&mut pair.one, "alive");
}

#[test]
fn a_title_is_clicked_twice_to_rename_its_pane() {
    let mut pair = three();
    pair.one.wait_text("─ 2 ");
    clicks(&mut pair.one, LEFT, (44, 0), 2);
    pair.one.wait_text("title of the pane:");
    pair.one.send("\x15the log\r");
    pair.both_show("─ 2 the log ");
    assert_eq!(pair.listing().panes(1)[1]["name"], "the log");
}

/// Tabs of these names, the last one in use; the other client looks at the first.
fn tabs(names: [&str; 3]) -> Pair {
    let mut pair = Pair::open(CONFIG);
    pair.one.send(format!("\x02,\x15{}\r", names[0]));
    for name in &names[1..] {
        pair.one.send(format!("\x02c\x02,\x15{name}\r"));
    }
    order(&pair, names);
    looks_at(&pair.one, &format!("3:{}*", names[2]));
    pair
}

fn order(pair: &Pair, names: [&str; 3]) {
    pair.until(&names.join(" "), |listing| listing.tabs("work") == names);
    for (at, name) in names.iter().enumerate() {
        pair.both_show(&format!("{}:{name}", at + 1));
    }
}

fn looks_at(outer: &Outer, tab: &str) {
    outer.wait(tab, |rows| rows[23].contains(tab));
}

#[test]
fn a_click_on_a_tab_goes_there_and_two_rename_it() {
    let mut pair = tabs(["one", "two", "three"]);
    let at = in_status(&pair.one, "1:one");
    click(&mut pair.one, LEFT, at);
    looks_at(&pair.one, "1:one*");
    let at = in_status(&pair.one, "2:two");
    click(&mut pair.one, LEFT, at);
    looks_at(&pair.one, "2:two*");
    let at = in_status(&pair.one, "3:three");
    clicks(&mut pair.one, LEFT, at, 2);
    pair.one.wait_text("name of the tab: three");
    pair.one.send("\x15third\r");
    order(&pair, ["one", "two", "third"]);
    looks_at(&pair.other, "1:one*");
}

#[test]
fn a_tab_is_dragged_to_another_place() {
    let mut pair = tabs(["one", "two", "three"]);
    let (from, to) = (
        in_status(&pair.one, "1:one"),
        in_status(&pair.one, "3:three"),
    );
    press(&mut pair.one, LEFT, from);
    drag(&mut pair.one, LEFT, to);
    order(&pair, ["two", "three", "one"]);
    let to = in_status(&pair.one, "1:two");
    drag(&mut pair.one, LEFT, to);
    order(&pair, ["one", "two", "three"]);
    let to = in_status(&pair.one, "2:two");
    drag(&mut pair.one, LEFT, to);
    order(&pair, ["two", "one", "three"]);
    release(&mut pair.one, LEFT, to);
    looks_at(&pair.one, "2:one*");
    looks_at(&pair.other, "2:one*");
}

#[test]
fn the_wheel_over_the_status_line_changes_tabs() {
    let mut pair = tabs(["one", "two", "three"]);
    let steps = [
        (WHEEL_UP, "2:two*"),
        (WHEEL_UP, "1:one*"),
        (WHEEL_UP, "3:three*"),
        (WHEEL_DOWN, "1:one*"),
        (WHEEL_DOWN, "2:two*"),
    ];
    for (wheel, tab) in steps {
        press(&mut pair.one, wheel, (40, 23));
        looks_at(&pair.one, tab);
    }
    looks_at(&pair.other, "1:one*");
}

#[test]
fn arrows_lead_to_tabs_that_have_no_room() {
    let mut pair = Pair::open(CONFIG);
    for name in 1..=12 {
        pair.one.send(format!("\x02,\x15a-long-name-{name}\r\x02c"));
    }
    looks_at(&pair.one, "13:sh*");
    let (col, row) = in_status(&pair.one, "<");
    click(&mut pair.one, LEFT, (col, row));
    looks_at(&pair.one, "12:a-long-name-12*");
    looks_at(&pair.other, "1:a-long-name-1*");
    let at = in_status(&pair.other, ">");
    click(&mut pair.other, LEFT, at);
    looks_at(&pair.other, "2:a-long-name-2*");
}
