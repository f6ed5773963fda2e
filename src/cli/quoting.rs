//! Words for shells.

/// A word for a shell of POSIX: between apostrophes nothing means anything but the next of them (Shell Command Language
/// §2.2.2).
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_word_whatever_it_holds() {
        assert_eq!(quoted("a'; rm -rf ~; '"), r"'a'\''; rm -rf ~; '\'''");
    }
}
