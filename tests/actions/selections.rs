//! Selections of copy mode, and the text that arrives in the terminal's clipboard.

use super::acting::Acting;
use super::copying::{copy_mode_is_on, cursor_is, show_text};
use crate::support::clipboard::{clipboards, copied};
use crate::support::pair::mark;

driving! {
    cells_are_selected_and_copied: "copy-mode", "screen-top", "line-start", "select", "word-end", "yank";
    rows_are_selected_and_copied: "copy-mode", "screen-top", "select-line", "down", "yank";
    a_rectangle_is_selected_and_copied: "copy-mode", "screen-top", "line-start", "select-block", "word-end", "down",
        "yank";
    the_rest_of_a_line_is_copied: "copy-mode", "screen-top", "line-start", "wide-word-next", "yank-rest";
    a_step_back_gives_the_selection_up_and_then_leaves: "copy-mode", "screen-top", "select", "back";
    a_word_is_selected_and_copied: "copy-mode", "screen-top", "line-end", "select-word", "yank";
    the_other_end_of_a_selection_moves: "copy-mode", "screen-top", "line-start", "wide-word-next", "select",
        "word-end", "other-end", "word-back", "yank";
    a_selection_is_given_up: "copy-mode", "screen-top", "line-start", "select", "word-end", "clear-selection",
        "line-end", "yank --stay", "yank";
}

/// Enters copy mode over the text, at its first cell.
fn begin(pair: &mut Acting) {
    show_text(pair);
    pair.act("copy-mode");
    copy_mode_is_on(&pair.one);
    pair.act("screen-top");
}

/// Copies, which has to give `text` to the first client alone, and leads back to the shell.
fn yields(pair: &mut Acting, text: &str) {
    pair.act("yank");
    assert_eq!(copied(&pair.one, 0), text);
    cursor_is(&pair.one, "copy mode is left", (6, 2));
    mark(&mut pair.one, "typed");
    pair.other.wait_text("typed-2");
    assert_eq!(clipboards(&pair.one).len(), 1);
    assert_eq!(clipboards(&pair.other).len(), 0);
}

fn cells_are_selected_and_copied(pair: &mut Acting) {
    begin(pair);
    pair.act("line-start");
    pair.act("select");
    pair.act("word-end");
    cursor_is(&pair.one, "word-end", (0, 4));
    let screen = pair.one.screen();
    let ground = |col| screen.cell(0, col).expect("a cell").bgcolor();
    assert_ne!(ground(2), ground(20), "what is selected can be seen");
    yields(pair, "alpha");
}

fn rows_are_selected_and_copied(pair: &mut Acting) {
    begin(pair);
    pair.act("select-line");
    pair.act("down");
    yields(
        pair,
        "alpha (beta [x]) gamma-delta  end\n  two words/here\n",
    );
}

fn a_rectangle_is_selected_and_copied(pair: &mut Acting) {
    begin(pair);
    pair.act("line-start");
    pair.act("select-block");
    pair.act("word-end");
    pair.act("down");
    yields(pair, "alpha\n  two");
}

fn a_word_is_selected_and_copied(pair: &mut Acting) {
    begin(pair);
    pair.act("line-end");
    pair.act("select-word");
    yields(pair, "end");
}

fn the_other_end_of_a_selection_moves(pair: &mut Acting) {
    begin(pair);
    pair.act("line-start");
    pair.act("wide-word-next");
    pair.act("select");
    pair.act("word-end");
    cursor_is(&pair.one, "the end of `beta`", (0, 10));
    pair.act("other-end");
    cursor_is(&pair.one, "the selection's start", (0, 6));
    pair.act("word-back");
    cursor_is(&pair.one, "the start of `alpha`", (0, 0));
    yields(pair, "alpha (beta");
}

fn a_selection_is_given_up(pair: &mut Acting) {
    begin(pair);
    pair.act("line-start");
    pair.act("select");
    pair.act("word-end");
    pair.act("clear-selection");
    pair.act("line-end");
    pair.act("select");
    pair.act("yank --stay");
    assert_eq!(copied(&pair.one, 0), "d");
    // It stays, with the selection: copied once more, it leaves.
    cursor_is(&pair.one, "copy mode goes on", (0, 32));
    pair.one.send("h");
    cursor_is(&pair.one, "a motion", (0, 31));
    pair.act("yank");
    cursor_is(&pair.one, "copy mode is left", (6, 2));
    assert_eq!(copied(&pair.one, 1), "nd");
}

fn the_rest_of_a_line_is_copied(pair: &mut Acting) {
    begin(pair);
    pair.act("line-start");
    pair.act("wide-word-next");
    pair.act("yank-rest");
    assert_eq!(copied(&pair.one, 0), "(beta [x]) gamma-delta  end");
    cursor_is(&pair.one, "copy mode is left", (6, 2));
}

fn a_step_back_gives_the_selection_up_and_then_leaves(pair: &mut Acting) {
    begin(pair);
    pair.act("select");
    pair.act("back");
    cursor_is(&pair.one, "copy mode goes on", (0, 2));
    copy_mode_is_on(&pair.one);
    pair.act("back");
    cursor_is(&pair.one, "copy mode is left", (6, 2));
    assert_eq!(clipboards(&pair.one).len(), 0);
}
