//! One packet as bytes: what its sender has received and, mostly, one frame.
//!
//! ```text
//! packet = flags ack [sent] [echo] [frame back [floor] diff]     diff reaches the end
//! flags  = 1 frame | 2 sent | 4 echo | 8 soon | 16 ahead | 32 missing
//! sent   = u16 LE: the sender's clock, in ms              echo = u16 LE: the receiver's, as it would read by now
//! back   = how far before the frame its base lies
//! floor  = how far before the base the newest frame lies that the receiver is known to have; with `ahead` only
//! ```

use super::FrameNo;
use crate::varint::{self, Malformed, Reader};

/// What one packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// The newest frame that its sender has applied.
    pub ack: FrameNo,
    /// Whether its sender holds frames whose base it lacks.
    pub gap: Gap,
    /// Low bits of the sender's clock when it was sent.
    pub sent: Option<u16>,
    /// The last `sent` that came the other way, plus how long ago that was.
    pub echo: Option<u16>,
    /// A frame.
    pub frame: Option<Frame<'a>>,
}

/// Whether a receiver waits for a frame that others build on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    Missing,
}

/// The difference from one frame to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// What it leads to.
    pub no: FrameNo,
    /// What it builds on; before `no`.
    pub base: FrameNo,
    /// The newest that the receiver is known to have; not after `base`. No frame to come builds on an earlier one.
    pub floor: FrameNo,
    pub wish: Wish,
    /// What a [`Source`](super::Source) wrote.
    pub diff: &'a [u8],
}

/// When a frame should be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// With what goes back anyway, if that is not too long.
    Riding,
    /// Without waiting for anything: the link loses packets.
    Soon,
}

const FRAME: u8 = 1;
const SENT: u8 = 2;
const ECHO: u8 = 4;
const SOON: u8 = 8;
const AHEAD: u8 = 16;
const MISSING: u8 = 32;
const KNOWN: u8 = 63;

/// Whether the packet brings a frame.
pub(super) fn is_frame(packet: &[u8]) -> bool {
    packet.first().is_some_and(|flags| flags & FRAME != 0)
}

/// Whether the packet's frame builds on one that is not known to have arrived.
pub(super) fn is_ahead(packet: &[u8]) -> bool {
    packet.first().is_some_and(|flags| flags & AHEAD != 0)
}

impl<'a> Packet<'a> {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.frame.map_or(0, |frame| frame.diff.len()));
        out.push(self.flags());
        varint::put(&mut out, self.ack.0);
        for clock in [self.sent, self.echo].into_iter().flatten() {
            out.extend_from_slice(&clock.to_le_bytes());
        }
        if let Some(frame) = self.frame {
            varint::put(&mut out, frame.no.0);
            varint::put(&mut out, frame.no.0 - frame.base.0);
            if frame.floor < frame.base {
                varint::put(&mut out, frame.base.0 - frame.floor.0);
            }
            out.extend_from_slice(frame.diff);
        }
        out
    }

    fn flags(&self) -> u8 {
        let flag = |set: bool, flag| if set { flag } else { 0 };
        let of_frame = |frame: Frame| {
            FRAME | flag(frame.wish == Wish::Soon, SOON) | flag(frame.floor < frame.base, AHEAD)
        };
        self.frame.map_or(0, of_frame)
            | flag(self.sent.is_some(), SENT)
            | flag(self.echo.is_some(), ECHO)
            | flag(self.gap == Gap::Missing, MISSING)
    }

    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let flags = reader.u8()?;
        if flags & !KNOWN != 0 {
            return Err(Malformed("packet flags"));
        }
        let ack = FrameNo(reader.u64()?);
        let sent = clock(&mut reader, flags & SENT)?;
        let echo = clock(&mut reader, flags & ECHO)?;
        let frame = match flags & FRAME {
            0 if !reader.is_empty() => return Err(Malformed("packet length")),
            0 => None,
            _ => Some(frame(flags, &mut reader)?),
        };
        let gap = match flags & MISSING {
            0 => Gap::None,
            _ => Gap::Missing,
        };
        Ok(Self {
            ack,
            gap,
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

fn frame<'a>(flags: u8, reader: &mut Reader<'a>) -> Result<Frame<'a>, Malformed> {
    let no = reader.u64()?;
    let back = reader.at_most(no)?;
    if back == 0 {
        return Err(Malformed("frame base"));
    }
    let base = no - back;
    let ahead = match flags & AHEAD {
        0 => 0,
        _ => reader.at_most(base)?,
    };
    Ok(Frame {
        no: FrameNo(no),
        base: FrameNo(base),
        floor: FrameNo(base - ahead),
        wish: match flags & SOON {
            0 => Wish::Riding,
            _ => Wish::Soon,
        },
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
            frame: Option<(u64, u64, u64)>,
            [missing, soon]: [bool; 2],
            diff: Vec<u8>,
        ) {
            let frame = frame.map(|(a, b, floor)| Frame {
                no: FrameNo(a.max(b).saturating_add(1)),
                base: FrameNo(a.min(b)),
                floor: FrameNo(a.min(b).saturating_sub(floor)),
                wish: if soon { Wish::Soon } else { Wish::Riding },
                diff: &diff,
            });
            let frame = frame.filter(|frame| frame.no > frame.base);
            let gap = if missing { Gap::Missing } else { Gap::None };
            let packet = Packet { ack: FrameNo(ack), gap, sent, echo, frame };
            let bytes = packet.encode();
            prop_assert_eq!(Packet::decode(&bytes), Ok(packet));
            prop_assert_eq!(is_frame(&bytes), frame.is_some());
            prop_assert_eq!(is_ahead(&bytes), frame.is_some_and(|frame| frame.floor < frame.base));
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            if let Ok(packet) = Packet::decode(&bytes) {
                prop_assert!(packet.frame.is_none_or(|frame| frame.base < frame.no));
                prop_assert!(packet.frame.is_none_or(|frame| frame.floor <= frame.base));
            }
        }
    }
}
