//! One pane's blocks on disk, and lines on their way there. The waiting lines are written by `disk::writer`'s thread;
//! everything here may be called from any thread.

use super::damage::Damage;
use super::key::{Keys, Sealing, pane_of};
use super::segments::{Contents, Held, Segments, read_at};
use crate::scrollback::block::Packer;
use crate::scrollback::index::{Entry, Segment};
use crate::scrollback::lines::Lines;
use crate::scrollback::seal::{Opener, Sealer};
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From here on a producer should pause.
const CROWDED_BYTES: usize = 1 << 20;

/// From here on whoever appends waits, so that nothing is given up while the disk works at all.
const FULL_BYTES: usize = 4 << 20;

/// How long one write may take before nobody waits for it any more.
const HANGING: Duration = Duration::from_millis(50);

/// How often a machine that has no time to pack is waited for as long: one that is busy packs a block sooner.
const PATIENCE: u32 = 40;

/// How much is written again at a time.
const COPIED_BYTES: usize = 64 << 10;

/// A segment is sealed before it grows beyond this.
const SEGMENT_BYTES: u64 = 16 << 20;

/// A quota is spread over so many segments at least, so that dropping the oldest takes little at a time.
const SEGMENTS_OF_QUOTA: u64 = 16;

/// No segment is smaller because of a quota.
const SMALL_SEGMENT_BYTES: u64 = 256 << 10;

/// Blocks on disk and lines on their way there.
#[derive(Debug)]
pub struct Blocks {
    segments: Segments,
    keys: Keys,
    state: Mutex<State>,
    progress: Condvar,
    /// What was found damaged by those who read.
    pub(super) damage: Damage,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<Lines>>,
    waiting_bytes: usize,
    news: Vec<News>,
    sealed: VecDeque<Held>,
    last: Last,
    unsynced: Vec<Unsynced>,
    /// Whether the last attempt to sync failed: then the system takes for written what is not.
    is_refused: bool,
    fault: Option<String>,
    is_locked: bool,
    is_removed: bool,
}

/// The segment that is being written.
#[derive(Debug, Default)]
struct Last {
    segment: Segment,
    /// Where the next block goes.
    end: u64,
    file: Option<Arc<File>>,
    /// Whether `file` is open for writing and its last write went well.
    is_writable: bool,
}

/// A segment's file with what a power cut may still cost.
#[derive(Debug)]
struct Unsynced {
    file: Arc<File>,
    /// Where that begins.
    from: u64,
}

/// What has happened on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A block was written.
    Written(Entry),
    /// A segment was deleted.
    Dropped(u32),
}

/// How an attempt to write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// One block was written, of so many bytes; there may be more.
    Wrote(u64),
    /// Nothing waits.
    Nothing,
    /// It failed: see [`Blocks::fault`]. The lines wait on.
    Failed,
}

impl Blocks {
    /// Those in `segments`, of which none exists; they are made when the first block is written.
    pub fn new(segments: Segments, keys: Keys) -> Self {
        Self::of(segments, Contents::default(), keys)
    }

    /// Those in `segments`, as they were found; new blocks are written behind the last of them, and what stands there now
    /// is cut. The keys open what is sealed.
    pub fn of(segments: Segments, mut contents: Contents, keys: Keys) -> Self {
        let last = contents.held.pop().unwrap_or_default();
        Self {
            damage: Damage::default(),
            segments,
            keys,
            state: Mutex::new(State {
                sealed: contents.held.into(),
                last: Last {
                    segment: Segment {
                        number: last.number,
                        ..contents.last
                    },
                    end: last.bytes,
                    ..Last::default()
                },
                ..State::default()
            }),
            progress: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where they stand.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// What opens those that are sealed.
    pub fn opener(&self) -> Opener<'_> {
        Opener {
            keys: &self.keys,
            pane: pane_of(self.segments.pane_dir()),
        }
    }

    /// Sees to it that nothing is added any more, and says why.
    pub fn lock(&self, why: String) {
        let mut state = self.state();
        state.is_locked = true;
        state.fault = Some(why);
    }

    /// Whether nothing may be added.
    pub fn is_locked(&self) -> bool {
        self.state().is_locked
    }

    /// What is being done when a segment is read, for whoever is told that it failed.
    pub fn describe(&self, segment: u32) -> String {
        format!("reading {}", self.segments.path(segment).display())
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

    /// Whether so much waits that the producer should pause.
    pub fn is_crowded(&self) -> bool {
        self.state().waiting_bytes > CROWDED_BYTES
    }

    /// Waits while lines would soon be given up and are being written: on a disk that hangs no longer than 50 ms, and 2
    /// seconds for a turn to pack, which the machine is slow to give. Before that it is for the producer to pause: see
    /// `is_crowded`.
    pub fn wait_for_room(&self, is_at_disk: impl Fn() -> bool) {
        let mut state = self.state();
        let mut waits = 0;
        while state.waiting_bytes >= FULL_BYTES && state.fault.is_none() {
            let before = state.waiting_bytes;
            let stuck = |state: &mut State| state.fault.is_none() && state.waiting_bytes >= before;
            let waited = self
                .progress
                .wait_timeout_while(state, HANGING, stuck)
                .unwrap_or_else(PoisonError::into_inner);
            waits = if waited.1.timed_out() { waits + 1 } else { 0 };
            if waits > PATIENCE || waits > 0 && is_at_disk() {
                return;
            }
            state = waited.0;
        }
    }

    /// What has happened since the last call, in order.
    pub fn take_news(&self) -> Vec<News> {
        std::mem::take(&mut self.state().news)
    }

    /// Why the last attempt to write failed; `None` once one succeeds.
    pub fn fault(&self) -> Option<String> {
        self.state().fault.clone()
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        let state = self.state();
        let sealed: u64 = state.sealed.iter().map(|held| held.bytes).sum();
        sealed + state.last.end
    }

    /// Writes the oldest waiting lines as a block, and notes when that waits for the disk; with its blocks a pane keeps to
    /// `quota` bytes.
    pub fn write_next(
        &self,
        packer: &mut Packer,
        block: &mut Vec<u8>,
        quota: u64,
        sealing: &Sealing,
        is_at_disk: &AtomicBool,
    ) -> Progress {
        let state = self.state();
        let may_write = !state.is_removed && !state.is_locked;
        let Some(lines) = state.waiting.front().filter(|_| may_write).cloned() else {
            return Progress::Nothing;
        };
        drop(state);
        let pack = |sealer: Option<&Sealer<'_>>| packer.pack(&lines, sealer, block);
        let packed = sealing.of_pane(self.segments.pane_dir(), pack);
        is_at_disk.store(true, Ordering::Relaxed);
        let outcome = match packed {
            Ok(packed) => packed
                .context("packing scrollback")
                .and_then(|()| self.append(&lines, block, quota)),
            Err(error) => Err(error),
        };
        is_at_disk.store(false, Ordering::Relaxed);
        let mut state = self.state();
        let progress = match outcome {
            Ok(entry) => {
                state.wrote(entry);
                let front = state.waiting.front();
                if front.is_some_and(|front| Arc::ptr_eq(front, &lines)) {
                    state.waiting.pop_front();
                    state.waiting_bytes -= lines.bytes().len();
                }
                Progress::Wrote(u64::from(entry.len))
            }
            Err(error) => {
                state.last.is_writable = false;
                // The reason first: a status line is short, and the file matters less.
                state.fault = Some(format!("{} ({error})", error.root_cause()));
                Progress::Failed
            }
        };
        drop(state);
        self.progress.notify_all();
        progress
    }

    fn append(&self, lines: &Lines, block: &[u8], quota: u64) -> Result<Entry> {
        self.make_room(block.len() as u64, quota);
        let (file, number, end) = self.writable()?;
        file.write_all_at(block, end)
            .with_context(|| format!("writing {}", self.segments.path(number).display()))?;
        Ok(Entry {
            first_line: lines.first(),
            segment: number,
            offset: end,
            lines: lines.count(),
            len: block.len() as u32,
            latest: lines.times().latest(),
        })
    }

    /// Begins another segment if `len` more bytes would be too many for this one or it has been deleted, and drops the
    /// oldest while there are more bytes than `quota`.
    fn make_room(&self, len: u64, quota: u64) {
        let limit = (quota / SEGMENTS_OF_QUOTA).clamp(SMALL_SEGMENT_BYTES, SEGMENT_BYTES);
        let mut state = self.state();
        let is_full = state.last.end > 0 && state.last.end + len > limit;
        if is_full || state.last.is_deleted() {
            let sealed = state.seal();
            drop(state);
            if let Some((segment, bytes)) = sealed {
                // Without it the segment's heads are read at the next start.
                let _ = self.segments.write_index(&segment, bytes);
            }
            while self.bytes() > quota && self.drop_oldest() {}
        }
    }

    /// Deletes the oldest segment; `false` if that is the one that is being written.
    pub fn drop_oldest(&self) -> bool {
        let Some(oldest) = self.state().sealed.front().copied() else {
            return false;
        };
        self.drop_segment(oldest.number).is_ok()
    }

    /// Deletes a sealed segment; says how many bytes it had.
    pub fn drop_segment(&self, number: u32) -> io::Result<u64> {
        let mut state = self.state();
        let at = state.sealed.iter().position(|held| held.number == number);
        let Some(held) = at.and_then(|at| state.sealed.remove(at)) else {
            return Ok(0);
        };
        state.news.push(News::Dropped(number));
        drop(state);
        self.segments.remove(number)?;
        Ok(held.bytes)
    }

    /// The file to write to, with its segment's number and where to write. It is opened anew after a failure: what refused
    /// may have been replaced.
    fn writable(&self) -> Result<(Arc<File>, u32, u64)> {
        let state = self.state();
        let (number, end) = (state.last.segment.number, state.last.end);
        if let (Some(file), true) = (&state.last.file, state.last.is_writable) {
            return Ok((file.clone(), number, end));
        }
        drop(state);
        let file = self
            .segments
            .open_at(number, end)
            .with_context(|| format!("opening {}", self.segments.path(number).display()))?;
        let file = Arc::new(file);
        let mut state = self.state();
        state.last.file = Some(file.clone());
        state.last.is_writable = true;
        Ok((file, number, end))
    }

    /// Makes what was written survive a power cut; says whether that went well. If not, it is still to be done.
    pub fn sync(&self) -> bool {
        let mut state = self.state();
        let unsynced = std::mem::take(&mut state.unsynced);
        let was_refused = std::mem::take(&mut state.is_refused);
        drop(state);
        let mut files = unsynced.iter();
        let synced = files.try_for_each(|unsynced| {
            if was_refused {
                write_again(&unsynced.file, unsynced.from)?;
            }
            unsynced.file.sync_data()
        });
        let synced = synced.and_then(|()| match unsynced.is_empty() {
            true => Ok(()),
            // A new segment's name has to survive as well.
            false => sync_path(self.segments.dir()),
        });
        let mut state = self.state();
        match &synced {
            Ok(()) if was_refused => state.fault = None,
            Ok(()) => {}
            Err(error) => {
                let shown = self.segments.dir().display();
                state.fault = Some(format!("{error} (syncing {shown})"));
                state.unsynced = unsynced;
                state.is_refused = true;
            }
        }
        synced.is_ok()
    }

    /// Deletes the pane's directory with all that stands in it. Nothing is written any more.
    pub fn remove(&self) -> io::Result<()> {
        let mut state = self.state();
        state.is_removed = true;
        state.waiting.clear();
        state.waiting_bytes = 0;
        drop(state);
        match fs::remove_dir_all(self.segments.pane_dir()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// The file of a segment if it is the one that is being written.
    pub fn file_being_written(&self, segment: u32) -> Option<Arc<File>> {
        let state = self.state();
        let file = state.last.file.clone();
        file.filter(|_| state.last.segment.number == segment)
    }
}

impl State {
    fn wrote(&mut self, entry: Entry) {
        self.last.end = entry.end_offset();
        self.last.segment.entries.push(entry);
        self.news.push(News::Written(entry));
        self.fault = None;
        if let Some(file) = &self.last.file
            && !self
                .unsynced
                .iter()
                .any(|other| Arc::ptr_eq(&other.file, file))
        {
            let (file, from) = (file.clone(), entry.offset);
            self.unsynced.push(Unsynced { file, from });
        }
    }

    /// Begins another segment; returns the one before with its length, unless it has been deleted.
    fn seal(&mut self) -> Option<(Segment, u64)> {
        let number = self.last.segment.number;
        let next = Last {
            segment: Segment {
                number: number + 1,
                ..Segment::default()
            },
            ..Last::default()
        };
        let last = std::mem::replace(&mut self.last, next);
        if last.is_deleted() {
            self.news.push(News::Dropped(number));
            return None;
        }
        self.sealed.push_back(Held {
            number,
            bytes: last.end,
        });
        Some((last.segment, last.end))
    }
}

impl Last {
    /// Whether somebody has deleted the file while it was being written.
    fn is_deleted(&self) -> bool {
        let found = self.file.as_ref().map(|file| file.metadata());
        found.is_some_and(|found| found.is_ok_and(|found| found.nlink() == 0))
    }
}

/// Makes `dir` and its parents for the user alone.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Syncs a file, or the names in a directory. It may have gone with its pane.
pub fn sync_path(path: &Path) -> io::Result<()> {
    match File::open(path).and_then(|file| file.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        synced => synced,
    }
}

/// Writes what stands behind `from` once more in its place: after a failed fsync Linux keeps the bytes in memory but
/// takes them for written (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020).
pub fn write_again(file: &File, from: u64) -> io::Result<()> {
    let (mut at, mut bytes) = (from, vec![0; COPIED_BYTES]);
    loop {
        match read_at(file, at, &mut bytes)? {
            0 => return Ok(()),
            len => {
                file.write_all_at(&bytes[..len], at)?;
                at += len as u64;
            }
        }
    }
}
