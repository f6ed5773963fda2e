//! Clients that say nothing any more. A machine that sleeps for a night is waited for, but one that has gone for good says
//! nothing either: how long, and how many of them, has an end.

use super::Server;
use super::guests::Guests;
use crate::auth::PublicKey;
use crate::net::quic::Connection;
use crate::sync::silence;
use std::time::{Duration, Instant};

/// Most connections of one key.
const MAX_OF_KEY: usize = 32;

/// A connection of which nothing was heard for so long is ended.
const LONGEST: Duration = Duration::from_millis(silence::ENDED);

/// One of which nothing was heard for so long makes room for a new one where there are too many.
const ABSENT: Duration = Duration::from_millis(silence::ABSENT);

/// How often it is looked who says something.
const SWEEP: Duration = Duration::from_secs(20);

/// What a client that was away for too long is told, should it come back.
const AWAY: &str = "you were away for too long: attach again, the session lives on";

/// Since when nothing was heard of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    received: u64,
    since: Instant,
}

impl Silence {
    pub fn new(connection: &Connection) -> Self {
        Self {
            received: connection.received(),
            since: Instant::now(),
        }
    }

    /// How long it has lasted, so many packets having come in all.
    pub fn lasts(&mut self, received: u64, now: Instant) -> Duration {
        if received != self.received {
            let since = now;
            *self = Self { received, since };
        }
        now - self.since
    }
}

impl Guests {
    /// Makes sure that the holder of that key may have one connection more.
    ///
    /// # Errors
    /// If all that it may have are in use, in one line for the holder.
    pub fn make_room(&mut self, key: PublicKey) -> Result<(), String> {
        let now = Instant::now();
        let theirs = self
            .all()
            .filter(|(connection, _)| connection.peer() == key);
        let mut theirs: Vec<_> = theirs.collect();
        if theirs.len() < MAX_OF_KEY {
            return Ok(());
        }
        let silences = theirs.iter_mut();
        let silences =
            silences.map(|(connection, silence)| silence.lasts(connection.received(), now));
        let longest = silences.enumerate().max_by_key(|(_, silence)| *silence);
        match longest {
            Some((at, silence)) if silence >= ABSENT => {
                theirs[at].0.refuse(AWAY);
                Ok(())
            }
            _ => Err(format!(
                "{MAX_OF_KEY} connections of your device are open already: end some of them"
            )),
        }
    }

    fn sweep(&mut self, now: Instant) {
        for (connection, silence) in self.all() {
            if silence.lasts(connection.received(), now) >= LONGEST {
                connection.refuse(AWAY);
            }
        }
    }
}

/// Looks now and then who has gone for good.
pub(super) async fn watch(server: Server) {
    loop {
        tokio::time::sleep(SWEEP).await;
        server.with(|world| world.network.guests.sweep(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_lasts_until_something_comes() {
        let start = Instant::now();
        let mut silence = Silence {
            received: 3,
            since: start,
        };
        let seconds = Duration::from_secs;
        assert_eq!(silence.lasts(3, start + seconds(9)), seconds(9));
        assert_eq!(silence.lasts(4, start + seconds(10)), seconds(0));
        assert_eq!(silence.lasts(4, start + seconds(12)), seconds(2));
    }
}
