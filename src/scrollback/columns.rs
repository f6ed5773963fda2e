//! Lines as a block's body holds them: like beside like, which packs a sixth smaller than line after line, and leaves
//! all text in one piece.
//!
//! ```text
//! columns = { run } … { text LF } … { rest } …           runs for all lines; texts and rests where a line has them
//! run     = 4 × lines + kind                              varint
//!   kind 0  text, and nothing to be said of it: every cell in the default style
//!   kind 1  text; rest = length { flags runs excps }, see `term::codec`
//!   kind 2  no text; rest = length { body }, of a body that is laid out in another way, or has a line feed in its text
//! ```
//!
//! Most lines are of kind 0: what the codec says of one follows from its text. That texts end with a line feed and have
//! no length lets zstd find what one line ends with and the next begins with as one match: a line costs 2 bytes less.

use super::lines::MAX_LINE;
use crate::varint::{self, Malformed, Reader};
use memchr::{memchr, memchr_iter};

const PLAIN: u64 = 0;
const STYLED: u64 = 1;
const OPAQUE: u64 = 2;

const LINE_FEED: u8 = b'\n';

/// A workspace larger than this is given back: it held one huge line.
const KEPT_BYTES: usize = 256 << 10;

/// The flags that the codec gives a line that ends where it ends.
const USUAL_FLAGS: u8 = 2;

/// The parts of one line's body.
#[derive(Clone, Copy)]
struct Parts<'a> {
    flags: u8,
    text: &'a [u8],
    /// Its runs and exceptions.
    looks: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let flags = reader.u8().ok()?;
        let text = reader.bytes().ok()?;
        let looks = reader.rest();
        // A length that was written in more bytes than it needs would come back shorter.
        let is_shortest = length_of(text.len()) + 1 + text.len() + looks.len() == body.len();
        let fits = is_shortest && memchr(LINE_FEED, text).is_none();
        fits.then_some(Self { flags, text, looks })
    }

    fn kind(&self) -> u64 {
        let is_usual =
            self.flags == USUAL_FLAGS && self.looks == usual_looks(self.text, &mut [0; 16]);
        if is_usual { PLAIN } else { STYLED }
    }
}

/// How many bytes [`varint::put`] takes for `value`.
fn length_of(value: usize) -> usize {
    (usize::BITS - value.leading_zeros()).max(1).div_ceil(7) as usize
}

/// What the codec says of a text that stands in the default style, one cell to a character.
fn usual_looks<'a>(text: &[u8], room: &'a mut [u8; 16]) -> &'a [u8] {
    let mut chars = match text.is_ascii() {
        true => text.len(),
        false => text.iter().filter(|byte| **byte as i8 >= -0x40).count(),
    };
    if chars == 0 {
        return &room[..2];
    }
    room[0] = 1;
    let mut at = 1;
    while chars >= 0x80 {
        room[at] = chars as u8 | 0x80;
        chars >>= 7;
        at += 1;
    }
    room[at] = chars as u8;
    &room[..at + 3]
}

/// Sorts lines into columns; keeps its workspace from one block to the next.
#[derive(Default)]
pub struct Columns {
    texts: Vec<u8>,
    rests: Vec<u8>,
}

impl Columns {
    /// Appends the columns of `lines`, which are each a length and a body, back to back. What follows the last whole
    /// line is left out.
    pub fn split(&mut self, lines: &[u8], out: &mut Vec<u8>) {
        self.texts.clear();
        self.rests.clear();
        let mut run = (0, PLAIN);
        let mut reader = Reader::new(lines);
        while let Ok(body) = reader.bytes() {
            let kind = self.add(body);
            if kind != run.1 {
                put_run(run, out);
                run = (0, kind);
            }
            run.0 += 1;
        }
        put_run(run, out);
        out.extend_from_slice(&self.texts);
        out.extend_from_slice(&self.rests);
        self.texts.shrink_to(KEPT_BYTES);
        self.rests.shrink_to(KEPT_BYTES);
    }

    /// Adds a line's text and rest; says its kind.
    fn add(&mut self, body: &[u8]) -> u64 {
        let Some(parts) = Parts::of(body) else {
            varint::put_bytes(&mut self.rests, body);
            return OPAQUE;
        };
        self.texts.extend_from_slice(parts.text);
        self.texts.push(LINE_FEED);
        let kind = parts.kind();
        if kind == STYLED {
            varint::put(&mut self.rests, 1 + parts.looks.len() as u64);
            self.rests.push(parts.flags);
            self.rests.extend_from_slice(parts.looks);
        }
        kind
    }
}

fn put_run((lines, kind): (u64, u64), out: &mut Vec<u8>) {
    if lines > 0 {
        varint::put(out, lines << 2 | kind);
    }
}

/// Appends the `count` lines that stand in `columns`. Law: undoes [`Columns::split`], or refuses; what comes out is at most a
/// few bytes a line longer than what went in.
pub fn join(count: u32, columns: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut runs = Reader::new(columns);
    let (mut left, mut texts) = (u64::from(count), 0);
    while left > 0 {
        let (lines, kind) = read_run(&mut runs, left)?;
        left -= lines;
        texts += if kind == OPAQUE { 0 } else { lines as usize };
    }
    let text = runs.rest();
    let rests_at = match texts {
        0 => 0,
        _ => 1 + memchr_iter(LINE_FEED, text).nth(texts - 1).ok_or(CUT)?,
    };
    let (mut text, mut rests) = (&text[..rests_at], Reader::new(&text[rests_at..]));
    let mut runs = Reader::new(columns);
    let mut left = u64::from(count);
    while left > 0 {
        let (lines, kind) = read_run(&mut runs, left)?;
        left -= lines;
        for _ in 0..lines {
            join_line(kind, &mut text, &mut rests, out)?;
        }
    }
    rests.is_empty().then_some(()).ok_or(CUT)
}

const CUT: Malformed = Malformed("columns");

fn read_run(reader: &mut Reader, most: u64) -> Result<(u64, u64), Malformed> {
    let run = reader.u64()?;
    let (lines, kind) = (run >> 2, run & 3);
    let is_sound = lines > 0 && lines <= most && kind <= OPAQUE;
    is_sound.then_some((lines, kind)).ok_or(CUT)
}

fn join_line(
    kind: u64,
    texts: &mut &[u8],
    rests: &mut Reader,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    if kind == OPAQUE {
        varint::put_bytes(out, rests.bytes()?);
        return Ok(());
    }
    let end = memchr(LINE_FEED, texts).ok_or(CUT)?;
    let text = &texts[..end];
    *texts = &texts[end + 1..];
    if kind == PLAIN {
        return put(USUAL_FLAGS, text, usual_looks(text, &mut [0; 16]), out);
    }
    let (flags, looks) = rests.bytes()?.split_first().ok_or(CUT)?;
    put(*flags, text, looks, out)
}

fn put(flags: u8, text: &[u8], looks: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let len = 1 + length_of(text.len()) + text.len() + looks.len();
    if len > MAX_LINE {
        return Err(Malformed("line length"));
    }
    varint::put(out, len as u64);
    out.push(flags);
    varint::put_bytes(out, text);
    out.extend_from_slice(looks);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::cell::Cell;
    use crate::term::{StyleId, Tables, codec};
    use proptest::prelude::*;

    fn lines(bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut lines = Vec::new();
        bodies
            .iter()
            .for_each(|body| varint::put_bytes(&mut lines, body));
        lines
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        let encoded = |text: &str| {
            let cells: Vec<Cell> = text
                .chars()
                .map(|c| Cell::new(c, 1, StyleId::DEFAULT))
                .collect();
            let mut body = Vec::new();
            codec::encode_line(&cells, false, &Tables::default(), &mut body);
            body
        };
        prop_oneof![
            3 => "[ -~é]{0,200}".prop_map(move |text| encoded(&text)),
            1 => prop::collection::vec(any::<u8>(), 0..9),
            1 => ("[ -~]{0,9}", prop::collection::vec(any::<u8>(), 0..9), any::<u8>()).prop_map(
                |(text, looks, flags)| {
                    let mut body = vec![flags];
                    varint::put_bytes(&mut body, text.as_bytes());
                    body.extend(looks);
                    body
                }
            ),
        ]
    }

    #[test]
    fn a_plain_line_costs_its_text_and_a_byte() {
        let text = "a plain line, somewhat longer than the longest that one byte can tell of";
        let cells: Vec<Cell> = text
            .chars()
            .map(|c| Cell::new(c, 1, StyleId::DEFAULT))
            .collect();
        let mut body = Vec::new();
        codec::encode_line(&cells, false, &Tables::default(), &mut body);
        let mut columns = Vec::new();
        Columns::default().split(&lines(&[body.clone(), body]), &mut columns);
        assert_eq!(columns.len(), 1 + 2 * (text.len() + 1));
    }

    proptest! {
        #[test]
        fn lines_come_back(bodies in prop::collection::vec(body(), 0..20)) {
            let lines = lines(&bodies);
            let (mut columns, mut joined) = (Vec::new(), Vec::new());
            Columns::default().split(&lines, &mut columns);
            prop_assert_eq!(join(bodies.len() as u32, &columns, &mut joined), Ok(()));
            prop_assert_eq!(joined, lines);
        }

        #[test]
        fn nothing_panics(count in 0..50u32, columns: Vec<u8>) {
            let mut out = Vec::new();
            let _ = join(count, &columns, &mut out);
            prop_assert!(out.len() <= columns.len() + 20 * count as usize);
        }
    }
}
