//! Finding text: a [`Pattern`] over one line's text, or over all of a block's bytes to rule it out at once.

mod expression;
mod literal;
mod swift;

use super::filter::Query;
use expression::Expression;
use literal::Literal;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
pub use swift::Glance;
use thiserror::Error;

/// The longest pattern that is taken, in bytes.
pub const MAX_PATTERN: usize = 4096;

/// A place in scrollback: a byte of a line's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The line's number.
    pub line: u64,
    /// The byte of its text.
    pub byte: usize,
}

/// Where a pattern was found: bytes `start_byte..end_byte` of a line's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The line's number.
    pub line: u64,
    /// The first byte of the match.
    pub start_byte: usize,
    /// The byte behind the match.
    pub end_byte: usize,
}

impl Match {
    /// Where it begins.
    pub fn start(&self) -> Position {
        Position {
            line: self.line,
            byte: self.start_byte,
        }
    }
}

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the first match that starts at the position or behind it.
    Forward,
    /// To the last match that starts before the position.
    Backward,
}

/// How a pattern is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// A text that stands for itself.
    #[default]
    Literal,
    /// A regular expression, as the `regex` crate reads it.
    Regex,
}

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// If the pattern has an uppercase letter.
    #[default]
    Smart,
    /// Always.
    Kept,
    /// Never.
    Ignored,
}

/// Why there is nothing to search with, in one line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadPattern {
    /// It has no characters.
    #[error("there is nothing to search for")]
    Empty,
    /// It has more than [`MAX_PATTERN`] bytes, or asks for more memory than a search may take.
    #[error("the pattern is too large: fewer repetitions or alternatives may do")]
    TooLarge,
    /// It is no regular expression.
    #[error("{what} at character {at}")]
    Malformed {
        /// What is wrong.
        what: String,
        /// Where, from 1.
        at: usize,
    },
}

/// What is looked for: a text or a regular expression, with what a block must hold for it to be found there.
#[derive(Debug, Clone)]
pub struct Pattern {
    kind: Kind,
    query: Arc<Query>,
}

#[derive(Debug, Clone)]
enum Kind {
    Literal(Literal),
    Expression(Expression),
}

impl Pattern {
    /// A pattern that stands for itself and matches either case unless it has an uppercase letter; `None` if `text` is
    /// empty.
    pub fn new(text: &str) -> Option<Pattern> {
        Pattern::parse(text, Syntax::Literal, Case::Smart).ok()
    }

    /// Reads a pattern.
    pub fn parse(text: &str, syntax: Syntax, case: Case) -> Result<Pattern, BadPattern> {
        match text.len() {
            0 => return Err(BadPattern::Empty),
            1..=MAX_PATTERN => {}
            _ => return Err(BadPattern::TooLarge),
        }
        let (kind, query) = match syntax {
            Syntax::Literal => {
                let literal = Literal::new(text, case);
                let query = literal.query();
                (Kind::Literal(literal), query)
            }
            Syntax::Regex => {
                let (expression, query) = Expression::parse(text, case)?;
                (Kind::Expression(expression), query)
            }
        };
        let query = Arc::new(query);
        Ok(Pattern { kind, query })
    }

    /// The same, to find nothing more once `end` is set; looked at between matches, and within lines that take long.
    pub fn ended_by(mut self, end: Arc<AtomicBool>) -> Pattern {
        if let Kind::Expression(expression) = self.kind {
            self.kind = Kind::Expression(expression.ended_by(end));
        }
        self
    }

    /// What a block must hold for a match.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Most bytes that a match has; of a regular expression, most that a reader need look at around one.
    pub fn max_bytes(&self) -> usize {
        match &self.kind {
            Kind::Literal(literal) => literal.max_bytes(),
            Kind::Expression(expression) => expression.max_bytes(),
        }
    }

    /// The first match in `text` that starts at byte `from` or behind it. No match is empty.
    pub fn find_in(&self, text: &str, from: usize) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Literal(literal) => literal.find_in(text, from),
            Kind::Expression(expression) => expression.find_in(text, from),
        }
    }

    /// The last match in `text` that starts before byte `before`.
    pub fn rfind_in(&self, text: &str, before: usize) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Literal(literal) => literal.rfind_in(text, before),
            Kind::Expression(expression) => expression.rfind_in(text, before),
        }
    }

    /// Calls `each` with the matches in `text`, in order, until it breaks.
    pub fn each_in(&self, text: &str, each: &mut dyn FnMut(Range<usize>) -> ControlFlow<()>) {
        // What breaks needs no answer.
        let _ = match &self.kind {
            Kind::Literal(literal) => literal.matches(text).try_for_each(each),
            Kind::Expression(expression) => expression.matches(text, 0).try_for_each(each),
        };
    }

    /// Where the search for a match behind `found` begins: those of a text may overlap, those of an expression do not.
    pub fn behind(&self, found: &Range<usize>) -> usize {
        match &self.kind {
            Kind::Literal(_) => found.start + 1,
            Kind::Expression(_) => found.end.max(found.start + 1),
        }
    }

    /// Whether any text within `raw`, which may hold other bytes between texts, can match. `false` is certain.
    pub fn may_match(&self, raw: &[u8]) -> bool {
        match &self.kind {
            Kind::Literal(literal) => literal.may_match(raw),
            Kind::Expression(expression) => expression.may_match(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        let parse = |text: &str, syntax| Pattern::parse(text, syntax, Case::Smart).err();
        assert_eq!(parse("", Syntax::Literal), Some(BadPattern::Empty));
        assert_eq!(parse("", Syntax::Regex), Some(BadPattern::Empty));
        let long = "a".repeat(MAX_PATTERN + 1);
        assert_eq!(parse(&long, Syntax::Literal), Some(BadPattern::TooLarge));
        assert_eq!(parse(&long[1..], Syntax::Regex), None);
    }

    #[test]
    fn matches_of_a_text_may_overlap_and_those_of_an_expression_do_not() {
        for (syntax, expected) in [
            (Syntax::Literal, vec![0, 1, 2]),
            (Syntax::Regex, vec![0, 2]),
        ] {
            let pattern = Pattern::parse("aa", syntax, Case::Smart).expect("a pattern");
            let mut found = Vec::new();
            let mut from = 0;
            while let Some(next) = pattern.find_in("aaaa", from) {
                from = pattern.behind(&next);
                found.push(next.start);
            }
            assert_eq!(found, expected);
            found.clear();
            pattern.each_in("aaaa", &mut |next| {
                found.push(next.start);
                ControlFlow::Continue(())
            });
            assert_eq!(found, expected);
        }
    }
}
