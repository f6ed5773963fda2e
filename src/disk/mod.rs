//! What wt keeps on disk and where: the only part that opens files of its own.

pub mod archive;
pub mod atomic;
mod blocks;
pub mod commands;
mod damage;
pub mod gaps;
mod guarded;
pub mod history;
pub mod identity;
mod journal;
mod journals;
pub mod key;
#[cfg(test)]
mod kills;
pub mod listening;
pub mod lock;
pub mod log;
pub mod meta;
pub mod moments;
#[cfg(test)]
mod pace_tests;
pub mod places;
mod plain;
mod private;
pub mod process;
pub mod prune;
mod queue;
pub mod random;
mod reader;
mod replacements;
pub mod search;
#[cfg(test)]
mod segment_tests;
mod segments;
pub mod sessions;
pub mod shells;
pub mod snapshot;
mod sweep;
pub mod tally;
pub mod trust;
pub mod watch;
mod worker;
pub mod writer;

pub use lock::Lock;
pub use places::Places;
