//! The client's loop: waits for whatever happens first, and tells the [`Attachment`].

use super::attachment::{Attachment, Outcome};
use super::configuration::Configuration;
use super::reach::{AgentWish, Reach};
use super::signals::{Asked, Signals};
use super::terminal::Terminal;
use crate::disk::watch::Watch;
use crate::net::{Link, Ready};
use crate::protocol::Message;
use crate::protocol::request::{Attach, Reply, Request};
use anyhow::{Result, anyhow, bail};
use std::time::{Duration, Instant};

/// How long a server that takes nothing is waited for when the client leaves.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

/// Most packets that may come before the word that the session is entered.
const MAX_EARLY: usize = 64;

/// Attaches over a link that was greeted, and stays until one of both ends it. The terminal is the user's again when
/// this returns. Belongs on a runtime of one thread.
///
/// # Errors
/// In one line: no terminal, a refusal, or the loss of the server.
pub async fn run(
    mut link: Link,
    mut attach: Attach,
    configuration: Configuration,
    welcome: Option<String>,
    agent: AgentWish,
) -> Result<Outcome> {
    let mut signals = Signals::listen()?;
    let config_dir = configuration.places().config_dir().to_owned();
    let mut terminal = Terminal::open()?;
    attach.size = terminal.size();
    let (session, early) = enter_session(&mut link, attach).await?;
    terminal.enter()?;
    let agent = (agent, configuration.settings().sharing.ssh_agent);
    let reach = Reach::new(&link, configuration.places().socket(), agent);
    let mut attachment = Attachment::new(terminal, link, session, configuration, reach);
    attachment.welcome(welcome);
    for message in early {
        attachment.hear(Ready::Message(message))?;
    }
    // A watch takes as long to start as the first frame does to be drawn; what was saved meanwhile is seen as well.
    let outcome = match attachment.settle().await {
        Ok(()) => {
            let mut watch = Watch::over(&config_dir);
            attachment.configuration_changed();
            attached(&mut attachment, &mut signals, &mut watch).await
        }
        Err(error) => Err(error),
    };
    let outcome = outcome.map_err(|error| {
        anyhow!("lost the server ({error:#}): run wt again, it takes up all programs that live on")
    })?;
    // Nobody is left to be told if it cannot be done in time.
    let _ = tokio::time::timeout(LEAVE_WAIT, attachment.deliver()).await;
    attachment.close().await;
    Ok(outcome)
}

/// Turns the connection into an attachment: the session's name, and what came before the word that it is one.
async fn enter_session(link: &mut Link, attach: Attach) -> Result<(String, Vec<Message>)> {
    link.queue(&Message::Request(Request::Attach(attach)));
    link.flush().await?;
    let mut early = Vec::new();
    loop {
        match link.recv().await? {
            Some(Message::Reply(Reply::Attached { session })) => return Ok((session, early)),
            Some(Message::Reply(Reply::Error(line))) => bail!(line),
            // Over a network packets may overtake the stream.
            Some(packet @ Message::Packet(_)) if early.len() < MAX_EARLY => early.push(packet),
            _ => bail!("the server did not answer the request to attach"),
        }
    }
}

/// Turns until the attachment has an outcome.
async fn attached(
    attachment: &mut Attachment,
    signals: &mut Signals,
    watch: &mut Watch,
) -> Result<Outcome> {
    loop {
        if let Some(outcome) = attachment.outcome() {
            return Ok(outcome);
        }
        attachment.settle().await?;
        if let Some(outcome) = attachment.outcome() {
            return Ok(outcome);
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
            ..
        } = &mut *attachment;
        tokio::select! {
            biased;
            asked = signals.next() => obey(attachment, asked)?,
            _ = terminal.readable(), if has_room => attachment.read_terminal(),
            ready = link.ready() => attachment.hear(ready?)?,
            _ = terminal.writable(), if is_writing => {}
            answer = paster.answer() => attachment.pasted(answer),
            () = carrier.work() => {}
            fault = copier.fault() => attachment.say(fault),
            failure = opener.failure() => attachment.not_opened(failure),
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

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
