//! `wt server …`: the server as a service.

use super::args::ServerCommand;
use super::{bootstrap, control, errand, listing};
use crate::disk::Lock;
use crate::disk::places::Places;
use crate::disk::process::Identity;
use crate::holder;
use crate::protocol::request::Request;
use crate::server::{self, start};
use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a server may take to end its programs (HUP, TERM, KILL) before `wt server stop` gives up waiting.
const STOP_WAIT: Duration = Duration::from_secs(15);

/// How often to look whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Does what was asked for.
pub(super) fn run(places: &Places, command: ServerCommand) -> Result<ExitCode> {
    match command {
        ServerCommand::Run { start, listen } => server::run(places, start.into(), &listen)?,
        ServerCommand::Bootstrap => return bootstrap::run(places),
        ServerCommand::Errand => return errand::perform(places),
        ServerCommand::Hold => holder::run::run(places)?,
        ServerCommand::Start => {
            control::reach(places, start::start_staying)?;
        }
        ServerCommand::Stop => stop(places, Programs::End)?,
        ServerCommand::Restart => {
            stop(places, Programs::LiveOn)?;
            control::reach(places, start::start_staying)?;
        }
        ServerCommand::Status => return status(places),
    }
    Ok(ExitCode::SUCCESS)
}

/// What becomes of the programs of a server that is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Programs {
    End,
    /// The holder keeps them for the next server.
    LiveOn,
}

fn stop(places: &Places, programs: Programs) -> Result<()> {
    let keep_panes = programs == Programs::LiveOn;
    let link = match control::connect(places) {
        // Another release of wt, which does not understand this one, ends by a signal and leaves its programs.
        Err(_) if end_by_signal(places) => match programs {
            Programs::LiveOn => return Ok(()),
            Programs::End => control::connect(places)?,
        },
        link => link?,
    };
    // Programs of a server that was killed are ended by the next one.
    let Some(mut link) = link else {
        return Ok(());
    };
    let owner = Lock::owner(&places.lock()).filter(|owner| owner.is_alive());
    control::ask(&mut link, Request::Stop { keep_panes })?;
    // The server closes the connection when everything has ended, and is gone a moment after.
    let asked = Instant::now();
    link.set_timeout(Some(STOP_WAIT))?;
    let _ = link.reply();
    if !owner.is_none_or(|owner| has_ended(owner, asked)) {
        bail!(
            "the server still runs after {} s: look into {}",
            STOP_WAIT.as_secs(),
            places.log_file().display()
        );
    }
    Ok(())
}

/// Asks the running server to end as the system does at its end; says whether it has.
fn end_by_signal(places: &Places) -> bool {
    let owner = Lock::owner(&places.lock()).filter(|owner| owner.is_alive());
    let pid = owner.and_then(|owner| Pid::from_raw(owner.pid as i32));
    let (Some(owner), Some(pid)) = (owner, pid) else {
        return false;
    };
    if kill_process(pid, Signal::TERM).is_err() {
        return false;
    }
    has_ended(owner, Instant::now())
}

/// Waits until a server that was asked to end has ended, or [`STOP_WAIT`] is over; whether it has.
fn has_ended(owner: Identity, asked: Instant) -> bool {
    while owner.is_alive() && asked.elapsed() < STOP_WAIT {
        std::thread::sleep(LOOK_AGAIN);
    }
    !owner.is_alive()
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
