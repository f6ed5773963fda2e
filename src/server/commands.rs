//! Commands as the server sees them: what shells mark becomes records, in memory and in the pane's file, and whoever
//! looks elsewhere is told when a long one has ended.

use super::Server;
use super::hosted::Hosted;
use super::world::{World, unix_ms};
use crate::disk::commands;
use crate::disk::key::Keys;
use crate::pane::commands::{Asked, At, Change, Command, Older};
use crate::pane::{Commands, Window, duration};
use crate::protocol::command::OutputCommand;
use crate::protocol::{Event, PaneId, ViewerId};
use crate::term::{Effect, Mark, Notice, Urgency};
use std::path::Path;
use tokio::task::spawn_blocking;

/// Bytes of records that a server reads when it takes up a pane; the older ones stay in the file.
const RECOVERED_BYTES: u64 = 1 << 20;

/// Characters of a command line that a notice has room for.
const NAMED_CHARS: usize = 60;

/// Lines that a command line may have when it is read off the screen.
const MAX_TYPED_LINES: u64 = 100;

/// The commands that stand in a pane's directory.
pub(super) fn recover(pane_dir: &Path, keys: &Keys) -> Commands {
    let mut records = Vec::new();
    let read = commands::read(pane_dir, keys, RECOVERED_BYTES, &mut |line| {
        records.extend(serde_json::from_str::<Command>(line));
    });
    if let Err(error) = read {
        tracing::warn!(%error, "the commands of a pane cannot be read");
    }
    Commands::recover(records)
}

/// Takes up commands that are older than those in memory, if what `viewer` wants of them asks for it. The pane's file is
/// read elsewhere: that may take some time.
pub(super) async fn look_back(
    server: &Server,
    viewer: ViewerId,
    pane: PaneId,
    wanted: OutputCommand,
) {
    let file = server.with(|world| {
        let wants = |window: &mut Window, hosted: &Hosted| {
            window.wants_older(wanted, &hosted.pane.commands)
        };
        let wants = world.with_window(viewer, pane, wants)?;
        wants.then(|| (world.places.pane_dir(pane.0), world.writer.keys().clone()))
    });
    let Some((dir, keys)) = file else { return };
    let Ok(older) = spawn_blocking(move || older(&dir, &keys)).await else {
        return;
    };
    server.with(|world| {
        if let Some(hosted) = world.panes.get_mut(&pane) {
            hosted.pane.commands.look_back(older);
        }
    });
}

fn older(pane_dir: &Path, keys: &Keys) -> Older {
    let mut older = Older::default();
    let read = commands::read(pane_dir, keys, u64::MAX, &mut |line| {
        if let Ok(record) = serde_json::from_str(line) {
            older.add(record);
        }
    });
    if let Err(error) = read {
        tracing::warn!(%error, "the older commands of a pane cannot be read");
    }
    older
}

/// A pane, asked for what a shell did not tell.
struct Screen<'a>(&'a Hosted);

impl Asked for Screen<'_> {
    fn text(&self, from: At, to: At) -> String {
        let last = to.line.min(from.line + MAX_TYPED_LINES);
        let Screen(hosted) = self;
        let to = At { line: last, ..to };
        hosted.pane.text_between(&hosted.history, from, to)
    }

    fn dir(&self) -> String {
        self.0.cwd()
    }
}

impl Hosted {
    /// Takes a mark (OSC 133) that the program has just made, if `effect` is one; says whether it was.
    pub fn marked(&mut self, effect: &Effect) -> bool {
        let Effect::Mark {
            mark,
            shell,
            line,
            col,
        } = effect
        else {
            return false;
        };
        let at = At {
            line: self.marks_from + line,
            col: *col,
        };
        self.typing.prompt = match mark {
            Mark::Command => self.pane.row_at(at, &self.history),
            _ => None,
        };
        let mut commands = std::mem::take(&mut self.pane.commands);
        let screen = Screen(self);
        commands.mark(mark.clone(), shell, at, unix_ms(), &screen);
        self.pane.commands = commands;
        true
    }

    /// Takes note that the program ended at `at_ms`, and with it what its shells ran.
    pub fn commands_ended(&mut self, at_ms: u64) {
        let at = self.pane.cursor_at(&self.history);
        self.pane.commands.program_ended(at, at_ms);
    }
}

impl World {
    /// Writes down what the last marks have changed, and tells of a command that took long.
    pub fn note_commands(&mut self, pane: PaneId) {
        let ended = self.write_commands(pane);
        let patience_ms = self.config.alerts.notify_secs.saturating_mul(1000);
        let is_long = |command: &&Command| command.ran_ms(0) >= patience_ms;
        if patience_ms > 0
            && let Some(command) = ended.iter().rfind(is_long)
        {
            self.tell_ended(pane, command);
        }
    }

    /// Writes down that nothing runs any more in a pane that is about to go.
    pub fn close_commands(&mut self, pane: PaneId) {
        if let Some(hosted) = self.panes.get_mut(&pane) {
            hosted.commands_ended(unix_ms());
            self.write_commands(pane);
        }
    }

    /// Writes down what the last marks have changed; says which commands have ended by them.
    fn write_commands(&mut self, pane: PaneId) -> Vec<Command> {
        let (mut lines, mut ended) = (Vec::new(), Vec::new());
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return ended;
        };
        while let Some(change) = hosted.pane.commands.poll() {
            // A record is text and numbers: it can be written as JSON.
            lines.extend(serde_json::to_vec(change.command()).unwrap_or_default());
            lines.push(b'\n');
            if let Change::Ended(command) = change {
                ended.push(command);
            }
        }
        if !lines.is_empty() {
            self.introduce(pane);
            self.writer.extend(&self.places.pane_dir(pane.0), lines);
        }
        ended
    }

    /// Tells the session's clients that a command has ended, unless somebody looks at its pane.
    fn tell_ended(&mut self, pane: PaneId, command: &Command) {
        if self.viewers.values().any(|viewer| viewer.shows(pane)) {
            return;
        }
        let mut place = String::new();
        if let Some(session) = self.sessions.of_pane(pane) {
            let tab = session
                .tabs
                .iter()
                .position(|tab| tab.layout.contains(pane));
            place = format!(" in {}:{}", session.name, tab.map_or(0, |tab| tab + 1));
        }
        self.mark(pane, |marks| &mut marks.bell);
        let notice = Notice {
            title: String::new(),
            body: format!("{}{place}", sentence(command)),
            urgency: match command.has_failed() {
                true => Urgency::Critical,
                false => Urgency::Normal,
            },
        };
        self.tell(pane, &Event::Notice(notice));
    }
}

/// `make -j8 failed (2) after 4 m 10 s`.
fn sentence(command: &Command) -> String {
    let first = command.text.lines().next().unwrap_or_default();
    let mut name: String = first
        .chars()
        .filter(|c| !crate::term::hidden::is_steering(*c))
        .take(NAMED_CHARS)
        .collect();
    if name.len() < command.text.len() {
        name.push('…');
    }
    if name.is_empty() {
        name.push_str("a command");
    }
    let how = match command.exit {
        Some(0) => "is done".to_owned(),
        Some(code) => format!("failed ({code})"),
        None => "ended".to_owned(),
    };
    format!("{name} {how} after {}", duration(command.ran_ms(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_is_told_in_one_line() {
        let mut command = Command {
            text: "make -j8".into(),
            exit: Some(2),
            ended_ms: Some(250_000),
            ..Command::default()
        };
        assert_eq!(sentence(&command), "make -j8 failed (2) after 4 m 10 s");
        command.text = format!("for x in *\u{202e}\ndo {}", "y".repeat(99));
        command.exit = Some(0);
        assert_eq!(sentence(&command), "for x in *… is done after 4 m 10 s");
        command.text.clear();
        command.exit = None;
        assert_eq!(sentence(&command), "a command ended after 4 m 10 s");
    }
}
