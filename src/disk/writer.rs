//! The thread that packs and writes for all panes, so that neither zstd nor a slow disk ever holds up the server. It
//! starts with the first job, sleeps without a timer while there is nothing to do, and ends with the last [`Writer`].
//!
//! What may wait is bounded: per pane 8 MiB of lines (`scrollback::store` gives up the oldest beyond that) and, per
//! path, one replacement.

use super::atomic::{self, Survives};
use super::blocks::{Blocks, Progress, make_dir};
use super::commands::{self, CommandFiles};
use super::journal::Journal;
use super::key::{Keys, Sealing};
use super::snapshot::Snapshot;
use crate::scrollback::block::Packer;
use crate::scrollback::seal::Sealer;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long what was written may stand without being synced: what a power cut can cost.
const SYNC_EVERY: Duration = Duration::from_secs(5);

/// How long after a failure the next attempt is made.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A workspace larger than this is given back: it held one huge line.
const KEPT_BYTES: usize = 256 << 10;

/// A handle to the thread; clones share it.
#[derive(Clone, Default)]
pub struct Writer {
    handle: Arc<Handle>,
}

#[derive(Default)]
struct Handle {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    /// The most bytes of blocks that a pane keeps; 0 for as many as there are.
    quota: AtomicU64,
    /// How many bytes of blocks were written.
    written: AtomicU64,
    /// The panes of this process, by their directories.
    panes: Mutex<BTreeMap<PathBuf, Weak<Blocks>>>,
    sealing: Mutex<Sealing>,
    keys: Keys,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_closed: bool,
    fault: Option<String>,
}

enum Job {
    Append(Arc<Blocks>),
    Journal(Arc<Journal>),
    Replace { path: PathBuf, bytes: Vec<u8> },
    Extend { path: PathBuf, lines: Vec<u8> },
    Remove(Arc<Blocks>),
    Flush(SyncSender<()>),
}

impl Writer {
    /// One for the panes of a server with these keys.
    pub fn with_keys(keys: Keys) -> Self {
        let shared = Shared {
            keys,
            ..Shared::default()
        };
        let handle = Handle {
            shared: Arc::new(shared),
            thread: Mutex::default(),
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
        self.submit(|jobs| {
            let same =
                |job: &Job| matches!(job, Job::Journal(other) if Arc::ptr_eq(other, journal));
            if !jobs.iter().any(same) {
                jobs.push_back(Job::Journal(journal.clone()));
            }
        });
    }

    /// Deletes `file` with its directory, after all that was asked for before.
    pub(super) fn remove(&self, file: Arc<Blocks>) {
        self.submit(|jobs| jobs.push_back(Job::Remove(file)));
    }

    /// Replaces the file at `path` as a whole: after a crash it holds either the old bytes or these. Of several
    /// replacements that wait for one path only the last is made. Failures show in [`Writer::warning`].
    pub fn replace(&self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        let path = path.into();
        self.submit(|jobs| {
            let same =
                |job: &&mut Job| matches!(job, Job::Replace { path: other, .. } if *other == path);
            match jobs.iter_mut().find(same) {
                Some(job) => *job = Job::Replace { path, bytes },
                None => jobs.push_back(Job::Replace { path, bytes }),
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
            }) if *last == path && before.len() < KEPT_BYTES => before.extend(lines),
            _ => jobs.push_back(Job::Extend { path, lines }),
        });
    }

    /// Lets every pane keep to so many bytes of blocks from now on; its oldest segments go.
    pub fn set_quota(&self, max_bytes: u64) {
        let quota = &self.handle.shared.quota;
        quota.store(max_bytes, Ordering::Relaxed);
    }

    /// How many bytes of blocks were written, of all panes.
    pub fn written(&self) -> u64 {
        self.handle.shared.written.load(Ordering::Relaxed)
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

    /// Why the last replacement failed; `None` once one succeeds.
    pub fn warning(&self) -> Option<String> {
        self.handle.shared.queue().fault.clone()
    }

    fn submit(&self, add: impl FnOnce(&mut VecDeque<Job>)) {
        let shared = &self.handle.shared;
        let mut queue = shared.queue();
        add(&mut queue.jobs);
        if let Err(error) = self.handle.start() {
            queue.fault = Some(format!("starting the writer: {error}"));
        }
        drop(queue);
        shared.wake.notify_one();
    }
}

impl Handle {
    fn start(&self) -> std::io::Result<()> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let shared = self.shared.clone();
            let builder = thread::Builder::new().name("writer".into());
            *thread = Some(builder.spawn(move || Worker::new(shared).run())?);
        }
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue().is_closed = true;
        self.shared.wake.notify_one();
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic there has been reported already, and there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

enum Next {
    Job(Job),
    Due,
    Closed,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_sealing(&self) -> MutexGuard<'_, Sealing> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn panes(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Weak<Blocks>>> {
        self.panes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps until there is a job or `deadline` passes; without either it sleeps on.
    fn next(&self, deadline: Option<Instant>) -> Next {
        let mut queue = self.queue();
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Next::Due;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Next::Job(job);
            }
            if queue.is_closed {
                return Next::Closed;
            }
            queue = match left {
                None => self
                    .wake
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let woken = self.wake.wait_timeout(queue, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

/// What the thread holds.
struct Worker {
    shared: Arc<Shared>,
    packer: Option<Packer>,
    block: Vec<u8>,
    unsynced: Vec<Arc<Blocks>>,
    unsynced_journals: Vec<Arc<Journal>>,
    unsynced_paths: Vec<PathBuf>,
    sync_at: Option<Instant>,
    failed: Vec<Arc<Blocks>>,
    retry_at: Option<Instant>,
    commands: CommandFiles,
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            packer: None,
            block: Vec::new(),
            unsynced: Vec::new(),
            unsynced_journals: Vec::new(),
            unsynced_paths: Vec::new(),
            sync_at: None,
            failed: Vec::new(),
            retry_at: None,
            commands: CommandFiles::default(),
        }
    }

    fn run(mut self) {
        loop {
            let deadline = self.sync_at.into_iter().chain(self.retry_at).min();
            match self.shared.next(deadline) {
                Next::Job(job) => self.perform(job),
                Next::Due => self.tend(Instant::now()),
                Next::Closed => break,
            }
        }
        self.retry();
        self.sync();
    }

    fn perform(&mut self, job: Job) {
        match job {
            // It is tried again with the others, not with every block that joins the queue.
            Job::Append(file) if holds(&self.failed, &file) => {}
            Job::Append(file) => self.append(file),
            Job::Journal(journal) => self.journal(journal),
            Job::Replace { path, bytes } => self.replace(path, &bytes),
            Job::Extend { path, lines } => {
                let outcome = self.commands.extend(path, &lines);
                self.note_extended(outcome);
            }
            Job::Remove(file) => {
                self.unsynced.retain(|other| !Arc::ptr_eq(other, &file));
                self.commands.forget(file.segments().pane_dir());
                if let Err(error) = file.remove() {
                    self.shared.queue().fault = Some(format!("deleting scrollback: {error}"));
                }
            }
            Job::Flush(done) => {
                self.flush();
                // Whoever asked may have given up waiting.
                let _ = done.send(());
            }
        }
    }

    fn flush(&mut self) {
        let behind = std::mem::take(&mut self.shared.queue().jobs);
        for job in behind {
            match job {
                Job::Append(file) => self.drain(file),
                job => self.perform(job),
            }
        }
        self.retry();
        self.sync();
    }

    fn journal(&mut self, journal: Arc<Journal>) {
        journal.write();
        if !holds(&self.unsynced_journals, &journal) {
            self.unsynced_journals.push(journal);
        }
        self.sync_soon();
    }

    fn replace(&mut self, path: PathBuf, bytes: &[u8]) {
        let outcome =
            replace(&path, bytes).with_context(|| format!("replacing {}", path.display()));
        self.shared.queue().fault = outcome.err().map(|error| format!("{error:#}"));
        if !self.unsynced_paths.contains(&path) {
            self.unsynced_paths.push(path);
        }
        self.sync_soon();
    }

    /// Sees to it that what was added to a file of commands is synced, or tried again.
    fn note_extended(&mut self, outcome: std::io::Result<()>) {
        let now = Instant::now();
        match outcome {
            Ok(()) => self.sync_at.get_or_insert(now + SYNC_EVERY),
            Err(error) => {
                self.shared.queue().fault = Some(format!("writing down commands: {error}"));
                self.retry_at.get_or_insert(now + RETRY_AFTER)
            }
        };
    }

    /// Writes one block, and comes back for the others after what else waits.
    fn append(&mut self, file: Arc<Blocks>) {
        match self.write_next(&file) {
            Progress::Wrote(_) => self.shared.queue().jobs.push_back(Job::Append(file)),
            Progress::Nothing => {}
            Progress::Failed => self.note_failed(file),
        }
    }

    /// Writes all that waits in `file` now.
    fn drain(&mut self, file: Arc<Blocks>) {
        for _ in 0..file.waiting() {
            match self.write_next(&file) {
                Progress::Wrote(_) => {}
                Progress::Nothing => break,
                Progress::Failed => return self.note_failed(file),
            }
        }
    }

    fn note_failed(&mut self, file: Arc<Blocks>) {
        self.retry_at
            .get_or_insert_with(|| Instant::now() + RETRY_AFTER);
        if !holds(&self.failed, &file) {
            self.failed.push(file);
        }
    }

    fn write_next(&mut self, file: &Arc<Blocks>) -> Progress {
        let packer = match &mut self.packer {
            Some(packer) => packer,
            none => match Packer::new() {
                Ok(packer) => none.insert(packer),
                Err(_) => return Progress::Failed,
            },
        };
        let quota = match self.shared.quota.load(Ordering::Relaxed) {
            0 => u64::MAX,
            quota => quota,
        };
        let sealing = self.shared.lock_sealing().clone();
        let progress = file.write_next(packer, &mut self.block, quota, &sealing);
        if self.block.capacity() > KEPT_BYTES {
            self.block = Vec::new();
        }
        if let Progress::Wrote(bytes) = progress {
            self.shared.written.fetch_add(bytes, Ordering::Relaxed);
            if !holds(&self.unsynced, file) {
                self.unsynced.push(file.clone());
            }
            self.sync_soon();
        }
        progress
    }

    fn sync_soon(&mut self) {
        self.sync_at
            .get_or_insert_with(|| Instant::now() + SYNC_EVERY);
    }

    fn tend(&mut self, now: Instant) {
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry();
        }
        if self.sync_at.is_some_and(|at| at <= now) {
            self.sync();
        }
    }

    fn retry(&mut self) {
        self.retry_at = None;
        for file in std::mem::take(&mut self.failed) {
            self.drain(file);
        }
        if self.commands.is_behind() {
            let outcome = self.commands.retry();
            self.note_extended(outcome);
        }
    }

    fn sync(&mut self) {
        self.sync_at = None;
        // Blocks before journals: one that began anew relies on them.
        let unsynced = std::mem::take(&mut self.unsynced);
        let refused = unsynced.iter().filter(|file| !file.sync()).count();
        for journal in std::mem::take(&mut self.unsynced_journals) {
            match refused {
                0 => journal.sync(),
                _ => self.unsynced_journals.push(journal),
            }
        }
        for path in std::mem::take(&mut self.unsynced_paths) {
            // It may have gone with its pane; what is wrong with the disk shows when it is written.
            let _ = File::open(path).and_then(|file| file.sync_data());
        }
        self.commands.sync();
    }
}

fn holds<T>(files: &[Arc<T>], file: &Arc<T>) -> bool {
    files.iter().any(|other| Arc::ptr_eq(other, file))
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    make_dir(path.parent().context("it has no directory")?)?;
    Ok(atomic::write(path, bytes, Survives::Kill)?)
}
