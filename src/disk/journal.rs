//! The file of one pane's journal, and the one before it: a journal that begins anew puts the old one aside until the
//! blocks that hold its lines would survive a power cut.

use super::blocks::{make_dir, sync_path, write_again};
use super::plain;
use crate::scrollback::journal::{MAX_JOURNAL, Memory, Write};
use crate::scrollback::seal::Opener;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most that waits to be written; with more, what is in memory then is written whole.
const MAX_WAITING: usize = 16 << 20;

/// A journal in its pane's directory.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
    /// Held while the file is written.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    restarts: bool,
    /// How far the file is whole.
    len: u64,
    /// Bytes that were no whole records when it was opened.
    torn_bytes: u64,
    has_old: bool,
    /// Whether the file's name is yet to be synced.
    is_new: bool,
    /// Whether the last attempt to sync failed: then the system takes for written what is not.
    is_refused: bool,
    /// Whether the blocks that the old one's lines need were written before a sync began that is under way.
    is_old_due: bool,
    is_lost: bool,
    is_removed: bool,
    fault: Option<String>,
}

impl Journal {
    /// The journal of the pane with this directory, which has none yet.
    pub fn of_pane(pane_dir: &Path) -> Self {
        Self {
            path: pane_dir.join("journal"),
            state: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    /// The journal that lies in this directory, and what it says.
    pub fn open(pane_dir: &Path, opener: &Opener<'_>) -> io::Result<(Self, Memory)> {
        let this = Self::of_pane(pane_dir);
        let mut memory = Memory::default();
        let old = read(&this.old())?;
        let before = old.as_deref().unwrap_or_default();
        let torn_before = before.len() - memory.read_journal(before, opener);
        let bytes = read(&this.path)?.unwrap_or_default();
        let mut state = this.state();
        state.len = memory.read_journal(&bytes, opener) as u64;
        state.torn_bytes = (torn_before + bytes.len()) as u64 - state.len;
        state.has_old = old.is_some();
        drop(state);
        Ok((this, memory))
    }

    /// Bytes that were no whole records when it was opened; they are written over.
    pub fn torn_bytes(&self) -> u64 {
        self.state().torn_bytes
    }

    /// The pane's directory.
    pub fn pane_dir(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn old(&self) -> PathBuf {
        self.path.with_extension("old")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues what is to be written.
    pub fn enqueue(&self, write: Write) {
        let mut state = self.state();
        match write {
            Write::Append(record) => state.waiting.extend(record),
            Write::Restart(record) => {
                state.waiting = record;
                state.restarts = true;
            }
        }
        state.bound();
    }

    /// Whether something could not be written since the last call: then all that is in memory has to be written again.
    pub fn take_lost(&self) -> bool {
        std::mem::take(&mut self.state().is_lost)
    }

    /// Whether something could not be written and is still to be written again.
    pub fn is_lost(&self) -> bool {
        self.state().is_lost
    }

    /// Notes that what is in memory may not be written, and why.
    pub fn refuse(&self, why: String) {
        let mut state = self.state();
        state.is_lost = true;
        state.fault = Some(why);
    }

    /// Why the last attempt to write failed; `None` once one succeeds.
    pub fn fault(&self) -> Option<String> {
        self.state().fault.clone()
    }

    fn write_alone(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that nothing is written any more: the pane's directory is about to go.
    pub fn remove(&self) {
        self.state().is_removed = true;
        drop(self.write_alone());
    }

    /// Writes what waits, once nobody else does; says how many bytes that were. `None` if it failed: it waits on.
    pub fn write(&self) -> Option<u64> {
        let _alone = self.write_alone();
        let mut state = self.state();
        let waiting = std::mem::take(&mut state.waiting);
        let restarts = std::mem::take(&mut state.restarts);
        if waiting.is_empty() || state.is_removed {
            return Some(0);
        }
        let (mut len, mut has_old) = (state.len, state.has_old);
        drop(state);
        // While the one before is still needed this one grows on: its first lines are found twice.
        if restarts && !has_old && len > 0 && fs::rename(&self.path, self.old()).is_ok() {
            (len, has_old) = (0, true);
        }
        let written = self.write_at(len, &waiting);
        let mut state = self.state();
        state.has_old = has_old;
        state.is_new |= len == 0;
        state.len = len;
        match written {
            Ok(at) => {
                let bytes = waiting.len() as u64;
                state.len = at + bytes;
                // Somebody has cut it.
                state.is_lost |= at < len;
                state.fault = None;
                Some(bytes)
            }
            Err(error) => {
                state.put_back(waiting);
                state.restarts |= restarts;
                state.fault = Some(format!("{error} (writing {})", self.path.display()));
                None
            }
        }
    }

    /// Writes behind the first `len` bytes, or as many as there are; says where.
    fn write_at(&self, len: u64, bytes: &[u8]) -> io::Result<u64> {
        if let Some(dir) = self.path.parent() {
            make_dir(dir)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = plain::open_as(&mut options, &self.path)?;
        let found = file.metadata()?.len();
        if found > len {
            file.set_len(len)?;
        }
        let at = len.min(found);
        file.write_all_at(bytes, at)?;
        Ok(at)
    }

    /// Notes that the pane's blocks are about to be synced. An old journal that comes to be after that has to wait for the
    /// next time: its lines may stand in blocks that are written only now.
    pub fn prepare_sync(&self) {
        let mut state = self.state();
        state.is_old_due = state.has_old;
    }

    /// Makes what was written survive a power cut; says whether that went well. Then the one before goes, if its lines'
    /// blocks have been synced: see [`Journal::prepare_sync`].
    pub fn sync(&self) -> bool {
        let mut state = self.state();
        let was_refused = std::mem::take(&mut state.is_refused);
        let is_new = std::mem::take(&mut state.is_new);
        drop(state);
        let _alone = was_refused.then(|| self.write_alone());
        let mut options = OpenOptions::new();
        let file = plain::open_as(options.read(true).write(was_refused), &self.path);
        let synced = file.and_then(|file| {
            if was_refused {
                write_again(&file, 0)?;
            }
            file.sync_data()?;
            match is_new {
                true => sync_path(self.pane_dir()),
                false => Ok(()),
            }
        });
        let mut state = self.state();
        match synced {
            // It goes with its pane.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
            Err(error) => {
                state.fault = Some(format!("{error} (syncing {})", self.path.display()));
                state.is_refused = true;
                state.is_lost = true;
                state.is_new |= is_new;
                return false;
            }
            Ok(()) if was_refused => state.fault = None,
            Ok(()) => {}
        }
        if std::mem::take(&mut state.is_old_due) {
            state.has_old = false;
            let _ = fs::remove_file(self.old());
        }
        true
    }
}

impl State {
    /// Gives up what waits if it is too much: what is in memory is written whole instead.
    fn bound(&mut self) {
        if self.waiting.len() > MAX_WAITING {
            self.waiting = Vec::new();
            self.is_lost = true;
        }
    }

    /// Lets what could not be written wait before what has come since, unless that holds all.
    fn put_back(&mut self, mut before: Vec<u8>) {
        if !self.restarts {
            before.append(&mut self.waiting);
            self.waiting = before;
        }
        self.bound();
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match plain::read_up_to(MAX_JOURNAL, path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => bytes.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrollback::store::Store;
    use crate::varint;

    fn push(store: &mut Store, lines: u64) {
        let mut bytes = Vec::new();
        (0..lines).for_each(|_| varint::put_bytes(&mut bytes, &[0, 0, 0, 0]));
        store.push(lines, &bytes, &[]);
    }

    fn save(store: &mut Store, journal: &Journal) {
        if let Some(write) = store.journal(None) {
            journal.enqueue(write);
        }
        journal.write();
    }

    fn lines_in(dir: &Path) -> u64 {
        let (_, memory) = Journal::open(dir, &Opener::NONE).unwrap();
        Store::recover(Default::default(), &memory).1.end_line
    }

    #[test]
    fn what_was_written_before_a_restart_stays_until_it_is_safe() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::of_pane(dir.path());
        let mut store = Store::default();
        push(&mut store, 10);
        save(&mut store, &journal);
        store.lose_journal();
        push(&mut store, 10);
        save(&mut store, &journal);
        assert!(journal.old().exists());
        fs::remove_file(&journal.path).unwrap();
        assert_eq!(lines_in(dir.path()), 10);
        push(&mut store, 1);
        save(&mut store, &journal);
        assert!(journal.take_lost());
        store.lose_journal();
        save(&mut store, &journal);
        assert_eq!(lines_in(dir.path()), 21);
        // It came to be after the blocks were synced.
        assert!(journal.sync() && journal.old().exists());
        journal.prepare_sync();
        assert!(journal.sync() && !journal.old().exists());
        assert_eq!(lines_in(dir.path()), 21);
    }

    #[test]
    fn what_is_being_removed_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::of_pane(&dir.path().join("pane"));
        let mut store = Store::default();
        push(&mut store, 10);
        journal.enqueue(store.journal(None).unwrap());
        journal.remove();
        assert_eq!(journal.write(), Some(0));
        assert!(!journal.pane_dir().exists());
    }

    #[test]
    fn a_torn_record_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::of_pane(dir.path());
        let mut store = Store::default();
        push(&mut store, 10);
        save(&mut store, &journal);
        let mut bytes = fs::read(&journal.path).unwrap();
        bytes.extend([9; 1000]);
        fs::write(&journal.path, bytes).unwrap();
        let (journal, memory) = Journal::open(dir.path(), &Opener::NONE).unwrap();
        assert_eq!(journal.torn_bytes(), 1000);
        let mut store = Store::recover(Default::default(), &memory).0;
        push(&mut store, 10);
        save(&mut store, &journal);
        assert_eq!(lines_in(dir.path()), 20);
    }

    #[test]
    fn what_cannot_be_written_is_written_later() {
        let dir = tempfile::tempdir().unwrap();
        let pane = dir.path().join("pane");
        fs::write(&pane, "in the way").unwrap();
        let journal = Journal::of_pane(&pane);
        let mut store = Store::default();
        push(&mut store, 10);
        save(&mut store, &journal);
        assert!(journal.fault().unwrap().contains("pane/journal"));
        push(&mut store, 10);
        journal.enqueue(store.journal(None).unwrap());
        assert!(journal.write().is_none() && !journal.is_lost());
        fs::remove_file(&pane).unwrap();
        assert!(journal.write().is_some());
        assert_eq!(journal.fault(), None);
        assert_eq!(lines_in(&pane), 20);
    }

    #[test]
    fn what_cannot_be_synced_is_written_and_synced_again() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::of_pane(dir.path());
        let mut store = Store::default();
        push(&mut store, 10);
        save(&mut store, &journal);
        store.lose_journal();
        push(&mut store, 10);
        save(&mut store, &journal);
        let aside = dir.path().join("aside");
        fs::rename(&journal.path, &aside).unwrap();
        std::os::unix::fs::symlink(&journal.path, &journal.path).unwrap();
        for _ in 0..2 {
            journal.prepare_sync();
            assert!(!journal.sync() && journal.take_lost());
            assert!(journal.old().exists() && journal.fault().is_some());
        }
        fs::rename(&aside, &journal.path).unwrap();
        assert!(journal.sync() && !journal.old().exists());
        assert_eq!(journal.fault(), None);
        assert_eq!(lines_in(dir.path()), 20);
    }
}
