//! Other emulators as oracles.

use wt::term;

#[path = "../against.rs"]
mod against;

pub use against::agrees;
