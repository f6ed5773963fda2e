//! What a command at a server elsewhere prints, as far as a terminal may have it: text, and what colours and links it.
//! The server there need not be honest.

use std::str;

/// The longest sequence that passes, in bytes: a link may be long.
const MAX_SEQUENCE: usize = 8 << 10;

/// How much is looked at to find text that passes, in bytes; more than a character. What is left out costs no more than
/// this, whatever comes behind it.
const WINDOW: usize = 64;

/// Stands for what is left out.
const LEFT_OUT: &str = "\u{fffd}";

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// Passes text on as it comes, in whatever parts.
///
/// Law: how the text is cut into parts changes nothing. Text without control characters comes through as it is.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// A character or sequence that has begun.
    held: Vec<u8>,
}

/// What stands at the beginning of some bytes.
enum Next {
    /// So many bytes that may pass.
    Passes(usize),
    /// So many that may not.
    LeftOut(usize),
    /// Nobody can say yet.
    Unfinished,
}

impl Sieve {
    /// What may pass of what has come.
    pub fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let (mut rest, mut passed) = (held.as_slice(), Vec::with_capacity(held.len()));
        while !rest.is_empty() {
            let taken = match next(rest) {
                Next::Passes(count) => {
                    passed.extend_from_slice(&rest[..count]);
                    count
                }
                Next::LeftOut(count) => {
                    passed.extend_from_slice(LEFT_OUT.as_bytes());
                    count
                }
                Next::Unfinished if rest.len() < MAX_SEQUENCE => break,
                Next::Unfinished => {
                    passed.extend_from_slice(LEFT_OUT.as_bytes());
                    1
                }
            };
            rest = &rest[taken..];
        }
        self.held = rest.to_vec();
        passed
    }

    /// What stands for a last character or sequence that was not finished.
    pub fn end(&mut self) -> Vec<u8> {
        match std::mem::take(&mut self.held).is_empty() {
            true => Vec::new(),
            false => LEFT_OUT.as_bytes().to_vec(),
        }
    }
}

fn next(bytes: &[u8]) -> Next {
    if bytes[0] == ESC {
        return sequence(&bytes[..bytes.len().min(MAX_SEQUENCE)]);
    }
    let window = &bytes[..bytes.len().min(WINDOW)];
    let text = window.iter().take_while(|byte| is_text(**byte)).count();
    if text == 0 {
        return Next::LeftOut(1);
    }
    let (valid, rest) = match str::from_utf8(&bytes[..text]) {
        Ok(valid) => (valid, None),
        Err(error) => {
            let valid = str::from_utf8(&bytes[..error.valid_up_to()]);
            (valid.unwrap_or_default(), Some(error))
        }
    };
    // The controls of ECMA-48 that have a byte of their own beyond ASCII are characters of two bytes in UTF-8.
    let is_control = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    match (valid.find(is_control), rest) {
        (Some(0), _) => Next::LeftOut(2),
        (Some(at), _) => Next::Passes(at),
        (None, _) if !valid.is_empty() => Next::Passes(valid.len()),
        (None, Some(error)) => match error.error_len() {
            Some(wrong) => Next::LeftOut(wrong),
            None if text == bytes.len() => Next::Unfinished,
            None => Next::LeftOut(text),
        },
        (None, None) => Next::LeftOut(1),
    }
}

fn is_text(byte: u8) -> bool {
    (byte >= b' ' && byte != 0x7f) || byte == b'\n' || byte == b'\t'
}

/// A sequence that colours (SGR, ECMA-48 §8.3.117) or links (OSC 8) passes.
fn sequence(bytes: &[u8]) -> Next {
    match bytes.get(1) {
        None => Next::Unfinished,
        Some(b'[') => {
            let is_parameter = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
            let end = 2 + bytes[2..].iter().take_while(is_parameter).count();
            match bytes.get(end) {
                None => Next::Unfinished,
                Some(b'm') => Next::Passes(end + 1),
                Some(_) => Next::LeftOut(1),
            }
        }
        Some(b']') => link(bytes),
        Some(_) => Next::LeftOut(1),
    }
}

fn link(bytes: &[u8]) -> Next {
    const OPENS: &[u8] = b"\x1b]8;";
    let known = bytes.len().min(OPENS.len());
    if bytes[..known] != OPENS[..known] {
        return Next::LeftOut(1);
    }
    let rest = &bytes[known..];
    let is_of_link = |byte: &&u8| (b' '..=b'~').contains(*byte);
    let end = known + rest.iter().take_while(is_of_link).count();
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(&BEL), _) => Next::Passes(end + 1),
        (Some(&ESC), Some(b'\\')) => Next::Passes(end + 2),
        (None, _) | (Some(&ESC), None) => Next::Unfinished,
        _ => Next::LeftOut(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passed(text: &str) -> String {
        let mut sieve = Sieve::default();
        let mut passed = sieve.pass(text.as_bytes());
        passed.extend(sieve.end());
        String::from_utf8(passed).unwrap()
    }

    #[test]
    fn colours_and_links_pass_and_nothing_else_does() {
        for good in [
            "two\nlines\twith 世界 e\u{301}",
            "\x1b[1;31mred\x1b[m \x1b[4:3;58:5:2mcurly\x1b[0m",
            "\x1b]8;id=1;https://example.org/?a=1\x1b\\page\x1b]8;;\x07",
        ] {
            assert_eq!(passed(good), good);
        }
        for (bad, left) in [
            ("\x1b]52;c;eA==\x07", "�]52;c;eA==�"),
            ("\x1b]8;;a\u{e9}\x07", "�]8;;aé�"),
            ("\x1b[2J\x1b[5n", "�[2J�[5n"),
            ("\x1b[?25l", "�[?25l"),
            ("\x1bc\r\u{8}\u{9b}2J\u{7f}", "�c���2J�"),
            ("a\x1b", "a�"),
            ("\x1bPq\x1b\\", "�Pq�\\"),
        ] {
            assert_eq!(passed(bad), left, "{bad:?}");
        }
        let mut sieve = Sieve::default();
        assert_eq!(sieve.pass(b"a\xff\x9b2J\xe4\xb8z"), "a��2J�z".as_bytes());
    }

    #[test]
    fn a_sequence_that_is_too_long_passes_in_no_parts() {
        for len in [MAX_SEQUENCE, MAX_SEQUENCE + 1] {
            let text = "x".repeat(len - b"\x1b]8;;\x07".len());
            let link = format!("\x1b]8;;{text}\x07and\n");
            let whole = passed(&link);
            assert_eq!(whole == link, len == MAX_SEQUENCE, "{len}");
            for cut in [1, 5, len / 2, len - 1, len] {
                let (mut sieve, parts) = (Sieve::default(), link.as_bytes().split_at(cut));
                let cut_up = [sieve.pass(parts.0), sieve.pass(parts.1)].concat();
                assert!(cut_up == whole.as_bytes(), "{len} cut at {cut}");
            }
        }
    }

    /// Looked at as a whole for each byte of them, these would take minutes.
    #[test]
    fn what_is_left_out_is_left_out_at_once() {
        for (junk, len) in [("\u{9b}".as_bytes(), 2), (b"\xff", 1), (b"\x1b", 1)] {
            let piece = junk.repeat((64 << 10) / len);
            let mut sieve = Sieve::default();
            let passed = sieve.pass(&piece);
            let passed = String::from_utf8([passed, sieve.end()].concat()).expect("text");
            assert_eq!(passed, LEFT_OUT.repeat(piece.len() / len));
        }
    }

    #[test]
    fn what_never_ends_is_not_kept() {
        let mut sieve = Sieve::default();
        for _ in 0..1000 {
            sieve.pass(b"\x1b]8;;");
            sieve.pass(&[b'x'; 1000]);
            assert!(sieve.held.len() <= MAX_SEQUENCE + 1000);
        }
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            text in "[a-c世é\u{85}\x1b\x07\\[\\]0-9;m\n\r]{0,40}",
            more in prop::collection::vec(any::<u8>(), 0..8),
            cut in 0usize..60,
        ) {
            let bytes = [text.as_bytes(), &more, b"\x1b]8;;x\x07end"].concat();
            let (mut whole, mut cut_up) = (Sieve::default(), Sieve::default());
            let mut one = whole.pass(&bytes);
            one.extend(whole.end());
            let cut = cut.min(bytes.len());
            let mut two = cut_up.pass(&bytes[..cut]);
            two.extend(cut_up.pass(&bytes[cut..]));
            two.extend(cut_up.end());
            prop_assert_eq!(&one, &two);
            let text = String::from_utf8(one).unwrap();
            let is_steered = text.chars().any(|c| c.is_control() && !"\n\t\x1b\x07".contains(c));
            prop_assert!(!is_steered);
        }
    }
}
