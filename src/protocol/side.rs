//! What travels beside the views: the clipboard that a program asks for, the user's ssh agent, the environment of the
//! client in use, forwarded connections and files.

use super::errand::Errand;
use super::files::FileRequest;
use serde::{Deserialize, Serialize};

/// Longest piece of what a connection or a file carries, in bytes.
pub const MAX_PIECE: usize = 64 << 10;

/// Most variables that a client tells of.
pub const MAX_VARIABLES: usize = 64;

/// Longest name and value of such a variable together, in bytes.
pub const MAX_VARIABLE: usize = 4 << 10;

/// What is asked for beside the views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// On an attached link: what the client has around it. Nothing is answered.
    Here(Surroundings),
    /// The variables that belong to the login of the client in use, as new panes of a session get them.
    Env {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
    },
    /// On an attached link: what is on the clipboard, as [`Event::AskClipboard`](super::Event) asked. Nothing is
    /// answered.
    Clipboard {
        /// Which question it answers.
        id: u64,
        /// The contents; `None` if the program may not have them, or nobody knows.
        bytes: Option<Vec<u8>>,
    },
    /// Turns this connection into one to the client's ssh agent, as [`Event::Agent`](super::Event) asked: after `Done`
    /// pieces go both ways.
    Agent {
        /// Which question it answers.
        id: u64,
    },
    /// Turns this connection into one from the server's machine to an address: after `Done` pieces go both ways.
    Forward(Address),
    /// Does something with files.
    Files(FileRequest),
    /// Does what a command does that reads what stands on the server's machine.
    Errand(Errand),
}

/// What a client has around it that programs on the server may use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Surroundings {
    /// Variables of its login; `None` for one that it has not set.
    pub env: Vec<(String, Option<String>)>,
    /// Its ssh agent.
    pub agent: Agent,
}

/// How a client's ssh agent is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Agent {
    /// Not through the client.
    #[default]
    None,
    /// The client carries connections to it.
    Carried,
}

/// Where a forwarded connection leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Address {
    /// A TCP port of a machine that the server's machine knows by this name.
    Port(String, u16),
    /// A unix socket on the server's machine; `~/` is its user's home.
    Socket(String),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Port(host, port) => write!(f, "{host}:{port}"),
            Self::Socket(path) => f.write_str(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_as_it_is_written() {
        let port = |host: &str| Address::Port(host.to_owned(), 80).to_string();
        assert_eq!(port("db.example"), "db.example:80");
        assert_eq!(port("::1"), "[::1]:80");
        assert_eq!(Address::Socket("~/s".to_owned()).to_string(), "~/s");
    }
}
