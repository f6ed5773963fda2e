//! Watches the directory of configuration, also while it does not exist yet. Nothing wakes while nothing happens there.
//!
//! Directories are watched, not files: editors put a new file in the place of the old one. A file that is a link is
//! watched where it leads.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How long after the first change the files are read: an editor makes several at once.
const SETTLE: Duration = Duration::from_millis(100);

/// The watch over one directory and what is in it.
#[derive(Debug)]
pub struct Watch {
    dir: PathBuf,
    /// None where the system does not let us watch: then `reload` alone reads files again.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// Where links lead: what happens there is of interest too.
    linked: Linked,
    changes: mpsc::Receiver<()>,
    due: Option<Instant>,
}

type Linked = Arc<Mutex<BTreeSet<PathBuf>>>;

impl Watch {
    /// Starts to watch `dir`.
    pub fn over(dir: &Path) -> Self {
        let (told, changes) = mpsc::channel(1);
        let linked = Linked::default();
        let (of, links) = (dir.to_owned(), linked.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An overflow of the system's queue is told as an error, or without a path: look then, too.
            let is_ours = event.map_or(true, |event| concerns(&event, &of, &links));
            if is_ours {
                // One that waits already stands for this one.
                let _ = told.try_send(());
            }
        });
        let mut watch = Self {
            dir: dir.to_owned(),
            watcher: watcher.ok(),
            watched: BTreeSet::new(),
            linked,
            changes,
            due: None,
        };
        watch.look_again();
        watch
    }

    /// Waits until something has changed and the changes have settled. May be dropped and called again.
    pub async fn changed(&mut self) {
        let due = match self.due {
            Some(due) => due,
            None => {
                if self.changes.recv().await.is_none() {
                    return pending().await;
                }
                *self.due.insert(Instant::now() + SETTLE)
            }
        };
        sleep_until(due).await;
        self.due = None;
        while self.changes.try_recv().is_ok() {}
        // Before the files are read: what happens after that is another change.
        self.look_again();
    }

    /// Watches what is there now.
    fn look_again(&mut self) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        let (places, linked) = places(&self.dir);
        *self.linked.lock().unwrap_or_else(PoisonError::into_inner) = linked;
        // A directory that was removed and made again has the same name and needs another watch.
        for old in std::mem::take(&mut self.watched) {
            let _ = watcher.unwatch(&old);
        }
        for place in places {
            if watcher.watch(&place, RecursiveMode::NonRecursive).is_ok() {
                self.watched.insert(place);
            }
        }
    }
}

/// Whether an event is about the directory, something in it, a directory that it is in, or what a link leads to.
fn concerns(event: &notify::Event, dir: &Path, linked: &Linked) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let linked = linked.lock().unwrap_or_else(PoisonError::into_inner);
    let is_ours = |path: &PathBuf| {
        path.starts_with(dir)
            || dir.starts_with(path)
            || linked.iter().any(|linked| path.starts_with(linked))
    };
    event.paths.is_empty() || event.paths.iter().any(is_ours)
}

/// The directories to watch, and those among them that links lead to.
fn places(dir: &Path) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
    let above = dir.ancestors().skip(1).find(|above| above.is_dir());
    let mut places: BTreeSet<PathBuf> = above.into_iter().map(Path::to_owned).collect();
    let mut linked = BTreeSet::new();
    let folders = [dir.to_owned(), dir.join("themes"), dir.join("keymaps")];
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let links = files
            .map(|file| file.path())
            .filter(|path| path.is_symlink() && path.is_file());
        let targets = links.filter_map(|link| Some(link.canonicalize().ok()?.parent()?.to_owned()));
        linked.extend(targets);
        places.insert(folder);
    }
    places.extend(linked.iter().cloned());
    (places, linked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// Does `act` and waits until the watch tells; fails if it does not.
    fn tells(watch: &mut Watch, act: impl FnOnce()) {
        act();
        let limit = Duration::from_secs(20);
        let told = block_on(async { tokio::time::timeout(limit, watch.changed()).await });
        told.expect("the watch tells");
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(future)
    }

    fn write(path: &Path, text: &str) {
        fs::write(path, text).expect("a file");
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_seen_to_come_and_go() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("config/wt");
        let mut watch = Watch::over(&dir);
        tells(&mut watch, || {
            fs::create_dir_all(&dir).expect("a directory")
        });
        tells(&mut watch, || write(&dir.join("config.toml"), "a"));
        tells(&mut watch, || {
            fs::create_dir(dir.join("themes")).expect("a directory")
        });
        tells(&mut watch, || write(&dir.join("themes/x.toml"), "a"));
        tells(&mut watch, || {
            fs::remove_dir_all(&dir).expect("a directory")
        });
        tells(&mut watch, || fs::create_dir(&dir).expect("a directory"));
        tells(&mut watch, || write(&dir.join("config.toml"), "b"));
    }

    #[test]
    fn a_file_that_is_replaced_or_linked_to_is_seen_to_change() {
        let home = tempfile::tempdir().expect("a directory");
        let (dir, away) = (home.path().join("wt"), home.path().join("dotfiles"));
        fs::create_dir(&dir).expect("a directory");
        fs::create_dir(&away).expect("a directory");
        write(&away.join("config.toml"), "a");
        let mut watch = Watch::over(&dir);
        tells(&mut watch, || {
            symlink(away.join("config.toml"), dir.join("config.toml")).expect("a link");
        });
        tells(&mut watch, || write(&away.join("config.toml"), "b"));
        tells(&mut watch, || {
            write(&away.join("new"), "c");
            fs::rename(away.join("new"), away.join("config.toml")).expect("a file");
        });
    }

    #[test]
    fn what_happens_elsewhere_and_what_is_only_read_wakes_nobody() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("wt");
        fs::create_dir(&dir).expect("a directory");
        write(&dir.join("config.toml"), "a");
        let mut watch = Watch::over(&dir);
        write(&home.path().join("another"), "x");
        fs::read(dir.join("config.toml")).expect("a file");
        let told = block_on(async { tokio::time::timeout(4 * SETTLE, watch.changed()).await });
        assert!(told.is_err(), "nothing changed");
    }
}
