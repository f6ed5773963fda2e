//! Searching while somebody waits: with an engine that gives up where it would take long. A lazy automaton makes its
//! states as they are needed; an expression that needs ever new ones is left to searches that nobody waits for.

use super::{Kind, Pattern};
use regex_automata::Input;
use regex_automata::MatchKind;
use regex_automata::hybrid::dfa;
use regex_automata::hybrid::regex::{Builder, Cache, Regex};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_syntax::hir::Hir;
use std::ops::Range;
use std::sync::Arc;

/// The most memory for the states of one glance.
const CACHE_BYTES: usize = 512 << 10;

/// How often the states of one glance may be made anew.
const MAX_CLEARED: usize = 2;

/// The most steps of one glance that are taken without states: some ten milliseconds.
const MAX_STEPS: u64 = 2 << 20;

/// An expression, compiled for this engine.
#[derive(Debug, Clone)]
pub(super) struct Swift {
    regex: Arc<Regex>,
    /// Steps that an engine without states takes for each byte, at most.
    price: u64,
}

impl Swift {
    /// `None` if the expression takes more than `max_compiled` bytes, or its states more than they may.
    pub fn new(hir: &Hir, max_compiled: usize) -> Option<Swift> {
        let nfa = |config: thompson::Config| {
            let config = config.nfa_size_limit(Some(max_compiled));
            NFA::compiler().configure(config).build_from_hir(hir).ok()
        };
        let dfa = |nfa: NFA, kind| {
            let config = dfa::Config::new()
                .match_kind(kind)
                .unicode_word_boundary(true)
                .cache_capacity(CACHE_BYTES)
                .minimum_cache_clear_count(Some(MAX_CLEARED));
            dfa::Builder::new()
                .configure(config)
                .build_from_nfa(nfa)
                .ok()
        };
        let forward = nfa(thompson::Config::new())?;
        let backward = thompson::Config::new().reverse(true);
        let backward = nfa(backward.which_captures(WhichCaptures::None))?;
        let price = forward.states().len() as u64;
        let forward = dfa(forward, MatchKind::LeftmostFirst)?;
        // Where a match begins that ends here is found only by going all the way back.
        let backward = dfa(backward, MatchKind::All)?;
        let regex = Builder::new().build_from_dfas(forward, backward);
        Some(Swift {
            regex: Arc::new(regex),
            price,
        })
    }
}

/// Finds matches while somebody waits: rather too few of them than too late.
#[derive(Debug)]
pub struct Glance<'a> {
    pattern: &'a Pattern,
    cache: Option<Cache>,
    steps: u64,
}

impl<'a> Glance<'a> {
    /// For the matches of `pattern`.
    pub fn new(pattern: &'a Pattern) -> Glance<'a> {
        let swift = match &pattern.kind {
            Kind::Literal(_) => None,
            Kind::Expression(expression) => expression.swift(),
        };
        Glance {
            pattern,
            cache: swift.map(|swift| swift.regex.create_cache()),
            steps: MAX_STEPS,
        }
    }

    /// The first match within that range of `text`; what stands around it still counts for `^` and `\b`.
    pub fn find(&mut self, text: &str, range: Range<usize>) -> Option<Range<usize>> {
        let expression = match &self.pattern.kind {
            Kind::Literal(literal) => return literal.find_in(&text[..range.end], range.start),
            Kind::Expression(expression) => expression,
        };
        let mut at = range.start;
        while at <= range.end {
            let mut look = |input: Input| match (expression.swift(), &mut self.cache) {
                (Some(swift), Some(cache)) => match swift.regex.try_search(cache, &input) {
                    Ok(found) => found.map(|found| found.range()),
                    // It is too much for this engine, or has word boundaries beside letters that it does not know.
                    Err(_) => {
                        let steps = input.get_range().len() as u64 * swift.price;
                        self.steps = self.steps.saturating_sub(steps);
                        (self.steps > 0).then(|| expression.look(input))?
                    }
                },
                _ => None,
            };
            let (found, next) = expression.step(text, at..range.end, &mut look);
            if found.is_some() {
                return found;
            }
            at = next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Case, Syntax};
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text, Syntax::Regex, Case::Smart).expect("a pattern")
    }

    fn seen(pattern: &Pattern, text: &str) -> Vec<Range<usize>> {
        let (mut glance, mut from, mut all) = (Glance::new(pattern), 0, Vec::new());
        while let Some(found) = glance.find(text, from..text.len()) {
            from = pattern.behind(&found);
            all.push(found);
        }
        all
    }

    #[test]
    fn what_would_take_long_is_given_up() {
        let costly = pattern("(?:[a-z].{0,300}Q.{0,300}){3}##");
        let line = "abcdefg Q hijk ".repeat(20_000);
        let begun = Instant::now();
        assert!(seen(&costly, &line).is_empty());
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
    }

    #[test]
    fn word_boundaries_beside_any_letter_are_seen() {
        assert_eq!(seen(&pattern("\\bb"), "ab b äb äß b"), [3..4, 14..15]);
    }

    proptest! {
        #[test]
        fn a_glance_sees_what_a_search_finds(
            text in "[ab界ä ]{0,40}",
            wanted in prop::sample::select(vec!["a+", "b.", "\\w+", "界|ab", "^a", "b$", "x*", "\\ba", "a.*b"]),
        ) {
            let pattern = pattern(wanted);
            let mut all = Vec::new();
            pattern.each_in(&text, &mut |found| {
                all.push(found);
                std::ops::ControlFlow::Continue(())
            });
            prop_assert_eq!(seen(&pattern, &text), all);
        }
    }
}
