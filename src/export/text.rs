//! The quick way to a line's text: most lines are read without making cells of them.

use crate::varint::Reader;

/// The text of an encoded line; `None` if it is not certain, without a closer look, that this is just the text of its
/// cells.
pub(super) fn plain(body: &[u8]) -> Option<&str> {
    let text = Reader::new(body.get(1..)?).str().ok()?;
    // C1 controls begin with this byte, and so does much that is none.
    let is_odd = |byte: &u8| *byte < b' ' || *byte == 0x7f || *byte == 0xc2;
    let has_odd = text.as_bytes().iter().any(is_odd);
    (!has_odd || !text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::varint;

    #[test]
    fn a_line_with_control_characters_needs_a_closer_look() {
        let line = |text: &str| {
            let mut body = vec![2];
            varint::put_bytes(&mut body, text.as_bytes());
            body
        };
        assert_eq!(plain(&line("año ©世界")), Some("año ©世界"));
        for text in ["a\u{1b}[2J", "\u{9b}2J", "a\nb", "\u{7f}"] {
            assert_eq!(plain(&line(text)), None);
        }
        assert_eq!(plain(b""), None);
        assert_eq!(plain(b"\x02\x05ab"), None);
    }
}
