//! The writer's thread at work: what it writes, what it has yet to sync, and what a disk refused and is tried again.

use super::blocks::{Blocks, Progress};
use super::commands::CommandFiles;
use super::journal::Journal;
use super::queue::{Job, Next, Shared};
use super::replacements::Replacements;
use crate::scrollback::block::Packer;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long what was written may stand without being synced: with the time that syncing takes, a power cut costs five
/// seconds at most.
const SYNC_EVERY: Duration = Duration::from_secs(4);

/// How long after a failure the next attempt is made.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A workspace larger than this is given back: it held one huge line.
const KEPT_BYTES: usize = 256 << 10;

/// How much the thread yields to others (setpriority(2)): under full load it gets a tenth of what they get.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// What the thread holds.
pub(super) struct Worker {
    shared: Arc<Shared>,
    packer: Option<Packer>,
    block: Vec<u8>,
    unsynced: Vec<Arc<Blocks>>,
    unsynced_journals: Vec<Arc<Journal>>,
    sync_at: Option<Instant>,
    failed: Vec<Arc<Blocks>>,
    failed_journals: Vec<Arc<Journal>>,
    retry_at: Option<Instant>,
    commands: CommandFiles,
    replacements: Replacements,
}

impl Worker {
    /// One that takes its work from there.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            packer: None,
            block: Vec::new(),
            unsynced: Vec::new(),
            unsynced_journals: Vec::new(),
            sync_at: None,
            failed: Vec::new(),
            failed_journals: Vec::new(),
            retry_at: None,
            commands: CommandFiles::default(),
            replacements: Replacements::default(),
        }
    }

    /// Works until nothing more comes.
    pub fn run(mut self) {
        yield_to_others();
        loop {
            let deadline = self.sync_at.into_iter().chain(self.retry_at).min();
            match self.shared.next(deadline) {
                Next::Job(job @ Job::Append(_)) => self.perform(job),
                Next::Job(job) => self.at_disk(|worker| worker.perform(job)),
                Next::Due => self.at_disk(|worker| worker.tend(Instant::now())),
                Next::Closed => break,
            }
        }
        self.retry();
        self.sync();
    }

    /// Does what may wait for the disk.
    fn at_disk(&mut self, work: impl FnOnce(&mut Self)) {
        self.shared.is_at_disk.store(true, Ordering::Relaxed);
        work(self);
        self.shared.is_at_disk.store(false, Ordering::Relaxed);
    }

    fn perform(&mut self, job: Job) {
        match job {
            // It is tried again with the others, not with every block that joins the queue.
            Job::Append(file) if holds(&self.failed, &file) => {}
            Job::Append(file) => self.append(file),
            Job::Journal { journal, written } => self.note_journal(journal, written),
            Job::Replace { path, wanted } => {
                let outcome = self.replacements.make(path.clone(), wanted);
                self.note(path, outcome);
            }
            Job::Extend { path, lines } => {
                let outcome = self.commands.extend(path.clone(), &lines);
                let bytes = lines.len() as u64;
                self.note_extended(path, outcome.map(|()| bytes));
            }
            Job::Remove(file, journal) => {
                journal.remove();
                self.remove(&file);
            }
            Job::Flush(done) => {
                self.flush();
                // Whoever asked may have given up waiting.
                let _ = done.send(());
            }
        }
    }

    fn remove(&mut self, file: &Arc<Blocks>) {
        let dir = file.segments().pane_dir();
        let is_other = |journal: &Arc<Journal>| journal.pane_dir() != dir;
        for files in [&mut self.unsynced, &mut self.failed] {
            files.retain(|other| !Arc::ptr_eq(other, file));
        }
        self.unsynced_journals.retain(is_other);
        self.failed_journals.retain(is_other);
        self.commands.forget(dir);
        self.replacements.forget(dir);
        let removed = file.remove();
        let mut queue = self.shared.queue();
        queue.forget(dir);
        let fault = removed.err();
        let fault = fault.map(|error| format!("deleting {}: {error}", dir.display()));
        queue.note(dir.to_owned(), fault);
    }

    fn flush(&mut self) {
        for journal in self.shared.journals.take() {
            self.journal(journal);
        }
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
        let written = journal.write();
        self.note_journal(journal, written);
    }

    fn note_journal(&mut self, journal: Arc<Journal>, written: Option<u64>) {
        match written {
            Some(bytes) => self.count(bytes),
            None if holds(&self.failed_journals, &journal) => self.retry_soon(),
            None => {
                self.failed_journals.push(journal.clone());
                self.retry_soon();
            }
        }
        if !holds(&self.unsynced_journals, &journal) {
            self.unsynced_journals.push(journal);
        }
        self.sync_soon();
    }

    fn count(&self, bytes: u64) {
        self.shared.written.fetch_add(bytes, Ordering::Relaxed);
    }

    fn note_extended(&mut self, path: PathBuf, outcome: std::io::Result<u64>) {
        let outcome = outcome.map_err(|error| {
            anyhow::Error::from(error).context(format!("writing {}", path.display()))
        });
        self.note(path, outcome);
    }

    /// Sees to it that what was written to a file is synced and counted, or tried again.
    fn note(&mut self, path: PathBuf, outcome: Result<u64>) {
        match outcome {
            Ok(grown) => {
                self.count(grown);
                self.sync_soon();
            }
            Err(_) => self.retry_soon(),
        }
        let fault = outcome.err().map(|error| format!("{error:#}"));
        self.shared.queue().note(path, fault);
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
        self.retry_soon();
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
        let is_at_disk = &self.shared.is_at_disk;
        let progress = file.write_next(packer, &mut self.block, quota, &sealing, is_at_disk);
        if self.block.capacity() > KEPT_BYTES {
            self.block = Vec::new();
        }
        if let Progress::Wrote(bytes) = progress {
            self.count(bytes);
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

    fn retry_soon(&mut self) {
        self.retry_at
            .get_or_insert_with(|| Instant::now() + RETRY_AFTER);
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
        for journal in std::mem::take(&mut self.failed_journals) {
            self.journal(journal);
        }
        for (path, outcome) in self.commands.retry() {
            self.note_extended(path, outcome.map(|()| 0));
        }
        for (path, outcome) in self.replacements.retry() {
            self.note(path, outcome);
        }
    }

    /// Makes what was written survive a power cut. What the disk refuses is tried again.
    fn sync(&mut self) {
        self.sync_at = None;
        for journal in &self.unsynced_journals {
            journal.prepare_sync();
        }
        // Blocks before journals: one that began anew relies on those of its pane.
        self.unsynced.retain(|file| !file.sync());
        let unsynced = &self.unsynced;
        self.unsynced_journals.retain(|journal| {
            let dir = journal.pane_dir();
            let mut refused = unsynced.iter().map(|file| file.segments().pane_dir());
            refused.any(|other| other == dir) || !journal.sync()
        });
        for (path, outcome) in self.replacements.sync() {
            let fault = outcome.err().map(|error| format!("{error:#}"));
            self.shared.queue().note(path, fault);
        }
        self.commands.sync();
        let is_behind = !self.unsynced.is_empty() || !self.unsynced_journals.is_empty();
        if is_behind || self.replacements.is_unsynced() {
            self.sync_soon();
        }
    }
}

/// Lets all other threads go first. Packing can wait, up to a bound, and they often cannot: where a program, the server
/// and the viewer's terminal are busy in turns it fits in between, and on an equal footing it would come in between.
fn yield_to_others() {
    // Linux alone takes this for the thread; elsewhere it would be the server.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

fn holds<T>(files: &[Arc<T>], file: &Arc<T>) -> bool {
    files.iter().any(|other| Arc::ptr_eq(other, file))
}
