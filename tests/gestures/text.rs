//! Gestures over text: selecting by cells, words, lines and rectangles, extending, scrolling, pasting.

use super::{
    ALT, CONFIG, LEFT, MIDDLE, SHIFT, WHEEL_DOWN, WHEEL_UP, click, clicks, drag, press, pull,
    release,
};
use crate::support::clipboard::{clipboards, copied};
use crate::support::pair::mark;
use crate::support::{Pair, wait_for};

/// Two panes side by side; the right one, whose first cell is in column 41 and row 1, shows three lines of text.
fn text() -> Pair {
    let mut pair = Pair::open(CONFIG);
    mark(&mut pair.one, "left");
    pair.one.send("\x02%");
    pair.one.wait("two panes", |rows| rows[1].contains("│$"));
    let text = "alpha beta/gamma.rs\\ndelta  wide\\nomega\\n";
    pair.one.send(format!("clear; printf '{text}'\r"));
    pair.both("the text", |rows| {
        rows[1].contains("│alpha beta") && rows[4].ends_with("│$")
    });
    pair
}

#[test]
fn a_drag_selects_within_its_pane_and_copies() {
    let mut pair = text();
    pull(&mut pair.one, LEFT, (47, 1), (45, 2));
    assert_eq!(copied(&pair.one, 0), "beta/gamma.rs\ndelta");
    pair.one.wait_text("copied 2 lines");
    // Backwards, and out of the pane: what stands beside it is not taken along.
    pull(&mut pair.one, LEFT, (45, 2), (3, 1));
    assert_eq!(copied(&pair.one, 1), "alpha beta/gamma.rs\ndelta");
    assert_eq!(clipboards(&pair.other).len(), 0);
    // Typing leads back at once, and the key arrives.
    mark(&mut pair.one, "typed");
    pair.other.wait_text("│$ echo typed-");
}

#[test]
fn a_click_alone_selects_nothing() {
    let mut pair = text();
    click(&mut pair.one, LEFT, (47, 1));
    click(&mut pair.one, LEFT, (50, 2));
    mark(&mut pair.one, "typed");
    assert_eq!(clipboards(&pair.one).len(), 0);
}

/// Waits for a text in the clipboard, whatever came before it.
fn wait_copied(pair: &Pair, text: &str) {
    wait_for(text, || {
        let last = clipboards(&pair.one).pop();
        (last.as_deref() == Some(text)).then_some(())
    });
}

#[test]
fn two_clicks_take_a_word_three_a_line() {
    let mut pair = text();
    clicks(&mut pair.one, LEFT, (48, 1), 2);
    wait_copied(&pair, "beta/gamma.rs");
    clicks(&mut pair.one, LEFT, (42, 1), 2);
    wait_copied(&pair, "alpha");
    clicks(&mut pair.one, LEFT, (43, 2), 3);
    wait_copied(&pair, "delta  wide\n");
    // With the button held at the second press, whole words are added.
    pair.one
        .send("\x1b[<0;43;2M\x1b[<0;43;2m\x1b[<0;43;2M\x1b[<32;50;3M\x1b[<0;50;3m");
    wait_copied(&pair, "alpha beta/gamma.rs\ndelta  wide");
}

#[test]
fn alt_selects_a_rectangle() {
    let mut pair = text();
    pull(&mut pair.one, LEFT + ALT, (42, 1), (44, 3));
    assert_eq!(copied(&pair.one, 0), "lph\nelt\nmeg");
}

#[test]
fn shift_extends_what_is_selected() {
    let mut pair = text();
    pull(&mut pair.one, LEFT, (47, 1), (50, 1));
    assert_eq!(copied(&pair.one, 0), "beta");
    click(&mut pair.one, LEFT + SHIFT, (45, 2));
    assert_eq!(copied(&pair.one, 1), "beta/gamma.rs\ndelta");
    click(&mut pair.one, LEFT + SHIFT, (41, 1));
    assert_eq!(copied(&pair.one, 2), "alpha b");
}

#[test]
fn a_drag_beyond_either_edge_scrolls() {
    let mut pair = Pair::open(CONFIG);
    pair.one.send("\x02%");
    pair.one.wait("two panes", |rows| rows[1].contains("│$"));
    pair.one.send("seq 300\r");
    pair.both("the numbers", |rows| {
        rows[22].ends_with("│$") && rows[21].ends_with("│300")
    });
    let top = |rows: &[String]| {
        let number = rows[1]
            .rsplit('│')
            .next()
            .and_then(|text| text.parse().ok());
        number.unwrap_or(0)
    };
    press(&mut pair.one, LEFT, (41, 10));
    drag(&mut pair.one, LEFT, (50, 0));
    pair.one
        .wait("older lines", |rows| (1..=200).contains(&top(rows)));
    drag(&mut pair.one, LEFT, (50, 10));
    release(&mut pair.one, LEFT, (50, 10));
    let lines = copied(&pair.one, 0).lines().count();
    assert!(lines > 60, "{lines} lines");
    // Downwards: over the status line.
    press(&mut pair.one, LEFT, (41, 2));
    drag(&mut pair.one, LEFT, (41, 23));
    pair.one.wait("newer lines", |rows| top(rows) > 240);
    release(&mut pair.one, LEFT, (41, 23));
    assert!(copied(&pair.one, 1).lines().count() > 40);
    mark(&mut pair.one, "typed");
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_typing_returns() {
    let mut pair = Pair::open(CONFIG);
    pair.one.send("seq 100\r");
    pair.both("the numbers", |rows| rows[0] == "79" && rows[22] == "$");
    press(&mut pair.one, WHEEL_UP, (10, 10));
    pair.one.wait("three rows", |rows| rows[0] == "76");
    press(&mut pair.one, WHEEL_UP, (10, 10));
    press(&mut pair.one, WHEEL_DOWN, (10, 10));
    press(&mut pair.one, WHEEL_UP, (10, 10));
    pair.one.wait("three more", |rows| rows[0] == "73");
    assert_eq!(pair.other.rows()[0], "79", "the other one stays");
    mark(&mut pair.one, "typed");
    pair.one.wait("the live screen", |rows| rows[22] == "$");
    pair.both_show("$ echo typed-");
    // Down to the end it leads back by itself.
    press(&mut pair.one, WHEEL_UP, (10, 10));
    pair.one.wait("scrolled", |rows| rows[23].contains(" of "));
    press(&mut pair.one, WHEEL_DOWN, (10, 10));
    pair.one
        .wait("back", |rows| !rows[23].contains(" of ") && rows[22] == "$");
}

#[test]
fn the_middle_button_pastes_where_it_is_clicked() {
    let mut pair = text();
    clicks(&mut pair.one, LEFT, (48, 1), 2);
    assert_eq!(copied(&pair.one, 0), "beta/gamma.rs");
    click(&mut pair.one, MIDDLE, (10, 10));
    pair.both("the paste", |rows| rows[3].starts_with("$ beta/gamma.rs "));
    pair.until("the focus", |listing| listing.focus(1) == 1);
    // The other one pastes the same.
    click(&mut pair.other, MIDDLE, (60, 15));
    let is_pasted = |rows: &[String]| rows[4].ends_with("│$ beta/gamma.rs");
    pair.other.wait("the paste", is_pasted);
}
