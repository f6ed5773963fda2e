//! One connection to a peer, and the conversations in it: each is a bidirectional stream, and the datagrams and large
//! packets that name it.

use super::bulk::Bulk;
use super::controller::Interactive;
use super::dial;
use super::path::{self, Care, Path};
use super::routes::{Arrivals, Routes};
use super::settings;
use super::stream::Stream;
use super::tls;
use crate::auth::PublicKey;
use crate::net::addresses;
use crate::net::changes::Changes;
use crate::net::clocks::Clocks;
use crate::net::link::Link;
use crate::protocol::frame::MAX_BODY;
use crate::protocol::words;
use crate::sync::{MAX_PACKET, Queue};
use crate::varint;
use anyhow::{Result, anyhow};
use quinn::{ConnectionError, Endpoint, VarInt};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long the last words of a connection may take to leave this machine.
const PARTING: Duration = Duration::from_millis(10);

/// Names no conversation.
const PADDING: u64 = u32::MAX as u64;

/// Bytes of padding. With a key three times that is room for what tests the path and for two frames, all of which QUIC
/// makes as long as the path bears; a slow path takes no longer for it than it must.
const PADDING_LEN: usize = 800;

/// How often an idle path is looked after.
const KEEP: Duration = Duration::from_secs(1);

/// One connection to a peer. Clones are the same connection; it is closed when the last is dropped.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connection: quinn::Connection,
    endpoint: Endpoint,
    peer: PublicKey,
    controller: Interactive,
    routes: Routes,
    /// Watched by clients alone: a server stays where it is.
    path: Option<Mutex<Path>>,
}

/// How a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// By which address the other end is reached.
    pub by: IpAddr,
    /// The round trip, smoothed.
    pub round_trip: Duration,
    /// How many of a thousand packets to the other end are lost.
    pub loss: u32,
    /// How long ago the other end was heard last.
    pub silent: Duration,
    /// How long an answer of the other end has been waited for; zero if none is.
    pub awaited: Duration,
}

impl Connection {
    /// A connection whose handshake is done.
    pub(super) fn new(
        connection: quinn::Connection,
        endpoint: Endpoint,
        controller: Interactive,
    ) -> Result<Self> {
        Self::watched((connection, endpoint), controller, None)
    }

    /// As [`new`](Self::new), opened from here: it follows this machine to whatever address it has.
    pub(super) fn dialled(
        connection: quinn::Connection,
        endpoint: Endpoint,
        controller: Interactive,
    ) -> Result<Self> {
        let path = Path::new(Instant::now());
        let dialled = Self::watched((connection, endpoint), controller, Some(path))?;
        tokio::spawn(keep(Arc::downgrade(&dialled.0)));
        Ok(dialled)
    }

    fn watched(
        (connection, endpoint): (quinn::Connection, Endpoint),
        controller: Interactive,
        path: Option<Path>,
    ) -> Result<Self> {
        let peer = tls::peer_key(&connection)?;
        let max_large = match path {
            Some(_) => MAX_PACKET,
            None => settings::MAX_OF_CLIENT,
        };
        let routes = Routes::begin(&connection, &controller, max_large);
        Ok(Self(Arc::new(Shared {
            connection,
            endpoint,
            peer,
            controller,
            path: path.map(Mutex::new),
            routes,
        })))
    }

    /// Who is at the other end.
    pub fn peer(&self) -> PublicKey {
        self.0.peer
    }

    /// Where the other end was heard from last.
    pub fn remote_address(&self) -> SocketAddr {
        self.0.connection.remote_address()
    }

    /// Where both ends are: the other one, and this one as far as the system says.
    pub fn ends(&self) -> (SocketAddr, SocketAddr) {
        let bound = self.0.endpoint.local_addr().ok();
        let port = bound.map_or(0, |bound| bound.port());
        let bound = bound.map_or(IpAddr::from(Ipv6Addr::UNSPECIFIED), |bound| bound.ip());
        let own = self.0.connection.local_ip().unwrap_or(bound);
        let there = addresses::canonical(self.remote_address());
        (there, SocketAddr::new(own.to_canonical(), port))
    }

    /// How many packets have come in all.
    pub fn received(&self) -> u64 {
        self.0.connection.stats().udp_rx.datagrams
    }

    /// Whether both are the same connection.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Begins a conversation.
    pub async fn open(&self) -> Result<Link> {
        let (send, recv) = self.0.connection.open_bi().await.map_err(lost)?;
        Ok(Link::remote(Stream::new(self.clone(), send, recv)))
    }

    /// The next conversation that the other end begins; `None` once the connection is over.
    pub async fn accept(&self) -> Option<Link> {
        let (send, recv) = self.0.connection.accept_bi().await.ok()?;
        Some(Link::remote(Stream::new(self.clone(), send, recv)))
    }

    /// The client at the other end is let in: from now on it may send more than a stranger.
    pub fn admit(&self) {
        settings::admit(&self.0.connection);
    }

    /// Ends the connection, with one line for the other end.
    pub fn refuse(&self, line: &str) {
        self.0
            .connection
            .close(VarInt::from_u32(1), line.as_bytes());
    }

    /// How the connection does; packets of a thousand are lost as the caller counts. `None` at a server.
    pub(super) fn health(&self, loss: u32) -> Option<Health> {
        let now = Instant::now();
        let (silent, awaited) = self.0.with_path(|path, connection| {
            path.note_received(connection.stats().udp_rx.datagrams, now);
            (now - path.heard(), path.awaited(now))
        })?;
        Some(Health {
            // A socket for both families sees IPv4 within IPv6.
            by: self.remote_address().ip().to_canonical(),
            round_trip: self.0.connection.rtt(),
            loss,
            silent,
            awaited,
        })
    }

    /// Takes care of the path: something is being sent over it, where so many packets of a thousand are lost.
    pub(super) fn tend(&self, loss: u32) {
        self.0.tend(loss, Instant::now());
    }

    /// Whether the path has a long queue.
    pub(super) fn queue(&self) -> Queue {
        match self.0.controller.has_queue() {
            true => Queue::Long,
            false => Queue::Short,
        }
    }

    /// Longest message that the other end may send.
    pub(super) fn max_message(&self) -> usize {
        match self.0.path {
            Some(_) => MAX_BODY,
            None => settings::MAX_OF_CLIENT,
        }
    }

    /// What its conversations may send that give way.
    pub(super) fn bulk(&self) -> &Bulk {
        self.0.controller.bulk()
    }

    /// Takes another port.
    #[cfg(test)]
    pub(super) fn rebind(&self) {
        self.0.rebind();
    }

    pub(super) fn inner(&self) -> &quinn::Connection {
        &self.0.connection
    }

    /// Has what names the conversation `index` delivered.
    pub(super) fn route(&self, index: u64) -> Arrivals {
        self.0.routes.open(index)
    }

    /// The conversation is over.
    pub(super) fn forget(&self, index: u64) {
        self.0.routes.close(index);
    }

    /// Ends the connection and sees the word of it out, if nobody else uses it.
    pub(super) async fn part_if_last(&self) {
        if Arc::strong_count(&self.0) == 1 {
            self.0.connection.close(VarInt::from_u32(0), b"");
            let _ = tokio::time::timeout(PARTING, self.0.endpoint.wait_idle()).await;
        }
    }
}

impl Shared {
    fn with_path<T>(&self, act: impl FnOnce(&mut Path, &quinn::Connection) -> T) -> Option<T> {
        let path = self.path.as_ref()?.lock();
        let mut path = path.unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut path, &self.connection))
    }

    fn tend(&self, loss: u32, now: Instant) {
        let care = self.with_path(|path, connection| {
            path.note_received(connection.stats().udp_rx.datagrams, now);
            if path.is_stale(now) {
                path.note_source(path::source_to(connection.remote_address()), now);
            }
            path.sending((connection.rtt(), loss), now)
        });
        match care.flatten() {
            None => return,
            Some(Care::Rebind) => self.rebind(),
            Some(Care::Pad) => {}
        }
        self.pad();
    }

    /// Sends something long that says nothing.
    fn pad(&self) {
        if self.connection.datagram_send_buffer_space() >= PADDING_LEN {
            let mut padding = name(PADDING);
            padding.resize(PADDING_LEN, 0);
            let _ = self.connection.send_datagram(padding.into());
        }
    }

    /// Takes another port.
    fn rebind(&self) {
        let socket = dial::socket(&[self.connection.remote_address()]);
        if let Err(error) = socket.and_then(|socket| self.endpoint.rebind(socket)) {
            tracing::info!(%error, "no other port can be taken");
        }
    }
}

/// Looks after the path of a connection that may be idle: whether it leads from another address, or this machine slept.
async fn keep(shared: Weak<Shared>) {
    let (mut clocks, mut changes) = (Clocks::read(), Changes::listen());
    loop {
        let has_changed = tokio::select! {
            () = tokio::time::sleep(KEEP) => false,
            () = changes.next() => true,
        };
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if shared.connection.close_reason().is_some() {
            return;
        }
        let now = Instant::now();
        let has_slept = clocks.have_jumped();
        let has_moved = shared.with_path(|path, connection| {
            // What came over the path as it was says nothing of another one.
            path.note_received(connection.stats().udp_rx.datagrams, now);
            // It may be there again, as it was or as another one: that is tried at once.
            if has_slept || has_changed && !path.awaited(now).is_zero() {
                path.moved();
            }
            path.note_source(path::source_to(connection.remote_address()), now);
            path.has_moved()
        });
        if has_slept {
            shared.rebind();
        }
        if has_moved == Some(true) {
            shared.tend(0, now);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }
}

/// What stands before all that names the conversation `index`.
pub(super) fn name(index: u64) -> Vec<u8> {
    let mut name = Vec::new();
    varint::put(&mut name, index);
    name
}

/// Whether a connection ended as it should.
pub(super) fn is_over(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::LocallyClosed => true,
        ConnectionError::ApplicationClosed(close) => close.reason.is_empty(),
        _ => false,
    }
}

/// Why nothing comes of a connection, though the other side was reached.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// It refuses, in its own words.
    #[error("{0}")]
    Refused(String),
    /// It is another.
    #[error("the server at {0} has another key than the one that is known: it is not talked to")]
    OtherKey(SocketAddr),
}

/// Why a connection is gone, in one line.
pub(super) fn lost(error: ConnectionError) -> anyhow::Error {
    match error {
        ConnectionError::ApplicationClosed(close) if !close.reason.is_empty() => {
            let line = words::plain(&String::from_utf8_lossy(&close.reason));
            Denied::Refused(line).into()
        }
        ConnectionError::ApplicationClosed(_) | ConnectionError::LocallyClosed => {
            anyhow!("the other side closed the connection")
        }
        ConnectionError::Reset => anyhow!("the server does not know this connection any more"),
        // It may have words of the other side within.
        error => anyhow!(words::plain(&format!("the connection is lost: {error}"))),
    }
}
