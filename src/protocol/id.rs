//! Names of the server's objects. Each is given once in the life of a server's state and never reused.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub u64);
    };
}

id!(
    /// A pane; shown as `%N`.
    PaneId
);
id!(
    /// A tab.
    TabId
);
id!(
    /// A session.
    SessionId
);
id!(
    /// A client as the server sees it.
    ViewerId
);
id!(
    /// A list of rows that a viewer is shown: a pane's live screen, or one viewer's place in its scrollback.
    SurfaceId
);

impl SurfaceId {
    const SCROLLED: u64 = 1 << 63;

    /// The live screen of `pane`.
    pub fn live(pane: PaneId) -> Self {
        Self(pane.0)
    }

    /// The `n`-th place in scrollback that any viewer has looked at.
    pub fn scrolled(n: u64) -> Self {
        Self(n | Self::SCROLLED)
    }

    /// Its number among places in scrollback, or the pane's.
    pub fn number(self) -> u64 {
        self.0 & !Self::SCROLLED
    }

    /// Whether this is a place in scrollback.
    pub fn is_scrolled(self) -> bool {
        self.0 & Self::SCROLLED != 0
    }
}

impl std::fmt::Display for PaneId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "%{}", self.0)
    }
}
