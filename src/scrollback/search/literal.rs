//! A text that is looked for as it stands, or without regard to case.

use super::Case;
use crate::scrollback::filter::Query;
use memchr::memmem;
use std::iter;
use std::ops::Range;

/// A text to look for.
///
/// Law: where case counts, a match is a range of characters that equals the text; else one whose lowercase is the
/// text's.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    needle: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Found as it is.
    Exact(Box<(memmem::Finder<'static>, memmem::FinderRev<'static>)>),
    /// ASCII letters in either case; `anchor` is the needle's rarest byte.
    Ascii { anchor: usize },
    /// Lowercase character by character.
    Folded,
}

/// How a literal is looked for in one text.
#[derive(Debug, Clone, Copy)]
enum Way {
    Exact,
    Ascii {
        anchor: usize,
    },
    Folded,
    /// Not at all: the text has no such characters.
    Nowhere,
}

impl Literal {
    /// Looks for `text`, which is not empty.
    pub fn new(text: &str, case: Case) -> Literal {
        let counts = match case {
            Case::Smart => text.chars().any(char::is_uppercase),
            Case::Kept => true,
            Case::Ignored => false,
        };
        let is_exact = counts || text.chars().all(is_caseless);
        let needle: String = match is_exact {
            true => text.to_owned(),
            false => text.chars().flat_map(char::to_lowercase).collect(),
        };
        let kind = if is_exact {
            let find = memmem::Finder::new(&needle).into_owned();
            let rfind = memmem::FinderRev::new(&needle).into_owned();
            Kind::Exact(Box::new((find, rfind)))
        } else if needle.is_ascii() {
            let rank = |&(_, byte): &(usize, u8)| commonness(byte);
            let anchor = needle.bytes().enumerate().min_by_key(rank);
            Kind::Ascii {
                anchor: anchor.map_or(0, |(at, _)| at),
            }
        } else {
            Kind::Folded
        };
        Literal { needle, kind }
    }

    /// What a block must hold for it to be found there.
    pub fn query(&self) -> Query {
        match self.kind {
            Kind::Exact(_) => Query::of_literal(&self.needle, |_| true),
            Kind::Ascii { .. } | Kind::Folded => Query::of_literal(&self.needle, is_caseless),
        }
    }

    /// Most bytes that a match has: a character that is matched is at least one of the pattern's, in up to four bytes.
    pub fn max_bytes(&self) -> usize {
        4 * self.needle.chars().count()
    }

    /// The first match in `text` that starts at byte `from` or behind it.
    pub fn find_in(&self, text: &str, from: usize) -> Option<Range<usize>> {
        self.find_by(self.way_through(text), text, from)
    }

    /// All matches in `text`, those that overlap too.
    pub fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let way = self.way_through(text);
        let mut from = 0;
        iter::from_fn(move || {
            let found = self.find_by(way, text, from)?;
            from = found.start + 1;
            Some(found)
        })
    }

    fn way_through(&self, text: &str) -> Way {
        match self.kind {
            Kind::Exact(_) => Way::Exact,
            Kind::Ascii { anchor } if text.is_ascii() => Way::Ascii { anchor },
            Kind::Folded if text.is_ascii() => Way::Nowhere,
            Kind::Ascii { .. } | Kind::Folded => Way::Folded,
        }
    }

    fn find_by(&self, way: Way, text: &str, from: usize) -> Option<Range<usize>> {
        let rest = text.as_bytes().get(from..)?;
        let start = match (way, &self.kind) {
            (Way::Exact, Kind::Exact(finders)) => finders.0.find(rest)?,
            (Way::Ascii { anchor }, _) => self.find_ascii(rest, anchor)?,
            (Way::Folded, _) => {
                let mut starts = (from..text.len()).filter(|at| text.is_char_boundary(*at));
                return starts.find_map(|start| self.folded_at(text, start));
            }
            _ => return None,
        };
        Some(from + start..from + start + self.needle.len())
    }

    /// The last match in `text` that starts before byte `before`.
    pub fn rfind_in(&self, text: &str, before: usize) -> Option<Range<usize>> {
        let before = before.min(text.len());
        let last_end = (before + self.needle.len()).saturating_sub(1);
        let head = &text.as_bytes()[..last_end.min(text.len())];
        let found = |start| start..start + self.needle.len();
        match &self.kind {
            _ if before == 0 => None,
            Kind::Exact(finders) => finders.1.rfind(head).map(found),
            Kind::Ascii { .. } if text.is_ascii() => {
                let starts = 0..(head.len() + 1).saturating_sub(self.needle.len());
                starts
                    .rev()
                    .find(|at| self.is_ascii_at(head, *at))
                    .map(found)
            }
            Kind::Folded if text.is_ascii() => None,
            _ => {
                let mut starts = (0..before).rev().filter(|at| text.is_char_boundary(*at));
                starts.find_map(|start| self.folded_at(text, start))
            }
        }
    }

    /// Whether any text within `raw`, which may hold other bytes between texts, can match. `false` is certain.
    pub fn may_match(&self, raw: &[u8]) -> bool {
        match &self.kind {
            Kind::Exact(finders) => finders.0.find(raw).is_some(),
            Kind::Ascii { anchor } => {
                self.find_ascii(raw, *anchor).is_some() || self.has_odd_letter(raw)
            }
            Kind::Folded => true,
        }
    }

    /// Two characters beyond ASCII have lowercases with ASCII in them: the Kelvin sign and the dotted İ.
    fn has_odd_letter(&self, raw: &[u8]) -> bool {
        (self.needle.contains('k') && memmem::find(raw, "\u{212a}".as_bytes()).is_some())
            || (self.needle.contains('i') && memmem::find(raw, "\u{130}".as_bytes()).is_some())
    }

    fn find_ascii(&self, haystack: &[u8], anchor: usize) -> Option<usize> {
        let byte = self.needle.as_bytes()[anchor];
        let candidates = haystack.get(anchor..)?;
        memchr::memchr2_iter(byte, byte.to_ascii_uppercase(), candidates)
            .find(|at| self.is_ascii_at(haystack, *at))
    }

    fn is_ascii_at(&self, haystack: &[u8], at: usize) -> bool {
        haystack
            .get(at..at + self.needle.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(self.needle.as_bytes()))
    }

    fn folded_at(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let mut needle = self.needle.chars();
        for (at, c) in text[start..].char_indices() {
            for lower in c.to_lowercase() {
                if needle.next() != Some(lower) {
                    return None;
                }
            }
            if needle.as_str().is_empty() {
                return Some(start..start + at + c.len_utf8());
            }
        }
        None
    }
}

/// Whether no other character has `c` for its lowercase.
fn is_caseless(c: char) -> bool {
    !c.is_lowercase() && !c.is_uppercase() && c.to_uppercase().eq([c]) && c != '\u{307}'
}

/// How often a byte stands in text, roughly; only the order matters.
fn commonness(byte: u8) -> usize {
    const COMMON: &[u8] = b"zqjxkvbywgpf0m2u1c.-dhl/sr:nioate ";
    match COMMON.iter().position(|&common| common == byte) {
        Some(rank) => rank + 10,
        None if byte.is_ascii_alphanumeric() => 9,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The law of [`Literal`], word for word.
    fn naive(pattern: &str, text: &str) -> Vec<Range<usize>> {
        let fold = |text: &str| match pattern.chars().any(char::is_uppercase) {
            true => text.to_owned(),
            false => text.chars().flat_map(char::to_lowercase).collect(),
        };
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let ends = [&ends[..], &[text.len()]].concat();
        let mut found = Vec::new();
        for (i, &start) in ends.iter().enumerate() {
            let matching = |end: &&usize| fold(&text[start..**end]) == fold(pattern);
            found.extend(ends[i..].iter().find(matching).map(|&end| start..end));
        }
        found
    }

    fn text() -> impl Strategy<Value = String> {
        let chars = vec![
            'a', 'A', 'k', 'K', '\u{212a}', 'i', 'İ', '\u{307}', 'é', 'É', '界', ' ', 'ß', 'ẞ',
        ];
        prop_oneof![
            prop::collection::vec(prop::sample::select(chars), 0..12),
            prop::collection::vec(prop::sample::select(vec!['a', 'A', 'b', '.']), 0..12),
        ]
        .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn finds_what_a_naive_scan_finds(needle in text(), text in text(), from in 0..40usize) {
            let needle: String = needle.chars().take(3).collect();
            prop_assume!(!needle.is_empty());
            let pattern = Literal::new(&needle, Case::Smart);
            let all = naive(&needle, &text);
            prop_assert_eq!(pattern.find_in(&text, from), all.iter().find(|m| m.start >= from).cloned());
            prop_assert_eq!(pattern.rfind_in(&text, from), all.iter().rfind(|m| m.start < from).cloned());
            prop_assert_eq!(pattern.matches(&text).collect::<Vec<_>>(), &all[..]);
            prop_assert!(all.is_empty() || pattern.may_match(text.as_bytes()));
        }
    }

    #[test]
    fn case_is_smart() {
        let found = |pattern, text| Literal::new(pattern, Case::Smart).find_in(text, 0);
        assert_eq!(found("err", "an Error"), Some(3..6));
        assert_eq!(found("Err", "an error, an Error"), Some(13..16));
        assert_eq!(found("straße", "DIE STRAẞE"), Some(4..12));
        let found = |case| Literal::new("Err", case).find_in("an error, an Error", 0);
        assert_eq!(found(Case::Ignored), Some(3..6));
        assert_eq!(found(Case::Kept), Some(13..16));
    }

    #[test]
    fn blocks_are_ruled_out() {
        let pattern = Literal::new("needle", Case::Smart);
        assert!(!pattern.may_match(b"\x05hay\xffneedl\0"));
        assert!(pattern.may_match(b"\x05hay\xffNeedle\0"));
    }
}
