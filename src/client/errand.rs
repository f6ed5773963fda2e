//! An errand at a server elsewhere: what it says is passed on as it comes; C-c ends it, there too.

use super::signals::{Asked, Signals};
use crate::net::Link;
use crate::protocol::Message;
use crate::protocol::errand::{Errand, ErrandReply};
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::Side;
use crate::sync::silence;
use anyhow::{Context, Result, anyhow, bail};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often is looked whether the server is heard.
const LOOK: Duration = Duration::from_secs(2);

/// How an errand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrandEnd {
    /// With this exit code.
    Over(u8),
    /// The user wants no more of it.
    Interrupted,
}

/// How long a server is waited for that is not heard any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Until [`silence::UNANSWERED`]: somebody waits for the end of the errand.
    Bounded,
    /// For ever: it has no end, and goes on when the server is back.
    Endless,
}

/// Has an errand done at the other end of `link`; `said` gets what it prints and what it says beside that, and what there
/// is to say of a server that is not heard.
///
/// # Errors
/// In one line: the server refuses it, or is lost; or what `said` fails with.
pub async fn errand(
    mut link: Link,
    (wanted, patience): (Errand, Patience),
    mut said: impl FnMut(ErrandReply) -> Result<()>,
) -> Result<ErrandEnd> {
    let mut signals = Signals::listen()?;
    link.queue(&Message::Request(Request::Side(Side::Errand(wanted))));
    link.flush().await?;
    let mut silent = Silent::new(patience);
    let mut looks = tokio::time::interval(LOOK);
    // While the terminal took nothing, nothing was looked for either.
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ended = loop {
        let message = tokio::select! {
            message = link.recv() => message,
            _ = looks.tick() => {
                let received = link.connection().map(|connection| connection.received());
                match received.map_or(Silence::Short, |received| silent.look(received)) {
                    Silence::Short => continue,
                    Silence::Long(line) => match said(ErrandReply::Err(line.into())) {
                        Ok(()) => continue,
                        Err(error) => break Err(error),
                    },
                    Silence::TooLong(line) => break Err(anyhow!(line)),
                }
            }
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

/// What a silence calls for.
#[derive(Debug, PartialEq, Eq)]
enum Silence {
    Short,
    /// That this is said of it, with an end of line.
    Long(String),
    /// That it is waited for no more.
    TooLong(String),
}

/// How long a server was not heard, by how often that was found.
#[derive(Debug)]
struct Silent {
    patience: Patience,
    received: u64,
    looks: u32,
}

impl Silent {
    fn new(patience: Patience) -> Self {
        Self {
            patience,
            received: 0,
            looks: 0,
        }
    }

    /// Looks again, a [`LOOK`] later, so many packets having come in all.
    fn look(&mut self, received: u64) -> Silence {
        if received != self.received {
            (self.received, self.looks) = (received, 0);
            return Silence::Short;
        }
        self.looks += 1;
        let lasts = LOOK * self.looks;
        let seconds = lasts.as_secs();
        let late = Duration::from_millis(silence::LATE);
        let most = Duration::from_millis(silence::UNANSWERED);
        if self.patience == Patience::Bounded && lasts >= most {
            return Silence::TooLong(format!(
                "the server was not heard for {seconds} s: run this again when it can be reached"
            ));
        }
        match (late..late + LOOK).contains(&lasts) {
            true => Silence::Long(format!(
                "wt: the server was last heard {seconds} s ago: C-c ends the command\n"
            )),
            false => Silence::Short,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a silence of two minutes calls for, with the seconds after which it does.
    fn said(patience: Patience) -> Vec<(u64, Silence)> {
        let mut silent = Silent::new(patience);
        for received in 1..100 {
            assert_eq!(silent.look(received), Silence::Short);
        }
        let looks = (1..=60).map(|look| (look * LOOK.as_secs(), silent.look(99)));
        let mut all: Vec<_> = looks.filter(|(_, said)| *said != Silence::Short).collect();
        all.dedup_by_key(|(_, said)| matches!(said, Silence::TooLong(_)));
        all
    }

    #[test]
    fn a_silence_is_told_of_once_and_ends_what_somebody_waits_for() {
        let told = |said: &[(u64, Silence)]| {
            said[0].0 * 1000 == silence::LATE && matches!(said[0].1, Silence::Long(_))
        };
        let endless = said(Patience::Endless);
        assert!(endless.len() == 1 && told(&endless), "{endless:?}");
        let bounded = said(Patience::Bounded);
        assert!(bounded.len() == 2 && told(&bounded), "{bounded:?}");
        let (seconds, end) = &bounded[1];
        assert_eq!(*seconds * 1000, silence::UNANSWERED);
        assert!(matches!(end, Silence::TooLong(_)));
    }
}
