//! Tests of the emulator by area: what is written, and what then shows or is answered.

mod margins;
mod rectangles;
mod reports;

use super::testing::{fed, lines, replies};
use super::{Attrs, Color, Cursor, Effect, Emulator, Mark, Modes, Notice, Size, Style, Urgency};

fn style_at(emulator: &Emulator, row: usize, col: u16) -> Style {
    let cell = emulator.rows().nth(row).expect("a row").cell(col);
    emulator.tables().style(cell.style)
}

fn place(emulator: &Emulator) -> (u16, u16) {
    let Cursor { row, col, .. } = emulator.cursor();
    (row, col)
}

fn asked(text: &str) -> String {
    replies(&mut fed(80, 24, text))
}

#[test]
fn erasing_keeps_the_background_alone() {
    let emulator = fed(6, 3, "abcdef\x1b[1;3H\x1b[1;4;44m\x1b[K");
    assert_eq!(lines(&emulator)[0], "ab");
    let erased = style_at(&emulator, 0, 5);
    assert_eq!(
        (erased.bg, erased.attrs),
        (Color::Index(4), Attrs::default())
    );
    let scrolled = fed(4, 2, "a\r\nb\x1b[41m\n");
    assert_eq!(style_at(&scrolled, 1, 3).bg, Color::Index(1));
}

#[test]
fn regions_scroll_alone_and_feed_history_only_from_the_top() {
    let inner = fed(3, 4, "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\n");
    assert_eq!(lines(&inner), ["a", "c", "", "d"]);
    assert!(inner.history().is_empty());
    let from_top = fed(3, 4, "a\r\nb\r\nc\r\nd\x1b[1;3r\x1b[3;1H\n");
    assert_eq!(lines(&from_top), ["b", "c", "", "d"]);
    assert_eq!(from_top.history().len(), 1);
    let alternate = fed(3, 2, "\x1b[?1049ha\r\nb\r\nc");
    assert!(alternate.history().is_empty());
}

#[test]
fn lines_and_characters_are_inserted_and_deleted() {
    assert_eq!(
        lines(&fed(3, 3, "a\r\nb\r\nc\x1b[2H\x1b[L")),
        ["a", "", "b"]
    );
    assert_eq!(
        lines(&fed(3, 3, "a\r\nb\r\nc\x1b[1H\x1b[M")),
        ["b", "c", ""]
    );
    assert_eq!(lines(&fed(6, 1, "abcdef\x1b[2G\x1b[2@")), ["a  bcd"]);
    assert_eq!(lines(&fed(6, 1, "abcdef\x1b[2G\x1b[2P")), ["adef"]);
    assert_eq!(lines(&fed(6, 1, "abcdef\x1b[2G\x1b[2X")), ["a  def"]);
    assert_eq!(lines(&fed(9, 1, "ab\x1b[3b")), ["abbbb"]);
    assert_eq!(lines(&fed(9, 1, "ab\x1b[b\x1b[3bc")), ["abbc"]);
    assert_eq!(lines(&fed(6, 1, "abc\x1b[1G\x1b[4hxy")), ["xyabc"]);
}

#[test]
fn a_full_line_waits_before_it_wraps() {
    let full = fed(3, 2, "abc");
    assert_eq!(place(&full), (0, 2));
    assert_eq!(lines(&fed(3, 2, "abc\rx")), ["xbc", ""]);
    assert_eq!(lines(&fed(3, 2, "abc\x08x")), ["axc", ""]);
    assert_eq!(lines(&fed(3, 2, "abcd")), ["abc", "d"]);
    assert_eq!(lines(&fed(3, 2, "\x1b[?7labcd")), ["abd", ""]);
    assert_eq!(lines(&fed(3, 2, "ab界")), ["ab", "界"]);
}

#[test]
fn tabs_are_set_cleared_and_walked() {
    assert_eq!(place(&fed(40, 1, "\t\t")), (0, 16));
    assert_eq!(place(&fed(40, 1, "\x1b[5G\x1bH\r\t")), (0, 4));
    assert_eq!(place(&fed(40, 1, "\x1b[3g\t")), (0, 39));
    assert_eq!(place(&fed(40, 1, "\x1b[20G\x1b[2Z")), (0, 8));
    assert_eq!(place(&fed(40, 1, "\x1b[3I")), (0, 24));
}

#[test]
fn origin_mode_counts_from_the_margin() {
    let mut emulator = fed(9, 9, "\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[6n");
    assert_eq!(place(&emulator), (3, 1));
    assert_eq!(replies(&mut emulator), "\x1b[2;2R");
    assert_eq!(place(&fed(9, 9, "\x1b[3;6r\x1b[?6h\x1b[99;1H")), (5, 0));
}

#[test]
fn charsets_draw_lines() {
    assert_eq!(lines(&fed(9, 1, "\x1b(0lqk\x1b(Bq")), ["┌─┐q"]);
    assert_eq!(
        lines(&fed(9, 1, "\x1b)0q\x0eq\x0fq\x1b*A\x1bN##")),
        ["q─q£#"]
    );
}

#[test]
fn a_line_whose_end_is_erased_or_filled_goes_on_no_longer() {
    let wraps = |text: &str| {
        let emulator = fed(4, 2, &format!("abcde\x1b[1;1H{text}"));
        emulator.rows().next().is_some_and(|row| row.wrapped)
    };
    assert!(wraps("") && wraps("\x1b[?1K") && wraps("\x1b[88;1;1;1;3$x"));
    for text in [
        "\x1b[K",
        "\x1b[?K",
        "\x1b[?J",
        "\x1b[1;1;1;4${",
        "\x1b[88;1;1;1;4$x",
    ] {
        assert!(!wraps(text), "{text:?}");
    }
    let kept = fed(4, 2, "\x1b[1\"qabcd\x1b[0\"qe\x1b[1;1H\x1b[?K");
    assert!(kept.rows().next().is_some_and(|row| row.wrapped));
}

/// As in xterm and VTE; others do nothing the second time.
#[test]
fn mode_1049_saves_clears_and_restores_each_time() {
    let emulator = fed(5, 2, "ab\x1b[?1049hx\x1b[?1049h");
    assert_eq!(lines(&emulator), ["", ""]);
    let emulator = fed(5, 2, "ab\x1b7\x1b[2;1H\x1b[?1049lc");
    assert_eq!(lines(&emulator), ["abc", ""]);
}

#[test]
fn the_alternate_screen_leaves_the_main_one_alone() {
    let mut emulator = fed(5, 2, "ab\x1b[?1049h\x1b[Hxyz");
    assert_eq!(lines(&emulator), ["xyz", ""]);
    assert!(emulator.modes().contains(Modes::ALTERNATE_SCREEN));
    emulator.feed(b"\x1b[?1049lc");
    assert_eq!(lines(&emulator), ["abc", ""]);
    assert!(!emulator.modes().contains(Modes::ALTERNATE_SCREEN));
}

#[test]
fn sgr_in_both_spellings() {
    let rgb = Color::Rgb(1, 2, 3);
    for text in [
        "38;2;1;2;3",
        "38:2::1:2:3",
        "38:2:1:2:3",
        "0;38:2:0:1:2:3:0",
    ] {
        assert_eq!(
            style_at(&fed(2, 1, &format!("\x1b[{text}mx")), 0, 0).fg,
            rgb,
            "{text}"
        );
    }
    let fancy = style_at(&fed(2, 1, "\x1b[4:3;58;2;1;7;4;9;53mx"), 0, 0);
    assert_eq!(fancy.attrs.underline(), 3);
    assert_eq!(fancy.underline, Color::Rgb(1, 7, 4));
    assert!(fancy.attrs.contains(Attrs::STRIKE) && fancy.attrs.contains(Attrs::OVERLINE));
    assert!(!fancy.attrs.contains(Attrs::BOLD) && !fancy.attrs.contains(Attrs::INVERSE));
    assert_eq!(
        style_at(&fed(2, 1, "\x1b[97;101mx"), 0, 0).bg,
        Color::Index(9)
    );
}

#[test]
fn clusters_take_one_place() {
    let family = fed(9, 1, "👩\u{200d}👩\u{200d}👧x");
    assert_eq!(
        (lines(&family), place(&family)),
        (vec!["👩\u{200d}👩\u{200d}👧x".to_owned()], (0, 3))
    );
    assert_eq!(place(&fed(9, 1, "❤\u{fe0f}x")), (0, 3));
    assert_eq!(place(&fed(9, 1, "🇩🇪🇫🇷x")), (0, 5));
    assert_eq!(place(&fed(9, 1, "👍🏽x")), (0, 3));
    assert_eq!(place(&fed(9, 1, "e\u{301}x")), (0, 2));
    let zalgo = fed(9, 1, &format!("e{}x", "\u{301}".repeat(900)));
    assert!(lines(&zalgo)[0].len() <= 65);
}

#[test]
fn questions_are_answered() {
    assert_eq!(asked("\x1b[c"), "\x1b[?64;1;6;21;22;28c");
    assert_eq!(
        asked("\x1b[5n\x1b[2;3H\x1b[6n\x1b[?6n"),
        "\x1b[0n\x1b[2;3R\x1b[?2;3;1R"
    );
    assert_eq!(
        asked("\x1b[?25$p\x1b[?2004$p\x1b[?9999$p"),
        "\x1b[?25;1$y\x1b[?2004;2$y\x1b[?9999;0$y"
    );
    assert_eq!(
        asked("\x1b[1;4:3;31m\x1bP$qm\x1b\\"),
        "\x1bP1$r0;1;4:3;31m\x1b\\"
    );
    assert_eq!(
        asked("\x1b[2;5r\x1bP$qr\x1b\\\x1bP$qz\x1b\\"),
        "\x1bP1$r2;5r\x1b\\\x1bP0$r\x1b\\"
    );
    assert_eq!(asked("\x1b[18t"), "\x1b[8;24;80t");
    assert_eq!(asked("\x1b]11;?\x07"), "\x1b]11;rgb:0000/0000/0000\x07");
    assert_eq!(
        asked("\x1b]4;1;#102030;1;?\x1b\\"),
        "\x1b]4;1;rgb:1010/2020/3030\x1b\\"
    );
    assert_eq!(
        asked("\x1b]11;rgb:f/0/8\x07\x1b]111\x07\x1b]11;?\x07"),
        "\x1b]11;rgb:0000/0000/0000\x07"
    );
    assert!(asked("\x1b[>q").starts_with("\x1bP>|wt("));
    assert_eq!(asked("\x1b[?u"), "\x1b[?0u");
}

#[test]
fn titles_directories_and_links() {
    let emulator = fed(
        9,
        1,
        "\x1b]2;a\u{7}\x1b[22;0t\x1b]0;b\tc\x1b\\\x1b]7;file://h/a%20b\x07\x1b]8;id=1;https://e.org/;x\x07l\x1b]8;;\x07m",
    );
    assert_eq!((emulator.title(), emulator.cwd()), ("bc", Some("/a b")));
    let link = style_at(&emulator, 0, 0).link;
    assert_eq!(emulator.tables().link(link).uri, "https://e.org/;x");
    assert_eq!(style_at(&emulator, 0, 1).link, 0);
    assert_eq!(
        fed(9, 1, "\x1b]2;a\x07\x1b[22t\x1b]2;b\x07\x1b[23t").title(),
        "a"
    );
}

#[test]
fn effects_come_in_order() {
    let mut emulator = fed(
        9,
        1,
        "\x07\x1b]52;c;aGk=\x07\x1b]9;done\x07\x1b]777;notify;t;b\x07\x1b]133;A\x07\x1b]133;D;3\x07",
    );
    let effects: Vec<_> = std::iter::from_fn(|| emulator.poll()).collect();
    let clipboard = Effect::Clipboard {
        selection: "c".into(),
        bytes: b"hi".to_vec(),
    };
    let notice = |title: &str, body: &str| {
        Effect::Notice(Notice {
            title: title.into(),
            body: body.into(),
            urgency: Urgency::Normal,
        })
    };
    let mark = |mark| Effect::Mark {
        mark,
        shell: String::new(),
        line: 0,
        col: 0,
    };
    assert_eq!(
        effects,
        [
            Effect::Bell,
            clipboard,
            notice("", "done"),
            notice("t", "b"),
            mark(Mark::Prompt),
            mark(Mark::End(Some(3))),
        ]
    );
}

#[test]
fn strings_are_bounded() {
    let mut emulator = Emulator::new(Size::new(5, 1));
    emulator.feed(b"\x1b]2;");
    for _ in 0..64 {
        emulator.feed(&[b'x'; 4096]);
    }
    assert!(emulator.scanner.pending.capacity() <= 128 << 10);
    emulator.feed(b"\x07ok");
    assert_eq!((lines(&emulator)[0].as_str(), emulator.title()), ("ok", ""));
}

#[test]
fn clearing_loses_nothing() {
    let mut emulator = fed(4, 3, "a\r\nb\x1b[H\x1b[2J\x1b[3Jc");
    assert_eq!(lines(&emulator), ["c", "", ""]);
    assert!(emulator.history().is_empty());
    let spill = emulator.take_spill();
    assert_eq!((spill.lines, spill.floor), (2, Some(2)));
    assert_eq!(emulator.take_spill().floor, None);
}

#[test]
fn long_lines_leave_in_pieces_and_all_of_it() {
    let mut emulator = Emulator::new(Size::new(10, 2));
    let text: String = (0..30_000u32)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    emulator.feed(text.as_bytes());
    emulator.feed(b"\r\nend\r\n\x1b[3J");
    let spill = emulator.take_spill();
    let mut reader = crate::varint::Reader::new(&spill.bytes);
    let mut tables = super::Tables::default();
    let mut back = String::new();
    for _ in 0..spill.lines {
        let line = reader.bytes().expect("a line");
        let (cells, continued) = super::codec::decode_line(line, &mut tables).expect("cells");
        back.extend(cells.iter().map(|cell| char::from(cell.low_byte())));
        assert_eq!(continued, back.len() < text.len());
    }
    assert!(reader.is_empty());
    assert_eq!(back, text);
}

#[test]
fn the_cursor_stays_on_its_character() {
    let mut emulator = fed(10, 4, "one\r\n0123456789abc\x1b[2;5H");
    emulator.resize(Size::new(4, 4));
    let (row, col) = place(&emulator);
    let under = emulator.rows().nth(row.into()).expect("a row").cell(col);
    assert_eq!(under.low_byte(), b'4');
    emulator.resize(Size::new(10, 4));
    assert_eq!(
        (lines(&emulator)[1].as_str(), place(&emulator)),
        ("0123456789", (1, 4))
    );
}

#[test]
fn growing_pulls_rows_back_and_a_fresh_screen_does_not() {
    let mut full = fed(4, 2, "a\r\nb\r\nc");
    full.resize(Size::new(4, 3));
    assert_eq!(
        (lines(&full), place(&full)),
        (vec!["a".into(), "b".into(), "c".into()], (2, 1))
    );
    let mut fresh = fed(4, 3, "a\r\nb\x1b[H\x1b[2Jc");
    fresh.resize(Size::new(4, 5));
    assert_eq!(lines(&fresh)[0], "c");
}

#[test]
fn a_respawn_shows_the_main_screen() {
    let mut emulator = fed(5, 3, "ab\x1b[?1049h\x1b[?25l\x1b[?1000hx\x1b]2;un");
    emulator.respawn_reset();
    emulator.feed(b"c");
    assert!(emulator.cursor().visible && !emulator.modes().intersects(Modes::MOUSE_PRESS));
    assert!(lines(&emulator).concat().starts_with("ab"));
    assert!(lines(&emulator).concat().contains('c'));
}

#[test]
fn no_program_finds_what_another_has_chosen() {
    let chosen = "\x1b[61\"p\x1b G\x1b[3g\x1b[?7s\x1b[22t\x1b[?1049h\x1b[9;9H\x1b7\x1b[1*x\x1b]99;d=0;half\x07";
    let found = |emulator: &mut Emulator| {
        emulator.feed(b"\x1b[c\x1bP$q*x\x1b\\\r\t\x1b[?6n\x1b[23t\x1b]99;;whole\x07");
        emulator.feed(b"\x1b[?7l\x1b[?7r\x1b[?7$p\x1b[?1049h\x1b8\x1b[?6n");
        std::iter::from_fn(|| emulator.poll()).collect::<Vec<_>>()
    };
    let fresh = found(&mut fed(80, 1, ""));
    let mut respawned = fed(80, 1, chosen);
    respawned.respawn_reset();
    assert_eq!(found(&mut respawned), fresh);
    let mut reset = fed(80, 1, &format!("{chosen}\x1bc"));
    assert_eq!(found(&mut reset), fresh);
}

#[test]
fn tables_do_not_grow_with_what_has_passed() {
    let mut emulator = Emulator::new(Size::new(20, 4));
    for n in 0..200_000u32 {
        let [_, r, g, b] = n.to_be_bytes();
        emulator.feed(format!("\x1b[38;2;{r};{g};{b}mx\r\n").as_bytes());
        if n % 1000 == 0 {
            emulator.take_spill();
        }
    }
    assert!(emulator.tables().counts().0 < 60_000);
    let [_, r, g, b] = 199_999u32.to_be_bytes();
    assert_eq!(style_at(&emulator, 2, 0).fg, Color::Rgb(r, g, b));
}

#[test]
fn a_screen_of_one_column_takes_wide_characters() {
    let mut emulator = fed(1, 3, "a界");
    assert_eq!(lines(&emulator), ["a", "界", ""]);
    emulator.resize(Size::new(3, 3));
    assert_eq!(lines(&emulator)[0], "a界");
}

#[test]
fn synchronized_output_is_told() {
    let mut emulator = fed(3, 1, "\x1b[?2026hx");
    assert!(emulator.is_synchronized());
    emulator.feed(b"\x1b[?2026l");
    assert!(!emulator.is_synchronized());
}

#[test]
fn a_program_that_wants_to_is_told_its_size_in_band() {
    let mut emulator = fed(9, 2, "\x1b[?2048h\x1b[?2048$p");
    let answers = replies(&mut emulator);
    assert_eq!(answers, "\x1b[48;2;9;32;72t\x1b[?2048;1$y");
    emulator.resize(Size::new(4, 3));
    assert_eq!(replies(&mut emulator), "\x1b[48;3;4;48;32t");
    emulator.feed(b"\x1b[?2048l");
    emulator.resize(Size::new(9, 3));
    assert_eq!(replies(&mut emulator), "");
}
