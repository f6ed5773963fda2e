//! What is answered about modes, settings and the window, and what programs put aside and take back.

use super::{asked, place};
use crate::term::testing::{fed, lines, replies};
use crate::term::{Effect, Emulator, Grants, Size};

#[test]
fn modes_are_set_reset_fixed_or_unknown() {
    assert_eq!(
        asked("\x1b[?69$p\x1b[?69h\x1b[?69$p"),
        "\x1b[?69;2$y\x1b[?69;1$y"
    );
    assert_eq!(
        asked("\x1b[?8$p\x1b[12$p\x1b[2$p\x1b[99$p"),
        "\x1b[?8;4$y\x1b[12;3$y\x1b[2;4$y\x1b[99;0$y"
    );
}

#[test]
fn settings_are_told_as_they_are_set() {
    let setting = |set: &str, name: &str| asked(&format!("{set}\x1bP$q{name}\x1b\\"));
    assert_eq!(setting("\x1b[?69h\x1b[3;9s", "s"), "\x1bP1$r3;9s\x1b\\");
    assert_eq!(setting("\x1b[2*x", "*x"), "\x1bP1$r2*x\x1b\\");
    assert_eq!(setting("\x1b[1\"q", "\"q"), "\x1bP1$r1\"q\x1b\\");
    assert_eq!(setting("\x1b[4 q", " q"), "\x1bP1$r4 q\x1b\\");
    // There is no seventh shape of the cursor.
    assert_eq!(setting("\x1b[4 q\x1b[7 q", " q"), "\x1bP1$r4 q\x1b\\");
    assert_eq!(setting("", "t"), "\x1bP1$r24t\x1b\\");
    assert_eq!(setting("\x1b[62;1\"p", "\"p"), "\x1bP1$r62;1\"p\x1b\\");
    assert_eq!(setting("", "\x01"), "\x1bP0$r\x1b\\");
}

#[test]
fn a_lower_level_knows_less() {
    assert_eq!(asked("\x1b[62;1\"p\x1b[?25$p"), "");
    assert_eq!(asked("\x1b[63;1\"p\x1b[c"), "\x1b[?63;1;6;22c");
    let third = fed(9, 1, "\x1b[63;1\"p\x1b[?69h\x1b[2;4s\x1b[9C");
    assert_eq!(place(&third), (0, 8));
}

#[test]
fn answers_come_in_8_bits_where_that_is_asked() {
    let mut emulator = fed(9, 1, "\x1b G\x1b[5n\x1bP$q q\x1b\\\x1b F\x1b[5n");
    let Some(Effect::Reply(bytes)) = emulator.poll() else {
        panic!("no answer");
    };
    assert_eq!(bytes, b"\x9b0n\x901$r0 q\x9c\x1b[0n");
}

#[test]
fn the_cursor_and_the_tabs_are_told_as_a_whole() {
    assert_eq!(
        asked("\x1b[3;4H\x1b[1;7m\x1b[1\"q\x1b[1$w"),
        "\x1bP1$u3;4;1;I;A;@;0;2;@;BBBB\x1b\\"
    );
    assert_eq!(
        asked("\x1b[3g\x1b[5G\x1bH\x1b[9G\x1bH\x1b[2$w"),
        "\x1bP2$u5/9\x1b\\"
    );
}

#[test]
fn modes_are_put_aside_and_taken_back() {
    let kept = fed(3, 2, "\x1b[?7s\x1b[?7l\x1b[?7rabcd");
    assert_eq!(lines(&kept), ["abc", "d"]);
    let off = fed(3, 2, "\x1b[?7l\x1b[?7s\x1b[?7h\x1b[?7rabcd");
    assert_eq!(lines(&off), ["abd", ""]);
    // What was never put aside stays.
    assert_eq!(lines(&fed(3, 2, "\x1b[?7l\x1b[?7rabcd")), ["abd", ""]);
}

#[test]
fn a_program_has_its_wishes_only_where_they_are_granted() {
    let wishes = "\x1b[8;9;20t\x1b[?40h\x1b[?3h\x1b]2;a\x07\x1b]1;b\x07\x1b[21t\x1b[20t";
    let mut emulator = fed(80, 24, wishes);
    assert_eq!(emulator.poll(), None);
    let mut emulator = Emulator::new(Size::new(80, 24));
    emulator.grant(Grants(Grants::RESIZE.0 | Grants::TITLES.0));
    emulator.feed(wishes.as_bytes());
    assert_eq!(emulator.poll(), Some(Effect::Resize(Size::new(20, 9))));
    assert_eq!(emulator.poll(), Some(Effect::Resize(Size::new(132, 24))));
    assert_eq!(replies(&mut emulator), "\x1b]la\x1b\\\x1b]Lb\x1b\\");
}

#[test]
fn a_title_in_a_report_cannot_end_it() {
    let mut emulator = Emulator::new(Size::new(80, 24));
    emulator.grant(Grants::TITLES);
    emulator.feed("\x1b]2;a\rrm\nb\x07\x1b[21t".as_bytes());
    assert_eq!(replies(&mut emulator), "\x1b]larmb\x1b\\");
}

#[test]
fn titles_and_icons_are_put_aside_together() {
    let mut emulator = Emulator::new(Size::new(80, 24));
    emulator.grant(Grants::TITLES);
    emulator.feed(b"\x1b]0;a\x07\x1b[22;0t\x1b]2;b\x07\x1b]1;c\x07\x1b[23;2t\x1b[21t\x1b[20t");
    assert_eq!(replies(&mut emulator), "\x1b]la\x1b\\\x1b]Lc\x1b\\");
}

#[test]
fn columns_change_only_with_leave_and_clear_the_screen() {
    assert_eq!(lines(&fed(5, 2, "ab\x1b[?3h")), ["ab", ""]);
    let mut cleared = fed(5, 2, "ab\x1b[?40h\x1b[?3h");
    assert_eq!(
        (lines(&cleared), place(&cleared)),
        (vec![String::new(); 2], (0, 0))
    );
    assert_eq!(cleared.size(), Size::new(5, 2));
    // What was shown is above.
    assert_eq!(cleared.history().len(), 1);
    cleared.feed(b"\x1b[?3$p");
    assert_eq!(replies(&mut cleared), "\x1b[?3;1$y");
}

#[test]
fn c1_controls_are_obeyed_as_utf8_and_shown_as_bytes() {
    let emulator = fed(9, 3, "ab\u{85}c\u{9b}31mé\u{9b}3;2Hx\u{9d}2;t✜\u{9c}y");
    assert_eq!(lines(&emulator), ["ab", "cé", " xy"]);
    assert_eq!(emulator.title(), "t✜");
    let mut bytes = Emulator::new(Size::new(9, 1));
    bytes.feed(b"a\x9b1mb\xc2\x9b1\xc2");
    bytes.feed(b"Gc");
    assert_eq!(lines(&bytes), ["c\u{fffd}1mb"]);
}
