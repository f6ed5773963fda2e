//! Datagrams on their way out: QUIC may have no room for them, or hold them back for its congestion window or its pace.

use super::looking::Looking;
use super::settings::DATAGRAM_BUFFER;
use anyhow::{Result, bail};
use quinn::{Connection, SendDatagramError};
use std::collections::VecDeque;
use std::time::Instant;

/// Room that QUIC says it has for datagrams when it holds none.
const NO_DATAGRAMS: usize = DATAGRAM_BUFFER - size_of::<quinn_proto::Datagram>();

/// The datagrams of one conversation.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Those that QUIC has no room for.
    unsent: VecDeque<Vec<u8>>,
    /// Whether QUIC has had no turn since it was given some.
    owes_turn: bool,
    /// When to look whether one that QUIC holds back has left: it tells nobody.
    looking: Looking,
}

impl Outbox {
    /// Takes one in.
    pub fn put(&mut self, datagram: Vec<u8>) {
        self.unsent.push_back(datagram);
    }

    /// Whether QUIC was given all.
    pub fn is_empty(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Gives QUIC as many as it takes without dropping others.
    pub fn hand_over(&mut self, connection: &Connection) -> Result<()> {
        if connection.datagram_send_buffer_space() >= NO_DATAGRAMS {
            self.looking.begin();
        }
        while let Some(next) = self.unsent.front() {
            if connection.datagram_send_buffer_space() < next.len() {
                return Ok(());
            }
            self.owes_turn = true;
            let next = self.unsent.pop_front().unwrap_or_default();
            match connection.send_datagram(next.into()) {
                // One that the path bears no more is lost; reading tells that the connection is.
                Ok(())
                | Err(SendDatagramError::TooLarge | SendDatagramError::ConnectionLost(_)) => {}
                Err(error) => bail!("the other side takes no datagrams: {error}"),
            }
        }
        Ok(())
    }

    /// Whether none waits here or in QUIC.
    pub fn has_left(&self, connection: &Connection) -> bool {
        let is_empty = || connection.datagram_send_buffer_space() >= NO_DATAGRAMS;
        self.unsent.is_empty() && (is_empty() || connection.close_reason().is_some())
    }

    /// Whether QUIC should have a turn first, which it then is taken to have.
    pub fn take_turn(&mut self) -> bool {
        std::mem::take(&mut self.owes_turn)
    }

    /// When to look whether all have left, if they have not.
    pub fn looks_at(&self, connection: &Connection) -> Option<Instant> {
        let waits = !self.has_left(connection);
        waits.then(|| Instant::now() + self.looking.wait())
    }

    /// Takes note that time has passed.
    pub fn look(&mut self, connection: &Connection) {
        if !self.has_left(connection) {
            let received = connection.stats().udp_rx.datagrams;
            self.looking.in_vain(received);
        }
    }
}
