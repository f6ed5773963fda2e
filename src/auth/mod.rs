//! Keys, who is granted what, and how two devices that do not know each other come to: pure, as files and connections
//! are the edges' part.

mod bech32;
pub mod identity;
pub mod words;

pub use identity::{DeviceKey, PublicKey, Seed};
