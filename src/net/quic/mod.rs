//! Links over QUIC (RFC 9000): one connection to each peer, a bidirectional stream for each conversation, and sync
//! packets beside them in datagrams (RFC 9221).

mod bulk;
mod connection;
mod controller;
mod dial;
mod large;
mod listener;
mod looking;
mod outbox;
mod parameters;
mod path;
mod routes;
mod settings;
pub mod simulate;
mod stream;
mod talk;
#[cfg(test)]
mod tests;
mod tls;

pub use connection::{Connection, Denied, Health};
pub use dial::{dial, dial_stranger, dial_until};
pub use listener::{Arrival, Greeted, Listener};
pub(super) use stream::Stream;
pub use talk::{Stranger, Talk};
