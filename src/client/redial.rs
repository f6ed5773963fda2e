//! How a client comes to a server elsewhere again. What names mean is asked for once in an outage, beside the attempts,
//! and seldom after that: attempts go to where the server was known to be.

use super::again::{Again, Reaching};
use super::elsewhere::{Candidates, Elsewhere, Road};
use super::names::Names;
use super::outage::Try;
use crate::auth::DeviceKey;
use crate::disk::identity;
use crate::disk::places::Places;
use crate::net::quic::{self, Denied};
use crate::net::{Link, refusal};
use anyhow::{Context, Result, ensure};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long most attempts may take at least: where the path is there again, a new one finds that out sooner than an old
/// one that waits longer and longer between its packets. Every so many take longer, for paths slower than they were.
const TRY: Duration = Duration::from_millis(1_200);
const LONG_TRY: Duration = Duration::from_secs(6);
const LONG_TRIES: u32 = 4;

/// And so many round trips: one for the handshake, one to show that we are at our address, and those that are lost.
const TRY_ROUNDS: u32 = 5;

/// Longest attempt, whatever round trip was measured last.
const LONGEST_TRY: Duration = Duration::from_secs(20);

/// How long after names were asked for they are asked for again, where an outage lasts.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// How long an address is left alone where another server answers. It is no end of the session: in this network somebody
/// else may have the address, and in the next one it is ours again.
const SHUNNED: Duration = Duration::from_secs(5);

/// Makes links to one server elsewhere.
pub(super) struct Redial {
    places: Places,
    elsewhere: Elsewhere,
    road: Road,
    names: Names,
    /// Where it was reached before.
    at: Option<SocketAddr>,
    memory: RefCell<Memory>,
}

/// What earlier attempts have found out.
#[derive(Default)]
struct Memory {
    own: Option<Rc<DeviceKey>>,
    candidates: Option<Candidates>,
    asked: Option<Instant>,
    /// Where other servers have answered.
    shunned: Vec<(SocketAddr, Instant)>,
}

impl Redial {
    /// Goes to that server over that road. It was reached `at` that place before, if it was.
    pub(super) fn new(
        places: &Places,
        elsewhere: Elsewhere,
        road: Road,
        at: Option<SocketAddr>,
    ) -> Self {
        Self {
            places: places.clone(),
            elsewhere,
            road,
            names: Names::default(),
            at,
            memory: RefCell::default(),
        }
    }

    /// Makes links for an attachment.
    pub(super) fn again(self) -> Again {
        let redial = Rc::new(self);
        Again::by(move |nth| -> Reaching {
            let redial = redial.clone();
            Box::pin(async move {
                let made = redial.attempt(nth).await;
                made.map_err(|error| redial.blame(error))
            })
        })
    }

    async fn attempt(&self, nth: Try) -> Result<Link> {
        let now = Instant::now();
        let until = now + patience(nth);
        self.look_up(nth, now)?;
        let own = self.own_key()?;
        let dialled = async {
            let (places, keys) = self.found().await?;
            let left = self.without_shunned(places);
            ensure!(!left.is_empty(), "others answer where the server was");
            let led = self.road.lead_to(&left)?;
            let entries: Vec<SocketAddr> = led.iter().map(|(entry, _)| *entry).collect();
            let connection = quic::dial_until(&entries, &own, keys, until).await;
            let connection = connection.inspect_err(|error| self.shun(error, &led))?;
            connection.open().await
        };
        let dialled = tokio::time::timeout_at(until.into(), dialled).await;
        dialled.context("the server does not answer")?
    }

    /// Finds out anew where the server may be, if an outage begins or lasts.
    fn look_up(&self, nth: Try, now: Instant) -> Result<()> {
        let mut memory = self.memory.borrow_mut();
        let is_known = memory.candidates.is_some();
        let is_fresh = memory.asked.is_some_and(|at| now - at < ASK_AGAIN);
        if is_known && is_fresh && nth.nth > 0 {
            return Ok(());
        }
        memory.asked = Some(now);
        match self.elsewhere.candidates(&self.places) {
            Ok(candidates) => memory.candidates = Some(candidates),
            // What held before is better than nothing.
            Err(error) if !is_known => return Err(error),
            Err(_) => {}
        }
        let names = memory.candidates.iter().flat_map(Candidates::names);
        self.names.ask(names);
        Ok(())
    }

    fn own_key(&self) -> Result<Rc<DeviceKey>> {
        if let Some(own) = &self.memory.borrow().own {
            return Ok(own.clone());
        }
        let own = Rc::new(identity::device_key(&self.places)?);
        self.memory.borrow_mut().own = Some(own.clone());
        Ok(own)
    }

    /// Where the server may be, as soon as anything is known of that; and which keys it may have.
    async fn found(&self) -> Result<(Vec<SocketAddr>, Vec<crate::auth::PublicKey>)> {
        loop {
            let answered = self.names.answered();
            let found = {
                let memory = self.memory.borrow();
                let candidates = memory.candidates.as_ref();
                let candidates = candidates.context("the server is not known")?;
                let mut order = candidates.order(&self.names);
                order.retain(|place| Some(*place) != self.at);
                order.splice(..0, self.at);
                (order, candidates.keys.clone())
            };
            if !found.0.is_empty() {
                return Ok(found);
            }
            answered.await;
        }
    }

    /// Those of the addresses at which no other server has answered of late.
    fn without_shunned(&self, mut places: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let now = Instant::now();
        let shunned = &mut self.memory.borrow_mut().shunned;
        shunned.retain(|(_, since)| now - *since < SHUNNED);
        places.retain(|place| !shunned.iter().any(|(at, _)| at == place));
        places
    }

    fn shun(&self, error: &anyhow::Error, led: &[(SocketAddr, SocketAddr)]) {
        if let Some(Denied::OtherKey(at)) = error.downcast_ref() {
            let real = led.iter().find(|(entry, _)| entry == at);
            let place = real.map_or(*at, |(_, place)| *place);
            let mut memory = self.memory.borrow_mut();
            memory.shunned.push((place, Instant::now()));
        }
    }

    /// Why an attempt came to nothing: as long as another server answers somewhere, that is worth telling.
    fn blame(&self, error: anyhow::Error) -> anyhow::Error {
        let memory = self.memory.borrow();
        match memory.shunned.first() {
            Some((at, _)) if refusal(&error).is_none() => Denied::OtherKey(*at).into(),
            _ => error,
        }
    }
}

fn patience(nth: Try) -> Duration {
    let usual = match (nth.nth + 1).is_multiple_of(LONG_TRIES) {
        true => LONG_TRY,
        false => TRY,
    };
    let round_trip = nth.round_trip.unwrap_or_default();
    usual.max(round_trip * TRY_ROUNDS).min(LONGEST_TRY)
}
