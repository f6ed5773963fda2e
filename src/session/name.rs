//! What sessions and tabs may be called.

use super::title::is_hidden;

/// Longest name, in characters (of a session: in bytes, as it becomes part of a file's name).
const MAX_NAME: usize = 64;

/// Room for a number behind a session's name, in bytes.
const MAX_NUMBER: usize = 12;

/// As much of a session's name as leaves room for a number behind it.
pub(super) fn stem(name: &str) -> &str {
    let ends = name.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| *end <= MAX_NAME - MAX_NUMBER).last();
    &name[..end.unwrap_or_default()]
}

/// Why a name cannot be one of a session; `None` if it can.
pub fn check_name(name: &str) -> Option<String> {
    let bad = |c: char| {
        matches!(c, '/' | ':' | '.' | '%' | '=')
            || c.is_control()
            || c.is_whitespace()
            || is_hidden(c)
    };
    if name.is_empty() {
        Some("a session's name cannot be empty".to_owned())
    } else if name.len() > MAX_NAME {
        Some(format!("a session's name has at most {MAX_NAME} bytes"))
    } else {
        let c = name.chars().find(|c| bad(*c))?;
        Some(format!(
            "a session's name cannot hold {c:?}: use letters, digits, - and _"
        ))
    }
}

/// Why a name cannot be one of a tab; `None` if it can. Empty, it can: the tab is named by its command then.
pub fn check_tab_name(name: &str) -> Option<String> {
    let bad = |c: char| {
        matches!(c, '/' | ':' | '.' | '%')
            || c.is_control()
            || c.is_whitespace() && c != ' '
            || is_hidden(c)
    };
    if name.chars().count() > MAX_NAME {
        return Some(format!("a tab's name has at most {MAX_NAME} characters"));
    }
    let c = name.chars().find(|c| bad(*c))?;
    Some(format!(
        "a tab's name cannot hold {c:?}: use letters, digits, blanks, - and _"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(check_name("build-2"), None);
        assert!(check_name("a:b").is_some_and(|why| why.contains(':')));
        assert!(check_name("").is_some());
        assert!(check_name("a\u{202e}b").is_some_and(|why| why.contains("202e")));
        assert!(check_name(&"x".repeat(65)).is_some());
    }

    #[test]
    fn names_of_tabs_may_hold_blanks_and_be_empty() {
        assert_eq!(check_tab_name("my build"), None);
        assert_eq!(check_tab_name(""), None);
        assert_eq!(check_tab_name(&"é".repeat(64)), None);
        assert!(check_tab_name(&"é".repeat(65)).is_some());
        for bad in [
            "a/b",
            "a:b",
            "a.b",
            "%1",
            "a\tb",
            "a\u{1b}b",
            "a\u{2066}b",
            "a\u{a0}b",
        ] {
            assert!(check_tab_name(bad).is_some(), "{bad:?}");
        }
    }
}
