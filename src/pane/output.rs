//! What a viewer does with the output of the commands that ran in a pane: goes from prompt to prompt, selects, folds.

use super::Pane;
use super::commands::{Command, Commands};
use super::fate::duration;
use super::folds::Fold;
use super::lines::{Place, Stored};
use super::window::Window;
use crate::protocol::Spot;
use crate::protocol::command::OutputCommand;
use crate::protocol::count::grouped;
use crate::protocol::extent::{Extent, Shape};
use crate::protocol::scrolled::{Lead, MarkKind, RowMark};
use crate::term::Row;
use std::ops::Range;

/// Said where the shell has marked nothing.
const NO_COMMANDS: &str = "no commands are known here: the shell does not mark its prompts";

impl Commands {
    /// What the last command printed that has ended and printed something.
    pub fn last_output(&self) -> Option<Extent> {
        let ended = self
            .iter()
            .rev()
            .filter(|command| command.ended_ms.is_some());
        let lines = ended.filter_map(|command| command.lines);
        let ends = lines.filter_map(|lines| Some((lines, lines.end?)));
        let mut printed = ends.filter(|(lines, end)| lines.output < *end);
        let (lines, end) = printed.next()?;
        let from = Spot {
            line: lines.output,
            cell: 0,
        };
        let (cell, shape) = match lines.last_cols {
            0 => (u32::MAX, Shape::Lines),
            cols => (u32::try_from(cols - 1).unwrap_or(u32::MAX), Shape::Cells),
        };
        let line = end - 1;
        let to = Spot { line, cell };
        Some(Extent { from, to, shape })
    }
}

impl Window {
    /// Follows a command that has to do with the output of others.
    pub(super) fn output(&mut self, command: OutputCommand, pane: &Pane, stored: &dyn Stored) {
        let commands = &pane.commands;
        let (first, end) = self.with_walk(pane, stored, |walk| {
            (walk.lines.first(), walk.lines.written_end())
        });
        match command {
            OutputCommand::Previous { row } => {
                let to = self.prompt_above(row, first, commands);
                self.go_to_prompt(to, "no prompt above this", commands);
            }
            OutputCommand::Next { row } => {
                let mut below = commands.prompts_in(self.line_at(row) + 1..end);
                let to = below.find(|line| self.is_open(*line));
                self.go_to_prompt(to, "no prompt below this", commands);
            }
            OutputCommand::Select { row } => self.select(row, first..end, pane, stored),
            OutputCommand::Fold { row } => self.fold(row, commands),
            OutputCommand::FoldAll => self.fold_all(commands),
            OutputCommand::UnfoldAll => self.unfold_all(),
            OutputCommand::OnlyFailed => self.only_failed(first..end, commands),
            OutputCommand::CopyLast => {}
        }
    }

    /// Whether what comes of a command may depend on commands that are older than those in memory.
    pub fn wants_older(&self, command: OutputCommand, commands: &Commands) -> bool {
        let known_from = commands.known_from();
        let is_unknown = |row| self.line_at(row) < known_from;
        match command {
            _ if !commands.has_older() => false,
            OutputCommand::Previous { row } => {
                let above = self.prompt_above(row, 0, commands);
                above.is_none_or(|prompt| prompt < known_from)
            }
            OutputCommand::Next { row }
            | OutputCommand::Select { row }
            | OutputCommand::Fold { row } => is_unknown(row),
            OutputCommand::FoldAll | OutputCommand::OnlyFailed => true,
            OutputCommand::UnfoldAll | OutputCommand::CopyLast => false,
        }
    }

    /// The last prompt above the row that is shown, from line `first` on.
    fn prompt_above(&self, row: u16, first: u64, commands: &Commands) -> Option<u64> {
        let above = commands.prompts_in(first..self.line_at(row));
        above.rev().find(|line| self.is_open(*line))
    }

    /// What is to be said of some rows: which are prompts, and of what.
    pub(super) fn marks(&self, rows: &[Row], commands: &Commands) -> Vec<RowMark> {
        let starts = rows.iter().map(|row| Spot::of_row(row.id));
        let first = starts
            .clone()
            .next()
            .map_or(self.top.line, |start| start.line);
        // Not every row asks: where there is no command, all of them would be looked through.
        let prompts: Vec<u64> = commands.prompts_in(first..u64::MAX).rev().collect();
        let mut marks = Vec::new();
        for (row, start) in (0..).zip(starts).filter(|(_, start)| start.cell == 0) {
            let is_prompt = prompts.binary_search_by(|prompt| start.line.cmp(prompt));
            let command = is_prompt.ok().and_then(|_| commands.at_line(start.line));
            let kind = match (self.is_open(start.line), command) {
                (false, _) => MarkKind::Fold,
                (true, Some(command)) if command.has_failed() => MarkKind::Failed,
                (true, Some(_)) => MarkKind::Prompt,
                (true, None) => continue,
            };
            marks.push(RowMark { row, kind });
        }
        marks
    }

    fn is_open(&self, line: u64) -> bool {
        self.folds.at(line).is_none()
    }

    /// The line that the row shows.
    fn line_at(&self, row: u16) -> u64 {
        let row = self.rows.get(usize::from(row)).or(self.rows.last());
        row.map_or(self.top.line, |row| Spot::of_row(row.id).line)
    }

    fn go_to_prompt(&mut self, line: Option<u64>, nowhere: &str, commands: &Commands) {
        let Some(line) = line else {
            let is_known = commands.prompts().next().is_some();
            return self.say(if is_known { nowhere } else { NO_COMMANDS }.to_owned());
        };
        self.top = Place { line, row: 0 };
        self.lead(Lead::To(Spot { line, cell: 0 }));
    }

    /// Selects the output of the command that the row belongs to; at a prompt that waits, that of the last one.
    fn select(&mut self, row: u16, shown: Range<u64>, pane: &Pane, stored: &dyn Stored) {
        let (line, commands) = (self.line_at(row), &pane.commands);
        let before = |command: &&Command| command.lines.is_some_and(|lines| lines.prompt <= line);
        let last = || commands.iter().rev().find(before);
        let Some(command) = commands.at_line(line).or_else(last) else {
            return self.say(NO_COMMANDS.to_owned());
        };
        let output = output_of(command).unwrap_or_default();
        let output = output.start.max(shown.start)..output.end.min(shown.end);
        if output.is_empty() {
            return self.say("it printed nothing".to_owned());
        }
        self.folds.open(output.start);
        let from = Spot {
            line: output.start,
            cell: 0,
        };
        let to = Spot {
            line: output.end - 1,
            cell: 0,
        };
        let before = self.top;
        self.top = self.with_walk(pane, stored, |walk| walk.around(from, before));
        self.lead(Lead::Lines(from, to));
    }

    fn fold(&mut self, row: u16, commands: &Commands) {
        let line = self.line_at(row);
        let to = Spot { line, cell: 0 };
        if self.folds.open(line) {
            return self.lead(Lead::To(to));
        }
        let Some(command) = commands.at_line(line) else {
            return self.say(match commands.prompts().next() {
                Some(_) => "no command here".to_owned(),
                None => NO_COMMANDS.to_owned(),
            });
        };
        let output = folded_of(command);
        match command.ended_ms {
            None => self.say("it still runs".to_owned()),
            Some(_) if output.is_empty() => self.say("it printed nothing".to_owned()),
            // Pressed at the prompt, it opens again there.
            Some(_) if self.folds.open(output.start) => self.lead(Lead::To(to)),
            Some(_) => {
                let line = line.min(output.start);
                self.fold_away(output, command);
                self.lead(Lead::To(Spot { line, cell: 0 }));
            }
        }
    }

    fn fold_away(&mut self, lines: Range<u64>, command: &Command) {
        let label = summary(lines.clone(), command);
        self.folds.add(Fold { lines, label });
    }

    fn fold_all(&mut self, commands: &Commands) {
        let mut count = 0;
        for command in commands.iter().filter(|command| command.ended_ms.is_some()) {
            let lines = folded_of(command);
            count += u64::from(!lines.is_empty());
            self.fold_away(lines, command);
        }
        self.say(match count {
            0 => NO_COMMANDS.to_owned(),
            1 => "the output of 1 command is folded".to_owned(),
            count => format!("the output of {} commands is folded", grouped(count)),
        });
    }

    fn unfold_all(&mut self) {
        self.folds.clear();
        self.is_filtered = false;
    }

    /// Folds all that lies between commands that failed; or shows it again.
    fn only_failed(&mut self, shown: Range<u64>, commands: &Commands) {
        if self.is_filtered {
            return self.unfold_all();
        }
        let failed = commands.iter().filter(|command| command.has_failed());
        let failed: Vec<Range<u64>> = failed.filter_map(lines_of).collect();
        let Some(last) = failed.last() else {
            return self.say("no command has failed".to_owned());
        };
        self.say(match failed.len() {
            1 => "1 command has failed".to_owned(),
            count => format!("{} commands have failed", grouped(count as u64)),
        });
        let waiting = waiting(commands).unwrap_or(shown.end);
        let (mut from, to) = (shown.start, last.start);
        let below = waiting..shown.end;
        for failed in failed.iter().chain([&below]) {
            let gap = from..failed.start;
            from = from.max(failed.end);
            if gap.is_empty() {
                continue;
            }
            let prompts = commands.prompts_in(gap.clone()).count();
            let label = gap_label(prompts, gap.clone());
            self.folds.add(Fold { lines: gap, label });
        }
        self.is_filtered = true;
        self.top = Place { line: to, row: 0 };
        self.lead(Lead::To(Spot { line: to, cell: 0 }));
    }
}

/// The lines that a command printed, as far as they are still there: up to `u64::MAX` while it runs.
fn output_of(command: &Command) -> Option<Range<u64>> {
    let lines = command.lines?;
    Some(lines.output..lines.end.unwrap_or(u64::MAX))
}

/// The lines of its output that may be folded: the next prompt may stand in the last one.
fn folded_of(command: &Command) -> Range<u64> {
    let output = output_of(command).unwrap_or_default();
    let is_shared = command.lines.is_some_and(|lines| lines.last_cols > 0);
    output.start
        ..output
            .end
            .saturating_sub(is_shared.into())
            .max(output.start)
}

/// Where what is below all commands that have ended begins: what still runs, or the prompt that waits.
fn waiting(commands: &Commands) -> Option<u64> {
    let prompt = commands.prompts().next_back()?;
    match commands
        .at_line(prompt)
        .filter(|last| last.ended_ms.is_some())
    {
        Some(last) => lines_of(last).map(|lines| lines.end),
        None => Some(prompt),
    }
}

/// All its lines.
fn lines_of(command: &Command) -> Option<Range<u64>> {
    let lines = command.lines?;
    Some(lines.prompt..lines.end.unwrap_or(u64::MAX))
}

/// What a fold says of a command's output.
fn summary(lines: Range<u64>, command: &Command) -> String {
    let exit = match command.exit {
        Some(code) => format!(", exit {code}"),
        None => String::new(),
    };
    let ran = duration(command.ran_ms(command.started_ms));
    format!("⋯ {}, {ran}{exit}", counted(lines))
}

fn gap_label(prompts: usize, lines: Range<u64>) -> String {
    match prompts {
        0 => format!("⋯ {}", counted(lines)),
        1 => format!("⋯ 1 command, {}", counted(lines)),
        count => format!("⋯ {} commands, {}", grouped(count as u64), counted(lines)),
    }
}

fn counted(lines: Range<u64>) -> String {
    match lines.end - lines.start {
        1 => "1 line".to_owned(),
        count => format!("{} lines", grouped(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::Origin;
    use crate::pane::commands::Extent as Lines;
    use crate::pane::lines::Nothing;
    use crate::protocol::PaneId;
    use crate::protocol::command::ScrollCommand;
    use crate::protocol::scrolled::Scrolled;
    use crate::term::{Row, Size};

    fn command(number: u64, prompt: u64, end: u64, exit: i32) -> Command {
        Command {
            number,
            exit: Some(exit),
            started_ms: 1000,
            ended_ms: Some(13_000),
            lines: Some(Lines {
                prompt,
                output: prompt + 1,
                end: Some(end),
                last_cols: 0,
            }),
            ..Command::default()
        }
    }

    /// A screen of ten rows, and what is behind it: three commands of ten lines each, the second of which failed, and a
    /// prompt that waits.
    struct Desk {
        pane: Pane,
        window: Window,
    }

    impl Desk {
        fn new() -> Self {
            let mut pane = Pane::new(PaneId(1), Origin::default(), Size::new(60, 10));
            for command in ["ls", "make", "date"] {
                pane.output(format!("$ {command}\r\n").as_bytes());
                for n in 1..10 {
                    pane.output(format!("{command} {n}\r\n").as_bytes());
                }
            }
            pane.output(b"$ ");
            let commands = [
                command(1, 0, 10, 0),
                command(2, 10, 20, 2),
                command(3, 20, 30, 0),
            ];
            let window = Window::new(&pane, &Nothing);
            pane.commands = Commands::recover(commands);
            Self { pane, window }
        }

        fn does(&mut self, command: OutputCommand) -> Scrolled {
            let command = ScrollCommand::Output(command);
            self.window.scroll(&command, &self.pane, &Nothing);
            self.window.source().header.scrolled.expect("a place")
        }

        fn rows(&self) -> Vec<String> {
            let source = self.window.source();
            let text = |row: &&Row| {
                let mut text = String::new();
                let cells = row.cells().iter();
                cells.for_each(|cell| source.tables.push_text(cell, &mut text));
                text
            };
            source.rows.iter().map(text).collect()
        }
    }

    fn to(line: u64) -> Option<Lead> {
        Some(Lead::To(Spot { line, cell: 0 }))
    }

    #[test]
    fn from_prompt_to_prompt() {
        let mut desk = Desk::new();
        let place = desk.does(OutputCommand::Previous { row: 9 });
        assert_eq!((place.lead, &*desk.rows()[0]), (to(20), "$ date"));
        let place = desk.does(OutputCommand::Previous { row: 0 });
        assert_eq!((place.lead, &*desk.rows()[0]), (to(10), "$ make"));
        let mark = RowMark {
            row: 0,
            kind: MarkKind::Failed,
        };
        assert_eq!(place.marks, [mark]);
        desk.does(OutputCommand::Previous { row: 0 });
        let place = desk.does(OutputCommand::Previous { row: 0 });
        assert_eq!((place.lead, &*place.note), (None, "no prompt above this"));
        let place = desk.does(OutputCommand::Next { row: 3 });
        assert_eq!((place.lead, &*desk.rows()[0]), (to(10), "$ make"));
    }

    #[test]
    fn the_output_of_a_command_is_selected_wherever_one_stands_in_it() {
        let mut desk = Desk::new();
        let spot = |line| Spot { line, cell: 0 };
        let output = Some(Lead::Lines(spot(21), spot(29)));
        assert_eq!(desk.does(OutputCommand::Select { row: 3 }).lead, output);
        assert_eq!(desk.does(OutputCommand::Select { row: 9 }).lead, output);
        let last = desk.pane.commands.last_output().expect("an output");
        assert_eq!((last.from, last.to.line), (spot(21), 29));
        assert_eq!(last.shape, Shape::Lines);
    }

    #[test]
    fn a_prompt_behind_the_output_is_no_part_of_it() {
        let mut shared = command(1, 0, 3, 0);
        if let Some(lines) = &mut shared.lines {
            lines.last_cols = 4;
        }
        assert_eq!(folded_of(&shared), 1..2);
        let last = Commands::recover([shared]).last_output().expect("output");
        assert_eq!((last.to.line, last.to.cell), (2, 3));
        assert_eq!(last.shape, Shape::Cells);
    }

    #[test]
    fn a_command_is_folded_and_opened_by_the_same_key() {
        let mut desk = Desk::new();
        desk.does(OutputCommand::Previous { row: 9 });
        let place = desk.does(OutputCommand::Fold { row: 4 });
        assert_eq!(place.lead, to(21));
        let rows = desk.rows();
        let at = rows
            .iter()
            .position(|row| row.starts_with('⋯'))
            .expect("a fold");
        assert_eq!(
            rows[at - 1..at + 2],
            ["$ date", "⋯ 9 lines, 12 s, exit 0", "$"]
        );
        assert_eq!(place.mark_at(at as u16), Some(MarkKind::Fold));
        desk.does(OutputCommand::Fold { row: at as u16 - 1 });
        assert!(desk.rows().iter().all(|row| !row.starts_with('⋯')));
    }

    #[test]
    fn all_are_folded_and_shown_again() {
        let mut desk = Desk::new();
        let place = desk.does(OutputCommand::FoldAll);
        assert_eq!(place.note, "the output of 3 commands is folded");
        let make = ["$ make", "⋯ 9 lines, 12 s, exit 2"];
        assert_eq!(desk.rows()[2..4], make);
        desk.does(OutputCommand::UnfoldAll);
        assert_eq!(desk.rows()[..2], ["$ ls", "ls 1"]);
    }

    #[test]
    fn those_that_failed_are_shown_alone_and_all_again() {
        let mut desk = Desk::new();
        let place = desk.does(OutputCommand::OnlyFailed);
        assert_eq!((place.lead, &*place.note), (to(10), "1 command has failed"));
        desk.does(OutputCommand::UnfoldAll);
        desk.does(OutputCommand::OnlyFailed);
        let rows = desk.rows();
        assert_eq!((&*rows[0], &*rows[9]), ("$ make", "make 9"));
        let up = ScrollCommand::By(-1);
        desk.window.scroll(&up, &desk.pane, &Nothing);
        assert_eq!(desk.rows()[0], "⋯ 1 command, 10 lines");
        desk.window
            .scroll(&ScrollCommand::Bottom, &desk.pane, &Nothing);
        assert_eq!(desk.rows()[8..], ["⋯ 1 command, 10 lines", "$"]);
        desk.does(OutputCommand::OnlyFailed);
        assert!(desk.rows().iter().all(|row| !row.starts_with('⋯')));
    }

    #[test]
    fn without_marks_that_is_said() {
        let mut desk = Desk::new();
        desk.pane.commands = Commands::default();
        for command in [
            OutputCommand::Previous { row: 5 },
            OutputCommand::Select { row: 5 },
            OutputCommand::Fold { row: 5 },
            OutputCommand::FoldAll,
        ] {
            assert_eq!(desk.does(command).note, NO_COMMANDS);
        }
        assert_eq!(desk.pane.commands.last_output(), None);
    }
}
