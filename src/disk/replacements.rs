//! Files that are replaced as a whole or deleted, as the writer's thread does it: what a disk refuses is kept and tried
//! again, and what it has taken is synced with its name.

use super::atomic::{self, Survives};
use super::blocks::{make_dir, sync_path, write_again};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What is to stand in a file's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing.
    Nothing,
}

/// Which attempt to sync a file comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    First,
    /// One failed: since then the system takes for written what is not.
    Another,
}

/// The files as the thread knows them.
#[derive(Debug, Default)]
pub(super) struct Replacements {
    /// What the disk has refused, the last of each path.
    refused: BTreeMap<PathBuf, Wanted>,
    /// Files whose bytes a power cut may still cost.
    unsynced: BTreeMap<PathBuf, Attempt>,
    /// Directories in which names have changed.
    unsynced_dirs: BTreeSet<PathBuf>,
}

impl Replacements {
    /// Makes it so, or keeps it to be tried again. Returns by how many bytes the file has grown.
    pub fn make(&mut self, path: PathBuf, wanted: Wanted) -> Result<u64> {
        self.refused.remove(&path);
        let before = path.metadata().map_or(0, |found| found.len());
        if let Err(error) = put(&path, &wanted) {
            self.refused.insert(path, wanted);
            return Err(error);
        }
        let grown = match &wanted {
            Wanted::Bytes(bytes) => (bytes.len() as u64).saturating_sub(before),
            Wanted::Nothing => 0,
        };
        // The directory may be new itself.
        self.unsynced_dirs
            .extend(path.ancestors().skip(1).take(2).map(Path::to_owned));
        match wanted {
            Wanted::Bytes(_) => self.unsynced.insert(path, Attempt::First),
            Wanted::Nothing => self.unsynced.remove(&path),
        };
        Ok(grown)
    }

    /// Tries once more what was refused; says how it went with each.
    pub fn retry(&mut self) -> Vec<(PathBuf, Result<u64>)> {
        let refused = std::mem::take(&mut self.refused).into_iter();
        refused
            .map(|(path, wanted)| (path.clone(), self.make(path, wanted)))
            .collect()
    }

    /// Forgets what stands in `dir`, which is being deleted.
    pub fn forget(&mut self, dir: &Path) {
        self.refused.retain(|path, _| !path.starts_with(dir));
        self.unsynced.retain(|path, _| !path.starts_with(dir));
        self.unsynced_dirs.retain(|path| !path.starts_with(dir));
    }

    /// Makes what was written survive a power cut; says how it went with each file. Those that failed are tried again.
    pub fn sync(&mut self) -> Vec<(PathBuf, Result<()>)> {
        let mut outcomes = Vec::new();
        self.unsynced.retain(|path, attempt| {
            let synced = sync_file(path, *attempt);
            let is_refused = synced.is_err();
            if is_refused || *attempt == Attempt::Another {
                let synced = synced.with_context(|| format!("syncing {}", path.display()));
                outcomes.push((path.clone(), synced));
            }
            *attempt = Attempt::Another;
            is_refused
        });
        self.unsynced_dirs.retain(|dir| sync_path(dir).is_err());
        outcomes
    }

    /// Whether something is yet to be synced.
    pub fn is_unsynced(&self) -> bool {
        !self.unsynced.is_empty() || !self.unsynced_dirs.is_empty()
    }
}

fn sync_file(path: &Path, attempt: Attempt) -> io::Result<()> {
    if attempt == Attempt::Another {
        let file = File::options().read(true).write(true).open(path);
        match file.and_then(|file| write_again(&file, 0)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            written => written?,
        }
    }
    sync_path(path)
}

fn put(path: &Path, wanted: &Wanted) -> Result<()> {
    match wanted {
        Wanted::Bytes(bytes) => {
            let context = || format!("replacing {}", path.display());
            let dir = path.parent().context("it has no directory");
            make_dir(dir.with_context(context)?).with_context(context)?;
            atomic::write(path, bytes, Survives::Kill).with_context(context)
        }
        Wanted::Nothing => match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.with_context(|| format!("deleting {}", path.display())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_made_when_the_disk_takes_it() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (root.path().join("1/meta"), root.path().join("2/meta"));
        for pane in ["1", "2"] {
            fs::write(root.path().join(pane), "in the way").unwrap();
        }
        let mut files = Replacements::default();
        for text in ["old", "new"] {
            let wanted = Wanted::Bytes(text.into());
            assert!(files.make(one.clone(), wanted.clone()).is_err());
            assert!(files.make(two.clone(), wanted).is_err());
        }
        fs::remove_file(root.path().join("2")).unwrap();
        let tried = files.retry();
        assert!(tried[0].1.is_err() && tried[1].1.is_ok());
        assert_eq!(fs::read(&two).unwrap(), b"new");
        fs::remove_file(root.path().join("1")).unwrap();
        files.forget(&root.path().join("1"));
        assert!(files.retry().is_empty() && !one.exists());
        assert!(files.sync().is_empty());
        files.make(two.clone(), Wanted::Nothing).unwrap();
        assert!(!two.exists() && files.make(two, Wanted::Nothing).is_ok());
    }

    #[test]
    fn what_cannot_be_synced_is_tried_again() {
        let root = tempfile::tempdir().unwrap();
        let (path, aside) = (root.path().join("meta"), root.path().join("aside"));
        let mut files = Replacements::default();
        let wanted = Wanted::Bytes(b"text".to_vec());
        files.make(path.clone(), wanted).unwrap();
        fs::rename(&path, &aside).unwrap();
        // Nobody can open a link to itself.
        std::os::unix::fs::symlink(&path, &path).unwrap();
        for _ in 0..2 {
            assert!(files.sync().iter().all(|(_, synced)| synced.is_err()));
            assert!(files.is_unsynced());
        }
        fs::rename(&aside, &path).unwrap();
        assert!(files.sync()[0].1.is_ok() && !files.is_unsynced());
        assert_eq!(fs::read(&path).unwrap(), b"text");
    }
}
