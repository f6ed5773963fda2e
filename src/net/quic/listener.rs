//! Where a server is reached over the network: one UDP port for all its sessions and clients.

use super::connection::Connection;
use super::controller::Interactive;
use super::talk::Stranger;
use super::{settings, tls};
use crate::auth::DeviceKey;
use anyhow::{Context, Result};
use quinn::{Endpoint, Incoming, ServerConfig, TokioRuntime, VarInt};
use quinn_proto::Side;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Most connections that may wait to be looked at.
const MAX_INCOMING: usize = 64;

/// How long clients are given to hear that the server ends.
const PARTING: Duration = Duration::from_millis(300);

/// Where a server is reached.
#[derive(Debug, Clone)]
pub struct Listener {
    endpoint: Endpoint,
    config: ServerConfig,
}

impl Listener {
    /// Listens on a UDP address. Call within a runtime.
    pub fn bind(address: SocketAddr, own: &DeviceKey) -> Result<Self> {
        let socket = UdpSocket::bind(address)
            .with_context(|| format!("cannot listen on {address} (UDP)"))?;
        let mut config = tls::server(own)?;
        config.migration(true).max_incoming(MAX_INCOMING);
        let endpoint = Endpoint::new(
            settings::server_endpoint(own),
            Some(config.clone()),
            socket,
            Arc::new(TokioRuntime),
        );
        let endpoint = endpoint.with_context(|| format!("cannot listen on {address} (UDP)"))?;
        Ok(Self { endpoint, config })
    }

    /// Where it listens.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.endpoint.local_addr()?)
    }

    /// The next that knocks; `None` once the listener is closed.
    pub async fn accept(&self) -> Option<Arrival> {
        let incoming = self.endpoint.accept().await?;
        Some(Arrival {
            incoming,
            endpoint: self.endpoint.clone(),
            config: self.config.clone(),
        })
    }

    /// Stops listening, once the clients have heard that they have to go, or do not answer.
    pub async fn close(&self) {
        self.endpoint.set_server_config(None);
        let gone = async {
            while self.endpoint.open_connections() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let _ = tokio::time::timeout(PARTING, gone).await;
        self.endpoint.close(VarInt::from_u32(0), b"");
        tokio::task::yield_now().await;
    }
}

/// Somebody whose key is known now.
#[derive(Debug)]
pub enum Greeted {
    /// A client.
    Client(Connection),
    /// A stranger, who is about to be paired.
    Stranger(Stranger),
}

/// Somebody who wants a connection and has said nothing yet.
#[derive(Debug)]
pub struct Arrival {
    incoming: Incoming,
    endpoint: Endpoint,
    config: ServerConfig,
}

impl Arrival {
    /// Where it comes from.
    pub fn address(&self) -> SocketAddr {
        self.incoming.remote_address()
    }

    /// Whether it has shown that it is at that address.
    pub fn is_proven(&self) -> bool {
        self.incoming.remote_address_validated()
    }

    /// Has it show that it is at that address, and come again: nothing is kept of it until then (RFC 9000 §8.1.2).
    pub fn ask_for_proof(self) {
        // One that has shown it already cannot be asked; it is refused by being dropped.
        let _ = self.incoming.retry();
    }

    /// Turns it away without a word of ours being signed.
    pub fn refuse(self) {
        self.incoming.refuse();
    }

    /// Does the handshake: then it is known who that is, and nothing of theirs was read.
    pub async fn greet(self) -> Result<Greeted> {
        let (mut config, controller) = (self.config, Interactive::default());
        let transport = settings::transport(Side::Server, controller.clone());
        config.transport_config(Arc::new(transport));
        let shaking = self.incoming.accept_with(Arc::new(config))?;
        let shaken = tokio::time::timeout(HANDSHAKE, shaking).await;
        let connection = shaken.context("the handshake was not finished in time")??;
        if tls::is_pairing(&connection) {
            let endpoint = self.endpoint;
            return Ok(Greeted::Stranger(Stranger {
                connection,
                endpoint,
            }));
        }
        let connection = Connection::new(connection, self.endpoint, controller)?;
        Ok(Greeted::Client(connection))
    }
}
