//! The holder: the small process that opens PTYs, starts programs and keeps both, so that no pane dies with the
//! server. It outlives servers and upgrades, so its protocol grows only at its end.
//!
//! The process itself is [`run`] over `panes`, `spawn` and `signal`, one thread in one poll loop, with no async
//! runtime. [`link`] is the server's end.

pub mod daemon;
pub mod keepsake;
pub mod kill;
pub mod link;
mod panes;
pub mod protocol;
pub mod run;
mod signal;
mod spawn;
#[cfg(test)]
mod tests;
pub mod wire;

pub use kill::Ladder;
pub use link::{Held, HolderEvent, HolderGone, HolderLink, Spawned};
pub use protocol::{Exit, KillSignal, Spawn, Status};
