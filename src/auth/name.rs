//! What keys and hosts may be called.

/// The longest name, in bytes.
pub const MAX_NAME: usize = 64;

/// Whether `name` can be the name of a key or a host: one word that starts with a letter or digit and neither draws on a terminal
/// nor is taken for something else.
pub fn is_name(name: &str) -> bool {
    let is_fit = |c: char| c.is_alphanumeric() || "-_.@+".contains(c);
    name.len() <= MAX_NAME && name.starts_with(char::is_alphanumeric) && name.chars().all(is_fit)
}

/// What a device calls itself as the name of a key or host: what does not fit is left out.
pub fn name_like(text: &str) -> Option<String> {
    let fit = |c: char| if is_name(&format!("a{c}")) { c } else { '-' };
    let mut name: String = text.trim().chars().map(fit).collect();
    while name.len() > MAX_NAME {
        name.pop();
    }
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    is_name(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_single_words_that_draw_nothing() {
        for good in ["ann", "ann-laptop", "a.b", "työ", "7", "ann@desk"] {
            assert!(is_name(good), "{good}");
        }
        let long = "n".repeat(MAX_NAME + 1);
        for bad in [
            "",
            "-L",
            "a b",
            "a/b",
            "a:b",
            "#a",
            "a\u{1b}",
            "a\u{202e}",
            "a=b",
            &long,
        ] {
            assert!(!is_name(bad), "{bad:?}");
            assert!(name_like(bad).is_none_or(|name| is_name(&name)), "{bad:?}");
        }
        assert_eq!(
            name_like("Ann's MacBook (2)").as_deref(),
            Some("Ann-s-MacBook--2")
        );
        assert_eq!(name_like("\u{1b}[2J"), Some("2J".to_owned()));
        assert_eq!(name_like("--"), None);
    }
}
