//! What a terminal answered: bytes to values. Nothing here asks or judges.

use std::collections::BTreeMap;

/// Longest name of a terminal that is kept.
const MAX_NAME: usize = 80;

/// All that a terminal said about itself; what it kept silent about is `None` or missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Its primary attributes (DA1), the first being its kind.
    pub attributes: Option<Vec<u16>>,
    /// Name and version (XTVERSION).
    pub name: Option<String>,
    /// The flags of the kitty keyboard protocol: it is known, whichever are set.
    pub keyboard: Option<u16>,
    /// The background colour (OSC 11): red, green, blue.
    pub background: Option<[u8; 3]>,
    /// Private modes (DECRQM), and whether each can be had: it is known and not reset for good.
    pub modes: BTreeMap<u16, bool>,
    /// Whether a colour that was set came back as it was (DECRQSS).
    pub keeps_rgb: Option<bool>,
    /// Whether it says that it has 16 million colours (XTGETTCAP of `RGB`).
    pub claims_rgb: Option<bool>,
    /// Where the cursor stood after each text that was tried, as columns from 0 (CPR).
    pub widths: Vec<u16>,
}

impl Answers {
    /// Reads what came back. Keys that were typed meanwhile, and a last answer that was cut off, are passed over.
    pub fn read(bytes: &[u8]) -> Self {
        let mut answers = Self::default();
        for reply in replies(bytes) {
            match reply {
                Reply::Csi(body, last) => answers.csi(body, last),
                Reply::Dcs(body) => answers.dcs(body),
                Reply::Osc(body) => answers.osc(body),
            }
        }
        answers
    }

    /// Whether the answer to the last question is there: terminals answer in order, and all of them know DA1.
    pub fn is_complete(&self) -> bool {
        self.attributes.is_some()
    }

    /// Whether the terminal has a private mode; `None` if it does not say.
    pub fn knows(&self, mode: u16) -> Option<bool> {
        self.modes.get(&mode).copied()
    }

    fn csi(&mut self, body: &str, last: u8) {
        let private = body.strip_prefix('?');
        match (private, last) {
            (Some(list), b'c') => self.attributes = Some(numbers(list)),
            (Some(flags), b'u') => self.keyboard = flags.parse().ok(),
            (Some(report), b'y') => {
                if let [mode, state] = numbers(report.trim_end_matches('$'))[..] {
                    self.modes.insert(mode, matches!(state, 1..=3));
                }
            }
            (None, b'R') => {
                if let [_, column] = numbers(body)[..] {
                    self.widths.push(column.saturating_sub(1));
                }
            }
            _ => {}
        }
    }

    fn dcs(&mut self, body: &str) {
        if let Some(name) = body.strip_prefix(">|") {
            let shown = name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
            self.name = Some(shown.take(MAX_NAME).collect());
        } else if let Some(sgr) = body.strip_prefix("1$r") {
            self.keeps_rgb = Some(sgr.contains("1:2:3") || sgr.contains("1;2;3"));
        } else if let Some(known) = body.split_once("+r").map(|(known, _)| known) {
            self.claims_rgb = Some(known == "1");
        }
    }

    fn osc(&mut self, body: &str) {
        if let Some(color) = body.strip_prefix("11;") {
            self.background = rgb(color);
        }
    }
}

fn numbers(list: &str) -> Vec<u16> {
    list.split(';').filter_map(|n| n.parse().ok()).collect()
}

/// Reads `rgb:RRRR/GGGG/BBBB` (XParseColor), each part of one to four digits, and `rgba:` alike.
fn rgb(color: &str) -> Option<[u8; 3]> {
    let (kind, parts) = color.split_once(':')?;
    let mut parts = parts.split('/').map(|part| {
        let most = 16u32
            .checked_pow(part.len() as u32)
            .filter(|_| part.len() <= 4)?
            - 1;
        let value = u32::from_str_radix(part, 16).ok()?;
        (most > 0).then(|| (value * 255 / most) as u8)
    });
    let mut next = || parts.next().flatten();
    matches!(kind, "rgb" | "rgba").then_some([next()?, next()?, next()?])
}

/// One answer (ECMA-48 § 5.4, 5.6): what stands between its introducer and its end.
enum Reply<'a> {
    /// With its final byte.
    Csi(&'a str, u8),
    Dcs(&'a str),
    Osc(&'a str),
}

fn replies(mut bytes: &[u8]) -> impl Iterator<Item = Reply<'_>> {
    std::iter::from_fn(move || {
        loop {
            let start = bytes.iter().position(|&byte| byte == 0x1b)?;
            bytes = &bytes[start + 1..];
            let (&kind, body) = bytes.split_first()?;
            let end = match kind {
                b'[' => body.iter().position(|byte| (0x40..=0x7e).contains(byte))?,
                b'P' | b']' => body.iter().position(|byte| matches!(byte, 0x1b | 0x07))?,
                _ => continue,
            };
            let last = body[end];
            // The escape that ends a string may also begin the next answer.
            bytes = &body[end + usize::from(last != 0x1b)..];
            let Ok(text) = std::str::from_utf8(&body[..end]) else {
                continue;
            };
            return Some(match kind {
                b'[' => Reply::Csi(text, last),
                b'P' => Reply::Dcs(text),
                _ => Reply::Osc(text),
            });
        }
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What xterm answers, with its usual resources.
    pub const XTERM: &[u8] =
        b"\x1b[2;3R\x1b[2;3R\x1bP>|XTerm(390)\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b\\\
        \x1b[?2026;0$y\x1b[?2027;0$y\x1b[?2031;0$y\x1b[?1006;2$y\x1b[?1016;2$y\x1b[?2004;1$y\
        \x1bP1$r0;48:2::1:2:3m\x1b\\\x1bP1+r524742=38\x1b\\\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c";
    /// What kitty answers.
    pub const KITTY: &[u8] =
        b"\x1b[9;3R\x1b[9;3R\x1bP>|kitty(0.35.2)\x1b\\\x1b[?0u\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\
        \x1b[?2026;2$y\x1b[?2027;0$y\x1b[?2031;2$y\x1b[?1006;2$y\x1b[?1016;2$y\x1b[?2004;1$y\
        \x1bP1$r48:2:1:2:3m\x1b\\\x1bP0+r524742\x1b\\\x1b[?62;52;c";
    /// What foot answers.
    pub const FOOT: &[u8] =
        b"\x1b[1;3R\x1b[1;3R\x1bP>|foot(1.17.2)\x1b\\\x1b[?0u\x1b]11;rgb:2424/2424/2424\x1b\\\
        \x1b[?2026;2$y\x1b[?2027;1$y\x1b[?2031;2$y\x1b[?1006;2$y\x1b[?1016;2$y\x1b[?2004;2$y\
        \x1bP1$r0;48:2::1:2:3m\x1b\\\x1bP1+r524742=382f382f38\x1b\\\x1b[?62;4;22c";
    /// What alacritty answers: it has neither DCS nor a name.
    pub const ALACRITTY: &[u8] =
        b"\x1b[4;3R\x1b[4;5R\x1b[?0u\x1b]11;rgb:1818/1818/1818\x1b\\\x1b[?2026;2$y\
        \x1b[?2027;0$y\x1b[?2031;0$y\x1b[?1006;2$y\x1b[?1016;0$y\x1b[?2004;2$y\x1b[?6c";
    /// What tmux answers.
    pub const TMUX: &[u8] = b"\x1b[1;3R\x1b[1;3R\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c";
    /// What screen answers.
    pub const SCREEN: &[u8] = b"\x1b[1;3R\x1b[1;5R\x1b[?1;2c";
    /// What the Linux console answers to the few questions that it is asked.
    pub const CONSOLE: &[u8] = b"\x1b[7;2R\x1b[7;2R\x1b[?6c";

    #[test]
    fn xterm_says_all_it_is_asked() {
        let answers = Answers::read(XTERM);
        assert_eq!(answers.name.as_deref(), Some("XTerm(390)"));
        assert_eq!(answers.background, Some([255; 3]));
        assert_eq!(answers.widths, [2, 2]);
        assert_eq!(answers.keyboard, None);
        assert_eq!(
            (answers.keeps_rgb, answers.claims_rgb),
            (Some(true), Some(true))
        );
        assert_eq!(
            [2026, 1006, 9].map(|mode| answers.knows(mode)),
            [Some(false), Some(true), None]
        );
        assert!(answers.is_complete());
        let fixed = Answers::read(b"\x1b[?2026;4$y\x1b[?2027;3$y");
        assert_eq!(
            [2026, 2027].map(|mode| fixed.knows(mode)),
            [Some(false), Some(true)]
        );
    }

    #[test]
    fn what_others_leave_out_stays_open() {
        let kitty = Answers::read(KITTY);
        assert_eq!(
            (kitty.keyboard, kitty.background),
            (Some(0), Some([0x1e, 0x1e, 0x2e]))
        );
        assert_eq!(
            (kitty.keeps_rgb, kitty.claims_rgb),
            (Some(true), Some(false))
        );
        assert_eq!(kitty.attributes, Some(vec![62, 52]));
        let tmux = Answers::read(TMUX);
        assert_eq!(
            (tmux.name.as_deref(), tmux.keeps_rgb),
            (Some("tmux 3.3a"), None)
        );
        let refused = Answers::read(b"\x1bP0$r\x1b\\");
        assert_eq!(
            (refused.keeps_rgb, Answers::read(SCREEN).name),
            (None, None)
        );
        let alacritty = Answers::read(ALACRITTY);
        assert_eq!(
            (alacritty.name.as_deref(), &alacritty.widths[..]),
            (None, &[2, 4][..])
        );
        let console = Answers::read(CONSOLE);
        assert_eq!(
            (&console.widths[..], console.is_complete()),
            (&[1, 1][..], true)
        );
        assert_eq!(Answers::read(b""), Answers::default());
    }

    #[test]
    fn keys_between_answers_and_a_cut_answer_are_passed_over() {
        let typed = [b"ls\r\x1b[A\x03".as_slice(), FOOT, b"x\x1bOP"].concat();
        assert_eq!(Answers::read(&typed), Answers::read(FOOT));
        let cut = Answers::read(&FOOT[..FOOT.len() - 1]);
        assert!(!cut.is_complete() && cut.claims_rgb == Some(true));
        let named = Answers::read(b"\x1bP>|a\x08\xe2\x80\xaeb\x1b\\");
        assert_eq!(named.name.as_deref(), Some("ab"));
    }

    #[test]
    fn a_colour_has_parts_of_any_length() {
        assert_eq!(rgb("rgb:f/80/000"), Some([255, 128, 0]));
        assert_eq!(rgb("rgba:ffff/0000/8080/ffff"), Some([255, 0, 128]));
        for wrong in [
            "rgb:",
            "rgb:/0/0",
            "rgb:0/0",
            "rgb:12345/0/0",
            "#123456",
            "rgb:x/0/0",
        ] {
            assert_eq!(rgb(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_read_or_passed_over(bytes: Vec<u8>) {
            let answers = Answers::read(&[b"\x1b[".as_slice(), &bytes].concat());
            prop_assert!(answers.name.is_none_or(|name| !name.contains(char::is_control)));
        }
    }
}
