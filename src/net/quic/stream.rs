//! One conversation in a connection: messages in a stream, sync packets beside it.
//!
//! Packets are built late: as long as QUIC holds a datagram back, for its congestion window or its pace, the link is not
//! clear, and nobody builds another frame.

use super::bulk::Bulk;
use super::connection::{Connection, Denied, Health, is_over, lost, name};
use super::large::Large;
use super::outbox::Outbox;
use super::routes::{Arrivals, Arrived};
use super::settings::BULK_PRIORITY;
use crate::auth::PublicKey;
use crate::net::framed::{Incoming, Outgoing};
use crate::net::link::Ready;
use crate::protocol::Message;
use crate::sync::{self, Carrier, Endpoint, Mark, Time, Way};
use anyhow::Result;
use quinn::{ReadError, RecvStream, SendStream, WriteError};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How long the other end may take to confirm the last words.
const CLOSE_WAIT: Duration = Duration::from_millis(500);

/// One conversation in a connection.
#[derive(Debug)]
pub(in crate::net) struct Stream {
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
    index: u64,
    incoming: Incoming,
    outgoing: Outgoing,
    arrivals: Arrivals,
    carrier: Carrier,
    outbox: Outbox,
    large: Large,
    /// What it may hand to QUIC if it gives way.
    bulk: Option<Bulk>,
    started: Instant,
}

/// What became of one that gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GivesWay {
    Still,
    /// The other end reads it no more, or is gone.
    ToNobody,
}

impl Stream {
    pub(super) fn new(connection: Connection, send: SendStream, recv: RecvStream) -> Self {
        let index = send.id().index();
        let arrivals = connection.route(index);
        let room = connection.inner().max_datagram_size().unwrap_or_default();
        let carrier = Carrier::new(room.saturating_sub(name(index).len()));
        let incoming = Incoming::of_at_most(connection.max_message());
        Self {
            connection,
            send,
            recv,
            index,
            incoming,
            outgoing: Outgoing::default(),
            arrivals,
            carrier,
            outbox: Outbox::default(),
            large: Large::default(),
            bulk: None,
            started: Instant::now(),
        }
    }

    pub(in crate::net) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(in crate::net) fn health(&self) -> Option<Health> {
        self.connection.health(self.carrier.loss())
    }

    pub(in crate::net) fn peer(&self) -> PublicKey {
        self.connection.peer()
    }

    fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    pub(in crate::net) async fn recv(&mut self) -> Result<Option<Message>> {
        loop {
            match self.ready().await? {
                Ready::Message(message) => return Ok(Some(message)),
                Ready::Closed => return Ok(None),
                Ready::Clear => {}
            }
        }
    }

    pub(in crate::net) async fn ready(&mut self) -> Result<Ready> {
        // Also what leaves while this waits has to be told of.
        let was_clear = self.is_clear();
        loop {
            self.try_flush()?;
            if let Some(ready) = self.try_recv()? {
                return Ok(ready);
            }
            if !was_clear && self.is_clear() {
                return Ok(Ready::Clear);
            }
            if let Some(ready) = self.wait().await? {
                return Ok(ready);
            }
        }
    }

    /// Waits until something came, which is returned, or until more may be sent.
    async fn wait(&mut self) -> Result<Option<Ready>> {
        if self.outbox.take_turn() {
            tokio::task::yield_now().await;
            return Ok(None);
        }
        let (due, way) = (self.timeout(), self.may_write());
        tokio::select! {
            biased;
            moved = poll_fn(|context| self.poll(context)) => moved,
            way = way => {
                self.goes_on(way);
                Ok(None)
            }
            () = sleep_until(due) => {
                self.outbox.look(self.connection.inner());
                Ok(None)
            }
        }
    }

    /// When there is something to be done that nothing wakes for.
    fn timeout(&self) -> Option<Instant> {
        let held_back = self.outbox.looks_at(self.connection.inner());
        let copies = self.carrier.timeout();
        let copies = copies.map(|at| self.started + Duration::from_millis(at.0));
        held_back.into_iter().chain(copies).min()
    }

    /// What came; `None` if more may be sent.
    fn poll(&mut self, context: &mut Context) -> Poll<Result<Option<Ready>>> {
        if let Some(ready) = self.read(context)? {
            return Poll::Ready(Ok(Some(ready)));
        }
        if let Poll::Ready(Some(arrived)) = self.arrivals.poll(context) {
            return Poll::Ready(self.take(arrived));
        }
        let unsent = !self.outgoing.is_empty();
        self.write(context)?;
        let has_written = unsent && self.outgoing.is_empty();
        match has_written || self.large.poll(context).is_ready() {
            true => Poll::Ready(Ok(None)),
            false => Poll::Pending,
        }
    }

    /// What has come already.
    fn try_recv(&mut self) -> Result<Option<Ready>> {
        if let Some(ready) = self.read(&mut Context::from_waker(Waker::noop()))? {
            return Ok(Some(ready));
        }
        while let Some(arrived) = self.arrivals.try_next() {
            if let Some(ready) = self.take(arrived)? {
                return Ok(Some(ready));
            }
        }
        Ok(None)
    }

    /// Takes in what came beside the stream; the packet that it was, or made whole.
    fn take(&mut self, arrived: Arrived) -> Result<Option<Ready>> {
        let now = self.now();
        let packet = match arrived {
            Arrived::Datagram(bytes) => self.carrier.handle_datagram(&bytes, now)?,
            Arrived::Large(bytes) => Some(self.carrier.handle_stream(bytes, now)?),
        };
        Ok(packet.map(|packet| Ready::Message(Message::Packet(packet))))
    }

    fn read(&mut self, context: &mut Context) -> Result<Option<Ready>> {
        let Self { recv, incoming, .. } = self;
        let read =
            incoming.receive(|room| match Pin::new(&mut *recv).poll_read(context, room) {
                Poll::Ready(read) => read.or_else(end_of_reading),
                Poll::Pending => Err(ErrorKind::WouldBlock.into()),
            })?;
        Ok(read.map(|message| message.map_or(Ready::Closed, Ready::Message)))
    }

    fn write(&mut self, context: &mut Context) -> Result<()> {
        let Self {
            send,
            outgoing,
            bulk,
            ..
        } = self;
        outgoing.write(|bytes| {
            let wanted = bytes.len();
            let room = bulk.as_ref().map_or(wanted, |bulk| bulk.take(wanted));
            if room == 0 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let written = match Pin::new(&mut *send).poll_write(context, &bytes[..room]) {
                Poll::Ready(written) => written.map_err(end_of_writing),
                Poll::Pending => Err(ErrorKind::WouldBlock.into()),
            };
            if let Some(bulk) = bulk {
                bulk.give_back(room - written.as_ref().copied().unwrap_or_default());
            }
            written
        })
    }

    /// Ends once one that gives way may write again, or nobody reads it any more: without an allowance QUIC is not even
    /// asked, and says nothing of that. Never where nothing waits for it.
    fn may_write(&self) -> impl Future<Output = GivesWay> + use<> {
        let waiting = self.bulk.clone().filter(|_| !self.outgoing.is_empty());
        let ended = self.send.stopped();
        async move {
            let Some(bulk) = waiting else {
                return std::future::pending().await;
            };
            tokio::select! {
                () = bulk.renewed() => GivesWay::Still,
                _ = ended => GivesWay::ToNobody,
            }
        }
    }

    /// What is said to nobody takes no room: QUIC refuses it.
    fn goes_on(&mut self, way: GivesWay) {
        if way == GivesWay::ToNobody {
            self.bulk = None;
        }
    }

    pub(in crate::net) fn queue(&mut self, message: &Message) {
        match message {
            Message::Packet(packet) => {
                self.queue_packet(packet.clone());
            }
            message => message.encode(self.outgoing.room()),
        }
    }

    pub(in crate::net) fn queue_packet(&mut self, packet: Vec<u8>) -> Way {
        let room = self.connection.inner().max_datagram_size();
        if let Some(room) = room {
            let room = room.saturating_sub(name(self.index).len());
            self.carrier.set_max_datagram(room);
        }
        self.carrier.put(packet)
    }

    /// Lets the endpoint and the carrier know what each has found out of the path.
    pub(in crate::net) fn adapt<M: Mark>(&mut self, endpoint: &mut Endpoint<M>, now: Time) {
        self.carrier.set_queue(self.connection.queue());
        self.carrier.set_streams(self.large.streams());
        let round_trip = self.connection.inner().rtt();
        endpoint.expect_round_trip(round_trip.as_millis() as u64);
        endpoint.adapt(&mut self.carrier, now);
    }

    pub(in crate::net) fn try_flush(&mut self) -> Result<()> {
        self.write(&mut Context::from_waker(Waker::noop()))?;
        let now = self.now();
        while let Some(outgoing) = self.carrier.poll(now) {
            match outgoing {
                sync::Outgoing::Datagram(bytes) => {
                    let mut named = name(self.index);
                    named.extend_from_slice(&bytes);
                    self.outbox.put(named);
                }
                sync::Outgoing::Stream { bytes, earlier } => self.large.put(bytes, earlier),
            }
        }
        self.large.start(self.connection.inner(), self.index);
        self.send_datagrams()
    }

    fn send_datagrams(&mut self) -> Result<()> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        self.outbox.hand_over(self.connection.inner())?;
        self.connection.tend(self.carrier.loss());
        Ok(())
    }

    pub(in crate::net) async fn flush(&mut self) -> Result<()> {
        loop {
            self.try_flush()?;
            if self.is_clear() {
                return Ok(());
            }
            let (due, way) = (self.timeout(), self.may_write());
            let written = poll_fn(|context| {
                let unsent = !self.outgoing.is_empty();
                match self.write(context) {
                    Ok(()) if !unsent || !self.outgoing.is_empty() => Poll::Pending,
                    written => Poll::Ready(written),
                }
            });
            tokio::select! {
                biased;
                written = written => written?,
                way = way => self.goes_on(way),
                () = sleep_until(due) => self.outbox.look(self.connection.inner()),
            }
        }
    }

    pub(in crate::net) fn give_way(&mut self) {
        // One that has ended says nothing more.
        let _ = self.send.set_priority(BULK_PRIORITY);
        self.bulk = Some(self.connection.bulk().clone());
    }

    pub(in crate::net) fn is_clear(&self) -> bool {
        let has_left = self.outbox.has_left(self.connection.inner());
        self.outgoing.is_empty() && self.large.is_clear() && has_left
    }

    pub(in crate::net) fn is_hung_up(&self) -> bool {
        self.connection.inner().close_reason().is_some()
    }

    pub(in crate::net) async fn close(mut self) {
        let confirmed = async {
            if self.flush().await.is_ok() && self.send.finish().is_ok() {
                let _ = self.send.stopped().await;
            }
        };
        let _ = tokio::time::timeout(CLOSE_WAIT, confirmed).await;
        self.connection.part_if_last().await;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.connection.forget(self.index);
    }
}

/// 0 where the peer has ended the conversation as it should.
fn end_of_reading(error: ReadError) -> io::Result<usize> {
    match error {
        ReadError::Reset(_) | ReadError::ClosedStream => Ok(0),
        ReadError::ConnectionLost(error) => match is_over(&error) {
            true => Ok(0),
            false => Err(match lost(error).downcast::<Denied>() {
                // Who reads it learns that it is final.
                Ok(denied) => io::Error::other(denied),
                Err(error) => io::Error::other(error.to_string()),
            }),
        },
        error => Err(io::Error::other(error)),
    }
}

/// A peer that is gone takes everything: its end comes out of reading.
fn end_of_writing(error: WriteError) -> io::Error {
    match error {
        WriteError::Stopped(_) | WriteError::ConnectionLost(_) | WriteError::ClosedStream => {
            ErrorKind::BrokenPipe.into()
        }
        error => io::Error::other(error),
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
