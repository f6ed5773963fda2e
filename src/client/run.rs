//! The client's loop: waits for whatever happens first, and tells the [`Attachment`].

use super::again::{Again, Attempt, Entered, Greeting, enter};
use super::attachment::Attachment;
use super::configuration::Configuration;
use super::outcome::Outcome;
use super::reach::{AgentWish, Reach};
use super::signals::{Asked, Signals};
use super::terminal::Terminal;
use super::tie::Tie;
use crate::disk::watch::Watch;
use crate::net::{Link, Ready};
use crate::protocol::request::Attach;
use anyhow::Result;
use std::time::{Duration, Instant};

/// How long a server that takes nothing is waited for when the client leaves.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

/// Attaches over a link that was greeted, and stays until one of both ends it, over as many links as that takes. The
/// terminal is the user's again when this returns. Belongs on a runtime of one thread.
///
/// # Errors
/// In one line: no terminal, or a refusal.
pub async fn run(
    (mut link, again): (Link, Again),
    mut attach: Attach,
    configuration: Configuration,
    welcome: Option<String>,
    agent: AgentWish,
) -> Result<Outcome> {
    let mut signals = Signals::listen()?;
    let config_dir = configuration.places().config_dir().to_owned();
    let mut terminal = Terminal::open()?;
    attach.size = terminal.size();
    let tie = Tie::new(again);
    attach.viewer = tie.viewer;
    let entered = enter(&mut link, attach, Greeting::Answered).await?;
    terminal.enter()?;
    let agent = (agent, configuration.settings().sharing.ssh_agent);
    let reach = Reach::new(&link, configuration.places().socket(), agent);
    let mut attachment =
        Attachment::new(terminal, (link, tie), entered.session, configuration, reach);
    attachment.welcome(welcome);
    for message in entered.early {
        attachment.hear(Ok(Ready::Message(message)));
    }
    // A watch takes as long to start as the first frame does to be drawn; what was saved meanwhile is seen as well.
    attachment.settle().await;
    let mut watch = Watch::over(&config_dir);
    attachment.configuration_changed();
    let outcome = attached(&mut attachment, &mut signals, &mut watch).await?;
    // Nobody is left to be told if it cannot be done in time.
    let _ = tokio::time::timeout(LEAVE_WAIT, attachment.deliver()).await;
    attachment.close().await;
    Ok(outcome)
}

/// Turns until the attachment has an outcome.
async fn attached(
    attachment: &mut Attachment,
    signals: &mut Signals,
    watch: &mut Watch,
) -> Result<Outcome> {
    let mut attempt = None;
    loop {
        if let Some(outcome) = attachment.outcome() {
            return Ok(outcome);
        }
        attachment.settle().await;
        if let Some(outcome) = attachment.outcome() {
            return Ok(outcome);
        }
        match attachment.attempt() {
            Some(next) => attempt = Some(next),
            // The server was heard after all.
            None if !attachment.is_seeking() => attempt = attempt.filter(Attempt::has_asked),
            None => {}
        }
        let due = attachment.timeout();
        let has_room = attachment.has_room();
        let is_writing = !attachment.terminal.is_clear();
        let Attachment {
            terminal,
            link,
            copier,
            paster,
            carrier,
            opener,
            vigil,
            ..
        } = &mut *attachment;
        tokio::select! {
            biased;
            asked = signals.next() => obey(attachment, asked)?,
            _ = terminal.readable(), if has_room => attachment.read_terminal(),
            ready = next(link) => attachment.hear(ready),
            made = ending(&mut attempt) => {
                attempt = None;
                attachment.attempted(made);
            }
            _ = terminal.writable(), if is_writing => {}
            answer = paster.answer() => attachment.pasted(answer),
            () = carrier.work() => {}
            fault = copier.fault() => attachment.say(fault),
            failure = opener.failure() => attachment.not_opened(failure),
            () = vigil.stirred() => attachment.stirred(),
            () = watch.changed() => attachment.configuration_changed(),
            () = sleep_until(due), if due.is_some() => attachment.time_passed(),
        }
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

async fn next(link: &mut Option<Link>) -> Result<Ready> {
    match link {
        Some(link) => link.ready().await,
        None => std::future::pending().await,
    }
}

async fn ending(attempt: &mut Option<Attempt>) -> Result<(Link, Entered)> {
    match attempt {
        Some(attempt) => attempt.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
