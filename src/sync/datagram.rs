//! One datagram as bytes: a packet, or a part of one. Each stands alone; the network keeps their ends apart.
//!
//! ```text
//! datagram = flags number [back] [part] [report] bytes     bytes reach the end
//! flags    = 1 copy | 2 part | 4 report | 8 packed
//! number   = u16 LE: the low bits of how many datagrams went this way before
//! back     = of a copy: how many datagrams ago the first of its kind left
//! part     = index + 16 * (count - 1); the parts of a packet have numbers in a row
//! report   = u8: datagrams that did not come the other way, of 255
//! ```

use crate::varint::{self, Malformed, Reader};

/// Most parts of one packet. With more of them the chance that all arrive is small, and a stream does better.
pub const MAX_PARTS: usize = 8;

/// Longest datagram that is taken in: more than any path carries unfragmented but a loopback's.
pub const MAX_DATAGRAM: usize = 16 << 10;

/// Most bytes before those of the packet.
pub(super) const MAX_HEAD: usize = 8;

const COPY: u8 = 1;
const PART: u8 = 2;
const REPORT: u8 = 4;
const PACKED: u8 = 8;

/// How the bytes of a packet are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// Compressed.
    Packed,
}

/// What one datagram says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    /// Its own number.
    pub number: u16,
    /// Before how many datagrams the same bytes were sent first; 0 if this is the first.
    pub back: u8,
    pub part: Part,
    /// Datagrams that did not come the other way, of 255.
    pub report: Option<u8>,
    pub packing: Packing,
    pub bytes: &'a [u8],
}

/// Which part of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Below `count`.
    pub index: u8,
    /// From 1 to [`MAX_PARTS`].
    pub count: u8,
}

impl Part {
    pub const WHOLE: Part = Part { index: 0, count: 1 };
}

impl<'a> Datagram<'a> {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(MAX_HEAD + self.bytes.len());
        let flag = |set: bool, flag| if set { flag } else { 0 };
        out.push(
            flag(self.back > 0, COPY)
                | flag(self.part != Part::WHOLE, PART)
                | flag(self.report.is_some(), REPORT)
                | flag(self.packing == Packing::Packed, PACKED),
        );
        out.extend_from_slice(&self.number.to_le_bytes());
        if self.back > 0 {
            varint::put(&mut out, self.back.into());
        }
        if self.part != Part::WHOLE {
            out.push(self.part.index | (self.part.count - 1) << 4);
        }
        out.extend(self.report);
        out.extend_from_slice(self.bytes);
        out
    }

    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_DATAGRAM {
            return Err(Malformed("datagram length"));
        }
        let mut reader = Reader::new(bytes);
        let flags = reader.u8()?;
        if flags & !(COPY | PART | REPORT | PACKED) != 0 {
            return Err(Malformed("datagram flags"));
        }
        let number = u16::from_le_bytes([reader.u8()?, reader.u8()?]);
        let back = match flags & COPY {
            0 => 0,
            _ => reader.at_most(u8::MAX.into())? as u8,
        };
        let part = match flags & PART {
            0 => Part::WHOLE,
            _ => read_part(&mut reader)?,
        };
        let report = match flags & REPORT {
            0 => None,
            _ => Some(reader.u8()?),
        };
        let packing = match flags & PACKED {
            0 => Packing::Plain,
            _ => Packing::Packed,
        };
        Ok(Self {
            number,
            back,
            part,
            report,
            packing,
            bytes: reader.rest(),
        })
    }
}

fn read_part(reader: &mut Reader) -> Result<Part, Malformed> {
    let byte = reader.u8()?;
    let (index, count) = (byte & 15, (byte >> 4) + 1);
    match usize::from(count) <= MAX_PARTS && index < count {
        true => Ok(Part { index, count }),
        false => Err(Malformed("datagram part")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn datagrams_come_back(
            number: u16,
            back: u8,
            (index, count) in (1..=MAX_PARTS as u8).prop_flat_map(|count| (0..count, Just(count))),
            report: Option<u8>,
            packed: bool,
            bytes: Vec<u8>,
        ) {
            let packing = if packed { Packing::Packed } else { Packing::Plain };
            let part = Part { index, count };
            let datagram = Datagram { number, back, part, report, packing, bytes: &bytes };
            let sent = datagram.encode();
            prop_assert!(sent.len() <= MAX_HEAD + bytes.len());
            prop_assert_eq!(Datagram::decode(&sent), Ok(datagram));
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            if let Ok(datagram) = Datagram::decode(&bytes) {
                prop_assert!(datagram.part.index < datagram.part.count);
                prop_assert!(usize::from(datagram.part.count) <= MAX_PARTS);
            }
        }
    }
}
