//! Making panes: what runs in them, in which environment, through the holder.

use super::hosted::{Hosted, Process, base_name};
use super::integration::{self, Env};
use super::pty;
use super::surroundings::AGENT;
use super::viewer::area_within;
use super::world::{World, unix_ms};
use super::{Server, agent};
use crate::config::Config;
use crate::disk::Places;
use crate::disk::history::History;
use crate::disk::shells::Installed;
use crate::holder::protocol::Spawn as SpawnRequest;
use crate::holder::{HolderGone, HolderLink, Spawned};
use crate::net::watched::Watched;
use crate::pane::{Origin, Pane};
use crate::protocol::command::Spawn;
use crate::protocol::request::NewSession;
use crate::protocol::{Event, PaneId};
use crate::session::check_name;
use crate::term::Size;
use anyhow::{Context, Result, bail, ensure};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The size of a session that nobody has attached to yet.
const DEFAULT_SIZE: Size = Size { cols: 80, rows: 24 };

/// How long a new pane waits for a holder that takes the place of a killed one, and how often it asks.
const HOLDER_WAIT: Duration = Duration::from_secs(3);
const HOLDER_RETRY: Duration = Duration::from_millis(20);

/// Most panes that one server runs.
const MAX_PANES: usize = 300;

/// Variables that would tell programs in the pane about another terminal than theirs.
const FOREIGN: [&str; 12] = [
    "TMUX",
    "TMUX_PANE",
    "STY",
    "WINDOW",
    "ZELLIJ",
    "ZELLIJ_SESSION_NAME",
    "ZELLIJ_PANE_ID",
    "LINES",
    "COLUMNS",
    "TERMCAP",
    "VTE_VERSION",
    "WINDOWID",
];

/// Refuses more panes than one server runs.
pub(super) fn check_count(panes: usize) -> Result<()> {
    ensure!(
        panes <= MAX_PANES,
        "{MAX_PANES} panes are the most that run at once: close some first"
    );
    Ok(())
}

/// Makes a session with one pane; says its name and the pane.
pub(super) async fn new_session(server: &Server, new: NewSession) -> Result<(String, PaneId)> {
    if new.or_existing
        && let Some(existing) = server.with(|world| world.existing(&new))
    {
        return Ok(existing);
    }
    let area = area_within(new.size.unwrap_or(DEFAULT_SIZE));
    let (name, pane) = server.with(|world| world.plan_session(new, area))?;
    start(server, pane).await?;
    Ok((name, pane))
}

/// Starts the program of a pane that stands in the world but does not run. A pane that cannot start goes again.
pub(super) async fn start(server: &Server, pane: PaneId) -> Result<()> {
    let started = try_start(server, pane).await;
    if started.is_err() {
        server.with(|world| world.drop_pane(pane));
    }
    started
}

/// Starts the program of a pane; nothing is undone if that fails.
pub(super) async fn try_start(server: &Server, pane: PaneId) -> Result<()> {
    agent::ensure(server, pane);
    let spawned = spawn_held(server, pane).await?;
    server.with(|world| {
        world.saved.panes_changed.notify_one();
        world.saved.sessions_changed.notify_one();
        if let Some(note) = spawned.note {
            world.tell(pane, &Event::Message(note));
        }
    });
    run(
        server,
        pane,
        (spawned.pid, spawned.start_time),
        spawned.master,
    )
}

/// Has the holder start the program; one that has just been killed is replaced, and the next one asked.
async fn spawn_held(server: &Server, pane: PaneId) -> Result<Spawned> {
    let patience = Instant::now() + HOLDER_WAIT;
    loop {
        let (holder, request) = server.with(|world| world.spawn_request(pane))?;
        match holder.spawn(request).await {
            Err(error) if error.is::<HolderGone>() && Instant::now() < patience => {
                tokio::time::sleep(HOLDER_RETRY).await;
            }
            spawned => return spawned,
        }
    }
}

/// Takes up a program's PTY and serves it from now on.
pub(super) fn run(
    server: &Server,
    pane: PaneId,
    (pid, start_time): (u32, u64),
    master: OwnedFd,
) -> Result<()> {
    let master = Rc::new(Watched::new(master).context("watching the PTY")?);
    let process = Process {
        pid,
        start_time,
        master,
        wake: Rc::default(),
    };
    server.with(|world| {
        let hosted = world.panes.get_mut(&pane).context("the pane is gone")?;
        hosted.started = true;
        hosted.process = Some(process.clone());
        hosted.ending = None;
        let size = hosted.pane.emulator().size();
        hosted.tell_size(size);
        hosted.pump();
        anyhow::Ok(())
    })?;
    tokio::task::spawn_local(pty::serve(server.clone(), pane, process));
    Ok(())
}

impl World {
    /// Puts a pane that is yet to be started beside `beside` (or anywhere) into the world.
    pub fn plan_pane(
        &mut self,
        beside: Option<PaneId>,
        spawn: &Spawn,
        session: &str,
        size: Size,
    ) -> Result<PaneId> {
        if self.leaving.stopping {
            bail!("the server is being stopped");
        }
        check_count(self.panes.len() + 1)?;
        let id = self.fresh_pane();
        let from = || {
            beside
                .and_then(|pane| self.panes.get(&pane))
                .map(Hosted::cwd)
        };
        let cwd = spawn
            .cwd
            .clone()
            .or_else(from)
            .unwrap_or_else(|| "/".to_owned());
        let origin = Origin {
            argv: spawn.argv.clone(),
            cwd,
            started_ms: unix_ms(),
            session: session.to_owned(),
            closing: false,
        };
        let history = History::create(&self.places.pane_dir(id.0), &self.writer)?;
        let mut pane = Pane::new(id, origin, size);
        if let Some(colors) = self.colors {
            pane.set_colors(colors);
        }
        self.panes.insert(id, Hosted::new(pane, history));
        Ok(id)
    }

    /// A number for a new pane. One whose files still stand is not given again, whatever was forgotten.
    fn fresh_pane(&mut self) -> PaneId {
        loop {
            let id = self.sessions.fresh_id();
            if self.places.pane_dir(id).symlink_metadata().is_err() {
                return PaneId(id);
            }
        }
    }

    /// The session of that name with its focused pane, if it stands.
    fn existing(&self, new: &NewSession) -> Option<(String, PaneId)> {
        let session = self.sessions.named(new.name.as_deref()?)?;
        let pane = session.tab(session.current)?.focus;
        Some((session.name.clone(), pane))
    }

    /// Puts a session with one pane that is yet to be started into the world; says its name and the pane.
    pub fn plan_session(&mut self, new: NewSession, area: Size) -> Result<(String, PaneId)> {
        let name = new.name.unwrap_or_else(|| self.sessions.free_name());
        if let Some(why) = check_name(&name) {
            bail!(why);
        }
        if self.sessions.named(&name).is_some() {
            bail!("session {name:?} is there already: `wt attach {name}`, or choose another name");
        }
        let spawn = Spawn {
            argv: new.argv,
            cwd: Some(new.cwd),
            keep_focus: false,
        };
        let pane = self.plan_pane(None, &spawn, &name, area)?;
        let mut env = new.env;
        self.mend_agent(&mut env);
        self.sessions
            .add(name.clone(), pane, area, env, unix_ms() / 1000);
        Ok((name, pane))
    }

    /// Everything that the holder has to know to start the program of `pane`; the tab is named by it at once.
    fn spawn_request(&mut self, pane: PaneId) -> Result<(HolderLink, SpawnRequest)> {
        let holder = self
            .holder
            .clone()
            .context("the holder of programs does not run: `wt server restart` mends that")?;
        self.read_config();
        let has_agent = self.sessions.of_pane(pane).map(|session| session.id);
        let has_agent = has_agent.is_some_and(|session| self.has_agent(session));
        let config = &self.config;
        let hosted = self.panes.get_mut(&pane).context("the pane is gone")?;
        let session = self
            .sessions
            .of_pane(pane)
            .context("the pane has no session")?;
        let origin = &hosted.pane.origin;
        let mut argv = if origin.argv.is_empty() {
            config.shell.clone().unwrap_or_default()
        } else {
            origin.argv.clone()
        };
        let shell = || {
            session
                .env
                .iter()
                .find(|(name, _)| name == "SHELL")
                .map(|(_, shell)| shell.clone())
        };
        hosted.command = base_name(&argv.first().cloned().or_else(shell).unwrap_or_default());
        if origin.argv.is_empty() {
            hosted.shell = hosted.command.clone();
        }
        let origin = &hosted.pane.origin;
        let socket = self.places.socket();
        let agent = self.agents.socket(session.id).filter(|_| has_agent);
        let mut env = environment(
            (&session.env, agent),
            config,
            &socket.to_string_lossy(),
            hosted,
        );
        if config.shell_integration && origin.argv.is_empty() {
            integrate(&self.places, &mut argv, &mut env);
        }
        let request = SpawnRequest {
            pane: pane.0,
            argv,
            env: env.into_iter().collect(),
            cwd: origin.cwd.clone(),
            size: hosted.pane.emulator().size(),
            meta: postcard::to_allocvec(origin)?,
        };
        let session = session.id;
        self.touch_session(session);
        Ok((holder, request))
    }
}

/// The environment of a pane: its session's with the agent's socket, the configuration's, and what tells programs where
/// they run.
fn environment(
    (session, agent): (&[(String, String)], Option<String>),
    config: &Config,
    socket: &str,
    hosted: &Hosted,
) -> Env {
    let mut env: Env = session.iter().cloned().collect();
    env.retain(|name, _| !FOREIGN.contains(&name.as_str()));
    env.extend(agent.map(|agent| (AGENT.to_owned(), agent)));
    env.extend(config.env.iter().cloned());
    let own = [
        ("TERM", config.term.clone()),
        ("COLORTERM", "truecolor".to_owned()),
        ("TERM_PROGRAM", "wt".to_owned()),
        ("TERM_PROGRAM_VERSION", env!("CARGO_PKG_VERSION").to_owned()),
        ("WT", socket.to_owned()),
        ("WT_PANE", hosted.pane.id.to_string()),
        ("PWD", hosted.pane.origin.cwd.clone()),
    ];
    env.extend(own.map(|(name, value)| (name.to_owned(), value)));
    env
}

/// Makes a shell tell of its prompts and commands. One that cannot be made to is started as it is.
fn integrate(places: &Places, argv: &mut Vec<String>, env: &mut Env) {
    let Some(shell) = integration::shell_of(argv, env) else {
        return;
    };
    match Installed::ensure(places) {
        Ok(installed) => integration::inject(shell, &installed, argv, env),
        Err(error) => tracing::warn!(
            error = format!("{error:#}"),
            "no shell integration in this pane"
        ),
    }
}
