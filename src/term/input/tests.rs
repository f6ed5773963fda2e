//! What terminals send, in each dialect, however it is cut up.

use super::*;
use crate::term::encode::{encode_key, encode_stroke};
use crate::term::key::key_with;
use crate::term::stroke::tests::any_stroke;
use crate::term::{KeyboardFlags, Modes, Mouse, MouseAction, Phase, Within};
use proptest::prelude::*;

/// Polls until nothing is left, and checks that every event stands for just the bytes that it took.
fn drain(decoder: &mut Decoder, taken: &mut Vec<u8>) -> Vec<InputEvent> {
    let mut events = Vec::new();
    loop {
        let start = decoder.start;
        let event = decoder.poll();
        let bytes = &decoder.buffer[start..decoder.start];
        taken.extend_from_slice(bytes);
        match event {
            Some(InputEvent::Unknown(ref raw)) => assert_eq!(raw, bytes),
            Some(InputEvent::Paste {
                bytes: ref part, ..
            }) => assert!(memmem::find(bytes, part).is_some()),
            Some(_) => assert!(!bytes.is_empty()),
            None => return events,
        }
        events.extend(event);
    }
}

/// Decodes `input` cut at every `step` bytes, then waits.
fn decode_in_steps(input: &[u8], step: usize) -> Vec<InputEvent> {
    let (mut decoder, mut taken, mut events) = (Decoder::new(), Vec::new(), Vec::new());
    for part in input.chunks(step) {
        decoder.feed(part, 0);
        events.extend(drain(&mut decoder, &mut taken));
        let held = decoder.buffer.len() - decoder.start;
        assert!(held <= 1100, "{held} bytes are held");
    }
    decoder.tick(SEQUENCE_WAIT);
    events.extend(drain(&mut decoder, &mut taken));
    taken.extend_from_slice(&decoder.buffer[decoder.start..]);
    assert_eq!(taken, input, "bytes were lost or doubled");
    events
}

fn decode(input: &[u8]) -> Vec<InputEvent> {
    decode_in_steps(input, usize::MAX)
}

/// The names of the keys that `input` is, and nothing else.
fn keys(input: &[u8]) -> String {
    let name = |event: InputEvent| match event {
        InputEvent::Key(stroke) => stroke.key().to_string(),
        other => format!("{other:?}"),
    };
    decode(input)
        .into_iter()
        .map(name)
        .collect::<Vec<_>>()
        .join(" ")
}

fn one(input: &[u8]) -> InputEvent {
    let mut events = decode(input);
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

fn mouse(input: &[u8]) -> Mouse {
    match one(input) {
        InputEvent::Mouse(mouse) => mouse,
        other => panic!("{other:?}"),
    }
}

/// Parts of a paste, and runs of unknown bytes, put together.
fn joined(events: Vec<InputEvent>) -> Vec<InputEvent> {
    let mut all: Vec<InputEvent> = Vec::new();
    for event in events {
        match (all.last_mut(), event) {
            (
                Some(InputEvent::Paste { bytes, last, .. }),
                InputEvent::Paste {
                    bytes: more,
                    first: false,
                    last: ends,
                },
            ) => {
                bytes.extend(more);
                *last = ends;
            }
            (Some(InputEvent::Unknown(bytes)), InputEvent::Unknown(more)) => bytes.extend(more),
            (_, event) => all.push(event),
        }
    }
    all
}

#[test]
fn characters_and_controls_are_keys() {
    assert_eq!(keys(b"aA% "), "a A % Space");
    assert_eq!(keys("é€😀".as_bytes()), "é € 😀");
    assert_eq!(
        keys(b"\0\x01\x08\t\n\r\x1a\x1c\x1d\x1e\x1f\x7f"),
        "C-Space C-a C-h Tab C-j Enter C-z C-\\ C-] C-^ C-_ BSpace"
    );
}

#[test]
fn an_escape_before_it_is_alt() {
    assert_eq!(
        keys(b"\x1ba\x1bA\x1b\x01\x1b\r\x1b\x7f"),
        "M-a M-A C-M-a M-Enter M-BSpace"
    );
    assert_eq!(keys("\x1bé".as_bytes()), "M-é");
    assert_eq!(keys(b"\x1b[\x1bO"), "Unknown([27, 91]) M-O");
}

#[test]
fn cursor_and_editing_keys_in_each_dialect() {
    assert_eq!(
        keys(b"\x1b[A\x1bOB\x1b[H\x1bOF\x1b[Z"),
        "Up Down Home End BTab"
    );
    assert_eq!(keys(b"\x1b[1~\x1b[4~\x1b[7~\x1b[8~"), "Home End Home End");
    assert_eq!(
        keys(b"\x1b[2~\x1b[3~\x1b[5~\x1b[6~"),
        "Insert Delete PageUp PageDown"
    );
    assert_eq!(
        keys(b"\x1b[1;5A\x1b[1;2D\x1b[3;3~\x1b[1;8C"),
        "C-Up S-Left M-Delete C-M-S-Right"
    );
    assert_eq!(
        keys(b"\x1b[a\x1bOd\x1b[3$\x1b[5^\x1b[6@"),
        "S-Up C-Left S-Delete C-PageUp C-S-PageDown"
    );
    assert_eq!(keys(b"\x1b[3$1"), "S-Delete 1");
    assert_eq!(keys(b"\x1b\x1b[A\x1b\x1bOC"), "M-Up M-Right");
    assert_eq!(keys(b"\x1b[1;9A"), "M-Up");
}

#[test]
fn function_keys_in_each_dialect() {
    assert_eq!(
        keys(b"\x1bOP\x1bOS\x1b[11~\x1b[14~\x1b[[A\x1b[[E"),
        "F1 F4 F1 F4 F1 F5"
    );
    assert_eq!(
        keys(b"\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~\x1b[25~\x1b[34~"),
        "F5 F6 F10 F11 F12 F13 F20"
    );
    assert_eq!(
        keys(b"\x1b[1;2P\x1b[1;5R\x1b[15;3~\x1bO5Q"),
        "S-F1 C-F3 M-F5 C-F2"
    );
}

#[test]
fn the_keypad_and_code_points_are_keys() {
    assert_eq!(
        keys(b"\x1bOM\x1bOj\x1bOp\x1bOy\x1bOX"),
        "KPEnter KP* KP0 KP9 KP="
    );
    assert_eq!(
        keys(b"\x1b[97;5u\x1b[27;5;98~\x1b[13;2u\x1b[97;6u\x1b[32;5u"),
        "C-a C-b S-Enter C-S-a C-Space"
    );
    assert_eq!(keys(b"\x1b[97:65;2:1u\x1b[97;65u\x1b[27u"), "A a Escape");
    assert_eq!(
        keys(b"\x1b[97;1:4u"),
        format!("{:?}", InputEvent::Unknown(b"\x1b[97;1:4u".to_vec()))
    );
}

#[test]
fn a_lone_escape_waits_no_longer_than_its_time() {
    let mut decoder = Decoder::new();
    decoder.feed(b"\x1b", 100);
    assert_eq!(
        (decoder.poll(), decoder.timeout()),
        (None, Some(100 + ESC_WAIT))
    );
    decoder.tick(100 + ESC_WAIT - 1);
    assert_eq!(decoder.poll(), None);
    decoder.tick(100 + ESC_WAIT);
    assert!(
        matches!(decoder.poll(), Some(InputEvent::Key(stroke)) if stroke.key().code == KeyCode::Escape)
    );
    assert_eq!((decoder.poll(), decoder.timeout()), (None, None));
    assert_eq!(keys(b"\x1b\x1b"), "Escape Escape");
    assert_eq!(keys(b"\x1b\x1bx"), "Escape M-x");
}

#[test]
fn a_sequence_cut_in_two_is_whole_if_its_rest_comes_in_time() {
    let mut decoder = Decoder::new();
    decoder.feed(b"\x1b[1;", 0);
    assert_eq!(
        (decoder.poll(), decoder.timeout()),
        (None, Some(SEQUENCE_WAIT))
    );
    decoder.feed(b"5A", 50);
    assert!(
        matches!(decoder.poll(), Some(InputEvent::Key(stroke)) if stroke.key().to_string() == "C-Up")
    );
    decoder.feed(b"\x1b[1;", 60);
    assert_eq!(decoder.poll(), None);
    decoder.tick(60 + SEQUENCE_WAIT);
    assert_eq!(
        decoder.poll(),
        Some(InputEvent::Unknown(b"\x1b[1;".to_vec()))
    );
}

#[test]
fn mice_in_each_dialect() {
    let at = |action, x, y, mods| Mouse {
        action,
        x,
        y,
        mods,
        within: Within::default(),
    };
    assert_eq!(
        mouse(b"\x1b[<0;1;1M"),
        at(MouseAction::Press(0), 0, 0, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[<2;300;200m"),
        at(MouseAction::Release(2), 299, 199, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[<52;3;4M"),
        at(MouseAction::Drag(0), 2, 3, Mods::CTRL.with(Mods::SHIFT))
    );
    assert_eq!(
        mouse(b"\x1b[<35;3;4M"),
        at(MouseAction::Motion, 2, 3, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[<64;3;4M"),
        at(MouseAction::WheelUp, 2, 3, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[<73;3;4M"),
        at(MouseAction::WheelDown, 2, 3, Mods::ALT)
    );
    assert_eq!(
        mouse(b"\x1b[<128;3;4M"),
        at(MouseAction::Press(8), 2, 3, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[M !\""),
        at(MouseAction::Press(0), 0, 1, Mods::NONE)
    );
    assert_eq!(
        mouse(b"\x1b[34;5;6M"),
        at(MouseAction::Press(2), 4, 5, Mods::NONE)
    );
    let released = decode(b"\x1b[M\"!!\x1b[M#!!");
    assert_eq!(
        released[1],
        InputEvent::Mouse(at(MouseAction::Release(2), 0, 0, Mods::NONE))
    );
}

#[test]
fn focus_and_replies_are_told_apart_from_keys() {
    assert_eq!(
        decode(b"\x1b[I\x1b[O"),
        [InputEvent::FocusGained, InputEvent::FocusLost]
    );
    let reply = |input: &[u8]| match one(input) {
        InputEvent::Reply(reply) => reply,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reply(b"\x1b[?62;4c"),
        TerminalReply::Attributes(vec![62, 4])
    );
    assert_eq!(
        reply(b"\x1b[24;80R"),
        TerminalReply::CursorPosition { row: 23, col: 79 }
    );
    assert_eq!(
        reply(b"\x1b[?2026;2$y"),
        TerminalReply::Mode {
            mode: 2026,
            state: 2
        }
    );
    assert_eq!(
        reply(b"\x1b]10;rgb:ff/ff/ff\x07"),
        TerminalReply::Foreground("rgb:ff/ff/ff".into())
    );
    assert_eq!(
        reply(b"\x1b]11;rgb:0/0/0\x1b\\"),
        TerminalReply::Background("rgb:0/0/0".into())
    );
    assert_eq!(reply(b"\x1b[?997;1n"), TerminalReply::DarkScheme);
    assert_eq!(reply(b"\x1b[?997;2n"), TerminalReply::LightScheme);
    assert_eq!(
        reply(b"\x1bP>|XTerm(390)\x1b\\"),
        TerminalReply::Version("XTerm(390)".into())
    );
    assert_eq!(keys(b"\x1b]a\x1bPa"), "M-] a M-P a");
}

#[test]
fn a_paste_is_handed_on_before_it_ends() {
    let mut decoder = Decoder::new();
    let part = |bytes: &[u8], first, last| {
        Some(InputEvent::Paste {
            bytes: bytes.to_vec(),
            first,
            last,
        })
    };
    decoder.feed(b"\x1b[200~one\x1b[20", 0);
    assert_eq!(decoder.poll(), part(b"one", true, false));
    assert_eq!((decoder.poll(), decoder.timeout()), (None, None));
    decoder.feed(b"0~ two\x1b[201", 1);
    assert_eq!(decoder.poll(), part(b"\x1b[200~ two", false, false));
    assert_eq!(decoder.poll(), None);
    decoder.feed(b"~x", 2);
    assert_eq!(decoder.poll(), part(b"", false, true));
    assert!(matches!(decoder.poll(), Some(InputEvent::Key(_))));
    assert_eq!(
        decode(b"\x1b[200~\x1b[201~"),
        [part(b"", true, true).expect("a part")]
    );
}

#[test]
fn a_long_paste_comes_in_parts() {
    let input = [
        b"\x1b[200~".to_vec(),
        vec![b'x'; 3 * PASTE_CHUNK + 5],
        PASTE_END.to_vec(),
    ]
    .concat();
    let events = decode(&input);
    let lengths = events.iter().map(|event| match event {
        InputEvent::Paste { bytes, .. } => bytes.len(),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        lengths.collect::<Vec<_>>(),
        [PASTE_CHUNK, PASTE_CHUNK, PASTE_CHUNK, 5]
    );
}

#[test]
fn what_is_no_utf8_is_unknown() {
    assert_eq!(
        joined(decode(b"\xff\x80a\xe2\x82")),
        [
            InputEvent::Unknown(vec![0xff, 0x80]),
            InputEvent::Key(Stroke::from(Key::new(KeyCode::Char('a'), Mods::NONE))),
            InputEvent::Unknown(vec![0xe2, 0x82]),
        ]
    );
}

#[test]
fn kitty_tells_more_of_a_key() {
    let full = |code, mods, phase| Stroke {
        mods,
        phase,
        ..Stroke::from(Key::new(code, Mods::NONE))
    };
    let stroke = |input: &[u8]| {
        let mut events = decode(&[b"\x1b[?31u", input].concat());
        assert_eq!(
            events.remove(0),
            InputEvent::Reply(TerminalReply::Keyboard(KeyboardFlags::ALL))
        );
        match &events[..] {
            [InputEvent::Key(stroke)] => stroke.clone(),
            other => panic!("{other:?}"),
        }
    };
    let a = || full(KeyCode::Char('a'), Mods::NONE, Phase::Press);
    assert_eq!(stroke(b"\x1b[97u"), a());
    assert_eq!(
        stroke(b"\x1b[97;1:3u"),
        Stroke {
            phase: Phase::Release,
            ..a()
        }
    );
    assert_eq!(
        stroke(b"\x1b[97:65;2:2;65u"),
        Stroke {
            mods: Mods::SHIFT,
            phase: Phase::Repeat,
            shifted: Some('A'),
            text: "A".to_owned(),
            ..a()
        }
    );
    assert_eq!(
        stroke(b"\x1b[1089::99;133u"),
        Stroke {
            base: Some('c'),
            ..full(
                KeyCode::Char('с'),
                Mods::CTRL.with(Mods::NUM_LOCK),
                Phase::Press
            )
        }
    );
    assert_eq!(stroke(b"\x1b[97;;229u").text, "å");
    assert_eq!(stroke(b"\x1b[0;;19990:30028u").text(), "世界");
    assert_eq!(stroke(b"\x1b[97;;27:98u").text, "b", "controls are no text");
    let named = |input: &[u8]| {
        let stroke = stroke(input);
        (stroke.key().to_string(), stroke.phase)
    };
    for (input, name, phase) in [
        ("\x1b[1;9A", "Super-Up", Phase::Press),
        ("\x1b[1;33A", "Meta-Up", Phase::Press),
        ("\x1b[1;1:3B", "Down", Phase::Release),
        ("\x1b[3;5:2~", "C-Delete", Phase::Repeat),
        ("\x1b[13~", "F3", Phase::Press),
        ("\x1b[13;129u", "Enter", Phase::Press),
        ("\x1b[9;6u", "C-BTab", Phase::Press),
        ("\x1b[57376;2u", "S-F13", Phase::Press),
        ("\x1b[57404;129u", "KP5", Phase::Press),
        ("\x1b[E", "KPBegin", Phase::Press),
        ("\x1b[57427~", "KPBegin", Phase::Press),
        ("\x1b[57441;2:1u", "S-LeftShift", Phase::Press),
        ("\x1b[57430u", "MediaPlayPause", Phase::Press),
    ] {
        assert_eq!(
            named(input.as_bytes()),
            (name.to_owned(), phase),
            "{input:?}"
        );
    }
}

#[test]
fn a_pixel_is_a_cell_and_a_place_in_it_once_the_terminal_says_so() {
    let mut decoder = Decoder::new();
    decoder.set_cell(Some((10, 20)));
    let mut told = |input: &str| {
        decoder.feed(input.as_bytes(), 0);
        drain(&mut decoder, &mut Vec::new())
    };
    let at = |x, y, within| {
        InputEvent::Mouse(Mouse {
            action: MouseAction::Press(0),
            x,
            y,
            mods: Mods::NONE,
            within,
        })
    };
    assert_eq!(told("\x1b[<0;26;41M"), [at(25, 40, Within::default())]);
    let events = told("\x1b[?1016;1$y\x1b[<0;26;41M");
    assert_eq!(events[1], at(2, 2, Within { x: 128, y: 0 }));
    let events = told("\x1b[?1016;2$y\x1b[<0;26;41M");
    assert_eq!(events[1], at(25, 40, Within::default()));
}

fn any_input() -> impl Strategy<Value = Vec<u8>> {
    let known = proptest::sample::select(vec![
        "a",
        "é",
        "😀",
        "\x1b",
        "\x1b[A",
        "\x1bOP",
        "\x1b[1;5A",
        "\x1b[3$",
        "\x1b[<0;10;20M",
        "\x1b[M !!",
        "\x1b[200~",
        "\x1b[201~",
        "\x1b[I",
        "\x1b[?62c",
        "\x1b]11;rgb:1/2/3\x07",
        "\x1b]1",
        "\x1bP>|x\x1b\\",
        "\x1b\x1b[B",
        "\x1b[97;5u",
        "\x1b[?5u",
        "\x1b[97:65:99;2:3;65u",
        "\x1b[?1016;1$y",
    ]);
    let piece = prop_oneof![
        4 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
        1 => proptest::collection::vec(proptest::sample::select(b"\x1b[]OP<?;:0123$~MRu\x07".to_vec()), 0..90),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_sequence_too_long_for_a_dollar_is_let_go_however_it_is_cut() {
    let input = [b"\x1b[", &[b'8'; 129][..], b"$"].concat();
    assert_eq!(joined(decode_in_steps(&input, 1)), joined(decode(&input)));
}

proptest! {
    #[test]
    fn the_way_it_is_cut_changes_nothing(input in any_input(), step in 1..20usize) {
        prop_assert_eq!(joined(decode_in_steps(&input, step)), joined(decode(&input)));
    }

    #[test]
    fn what_is_told_in_full_is_read_as_that(stroke in any_stroke()) {
        let mut sent = Vec::new();
        encode_stroke(&stroke, Modes::default().with_keyboard(KeyboardFlags::ALL), &mut sent);
        let text = stroke.text();
        let read = decode(&[b"\x1b[?31u".as_slice(), &sent].concat()).pop();
        prop_assert_eq!(read, Some(InputEvent::Key(Stroke { text, ..stroke })));
    }

    #[test]
    fn what_a_key_sends_is_decoded_as_that_key(key in key_with(0..8), bits in 0..4u32) {
        let mut sent = Vec::new();
        encode_key(key, Modes(bits), &mut sent);
        if sends_itself(key) {
            prop_assert_eq!(keys(&sent), key.to_string());
        }
    }
}

/// Whether no other key sends the same: a control stands for several keys, and Alt makes a bracket of a sequence.
fn sends_itself(key: Key) -> bool {
    let held = |mods| key.mods.contains(mods);
    match key.code {
        KeyCode::Char(c) if held(Mods::CTRL) => c.is_ascii_lowercase() && !"him".contains(c),
        KeyCode::Char(c) if held(Mods::ALT) => !"[OP]".contains(c) && !held(Mods::SHIFT),
        KeyCode::F(n) => n <= 20,
        KeyCode::Keypad(_) | KeyCode::Special(_) => false,
        KeyCode::Escape => key.mods == Mods::NONE,
        KeyCode::Backspace | KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab => {
            !held(Mods::CTRL) && !held(Mods::SHIFT)
        }
        KeyCode::Char(_) => !held(Mods::SHIFT),
        _ => true,
    }
}

#[test]
fn a_clipboard_arrives_however_large_and_however_it_is_cut() {
    let clipboard = |text: &str| {
        use base64::Engine;
        base64::prelude::BASE64_STANDARD.encode(text)
    };
    for (text, end) in [
        ("", "\x07"),
        ("hi", "\x1b\\"),
        (&*"x".repeat(1 << 20), "\x07"),
    ] {
        let sent = format!("\x1b]52;c;{}{end}a", clipboard(text));
        for step in [1, 7, 4096] {
            if step < 100 && text.len() > 100 {
                continue;
            }
            let (mut decoder, mut taken, mut events) = (Decoder::new(), Vec::new(), Vec::new());
            for part in sent.as_bytes().chunks(step) {
                decoder.feed(part, 0);
                events.extend(drain(&mut decoder, &mut taken));
            }
            let reply = TerminalReply::Clipboard(text.as_bytes().to_vec());
            assert_eq!(events.len(), 2);
            assert!(events[0] == InputEvent::Reply(reply), "cut at {step}");
        }
    }
    let alt = decode_in_steps(b"\x1b]5", 1);
    assert!(
        !alt.iter()
            .any(|event| matches!(event, InputEvent::Reply(_)))
    );
}
