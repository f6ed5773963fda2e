//! Rectangles, protected cells and checksums, after the VT420's manual and xterm.

use super::{asked, style_at};
use crate::term::testing::{fed, lines};
use crate::term::{Attrs, Color, Emulator};

fn letters(text: &str) -> Emulator {
    fed(5, 3, &format!("abcde\r\nfghij\r\nklmno{text}"))
}

#[test]
fn rectangles_are_filled_and_erased() {
    assert_eq!(
        lines(&letters("\x1b[88;1;2;2;3$x")),
        ["aXXde", "fXXij", "klmno"]
    );
    assert_eq!(lines(&letters("\x1b[2;2;99;99$z")), ["abcde", "f", "k"]);
    assert_eq!(lines(&letters("\x1b[2;2;1;1$z")), lines(&letters("")));
    // A control or nothing fills nothing.
    assert_eq!(lines(&letters("\x1b[7;1;1;2;2$x")), lines(&letters("")));
    let red = letters("\x1b[31m\x1b[88;1;1;1;1$x");
    assert_eq!(style_at(&red, 0, 0).fg, Color::Index(1));
    let blue = letters("\x1b[44;1m\x1b[1;1;1;1$z");
    let erased = style_at(&blue, 0, 0);
    assert_eq!(
        (erased.bg, erased.attrs),
        (Color::Index(4), Attrs::default())
    );
}

#[test]
fn a_rectangle_is_copied_whole_even_onto_itself() {
    assert_eq!(
        lines(&letters("\x1b[1;1;2;2;1;2;3$v")),
        ["abcde", "fgabj", "klfgo"]
    );
    assert_eq!(
        lines(&letters("\x1b[1;1;2;4;1;1;2$v")),
        ["aabcd", "ffghi", "klmno"]
    );
    // What passes the edge is cut.
    assert_eq!(
        lines(&letters("\x1b[1;1;3;5;1;3;5$v")),
        ["abcde", "fghij", "klmna"]
    );
    let mut wide = fed(6, 2, "界界x\x1b[1;2;1;3;1;2;1$v");
    assert_eq!(lines(&wide), ["界界x", ""]);
    wide.feed(b"\x1b[1;1;1;4;1;2;2$v");
    assert_eq!(lines(&wide), ["界界x", " 界界"]);
}

#[test]
fn rectangles_count_from_the_origin() {
    let emulator = letters("\x1b[?69h\x1b[2;4s\x1b[2;3r\x1b[?6h\x1b[88;1;1;1;1$x");
    assert_eq!(lines(&emulator)[1], "fXhij");
}

#[test]
fn attributes_change_in_a_rectangle_or_along_the_text() {
    let bold = |emulator: &Emulator, row, col| {
        let attrs = style_at(emulator, row, col).attrs;
        attrs.contains(Attrs::BOLD)
    };
    let exact = letters("\x1b[2*x\x1b[1;2;2;3;1;4$r");
    assert!(bold(&exact, 0, 1) && bold(&exact, 1, 2) && !bold(&exact, 1, 0));
    assert_eq!(style_at(&exact, 0, 1).attrs.underline(), 1);
    let stream = letters("\x1b[1*x\x1b[1;2;2;3;1$r");
    assert!(bold(&stream, 0, 4) && bold(&stream, 1, 0));
    assert!(!bold(&stream, 0, 0) && !bold(&stream, 1, 3));
    let reversed = letters("\x1b[2*x\x1b[1;1;1;2;1$r\x1b[1;2;1;3;1$t");
    assert!(bold(&reversed, 0, 0) && !bold(&reversed, 0, 1) && bold(&reversed, 0, 2));
    let wide = fed(4, 1, "界界\x1b[2*x\x1b[1;1;1;1;1$r\x1b[1;4;1;4;1$r");
    assert!(bold(&wide, 0, 0) && bold(&wide, 0, 1) && !bold(&wide, 0, 2));
    let off = letters("\x1b[2*x\x1b[1;1;1;2;1$r\x1b[1;1;1;1;0$r\x1b[1;2;1;2;22$r");
    assert!(!bold(&off, 0, 0) && !bold(&off, 0, 1));
}

#[test]
fn protected_cells_stay_where_they_are_asked_to() {
    let dec = "\x1b[H\x1b[1\"qXY\x1b[0\"q";
    assert_eq!(lines(&letters(&format!("{dec}\x1b[?2J"))), ["XY", "", ""]);
    assert_eq!(
        lines(&letters(&format!("{dec}\x1b[1;1;9;9${{"))),
        ["XY", "", ""]
    );
    assert_eq!(lines(&letters(&format!("{dec}\x1b[H\x1b[?K")))[0], "XY");
    assert_eq!(lines(&letters(&format!("{dec}\x1b[2J"))), ["", "", ""]);
    assert_eq!(
        lines(&letters(&format!("{dec}\x1b[1;1;9;9$z"))),
        ["", "", ""]
    );
    let iso = "\x1b[H\x1bVXY\x1bW";
    assert_eq!(lines(&letters(&format!("{iso}\x1b[2J"))), ["XY", "", ""]);
    assert_eq!(lines(&letters(&format!("{iso}\x1b[H\x1b[9X")))[0], "XY");
    assert_eq!(
        lines(&letters(&format!("{iso}\x1b[1;1;9;9${{"))),
        ["", "", ""]
    );
    assert_eq!(
        lines(&letters(&format!("{dec}\x1b[!p\x1b[?2J"))),
        ["", "", ""]
    );
}

#[test]
fn checksums_sum_up_cells() {
    // DEC's are negated, count attributes, and leave out blanks behind the first cell.
    assert_eq!(
        asked("ab \x1b[1mc\x1b[1;1;1;1;1;5*y"),
        format!(
            "\x1bP1!~{:04X}\x1b\\",
            0x1_0000 - (0x61 + 0x62 + 0x63 + 0x80)
        )
    );
    assert_eq!(
        asked("\x1b[7#yab\x1b[1mc\x1b[2;1;1;1;1;4*y"),
        format!("\x1bP2!~{:04X}\x1b\\", 0x61 + 0x62 + 0x63 + 0x20)
    );
}
