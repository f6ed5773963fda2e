//! What is asked of a server about whom it trusts and where it is reached.

use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trust {
    /// Look again at who is let in: who is no more has to go.
    Recheck,
    /// Listen for clients in the network, if that is not done yet.
    Listen {
        /// The UDP port; `None` for the first of its own that is free.
        port: Option<u16>,
    },
    /// Where the server is reached, as far as it knows.
    Whereabouts,
    /// Show a code, and wait for whoever knows it. Lasts until that is done, or the link ends.
    Pair,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trusted {
    /// Where the server is reached.
    Whereabouts(Whereabouts),
    /// The code that is to be entered elsewhere.
    Code(String),
    /// Somebody knew the code, and is let in from now on.
    Paired {
        /// What the key is called now.
        name: String,
        /// The words that both sides show.
        words: String,
    },
}

/// Where a server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    /// Its key as a word.
    pub key: String,
    /// What its machine calls itself.
    pub name: String,
    /// Addresses with ports; none if it does not listen.
    pub addresses: Vec<String>,
}
