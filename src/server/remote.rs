//! Clients that come over the network: who is let in, and what becomes of their conversations, which are served as those
//! over the socket are.

use super::{Server, request};
use crate::auth::PublicKey;
use crate::disk::identity;
use crate::net::quic::{Arrival, Listener};
use anyhow::{Result, bail};
use std::net::SocketAddr;

/// Most connections at a time, those that are not yet known included.
const MAX_CONNECTIONS: usize = 128;

/// Listens on each address, for clients that are known here.
pub(super) fn listen(server: &Server, addresses: &[SocketAddr]) -> Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let own = identity::server_key(&server.with(|world| world.places.clone()))?;
    for address in addresses {
        let listener = Listener::bind(*address, &own)?;
        tracing::info!(address = %listener.address()?, "listening");
        server.with(|world| world.listeners.push(listener.clone()));
        tokio::task::spawn_local(accept(server.clone(), listener));
    }
    Ok(())
}

/// Stops listening; clients hear that they have to go.
pub(super) async fn close(server: &Server) {
    for listener in server.with(|world| std::mem::take(&mut world.listeners)) {
        listener.close().await;
    }
}

async fn accept(server: Server, listener: Listener) {
    while let Some(arrival) = listener.accept().await {
        if listener.connections() > MAX_CONNECTIONS {
            arrival.refuse();
            continue;
        }
        let server = server.clone();
        tokio::task::spawn_local(async move {
            let address = arrival.address();
            if let Err(error) = meet(&server, arrival).await {
                tracing::info!(%address, error = format!("{error:#}"), "a connection ended");
            }
        });
    }
}

/// Finds out who that is, and serves them until they leave.
async fn meet(server: &Server, arrival: Arrival) -> Result<()> {
    let connection = arrival.greet().await?;
    let key = connection.peer();
    if let Err(refusal) = admit(server, key) {
        connection.refuse(&refusal.to_string());
        return Err(refusal);
    }
    tracing::info!(%key, address = %connection.remote_address(), "a client has connected");
    while let Some(link) = connection.accept().await {
        request::spawn(server, link);
    }
    Ok(())
}

/// Whether the holder of that key may do anything here.
fn admit(server: &Server, key: PublicKey) -> Result<()> {
    let places = server.with(|world| world.places.clone());
    if identity::own_device(&places)? == Some(key) {
        return Ok(());
    }
    bail!("this server does not know your key: `wt allow {key}` there lets you in")
}
