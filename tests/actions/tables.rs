//! What the next key means: the prefix, tables for one key, modes for all keys.

use super::acting::Acting;
use crate::support::pair::mark;

driving! {
    the_prefix_waits_for_a_key_and_sends_itself: "prefix", "send-key";
    a_key_that_is_freed_does_nothing: "nothing";
    a_table_gives_the_next_key: "table mine";
    a_mode_gives_all_keys_until_it_is_left: "mode mine";
}

fn the_prefix_waits_for_a_key_and_sends_itself(pair: &mut Acting) {
    pair.act("prefix");
    pair.one
        .wait("the prefix", |rows| rows[23].contains(" prefix "));
    pair.other
        .wait("no prefix", |rows| !rows[23].contains(" prefix "));
    pair.one.send("c");
    pair.both("two tabs", |rows| rows[23].contains("2:sh"));
    pair.one.wait_prompt();
    // A key that is bound to nothing is dropped, and so is one that comes with the mouse between.
    pair.act("prefix");
    pair.one.send("Yecho fallen-$((1+1))\r");
    pair.one.wait_text("$ echo fallen");
    pair.one.wait_text("fallen-2");
    pair.act("prefix");
    pair.one
        .send("\x1b[<0;5;20M\x1b[<0;5;20mcecho mouse-$((1+1))\r");
    pair.one.wait_text("$ cecho mouse");
    pair.one.send("stty -echo; cat -v\r");
    pair.one.wait_text("cat -v");
    pair.act("send-key");
    pair.one.send("x\r");
    pair.one.wait_text("^Bx");
}

fn a_key_that_is_freed_does_nothing(pair: &mut Acting) {
    pair.act("nothing");
    mark(&mut pair.one, "typed");
    pair.both_show("$ echo typed-");
    assert_eq!(pair.listing().panes(1).len(), 1);
}

fn a_table_gives_the_next_key(pair: &mut Acting) {
    mark(&mut pair.one, "in1");
    pair.act("table mine");
    pair.one
        .wait("its name", |rows| rows[23].contains(" mine "));
    pair.one.send("f");
    pair.one.wait("a new tab", |rows| {
        rows[23].contains("2:sh*") && !rows[23].contains(" mine ")
    });
    // The next key is the program's again.
    pair.one.wait_gone("in1-2");
    pair.one.wait_prompt();
    pair.one.send("from-the-table");
    pair.one.wait_text("$ from-the-table");
    pair.other.wait_text("in1-2");
}

fn a_mode_gives_all_keys_until_it_is_left(pair: &mut Acting) {
    mark(&mut pair.one, "in1");
    pair.act("mode mine");
    pair.one
        .wait("its name", |rows| rows[23].contains(" mine "));
    pair.one.send("ff");
    pair.one.wait("two new tabs", |rows| {
        rows[23].contains("3:sh*") && rows[23].contains(" mine ")
    });
    // What is not bound is dropped.
    pair.one.send("zzzFF");
    pair.one.wait_text("in1-2");
    pair.one.send("\x1b");
    pair.one
        .wait("no mode", |rows| !rows[23].contains(" mine "));
    mark(&mut pair.one, "from-the-mode");
    pair.other.wait_text("$ echo from-the-mode");
}
