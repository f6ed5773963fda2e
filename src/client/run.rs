//! The client's loop: waits for whatever happens first, and tells the [`Attachment`].

use super::again::{Entered, Greeting, enter};
use super::attachment::Attachment;
use super::configuration::Configuration;
use super::door::{Door, Doors, Knock};
use super::opening::Then;
use super::outcome::Outcome;
use super::reach::{AgentWish, Reach};
use super::signals::{Asked, Signals};
use super::terminal::{Terminal, terminal_size};
use super::tie::Tie;
use super::visit::{Arrival, Looking};
use crate::disk::watch::Watch;
use crate::net::Link;
use anyhow::Result;
use std::time::Instant;

/// A session that was entered, and is to be shown first.
#[derive(Debug)]
pub struct Entrance {
    link: Link,
    tie: Tie,
    entered: Entered,
    host: Option<String>,
    agent: AgentWish,
}

/// What a client begins with beside the session that is shown first.
#[derive(Debug)]
pub struct Plan {
    /// Sessions to be held beside the first, as the user named them.
    pub others: Vec<(String, Door)>,
    /// Finds what leads to those that the user asks for later.
    pub doors: Doors,
    /// What is configured.
    pub configuration: Configuration,
    /// What is said to a newcomer.
    pub welcome: Option<String>,
    /// What has gone wrong so far.
    pub said: Option<String>,
}

/// Enters a session over a link that was greeted.
///
/// # Errors
/// In one line: no terminal, or a refusal.
pub async fn enter_by(mut link: Link, door: Door) -> Result<Entrance> {
    let Knock {
        host,
        agent,
        tie,
        attach,
    } = door.knock(terminal_size()?, Looking::Here);
    let entered = enter(&mut link, attach, Greeting::Answered).await?;
    Ok(Entrance {
        link,
        tie,
        entered,
        host,
        agent,
    })
}

/// Stays attached until the user leaves or the last session ends, over as many links as that takes. The terminal is the
/// user's again when this returns. Belongs on a runtime of one thread.
///
/// # Errors
/// In one line: no terminal.
pub async fn run(entrance: Entrance, plan: Plan) -> Result<Vec<Outcome>> {
    let mut signals = Signals::listen()?;
    let Plan {
        others,
        doors,
        configuration,
        welcome,
        said,
    } = plan;
    let config_dir = configuration.places().config_dir().to_owned();
    let mut terminal = Terminal::open()?;
    terminal.enter()?;
    let first = arrival(entrance, &configuration);
    let mut attachment = Attachment::new(terminal, configuration, doors, first);
    attachment.welcome(welcome);
    for (target, door) in others {
        attachment.open_by(target, door, Then::Wait);
    }
    if let Some(said) = said {
        attachment.say(said);
    }
    // A watch takes as long to start as the first frame does to be drawn; what was saved meanwhile is seen as well.
    attachment.settle().await;
    let mut watch = Watch::over(&config_dir);
    attachment.configuration_changed();
    let mut outcomes = attached(&mut attachment, &mut signals, &mut watch).await?;
    attachment.part(&mut outcomes).await;
    Ok(outcomes)
}

fn arrival(entrance: Entrance, configuration: &Configuration) -> Arrival {
    let Entrance {
        link,
        tie,
        entered,
        host,
        agent,
    } = entrance;
    let agent = (agent, configuration.settings().sharing.ssh_agent);
    let reach = Reach::new(&link, configuration.places().socket(), agent);
    Arrival {
        host,
        link,
        tie,
        entered,
        reach,
        looking: Looking::Here,
    }
}

/// Turns until the attachment has come to its end.
async fn attached(
    attachment: &mut Attachment,
    signals: &mut Signals,
    watch: &mut Watch,
) -> Result<Vec<Outcome>> {
    loop {
        if let Some(outcomes) = attachment.outcomes() {
            return Ok(outcomes);
        }
        attachment.settle().await;
        if let Some(outcomes) = attachment.outcomes() {
            return Ok(outcomes);
        }
        attachment.seek();
        if attachment.visits.shown().is_lost()
            && let Some(happened) = at_once(attachment.visits.next()).await
        {
            // A paste that streams in must not keep the way back from getting on.
            attachment.happened(happened);
            continue;
        }
        let due = attachment.timeout();
        let has_room = attachment.has_room();
        let is_writing = !attachment.console.terminal.is_clear();
        let Attachment {
            console,
            visits,
            openings,
            departures,
            ..
        } = &mut *attachment;
        tokio::select! {
            biased;
            asked = signals.next() => obey(attachment, asked)?,
            _ = console.terminal.readable(), if has_room => attachment.read_terminal(),
            happened = visits.next() => attachment.happened(happened),
            opened = openings.next() => attachment.opened(opened),
            _ = console.terminal.writable(), if is_writing => {}
            answer = console.paster.answer() => attachment.pasted(answer),
            fault = console.copier.fault() => attachment.say(fault),
            failure = console.opener.failure() => attachment.not_opened(failure),
            told = departures.work() => attachment.say(told),
            () = watch.changed() => attachment.configuration_changed(),
            () = sleep_until(due), if due.is_some() => attachment.time_passed(),
        }
    }
}

/// What comes without being waited for.
async fn at_once<T>(coming: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        come = coming => Some(come),
        () = std::future::ready(()) => None,
    }
}

fn obey(attachment: &mut Attachment, asked: Asked) -> Result<()> {
    match asked {
        Asked::Resize => attachment.resized(),
        Asked::Resume => attachment.resumed()?,
        Asked::HangUp => attachment.hang_up(),
        Asked::End => attachment.detach(),
    }
    Ok(())
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
