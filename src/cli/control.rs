//! Commands that ask the server one thing and print the answer.

use super::target::Aim;
use crate::disk::places::Places;
use crate::disk::sessions::SessionFiles;
use crate::net::{Blocking, Closed};
use crate::protocol::recent::RecentLines;
use crate::protocol::request::{Reply, Request, SessionSummary};
use crate::server::start;
use anyhow::{Context, Result, bail};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a server that is ending may take.
const ENDING_WAIT: Duration = Duration::from_secs(2);

/// How often to try meanwhile.
const ENDING_RETRY: Duration = Duration::from_millis(10);

/// Opens a connection to a running server and greets it; `None` if no server runs.
///
/// Where the holder still has the programs of a server that was killed, another server is started to take them up; and
/// where sessions are on disk that nobody runs, to tell of them.
pub(super) fn connect(places: &Places) -> Result<Option<Blocking>> {
    match connect_to_programs(places)? {
        None if SessionFiles::exist(places) => reach(places, start::ensure_server).map(Some),
        found => Ok(found),
    }
}

/// As [`connect`], if any program of a pane may run: for commands that read themselves what is on disk.
pub(super) fn connect_to_programs(places: &Places) -> Result<Option<Blocking>> {
    if let Some(stream) = start::find_server(places)? {
        match Blocking::greet(stream) {
            // It was met in its last moment.
            Err(error) if error.is::<Closed>() => {}
            greeted => return greeted.map(Some),
        }
    }
    match start::find_holder(places)? {
        Some(_) => reach(places, start::ensure_server).map(Some),
        None => Ok(None),
    }
}

/// Connects to the server by `ensure`, which starts one if none runs, and greets it. A server that is met in its last
/// moment is let go.
pub(super) fn reach(
    places: &Places,
    ensure: impl Fn(&Places) -> Result<UnixStream>,
) -> Result<Blocking> {
    let patience = Instant::now() + ENDING_WAIT;
    loop {
        match Blocking::greet(ensure(places)?) {
            Err(error) if error.is::<Closed>() && Instant::now() < patience => {
                std::thread::sleep(ENDING_RETRY)
            }
            greeted => return greeted,
        }
    }
}

/// Opens a connection to a running server, or says that there is none.
pub(super) fn connect_running(places: &Places) -> Result<Blocking> {
    connect(places)?.context("no server runs: `wt` or `wt new` starts one")
}

/// Sends one request and takes its one reply; a refusal becomes an error.
pub(super) fn ask(link: &mut Blocking, request: Request) -> Result<Reply> {
    link.request(request)?;
    match link.reply()? {
        Reply::Error(line) => bail!(line),
        reply => Ok(reply),
    }
}

/// Sends one request, and prints what its reply says beyond that it was done.
pub(super) fn order(link: &mut Blocking, request: Request) -> Result<ExitCode> {
    if let Reply::Said(line) = ask(link, request)? {
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// `wt kill`.
pub(super) fn kill(places: &Places, session: String) -> Result<ExitCode> {
    let aim = Aim::new(Some(session))?;
    let mut link = aim.connect(places)?;
    let session = aim.target;
    order(&mut link, Request::Kill { session })
}

/// Sends one request, and prints the id of the pane that was made.
pub(super) fn order_pane(link: &mut Blocking, request: Request) -> Result<ExitCode> {
    if let Reply::Made { pane, .. } = ask(link, request)? {
        println!("{pane}");
    }
    Ok(ExitCode::SUCCESS)
}

/// All sessions of the server.
pub(super) fn sessions(link: &mut Blocking) -> Result<Vec<SessionSummary>> {
    match ask(link, Request::List)? {
        Reply::Sessions(sessions) => Ok(sessions),
        _ => bail!("the server answered something else"),
    }
}

/// The sessions whose programs run.
pub(super) fn living_sessions(link: &mut Blocking) -> Result<Vec<SessionSummary>> {
    let mut sessions = sessions(link)?;
    sessions.retain(|session| session.dead_since_ms.is_none());
    Ok(sessions)
}

/// The lines of a pane that its server has in memory, from number `from` on; at least one part.
pub(super) fn recent(link: &mut Blocking, target: &str, from: u64) -> Result<Vec<RecentLines>> {
    let target = target.to_owned();
    link.request(Request::Recent { target, from })?;
    let mut parts = Vec::new();
    loop {
        match link.reply()? {
            Reply::Recent(part) => parts.push(part),
            Reply::Error(line) => bail!(line),
            _ => return Ok(parts),
        }
    }
}

/// `wt reload`: says what is wrong with the files, and has them read again as far as they are right.
pub(super) fn reload(places: &Places) -> Result<ExitCode> {
    let (_, problems) = places.read_config();
    if let Some(mut link) = connect(places)? {
        ask(&mut link, Request::Reload)?;
    }
    for problem in &problems {
        eprintln!("wt: {problem}");
    }
    Ok(match problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
