//! Colours that programs set, and what programs and users are told.

use crate::support::home::WT;
use crate::support::{Home, Outer, wait_for};

/// The colours of the cell at `row`, `col`.
fn colors(outer: &Outer, row: u16, col: u16) -> (vt100::Color, vt100::Color) {
    let screen = outer.screen();
    let cell = screen.cell(row, col).expect("a cell");
    (cell.fgcolor(), cell.bgcolor())
}

fn becomes(outer: &Outer, (row, col): (u16, u16), expected: (vt100::Color, vt100::Color)) {
    wait_for(&format!("{expected:?} at {row}, {col}"), || {
        (colors(outer, row, col) == expected).then_some(())
    });
}

fn has_said(outer: &Outer, text: &str) -> bool {
    String::from_utf8_lossy(&outer.raw()).contains(text)
}

const PLAIN: vt100::Color = vt100::Color::Default;

#[test]
fn a_palette_is_drawn_in_its_pane_and_undone() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("clear; printf '\\033[31mred\\033[m\\n'\r");
    becomes(&outer, (0, 0), (vt100::Color::Idx(1), PLAIN));
    outer.send("printf '\\033]4;1;rgb:00/ff/00\\007\\033]11;#003366\\007\\033]12;#ff0000\\007'\r");
    let (green, blue) = (vt100::Color::Rgb(0, 255, 0), vt100::Color::Rgb(0, 51, 102));
    becomes(&outer, (0, 0), (green, blue));
    becomes(&outer, (20, 70), (PLAIN, blue));
    assert_ne!(colors(&outer, 23, 1).1, blue, "the status line");
    wait_for("the cursor's colour", || {
        has_said(&outer, "\x1b]12;rgb:ff/00/00\x1b\\").then_some(())
    });
    outer.send("\x02%");
    outer.wait("another pane", |rows| rows[5].contains('│'));
    becomes(&outer, (20, 70), (PLAIN, PLAIN));
    // The first row is a line with the panes' titles now.
    assert_eq!(colors(&outer, 1, 0), (green, blue), "the first pane");
    wait_for("the other pane's cursor", || {
        has_said(&outer, "\x1b]112\x1b\\").then_some(())
    });
    outer.send("\x02o");
    outer.send("printf '\\033]104\\007\\033]111\\007\\033]112\\007'\r");
    becomes(&outer, (1, 0), (vt100::Color::Idx(1), PLAIN));
    becomes(&outer, (20, 10), (PLAIN, PLAIN));
}

#[test]
fn a_cursors_colour_is_given_back_at_the_end() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("printf '\\033]12;#ff0000\\007'\r");
    wait_for("the cursor's colour", || {
        has_said(&outer, "\x1b]12;rgb:ff/00/00").then_some(())
    });
    outer.send("\x02d");
    outer.wait_end();
    wait_for("its own colour", || {
        has_said(&outer, "\x1b]112\x1b\\").then_some(())
    });
}

#[test]
fn a_program_is_told_when_the_terminal_turns_light() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("\x1b]11;rgb:0000/0000/0000\x1b\\");
    outer.send("stty raw -echo; printf '\\033[?2031h\\033[?996n'; cat -v\r");
    outer.wait_text("^[[?997;1n");
    outer.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    outer.wait_text("^[[?997;1n^[[?997;2n");
    let asked = |outer: &Outer| {
        let raw = outer.raw();
        String::from_utf8_lossy(&raw).matches("\x1b]11;?").count()
    };
    let before = asked(&outer);
    outer.send("\x1b[?997;1n");
    wait_for("a question for the new colours", || {
        (asked(&outer) > before).then_some(())
    });
}

#[test]
fn a_notice_is_shown_and_handed_on() {
    let home = Home::new();
    let mut env = home.env();
    env.push(("TERM_PROGRAM".to_owned(), "WezTerm".to_owned()));
    let mut outer = Outer::open(&[WT, "new", "-s", "work"], &env, home.path(), 80, 24);
    outer.wait_prompt();
    outer.send("printf '\\033]99;i=1:d=0;Build\\033\\\\\\033]99;i=1:p=body;all green\\033\\\\'\r");
    outer.wait_text("Build: all green");
    wait_for("the terminal's own notice", || {
        has_said(&outer, "\x1b]777;notify;Build;all green\x1b\\").then_some(())
    });
}
