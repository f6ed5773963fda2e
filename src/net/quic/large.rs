//! Packets that are too long for datagrams: each in a stream of its own.

use super::connection::name;
use super::settings::LARGE_PRIORITY;
use crate::sync::{Earlier, Streams};
use quinn::{SendStream, VarInt};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Why a large packet is not sent to its end.
const SUPERSEDED: VarInt = VarInt::from_u32(1);

/// Packets that are too long for datagrams, one at a time: each arrives, so that however slow the path is, the peer
/// gets on. Of those that wait only the newest is of use.
#[derive(Debug, Default)]
pub(super) struct Large {
    under_way: Option<JoinHandle<()>>,
    waiting: Option<Vec<u8>>,
}

impl Large {
    /// Takes in the next one. It stands for those that it supersedes, so what is left of them need not be sent.
    pub fn put(&mut self, bytes: Vec<u8>, earlier: Earlier) {
        if earlier == Earlier::Superseded
            && let Some(under_way) = self.under_way.take()
        {
            under_way.abort();
        }
        self.waiting = Some(bytes);
    }

    /// Sends the one that waits, unless another is under way.
    pub fn start(&mut self, connection: &quinn::Connection, index: u64) {
        if self.under_way.as_ref().is_some_and(JoinHandle::is_finished) {
            self.under_way = None;
        }
        if self.under_way.is_some() {
            return;
        }
        if let Some(bytes) = self.waiting.take() {
            self.under_way = Some(tokio::spawn(send_large(connection.clone(), index, bytes)));
        }
    }

    /// What became of all that were taken in.
    pub fn streams(&self) -> Streams {
        let is_idle = self.under_way.as_ref().is_none_or(JoinHandle::is_finished);
        match is_idle && self.is_clear() {
            true => Streams::Over,
            false => Streams::UnderWay,
        }
    }

    /// Whether none waits for another to have arrived.
    pub fn is_clear(&self) -> bool {
        self.waiting.is_none()
    }

    /// Ready once what was under way has arrived.
    pub fn poll(&mut self, context: &mut Context) -> Poll<()> {
        let Some(under_way) = &mut self.under_way else {
            return Poll::Pending;
        };
        let arrived = Pin::new(under_way).poll(context).map(|_| ());
        if arrived.is_ready() {
            self.under_way = None;
        }
        arrived
    }
}

impl Drop for Large {
    /// Nobody is left to take it: it would only be in the way of others.
    fn drop(&mut self) {
        if let Some(under_way) = &self.under_way {
            under_way.abort();
        }
    }
}

/// Sends all of `bytes` in a stream of its own; ends when they have arrived.
async fn send_large(connection: quinn::Connection, index: u64, bytes: Vec<u8>) {
    let Ok(stream) = connection.open_uni().await else {
        return;
    };
    let mut stream = Unfinished(stream);
    let _ = stream.0.set_priority(LARGE_PRIORITY);
    let written = async {
        stream.0.write_all(&name(index)).await?;
        stream.0.write_all(&bytes).await
    };
    if written.await.is_ok() && stream.0.finish().is_ok() {
        let _ = stream.0.stopped().await;
    }
}

/// A stream that is reset when it is dropped, and not ended as if that were all: half a packet is none.
struct Unfinished(SendStream);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Too late for one that has arrived.
        let _ = self.0.reset(SUPERSEDED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[test]
    fn what_is_under_way_ends_with_its_conversation() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (held, ended) = oneshot::channel::<()>();
            let under_way = tokio::spawn(async move {
                let _held = held;
                std::future::pending().await
            });
            drop(Large {
                under_way: Some(under_way),
                waiting: None,
            });
            let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
            ended.expect("it has ended").unwrap_err();
        });
    }
}
