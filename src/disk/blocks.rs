//! One pane's file of blocks: what waits to be written to it, how that goes, and reading it back. The waiting lines
//! are written by `disk::writer`'s thread; everything here may be called from any thread.

use crate::scrollback::block::{Packer, Unpacker};
use crate::scrollback::lines::Lines;
use crate::scrollback::store::Entry;
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From here on a producer waits a moment for the writer.
const CROWDED_BYTES: usize = 1 << 20;

/// From here on it waits longer, so that nothing is given up while the disk works at all.
const FULL_BYTES: usize = 4 << 20;

/// Blocks on disk and lines on their way there.
#[derive(Debug)]
pub struct BlockFile {
    path: PathBuf,
    state: Mutex<State>,
    progress: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<Lines>>,
    waiting_bytes: usize,
    written: Vec<Entry>,
    /// Where the next block goes.
    end: u64,
    file: Option<Arc<File>>,
    /// Whether `file` is open for writing and its last write went well.
    is_writable: bool,
    fault: Option<String>,
    is_removed: bool,
}

/// How an attempt to write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// One block was written; there may be more.
    Wrote,
    /// Nothing waits.
    Nothing,
    /// It failed: see [`BlockFile::fault`]. The lines wait on.
    Failed,
}

impl BlockFile {
    /// The file at `path`, which is made when the first block is written.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            state: Mutex::default(),
            progress: Condvar::new(),
        }
    }

    /// The file at `path`, open for reading as `file`; blocks are appended at `end`, and what stands there now is cut.
    pub fn open(path: PathBuf, file: File, end: u64) -> Self {
        let this = Self::new(path);
        let mut state = this.state();
        state.file = Some(Arc::new(file));
        state.end = end;
        drop(state);
        this
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues lines for the writer.
    pub fn enqueue(&self, lines: Arc<Lines>) {
        let mut state = self.state();
        state.waiting_bytes += lines.bytes().len();
        state.waiting.push_back(lines);
    }

    /// Takes the lines that begin at `first_line` out of the queue, if they are still there.
    pub fn forget(&self, first_line: u64) {
        let mut state = self.state();
        let at = state
            .waiting
            .iter()
            .position(|lines| lines.first() == first_line);
        if let Some(lines) = at.and_then(|at| state.waiting.remove(at)) {
            state.waiting_bytes -= lines.bytes().len();
        }
    }

    /// How many blocks wait.
    pub fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    /// The directory of the pane that the file belongs to.
    pub fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Whether so much waits that the producer should pause.
    pub fn is_crowded(&self) -> bool {
        self.state().waiting_bytes > CROWDED_BYTES
    }

    /// Gives a crowded queue a moment: at most 2 ms, or 50 ms where lines would soon be given up. Does not wait for
    /// a disk that refuses.
    pub fn wait_for_room(&self) {
        let state = self.state();
        let patience = match state.waiting_bytes {
            FULL_BYTES.. => Duration::from_millis(50),
            CROWDED_BYTES.. => Duration::from_millis(2),
            _ => return,
        };
        let before = state.waiting_bytes;
        let stuck = |state: &mut State| state.fault.is_none() && state.waiting_bytes >= before;
        drop(self.progress.wait_timeout_while(state, patience, stuck));
    }

    /// The blocks written since the last call, in order.
    pub fn take_written(&self) -> Vec<Entry> {
        std::mem::take(&mut self.state().written)
    }

    /// Why the last attempt to write failed; `None` once one succeeds.
    pub fn fault(&self) -> Option<String> {
        self.state().fault.clone()
    }

    /// Writes the oldest waiting lines as a block.
    pub fn write_next(&self, packer: &mut Packer, block: &mut Vec<u8>) -> Progress {
        let state = self.state();
        let (end, removed) = (state.end, state.is_removed);
        let Some(lines) = state.waiting.front().filter(|_| !removed).cloned() else {
            return Progress::Nothing;
        };
        drop(state);
        let outcome = self.append(&lines, end, packer, block);
        let mut state = self.state();
        let progress = match outcome {
            Ok(entry) => {
                state.end += u64::from(entry.len);
                state.written.push(entry);
                state.fault = None;
                if state
                    .waiting
                    .front()
                    .is_some_and(|front| Arc::ptr_eq(front, &lines))
                {
                    state.waiting.pop_front();
                    state.waiting_bytes -= lines.bytes().len();
                }
                Progress::Wrote
            }
            Err(error) => {
                state.is_writable = false;
                state.fault = Some(format!("{error:#}"));
                Progress::Failed
            }
        };
        self.progress.notify_all();
        progress
    }

    fn append(
        &self,
        lines: &Lines,
        end: u64,
        packer: &mut Packer,
        block: &mut Vec<u8>,
    ) -> Result<Entry> {
        packer.pack(lines, block).context("packing scrollback")?;
        let file = self.writable()?;
        file.write_all_at(block, end)
            .with_context(|| format!("writing {}", self.path.display()))?;
        Ok(Entry {
            first_line: lines.first(),
            offset: end,
            lines: lines.count(),
            len: block.len() as u32,
            latest: lines.times().latest(),
        })
    }

    /// The file, opened anew after a failure: what refused may have been replaced.
    fn writable(&self) -> Result<Arc<File>> {
        let state = self.state();
        if let (Some(file), true) = (&state.file, state.is_writable) {
            return Ok(file.clone());
        }
        let end = state.end;
        drop(state);
        let file = open_for_blocks(&self.path, end)
            .with_context(|| format!("opening {}", self.path.display()))?;
        let file = Arc::new(file);
        let mut state = self.state();
        state.file = Some(file.clone());
        state.is_writable = true;
        Ok(file)
    }

    /// Makes what was written survive a power cut.
    pub fn sync(&self) {
        let file = self.state().file.clone();
        let Some(Err(error)) = file.map(|file| file.sync_data()) else {
            return;
        };
        self.state().fault = Some(format!("syncing {}: {error}", self.path.display()));
    }

    /// Deletes the file, whatever else stands beside it, and their directory. Nothing is written any more.
    pub fn remove(&self) -> io::Result<()> {
        let mut state = self.state();
        state.is_removed = true;
        state.waiting.clear();
        state.waiting_bytes = 0;
        drop(state);
        let dir = self.dir();
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            fs::remove_file(entry?.path())?;
        }
        fs::remove_dir(dir)
    }

    fn file(&self) -> Option<Arc<File>> {
        self.state().file.clone()
    }
}

fn open_for_blocks(path: &Path, end: u64) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        make_dir(dir)?;
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.len() > end {
        file.set_len(end)?;
    }
    Ok(file)
}

/// Makes `dir` and its parents for the user alone.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Fills `out` from `offset`; says how far that came.
pub fn read_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < out.len() {
        match file.read_at(&mut out[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// Reads blocks back; keeps the last two.
pub struct BlockReader {
    file: Arc<BlockFile>,
    unpacker: Option<Unpacker>,
    recent: [Option<(u64, Arc<Lines>)>; 2],
    block: Vec<u8>,
}

impl BlockReader {
    /// Reads from `file`.
    pub fn new(file: Arc<BlockFile>) -> Self {
        Self {
            file,
            unpacker: None,
            recent: [None, None],
            block: Vec::new(),
        }
    }

    /// Reads the same file on another thread.
    pub fn fork(&self) -> Self {
        Self::new(self.file.clone())
    }

    /// The lines of a block; `None` if it is damaged.
    pub fn load(&mut self, entry: Entry) -> Result<Option<Arc<Lines>>> {
        let held = self.recent.iter().flatten();
        if let Some((_, lines)) = held.into_iter().find(|(offset, _)| *offset == entry.offset) {
            return Ok(Some(lines.clone()));
        }
        let file = self.file.file().context("scrollback has no file")?;
        self.block.resize(entry.len as usize, 0);
        let got = read_at(&file, entry.offset, &mut self.block)
            .with_context(|| format!("reading {}", self.file.path.display()))?;
        let unpacker = match &mut self.unpacker {
            Some(unpacker) => unpacker,
            none => none.insert(Unpacker::new().context("unpacking scrollback")?),
        };
        let Ok(lines) = unpacker.unpack(&self.block[..got]) else {
            return Ok(None);
        };
        if lines.first() != entry.first_line || lines.count() != entry.lines {
            return Ok(None);
        }
        let lines = Arc::new(lines);
        self.recent.swap(0, 1);
        self.recent[0] = Some((entry.offset, lines.clone()));
        Ok(Some(lines))
    }
}
