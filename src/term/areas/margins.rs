//! Left and right margins, after DEC STD 070 (DECLRMM, DECSLRM) and xterm.

use super::{asked, place, style_at};
use crate::term::testing::{fed, lines};
use crate::term::{Color, Emulator};

/// Five rows of letters with margins at columns 3 to 5 and rows 2 to 4, then `text`.
fn boxed(text: &str) -> Emulator {
    let rows = "abcdefg\r\nhijklmn\r\nopqrstu\r\nvwxyzAB\r\nCDEFGHI";
    fed(7, 5, &format!("{rows}\x1b[?69h\x1b[3;5s\x1b[2;4r{text}"))
}

#[test]
fn text_wraps_between_the_side_margins() {
    let emulator = boxed("\x1b[2;3H12345");
    assert_eq!(lines(&emulator)[1..3], ["hi123mn", "op45stu"]);
    assert_eq!(place(&emulator), (2, 4));
    assert!(emulator.rows().all(|row| !row.wrapped));
    assert_eq!(
        lines(&boxed("\x1b[2;3Héあßx"))[1..3],
        ["hiéあmn", "opßxstu"]
    );
    // Beyond the right margin it goes to the edge of the screen first.
    let beyond = boxed("\x1b[2;6H123");
    assert_eq!(lines(&beyond)[1..3], ["hijkl12", "op3rstu"]);
    // Before the left one, up to the right one.
    let before = boxed("\x1b[2;1H123456");
    assert_eq!(lines(&before)[1..3], ["12345mn", "op6rstu"]);
}

#[test]
fn a_wide_character_wraps_before_the_right_margin() {
    let emulator = boxed("\x1b[2;5H界");
    assert_eq!(lines(&emulator)[1..3], ["hijk mn", "op界stu"]);
    let widened = boxed("\x1b[2;5H❤\u{fe0f}");
    assert_eq!(lines(&widened)[1..3], ["hijk mn", "op❤\u{fe0f}stu"]);
}

#[test]
fn only_what_is_between_the_margins_scrolls() {
    let up = boxed("\x1b[4;3H\n");
    assert_eq!(
        lines(&up),
        ["abcdefg", "hiqrsmn", "opxyztu", "vw   AB", "CDEFGHI"]
    );
    assert!(up.history().is_empty());
    let down = boxed("\x1b[2;3H\x1bM");
    assert_eq!(
        lines(&down),
        ["abcdefg", "hi   mn", "opjkltu", "vwqrsAB", "CDEFGHI"]
    );
    assert_eq!(lines(&boxed("\x1b[2S"))[1], "hixyzmn");
    assert_eq!(
        lines(&boxed("\x1b[99T"))[1..4],
        ["hi   mn", "op   tu", "vw   AB"]
    );
}

#[test]
fn outside_the_side_margins_nothing_scrolls() {
    for text in [
        "\x1b[4;1H\n",
        "\x1b[4;7H\n",
        "\x1b[2;1H\x1bM",
        "\x1b[2;1H\x1b[L",
        "\x1b[2;7H\x1b[M",
    ] {
        assert_eq!(lines(&boxed(text)), lines(&boxed("")), "{text:?}");
    }
}

#[test]
fn lines_and_characters_shift_within_the_margins() {
    assert_eq!(
        lines(&boxed("\x1b[3;4H\x1b[L"))[1..4],
        ["hijklmn", "op   tu", "vwqrsAB"]
    );
    assert_eq!(place(&boxed("\x1b[3;4H\x1b[L")), (2, 2));
    assert_eq!(
        lines(&boxed("\x1b[3;4H\x1b[M"))[1..4],
        ["hijklmn", "opxyztu", "vw   AB"]
    );
    assert_eq!(lines(&boxed("\x1b[2;4H\x1b[@"))[1], "hij kmn");
    assert_eq!(lines(&boxed("\x1b[2;4H\x1b[P"))[1], "hijl mn");
    assert_eq!(lines(&boxed("\x1b[2;1H\x1b[P"))[1], "hijklmn");
    assert_eq!(lines(&boxed("\x1b[2;3H\x1b[4hx"))[1], "hixjkmn");
    assert_eq!(lines(&boxed("\x1b[2;3H\x1b[99P"))[1], "hi   mn");
}

#[test]
fn columns_are_inserted_and_deleted_in_all_rows_within() {
    let insert = boxed("\x1b[3;4H\x1b['}");
    assert_eq!(
        lines(&insert),
        ["abcdefg", "hij kmn", "opq rtu", "vwx yAB", "CDEFGHI"]
    );
    assert_eq!(lines(&boxed("\x1b[3;4H\x1b['~"))[2], "opqs tu");
    assert_eq!(lines(&boxed("\x1b[3;3H\x1b[ @"))[2], "oprs tu");
    assert_eq!(lines(&boxed("\x1b[3;3H\x1b[2 A"))[2], "op  qtu");
    assert_eq!(lines(&boxed("\x1b[3;3H\x1b6"))[2], "op qrtu");
    assert_eq!(lines(&boxed("\x1b[3;5H\x1b9"))[2], "oprs tu");
    assert_eq!(place(&boxed("\x1b[3;4H\x1b9\x1b9")), (2, 4));
    let colored = boxed("\x1b[3;4H\x1b[42m\x1b['}");
    assert_eq!(style_at(&colored, 2, 3).bg, Color::Index(2));
}

#[test]
fn the_caret_is_held_by_the_margins_that_it_is_within() {
    assert_eq!(place(&boxed("\x1b[3;4H\x1b[9C")), (2, 4));
    assert_eq!(place(&boxed("\x1b[3;6H\x1b[9C")), (2, 6));
    assert_eq!(place(&boxed("\x1b[3;4H\x1b[9D")), (2, 2));
    assert_eq!(place(&boxed("\x1b[3;2H\x1b[9D")), (2, 0));
    assert_eq!(place(&boxed("\x1b[3;4H\r")), (2, 2));
    assert_eq!(place(&boxed("\x1b[3;2H\r")), (2, 0));
    assert_eq!(place(&boxed("\x1b[3;4H\x1bE")), (3, 2));
    assert_eq!(place(&boxed("\x1b[3;3H\t")), (2, 4));
}

#[test]
fn origin_mode_counts_from_both_margins() {
    assert_eq!(place(&boxed("\x1b[?6h\x1b[1;1H")), (1, 2));
    assert_eq!(place(&boxed("\x1b[?6h\x1b[9;9H")), (3, 4));
    assert_eq!(place(&boxed("\x1b[?6h\x1b[2G")), (1, 3));
    assert_eq!(
        asked("\x1b[?69h\x1b[3;5s\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[6n"),
        "\x1b[2;2R"
    );
}

#[test]
fn side_margins_end_with_their_mode() {
    assert_eq!(place(&boxed("\x1b[?69l\x1b[3;4H\x1b[9C")), (2, 6));
    // Without the mode the sequence saves the cursor.
    assert_eq!(place(&fed(9, 2, "abc\x1b[s\x1b[H\x1b[u")), (0, 3));
    // Margins without a column between them are none.
    assert_eq!(place(&fed(9, 2, "\x1b[?69h\x1b[5;5s\x1b[9C")), (0, 8));
}

#[test]
fn moving_left_goes_on_above_where_a_line_wrapped() {
    let wrapped = "abcdefg";
    assert_eq!(
        place(&fed(5, 3, &format!("{wrapped}\x1b[?45h\x1b[3D"))),
        (0, 4)
    );
    assert_eq!(place(&fed(5, 3, "\x1b[?45h\r\n\x08")), (1, 0));
    assert_eq!(
        place(&fed(5, 3, &format!("{wrapped}\x1b[?7l\x1b[?45h\x1b[3D"))),
        (1, 0)
    );
    assert_eq!(place(&fed(5, 3, "\x1b[?1045h\r\n\x08")), (0, 4));
    assert_eq!(place(&fed(5, 3, "\x1b[?1045h\x08")), (2, 4));
    // A pending wrap is taken back first.
    assert_eq!(place(&fed(5, 3, "\x1b[?45habcde\x08")), (0, 4));
    assert_eq!(place(&fed(5, 3, "\x1b[?1045h\x1b[65535D")), (0, 0));
}
