//! Lines ↔ blocks. A history file is nothing but blocks, one after the other, each readable by itself:
//!
//! ```text
//!   0  magic        89 'w' 't' 'l'      not UTF-8, so that no line's text looks like it
//!   4  version      u16 = 1
//!   6  packing      u16 = 1             zstd
//!   8  first line   u64
//!  16  written at   u64                 Unix ms, of the first line
//!  24  lines        u32
//!  28  raw length   u32
//!  32  body length  u32
//!  36  body sum     u32                 CRC-32 of the body as stored
//!  40  head sum     u32                 CRC-32 of bytes 0..40
//!  44  body         zstd of { length, line } …
//! ```
//!
//! Integers are little-endian. The head has a sum of its own so that a file is indexed from its heads alone; a body
//! is verified when it is read.

use super::lines::{Lines, MAX_LINE, MAX_NUMBER};
use std::io;
use thiserror::Error;
use zstd::bulk::{Compressor, Decompressor};

/// The bytes before a block's body.
pub const HEAD_LEN: usize = 44;

/// The first bytes of a block.
pub const MAGIC: [u8; 4] = [0x89, b'w', b't', b'l'];

/// The most that a block may unpack to: one line of the greatest length.
pub const MAX_RAW: usize = MAX_LINE + 10;

/// The most that a body may take in the file: what zstd makes of incompressible lines.
pub const MAX_BODY: usize = MAX_RAW + MAX_RAW / 128 + 1024;

const VERSION: u16 = 1;
const ZSTD: u16 = 1;

/// zstd's level. On blocks of 64 KiB level 3 takes a quarter longer; it packs prose 7 % smaller and logs no better
/// (`benches/scrollback.rs`).
const LEVEL: i32 = 1;

/// A block that is not what was written, or was written by a later version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("damaged block: {0}")]
pub struct Damaged(&'static str);

/// What a block says of itself before its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the first line.
    pub first_line: u64,
    /// How many lines it holds; at least 1.
    pub lines: u32,
    /// When the first line was written, in Unix ms.
    pub written_at: u64,
    /// Bytes of the unpacked lines; at most [`MAX_RAW`].
    pub raw_len: u32,
    /// Bytes of the body; at most [`MAX_BODY`].
    pub body_len: u32,
    body_sum: u32,
}

impl Head {
    /// Reads the head at the start of `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Head, Damaged> {
        let bytes: &[u8; HEAD_LEN] = bytes.first_chunk().ok_or(Damaged("cut short"))?;
        if bytes[..4] != MAGIC {
            return Err(Damaged("no magic"));
        }
        if crc32fast::hash(&bytes[..40]) != u32_at(bytes, 40) {
            return Err(Damaged("head sum"));
        }
        if bytes[4..8] != kind() {
            return Err(Damaged("unknown version"));
        }
        let head = Head {
            first_line: u64_at(bytes, 8),
            written_at: u64_at(bytes, 16),
            lines: u32_at(bytes, 24),
            raw_len: u32_at(bytes, 28),
            body_len: u32_at(bytes, 32),
            body_sum: u32_at(bytes, 36),
        };
        let in_bounds = head.lines > 0
            && head.raw_len as usize <= MAX_RAW
            && head.body_len as usize <= MAX_BODY
            && head.first_line <= MAX_NUMBER;
        in_bounds.then_some(head).ok_or(Damaged("head"))
    }

    fn put(&self, out: &mut [u8]) {
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&kind());
        out[8..16].copy_from_slice(&self.first_line.to_le_bytes());
        out[16..24].copy_from_slice(&self.written_at.to_le_bytes());
        out[24..28].copy_from_slice(&self.lines.to_le_bytes());
        out[28..32].copy_from_slice(&self.raw_len.to_le_bytes());
        out[32..36].copy_from_slice(&self.body_len.to_le_bytes());
        out[36..40].copy_from_slice(&self.body_sum.to_le_bytes());
        let sum = crc32fast::hash(&out[..40]);
        out[40..44].copy_from_slice(&sum.to_le_bytes());
    }

    /// Whether `body` is the one that was written behind this head.
    pub fn fits(&self, body: &[u8]) -> bool {
        body.len() == self.body_len as usize && crc32fast::hash(body) == self.body_sum
    }
}

fn kind() -> [u8; 4] {
    let ([a, b], [c, d]) = (VERSION.to_le_bytes(), ZSTD.to_le_bytes());
    [a, b, c, d]
}

fn u32_at(bytes: &[u8; HEAD_LEN], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn u64_at(bytes: &[u8; HEAD_LEN], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// Packs lines into blocks; keeps zstd's workspace from one to the next.
pub struct Packer(Compressor<'static>);

impl Packer {
    /// Takes zstd's workspace; fails only without memory.
    pub fn new() -> io::Result<Self> {
        Compressor::new(LEVEL).map(Self)
    }

    /// Replaces `out` with the block of `lines`, of which there is at least one and which came to be by
    /// [`Lines::push`] within [`MAX_RAW`].
    pub fn pack(&mut self, lines: &Lines, out: &mut Vec<u8>) -> io::Result<()> {
        let raw = lines.bytes();
        out.clear();
        out.resize(HEAD_LEN + zstd::zstd_safe::compress_bound(raw.len()), 0);
        let body_len = self.0.compress_to_buffer(raw, &mut out[HEAD_LEN..])?;
        out.truncate(HEAD_LEN + body_len);
        let head = Head {
            first_line: lines.first(),
            lines: lines.count(),
            written_at: lines.written_at(),
            raw_len: raw.len() as u32,
            body_len: body_len as u32,
            body_sum: crc32fast::hash(&out[HEAD_LEN..]),
        };
        head.put(out);
        Ok(())
    }
}

/// Unpacks blocks; keeps zstd's workspace from one to the next.
pub struct Unpacker(Decompressor<'static>);

impl Unpacker {
    /// Takes zstd's workspace; fails only without memory.
    pub fn new() -> io::Result<Self> {
        Decompressor::new().map(Self)
    }

    /// Reads the whole of `block`. Law: what comes back is what was packed, or [`Damaged`].
    pub fn unpack(&mut self, block: &[u8]) -> Result<Lines, Damaged> {
        let head = Head::read(block)?;
        let body = &block[HEAD_LEN..];
        if !head.fits(body) {
            return Err(Damaged("body sum"));
        }
        let raw = self
            .0
            .decompress(body, head.raw_len as usize)
            .map_err(|_| Damaged("body"))?;
        if raw.len() != head.raw_len as usize {
            return Err(Damaged("raw length"));
        }
        Lines::from_bytes(head.first_line, head.lines, head.written_at, raw)
            .map_err(|_| Damaged("lines"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::body;
    use super::*;
    use proptest::prelude::*;

    fn block(lines: &Lines) -> Vec<u8> {
        let mut out = Vec::new();
        Packer::new()
            .and_then(|mut packer| packer.pack(lines, &mut out))
            .expect("memory");
        out
    }

    fn unpack(block: &[u8]) -> Result<Lines, Damaged> {
        Unpacker::new().expect("memory").unpack(block)
    }

    fn sample() -> Lines {
        let mut lines = Lines::starting_at(1000);
        for n in 0..50 {
            lines.push(&body(&format!("line {n}")), 42);
        }
        lines
    }

    #[test]
    fn a_line_of_the_greatest_length_fits() {
        let mut lines = Lines::default();
        let mut x = 1u32;
        let noise = (0..MAX_LINE).map(|_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        });
        lines.push(&noise.collect::<Vec<_>>(), 0);
        assert_eq!(unpack(&block(&lines)), Ok(lines));
    }

    proptest! {
        #[test]
        fn lines_come_back(
            first in 0..MAX_NUMBER,
            at: u64,
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..40),
        ) {
            let mut lines = Lines::starting_at(first);
            for body in &bodies {
                lines.push(body, at);
            }
            prop_assert_eq!(unpack(&block(&lines)), Ok(lines));
        }

        #[test]
        fn any_flipped_bit_is_noticed(at: prop::sample::Index, bit in 0..8u8) {
            let mut block = block(&sample());
            let at = at.index(block.len());
            block[at] ^= 1 << bit;
            prop_assert!(unpack(&block).is_err());
        }

        #[test]
        fn any_cut_is_noticed(len: prop::sample::Index) {
            let block = block(&sample());
            prop_assert!(unpack(&block[..len.index(block.len())]).is_err());
        }

        #[test]
        fn nothing_panics(mut bytes: Vec<u8>, honest_sums: bool) {
            if honest_sums && bytes.len() >= HEAD_LEN {
                bytes[..4].copy_from_slice(&MAGIC);
                bytes[4..8].copy_from_slice(&kind());
                let body_sum = crc32fast::hash(&bytes[HEAD_LEN..]);
                bytes[36..40].copy_from_slice(&body_sum.to_le_bytes());
                let sum = crc32fast::hash(&bytes[..40]);
                bytes[40..44].copy_from_slice(&sum.to_le_bytes());
            }
            let _ = unpack(&bytes);
        }
    }
}
