//! Reads blocks back, from whichever segment they stand in.

use super::blocks::Blocks;
use super::segments::read_at;
use crate::scrollback::block::{HEAD_LEN, Head, MAX_FILTER, Unpacker, is_sealed};
use crate::scrollback::index::Entry;
use crate::scrollback::lines::Lines;
use crate::scrollback::seal::OVERHEAD;
use anyhow::{Context, Result};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Bytes that hold a block's head and its filter, but for filters of other versions.
const HEAD_AND_FILTER: usize = 4 << 10;

/// Reads blocks; keeps the last two unpacked, and the segment read last open.
pub struct BlockReader {
    blocks: Arc<Blocks>,
    unpacker: Option<Unpacker>,
    recent: [Option<(Entry, Arc<Lines>)>; 2],
    open: Option<(u32, Arc<File>)>,
    block: Vec<u8>,
}

impl BlockReader {
    /// Reads those of `blocks`.
    pub fn new(blocks: Arc<Blocks>) -> Self {
        Self {
            blocks,
            unpacker: None,
            recent: [None, None],
            open: None,
            block: Vec::new(),
        }
    }

    /// Reads the same blocks on another thread.
    pub fn fork(&self) -> Self {
        Self::new(self.blocks.clone())
    }

    /// The lines of a block; `None` if it is damaged, cannot be opened, or has gone with its segment.
    pub fn load(&mut self, entry: Entry) -> Result<Option<Arc<Lines>>> {
        let mut held = self.recent.iter().flatten();
        if let Some((_, lines)) = held.find(|(held, _)| *held == entry) {
            return Ok(Some(lines.clone()));
        }
        if self.blocks.damage.has(entry) {
            return Ok(None);
        }
        let Some(got) = self.fetch(entry, entry.len as usize)? else {
            return Ok(None);
        };
        let unpacker = match &mut self.unpacker {
            Some(unpacker) => unpacker,
            none => none.insert(Unpacker::new().context("unpacking scrollback")?),
        };
        let unpacked = unpacker.unpack(&self.block[..got], &self.blocks.opener());
        let is_meant =
            |lines: &Lines| lines.first() == entry.first_line && lines.count() == entry.lines;
        let Some(lines) = unpacked.ok().filter(is_meant) else {
            if !is_sealed(&self.block[..got]) {
                self.blocks.damage.note(entry);
            }
            return Ok(None);
        };
        let lines = Arc::new(lines);
        self.recent.swap(0, 1);
        self.recent[0] = Some((entry, lines.clone()));
        Ok(Some(lines))
    }

    /// Whether a block was found damaged, by this reader or another of the same history.
    pub fn is_damaged(&self, entry: Entry) -> bool {
        self.blocks.damage.has(entry)
    }

    /// The filter of a block; `None` if it has none that can be read.
    pub fn filter(&mut self, entry: Entry) -> Result<Option<Cow<'_, [u8]>>> {
        let len = HEAD_AND_FILTER.min(entry.len as usize);
        let Some(got) = self.fetch(entry, len)? else {
            return Ok(None);
        };
        let Ok(head) = Head::read(&self.block[..got]) else {
            return Ok(None);
        };
        let needed = head.size() + head.filter_len as usize;
        let got = if needed > got && needed <= HEAD_LEN + MAX_FILTER + OVERHEAD {
            self.fetch(entry, needed)?.unwrap_or(0)
        } else {
            got
        };
        let filter = head.filter(&self.block[..got], &self.blocks.opener());
        Ok(filter.filter(|filter| !filter.is_empty()))
    }

    /// Whether a block is sealed and cannot be opened.
    pub fn is_locked(&mut self, entry: Entry) -> Result<bool> {
        let fetched = self.fetch(entry, HEAD_LEN.min(entry.len as usize))?;
        let sealed = fetched.is_some_and(|got| is_sealed(&self.block[..got]));
        Ok(sealed && self.load(entry)?.is_none())
    }

    /// Reads the first `len` bytes of a block; says how many came. `None` if its segment has gone.
    fn fetch(&mut self, entry: Entry, len: usize) -> Result<Option<usize>> {
        let file = match self.file(entry.segment) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.with_context(|| self.blocks.describe(entry.segment))?,
        };
        self.block.resize(len, 0);
        let got = read_at(&file, entry.offset, &mut self.block)
            .with_context(|| self.blocks.describe(entry.segment))?;
        Ok(Some(got))
    }

    fn file(&mut self, segment: u32) -> io::Result<Arc<File>> {
        if let Some(file) = self.blocks.file_being_written(segment) {
            return Ok(file);
        }
        if let Some((number, file)) = &self.open
            && *number == segment
        {
            return Ok(file.clone());
        }
        let file = Arc::new(self.blocks.segments().open(segment)?);
        self.open = Some((segment, file.clone()));
        Ok(file)
    }
}
