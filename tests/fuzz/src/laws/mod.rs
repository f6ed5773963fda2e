//! What must hold whatever bytes come from outside. Each law takes the bytes of one trial and panics if it is broken.

pub mod bytes;
pub mod edge;
pub mod emulator;
pub mod files;
pub mod input;
pub mod messages;
pub mod oracle;
pub mod trust;
