//! Commands: the same from a key, a menu and the command line, done to a target. The world changes at once, in the
//! order in which commands come; what takes its time (a program's start or end) is left over as a [`Rest`].

mod pane;
mod session;
mod tab;

use super::revive::{self, Again};
use super::world::World;
use super::{Server, ending, scroll, spawn};
use crate::protocol::command::{Command, On};
use crate::protocol::{Event, PaneId, SessionId, TabId, ViewerId};
use crate::session::{Session, Tab, Target, TargetError};
use anyhow::{Context, Result, bail};

/// What is still to be done for a command.
enum Rest {
    Nothing,
    /// Starting the program of a pane that stands already.
    Start(PaneId),
    /// Starting an ended program again.
    Restart(PaneId),
    /// Running again what ran in a restored pane.
    Rerun(PaneId),
    /// Ending programs; their panes have left the layout.
    Close(Vec<PaneId>),
}

/// Does `command` to `target` for the command line, to its end. Says which pane it has made, if it made one.
pub(super) async fn run(
    server: &Server,
    target: Target,
    command: Command,
) -> Result<Option<PaneId>> {
    let rest = server.with(|world| world.perform(None, target, command))?;
    let made = match rest {
        Rest::Start(pane) => Some(pane),
        _ => None,
    };
    finish(server, rest).await?;
    Ok(made)
}

/// Does a viewer's command. A failure is told to the viewer.
pub(super) fn start(server: &Server, viewer: ViewerId, on: On, command: Command) {
    if let Command::Scroll(command) = command {
        let Some(target) = server.with(|world| world.target_on(viewer, on)) else {
            return;
        };
        let server = server.clone();
        tokio::task::spawn_local(async move {
            scroll::run(&server, viewer, target.pane, command).await;
        });
        return;
    }
    match server.with(|world| world.answer(viewer, on, command)) {
        Rest::Nothing => {}
        Rest::Close(panes) => ending::close(server, panes),
        rest => {
            let server = server.clone();
            tokio::task::spawn_local(async move {
                if let Err(error) = finish(&server, rest).await {
                    server.with(|world| world.complain(viewer, &error));
                }
            });
        }
    }
}

async fn finish(server: &Server, rest: Rest) -> Result<()> {
    match rest {
        Rest::Nothing => Ok(()),
        Rest::Start(pane) => spawn::start(server, pane).await,
        Rest::Restart(pane) => ending::restart(server, pane).await,
        Rest::Rerun(pane) => revive::start(server, pane, Again::Command).await,
        Rest::Close(panes) => {
            // Whoever is told that they are closed never meets them again, whatever happens to this server.
            for pane in &panes {
                ending::note_closing(server, *pane).await;
            }
            ending::close(server, panes);
            Ok(())
        }
    }
}

impl World {
    /// Does a viewer's command, and counts it as answered: its keys go where that has led.
    fn answer(&mut self, viewer: ViewerId, on: On, command: Command) -> Rest {
        let done = self
            .target_on(viewer, on)
            .context("that is not there any more")
            .and_then(|target| self.perform(Some(viewer), target, command));
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.answered += 1;
            viewer.renew();
        }
        done.unwrap_or_else(|error| {
            self.complain(viewer, &error);
            Rest::Nothing
        })
    }

    fn complain(&mut self, viewer: ViewerId, error: &anyhow::Error) {
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.tell(Event::Message(format!("{error:#}")));
        }
    }

    /// Does `command` to `target`, for a viewer or (`None`) for the command line.
    fn perform(
        &mut self,
        viewer: Option<ViewerId>,
        target: Target,
        command: Command,
    ) -> Result<Rest> {
        let rest = match command {
            Command::Session(command) => self.on_session(viewer, target, command)?,
            Command::Tab(command) => self.on_tab(viewer, target, command)?,
            Command::Pane(command) => self.on_pane(viewer, target, command)?,
            Command::Layout(command) => self.on_layout(target, command)?,
            Command::Scroll(_) => bail!("only an attached client has a place in scrollback"),
        };
        self.mend_viewers();
        self.arrange(target.session);
        self.touch_session(target.session);
        self.saved.panes_changed.notify_one();
        Ok(rest)
    }

    pub fn session(&mut self, id: SessionId) -> Result<&mut Session> {
        self.sessions.get_mut(id).context("the session has ended")
    }

    pub fn tab(&mut self, target: Target) -> Result<&mut Tab> {
        self.session(target.session)?
            .tab_mut(target.tab)
            .context("the tab has ended")
    }

    /// What `target` names, in words of the command line.
    pub fn find(&self, target: &str) -> Result<Target, TargetError> {
        self.sessions.find(target, &|tab| self.tab_name(tab))
    }

    /// What a viewer's keys go to.
    pub fn target_of(&self, viewer: ViewerId) -> Option<Target> {
        self.viewers.get(&viewer)?.at.target(&self.sessions)
    }

    /// What a viewer's command is done to.
    fn target_on(&self, viewer: ViewerId, on: On) -> Option<Target> {
        let focus = self.target_of(viewer)?;
        let (session, tab, pane) = match on {
            On::Focus => return Some(focus),
            On::Pane(pane) => {
                let session = self.sessions.of_pane(pane)?;
                (session, session.tab_of(pane)?.id, pane)
            }
            On::Tab(tab) => {
                let session = self.sessions.get(focus.session)?;
                let at = &self.viewers.get(&viewer)?.at;
                (session, tab, at.pane_in(session, tab)?)
            }
        };
        Some(Target {
            session: session.id,
            tab,
            pane,
        })
    }

    /// Gives the focus to a pane: for the viewer, or without one for everybody in the session.
    fn focus(&mut self, viewer: Option<ViewerId>, target: Target) -> Result<()> {
        for (id, other) in &mut self.viewers {
            if other.at.session() == target.session && viewer.is_none_or(|viewer| viewer == *id) {
                other.at.choose(target.tab, target.pane);
            }
        }
        self.tab(target)?.select(target.pane);
        Ok(())
    }

    /// Shows `tab` to the viewer; without one, to everybody in the session.
    pub fn go_to(&mut self, viewer: Option<ViewerId>, session: SessionId, tab: TabId) {
        for (id, other) in &mut self.viewers {
            if other.at.session() == session && viewer.is_none_or(|viewer| viewer == *id) {
                other.at.go_to(tab);
            }
        }
        self.look_at(session, tab);
        self.fit_all(session);
        self.arrange(session);
        self.touch_session(session);
    }

    /// Takes note that somebody looks at a tab now.
    pub fn look_at(&mut self, session: SessionId, tab: TabId) {
        if let Some(session) = self.sessions.get_mut(session) {
            session.look_at(tab);
        }
        self.unmark(session, tab);
    }
}
