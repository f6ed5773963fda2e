//! How a client comes to its session again over another link.

use super::outage::Try;
use crate::net::{Link, Ready, Refused};
use crate::protocol::Message;
use crate::protocol::request::{Attach, Reply, Request};
use anyhow::{Context, Result, bail};
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// Most packets that may come before the word that the session is entered.
const MAX_EARLY: usize = 64;

/// How long a server that was reached may take to let its viewer in.
const ENTRY_WAIT: Duration = Duration::from_secs(5);

/// A link to come, greeted.
pub type Reaching = Pin<Box<dyn Future<Output = Result<Link>>>>;

/// Makes links to the server that was attached to first.
pub struct Again(Box<dyn Fn(Try) -> Reaching>);

impl Again {
    /// Makes them by `again`; each attempt has to end by itself.
    pub fn by(again: impl Fn(Try) -> Reaching + 'static) -> Self {
        Self(Box::new(again))
    }

    /// An attempt to make one and to attach over it.
    pub(super) fn attempt(&self, nth: Try, attach: Attach) -> Attempt {
        let reaching = (self.0)(nth);
        Box::pin(async move {
            let mut link = reaching.await?;
            let entering = enter(&mut link, attach);
            let entered = tokio::time::timeout(ENTRY_WAIT, entering).await;
            let entered = entered.context("the server does not answer")??;
            Ok((link, entered))
        })
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Again(..)")
    }
}

/// An attempt to come to the session again.
pub(super) type Attempt = Pin<Box<dyn Future<Output = Result<(Link, Entered)>>>>;

/// What the server said to a viewer that it let in.
#[derive(Debug)]
pub(super) struct Entered {
    /// The session's name.
    pub(super) session: String,
    /// Where the viewer's input goes on; `None` if the server does not know it.
    pub(super) resumed: Option<u64>,
    /// What came before that word.
    pub(super) early: Vec<Message>,
}

/// Turns the link into an attachment.
///
/// # Errors
/// [`Refused`] if the server does not want that.
pub(super) async fn enter(link: &mut Link, attach: Attach) -> Result<Entered> {
    link.queue(&Message::Request(Request::Attach(attach)));
    link.flush().await?;
    let mut early = Vec::new();
    loop {
        let message = match link.ready().await? {
            Ready::Message(message) => message,
            Ready::Clear => continue,
            Ready::Closed => bail!("the server went away before it answered"),
        };
        match message {
            Message::Reply(Reply::Attached { session, resumed }) => {
                return Ok(Entered {
                    session,
                    resumed,
                    early,
                });
            }
            Message::Reply(Reply::Error(line)) => return Err(Refused(line).into()),
            // Over a network packets may overtake the stream.
            packet @ Message::Packet(_) if early.len() < MAX_EARLY => early.push(packet),
            _ => bail!("the server did not answer the request to attach"),
        }
    }
}
