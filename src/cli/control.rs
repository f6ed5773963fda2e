//! Commands that ask the server one thing and print the answer.

use super::args::{Split, TabCommand};
use crate::disk::places::Places;
use crate::net::unix::{Blocking, Closed};
use crate::pane::duration;
use crate::protocol::Direction;
use crate::protocol::command::{Command, PaneCommand, Spawn, TabCommand as Tab};
use crate::protocol::request::{PaneSummary, Reply, Request, SessionSummary};
use crate::server::start;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a server that is ending may take.
const ENDING_WAIT: Duration = Duration::from_secs(2);

/// How often to try meanwhile.
const ENDING_RETRY: Duration = Duration::from_millis(10);

/// Opens a connection to a running server and greets it; `None` if no server runs.
pub(super) fn connect(places: &Places) -> Result<Option<Blocking>> {
    start::find_server(places)?.map(Blocking::greet).transpose()
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

fn order(places: &Places, request: Request) -> Result<ExitCode> {
    ask(&mut connect_running(places)?, request)?;
    Ok(ExitCode::SUCCESS)
}

/// `wt detach`.
pub(super) fn detach(places: &Places, session: Option<String>) -> Result<ExitCode> {
    order(places, Request::Detach { session })
}

/// `wt kill`.
pub(super) fn kill(places: &Places, session: String) -> Result<ExitCode> {
    order(places, Request::Kill { session })
}

/// `wt split`.
pub(super) fn split(places: &Places, split: Split) -> Result<ExitCode> {
    let side = if split.down {
        Direction::Down
    } else {
        Direction::Right
    };
    let spawn = Spawn {
        argv: split.argv,
        cwd: None,
        keep_focus: split.no_focus,
    };
    let command = Command::Pane(PaneCommand::Split { side, spawn });
    order(
        places,
        Request::Run {
            target: split.target,
            command,
        },
    )
}

/// `wt tab …`.
pub(super) fn tab(places: &Places, command: TabCommand) -> Result<ExitCode> {
    let TabCommand::New {
        target,
        no_focus,
        argv,
    } = command;
    let command = Command::Tab(Tab::New(Spawn {
        argv,
        cwd: None,
        keep_focus: no_focus,
    }));
    order(places, Request::Run { target, command })
}

/// `wt capture`.
pub(super) fn capture(
    places: &Places,
    target: String,
    ansi: bool,
    history: bool,
) -> Result<ExitCode> {
    let mut link = connect_running(places)?;
    link.request(Request::Capture {
        target,
        ansi,
        history,
    })?;
    let mut out = std::io::stdout().lock();
    loop {
        match link.reply()? {
            Reply::Text(part) => out.write_all(&part)?,
            Reply::Error(line) => bail!(line),
            _ => break,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// `wt ls`.
pub(super) fn list(places: &Places, json: bool) -> Result<ExitCode> {
    let sessions = match connect(places)? {
        None => Vec::new(),
        Some(mut link) => match ask(&mut link, Request::List)? {
            Reply::Sessions(sessions) => sessions,
            _ => bail!("the server answered something else"),
        },
    };
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sessions)?)?;
    } else if sessions.is_empty() {
        eprintln!("no sessions: `wt` starts one");
    } else {
        for session in &sessions {
            print_session(&mut out, session)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_session(out: &mut impl Write, session: &SessionSummary) -> Result<()> {
    let age = now_secs().saturating_sub(session.created) * 1000;
    let clients = match session.clients {
        0 => "detached".to_owned(),
        1 => "attached".to_owned(),
        n => format!("{n} clients"),
    };
    let size = session.size;
    writeln!(
        out,
        "{}: {}, {}×{}, up {}",
        session.name,
        clients,
        size.cols,
        size.rows,
        duration(age)
    )?;
    for tab in &session.tabs {
        let active = if tab.active { "*" } else { " " };
        writeln!(out, "  {}{active} {}", tab.number, tab.name)?;
        for pane in &tab.panes {
            print_pane(out, pane)?;
        }
    }
    Ok(())
}

fn print_pane(out: &mut impl Write, pane: &PaneSummary) -> Result<()> {
    let focused = if pane.focused { "*" } else { " " };
    let fate = if pane.fate.is_empty() {
        String::new()
    } else {
        format!(" ({})", pane.fate)
    };
    let (id, size) = (pane.id, pane.size);
    Ok(writeln!(
        out,
        "      {id}{focused} {}  {}×{}  {}{fate}",
        pane.command, size.cols, size.rows, pane.cwd
    )?)
}

/// Seconds since the Unix epoch.
pub(super) fn now_secs() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
