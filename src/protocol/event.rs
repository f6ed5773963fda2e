//! What happens once and is no state: sent beside the view, reliably and in order.

use serde::{Deserialize, Serialize};

/// Something for the client to do or to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A pane rang.
    Bell,
    /// A program set the clipboard (OSC 52).
    Clipboard {
        /// Which selection, as OSC 52 names it (`c`, `p`, …).
        selection: String,
        /// The text.
        bytes: Vec<u8>,
    },
    /// One line for the status line.
    Message(String),
    /// The server ends this attachment; the line says why (`detached`, `session ended`, …).
    Detached(String),
}
