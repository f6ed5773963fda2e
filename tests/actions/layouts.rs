//! How the panes of a tab are arranged.

use super::acting::Acting;
use crate::support::wait_for;

driving! {
    every_layout_arranges_the_panes: "layout even-horizontal", "layout even-vertical", "layout main-horizontal",
        "layout main-vertical", "layout tiled", "layout next";
    panes_are_rotated_and_back: "rotate", "rotate back";
}

type Sizes = [(u64, u64); 3];

const COLUMNS: Sizes = [(27, 22), (26, 22), (26, 22)];
const STACK: Sizes = [(81, 7), (81, 7), (81, 6)];

/// Waits until both clients show three panes of these sizes: as many columns and rows between lines.
fn shown(pair: &Acting, name: &str, lines: (usize, usize)) {
    pair.both(name, |rows| {
        let across = rows[1].matches(['│', '┬', '├']).count();
        let down = rows[1..23].iter().filter(|row| row.contains('─')).count();
        (across, down) == lines
    });
}

fn every_layout_arranges_the_panes(pair: &mut Acting) {
    pair.three();
    let ids = pair.listing().ids(1);
    let focus = pair.listing().focus(1);
    pair.act("layout even-horizontal");
    pair.until("columns", |listing| listing.sizes(1) == COLUMNS);
    shown(pair, "columns", (2, 0));
    pair.act("layout even-vertical");
    pair.until("a stack", |listing| listing.sizes(1) == STACK);
    shown(pair, "a stack", (0, 2));
    pair.act("layout main-horizontal");
    pair.until("a large one above", |listing| {
        let sizes = listing.sizes(1);
        sizes[0].0 == 81 && sizes[1].1 == sizes[2].1 && sizes[0].1 + sizes[1].1 + 1 == 22
    });
    shown(pair, "a large one above", (0, 1));
    pair.act("layout main-vertical");
    pair.until("a large one on the left", |listing| {
        let sizes = listing.sizes(1);
        sizes[0].1 == 22 && sizes[1].0 == sizes[2].0 && sizes[0].0 + sizes[1].0 + 1 == 81
    });
    shown(pair, "a large one on the left", (1, 1));
    pair.act("layout tiled");
    pair.until("rows and columns", |listing| {
        let sizes = listing.sizes(1);
        sizes[0].1 == sizes[1].1 && sizes[0].0 + sizes[1].0 + 1 == 81 && sizes[2].0 == 81
    });
    shown(pair, "rows and columns", (1, 1));
    // The first comes after the last.
    pair.act("layout next");
    pair.until("columns", |listing| listing.sizes(1) == COLUMNS);
    pair.act("layout next");
    pair.until("a stack", |listing| listing.sizes(1) == STACK);
    pair.one.send("clear; stty size\r");
    pair.both_show("6 81");
    assert_eq!(pair.listing().ids(1), ids, "all are in their order");
    assert_eq!(pair.listing().focus(1), focus);
}

fn panes_are_rotated_and_back(pair: &mut Acting) {
    pair.three();
    pair.one.send("low-and-right");
    pair.both_show("low-and-right");
    let [a, b, c] = <[u64; 3]>::try_from(pair.listing().ids(1)).expect("three panes");
    // As in tmux, C-o brings the second pane to the first place.
    let orders = [
        ("rotate", [c, a, b]),
        ("rotate", [b, c, a]),
        ("rotate back", [c, a, b]),
        ("rotate back", [a, b, c]),
        ("rotate back", [b, c, a]),
    ];
    for (name, order) in orders {
        pair.act(name);
        wait_for(name, || (pair.listing().ids(1) == order).then_some(()));
        let is_left = order[0] == c;
        pair.both(name, |rows| {
            let mut left = rows.iter().filter_map(|row| row.split('│').next());
            left.any(|row| row.contains("low-and-right")) == is_left
        });
    }
}
