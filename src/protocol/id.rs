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
    /// A list of rows that a viewer holds: a pane's live screen, one viewer's place in its scrollback, or what lies around
    /// such a place.
    SurfaceId
);

impl SurfaceId {
    const SCROLLED: u64 = 1 << 63;
    const MARGIN: u64 = 1 << 62;

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
        self.0 & (Self::SCROLLED | Self::MARGIN) == Self::SCROLLED
    }

    /// What lies around this place in scrollback, of which it is a part.
    pub fn margin(self) -> Self {
        Self(self.0 | Self::SCROLLED | Self::MARGIN)
    }

    /// The place that this lies around, if it lies around one.
    pub fn within(self) -> Option<Self> {
        (self.0 & Self::MARGIN != 0).then_some(Self(self.0 & !Self::MARGIN))
    }

    /// The same in a number that is small, whichever kind it is.
    pub(super) fn packed(self) -> u64 {
        self.0.rotate_left(2)
    }

    /// Undoes [`SurfaceId::packed`].
    pub(super) fn unpacked(packed: u64) -> Self {
        Self(packed.rotate_right(2))
    }
}

impl std::fmt::Display for PaneId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "%{}", self.0)
    }
}
