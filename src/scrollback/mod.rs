//! The lines that left the top of a screen: numbered from 0, never renumbered, on disk in compressed blocks with the
//! newest in memory. Bytes in, effects out; files are the business of `disk::history`.

pub mod block;
mod columns;
pub mod filter;
pub mod index;
pub mod journal;
pub mod lines;
pub mod recovery;
pub mod search;
pub mod store;
pub mod times;
