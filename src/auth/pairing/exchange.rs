//! The exchange itself, and the client's side of it.

use super::message::{Message, PAKE, PROOF, Start, VERSION};
use super::{Channel, Code, Paired, RANDOM, Refusal};
use crate::auth::identity::PublicKey;
use crate::auth::name::{MAX_NAME, name_like};
use crate::auth::words;
use rand_core::{CryptoRng, RngCore};
use ring::digest::{Context, SHA256};
use ring::{hkdf, hmac};
use spake2::{Ed25519Group, Identity, Password, Spake2};

/// How many check words there are: 36 bits.
const CHECK_WORDS: usize = 4;

/// Which side this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// One side's half, and what is needed to go on when the other's has come.
pub(super) struct Half {
    spake: Spake2<Ed25519Group>,
    side: Side,
    own: PublicKey,
    /// What this side sends.
    pub pake: [u8; PAKE],
}

impl Half {
    pub fn new(
        side: Side,
        code: &Code,
        own: PublicKey,
        channel: &Channel,
        random: [u8; RANDOM],
    ) -> Self {
        let (client, server) = match side {
            Side::Client => (own, channel.peer),
            Side::Server => (channel.peer, own),
        };
        let password = Password::new(code.to_string());
        let client = Identity::new(client.bytes());
        let server = Identity::new(server.bytes());
        let random = Given { random, used: 0 };
        let (spake, pake) = match side {
            Side::Client => Spake2::start_a_with_rng(&password, &client, &server, random),
            Side::Server => Spake2::start_b_with_rng(&password, &client, &server, random),
        };
        let pake = pake.try_into().expect("a half has its length");
        Self {
            spake,
            side,
            own,
            pake,
        }
    }

    /// Computes what both sides know if they know the same code.
    pub fn meet(
        self,
        other: &[u8; PAKE],
        channel: &Channel,
        names: [&str; 2],
    ) -> Result<Secret, Refusal> {
        let (client, server) = match self.side {
            Side::Client => ((self.own, &self.pake), (channel.peer, other)),
            Side::Server => ((channel.peer, other), (self.own, &self.pake)),
        };
        let mut transcript = Context::new(&SHA256);
        let parts: [&[u8]; 8] = [
            &[VERSION],
            client.0.bytes(),
            server.0.bytes(),
            client.1,
            server.1,
            &channel.exporter,
            names[0].as_bytes(),
            names[1].as_bytes(),
        ];
        transcript.update(b"wt pairing");
        for part in parts {
            // Each with its length: no two lists of parts give the same bytes.
            transcript.update(&(part.len() as u64).to_be_bytes());
            transcript.update(part);
        }
        let shared = self.spake.finish(other).map_err(|_| Refusal::Nonsense)?;
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, transcript.finish().as_ref());
        Ok(Secret(salt.extract(&shared)))
    }
}

/// What both sides know, if they know the same code.
pub(super) struct Secret(hkdf::Prk);

impl Secret {
    fn key(&self, purpose: &str) -> hmac::Key {
        let info = [purpose.as_bytes()];
        let made = self.0.expand(&info, hmac::HMAC_SHA256);
        hmac::Key::from(made.expect("as many bytes as the hash has"))
    }

    fn purpose(side: Side) -> &'static str {
        match side {
            Side::Client => "the client knows the code",
            Side::Server => "the server knows the code",
        }
    }

    /// What shows the other side that this one knows the code.
    pub fn proof(&self, side: Side) -> [u8; PROOF] {
        let tag = hmac::sign(&self.key(Self::purpose(side)), b"");
        tag.as_ref().try_into().expect("a tag has its length")
    }

    /// Whether the other side, which is `side`, knows the code.
    pub fn is_proved(&self, side: Side, proof: &[u8; PROOF]) -> bool {
        hmac::verify(&self.key(Self::purpose(side)), b"", proof).is_ok()
    }

    /// What both sides show.
    pub fn words(&self) -> String {
        let tag = hmac::sign(&self.key("check words"), b"");
        words::spell(tag.as_ref(), CHECK_WORDS)
    }
}

/// The random bytes that were given, once.
struct Given {
    random: [u8; RANDOM],
    used: usize,
}

impl RngCore for Given {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        let rest = self.random.get(self.used..self.used + bytes.len());
        bytes.copy_from_slice(rest.expect("one scalar takes 64 bytes, and one is made"));
        self.used += bytes.len();
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Given {}

/// A name cut to what a message takes.
pub(super) fn cut(name: &str) -> String {
    let end = (0..=name.len().min(MAX_NAME)).rfind(|&at| name.is_char_boundary(at));
    name[..end.unwrap_or(0)].to_owned()
}

/// The client's side: it has begun.
pub struct Joining {
    half: Half,
    channel: Channel,
    name: String,
}

/// The client's side: it has proved that it knows the code.
pub struct Confirming {
    secret: Secret,
    peer: PublicKey,
    name: String,
}

impl Joining {
    /// Begins with a code, and says what is to be sent. `own` is this device's key, `name` what it is called.
    pub fn start(
        code: &Code,
        own: PublicKey,
        name: &str,
        channel: Channel,
        random: [u8; RANDOM],
    ) -> (Self, Message) {
        let half = Half::new(Side::Client, code, own, &channel, random);
        let name = cut(name);
        let start = Message::Start(Start {
            version: VERSION,
            number: code.number(),
            pake: half.pake,
            name: name.clone(),
        });
        let joining = Self {
            half,
            channel,
            name,
        };
        (joining, start)
    }

    /// Takes the server's answer, and says what is to be sent.
    ///
    /// # Errors
    /// If the server refuses, or says something else.
    pub fn answered(self, message: Message) -> Result<(Confirming, Message), Refusal> {
        let (pake, name) = match message {
            Message::Answer { pake, name } => (pake, name),
            Message::Refused(why) => return Err(why),
            _ => return Err(Refusal::Nonsense),
        };
        let names = [self.name.as_str(), name.as_str()];
        let secret = self.half.meet(&pake, &self.channel, names)?;
        let confirm = Message::Confirm(secret.proof(Side::Client));
        let peer = self.channel.peer;
        Ok((Confirming { secret, peer, name }, confirm))
    }
}

impl Confirming {
    /// Takes the server's last word.
    ///
    /// # Errors
    /// If the server refuses, says something else, or does not know the code either.
    pub fn done(self, message: Message) -> Result<Paired, Refusal> {
        match message {
            Message::Done(proof) if self.secret.is_proved(Side::Server, &proof) => Ok(Paired {
                key: self.peer,
                name: name_like(&self.name),
                words: self.secret.words(),
            }),
            Message::Done(_) => Err(Refusal::Code),
            Message::Refused(why) => Err(why),
            _ => Err(Refusal::Nonsense),
        }
    }
}
