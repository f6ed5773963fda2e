//! The first words of a connection.

use serde::{Deserialize, Serialize};

/// What the client says first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the client.
    pub version: Version,
    /// `wt --version`, for the message when the versions do not fit.
    pub release: String,
}

/// What the server answers; a refusal is a [`Reply::Error`](super::request::Reply::Error).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`VERSION`] of the server.
    pub version: Version,
    /// Its release.
    pub release: String,
    /// Differs for every start of the server.
    pub incarnation: u64,
    /// Its process id.
    pub pid: u32,
}

/// Version of the protocol: majors must be equal, neighbouring minors work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Raised when old and new cannot talk.
    pub major: u16,
    /// Raised when something was added.
    pub minor: u16,
}

/// What this build speaks.
pub const VERSION: Version = Version { major: 1, minor: 0 };
