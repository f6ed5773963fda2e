//! A regular expression: the syntax and the engine of the `regex` crate, bounded in what it may take.

use super::swift::Swift;
use super::{BadPattern, Case, Literal};
use crate::scrollback::filter::Query;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::ast::{self, Ast, ClassSetItem};
use regex_syntax::hir::translate::TranslatorBuilder;
use regex_syntax::hir::{Hir, HirKind};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most memory of a compiled expression. Time is bounded with it: a search takes at most as many steps for each
/// byte as the expression has states.
const MAX_COMPILED: usize = 2 << 20;

/// How deep groups may stand in each other.
const MAX_NEST: u32 = 100;

/// How far around a row of a very long line matches are looked for.
const REACH: usize = 4096;

/// A line with more bytes is searched in pieces of as many, so that a search can be ended in the middle of it.
const PIECE: usize = 16 << 10;
const TWO_PIECES: usize = 2 * PIECE;

/// A regular expression to look for.
///
/// In a line longer than two pieces, what reaches farther than a piece from where it begins may be cut off.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    regex: Regex,
    /// The same, on an engine that gives up where it would take long.
    swift: Option<Swift>,
    /// A text that stands in each match.
    within: Option<Literal>,
    longest: usize,
    /// Ends all searches once it is set.
    end: Arc<AtomicBool>,
}

impl Expression {
    /// Reads an expression, and what a block must hold for it to match there.
    pub fn parse(text: &str, case: Case) -> Result<(Expression, Query), BadPattern> {
        let ast = ast::parse::ParserBuilder::new()
            .nest_limit(MAX_NEST)
            .build()
            .parse(text)
            .map_err(|error| malformed(error.kind(), error.span()))?;
        let ignores_case = match case {
            Case::Smart => !has_uppercase(&ast),
            Case::Kept => false,
            Case::Ignored => true,
        };
        let hir = TranslatorBuilder::new()
            .case_insensitive(ignores_case)
            .build()
            .translate(text, &ast)
            .map_err(|error| malformed(error.kind(), error.span()))?;
        let config = Regex::config().nfa_size_limit(Some(MAX_COMPILED));
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&hir)
            .map_err(|_| BadPattern::TooLarge)?;
        let longest = hir.properties().maximum_len();
        let expression = Expression {
            regex,
            swift: Swift::new(&hir, MAX_COMPILED),
            within: longest_literal(&hir).map(|text| Literal::new(text, Case::Kept)),
            longest: longest.unwrap_or(PIECE).min(PIECE),
            end: Arc::default(),
        };
        Ok((expression, Query::of_expression(&hir)))
    }

    /// See [`super::Pattern::max_bytes`].
    pub fn max_bytes(&self) -> usize {
        self.longest.min(REACH)
    }

    /// See [`super::Pattern::ended_by`].
    pub fn ended_by(self, end: Arc<AtomicBool>) -> Expression {
        Expression { end, ..self }
    }

    /// The same on an engine that gives up where it would take long, if there is one.
    pub fn swift(&self) -> Option<&Swift> {
        self.swift.as_ref()
    }

    /// What any engine finds at once, however long that takes.
    pub fn look(&self, input: Input) -> Option<Range<usize>> {
        self.regex.find(input).map(|found| found.range())
    }

    /// The first match that starts at `from` or behind it; what stands before still counts for `^` and `\b`.
    pub fn find_in(&self, text: &str, from: usize) -> Option<Range<usize>> {
        self.matches(text, from).next()
    }

    /// The last match that starts before `before`, of those that a reader meets from the line's beginning on.
    pub fn rfind_in(&self, text: &str, before: usize) -> Option<Range<usize>> {
        let matches = self.matches(text, 0);
        matches.take_while(|found| found.start < before).last()
    }

    /// The matches that begin at `from` or behind it; none overlaps another.
    pub fn matches<'a>(
        &'a self,
        text: &'a str,
        from: usize,
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut at = from;
        let mut look = |input: Input| self.look(input);
        std::iter::from_fn(move || {
            while at <= text.len() {
                let (found, next) = self.step(text, at..text.len(), &mut look);
                at = next;
                if found.is_some() {
                    return found;
                }
            }
            None
        })
    }

    /// What `look` finds in the piece of `text` at the beginning of `range`, and where the search goes on behind it.
    pub fn step(
        &self,
        text: &str,
        range: Range<usize>,
        look: &mut dyn FnMut(Input) -> Option<Range<usize>>,
    ) -> (Option<Range<usize>>, usize) {
        let (at, end) = (boundary(text, range.start), range.end);
        let (begins, ends) = match end.saturating_sub(at) {
            _ if self.end.load(Ordering::Relaxed) => return (None, end + 1),
            0..=TWO_PIECES => (end + 1, end.max(at)),
            // What begins in this piece may end in the next one.
            _ => (at + PIECE, boundary(text, at + PIECE + self.longest)),
        };
        match look(Input::new(text).range(at..ends)) {
            Some(found) if found.start >= begins => (None, begins),
            Some(empty) if empty.is_empty() => (None, empty.end + 1),
            Some(found) => (Some(found.clone()), found.end),
            None => (None, begins),
        }
    }

    /// Whether a text within `raw` can match.
    pub fn may_match(&self, raw: &[u8]) -> bool {
        let within = self.within.as_ref();
        within.is_none_or(|literal| literal.may_match(raw))
    }
}

/// Where the next character of `text` begins from byte `at` on.
fn boundary(text: &str, at: usize) -> usize {
    let mut from_here = at..text.len();
    let next = from_here.find(|at| text.is_char_boundary(*at));
    next.unwrap_or(text.len())
}

fn malformed(what: &impl ToString, span: &ast::Span) -> BadPattern {
    let what = what.to_string();
    // The engine's words may go on with advice for programmers.
    let first = what.lines().next().unwrap_or_default();
    BadPattern::Malformed {
        what: first.trim_end_matches('.').to_owned(),
        at: span.start.column,
    }
}

/// Whether a letter that stands for itself is in upper case; `\S` and `\p{Lu}` are no such letters.
fn has_uppercase(ast: &Ast) -> bool {
    struct Uppercase(bool);

    impl Uppercase {
        fn look(&mut self, literal: &ast::Literal) {
            self.0 |= literal.c.is_uppercase();
        }
    }

    impl ast::Visitor for Uppercase {
        type Output = bool;
        type Err = ();

        fn finish(self) -> Result<bool, ()> {
            Ok(self.0)
        }

        fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
            if let Ast::Literal(literal) = ast {
                self.look(literal);
            }
            Ok(())
        }

        fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), ()> {
            match item {
                ClassSetItem::Literal(literal) => self.look(literal),
                ClassSetItem::Range(range) => {
                    self.look(&range.start);
                    self.look(&range.end);
                }
                _ => {}
            }
            Ok(())
        }
    }
    ast::visit(ast, Uppercase(false)).unwrap_or(false)
}

/// The longest text that stands in each match, as far as that is plain to see.
fn longest_literal(hir: &Hir) -> Option<&str> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok(),
        HirKind::Capture(capture) => longest_literal(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => longest_literal(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(longest_literal)
            .max_by_key(|text| text.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expression(text: &str, case: Case) -> Expression {
        Expression::parse(text, case).expect("an expression").0
    }

    fn found(pattern: &str, text: &str) -> Vec<(usize, usize)> {
        let expression = expression(pattern, Case::Smart);
        let matches = expression.matches(text, 0);
        matches.map(|found| (found.start, found.end)).collect()
    }

    #[test]
    fn case_is_smart() {
        assert_eq!(found("err", "an Error"), [(3, 6)]);
        assert_eq!(found("Err", "an error, an Error"), [(13, 16)]);
        assert_eq!(found("[A-C]b", "ab Ab"), [(3, 5)]);
        assert_eq!(found("\\Serr\\w", "xErrO"), [(0, 5)]);
        assert_eq!(found("straße", "STRAẞE"), [(0, 8)]);
        let all = |case| expression("Err", case).matches("err Err", 0).count();
        assert_eq!((all(Case::Ignored), all(Case::Kept)), (2, 1));
    }

    #[test]
    fn no_match_is_empty() {
        assert_eq!(found("x*", "axxb"), [(1, 3)]);
        assert!(found("^|$", "ab").is_empty());
    }

    #[test]
    fn a_line_begins_once() {
        let start = expression("^a+", Case::Smart);
        assert_eq!(start.find_in("aaa", 1), None);
        assert_eq!(start.rfind_in("aaa", 3), Some(0..3));
        let word = expression("\\bb", Case::Smart);
        assert_eq!(word.find_in("ab b", 1), Some(3..4));
        assert_eq!(word.find_in("ab b", 9), None);
        assert_eq!(expression(".", Case::Smart).find_in("界a", 1), Some(3..4));
    }

    #[test]
    fn a_huge_line_is_searched_piece_by_piece() {
        let line = "xa1 界".repeat(3 * PIECE);
        for pattern in [
            "a\\d", "a|界", "^x", "$", "\\bxa", "[^x]+", "x.{0,9}a", "x*",
        ] {
            let expression = expression(pattern, Case::Smart);
            let all = expression.regex.find_iter(&line).map(|found| found.range());
            let all: Vec<_> = all.filter(|found| !found.is_empty()).collect();
            let found: Vec<_> = expression.matches(&line, 0).collect();
            assert!(found == all, "{pattern}: {} for {}", found.len(), all.len());
        }
    }

    #[test]
    fn a_search_of_a_huge_line_can_be_ended() {
        let end = Arc::new(AtomicBool::new(false));
        let expression = expression("a", Case::Smart).ended_by(end.clone());
        let line = "a".repeat(99);
        let mut matches = expression.matches(&line, 0);
        assert_eq!(matches.next(), Some(0..1));
        end.store(true, Ordering::Relaxed);
        assert_eq!(matches.next(), None);
        assert_eq!(expression.find_in(&line, 0), None);
        assert_eq!(expression.rfind_in(&line, 9), None);
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let error = |text: &str| {
            Expression::parse(text, Case::Smart)
                .err()
                .map(|error| error.to_string())
        };
        for (text, words) in [
            ("a(b", "unclosed group at character 2"),
            ("界[a", "unclosed character class at character 2"),
            ("*", "repetition operator missing expression at character 1"),
            (
                "(?=a)",
                "look-around, including look-ahead and look-behind, is not supported at character 1",
            ),
            ("\\p{Nope}", "Unicode property not found at character 1"),
            (
                "(?:\\w{100}){100}",
                "the pattern is too large: fewer repetitions or alternatives may do",
            ),
        ] {
            assert_eq!(error(text).as_deref(), Some(words));
        }
        assert!(error(&"(".repeat(1000)).is_some());
    }

    #[test]
    fn blocks_are_ruled_out() {
        let error = expression("error\\[E\\d{4}\\]: .*(trait|lifetime)", Case::Smart);
        assert!(!error.may_match(b"\x05error[\0e0277]: trait"));
        assert!(error.may_match(b"\x05error[E0277]: trait"));
        assert!(expression("a|b", Case::Smart).may_match(b""));
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics(text: String, line: String, from in 0..20usize) {
            if let Ok((expression, _)) = Expression::parse(&text, Case::Smart) {
                expression.find_in(&line, from);
                expression.rfind_in(&line, from);
            }
        }

        #[test]
        fn both_directions_agree(text in "[ab界 ]{0,20}", wanted in prop::sample::select(vec!["a+", "b.", "\\w+", "界|ab"])) {
            let expression = expression(wanted, Case::Smart);
            let all: Vec<_> = expression.matches(&text, 0).collect();
            let mut back = Vec::new();
            let mut before = usize::MAX;
            while let Some(found) = expression.rfind_in(&text, before) {
                before = found.start;
                back.insert(0, found);
            }
            prop_assert_eq!(back, all);
        }
    }
}
