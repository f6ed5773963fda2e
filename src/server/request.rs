//! Connections: the greeting, requests and their replies. One that attaches goes on in `attend`.

use super::world::World;
use super::{Server, attend, capture, command, ending, spawn};
use crate::net::unix::{Link, Listener};
use crate::protocol::Message;
use crate::protocol::hello::{self, VERSION, Welcome};
use crate::protocol::request::{
    Attach, NewSession, PaneSummary, Reply, Request, SessionSummary, Status, TabSummary,
};
use crate::protocol::{PaneId, ViewerId};
use crate::server::viewer::Viewer;
use crate::session::{Tab, Target, TargetError};
use anyhow::{Context, Result, bail};

/// How long a connection may take to say who it is.
const HELLO_WAIT: std::time::Duration = std::time::Duration::from_secs(5);

/// What this build calls itself.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Takes connections until the server ends.
pub(super) async fn accept(server: Server, listener: Listener) {
    loop {
        match listener.accept().await {
            Ok(link) => {
                let server = server.clone();
                tokio::task::spawn_local(async move {
                    server.with(|world| world.connections += 1);
                    let served = serve(&server, link).await;
                    server.with(|world| {
                        world.connections -= 1;
                        world.end_if_empty();
                    });
                    if let Err(error) = served {
                        tracing::info!(error = format!("{error:#}"), "a connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                // Out of file descriptors, most likely: let others end first.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(server: &Server, mut link: Link) -> Result<()> {
    let Some(first) = tokio::time::timeout(HELLO_WAIT, link.recv())
        .await
        .context("nobody greets")??
    else {
        return Ok(());
    };
    let Message::Hello(hello) = first else {
        bail!("a client that does not greet")
    };
    if let Err(refusal) = hello::check((hello.version, &hello.release), (VERSION, RELEASE)) {
        return say(&mut link, Reply::Error(refusal.to_string())).await;
    }
    let incarnation = server.with(|world| world.incarnation);
    link.queue(&Message::Welcome(Welcome {
        version: VERSION,
        release: RELEASE.into(),
        incarnation,
        pid: std::process::id(),
    }));
    link.flush().await?;
    while let Some(message) = link.recv().await? {
        let Message::Request(request) = message else {
            continue;
        };
        if let Request::Attach(attach) = request {
            match enter(server, attach).await {
                Ok((viewer, session)) => {
                    say(&mut link, Reply::Attached { session }).await?;
                    return attend::serve(server.clone(), link, viewer).await;
                }
                Err(error) => say(&mut link, Reply::Error(format!("{error:#}"))).await?,
            }
        } else if let Err(error) = answer(server, &mut link, request).await {
            say(&mut link, Reply::Error(format!("{error:#}"))).await?;
        }
    }
    Ok(())
}

/// Sends a reply.
pub(super) async fn say(link: &mut Link, reply: Reply) -> Result<()> {
    link.queue(&Message::Reply(reply));
    link.flush().await
}

async fn answer(server: &Server, link: &mut Link, request: Request) -> Result<()> {
    let reply = match request {
        Request::New(new) => {
            let (session, pane) = spawn::new_session(server, new).await?;
            Reply::Made { session, pane }
        }
        Request::List => Reply::Sessions(server.with(|world| world.summaries())),
        Request::Detach { session } => server.with(|world| world.detach(session.as_deref()))?,
        Request::Kill { session } => {
            let panes = server.with(|world| {
                world
                    .sessions
                    .find_session(&session)
                    .map(|session| session.panes())
            })?;
            ending::close_and_wait(server, panes).await;
            Reply::Done
        }
        Request::Run { target, command } => {
            let target = server.with(|world| world.find(&target))?;
            command::run(server, None, target, command).await?;
            Reply::Done
        }
        Request::Capture {
            target,
            ansi,
            history,
        } => {
            let target = server.with(|world| world.find(&target))?;
            return capture::send(server, link, target.pane, ansi, history).await;
        }
        Request::Send { .. } | Request::Reload => bail!("not there yet"),
        Request::Status => Reply::Status(server.with(|world| world.status())),
        Request::Stop { keep_panes } => {
            say(link, Reply::Done).await?;
            return stop(server, keep_panes).await;
        }
        Request::Attach(_) => bail!("attached already"),
    };
    say(link, reply).await
}

/// Ends the server; the connection that asked closes when it has ended.
async fn stop(server: &Server, keep_panes: bool) -> Result<()> {
    let why = if keep_panes {
        "the server restarts; `wt` brings you back"
    } else {
        "the server was stopped"
    };
    server.with(|world| world.dismiss_all(why));
    if !keep_panes {
        ending::end_everything(server).await;
    }
    server.with(|world| world.stop.notify_one());
    Ok(())
}

/// Makes the client a viewer of the session it names, which is made first if it asked for that.
async fn enter(server: &Server, attach: Attach) -> Result<(ViewerId, String)> {
    let found = server.with(|world| match &attach.session {
        Some(target) => world
            .find(target)
            .map(|target| (target.session, target.tab)),
        None => world.find("").map(|target| (target.session, target.tab)),
    });
    let (session, tab) = match (found, attach.create) {
        (Ok(found), _) => found,
        (Err(error), None) => return Err(error.into()),
        (Err(_), Some(create)) => {
            let name = attach.session.or(create.name.clone());
            let (name, _) = spawn::new_session(server, NewSession { name, ..create }).await?;
            server.with(|world| {
                let session = world
                    .sessions
                    .named(&name)
                    .context("the session ended at once")?;
                anyhow::Ok((session.id, session.current))
            })?
        }
    };
    server.with(|world| {
        let id = world.next_viewer();
        world
            .viewers
            .insert(id, Viewer::new(session, tab, attach.size));
        world.sessions.latest = Some(session);
        world.follow_size(id);
        world.arrange(session);
        let name = world
            .sessions
            .get(session)
            .map(|session| session.name.clone())
            .context("the session has ended")?;
        tracing::info!(viewer = id.0, session = name, "attached");
        Ok((id, name))
    })
}

impl World {
    fn find(&self, target: &str) -> Result<Target, TargetError> {
        self.sessions.find(target, &|tab| self.tab_name(tab))
    }

    fn detach(&mut self, session: Option<&str>) -> Result<Reply> {
        match session {
            None => self.dismiss_all("detached"),
            Some(name) => {
                let session = self.sessions.find_session(name)?;
                let id = session.id;
                self.dismiss(id, "detached");
            }
        }
        Ok(Reply::Done)
    }

    fn summaries(&self) -> Vec<SessionSummary> {
        self.sessions
            .iter()
            .map(|session| SessionSummary {
                name: session.name.clone(),
                created: session.created,
                clients: self.clients_of(session.id) as u32,
                size: session.area,
                tabs: (1..)
                    .zip(&session.tabs)
                    .map(|(number, tab)| self.tab_summary(number, tab, tab.id == session.current))
                    .collect(),
            })
            .collect()
    }

    fn tab_summary(&self, number: u16, tab: &Tab, active: bool) -> TabSummary {
        let panes = tab
            .layout
            .panes()
            .into_iter()
            .filter_map(|pane| self.pane_summary(pane, pane == tab.focus));
        TabSummary {
            number,
            name: self.tab_name(tab),
            active,
            zoomed: tab.zoomed.is_some(),
            panes: panes.collect(),
        }
    }

    fn pane_summary(&self, id: PaneId, focused: bool) -> Option<PaneSummary> {
        let hosted = self.panes.get(&id)?;
        let emulator = hosted.pane.emulator();
        Some(PaneSummary {
            id,
            size: emulator.size(),
            pid: hosted.process.as_ref().map(|process| process.pid),
            command: hosted.command.clone(),
            title: emulator.title().to_owned(),
            cwd: hosted.cwd(),
            name: String::new(),
            focused,
            busy: false,
            fate: hosted.pane.fate().to_owned(),
            history_lines: hosted.pane.line_count(&hosted.history),
        })
    }

    fn status(&self) -> Status {
        Status {
            pid: std::process::id(),
            holder_pid: self.holder().map(|holder| holder.pid()),
            release: RELEASE.to_owned(),
            uptime_secs: self.started.elapsed().as_secs(),
            sessions: self.sessions.iter().count() as u32,
            panes: self.panes.len() as u32,
            clients: self.viewers.len() as u32,
            warnings: self.all_warnings(),
        }
    }
}
