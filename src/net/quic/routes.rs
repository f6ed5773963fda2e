//! What comes beside the streams of conversations, brought to the conversation that it names.
//!
//! A datagram that nobody reads is lost, as it may be on the way. A large packet is not: its sender goes on as if it
//! had arrived. So it is read only once there is room for it, and until then QUIC holds its sender back.

use super::controller::Interactive;
use crate::varint::Reader;
use quinn::{Connection, RecvStream};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Datagrams of one conversation that may wait to be read; later ones are lost.
const MAX_DATAGRAMS: usize = 256;

/// Large packets of one conversation that may be on their way into memory, or wait there to be read.
const MAX_LARGE: usize = 1;

/// And of all conversations of a connection. Others wait in the window of the connection, so these are not too few.
const MAX_LARGE_IN_ALL: usize = 8;

/// Longest name of a conversation, in bytes.
const MAX_NAME: usize = 10;

/// What came for a conversation beside its stream.
#[derive(Debug)]
pub(super) enum Arrived {
    /// One datagram.
    Datagram(Vec<u8>),
    /// All that a stream of its own said.
    Large(Vec<u8>),
}

/// What came for one conversation, to be read.
#[derive(Debug)]
pub(super) struct Arrivals {
    datagrams: Receiver<Vec<u8>>,
    large: Receiver<Large>,
}

/// A large packet, and the room that it takes until it is read.
#[derive(Debug)]
struct Large {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// Where what names a conversation goes.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    to: Arc<Mutex<HashMap<u64, Route>>>,
    room: Arc<Semaphore>,
    /// Longest large packet.
    max_large: usize,
}

#[derive(Debug)]
struct Route {
    datagrams: Sender<Vec<u8>>,
    large: Sender<Large>,
}

impl Arrivals {
    /// What came next; `None` once nothing more comes.
    pub fn poll(&mut self, context: &mut Context) -> Poll<Option<Arrived>> {
        if let Poll::Ready(Some(large)) = self.large.poll_recv(context) {
            return Poll::Ready(Some(Arrived::Large(large.bytes)));
        }
        let datagram = self.datagrams.poll_recv(context);
        datagram.map(|datagram| datagram.map(Arrived::Datagram))
    }

    /// What has come already.
    pub fn try_next(&mut self) -> Option<Arrived> {
        if let Ok(large) = self.large.try_recv() {
            return Some(Arrived::Large(large.bytes));
        }
        self.datagrams.try_recv().ok().map(Arrived::Datagram)
    }
}

impl Routes {
    /// Begins to deliver what comes over the connection, until it ends.
    pub fn begin(connection: &Connection, controller: &Interactive, max_large: usize) -> Self {
        let routes = Self {
            to: Arc::default(),
            room: Arc::new(Semaphore::new(MAX_LARGE_IN_ALL)),
            max_large,
        };
        let taking = take_datagrams(connection.clone(), routes.clone(), controller.clone());
        tokio::spawn(taking);
        tokio::spawn(take_streams(connection.clone(), routes.clone()));
        routes
    }

    /// Has what names the conversation `index` delivered.
    pub fn open(&self, index: u64) -> Arrivals {
        let (datagrams, from_datagrams) = channel(MAX_DATAGRAMS);
        let (large, from_large) = channel(MAX_LARGE);
        self.with(|to| to.insert(index, Route { datagrams, large }));
        Arrivals {
            datagrams: from_datagrams,
            large: from_large,
        }
    }

    /// The conversation is over.
    pub fn close(&self, index: u64) {
        self.with(|to| to.remove(&index));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<u64, Route>) -> T) -> T {
        act(&mut self.to.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn take_datagrams(connection: Connection, routes: Routes, controller: Interactive) {
    while let Ok(bytes) = connection.read_datagram().await {
        controller.note_heard();
        let mut reader = Reader::new(&bytes);
        let Ok(index) = reader.u64() else { continue };
        routes.with(|to| {
            if let Some(route) = to.get(&index) {
                let _ = route.datagrams.try_send(reader.rest().to_vec());
            }
        });
    }
    // Whoever waits for more learns that there is none.
    routes.with(HashMap::clear);
}

async fn take_streams(connection: Connection, routes: Routes) {
    while let Ok(stream) = connection.accept_uni().await {
        // As many at a time as the transport allows.
        tokio::spawn(take_large(stream, routes.clone()));
    }
}

/// Reads one large packet once there is room; one that is too long, or was given up was superseded, or its conversation is over.
async fn take_large(mut stream: RecvStream, routes: Routes) -> Option<()> {
    let index = read_name(&mut stream).await?;
    let to = routes.with(|to| to.get(&index).map(|route| route.large.clone()))?;
    let place = to.reserve_owned().await.ok()?;
    let room = routes.room.acquire_owned().await.ok()?;
    let bytes = stream.read_to_end(routes.max_large).await.ok()?;
    place.send(Large { bytes, _room: room });
    Some(())
}

async fn read_name(stream: &mut RecvStream) -> Option<u64> {
    let mut name = [0; MAX_NAME];
    for len in 1..=MAX_NAME {
        stream.read_exact(&mut name[len - 1..len]).await.ok()?;
        if let Ok(index) = Reader::new(&name[..len]).u64() {
            return Some(index);
        }
    }
    None
}
