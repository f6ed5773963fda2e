//! `wt server …`: the server as a service.

use super::args::ServerCommand;
use super::{control, listing};
use crate::disk::places::Places;
use crate::holder;
use crate::protocol::request::Request;
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
    // Programs of a server that was killed are ended by the next one.
    let Some(mut link) = control::connect(places)? else {
        return Ok(());
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
    let status = listing::ask_status(&mut link)?;
    print!("{}", listing::status_page(places, &status));
    Ok(ExitCode::SUCCESS)
}
