//! Messages on a stream: what stands on the wire between two programs that may be a minor version apart.
//!
//! ```text
//! frame = kind u8, flags u8 (1: critical), length u32 LE, body
//! body  = postcard, or a sync packet as it is
//! ```
//!
//! Bodies grow only at their end: who knows less reads what it knows. A frame of unknown kind is skipped, unless it
//! is critical.

use super::hello::{Hello, Welcome};
use super::request::{Reply, Request};
use super::side::MAX_PIECE;
use super::{Event, postcard};
use crate::varint::Malformed;

/// Longest body in bytes.
pub const MAX_BODY: usize = 16 << 20;

const HEAD: usize = 6;
const CRITICAL: u8 = 1;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are those of the messages")]
pub enum Kind {
    Hello = 1,
    Welcome = 2,
    Request = 3,
    Reply = 4,
    Packet = 5,
    Event = 6,
    Piece = 7,
}

/// One frame, not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// A [`Kind`], or what a newer version added.
    pub kind: u8,
    /// Whether somebody who does not know the kind must give up.
    pub critical: bool,
    /// At most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
}

impl Frame {
    /// Opens a connection, client to server.
    pub fn hello(hello: &Hello) -> Self {
        Self::typed(Kind::Hello, postcard::encode(hello))
    }

    /// Answers it.
    pub fn welcome(welcome: &Welcome) -> Self {
        Self::typed(Kind::Welcome, postcard::encode(welcome))
    }

    /// Asks for something.
    pub fn request(request: &Request) -> Self {
        Self::typed(Kind::Request, postcard::encode(request))
    }

    /// Answers that.
    pub fn reply(reply: &Reply) -> Self {
        Self::typed(Kind::Reply, postcard::encode(reply))
    }

    /// Carries a packet of an [`Endpoint`](crate::sync::Endpoint).
    pub fn packet(packet: Vec<u8>) -> Self {
        Self::typed(Kind::Packet, packet)
    }

    /// Tells of something that happened once; may be skipped.
    pub fn event(event: &Event) -> Self {
        Self {
            critical: false,
            ..Self::typed(Kind::Event, postcard::encode(event))
        }
    }

    /// Carries part of a file or of a connection.
    pub fn piece(bytes: Vec<u8>) -> Self {
        debug_assert!(bytes.len() <= MAX_PIECE);
        Self::typed(Kind::Piece, bytes)
    }

    fn typed(kind: Kind, body: Vec<u8>) -> Self {
        Self {
            kind: kind as u8,
            critical: true,
            body,
        }
    }

    /// Appends the frame's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        debug_assert!(self.body.len() <= MAX_BODY);
        out.push(self.kind);
        out.push(if self.critical { CRITICAL } else { 0 });
        out.extend_from_slice(&(self.body.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.body);
    }
}

/// One frame, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The client's first.
    Hello(Hello),
    /// The server's first.
    Welcome(Welcome),
    /// A question or order.
    Request(Request),
    /// Its answer.
    Reply(Reply),
    /// For the sync endpoint.
    Packet(Vec<u8>),
    /// Something that happened once.
    Event(Event),
    /// Part of a file, or of what a carried connection says, at most [`MAX_PIECE`] bytes; an empty one is its end.
    Piece(Vec<u8>),
}

impl Message {
    /// Reads a frame; `None` for one of a kind that a newer version added and that may be skipped.
    pub fn decode(frame: Frame) -> Result<Option<Self>, Malformed> {
        const KINDS: [Kind; 7] = [
            Kind::Hello,
            Kind::Welcome,
            Kind::Request,
            Kind::Reply,
            Kind::Packet,
            Kind::Event,
            Kind::Piece,
        ];
        let Some(kind) = KINDS.into_iter().find(|kind| *kind as u8 == frame.kind) else {
            return match frame.critical {
                true => Err(Malformed("message of an unknown kind")),
                false => Ok(None),
            };
        };
        let body = frame.body.as_slice();
        Ok(Some(match kind {
            Kind::Hello => Self::Hello(postcard::decode(body, "hello")?),
            Kind::Welcome => Self::Welcome(postcard::decode(body, "welcome")?),
            Kind::Request => Self::Request(postcard::decode(body, "request")?),
            Kind::Reply => Self::Reply(postcard::decode(body, "reply")?),
            Kind::Packet => Self::Packet(frame.body),
            Kind::Event => Self::Event(postcard::decode(body, "event")?),
            Kind::Piece if body.len() > MAX_PIECE => return Err(Malformed("piece length")),
            Kind::Piece => Self::Piece(frame.body),
        }))
    }

    /// The frame that says it.
    pub fn frame(&self) -> Frame {
        match self {
            Self::Hello(hello) => Frame::hello(hello),
            Self::Welcome(welcome) => Frame::welcome(welcome),
            Self::Request(request) => Frame::request(request),
            Self::Reply(reply) => Frame::reply(reply),
            Self::Packet(packet) => Frame::packet(packet.clone()),
            Self::Event(event) => Frame::event(event),
            Self::Piece(bytes) => Frame::piece(bytes.clone()),
        }
    }

    /// Appends the bytes of its frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.frame().encode(out);
    }
}

/// Cuts a stream of bytes into frames. Holds what was pushed and not yet cut; a length is checked before anything
/// is kept for it.
#[derive(Debug)]
pub struct FrameReader {
    bytes: Vec<u8>,
    start: usize,
    max_body: usize,
}

impl Default for FrameReader {
    fn default() -> Self {
        Self::of_at_most(MAX_BODY)
    }
}

/// Room that an idle reader may keep.
const IDLE_ROOM: usize = 64 << 10;

impl FrameReader {
    /// One that refuses frames whose bodies are longer.
    pub fn of_at_most(max_body: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            max_body,
        }
    }

    /// Takes in what came from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
            self.bytes.shrink_to(IDLE_ROOM);
        } else if self.start > IDLE_ROOM {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Cuts off the next whole frame; `None` until more is pushed. After an error the stream is of no more use.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Malformed> {
        let rest = &self.bytes[self.start..];
        let Some((&[kind, flags, a, b, c, d], body)) = rest.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let len = u32::from_le_bytes([a, b, c, d]) as usize;
        if len > self.max_body {
            return Err(Malformed("frame length"));
        }
        let Some(body) = body.get(..len) else {
            return Ok(None);
        };
        self.start += HEAD + len;
        Ok(Some(Frame {
            kind,
            critical: flags & CRITICAL != 0,
            body: body.to_vec(),
        }))
    }

    /// Cuts off and reads the next message, skipping what may be skipped.
    pub fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        while let Some(frame) = self.next_frame()? {
            if let Some(message) = Message::decode(frame)? {
                return Ok(Some(message.with_plain_words()));
            }
        }
        Ok(None)
    }

    /// Whether a frame has begun and not ended.
    pub fn is_midway(&self) -> bool {
        self.start < self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Token;
    use super::*;
    use crate::protocol::PaneId;
    use crate::protocol::hello::Version;
    use crate::protocol::request::Attach;
    use crate::term::Size;
    use proptest::prelude::*;

    fn golden() -> Vec<(Message, &'static [u8])> {
        let version = Version { major: 1, minor: 0 };
        vec![
            (
                Message::Hello(Hello {
                    version,
                    release: "0.1.0".into(),
                }),
                b"\x01\x01\x08\0\0\0\x01\x00\x050.1.0",
            ),
            (
                Message::Welcome(Welcome {
                    version,
                    release: "0.1.0".into(),
                    incarnation: 300,
                    pid: 7,
                }),
                b"\x02\x01\x0b\0\0\0\x01\x00\x050.1.0\xac\x02\x07",
            ),
            (
                Message::Request(Request::Attach(Attach {
                    session: Some("a".into()),
                    create: None,
                    size: Size::new(80, 24),
                    viewer: Token(*b"0123456789abcdef"),
                    confirmed: None,
                    looking: true,
                })),
                b"\x03\x01\x19\0\0\0\x01\x01\x01a\x00\x50\x180123456789abcdef\x00\x01",
            ),
            (
                Message::Reply(Reply::Made {
                    session: "a".into(),
                    pane: PaneId(3),
                }),
                b"\x04\x01\x04\0\0\0\x02\x01a\x03",
            ),
            (
                Message::Packet(vec![1, 2, 3]),
                b"\x05\x01\x03\0\0\0\x01\x02\x03",
            ),
            (Message::Event(Event::Bell), b"\x06\x00\x01\0\0\0\x00"),
            (Message::Piece(vec![1, 2]), b"\x07\x01\x02\0\0\0\x01\x02"),
            (Message::Piece(vec![]), b"\x07\x01\0\0\0\0"),
        ]
    }

    #[test]
    fn the_bytes_of_version_1_0_stay_as_they_are() {
        for (message, bytes) in golden() {
            let mut out = Vec::new();
            message.encode(&mut out);
            assert_eq!(out, bytes, "{message:?}");
            let mut reader = FrameReader::default();
            reader.push(bytes);
            assert_eq!(reader.next_message(), Ok(Some(message)));
            assert!(!reader.is_midway());
        }
    }

    #[test]
    fn a_body_that_grew_at_its_end_is_read() {
        for (message, bytes) in golden() {
            if matches!(message, Message::Packet(_) | Message::Piece(_)) {
                continue;
            }
            let mut longer = bytes.to_vec();
            longer.extend_from_slice(b"new");
            longer[2] += 3;
            let mut reader = FrameReader::default();
            reader.push(&longer);
            assert_eq!(reader.next_message(), Ok(Some(message)));
        }
    }

    #[test]
    fn a_piece_is_no_longer_than_agreed() {
        let piece = |len| {
            Message::decode(Frame {
                kind: Kind::Piece as u8,
                critical: true,
                body: vec![0; len],
            })
        };
        assert!(piece(MAX_PIECE).is_ok_and(|piece| piece.is_some()));
        assert_eq!(piece(MAX_PIECE + 1), Err(Malformed("piece length")));
    }

    #[test]
    fn an_unknown_kind_is_skipped_unless_it_is_critical() {
        let mut reader = FrameReader::default();
        reader.push(b"\x63\x00\x02\0\0\0hi\x06\x00\x01\0\0\0\x00\x63\x01\0\0\0\0");
        assert_eq!(reader.next_message(), Ok(Some(Message::Event(Event::Bell))));
        assert!(reader.next_message().is_err());
    }

    #[test]
    fn an_announced_length_allocates_nothing() {
        let mut reader = FrameReader::default();
        reader.push(b"\x05\x01\x00\x00\x00\x01");
        assert_eq!(reader.next_frame(), Ok(None));
        assert!(reader.bytes.capacity() < 1000);
        let mut reader = FrameReader::default();
        reader.push(b"\x05\x01\x01\x00\x00\x01");
        assert_eq!(reader.next_frame(), Err(Malformed("frame length")));
    }

    proptest! {
        #[test]
        fn frames_come_back_however_the_stream_is_cut(cuts in prop::collection::vec(1usize..20, 1..40)) {
            let mut stream = Vec::new();
            for (message, _) in golden().iter().cycle().take(60) {
                message.encode(&mut stream);
            }
            let (mut reader, mut got, mut rest) = (FrameReader::default(), Vec::new(), stream.as_slice());
            for cut in cuts.iter().cycle() {
                let (head, tail) = rest.split_at((*cut).min(rest.len()));
                reader.push(head);
                while let Some(message) = reader.next_message().expect("what was encoded") {
                    got.push(message);
                }
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            let sent = golden().into_iter().map(|(message, _)| message);
            prop_assert!(got.into_iter().eq(sent.cycle().take(60)));
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(kind in 0u8..8, body: Vec<u8>) {
            let _ = Message::decode(Frame { kind, critical: true, body });
        }

        #[test]
        fn hostile_streams_are_refused_or_read(bytes: Vec<u8>) {
            let mut reader = FrameReader::default();
            reader.push(&bytes);
            while let Ok(Some(_)) = reader.next_message() {}
        }
    }
}
