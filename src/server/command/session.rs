//! What is done to a session, and to which one a viewer looks at.

use super::Rest;
use crate::protocol::command::{Asking, Command, On, SessionCommand};
use crate::protocol::request::{NewSession, WhichDead};
use crate::protocol::{Event, SessionId, ViewerId};
use crate::server::hosted::Hosted;
use crate::server::world::World;
use crate::session::{Session, Target};
use anyhow::{Context, Result};

impl World {
    pub(super) fn on_session(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        command: SessionCommand,
    ) -> Result<Rest> {
        let viewer = match command {
            SessionCommand::Rename(name) => {
                self.sessions.rename(target.session, &name)?;
                return Ok(Rest::Nothing);
            }
            SessionCommand::Kill(asking) => return self.kill_session(viewer, target, asking),
            // From the command line it is the client in use that is shown another one.
            _ => viewer.or_else(|| self.leader_of(target.session)),
        };
        let viewer =
            viewer.context("nobody is attached who could be shown another session: `wt attach`")?;
        match command {
            SessionCommand::New(name) => return self.new_beside(viewer, target, name),
            SessionCommand::List => {
                let sessions = Event::Sessions(self.summaries());
                if let Some(viewer) = self.viewers.get_mut(&viewer) {
                    viewer.tell(sessions);
                }
            }
            SessionCommand::Switch(name) => {
                let there = self.find(&name)?;
                self.switch(viewer, there);
                // Where no pane is named, the viewer's own choice in that tab stands.
                if name.contains(['.', '%']) {
                    self.focus(Some(viewer), there)?;
                }
            }
            SessionCommand::Resume(name) => {
                let names = self.resume(&WhichDead::Named(name), &[])?;
                for name in names {
                    self.switch(viewer, self.find(&name)?);
                }
            }
            SessionCommand::Next => {
                self.switch_session(viewer, self.sessions.after(target.session, 1))
            }
            SessionCommand::Previous => {
                self.switch_session(viewer, self.sessions.after(target.session, -1));
            }
            SessionCommand::Last => {
                let before = self.viewers.get(&viewer);
                let before = before
                    .and_then(|viewer| viewer.at.session_before())
                    .filter(|session| self.sessions.get(*session).is_some())
                    .context("no other session was looked at before")?;
                self.switch_session(viewer, before);
            }
            SessionCommand::Rename(_) | SessionCommand::Kill(_) => {}
        }
        Ok(Rest::Nothing)
    }

    /// Makes a session like the target's, and shows it to the viewer.
    fn new_beside(&mut self, viewer: ViewerId, target: Target, name: String) -> Result<Rest> {
        let like = self.session(target.session)?;
        let (env, size) = (like.env.clone(), like.area);
        let cwd = self.panes.get(&target.pane).map(Hosted::cwd);
        let new = NewSession {
            name: (!name.is_empty()).then_some(name),
            cwd: cwd.unwrap_or_else(|| "/".to_owned()),
            env,
            ..NewSession::default()
        };
        let (name, pane) = self.plan_session(new, size)?;
        self.switch(viewer, self.find(&name)?);
        Ok(Rest::Start(pane))
    }

    fn kill_session(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        asking: Asking,
    ) -> Result<Rest> {
        let session = self.session(target.session)?;
        let (name, panes) = (session.name.clone(), session.panes());
        if asking == Asking::Never {
            return Ok(Rest::Close(panes));
        }
        // So much ends with it that it is always asked for.
        let runs = match (self.what_runs(&panes, asking), panes.len()) {
            (runs, _) if !runs.is_empty() => runs,
            (_, 1) => "1 pane is".to_owned(),
            (_, count) => format!("{count} panes are"),
        };
        let question = format!("{runs} in session {name}: end it?");
        let command = Command::Session(SessionCommand::Kill(Asking::Never));
        self.ask(viewer, question, On::Pane(target.pane), command)
    }

    fn switch_session(&mut self, viewer: ViewerId, session: SessionId) {
        let Some(session) = self.sessions.get(session) else {
            return;
        };
        let tab = session.current;
        let pane = session.tab(tab).map(|tab| tab.focus).unwrap_or_default();
        let session = session.id;
        self.switch(viewer, Target { session, tab, pane });
    }

    /// Shows the viewer the tab that `there` names, perhaps in another session.
    pub(super) fn switch(&mut self, viewer: ViewerId, there: Target) {
        let Some(looking) = self.viewers.get_mut(&viewer) else {
            return;
        };
        let left = looking.at.session();
        looking.at.switch(there.session, there.tab);
        self.sessions.latest = Some(there.session);
        self.look_at(there.session, there.tab);
        for session in [left, there.session] {
            self.fit_all(session);
            self.arrange(session);
            self.touch_session(session);
        }
    }

    /// A session has lost its last pane: its viewers go along to where that pane went, or leave.
    pub fn see_off(&mut self, ended: &Session, to: Option<Target>) {
        match to {
            Some(there) => {
                let viewers: Vec<ViewerId> = self
                    .viewers
                    .iter()
                    .filter(|(_, viewer)| viewer.at.session() == ended.id)
                    .map(|(id, _)| *id)
                    .collect();
                for viewer in viewers {
                    self.switch(viewer, there);
                }
            }
            None => {
                let why = format!("session {} ended", ended.name);
                self.dismiss(ended.id, &why);
            }
        }
    }
}
