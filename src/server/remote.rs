//! Clients that come over the network: who is let in, and what becomes of their conversations, which are served as those
//! over the socket are.

use super::errand::Errands;
use super::guests::{self, Guests};
use super::handshakes::{self, Handshakes, Proof, Welcome};
use super::listening::Listening;
use super::pairing::{self, Pairings};
use super::{Server, request};
use crate::net::quic::{Connection, Greeted, Listener};
use anyhow::{Error, Result, ensure};

/// Most connections of clients at a time. Those that are not yet known count apart: they take no client's place.
const MAX_CONNECTIONS: usize = 128;

/// What a client hears when there are as many.
const CROWDED: &str =
    "the server has as many connections as it takes: end some, or try again later";

/// The server's side of the network.
#[derive(Default)]
pub(super) struct Network {
    pub listening: Listening,
    pub guests: Guests,
    pub handshakes: Handshakes,
    pub pairings: Pairings,
    pub errands: Errands,
}

/// Serves whoever comes to a listener, until it is closed.
pub(super) async fn accept(server: Server, listener: Listener) {
    while let Some(arrival) = listener.accept().await {
        let address = arrival.address();
        let proof = match arrival.is_proven() {
            true => Proof::Shown,
            false => Proof::Missing,
        };
        match server.with(|world| world.network.handshakes.judge(address.ip(), proof)) {
            Welcome::Begin => {}
            Welcome::Prove => {
                arrival.ask_for_proof();
                continue;
            }
            Welcome::Refuse => {
                arrival.refuse();
                continue;
            }
        }
        let under_way = handshakes::begin(&server, address.ip(), proof);
        let server = server.clone();
        tokio::task::spawn_local(async move {
            let greeted = arrival.greet().await;
            drop(under_way);
            if let Err(error) = meet(&server, greeted).await {
                tracing::info!(%address, error = format!("{error:#}"), "a connection ended");
            }
        });
    }
}

/// Goes on with whoever that is.
async fn meet(server: &Server, greeted: Result<Greeted>) -> Result<()> {
    match greeted? {
        Greeted::Client(connection) => serve(server, connection).await,
        Greeted::Stranger(stranger) => pairing::meet(server, stranger).await,
    }
}

/// Serves a client until they leave, or have to.
async fn serve(server: &Server, connection: Connection) -> Result<()> {
    let key = connection.peer();
    let until = guests::admit(&server.with(|world| world.places.clone()), key);
    let until = until.and_then(|until| {
        let room = server.with(|world| {
            let guests = &mut world.network.guests;
            ensure!(guests.count() < MAX_CONNECTIONS, CROWDED);
            guests.make_room(key).map_err(Error::msg)
        });
        room.map(|()| until)
    });
    let until = match until {
        Ok(until) => until,
        Err(refusal) => {
            connection.refuse(&refusal.to_string());
            return Err(refusal);
        }
    };
    connection.admit();
    tracing::info!(%key, address = %connection.remote_address(), "a client has connected");
    let _presence = guests::enter(server, &connection, until);
    while let Some(link) = connection.accept().await {
        request::spawn(server, link);
    }
    Ok(())
}
