//! A program and its arguments as one types them in a shell.

use crate::term::hidden::is_steering;

/// The longest line that is typed, in bytes: what a terminal takes at once (termios(3), canonical mode).
const MAX_LINE: usize = 4095;

/// The line that has a shell run `argv` as it is: nothing in it is expanded. Written so that POSIX shells and fish read
/// the same; `None` for what cannot be typed safely, as it holds control characters or is too long.
pub fn quote<S: AsRef<str>>(argv: &[S]) -> Option<String> {
    let words: Vec<_> = argv.iter().map(|word| quote_word(word.as_ref())).collect();
    let line = words.join(" ");
    can_type(&line).then_some(line)
}

/// Whether a line can be typed in a shell without being anything but text.
pub fn can_type(line: &str) -> bool {
    !line.is_empty() && line.len() <= MAX_LINE && !line.contains(is_steering)
}

/// Whether `c` means nothing but itself, wherever it stands in a line.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-./,:+@".contains(c) || !c.is_ascii()
}

fn quote_word(word: &str) -> String {
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("'");
    for c in word.chars() {
        match c {
            // Between single quotes a POSIX shell takes both as they are, fish only one that is doubled: they stand
            // outside of them, where both shells read the same.
            '\'' | '\\' => quoted.extend(["'\\", c.encode_utf8(&mut [0; 4]), "'"]),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn plain_words_stay_and_others_are_quoted() {
        assert_eq!(quote(&["make", "-j8"]).as_deref(), Some("make -j8"));
        assert_eq!(
            quote(&["vim", "a b", "it's", "", "$HOME", "x=1"]).as_deref(),
            Some(r"vim 'a b' 'it'\''s' '' '$HOME' 'x=1'")
        );
        assert_eq!(quote(&["~", "*", "#x"]).as_deref(), Some("'~' '*' '#x'"));
    }

    #[test]
    fn what_would_be_a_key_is_not_typed() {
        for word in ["a\tb", "a\nb", "\u{3}", "\u{1b}[A", "\u{202e}x"] {
            assert_eq!(quote(&["echo", word]), None, "{word:?}");
        }
        assert_eq!(quote::<&str>(&[]), None);
        assert_eq!(quote(&["x".repeat(MAX_LINE + 1)]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_what_was_quoted(words in prop::collection::vec("[ -~]{0,12}", 1..4)) {
            let Some(line) = quote(&words) else {
                return Ok(());
            };
            let output = Command::new("/bin/sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
            let expected: String = words.iter().map(|word| format!("{word}\n")).collect();
            prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        }
    }
}
