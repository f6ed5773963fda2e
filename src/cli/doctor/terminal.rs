//! Judges what a terminal and its environment say: values in, findings out.

use super::answers::Answers;
use super::finding::{Finding, good, mend, note};
use crate::client::has_other_keys;
use crate::term::Size;

/// What the environment says of the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// `TERM`.
    pub term: String,
    /// `COLORTERM`.
    pub color_term: String,
    /// `TERM_PROGRAM`.
    pub program: String,
    /// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set.
    pub locale: String,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// Whether ssh stands between.
    pub is_far: bool,
    /// What runs this terminal, if it is a multiplexer.
    pub inside: Option<Multiplexer>,
    /// Its size; `None` if standard input or output is no terminal.
    pub size: Option<Size>,
}

/// A program that wt may run inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Multiplexer {
    Wt,
    Tmux,
    Screen,
}

impl Setting {
    /// Reads the environment, by `var`.
    pub fn read(var: impl Fn(&str) -> String, size: Option<Size>) -> Self {
        let has = |name: &str| !var(name).is_empty();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .map(&var)
            .into_iter()
            .find(|value| !value.is_empty());
        let inside = [
            ("WT", Multiplexer::Wt),
            ("TMUX", Multiplexer::Tmux),
            ("STY", Multiplexer::Screen),
        ];
        Self {
            term: var("TERM"),
            color_term: var("COLORTERM"),
            program: var("TERM_PROGRAM"),
            locale: locale.unwrap_or_default(),
            no_color: has("NO_COLOR"),
            is_far: has("SSH_CONNECTION") || has("SSH_TTY"),
            inside: inside
                .into_iter()
                .find_map(|(name, program)| has(name).then_some(program)),
            size,
        }
    }

    /// Whether this is a terminal that can be asked anything.
    pub fn is_terminal(&self) -> bool {
        self.size.is_some() && !matches!(self.term.as_str(), "" | "dumb")
    }

    /// Whether questions newer than a VT220 might be printed, or be passed on to somebody else.
    pub fn is_old(&self) -> bool {
        let old = ["linux", "vt", "cons", "sun", "wsvt", "screen"];
        let looks_old = old.iter().any(|name| self.term.starts_with(name));
        looks_old && self.inside != Some(Multiplexer::Tmux)
    }
}

/// Judges everything; `answers` is `None` if nobody was asked.
pub fn judge(setting: &Setting, answers: Option<&Answers>) -> Vec<Finding> {
    let mut findings = vec![terminal(setting, answers)];
    findings.extend(setting.inside.map(inside));
    findings.push(locale(setting));
    findings.push(colors(setting, answers));
    if let Some(answers) = answers.filter(|answers| answers.is_complete()) {
        findings.push(background(answers));
        findings.extend(widths(answers));
        findings.push(frames(answers));
        findings.push(keyboard(setting, answers));
        findings.extend(mouse_and_pastes(answers));
    }
    findings.extend(setting.size.map(|_| clipboard(setting, answers)));
    findings
}

fn terminal(setting: &Setting, answers: Option<&Answers>) -> Finding {
    let Some(size) = setting.size else {
        let says = "standard input or output is no terminal: run `wt doctor` in one";
        return mend("terminal", says);
    };
    let term = &setting.term;
    if !setting.is_terminal() {
        let says = format!("TERM={term}: set it to what your terminal is, such as xterm-256color");
        return mend("terminal", says);
    }
    let name = answers.and_then(|answers| answers.name.as_deref());
    let name = name.unwrap_or(&setting.program);
    let separator = if name.is_empty() { "" } else { ", " };
    let about = format!("{name}{separator}TERM={term}, {}×{}", size.cols, size.rows);
    match answers {
        Some(answers) if !answers.is_complete() => {
            let says = "it answers no questions, so that some lines are missing here";
            note("terminal", format!("{about}; {says}"))
        }
        None => note(
            "terminal",
            format!("{about}; not asked from the background"),
        ),
        Some(_) => good("terminal", about),
    }
}

fn inside(multiplexer: Multiplexer) -> Finding {
    let says = match multiplexer {
        Multiplexer::Wt => {
            "this is a pane of wt; run `wt doctor` outside to learn about your terminal"
        }
        Multiplexer::Tmux => {
            "this is tmux, whose prefix is C-b too; in ~/.tmux.conf: set -g set-clipboard on; set -g \
             allow-passthrough on; set -g default-terminal tmux-256color; set -as terminal-features ,*:RGB; set -sg \
             escape-time 10"
        }
        Multiplexer::Screen => {
            "this is screen, which drops the clipboard and most colours; run wt outside, or in ~/.screenrc: term \
             screen-256color; truecolor on; maptimeout 10"
        }
    };
    note("inside", says)
}

fn locale(setting: &Setting) -> Finding {
    let locale = &setting.locale;
    if locale
        .to_ascii_uppercase()
        .replace('-', "")
        .contains("UTF8")
    {
        return good("locale", locale.as_str());
    }
    let is = match locale.as_str() {
        "" => "none is set".to_owned(),
        locale => format!("{locale} is not UTF-8"),
    };
    mend(
        "locale",
        format!("{is}: programs may print boxes; try LANG=C.UTF-8"),
    )
}

fn colors(setting: &Setting, answers: Option<&Answers>) -> Finding {
    let claimed = matches!(setting.color_term.as_str(), "truecolor" | "24bit")
        || setting.term.ends_with("-direct");
    let seen = answers.and_then(|answers| match (answers.keeps_rgb, answers.claims_rgb) {
        (Some(keeps), _) => Some(keeps),
        (None, Some(true)) => Some(true),
        (None, _) => None,
    });
    let how = if setting.is_far {
        "set COLORTERM=truecolor in your shell's profile, or let ssh send it (SendEnv, AcceptEnv)"
    } else {
        "set COLORTERM=truecolor in your shell's profile"
    };
    match (claimed, seen) {
        _ if setting.no_color => note("colours", "none, as NO_COLOR asks for"),
        (true, Some(false)) => mend(
            "colours",
            "COLORTERM says 16 million, and the terminal shows fewer: unset COLORTERM",
        ),
        (true, _) => good("colours", "16 million"),
        (false, Some(true)) => mend(
            "colours",
            format!("the terminal has 16 million, and wt is not told: {how}"),
        ),
        (false, _) if setting.term.contains("256color") => note(
            "colours",
            format!("256; if the terminal has 16 million, {how}"),
        ),
        (false, _) => note(
            "colours",
            "16; if the terminal has 256, set TERM=xterm-256color",
        ),
    }
}

fn background(answers: &Answers) -> Finding {
    let Some([red, green, blue]) = answers.background else {
        return note("background", "not told (OSC 11): a theme cannot follow it");
    };
    // Weights of Rec. 601, in thousandths.
    let light = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    let kind = if light >= 128_000 { "light" } else { "dark" };
    let changes = match answers.knows(2031) {
        Some(true) => "; changes are told (mode 2031)",
        _ => "",
    };
    good(
        "background",
        format!("#{red:02x}{green:02x}{blue:02x}, {kind}{changes}"),
    )
}

fn widths(answers: &Answers) -> Option<Finding> {
    let &[wide, joined] = &answers.widths[..] else {
        return None;
    };
    Some(match (wide, joined) {
        (2, 2) => good("widths", "CJK and emoji take the columns that wt counts"),
        (2, _) => note(
            "widths",
            format!(
                "an emoji of several parts takes {joined} columns where wt counts 2: lines with such may stand askew"
            ),
        ),
        _ => mend(
            "widths",
            format!(
                "a CJK character takes {wide} where wt counts 2: set a UTF-8 locale, or use a terminal with wide characters"
            ),
        ),
    })
}

fn frames(answers: &Answers) -> Finding {
    match answers.knows(2026) {
        Some(true) => good("frames", "each appears at once (mode 2026)"),
        _ => note(
            "frames",
            "may be seen half drawn: the terminal lacks mode 2026, newer ones have it",
        ),
    }
}

fn keyboard(setting: &Setting, answers: &Answers) -> Finding {
    match answers.keyboard {
        Some(_) => good(
            "keyboard",
            "C-i is told from Tab, S-Enter from Enter, and programs get all that they ask for (kitty's protocol)",
        ),
        None if has_other_keys(name(setting, Some(answers))) => note(
            "keyboard",
            "C-i is told from Tab, S-Enter from Enter (modifyOtherKeys); programs miss Super, releases and modifiers \
             alone, which a terminal with the kitty keyboard protocol tells",
        ),
        None => note(
            "keyboard",
            "C-i is Tab, C-m is Enter, and C-Enter and S-Enter may be, for programs too: bind none of them, or take a \
             terminal with the kitty keyboard protocol",
        ),
    }
}

fn mouse_and_pastes(answers: &Answers) -> Vec<Finding> {
    let mut findings = Vec::new();
    match (answers.knows(1006), answers.knows(1016)) {
        (Some(false), _) => {
            findings.push(note("mouse", "not beyond column 223: mode 1006 is missing"))
        }
        (Some(true), Some(true)) => findings.push(good("mouse", "by cell and by pixel")),
        (Some(true), _) => findings.push(good(
            "mouse",
            "by cell: programs that ask for pixels get the middle of each",
        )),
        (None, _) => {}
    }
    if answers.knows(2004) == Some(false) {
        let says = "look like typing: mode 2004 is missing; a shell runs each pasted line at once";
        findings.push(note("pastes", says));
    }
    findings
}

/// Terminals that take OSC 52, and those of which something else is known; by the beginning of their names.
const CLIPBOARDS: &[(&str, &str)] = &[
    ("kitty", ""),
    ("foot", ""),
    ("wezterm", ""),
    ("ghostty", ""),
    ("alacritty", ""),
    ("contour", ""),
    ("windows terminal", ""),
    (
        "xterm",
        "xterm takes it only with the resource XTerm*disallowedWindowOps: 20,21,SetXprop",
    ),
    (
        "iterm",
        "iTerm2 takes it if Settings, General, Selection lets applications access the clipboard",
    ),
    (
        "apple_terminal",
        "Terminal.app has none: select with Option held, or take another terminal",
    ),
    ("vte", "few versions of VTE take it: select with Shift held"),
    (
        "tmux",
        "tmux takes it if ~/.tmux.conf says: set -g set-clipboard on",
    ),
    ("wt", ""),
];

/// A terminal cannot be asked whether it lets programs copy: reading back would show the user's clipboard.
fn clipboard(setting: &Setting, answers: Option<&Answers>) -> Finding {
    let attributes = answers.and_then(|answers| answers.attributes.as_deref());
    // The attribute 52 says it, in terminals that are new enough.
    if attributes.is_some_and(|attributes| attributes.iter().skip(1).any(|&a| a == 52)) {
        return good("clipboard", "copying reaches it (OSC 52)");
    }
    let name = name(setting, answers).to_ascii_lowercase();
    let known = CLIPBOARDS
        .iter()
        .find(|(begins, _)| name.starts_with(begins));
    match known {
        Some((_, "")) => good(
            "clipboard",
            "copying reaches it (OSC 52), unless it was switched off",
        ),
        Some((_, says)) => note("clipboard", *says),
        None if setting.is_old() => note("clipboard", "none is known for such a terminal"),
        None => note(
            "clipboard",
            "not known; to try, run printf '\\033]52;c;d3Q=\\a' and paste: it should give wt",
        ),
    }
}

/// What the terminal calls itself, or is called by `TERM`; many others are called xterm.
fn name<'a>(setting: &'a Setting, answers: Option<&'a Answers>) -> &'a str {
    let said = answers.and_then(|answers| answers.name.as_deref());
    let named = said
        .into_iter()
        .chain([setting.program.as_str()])
        .find(|name| !name.is_empty());
    named.unwrap_or_else(|| {
        setting
            .term
            .trim_start_matches("xterm")
            .trim_start_matches('-')
    })
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::{ALACRITTY, CONSOLE, FOOT, KITTY, TMUX, XTERM};
    use super::super::finding::Verdict;
    use super::*;

    /// The environment that `pairs` say, in a UTF-8 locale, on a terminal.
    fn setting(pairs: &[(&str, &str)]) -> Setting {
        let var = |name: &str| {
            let known = pairs.iter().find(|(known, _)| *known == name);
            let default = if name == "LANG" { "C.UTF-8" } else { "" };
            known.map_or(default, |(_, value)| value).to_owned()
        };
        Setting::read(var, Some(Size::new(80, 24)))
    }

    fn report(pairs: &[(&str, &str)], answers: &[u8]) -> String {
        let findings = judge(&setting(pairs), Some(&Answers::read(answers)));
        let lines: Vec<_> = findings.iter().map(Finding::to_string).collect();
        lines.join("\n")
    }

    #[test]
    fn xterm_has_colours_that_nobody_is_told_of() {
        insta::assert_snapshot!(report(&[("TERM", "xterm-256color")], XTERM), @r#"
        ok   terminal   XTerm(390), TERM=xterm-256color, 80×24
        ok   locale     C.UTF-8
        MEND colours    the terminal has 16 million, and wt is not told: set COLORTERM=truecolor in your shell's profile
        ok   background #ffffff, light
        ok   widths     CJK and emoji take the columns that wt counts
        note frames     may be seen half drawn: the terminal lacks mode 2026, newer ones have it
        note keyboard   C-i is told from Tab, S-Enter from Enter (modifyOtherKeys); programs miss Super, releases and modifiers alone, which a terminal with the kitty keyboard protocol tells
        ok   mouse      by cell and by pixel
        note clipboard  xterm takes it only with the resource XTerm*disallowedWindowOps: 20,21,SetXprop
        "#);
    }

    #[test]
    fn kitty_and_foot_have_it_all() {
        let modern = [("TERM", "xterm-kitty"), ("COLORTERM", "truecolor")];
        insta::assert_snapshot!(report(&modern, KITTY), @r#"
        ok   terminal   kitty(0.35.2), TERM=xterm-kitty, 80×24
        ok   locale     C.UTF-8
        ok   colours    16 million
        ok   background #1e1e2e, dark; changes are told (mode 2031)
        ok   widths     CJK and emoji take the columns that wt counts
        ok   frames     each appears at once (mode 2026)
        ok   keyboard   C-i is told from Tab, S-Enter from Enter, and programs get all that they ask for (kitty's protocol)
        ok   mouse      by cell and by pixel
        ok   clipboard  copying reaches it (OSC 52)
        "#);
        let foot = judge(&setting(&modern), Some(&Answers::read(FOOT)));
        assert!(
            foot.iter().all(|found| found.verdict == Verdict::Ok),
            "{foot:?}"
        );
    }

    #[test]
    fn alacritty_joins_no_emoji() {
        let pairs = [("TERM", "alacritty"), ("COLORTERM", "truecolor")];
        insta::assert_snapshot!(report(&pairs, ALACRITTY), @r#"
        ok   terminal   TERM=alacritty, 80×24
        ok   locale     C.UTF-8
        ok   colours    16 million
        ok   background #181818, dark
        note widths     an emoji of several parts takes 4 columns where wt counts 2: lines with such may stand askew
        ok   frames     each appears at once (mode 2026)
        ok   keyboard   C-i is told from Tab, S-Enter from Enter, and programs get all that they ask for (kitty's protocol)
        ok   mouse      by cell: programs that ask for pixels get the middle of each
        ok   clipboard  copying reaches it (OSC 52), unless it was switched off
        "#);
    }

    #[test]
    fn in_tmux_it_says_what_to_set_there() {
        let pairs = [
            ("TERM", "screen-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
        ];
        assert!(!setting(&pairs).is_old());
        insta::assert_snapshot!(report(&pairs, TMUX), @r#"
        ok   terminal   tmux 3.3a, TERM=screen-256color, 80×24
        note inside     this is tmux, whose prefix is C-b too; in ~/.tmux.conf: set -g set-clipboard on; set -g allow-passthrough on; set -g default-terminal tmux-256color; set -as terminal-features ,*:RGB; set -sg escape-time 10
        ok   locale     C.UTF-8
        note colours    256; if the terminal has 16 million, set COLORTERM=truecolor in your shell's profile
        note background not told (OSC 11): a theme cannot follow it
        ok   widths     CJK and emoji take the columns that wt counts
        note frames     may be seen half drawn: the terminal lacks mode 2026, newer ones have it
        note keyboard   C-i is told from Tab, S-Enter from Enter (modifyOtherKeys); programs miss Super, releases and modifiers alone, which a terminal with the kitty keyboard protocol tells
        note clipboard  tmux takes it if ~/.tmux.conf says: set -g set-clipboard on
        "#);
    }

    #[test]
    fn an_old_terminal_is_asked_little_and_a_silent_one_is_named() {
        let console = [("TERM", "linux"), ("LANG", "POSIX")];
        assert!(setting(&console).is_old());
        insta::assert_snapshot!(report(&console, CONSOLE), @r#"
        ok   terminal   TERM=linux, 80×24
        MEND locale     POSIX is not UTF-8: programs may print boxes; try LANG=C.UTF-8
        note colours    16; if the terminal has 256, set TERM=xterm-256color
        note background not told (OSC 11): a theme cannot follow it
        MEND widths     a CJK character takes 1 where wt counts 2: set a UTF-8 locale, or use a terminal with wide characters
        note frames     may be seen half drawn: the terminal lacks mode 2026, newer ones have it
        note keyboard   C-i is Tab, C-m is Enter, and C-Enter and S-Enter may be, for programs too: bind none of them, or take a terminal with the kitty keyboard protocol
        note clipboard  none is known for such a terminal
        "#);
        insta::assert_snapshot!(report(&[("TERM", "xterm")], b""), @r#"
        note terminal   TERM=xterm, 80×24; it answers no questions, so that some lines are missing here
        ok   locale     C.UTF-8
        note colours    16; if the terminal has 256, set TERM=xterm-256color
        note clipboard  not known; to try, run printf '\033]52;c;d3Q=\a' and paste: it should give wt
        "#);
    }

    #[test]
    fn what_is_no_terminal_is_not_asked() {
        assert!(!setting(&[("TERM", "dumb")]).is_terminal());
        let piped = Setting {
            size: None,
            ..setting(&[("TERM", "xterm")])
        };
        assert!(!piped.is_terminal());
        assert_eq!(judge(&piped, None)[0].verdict, Verdict::Mend);
    }

    #[test]
    fn a_promise_of_colours_is_held_against_what_comes_back() {
        let promised = setting(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
        let fewer = Answers::read(b"\x1bP1$r0;48:5:16m\x1b\\\x1b[?6c");
        assert_eq!(colors(&promised, Some(&fewer)).verdict, Verdict::Mend);
        assert_eq!(colors(&promised, None).verdict, Verdict::Ok);
        let far = setting(&[("TERM", "xterm-256color"), ("SSH_TTY", "/dev/pts/1")]);
        assert!(
            colors(&far, Some(&Answers::read(XTERM)))
                .says
                .contains("SendEnv")
        );
    }
}
