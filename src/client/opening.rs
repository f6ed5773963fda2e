//! Sessions that the client is about to hold: their servers are dialled while the user goes on with what is shown.

use super::again::{Attempt, Entered};
use super::door::{Door, Knock};
use super::outage::Loss;
use super::reach::AgentWish;
use super::tie::Tie;
use super::visit::{Looking, VisitId};
use crate::net::quic::Denied;
use crate::net::{Link, refusal};
use crate::protocol::Message;
use crate::protocol::request::{Attach, Request};
use crate::sync::Time;
use crate::term::input::InputEvent;
use crate::term::{MouseAction, Size};
use anyhow::Result;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// How often a server is tried that has not answered: the last attempt is one of those that wait for long.
const TRIES: u32 = 4;

/// How often the user has done something: pressed a key, or a button of the mouse, or pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Deeds(u64);

impl Deeds {
    /// Counts what came from the terminal, if it is one.
    pub(super) fn count(&mut self, event: &InputEvent) {
        let is_one = match event {
            InputEvent::Key(stroke) => stroke.is_typed(),
            InputEvent::Mouse(mouse) => matches!(mouse.action, MouseAction::Press(_)),
            InputEvent::Paste { .. } | InputEvent::Unknown(_) => true,
            InputEvent::FocusGained | InputEvent::FocusLost | InputEvent::Reply(_) => false,
        };
        self.0 += u64::from(is_one);
    }
}

/// What is to be done once a session is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is shown, if the user has done nothing since: nobody types a line of which half goes to another machine.
    Show(Deeds),
    /// It waits beside the one that is shown.
    Wait,
}

impl Then {
    /// What the server is told on entering.
    pub(super) fn looking(self) -> Looking {
        match self {
            Self::Show(_) => Looking::Here,
            Self::Wait => Looking::Elsewhere,
        }
    }
}

/// A session that the client is about to hold.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) id: VisitId,
    /// As the user named it.
    pub(super) target: String,
    pub(super) then: Then,
    pub(super) host: Option<String>,
    pub(super) agent: AgentWish,
    pub(super) tie: Tie,
    attach: Attach,
    attempt: Option<Attempt>,
    tries: u32,
}

impl Opening {
    /// Begins with the first attempt, before a terminal of that size.
    pub(super) fn begin(
        id: VisitId,
        target: String,
        door: Door,
        then: Then,
        (size, now): (Size, Time),
    ) -> Self {
        // Only who wants a session made starts a server for it.
        let loss = match door.create {
            None => Loss::Restarting,
            Some(_) => Loss::Silent,
        };
        let Knock {
            host,
            agent,
            mut tie,
            attach,
        } = door.knock(size, then.looking());
        tie.lose(loss, now);
        Self {
            id,
            target,
            then,
            host,
            agent,
            tie,
            attach,
            attempt: None,
            tries: 0,
        }
    }

    /// When [`Opening::seek`] is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.tie.timeout(None)
    }

    /// Begins the attempt that is due, if one is.
    pub(super) fn seek(&mut self, now: Time) {
        if self.tie.is_due(None, now) {
            self.attempt = self.tie.attempt(self.attach.clone(), now);
            self.tries += 1;
        }
    }

    /// Gives it up. A server that may have let the viewer in is told that nobody comes.
    pub(super) async fn give_up(self) {
        let Some(attempt) = self.attempt.filter(Attempt::has_asked) else {
            return;
        };
        if let Ok((mut link, _)) = attempt.await {
            link.queue(&Message::Request(Request::Leave));
            if link.flush().await.is_ok() {
                link.close().await;
            }
        }
    }

    /// An attempt has failed: why there will be no other one, if so.
    fn failed(&mut self, error: &anyhow::Error, now: Time) -> Option<String> {
        if let Some(line) = refusal(error) {
            return Some(line);
        }
        // What has become of a way that never was is not worth telling.
        let _ = self.tie.failed(error, now);
        if error.is::<Denied>() {
            return Some(error.to_string());
        }
        (self.tries >= TRIES).then(|| format!("{error:#}"))
    }
}

/// The sessions that the client is about to hold.
#[derive(Debug, Default)]
pub(super) struct Openings(Vec<Opening>);

/// What came of one.
pub(super) enum Opened {
    /// It was entered.
    There(Box<Opening>, Link, Entered),
    /// It was not, for this reason.
    Failed(String),
}

impl Openings {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, opening: Opening) {
        self.0.push(opening);
    }

    /// Takes out those that lead to `target`, as the user named it.
    pub(super) fn take(&mut self, target: &str) -> Vec<Opening> {
        let is_it = |opening: &mut Opening| opening.target == target;
        self.0.extract_if(.., is_it).collect()
    }

    /// All of them.
    pub(super) fn into_all(self) -> Vec<Opening> {
        self.0
    }

    /// When [`Openings::seek`] is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.0.iter().filter_map(Opening::timeout).min()
    }

    /// Begins the attempts that are due.
    pub(super) fn seek(&mut self, now: Time) {
        self.0.iter_mut().for_each(|opening| opening.seek(now));
    }

    /// Waits for the end of an attempt. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> (VisitId, Result<(Link, Entered)>) {
        poll_fn(|context| {
            for opening in &mut self.0 {
                if let Some(attempt) = &mut opening.attempt
                    && let Poll::Ready(made) = Pin::new(attempt).poll(context)
                {
                    opening.attempt = None;
                    return Poll::Ready((opening.id, made));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Takes in how an attempt has ended; `None` if there will be another one.
    pub(super) fn made(
        &mut self,
        id: VisitId,
        made: Result<(Link, Entered)>,
        now: Time,
    ) -> Option<Opened> {
        let place = self.0.iter().position(|opening| opening.id == id)?;
        match made {
            Ok((link, entered)) => {
                let mut opening = self.0.remove(place);
                opening.tie.found();
                Some(Opened::There(Box::new(opening), link, entered))
            }
            Err(error) => {
                let why = self.0[place].failed(&error, now)?;
                let Opening { target, .. } = self.0.remove(place);
                Some(Opened::Failed(format!("{target}: {why}")))
            }
        }
    }
}
