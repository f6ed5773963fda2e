//! What a terminal has to know of a character: its columns, and how it joins what stands before it.

use super::table::{BLOCKS, INDEX};

/// How a character takes part in grapheme clusters: Grapheme_Cluster_Break, Extended_Pictographic and
/// Indic_Conjunct_Break (UAX #29 §3.1) in one, as far as the rules tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Joins nothing of itself.
    Other,
    /// A boundary on both sides: controls and invisible formats.
    Control,
    /// A mark that lets a conjunct go on.
    Extend,
    /// A mark that ends a conjunct: the zero-width non-joiner.
    ExtendAlone,
    /// A mark that makes a conjunct with the next consonant.
    Linker,
    /// The zero-width joiner.
    Zwj,
    /// Half of a flag.
    Regional,
    /// Joins what follows.
    Prepend,
    /// Joins nothing before it, but makes a conjunct with the next consonant: a reph.
    Reph,
    /// A mark beside its base.
    Spacing,
    /// Hangul leading consonant.
    HangulL,
    /// Hangul vowel.
    HangulV,
    /// Hangul trailing consonant.
    HangulT,
    /// Hangul syllable without a trailing consonant.
    HangulLv,
    /// Hangul syllable with one.
    HangulLvt,
    /// What a joiner may join: Extended_Pictographic.
    Pictograph,
    /// A consonant that conjuncts are made of.
    Consonant,
}

impl Class {
    /// Every class, by its number in the table.
    pub const ALL: [Class; 17] = [
        Class::Other,
        Class::Control,
        Class::Extend,
        Class::ExtendAlone,
        Class::Linker,
        Class::Zwj,
        Class::Regional,
        Class::Prepend,
        Class::Reph,
        Class::Spacing,
        Class::HangulL,
        Class::HangulV,
        Class::HangulT,
        Class::HangulLv,
        Class::HangulLvt,
        Class::Pictograph,
        Class::Consonant,
    ];
}

/// One entry of the table. Bits 0–1: columns; bit 2: takes variation selectors; from bit 3 on: the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Traits(u8);

/// How many characters share one block of the table.
pub const BLOCK: usize = 1 << SHIFT;
const SHIFT: u32 = 7;

impl Traits {
    /// The character `c`, from the table.
    #[inline]
    pub fn of(c: char) -> Self {
        let c = u32::from(c) as usize;
        let block = usize::from(INDEX[c >> SHIFT]);
        Traits(BLOCKS[block * BLOCK + c % BLOCK])
    }

    /// An entry of the table, for who writes it.
    pub const fn new(columns: u8, class: Class, selectable: Selectable) -> Self {
        Traits(columns | (selectable as u8) << 2 | (class as u8) << 3)
    }

    /// The entry as the table holds it.
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// Columns by itself: 0, 1 or 2.
    #[inline]
    pub fn width(self) -> u8 {
        self.0 & 3
    }

    /// Whether VS15 and VS16 choose between text and emoji for it (emoji-variation-sequences.txt).
    #[inline]
    pub fn is_selectable(self) -> bool {
        self.0 & 4 != 0
    }

    /// How it joins.
    #[inline]
    pub fn class(self) -> Class {
        Class::ALL[usize::from(self.0 >> 3)]
    }

    /// Whether it begins a cluster whatever stands before it, unless that prepends itself to all.
    #[inline]
    pub fn is_plain(self) -> bool {
        self.0 >> 3 == Class::Other as u8
    }
}

/// Whether a character has a standardized text and emoji form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selectable {
    /// It has one form.
    No,
    /// VS15 and VS16 choose.
    Yes,
}
