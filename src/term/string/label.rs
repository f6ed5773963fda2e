//! What the program says of itself: titles and where it works.

use super::super::limits::{MAX_LABEL, MAX_TITLES};
use super::super::terminal::Terminal;
use super::{clean, split};

/// Which of the two titles a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::term) enum Named {
    /// Both.
    Both,
    /// The icon's.
    Icon,
    /// The window's.
    Title,
}

impl Named {
    /// As XTWINOPS 22 and 23 count them, and OSC 0 to 2.
    pub(in crate::term) fn of(number: u16) -> Option<Self> {
        match number {
            0 => Some(Named::Both),
            1 => Some(Named::Icon),
            2 => Some(Named::Title),
            _ => None,
        }
    }
}

/// What the program says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::term) struct Labels {
    pub(in crate::term) title: String,
    pub(in crate::term) icon: String,
    pub(in crate::term) cwd: Option<String>,
    /// Titles put aside (XTWINOPS 22), each with the icon's.
    pub(in crate::term) stack: Vec<(String, String)>,
}

impl Labels {
    /// Puts titles aside; what is not named stays as it was put aside last, as in xterm. The oldest falls out when there
    /// are too many.
    pub(in crate::term) fn push(&mut self, named: Named) {
        let mut entry = (self.title.clone(), self.icon.clone());
        if let Some(last) = self.stack.last() {
            match named {
                Named::Both => {}
                Named::Icon => entry.0.clone_from(&last.0),
                Named::Title => entry.1.clone_from(&last.1),
            }
        }
        if self.stack.len() == MAX_TITLES {
            self.stack.remove(0);
        }
        self.stack.push(entry);
    }

    /// Takes the titles put aside last off the stack and the named ones back; says whether there were any.
    pub(in crate::term) fn pop(&mut self, named: Named) -> bool {
        let Some((title, icon)) = self.stack.pop() else {
            return false;
        };
        if named != Named::Icon {
            self.title = title;
        }
        if named != Named::Title {
            self.icon = icon;
        }
        true
    }
}

impl Terminal {
    /// OSC 0 to 2.
    pub(super) fn set_title(&mut self, named: Named, title: &[u8]) {
        let title = clean(title, MAX_LABEL);
        if named != Named::Title {
            self.labels.icon.clone_from(&title);
        }
        if named != Named::Icon && self.labels.title != title {
            self.labels.title = title;
            self.header_changed();
        }
    }

    /// OSC 7: `file://host/path`, percent-encoded, or kitty's `kitty-shell-cwd://host/path`, which is not.
    pub(super) fn set_cwd(&mut self, uri: &[u8]) {
        if let Some(path) = uri.strip_prefix(b"file://").and_then(after_host) {
            self.work_in(percent_decoded(&path[..path.len().min(MAX_LABEL)]));
        } else if let Some(path) = uri.strip_prefix(b"kitty-shell-cwd://").and_then(after_host) {
            self.work_in(path.to_vec());
        }
    }

    /// OSC 1337 (iTerm2): the directory alone; pictures, files, keys and the pasteboard are none of the program's
    /// business.
    pub(super) fn iterm(&mut self, body: &[u8]) {
        if let Some(path) = split(body).0.strip_prefix(b"CurrentDir=") {
            self.work_in(path.to_vec());
        }
    }

    /// Takes `path` as the program's directory, if it can be one.
    pub(super) fn work_in(&mut self, path: Vec<u8>) {
        if let Ok(path) = String::from_utf8(path)
            && path.starts_with('/')
            && path.len() <= MAX_LABEL
            && !path.contains(char::is_control)
        {
            self.labels.cwd = Some(path);
        }
    }
}

/// The path of an address whose scheme is gone.
fn after_host(rest: &[u8]) -> Option<&[u8]> {
    rest.iter()
        .position(|byte| *byte == b'/')
        .map(|at| &rest[at..])
}

pub(super) fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::fed;
    use super::*;

    #[test]
    fn the_icon_has_a_title_of_its_own() {
        let emulator = fed(9, 1, "\x1b]0;both\x07\x1b]1;icon\x07");
        assert_eq!((emulator.title(), emulator.icon_title()), ("both", "icon"));
        assert_eq!(fed(9, 1, "\x1bkscreen\x1b\\").title(), "screen");
        assert_eq!(fed(9, 1, "\x1b]2;a\u{202e}b\x1b\\").title(), "ab");
    }

    #[test]
    fn titles_are_put_aside_and_come_back_as_they_are_named() {
        let mut labels = Labels::default();
        let set = |labels: &mut Labels, title: &str, icon: &str| {
            labels.title = title.into();
            labels.icon = icon.into();
        };
        set(&mut labels, "t1", "i1");
        labels.push(Named::Icon);
        set(&mut labels, "t2", "i2");
        labels.push(Named::Title);
        set(&mut labels, "t3", "i3");
        assert!(labels.pop(Named::Both));
        assert_eq!((&*labels.title, &*labels.icon), ("t2", "i1"));
        assert!(labels.pop(Named::Icon));
        assert_eq!((&*labels.title, &*labels.icon), ("t2", "i1"));
        assert!(!labels.pop(Named::Both));
        (0..99).for_each(|_| labels.push(Named::Both));
        assert_eq!(labels.stack.len(), MAX_TITLES);
    }

    #[test]
    fn directories_are_told_in_several_ways() {
        for (told, path) in [
            ("7;file://host/a%20b", Some("/a b")),
            ("7;kitty-shell-cwd://host/a%20b", Some("/a%20b")),
            ("1337;CurrentDir=/tmp/x", Some("/tmp/x")),
            ("9;9;/tmp/y", Some("/tmp/y")),
            ("9;9;\"/tmp/z\"", Some("/tmp/z")),
            ("7;file://host/a%0ab", None),
            ("7;/tmp", None),
            ("1337;CurrentDir=relative", None),
        ] {
            let emulator = fed(9, 1, &format!("\x1b]{told}\x07"));
            assert_eq!(emulator.cwd(), path, "{told}");
        }
    }
}
