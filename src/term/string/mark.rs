//! OSC 133: the shell says where prompts, commands and their output begin (FinalTerm's semantic prompts).

use super::super::caret::Caret;
use super::super::effect::{CommandLine, Effect, Mark};
use super::super::hidden::is_steering;
use super::super::limits::{MAX_LABEL, MAX_SHELL};
use super::super::row::Row;
use super::super::screen::Which;
use super::super::terminal::Terminal;
use super::label::percent_decoded;
use super::{clean, split};
use std::collections::VecDeque;

impl Terminal {
    /// A letter, then parameters: `k=` says what kind of prompt begins, `D` has the exit code first, `C` may have the
    /// command line, and `aid=` names the shell. What else may stand there (`cl=`, …) is for terminals that move the
    /// cursor by mouse.
    pub(super) fn mark(&mut self, body: &[u8]) {
        let (kind, rest) = split(body);
        let mark = match kind {
            b"A" | b"P" if begins(rest) => Mark::Prompt,
            b"B" => Mark::Command,
            b"C" => Mark::Output {
                text: command_line(rest),
                dir: self.labels.cwd.clone(),
            },
            b"D" => {
                let code = std::str::from_utf8(split(rest).0).ok();
                Mark::End(code.and_then(|code| code.parse().ok()))
            }
            _ => return,
        };
        if matches!(mark, Mark::Prompt | Mark::End(_)) {
            self.begin_line();
        }
        let shell = clean(param(rest, b"aid=").unwrap_or_default(), MAX_SHELL);
        let (line, col) = self.line_and_col();
        self.effects.push(Effect::Mark {
            mark,
            shell,
            line,
            col,
        });
    }

    /// Ends the line above a cursor in the first column. Shells that see to it that prompts begin in one (zsh's PROMPT_SP)
    /// fill the row before until it wraps, but what follows is no part of that line.
    fn begin_line(&mut self) {
        if self.caret.col > 0 || self.screen.shown == Which::Alternate {
            return;
        }
        let now = self.screen.now;
        match self.caret.row.checked_sub(1) {
            Some(above) => self.screen.end_line(above),
            None => {
                if let Some(above) = self.screen.history.rows.back_mut() {
                    above.set_wrapped(false, now);
                }
            }
        }
    }

    /// Where the main screen's cursor stands in the lines that have not been taken as spill.
    pub(in crate::term) fn line_and_col(&self) -> (u64, u64) {
        let (rows, caret): (&VecDeque<Row>, Caret) = match self.screen.shown {
            Which::Main => (&self.screen.rows, self.caret),
            Which::Alternate => (&self.screen.hidden, self.saved[0]),
        };
        let above = rows.range(..usize::from(caret.row).min(rows.len()));
        let above = self.screen.history.rows.iter().chain(above);
        let (mut line, mut col) = (self.screen.history.spill.lines, 0);
        for row in above {
            match row.wrapped {
                true => col += row.cells().len() as u64,
                false => (line, col) = (line + 1, 0),
            }
        }
        (line, col + u64::from(caret.col) + u64::from(caret.pending))
    }
}

/// Whether the prompt is the first of its line: not one at the right (`k=r`), nor one that goes on (`k=c`, `k=s`).
fn begins(params: &[u8]) -> bool {
    param(params, b"k=").is_none_or(|kind| kind == b"i")
}

/// What stands after `name` among the parameters.
fn param<'a>(params: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut params = params.split(|byte| *byte == b';');
    params.find_map(|param| param.strip_prefix(name))
}

/// What the parameters of `C` tell of the command line.
fn command_line(params: &[u8]) -> CommandLine {
    let said = param(params, b"cmdline_url=").map(decoded);
    let repeated = || param(params, b"repeated_url=").map(decoded);
    let said = said.map(CommandLine::Said);
    said.or_else(|| repeated().map(CommandLine::Repeated))
        .unwrap_or_default()
}

/// A command line that was percent-encoded.
fn decoded(said: &[u8]) -> String {
    let text = percent_decoded(&said[..said.len().min(3 * MAX_LABEL)]);
    let text = String::from_utf8_lossy(&text);
    let is_kept = |c: &char| matches!(c, '\n' | '\t') || !is_steering(*c);
    let mut line = String::new();
    for c in text.chars().filter(is_kept) {
        if line.len() + c.len_utf8() > MAX_LABEL {
            break;
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{fed, lines};
    use super::super::super::{Emulator, Size};
    use super::*;

    /// The marks of `emulator` with the text that each stands at: its line's number, and what is before it in the line.
    fn marks(emulator: &mut Emulator) -> Vec<(Mark, u64, u64)> {
        let effects = std::iter::from_fn(|| emulator.poll());
        let mark = |effect| match effect {
            Effect::Mark {
                mark, line, col, ..
            } => Some((mark, line, col)),
            _ => None,
        };
        effects.filter_map(mark).collect()
    }

    #[test]
    fn parameters_are_read_or_passed_over() {
        let said = [
            "A;aid=7;cl=line",
            "P;k=i",
            "A;k=s",
            "P;k=r",
            "B",
            "C;cmdline=ls",
            "C;aid=7;cmdline_url=a%3bb%20%25%0a%1bc%zz;x",
            "C;repeated_url=l%73",
            "D;130;aid=7",
            "D;err=x",
            "D",
            "Z",
        ];
        let text: String = said.map(|mark| format!("\x1b]133;{mark}\x07")).concat();
        let output = |text| Mark::Output {
            text,
            dir: Some("/d".into()),
        };
        let expected = [
            Mark::Prompt,
            Mark::Prompt,
            Mark::Command,
            output(CommandLine::Unsaid),
            output(CommandLine::Said("a;b %\nc%zz".into())),
            output(CommandLine::Repeated("ls".into())),
            Mark::End(Some(130)),
            Mark::End(None),
            Mark::End(None),
        ];
        let found = marks(&mut fed(
            9,
            1,
            &format!("\x1b]7;file:///d\x07{text}\x1b]7;file:///e\x07"),
        ));
        assert_eq!(found, expected.map(|mark| (mark, 0, 0)));
    }

    #[test]
    fn a_shell_names_itself() {
        let shells = |text: &str| {
            let mut emulator = fed(9, 1, text);
            let effects: Vec<_> = std::iter::from_fn(|| emulator.poll()).collect();
            effects
        };
        let long = "x".repeat(99);
        let text = format!("\x1b]133;A;k=i;aid=7\x07\x1b]133;D;aid={long}\x07");
        let [
            Effect::Mark { shell: first, .. },
            Effect::Mark { shell, mark, .. },
        ] = &shells(&text)[..]
        else {
            panic!("two marks were made");
        };
        assert_eq!((&first[..], shell.len()), ("7", MAX_SHELL));
        assert_eq!(*mark, Mark::End(None));
    }

    #[test]
    fn a_command_line_is_bounded() {
        let long = "é".repeat(9000);
        let found = marks(&mut fed(
            9,
            1,
            &format!("\x1b]133;C;cmdline_url={long}\x07"),
        ));
        let [
            (
                Mark::Output {
                    text: CommandLine::Said(line),
                    ..
                },
                0,
                0,
            ),
        ] = &found[..]
        else {
            panic!("{found:?}");
        };
        assert_eq!(line.len(), MAX_LABEL);
    }

    #[test]
    fn a_mark_stands_at_its_line_whatever_scrolled_and_wrapped() {
        let mark = "\x1b]133;A\x07";
        let mut emulator = fed(
            4,
            2,
            &format!("{mark}a\r\nabcdef{mark}\r\nb\r\nc{mark}\r\n{mark}"),
        );
        let places = |emulator: &mut Emulator| -> Vec<(u64, u64)> {
            marks(emulator)
                .into_iter()
                .map(|(_, line, col)| (line, col))
                .collect()
        };
        assert_eq!(places(&mut emulator), [(0, 0), (1, 6), (3, 1), (4, 0)]);
        emulator.resize(Size::new(3, 2));
        emulator.feed(mark.as_bytes());
        assert_eq!(places(&mut emulator), [(4, 0)]);
        // What was spilled and not taken counts, what was taken does not.
        emulator.feed(format!("\r\n\x1b[3J{mark}").as_bytes());
        assert_eq!(places(&mut emulator), [(5, 0)]);
        let spilled = emulator.take_spill().lines;
        emulator.feed(mark.as_bytes());
        assert_eq!(places(&mut emulator), [(5 - spilled, 0)]);
    }

    #[test]
    fn a_prompt_below_a_filled_row_is_no_part_of_its_line() {
        for rows in [1, 3] {
            let mut emulator = fed(4, rows, "ab%  \r \r\x1b]133;A\x07$");
            let [(Mark::Prompt, 1, 0)] = marks(&mut emulator)[..] else {
                panic!("the prompt has a line of its own");
            };
            emulator.resize(Size::new(9, 3));
            let shown = lines(&emulator);
            assert_eq!(shown[..2], ["ab%", "$"]);
        }
    }

    #[test]
    fn a_mark_made_beside_the_main_screen_stands_where_that_was_left() {
        let mut emulator = fed(9, 3, "a\r\nb\x1b[?1049hx\r\n\r\ny\x1b]133;D;1\x07");
        assert_eq!(marks(&mut emulator), [(Mark::End(Some(1)), 1, 1)]);
    }
}
