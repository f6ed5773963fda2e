//! `wt server …`: the server as a service.

use super::args::ServerCommand;
use super::control;
use crate::disk::places::Places;
use crate::holder;
use crate::net::unix::Blocking;
use crate::pane::duration;
use crate::protocol::request::{Reply, Request, Status};
use crate::server::{self, start};
use anyhow::{Result, bail};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a server may take to end its programs (HUP, TERM, KILL) before `wt server stop` gives up waiting.
const STOP_WAIT: Duration = Duration::from_secs(15);

/// Does what was asked for.
pub(super) fn run(places: &Places, command: ServerCommand) -> Result<ExitCode> {
    match command {
        ServerCommand::Run { start } => server::run(places, start.into())?,
        ServerCommand::Hold => holder::run::run(places)?,
        ServerCommand::Start => {
            control::reach(places, start::start_staying)?;
        }
        ServerCommand::Stop => stop(places, false)?,
        ServerCommand::Restart => {
            stop(places, true)?;
            control::reach(places, start::start_staying)?;
        }
        ServerCommand::Status => return status(places),
    }
    Ok(ExitCode::SUCCESS)
}

fn stop(places: &Places, keep_panes: bool) -> Result<()> {
    let mut link = match control::connect(places)? {
        Some(link) => link,
        // Programs of a server that was killed are ended by the next one.
        None if !keep_panes && start::find_holder(places)?.is_some() => {
            Blocking::greet(start::ensure_server(places)?)?
        }
        None => return Ok(()),
    };
    control::ask(&mut link, Request::Stop { keep_panes })?;
    // The server closes the connection when everything has ended.
    let asked = Instant::now();
    link.set_timeout(Some(STOP_WAIT))?;
    let _ = link.reply();
    if asked.elapsed() >= STOP_WAIT {
        bail!(
            "the server still runs after {} s: look into {}",
            STOP_WAIT.as_secs(),
            places.log_file().display()
        );
    }
    Ok(())
}

fn status(places: &Places) -> Result<ExitCode> {
    let Some(mut link) = control::connect(places)? else {
        println!("no server runs");
        return Ok(ExitCode::FAILURE);
    };
    let Reply::Status(status) = control::ask(&mut link, Request::Status)? else {
        bail!("the server answered something else");
    };
    print_status(places, &status);
    Ok(ExitCode::SUCCESS)
}

fn print_status(places: &Places, status: &Status) {
    println!(
        "server   pid {}, wt {}, up {}",
        status.pid,
        status.release,
        duration(status.uptime_secs * 1000)
    );
    match status.holder_pid {
        Some(pid) => println!("holder   pid {pid}"),
        None => println!("holder   not needed yet"),
    }
    println!("socket   {}", places.socket().display());
    println!("log      {}", places.log_file().display());
    let (sessions, panes, clients) = (status.sessions, status.panes, status.clients);
    println!(
        "holds    {}, {}, {}",
        count(sessions, "session"),
        count(panes, "pane"),
        count(clients, "client")
    );
    for warning in &status.warnings {
        println!("warning  {warning}");
    }
}

fn count(n: u32, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}
