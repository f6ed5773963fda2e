//! Selecting with keys and with the mouse, and what arrives in the outer terminal's clipboard (OSC 52).

use crate::support::clipboard::{clipboards, copied};
use crate::support::{Home, Outer, wait_for};

/// A mouse report: button, 1-based column and row, `M` or `m`.
fn mouse(outer: &mut Outer, button: u8, (col, row): (usize, usize), last: char) {
    outer.send(format!("\x1b[<{button};{col};{row}{last}"));
}

fn click(outer: &mut Outer, at: (usize, usize)) {
    mouse(outer, 0, at, 'M');
    mouse(outer, 0, at, 'm');
}

/// Searches back for `text` and waits until the cursor stands on the row that begins with it.
fn search(outer: &mut Outer, keys: &str, text: &str) {
    outer.send(format!("{keys}{text}\r"));
    wait_for(&format!("the cursor on {text:?}"), || {
        let (row, col) = outer.cursor();
        let rows = outer.rows();
        (col == 0 && rows[usize::from(row)].starts_with(text)).then_some(())
    });
}

/// Waits for the last row of some output and a prompt below it; its 1-based row.
fn wait_output(outer: &Outer, last: &str) -> usize {
    let find = |rows: &[String]| rows.windows(2).position(|two| two == [last, "$"]);
    outer.wait("the output and a prompt", |rows| find(rows).is_some());
    find(&outer.rows()).expect("it was there") + 1
}

#[test]
fn a_hundred_thousand_lines_are_copied_while_other_panes_go_on() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 1 100000\r");
    wait_output(&outer, "100000");
    outer.send("\x02[gjVGkkky");
    outer.wait_text("copied 99,99");
    let text = copied(&outer, 0);
    let last: u64 = text
        .lines()
        .last()
        .and_then(|line| line.parse().ok())
        .expect("a number");
    assert!(last > 99_990, "{last}");
    let wanted: String = (1..=last).map(|n| format!("{n}\n")).collect();
    assert!(text == wanted, "{} of {} bytes", text.len(), wanted.len());
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
}

#[test]
fn a_search_and_a_selection_of_cells_from_there() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("for i in $(seq 1 5000); do echo line-$i-; done\r");
    wait_output(&outer, "line-5000-");
    search(&mut outer, "\x02[?", "line-1234-");
    search(&mut outer, "v/", "line-3210-");
    outer.send("$y");
    let text = copied(&outer, 0);
    let wanted: Vec<String> = (1234..=3210).map(|n| format!("line-{n}-")).collect();
    assert!(text == wanted.join("\n"), "{} bytes", text.len());
}

#[test]
fn the_mouse_selects_cells_words_lines_and_rectangles() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("printf 'one two src/main.rs\\n世界 wide x\\nend\\n'\r");
    let row = wait_output(&outer, "end") - 2;
    mouse(&mut outer, 0, (5, row), 'M');
    mouse(&mut outer, 32, (4, row + 1), 'M');
    mouse(&mut outer, 0, (4, row + 1), 'm');
    assert_eq!(copied(&outer, 0), "two src/main.rs\n世界");
    outer.wait_text("copied 2 lines");
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
    click(&mut outer, (12, row));
    click(&mut outer, (12, row));
    assert_eq!(copied(&outer, 1), "src/main.rs");
    click(&mut outer, (12, row));
    assert_eq!(copied(&outer, 2), "one two src/main.rs\n");
    outer.send("\r");
    mouse(&mut outer, 8, (1, row), 'M');
    mouse(&mut outer, 40, (3, row + 2), 'M');
    mouse(&mut outer, 8, (3, row + 2), 'm');
    assert_eq!(copied(&outer, 3), "one\n世界\nend");
    assert_eq!(clipboards(&outer).len(), 4);
}

#[test]
fn a_drag_beyond_the_edge_goes_on_while_the_button_is_held() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("seq 1 300\r");
    wait_output(&outer, "300");
    mouse(&mut outer, 0, (1, 10), 'M');
    mouse(&mut outer, 32, (1, 1), 'M');
    outer.wait("older lines", |rows| rows.iter().any(|row| row == "200"));
    mouse(&mut outer, 0, (1, 1), 'm');
    let text = copied(&outer, 0);
    let numbers: Vec<u64> = text
        .lines()
        .map(|line| line.parse().expect("a number"))
        .collect();
    assert!(numbers.len() > 80 && numbers[0] <= 200, "{text}");
    let whole = &numbers[..numbers.len() - 1];
    assert!(whole.windows(2).all(|two| two[0] + 1 == two[1]), "{text}");
}

#[test]
fn wrapped_lines_are_one_and_a_resize_keeps_the_selection() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 40, 24);
    outer.wait_prompt();
    outer.send("echo $(seq 100 140); echo end\r");
    wait_output(&outer, "end");
    search(&mut outer, "\x02[?", "100 101");
    outer.send("V");
    outer.resize(23, 24);
    outer.wait("narrow rows", |rows| {
        rows.iter().any(|row| row == " 106 107 108 109 110 11")
    });
    outer.send("y");
    let wanted: Vec<String> = (100..=140).map(|n| n.to_string()).collect();
    assert_eq!(copied(&outer, 0), wanted.join(" ") + "\n");
}

#[test]
fn what_is_shown_is_what_is_copied_though_the_program_writes_over_it() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("printf 'before\\n'; read x; printf '\\033[2J\\033[Hafter\\n'; touch done\r");
    outer.wait("the text", |rows| rows.iter().any(|row| row == "before"));
    search(&mut outer, "\x02[?", "before");
    outer.send("V");
    let mut other = home.open(&["attach", "work"], 80, 24);
    other.wait_text("before");
    other.send("\r");
    other.wait_text("after");
    outer.send("y");
    assert_eq!(copied(&outer, 0), "before\n");
}

#[test]
fn a_million_lines_keep_nobody_waiting() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 120, 24);
    outer.wait_prompt();
    outer.send("seq 1 1000000\r");
    wait_output(&outer, "1000000");
    let mut other = home.open(&["new", "-s", "other"], 80, 24);
    other.wait_prompt();
    outer.send("\x02[gVGy");
    other.send("echo typed-$((3+3))\r");
    other.wait_text("typed-6");
    outer.wait_text("too long for the terminal's clipboard");
    assert_eq!(clipboards(&outer).len(), 0);
    outer.send("echo typed-$((3+3))\r");
    outer.wait_text("typed-6");
}
