//! Keys of copy mode that take another key or a number: jumps, counts; and what words, lines and Escape do.

use super::select_tests::Desk;

/// What `keys` select and copy.
fn copied(lines: &[&str], cols: u16, keys: &str) -> String {
    let mut desk = Desk::with(lines, cols);
    desk.types(&format!("C-b [ g 0 {keys} y"));
    desk.last_copied().to_owned()
}

#[test]
fn a_jump_takes_the_next_key_for_its_character() {
    let row = ["a-bx-cx-d 界-"];
    for (keys, text) in [
        ("v f x", "a-bx"),
        ("v t x", "a-b"),
        ("v f x ;", "a-bx-cx"),
        ("v t x ;", "a-bx-c"),
        ("v f x ; ,", "a-bx"),
        ("$ v F b", "bx-cx-d 界-"),
        ("$ v T b", "x-cx-d 界-"),
        ("v f 界", "a-bx-cx-d 界"),
        ("$ v T 界", "-"),
        ("v 2 f x", "a-bx-cx"),
        ("v 3 f x", "a"),
        ("v f q", "a"),
        ("v f Escape l", "a-"),
        ("v f h ;", "a"),
        ("v ;", "a"),
    ] {
        assert_eq!(copied(&row, 20, keys), text, "{keys}");
    }
    let wide = ["a界b"];
    assert_eq!(copied(&wide, 20, "v t b"), "a界");
    assert_eq!(copied(&wide, 20, "$ v T a"), "界b");
}

#[test]
fn a_number_says_how_often() {
    let lines: Vec<String> = (0..40).map(|n| format!("{n} x y z")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for (keys, text) in [
        ("2 j V", "2 x y z\n"),
        ("1 2 j V", "12 x y z\n"),
        ("1 0 j V", "10 x y z\n"),
        ("1 5 j 5 k V", "10 x y z\n"),
        ("l l v 2 l", "x y"),
        ("v 2 w", "0 x y"),
        ("4 1 w V", "10 x y z\n"),
        ("2 0 j 4 b V", "19 x y z\n"),
        ("9 9 9 9 9 9 9 9 9 9 9 j V", "39 x y z\n"),
        ("5 Escape j V", "1 x y z\n"),
    ] {
        assert_eq!(copied(&lines, 20, keys), text, "{keys}");
    }
}

#[test]
fn a_number_scrolls_as_often() {
    let mut desk = Desk::numbered(90);
    desk.types("C-b [ g 3 C-f");
    assert_eq!(desk.top, Some(24));
    desk.types("2 C-u");
    assert_eq!(desk.top, Some(16));
}

#[test]
fn numbers_that_are_typed_ahead_wait_with_their_keys() {
    let mut desk = Desk::numbered(60);
    desk.types_ahead("C-b [ 3 0 b v 2 w f n y");
    assert_eq!(desk.last_copied(), "line 36\nlin");
}

#[test]
fn a_word_is_searched_for_from_its_beginning() {
    let mut desk = Desk::with(&["one two_3 界界x"], 20);
    desk.types("C-b [ g 0 w l *");
    assert!(desk.sent[0].contains("\"two_3\", syntax: Literal, backwards: false, row: 0, col: 4"));
    desk.types("#");
    assert!(desk.sent[1].contains("\"two_3\", syntax: Literal, backwards: true, row: 0, col: 4"));
    desk.types("$ *");
    assert!(desk.sent[2].contains("\"界界x\""), "{:?}", desk.sent);
    desk.types("0 l l l *");
    assert_eq!(desk.sent.len(), 3, "a blank is no word");
}

#[test]
fn the_rest_of_a_line_is_copied_with_the_rows_that_it_wraps_over() {
    let mut desk = Desk::with(&["0123456789abcdef", "next"], 8);
    desk.types("C-b [ g 0 3 l D");
    assert_eq!(desk.last_copied(), "3456789abcdef");
    assert!(!desk.is_copying());
}

#[test]
fn escape_gives_the_selection_up_before_it_leaves() {
    let mut desk = Desk::numbered(20);
    desk.types("C-b [ v Escape");
    assert!(desk.is_copying());
    desk.types("y");
    assert_eq!(desk.last_copied(), "(nothing)");
    assert!(!desk.is_copying());
    desk.types("C-b [ Escape");
    assert!(!desk.is_copying());
}
