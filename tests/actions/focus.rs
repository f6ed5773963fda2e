//! Where the focus goes and the borders between panes.

use super::acting::Acting;
use crate::support::pair::{find, mark, pane_under_cursor};

driving! {
    the_focus_goes_round_and_to_every_side: "focus next", "focus previous", "focus last", "focus left",
        "focus up", "focus down", "focus right";
    a_pane_is_picked_by_its_number: "focus pick", "focus 3";
    borders_move_by_a_cell_and_by_five: "resize left", "resize right", "resize up", "resize down",
        "resize left 5", "resize right 5", "resize up 5", "resize down 5";
}

/// The other client's focus is where it was all the time: on the left.
fn nothing_moved_the_other(pair: &mut Acting) {
    assert_eq!(pane_under_cursor(&pair.other), 1);
    mark(&mut pair.other, "other");
    assert!(find(&pair.other, "other-2").is_some_and(|(col, _)| col < 40));
}

fn the_focus_goes_round_and_to_every_side(pair: &mut Acting) {
    pair.three();
    let steps = [
        ("focus next", 1),
        ("focus next", 2),
        ("focus previous", 1),
        ("focus previous", 3),
        ("focus up", 2),
        ("focus left", 1),
        ("focus last", 2),
        ("focus down", 3),
        ("focus last", 2),
        ("focus left", 1),
        ("focus right", 2),
    ];
    for (step, (name, pane)) in steps.into_iter().enumerate() {
        pair.act(name);
        pair.looks_at(pane);
        pair.until(name, |listing| listing.focus(1) == pane);
        // What is typed goes there.
        pair.one.send(format!("at{step}"));
        pair.both_show(&format!("at{step}"));
        pair.looks_at(pane);
        pair.one.send("\x15");
        pair.both(&format!("no at{step}"), |rows| {
            !rows.iter().any(|row| row.contains(&format!("at{step}")))
        });
    }
    nothing_moved_the_other(pair);
}

fn a_pane_is_picked_by_its_number(pair: &mut Acting) {
    pair.three();
    pair.act("focus pick");
    pair.one.send("1");
    pair.looks_at(1);
    pair.act("focus pick");
    pair.one.send("2");
    pair.looks_at(2);
    // A key that is no pane's is for the pane.
    pair.act("focus pick");
    pair.one.send("x-stays");
    pair.both_show("$ x-stays");
    pair.looks_at(2);
    pair.act("focus 3");
    pair.looks_at(3);
    nothing_moved_the_other(pair);
}

fn borders_move_by_a_cell_and_by_five(pair: &mut Acting) {
    pair.three();
    let before = pair.listing().sizes(1);
    assert_eq!(before, [(40, 22), (40, 11), (40, 10)]);
    // The lower pane on the right: its borders are the one on its left and the one above it.
    let steps = [
        ("resize left", [(39, 22), (41, 11), (41, 10)]),
        ("resize left 5", [(34, 22), (46, 11), (46, 10)]),
        ("resize right", [(35, 22), (45, 11), (45, 10)]),
        ("resize right 5", [(40, 22), (40, 11), (40, 10)]),
        ("resize up", [(40, 22), (40, 10), (40, 11)]),
        ("resize up 5", [(40, 22), (40, 5), (40, 16)]),
        ("resize down", [(40, 22), (40, 6), (40, 15)]),
        ("resize down 5", [(40, 22), (40, 11), (40, 10)]),
    ];
    for (name, sizes) in steps {
        pair.act(name);
        pair.until(name, |listing| listing.sizes(1) == sizes);
        let (left, above) = (usize::from(sizes[0].0 as u16), sizes[1].1 as usize);
        pair.both(name, |rows| {
            let is = |row: usize, col: usize, c| rows[row].chars().nth(col) == Some(c);
            is(5, left, '│') && is(above + 1, left, '├')
        });
        pair.one.send("clear; stty size\r");
        pair.both_show(&format!("{} {}", sizes[2].1, sizes[2].0));
    }
    // The key repeats without the prefix.
    pair.act("resize left");
    pair.one.send("\x1b[1;5D\x1b[1;5D");
    pair.until("three cells", |listing| listing.sizes(1)[0] == (37, 22));
    pair.one.send("clear; stty size\r");
    pair.both_show("10 43");
}
