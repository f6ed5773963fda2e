//! Links: what carries messages between a client and a server. An edge: it owns sockets.

pub mod addresses;
pub mod blocking;
pub mod changes;
pub mod clocks;
mod framed;
pub mod lan;
pub mod link;
pub mod quic;
pub mod unix;
pub mod watched;

pub use blocking::Blocking;
pub use link::{Closed, Link, Peer, Ready, Refused, Senseless, is_nonsense, refusal, welcomed};
