//! Pairing: two devices that do not know each other come to, by a short code that one shows and a person carries.
//!
//! The code is the password of a SPAKE2 exchange (RFC 9382's family; the messages are those of the spake2 crate) inside a
//! TLS connection of two unknown keys. What both sides compute covers both keys, both names, both halves and a secret of
//! that very connection (RFC 5705): whoever stands between has two connections and proves nothing with either.
//!
//! The client proves first. A proof that does not fit burns the code, as it is the one guess that anybody has; a client
//! that goes away before learns nothing to guess by. Five minutes, and it is over.
//!
//! Machines: no clock, no socket, no randomness inside.

mod code;
mod exchange;
pub mod lan;
mod message;
mod offer;

pub use code::{Code, NoCode};
pub use exchange::{Confirming, Joining};
pub use message::{MAX_MESSAGE, Message, PAKE, PROOF, Start, VERSION};
pub use offer::{Exchange, LIFE_MS, Offer};

use super::identity::PublicKey;
use thiserror::Error;

/// Bytes of the secret that only the two ends of a connection know.
pub const EXPORTER: usize = 32;

/// What that secret is asked of TLS for.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-wt-pair-1";

/// Random bytes that one side of an exchange needs.
pub const RANDOM: usize = 64;

/// The connection in which two devices are paired, as TLS has proved it to this end.
#[derive(Clone)]
pub struct Channel {
    /// The key of the other end.
    pub peer: PublicKey,
    /// The secret of both ends.
    pub exporter: [u8; EXPORTER],
}

/// A pairing that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// The key of the other device.
    pub key: PublicKey,
    /// What the other device calls itself; what cannot be a name is left out.
    pub name: Option<String>,
    /// Words that both sides show: the same on both, and on no other two.
    pub words: String,
}

/// Why a pairing comes to nothing. Each is said on both sides, in words for whoever entered the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A version that this one does not speak.
    #[error("the wt there and the wt here pair in different ways: upgrade the older one")]
    Version,
    /// No code with that number is shown.
    #[error("no code with that number is shown there: look at it again, it was not used up")]
    Number,
    /// The code was wrong.
    #[error("the code was wrong, which has used it up: run `wt pair` there again for a new one")]
    Code,
    /// The code was used before, rightly or wrongly.
    #[error("the code is used up: run `wt pair` there again for a new one")]
    Used,
    /// Its five minutes are over.
    #[error("the code is too old: run `wt pair` there again for a new one")]
    Late,
    /// Something else came than had to come.
    #[error("what came over the connection was no pairing of wt's: try again")]
    Nonsense,
    /// Too many try at once.
    #[error("too many try to pair at once: try again in a minute")]
    Busy,
    /// The server could not write down what it grants.
    #[error("the server cannot write down whom it trusts: its own screen says why")]
    Unwritten,
}

impl Refusal {
    const ALL: [Refusal; 8] = [
        Refusal::Version,
        Refusal::Number,
        Refusal::Code,
        Refusal::Used,
        Refusal::Late,
        Refusal::Nonsense,
        Refusal::Busy,
        Refusal::Unwritten,
    ];

    fn number(self) -> u8 {
        let at = Self::ALL.iter().position(|&refusal| refusal == self);
        at.expect("every refusal is listed") as u8
    }

    /// One that this release does not know says the least.
    fn numbered(number: u8) -> Self {
        let known = Self::ALL.get(usize::from(number));
        known.copied().unwrap_or(Refusal::Nonsense)
    }
}

#[cfg(test)]
mod tests;
