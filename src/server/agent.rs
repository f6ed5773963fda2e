//! The ssh agent of the client in use, for programs in panes. Each session has a socket of its own with a name that
//! stays, so what was started before the client came finds its agent, too.
//!
//! The agent of a client on this machine is connected to at the path that it told when it attached, also when it has
//! gone: who may reach the socket could have reached the agent. That of a client elsewhere is reached through the client,
//! while it is attached, if it offers that: whoever runs this machine can use it then, as with `ssh -A`.

use super::Server;
use super::surroundings::AGENT;
use super::world::World;
use crate::carry::pipe::splice;
use crate::config::SshAgent;
use crate::net::Link;
use crate::protocol::request::Reply;
use crate::protocol::side::Agent;
use crate::protocol::{Event, Message, PaneId, SessionId, ViewerId};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How long a client may take to reach its agent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most connections to agents at once.
const MAX_CONNECTIONS: usize = 64;

/// Most bytes that one of them carries each way.
const MAX_BYTES: u64 = 64 << 20;

/// The sessions' sockets, and what came to them.
#[derive(Debug, Default)]
pub(super) struct Agents {
    sockets: BTreeMap<SessionId, PathBuf>,
    last: u64,
    /// Connections that wait for the client to reach its agent.
    waiting: BTreeMap<u64, UnixStream>,
    connections: usize,
}

impl Agents {
    /// Where the agent of that session is reached.
    pub fn socket(&self, session: SessionId) -> Option<String> {
        let path = self.sockets.get(&session)?;
        Some(path.to_string_lossy().into_owned())
    }
}

/// What a connection leads to.
enum Way {
    /// A socket of this machine.
    Path(PathBuf),
    /// The client carries it.
    Client(ViewerId),
}

/// Makes the socket of the session that `pane` is in, unless it is there.
pub(super) fn ensure(server: &Server, pane: PaneId) {
    let session = server.with(|world| world.sessions.of_pane(pane).map(|session| session.id));
    if let Some(session) = session {
        listen(server, session);
    }
}

/// Makes the sockets of all sessions.
pub(super) fn ensure_all(server: &Server) {
    let sessions = server.with(|world| {
        let all = world.sessions.iter().map(|session| session.id);
        all.collect::<Vec<_>>()
    });
    sessions
        .into_iter()
        .for_each(|session| listen(server, session));
}

fn listen(server: &Server, session: SessionId) {
    match server.with(|world| world.bind_agent(session)) {
        Ok(Some(listener)) => {
            tokio::task::spawn_local(accept(server.clone(), session, listener));
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(
            error = format!("{error:#}"),
            "no socket for the ssh agent in this session"
        ),
    }
}

/// Takes connections until the session has ended.
async fn accept(server: Server, session: SessionId, listener: UnixListener) {
    let emptied = server.with(|world| world.leaving.emptied.clone());
    loop {
        let gone = emptied.notified();
        if server.with(|world| world.forget_agent(session)) {
            return;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let server = server.clone();
                    tokio::task::spawn_local(async move { serve(&server, session, stream).await });
                }
                // Out of file descriptors, most likely: let others end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            () = gone => {}
        }
    }
}

/// Leads a connection to the agent; where there is none it is closed at once.
async fn serve(server: &Server, session: SessionId, mut stream: UnixStream) {
    let own = rustix::process::geteuid().as_raw();
    if stream.peer_cred().map(|peer| peer.uid()).ok() != Some(own) {
        return tracing::warn!("turned another user away from the ssh agent");
    }
    match server.with(|world| world.way_to_agent(session)) {
        Some(Way::Path(path)) if server.with(World::may_connect) => {
            if let Ok(mut agent) = UnixStream::connect(&path).await {
                // Either program may go at any time.
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut agent).await;
            }
            server.with(|world| world.agents.connections -= 1);
        }
        Some(Way::Client(viewer)) => {
            let Some(id) = server.with(|world| world.ask_agent(viewer, stream)) else {
                return;
            };
            tokio::time::sleep(PATIENCE).await;
            server.with(|world| world.agents.waiting.remove(&id));
        }
        _ => {}
    }
}

/// Joins a connection that waits with the link that the client has made for it.
pub(super) async fn join(server: &Server, mut link: Link, id: u64) -> Result<()> {
    let stream = server.with(|world| {
        let stream = world.agents.waiting.remove(&id);
        stream.filter(|_| world.may_connect())
    });
    let Some(stream) = stream else {
        link.queue(&Message::Reply(Reply::Error(
            "the program that asked for the ssh agent has gone".to_owned(),
        )));
        return link.flush().await;
    };
    link.queue(&Message::Reply(Reply::Done));
    let joined = match stream.into_std() {
        Ok(stream) => splice(link, stream, MAX_BYTES).await,
        Err(error) => Err(error.into()),
    };
    server.with(|world| world.agents.connections -= 1);
    joined
}

impl World {
    /// Binds the socket of a session; `None` if it is bound, or not wanted.
    fn bind_agent(&mut self, session: SessionId) -> Result<Option<UnixListener>> {
        if self.config.sharing.ssh_agent == SshAgent::Off
            || self.agents.sockets.contains_key(&session)
        {
            return Ok(None);
        }
        let path = self.places.agent_socket(session.0)?;
        // A server that was killed has left it.
        let _ = fs::remove_file(&path);
        let shown = path.display().to_string();
        let listener = UnixListener::bind(&path).with_context(|| shown.clone())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).with_context(|| shown)?;
        self.agents.sockets.insert(session, path);
        Ok(Some(listener))
    }

    /// Takes the socket away once its session has ended, or it is no longer wanted; says whether it did.
    fn forget_agent(&mut self, session: SessionId) -> bool {
        let is_wanted = self.config.sharing.ssh_agent != SshAgent::Off;
        if is_wanted && self.sessions.get(session).is_some() {
            return false;
        }
        if let Some(path) = self.agents.sockets.remove(&session) {
            let _ = fs::remove_file(path);
        }
        true
    }

    /// Takes the sockets away: the server ends.
    pub(super) fn forget_agents(&mut self) {
        for path in std::mem::take(&mut self.agents.sockets).into_values() {
            let _ = fs::remove_file(path);
        }
    }

    /// Counts one more connection, unless there are too many.
    fn may_connect(&mut self) -> bool {
        let has_room = self.agents.connections < MAX_CONNECTIONS;
        self.agents.connections += usize::from(has_room);
        has_room
    }

    /// Lets the client reach its agent for a connection; `None` if too many wait.
    fn ask_agent(&mut self, viewer: ViewerId, stream: UnixStream) -> Option<u64> {
        if self.agents.waiting.len() >= MAX_CONNECTIONS {
            return None;
        }
        self.agents.last += 1;
        let id = self.agents.last;
        self.agents.waiting.insert(id, stream);
        self.viewers.get_mut(&viewer)?.tell(Event::Agent { id });
        Some(id)
    }

    /// The agent of the client in use; else the one that a client of this machine told of last.
    fn way_to_agent(&self, session: SessionId) -> Option<Way> {
        if self.config.sharing.ssh_agent == SshAgent::Off {
            return None;
        }
        let leader = self.leader_of(session);
        let carries = |viewer: &ViewerId| {
            let viewer = self.viewers.get(viewer);
            viewer.is_some_and(|viewer| viewer.agent == Agent::Carried)
        };
        match leader.filter(carries) {
            Some(viewer) => Some(Way::Client(viewer)),
            None => self.told_agent(session).map(|path| Way::Path(path.into())),
        }
    }

    /// Whether programs of a session may reach an agent now.
    pub(super) fn has_agent(&self, session: SessionId) -> bool {
        self.way_to_agent(session).is_some()
    }

    /// Where the agent is that a client of this machine told of.
    fn told_agent(&self, session: SessionId) -> Option<String> {
        let env = &self.sessions.get(session)?.env;
        let told = env.iter().find(|(name, _)| name == AGENT)?;
        Some(told.1.clone()).filter(|path| !path.is_empty())
    }

    /// The agent that a path leads to: behind a session's socket it is that session's. So no socket leads to itself.
    pub(super) fn true_agent(&self, path: &str) -> Option<String> {
        let own = self.sessions.iter().find(|session| {
            let socket = self.places.agent_socket(session.id.0);
            socket.is_ok_and(|socket| socket.as_os_str() == path)
        });
        match own {
            Some(session) => self.told_agent(session.id),
            None => Some(path.to_owned()),
        }
    }

    /// As [`World::true_agent`], in the environment that a session is made with.
    pub(super) fn mend_agent(&self, env: &mut Vec<(String, String)>) {
        let told = env.iter().find(|(name, _)| name == AGENT);
        if let Some(path) = told.map(|(_, path)| path.clone()) {
            env.retain(|(name, _)| name != AGENT);
            env.extend(self.true_agent(&path).map(|path| (AGENT.to_owned(), path)));
        }
    }
}
