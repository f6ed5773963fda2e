//! A pane with what it has in the world: its PTY's master, its process and its files.

use super::echo::Typing;
use super::foreground;
use super::recent::News;
use super::record::Record;
use super::revive::Revival;
use super::world::unix_ms;
use crate::disk::history::History;
use crate::net::watched::Watched;
use crate::pane::{Ending, Pane, Stored};
use crate::session::clean_title;
use crate::term::{Effect, Size};
use rustix::termios::{Winsize, tcsetwinsize};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// A pane and its place in the world.
pub(super) struct Hosted {
    pub pane: Pane,
    pub history: History,
    /// The line from which marks count that are yet to be taken.
    pub marks_from: u64,
    pub process: Option<Process>,
    /// Its program has ended like this; the screen may still lack its last output.
    pub ending: Option<Ending>,
    /// When that was, in milliseconds since the Unix epoch.
    pub ended_ms: u64,
    /// The shell that it was started with; empty if it runs a command.
    pub shell: String,
    /// The title that the user gave it; empty if none.
    pub name: String,
    /// The program's title when it was looked at last.
    told_title: String,
    /// When it came into this server's world.
    pub started_at: Instant,
    /// When it printed last, if silence is watched for.
    pub printed_at: Instant,
    /// Whether its silence was marked, or it has printed nothing yet.
    pub is_silent: bool,
    /// Whether its output was marked since somebody looked.
    pub is_marked: bool,
    /// The command in the foreground, as the tab is named by it.
    pub command: String,
    /// Whether its program was started at all.
    pub started: bool,
    /// Whether a snapshot is due.
    pub dirty: bool,
    /// Set while its process is gone and it waits to be started again.
    pub revival: Option<Revival>,
    /// What is told of it on disk.
    pub record: Record,
    /// Wakes those who follow it.
    pub news: News,
    /// Whether the pane is to go whatever its program exits with.
    pub closing: bool,
    /// What those have to know who type into it.
    pub typing: Typing,
    /// Since when a synchronized update is open.
    pub synchronized_since: Option<Instant>,
    command_read_at: Option<Instant>,
}

/// A running program.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub pid: u32,
    /// Clock ticks since boot.
    pub start_time: u64,
    pub master: Rc<Watched>,
    /// Wakes the task that reads and writes the PTY.
    pub wake: Rc<Notify>,
}

/// Programs that wait for commands: one may be ended without a question while it does.
const SHELLS: [&str; 15] = [
    "sh", "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "rbash",
    "tcsh", "xonsh", "zsh",
];

/// How long the name of the foreground command is taken for fresh.
const COMMAND_AGE: Duration = Duration::from_millis(500);

/// The longest that frames wait for a program to end its synchronized update.
const SYNCHRONIZED_MAX: Duration = Duration::from_millis(100);

impl Hosted {
    pub fn new(pane: Pane, history: History) -> Self {
        let command = pane
            .origin
            .argv
            .first()
            .map(|program| base_name(program))
            .unwrap_or_default();
        Self {
            pane,
            marks_from: history.end_line(),
            history,
            process: None,
            ending: None,
            ended_ms: 0,
            shell: String::new(),
            name: String::new(),
            told_title: String::new(),
            started_at: Instant::now(),
            printed_at: Instant::now(),
            is_silent: true,
            is_marked: false,
            command,
            started: false,
            dirty: true,
            revival: None,
            record: Record::default(),
            news: News::default(),
            closing: false,
            typing: Typing::default(),
            synchronized_since: None,
            command_read_at: None,
        }
    }

    /// Takes output of the program as long as `goes_on` says so: draws it and stores the lines that left memory. Returns
    /// how many bytes it took.
    pub fn output(&mut self, bytes: &[u8], goes_on: impl FnMut() -> bool) -> usize {
        self.pane.set_now(unix_ms());
        let taken = self.pane.output_while(bytes, goes_on);
        self.store();
        self.news.stir();
        self.dirty = true;
        self.synchronized_since = match self.synchronized_since {
            _ if !self.pane.emulator().is_synchronized() => None,
            None => Some(Instant::now()),
            since => since,
        };
        taken
    }

    pub(super) fn store(&mut self) {
        let spill = self.pane.take_spill();
        let first = self.history.end_line();
        self.marks_from = first;
        if spill.lines > 0 {
            self.history
                .append_timed(spill.lines, &spill.bytes, &spill.times);
        }
        if let Some(lines) = spill.floor {
            self.history.set_floor(first + lines);
        }
    }

    /// What the output asks for beside drawing.
    pub fn poll(&mut self) -> Option<Effect> {
        self.pane.poll()
    }

    /// How many milliseconds frames still wait for the program to end its synchronized update.
    pub fn synchronized_for(&mut self) -> Option<u64> {
        let left = SYNCHRONIZED_MAX.saturating_sub(self.synchronized_since?.elapsed());
        if left.is_zero() {
            self.pane.end_synchronized();
            self.synchronized_since = None;
            return None;
        }
        Some(left.as_millis() as u64 + 1)
    }

    /// Writes queued input as far as the PTY takes it; the PTY's task goes on with the rest.
    pub fn pump(&mut self) {
        let Some(process) = &self.process else { return };
        while !self.pane.unwritten().is_empty() {
            match process.master.try_write(self.pane.unwritten()) {
                Ok(count) => self.pane.wrote(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return process.wake.notify_one();
                }
                // The program's side is closed: nobody will read this.
                Err(_) => return self.pane.wrote(self.pane.unwritten().len()),
            }
        }
    }

    /// Gives the screen and the program's terminal a size; says whether that was a change.
    pub fn resize(&mut self, size: Size) -> bool {
        let changed = self.pane.resize(size);
        if changed {
            self.store();
            self.dirty = true;
            self.tell_size(size);
            self.pump();
        }
        changed
    }

    /// Tells the program's terminal its size, which sends SIGWINCH if it differs.
    pub fn tell_size(&self, size: Size) {
        if let Some(process) = &self.process {
            let winsize = Winsize {
                ws_row: size.rows,
                ws_col: size.cols,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            if let Err(error) = tcsetwinsize(process.master.as_ref(), winsize) {
                tracing::debug!(pane = self.pane.id.0, %error, "the terminal takes no size");
            }
        }
    }

    /// Reads the name of the command in the foreground if it may have changed; says whether it has.
    pub fn refresh_command(&mut self, force: bool) -> bool {
        let Some(process) = &self.process else {
            return false;
        };
        if !force
            && self
                .command_read_at
                .is_some_and(|at| at.elapsed() < COMMAND_AGE)
        {
            return false;
        }
        self.command_read_at = Some(Instant::now());
        let name = foreground::command(process.master.as_ref(), process.pid);
        match name {
            Some(name) if name != self.command => {
                self.command = name;
                true
            }
            _ => false,
        }
    }

    /// Whether anything but a shell runs in its foreground.
    pub fn is_busy(&self) -> bool {
        let Some(process) = &self.process else {
            return false;
        };
        let (terminal, pid) = (process.master.as_ref(), process.pid);
        // The shell that it was started with may have arguments of its own.
        let is_own = foreground::leader(terminal, pid) == pid
            && !self.shell.is_empty()
            && foreground::command(terminal, pid).as_ref() == Some(&self.shell);
        !is_own && !foreground::is_idle_shell(terminal, pid, &SHELLS)
    }

    /// What would end with it that its user may want to keep: what runs in its foreground, or else a job of its shell.
    pub fn runs(&mut self) -> Option<String> {
        if self.is_busy() {
            self.refresh_command(true);
            return Some(self.command.clone());
        }
        let job = foreground::job(self.process.as_ref()?.pid)?;
        Some(clean_title(&job))
    }

    /// Whether the program has given itself another title since this was asked last.
    pub fn has_new_title(&mut self) -> bool {
        let title = self.pane.emulator().title();
        let is_new = title != self.told_title;
        if is_new {
            title.clone_into(&mut self.told_title);
        }
        is_new
    }

    /// What its border says: the user's name for it, the program's title, or the command that runs.
    pub fn title(&self) -> String {
        let said = clean_title(self.pane.emulator().title());
        [&self.name, &said, &self.command]
            .into_iter()
            .find(|title| !title.is_empty())
            .cloned()
            .unwrap_or_default()
    }

    /// Whether its program has ended with a failure.
    pub fn has_failed(&self) -> bool {
        let ending = self.pane.ending().filter(|_| self.revival.is_none());
        ending.is_some_and(|ending| !ending.is_success())
    }

    /// The directory that the program is in: as it said itself (OSC 7), or as the system knows.
    pub fn cwd(&self) -> String {
        if let Some(revival) = &self.revival {
            return revival.cwd.clone();
        }
        let said = self
            .pane
            .emulator()
            .cwd()
            .map(PathBuf::from)
            .filter(|dir| dir.is_dir());
        let known = || {
            foreground::directory(
                self.process.as_ref()?.master.as_ref(),
                self.process.as_ref()?.pid,
            )
        };
        match said.or_else(known) {
            Some(dir) => dir.to_string_lossy().into_owned(),
            None => self.pane.origin.cwd.clone(),
        }
    }

    /// What is wrong with its files, in words.
    pub fn warning(&self) -> Option<String> {
        self.history
            .warning()
            .map(|warning| format!("{}: {warning}", self.pane.id))
    }
}

impl Stored for History {
    fn first_line(&self) -> u64 {
        History::first_line(self).max(self.floor())
    }

    fn end_line(&self) -> u64 {
        History::end_line(self)
    }

    fn oldest_line(&self) -> u64 {
        History::first_line(self)
    }

    fn gap_at(&self, line: u64) -> Option<Range<u64>> {
        History::gap_at(self, line)
    }

    fn time_of(&self, line: u64) -> Option<u64> {
        let at = History::time_of(self, line).ok().flatten();
        at.filter(|at| *at > 0)
    }

    fn line_at(&self, unix_ms: u64) -> Option<u64> {
        self.line_at_time(unix_ms).ok()
    }

    fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8])) {
        if let Err(error) = History::read(self, start, max, each) {
            tracing::warn!(%error, "scrollback cannot be read");
        }
    }
}

/// The last part of a path, as a program is called.
pub(super) fn base_name(program: &str) -> String {
    program
        .rsplit('/')
        .next()
        .unwrap_or(program)
        .trim_start_matches('-')
        .to_owned()
}
