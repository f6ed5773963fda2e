//! Notices in the way that the user's terminal has for them.

use crate::term::hidden::is_steering;
use crate::term::{Notice, Urgency};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Longest title and longest body that a terminal is given, in characters.
const MAX_TEXT: usize = 500;

/// How the terminal takes a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Not at all, as far as is known.
    None,
    /// OSC 9 (iTerm2).
    Osc9,
    /// OSC 777 (urxvt, and those that followed it).
    Osc777,
    /// OSC 99 (kitty's desktop notifications).
    Osc99,
}

impl Way {
    /// The way of the terminal that the environment names.
    pub(super) fn from_env() -> Self {
        let var = |name| std::env::var(name).unwrap_or_default();
        Self::of(&var("TERM"), &var("TERM_PROGRAM"))
    }

    fn of(term: &str, program: &str) -> Self {
        let is = |name: &str| term.starts_with(name);
        match program {
            "iTerm.app" => Way::Osc9,
            "ghostty" | "WezTerm" => Way::Osc777,
            _ if is("xterm-kitty") => Way::Osc99,
            _ if is("xterm-ghostty") || is("foot") || is("rxvt-unicode") => Way::Osc777,
            _ => Way::None,
        }
    }

    /// Appends what lets the terminal show `notice`.
    pub(super) fn show(self, notice: &Notice, out: &mut Vec<u8>) {
        let plain = |text: &str| {
            let shown = text.chars().filter(|c| !is_steering(*c));
            shown.take(MAX_TEXT).collect::<String>()
        };
        let (title, body) = (plain(&notice.title), plain(&notice.body));
        let text = match self {
            Way::None => return,
            // A text that began with a number would be one of ConEmu's commands.
            Way::Osc9 => format!("\x1b]9; {}\x1b\\", plain(&notice.to_string())),
            // The title ends at the first semicolon.
            Way::Osc777 => format!("\x1b]777;notify;{};{body}\x1b\\", title.replace(';', ",")),
            Way::Osc99 => in_parts(&title, &body, notice.urgency),
        };
        out.extend_from_slice(text.as_bytes());
    }
}

/// Title and body in parts of one notice, in base64, which is safe whatever they hold.
fn in_parts(title: &str, body: &str, urgency: Urgency) -> String {
    let urgency = urgency as u8;
    let (title, body) = (BASE64_STANDARD.encode(title), BASE64_STANDARD.encode(body));
    match title.is_empty() {
        true => format!("\x1b]99;e=1:u={urgency};{body}\x1b\\"),
        false => format!(
            "\x1b]99;i=wt:d=0:e=1:u={urgency};{title}\x1b\\\x1b]99;i=wt:p=body:e=1;{body}\x1b\\"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(way: Way, title: &str, body: &str) -> String {
        let mut out = Vec::new();
        let notice = Notice {
            title: title.into(),
            body: body.into(),
            urgency: Urgency::Critical,
        };
        way.show(&notice, &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn each_terminal_is_told_in_its_way() {
        assert_eq!(shown(Way::None, "t", "b"), "");
        assert_eq!(shown(Way::Osc9, "", "4;1"), "\x1b]9; 4;1\x1b\\");
        assert_eq!(
            shown(Way::Osc777, "a;b", "c;d"),
            "\x1b]777;notify;a,b;c;d\x1b\\"
        );
        assert_eq!(shown(Way::Osc99, "", "hi"), "\x1b]99;e=1:u=2;aGk=\x1b\\");
        assert_eq!(
            shown(Way::Osc99, "hi", "hi"),
            "\x1b]99;i=wt:d=0:e=1:u=2;aGk=\x1b\\\x1b]99;i=wt:p=body:e=1;aGk=\x1b\\"
        );
    }

    #[test]
    fn nothing_in_a_notice_steers_the_terminal() {
        for way in [Way::Osc9, Way::Osc777, Way::Osc99] {
            let said = shown(way, "\x1b\x07\u{9c}t", "\u{202e}\nb");
            let inner = said.replace("\x1b]", "").replace("\x1b\\", "");
            assert!(!inner.chars().any(is_steering), "{said:?}");
        }
    }

    #[test]
    fn terminals_are_known_by_their_names() {
        assert_eq!(Way::of("xterm-kitty", ""), Way::Osc99);
        assert_eq!(Way::of("foot-extra", ""), Way::Osc777);
        assert_eq!(Way::of("xterm-256color", "iTerm.app"), Way::Osc9);
        assert_eq!(Way::of("tmux-256color", "tmux"), Way::None);
    }
}
