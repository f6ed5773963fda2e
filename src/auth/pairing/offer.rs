//! The server's side: a code is shown, and whoever comes has one try.

use super::exchange::{Half, Secret, Side, cut};
use super::message::{Message, VERSION};
use super::{Channel, Code, Paired, RANDOM, Refusal};
use crate::auth::identity::PublicKey;
use crate::auth::name::name_like;

/// How long a code may be used, in milliseconds.
pub const LIFE_MS: u64 = 5 * 60 * 1000;

/// How many exchanges are begun for one code: each costs some computing, and only one can come to a proof.
const MAX_BEGUN: u32 = 32;

/// A code that is shown.
#[derive(Debug)]
pub struct Offer {
    code: Code,
    own: PublicKey,
    name: String,
    ends_ms: u64,
    begun: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Somebody has proved something, rightly or wrongly.
    Used,
}

/// An exchange that has begun with one client.
pub struct Exchange {
    secret: Secret,
    peer: PublicKey,
    name: String,
}

impl Offer {
    /// Shows a code from now on. `own` is the server's key, `name` what its machine is called.
    pub fn new(code: Code, own: PublicKey, name: &str, now_ms: u64) -> Self {
        Self {
            code,
            own,
            name: cut(name),
            ends_ms: now_ms.saturating_add(LIFE_MS),
            begun: 0,
            state: State::Open,
        }
    }

    /// The code.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// When it is over, on the clock that it began by.
    pub fn ends_ms(&self) -> u64 {
        self.ends_ms
    }

    /// Whether nobody has used the code yet.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    fn check(&self, now_ms: u64) -> Result<(), Refusal> {
        match self.state {
            State::Used => Err(Refusal::Used),
            State::Open if now_ms >= self.ends_ms => Err(Refusal::Late),
            State::Open => Ok(()),
        }
    }

    /// Takes a client's first message, and says what it is to be answered.
    ///
    /// # Errors
    /// If it comes to nothing; the code remains as it was.
    pub fn begin(
        &mut self,
        channel: &Channel,
        message: Message,
        random: [u8; RANDOM],
        now_ms: u64,
    ) -> Result<(Exchange, Message), Refusal> {
        self.check(now_ms)?;
        let Message::Start(start) = message else {
            return Err(Refusal::Nonsense);
        };
        if start.version != VERSION {
            return Err(Refusal::Version);
        }
        if start.number != self.code.number() {
            return Err(Refusal::Number);
        }
        if self.begun == MAX_BEGUN {
            return Err(Refusal::Busy);
        }
        self.begun += 1;
        let half = Half::new(Side::Server, &self.code, self.own, channel, random);
        let answer = Message::Answer {
            pake: half.pake,
            name: self.name.clone(),
        };
        let names = [start.name.as_str(), self.name.as_str()];
        let secret = half.meet(&start.pake, channel, names)?;
        let exchange = Exchange {
            secret,
            peer: channel.peer,
            name: start.name,
        };
        Ok((exchange, answer))
    }

    /// Takes a client's proof. After that the code is used, whatever it was.
    ///
    /// What is to be answered is sent when the grant is written; until then [`Refusal::Unwritten`] may be.
    ///
    /// # Errors
    /// If the client does not know the code, or another was first.
    pub fn finish(
        &mut self,
        exchange: Exchange,
        message: Message,
        now_ms: u64,
    ) -> Result<(Paired, Message), Refusal> {
        self.check(now_ms)?;
        let Message::Confirm(proof) = message else {
            return Err(Refusal::Nonsense);
        };
        self.state = State::Used;
        if !exchange.secret.is_proved(Side::Client, &proof) {
            return Err(Refusal::Code);
        }
        let paired = Paired {
            key: exchange.peer,
            name: name_like(&exchange.name),
            words: exchange.secret.words(),
        };
        Ok((paired, Message::Done(exchange.secret.proof(Side::Server))))
    }
}
