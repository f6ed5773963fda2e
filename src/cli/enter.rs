//! `wt`, `wt new` and `wt attach`: the commands that end in a session.

use super::args::{At, New, Resume};
use super::{command, control, hint, listing, remote};
use crate::client::{
    self, Again, AgentWish, Configuration, Door, Doors, Elsewhere, Loss, Plan, Road,
};
use crate::disk::places::Places;
use crate::net::{Blocking, Link};
use crate::protocol::request::{NewSession, Reply, Request, WhichDead, goes_along};
use crate::server::start::{ensure_server, find_server};
use anyhow::{Context, Result, bail, ensure};
use std::collections::VecDeque;
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
    let entered = enter(places, link, Some(session.clone()));
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

/// What `wt attach` is told beside the sessions.
pub(super) struct Wishes {
    pub missing: Missing,
    pub agent: AgentWish,
    pub road: Road,
}

/// A session that is to be attached to.
struct Aimed {
    /// As the user wrote it; `None` for the one used last.
    target: Option<String>,
    /// The server, if it is not this machine's.
    elsewhere: Option<Elsewhere>,
    /// Which session there.
    session: Option<String>,
}

impl Aimed {
    fn at(target: Option<String>) -> Result<Self> {
        let (elsewhere, session) = remote::split(target.clone())?;
        Ok(Self {
            target,
            elsewhere,
            session,
        })
    }

    /// What leads there again, as it was reached by that link over that road.
    fn again_from(&self, places: &Places, link: &Blocking, road: &Road) -> Again {
        match self.elsewhere.clone() {
            Some(elsewhere) => elsewhere.again_from(places, road, link.remote_address()),
            None => again(places),
        }
    }

    /// What leads there.
    fn door(&self, places: &Places, missing: Missing, agent: AgentWish) -> Result<Door> {
        Ok(Door {
            host: self.elsewhere.as_ref().map(host_of),
            again: match self.elsewhere.clone() {
                Some(elsewhere) => elsewhere.again(places),
                None => again(places),
            },
            session: self.session.clone(),
            create: match missing {
                Missing::Refused => None,
                Missing::Made => Some(self.made()?),
            },
            agent: match &self.elsewhere {
                Some(elsewhere) => elsewhere.agent(places, agent),
                None => agent,
            },
        })
    }

    /// The session as it is made there for somebody who attaches to it.
    fn made(&self) -> Result<NewSession> {
        let (cwd, env) = match &self.elsewhere {
            None => (start_directory(None)?, environment()),
            // Which directories there are is known there.
            Some(_) => (String::new(), environment_abroad()),
        };
        Ok(NewSession {
            name: self.session.clone(),
            or_existing: true,
            cwd,
            env,
            size: client::terminal_size().ok(),
            ..NewSession::default()
        })
    }

    /// Reaches the server.
    fn reach(&self, places: &Places, wishes: &Wishes) -> Result<Blocking> {
        match &self.elsewhere {
            Some(elsewhere) => elsewhere.reach_by(places, &wishes.road),
            None if wishes.missing == Missing::Refused => control::connect_running(places),
            None => control::reach(places, ensure_server),
        }
    }
}

/// What the host is called in the status line.
fn host_of(elsewhere: &Elsewhere) -> String {
    match elsewhere {
        Elsewhere::Host(name) => name.clone(),
        Elsewhere::Network(address) => address.to_string(),
    }
}

/// `wt attach`, and `wt` alone: the first session that can be entered is shown, the others wait beside it.
pub(super) fn attach(places: &Places, targets: Vec<String>, wishes: &Wishes) -> Result<ExitCode> {
    client::require_terminal()?;
    ensure!(
        targets.len() <= client::MAX_VISITS,
        "one client holds {} sessions at most",
        client::MAX_VISITS
    );
    let mut aimed = targets
        .into_iter()
        .map(|target| Aimed::at(Some(target)))
        .collect::<Result<VecDeque<_>>>()?;
    if aimed.is_empty() {
        aimed.push_back(Aimed::at(None)?);
    }
    let is_far = |aimed: &Aimed| aimed.elsewhere.is_some();
    ensure!(
        matches!(wishes.road, Road::Real) || aimed.len() == 1 && is_far(&aimed[0]),
        "--simulate is for one link over a network: name the session HOST/SESSION or wt://ADDR:PORT/SESSION"
    );
    let mut failed = Vec::new();
    while let Some(first) = aimed.pop_front() {
        let link = first.reach(places, wishes);
        let entered = match link {
            Ok(link) => enter_first(places, link, (&first, &aimed), wishes, &failed)?,
            Err(error) => Err(error),
        };
        match entered {
            Ok(code) => return Ok(code),
            Err(error) if failed.is_empty() && aimed.is_empty() => return Err(error),
            Err(error) => {
                let target = first.target.unwrap_or_default();
                failed.push(format!("{target}: {error:#}"));
            }
        }
    }
    bail!(failed.join("; "))
}

/// Enters the first session over its link; the inner error says why it is not entered.
fn enter_first(
    places: &Places,
    link: Blocking,
    (first, others): (&Aimed, &VecDeque<Aimed>),
    wishes: &Wishes,
    failed: &[String],
) -> Result<Result<ExitCode>> {
    let door = |aimed: &Aimed| aimed.door(places, wishes.missing, wishes.agent);
    let others = others.iter().map(|aimed| {
        let target = aimed.target.clone().unwrap_or_default();
        Ok((target, door(aimed)?))
    });
    let others = others.collect::<Result<Vec<_>>>()?;
    let said = (!failed.is_empty()).then(|| failed.join("; "));
    let door = Door {
        again: first.again_from(places, &link, &wishes.road),
        ..door(first)?
    };
    enter_by(places, (link, door), others, said)
}

/// Attaches to a session of a server elsewhere.
pub(super) fn attach_over(
    places: &Places,
    (link, elsewhere, road): (Blocking, Elsewhere, &Road),
    session: Option<String>,
    missing: Missing,
    agent: AgentWish,
) -> Result<ExitCode> {
    let aimed = Aimed {
        target: None,
        elsewhere: Some(elsewhere),
        session,
    };
    let door = Door {
        again: aimed.again_from(places, &link, road),
        ..aimed.door(places, missing, agent)?
    };
    enter_by(places, (link, door), Vec::new(), None)?
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
        let first = sessions.into_iter().next();
        return match elsewhere {
            None => enter(places, link, first),
            Some(there) => {
                let agent = AgentWish::AsConfigured;
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

/// Attaches to that session of the server of this machine.
fn enter(places: &Places, link: Blocking, session: Option<String>) -> Result<ExitCode> {
    let aimed = Aimed {
        target: None,
        elsewhere: None,
        session,
    };
    let door = aimed.door(places, Missing::Refused, AgentWish::AsConfigured)?;
    enter_by(places, (link, door), Vec::new(), None)?
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
                        find_server(&places).and_then(|found| found.context("no server runs here"))
                    }
                    Loss::Silent => ensure_server(&places),
                };
                let _ = tell.send(found);
            });
            Link::unix(told.await??)
        })
    })
}

/// Enters the session behind the door over a link to its server, and holds the others beside it. The inner error says why
/// it is not entered: then nothing has happened.
fn enter_by(
    places: &Places,
    (link, door): (Blocking, Door),
    others: Vec<(String, Door)>,
    said: Option<String>,
) -> Result<Result<ExitCode>> {
    let configuration = Configuration::read(places);
    let welcome = hint::first_start(places, &configuration.settings().keymap);
    let plan = Plan {
        others,
        doors: doors(places),
        configuration,
        welcome,
        said,
    };
    let mut has_entered = false;
    let outcomes = link.enter(async |link: Link| {
        let entrance = client::enter_by(link, door).await?;
        has_entered = true;
        client::run(entrance, plan).await
    });
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(error) if has_entered => return Err(error),
        Err(error) => return Ok(Err(error)),
    };
    for outcome in outcomes {
        let line = outcome.to_string();
        if !line.is_empty() {
            // A session's name is one of the server's words.
            client::say_last(&listing::plain(&line));
        }
    }
    Ok(Ok(ExitCode::SUCCESS))
}

/// What leads to the sessions that the user asks for while attached.
fn doors(places: &Places) -> Doors {
    let places = places.clone();
    Doors::by(move |target| {
        let aimed = Aimed::at(Some(target.to_owned()))?;
        aimed.door(&places, Missing::Refused, AgentWish::AsConfigured)
    })
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
