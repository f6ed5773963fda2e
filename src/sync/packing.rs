//! Packets compressed: zstd (RFC 8878) with a dictionary of its own, as most packets are too short to say much about
//! themselves.
//!
//! ```text
//! packed = length zstd      the length of the packet; the frame of zstd without its magic number
//! ```
//!
//! `frames.dictionary` was trained on the frames that the programs recorded in `tests/recordings` give:
//!
//! ```text
//! WT_SAMPLES=DIR cargo test --test all dictionary -- --ignored
//! zstd --train --maxdict=8192 -o src/sync/frames.dictionary DIR/*
//! ```
//!
//! Both ends must have the same one: a change is one of the protocol's version. Measured on the frames from 48 bytes on of
//! programs that a dictionary was not trained on, 84 kB in all: 60 kB without a dictionary, 53 kB with it; those of 100 to
//! 200 bytes take 102 on average, and 85.

use crate::varint::{self, Malformed, Reader};
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

/// Shorter packets are sent as they are: hardly any would become shorter.
const WORTH_TRYING: usize = 48;
/// More than this gains little on packets of a few hundred bytes, which take some 50 µs then.
const LEVEL: i32 = 9;
/// The first bytes of every frame of zstd.
const MAGIC: [u8; 4] = 0xFD2F_B528u32.to_le_bytes();

const FRAMES: &[u8] = include_bytes!("frames.dictionary");
static ENCODER: LazyLock<EncoderDictionary> =
    LazyLock::new(|| EncoderDictionary::copy(FRAMES, LEVEL));
static DECODER: LazyLock<DecoderDictionary> = LazyLock::new(|| DecoderDictionary::copy(FRAMES));

/// Compresses packets, and keeps its workspace from one to the next.
#[derive(Default)]
pub(super) struct Packer {
    compressor: Option<Compressor<'static>>,
    decompressor: Option<Decompressor<'static>>,
}

impl Packer {
    /// The packet in fewer bytes, if there is a way.
    pub fn pack(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        if packet.len() < WORTH_TRYING {
            return None;
        }
        if self.compressor.is_none() {
            self.compressor = Some(compressor()?);
        }
        let frame = self.compressor.as_mut()?.compress(packet).ok()?;
        let frame = frame.strip_prefix(&MAGIC)?;
        let mut packed = Vec::with_capacity(frame.len() + 3);
        varint::put(&mut packed, packet.len() as u64);
        packed.extend_from_slice(frame);
        (packed.len() < packet.len()).then_some(packed)
    }

    /// Undoes [`Packer::pack`]; a packet of more than `max` bytes is refused before anything is kept for it.
    pub fn unpack(&mut self, packed: &[u8], max: usize) -> Result<Vec<u8>, Malformed> {
        const WRONG: Malformed = Malformed("packed packet");
        let mut reader = Reader::new(packed);
        let len = reader.at_most(max as u64)? as usize;
        let frame = [&MAGIC, reader.rest()].concat();
        if self.decompressor.is_none() {
            let decompressor = Decompressor::with_prepared_dictionary(&DECODER);
            self.decompressor = Some(decompressor.map_err(|_| WRONG)?);
        }
        let decompressor = self.decompressor.as_mut().ok_or(WRONG)?;
        let packet = decompressor.decompress(&frame, len).map_err(|_| WRONG)?;
        match packet.len() == len {
            true => Ok(packet),
            false => Err(WRONG),
        }
    }
}

fn compressor() -> Option<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER).ok()?;
    let parameters = [
        CParameter::ContentSizeFlag(false),
        CParameter::ChecksumFlag(false),
        CParameter::DictIdFlag(false),
    ];
    for parameter in parameters {
        compressor.set_parameter(parameter).ok()?;
    }
    Some(compressor)
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_programs_print_becomes_shorter() {
        let mut packer = Packer::default();
        let line = b"-rw-r--r-- 1 root root 4096 Jan 1 12:00 Cargo.toml and so on";
        let packed = packer.pack(line).expect("shorter");
        assert!(packed.len() < line.len());
        assert_eq!(packer.unpack(&packed, 100).as_deref(), Ok(&line[..]));
        assert!(packer.unpack(&packed, 20).is_err(), "too long");
        for len in 0..packed.len() {
            assert!(packer.unpack(&packed[..len], 100).is_err());
        }
    }

    #[test]
    fn what_grows_without_bound_is_refused() {
        let mut packer = Packer::default();
        let long = vec![b' '; 1 << 20];
        let mut packed = packer.pack(&long).expect("much shorter");
        assert!(packed.len() < 200);
        let mut reader = Reader::new(&packed);
        assert_eq!(reader.u64(), Ok(1 << 20));
        packed = [&[100], reader.rest()].concat();
        assert!(
            packer.unpack(&packed, 1000).is_err(),
            "it says less than it holds"
        );
    }

    proptest! {
        #[test]
        fn packets_come_back(packet: Vec<u8>, again in 1usize..50) {
            let mut packer = Packer::default();
            let packet = packet.repeat(again);
            if let Some(packed) = packer.pack(&packet) {
                prop_assert!(packed.len() < packet.len());
                prop_assert_eq!(packer.unpack(&packed, packet.len()), Ok(packet));
            }
        }

        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let _ = Packer::default().unpack(&bytes, 1000);
        }
    }
}
