//! Commands: the same from a key and from the command line, done to a target.

use super::world::World;
use super::{Server, ending, scroll, spawn};
use crate::protocol::command::{Command, PaneCommand, Spawn, TabCommand};
use crate::protocol::view::Marks;
use crate::protocol::{Direction, Event, On, PaneId, SessionId, TabId, ViewerId};
use crate::session::{Session, Tab, Target, Titles};
use crate::sync::Urgency;
use crate::term::Size;
use anyhow::{Context, Result, bail};

/// Does `command` to `target`, for a viewer or (`None`) for the command line.
pub(super) async fn run(
    server: &Server,
    viewer: Option<ViewerId>,
    target: Target,
    command: Command,
) -> Result<()> {
    match command {
        Command::Pane(command) => on_pane(server, target, command).await?,
        Command::Tab(command) => on_tab(server, viewer, target, command).await?,
        Command::Scroll(command) => match viewer {
            Some(viewer) => scroll::run(server, viewer, target.pane, command).await,
            None => bail!("only an attached client has a place in scrollback"),
        },
        Command::Session(_) | Command::Layout(_) => bail!("not there yet"),
    }
    server.with(|world| {
        world.arrange(target.session);
        world.touch_session(target.session);
        world.saved.panes_changed.notify_one();
    });
    Ok(())
}

/// Does a viewer's command without waiting; a failure is told to the viewer.
pub(super) fn start(server: &Server, viewer: ViewerId, target: Target, command: Command) {
    let server = server.clone();
    tokio::task::spawn_local(async move {
        let is_answered = !matches!(command, Command::Scroll(_));
        let result = run(&server, Some(viewer), target, command).await;
        server.with(|world| {
            let Some(viewer) = world.viewers.get_mut(&viewer) else {
                return;
            };
            if is_answered {
                viewer.answered += 1;
                viewer.touch(Urgency::AtOnce);
            }
            if let Err(error) = result {
                viewer.tell(Event::Message(format!("{error:#}")));
            }
        });
    });
}

async fn on_pane(server: &Server, target: Target, command: PaneCommand) -> Result<()> {
    match command {
        PaneCommand::Split { side, spawn: what } => {
            let pane = server.with(|world| world.split(target, side, &what))?;
            spawn::start(server, pane).await?;
        }
        PaneCommand::Close(_) => ending::close(server, vec![target.pane]),
        PaneCommand::Restart => ending::restart(server, target.pane).await?,
        PaneCommand::Focus(_) | PaneCommand::Zoom => {
            server.with(|world| {
                let tab = world.tab(target)?;
                match command {
                    PaneCommand::Focus(which) => {
                        if let Some(pane) = tab.resolve(target.pane, which, Titles::Hidden) {
                            tab.select(pane);
                        }
                    }
                    _ => tab.zoom(target.pane),
                }
                anyhow::Ok(())
            })?;
        }
        _ => bail!("not there yet"),
    }
    Ok(())
}

async fn on_tab(
    server: &Server,
    viewer: Option<ViewerId>,
    target: Target,
    command: TabCommand,
) -> Result<()> {
    match command {
        TabCommand::New(what) => {
            let (pane, tab) = server.with(|world| world.new_tab(target, &what))?;
            spawn::start(server, pane).await?;
            if !what.keep_focus {
                server.with(|world| world.go_to(viewer, target.session, tab));
            }
        }
        TabCommand::Close(_) => {
            let panes = server.with(|world| world.tab(target).map(|tab| tab.layout.panes()))?;
            ending::close(server, panes);
        }
        TabCommand::Next | TabCommand::Previous | TabCommand::Select(_) => {
            server.with(|world| {
                let session = world.session(target.session)?;
                let tab = match command {
                    TabCommand::Next => session.tab_after(target.tab, 1),
                    TabCommand::Previous => session.tab_after(target.tab, -1),
                    TabCommand::Select(number) => {
                        let at = usize::from(number).checked_sub(1);
                        at.and_then(|at| session.tabs.get(at))
                            .with_context(|| format!("there is no tab {number}"))?
                            .id
                    }
                    _ => target.tab,
                };
                world.go_to(viewer, target.session, tab);
                anyhow::Ok(())
            })?
        }
        _ => bail!("not there yet"),
    }
    Ok(())
}

impl World {
    pub fn session(&mut self, id: SessionId) -> Result<&mut Session> {
        self.sessions.get_mut(id).context("the session has ended")
    }

    pub fn tab(&mut self, target: Target) -> Result<&mut Tab> {
        self.session(target.session)?
            .tab_mut(target.tab)
            .context("the tab has ended")
    }

    /// What a viewer's keys go to.
    pub fn target_of(&self, viewer: ViewerId) -> Option<Target> {
        let viewer = self.viewers.get(&viewer)?;
        let tab = self.sessions.get(viewer.session)?.tab(viewer.tab)?;
        Some(Target {
            session: viewer.session,
            tab: tab.id,
            pane: tab.focus,
        })
    }

    /// What a viewer's command is done to, if that is in its session.
    pub fn target_on(&self, viewer: ViewerId, on: On) -> Option<Target> {
        let focus = self.target_of(viewer)?;
        let session = self.sessions.get(focus.session)?;
        let (tab, pane) = match on {
            On::Focus => return Some(focus),
            On::Pane(pane) => (session.tab_of(pane)?, pane),
            On::Tab(tab) => {
                let tab = session.tab(tab)?;
                (tab, tab.focus)
            }
        };
        Some(Target {
            session: session.id,
            tab: tab.id,
            pane,
        })
    }

    /// Shows `tab` to the viewer; without one, to everybody in the session.
    pub fn go_to(&mut self, viewer: Option<ViewerId>, session: SessionId, tab: TabId) {
        for (id, other) in &mut self.viewers {
            if other.session == session && viewer.is_none_or(|viewer| viewer == *id) {
                other.tab = tab;
            }
        }
        if let Some(session) = self.sessions.get_mut(session) {
            session.current = tab;
            if let Some(tab) = session.tab_mut(tab) {
                tab.marks = Marks::default();
            }
        }
        self.arrange(session);
        self.touch_session(session);
    }

    fn split(&mut self, target: Target, side: Direction, what: &Spawn) -> Result<PaneId> {
        let session = self.session(target.session)?;
        let name = session.name.clone();
        let tab = session.tab(target.tab).context("the tab has ended")?;
        let mut trial = tab.clone();
        let probe = PaneId(u64::MAX);
        trial.split(target.pane, side, probe);
        let places = trial.places(Titles::Hidden, probe);
        let Some((_, rect)) = places
            .iter()
            .find(|(pane, _)| *pane == probe)
            .filter(|_| places.len() > 1)
        else {
            bail!("no room for another pane here: zoom out, or open a tab");
        };
        let size = Size::new(rect.cols, rect.rows);
        let pane = self.plan_pane(Some(target.pane), what, &name, size)?;
        let tab = self.tab(target)?;
        tab.split(target.pane, side, pane);
        if !what.keep_focus {
            tab.select(pane);
        }
        self.arrange(target.session);
        Ok(pane)
    }

    fn new_tab(&mut self, target: Target, what: &Spawn) -> Result<(PaneId, TabId)> {
        let session = self.session(target.session)?;
        let (name, area) = (session.name.clone(), session.area);
        let pane = self.plan_pane(Some(target.pane), what, &name, area)?;
        let tab = TabId(self.sessions.fresh_id());
        let tabs = &mut self.session(target.session)?.tabs;
        tabs.push(Tab::new(tab, pane, area));
        Ok((pane, tab))
    }
}
