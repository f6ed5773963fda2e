//! What may be shown of a text that comes from outside.

use crate::protocol::view::PaneBox;
pub(super) use crate::term::hidden::is_hidden;

/// What a border or a tab may show of `text`: nothing that controls the terminal or the direction of writing, nothing
/// that cannot be seen, blanks as one space between words, at most [`PaneBox::MAX_TITLE`] characters. Cleaning twice
/// is the same as cleaning once.
pub fn clean_title(text: &str) -> String {
    let mut title = String::new();
    let mut left = PaneBox::MAX_TITLE;
    let mut owes_blank = false;
    for c in text.chars().filter(|c| !is_hidden(*c)) {
        if c.is_whitespace() {
            owes_blank = !title.is_empty();
            continue;
        }
        let needed = 1 + usize::from(owes_blank);
        if needed > left {
            break;
        }
        left -= needed;
        if std::mem::take(&mut owes_blank) {
            title.push(' ');
        }
        title.push(c);
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ODD: &[char] = &[
        ' ', '\t', '\n', '\u{85}', '\u{1b}', '\u{7f}', '\u{9b}', '\u{a0}', '\u{200e}', '\u{200f}',
        '\u{202e}', '\u{2028}', '\u{2066}', '\u{2069}', '\u{61c}', '\u{200b}', '\u{feff}',
        '\u{fe0f}', 'a', '漢',
    ];

    proptest! {
        #[test]
        fn nothing_that_controls_or_hides_is_left(
            chars in prop::collection::vec(prop_oneof![any::<char>(), prop::sample::select(ODD)], 0..500)
        ) {
            let text: String = chars.iter().collect();
            let title = clean_title(&text);
            prop_assert!(title.chars().count() <= PaneBox::MAX_TITLE);
            prop_assert!(!title.chars().any(|c| c.is_control() || is_hidden(c) || c.is_whitespace() && c != ' '));
            prop_assert!(!title.contains("  ") && title.trim() == title);
            prop_assert_eq!(clean_title(&title), title);
        }

        #[test]
        fn what_can_be_seen_stays_in_order(words in prop::collection::vec("[a-zé漢]{1,8}", 0..10)) {
            let text = words.join("\u{202e}\t \u{1b}");
            prop_assert_eq!(clean_title(&text), words.join(" "));
        }
    }

    #[test]
    fn every_bidi_control_is_hidden() {
        let bidi = "\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{61c}";
        assert_eq!(clean_title(bidi), "");
        assert_eq!(clean_title(&format!("a{bidi}b")), "ab");
    }

    #[test]
    fn a_long_text_is_cut_without_a_blank_at_the_end() {
        let long = format!("{} {}", "x".repeat(PaneBox::MAX_TITLE - 1), "y");
        assert_eq!(clean_title(&long), "x".repeat(PaneBox::MAX_TITLE - 1));
    }
}
