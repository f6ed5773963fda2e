//! What happens once and is no state: sent beside the view, reliably and in order.

use super::command::{Command, On};
use super::request::SessionSummary;
use crate::term::Notice;
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
    /// A command waits for a yes: the question, and what to send then.
    Ask {
        /// One line, without the keys that answer it.
        question: String,
        /// What `command` is to be done to.
        on: On,
        /// What to send if the user says yes.
        command: Command,
    },
    /// All sessions, as [`SessionCommand::List`](super::command::SessionCommand) asked.
    Sessions(Vec<SessionSummary>),
    /// The configuration is to be read again.
    Reload,
    /// The server ends this attachment; the line says why (`detached`, `session ended`, …).
    Detached(String),
    /// A program wants the user to know something.
    Notice(Notice),
    /// A program asks what is on the clipboard: a [`Side::Clipboard`](super::side::Side) answers.
    AskClipboard {
        /// Differs for every question.
        id: u64,
        /// Which selection, as OSC 52 names it.
        selection: String,
        /// Who asks, in words: the program and its pane.
        asker: String,
    },
    /// A program connected to the ssh agent: a new link with [`Side::Agent`](super::side::Side) carries what it says.
    Agent {
        /// Differs for every connection.
        id: u64,
    },
    /// The server makes room for another one, which takes all up that this one has: another link leads there.
    Restarting,
}
