//! What is carried over a link beside the views: files, and the bytes of connections. An edge that both sides share.
//!
//! Everything here is a request on a link of its own, so none of it stands in the way of keys and frames. The side that
//! asks names every place; no name that comes from the other side leads out of a directory ([`tree`]).

pub mod copy;
pub mod dial;
pub mod forward;
pub mod glob;
pub mod incoming;
pub mod outgoing;
pub mod pipe;
pub mod place;
pub mod serve;
pub mod transfer;
pub mod tree;

pub use dial::Dialer;
pub use place::Place;

use anyhow::{Context, Result};

/// Does what may wait for a disk on another thread.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .context("a thread that reads or writes files has died")
}
