//! Who is let in over the network, and who is in: whose grant ends, or is taken away, has to go within a second.

use super::Server;
use super::absence::{self, Silence};
use crate::auth::PublicKey;
use crate::disk::places::Places;
use crate::disk::watch::Watch;
use crate::disk::{identity, trust};
use crate::net::quic::Connection;
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// How long the end of a grant may be slept through: clocks are set, and machines sleep.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// Those who are in.
#[derive(Default)]
pub(super) struct Guests {
    next: u64,
    present: BTreeMap<u64, Guest>,
    /// Somebody has come whose grant ends.
    came: Rc<Notify>,
    is_watched: bool,
}

struct Guest {
    connection: Connection,
    /// When the grant ends, in Unix seconds.
    until: Option<u64>,
    silence: Silence,
}

/// What its holder may do here, and until when.
///
/// # Errors
/// If that is nothing, in one line for the holder.
pub(super) fn admit(places: &Places, key: PublicKey) -> Result<Option<u64>> {
    // Whoever can read that file is this user on this machine.
    if identity::own_device(places).is_ok_and(|own| own == Some(key)) {
        return Ok(None);
    }
    let grants = trust::grants(places).map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "nobody is let in");
        anyhow!(
            "the server lets nobody in, as its list of keys cannot be trusted: its log says why"
        )
    })?;
    Ok(grants.check(key, now_secs())?.until)
}

fn now_secs() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Takes a guest in for as long as what is returned lives.
pub(super) fn enter(server: &Server, connection: &Connection, until: Option<u64>) -> Presence {
    let guest = Guest {
        connection: connection.clone(),
        until,
        silence: Silence::new(connection),
    };
    let number = server.with(|world| {
        let guests = &mut world.network.guests;
        guests.next += 1;
        guests.present.insert(guests.next, guest);
        guests.came.notify_one();
        guests.next
    });
    let server = server.clone();
    Presence { server, number }
}

/// Somebody is in.
pub(super) struct Presence {
    server: Server,
    number: u64,
}

impl Drop for Presence {
    fn drop(&mut self) {
        let number = self.number;
        self.server
            .with(|world| world.network.guests.present.remove(&number));
    }
}

/// Sends away who is let in no more; how many those are.
pub(super) fn recheck(server: &Server) -> usize {
    server.with(|world| {
        let mut sent = 0;
        for guest in world.network.guests.present.values_mut() {
            match admit(&world.places, guest.connection.peer()) {
                Ok(until) => guest.until = until,
                Err(refusal) => {
                    tracing::info!(key = %guest.connection.peer(), "sent away");
                    guest.connection.refuse(&refusal.to_string());
                    sent += 1;
                }
            }
        }
        sent
    })
}

/// Watches the list of keys and the ends of grants from now on.
pub(super) fn watch(server: &Server) {
    let first = server.with(|world| !std::mem::replace(&mut world.network.guests.is_watched, true));
    if first {
        tokio::task::spawn_local(keep(server.clone()));
        tokio::task::spawn_local(absence::watch(server.clone()));
    }
}

async fn keep(server: Server) {
    let (file, came) = server.with(|world| {
        (
            world.places.authorized_file(),
            world.network.guests.came.clone(),
        )
    });
    let mut watch = Watch::over(&file);
    loop {
        let nap = server.with(|world| world.network.guests.nap());
        tokio::select! {
            () = watch.changed() => {}
            () = came.notified() => continue,
            () = sleep(nap) => {}
        }
        recheck(&server);
    }
}

async fn sleep(nap: Option<Duration>) {
    match nap {
        Some(nap) => tokio::time::sleep(nap).await,
        None => std::future::pending().await,
    }
}

impl Guests {
    /// All connections, and how long each has been silent.
    pub fn all(&mut self) -> impl Iterator<Item = (&Connection, &mut Silence)> {
        let present = self.present.values_mut();
        present.map(|guest| (&guest.connection, &mut guest.silence))
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.present.len()
    }

    /// How long nobody's grant ends; `None` if none does.
    fn nap(&self) -> Option<Duration> {
        let first = self
            .present
            .values()
            .filter_map(|guest| guest.until)
            .min()?;
        let rest = Duration::from_secs(first.saturating_sub(now_secs()));
        // Not a moment before the second begins in which it is over.
        Some((rest + Duration::from_millis(20)).min(LONGEST_NAP))
    }
}
