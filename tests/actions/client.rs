//! What a client does for itself: it leaves, lists, draws afresh.

use super::CONFIG;
use super::acting::Acting;
use crate::support::clipboard::copied;
use crate::support::pair::mark;
use crate::support::wait_for;

driving! {
    one_client_leaves_and_the_other_stays: "detach";
    a_key_is_found_and_done: "help";
    a_command_is_found_and_done: "commands";
    an_earlier_message_is_read_and_copied: "messages";
    the_panes_menu_is_walked_by_keys: "menu";
    the_configuration_is_read_again: "reload";
    a_damaged_screen_is_drawn_afresh: "redraw";
}

/// Waits until a list or a menu is gone, and the other client never had it.
fn closed(pair: &Acting, title: &str) {
    pair.one.wait_gone(title);
    let raw = String::from_utf8_lossy(&pair.other.raw()).into_owned();
    assert!(!raw.contains(title), "{title} is of one client alone");
}

fn one_client_leaves_and_the_other_stays(pair: &mut Acting) {
    mark(&mut pair.one, "before");
    pair.act("detach");
    assert_eq!(pair.one.wait_end(), 0);
    pair.one.wait_text("[detached (from session work)]");
    wait_for("a whole terminal", || pair.one.is_whole().ok());
    pair.other.wait_text("before-2");
    mark(&mut pair.other, "after");
    assert_eq!(pair.home.list()[0]["clients"], 1);
}

fn a_key_is_found_and_done(pair: &mut Acting) {
    pair.act("help");
    pair.one.wait_text("┌ Keys ─");
    pair.one.wait_text("after C-b");
    pair.one.send("split banana");
    pair.one.wait("nothing found", |rows| {
        rows.iter().all(|row| !row.contains("after C-b"))
    });
    pair.one.send("\x15pane below");
    pair.one.wait_text("new pane below");
    pair.one.send("\x1b");
    closed(pair, "┌ Keys ─");
    pair.act("help");
    pair.one.wait_text("┌ Keys ─");
    pair.one.send("new pane below\r");
    pair.both("two panes", |rows| {
        rows[0].contains("─ 1 ") && rows[12].contains("─ 2 ")
    });
    closed(pair, "┌ Keys ─");
}

fn a_command_is_found_and_done(pair: &mut Acting) {
    pair.act("commands");
    pair.one.wait_text("┌ Commands ─");
    pair.one.send("split --left");
    pair.one.wait_text("new pane to the left");
    pair.one.send("\r");
    pair.both("two panes", |rows| rows[5].contains('│'));
    pair.until("the focus on the left", |listing| listing.focus(1) == 1);
    closed(pair, "┌ Commands ─");
    // By arrows alone: the first line splits to the right.
    pair.act("commands");
    pair.one.wait_text("┌ Commands ─");
    pair.one.send("\x1b[B\x1b[B\x1b[A\x1b[A\r");
    pair.until("three panes", |listing| listing.panes(1).len() == 3);
    assert_eq!(pair.listing().focus(1), 2);
}

fn an_earlier_message_is_read_and_copied(pair: &mut Acting) {
    pair.one.send("\x029");
    pair.one.wait_text("no tab 9");
    pair.one.send("\x028");
    pair.one.wait_text("no tab 8");
    pair.act("messages");
    pair.one.wait_text("┌ Messages ─");
    pair.one.wait_text("no tab 9");
    pair.one.send("\x1b[A\r");
    assert_eq!(copied(&pair.one, 0), "no tab 9");
    closed(pair, "┌ Messages ─");
    pair.one.wait_text("copied 8 characters");
}

fn the_panes_menu_is_walked_by_keys(pair: &mut Acting) {
    pair.three();
    pair.act("menu");
    pair.one.wait_text("Split below");
    pair.one.send("\x1b");
    closed(pair, "Split below");
    // The first line is selected: it splits. The letter of a line does it at once.
    pair.act("menu");
    pair.one.wait_text("Split below");
    pair.one.send("\x1b[B\r");
    pair.until("a pane more below", |listing| {
        listing.sizes(1).iter().filter(|size| size.0 == 40).count() == 4
    });
    pair.act("menu");
    pair.one.wait_text("Split below");
    pair.one.send("z");
    pair.until("a zoom", |listing| listing.tab(1)["zoomed"] == true);
    closed(pair, "Split below");
}

fn the_configuration_is_read_again(pair: &mut Acting) {
    pair.act("reload");
    pair.one.wait_text("the configuration was read");
    pair.home.configure(&format!("{CONFIG}\"F8\" = \"splt\"\n"));
    // Whether the watch or the key came first, what is wrong is said.
    pair.one.wait_text("no action `splt`");
    pair.act("reload");
    pair.one.wait_text("no action `splt`");
    pair.home
        .configure(&format!("{CONFIG}\"F8\" = \"tab new\"\n"));
    pair.act("reload");
    pair.one.wait_text("the configuration was read");
    mark(&mut pair.one, "still");
    pair.other.wait_text("still-2");
}

fn a_damaged_screen_is_drawn_afresh(pair: &mut Acting) {
    mark(&mut pair.one, "here");
    pair.other.wait_text("here-2");
    let (before, others) = (pair.one.raw().len(), pair.other.raw().len());
    pair.act("redraw");
    wait_for("the text once more", || {
        let raw = pair.one.raw();
        let new = String::from_utf8_lossy(&raw[before..]).into_owned();
        new.contains("here-2").then_some(())
    });
    mark(&mut pair.one, "after");
    pair.other.wait_text("after-2");
    let raw = pair.other.raw();
    assert!(!String::from_utf8_lossy(&raw[others..]).contains("here-2"));
}
