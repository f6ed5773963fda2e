//! Every gesture of the mouse, by the reports that a terminal sends for it; a second client of the session looks on.

mod chrome;
mod menus;
mod programs;
mod text;

use crate::support::Outer;

const CONFIG: &str = r#"
shell = ["/bin/sh"]
predict = "never"
clipboard = "terminal"
open = ["/bin/sh", "-c", 'printf "%s" "$0" > "$HOME/opened"']
"#;

/// A column and a row of the terminal, 0-based.
type At = (u16, u16);

const LEFT: u8 = 0;
const MIDDLE: u8 = 1;
const RIGHT: u8 = 2;
const SHIFT: u8 = 4;
const ALT: u8 = 8;
const CTRL: u8 = 16;
const MOVED: u8 = 32;
const WHEEL_UP: u8 = 64;
const WHEEL_DOWN: u8 = 65;

/// An SGR report (xterm ctlseqs, "Extended coordinates"): the button with its modifiers, and `M`, or `m` for a release.
fn report(outer: &mut Outer, button: u8, (col, row): At, last: char) {
    outer.send(format!("\x1b[<{button};{};{}{last}", col + 1, row + 1));
}

fn press(outer: &mut Outer, button: u8, at: At) {
    report(outer, button, at, 'M');
}

/// The mouse moves while that button is held.
fn drag(outer: &mut Outer, button: u8, to: At) {
    report(outer, button + MOVED, to, 'M');
}

fn release(outer: &mut Outer, button: u8, at: At) {
    report(outer, button, at, 'm');
}

fn click(outer: &mut Outer, button: u8, at: At) {
    press(outer, button, at);
    release(outer, button, at);
}

/// That many clicks at once, however slow the machine is.
fn clicks(outer: &mut Outer, button: u8, (col, row): At, count: usize) {
    let at = format!("{button};{};{}", col + 1, row + 1);
    outer.send(format!("\x1b[<{at}M\x1b[<{at}m").repeat(count));
}

/// Press, move, release.
fn pull(outer: &mut Outer, button: u8, from: At, to: At) {
    press(outer, button, from);
    drag(outer, button, to);
    release(outer, button, to);
}
