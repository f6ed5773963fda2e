//! Errands of clients elsewhere: wt itself is run here with their words, beside the server, so that nobody else waits for
//! it and its memory is its own; what it prints goes to the client. It ends at once when nobody wants it any more.

use super::Server;
use super::absence::Silence;
use super::request::say;
use super::worker::Worker;
use crate::net::quic::Connection;
use crate::net::{Link, Peer};
use crate::protocol::errand::{Errand, ErrandReply};
use crate::protocol::request::Reply;
use crate::sync::silence;
use anyhow::{Result, bail};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Most errands at a time: each is a process.
const MAX_ERRANDS: usize = 32;

/// Most of one client: nobody can take the places of all others.
const MAX_OF_PEER: usize = 8;

/// One whose client was not heard for so long makes room for another one.
const ABSENT: Duration = Duration::from_millis(silence::ABSENT);

/// One whose client was not heard for so long is ended.
const ENDED: Duration = Duration::from_millis(silence::UNWANTED);

/// How often is looked whether a client is heard.
const LOOK: Duration = Duration::from_secs(5);

/// What a client is told whose errand had to go, should it still hear it.
const AWAY: &str = "you were away for too long, and the command has ended: run it again";

/// Those that are under way.
#[derive(Default)]
pub(super) struct Errands(Rc<RefCell<Vec<Slot>>>);

/// One errand.
struct Slot {
    peer: Peer,
    /// How long its client has said nothing.
    silent: Duration,
    /// Wakes it when it has to go.
    over: Rc<Notify>,
}

/// A place among the errands, given back when it is dropped.
struct Place {
    slots: Rc<RefCell<Vec<Slot>>>,
    over: Rc<Notify>,
}

impl Errands {
    /// A place for another one. One whose client has said nothing for long may have to go for it.
    fn begin(&self, peer: Peer) -> Option<Place> {
        let mut slots = self.0.borrow_mut();
        let is_theirs = |slot: &Slot| slot.peer == peer;
        let is_theirs_full = slots.iter().filter(|slot| is_theirs(slot)).count() >= MAX_OF_PEER;
        if is_theirs_full || slots.len() >= MAX_ERRANDS {
            let fits = |slot: &Slot| (!is_theirs_full || is_theirs(slot)) && slot.silent >= ABSENT;
            let absent = slots.iter().enumerate().filter(|(_, slot)| fits(slot));
            let (at, _) = absent.max_by_key(|(_, slot)| slot.silent)?;
            slots.remove(at).over.notify_one();
        }
        let over = Rc::<Notify>::default();
        slots.push(Slot {
            peer,
            silent: Duration::ZERO,
            over: over.clone(),
        });
        let slots = self.0.clone();
        Some(Place { slots, over })
    }
}

impl Place {
    /// Notes how long its client has said nothing.
    fn note(&self, silent: Duration) {
        let mut slots = self.slots.borrow_mut();
        let own = slots
            .iter_mut()
            .find(|slot| Rc::ptr_eq(&slot.over, &self.over));
        if let Some(slot) = own {
            slot.silent = silent;
        }
    }

    /// Returns when the errand has to end before it is done: its client is gone for all that is known.
    async fn lost(&self, connection: Option<Connection>) {
        // What dies at this machine is hung up by the system.
        let Some(connection) = connection else {
            return self.over.notified().await;
        };
        let mut silence = Silence::new(&connection);
        loop {
            if tokio::time::timeout(LOOK, self.over.notified())
                .await
                .is_ok()
            {
                return;
            }
            let silent = silence.lasts(connection.received(), Instant::now());
            if silent >= ENDED {
                return;
            }
            self.note(silent);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut slots = self.slots.borrow_mut();
        slots.retain(|slot| !Rc::ptr_eq(&slot.over, &self.over));
    }
}

/// Does what is wanted, and passes on what it says; ends early if the client goes.
pub(super) async fn run(server: &Server, link: &mut Link, wanted: &Errand) -> Result<()> {
    let Some(place) = server.with(|world| world.network.errands.begin(link.peer())) else {
        bail!("the server is busy with other commands like this one: end some, or try again later");
    };
    let connection = link.connection().cloned();
    tokio::select! {
        done = converse(server, link, wanted) => done,
        // It may be waiting for a reader who will never read.
        () = place.lost(connection) => bail!(AWAY),
    }
}

async fn converse(server: &Server, link: &mut Link, wanted: &Errand) -> Result<()> {
    let places = server.with(|world| world.places.clone());
    let mut worker = Worker::start(&places, wanted).await?;
    while worker.speaks() {
        let said = tokio::select! {
            said = worker.hear() => said?,
            message = link.recv() => match message? {
                Some(_) => continue,
                None => return Ok(()),
            },
        };
        // No more is read before this is on its way: the worker waits for whoever reads slowly.
        if let Some(said) = said {
            say(link, Reply::Errand(said)).await?;
        }
    }
    let code = worker.end().await?;
    say(link, Reply::Errand(ErrandReply::Over(code))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{DeviceKey, Seed};

    fn peers<const N: usize>() -> [Peer; N] {
        std::array::from_fn(|at| Peer::Key(DeviceKey::of(&Seed::new([at as u8; 32])).public()))
    }

    #[test]
    fn nobody_takes_the_places_of_all() {
        let (errands, [one, other]) = (Errands::default(), peers());
        let held: Vec<_> = (0..MAX_OF_PEER).map(|_| errands.begin(one)).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(errands.begin(one).is_none());
        let others = errands.begin(other).expect("a place");
        drop(held);
        let again = errands.begin(one).expect("a place");
        assert_eq!(errands.0.borrow().len(), 2);
        drop((others, again));
        assert!(errands.0.borrow().is_empty());
    }

    #[test]
    fn whoever_says_nothing_makes_room() {
        let (errands, peers) = (
            Errands::default(),
            peers::<{ MAX_ERRANDS / MAX_OF_PEER + 1 }>(),
        );
        let fill = |peer: &Peer| {
            let places = std::iter::repeat_with(|| errands.begin(*peer).expect("a place"));
            places.take(MAX_OF_PEER).collect::<Vec<_>>()
        };
        let held: Vec<_> = peers[1..].iter().map(fill).collect();
        assert!(errands.begin(peers[0]).is_none(), "all are heard");
        held[1][3].note(ABSENT);
        held[2][5].note(ABSENT * 2);
        // One that has too many itself is not given the place of another one.
        assert!(errands.begin(peers[1]).is_none());
        let place = errands
            .begin(peers[0])
            .expect("the place of the most silent");
        let slots = || errands.0.borrow().len();
        assert_eq!(slots(), MAX_ERRANDS);
        let is_in = |place: &Place| {
            let slots = errands.0.borrow();
            slots.iter().any(|slot| Rc::ptr_eq(&slot.over, &place.over))
        };
        assert!(!is_in(&held[2][5]) && is_in(&held[1][3]) && is_in(&place));
        drop(held);
        assert_eq!(slots(), 1, "what had to go took nothing with it");
    }

    #[tokio::test]
    async fn what_has_to_go_is_woken() {
        let (errands, [one]) = (Errands::default(), peers());
        let held: Vec<_> = (0..MAX_OF_PEER)
            .filter_map(|_| errands.begin(one))
            .collect();
        held[2].note(ABSENT);
        let _next = errands.begin(one).expect("its place");
        held[2].lost(None).await;
    }
}
