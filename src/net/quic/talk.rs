//! Connections of a protocol of their own, `wt-pair/1`: neither key is known, one stream carries the few messages of a
//! pairing, and nothing else is possible.

use super::connection::lost;
use super::tls;
use crate::auth::PublicKey;
use crate::auth::pairing::{Channel, EXPORTER, EXPORTER_LABEL, MAX_MESSAGE, Message};
use anyhow::{Context, Result, anyhow, ensure};
use quinn::{Endpoint, RecvStream, SendStream, VarInt};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the other side is given to hear the last word.
const PARTING: Duration = Duration::from_secs(2);

/// How long that may take to leave this machine.
const LEAVING: Duration = Duration::from_millis(50);

/// Somebody who wants to be paired and has said nothing yet.
#[derive(Debug)]
pub struct Stranger {
    pub(super) connection: quinn::Connection,
    pub(super) endpoint: Endpoint,
}

impl Stranger {
    /// Where they are.
    pub fn remote_address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Turns them away, with one line for them.
    pub fn refuse(self, line: &str) {
        self.connection.close(VarInt::from_u32(1), line.as_bytes());
    }

    /// Waits for them to begin.
    pub async fn listen(self) -> Result<Talk> {
        Talk::accept(self.connection, self.endpoint).await
    }
}

/// A conversation with a stranger.
#[derive(Debug)]
pub struct Talk {
    connection: quinn::Connection,
    endpoint: Endpoint,
    peer: PublicKey,
    send: SendStream,
    recv: RecvStream,
}

impl Talk {
    /// Begins one.
    pub(super) async fn begin(connection: quinn::Connection, endpoint: Endpoint) -> Result<Self> {
        let peer = tls::peer_key(&connection)?;
        let (send, recv) = connection.open_bi().await.map_err(lost)?;
        Ok(Self {
            connection,
            endpoint,
            peer,
            send,
            recv,
        })
    }

    /// Takes part in the one that the other side begins.
    async fn accept(connection: quinn::Connection, endpoint: Endpoint) -> Result<Self> {
        let peer = tls::peer_key(&connection)?;
        let (send, recv) = connection.accept_bi().await.map_err(lost)?;
        Ok(Self {
            connection,
            endpoint,
            peer,
            send,
            recv,
        })
    }

    /// What TLS has proved of this connection.
    pub fn channel(&self) -> Result<Channel> {
        let mut exporter = [0; EXPORTER];
        let exported = self
            .connection
            .export_keying_material(&mut exporter, EXPORTER_LABEL, b"");
        exported.map_err(|_| anyhow!("the connection has no secret to build on"))?;
        Ok(Channel {
            peer: self.peer,
            exporter,
        })
    }

    /// Where the other side is.
    pub fn remote_address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Says something.
    pub async fn say(&mut self, message: &Message) -> Result<()> {
        let bytes = message.encode();
        let len = u16::try_from(bytes.len()).context("a message is short")?;
        self.send.write_all(&len.to_be_bytes()).await?;
        self.send.write_all(&bytes).await?;
        Ok(())
    }

    /// Hears the next message.
    ///
    /// # Errors
    /// If what comes is none, or the other side has gone.
    pub async fn hear(&mut self) -> Result<Message> {
        let mut len = [0; 2];
        self.read(&mut len).await?;
        let len = usize::from(u16::from_be_bytes(len));
        ensure!(
            len <= MAX_MESSAGE,
            "what came is no message of a pairing: try again"
        );
        let mut bytes = vec![0; len];
        self.read(&mut bytes).await?;
        Ok(Message::decode(&bytes)?)
    }

    async fn read(&mut self, bytes: &mut [u8]) -> Result<()> {
        let read = self.recv.read_exact(bytes).await;
        read.map_err(|error| match self.connection.close_reason() {
            Some(reason) => lost(reason),
            None => anyhow!(error).context("the other side has gone"),
        })
    }

    /// Sees the last word out.
    pub async fn finish(mut self) {
        let _ = self.send.finish();
        let _ = tokio::time::timeout(PARTING, self.send.stopped()).await;
        self.connection.close(VarInt::from_u32(0), b"");
        let _ = tokio::time::timeout(LEAVING, self.endpoint.wait_idle()).await;
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.connection.close(VarInt::from_u32(0), b"");
    }
}
