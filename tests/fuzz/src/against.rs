//! The same output on wt's emulator, on the vt100 crate and on alacritty_terminal: what each shows is compared cell by
//! cell, attributes included. Included by wt's own tests and by the fuzz target; `super::term` is wt's.
//!
//! The output is spelled from arbitrary bytes ([`spelled`]) in words that leave out, or go around, what the others are
//! known to do otherwise:
//!
//! | who | what it does | who is right, and says so |
//! |---|---|---|
//! | vt100 | erasing keeps more than the background: blanks are compared without look | xterm's `bce` |
//! | vt100 | after BS and CUB in a pending wrap it is one column off, and VPA keeps it | DEC STD 070, esctest BS |
//! | vt100 | DECSTBM goes to the top margin | DEC STD 070: to the home position |
//! | vt100 | CUD from above the margins passes the lower one; 1049 keeps two cursors | xterm ctlseqs |
//! | vt100 | has no tabs, charsets, IRM, IND, NEL, SCORC, marks on their own | – |
//! | both | IL and DL keep the column | ECMA-48 §8.3.67: line home |
//! | alacritty | ED 1 in the second row leaves the first | ECMA-48 §8.3.39 |
//! | alacritty | DECALN and DECOM's end leave the cursor | DEC STD 070: to the home position |
//! | alacritty | CUU, CUD, CNL, CPL pass margins, and go astray under DECOM | xterm ctlseqs, esctest CUU |
//! | alacritty | DCH past the margin blanks cells to its left | ECMA-48 §8.3.26 |
//! | alacritty | 1049 set or reset twice does nothing the second time | xterm ctlseqs: it saves, clears, restores |
//! | alacritty | CBT without a stop stays | DEC STD 070: to the first column |
//! | alacritty | HT and CBT in a pending wrap wrap first; ED, EL, ECH, ICH, DCH, RI, IND keep it | xterm's `ResetWrap` |
//! | alacritty | DECRC leaves the charset in GL | DEC STD 070: it is restored |
//! | alacritty | a wide character in the last column without DECAWM is dropped | not laid down; we keep it visible |
//! | alacritty | shifting and erasing leave halves of wide characters behind | not laid down; a half is never right |
//! | alacritty | the column before a wide character that wrapped has a look | not laid down |

#[path = "theirs.rs"]
mod theirs;

use super::term;
use super::term::cell::Glyph;
use super::term::{Attrs, Cell, Color, Emulator, Row, Size, Style};
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Cell as TheirCell;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use std::fmt;

const COLS: u16 = 12;
const ROWS: u16 = 6;

/// One position: its text, its look without the link, and where the link leads.
#[derive(Clone, PartialEq, Eq)]
struct Look(String, Style, String);

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)?;
        match *self == Look(self.0.clone(), Style::default(), String::new()) {
            true => Ok(()),
            false => write!(f, "{:?} {}", self.1, self.2),
        }
    }
}

/// What stands on a screen, and the cursor.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    rows: Vec<Vec<Look>>,
    cursor: (u16, u16),
}

/// Words that all three emulators understand in the same way; `#` stands for a number from 1 to 8.
const CLASSIC: &[&str] = &[
    "ab",
    "x y",
    "word and words ",
    "é",
    "\r",
    "\r\n",
    "\r\n\r\n",
    "\x1b[r\x1b[2;3H\x1bM\x1bM",
    "\x1b[#;#H",
    "\x1b[3G\x1b[#@\x1b[3G",
    "\x1b[3G\x1b[#A\x1b[3G",
    "\x1b[3G\x1b[#C\x1b[3G",
    "\x1b[#G",
    "\x1b[3G\x1b[#L\x1b[3G",
    "\x1b[3G\x1b[#M\x1b[3G",
    "\x1b[3G\x1b[#P\x1b[3G",
    "\x1b[3G\x1b[#S\x1b[3G",
    "\x1b[3G\x1b[#T\x1b[3G",
    "\x1b[3G\x1b[#X\x1b[3G",
    "\x1b[3G\x1b[#d",
    "\x1b[4G\x1b[J",
    "\x1b[4G\x1b[K",
    "\x1b[4G\x1b[1K",
    "\x1b[4G\x1b[2K",
    "\x1b[3#m",
    "\x1b[4#m",
    "\x1b[m",
    "\x1b[1m",
    "\x1b[3m",
    "\x1b[7m",
    "\x1b[22m",
    "\x1b[23m",
    "\x1b[27m",
    "\x1b[38;5;#m",
    "\x1b[48;2;1;2;#m",
    "\x1b[1;4r\x1b[1;1H",
    "\x1b[2;4r\x1b[4;1H\n\n\x1b[2;1H\x1bM\x1b[3;1H\x1b[L\x1b[r\x1b[1;1H",
    "\x1b[r\x1b[1;1H",
    "\x1b[?1049h\x1b[1;1Hxyz\x1b[?1049l",
    "\x1b[2G\x1b7\x1b[#;#H\x1b8",
];

/// Words that alacritty_terminal understands as xterm does.
const MODERN: &[&str] = &[
    "ab",
    "x y",
    "word and words ",
    "é",
    "e\u{301}",
    "\r",
    "\x1b[#G\n",
    "\r\n",
    "\x08",
    "\r\t",
    "\x1b[#G\t",
    "\x1b[#;#H",
    "\x1b[#G\x1b[#@",
    "\x1b[r\x1b[#;#H\x1b[#A",
    "\x1b[r\x1b[#;#H\x1b[#B",
    "\x1b[#C",
    "\x1b[#D",
    "\x1b[r\x1b[#;#H\x1b[#E",
    "\x1b[r\x1b[#;#H\x1b[#F",
    "\x1b[#G",
    "\x1b[#G\x1b[#I",
    "\x1b[#G\x1b[#Z",
    "\x1b[#L\r",
    "\x1b[#M\r",
    "\x1b[#G\x1b[P",
    "\x1b[3G\x1b[#P",
    "\x1b[#S",
    "\x1b[#T",
    "\x1b[#G\x1b[#X",
    "\x1b[#d",
    "\x1b[#G\x1b[J",
    "\x1b[#G\x1b[2J",
    "\x1b[#G\x1b[K",
    "\x1b[#G\x1b[1K",
    "\x1b[#G\x1b[2K",
    "\x1b[#;6r",
    "\x1b[1;#r",
    "\x1b[r",
    "\x1b[3#m",
    "\x1b[4#m",
    "\x1b[m",
    "\x1b[1m",
    "\x1b[2m",
    "\x1b[3m",
    "\x1b[4m",
    "\x1b[4:#m",
    "\x1b[7m",
    "\x1b[8m",
    "\x1b[9m",
    "\x1b[22m",
    "\x1b[24m",
    "\x1b[27m",
    "\x1b[29m",
    "\x1b[38;5;#m",
    "\x1b[48;2;1;2;#m",
    "\x1b[58;5;#m",
    "\x1b[59m",
    "\x1b[9#m",
    "\x1b[10#m",
    "\x1b[#G\x1bD",
    "\r\x1bE",
    "\x1b[#G\x1bM",
    "\x1bH",
    "\x1b[g\r\x1bH",
    "\x1b[3g\r\x1bH",
    "\x1b7",
    "\x1b8",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[?7lword and words\x1b[?7h",
    "\x1b[?6h\x1b[#;#Hz\x1b[?6l\x1b[H",
    "\x1b(0",
    "\x1b(B",
    "\x1b)0\x0elqk\x0f\x1b)B",
    "\x1b[r\x1b#8\x1b[H",
    "\x1bc",
    "\x1b]8;;http://#/\x07",
    "\x1b]8;;\x07",
    "\x1b7\x1b[?1049l\x1b[?1049h",
    "\x1b7\x1b[?1049l",
];

/// Words with wide characters. Shifting and erasing is left out, as alacritty_terminal leaves halves of them behind.
const WIDE: &[&str] = &[
    "ab",
    "x y",
    "word and words ",
    "é",
    "界",
    "あい",
    "界面あいうえ",
    "e\u{301}",
    "界\u{301}",
    "\r",
    "\x1b[#G\n",
    "\r\n",
    "\x08",
    "\x1b[#;#H",
    "\x1b[#C",
    "\x1b[#D",
    "\x1b[#G",
    "\x1b[#d",
    "\x1b[#S",
    "\x1b[#T",
    "\x1b[#;6r",
    "\x1b[r",
    "\x1b[#L\r",
    "\x1b[#M\r",
    "\r\x1b[K",
    "\x1b[#G\x1b[2J",
    "\x1b[3#m",
    "\x1b[4#m",
    "\x1b[m",
    "\x1b[1m",
    "\x1b[58;5;#m",
    "\x1b[#G\x1bD",
    "\r\x1bE",
    "\x1b[#G\x1bM",
    "\x1b7",
    "\x1b8",
    "\x1b]8;;http://#/\x07",
    "\x1b]8;;\x07",
    "\x1b7\x1b[?1049l\x1b[?1049h",
    "\x1b7\x1b[?1049l",
];

/// The bytes as output: the first chooses the vocabulary, each further one a word or the number in it.
fn spelled(bytes: &[u8]) -> (Vec<u8>, &'static [&'static str]) {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let words = [CLASSIC, MODERN, WIDE][usize::from(first % 3)];
    let mut rest = rest.iter();
    let mut out = String::new();
    while let Some(byte) = rest.next() {
        for part in words[usize::from(*byte) % words.len()].split_inclusive('#') {
            match part.strip_suffix('#') {
                // DECALN's own.
                Some(head) if !head.ends_with('\x1b') => {
                    let number = rest.next().map_or(1, |byte| 1 + byte % 8);
                    out += head;
                    out.push(char::from(b'0' + number));
                }
                _ => out += part,
            }
        }
    }
    (out.into_bytes(), words)
}

/// All emulators show the same after the output that `bytes` spell.
pub fn agrees(bytes: &[u8]) {
    let (output, words) = spelled(bytes);
    let ours = ours(&output);
    let text = output.escape_ascii();
    let alacritty = alacritty(&output);
    assert_eq!(
        ours.cursor, alacritty.cursor,
        "alacritty's cursor after {text}"
    );
    for (y, (ours, theirs)) in ours.rows.iter().zip(&alacritty.rows).enumerate() {
        // The column left over before a wide character that did not fit belongs to no character.
        let end = COLS as usize - usize::from(words == WIDE && is_left_over(ours, theirs));
        assert_eq!(
            ours[..end],
            theirs[..end],
            "alacritty's row {y} after {text}"
        );
    }
    if words == CLASSIC {
        let vt100 = vt100(&output);
        assert_eq!(ours.cursor, vt100.cursor, "vt100's cursor after {text}");
        for (y, (ours, theirs)) in ours.rows.iter().zip(&vt100.rows).enumerate() {
            assert_eq!(plain(ours), plain(theirs), "vt100's row {y} after {text}");
        }
    }
}

fn is_left_over(ours: &[Look], theirs: &[Look]) -> bool {
    [ours, theirs]
        .iter()
        .all(|row| row.last().is_some_and(|look| look.0 == " "))
}

/// The row with blanks that have no look.
fn plain(row: &[Look]) -> Vec<Look> {
    let blank = Look(" ".into(), Style::default(), String::new());
    row.iter()
        .map(|look| {
            if look.0 == " " {
                blank.clone()
            } else {
                look.clone()
            }
        })
        .collect()
}

fn ours(output: &[u8]) -> Shown {
    let mut emulator = Emulator::new(Size::new(COLS, ROWS));
    emulator.feed(output);
    let tables = emulator.tables();
    let look = |cell: Cell| {
        let style = tables.style(cell.style);
        let mut text = String::new();
        match cell.glyph() {
            Glyph::Char('\0') => text.push(' '),
            _ => tables.push_text(&cell, &mut text),
        }
        Look(
            text,
            Style { link: 0, ..style },
            tables.link(style.link).uri.clone(),
        )
    };
    let row = |row: &Row| (0..COLS).map(|col| look(row.cell(col))).collect();
    let cursor = emulator.cursor();
    Shown {
        rows: emulator.rows().map(row).collect(),
        cursor: (cursor.row, cursor.col),
    }
}

struct Room;

impl Dimensions for Room {
    fn total_lines(&self) -> usize {
        usize::from(ROWS)
    }

    fn screen_lines(&self) -> usize {
        usize::from(ROWS)
    }

    fn columns(&self) -> usize {
        usize::from(COLS)
    }
}

fn alacritty(output: &[u8]) -> Shown {
    let mut term = Term::new(Config::default(), &Room, VoidListener);
    Processor::<alacritty_terminal::vte::ansi::StdSyncHandler>::new().advance(&mut term, output);
    let grid = term.grid();
    let row = |y: u16| {
        let line = &grid[Line(i32::from(y))];
        (0..COLS)
            .map(|col| their_look(&line[Column(usize::from(col))]))
            .collect()
    };
    let point = grid.cursor.point;
    Shown {
        rows: (0..ROWS).map(row).collect(),
        cursor: (point.line.0 as u16, point.column.0 as u16),
    }
}

fn their_look(cell: &TheirCell) -> Look {
    Look(theirs::text(cell), theirs::style(cell), theirs::link(cell))
}

fn vt100(output: &[u8]) -> Shown {
    let rows = std::num::NonZeroU16::new(ROWS).expect("it is not 0");
    let cols = std::num::NonZeroU16::new(COLS).expect("it is not 0");
    let mut parser = vt100::Parser::new(rows, cols, 0);
    parser.process(output);
    let screen = parser.screen();
    let color = |color: vt100::Color| match color {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(index) => Color::Index(index),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    };
    let look = |row, col| {
        let cell = screen.cell(row, col).expect("it is on the screen");
        let mut attrs = Attrs::default();
        for (attr, on) in [
            (Attrs::BOLD, cell.bold()),
            (Attrs::DIM, cell.dim()),
            (Attrs::ITALIC, cell.italic()),
            (Attrs::INVERSE, cell.inverse()),
        ] {
            attrs.set(attr, on);
        }
        let text = match cell.has_contents() {
            true => cell.contents().to_owned(),
            false => " ".to_owned(),
        };
        let style = Style {
            fg: color(cell.fgcolor()),
            bg: color(cell.bgcolor()),
            attrs,
            ..Style::default()
        };
        Look(text, style, String::new())
    };
    let (row, col) = screen.cursor_position();
    Shown {
        rows: (0..ROWS)
            .map(|row| (0..COLS).map(|col| look(row, col)).collect())
            .collect(),
        cursor: (row, col.min(COLS - 1)),
    }
}
