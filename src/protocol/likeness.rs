//! A text told by another that the reader has: the next line of a log or listing mostly resembles the one before.
//!
//! ```text
//! text = length { literals bytes [copied shift] }*      until the length is reached
//! ```
//!
//! `shift` is where the copied bytes lie in the other text, from where the last ones would go on (zigzag).

use crate::varint::{self, Malformed, Reader, unzigzag, zigzag};

/// Shortest copy that is worth its bytes.
const SHORTEST: usize = 4;

/// Appends `text` as told by `other`.
pub(super) fn put(text: &[u8], other: &[u8], out: &mut Vec<u8>) {
    varint::put(out, text.len() as u64);
    let (mut at, mut told, mut shift) = (0, 0, 0i64);
    while at < text.len() {
        let Some((from, len)) = longest(&text[at..], other, at as i64 + shift) else {
            at += 1;
            continue;
        };
        varint::put_bytes(out, &text[told..at]);
        varint::put(out, len as u64);
        let expected = at as i64 + shift;
        varint::put(out, zigzag(from as i64 - expected));
        shift = from as i64 - at as i64;
        at += len;
        told = at;
    }
    if told < text.len() {
        varint::put_bytes(out, &text[told..]);
    }
}

/// Where in `other` the longest beginning of `text` stands that is worth copying; of equal ones the expected.
fn longest(text: &[u8], other: &[u8], expected: i64) -> Option<(usize, usize)> {
    let common = |from: usize| {
        let pairs = text.iter().zip(&other[from..]);
        pairs.take_while(|(a, b)| a == b).count()
    };
    let found = (0..other.len()).map(|from| (from, common(from)));
    let nearest = |(from, _): &(usize, usize)| (*from as i64 - expected).abs();
    found
        .filter(|(_, len)| *len >= SHORTEST)
        .max_by(|a, b| a.1.cmp(&b.1).then(nearest(b).cmp(&nearest(a))))
}

/// Reads what [`put`] wrote, up to `max` bytes.
pub(super) fn read(reader: &mut Reader, other: &[u8], max: usize) -> Result<Vec<u8>, Malformed> {
    let len = reader.at_most(max as u64)? as usize;
    let (mut text, mut shift) = (Vec::new(), 0i64);
    while text.len() < len {
        let literals = reader.bytes()?;
        text.extend_from_slice(literals);
        if text.len() == len {
            break;
        }
        let count = reader.at_most(max as u64)? as usize;
        let step = unzigzag(reader.u64()?);
        shift = shift.checked_add(step).ok_or(Malformed("likeness"))?;
        let from = (text.len() as i64).checked_add(shift);
        let from = from.and_then(|from| usize::try_from(from).ok());
        let copied = from.and_then(|from| other.get(from..)?.get(..count));
        let copied = copied.filter(|copied| !copied.is_empty());
        text.extend_from_slice(copied.ok_or(Malformed("likeness"))?);
    }
    match text.len() == len {
        true => Ok(text),
        false => Err(Malformed("likeness")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_line_of_a_listing_costs_what_differs() {
        let before =
            b"L000123  fn item_3e779b1(arg: &Thing9) -> Result<(), Error> { call_9e3(arg)?; }";
        let after =
            b"L000124  fn item_dc86f36a(arg: &Thing10) -> Result<(), Error> { call_13d6(arg)?; }";
        let mut out = Vec::new();
        put(after, before, &mut out);
        assert!(out.len() <= 36, "{}", out.len());
        let read = read(&mut Reader::new(&out), before, 200);
        assert_eq!(read.as_deref(), Ok(&after[..]));
    }

    proptest! {
        #[test]
        fn texts_come_back(text in "[abc ]{0,80}", other in "[abc ]{0,80}") {
            let mut out = Vec::new();
            put(text.as_bytes(), other.as_bytes(), &mut out);
            let mut reader = Reader::new(&out);
            let back = read(&mut reader, other.as_bytes(), 80);
            prop_assert_eq!(back.as_deref(), Ok(text.as_bytes()));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>, other: Vec<u8>) {
            if let Ok(text) = read(&mut Reader::new(&bytes), &other, 100) {
                prop_assert!(text.len() <= 100);
            }
        }
    }
}
