//! What waits for the writer's thread, and what it tells of its faults: shared by the thread and all who hand it work.

use super::blocks::Blocks;
use super::journal::Journal;
use super::journals::Journals;
use super::key::{Keys, Sealing};
use super::replacements::Wanted;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The queue, with what both sides know.
#[derive(Default)]
pub struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the thread.
    pub wake: Condvar,
    /// The most bytes of blocks that a pane keeps; 0 for as many as there are.
    pub quota: AtomicU64,
    /// How many bytes were written.
    pub written: AtomicU64,
    /// The panes of this process, by their directories.
    panes: Mutex<BTreeMap<PathBuf, Weak<Blocks>>>,
    sealing: Mutex<Sealing>,
    /// What opens what is sealed.
    pub keys: Keys,
    /// What another thread writes.
    pub journals: Journals,
    /// Whether the thread waits for the disk, and does not pack.
    pub is_at_disk: AtomicBool,
}

/// What waits.
#[derive(Default)]
pub struct Queue {
    /// What is to be done, in this order.
    pub jobs: VecDeque<Job>,
    /// Whether nothing more comes.
    pub is_closed: bool,
    /// Why the last attempt failed to write a file, by its path.
    faults: BTreeMap<PathBuf, String>,
}

/// Something to be done.
pub enum Job {
    /// Write what waits in these blocks.
    Append(Arc<Blocks>),
    /// See to it that this journal is synced, or written again.
    Journal {
        /// Which.
        journal: Arc<Journal>,
        /// How many bytes were written; `None` if that failed.
        written: Option<u64>,
    },
    /// Put something in a file's place.
    Replace {
        /// Which file.
        path: PathBuf,
        /// What.
        wanted: Wanted,
    },
    /// Add lines to a file of commands.
    Extend {
        /// Which file.
        path: PathBuf,
        /// Whole lines.
        lines: Vec<u8>,
    },
    /// Delete these blocks with their pane's directory.
    Remove(Arc<Blocks>, Arc<Journal>),
    /// Do all that waits, sync, and say so.
    Flush(SyncSender<()>),
}

/// Why the thread woke up.
pub enum Next {
    /// There is something to be done.
    Job(Job),
    /// The deadline has passed.
    Due,
    /// Nothing waits, and nothing more comes.
    Closed,
}

impl Shared {
    /// For the panes of a server with these keys.
    pub fn with_keys(keys: Keys) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }

    /// The queue, for a moment.
    pub fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The panes, for a moment.
    pub fn panes(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Weak<Blocks>>> {
        self.panes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How things are written, for a moment.
    pub fn lock_sealing(&self) -> MutexGuard<'_, Sealing> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes journals until nothing more comes.
    pub fn write_journals(&self) {
        self.journals.run(|journal, written| {
            let job = Job::Journal { journal, written };
            self.queue().jobs.push_back(job);
            self.wake.notify_one();
        });
    }

    /// Sleeps until there is a job or `deadline` passes; without either it sleeps on.
    pub fn next(&self, deadline: Option<Instant>) -> Next {
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

impl Queue {
    /// Notes how the last attempt to write the file at `path` went.
    pub fn note(&mut self, path: PathBuf, fault: Option<String>) {
        match fault {
            Some(fault) => self.faults.insert(path, fault),
            None => self.faults.remove(&path),
        };
    }

    /// Forgets what was wrong with the files in `dir`, which is being deleted.
    pub fn forget(&mut self, dir: &Path) {
        self.faults.retain(|path, _| !path.starts_with(dir));
    }

    /// What is wrong, in one line; `None` if nothing is.
    pub fn fault(&self) -> Option<String> {
        let first = self.faults.values().next()?;
        Some(match self.faults.len() - 1 {
            0 => first.clone(),
            1 => format!("{first}, and one more file cannot be written"),
            others => format!("{first}, and {others} more files cannot be written"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_well_hides_no_other_file_s_fault() {
        let mut queue = Queue::default();
        queue.note("/1/meta.json".into(), Some("it is full".into()));
        queue.note("/2/meta.json".into(), None);
        assert_eq!(queue.fault().as_deref(), Some("it is full"));
        queue.note("/2/snapshot".into(), Some("that too".into()));
        let said = queue.fault().unwrap();
        assert_eq!(said, "it is full, and one more file cannot be written");
        queue.note("/1/meta.json".into(), None);
        assert_eq!(queue.fault().as_deref(), Some("that too"));
        queue.forget(Path::new("/2"));
        assert_eq!(queue.fault(), None);
    }
}
