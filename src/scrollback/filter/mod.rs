//! A small filter beside each block, which says of most patterns that the block cannot match them, so that a search
//! need not unpack it.
//!
//! A filter is the set of the block's *grams*: all runs of four bytes within one line's text, ASCII letters in lower
//! case. A pattern [needs](Query) the grams of the literals in it, in the manner of Russ Cox, "Regular Expression
//! Matching with a Trigram Index" (2012). Four bytes rather than three: numbers and hexadecimal ids soon hold every
//! run of three digits there is, and one bit a gram then says nothing.
//!
//! ```text
//!   0  kind   u8 = 1
//!   1  bits   gram g is in the set if bit ⌊hash(g) × bits / 65536⌋ is set, the lowest bit of a byte first
//! ```
//!
//! There are as many bits as leave about every second one unset, a power of two, and [`MAX_BITS`] at most. An empty
//! filter rules nothing out.

mod query;

pub use query::Query;

use super::lines::Lines;
use memchr::memchr3_iter;

/// The most bits of a filter: about two bytes for each line of ordinary log in a block of 128 KiB.
pub const MAX_BITS: usize = 1 << 14;

/// Bytes in a gram.
const GRAM: usize = 4;

/// How many values a gram's hash has.
const HASHES: usize = 1 << 16;

/// The first byte of a filter that is laid out as said above.
const KIND: u8 = 1;

/// Characters beyond ASCII that equal an ASCII letter when case is ignored: the Kelvin sign, the long s and the dotted
/// İ. A block that holds one has no filter, so that queries may take letters for what they are.
const ODD_LETTERS: [&str; 3] = ["\u{212a}", "\u{17f}", "\u{130}"];

/// A workspace larger than this is given back: it held one huge line.
const KEPT_BYTES: usize = 256 << 10;

/// Makes filters; keeps its workspace from one block to the next.
pub struct Filter {
    /// A byte for each bit that there may be, 1 if it is set: a store a gram, which waits for nothing.
    seen: Box<[u8; MAX_BITS]>,
    folded: Vec<u8>,
}

impl Default for Filter {
    fn default() -> Self {
        Filter {
            seen: Box::new([0; MAX_BITS]),
            folded: Vec::new(),
        }
    }
}

impl Filter {
    /// The filter of `lines`; empty where it would rule out next to nothing.
    pub fn of(&mut self, lines: &Lines) -> Vec<u8> {
        self.seen.fill(0);
        // Lengths and styles are folded as well, and not looked at.
        let bytes = lines.bytes();
        self.folded.clear();
        self.folded.extend(bytes.iter().map(u8::to_ascii_lowercase));
        let mut has_odd_letters = false;
        for text in lines.texts() {
            let original = &bytes[text.clone()];
            has_odd_letters |= !original.is_ascii() && holds_odd_letter(original);
            for hash in hashes(&self.folded[text]) {
                self.seen[usize::from(hash) / (HASHES / MAX_BITS)] = 1;
            }
        }
        self.folded.shrink_to(KEPT_BYTES);
        match has_odd_letters {
            true => Vec::new(),
            false => self.pack(),
        }
    }

    fn pack(&self) -> Vec<u8> {
        let ones: usize = self.seen.iter().map(|seen| usize::from(*seen)).sum();
        // With so many set it says next to nothing.
        if ones > MAX_BITS / 7 * 6 {
            return Vec::new();
        }
        let bits = (ones + ones / 8).next_power_of_two().clamp(8, MAX_BITS);
        let shared = MAX_BITS / bits;
        let mut out = vec![0; 1 + bits / 8];
        out[0] = KIND;
        let bytes = self.seen.chunks_exact(8 * shared);
        for (byte, seen) in out[1..].iter_mut().zip(bytes) {
            let bits = seen.chunks_exact(shared).map(any).enumerate();
            *byte = bits.fold(0, |byte, (at, bit)| byte | bit << at);
        }
        out
    }
}

/// 1 if one of `seen` is.
fn any(seen: &[u8]) -> u8 {
    seen.iter().fold(0, |any, seen| any | seen)
}

/// Whether a letter stands in `text` that equals an ASCII letter when case is ignored.
fn holds_odd_letter(text: &[u8]) -> bool {
    let [kelvin, long_s, dotted] = ODD_LETTERS.map(str::as_bytes);
    memchr3_iter(kelvin[0], long_s[0], dotted[0], text).any(|at| {
        let odd = [kelvin, long_s, dotted];
        odd.iter().any(|letter| text[at..].starts_with(letter))
    })
}

/// Where a hash stands among `bytes` bytes of bits.
fn place(hash: u16, bytes: usize) -> (usize, u8) {
    let bit = usize::from(hash) * bytes * 8 / HASHES;
    (bit / 8, 1 << (bit % 8))
}

/// The hashes of the grams in a text whose letters are in lower case: Fibonacci hashing (Knuth, TAOCP 3, §6.4).
fn hashes(folded: &[u8]) -> impl Iterator<Item = u16> {
    folded.windows(GRAM).map(|gram| {
        let gram = gram.try_into().map_or(0, u32::from_le_bytes);
        (gram.wrapping_mul(0x9e37_79b1) >> 16) as u16
    })
}

/// Whether `filter` has all of these grams' hashes, as far as it can be read.
fn has_all(filter: &[u8], hashes: &[u16]) -> bool {
    match filter {
        [KIND, bits @ ..] if !bits.is_empty() && bits.len() <= MAX_BITS / 8 => {
            hashes.iter().all(|&hash| {
                let (byte, mask) = place(hash, bits.len());
                bits[byte] & mask != 0
            })
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::body;
    use super::super::search::{Case, Pattern, Syntax};
    use super::*;
    use proptest::prelude::*;

    fn block(texts: &[impl AsRef<str>]) -> Lines {
        let mut lines = Lines::default();
        for text in texts {
            lines.push(&body(text.as_ref()), 0);
        }
        lines
    }

    fn pattern(text: &str, syntax: Syntax, case: Case) -> Option<Pattern> {
        Pattern::parse(text, syntax, case).ok()
    }

    /// Letters with all the odd foldings there are, and few enough of them that patterns match.
    fn text() -> impl Strategy<Value = String> {
        let chars: Vec<char> = "aAbBkKsSiI\u{212a}\u{17f}İ\u{307}ßẞéÉ界 [1"
            .chars()
            .collect();
        prop::collection::vec(prop::sample::select(chars), 0..14).prop_map(String::from_iter)
    }

    /// Regular expressions out of pieces that match such texts often.
    fn expression() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            text().prop_map(|text| text.replace('[', "\\[")),
            prop::sample::select(vec![
                ".*",
                "[a-k]+",
                "(ab|kS|sk1?)",
                "(?i:Ka)",
                "(?:sik){2}",
                "^",
                "$",
                "\\b",
                "(ab)?",
                "[kK]",
                "[^a]",
                "b*",
                "(?-i:S)",
                "(a|)",
                "(?:AbKs|skis)+",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
    }

    fn syntaxes() -> impl Strategy<Value = (Syntax, Case)> {
        prop_oneof![
            Just((Syntax::Literal, Case::Smart)),
            Just((Syntax::Literal, Case::Ignored)),
            Just((Syntax::Regex, Case::Smart)),
            Just((Syntax::Regex, Case::Ignored)),
            Just((Syntax::Regex, Case::Kept)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn a_block_that_matches_is_never_ruled_out(
            texts in prop::collection::vec(text(), 1..6),
            from in 0..10usize,
            len in 1..9usize,
            expression in expression(),
            (syntax, case) in syntaxes(),
        ) {
            let part: String = texts[0].chars().skip(from).take(len).collect();
            let lines = block(&texts);
            let filter = Filter::default().of(&lines);
            for wanted in [part.clone(), part.to_lowercase(), part.to_uppercase(), expression] {
                let Some(pattern) = pattern(&wanted, syntax, case) else { continue };
                let matches = texts.iter().any(|text| pattern.find_in(text, 0).is_some());
                prop_assert!(!matches || pattern.query().may_hold(&filter), "{wanted:?}");
                prop_assert!(!matches || pattern.may_match(lines.bytes()), "{wanted:?}");
            }
        }

        #[test]
        fn damaged_filters_panic_nowhere(filter: Vec<u8>, wanted in expression()) {
            if let Some(pattern) = pattern(&wanted, Syntax::Regex, Case::Smart) {
                pattern.query().may_hold(&filter);
            }
        }
    }

    #[test]
    fn most_blocks_without_a_text_are_ruled_out() {
        let log = |n: u64| {
            let id = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            format!(
                "2026-01-02T03:04:{:02}.{:03}Z INFO worker-{} request id={id:011x} took={}us",
                n / 1000 % 60,
                n % 1000,
                id % 16,
                id % 997
            )
        };
        let filters: Vec<Vec<u8>> = (0..50)
            .map(|at| {
                Filter::default().of(&block(
                    &(at * 700..at * 700 + 700).map(log).collect::<Vec<_>>(),
                ))
            })
            .collect();
        for (wanted, most) in [
            ("needle-qq7", 2),
            ("E0382", 20),
            ("deadbeef", 5),
            ("panicked at", 2),
        ] {
            let pattern = pattern(wanted, Syntax::Literal, Case::Smart).expect("a pattern");
            let query = pattern.query();
            let kept = filters
                .iter()
                .filter(|filter| query.may_hold(filter))
                .count();
            assert!(kept <= most, "{wanted}: {kept} of 50");
        }
        assert!(filters.iter().all(|filter| filter.len() <= 3 * 700));
        let errors = "error\\[E\\d{4}\\]: .*(trait|lifetime)";
        let errors = pattern(errors, Syntax::Regex, Case::Smart).expect("a pattern");
        let query = errors.query();
        assert!(filters.iter().all(|filter| !query.may_hold(filter)));
    }

    #[test]
    fn noise_has_no_filter() {
        let mut x = 1u64;
        let mut noise = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b' ' + (x >> 58) as u8)
        };
        let text: String = (0..64 << 10).map(|_| noise()).collect();
        assert!(Filter::default().of(&block(&[text])).is_empty());
        assert!(Filter::default().of(&block(&["300 \u{212a}"])).is_empty());
    }
}
