//! `wt`, `wt new` and `wt attach`: the commands that end in a session.

use super::args::{At, New, Resume};
use super::{command, control, hint, listing, remote};
use crate::client::{self, Again, AgentWish, Configuration, Elsewhere, Loss, Road};
use crate::disk::places::Places;
use crate::net::{Blocking, Link};
use crate::protocol::Token;
use crate::protocol::request::{Attach, NewSession, Reply, Request, WhichDead, goes_along};
use crate::server::start::{ensure_server, find_server};
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsString;
use std::process::ExitCode;

/// `wt new`.
pub(super) fn new(places: &Places, new: New) -> Result<ExitCode> {
    if !new.detached {
        client::require_terminal()?;
    }
    let (elsewhere, name) = remote::split(new.name)?;
    let (cwd, env) = match &elsewhere {
        None => (start_directory(new.cwd)?, environment()),
        // Which directories there are is known there.
        Some(_) => (new.cwd.unwrap_or_default(), environment_abroad()),
    };
    let session = NewSession {
        name,
        or_existing: new.attach_existing,
        argv: new.argv,
        cwd,
        env,
        size: client::terminal_size().ok(),
        added: added(&new.env)?,
    };
    let mut link = match &elsewhere {
        None => control::reach(places, ensure_server)?,
        Some(elsewhere) => elsewhere.reach(places)?,
    };
    let Reply::Made { session, pane } = control::ask(&mut link, Request::New(session))? else {
        bail!("the server answered something else");
    };
    if new.print {
        println!("{} {pane}", listing::plain(&session));
    }
    if new.detached {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(elsewhere) = elsewhere {
        let (session, agent) = (Some(session), AgentWish::AsConfigured);
        let reached = (link, elsewhere, &Road::Real);
        return attach_over(places, reached, session, Missing::Refused, agent);
    }
    let named = (Some(session.clone()), None);
    let entered = enter(places, link, named, AgentWish::AsConfigured);
    if entered.is_err() && has_ended(places, &session)? {
        println!("[session {session} ended]");
        return Ok(ExitCode::SUCCESS);
    }
    entered
}

/// Whether a session that was just made is gone already: its command was quick.
fn has_ended(places: &Places, session: &str) -> Result<bool> {
    let Some(mut link) = control::connect(places)? else {
        return Ok(true);
    };
    let sessions = control::sessions(&mut link)?;
    Ok(!sessions.iter().any(|known| known.name == session))
}

/// What becomes of an attachment to a session that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is refused.
    Refused,
    /// The session is made.
    Made,
}

/// `wt attach`, and `wt` alone.
pub(super) fn attach(
    places: &Places,
    session: Option<String>,
    missing: Missing,
    agent: AgentWish,
    road: &Road,
) -> Result<ExitCode> {
    client::require_terminal()?;
    let (elsewhere, session) = remote::split(session)?;
    if let Some(elsewhere) = elsewhere {
        let link = elsewhere.reach_by(places, road)?;
        return attach_over(places, (link, elsewhere, road), session, missing, agent);
    }
    ensure!(
        matches!(road, Road::Real),
        "--simulate is for links over a network: name the session HOST/SESSION or wt://ADDR:PORT/SESSION"
    );
    if missing == Missing::Refused {
        return enter(
            places,
            control::connect_running(places)?,
            (session, None),
            agent,
        );
    }
    let new = made(session.clone())?;
    let link = control::reach(places, ensure_server)?;
    enter(places, link, (session, Some(new)), agent)
}

/// Attaches to a session of a server elsewhere.
pub(super) fn attach_over(
    places: &Places,
    (link, elsewhere, road): (Blocking, Elsewhere, &Road),
    session: Option<String>,
    missing: Missing,
    agent: AgentWish,
) -> Result<ExitCode> {
    let new = match missing {
        Missing::Refused => None,
        Missing::Made => Some(NewSession {
            cwd: String::new(),
            env: environment_abroad(),
            ..made(session.clone())?
        }),
    };
    let agent = elsewhere.agent(places, agent);
    let again = elsewhere.again_from(places, road, link.remote_address());
    enter_by(places, (link, again), (session, new), agent)
}

/// A session as it is made for somebody who attaches to it.
fn made(name: Option<String>) -> Result<NewSession> {
    Ok(NewSession {
        name,
        or_existing: true,
        cwd: start_directory(None)?,
        env: environment(),
        size: client::terminal_size().ok(),
        ..NewSession::default()
    })
}

/// Whether `wt resume` ends in a session: without a terminal it only brings sessions back.
fn is_entered(resume: &Resume) -> bool {
    !resume.detached && client::require_terminal().is_ok()
}

/// `wt resume`.
pub(super) fn resume(places: &Places, resume: Resume) -> Result<ExitCode> {
    let is_entered = is_entered(&resume);
    let (elsewhere, session) = remote::split(resume.session.clone())?;
    let resume = Resume { session, ..resume };
    let link = match &elsewhere {
        None => control::reach(places, ensure_server)?,
        Some(elsewhere) => elsewhere.reach(places)?,
    };
    let env = match &elsewhere {
        None => environment(),
        Some(_) => environment_abroad(),
    };
    let (link, sessions) = resumed(link, resume, env)?;
    if is_entered {
        let (first, agent) = (sessions.into_iter().next(), AgentWish::AsConfigured);
        return match elsewhere {
            None => enter(places, link, (first, None), agent),
            Some(there) => {
                let reached = (link, there, &Road::Real);
                attach_over(places, reached, first, Missing::Refused, agent)
            }
        };
    }
    for name in sessions {
        println!("{}", listing::plain(&name));
    }
    Ok(ExitCode::SUCCESS)
}

/// `wt resume` in a pane: whoever looks at the pane is shown the first session that came back.
pub(super) fn resume_here(places: &Places, resume: Resume) -> Result<ExitCode> {
    let link = control::reach(places, ensure_server)?;
    let (_, sessions) = resumed(link, resume, environment())?;
    let first = sessions.into_iter().next();
    let first = first.context("nothing came back")?;
    command::switch(places, At { target: None }, first)
}

/// Brings sessions back; their names, the one used last first.
fn resumed(
    mut link: Blocking,
    resume: Resume,
    env: Vec<(String, String)>,
) -> Result<(Blocking, Vec<String>)> {
    let which = match resume.session {
        Some(name) => WhichDead::Named(name),
        None if resume.all => WhichDead::All,
        None => WhichDead::LastRun,
    };
    let Reply::Resumed { sessions } = control::ask(&mut link, Request::Resume { which, env })?
    else {
        bail!("the server answered something else");
    };
    Ok((link, sessions))
}

/// Attaches to the server of this machine.
fn enter(
    places: &Places,
    link: Blocking,
    (session, create): (Option<String>, Option<NewSession>),
    agent: AgentWish,
) -> Result<ExitCode> {
    enter_by(places, (link, again(places)), (session, create), agent)
}

/// How a client comes to the server of this machine again: one that was killed is started anew.
fn again(places: &Places) -> Again {
    let places = places.clone();
    Again::by(move |nth| {
        let places = places.clone();
        Box::pin(async move {
            let (tell, told) = tokio::sync::oneshot::channel();
            // A thread of its own: should the user leave meanwhile, nobody waits for it.
            std::thread::spawn(move || {
                let found = match nth.loss {
                    Loss::Restarting => {
                        find_server(&places).and_then(|found| found.context("none"))
                    }
                    Loss::Silent => ensure_server(&places),
                };
                let _ = tell.send(found);
            });
            Link::unix(told.await??)
        })
    })
}

fn enter_by(
    places: &Places,
    (link, again): (Blocking, Again),
    (session, create): (Option<String>, Option<NewSession>),
    agent: AgentWish,
) -> Result<ExitCode> {
    let size = client::terminal_size()?;
    let configuration = Configuration::read(places);
    let welcome = hint::first_start(places, &configuration.settings().keymap);
    let attach = Attach {
        session,
        create,
        size,
        viewer: Token::default(),
        confirmed: None,
    };
    let outcome = link.enter(async |link: Link| {
        client::run((link, again), attach, configuration, welcome, agent).await
    })?;
    let line = outcome.to_string();
    if !line.is_empty() {
        client::say_last(&line);
    }
    Ok(ExitCode::SUCCESS)
}

fn start_directory(wanted: Option<String>) -> Result<String> {
    match wanted {
        Some(dir) => directory(&dir),
        None => {
            let dir = std::env::current_dir().unwrap_or_else(|_| "/".into());
            Ok(dir.to_string_lossy().into_owned())
        }
    }
}

/// The whole path of a directory in which a program is to start.
pub(super) fn directory(dir: &str) -> Result<String> {
    let dir = std::fs::canonicalize(dir).with_context(|| format!("starting in {dir}"))?;
    if !dir.is_dir() {
        bail!("starting in {}: not a directory", dir.display());
    }
    Ok(dir.to_string_lossy().into_owned())
}

fn environment() -> Vec<(String, String)> {
    let text = |(key, value): (OsString, OsString)| {
        Some((key.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// What of it another machine is told: what else stands there may be secret.
fn environment_abroad() -> Vec<(String, String)> {
    let mut env = environment();
    env.retain(|(name, _)| goes_along(name));
    env
}

/// What `-e` adds to it.
fn added(pairs: &[String]) -> Result<Vec<(String, String)>> {
    let added = pairs.iter().map(|pair| {
        let (key, value) = pair
            .split_once('=')
            .with_context(|| format!("-e {pair}: write it as K=V"))?;
        ensure!(!key.is_empty(), "-e {pair}: the name is empty");
        Ok((key.to_owned(), value.to_owned()))
    });
    added.collect()
}
