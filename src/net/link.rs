//! A link: one conversation between a client and a server, the same over whatever carries it.
//!
//! Messages are queued, and written by a flush. A sync packet is a message like others to those who use a link; over a
//! network it travels beside the stream, so that none waits for a lost one before it: ask [`Link::reliability`].

use super::{quic, unix};
use crate::auth::PublicKey;
use crate::protocol::Message;
use crate::protocol::hello::{self, Hello, VERSION};
use crate::protocol::request::Reply;
use crate::sync::{self, Endpoint, Mark, Reliability, Time};
use crate::varint::Malformed;
use anyhow::Result;
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// What a link has for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// The peer said something.
    Message(Message),
    /// All that was queued is on its way: another sync frame may be built.
    Clear,
    /// The peer is gone.
    Closed,
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// This user, on this machine.
    Local,
    /// Whoever holds this key.
    Key(PublicKey),
}

/// The server closed the connection before it answered: it was just ending.
#[derive(Debug, thiserror::Error)]
#[error("the server closed the connection; try again")]
pub struct Closed;

/// The server does not want this client, and says why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// The server says something else than was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Senseless(pub &'static str);

/// Whether an error of a link, or of an attempt to make one, is that the server makes no sense: one of us has a defect, or
/// it lies.
pub fn is_nonsense(error: &anyhow::Error) -> bool {
    error.is::<Malformed>() || error.is::<Senseless>()
}

/// Why there is no use in coming again: the server does not want this client, or makes no sense, if that is what an error
/// of a link or of an attempt to make one says.
pub fn refusal(error: &anyhow::Error) -> Option<String> {
    let read = error.downcast_ref::<std::io::Error>();
    let read = read.and_then(|error| error.get_ref()?.downcast_ref());
    if let Some(quic::Denied::Refused(line)) = error.downcast_ref().or(read) {
        return Some(line.clone());
    }
    if let Some(nonsense) = error.downcast_ref::<Malformed>() {
        return Some(format!(
            "the server does not speak as it should: {nonsense}"
        ));
    }
    if let Some(senseless) = error.downcast_ref::<Senseless>() {
        return Some(senseless.to_string());
    }
    error.downcast_ref::<Refused>().map(ToString::to_string)
}

/// What this build calls itself.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The first message of a client.
pub(super) fn greeting() -> Message {
    Message::Hello(Hello {
        version: VERSION,
        release: RELEASE.to_owned(),
    })
}

/// Whether the answer to the first message is a welcome by a server that this build can talk to.
///
/// # Errors
/// If it is none: [`Refused`] where the server says so, or is of a version that this build cannot talk to; [`Senseless`]
/// where that is no answer at all.
pub fn welcomed(answer: Option<Message>) -> Result<()> {
    match answer.ok_or(Closed)? {
        Message::Welcome(welcome) => {
            let server = (welcome.version, &*welcome.release);
            hello::check((VERSION, RELEASE), server).map_err(|error| Refused(error.to_string()))?;
            Ok(())
        }
        Message::Reply(Reply::Error(line)) => Err(Refused(line).into()),
        _ => {
            let line = "what listens there does not answer as a wt server does";
            Err(Senseless(line).into())
        }
    }
}

/// One conversation, for use in one task.
#[derive(Debug)]
pub struct Link {
    way: Way,
}

#[derive(Debug)]
enum Way {
    Unix(unix::Stream),
    Quic(Box<quic::Stream>),
}

impl Link {
    /// A link over a connected socket of this machine. Call within a runtime.
    pub fn unix(stream: UnixStream) -> Result<Self> {
        Ok(Self::over(unix::Stream::new(stream)?))
    }

    pub(super) fn over(stream: unix::Stream) -> Self {
        Self {
            way: Way::Unix(stream),
        }
    }

    pub(super) fn remote(stream: quic::Stream) -> Self {
        Self {
            way: Way::Quic(Box::new(stream)),
        }
    }

    /// Who is at the other end.
    pub fn peer(&self) -> Peer {
        match &self.way {
            Way::Unix(_) => Peer::Local,
            Way::Quic(stream) => Peer::Key(stream.peer()),
        }
    }

    /// The connection that this conversation is one of; `None` where each has its own.
    pub fn connection(&self) -> Option<&quic::Connection> {
        match &self.way {
            Way::Unix(_) => None,
            Way::Quic(stream) => Some(stream.connection()),
        }
    }

    /// How the path to the server does; `None` on this machine, and at a server.
    pub fn health(&self) -> Option<quic::Health> {
        match &self.way {
            Way::Unix(_) => None,
            Way::Quic(stream) => stream.health(),
        }
    }

    /// Queues the greeting of the server at the other end, whose answer is for [`welcomed`]: more may be said behind it.
    pub fn hail(&mut self) {
        self.queue(&greeting());
    }

    /// Says hello to the server at the other end, and hears its welcome.
    ///
    /// # Errors
    /// If it speaks a version that this build cannot talk to, or refuses.
    pub async fn greet(&mut self) -> Result<()> {
        self.hail();
        self.flush().await?;
        welcomed(self.recv().await?)
    }

    /// What becomes of sync packets under way.
    pub fn reliability(&self) -> Reliability {
        match &self.way {
            Way::Unix(_) => Reliability::Reliable,
            Way::Quic(_) => Reliability::Lossy,
        }
    }

    /// Lets the endpoint know what the link has found out of its path. Call it before polling the endpoint.
    pub fn adapt<M: Mark>(&mut self, endpoint: &mut Endpoint<M>, now: Time) {
        match &mut self.way {
            Way::Unix(_) => {}
            Way::Quic(stream) => stream.adapt(endpoint, now),
        }
    }

    /// The next message; `None` once the peer is gone. Dropping the future loses nothing. Does not write: use
    /// [`ready`](Self::ready) where something may be queued.
    pub async fn recv(&mut self) -> Result<Option<Message>> {
        match &mut self.way {
            Way::Unix(stream) => stream.recv().await,
            Way::Quic(stream) => stream.recv().await,
        }
    }

    /// The next message, or word that all that was queued has been written, whichever comes first; writes meanwhile.
    /// Dropping the future loses nothing.
    pub async fn ready(&mut self) -> Result<Ready> {
        match &mut self.way {
            Way::Unix(stream) => stream.ready().await,
            Way::Quic(stream) => stream.ready().await,
        }
    }

    /// Waits for a message without going to sleep, at most until `until`: being woken takes longer than many an answer.
    /// Other processes get their turns meanwhile. `None` if none came, or the peer is gone; at once where an answer
    /// cannot be that quick.
    pub fn linger(&mut self, until: Instant) -> Result<Option<Message>> {
        match &mut self.way {
            Way::Unix(stream) => stream.linger(until),
            Way::Quic(_) => Ok(None),
        }
    }

    /// Whether the peer has closed its end, though messages of its may still wait.
    pub fn is_hung_up(&self) -> bool {
        match &self.way {
            Way::Unix(stream) => stream.is_hung_up(),
            Way::Quic(stream) => stream.is_hung_up(),
        }
    }

    /// Puts a message behind those that are not yet sent. Nothing is written before a flush.
    pub fn queue(&mut self, message: &Message) {
        match &mut self.way {
            Way::Unix(stream) => stream.queue(message),
            Way::Quic(stream) => stream.queue(message),
        }
    }

    /// As [`queue`](Self::queue), for a sync packet. Whoever builds them has to know which way it goes.
    #[must_use = "the endpoint has to know of what goes by stream"]
    pub fn queue_packet(&mut self, packet: Vec<u8>) -> sync::Way {
        match &mut self.way {
            Way::Unix(stream) => {
                stream.queue(&Message::Packet(packet));
                sync::Way::Datagrams
            }
            Way::Quic(stream) => stream.queue_packet(packet),
        }
    }

    /// Writes as much as is taken now. If the peer is gone all is taken: the peer's last words and its end come out of
    /// reading.
    pub fn try_flush(&mut self) -> Result<()> {
        match &mut self.way {
            Way::Unix(stream) => stream.try_flush(),
            Way::Quic(stream) => stream.try_flush(),
        }
    }

    /// Writes all that is queued. Dropping the future loses nothing.
    pub async fn flush(&mut self) -> Result<()> {
        match &mut self.way {
            Way::Unix(stream) => stream.flush().await,
            Way::Quic(stream) => stream.flush().await,
        }
    }

    /// What is said here goes after what other conversations of the connection have to say.
    pub fn give_way(&mut self) {
        match &mut self.way {
            // Each has a socket of its own.
            Way::Unix(_) => {}
            Way::Quic(stream) => stream.give_way(),
        }
    }

    /// Whether nothing waits to be sent.
    pub fn is_clear(&self) -> bool {
        match &self.way {
            Way::Unix(stream) => stream.is_clear(),
            Way::Quic(stream) => stream.is_clear(),
        }
    }

    /// Ends the conversation once the peer has all that was said, or is not to be reached for a while.
    pub async fn close(self) {
        match self.way {
            Way::Unix(_) => {}
            Way::Quic(stream) => stream.close().await,
        }
    }
}
