//! What keys send, key by key and mode by mode.

use super::super::Mods;
use super::super::keyboard::OtherFormat;
use super::*;

fn sent(name: &str, modes: Modes) -> Vec<u8> {
    let mut out = Vec::new();
    encode_key(name.parse().expect(name), modes, &mut out);
    out
}

#[test]
fn keys_send_what_xterm_sends() {
    let expected: &[(&str, &[u8])] = &[
        ("a", b"a"),
        ("M-a", b"\x1ba"),
        ("C-a", b"\x01"),
        ("C-M-a", b"\x1b\x01"),
        ("C-Space", b"\0"),
        ("C-/", b"\x1f"),
        ("C-3", b"\x1b"),
        ("C-7", b"\x1f"),
        ("C-?", b"\x7f"),
        ("é", "é".as_bytes()),
        ("C-S-a", b"\x01"),
        ("Enter", b"\r"),
        ("M-Enter", b"\x1b\r"),
        ("BSpace", b"\x7f"),
        ("C-BSpace", b"\x08"),
        ("BTab", b"\x1b[Z"),
        ("Up", b"\x1b[A"),
        ("C-Left", b"\x1b[1;5D"),
        ("DC", b"\x1b[3~"),
        ("C-S-NPage", b"\x1b[6;6~"),
        ("F1", b"\x1bOP"),
        ("S-F1", b"\x1b[1;2P"),
        ("F5", b"\x1b[15~"),
        ("C-F12", b"\x1b[24;5~"),
        ("F20", b"\x1b[34~"),
    ];
    for (name, bytes) in expected {
        assert_eq!(sent(name, Modes::default()), *bytes, "{name}");
    }
}

#[test]
fn modes_change_cursor_keys_and_return() {
    assert_eq!(sent("Up", Modes::APP_CURSOR), b"\x1bOA");
    assert_eq!(sent("Home", Modes::APP_CURSOR), b"\x1bOH");
    assert_eq!(sent("C-Up", Modes::APP_CURSOR), b"\x1b[1;5A");
    assert_eq!(sent("DC", Modes::APP_CURSOR), b"\x1b[3~");
    assert_eq!(sent("Enter", Modes::NEWLINE), b"\r\n");
}

#[test]
fn keys_that_xterm_lacks_send_what_kitty_sends() {
    for (name, bytes) in [
        ("F30", "\x1b[57393u"),
        ("Super-a", "\x1b[97;9u"),
        ("Super-Enter", "\x1b[13;9u"),
        ("Super-Up", "\x1b[1;9A"),
        ("Menu", "\x1b[57363u"),
        ("LeftShift", ""),
    ] {
        assert_eq!(sent(name, Modes::default()), bytes.as_bytes(), "{name}");
    }
}

#[test]
fn the_keypad_is_one_if_the_program_asks() {
    assert_eq!(sent("KP5", Modes::default()), b"5");
    assert_eq!(sent("C-KPEnter", Modes::default()), b"\r");
    assert_eq!(sent("KPUp", Modes::APP_CURSOR), b"\x1bOA");
    assert_eq!(sent("KPBegin", Modes::default()), b"\x1b[E");
    assert_eq!(sent("KP5", Modes::APP_KEYPAD), b"\x1bOu");
    assert_eq!(sent("KPEnter", Modes::APP_KEYPAD), b"\x1bOM");
    assert_eq!(sent("KP=", Modes::APP_KEYPAD), b"\x1bOX");
    let locked = Stroke {
        mods: Mods::NUM_LOCK,
        ..Stroke::from("KP5".parse::<Key>().expect("a key"))
    };
    let ignored = Modes(Modes::APP_KEYPAD.0 | Modes::IGNORE_NUM_LOCK.0);
    for (modes, bytes) in [(Modes::APP_KEYPAD, "5"), (ignored, "ESC Ou")] {
        assert_eq!(stroke_sends(&locked, modes), bytes);
    }
}

#[test]
fn backarrow_mode_swaps_what_backspace_sends() {
    assert_eq!(sent("BSpace", Modes::BACKARROW), b"\x08");
    assert_eq!(sent("C-BSpace", Modes::BACKARROW), b"\x7f");
    assert_eq!(sent("M-BSpace", Modes::BACKARROW), b"\x1b\x08");
}

/// What is sent in that phase, with the base layout's key beside a letter of another alphabet.
fn told(name: &str, phase: Phase, modes: Modes) -> String {
    let (name, base) = name.split_once('@').unwrap_or((name, ""));
    let plain = Stroke::from(name.parse::<Key>().expect(name));
    let stroke = Stroke {
        phase,
        base: base.chars().next(),
        ..plain
    };
    stroke_sends(&stroke, modes)
}

fn stroke_sends(stroke: &Stroke, modes: Modes) -> String {
    let mut out = Vec::new();
    encode_stroke(stroke, modes, &mut out);
    let text = String::from_utf8(out).expect("text");
    let named = [
        ('\x1b', "ESC "),
        ('\r', "CR"),
        ('\t', "HT"),
        ('\x7f', "DEL"),
    ];
    let text = if text == " " { "SP".to_owned() } else { text };
    named
        .iter()
        .fold(text, |text, (c, name)| text.replace(*c, name))
}

#[test]
fn letters_of_other_alphabets_steer_by_their_place() {
    let sends = |name| told(name, Phase::Press, Modes::default());
    assert_eq!(sends("C-с@c"), "\x03");
    assert_eq!(sends("M-с@c"), "ESC c");
    assert_eq!(sends("с@c"), "с");
    assert_eq!(sends("C-с"), "с", "nothing is known of its place");
}

/// One line a key, one column for each set of flags.
#[test]
fn kitty_flags_change_what_keys_send() {
    const FLAGS: [u16; 7] = [0, 1, 2, 4, 5, 8, 31];
    let mut table = String::new();
    let names = [
        "a",
        "A",
        "C-a",
        "C-S-a",
        "M-a",
        "M-A",
        "C-i",
        "Space",
        "C-Space",
        "Escape",
        "M-Escape",
        "Enter",
        "S-Enter",
        "Tab",
        "BTab",
        "C-BTab",
        "BSpace",
        "C-BSpace",
        "Up",
        "C-Up",
        "F3",
        "S-F3",
        "F5",
        "F13",
        "Delete",
        "KP5",
        "KPEnter",
        "LeftShift",
        "CapsLock",
        "MediaPlay",
        "Super-a",
        "é",
        "C-с@c",
    ];
    for name in names {
        for phase in [Phase::Press, Phase::Repeat, Phase::Release] {
            let sends = |flags| {
                let modes = Modes::default().with_keyboard(KeyboardFlags::new(flags));
                format!("{:?}", told(name, phase, modes)).replace('"', "")
            };
            let cells = FLAGS.map(|flags| format!("{:<18}", sends(flags)));
            if phase == Phase::Press || name.len() < 3 || name == "Enter" || name == "Up" {
                let phase = format!("{phase:?}");
                let line = format!("{name:<10} {phase:<8} {}", cells.join(""));
                table.push_str(line.trim_end());
                table.push('\n');
            }
        }
    }
    insta::assert_snapshot!(table, @r#"
    a          Press    a                 a                 a                 a                 a                 ESC [97u          ESC [97;;97u
    a          Repeat   a                 a                 a                 a                 a                 ESC [97u          ESC [97;1:2;97u
    a          Release                                      ESC [97;1:3u                                                            ESC [97;1:3u
    A          Press    A                 A                 A                 A                 A                 ESC [97;2u        ESC [97:65;2;65u
    A          Repeat   A                 A                 A                 A                 A                 ESC [97;2u        ESC [97:65;2:2;65u
    A          Release                                      ESC [97;2:3u                                                            ESC [97:65;2:3u
    C-a        Press    \u{1}             ESC [97;5u        \u{1}             \u{1}             ESC [97;5u        ESC [97;5u        ESC [97;5u
    C-S-a      Press    \u{1}             ESC [97;6u        ESC [97;6u        ESC [97:65;6u     ESC [97:65;6u     ESC [97;6u        ESC [97:65;6u
    M-a        Press    ESC a             ESC [97;3u        ESC a             ESC a             ESC [97;3u        ESC [97;3u        ESC [97;3u
    M-A        Press    ESC A             ESC [97;4u        ESC A             ESC [97:65;4u     ESC [97:65;4u     ESC [97;4u        ESC [97:65;4u
    C-i        Press    HT                ESC [105;5u       HT                HT                ESC [105;5u       ESC [105;5u       ESC [105;5u
    Space      Press    SP                SP                SP                SP                SP                ESC [32u          ESC [32;;32u
    C-Space    Press    \0                ESC [32;5u        \0                \0                ESC [32;5u        ESC [32;5u        ESC [32;5u
    Escape     Press    ESC               ESC [27u          ESC               ESC               ESC [27u          ESC [27u          ESC [27u
    M-Escape   Press    ESC ESC           ESC [27;3u        ESC ESC           ESC ESC           ESC [27;3u        ESC [27;3u        ESC [27;3u
    Enter      Press    CR                CR                CR                CR                CR                ESC [13u          ESC [13u
    Enter      Repeat   CR                CR                CR                CR                CR                ESC [13u          ESC [13;1:2u
    Enter      Release                                                                                                              ESC [13;1:3u
    S-Enter    Press    CR                ESC [13;2u        CR                CR                ESC [13;2u        ESC [13;2u        ESC [13;2u
    Tab        Press    HT                HT                HT                HT                HT                ESC [9u           ESC [9u
    BTab       Press    ESC [Z            ESC [9;2u         ESC [Z            ESC [Z            ESC [9;2u         ESC [9;2u         ESC [9;2u
    C-BTab     Press    ESC [Z            ESC [9;6u         ESC [Z            ESC [Z            ESC [9;6u         ESC [9;6u         ESC [9;6u
    BSpace     Press    DEL               DEL               DEL               DEL               DEL               ESC [127u         ESC [127u
    C-BSpace   Press    \u{8}             ESC [127;5u       \u{8}             \u{8}             ESC [127;5u       ESC [127;5u       ESC [127;5u
    Up         Press    ESC [A            ESC [A            ESC [A            ESC [A            ESC [A            ESC [A            ESC [A
    Up         Repeat   ESC [A            ESC [A            ESC [1;1:2A       ESC [A            ESC [A            ESC [A            ESC [1;1:2A
    Up         Release                                      ESC [1;1:3A                                                             ESC [1;1:3A
    C-Up       Press    ESC [1;5A         ESC [1;5A         ESC [1;5A         ESC [1;5A         ESC [1;5A         ESC [1;5A         ESC [1;5A
    F3         Press    ESC OR            ESC [13~          ESC [13~          ESC [13~          ESC [13~          ESC [13~          ESC [13~
    F3         Repeat   ESC OR            ESC [13~          ESC [13;1:2~      ESC [13~          ESC [13~          ESC [13~          ESC [13;1:2~
    F3         Release                                      ESC [13;1:3~                                                            ESC [13;1:3~
    S-F3       Press    ESC [1;2R         ESC [13;2~        ESC [13;2~        ESC [13;2~        ESC [13;2~        ESC [13;2~        ESC [13;2~
    F5         Press    ESC [15~          ESC [15~          ESC [15~          ESC [15~          ESC [15~          ESC [15~          ESC [15~
    F5         Repeat   ESC [15~          ESC [15~          ESC [15;1:2~      ESC [15~          ESC [15~          ESC [15~          ESC [15;1:2~
    F5         Release                                      ESC [15;1:3~                                                            ESC [15;1:3~
    F13        Press    ESC [25~          ESC [57376u       ESC [57376u       ESC [57376u       ESC [57376u       ESC [57376u       ESC [57376u
    Delete     Press    ESC [3~           ESC [3~           ESC [3~           ESC [3~           ESC [3~           ESC [3~           ESC [3~
    KP5        Press    5                 ESC [57404u       5                 5                 ESC [57404u       ESC [57404u       ESC [57404;;53u
    KPEnter    Press    CR                ESC [57414u       CR                CR                ESC [57414u       ESC [57414u       ESC [57414u
    LeftShift  Press                                                                                              ESC [57441u       ESC [57441u
    CapsLock   Press                                                                                              ESC [57358u       ESC [57358u
    MediaPlay  Press    ESC [57428u       ESC [57428u       ESC [57428u       ESC [57428u       ESC [57428u       ESC [57428u       ESC [57428u
    Super-a    Press    ESC [97;9u        ESC [97;9u        ESC [97;9u        ESC [97;9u        ESC [97;9u        ESC [97;9u        ESC [97;9u
    é          Press    é                 é                 é                 é                 é                 ESC [233u         ESC [233;;233u
    é          Repeat   é                 é                 é                 é                 é                 ESC [233u         ESC [233;1:2;233u
    é          Release                                      ESC [233;1:3u                                                           ESC [233;1:3u
    C-с@c      Press    \u{3}             ESC [1089;5u      \u{3}             ESC [1089::99;5u  ESC [1089::99;5u  ESC [1089;5u      ESC [1089::99;5u
    "#);
}

#[test]
fn modify_other_keys_changes_what_keys_send() {
    let mut table = String::new();
    for name in [
        "a", "A", "C-a", "C-S-a", "M-a", "M-A", "C-M-a", "C-i", "C-;", "C-1", "C-2", "Space",
        "S-Space", "C-Space", "Enter", "S-Enter", "M-Enter", "Tab", "BTab", "C-Tab", "C-BTab",
        "Escape", "C-Escape", "BSpace", "C-BSpace", "C-Up", "KP5", "Super-a",
    ] {
        let sends = |level, format| {
            let modes = Modes::default()
                .with_other_keys(level)
                .with_other_format(format);
            format!("{:?}", told(name, Phase::Press, modes)).replace('"', "")
        };
        let tilde = |level| sends(level, OtherFormat::Tilde);
        let line = format!(
            "{name:<10} {:<16} {:<16} {:<16} {}",
            tilde(OtherKeys::Off),
            tilde(OtherKeys::Unclear),
            tilde(OtherKeys::All),
            sends(OtherKeys::All, OtherFormat::U)
        );
        table.push_str(line.trim_end());
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r#"
    a          a                a                a                a
    A          A                A                A                A
    C-a        \u{1}            \u{1}            ESC [27;5;97~    ESC [97;5u
    C-S-a      \u{1}            ESC [27;6;65~    ESC [27;6;65~    ESC [65;6u
    M-a        ESC a            ESC a            ESC [27;3;97~    ESC [97;3u
    M-A        ESC A            ESC [27;4;65~    ESC [27;4;65~    ESC [65;4u
    C-M-a      ESC \u{1}        ESC \u{1}        ESC [27;7;97~    ESC [97;7u
    C-i        HT               HT               ESC [27;5;105~   ESC [105;5u
    C-;        ;                ESC [27;5;59~    ESC [27;5;59~    ESC [59;5u
    C-1        1                ESC [27;5;49~    ESC [27;5;49~    ESC [49;5u
    C-2        \0               \0               ESC [27;5;50~    ESC [50;5u
    Space      SP               SP               SP               SP
    S-Space    SP               SP               ESC [27;2;32~    ESC [32;2u
    C-Space    \0               \0               ESC [27;5;32~    ESC [32;5u
    Enter      CR               CR               CR               CR
    S-Enter    CR               ESC [27;2;13~    ESC [27;2;13~    ESC [13;2u
    M-Enter    ESC CR           ESC CR           ESC [27;3;13~    ESC [13;3u
    Tab        HT               HT               HT               HT
    BTab       ESC [Z           ESC [Z           ESC [Z           ESC [Z
    C-Tab      HT               ESC [27;5;9~     ESC [27;5;9~     ESC [9;5u
    C-BTab     ESC [Z           ESC [27;6;9~     ESC [27;6;9~     ESC [9;6u
    Escape     ESC              ESC              ESC              ESC
    C-Escape   ESC              ESC              ESC [27;5;27~    ESC [27;5u
    BSpace     DEL              DEL              DEL              DEL
    C-BSpace   \u{8}            \u{8}            ESC [27;5;127~   ESC [127;5u
    C-Up       ESC [1;5A        ESC [1;5A        ESC [1;5A        ESC [1;5A
    KP5        5                5                5                5
    Super-a    ESC [97;9u       ESC [97;9u       ESC [97;9u       ESC [97;9u
    "#);
}
