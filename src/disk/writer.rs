//! The thread that packs and writes for all panes, so that neither zstd nor a slow disk ever holds up the server, and
//! the one that writes their journals. They start with the first job, sleep without a timer while there is nothing to
//! do, and end with the last [`Writer`].
//!
//! What may wait is bounded: per pane 8 MiB of lines (`scrollback::store` gives up the oldest beyond that) and, per
//! path, one replacement.

use super::blocks::Blocks;
use super::commands;
use super::journal::Journal;
use super::key::{Keys, Sealing};
use super::queue::{Job, Shared};
use super::replacements::Wanted;
use super::snapshot::Snapshot;
use super::worker::Worker;
use crate::scrollback::seal::Sealer;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Lines of commands that wait for one file are joined up to so many bytes.
const JOINED_BYTES: usize = 256 << 10;

/// A handle to the thread; clones share it.
#[derive(Clone, Default)]
pub struct Writer {
    handle: Arc<Handle>,
}

#[derive(Default)]
struct Handle {
    shared: Arc<Shared>,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    packs: Option<JoinHandle<()>>,
    journals: Option<JoinHandle<()>>,
}

impl Writer {
    /// One for the panes of a server with these keys.
    pub fn with_keys(keys: Keys) -> Self {
        let handle = Handle {
            shared: Arc::new(Shared::with_keys(keys)),
            threads: Mutex::default(),
        };
        Self {
            handle: Arc::new(handle),
        }
    }

    /// What opens what is sealed.
    pub fn keys(&self) -> &Keys {
        &self.handle.shared.keys
    }

    /// Lets everything be written so from now on.
    pub fn set_sealing(&self, sealing: Sealing) {
        *self.handle.shared.lock_sealing() = sealing;
    }

    /// How things are written now.
    pub fn sealing(&self) -> Sealing {
        self.handle.shared.lock_sealing().clone()
    }

    /// Writes the snapshot of the pane with that directory. Where nothing may be written its scrollback says why.
    pub fn snapshot(&self, pane_dir: &Path, bytes: Vec<u8>) {
        let store = |sealer: Option<&Sealer<'_>>| Snapshot::stored(bytes, sealer);
        if let Ok(bytes) = self.sealing().of_pane(pane_dir, store) {
            self.replace(Snapshot::file(pane_dir), bytes);
        }
    }

    /// Writes what waits in `file`.
    pub(super) fn append(&self, file: &Arc<Blocks>) {
        self.submit(|jobs| {
            let same = |job: &Job| matches!(job, Job::Append(other) if Arc::ptr_eq(other, file));
            if !jobs.iter().any(same) {
                jobs.push_back(Job::Append(file.clone()));
            }
        });
    }

    /// Writes what waits in `journal`.
    pub(super) fn journal(&self, journal: &Arc<Journal>) {
        self.handle.shared.journals.push(journal);
        self.start();
    }

    /// Deletes the blocks with their directory, after all that was asked for before, and whatever waits in the journal.
    pub(super) fn remove(&self, blocks: Arc<Blocks>, journal: Arc<Journal>) {
        self.submit(|jobs| jobs.push_back(Job::Remove(blocks, journal)));
    }

    /// Replaces the file at `path` as a whole: after a crash it holds either the old bytes or these. Of several
    /// replacements that wait for one path only the last is made. What the disk refuses is kept and tried again; until
    /// then it shows in [`Writer::warning`].
    pub fn replace(&self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        self.put(path.into(), Wanted::Bytes(bytes));
    }

    /// Deletes the file at `path`, in the same way.
    pub fn delete(&self, path: impl Into<PathBuf>) {
        self.put(path.into(), Wanted::Nothing);
    }

    fn put(&self, path: PathBuf, wanted: Wanted) {
        self.submit(|jobs| {
            let same =
                |job: &&mut Job| matches!(job, Job::Replace { path: other, .. } if *other == path);
            match jobs.iter_mut().find(same) {
                Some(job) => *job = Job::Replace { path, wanted },
                None => jobs.push_back(Job::Replace { path, wanted }),
            }
        });
    }

    /// Adds whole lines to the file of commands in a pane's directory. Where nothing may be written the pane's
    /// scrollback says why.
    pub fn extend(&self, pane_dir: &Path, lines: Vec<u8>) {
        let path = commands::file(pane_dir);
        let store = |sealer: Option<&Sealer<'_>>| commands::stored(lines, sealer);
        let Ok(lines) = self.sealing().of_pane(pane_dir, store) else {
            return;
        };
        self.submit(|jobs| match jobs.back_mut() {
            Some(Job::Extend {
                path: last,
                lines: before,
            }) if *last == path && before.len() < JOINED_BYTES => before.extend(lines),
            _ => jobs.push_back(Job::Extend { path, lines }),
        });
    }

    /// Lets every pane keep to so many bytes of blocks from now on; its oldest segments go.
    pub fn set_quota(&self, max_bytes: u64) {
        let quota = &self.handle.shared.quota;
        quota.store(max_bytes, Ordering::Relaxed);
    }

    /// How many bytes were written, of all panes.
    pub fn written(&self) -> u64 {
        self.handle.shared.written.load(Ordering::Relaxed)
    }

    /// Whether the thread waits for the disk.
    pub(super) fn is_at_disk(&self) -> bool {
        self.handle.shared.is_at_disk.load(Ordering::Relaxed)
    }

    /// Notes that `blocks` are written in this process.
    pub(super) fn know(&self, blocks: &Arc<Blocks>) {
        let dir = blocks.segments().pane_dir().to_owned();
        let mut panes = self.handle.shared.panes();
        panes.retain(|_, known| known.strong_count() > 0);
        panes.insert(dir, Arc::downgrade(blocks));
    }

    /// The blocks of the pane with that directory, if they are written in this process.
    pub(super) fn blocks_of(&self, pane_dir: &Path) -> Option<Arc<Blocks>> {
        self.handle.shared.panes().get(pane_dir)?.upgrade()
    }

    /// Waits until all that was asked for before has been tried and what was written is synced. `false` if that took
    /// longer than `patience`.
    pub fn flush(&self, patience: Duration) -> bool {
        let (done, is_done) = mpsc::sync_channel(1);
        self.submit(|jobs| jobs.push_back(Job::Flush(done)));
        is_done.recv_timeout(patience).is_ok()
    }

    /// What cannot be written, beside lines of scrollback; `None` if all can.
    pub fn warning(&self) -> Option<String> {
        self.handle.shared.queue().fault()
    }

    fn submit(&self, add: impl FnOnce(&mut VecDeque<Job>)) {
        add(&mut self.handle.shared.queue().jobs);
        self.start();
        self.handle.shared.wake.notify_one();
    }

    fn start(&self) {
        let fault = self.handle.start().err();
        let fault = fault.map(|error| format!("starting the writer: {error}"));
        self.handle.shared.queue().note(PathBuf::new(), fault);
    }
}

impl Handle {
    fn start(&self) -> std::io::Result<()> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.packs.is_none() {
            let shared = self.shared.clone();
            let builder = thread::Builder::new().name("writer".into());
            threads.packs = Some(builder.spawn(move || Worker::new(shared).run())?);
        }
        if threads.journals.is_none() {
            let shared = self.shared.clone();
            let builder = thread::Builder::new().name("journals".into());
            threads.journals = Some(builder.spawn(move || shared.write_journals())?);
        }
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let threads = self
            .threads
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // A panic there has been reported already, and there is nobody left to tell.
        self.shared.journals.close();
        let _ = threads.journals.take().map(JoinHandle::join);
        self.shared.queue().is_closed = true;
        self.shared.wake.notify_one();
        let _ = threads.packs.take().map(JoinHandle::join);
    }
}
