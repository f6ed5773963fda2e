//! Lines ↔ blocks. A segment of history is nothing but blocks, one after the other, each readable by itself:
//!
//! ```text
//!   0  magic          89 'w' 't' 'l'      not UTF-8, so that no line's text looks like it
//!   4  version        u16 = 2
//!   6  packing        u16                 1: zstd; 2: zstd, then sealed, see `scrollback::seal`
//!   8  first line     u64
//!  16  first time     u64                 Unix ms, of the first line
//!  24  latest time    u64                 of all its lines
//!  32  lines          u32
//!  36  raw length     u32                 of the unpacked body
//!  40  times length   u32                 of its last part
//!  44  filter length  u32                 as stored
//!  48  body length    u32                 as stored
//!  52  filter sum     u32                 CRC-32 of the filter as stored
//!  56  body sum       u32                 CRC-32 of the body as stored
//!  60  head sum       u32                 CRC-32 of bytes 0..60
//!  64  filter         what lines may be searched for, see `scrollback::filter`
//!      body           zstd of the lines, see `scrollback::columns`, and of their times, see `scrollback::times`
//! ```
//!
//! Integers are little-endian. The head has a sum of its own so that a file is indexed from its heads alone, and so has
//! the filter, so that a search may pass over the body; a body is verified when it is read.
//!
//! With packing 2 filter and body are sealed each by itself, about the pane and bytes 8..44 of the head. Those stay plain:
//! without the key one knows how many lines there are and from when, so that numbers go on and nothing is cut.
//!
//! Version 1 is read as well. It has neither filter nor times, one time for all lines, its body is { length, line } …,
//! and its head has 44 bytes: first line at 8, time at 16, lines at 24, raw length at 28, body length at 32, body sum
//! at 36, head sum at 40.

use super::columns::{self, Columns};
use super::filter::Filter;
use super::lines::{Lines, MAX_LINE, MAX_NUMBER};
use super::seal::{Kind, OVERHEAD, Opener, Sealer};
use super::times::{MAX_TIME, Times};
use crate::varint::Malformed;
use std::borrow::Cow;
use std::io;
use thiserror::Error;
use zstd::bulk::{Compressor, Decompressor};

/// The bytes before a block's filter and body.
pub const HEAD_LEN: usize = 64;

/// The bytes before the body of a block of version 1.
const HEAD_LEN_1: usize = 44;

/// The first bytes of a block.
pub const MAGIC: [u8; 4] = [0x89, b'w', b't', b'l'];

/// The most that a block may unpack to: one line of the greatest length, or the shortest lines there are with a time
/// for each.
pub const MAX_RAW: usize = MAX_LINE + (1 << 20);

/// The most that a body may take in the file: what zstd makes of incompressible lines.
pub const MAX_BODY: usize = MAX_RAW + MAX_RAW / 128 + 1024;

/// The most that a filter may take in the file.
pub const MAX_FILTER: usize = 64 << 10;

const VERSION: u16 = 2;
const ZSTD: u16 = 1;
const SEALED: u16 = 2;

/// The bytes of a head that say what its block holds.
const SAID: std::ops::Range<usize> = 8..44;

/// zstd's level. On columns of 128 KiB level 3 takes a tenth more than levels 1 and 2 and packs logs 3 to 5 % smaller,
/// build output 6 to 10 %; level 5 wins nothing more.
const LEVEL: i32 = 3;

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
    /// The latest time of any of its lines, in Unix ms.
    pub latest: u64,
    /// Bytes of the unpacked body; at most [`MAX_RAW`].
    raw_len: u32,
    times_len: u32,
    /// Bytes of the filter; at most [`MAX_FILTER`].
    pub filter_len: u32,
    /// Bytes of the body; at most [`MAX_BODY`].
    body_len: u32,
    filter_sum: u32,
    body_sum: u32,
    form: Form,
}

/// How a block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Version 1.
    First,
    /// Version 2.
    Packed,
    /// Version 2, sealed.
    Sealed,
}

impl Head {
    /// Reads the head at the start of `bytes`; [`HEAD_LEN`] of them are enough.
    pub fn read(bytes: &[u8]) -> Result<Head, Damaged> {
        let kind = bytes.get(..8).ok_or(Damaged("cut short"))?;
        if kind[..4] != MAGIC {
            return Err(Damaged("no magic"));
        }
        let head = if kind[4..] == Form::First.kind() {
            Self::read_1(summed::<HEAD_LEN_1>(bytes)?)
        } else {
            let bytes = summed::<HEAD_LEN>(bytes)?;
            let mut forms = [Form::Packed, Form::Sealed].into_iter();
            let form = forms.find(|form| kind[4..] == form.kind());
            Self::read_2(bytes, form.ok_or(Damaged("unknown version"))?)
        };
        let in_bounds = head.lines > 0
            && head.times_len <= head.raw_len
            && head.raw_len as usize <= MAX_RAW
            && head.body_len as usize <= MAX_BODY + OVERHEAD
            && head.filter_len as usize <= MAX_FILTER + OVERHEAD
            && head.latest <= MAX_TIME
            && head.first_line <= MAX_NUMBER;
        in_bounds.then_some(head).ok_or(Damaged("head"))
    }

    fn read_1(bytes: &[u8; HEAD_LEN_1]) -> Head {
        let written_at = u64_at(bytes, 16).min(MAX_TIME);
        Head {
            first_line: u64_at(bytes, 8),
            written_at,
            latest: written_at,
            lines: u32_at(bytes, 24),
            raw_len: u32_at(bytes, 28),
            times_len: 0,
            filter_len: 0,
            body_len: u32_at(bytes, 32),
            filter_sum: 0,
            body_sum: u32_at(bytes, 36),
            form: Form::First,
        }
    }

    fn read_2(bytes: &[u8; HEAD_LEN], form: Form) -> Head {
        Head {
            first_line: u64_at(bytes, 8),
            written_at: u64_at(bytes, 16),
            latest: u64_at(bytes, 24),
            lines: u32_at(bytes, 32),
            raw_len: u32_at(bytes, 36),
            times_len: u32_at(bytes, 40),
            filter_len: u32_at(bytes, 44),
            body_len: u32_at(bytes, 48),
            filter_sum: u32_at(bytes, 52),
            body_sum: u32_at(bytes, 56),
            form,
        }
    }

    fn put(&self, out: &mut [u8]) {
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&self.form.kind());
        for (at, value) in [
            (8, self.first_line),
            (16, self.written_at),
            (24, self.latest),
        ] {
            out[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let lengths = [
            self.lines,
            self.raw_len,
            self.times_len,
            self.filter_len,
            self.body_len,
        ];
        let sums = [self.filter_sum, self.body_sum];
        for (n, value) in lengths.into_iter().chain(sums).enumerate() {
            out[32 + 4 * n..36 + 4 * n].copy_from_slice(&value.to_le_bytes());
        }
        let sum = crc32fast::hash(&out[..HEAD_LEN - 4]);
        out[HEAD_LEN - 4..HEAD_LEN].copy_from_slice(&sum.to_le_bytes());
    }

    /// Bytes of the head itself: where the filter begins.
    pub fn size(&self) -> usize {
        match self.form {
            Form::First => HEAD_LEN_1,
            _ => HEAD_LEN,
        }
    }

    /// Bytes of the whole block.
    pub fn block_len(&self) -> u32 {
        self.size() as u32 + self.filter_len + self.body_len
    }

    /// The filter of the block that this head stands in, of which `block` is the beginning; `None` if it is not there
    /// as it was written, or cannot be opened.
    pub fn filter<'a>(&self, block: &'a [u8], opener: &Opener<'_>) -> Option<Cow<'a, [u8]>> {
        let filter = block.get(self.size()..)?.get(..self.filter_len as usize)?;
        if !self.fits_filter(filter) {
            return None;
        }
        if self.form != Form::Sealed || filter.is_empty() {
            return Some(Cow::Borrowed(filter));
        }
        let opened = opener.open(Kind::Filter, &block[SAID], filter);
        opened.ok().map(Cow::Owned)
    }

    fn fits_filter(&self, filter: &[u8]) -> bool {
        self.form == Form::First || crc32fast::hash(filter) == self.filter_sum
    }

    /// The body of the block that this head stands in, as it is stored, if it is what was written.
    fn body<'a>(&self, block: &'a [u8]) -> Result<&'a [u8], Damaged> {
        let (filter, body) = block
            .get(self.size()..)
            .and_then(|rest| rest.split_at_checked(self.filter_len as usize))
            .ok_or(Damaged("cut short"))?;
        if !self.fits_filter(filter) {
            return Err(Damaged("filter sum"));
        }
        let fits = body.len() == self.body_len as usize && crc32fast::hash(body) == self.body_sum;
        fits.then_some(body).ok_or(Damaged("body sum"))
    }

    /// The times of the lines, which end `raw`.
    fn times(&self, raw: &mut Vec<u8>) -> Result<Times, Damaged> {
        let lines_len = raw.len() - self.times_len as usize;
        let times = match self.form {
            Form::First => Ok(Times::of(self.lines, self.written_at)),
            _ => Times::decode(self.lines, self.written_at, &raw[lines_len..]),
        };
        raw.truncate(lines_len);
        times.map_err(|_| Damaged("times"))
    }

    /// The lines, each as its length and its body, that stand in what is left of `raw` without the times.
    fn lines(&self, raw: Vec<u8>) -> Result<Vec<u8>, Malformed> {
        if self.form == Form::First {
            return Ok(raw);
        }
        // No line takes less than a byte there, whatever the head claims.
        let count = raw.len().min(self.lines as usize);
        let mut lines = Vec::with_capacity(raw.len() + 6 * count);
        columns::join(self.lines, &raw, &mut lines)?;
        Ok(lines)
    }
}

/// The head at the start of `bytes`, if its sum, which ends it, is right.
fn summed<const LEN: usize>(bytes: &[u8]) -> Result<&[u8; LEN], Damaged> {
    let bytes = bytes.first_chunk().ok_or(Damaged("cut short"))?;
    match crc32fast::hash(&bytes[..LEN - 4]) == u32_at(bytes, LEN - 4) {
        true => Ok(bytes),
        false => Err(Damaged("head sum")),
    }
}

impl Form {
    /// Version and packing as they are written.
    fn kind(self) -> [u8; 4] {
        let (version, packing) = match self {
            Form::First => (1, ZSTD),
            Form::Packed => (VERSION, ZSTD),
            Form::Sealed => (VERSION, SEALED),
        };
        let ([a, b], [c, d]) = (version.to_le_bytes(), packing.to_le_bytes());
        [a, b, c, d]
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// Packs lines into blocks; keeps its workspace from one to the next.
pub struct Packer {
    zstd: Compressor<'static>,
    columns: Columns,
    filter: Filter,
    raw: Vec<u8>,
}

impl Packer {
    /// Takes zstd's workspace; fails only without memory.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            zstd: Compressor::new(LEVEL)?,
            columns: Columns::default(),
            filter: Filter::default(),
            raw: Vec::new(),
        })
    }

    /// Replaces `out` with the block of `lines`, of which there is at least one and which came to be by
    /// [`Lines::push`] within [`MAX_RAW`]; sealed if there is something to seal with.
    pub fn pack(
        &mut self,
        lines: &Lines,
        sealer: Option<&Sealer<'_>>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        self.raw.clear();
        self.columns.split(lines.bytes(), &mut self.raw);
        let columns_len = self.raw.len();
        lines.times().encode(&mut self.raw);
        let mut head = Head {
            first_line: lines.first(),
            lines: lines.count(),
            written_at: lines.written_at(),
            latest: lines.times().latest(),
            raw_len: self.raw.len() as u32,
            times_len: (self.raw.len() - columns_len) as u32,
            filter_len: 0,
            body_len: 0,
            filter_sum: 0,
            body_sum: 0,
            form: sealer.map_or(Form::Packed, |_| Form::Sealed),
        };
        out.clear();
        out.resize(HEAD_LEN, 0);
        head.put(out);
        let filter = self.filter.of(lines);
        match sealer {
            None => self.add(&filter, out)?,
            Some(sealer) => self.add_sealed(&filter, sealer, out)?,
        }
        let filter_len = match (filter.len(), sealer) {
            (0, _) | (_, None) => filter.len(),
            (len, Some(_)) => len + OVERHEAD,
        };
        let (filter, body) = out[HEAD_LEN..].split_at(filter_len);
        head.filter_len = filter.len() as u32;
        head.body_len = body.len() as u32;
        head.filter_sum = crc32fast::hash(filter);
        head.body_sum = crc32fast::hash(body);
        head.put(out);
        self.raw.shrink_to(KEPT_RAW);
        Ok(())
    }

    /// Adds the filter and the packed body.
    fn add(&mut self, filter: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        out.extend(filter);
        let body_at = out.len();
        out.resize(body_at + zstd::zstd_safe::compress_bound(self.raw.len()), 0);
        let body_len = self
            .zstd
            .compress_to_buffer(&self.raw, &mut out[body_at..])?;
        out.truncate(body_at + body_len);
        Ok(())
    }

    /// Adds the filter and the packed body, each sealed. An empty filter stays empty.
    fn add_sealed(
        &mut self,
        filter: &[u8],
        sealer: &Sealer<'_>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let said = out[SAID].to_vec();
        if !filter.is_empty() {
            sealer.seal(Kind::Filter, &said, filter, out);
        }
        let body = self.zstd.compress(&self.raw)?;
        sealer.seal(Kind::Body, &said, &body, out);
        Ok(())
    }
}

/// A workspace larger than this is given back: it held one huge line.
const KEPT_RAW: usize = 256 << 10;

/// Unpacks blocks; keeps zstd's workspace from one to the next.
pub struct Unpacker(Decompressor<'static>);

impl Unpacker {
    /// Takes zstd's workspace; fails only without memory.
    pub fn new() -> io::Result<Self> {
        Decompressor::new().map(Self)
    }

    /// Reads the whole of `block`. Law: what comes back is what was packed, or [`Damaged`]; that is also what a block is
    /// that cannot be opened.
    pub fn unpack(&mut self, block: &[u8], opener: &Opener<'_>) -> Result<Lines, Damaged> {
        let head = Head::read(block)?;
        let body = head.body(block)?;
        let body = match head.form {
            Form::Sealed => {
                let opened = opener.open(Kind::Body, &block[SAID], body);
                Cow::Owned(opened.map_err(|_| Damaged("it is locked"))?)
            }
            _ => Cow::Borrowed(body),
        };
        let mut raw = self
            .0
            .decompress(&body, head.raw_len as usize)
            .map_err(|_| Damaged("body"))?;
        if raw.len() != head.raw_len as usize {
            return Err(Damaged("raw length"));
        }
        let times = head.times(&mut raw)?;
        let raw = head.lines(raw).map_err(|_| Damaged("lines"))?;
        Lines::from_bytes(head.first_line, head.lines, times, raw).map_err(|_| Damaged("lines"))
    }

    /// Whether the whole of `block` is what was written, as far as one sees without a key.
    pub fn is_whole(&mut self, block: &[u8]) -> bool {
        match Head::read(block) {
            Ok(head) if head.form == Form::Sealed => head.body(block).is_ok(),
            Ok(_) => self.unpack(block, &Opener::NONE).is_ok(),
            Err(_) => false,
        }
    }
}

/// Whether the block at the start of `bytes` is sealed.
pub fn is_sealed(bytes: &[u8]) -> bool {
    Head::read(bytes).is_ok_and(|head| head.form == Form::Sealed)
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::body;
    use super::super::seal;
    use super::*;
    use crate::varint;
    use proptest::prelude::*;

    fn block(lines: &Lines) -> Vec<u8> {
        let mut out = Vec::new();
        Packer::new()
            .and_then(|mut packer| packer.pack(lines, None, &mut out))
            .expect("memory");
        out
    }

    fn unpack(block: &[u8]) -> Result<Lines, Damaged> {
        Unpacker::new()
            .expect("memory")
            .unpack(block, &Opener::NONE)
    }

    fn sample() -> Lines {
        let mut lines = Lines::starting_at(1000);
        for n in 0..50 {
            lines.push(&body(&format!("line {n}")), 42 + n / 10);
        }
        lines
    }

    /// A block as version 1 wrote it.
    fn block_1(first: u64, at_ms: u64, bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut raw = Vec::new();
        bodies
            .iter()
            .for_each(|body| varint::put_bytes(&mut raw, body));
        let packed = zstd::bulk::compress(&raw, LEVEL).expect("memory");
        let mut out = MAGIC.to_vec();
        out.extend(Form::First.kind());
        out.extend(first.to_le_bytes());
        out.extend(at_ms.to_le_bytes());
        let sum = crc32fast::hash(&packed);
        for value in [
            bodies.len() as u32,
            raw.len() as u32,
            packed.len() as u32,
            sum,
        ] {
            out.extend(value.to_le_bytes());
        }
        out.extend(crc32fast::hash(&out).to_le_bytes());
        out.extend(packed);
        out
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

    #[test]
    fn as_many_lines_as_there_can_be_fit_with_a_time_for_each() {
        let mut lines = Lines::default();
        for n in 0..(64 << 10) {
            lines.push(&[], if n % 2 == 0 { 0 } else { MAX_TIME });
        }
        assert_eq!(unpack(&block(&lines)), Ok(lines));
    }

    proptest! {
        #[test]
        fn lines_come_back(
            first in 0..MAX_NUMBER,
            bodies in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), 0..=MAX_TIME), 1..40),
        ) {
            let mut lines = Lines::starting_at(first);
            for (body, at) in &bodies {
                lines.push(body, *at);
            }
            prop_assert_eq!(unpack(&block(&lines)), Ok(lines));
        }

        #[test]
        fn version_1_is_read(
            first in 0..MAX_NUMBER,
            at_ms in 0..=MAX_TIME,
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..40),
        ) {
            let mut lines = Lines::starting_at(first);
            bodies.iter().for_each(|body| lines.push(body, at_ms));
            let block = block_1(first, at_ms, &bodies);
            let head = Head::read(&block[..HEAD_LEN.min(block.len())]).expect("a head");
            prop_assert_eq!((head.block_len() as usize, head.latest), (block.len(), at_ms));
            prop_assert_eq!(unpack(&block), Ok(lines));
        }

        #[test]
        fn any_flipped_bit_is_noticed(at: prop::sample::Index, bit in 0..8u8, version in 1..=2) {
            let mut block = match version {
                1 => block_1(7, 8, &[body("one"), body("two")]),
                _ => block(&sample()),
            };
            let at = at.index(block.len());
            block[at] ^= 1 << bit;
            prop_assert!(unpack(&block).is_err());
        }

        #[test]
        fn sealed_lines_come_back_in_their_place_alone(
            first in 0..MAX_NUMBER,
            texts in prop::collection::vec("[a-z]{12,40}", 1..40),
            at: prop::sample::Index,
            bit in 0..8u8,
        ) {
            let mut lines = Lines::starting_at(first);
            texts.iter().for_each(|text| lines.push(&body(text), 9));
            let (ring, other) = (seal::tests::ring(1), seal::tests::ring(2));
            let mut block = Vec::new();
            let mut packer = Packer::new().expect("memory");
            packer.pack(&lines, Some(&seal::tests::sealer(&ring, 3)), &mut block).expect("memory");
            let shows = |text: &String| memchr::memmem::find(&block, text.as_bytes()).is_some();
            prop_assert!(!texts.iter().any(shows));
            let opener = Opener { keys: &ring, pane: 3 };
            let mut unpacker = Unpacker::new().expect("memory");
            prop_assert_eq!(unpacker.unpack(&block, &opener), Ok(lines.clone()));
            let head = Head::read(&block).expect("a head");
            let filter = head.filter(&block, &opener).map(Cow::into_owned);
            prop_assert_eq!(filter, Some(Filter::default().of(&lines)));
            for wrong in [Opener { pane: 4, ..opener }, Opener { keys: &other, ..opener }] {
                prop_assert!(unpacker.unpack(&block, &wrong).is_err());
            }
            prop_assert!(unpacker.is_whole(&block));
            // A head that lies, with the sum of a true one.
            let mut moved = head;
            moved.first_line ^= 1;
            let mut elsewhere = block.clone();
            moved.put(&mut elsewhere);
            prop_assert!(unpacker.unpack(&elsewhere, &opener).is_err());
            let at = at.index(block.len());
            block[at] ^= 1 << bit;
            prop_assert!(unpacker.unpack(&block, &opener).is_err() && !unpacker.is_whole(&block));
        }

        #[test]
        fn any_cut_is_noticed(len: prop::sample::Index) {
            let block = block(&sample());
            prop_assert!(unpack(&block[..len.index(block.len())]).is_err());
        }

        #[test]
        fn nothing_panics(
            mut bytes: Vec<u8>,
            form in prop::sample::select(vec![Form::First, Form::Packed, Form::Sealed]),
        ) {
            let head_len = if form == Form::First { HEAD_LEN_1 } else { HEAD_LEN };
            if bytes.len() >= head_len {
                bytes[..4].copy_from_slice(&MAGIC);
                bytes[4..8].copy_from_slice(&form.kind());
                let body_sum = crc32fast::hash(&bytes[head_len..]);
                bytes[head_len - 8..head_len - 4].copy_from_slice(&body_sum.to_le_bytes());
                let sum = crc32fast::hash(&bytes[..head_len - 4]);
                bytes[head_len - 4..head_len].copy_from_slice(&sum.to_le_bytes());
            }
            let _ = unpack(&bytes);
        }
    }
}
