//! Text as it may stand in a row: without what controls a terminal, and no wider than there is room.

use crate::term::hidden::is_steering;
use crate::term::width;

/// The grapheme clusters of `text`, each with its width in columns. They are found from the front alone, so all of
/// them are here: a label is short.
pub fn clusters(text: &str) -> impl DoubleEndedIterator<Item = (&str, usize)> {
    let clusters: Vec<_> = width::clusters(text).collect();
    let clusters = clusters.into_iter();
    clusters.map(|(cluster, cols)| (cluster, usize::from(cols)))
}

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    width::text_width(text)
}

/// `text` without what controls a terminal or turns the reading direction round (Unicode UAX #9, §2): a blank stands
/// for each.
pub fn plain(text: &str) -> String {
    text.replace(is_steering, " ")
}

/// `text`, plain, cut to `cols` columns; a `…` stands for what was cut.
pub fn fit(text: &str, cols: usize) -> String {
    let mut text = plain(text);
    if width(&text) <= cols {
        return text;
    }
    let (mut end, mut used) = (0, 0);
    for (cluster, cols_of_it) in clusters(&text) {
        if used + cols_of_it + 1 > cols {
            break;
        }
        (end, used) = (end + cluster.len(), used + cols_of_it);
    }
    text.truncate(end);
    if cols > 0 {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(fit("a title", 7), "a title");
        assert_eq!(fit("a title", 6), "a tit…");
        assert_eq!(fit("世界", 3), "世…");
        assert_eq!(fit("世界", 2), "…");
        assert_eq!(fit("x", 0), "");
        assert_eq!(fit("a\x1b]0;\u{202e}b", 9), "a ]0; b");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text: String, cols in 0..40usize) {
            let cut = fit(&text, cols);
            prop_assert!(width(&cut) <= cols);
            prop_assert!(!cut.contains(char::is_control));
        }
    }
}
