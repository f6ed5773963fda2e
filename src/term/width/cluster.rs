//! Grapheme clusters: where one ends and the next begins (UAX #29 §3.1.1, extended), and how many columns it takes.

use super::traits::{Class, Traits};

/// The text selector.
const VS15: char = '\u{fe0e}';
/// The emoji selector.
const VS16: char = '\u{fe0f}';

/// What a cluster ends with, as far as it decides which character may join. It holds all that the rules look back for,
/// so that clusters are found one character at a time, however the text comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Join {
    end: End,
    /// A linker, and nothing after it that would keep a consonant off (GB9c).
    linked: bool,
}

/// The end of a cluster, by the rule that needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
enum End {
    /// Nothing, or what nothing joins (GB1, GB4).
    #[default]
    Shut,
    /// What marks alone join (GB9, GB9a).
    Open,
    /// What everything joins but controls (GB9b).
    Prepend,
    /// A leading consonant (GB6).
    HangulL,
    /// A vowel (GB7).
    HangulV,
    /// A final consonant (GB8).
    HangulT,
    /// The first half of a flag (GB12).
    Flag,
    /// A pictograph and marks (GB11).
    Picture,
    /// The same and a joiner.
    Joiner,
}

impl Join {
    /// Nothing stands before, or something that nothing joins.
    pub const SHUT: Join = Join {
        end: End::Shut,
        linked: false,
    };

    /// After text that marks alone may join, such as ASCII.
    pub const OPEN: Join = Join {
        end: End::Open,
        linked: false,
    };

    /// Whether the next character joins, be it what it may, controls aside.
    #[inline]
    pub fn takes_all(self) -> bool {
        self.end == End::Prepend
    }

    /// After a cluster of one character.
    pub fn start(class: Class) -> Self {
        let end = match class {
            Class::Control => End::Shut,
            Class::Prepend => End::Prepend,
            Class::HangulL => End::HangulL,
            Class::HangulV | Class::HangulLv => End::HangulV,
            Class::HangulT | Class::HangulLvt => End::HangulT,
            Class::Regional => End::Flag,
            Class::Pictograph => End::Picture,
            _ => End::Open,
        };
        let linked = matches!(class, Class::Linker | Class::Reph);
        Self { end, linked }
    }

    /// After the cluster and one more character; `None` if that begins the next cluster.
    pub fn then(self, class: Class) -> Option<Self> {
        use Class::*;
        let joins = match (self.end, class) {
            (End::Shut, _) | (_, Control) => false,
            (_, Extend | ExtendAlone | Linker | Zwj | Spacing) => true,
            (End::Prepend, _) => true,
            (End::HangulL, HangulL | HangulV | HangulLv | HangulLvt) => true,
            (End::HangulV, HangulV | HangulT) => true,
            (End::HangulT, HangulT) => true,
            (End::Joiner, Pictograph) => true,
            (End::Flag, Regional) => true,
            // Since Unicode 18 a linker needs no consonant before it.
            (_, Consonant) => self.linked,
            _ => false,
        };
        joins.then(|| self.and(class))
    }

    /// After a character that joined.
    fn and(self, class: Class) -> Self {
        let end = match (self.end, class) {
            (End::Flag, Class::Regional) => End::Open,
            (End::Picture, Class::Extend | Class::ExtendAlone | Class::Linker) => End::Picture,
            (End::Picture, Class::Zwj) => End::Joiner,
            _ => Self::start(class).end,
        };
        let linked = match class {
            Class::Extend | Class::Zwj => self.linked,
            _ => Self::start(class).linked,
        };
        Self { end, linked }
    }

    /// As a number, for a snapshot.
    pub fn byte(self) -> u8 {
        self.end as u8 | u8::from(self.linked) << 7
    }

    /// Reads [`Join::byte`] back.
    pub fn from_byte(byte: u8) -> Option<Self> {
        let end = match byte & 0x7f {
            0 => End::Shut,
            1 => End::Open,
            2 => End::Prepend,
            3 => End::HangulL,
            4 => End::HangulV,
            5 => End::HangulT,
            6 => End::Flag,
            7 => End::Picture,
            8 => End::Joiner,
            _ => return None,
        };
        let linked = byte & 0x80 != 0;
        Some(Self { end, linked })
    }
}

/// What a cluster stands at in columns once `c` has joined it. `single` is its one character before, if it has only one.
#[inline]
pub fn joined_width(width: u8, single: Option<char>, c: char) -> u8 {
    let selectable = single.is_some_and(|base| Traits::of(base).is_selectable());
    match c {
        VS15 if selectable => 1,
        VS16 if selectable => 2,
        _ => (width + Traits::of(c).width()).min(2),
    }
}

/// The grapheme clusters of `text`, each with its columns: 0, 1 or 2.
pub fn clusters(text: &str) -> impl Iterator<Item = (&str, u8)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (length, width) = first(rest)?;
        let (cluster, after) = rest.split_at(length);
        rest = after;
        Some((cluster, width))
    })
}

/// Bytes and columns of the first cluster.
fn first(text: &str) -> Option<(usize, u8)> {
    let mut chars = text.char_indices();
    let (_, base) = chars.next()?;
    let traits = Traits::of(base);
    let (mut join, mut width) = (Join::start(traits.class()), traits.width());
    let mut single = Some(base);
    for (at, c) in chars {
        let Some(next) = join.then(Traits::of(c).class()) else {
            return Some((at, width));
        };
        width = joined_width(width, single.take(), c);
        join = next;
    }
    Some((text.len(), width))
}

/// Columns of `text`, cluster by cluster.
pub fn text_width(text: &str) -> usize {
    clusters(text).map(|(_, width)| usize::from(width)).sum()
}
