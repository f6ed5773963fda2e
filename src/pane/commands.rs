//! The commands that shells ran in a pane, from the marks that they made (OSC 133): what was run, where, when, how it
//! ended, and which lines are its own.
//!
//! A line's number is the one that scrollback has given it or will give it, so a record stays true for good. Marks come
//! from programs: they may be missing, nested, repeated or lies, and cost no more than honest ones.

use super::command::{cut, kept};
use crate::term::{CommandLine, Mark};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

pub use super::command::{At, Command, Extent};

/// Commands kept in memory; of more the oldest are to be found in the pane's file alone.
pub const MAX_COMMANDS: usize = 5000;

/// Commands kept in memory while somebody looks at older ones than those.
const MAX_OLDER: usize = 100_000;

/// Bytes of command lines and directories kept in memory, of all commands of a pane.
const MAX_BYTES: usize = 1 << 20;

/// Shells that run in one another; of more the innermost count as one.
const MAX_NESTED: usize = 16;

/// What a mark has changed; the record is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It runs.
    Began(Command),
    /// It has ended.
    Ended(Command),
    /// Lines of it were erased or written over.
    Moved(Command),
}

impl Change {
    /// The command, as it is now.
    pub fn command(&self) -> &Command {
        match self {
            Change::Began(command) | Change::Ended(command) | Change::Moved(command) => command,
        }
    }
}

/// What is asked when a command begins.
pub trait Asked {
    /// The text from one place up to another: the command line of a shell that does not tell it.
    fn text(&self, from: At, to: At) -> String;
    /// The directory that a shell is in which has not said so.
    fn dir(&self) -> String;
}

/// The commands of one pane.
///
/// Laws: numbers rise in the order in which commands began; of two commands the one that began later has its prompt on a
/// later line; the newest [`MAX_COMMANDS`] are kept, and fewer if they are long.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    list: VecDeque<Command>,
    /// Numbers of those whose lines are not erased.
    placed: VecDeque<u64>,
    /// The shells, each started by the command that the one before runs.
    shells: Vec<Shell>,
    last_number: u64,
    bytes: usize,
    changes: VecDeque<Change>,
    /// Whether older ones were taken up.
    looks_back: bool,
}

/// Commands that are older than those in memory, as records of the pane's file tell of them: the newest `MAX_OLDER`,
/// and without their texts.
#[derive(Debug, Default)]
pub struct Older(BTreeMap<u64, Command>);

impl Older {
    /// Takes a record. A later one replaces an earlier one of the same number.
    pub fn add(&mut self, mut record: Command) {
        record.strip();
        self.0.insert(record.number, record);
        if self.0.len() > MAX_OLDER {
            self.0.pop_first();
        }
    }
}

/// What is known of a shell.
#[derive(Debug, Clone, Default)]
struct Shell {
    name: String,
    prompt: Option<u64>,
    /// Where its prompt ended.
    typed: Option<At>,
    /// The number of the command that runs.
    running: Option<u64>,
}

impl Commands {
    /// The commands of a pane whose records were read from its file, in the order in which they were written: a later
    /// record replaces an earlier one of the same number. Those that have not ended still run.
    pub fn recover(records: impl IntoIterator<Item = Command>) -> Commands {
        let mut commands = Commands::default();
        for mut record in records {
            cut(&mut record.text);
            cut(&mut record.dir);
            match commands.index(record.number) {
                Some(at) => commands.list[at] = record,
                None if record.number > commands.last_number => {
                    commands.last_number = record.number;
                    commands.list.push_back(record);
                }
                None => {}
            }
        }
        commands.bytes = commands.list.iter().map(Command::bytes).sum();
        commands.place_again();
        for command in &commands.list {
            if command.ended_ms.is_none() && commands.shells.len() < MAX_NESTED {
                commands.shells.push(Shell {
                    name: command.shell.clone(),
                    running: Some(command.number),
                    ..Shell::default()
                });
            }
        }
        commands.bound();
        commands
    }

    /// Takes a mark that `shell` made with the cursor at `at`. Drain [`Commands::poll`] after it.
    pub fn mark(&mut self, mark: Mark, shell: &str, at: At, now_ms: u64, asked: &dyn Asked) {
        self.erase_from(at);
        let level = self.level(shell, at, now_ms);
        match mark {
            Mark::Prompt => {
                self.end(level, None, at, now_ms);
                self.shells[level].prompt = Some(at.line);
            }
            Mark::Command => self.shells[level].typed = Some(at),
            Mark::Output { text, dir } => {
                self.end(level, None, at, now_ms);
                self.begin(level, (text, dir), at, now_ms, asked);
            }
            Mark::End(exit) => {
                self.end(level, exit, at, now_ms);
                self.shells[level].prompt = None;
                self.shells[level].typed = None;
            }
        }
    }

    /// Takes note that the pane's program has ended, with the cursor at `at`: nothing runs any more.
    pub fn program_ended(&mut self, at: At, now_ms: u64) {
        while let Some(last) = self.shells.len().checked_sub(1) {
            self.end(last, None, at, now_ms);
            self.shells.pop();
        }
    }

    /// Whether some are to be found in the pane's file alone.
    pub fn has_older(&self) -> bool {
        !self.looks_back && (self.list.len() as u64) < self.last_number
    }

    /// The line of the first prompt from which on all commands are in memory.
    pub fn known_from(&self) -> u64 {
        if !self.has_older() {
            return 0;
        }
        let newest = self.list.iter().rev().zip((0..=self.last_number).rev());
        let known = newest.take_while(|(command, number)| command.number == *number);
        let lines = known.filter_map(|(command, _)| command.lines);
        lines.last().map_or(u64::MAX, |lines| lines.prompt)
    }

    /// Takes up older commands, which stay until [`Commands::forget_older`].
    pub fn look_back(&mut self, older: Older) {
        let is_new = |older: &Command| {
            let is_past = older.ended_ms.is_some() && older.number <= self.last_number;
            is_past && self.index(older.number).is_none()
        };
        let older: Vec<Command> = older.0.into_values().filter(is_new).collect();
        let mut all: Vec<Command> = older.into_iter().chain(self.list.drain(..)).collect();
        all.sort_by_key(|command| command.number);
        self.list = all.into();
        self.looks_back = true;
        self.place_again();
        self.bound();
    }

    /// Leaves older commands to the pane's file again.
    pub fn forget_older(&mut self) {
        self.looks_back = false;
        self.bound();
    }

    /// The next record to be written down.
    pub fn poll(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// The commands in memory, those that run included, in the order in which they began.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Command> + ExactSizeIterator {
        self.list.iter()
    }

    /// The command of that number, if it is in memory.
    pub fn get(&self, number: u64) -> Option<&Command> {
        let at = self.index(number)?;
        self.list.get(at)
    }

    /// The command to which a line belongs, prompt or output: the innermost, if shells run in one another.
    pub fn at_line(&self, line: u64) -> Option<&Command> {
        let before = self.placed.partition_point(|number| {
            let lines = self.get(*number).and_then(|command| command.lines);
            lines.is_some_and(|lines| lines.prompt <= line)
        });
        let nearest = self.placed.range(..before).rev().take(MAX_COMMANDS);
        let holds = |command: &&Command| {
            let lines = command.lines;
            lines.is_some_and(|lines| lines.end.is_none_or(|end| line < end))
        };
        let mut nearest = nearest.filter_map(|number| self.get(*number));
        nearest.find(holds)
    }

    /// The lines on which prompts begin, in order: those of commands, and the one at which the shell waits.
    pub fn prompts(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.prompts_in(0..u64::MAX)
    }

    /// Those of the lines on which prompts begin, in order.
    pub fn prompts_in(&self, lines: Range<u64>) -> impl DoubleEndedIterator<Item = u64> {
        let before = |line: u64| {
            let is_before = |number: &u64| {
                let lines = self.get(*number).and_then(|command| command.lines);
                lines.is_some_and(|lines| lines.prompt < line)
            };
            self.placed.partition_point(is_before)
        };
        let placed = before(lines.start.min(lines.end))..before(lines.end);
        let placed = self.placed.range(placed);
        let prompts = placed.filter_map(|number| Some(self.get(*number)?.lines?.prompt));
        prompts.chain(self.waiting().filter(move |line| lines.contains(line)))
    }

    /// The line of the prompt at which the innermost shell waits.
    fn waiting(&self) -> Option<u64> {
        let shell = self.shells.last().filter(|shell| shell.running.is_none())?;
        shell
            .prompt
            .filter(|prompt| self.last_prompt() < Some(*prompt))
    }

    /// The command that runs, of the innermost shell.
    pub fn running(&self) -> Option<&Command> {
        self.get(self.shells.last()?.running?)
    }

    /// The line of the last command's prompt.
    fn last_prompt(&self) -> Option<u64> {
        let last = self.get(*self.placed.back()?)?;
        last.lines.map(|lines| lines.prompt)
    }

    /// The shell of that name. What runs in it has ended if it speaks; a name that is new is a shell in the last one.
    fn level(&mut self, name: &str, at: At, now_ms: u64) -> usize {
        let known = self.shells.iter().rposition(|shell| shell.name == name);
        let idle = |shell: &Shell| shell.running.is_none();
        match known {
            Some(level) => {
                for inner in (level + 1..self.shells.len()).rev() {
                    self.end(inner, None, at, now_ms);
                    self.shells.pop();
                }
                return level;
            }
            // A shell that runs nothing and is not heard of again was replaced, or has gone.
            None if self.shells.last().is_some_and(idle) || self.shells.len() == MAX_NESTED => {
                let last = self.shells.len() - 1;
                self.end(last, None, at, now_ms);
                self.shells.pop();
            }
            None => {}
        }
        self.shells.push(Shell {
            name: name.to_owned(),
            ..Shell::default()
        });
        self.shells.len() - 1
    }

    fn begin(
        &mut self,
        level: usize,
        (line, dir): (CommandLine, Option<String>),
        at: At,
        now_ms: u64,
        asked: &dyn Asked,
    ) {
        let last = self.last_prompt();
        let shell = &mut self.shells[level];
        let typed = shell.typed.take().filter(|typed| *typed <= at);
        let prompt = shell.prompt.take().or(typed.map(|typed| typed.line));
        // One from before another command's is out of date.
        let prompt = prompt.filter(|prompt| last < Some(*prompt));
        let on_screen = || typed.map(|typed| asked.text(typed, at));
        let mut command = Command {
            number: self.last_number + 1,
            text: kept(line, || on_screen().unwrap_or_default()),
            dir: dir.unwrap_or_else(|| asked.dir()),
            started_ms: now_ms,
            lines: Some(Extent {
                prompt: prompt.unwrap_or(at.line).min(at.line),
                output: at.line,
                end: None,
                last_cols: 0,
            }),
            shell: shell.name.clone(),
            ..Command::default()
        };
        cut(&mut command.text);
        cut(&mut command.dir);
        shell.running = Some(command.number);
        self.push(command);
    }

    fn push(&mut self, command: Command) {
        self.last_number = command.number;
        self.bytes += command.bytes();
        self.placed.push_back(command.number);
        self.changes.push_back(Change::Began(command.clone()));
        self.list.push_back(command);
        self.bound();
    }

    /// Ends what the shell runs, if it runs something.
    fn end(&mut self, level: usize, exit: Option<i32>, at: At, now_ms: u64) {
        let Some(number) = self.shells[level].running.take() else {
            return;
        };
        let Some(command) = self.get_mut(number) else {
            return;
        };
        command.exit = exit;
        command.ended_ms = Some(now_ms.max(command.started_ms));
        if let Some(lines) = &mut command.lines {
            lines.end = Some(at.behind().max(lines.output));
            lines.last_cols = at.col;
        }
        let change = Change::Ended(command.clone());
        self.changes.push_back(change);
    }

    /// Forgets that commands have lines from the cursor's on: it has gone back there, and others follow. What stands
    /// before it in its line is left.
    fn erase_from(&mut self, at: At) {
        while let Some(&number) = self.placed.back() {
            let Some(command) = self.get_mut(number) else {
                self.placed.pop_back();
                continue;
            };
            if command.lines.is_some_and(|lines| lines.prompt < at.line) {
                break;
            }
            command.lines = None;
            let change = Change::Moved(command.clone());
            self.changes.push_back(change);
            self.placed.pop_back();
        }
        let nearest: Vec<u64> = self.placed.iter().rev().take(MAX_NESTED).copied().collect();
        for number in nearest {
            let Some(command) = self.get_mut(number) else {
                continue;
            };
            let left = command.lines.map(|lines| lines.up_to(at));
            if left != command.lines {
                command.lines = left;
                let change = Change::Moved(command.clone());
                self.changes.push_back(change);
            }
        }
    }

    /// Drops the oldest that have ended until the bounds are kept: their texts alone, while somebody looks back.
    fn bound(&mut self) {
        let most = match self.looks_back {
            true => MAX_OLDER,
            false => MAX_COMMANDS,
        };
        while self.list.len() > most || self.bytes > MAX_BYTES {
            let only_texts = self.looks_back && self.list.len() <= most;
            let may_go = |command: &Command| {
                let is_spent = only_texts && command.bytes() == 0;
                command.ended_ms.is_some() && !is_spent
            };
            let Some(at) = self.list.iter().position(may_go) else {
                break;
            };
            self.bytes -= self.list[at].bytes();
            if only_texts {
                self.list[at].strip();
            } else if let Some(dropped) = self.list.remove(at)
                && let Ok(at) = self.placed.binary_search(&dropped.number)
            {
                self.placed.remove(at);
            }
        }
    }

    /// Finds those that have lines, and sees to it that these follow each other: of two that do not, the newer is right.
    fn place_again(&mut self) {
        self.placed.clear();
        let mut next = u64::MAX;
        for command in self.list.iter_mut().rev() {
            let lines = command.lines.filter(|lines| {
                let is_whole = lines.end.is_none_or(|end| lines.output <= end);
                is_whole && lines.prompt <= lines.output && lines.prompt < next
            });
            command.lines = lines;
            if let Some(lines) = lines {
                next = lines.prompt;
                self.placed.push_front(command.number);
            }
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        let found = self
            .list
            .binary_search_by_key(&number, |found| found.number);
        found.ok()
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Command> {
        let at = self.index(number)?;
        self.list.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A shell that tells nothing itself: its command lines are named by where they stand.
    struct Screen;

    impl Asked for Screen {
        fn text(&self, from: At, to: At) -> String {
            format!("{}:{}-{}:{}", from.line, from.col, to.line, to.col)
        }

        fn dir(&self) -> String {
            "/home".to_owned()
        }
    }

    fn at(line: u64, col: u64) -> At {
        At { line, col }
    }

    fn said(text: &str) -> Mark {
        output(CommandLine::Said(text.to_owned()))
    }

    fn output(text: CommandLine) -> Mark {
        Mark::Output { text, dir: None }
    }

    /// Marks of one shell, each a second after the one before.
    fn marked(marks: impl IntoIterator<Item = (Mark, At)>) -> Commands {
        let mut commands = Commands::default();
        for (second, (mark, at)) in (1..).zip(marks) {
            commands.mark(mark, "", at, 1000 * second, &Screen);
        }
        commands
    }

    /// A prompt on line `from`, a command named `text` with `lines` lines of output, and its end.
    fn ran(from: u64, text: &str, lines: u64) -> [(Mark, At); 4] {
        [
            (Mark::Prompt, at(from, 0)),
            (Mark::Command, at(from, 2)),
            (said(text), at(from + 1, 0)),
            (Mark::End(Some(0)), at(from + 1 + lines, 0)),
        ]
    }

    fn extents(commands: &Commands) -> Vec<Option<(u64, u64, Option<u64>)>> {
        let of = |lines: Extent| (lines.prompt, lines.output, lines.end);
        commands.iter().map(|found| found.lines.map(of)).collect()
    }

    #[test]
    fn a_command_has_its_lines_its_time_and_its_end() {
        let mut commands = marked([
            (Mark::Prompt, at(7, 0)),
            (Mark::Command, at(8, 2)),
            (output(CommandLine::Unsaid), at(9, 0)),
            (Mark::End(Some(2)), at(12, 4)),
        ]);
        let expected = Command {
            number: 1,
            text: "8:2-9:0".into(),
            dir: "/home".into(),
            exit: Some(2),
            started_ms: 3000,
            ended_ms: Some(4000),
            lines: Some(Extent {
                prompt: 7,
                output: 9,
                end: Some(13),
                last_cols: 4,
            }),
            shell: String::new(),
        };
        assert_eq!(commands.iter().collect::<Vec<_>>(), [&expected]);
        assert!(matches!(commands.poll(), Some(Change::Began(_))));
        assert_eq!(commands.poll(), Some(Change::Ended(expected)));
        assert_eq!(commands.poll(), None);
    }

    #[test]
    fn an_empty_line_and_an_interrupted_one_are_no_commands() {
        let commands = marked([
            (Mark::Prompt, at(0, 0)),
            (Mark::Command, at(0, 2)),
            (Mark::End(Some(130)), at(1, 0)),
            (Mark::Prompt, at(1, 0)),
            (Mark::Command, at(1, 2)),
        ]);
        assert_eq!(commands.iter().len(), 0);
        assert_eq!(commands.prompts().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_shell_that_does_not_tell_the_end_tells_it_by_its_next_prompt() {
        let commands = marked([
            (said("exec bash"), at(1, 0)),
            (Mark::Prompt, at(3, 0)),
            (said("ls"), at(4, 0)),
        ]);
        let ended: Vec<_> = commands
            .iter()
            .map(|found| (found.exit, found.ended_ms))
            .collect();
        assert_eq!(ended, [(None, Some(2000)), (None, None)]);
        assert_eq!(commands.running().map(|found| &*found.text), Some("ls"));
    }

    #[test]
    fn commands_in_a_shell_in_a_shell_end_with_it() {
        let mut commands = Commands::default();
        let mut mark = |shell, mark, line| commands.mark(mark, shell, at(line, 0), line, &Screen);
        mark("1", said("ssh host"), 1);
        mark("2", Mark::Prompt, 2);
        mark("2", said("ls"), 3);
        mark("2", Mark::End(Some(0)), 5);
        mark("2", Mark::Prompt, 5);
        mark("2", said("exit"), 6);
        mark("1", Mark::End(Some(3)), 7);
        let told: Vec<_> = commands
            .iter()
            .map(|c| (&*c.text, c.exit, c.ended_ms))
            .collect();
        assert_eq!(
            told,
            [
                ("ssh host", Some(3), Some(7)),
                ("ls", Some(0), Some(5)),
                ("exit", None, Some(7))
            ]
        );
        assert_eq!(commands.at_line(3).map(|c| &*c.text), Some("ls"));
        assert_eq!(commands.at_line(1).map(|c| &*c.text), Some("ssh host"));
    }

    #[test]
    fn what_is_written_over_has_no_lines_any_more() {
        let mut commands = marked([ran(0, "a", 3), ran(4, "b", 3), ran(8, "c", 3)].concat());
        assert_eq!(
            extents(&commands),
            [
                Some((0, 1, Some(4))),
                Some((4, 5, Some(8))),
                Some((8, 9, Some(12)))
            ]
        );
        while commands.poll().is_some() {}
        commands.mark(Mark::Prompt, "", at(6, 0), 99, &Screen);
        assert_eq!(
            extents(&commands),
            [Some((0, 1, Some(4))), Some((4, 5, Some(6))), None]
        );
        let written = std::iter::from_fn(|| commands.poll());
        let written: Vec<_> = written.map(|change| change.command().number).collect();
        assert_eq!(written, [3, 2], "it is written down, once");
        commands.mark(Mark::Command, "", at(6, 2), 99, &Screen);
        assert_eq!(commands.poll(), None);
        commands.mark(Mark::Prompt, "", at(4, 3), 99, &Screen);
        assert_eq!(extents(&commands), [Some((0, 1, Some(4))), None, None]);
        assert_eq!(commands.prompts().collect::<Vec<_>>(), [0, 4]);
    }

    #[test]
    fn output_without_a_line_end_shares_its_line_with_the_next_prompt() {
        let commands = marked([
            (said("printf x"), at(1, 0)),
            (Mark::End(Some(0)), at(1, 1)),
            (Mark::Prompt, at(1, 1)),
        ]);
        assert_eq!(extents(&commands), [None]);
        let commands = marked([
            (Mark::Prompt, at(0, 0)),
            (said("printf x"), at(1, 0)),
            (Mark::End(Some(0)), at(1, 1)),
            (Mark::Prompt, at(1, 1)),
        ]);
        assert_eq!(extents(&commands), [Some((0, 1, Some(2)))]);
    }

    #[test]
    fn memory_keeps_the_newest_and_what_runs() {
        let mut commands = Commands::default();
        commands.mark(said("outer"), "1", at(0, 0), 0, &Screen);
        let long = "x".repeat(3 * super::super::command::MAX_TEXT);
        for n in 1..2 * MAX_COMMANDS as u64 {
            let text = if n % 100 == 0 { &long } else { "make" };
            commands.mark(said(text), "2", at(n, 0), n, &Screen);
            commands.mark(Mark::End(Some(0)), "2", at(n, 1), n, &Screen);
            while commands.poll().is_some() {}
        }
        assert!(commands.list.len() <= MAX_COMMANDS && commands.bytes <= MAX_BYTES);
        assert!(commands.list.len() > MAX_COMMANDS / 2);
        let (first, last) = (&commands.list[0], &commands.list[commands.list.len() - 1]);
        assert_eq!(
            (&*first.text, last.number),
            ("outer", 2 * MAX_COMMANDS as u64)
        );
        commands.mark(Mark::End(Some(1)), "1", at(20_000, 0), 7, &Screen);
        assert!(matches!(commands.poll(), Some(Change::Ended(outer)) if outer.number == 1));
    }

    #[test]
    fn older_ones_come_from_the_file_while_somebody_looks_back() {
        let (mut commands, mut older) = (Commands::default(), Older::default());
        let count = 2 * MAX_COMMANDS as u64;
        commands.mark(said("outer"), "1", at(0, 0), 0, &Screen);
        let ran = |commands: &mut Commands, n: u64| {
            commands.mark(Mark::Prompt, "2", at(2 * n, 0), n, &Screen);
            commands.mark(said("make"), "2", at(2 * n + 1, 0), n, &Screen);
            commands.mark(Mark::End(Some(1)), "2", at(2 * n + 2, 0), n, &Screen);
        };
        for n in 1..count {
            ran(&mut commands, n);
            while let Some(change) = commands.poll() {
                older.add(change.command().clone());
            }
        }
        assert!(commands.has_older() && commands.known_from() > count);
        assert_eq!(commands.at_line(8).map(|found| found.number), Some(1));
        let before = commands.bytes;
        commands.look_back(older);
        assert!(!commands.has_older() && commands.known_from() == 0);
        assert_eq!(
            (commands.list.len() as u64, commands.bytes),
            (count, before)
        );
        assert_eq!(commands.at_line(8).map(|found| found.number), Some(5));
        let prompts: Vec<u64> = commands.prompts_in(3..9).collect();
        assert_eq!(prompts, [4, 6, 8]);
        assert_eq!(commands.prompts_in(Range { start: 9, end: 3 }).count(), 0);
        // What goes on meanwhile takes nothing away.
        ran(&mut commands, count);
        assert_eq!(commands.list.len() as u64, count + 1);
        assert_eq!(commands.running().map(|found| found.number), None);
        commands.forget_older();
        assert_eq!(commands.list.len(), MAX_COMMANDS);
        assert_eq!(commands.list[0].text, "outer");
        assert!(commands.has_older());
    }

    #[test]
    fn long_lines_cost_a_bounded_amount_while_somebody_looks_back() {
        let mut commands = Commands::default();
        commands.look_back(Older::default());
        let long = "x".repeat(3 * super::super::command::MAX_TEXT);
        for n in 0..500 {
            commands.mark(said(&long), "", at(n, 0), n, &Screen);
        }
        assert_eq!(commands.list.len(), 500);
        let bytes: usize = commands.iter().map(Command::bytes).sum();
        assert!(bytes == commands.bytes && bytes <= MAX_BYTES && bytes > MAX_BYTES / 2);
    }

    #[test]
    fn a_server_that_starts_again_knows_what_ran_and_what_runs() {
        let mut before = marked(ran(0, "a", 3));
        before.mark(Mark::Prompt, "", at(4, 0), 5000, &Screen);
        before.mark(said("make"), "", at(5, 0), 6000, &Screen);
        let records = std::iter::from_fn(|| before.poll());
        let mut after = Commands::recover(records.map(|change| change.command().clone()));
        assert_eq!(before.list, after.list);
        assert_eq!(after.running().map(|found| &*found.text), Some("make"));
        after.mark(Mark::End(Some(1)), "", at(9, 0), 9000, &Screen);
        assert_eq!(
            after.iter().next_back().map(|found| found.exit),
            Some(Some(1))
        );
        after.mark(said("next"), "", at(11, 0), 9000, &Screen);
        assert_eq!(after.running().map(|found| found.number), Some(3));
    }

    fn any_mark() -> impl Strategy<Value = (Mark, &'static str, At, u64)> {
        let mark = prop_oneof![
            Just(Mark::Prompt),
            Just(Mark::Command),
            Just(output(CommandLine::Unsaid)),
            "[a-z]{0,9}".prop_map(|text| said(&text)),
            "[a-z]{0,9}".prop_map(|text| output(CommandLine::Repeated(text))),
            prop::option::of(-1..3i32).prop_map(Mark::End),
        ];
        let shell = prop::sample::select(vec!["", "1", "2", "3"]);
        let place = (0..30u64, 0..3u64).prop_map(|(line, col)| At { line, col });
        (mark, shell, place, 0..99u64)
    }

    proptest! {
        #[test]
        fn whatever_is_marked_the_laws_hold(marks in prop::collection::vec(any_mark(), 0..60)) {
            let mut commands = Commands::default();
            let mut written = Vec::new();
            for (mark, shell, at, now_ms) in marks {
                commands.mark(mark, shell, at, now_ms, &Screen);
                while let Some(change) = commands.poll() {
                    let record = change.command();
                    prop_assert!(record.ended_ms.is_none_or(|ended| ended >= record.started_ms));
                    written.push(record.clone());
                }
                let numbers: Vec<_> = commands.iter().map(|found| found.number).collect();
                prop_assert!(numbers.is_sorted_by(|a, b| a < b));
                let prompts: Vec<_> = commands.prompts().collect();
                prop_assert!(prompts.is_sorted(), "{prompts:?}");
                for command in commands.iter() {
                    let Some(lines) = command.lines else { continue };
                    prop_assert!(commands.placed.contains(&command.number));
                    prop_assert!(lines.prompt <= lines.output && lines.output <= lines.end.unwrap_or(99));
                    prop_assert!(lines.prompt <= at.line);
                    prop_assert!(lines.end.is_none_or(|end| end <= at.behind()));
                }
                let running = commands.iter().filter(|found| found.ended_ms.is_none()).count();
                prop_assert!(running <= commands.shells.len());
            }
            let again = Commands::recover(written);
            let ends = |commands: &Commands| -> Vec<_> {
                commands.iter().map(|found| (found.number, found.exit, found.ended_ms)).collect()
            };
            prop_assert_eq!(ends(&again), ends(&commands));
            prop_assert_eq!(extents(&again), extents(&commands));
        }
    }
}
