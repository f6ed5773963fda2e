//! Links: what carries messages between a client and a server. An edge: it owns sockets.

pub mod unix;
pub mod watched;
