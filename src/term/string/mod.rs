//! Strings: operating system commands (OSC), device control strings (DCS), and what other programs wrap in them. All
//! others (APC, PM, SOS, sixel among the DCS, the commands of OSC that are not known) are swallowed whole.

mod capability;
mod clipboard;
mod color;
mod label;
mod link;
mod mark;
mod notice;
mod saved;
pub(super) mod wrapped;

pub(super) use clipboard::base64_decoded;
pub use clipboard::clipboard_answer;
pub(super) use color::{Colors, Defaults, Told};
pub(super) use label::{Labels, Named};
pub(super) use notice::Notices;

use super::hidden::is_steering;
use super::terminal::Terminal;

/// How a string ended; its answer ends alike (xterm ctlseqs, "Operating System Commands").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Terminator {
    /// BEL.
    Bell,
    /// ST.
    St,
}

impl Terminator {
    /// As it is written.
    fn text(self) -> &'static str {
        match self {
            Terminator::Bell => "\x07",
            Terminator::St => "\x1b\\",
        }
    }
}

impl Terminal {
    /// Acts on the string `body` that `ESC kind` began.
    pub(super) fn string(&mut self, kind: u8, body: &[u8], end: Terminator) {
        match kind {
            b']' => self.osc(body, end),
            // screen's own title (screen(1), "String Escapes").
            b'k' => self.set_title(Named::Title, body),
            b'P' => {
                if let Some(setting) = body.strip_prefix(b"$q") {
                    self.setting_report(setting);
                } else if let Some(names) = body.strip_prefix(b"+q") {
                    self.capability_report(names);
                }
            }
            _ => {}
        }
    }

    fn osc(&mut self, body: &[u8], end: Terminator) {
        let (command, rest) = split(body);
        let Some(command) = number(command) else {
            return;
        };
        match command {
            0 => self.set_title(Named::Both, rest),
            1 => self.set_title(Named::Icon, rest),
            2 => self.set_title(Named::Title, rest),
            4 | 5 | 10..=19 | 104 | 105 | 110..=119 => self.color_command(command, rest, end),
            7 => self.set_cwd(rest),
            8 => self.set_link(rest),
            9 => self.notice_or_conemu(rest),
            52 => self.clipboard(rest, end),
            99 => self.kitty_notice(rest, end),
            133 => self.mark(rest),
            777 => self.urxvt_notice(rest),
            1337 => self.iterm(rest),
            _ => {}
        }
    }
}

/// What stands before and after the first semicolon.
fn split(body: &[u8]) -> (&[u8], &[u8]) {
    cut(body, b';')
}

/// What stands before and after the first `at`.
fn cut(body: &[u8], at: u8) -> (&[u8], &[u8]) {
    match body.iter().position(|byte| *byte == at) {
        Some(at) => (&body[..at], &body[at + 1..]),
        None => (body, &[]),
    }
}

fn number(text: &[u8]) -> Option<u16> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

/// Text of which nothing steers a terminal or the order of reading, at most `max` bytes.
fn clean(text: &[u8], max: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let mut out = String::new();
    for c in text.chars().filter(|c| !is_steering(*c)) {
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fed, lines, replies};
    use super::super::{Effect, Emulator, Size};

    /// What is shown and what is answered after `text`.
    fn outcome(text: &str) -> (String, String) {
        let mut emulator = fed(20, 1, text);
        (lines(&emulator)[0].clone(), replies(&mut emulator))
    }

    #[test]
    fn what_is_not_known_is_swallowed_whole() {
        for string in [
            "\x1b_Ga=T,f=24,s=10;AAAA\x1b\\",
            "\x1bPq#0;2;0;0;0#0~~@@vv@@~~$-\x1b\\",
            "\x1b^private\x1b\\",
            "\x1bXstart\x07of\x1b\\",
            "\x1b]22;pointer\x1b\\",
            "\x1b]66;s=2;big\x07",
            "\x1b]1337;File=inline=1:AAAA\x07",
            "\x1b]+4;1\x07",
            "\x1b]99999999;x\x07",
            "\x1b]52;c;?\x07",
        ] {
            let (shown, answered) = outcome(&format!("a{string}b"));
            assert_eq!(
                (shown.as_str(), answered.as_str()),
                ("ab", ""),
                "{string:?}"
            );
        }
    }

    #[test]
    fn an_answer_ends_as_its_question_did() {
        assert!(outcome("\x1b]4;1;?\x07").1.ends_with('\x07'));
        assert!(outcome("\x1b]4;1;?\x1b\\").1.ends_with("\x1b\\"));
    }

    #[test]
    fn a_flood_of_notices_is_cut() {
        let mut emulator = Emulator::new(Size::new(9, 1));
        emulator.feed("\x1b]9;x\x07".repeat(500).as_bytes());
        let notices = std::iter::from_fn(|| emulator.poll());
        let notices = notices.filter(|effect| matches!(effect, Effect::Notice(_)));
        assert_eq!(notices.count(), super::super::limits::MAX_NOTICES);
    }
}
