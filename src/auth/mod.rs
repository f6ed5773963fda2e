//! Keys, who is granted what, and how two devices that do not know each other come to: pure, as files and connections
//! are the edges' part.

pub mod address;
mod asker;
mod bech32;
pub mod bootstrap;
pub mod grants;
pub mod hosts;
pub mod identity;
pub mod name;
pub mod pairing;
pub mod words;

pub use address::Address;
pub use asker::Asker;
pub use grants::{Grant, Grants, Role};
pub use hosts::{AgentUse, Host, Hosts};
pub use identity::{DeviceKey, PublicKey, Seed};
