//! Gestures over programs: those that ask for the mouse, those on the alternate screen, and addresses in their output.

use super::{
    ALT, CONFIG, CTRL, LEFT, RIGHT, SHIFT, WHEEL_DOWN, WHEEL_UP, click, drag, press, pull, release,
};
use crate::support::clipboard::copied;
use crate::support::pair::{find, mark};
use crate::support::{Pair, has, wait_for};

/// Two panes side by side; the right one shows what is typed into it, and asked for the mouse by `modes`.
fn asking(modes: &str) -> Pair {
    let mut pair = Pair::open(CONFIG);
    mark(&mut pair.one, "left");
    pair.one.send("\x02%");
    pair.one.wait("two panes", |rows| rows[1].contains("│$"));
    let script = format!("clear; stty -icanon -echo; printf '\\033[?{modes}hready\\n'; cat -v");
    pair.one.send(format!("{script}\r"));
    pair.both("ready", |rows| rows[1].ends_with("│ready"));
    pair
}

/// What the program on the right has shown since, in one piece.
fn said(pair: &Pair) -> String {
    let rows = pair.one.rows();
    let right = rows[2..22].iter().filter_map(|row| row.split('│').nth(1));
    right.collect()
}

fn says(pair: &Pair, text: &str) {
    wait_for(&format!("{text:?} from {:?}", said(pair)), || {
        (said(pair) == text).then_some(())
    });
}

#[test]
fn a_program_that_asks_gets_the_mouse_in_its_own_cells() {
    let mut pair = asking("1002;1006");
    click(&mut pair.one, LEFT, (45, 3));
    says(&pair, "^[[<0;5;3M^[[<0;5;3m");
    pair.one.send("\n");
    press(&mut pair.one, WHEEL_UP, (45, 3));
    press(&mut pair.one, RIGHT, (80, 22));
    // Beyond its edges it is told of the nearest cell, and of the release.
    drag(&mut pair.one, RIGHT, (10, 0));
    release(&mut pair.one, RIGHT, (10, 0));
    says(
        &pair,
        "^[[<0;5;3M^[[<0;5;3m^[[<64;5;3M^[[<2;40;22M^[[<34;1;1M^[[<2;1;1m",
    );
    // The other pane is the mouse's own.
    click(&mut pair.one, LEFT, (5, 5));
    pair.until("the focus", |listing| listing.focus(1) == 1);
    mark(&mut pair.one, "clicked");
    pair.other.wait_text("clicked-2");
    // A click back into the program is both: the focus, and the program's.
    click(&mut pair.one, LEFT, (41, 1));
    pair.until("the focus", |listing| listing.focus(1) == 2);
    wait_for("the report", || {
        said(&pair).ends_with("^[[<0;1;1M^[[<0;1;1m").then_some(())
    });
}

#[test]
fn shift_takes_the_mouse_back() {
    let mut pair = asking("1000;1006");
    pull(&mut pair.one, LEFT + SHIFT, (41, 1), (45, 1));
    assert_eq!(copied(&pair.one, 0), "ready");
    click(&mut pair.one, RIGHT + SHIFT, (60, 10));
    pair.one.wait_text("Split right");
    pair.one.send("\x1b");
    pair.one.wait_gone("Split right");
    click(&mut pair.one, RIGHT + ALT, (60, 10));
    pair.one.wait_text("Split right");
    pair.one.send("\x1b");
    pair.one.wait_gone("Split right");
    // A click leads back from what was selected, and the next one is the program's.
    click(&mut pair.one, LEFT, (60, 10));
    pair.one
        .wait("no selection", |rows| !rows[23].contains('['));
    click(&mut pair.one, LEFT, (41, 1));
    says(&pair, "^[[<0;1;1M^[[<0;1;1m");
}

#[test]
fn the_old_ways_of_reporting_are_spoken_too() {
    // X10 alone tells of presses only, each byte 32 more than what it means (xterm ctlseqs, "Mouse Tracking").
    let mut pair = asking("9");
    click(&mut pair.one, LEFT, (45, 3));
    says(&pair, "^[[M %#");
    let mut pair = asking("1000");
    click(&mut pair.one, LEFT, (45, 3));
    says(&pair, "^[[M %#^[[M#%#");
}

#[test]
fn the_wheel_turns_pages_on_the_alternate_screen() {
    if !has("the_wheel_turns_pages_on_the_alternate_screen", "less") {
        return;
    }
    let mut pair = Pair::open(CONFIG);
    pair.one.send("seq 300 > numbers; less numbers\r");
    pair.both("less", |rows| rows[0] == "1" && rows[21] == "22");
    press(&mut pair.one, WHEEL_DOWN, (10, 10));
    pair.both("three lines on", |rows| rows[0] == "4");
    press(&mut pair.one, WHEEL_DOWN, (10, 10));
    press(&mut pair.one, WHEEL_UP, (10, 10));
    press(&mut pair.one, WHEEL_UP, (10, 10));
    pair.both("back at the top", |rows| rows[0] == "1");
    pair.one.send("q");
    mark(&mut pair.one, "typed");
}

/// Waits for what the configured program was given to open.
fn opened(pair: &Pair, address: &str) {
    let path = pair.home.path().join("opened");
    wait_for(address, || {
        let opened = std::fs::read_to_string(&path).ok()?;
        (opened == address).then_some(())
    });
    std::fs::remove_file(path).expect("a file");
}

#[test]
fn an_address_is_opened_by_a_click_with_control() {
    let mut pair = Pair::open(CONFIG);
    let long = "x".repeat(90);
    pair.one.send(format!(
        "clear; printf 'see (https://example.org/a?b=%%7e), or\\n\\033]8;;https://example.net/there\\033\\\\here\\033]8;;\\033\\\\\\nhttps://example.org/{long}\\n'\r"
    ));
    pair.both("the text", |rows| rows[1] == "here" && rows[4] == "$");
    click(&mut pair.one, LEFT + CTRL, (10, 0));
    opened(&pair, "https://example.org/a?b=%7e");
    click(&mut pair.one, LEFT + CTRL, (2, 1));
    opened(&pair, "https://example.net/there");
    // One that is wrapped is whole, from either row.
    click(&mut pair.one, LEFT + CTRL, (5, 3));
    opened(&pair, &format!("https://example.org/{long}"));
    // The menu over it offers the same.
    click(&mut pair.one, RIGHT, (2, 1));
    pair.one.wait_text("Open link");
    let at = find(&pair.one, "Open link").expect("it is there");
    click(&mut pair.one, LEFT, at);
    opened(&pair, "https://example.net/there");
    click(&mut pair.one, RIGHT, (2, 1));
    pair.one.wait_text("Copy link");
    pair.one.send("y");
    assert_eq!(copied(&pair.one, 0), "https://example.net/there");
}
