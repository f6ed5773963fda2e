//! Connections: the greeting, requests and their replies. One that attaches goes on in `attend`.

use super::foreign::Origin;
use super::returning::{Seat, Tie};
use super::world::World;
use super::{
    Server, attend, capture, command, ending, foreign, listening, quota, recent, side, spawn, trust,
};
use crate::net::unix::Listener;
use crate::net::{Link, Peer};
use crate::protocol::Message;
use crate::protocol::hello::{self, VERSION, Welcome};
use crate::protocol::request::{
    Attach, NewSession, PaneSummary, Reply, Request, SessionSummary, Status, TabSummary, Typed,
};
use crate::protocol::{Event, PaneId, SessionId};
use crate::server::viewer::Viewer;
use crate::session::{Session, Tab, Target, Viewpoint};
use crate::term::Key;
use crate::term::encode::encode_key;
use anyhow::{Context, Result, anyhow, bail};

/// How long a connection may take to say who it is.
const HELLO_WAIT: std::time::Duration = std::time::Duration::from_secs(5);

/// What this build calls itself.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Takes connections until the server ends.
pub(super) async fn accept(server: Server, listener: Listener) {
    loop {
        match listener.accept().await {
            Ok(link) => spawn(&server, link),
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                // Out of file descriptors, most likely: let others end first.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// Serves a conversation in a task of its own.
pub(super) fn spawn(server: &Server, link: Link) {
    let server = server.clone();
    tokio::task::spawn_local(async move {
        server.with(|world| world.connections += 1);
        let served = serve(&server, link).await;
        server.with(|world| {
            world.connections -= 1;
            world.end_if_empty();
        });
        if let Err(error) = served {
            tracing::info!(error = format!("{error:#}"), "a conversation ended");
        }
    });
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
        let request = match request {
            Request::Side(side) if side::takes_link(&side) => {
                return side::become_that(server, link, side).await;
            }
            request => request,
        };
        if let Request::Attach(attach) = request {
            if server.with(|world| world.leaving.restarting) {
                // The next server answers.
                return Ok(());
            }
            let peer = link.peer();
            match enter(server, settled(&Origin::of(&link), attach), peer).await {
                Ok(entered) => {
                    let Entered {
                        seat,
                        session,
                        resumed,
                    } = entered;
                    say(&mut link, Reply::Attached { session, resumed }).await?;
                    return attend::serve(server.clone(), link, seat).await;
                }
                Err(error) => say(&mut link, Reply::Error(format!("{error:#}"))).await?,
            }
        } else if let Err(error) = answer(server, &mut link, request).await {
            say(&mut link, Reply::Error(format!("{error:#}"))).await?;
        }
    }
    Ok(())
}

fn settled(from: &Origin, attach: Attach) -> Attach {
    let create = attach.create;
    Attach {
        create: create.map(|new| foreign::settled(from, new)),
        ..attach
    }
}

/// Sends a reply.
pub(super) async fn say(link: &mut Link, reply: Reply) -> Result<()> {
    link.queue(&Message::Reply(reply));
    link.flush().await
}

async fn answer(server: &Server, link: &mut Link, request: Request) -> Result<()> {
    let reply = match request {
        Request::New(new) => {
            let new = foreign::settled(&Origin::of(link), new);
            let (session, pane) = spawn::new_session(server, new).await?;
            Reply::Made { session, pane }
        }
        Request::List => Reply::Sessions(server.with(|world| world.summaries())),
        Request::Detach { session } => server.with(|world| world.detach(session.as_deref()))?,
        Request::Kill { session } => kill(server, &session).await?,
        Request::Resume { which, env } => {
            // A login elsewhere is none of this machine.
            let env = Origin::of(link).environment(env);
            let sessions = server.with(|world| world.resume(&which, &env))?;
            Reply::Resumed { sessions }
        }
        Request::Run { target, command } => {
            let target = server.with(|world| world.find(&target))?;
            let made = command::run(server, target, command).await?;
            let name = |pane| server.with(|world| Some(world.sessions.of_pane(pane)?.name.clone()));
            match made.and_then(|pane| Some((name(pane)?, pane))) {
                Some((session, pane)) => Reply::Made { session, pane },
                None => Reply::Done,
            }
        }
        Request::Capture {
            target,
            ansi,
            history,
        } => {
            let target = server.with(|world| world.find(&target))?;
            return capture::send(server, link, target.pane, ansi, history).await;
        }
        Request::Recent { target, from } => return recent::send(server, link, &target, from).await,
        Request::Follow { target, from } => {
            return recent::follow(server, link, &target, from).await;
        }
        Request::Send { target, keys } => server.with(|world| world.send(&target, &keys))?,
        Request::Reload => {
            let reply = server.with(|world| world.reload());
            listening::follow_config(server).await;
            reply
        }
        Request::Status => Reply::Status(server.with(|world| world.status())),
        Request::Stop { keep_panes } => {
            say(link, Reply::Done).await?;
            return stop(server, keep_panes).await;
        }
        Request::Prune(prune) => Reply::Said(quota::prune(server, &prune).await?),
        Request::Trust(trust) => return trust::answer(server, link, trust).await,
        Request::Side(side) => return side::answer(server, link, side).await,
        Request::Attach(_) => bail!("attached already"),
        Request::Leave => bail!("nothing is attached"),
    };
    say(link, reply).await
}

/// Ends a session, or forgets a dead one.
async fn kill(server: &Server, name: &str) -> Result<Reply> {
    let found = server.with(|world| world.sessions.find_session(name).map(Session::panes));
    match found {
        Ok(panes) => {
            ending::close_and_wait(server, panes).await;
            Ok(Reply::Done)
        }
        Err(error) => match server.with(|world| world.forget_dead(name)) {
            Ok(said) => Ok(Reply::Said(said)),
            Err(_) => Err(error.into()),
        },
    }
}

/// Ends the server; the connection that asked closes when it has ended.
async fn stop(server: &Server, keep_panes: bool) -> Result<()> {
    if keep_panes {
        server.with(World::send_on);
    } else {
        server.with(|world| world.dismiss_all("the server was stopped"));
        listening::forget(server);
        ending::end_everything(server).await;
    }
    server.with(|world| world.stop.notify_one());
    Ok(())
}

/// What came of a request to attach.
struct Entered {
    seat: Seat,
    session: String,
    resumed: Option<u64>,
}

/// Makes the client a viewer of the session it names, which is made first if it asked for that; or the viewer that it was
/// before it lost its link.
async fn enter(server: &Server, attach: Attach, peer: Peer) -> Result<Entered> {
    if let Some(entered) = server.with(|world| world.enter_again(&attach, peer)) {
        return Ok(entered);
    }
    let found = server.with(|world| match &attach.session {
        Some(target) => world.find(target),
        None => world.find(""),
    });
    let is_new = found.is_err();
    let tie = Tie::new(attach.viewer, peer);
    let target = match (found, attach.create) {
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
                let tab = session.current;
                let pane = session.tab(tab).map(|tab| tab.focus).unwrap_or_default();
                anyhow::Ok(Target {
                    session: session.id,
                    tab,
                    pane,
                })
            })?
        }
    };
    server.with(|world| {
        let offer = world.offer_once(is_new);
        let mut at = Viewpoint::new(target.session, target.tab);
        at.choose(target.tab, target.pane);
        let mut viewer = Viewer::new(at, attach.size, tie);
        viewer.looking = attach.looking;
        if let Some(offer) = offer {
            viewer.tell(Event::Message(offer));
        }
        let seat = world.seat(viewer);
        if attach.looking {
            world.sessions.latest = Some(target.session);
            world.look_at(target.session, target.tab);
            world.lead(seat.viewer);
        }
        world.arrange(target.session);
        world.touch_session(target.session);
        let session = world.session_name(target.session)?;
        tracing::info!(viewer = seat.viewer.0, session, "attached");
        Ok(Entered {
            seat,
            session,
            resumed: None,
        })
    })
}

impl World {
    /// Takes a viewer back that has lost its link. One that has to go is told so over the new one.
    fn enter_again(&mut self, attach: &Attach, peer: Peer) -> Option<Entered> {
        let seat = self.seat_again(attach, peer)?;
        let viewer = self.viewers.get(&seat.viewer)?;
        let (session, received) = (viewer.at.session(), viewer.tie.inputs.received());
        tracing::info!(viewer = seat.viewer.0, "came back");
        Some(Entered {
            seat,
            session: self.session_name(session).unwrap_or_default(),
            resumed: Some(received),
        })
    }

    fn session_name(&self, session: SessionId) -> Result<String> {
        let session = self.sessions.get(session);
        Ok(session.context("the session has ended")?.name.clone())
    }

    /// Types into a pane.
    fn send(&mut self, target: &str, keys: &[Typed]) -> Result<Reply> {
        let target = self.find(target)?;
        let hosted = self.panes.get_mut(&target.pane);
        let hosted = hosted.context("the pane is gone")?;
        if hosted.pane.ending().is_some() {
            bail!(
                "the program in {} has ended: `wt pane restart -t {0}` starts it again",
                target.pane
            );
        }
        if self.leaving.still {
            bail!("another server is about to take over: send this again");
        }
        let modes = hosted.pane.emulator().modes();
        let mut bytes = Vec::new();
        for typed in keys {
            match typed {
                Typed::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Typed::Key(name) => {
                    let key = name.parse::<Key>();
                    let key = key.map_err(|_| anyhow!("no key is named {name:?}"))?;
                    encode_key(key, modes, &mut bytes);
                }
            }
        }
        hosted.pane.write(&bytes);
        hosted.pump();
        Ok(Reply::Done)
    }

    /// Reads the configuration again, and makes every client do so.
    fn reload(&mut self) -> Reply {
        self.read_config();
        for viewer in self.viewers.values_mut() {
            viewer.tell(Event::Reload);
        }
        Reply::Done
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

    /// All sessions, the dead ones last.
    pub fn summaries(&self) -> Vec<SessionSummary> {
        let alive = self.sessions.iter();
        alive
            .map(|session| SessionSummary {
                name: session.name.clone(),
                created: session.created,
                clients: self.clients_of(session.id) as u32,
                size: session.area,
                tabs: (1..)
                    .zip(&session.tabs)
                    .map(|(number, tab)| self.tab_summary(number, tab, tab.id == session.current))
                    .collect(),
                dead_since_ms: None,
            })
            .chain(self.dead_summaries())
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
            name: hosted.name.clone(),
            focused,
            busy: hosted.is_busy(),
            fate: hosted.pane.fate().to_owned(),
            history_lines: hosted.pane.line_count(&hosted.history),
        })
    }

    fn status(&mut self) -> Status {
        Status {
            pid: std::process::id(),
            holder_pid: self.holder().map(|holder| holder.pid()),
            release: RELEASE.to_owned(),
            uptime_secs: self.started.elapsed().as_secs(),
            sessions: self.sessions.iter().count() as u32,
            panes: self.panes.len() as u32,
            clients: self
                .viewers
                .values()
                .filter(|viewer| !viewer.tie.is_lost())
                .count() as u32,
            warnings: self.all_warnings(),
            guesses: self.all_guesses(),
            listening: self.network.listening.told(),
        }
    }
}
