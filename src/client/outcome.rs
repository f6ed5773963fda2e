//! How an attachment ended, as its user is told.

use crate::protocol::Undelivered;
use std::fmt::{self, Display};

/// How an attachment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The user, or a signal to the client, ended it; the session lives on.
    Detached {
        /// Which session.
        session: String,
        /// What the server was never given, as it was out of reach.
        undelivered: Undelivered,
    },
    /// The server ended it.
    Ended {
        /// Which session.
        session: String,
        /// Why, in the server's words.
        reason: String,
    },
    /// The terminal is gone; there is nobody to tell.
    HungUp,
}

impl Display for Outcome {
    /// The line for the user; empty if there is nobody.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Detached {
                session,
                undelivered,
            } if undelivered.is_empty() => write!(f, "[detached (from session {session})]"),
            Self::Detached {
                session,
                undelivered,
            } => write!(f, "[detached (from session {session}); {undelivered}]"),
            Self::Ended { session, reason } if reason == "detached" => {
                write!(f, "[detached (from session {session})]")
            }
            Self::Ended { reason, .. } => write!(f, "[{reason}]"),
            Self::HungUp => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_one_line() {
        let ended = |reason: &str| {
            let (session, reason) = ("main".to_owned(), reason.to_owned());
            Outcome::Ended { session, reason }.to_string()
        };
        assert_eq!(ended("detached"), "[detached (from session main)]");
        assert_eq!(ended("server stopped"), "[server stopped]");
        assert_eq!(Outcome::HungUp.to_string(), "");
        let detached = |keys| {
            let (session, undelivered) = ("main".to_owned(), Undelivered { keys, pasted: 0 });
            let outcome = Outcome::Detached {
                session,
                undelivered,
            };
            outcome.to_string()
        };
        assert_eq!(detached(0), "[detached (from session main)]");
        assert_eq!(
            detached(3),
            "[detached (from session main); 3 keys were not delivered]"
        );
    }
}
