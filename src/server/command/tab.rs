//! What is done to a tab and to its layout.

use super::Rest;
use crate::protocol::command::{Asking, Command, LayoutCommand, On, Spawn, TabCommand};
use crate::protocol::{PaneId, TabId, ViewerId};
use crate::server::world::World;
use crate::session::{Tab, Target};
use anyhow::{Context, Result};

impl World {
    pub(super) fn on_tab(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        command: TabCommand,
    ) -> Result<Rest> {
        let session = self.session(target.session)?;
        let there = match command {
            TabCommand::New(what) => return self.new_tab(viewer, target, &what),
            TabCommand::Rename(name) => {
                self.sessions
                    .rename_tab(target.session, target.tab, &name)?;
                return Ok(Rest::Nothing);
            }
            TabCommand::Move(by) => {
                session.move_tab(target.tab, by);
                return Ok(Rest::Nothing);
            }
            TabCommand::Close(asking) => return self.close_tab(viewer, target, asking),
            TabCommand::Next => session.tab_after(target.tab, 1),
            TabCommand::Previous => session.tab_after(target.tab, -1),
            TabCommand::Select(number) => {
                let at = usize::from(number).checked_sub(1);
                at.and_then(|at| session.tabs.get(at))
                    .with_context(|| format!("there is no tab {number}"))?
                    .id
            }
            TabCommand::Last => self.last_tab(viewer, target)?,
        };
        self.go_to(viewer, target.session, there);
        Ok(Rest::Nothing)
    }

    fn new_tab(&mut self, viewer: Option<ViewerId>, target: Target, what: &Spawn) -> Result<Rest> {
        let session = self.session(target.session)?;
        let (name, area) = (session.name.clone(), session.area);
        let pane = self.plan_pane(Some(target.pane), what, &name, area)?;
        let tab = TabId(self.sessions.fresh_id());
        let session = self.session(target.session)?;
        session.tabs.push(Tab::new(tab, pane, area));
        if !what.keep_focus {
            self.go_to(viewer, target.session, tab);
        }
        Ok(Rest::Start(pane))
    }

    /// The tab that the viewer, or without one anybody, looked at before.
    fn last_tab(&mut self, viewer: Option<ViewerId>, target: Target) -> Result<TabId> {
        let before = viewer.map(|viewer| self.viewers.get(&viewer)?.at.tab_before());
        let session = self.session(target.session)?;
        before
            .unwrap_or(session.before)
            .filter(|tab| session.tab(*tab).is_some())
            .context("no other tab was looked at before")
    }

    /// Ends all programs of a tab, or asks the viewer first.
    fn close_tab(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        asking: Asking,
    ) -> Result<Rest> {
        let panes = self.tab(target)?.layout.panes();
        let runs = self.what_runs(&panes, asking);
        if runs.is_empty() {
            return Ok(Rest::Close(panes));
        }
        let session = self.session(target.session)?;
        let number = session.tabs.iter().position(|tab| tab.id == target.tab);
        let number = number.unwrap_or_default() + 1;
        let question = format!("{runs} in tab {number}: close it?");
        let command = Command::Tab(TabCommand::Close(Asking::Never));
        self.ask(viewer, question, On::Tab(target.tab), command)
    }

    /// What runs in these panes, if that is to be asked for: "vim runs", "vim and 2 more run"; empty for nothing.
    pub(super) fn what_runs(&mut self, panes: &[PaneId], asking: Asking) -> String {
        let hosted = self.panes.iter_mut();
        let hosted = hosted.filter(|(pane, _)| asking == Asking::IfBusy && panes.contains(pane));
        let busy: Vec<String> = hosted.filter_map(|(_, hosted)| hosted.runs()).collect();
        match &busy[..] {
            [] => String::new(),
            [one] => format!("{one} runs"),
            [one, other] => format!("{one} and {other} run"),
            [one, rest @ ..] => format!("{one} and {} more run", rest.len()),
        }
    }

    pub(super) fn on_layout(&mut self, target: Target, command: LayoutCommand) -> Result<Rest> {
        let tab = self.tab(target)?;
        match command {
            LayoutCommand::Preset(preset) => tab.arrange(preset),
            LayoutCommand::NextPreset => tab.next_preset(),
            LayoutCommand::Rotate => tab.rotate(1),
            LayoutCommand::RotateBack => tab.rotate(-1),
        }
        Ok(Rest::Nothing)
    }
}
