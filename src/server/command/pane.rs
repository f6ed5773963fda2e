//! What is done to a pane.

use super::Rest;
use crate::protocol::command::{
    Asking, Command, On, Opener, PaneCommand, Resize, Spawn, TabCommand, Which,
};
use crate::protocol::{Direction, Event, PaneId, ViewerId};
use crate::server::start::own_program;
use crate::server::world::World;
use crate::session::{Target, TargetError, clean_title};
use crate::term::Size;
use anyhow::{Context, Result, bail};

impl World {
    pub(super) fn on_pane(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        command: PaneCommand,
    ) -> Result<Rest> {
        match command {
            PaneCommand::Split { side, spawn } => {
                return self.split(viewer, target, side, &spawn).map(Rest::Start);
            }
            PaneCommand::Focus(which) => {
                let pane = self.other_pane(viewer, target, which)?;
                self.focus(viewer, Target { pane, ..target })?;
                self.go_to(viewer, target.session, target.tab);
            }
            PaneCommand::Resize(resize) => self.resize(target, resize)?,
            PaneCommand::Zoom => {
                self.tab(target)?.zoom(target.pane);
                self.focus(viewer, target)?;
            }
            PaneCommand::Swap(which) => {
                let other = self.other_pane(viewer, target, which)?;
                self.swap(target, other)?;
            }
            PaneCommand::SwapWith(with) => {
                let other = self.find_from(target, &with)?.pane;
                self.swap(target, other)?;
            }
            PaneCommand::Break => {
                let tab = self.sessions.break_pane(target.pane)?;
                self.go_to(viewer, target.session, tab);
            }
            PaneCommand::Move { to, side } => self.move_pane(viewer, target, &to, side)?,
            PaneCommand::Rename(name) => self.rename_pane(target.pane, &name)?,
            PaneCommand::Paste => self.paste(target.pane)?,
            PaneCommand::Close(asking) => return self.close_pane(viewer, target, asking),
            PaneCommand::Restart => return Ok(Rest::Restart(target.pane)),
            PaneCommand::OpenHistory { with, line } => {
                let argv = self.opening(target.pane, with, line)?;
                let spawn = Spawn {
                    argv,
                    ..Spawn::default()
                };
                return self.perform(viewer, target, Command::Tab(TabCommand::New(spawn)));
            }
            PaneCommand::Rerun => return Ok(Rest::Rerun(target.pane)),
        }
        Ok(Rest::Nothing)
    }

    /// The command that opens a pane's history.
    fn opening(&self, pane: PaneId, with: Opener, line: Option<u64>) -> Result<Vec<String>> {
        let program = own_program()?.to_string_lossy().into_owned();
        let with = match with {
            Opener::Editor => "--editor",
            Opener::Pager => "--pager",
        };
        let server = self.places.name();
        let pane = pane.to_string();
        let words = [&program, "-L", server, "history", "open", &pane, with];
        let mut argv: Vec<String> = words.map(str::to_owned).into();
        if let Some(line) = line {
            // Users count from 1.
            argv.extend(["--line".to_owned(), line.saturating_add(1).to_string()]);
        }
        Ok(argv)
    }

    /// Puts a pane beside another; its program is yet to be started.
    fn split(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        side: Direction,
        what: &Spawn,
    ) -> Result<PaneId> {
        let titles = self.titles();
        let session = self.session(target.session)?;
        let name = session.name.clone();
        let tab = session.tab(target.tab).context("the tab has ended")?;
        let mut trial = tab.clone();
        let probe = PaneId(u64::MAX);
        trial.split(target.pane, side, probe);
        let places = trial.places(titles, target.pane);
        let Some((_, rect)) = places.iter().find(|(pane, _)| *pane == probe) else {
            bail!("no room for another pane here: zoom, or open a tab");
        };
        let size = Size::new(rect.cols, rect.rows);
        let pane = self.plan_pane(Some(target.pane), what, &name, size)?;
        self.tab(target)?.split(target.pane, side, pane);
        if !what.keep_focus {
            self.focus(viewer, Target { pane, ..target })?;
        }
        Ok(pane)
    }

    /// The pane that `which` names, seen from the target.
    fn other_pane(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        which: Which,
    ) -> Result<PaneId> {
        let titles = self.titles();
        let before = viewer
            .and_then(|viewer| self.viewers.get(&viewer)?.at.pane_before(target.tab))
            .filter(|_| which == Which::Last);
        let tab = self.tab(target)?;
        let before = before.filter(|pane| tab.layout.contains(*pane));
        before
            .or_else(|| tab.resolve(target.pane, which, titles))
            .with_context(|| match which {
                Which::Number(number) => format!("this tab has no pane {number}"),
                _ => "this tab has no such pane".to_owned(),
            })
    }

    fn resize(&mut self, target: Target, resize: Resize) -> Result<()> {
        let titles = self.titles();
        self.tab(target)?.resize(target.pane, resize, titles);
        Ok(())
    }

    /// What `text` names: a tab or pane alone is meant within the target's session.
    fn find_from(&mut self, target: Target, text: &str) -> Result<Target, TargetError> {
        match text.starts_with(':') {
            true => self.find(&format!("{}{text}", target.pane)),
            false => self.find(text),
        }
    }

    fn swap(&mut self, target: Target, other: PaneId) -> Result<()> {
        let elsewhere = self.sessions.of_pane(other).map(|session| session.id);
        self.sessions.swap(target.pane, other)?;
        if let Some(session) = elsewhere.filter(|session| *session != target.session) {
            self.arrange(session);
            self.touch_session(session);
        }
        let tab = self.tab(target)?;
        if !tab.layout.contains(target.pane) {
            tab.select(other);
        }
        Ok(())
    }

    fn move_pane(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        to: &str,
        side: Direction,
    ) -> Result<()> {
        let to = self.find_from(target, to)?;
        let ended = self.sessions.move_pane(target.pane, to, side)?;
        if let Some(ended) = ended {
            self.see_off(&ended, Some(to));
        }
        let there = Target {
            pane: target.pane,
            ..to
        };
        match viewer {
            Some(viewer) => self.switch(viewer, there),
            None => self.go_to(None, there.session, there.tab),
        }
        self.focus(viewer, there)?;
        self.arrange(to.session);
        self.touch_session(to.session);
        Ok(())
    }

    fn rename_pane(&mut self, pane: PaneId, name: &str) -> Result<()> {
        let hosted = self.panes.get_mut(&pane).context("the pane is gone")?;
        hosted.name = clean_title(name);
        hosted.dirty = true;
        Ok(())
    }

    fn paste(&mut self, pane: PaneId) -> Result<()> {
        if self.copied.is_empty() {
            bail!("nothing was copied yet: select text with the mouse or in copy mode");
        }
        let hosted = self.panes.get_mut(&pane).context("the pane is gone")?;
        hosted.pane.paste(&self.copied, true, true);
        hosted.pump();
        Ok(())
    }

    /// Ends a pane's program, or asks the viewer first.
    fn close_pane(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        asking: Asking,
    ) -> Result<Rest> {
        let hosted = self
            .panes
            .get_mut(&target.pane)
            .context("the pane is gone")?;
        let runs = (asking == Asking::IfBusy).then(|| hosted.runs()).flatten();
        if let Some(runs) = runs {
            let panes = self.tab(target)?.layout.panes();
            let number = panes.iter().position(|pane| *pane == target.pane);
            let number = number.unwrap_or_default() + 1;
            let question = format!("{runs} runs in pane {number}: close it?");
            let command = Command::Pane(PaneCommand::Close(Asking::Never));
            return self.ask(viewer, question, On::Pane(target.pane), command);
        }
        Ok(Rest::Close(vec![target.pane]))
    }

    /// Asks the viewer whether `command` is meant.
    pub(super) fn ask(
        &mut self,
        viewer: Option<ViewerId>,
        question: String,
        on: On,
        command: Command,
    ) -> Result<Rest> {
        let viewer = viewer.and_then(|viewer| self.viewers.get_mut(&viewer));
        let viewer = viewer.context("programs still run there")?;
        viewer.tell(Event::Ask {
            question,
            on,
            command,
        });
        Ok(Rest::Nothing)
    }
}
