//! What two devices say to each other while they are paired: few short messages, each of one kind in one place.
//!
//! ```text
//! start    1 │ version │ number │ pake (33) │ name          client → server
//! answer   2 │ pake (33) │ name                             server → client
//! confirm  3 │ proof (32)                                   client → server
//! done     4 │ proof (32)                                   server → client
//! refused  5 │ why                                          server → client, instead of any
//! ```

use super::Refusal;
use crate::auth::name::MAX_NAME;
use crate::varint::{self, Malformed, Reader};

/// What this release speaks.
pub const VERSION: u8 = 1;

/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = 256;

/// Bytes of either side's half of the exchange: a letter for the side and a point of the curve.
pub const PAKE: usize = 33;

/// Bytes of a proof: HMAC-SHA-256.
pub const PROOF: usize = 32;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The client knows a code.
    Start(Start),
    /// The server's half.
    Answer {
        /// Its half of the exchange.
        pake: [u8; PAKE],
        /// What the server's machine calls itself.
        name: String,
    },
    /// The client proves that it knows the code.
    Confirm([u8; PROOF]),
    /// The server has granted, and proves that it knows the code too.
    Done([u8; PROOF]),
    /// It comes to nothing.
    Refused(Refusal),
}

/// How a pairing begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// [`VERSION`] of the client.
    pub version: u8,
    /// The number of the code.
    pub number: u16,
    /// The client's half of the exchange.
    pub pake: [u8; PAKE],
    /// What the client's machine calls itself.
    pub name: String,
}

impl Message {
    /// The message as bytes. Law: [`decode`](Self::decode) gives it back.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Message::Start(start) => {
                out.extend([1, start.version]);
                varint::put(&mut out, u64::from(start.number));
                out.extend(start.pake);
                varint::put_bytes(&mut out, start.name.as_bytes());
            }
            Message::Answer { pake, name } => {
                out.push(2);
                out.extend(pake);
                varint::put_bytes(&mut out, name.as_bytes());
            }
            Message::Confirm(proof) => {
                out.push(3);
                out.extend(proof);
            }
            Message::Done(proof) => {
                out.push(4);
                out.extend(proof);
            }
            Message::Refused(why) => out.extend([5, why.number()]),
        }
        out
    }

    /// Reads a message.
    ///
    /// # Errors
    /// If it is none, or longer than [`MAX_MESSAGE`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_MESSAGE {
            return Err(Malformed("a message is too long"));
        }
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            1 => Message::Start(Start {
                version: reader.u8()?,
                number: reader.u16()?,
                pake: exactly(&mut reader)?,
                name: name(&mut reader)?,
            }),
            2 => Message::Answer {
                pake: exactly(&mut reader)?,
                name: name(&mut reader)?,
            },
            3 => Message::Confirm(exactly(&mut reader)?),
            4 => Message::Done(exactly(&mut reader)?),
            5 => Message::Refused(Refusal::numbered(reader.u8()?)),
            _ => return Err(Malformed("no such message")),
        };
        match reader.is_empty() {
            true => Ok(message),
            false => Err(Malformed("a message goes on")),
        }
    }
}

fn exactly<const LEN: usize>(reader: &mut Reader<'_>) -> Result<[u8; LEN], Malformed> {
    let bytes = reader.take(LEN)?;
    bytes
        .try_into()
        .map_err(|_| Malformed("a part is too short"))
}

fn name(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let name = reader.str()?;
    match name.len() <= MAX_NAME {
        true => Ok(name.to_owned()),
        false => Err(Malformed("a name is too long")),
    }
}
