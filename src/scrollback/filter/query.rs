//! What a block must hold if a pattern is to match in it: grams, joined by "all of" and "any of".

use regex_syntax::hir::{Class, Hir, HirKind};

/// The most alternatives that are told apart; a pattern with more is looked for everywhere.
const MAX_ALTERNATIVES: usize = 1000;

/// What a pattern needs of a block.
///
/// Law: a block that holds a match is never ruled out.
#[derive(Debug, Clone, Default)]
pub struct Query(Need);

#[derive(Debug, Clone)]
enum Need {
    /// All of these hashes of grams, and all of these needs.
    All(Vec<u16>, Vec<Need>),
    /// One of these needs.
    Any(Vec<Need>),
}

impl Default for Need {
    fn default() -> Self {
        Need::All(Vec::new(), Vec::new())
    }
}

impl Query {
    /// What a block must hold in which `text` stands, its ASCII letters in either case. Other characters count only if
    /// they are `exact`: are found as they stand, in no other case.
    pub fn of_literal(text: &str, exact: impl Fn(char) -> bool) -> Query {
        let mut run = Run::default();
        for c in text.chars() {
            match c.is_ascii() || exact(c) {
                true => run.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
                false => run.end(),
            }
        }
        Query(run.finish())
    }

    /// What a block must hold in which the expression matches.
    pub fn of_expression(hir: &Hir) -> Query {
        let mut run = Run::default();
        run.follow(hir);
        Query(run.finish())
    }

    /// Whether a block with this filter can hold a match. `false` is certain.
    pub fn may_hold(&self, filter: &[u8]) -> bool {
        self.0.may_be_in(filter)
    }
}

impl Need {
    fn may_be_in(&self, filter: &[u8]) -> bool {
        match self {
            Need::All(grams, needs) => {
                super::has_all(filter, grams) && needs.iter().all(|need| need.may_be_in(filter))
            }
            Need::Any(needs) => needs.iter().any(|need| need.may_be_in(filter)),
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Need::All(grams, needs) if grams.is_empty() && needs.is_empty())
    }
}

/// Gathers what is needed along one way through an expression: the bytes that follow each other without a gap make
/// grams.
#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    grams: Vec<u16>,
    needs: Vec<Need>,
}

impl Run {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes.iter().map(u8::to_ascii_lowercase));
    }

    /// What comes next need not follow at once.
    fn end(&mut self) {
        self.grams.extend(super::hashes(&self.bytes));
        self.bytes.clear();
    }

    fn follow(&mut self, hir: &Hir) {
        match hir.kind() {
            // These have no bytes of their own: what stands around them touches.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.push(&literal.0),
            HirKind::Class(class) => match lone_letter(class) {
                Some(letter) => self.push(&[letter]),
                None => self.end(),
            },
            HirKind::Capture(capture) => self.follow(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.follow(part)),
            HirKind::Repetition(repetition) if repetition.min > 0 => {
                self.follow(&repetition.sub);
                self.end();
            }
            HirKind::Repetition(_) => self.end(),
            HirKind::Alternation(ways) => {
                self.end();
                self.needs.extend(any_of(ways));
            }
        }
    }

    fn finish(mut self) -> Need {
        self.end();
        self.grams.sort_unstable();
        self.grams.dedup();
        Need::All(self.grams, self.needs)
    }
}

/// What is needed whichever way is taken; `None` if one of them needs nothing.
fn any_of(ways: &[Hir]) -> Option<Need> {
    if ways.len() > MAX_ALTERNATIVES {
        return None;
    }
    let needs = ways.iter().map(|way| {
        let mut run = Run::default();
        run.follow(way);
        let need = run.finish();
        (!need.is_nothing()).then_some(need)
    });
    Some(Need::Any(needs.collect::<Option<_>>()?))
}

/// The ASCII character, in lower case, that all members of a class are, but for those letters beyond ASCII because of
/// which a block has no filter.
fn lone_letter(class: &Class) -> Option<u8> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let mut lone = None;
    for range in class.ranges() {
        if range.start() != range.end() {
            return None;
        }
        let c = range.start();
        if super::ODD_LETTERS.iter().any(|odd| odd.starts_with(c)) {
            continue;
        }
        let letter = u8::try_from(c)
            .ok()
            .filter(u8::is_ascii)?
            .to_ascii_lowercase();
        if *lone.get_or_insert(letter) != letter {
            return None;
        }
    }
    lone
}
