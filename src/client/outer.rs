//! What is said to the user's terminal beside frames: its title, its clipboard, its bell.

use crate::protocol::View;
use crate::term::hidden::is_steering;
use crate::ui::ColorDepth;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Longest text that is put into a clipboard.
pub(super) const MAX_CLIPBOARD: usize = 1 << 20;
/// Longest title, in characters.
const MAX_TITLE: usize = 200;

/// How many colours the terminal says it has, by `COLORTERM`, `TERM` and `NO_COLOR` (no-color.org).
pub fn color_depth() -> ColorDepth {
    let var = |name| std::env::var(name).unwrap_or_default();
    let (term, color) = (var("TERM"), var("COLORTERM"));
    if !var("NO_COLOR").is_empty()
        || ["dumb", "vt1", "vt2", "vt3"]
            .iter()
            .any(|old| term.starts_with(old))
    {
        ColorDepth::Mono
    } else if matches!(color.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
        ColorDepth::True
    } else if term.contains("256color") {
        ColorDepth::Indexed256
    } else {
        ColorDepth::Ansi16
    }
}

/// Appends the setting of the window's title (OSC 2): the session, and what its program calls itself.
pub fn title(session: &str, program: &str, out: &mut Vec<u8>) {
    let separator = if program.is_empty() { "" } else { ": " };
    let parts = [session, separator, program];
    let text = parts.iter().flat_map(|part| part.chars());
    let shown = text.filter(|c| !is_steering(*c)).take(MAX_TITLE);
    out.extend_from_slice(b"\x1b]2;");
    out.extend_from_slice(shown.collect::<String>().as_bytes());
    out.extend_from_slice(b"\x1b\\");
}

/// Appends the setting of a selection (OSC 52). One that is too long, or has no name that a terminal knows, is left as
/// it is.
pub fn clipboard(selection: &str, bytes: &[u8], out: &mut Vec<u8>) {
    let is_known = selection
        .bytes()
        .all(|name| b"cpqs01234567".contains(&name));
    if !is_known || bytes.len() > MAX_CLIPBOARD {
        return;
    }
    out.extend_from_slice(b"\x1b]52;");
    out.extend_from_slice(selection.as_bytes());
    out.push(b';');
    out.extend_from_slice(BASE64_STANDARD.encode(bytes).as_bytes());
    out.extend_from_slice(b"\x1b\\");
}

/// Appends what gives the cursor its usual colour (OSC 112, xterm ctlseqs).
pub fn usual_cursor(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b]112\x1b\\");
}

/// Appends the bell.
pub fn bell(out: &mut Vec<u8>) {
    out.push(0x07);
}

/// The title that the terminal was given.
#[derive(Debug, Default)]
pub struct Title {
    session: String,
    program: String,
}

impl Title {
    /// Appends the setting of the title, if it is another now.
    pub fn show(&mut self, view: &View, out: &mut Vec<u8>) {
        let header = view
            .focused_surface()
            .and_then(|surface| surface.header.as_ref());
        let program = header.map_or("", |header| &header.title);
        let session = &view.chrome.session;
        if session.is_empty() || (*session == self.session && program == self.program) {
            return;
        }
        title(session, program, out);
        session.clone_into(&mut self.session);
        program.clone_into(&mut self.program);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(say: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        say(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_title_holds_no_controls_and_has_an_end() {
        assert_eq!(
            said(|out| title("main", "vim a.c", out)),
            "\x1b]2;main: vim a.c\x1b\\"
        );
        assert_eq!(said(|out| title("main", "", out)), "\x1b]2;main\x1b\\");
        assert_eq!(
            said(|out| title("a", "\x1b\\\x07\u{9c}\u{202e}x\n", out)),
            "\x1b]2;a: \\x\x1b\\"
        );
        assert_eq!(
            said(|out| title("a", &"x".repeat(9999), out)).len(),
            MAX_TITLE + 6
        );
    }

    #[test]
    fn a_selection_is_set_only_by_a_name_that_terminals_know() {
        assert_eq!(
            said(|out| clipboard("c", b"hi", out)),
            "\x1b]52;c;aGk=\x1b\\"
        );
        assert_eq!(said(|out| clipboard("c;x\x07", b"hi", out)), "");
        assert_eq!(
            said(|out| clipboard("c", &vec![0; MAX_CLIPBOARD + 1], out)),
            ""
        );
    }
}
