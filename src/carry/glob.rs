//! Patterns of file names (POSIX.1 §2.14): `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before what stands for itself.
//!
//! The side that asks matches them, over the names that the other side lists: it gets nothing that it has not asked for.

/// Whether a path has anything to be matched.
pub fn is_pattern(path: &[u8]) -> bool {
    path.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// Whether `name` is one that `pattern` means. A name that begins with a dot is meant only by a dot.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let is_hidden = name.first() == Some(&b'.') && pattern.first() != Some(&b'.');
    !is_hidden && fits(pattern, name)
}

/// Tries from left to right; what a star has taken grows by one whenever the rest does not fit. The last star is enough
/// to come back to, so the time is bounded by the product of both lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, read));
            at += 1;
            continue;
        }
        match one(&pattern[at..], &name[read..]) {
            Some((taken, length)) => {
                at += taken;
                read += length;
            }
            None => match &mut star {
                Some((after, from)) => {
                    *from += 1;
                    (at, read) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Matches one character: how much of the pattern and of the name that takes.
fn one(pattern: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    let length = width(name);
    match pattern {
        [] => None,
        [b'?', ..] => Some((1, length)),
        [b'[', rest @ ..] => match set(rest) {
            Some((set, taken)) => set.holds(name[0]).then_some((1 + taken, length)),
            // Without its end it stands for itself.
            None => (name[0] == b'[').then_some((1, 1)),
        },
        [b'\\', byte, ..] => (name[0] == *byte).then_some((2, 1)),
        [byte, ..] => (name[0] == *byte).then_some((1, 1)),
    }
}

/// Bytes of the first character of a name, as UTF-8.
fn width(name: &[u8]) -> usize {
    let following = name[1..].iter().take_while(|byte| **byte & 0xc0 == 0x80);
    1 + following.count().min(3)
}

/// What stands between brackets.
struct Set<'a> {
    is_negated: bool,
    members: &'a [u8],
}

/// The set that follows a bracket, and how long it is with its end.
fn set(rest: &[u8]) -> Option<(Set<'_>, usize)> {
    let is_negated = matches!(rest.first(), Some(b'!' | b'^'));
    let start = usize::from(is_negated);
    // A bracket that comes first is a member.
    let end = rest.iter().skip(start + 1).position(|byte| *byte == b']')? + start + 1;
    let members = &rest[start..end];
    Some((
        Set {
            is_negated,
            members,
        },
        end + 1,
    ))
}

impl Set<'_> {
    fn holds(&self, byte: u8) -> bool {
        let mut rest = self.members;
        let mut found = false;
        while let Some((first, after)) = rest.split_first() {
            rest = match after {
                [b'-', last, after @ ..] => {
                    found |= (*first..=*last).contains(&byte);
                    after
                }
                _ => {
                    found |= *first == byte;
                    after
                }
            };
        }
        found != self.is_negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(pattern: &str, name: &str) -> bool {
        matches(pattern.as_bytes(), name.as_bytes())
    }

    #[test]
    fn names_are_matched_as_a_shell_matches_them() {
        for (pattern, name) in [
            ("*", "a"),
            ("*.log", "a.b.log"),
            ("a?c", "abc"),
            ("a?c", "aßc"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]", "]"),
            ("[x", "[x"),
            ("a\\*", "a*"),
            ("*a*a*", "bananas"),
            (".*", ".hidden"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*", ".hidden"),
            ("*.log", "a.logs"),
            ("a?c", "ac"),
            ("[a-c]x", "dx"),
            ("[!a-c]x", "bx"),
            ("a\\*", "ab"),
            ("", "a"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(100) + "b";
        assert!(!fits(&pattern, &"a".repeat(250)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_pattern(pattern: Vec<u8>, name in prop::collection::vec(any::<u8>(), 1..30)) {
            matches(&pattern, &name);
            prop_assert!(super::fits(b"*", &name));
        }
    }
}
