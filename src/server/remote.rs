//! Clients that come over the network: who is let in, and what becomes of their conversations, which are served as those
//! over the socket are.

use super::guests::{self, Guests};
use super::handshakes::{self, Handshakes, Proof, Welcome};
use super::pairing::{self, Pairings};
use super::{Server, request};
use crate::auth::{Address, address};
use crate::disk::identity;
use crate::disk::listening;
use crate::net::addresses;
use crate::net::quic::{Connection, Greeted, Listener};
use crate::protocol::trust::Whereabouts;
use anyhow::{Context, Error, Result, anyhow, ensure};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// Most connections of clients at a time. Those that are not yet known count apart: they take no client's place.
const MAX_CONNECTIONS: usize = 128;

/// What a client hears when there are as many.
const CROWDED: &str =
    "the server has as many connections as it takes: end some, or try again later";

/// The server's side of the network.
#[derive(Default)]
pub(super) struct Network {
    /// Where clients are heard.
    pub listeners: Vec<Listener>,
    pub guests: Guests,
    pub handshakes: Handshakes,
    /// Whether the listeners are there for a code that is shown, and for nothing else.
    is_lent: bool,
    pub pairings: Pairings,
}

/// Listens on each address, for clients that are known here; on none, on those that the server before this one had.
pub(super) fn listen(server: &Server, addresses: &[SocketAddr]) -> Result<()> {
    if !addresses.is_empty() {
        addresses
            .iter()
            .try_for_each(|address| listen_on(server, *address))?;
        return remember(server);
    }
    let places = server.with(|world| world.places.clone());
    for address in listening::read(&places) {
        if let Err(error) = listen_on(server, address) {
            let warning = format!("clients are not heard at {address}: {error:#}");
            tracing::warn!(warning);
            server.with(|world| world.warnings.push(warning));
        }
    }
    Ok(())
}

fn listen_on(server: &Server, address: SocketAddr) -> Result<()> {
    let own = identity::server_key(&server.with(|world| world.places.clone()))?;
    let listener = Listener::bind(address, &own)?;
    tracing::info!(address = %listener.address()?, "listening");
    server.with(|world| world.network.listeners.push(listener.clone()));
    tokio::task::spawn_local(accept(server.clone(), listener));
    guests::watch(server);
    Ok(())
}

/// Lets the next server listen where this one does.
fn remember(server: &Server) -> Result<()> {
    let (places, addresses) =
        server.with(|world| (world.places.clone(), world.network.addresses()));
    listening::write(&places, &addresses)
}

/// Listens at that port, or at one of wt's own; where that is, with every address of this machine.
pub(super) fn listen_somewhere(server: &Server, port: Option<u16>) -> Result<Whereabouts> {
    let has = server.with(|world| {
        let addresses = world.network.addresses();
        let mut ports = addresses.iter().map(SocketAddr::port);
        port.map_or(!addresses.is_empty(), |port| ports.any(|has| has == port))
    });
    if !has {
        match port {
            Some(port) => listen_at(server, port)?,
            None => listen_at_any(server)?,
        }
        remember(server)?;
    }
    keep_listening(server)?;
    whereabouts(server)
}

/// As [`listen_somewhere`], until [`close_lent`], or for good once somebody is let in.
pub(super) fn listen_for_code(server: &Server) -> Result<Whereabouts> {
    if server.with(|world| world.network.listeners.is_empty()) {
        listen_at_any(server)?;
        server.with(|world| world.network.is_lent = true);
    }
    whereabouts(server)
}

/// Listens from now on, and so does the next server, where it was only for a code.
pub(super) fn keep_listening(server: &Server) -> Result<()> {
    match server.with(|world| std::mem::take(&mut world.network.is_lent)) {
        true => remember(server),
        false => Ok(()),
    }
}

/// Listens no more if that was for codes alone, and none is shown.
pub(super) async fn close_lent(server: &Server) {
    let is_over = server.with(|world| {
        let network = &mut world.network;
        let is_over = network.is_lent && network.pairings.is_idle();
        network.is_lent &= !is_over;
        is_over
    });
    if is_over {
        close(server).await;
    }
}

fn listen_at_any(server: &Server) -> Result<()> {
    let mut failed = anyhow!("there is no port");
    for port in address::PORTS {
        match listen_at(server, port) {
            Ok(()) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// On every address of this machine.
fn listen_at(server: &Server, port: u16) -> Result<()> {
    let both = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    // A machine may know IPv4 alone.
    let one = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    listen_on(server, both).or_else(|error| match error.downcast_ref::<std::io::Error>() {
        Some(error) if error.kind() != std::io::ErrorKind::AddrInUse => listen_on(server, one),
        _ => Err(error),
    })
}

/// Where this server is reached.
pub(super) fn whereabouts(server: &Server) -> Result<Whereabouts> {
    let (places, name, bound) = server.with(|world| {
        (
            world.places.clone(),
            world.host.clone(),
            world.network.addresses(),
        )
    });
    let mut reached = Vec::new();
    for bound in bound {
        for ip in
            addresses::of_socket(bound.ip()).context("looking for addresses of this machine")?
        {
            reached.push(Address::new(&ip.to_string(), bound.port()).to_string());
        }
    }
    Ok(Whereabouts {
        key: identity::server_key(&places)?.public().to_string(),
        name,
        addresses: reached,
    })
}

impl Network {
    /// Where clients are heard.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let bound = self.listeners.iter();
        bound
            .filter_map(|listener| listener.address().ok())
            .collect()
    }
}

/// Stops listening; clients hear that they have to go.
pub(super) async fn close(server: &Server) {
    for listener in server.with(|world| std::mem::take(&mut world.network.listeners)) {
        listener.close().await;
    }
}

async fn accept(server: Server, listener: Listener) {
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
