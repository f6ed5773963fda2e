//! What the tests of the emulator share: streams as programs write them, and screens as text.

#[path = "../../tests/fuzz/src/replica.rs"]
pub(crate) mod replica;

use super::cell::Glyph;
use super::{Effect, Emulator, Row, Size};
use crate::term;
use proptest::prelude::*;

/// An emulator that was fed `text`.
pub(crate) fn fed(cols: u16, rows: u16, text: &str) -> Emulator {
    let mut emulator = Emulator::new(Size::new(cols, rows));
    emulator.feed(text.as_bytes());
    emulator
}

/// The row as text, clusters as `{…}` are avoided: each cell's characters, blanks at the end cut.
pub(crate) fn row_text(emulator: &Emulator, row: &Row) -> String {
    let mut text = String::new();
    for cell in row.cells() {
        match cell.glyph() {
            Glyph::Char(c) => text.push(c),
            Glyph::Cluster(index) => text.push_str(emulator.tables().cluster(index)),
            Glyph::Continuation => {}
        }
    }
    text.truncate(text.trim_end_matches(' ').len());
    text
}

/// The row as text; only for rows without clusters.
pub(crate) fn line(row: &Row) -> String {
    row.cells()
        .iter()
        .filter_map(|cell| match cell.glyph() {
            Glyph::Char(c) => Some(c),
            _ => None,
        })
        .collect()
}

/// The screen as text.
pub(crate) fn lines(emulator: &Emulator) -> Vec<String> {
    emulator.rows().map(|row| row_text(emulator, row)).collect()
}

/// All replies so far, joined.
pub(crate) fn replies(emulator: &mut Emulator) -> String {
    let mut out = Vec::new();
    while let Some(effect) = emulator.poll() {
        if let Effect::Reply(bytes) = effect {
            out.extend(bytes);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Everything that shows, with styles in full, so that it can be compared across emulators.
pub(crate) fn dump(emulator: &Emulator) -> String {
    use std::fmt::Write;
    let mut out = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
        emulator.size(),
        emulator.cursor(),
        emulator.modes(),
        emulator.title(),
        emulator.icon_title(),
        emulator.cwd(),
        emulator.palette(),
    );
    for row in emulator.history().iter().chain(emulator.rows()) {
        let _ = write!(out, "{} |", row.wrapped);
        for cell in row.cells() {
            let style = emulator.tables().style(cell.style);
            let link = &emulator.tables().link(style.link).uri;
            let text = match cell.glyph() {
                Glyph::Char(c) => c.to_string(),
                Glyph::Cluster(index) => emulator.tables().cluster(index).to_owned(),
                Glyph::Continuation => String::new(),
            };
            let style = super::Style { link: 0, ..style };
            let _ = write!(out, "{text}:{}", cell.width());
            if style != super::Style::default() || !link.is_empty() {
                let _ = write!(out, "<{style:?}{link}>");
            }
        }
        out.push('\n');
    }
    out
}

/// [`dump`], and all that is taken from an emulator.
pub(crate) fn state(emulator: &mut Emulator) -> String {
    let replies = replies(emulator);
    let spill = emulator.take_spill();
    format!("{}{replies:?}{spill:?}", dump(emulator))
}

/// Bytes of the kind that programs write: text, controls, sequences, some of it broken.
pub(crate) fn stream() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        "[a-z ]{1,14}",
        "[界あé한ｶ]{1,6}",
        Just("e\u{301}".to_owned()),
        Just("👩\u{200d}👩\u{200d}👧".to_owned()),
        Just("❤\u{fe0f}".to_owned()),
        Just("🇩🇪🇫🇷".to_owned()),
        Just("👍🏽x".to_owned()),
        Just("\u{301}\u{200d}".to_owned()),
        "[क\u{94d}\u{93f}ᄀ\u{1161}각\u{600}⌚1\u{fe0e}\u{fe0f}\u{20e3}❤🇩a]{1,8}",
    ]
    .prop_map(String::into_bytes);
    let control = prop::sample::select(vec![
        "\r", "\n", "\r\n", "\x08", "\t", "\x0e", "\x0f", "\x07", "\x0b",
    ])
    .prop_map(|c| c.as_bytes().to_vec());
    let csi = (
        prop::collection::vec(0..14u16, 0..4),
        prop::sample::select(b"@ABCDEFGHIJKLMPSTXZ^`abdefgjkrmsu".to_vec()),
    )
        .prop_map(|(numbers, end)| {
            let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
            format!("\x1b[{}{}", numbers.join(";"), char::from(end)).into_bytes()
        });
    let mode = (
        prop::sample::select(vec![
            1u16, 3, 5, 6, 7, 12, 25, 40, 41, 45, 47, 67, 69, 1000, 1006, 1015, 1016, 1035, 1045,
            1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048,
        ]),
        prop::sample::select(vec!['h', 'l']),
    )
        .prop_map(|(mode, end)| format!("\x1b[?{mode}{end}").into_bytes());
    let other = prop::sample::select(vec![
        "\x1b[4h",
        "\x1b[4l",
        "\x1b7",
        "\x1b8",
        "\x1bD",
        "\x1bE",
        "\x1bM",
        "\x1bH",
        "\x1b6",
        "\x1b9",
        "\x1bV",
        "\x1bW",
        "\x1b G",
        "\x1b F",
        "\x1b[65;1\"p",
        "\x1b[?7;69s",
        "\x1b[?7;69r",
        "\x1b]1;icon\x07",
        "\u{84}",
        "\u{8d}",
        "\u{9b}2;2H",
        "\u{9b}",
        "\u{9d}2;t\u{9c}",
        "\u{9c}",
        "✜",
        "\x1b#8",
        "\x1bc",
        "\x1b(0",
        "\x1b(B",
        "\x1b)0",
        "\x1b*A",
        "\x1bn",
        "\x1bN",
        "\x1b[!p",
        "\x1b[?J",
        "\x1b[1\"q",
        "\x1b[38:2::1:2:3m",
        "\x1b[4:3;58;5;9m",
        "\x1b[48;5;20m",
        "\x1b[41m",
        "\x1b[m",
        "\x1b[3J",
        "\x1b]2;title\x07",
        "\x1b]8;id=a;https://example.org/\x1b\\",
        "\x1b]8;;\x07",
        "\x1b]7;file:///a%20b\x07",
        "\x1b[6n",
        "\x1b[c",
        "\x1b[>c",
        "\x1b[?25$p",
        "\x1bP$qm\x1b\\",
        "\x1b[22t",
        "\x1b[>5u",
        "\x1b[<u",
        "\x1b[=24;2u",
        "\x1b[?u",
        "\x1b[>4;2m",
        "\x1b[?4m",
        "\x1b[23t",
        "\x1b]10;?\x07",
        "\x1b]1;icon\x07",
        "\x1b]4;1;#102030;300;red;1;?\x07",
        "\x1b]11;rgb:f/0/8\x07",
        "\x1b]12;red\x07",
        "\x1b]17;?\x1b\\",
        "\x1b]104;1\x07",
        "\x1b]111\x07",
        "\x1b]5;1;blue;1;?\x07",
        "\x1b[?2031h",
        "\x1b[?996n",
        "\x1b]99;i=1:d=0;half\x1b\\",
        "\x1b]99;i=1:p=body;whole\x1b\\",
        "\x1bP+q436F;5463\x1b\\",
        "\x1bPtmux;\x1b\x1b]2;wrapped\x1b\x1b\\\x1b\\",
        "\x1bPtmux;a\x1b\x1b[31mb",
        "\x1b_Gf=1;\x1b\\",
        "\x1b[3;4r",
        "\x1b[2;5H",
        "\x1b[",
        "\x1b]0;x",
        "\x1bP1",
        "\x1b",
        "\x18",
    ])
    .prop_map(|s| s.as_bytes().to_vec());
    let marked = (
        prop::collection::vec(0..14u16, 0..9),
        prop::sample::select(vec![
            " @", " A", "'}", "'~", "$r", "$t", "$v", "$x", "$z", "${", "*x", "*y", "#y", "$w",
            "\"p", "\"q", "*|", "$|",
        ]),
    )
        .prop_map(|(mut numbers, end)| {
            if end == "$x" {
                numbers.insert(0, 65);
            }
            let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
            format!("\x1b[{}{end}", numbers.join(";")).into_bytes()
        });
    let margins = (1..6u16, 4..12u16, 1..4u16, 2..6u16).prop_map(|(left, right, top, bottom)| {
        format!("\x1b[?69h\x1b[{left};{right}s\x1b[{top};{bottom}r").into_bytes()
    });
    let broken = prop::collection::vec(any::<u8>(), 0..6);
    let piece = prop_oneof![6 => text, 3 => control, 4 => csi, 1 => mode, 2 => other, 2 => marked, 1 => margins, 1 => broken];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
