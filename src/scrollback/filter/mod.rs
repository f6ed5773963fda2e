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
//! There are as many bits as leave every second one unset, and [`MAX_BITS`] at most. An empty filter rules nothing out.

mod query;

pub use query::Query;

use super::lines::{self, Lines};

/// The most bits of a filter: about three bytes for each line of ordinary log in a block of 64 KiB.
pub const MAX_BITS: usize = 1 << 14;

/// Bytes in a gram.
const GRAM: usize = 4;

/// How many values a gram's hash has.
const HASHES: usize = 1 << 16;

/// The first byte of a filter that is laid out as said above.
const KIND: u8 = 1;

/// Characters beyond ASCII that equal an ASCII letter when case is ignored: the Kelvin sign, the long s and the dotted
/// İ. A block that holds one has no filter, so that queries may take letters for what they are.
const ODD_LETTERS: [char; 3] = ['\u{212a}', '\u{17f}', '\u{130}'];

/// The set of hashes of a block's grams, as it is gathered.
pub struct Filter {
    seen: Box<[u64; HASHES / 64]>,
    folded: Vec<u8>,
    has_odd_letters: bool,
}

impl Filter {
    /// The filter of `lines`; empty where it would rule out next to nothing.
    pub fn of(lines: &Lines) -> Vec<u8> {
        let mut filter = Filter {
            seen: Box::new([0; HASHES / 64]),
            folded: Vec::new(),
            has_odd_letters: false,
        };
        for (_, body) in lines.iter() {
            filter.add(lines::text(body));
        }
        filter.pack()
    }

    fn add(&mut self, text: &str) {
        self.has_odd_letters |= !text.is_ascii() && text.contains(ODD_LETTERS);
        self.folded.clear();
        self.folded.extend_from_slice(text.as_bytes());
        self.folded.make_ascii_lowercase();
        for hash in hashes(&self.folded).map(usize::from) {
            self.seen[hash / 64] |= 1 << (hash % 64);
        }
    }

    fn pack(&self) -> Vec<u8> {
        let ones: usize = self
            .seen
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum();
        let bytes = (ones * 16 / 11).min(MAX_BITS).div_ceil(8);
        // With two for each bit that there is room for, six in seven would be set.
        if self.has_odd_letters || ones > 2 * MAX_BITS {
            return Vec::new();
        }
        let mut out = vec![0; 1 + bytes.max(1)];
        out[0] = KIND;
        for (at, word) in self.seen.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let hash = at * 64 + left.trailing_zeros() as usize;
                let (byte, mask) = place(hash as u16, bytes.max(1));
                out[1 + byte] |= mask;
                left &= left - 1;
            }
        }
        out
    }
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
            let filter = Filter::of(&lines);
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
                Filter::of(&block(
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
        assert!(Filter::of(&block(&[text])).is_empty());
        assert!(Filter::of(&block(&["300 \u{212a}"])).is_empty());
    }
}
