//! Characters whose columns terminals do not agree on: who draws on a terminal that is not wt's own says where the
//! cursor goes after one.

use super::traits::{Class, Traits};

/// Whether terminals in use give `c` other columns than [`char_width`](super::char_width) does: marks that stand alone,
/// emoji, symbols that some draw as wide as emoji or as their font has them, private characters (icons of patched fonts),
/// and what has become wide since Unicode 16. Letters, boxes and dots are not among them although UAX #11 calls some
/// Ambiguous: a terminal that draws those wide has no place for a frame at all.
pub fn is_disputed(c: char) -> bool {
    match c {
        ..'\u{300}' | '─'..='▟' | '⠀'..='⣿' | '一'..='\u{9fff}' | '가'..='힣' => false,
        '\u{20000}'..='\u{3ffff}' => false,
        '\u{2190}'..='\u{2bff}' | '\u{4dc0}'..='\u{4dff}' | '\u{e000}'..='\u{f8ff}' => true,
        '\u{1f000}'.. => true,
        _ => !matches!(Traits::of(c).class(), Class::Other | Class::Consonant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_boxes_are_agreed_on_and_symbols_are_not() {
        assert!(!"aéжΩ─█⣿界あ각한कя（".chars().any(is_disputed));
        assert!(
            "→❤⌚🦀🇩\u{e0b0}\u{93f}\u{301}☰\u{f0000}\u{1160}"
                .chars()
                .all(is_disputed)
        );
    }
}
