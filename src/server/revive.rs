//! Back from the dead: sessions that nobody runs any more, brought back as they were. Each of their panes shows its old
//! screen and waits: nothing runs before its user says so.

use super::hosted::{Hosted, base_name};
use super::persist::read_said;
use super::world::{World, unix_ms};
use super::{Server, commands, spawn};
use crate::disk::history::History;
use crate::disk::meta::Meta;
use crate::disk::snapshot::Snapshot;
use crate::pane::{Ending, Origin, Pane, can_type, quote};
use crate::protocol::request::WhichDead;
use crate::protocol::{Event, PaneId, SessionId};
use crate::scrollback::recovery::Recovery;
use crate::term::{Emulator, Modes, Size};
use anyhow::{Context, Result, bail};
use rustix::termios::{LocalModes, tcgetattr};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often to look whether a new shell waits for a command, and for how long.
const READY_CHECK: Duration = Duration::from_millis(20);
const READY_WAIT: Duration = Duration::from_secs(5);

/// A shell without a line editor waits for a command once it has printed something and then nothing for so long.
const PROMPT_QUIET: Duration = Duration::from_millis(200);

/// Most directories of one pane that are put aside.
const MAX_ASIDE: u32 = 100;

/// What a pane whose process is gone can be started with again.
#[derive(Debug, Clone, Default)]
pub(super) struct Revival {
    /// The directory that its program was in.
    pub cwd: String,
    /// What ran in it, as one types it in a shell; empty if a shell waited for commands.
    pub command: String,
}

/// What is started in a restored pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The shell.
    Shell,
    /// What ran there.
    Command,
}

/// Starts something in a restored pane, below its old text.
pub(super) async fn start(server: &Server, pane: PaneId, again: Again) -> Result<()> {
    let (before, typed) = server.with(|world| {
        let hosted = world.panes.get_mut(&pane).context("the pane is gone")?;
        let before = (hosted.pane.origin.clone(), hosted.revival.clone());
        anyhow::Ok((before, hosted.make_ready(again)?))
    })?;
    let (origin, Some(revival)) = before else {
        bail!("the pane runs");
    };
    if let Some(note) = server.with(|world| world.mend_directory(pane)) {
        server.with(|world| world.tell(pane, &Event::Message(note)));
    }
    if let Err(error) = spawn::try_start(server, pane).await {
        server.with(|world| {
            if let Some(hosted) = world.panes.get_mut(&pane) {
                hosted.pane.origin = origin;
                hosted.lie(revival);
            }
        });
        return Err(error);
    }
    if let Some(line) = typed {
        let server = server.clone();
        tokio::task::spawn_local(async move { type_when_ready(&server, pane, &line).await });
    }
    Ok(())
}

/// Types a line into a new shell as soon as that waits for one: before, it would be shown twice.
async fn type_when_ready(server: &Server, pane: PaneId, line: &str) {
    let begun = Instant::now();
    let (mut seen, mut quiet_since) = (None, begun);
    while begun.elapsed() < READY_WAIT {
        let state = server.with(|world| {
            let hosted = world.panes.get(&pane)?;
            Some((hosted.edits_a_line(), hosted.pane.emulator().version()))
        });
        let Some((false, version)) = state else {
            break;
        };
        if seen.is_some_and(|seen| seen != version) {
            quiet_since = Instant::now();
        }
        let has_printed = quiet_since > begun;
        if has_printed && quiet_since.elapsed() > PROMPT_QUIET {
            break;
        }
        seen = Some(version);
        tokio::time::sleep(READY_CHECK).await;
    }
    server.with(|world| {
        if let Some(hosted) = world.panes.get_mut(&pane) {
            hosted.pane.write(line.as_bytes());
            hosted.pane.write(b"\r");
            hosted.pump();
        }
    });
}

impl Hosted {
    /// Makes it a pane that waits to be started again.
    pub fn lie(&mut self, revival: Revival) {
        let at = self.pane.cursor_at(&self.history);
        self.pane.commands.program_ended(at, self.ended_ms);
        self.pane.restored(&revival.command);
        self.ending = Some(Ending::Unseen);
        self.revival = Some(revival);
        self.dirty = true;
        self.store();
    }

    /// Makes ready for the start of what is wanted; says what is to be typed then.
    fn make_ready(&mut self, again: Again) -> Result<Option<String>> {
        let Some(revival) = self.revival.clone() else {
            bail!("{} was not restored: `wt pane restart`", self.pane.id);
        };
        let has_own = !self.pane.origin.argv.is_empty();
        let typed = match again {
            Again::Command if revival.command.is_empty() => {
                bail!("nothing ran in {} but its shell", self.pane.id)
            }
            Again::Command => (!has_own).then_some(revival.command),
            Again::Shell => None,
        };
        // What was started with a command of its own starts where it did then.
        if again == Again::Shell || !has_own {
            self.pane.origin.argv.clear();
            self.pane.origin.cwd = revival.cwd;
        }
        self.revival = None;
        self.ending = None;
        self.pane.restarted(unix_ms());
        Ok(typed)
    }

    /// Whether its shell has a line editor, and that waits for a command.
    fn edits_a_line(&self) -> bool {
        let Some(process) = &self.process else {
            return true;
        };
        let settings = tcgetattr(process.master.as_ref());
        let edits = settings.is_ok_and(|it| !it.local_modes.contains(LocalModes::ICANON));
        edits
            || self
                .pane
                .emulator()
                .modes()
                .contains(Modes::BRACKETED_PASTE)
    }
}

impl World {
    /// Makes a pane of what the snapshot and the scrollback's files know of it; `told` is what the holder knows.
    pub(super) fn take_back(
        &mut self,
        id: PaneId,
        told: Option<Origin>,
        size: Size,
    ) -> Result<Hosted> {
        let dir = self.places.pane_dir(id.0);
        let loaded = Snapshot::load(&dir, self.writer.keys());
        let locked = loaded
            .as_ref()
            .err()
            .filter(|error| error.kind() == ErrorKind::PermissionDenied);
        let locked = locked.map(ToString::to_string);
        let bytes = loaded.ok().flatten();
        let snapshot = bytes
            .as_deref()
            .and_then(|bytes| Snapshot::read(bytes).ok());
        let said = snapshot.as_ref().and_then(read_said);
        let origin = said.as_ref().map(|said| said.origin.clone());
        let origin = told.or(origin).unwrap_or_default();
        let (history, recovery) = self.open_history(id, &dir, snapshot.as_ref())?;
        if let Some(why) = locked {
            history.lock(why);
        }
        let screen_line = snapshot.as_ref().and_then(|snapshot| snapshot.first_line);
        let screen_line = screen_line.or(recovery.journal_end);
        let screen = snapshot.and_then(|snapshot| Emulator::restore(snapshot.emulator).ok());
        let screen = screen.unwrap_or_else(|| Emulator::new(size));
        let mut pane = Pane::with_emulator(id, origin, screen);
        pane.forget_lines(screen_line.map_or(0, |line| recovery.end_line.saturating_sub(line)));
        pane.commands = commands::recover(&dir, self.writer.keys());
        let mut hosted = Hosted::new(pane, history);
        hosted.name = said.map(|said| said.name).unwrap_or_default();
        Ok(hosted)
    }

    /// A pane's scrollback as its files hold it. Files that cannot be read are put aside; the warnings tell of that, and
    /// of what was lost.
    fn open_history(
        &mut self,
        id: PaneId,
        dir: &Path,
        snapshot: Option<&Snapshot<'_>>,
    ) -> Result<(History, Recovery)> {
        let opened = History::open(dir, &self.writer, snapshot).or_else(|error| {
            let aside = put_aside(dir).with_context(|| format!("{error:#}"))?;
            let aside = aside.display();
            self.warn(format!(
                "{id}: scrollback cannot be read ({error:#}): it is put aside as {aside}"
            ));
            anyhow::Ok((History::create(dir, &self.writer)?, Recovery::default()))
        });
        let (history, recovery) = opened?;
        if let Some(lost) = lost(&recovery) {
            self.warn(format!("{id}: scrollback was damaged: {lost}"));
        }
        Ok((history, recovery))
    }

    /// Has it told by `wt server status`, and in the log.
    fn warn(&mut self, warning: String) {
        tracing::warn!(warning);
        self.warnings.push(warning);
    }

    /// Brings back every pane of a session that nobody runs.
    pub(super) fn restore_panes(&mut self, session: SessionId, lost_ms: u64) {
        let Some(session) = self.sessions.get(session) else {
            return;
        };
        let (id, area) = (session.id, session.area);
        for pane in session.panes() {
            if self.panes.contains_key(&pane) {
                continue;
            }
            match self.restored(pane, area, lost_ms) {
                Ok(hosted) => {
                    self.panes.insert(pane, hosted);
                    self.note_commands(pane);
                }
                Err(error) => {
                    tracing::error!(
                        pane = pane.0,
                        error = format!("{error:#}"),
                        "a pane could not be brought back"
                    );
                    self.warnings
                        .push(format!("{pane} could not be brought back: {error:#}"));
                    self.sessions.remove_pane(pane);
                }
            }
        }
        self.arrange(id);
    }

    /// A pane as its files know it, waiting to be started again.
    fn restored(&mut self, id: PaneId, size: Size, lost_ms: u64) -> Result<Hosted> {
        let dir = self.places.pane_dir(id.0);
        let meta = Meta::read(&dir).unwrap_or_else(|error| {
            self.warnings.push(format!("{error:#}"));
            None
        });
        let mut hosted = self.take_back(id, None, size)?;
        let meta = meta.unwrap_or_default();
        let origin = &mut hosted.pane.origin;
        if *origin == Origin::default() {
            origin.argv = meta.origin.argv;
            origin.cwd = meta.origin.cwd;
        }
        let said = [&meta.cwd, &origin.cwd];
        let cwd = said.into_iter().find(|cwd| !cwd.is_empty());
        let cwd = cwd.cloned().unwrap_or_else(|| "/".to_owned());
        let own = quote(&origin.argv);
        // A sealed history tells of it among its commands alone.
        let running = hosted.pane.commands.running();
        let running = running.filter(|command| can_type(&command.text));
        let running = running.map(|command| command.text.clone());
        let told = Some(meta.command).filter(|command| !command.is_empty());
        let command = own.or(told).or(running).unwrap_or_default();
        if let Some(colors) = self.colors {
            hosted.pane.set_colors(colors);
        }
        hosted.ended_ms = meta.ended.map_or(lost_ms, |ended| ended.at_ms);
        hosted.commands_ended(hosted.ended_ms);
        // Its tab is named by what ran there.
        let program = command.split(' ').next().unwrap_or_default();
        hosted.command = match program.trim_matches('\'') {
            "" => "shell".to_owned(),
            program => base_name(program),
        };
        hosted.lie(Revival { cwd, command });
        Ok(hosted)
    }

    /// Brings dead sessions back; says their names, the one used last first.
    pub(super) fn resume(
        &mut self,
        which: &WhichDead,
        env: &[(String, String)],
    ) -> Result<Vec<String>> {
        if self.leaving.stopping {
            bail!("the server is being stopped");
        }
        let found = self.sessions.find_dead(which)?;
        let latest = self.sessions.latest;
        let dead = self.sessions.dead().iter();
        let panes = dead.filter(|dead| found.contains(&dead.session.id));
        let panes: usize = panes.map(|dead| dead.session.panes().len()).sum();
        spawn::check_count(self.panes.len() + panes)?;
        let mut names = Vec::new();
        for id in found {
            let dead = self.sessions.dead().iter();
            let lost_ms = dead.filter(|dead| dead.session.id == id);
            let lost_ms = lost_ms.map(|dead| dead.died.last_seen_ms).sum();
            self.sessions
                .resume(id)
                .context("it was forgotten meanwhile")?;
            self.restore_panes(id, lost_ms);
            let session = self
                .sessions
                .get_mut(id)
                .context("none of its panes came back")?;
            renew_login(&mut session.env, env, &self.config.sharing.login);
            match latest == Some(id) {
                true => names.insert(0, session.name.clone()),
                false => names.push(session.name.clone()),
            }
        }
        self.saved.sessions_changed.notify_one();
        self.saved.panes_changed.notify_one();
        Ok(names)
    }

    /// Leads a pane that is about to start to a directory that exists; says so if that is not its own.
    fn mend_directory(&mut self, pane: PaneId) -> Option<String> {
        let origin = &mut self.panes.get_mut(&pane)?.pane.origin;
        let wanted = Path::new(&origin.cwd);
        let nearest = wanted.ancestors().find(|dir| dir.is_dir())?;
        if nearest == wanted {
            return None;
        }
        let nearest = nearest.to_string_lossy().into_owned();
        let note = format!("{} is gone: started in {nearest}", origin.cwd);
        origin.cwd = nearest;
        Some(note)
    }
}

/// Renames a pane's directory that cannot be read, so that nothing writes over it; says to what.
fn put_aside(dir: &Path) -> Result<PathBuf> {
    let names = (1..=MAX_ASIDE).map(|count| match count {
        1 => dir.with_extension("damaged"),
        count => dir.with_extension(format!("damaged-{count}")),
    });
    let free = names.into_iter().find(|name| !name.exists());
    let aside = free.with_context(|| format!("too much lies beside {}", dir.display()))?;
    std::fs::rename(dir, &aside)
        .with_context(|| format!("{} cannot be put aside", dir.display()))?;
    Ok(aside)
}

/// What was not found again, in words; `None` if nothing is missing. A block that was being written when the power went
/// is no loss by itself: its lines are in the journal, or counted as missing.
fn lost(recovery: &Recovery) -> Option<String> {
    let said = [
        (recovery.missing_lines, "lines are missing"),
        (recovery.damaged_bytes, "bytes of blocks cannot be read"),
    ];
    let said = said.into_iter().filter(|(count, _)| *count > 0);
    let said: Vec<_> = said
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Takes over what belongs to the client's login.
fn renew_login(env: &mut Vec<(String, String)>, client: &[(String, String)], login: &[String]) {
    let is_login = |(name, _): &(String, String)| login.contains(name);
    if !client.is_empty() {
        env.retain(|variable| !is_login(variable));
        env.extend(client.iter().filter(|variable| is_login(variable)).cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sharing;

    #[test]
    fn what_is_put_aside_takes_the_place_of_nothing() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("7");
        let put = || {
            std::fs::create_dir_all(dir.join("scrollback")).unwrap();
            put_aside(&dir).unwrap()
        };
        let names = [put(), put(), put()];
        let expected = ["7.damaged", "7.damaged-2", "7.damaged-3"];
        assert_eq!(names, expected.map(|name| root.path().join(name)));
        assert!(!dir.exists());
    }

    #[test]
    fn what_was_lost_is_said() {
        let recovery = Recovery {
            torn_bytes: 9,
            ..Recovery::default()
        };
        assert_eq!(lost(&recovery), None);
        let recovery = Recovery {
            missing_lines: 8,
            damaged_bytes: 5,
            ..recovery
        };
        let said = "8 lines are missing, 5 bytes of blocks cannot be read";
        assert_eq!(lost(&recovery).as_deref(), Some(said));
    }

    #[test]
    fn a_session_takes_what_belongs_to_the_login_from_its_client() {
        let variables = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            let list = list.iter();
            list.map(|(name, value)| ((*name).into(), (*value).into()))
                .collect()
        };
        let mut env = variables(&[("A", "1"), ("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")]);
        let login = Sharing::default().login;
        let client = variables(&[("A", "2"), ("DISPLAY", ":1")]);
        renew_login(&mut env, &client, &login);
        assert_eq!(env, variables(&[("A", "1"), ("DISPLAY", ":1")]));
        renew_login(&mut env, &[], &login);
        assert_eq!(env, variables(&[("A", "1"), ("DISPLAY", ":1")]));
    }
}
