use super::*;
use crate::term::Emulator;
use proptest::prelude::*;

/// The encoded lines of what a program printed on a screen that is wide and high enough.
fn lines(output: &str) -> Vec<Vec<u8>> {
    let mut emulator = Emulator::new(Size::new(200, 60));
    emulator.feed(output.as_bytes());
    let encoded = |row: &crate::term::Row| {
        let mut body = Vec::new();
        codec::encode_line(row.cells(), false, emulator.tables(), &mut body);
        body
    };
    emulator.rows().map(encoded).collect()
}

fn setting() -> Setting {
    Setting {
        title: "make <all>".into(),
        size: Size::new(80, 24),
        colors: ((229, 229, 229), (0, 0, 0)),
        wrapping: Wrapping::Wrap,
    }
}

fn exported(format: Format, lines: &[(u64, Vec<u8>)]) -> String {
    let mut out = Vec::new();
    let mut exporter = Exporter::new(format, setting(), &mut out);
    for (at_ms, body) in lines {
        exporter.line(*at_ms, body, &mut out);
    }
    exporter.finish(&mut out);
    String::from_utf8(out).expect("every format is UTF-8")
}

fn timed(output: &str) -> Vec<(u64, Vec<u8>)> {
    let start = 1_700_000_000_000;
    let times = (0..).map(|n| start + n / 2 * 1500);
    times.zip(lines(output)).collect()
}

const STYLED: &str = "plain & <text>\r\n\x1b[1;31mbold red\x1b[0m then \x1b[7mturned\x1b[0m\r\n\
    \r\n\x1b[4:3;58;5;2mcurly\x1b[0m \x1b[9;38;2;1;2;3mstruck\x1b[0m \x1b[2;5;8mrest\x1b[0m\r\n\
    \x1b]8;;https://example.org/?a=1&b=\"\x1b\\page\x1b]8;;\x1b\\ \
    \x1b]8;;javascript:alert(1)\x1b\\trap\x1b]8;;\x1b\\ 世界 e\u{301}";

#[test]
fn text_is_the_lines_alone() {
    insta::assert_snapshot!(exported(Format::Text, &timed(STYLED)), @r##"
    plain & <text>
    bold red then turned

    curly struck rest
    page trap 世界 é
    "##);
}

#[test]
fn escape_sequences_give_looks_and_links() {
    let text = exported(Format::Ansi, &timed(STYLED));
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"), @r##"
    plain & <text>
    ␛[0;1;31mbold red␛[0m then ␛[0;7mturned␛[0m

    ␛[0;4:3;58:5:2mcurly␛[0m ␛[0;9;38;2;1;2;3mstruck␛[0m ␛[0;2;5;8mrest␛[0m
    ␛[0m␛]8;;https://example.org/?a=1&b="␛\page␛[0m␛]8;;␛\ ␛[0m␛]8;;javascript:alert(1)␛\trap␛[0m␛]8;;␛\ 世界 é
    "##);
}

#[test]
fn a_page_is_escaped_and_links_lead_to_pages_alone() {
    insta::assert_snapshot!(exported(Format::Html, &timed(STYLED)), @r##"
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>make &lt;all&gt;</title>
    <style>
    @keyframes blink{50%{opacity:0}}
    body{margin:0;color:#e5e5e5;background:#000000}
    pre{margin:1em;font:14px/1.3 monospace;white-space:pre-wrap;overflow-wrap:anywhere}
    a{color:inherit}
    </style>
    </head>
    <body>
    <pre>
    plain &amp; &lt;text&gt;
    <span style="color:#cd0000;font-weight:bold;">bold red</span> then <span style="color:#000000;background:#e5e5e5;">turned</span>

    <span style="text-decoration:underline wavy #00cd00;">curly</span> <span style="color:#010203;text-decoration:line-through;">struck</span> <span style="opacity:.6;animation:blink 1s step-end infinite;visibility:hidden;">rest</span>
    <a href="https://example.org/?a=1&amp;b=&quot;" rel="noopener noreferrer">page</a> trap 世界 é
    </pre>
    </body>
    </html>
    "##);
}

#[test]
fn a_recording_keeps_its_pauses() {
    insta::assert_snapshot!(exported(Format::Asciicast, &timed(STYLED)), @r##"
    {"env":{"TERM":"xterm-256color"},"height":24,"theme":{"bg":"#000000","fg":"#e5e5e5","palette":"#000000:#cd0000:#00cd00:#cdcd00:#0000ee:#cd00cd:#00cdcd:#e5e5e5:#7f7f7f:#ff0000:#00ff00:#ffff00:#5c5cff:#ff00ff:#00ffff:#ffffff"},"timestamp":1700000000,"title":"make <all>","version":2,"width":80}
    [0.000, "o", "plain & <text>\r\n\u001b[0;1;31mbold red\u001b[0m then \u001b[0;7mturned\u001b[0m\r\n"]
    [1.500, "o", "\r\n\u001b[0;4:3;58:5:2mcurly\u001b[0m \u001b[0;9;38;2;1;2;3mstruck\u001b[0m \u001b[0;2;5;8mrest\u001b[0m\r\n"]
    [3.000, "o", "\u001b[0m\u001b]8;;https://example.org/?a=1&b=\"\u001b\\page\u001b[0m\u001b]8;;\u001b\\ \u001b[0m\u001b]8;;javascript:alert(1)\u001b\\trap\u001b[0m\u001b]8;;\u001b\\ 世界 é\r\n"]
    "##);
}

#[test]
fn what_could_steer_a_terminal_is_no_text() {
    let mut body = vec![2];
    crate::varint::put_bytes(&mut body, b"a\x1b[2Jb");
    body.extend([1, 6, 0, 0]);
    for format in [Format::Text, Format::Ansi] {
        assert_eq!(exported(format, &[(0, body.clone())]), "");
    }
    for format in [Format::Html, Format::Asciicast] {
        assert!(!exported(format, &[(0, body.clone())]).contains("2J"));
    }
}

#[test]
fn pieces_of_a_line_are_joined() {
    let piece = |text: &str, goes_on| {
        let mut emulator = Emulator::new(Size::new(80, 2));
        emulator.feed(text.as_bytes());
        let mut body = Vec::new();
        let row = emulator.rows().next().expect("a row");
        codec::encode_line(row.cells(), goes_on, emulator.tables(), &mut body);
        (5, body)
    };
    let pieces = [
        piece("one ", true),
        piece("two", false),
        piece("three", true),
    ];
    for format in [Format::Text, Format::Ansi] {
        assert_eq!(
            exported(format, &pieces),
            "one two
three
"
        );
    }
}

#[test]
fn a_clock_that_goes_backwards_does_not_turn_a_recording_back() {
    let mut lines = timed("one\r\ntwo\r\nthree");
    (lines[0].0, lines[1].0, lines[2].0) = (5000, 3000, 0);
    let cast = exported(Format::Asciicast, &lines);
    let events: Vec<_> = cast.lines().skip(1).collect();
    assert_eq!(events, [r#"[0.000, "o", "one\r\ntwo\r\nthree\r\n"]"#]);
}

proptest! {
    #[test]
    fn text_is_what_was_printed(
        printed in prop::collection::vec("[ -~é世]{0,40}", 1..50),
    ) {
        let output = printed.join("\r\n");
        let wanted: Vec<_> = printed.iter().map(|line| line.trim_end()).collect();
        let wanted = wanted.join("\n");
        let wanted = match wanted.trim_end_matches('\n') {
            "" => String::new(),
            text => format!("{text}\n"),
        };
        prop_assert_eq!(&exported(Format::Text, &timed(&output)), &wanted);
        // Escape sequences for looks aside, the others say the same.
        prop_assert_eq!(&exported(Format::Ansi, &timed(&output)), &wanted);
        let mut told = String::new();
        for event in exported(Format::Asciicast, &timed(&output)).lines().skip(1) {
            let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
            told += event[2].as_str().expect("text");
        }
        prop_assert_eq!(told.replace("\r\n", "\n"), wanted);
    }

    #[test]
    fn no_bytes_break_a_format(bodies in prop::collection::vec(any::<Vec<u8>>(), 0..10)) {
        for format in [Format::Text, Format::Ansi, Format::Html, Format::Asciicast] {
            let lines: Vec<_> = bodies.iter().map(|body| (0, body.clone())).collect();
            exported(format, &lines);
        }
    }
}
