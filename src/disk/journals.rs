//! The thread that writes journals: apart from the one that packs and syncs, so that neither a slow fsync nor a machine
//! that has no time to pack makes a kill cost more than a second of lines.

use super::journal::Journal;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The journals that wait to be written.
#[derive(Debug, Default)]
pub struct Journals {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Arc<Journal>>,
    /// The one that is being written.
    current: Option<Arc<Journal>>,
    is_closed: bool,
}

impl Journals {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `journal` be written.
    pub fn push(&self, journal: &Arc<Journal>) {
        let mut queue = self.queue();
        if !queue.waiting.iter().any(|same| Arc::ptr_eq(same, journal)) {
            queue.waiting.push_back(journal.clone());
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Lets the thread end once all is written.
    pub fn close(&self) {
        self.queue().is_closed = true;
        self.wake.notify_one();
    }

    /// Takes those that wait away, with the one that is being written, for somebody who cannot wait.
    pub fn take(&self) -> Vec<Arc<Journal>> {
        let mut queue = self.queue();
        let waiting = std::mem::take(&mut queue.waiting);
        queue.current.iter().cloned().chain(waiting).collect()
    }

    /// Writes what comes until nothing more comes; tells `done` of each how many bytes that were, and `None` if it failed.
    pub fn run(&self, mut done: impl FnMut(Arc<Journal>, Option<u64>)) {
        while let Some(journal) = self.next() {
            let written = journal.write();
            done(journal, written);
        }
    }

    fn next(&self) -> Option<Arc<Journal>> {
        let mut queue = self.queue();
        queue.current = None;
        while queue.waiting.is_empty() && !queue.is_closed {
            let woken = self.wake.wait(queue);
            queue = woken.unwrap_or_else(PoisonError::into_inner);
        }
        queue.current = queue.waiting.pop_front();
        queue.current.clone()
    }
}
