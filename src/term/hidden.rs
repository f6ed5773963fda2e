//! Which characters of a text from outside may not be shown as they are: those that steer a terminal or the direction of
//! reading, and those that show nothing.

/// Whether a terminal would obey the character, or the order of reading change by it (Unicode UAX #9, §2), or lines end.
/// What joins emoji does not steer.
pub fn is_steering(c: char) -> bool {
    let is_format = matches!(c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || is_format && c != '\u{200d}'
}

/// Whether a character shows nothing by itself but may change how others are shown: what steers and is no blank, and
/// what Unicode calls default ignorable (DerivedCoreProperties.txt: joiners, variation selectors, tags, fillers), with
/// the annotations that do not count among these.
pub fn is_hidden(c: char) -> bool {
    let is_ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200d}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    is_ignorable || is_steering(c) && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bidi_control_steers_and_is_hidden() {
        let bidi = "\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{61c}";
        assert!(bidi.chars().all(|c| is_steering(c) && is_hidden(c)));
        assert!(
            "\x1b\x7f\u{9b}"
                .chars()
                .all(|c| is_steering(c) && is_hidden(c))
        );
    }

    #[test]
    fn blanks_are_seen_and_emoji_stay_whole() {
        assert!(
            "\t\n\u{85}\u{2028}"
                .chars()
                .all(|c| is_steering(c) && !is_hidden(c))
        );
        assert!(
            "\u{200d}\u{fe0f}"
                .chars()
                .all(|c| !is_steering(c) && is_hidden(c))
        );
        assert!(!" aé漢🦀".chars().any(|c| is_steering(c) || is_hidden(c)));
    }
}
