//! Pieces of program output as values: what a search can breed, change and write down.

use std::fmt;

/// A small generator with a seed: every run can be repeated.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// One of `choices`.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// One piece of output: a run of text, a control, a sequence or a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gene {
    /// Characters of one kind, that many.
    Text(Text, u32),
    /// A C0 control, or an escape sequence.
    Escape(Vec<u8>),
    /// A control sequence: marks before the numbers, the numbers (`None` is left out), all after them.
    Csi(Vec<u8>, Vec<Option<u32>>, Vec<u8>),
    /// A string: introducer after ESC, its beginning, and how much padding.
    String(u8, Vec<u8>, u32),
    /// Something that the emulator has to remember and has not seen yet.
    New(New),
}

/// Kinds of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Printable ASCII.
    Ascii,
    /// Two columns each.
    Wide,
    /// Box drawing, one column each.
    Drawing,
    /// A letter with marks.
    Marks,
    /// Pictographs joined to one.
    Joined,
    /// Halves of flags.
    Flags,
    /// A pictograph made wide by its variation selector.
    Selected,
    /// Marks with nothing before them.
    Orphans,
    /// Bytes that are no UTF-8.
    Broken,
}

/// Things that differ each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum New {
    /// A letter in a style that is new.
    Style,
    /// A letter with three new colours and a link that is new.
    LinkedStyle,
    /// A cluster that is new.
    Cluster,
    /// A cluster as long as clusters get.
    LongCluster,
    /// A hyperlink of full length.
    Link,
    /// A title of full length, put on the stack.
    Title,
    /// A colour of the palette.
    Color,
    /// A whole row of letters, each in a style that is new.
    StyledRow,
}

const TEXTS: [Text; 9] = [
    Text::Ascii,
    Text::Wide,
    Text::Drawing,
    Text::Marks,
    Text::Joined,
    Text::Flags,
    Text::Selected,
    Text::Orphans,
    Text::Broken,
];
const NEWS: [New; 8] = [
    New::Style,
    New::LinkedStyle,
    New::Cluster,
    New::LongCluster,
    New::Link,
    New::Title,
    New::Color,
    New::StyledRow,
];
const NUMBERS: [u32; 22] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 24, 38, 48, 49, 50, 99, 100, 199, 200, 255, 1000, 9999, 65535,
];
const MODES: [u32; 32] = [
    1, 3, 4, 5, 6, 7, 8, 12, 20, 25, 40, 45, 47, 66, 67, 69, 95, 1000, 1002, 1003, 1004, 1006,
    1007, 1015, 1016, 1047, 1048, 1049, 2004, 2026, 2027, 2031,
];
const MARKS: [&[u8]; 7] = [b"", b"", b"", b"?", b">", b"=", b"<"];
const AFTER: [&[u8]; 12] = [
    b"", b"", b"", b"", b"", b"$", b"!", b"\"", b" ", b"'", b"*", b"#",
];
const ESCAPES: [&[u8]; 30] = [
    b"7", b"8", b"D", b"E", b"M", b"H", b"c", b"#8", b"(0", b"(B", b")0", b"*0", b"N", b"O", b"n",
    b"o", b"=", b">", b"6", b"9", b"V", b"W", b"Z", b" F", b" G", b"#3", b"|", b"~", b"%G", b"\\",
];
const CONTROLS: &[u8] = b"\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x05\0";
const STRINGS: [&[u8]; 26] = [
    b"0;",
    b"2;",
    b"4;1;?",
    b"4;1;#123456;2;?;",
    b"7;file:///",
    b"8;;http://",
    b"8;id=x;http://",
    b"9;",
    b"10;?",
    b"11;?;?;?",
    b"12;#123",
    b"22;",
    b"52;c;",
    b"52;c;YWJj",
    b"99;;",
    b"104",
    b"104;1;2;3;",
    b"133;A",
    b"133;D;1",
    b"777;notify;a;",
    b"$qm",
    b"$q",
    b"+q544e;",
    b"+q",
    b"tmux;\x1b\x1b[5n",
    b"1337;",
];

impl Gene {
    /// Any piece at all.
    pub fn any(chance: &mut Chance) -> Self {
        match chance.below(16) {
            0..=1 => Gene::Text(
                chance.of(&TEXTS),
                chance.of(&[1, 2, 10, 50, 99, 100, 200, 400]),
            ),
            2..=3 => Gene::New(chance.of(&NEWS)),
            4..=5 => Gene::Escape(match chance.below(3) {
                0 => vec![chance.of(CONTROLS)],
                _ => [&b"\x1b"[..], chance.of(&ESCAPES)].concat(),
            }),
            6 => Gene::String(
                chance.of(b"]]]PX^_k"),
                chance.of(&STRINGS).to_vec(),
                chance.of(&[0, 10, 500, 4000]),
            ),
            7 => Gene::Csi(
                b"?".to_vec(),
                vec![Some(chance.of(&MODES))],
                vec![chance.of(b"hlsr")],
            ),
            _ => {
                let count = chance.of(&[0, 1, 1, 1, 2, 2, 4, 5, 8, 32]);
                let number = |_| Some(chance.of(&NUMBERS)).filter(|n| *n > 0);
                let numbers = (0..count).map(number).collect();
                let mut end = chance.of(&AFTER).to_vec();
                end.push(b'@' + chance.below(63) as u8);
                Gene::Csi(chance.of(&MARKS).to_vec(), numbers, end)
            }
        }
    }

    /// A piece like this one.
    pub fn mutated(&self, chance: &mut Chance) -> Self {
        let mut gene = self.clone();
        match &mut gene {
            Gene::Text(_, count) => *count = chance.of(&[1, 3, 20, 99, 100, 199, 200, 201]),
            Gene::String(_, _, count) => *count = chance.of(&[0, 1, 100, 1000, 4096, 60_000]),
            Gene::Csi(_, numbers, end) => match chance.below(4) {
                0 => numbers.push(Some(chance.of(&NUMBERS))),
                1 if !numbers.is_empty() => {
                    let at = chance.below(numbers.len() as u64) as usize;
                    numbers[at] = Some(chance.of(&NUMBERS));
                }
                2 => {
                    numbers.pop();
                }
                _ => *end = [chance.of(&AFTER), &[b'@' + chance.below(63) as u8]].concat(),
            },
            _ => return Gene::any(chance),
        }
        gene
    }

    /// The bytes; `turn` tells one of several new things from the next.
    pub fn render(&self, turn: u32) -> Vec<u8> {
        match self {
            Gene::Text(kind, count) => kind.bytes().repeat(*count as usize),
            Gene::Escape(bytes) => bytes.clone(),
            Gene::Csi(marks, numbers, end) => {
                let number = |n: &Option<u32>| n.map_or(String::new(), |n| n.to_string());
                let numbers: Vec<_> = numbers.iter().map(number).collect();
                [b"\x1b[", &marks[..], numbers.join(";").as_bytes(), end].concat()
            }
            Gene::String(kind, start, padding) => {
                let padding = vec![b'A'; *padding as usize];
                [b"\x1b", &[*kind][..], start, &padding, b"\x1b\\"].concat()
            }
            Gene::New(new) => new.bytes(turn),
        }
    }
}

impl Text {
    fn bytes(self) -> &'static [u8] {
        match self {
            Text::Ascii => b"x",
            Text::Wide => "界".as_bytes(),
            Text::Drawing => "─".as_bytes(),
            Text::Marks => "e\u{301}\u{302}\u{303}".as_bytes(),
            Text::Joined => "👩\u{200d}👩\u{200d}👧\u{200d}👦".as_bytes(),
            Text::Flags => "🇩🇪".as_bytes(),
            Text::Selected => "❤\u{fe0f}".as_bytes(),
            Text::Orphans => "\r\u{301}".as_bytes(),
            Text::Broken => b"\xf0\x9f\x91",
        }
    }
}

impl New {
    fn bytes(self, turn: u32) -> Vec<u8> {
        let [_, r, g, b] = turn.wrapping_mul(0x9e37_79b1).to_be_bytes();
        let mark = |n: u32| char::from_u32(0x300 + n % 0x60).unwrap_or('\u{301}');
        let text = match self {
            New::Style => format!("\x1b[38;2;{r};{g};{b}mx"),
            New::LinkedStyle => {
                format!(
                    "\x1b]8;;http://{turn}\x07\x1b[1;38;2;{r};{g};{b};48;2;{g};{b};{r};58;2;{b};{r};{g}mx"
                )
            }
            New::Cluster => format!("x{}{}{}", mark(turn), mark(turn / 96), mark(turn / 9216)),
            New::LongCluster => {
                let marks: String = (0..31).map(|n| mark(turn >> (n / 6 * 6))).collect();
                format!("x{marks}")
            }
            New::Link => format!("\x1b]8;;http://{turn}{:A<2060}\x07x", ""),
            New::Title => format!("\x1b]2;{turn}{:A<4090}\x07\x1b[22t", ""),
            New::Color => format!("\x1b]4;{};#{r:02x}{g:02x}{b:02x}\x07", turn % 256),
            New::StyledRow => (0..200)
                .map(|n| {
                    let [_, r, g, b] = (turn * 200 + n).to_be_bytes();
                    format!("\x1b[38;2;{r};{g};{b}mx")
                })
                .collect(),
        };
        text.into_bytes()
    }
}

impl fmt::Display for Gene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gene::Text(kind, count) => write!(f, "{count}×{kind:?}"),
            Gene::New(new) => write!(f, "new {new:?}"),
            Gene::String(kind, start, padding) => {
                let (kind, start) = (char::from(*kind), start.escape_ascii());
                write!(f, "ESC {kind} {start}+{padding} ST")
            }
            other => write!(f, "{}", other.render(0).escape_ascii()),
        }
    }
}
