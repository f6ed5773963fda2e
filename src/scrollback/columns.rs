//! Lines as a block's body holds them: like beside like, which packs a sixth smaller than line after line, and leaves
//! all text in one piece.
//!
//! ```text
//! columns = { shape } … { text } … { rest } …           one of each for every line, or what its shape leaves out
//! shape   = 4 × length + kind                            varint
//!   kind 0  text of that length, and nothing to be said of it: every cell in the default style
//!   kind 1  text of that length; rest = length { flags runs excps }, see `term::codec`
//!   kind 2  no text; rest = a body of that length which is not laid out as the others are
//! ```
//!
//! Most lines are of kind 0: what the codec says of one follows from its text.

use super::lines::MAX_LINE;
use crate::varint::{self, Malformed, Reader};

const PLAIN: u64 = 0;
const STYLED: u64 = 1;
const OPAQUE: u64 = 2;

/// The flags that the codec gives a line that ends where it ends.
const USUAL_FLAGS: u8 = 2;

/// The parts of one line's body.
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
        is_shortest.then_some(Self { flags, text, looks })
    }

    fn is_plain(&self) -> bool {
        let mut usual = [0; 16];
        self.flags == USUAL_FLAGS && self.looks == usual_looks(self.text, &mut usual)
    }
}

/// How many bytes [`varint::put`] takes for `value`.
fn length_of(value: usize) -> usize {
    (usize::BITS - value.leading_zeros()).max(1).div_ceil(7) as usize
}

/// What the codec says of a text that stands in the default style, one cell to a character.
fn usual_looks<'a>(text: &[u8], room: &'a mut [u8; 16]) -> &'a [u8] {
    let mut chars = text.iter().filter(|byte| **byte as i8 >= -0x40).count();
    *room = [0; 16];
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

/// Appends the columns of `lines`, which are each a length and a body, back to back. What follows the last whole line
/// is left out.
pub fn split(lines: &[u8], out: &mut Vec<u8>) {
    let bodies = || {
        let mut reader = Reader::new(lines);
        std::iter::from_fn(move || reader.bytes().ok()).map(|body| (body, Parts::of(body)))
    };
    for (body, parts) in bodies() {
        let shape = match parts {
            Some(parts) if parts.is_plain() => (parts.text.len() as u64) << 2 | PLAIN,
            Some(parts) => (parts.text.len() as u64) << 2 | STYLED,
            None => (body.len() as u64) << 2 | OPAQUE,
        };
        varint::put(out, shape);
    }
    for (_, parts) in bodies() {
        out.extend_from_slice(parts.map_or(&[], |parts| parts.text));
    }
    for (body, parts) in bodies() {
        match parts {
            Some(parts) if parts.is_plain() => {}
            Some(parts) => {
                varint::put(out, 1 + parts.looks.len() as u64);
                out.push(parts.flags);
                out.extend_from_slice(parts.looks);
            }
            None => out.extend_from_slice(body),
        }
    }
}

/// Appends the `count` lines that stand in `columns`. Law: undoes [`split`], or refuses; what comes out is at most a
/// few bytes a line longer than what went in.
pub fn join(count: u32, columns: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut shapes = Reader::new(columns);
    let mut texts_len = 0usize;
    for _ in 0..count {
        let shape = shapes.u64()?;
        let len = usize::try_from(shape >> 2).map_err(|_| Malformed("line length"))?;
        texts_len = match shape & 3 {
            OPAQUE => texts_len,
            _ => texts_len.saturating_add(len),
        };
    }
    let mut texts = Reader::new(shapes.rest());
    let mut rests = texts;
    rests.take(texts_len)?;
    let mut shapes = Reader::new(columns);
    let mut usual = [0; 16];
    for _ in 0..count {
        let shape = shapes.u64()?;
        let len = (shape >> 2) as usize;
        match shape & 3 {
            PLAIN => {
                let text = texts.take(len)?;
                put(USUAL_FLAGS, text, usual_looks(text, &mut usual), out)?;
            }
            STYLED => {
                let text = texts.take(len)?;
                let rest = rests.bytes()?;
                let (flags, looks) = rest.split_first().ok_or(Malformed("line flags"))?;
                put(*flags, text, looks, out)?;
            }
            OPAQUE => varint::put_bytes(out, rests.take(len)?),
            _ => return Err(Malformed("line kind")),
        }
    }
    rests.is_empty().then_some(()).ok_or(Malformed("columns"))
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
    fn a_plain_line_costs_its_text_and_two_bytes() {
        let text = "a plain line, somewhat longer than the longest that one byte can tell of";
        let cells: Vec<Cell> = text
            .chars()
            .map(|c| Cell::new(c, 1, StyleId::DEFAULT))
            .collect();
        let mut body = Vec::new();
        codec::encode_line(&cells, false, &Tables::default(), &mut body);
        let mut columns = Vec::new();
        split(&lines(&[body]), &mut columns);
        assert_eq!(columns.len(), text.len() + 2);
    }

    proptest! {
        #[test]
        fn lines_come_back(bodies in prop::collection::vec(body(), 0..20)) {
            let lines = lines(&bodies);
            let (mut columns, mut joined) = (Vec::new(), Vec::new());
            split(&lines, &mut columns);
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
