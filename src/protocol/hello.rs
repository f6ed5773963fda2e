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
pub const VERSION: Version = Version { major: 4, minor: 0 };

/// Versions that cannot talk, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The client is the older one.
    #[error(
        "this wt ({0}) is too old for the running server ({1}): upgrade wt here, or use the server's own"
    )]
    OldClient(String, String),
    /// The server is the older one.
    #[error(
        "the running server ({1}) is too old for this wt ({0}): `wt server restart` replaces it, and its programs stay"
    )]
    OldServer(String, String),
}

/// Whether a client and a server of these versions and releases can talk: majors are equal and minors at most one
/// apart.
pub fn check(client: (Version, &str), server: (Version, &str)) -> Result<(), Mismatch> {
    let ((ours, client), (theirs, server)) = (client, server);
    if ours.major == theirs.major && ours.minor.abs_diff(theirs.minor) <= 1 {
        return Ok(());
    }
    let (client, server) = (client.to_owned(), server.to_owned());
    if (ours.major, ours.minor) < (theirs.major, theirs.minor) {
        Err(Mismatch::OldClient(client, server))
    } else {
        Err(Mismatch::OldServer(client, server))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(client: (u16, u16), server: (u16, u16)) -> Result<(), Mismatch> {
        let version = |(major, minor)| Version { major, minor };
        check((version(client), "0.2.0"), (version(server), "0.9.0"))
    }

    #[test]
    fn neighbouring_minors_talk() {
        assert_eq!(talk((1, 3), (1, 3)), Ok(()));
        assert_eq!(talk((1, 3), (1, 4)), Ok(()));
        assert_eq!(talk((1, 4), (1, 3)), Ok(()));
    }

    #[test]
    fn the_older_side_is_named() {
        let old = talk((1, 2), (1, 4)).expect_err("two minors apart");
        assert!(matches!(old, Mismatch::OldClient(..)));
        let old = talk((2, 0), (1, 9)).expect_err("another major");
        assert_eq!(
            old.to_string(),
            "the running server (0.9.0) is too old for this wt (0.2.0): `wt server restart` \
             replaces it, and its programs stay"
        );
    }
}
