//! An errand at a server elsewhere: what it says is passed on as it comes; C-c ends it, there too.

use super::signals::{Asked, Signals};
use crate::net::Link;
use crate::protocol::Message;
use crate::protocol::errand::{Errand, ErrandReply};
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::Side;
use anyhow::{Context, Result, bail};

/// How an errand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrandEnd {
    /// With this exit code.
    Over(u8),
    /// The user wants no more of it.
    Interrupted,
}

/// Has an errand done at the other end of `link`; `said` gets what it prints and what it says beside that.
///
/// # Errors
/// In one line: the server refuses it, or is lost; or what `said` fails with.
pub async fn errand(
    mut link: Link,
    wanted: Errand,
    mut said: impl FnMut(ErrandReply) -> Result<()>,
) -> Result<ErrandEnd> {
    let mut signals = Signals::listen()?;
    link.queue(&Message::Request(Request::Side(Side::Errand(wanted))));
    link.flush().await?;
    let ended = loop {
        let message = tokio::select! {
            message = link.recv() => message,
            asked = signals.next() => match asked {
                Asked::HangUp | Asked::End => break Ok(ErrandEnd::Interrupted),
                Asked::Resize | Asked::Resume => continue,
            },
        };
        match next(message).and_then(|reply| match reply {
            Some(ErrandReply::Over(code)) => Ok(Some(ErrandEnd::Over(code))),
            Some(part) => said(part).map(|()| None),
            None => Ok(None),
        }) {
            Ok(None) => {}
            Ok(Some(end)) => break Ok(end),
            Err(error) => break Err(error),
        }
    };
    // Only so does the server know that nobody wants the rest.
    link.close().await;
    ended
}

fn next(message: Result<Option<Message>>) -> Result<Option<ErrandReply>> {
    match message?.context("the server went away in the middle of an answer")? {
        Message::Reply(Reply::Errand(reply)) => Ok(Some(reply)),
        Message::Reply(Reply::Error(line)) => bail!(line),
        Message::Reply(_) => {
            bail!("the server answered something else: `wt server restart` there replaces it")
        }
        _ => Ok(None),
    }
}
