//! All that a client asks for once it is attached, in order.

use super::{Command, PaneId};
use crate::term::Size;
use serde::{Deserialize, Serialize};

/// One thing that the user did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Keys or mouse reports, already in the bytes that the pane's modes ask for.
    Bytes {
        /// Where they go.
        pane: PaneId,
        /// At most [`Input::MAX_BYTES`].
        bytes: Vec<u8>,
    },
    /// Part of a paste; the server brackets it if the program asked for that.
    Paste {
        /// Where it goes.
        pane: PaneId,
        /// At most [`Input::MAX_BYTES`].
        bytes: Vec<u8>,
        /// Whether this is the first part.
        first: bool,
        /// Whether this is the last part.
        last: bool,
    },
    /// The client's terminal has this size now.
    Resize(Size),
    /// The client's terminal gained or lost the focus.
    Focus(bool),
    /// A click or key gave this pane the focus.
    Select(PaneId),
    /// A bound key.
    Command(Command),
}

impl Input {
    /// Longest run of bytes in one item.
    pub const MAX_BYTES: usize = 16 * 1024;
}
