//! One command that a shell ran in a pane, and the lines that are its own.

use crate::term::CommandLine;
use serde::{Deserialize, Serialize};

/// Bytes of a command line, and of a directory; what is longer is cut.
pub(super) const MAX_TEXT: usize = 4 << 10;

/// One command that a shell ran.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Command {
    /// Counts a pane's commands from 1; never given twice.
    pub number: u64,
    /// The command line, which may have several lines; at most 4 KiB.
    #[serde(default)]
    pub text: String,
    /// The directory in which it began.
    #[serde(default)]
    pub dir: String,
    /// What it exited with; `None` while it runs, or if the shell did not tell.
    #[serde(default)]
    pub exit: Option<i32>,
    /// When it began, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub started_ms: u64,
    /// When it ended; `None` while it runs.
    #[serde(default)]
    pub ended_ms: Option<u64>,
    /// Its lines; `None` if they were erased or written over.
    #[serde(default)]
    pub lines: Option<Extent>,
    /// The shell that runs it, by the name that it gives itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shell: String,
}

/// The lines of a command: `prompt..output` is what stands before its output, `output..end` is what it printed.
///
/// Law: `prompt <= output <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The first line of its prompt.
    pub prompt: u64,
    /// The first line of its output.
    pub output: u64,
    /// One past the last line of its output; `None` while it runs.
    pub end: Option<u64>,
    /// Columns of the last line that are output, if something else stands behind it; 0 if nothing does.
    #[serde(default)]
    pub last_cols: u64,
}

impl Extent {
    /// What is left of it before a place.
    pub(super) fn up_to(mut self, at: At) -> Extent {
        self.output = self.output.min(at.line);
        if self.end > Some(at.behind()) {
            (self.end, self.last_cols) = (Some(at.behind()), at.col);
        }
        self
    }
}

/// A place in a pane's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct At {
    /// The line's number.
    pub line: u64,
    /// Columns of the line before it.
    pub col: u64,
}

impl At {
    /// The first line of which nothing stands before the place.
    pub(super) fn behind(self) -> u64 {
        self.line + u64::from(self.col > 0)
    }
}

impl Command {
    /// Whether it is known to have failed.
    pub fn has_failed(&self) -> bool {
        self.exit.is_some_and(|code| code != 0)
    }

    /// Milliseconds that it ran, up to `now_ms` if it still does.
    pub fn ran_ms(&self, now_ms: u64) -> u64 {
        let ended = self.ended_ms.unwrap_or(now_ms);
        ended.saturating_sub(self.started_ms)
    }

    /// Bytes of its texts.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.dir.len() + self.shell.len()
    }

    /// Forgets its texts, which its record in the pane's file has.
    pub(super) fn strip(&mut self) {
        for text in [&mut self.text, &mut self.dir, &mut self.shell] {
            *text = String::new();
        }
    }
}

/// The text of a command line that the shell's history keeps; empty if it does not: whoever types a blank first, or tells
/// the shell otherwise, does not want it written down.
pub(super) fn kept(line: CommandLine, on_screen: impl Fn() -> String) -> String {
    let text = match line {
        CommandLine::Said(text) => text,
        CommandLine::Unsaid => on_screen(),
        CommandLine::Repeated(last) => {
            let seen = on_screen();
            // The shell shows what it has made of `!!` below it.
            let is_again = seen == last || seen.lines().last() == Some(&last);
            return if is_again { last } else { String::new() };
        }
    };
    match text.starts_with(' ') {
        true => String::new(),
        false => text,
    }
}

/// Cuts a text to [`MAX_TEXT`] bytes, or a few less.
pub(super) fn cut(text: &mut String) {
    if text.len() > MAX_TEXT {
        let is_boundary = |at: &usize| text.is_char_boundary(*at);
        let end = (0..=MAX_TEXT).rev().find(is_boundary);
        text.truncate(end.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_shell_keeps_to_itself_is_not_written_down() {
        let kept = |line, on_screen: &str| kept(line, || on_screen.to_owned());
        let again = || CommandLine::Repeated("make".to_owned());
        assert_eq!(kept(again(), "make"), "make");
        assert_eq!(kept(again(), "!!\nmake"), "make");
        assert_eq!(kept(again(), " make"), "");
        assert_eq!(kept(again(), "secret"), "");
        assert_eq!(kept(CommandLine::Repeated(String::new()), "secret"), "");
        assert_eq!(kept(CommandLine::Said(" secret".to_owned()), "make"), "");
        assert_eq!(kept(CommandLine::Unsaid, " secret"), "");
        assert_eq!(kept(CommandLine::Unsaid, "make"), "make");
    }
}
