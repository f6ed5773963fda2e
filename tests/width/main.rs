//! Writes `src/term/width/table.rs` from the Unicode Character Database:
//!
//! ```sh
//! cargo run --example widths -- FOLDER > src/term/width/table.rs
//! ```
//!
//! `FOLDER` holds, side by side, the files named in [`FILES`], as <https://www.unicode.org/Public/> has them under the
//! version's `ucd/`, `ucd/extracted/`, `ucd/auxiliary/` and `ucd/emoji/`. What the columns mean is said in `term/width`.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::Path;
use wt::term::width::{BLOCK, Class, Selectable, Traits};

/// What is read: each a list of `first[..last] ; value[; value] # comment`.
const FILES: [&str; 7] = [
    "EastAsianWidth.txt",
    "DerivedGeneralCategory.txt",
    "GraphemeBreakProperty.txt",
    "DerivedCoreProperties.txt",
    "PropList.txt",
    "emoji-data.txt",
    "emoji-variation-sequences.txt",
];

/// The characters that have a value, by that value: `Mn`, `W`, `InCB; Linker`, …, and by file where two share a name.
type Properties = HashMap<String, HashSet<u32>>;

fn main() {
    let folder = std::env::args().nth(1).expect("a folder with the files");
    let read = |name: &str| {
        let path = Path::new(&folder).join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let mut properties = Properties::new();
    for name in FILES {
        collect(name, &read(name), &mut properties);
    }
    let version = version(&read(FILES[0]));
    let entries: Vec<u8> = (0..=u32::from(char::MAX))
        .map(|c| entry(c, &properties).byte())
        .collect();
    print!("{}", source(version, &entries));
}

/// The version that the first line names: `# EastAsianWidth-18.0.0.txt`.
fn version(text: &str) -> [u8; 3] {
    let line = text.lines().next().unwrap_or_default();
    let dotted = line.trim_end_matches(".txt").rsplit('-').next();
    let numbers: Vec<u8> = dotted
        .unwrap_or_default()
        .split('.')
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.try_into().expect("a version in the first line")
}

fn collect(file: &str, text: &str, properties: &mut Properties) {
    let lines = text.lines().filter_map(|line| line.split('#').next());
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (place, value) = line.split_once(';').expect("a range and its value");
        let value = match file {
            // Here the range is a character and its selector.
            "emoji-variation-sequences.txt" => "Selectable".to_owned(),
            _ => value
                .split(';')
                .map(str::trim)
                .collect::<Vec<_>>()
                .join("; "),
        };
        let found = properties.entry(value).or_default();
        found.extend(range(place.split_whitespace().next().unwrap_or_default()));
    }
}

fn range(text: &str) -> RangeInclusive<u32> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let number = |hex| u32::from_str_radix(hex, 16).expect("a code point");
    number(first)..=number(last)
}

fn entry(c: u32, properties: &Properties) -> Traits {
    let has = |value: &str| properties.get(value).is_some_and(|set| set.contains(&c));
    let selectable = match has("Selectable") {
        true => Selectable::Yes,
        false => Selectable::No,
    };
    Traits::new(columns(c, has), class(has), selectable)
}

fn columns(c: u32, has: impl Fn(&str) -> bool) -> u8 {
    let jamo = matches!(c, 0x1160..=0x11ff | 0xd7b0..=0xd7ff);
    let invisible = [
        "Mn",
        "Me",
        "Cf",
        "Zl",
        "Zp",
        "Cc",
        "Default_Ignorable_Code_Point",
    ];
    let wide = ["W", "F", "Emoji_Presentation"];
    match c {
        0xad => 1,
        _ if has("Prepended_Concatenation_Mark") => 1,
        0x115f => 2,
        _ if jamo || invisible.into_iter().any(&has) => 0,
        _ if has("Mc") => 1,
        _ if wide.into_iter().any(&has) => 2,
        _ => 1,
    }
}

fn class(has: impl Fn(&str) -> bool) -> Class {
    let linker = match has("Extend") {
        true => Class::Linker,
        false => Class::Reph,
    };
    let classes = [
        ("Prepend", Class::Prepend),
        ("ZWJ", Class::Zwj),
        ("InCB; Linker", linker),
        ("InCB; Extend", Class::Extend),
        ("Extend", Class::ExtendAlone),
        ("CR", Class::Control),
        ("LF", Class::Control),
        ("Control", Class::Control),
        ("Regional_Indicator", Class::Regional),
        ("SpacingMark", Class::Spacing),
        ("L", Class::HangulL),
        ("V", Class::HangulV),
        ("T", Class::HangulT),
        ("LV", Class::HangulLv),
        ("LVT", Class::HangulLvt),
        ("Extended_Pictographic", Class::Pictograph),
        ("InCB; Consonant", Class::Consonant),
    ];
    let found = classes.into_iter().find(|(value, _)| has(value));
    found.map_or(Class::Other, |(_, class)| class)
}

/// The table: equal blocks stand once.
fn source([major, minor, patch]: [u8; 3], entries: &[u8]) -> String {
    let (mut blocks, mut index) = (Vec::<&[u8]>::new(), Vec::new());
    for block in entries.chunks(BLOCK) {
        let known = blocks.iter().position(|other| *other == block);
        index.push(known.unwrap_or(blocks.len()) as u8);
        if known.is_none() {
            blocks.push(block);
        }
    }
    assert!(blocks.len() <= 256, "a block's number is a byte");
    format!(
        "//! Generated by `cargo run --example widths`: not to be edited.\n\n\
         /// The version of the Unicode data that the table was made from.\n\
         pub const UNICODE_VERSION: (u8, u8, u8) = ({major}, {minor}, {patch});\n\n\
         /// Which block holds a character's entry.\n{}\n\
         /// The entries ([`Traits`](super::Traits)), block by block.\n{}",
        array("INDEX", &index),
        array("BLOCKS", &blocks.concat()),
    )
}

/// A byte array in lines of up to 120 columns.
fn array(name: &str, bytes: &[u8]) -> String {
    let mut text = format!(
        "#[rustfmt::skip]\npub(super) static {name}: [u8; {}] = [",
        bytes.len()
    );
    let mut column = usize::MAX;
    for byte in bytes {
        let item = format!("{byte},");
        if column.saturating_add(item.len()) > 120 {
            text += "\n    ";
            column = 4;
        }
        column += item.len();
        text += &item;
    }
    text + "\n];\n"
}
