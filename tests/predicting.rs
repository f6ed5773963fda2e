//! Keys that are drawn before the server has answered: real programs, behind a link that is held while one types. What
//! shows meanwhile can only be guessed.

use crate::support::{Held, Home, Outer, wait_for};

const COLS: u16 = 160;
const ROWS: u16 = 12;

/// A client of a session behind a link that can be held.
struct Desk {
    outer: Outer,
    held: Held,
    home: Home,
}

impl Desk {
    /// With bash at its prompt, in which a command was typed: the prompt is known.
    fn new() -> Self {
        Self::with("")
    }

    /// The same with more configured.
    fn with(settings: &str) -> Self {
        let home = Home::new();
        let shell = "shell = [\"/bin/bash\", \"--noprofile\", \"--norc\", \"-i\"]\n";
        home.configure(&format!("{shell}{settings}"));
        home.ok(&["new", "-d", "-s", "work"]);
        let held = Held::before(&home);
        let argv = [crate::support::home::WT, "attach", "work"];
        let outer = Outer::open(&argv, &held.env(&home), home.path(), COLS, ROWS);
        outer.wait_prompt();
        let mut desk = Self { outer, held, home };
        desk.outer.send("echo one");
        desk.outer.wait_text("$ echo one");
        desk.outer.send("\r");
        desk.wait_row("$");
        // A key and its echo: all that went before has settled.
        desk.outer.send("z");
        desk.wait_row("$ z");
        desk.outer.send("\x7f");
        desk.wait_row("$");
        desk
    }

    /// Waits until the row of the cursor is this.
    fn wait_row(&self, wanted: &str) {
        wait_for(&format!("the row {wanted:?}"), || {
            let rows = self.outer.rows();
            let row = rows.get(usize::from(self.outer.cursor().0))?;
            (row == wanted).then_some(())
        });
    }

    /// Starts `command`, and waits until it says that it is ready.
    fn run(&mut self, command: &str) {
        self.outer.send(format!("clear; {command}\r"));
        self.outer
            .wait("the program", |rows| rows.iter().any(|row| row == "ready"));
    }

    /// Types while nothing passes.
    fn type_ahead(&mut self, keys: &str) {
        self.held.hold(true);
        self.outer.send(keys);
    }

    fn release(&self) {
        self.held.hold(false);
    }

    /// Whether any of `signs` ever stood on the screen.
    fn has_shown(&self, signs: &[char]) -> bool {
        let raw = self.outer.raw();
        let (cols, rows) = (
            60.try_into().expect("columns"),
            ROWS.try_into().expect("rows"),
        );
        let mut parser = vt100::Parser::new(rows, cols, 0);
        raw.chunks(16).any(|part| {
            parser.process(part);
            parser.screen().contents().contains(signs)
        })
    }

    /// Waits until the server's screen is what the user sees.
    fn settle(&self) {
        wait_for("the server's screen", || {
            let (seen, truth) = (self.outer.rows(), self.home.ok(&["capture", "-t", "work"]));
            let truth: Vec<&str> = truth.lines().collect();
            let seen = &seen[..usize::from(ROWS) - 1];
            let end = seen
                .iter()
                .rposition(|row| !row.is_empty())
                .map_or(0, |at| at + 1);
            (seen[..end] == truth[..]).then_some(())
        });
    }
}

#[test]
fn a_line_is_typed_and_edited_before_the_server_knows_of_it() {
    let mut desk = Desk::new();
    desk.type_ahead("echo twice");
    desk.wait_row("$ echo twice");
    desk.outer.send("\x7f\x7f\x7fo");
    desk.wait_row("$ echo two");
    desk.release();
    desk.settle();
    desk.outer.send("\r");
    desk.outer
        .wait("the answer", |rows| rows.iter().any(|row| row == "two"));
    desk.settle();
}

#[test]
fn a_line_is_edited_by_the_keys_of_the_shell() {
    let mut desk = Desk::new();
    desk.outer.send("one two");
    desk.wait_row("$ one two");
    // Each of them has to be seen once.
    for (key, col) in [("\x01", 2), ("\x05", 9), ("\x1bb", 6)] {
        desk.outer.send(key);
        wait_for("the cursor", || {
            (desk.outer.cursor().1 == col).then_some(())
        });
    }
    for (key, row) in [("\x0b", "$ one"), ("\x17", "$")] {
        desk.outer.send(key);
        desk.wait_row(row);
    }
    desk.outer.send("two");
    desk.wait_row("$ two");
    desk.outer.send("\x15");
    desk.wait_row("$");
    desk.outer.send("z");
    desk.wait_row("$ z");
    desk.type_ahead("\x15echo bc");
    desk.wait_row("$ echo bc");
    desk.outer.send("\x01: \x05d");
    desk.wait_row("$ : echo bcd");
    desk.outer.send("\x17e");
    desk.wait_row("$ : echo e");
    desk.release();
    desk.settle();
    desk.wait_row("$ : echo e");
}

#[test]
fn what_is_typed_ahead_of_a_prompt_waits_for_it() {
    let mut desk = Desk::new();
    desk.type_ahead("echo first\r: next");
    desk.wait_row("$ echo first");
    desk.release();
    desk.wait_row("$ : next");
    desk.settle();
    assert!(desk.outer.rows().iter().any(|row| row == "first"));
}

#[test]
fn what_is_typed_while_a_command_runs_is_there_at_its_end() {
    let mut desk = Desk::new();
    let fifo = desk.home.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.is_ok_and(|status| status.success()));
    desk.run("echo ready; read -r line < fifo");
    // The kernel echoes it first, and bash draws it again behind its prompt.
    desk.outer.send("echo th");
    desk.wait_row("echo th");
    desk.type_ahead("ree");
    desk.wait_row("echo three");
    desk.release();
    desk.settle();
    std::fs::write(&fifo, "\n").expect("a reader");
    desk.wait_row("echo three$ echo three");
    desk.type_ahead("!");
    desk.wait_row("echo three$ echo three!");
    desk.release();
    desk.settle();
}

#[test]
fn a_password_typed_ahead_of_the_question_never_shows() {
    for ask in [
        "read -s secret",
        "stty -echo; head -n 1 > /dev/null; stty echo",
    ] {
        let mut desk = Desk::new();
        // The shell has all of it in one piece: what is behind the Return waits until it is asked for.
        desk.type_ahead(&format!("{ask}; echo done\rxqxq\n"));
        desk.wait_row(&format!("$ {ask}; echo done"));
        desk.release();
        desk.outer
            .wait("the end", |rows| rows.iter().any(|row| row == "done"));
        desk.settle();
        assert!(!desk.has_shown(&['x', 'q']), "{ask}");
    }
}

#[test]
fn a_password_never_shows() {
    let mut desk = Desk::new();
    desk.run("stty -echo; echo ready; head -n 1 > /dev/null; stty echo; echo done");
    desk.type_ahead("qxqx");
    desk.outer.send("\r");
    desk.release();
    desk.outer
        .wait("the end", |rows| rows.iter().any(|row| row == "done"));
    desk.settle();
    assert!(!desk.has_shown(&['x', 'q']));
}

#[test]
fn a_password_never_shows_where_nothing_tells_that_the_echo_is_off() {
    let mut desk = Desk::with("predict = \"always\"\n");
    // Long enough after the Return that nobody looks at the terminal any more.
    let ask = "sleep 0.6; stty -echo; touch off; head -n 1 > /dev/null; stty echo; echo done";
    desk.run(&format!("sh -c 'echo ready; {ask}'"));
    let off = desk.home.path().join("off");
    wait_for("the echo to be off", || off.exists().then_some(()));
    for key in "xqxq".chars() {
        desk.outer.send(key.to_string());
    }
    desk.outer.send("\r");
    desk.outer
        .wait("the end", |rows| rows.iter().any(|row| row == "done"));
    desk.settle();
    assert!(!desk.has_shown(&['x', 'q']));
}

#[test]
fn the_kernels_echo_is_shown_once_it_was_seen() {
    let mut desk = Desk::new();
    desk.run("echo ready; cat");
    // A line of its own tells that all of what was typed before has settled.
    desk.outer.send("line\r");
    desk.outer.wait("the line", |rows| {
        rows.iter().filter(|row| *row == "line").count() == 2
    });
    desk.outer.send("a");
    desk.wait_row("a");
    desk.type_ahead(" few words");
    desk.wait_row("a few words");
    desk.outer.send("\x17\x17");
    desk.wait_row("a");
    desk.outer.send("\x15other");
    desk.wait_row("other");
    desk.release();
    desk.settle();
}

#[test]
fn an_editor_proves_itself() {
    let mut desk = Desk::new();
    desk.outer.send("vim -u NONE -N -i NONE\r");
    desk.outer.wait("the editor", |rows| {
        rows.iter().any(|row| row.starts_with('~'))
    });
    desk.outer.send("i");
    let word = "sometimes";
    for seen in (1..=word.len()).map(|end| &word[..end]) {
        desk.outer.send(&seen[seen.len() - 1..]);
        desk.wait_row(seen);
    }
    desk.type_ahead(" t");
    desk.wait_row("sometimes t");
    desk.release();
    desk.settle();
}

#[test]
fn what_came_of_guesses_is_told() {
    let mut desk = Desk::new();
    desk.type_ahead("echo two");
    desk.wait_row("$ echo two");
    desk.release();
    desk.settle();
    desk.outer.send("\x02d");
    desk.outer.wait_end();
    let status = desk.home.ok(&["server", "status"]);
    let line = status.lines().find(|line| line.starts_with("guesses"));
    let line = line.expect("a line on guesses");
    assert!(line.contains(" 0 wrongly"), "{line}");
}
