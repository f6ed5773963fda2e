//! The output of commands: prompts gone to, output selected, copied and folded. The other client's screen stands still.

use super::acting::Acting;
use super::copying::{copy_mode_is_on, cursor_is};
use crate::support::clipboard::{clipboards, copied};
use crate::support::pair::mark;

driving! {
    prompts_are_gone_to: "copy-mode", "prompt-previous", "prompt-next", "leave";
    copy_mode_begins_at_a_prompt: "copy-mode prompt-next", "back", "copy-mode prompt-previous", "leave";
    the_last_output_is_copied: "copy-output";
    the_output_of_a_command_is_selected: "copy-mode", "prompt-previous", "select-output", "yank";
    the_output_of_a_command_is_folded: "copy-mode", "prompt-previous", "fold", "leave";
    the_output_of_all_commands_is_folded: "copy-mode", "fold-all", "unfold-all", "leave";
    failed_commands_are_shown_alone: "copy-mode", "only-failed", "leave";
}

/// Three commands of two lines each, as a shell marks them (OSC 133); the second fails.
const COMMANDS: [(&str, u8); 3] = [("one", 0), ("two", 3), ("three", 0)];

/// The rows that show them, and the shell's own prompt.
const ROWS: [&str; 10] = [
    "% one", "one-a", "one-b", "% two", "two-a", "two-b", "% three", "three-a", "three-b", "$",
];

/// Whether the first rows are those.
fn begin_with(rows: &[String], expected: &[&str]) -> bool {
    rows.iter().zip(expected).all(|(row, text)| row == text)
}

/// Shows those commands in both clients.
fn show_commands(pair: &mut Acting) {
    let said = COMMANDS.map(|(name, exit)| {
        format!(
            "\x1b]133;A\x07% \x1b]133;B\x07{name}\n\x1b]133;C\x07{name}-a\n{name}-b\n\x1b]133;D;{exit}\x07"
        )
    });
    std::fs::write(pair.home.path().join("commands"), said.concat()).expect("a file");
    pair.one.send("clear; cat commands\r");
    pair.both("the commands", |rows| begin_with(rows, &ROWS));
}

/// Shows them, in copy mode.
fn begin(pair: &mut Acting) {
    show_commands(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    cursor_is(&pair.one, "it begins where the shell's was", (9, 2));
}

/// Leaves copy mode; the other client has seen nothing of all.
fn end(pair: &mut Acting) {
    pair.act("leave");
    pair.one
        .wait("all as it was", |rows| begin_with(rows, &ROWS));
    assert!(begin_with(&pair.other.rows(), &ROWS), "nothing has moved");
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

/// Waits until the first client's status line says that.
fn says(pair: &Acting, text: &str) {
    pair.one.wait(&format!("{text:?} to be said"), |rows| {
        rows[23].contains(text)
    });
}

fn prompts_are_gone_to(pair: &mut Acting) {
    begin(pair);
    for row in [6, 3, 0] {
        pair.act("prompt-previous");
        cursor_is(&pair.one, "a prompt above", (row, 0));
    }
    pair.act("prompt-previous");
    says(pair, "no prompt above this");
    for row in [3, 6] {
        pair.act("prompt-next");
        cursor_is(&pair.one, "a prompt below", (row, 0));
    }
    pair.act("prompt-next");
    says(pair, "no prompt below this");
    cursor_is(&pair.one, "no prompt", (6, 0));
    end(pair);
}

fn copy_mode_begins_at_a_prompt(pair: &mut Acting) {
    show_commands(pair);
    pair.act("copy-mode prompt-next");
    says(pair, "no prompt below this");
    pair.act("back");
    pair.one.wait("copy mode's end", |rows| {
        rows[23].contains("1:sh") && !rows[23].contains(" line ")
    });
    // The live screen is there again once the shell shows what is typed.
    for (key, col) in [("x", 3), ("\x7f", 2)] {
        pair.one.send(key);
        cursor_is(&pair.one, "the shell has the keys", (9, col));
    }
    pair.act("copy-mode prompt-previous");
    cursor_is(&pair.one, "the last prompt", (6, 0));
    // Without the prefix the key goes on, as it is bound to repeat.
    pair.one.send("\x10");
    cursor_is(&pair.one, "the one before", (3, 0));
    pair.one.send("\x0e");
    cursor_is(&pair.one, "the last one again", (6, 0));
    end(pair);
}

fn the_last_output_is_copied(pair: &mut Acting) {
    show_commands(pair);
    pair.act("copy-output");
    assert_eq!(copied(&pair.one, 0), "three-a\nthree-b\n");
    assert_eq!(clipboards(&pair.other).len(), 0);
    cursor_is(&pair.one, "the shell has the keys", (9, 2));
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
}

fn the_output_of_a_command_is_selected(pair: &mut Acting) {
    begin(pair);
    for row in [6, 3] {
        pair.act("prompt-previous");
        cursor_is(&pair.one, "a prompt above", (row, 0));
    }
    pair.act("select-output");
    pair.one.wait("a selection", |_| {
        let screen = pair.one.screen();
        let ground = |row| screen.cell(row, 0).expect("a cell").bgcolor();
        ground(4) != ground(6) && ground(5) == ground(4) && ground(7) == ground(6)
    });
    pair.act("yank");
    assert_eq!(copied(&pair.one, 0), "two-a\ntwo-b\n");
    cursor_is(&pair.one, "copy mode is left", (9, 2));
    assert_eq!(clipboards(&pair.other).len(), 0);
}

fn the_output_of_a_command_is_folded(pair: &mut Acting) {
    begin(pair);
    for row in [6, 3] {
        pair.act("prompt-previous");
        cursor_is(&pair.one, "a prompt above", (row, 0));
    }
    pair.act("fold");
    pair.one.wait("a fold", |rows| {
        begin_with(rows, &ROWS[..4])
            && rows[4].starts_with("⋯ 2 lines")
            && rows[4].ends_with("exit 3")
            && begin_with(&rows[5..], &ROWS[6..])
    });
    pair.act("fold");
    pair.one.wait("no fold", |rows| begin_with(rows, &ROWS));
    pair.act("fold");
    pair.one
        .wait("the fold again", |rows| rows[4].starts_with("⋯ 2 lines"));
    end(pair);
}

fn the_output_of_all_commands_is_folded(pair: &mut Acting) {
    begin(pair);
    pair.act("fold-all");
    pair.one.wait("three folds", |rows| {
        let folds = [1, 3, 5];
        folds.iter().all(|row| rows[*row].starts_with("⋯ 2 lines"))
            && (&*rows[0], &*rows[2], &*rows[4], &*rows[6]) == ("% one", "% two", "% three", "$")
    });
    says(pair, "the output of 3 commands is folded");
    pair.act("unfold-all");
    pair.one.wait("no fold", |rows| begin_with(rows, &ROWS));
    end(pair);
}

fn failed_commands_are_shown_alone(pair: &mut Acting) {
    begin(pair);
    pair.act("only-failed");
    pair.one.wait("one command", |rows| {
        let shows = |text: &str| rows.iter().any(|row| row == text);
        ROWS[3..6].iter().all(|row| shows(row)) && !shows("% one") && !shows("% three")
    });
    says(pair, "1 command has failed");
    pair.act("only-failed");
    pair.one
        .wait("all commands", |rows| begin_with(rows, &ROWS));
    end(pair);
}
