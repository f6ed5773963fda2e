//! What leads to a session: how links to its server are made, and what is asked for there.

use super::again::Again;
use super::reach::AgentWish;
use super::tie::Tie;
use super::visit::Looking;
use crate::protocol::request::{Attach, NewSession};
use crate::term::Size;
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

/// What is said at a door, and what will tie the viewer to its server.
#[derive(Debug)]
pub(super) struct Knock {
    pub(super) host: Option<String>,
    pub(super) agent: AgentWish,
    pub(super) tie: Tie,
    pub(super) attach: Attach,
}

impl Door {
    /// What a viewer with a terminal of that size says there.
    pub(super) fn knock(self, size: Size, looking: Looking) -> Knock {
        let tie = Tie::new(self.again);
        let attach = Attach {
            session: self.session,
            create: self.create,
            size,
            viewer: tie.viewer,
            confirmed: None,
            looking: looking.is_here(),
        };
        Knock {
            host: self.host,
            agent: self.agent,
            tie,
            attach,
        }
    }
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
