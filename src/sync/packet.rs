//! One packet as bytes. Each stands alone: it says what its sender has received and, mostly, one frame.
//!
//! ```text
//! packet = flags ack [sent] [echo] [frame back diff]     diff reaches the end
//! flags  = 1 frame | 2 sent | 4 echo
//! sent   = u16 LE: the sender's clock, in ms              echo = u16 LE: the receiver's, as it would read by now
//! back   = how far before the frame its base lies
//! ```

use super::FrameNo;
use crate::varint::{self, Malformed, Reader};

/// What one packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// The newest frame that its sender has applied.
    pub ack: FrameNo,
    /// Low bits of the sender's clock when it was sent.
    pub sent: Option<u16>,
    /// The last `sent` that came the other way, plus how long ago that was.
    pub echo: Option<u16>,
    /// A frame.
    pub frame: Option<Frame<'a>>,
}

/// The difference from one frame to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// What it leads to.
    pub no: FrameNo,
    /// What it builds on; before `no`.
    pub base: FrameNo,
    /// What a [`Source`](super::Source) wrote.
    pub diff: &'a [u8],
}

const FRAME: u8 = 1;
const SENT: u8 = 2;
const ECHO: u8 = 4;

impl<'a> Packet<'a> {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.frame.map_or(0, |frame| frame.diff.len()));
        let flag = |set: bool, flag| if set { flag } else { 0 };
        out.push(
            flag(self.frame.is_some(), FRAME)
                | flag(self.sent.is_some(), SENT)
                | flag(self.echo.is_some(), ECHO),
        );
        varint::put(&mut out, self.ack.0);
        for clock in [self.sent, self.echo].into_iter().flatten() {
            out.extend_from_slice(&clock.to_le_bytes());
        }
        if let Some(frame) = self.frame {
            varint::put(&mut out, frame.no.0);
            varint::put(&mut out, frame.no.0 - frame.base.0);
            out.extend_from_slice(frame.diff);
        }
        out
    }

    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let flags = reader.u8()?;
        if flags & !(FRAME | SENT | ECHO) != 0 {
            return Err(Malformed("packet flags"));
        }
        let ack = FrameNo(reader.u64()?);
        let sent = clock(&mut reader, flags & SENT)?;
        let echo = clock(&mut reader, flags & ECHO)?;
        let frame = match flags & FRAME {
            0 if !reader.is_empty() => return Err(Malformed("packet length")),
            0 => None,
            _ => Some(frame(&mut reader)?),
        };
        Ok(Self {
            ack,
            sent,
            echo,
            frame,
        })
    }
}

fn clock(reader: &mut Reader, flag: u8) -> Result<Option<u16>, Malformed> {
    match flag {
        0 => Ok(None),
        _ => Ok(Some(u16::from_le_bytes([reader.u8()?, reader.u8()?]))),
    }
}

fn frame<'a>(reader: &mut Reader<'a>) -> Result<Frame<'a>, Malformed> {
    let no = reader.u64()?;
    let back = reader.at_most(no)?;
    if back == 0 {
        return Err(Malformed("frame base"));
    }
    Ok(Frame {
        no: FrameNo(no),
        base: FrameNo(no - back),
        diff: reader.rest(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packets_come_back(
            ack: u64,
            sent: Option<u16>,
            echo: Option<u16>,
            frame: Option<(u64, u64)>,
            diff: Vec<u8>,
        ) {
            let frame = frame.map(|(a, b)| Frame {
                no: FrameNo(a.max(b).saturating_add(1)),
                base: FrameNo(a.min(b)),
                diff: &diff,
            });
            let frame = frame.filter(|frame| frame.no > frame.base);
            let packet = Packet { ack: FrameNo(ack), sent, echo, frame };
            let bytes = packet.encode();
            prop_assert_eq!(Packet::decode(&bytes), Ok(packet));
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            if let Ok(packet) = Packet::decode(&bytes) {
                prop_assert!(packet.frame.is_none_or(|frame| frame.base < frame.no));
            }
        }
    }
}
