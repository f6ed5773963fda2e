//! What leads to a session: how links to its server are made, and what is asked for there.

use super::again::Again;
use super::reach::AgentWish;
use crate::protocol::request::NewSession;
use anyhow::Result;
use std::fmt;

/// What leads to a session.
#[derive(Debug)]
pub struct Door {
    /// The host as the user named it; `None` for this machine.
    pub host: Option<String>,
    /// Makes links to its server.
    pub again: Again,
    /// Which session; `None` for the one used last.
    pub session: Option<String>,
    /// Makes this session if it is missing.
    pub create: Option<NewSession>,
    /// Whether programs there reach the user's ssh agent.
    pub agent: AgentWish,
}

type Finding = Box<dyn Fn(&str) -> Result<Door>>;

/// Finds what leads to a target.
pub struct Doors(Finding);

impl Doors {
    /// Finds it by `find`, which says in one line what is wrong with a target.
    pub fn by(find: impl Fn(&str) -> Result<Door> + 'static) -> Self {
        Self(Box::new(find))
    }

    /// What leads to `target`.
    pub(super) fn find(&self, target: &str) -> Result<Door> {
        (self.0)(target)
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Doors(..)")
    }
}
