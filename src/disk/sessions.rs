//! The sessions on disk: `sessions/ID.json` for each, living or dead, and `sessions/index.json` for what belongs to all.
//! Each file describes itself and is replaced as a whole; one that is damaged costs its own session alone.

use super::Places;
use super::plain;
use super::writer::Writer;
use crate::session::{DeadSession, Died, MAX_DEAD, Session, Sessions};
use anyhow::{Result, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The version of the form that is written.
const VERSION: u32 = 1;

/// The longest file that is read, in bytes: more than the system lets an environment be.
const MAX_BYTES: u64 = 16 << 20;

/// Most files that are read: the dead ones that are kept, and more living ones than run at once.
const MAX_FILES: usize = MAX_DEAD + 1000;

/// Most files put aside that are told of.
const MAX_TOLD: usize = 5;

/// How the name of a file ends that could not be read.
const ASIDE: &str = "damaged";

/// The file of what belongs to all.
const INDEX: &str = "index.json";

/// A session's file.
#[derive(Serialize, Deserialize)]
struct Saved<S> {
    version: u32,
    /// Set if its programs are gone.
    died: Option<Died>,
    session: S,
}

/// The index.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Index {
    version: u32,
    /// The highest number that was given to a session, tab or pane: to know it, nobody lists the panes' directories.
    last_id: u64,
    /// The session that was used last.
    latest: Option<u64>,
}

/// The files as this process knows them.
#[derive(Default)]
pub struct SessionFiles {
    dir: PathBuf,
    /// What was handed to the writer last.
    saved: Option<Sessions>,
    /// The same as texts; empty ones stand for files that were there before.
    written: BTreeMap<PathBuf, Vec<u8>>,
}

/// What was read.
#[derive(Default)]
pub struct Loaded {
    /// The sessions that could be read.
    pub sessions: Sessions,
    /// When the newest of the files was written, in milliseconds since the Unix epoch; 0 if there is none.
    pub written_ms: u64,
    /// What is wrong with the others, a line each; they have been put aside.
    pub problems: Vec<String>,
}

impl SessionFiles {
    /// The files of the server that has these places. Nothing need be there.
    pub fn of(places: &Places) -> Self {
        Self {
            dir: places.sessions_dir(),
            ..Self::default()
        }
    }

    /// Whether sessions stand there, living or dead.
    pub fn exist(places: &Places) -> bool {
        let dir = places.sessions_dir();
        dir.is_file() || session_files(&dir).next().is_some()
    }

    /// Reads all. A file that cannot be read is put aside and told of.
    pub fn load(&mut self) -> Loaded {
        let mut loaded = Loaded::default();
        if self.dir.is_file() {
            return self.load_old(loaded);
        }
        loaded.problems = put_aside_before(&self.dir);
        let (mut alive, mut dead) = (Vec::new(), Vec::new());
        for path in session_files(&self.dir).take(MAX_FILES) {
            self.written.insert(path.clone(), Vec::new());
            match read::<Saved<Session>>(&path).and_then(checked) {
                Ok(Saved { session, died, .. }) => match died {
                    Some(died) => dead.push(DeadSession { session, died }),
                    None => alive.push(session),
                },
                Err(error) => loaded.problems.push(put_aside(&path, &error)),
            }
            loaded.written_ms = loaded.written_ms.max(modified_ms(&path));
        }
        let path = self.dir.join(INDEX);
        let index = match path.exists().then(|| read::<Index>(&path)) {
            Some(Err(error)) => {
                loaded.problems.push(put_aside(&path, &error));
                Index::default()
            }
            Some(Ok(index)) => index,
            None => Index::default(),
        };
        loaded.sessions = Sessions::from_saved(alive, dead, index.last_id, index.latest);
        loaded
    }

    /// Reads the one file that earlier releases kept all sessions in, and moves it out of the way.
    fn load_old(&mut self, mut loaded: Loaded) -> Loaded {
        loaded.written_ms = modified_ms(&self.dir);
        match read::<Sessions>(&self.dir) {
            Ok(old) => {
                let alive = old.iter().cloned().collect();
                let latest = old.latest.map(|latest| latest.0);
                loaded.sessions = Sessions::from_saved(alive, Vec::new(), old.last_id(), latest);
                let _ = fs::rename(&self.dir, self.dir.with_extension("old"));
            }
            Err(error) => loaded.problems.push(put_aside(&self.dir, &error)),
        }
        loaded
    }

    /// Lets `writer` write what differs from what it was given last, and delete the files of sessions that are no more.
    /// Where nothing has changed that costs no more than finding so.
    pub fn save(&mut self, sessions: &Sessions, writer: &Writer) -> Result<()> {
        if self.saved.as_ref() == Some(sessions) {
            return Ok(());
        }
        let wanted = self.texts(sessions)?;
        for (path, text) in &wanted {
            if self.written.get(path) != Some(text) {
                writer.replace(path, text.clone());
            }
        }
        for path in self.written.keys() {
            if !wanted.contains_key(path) {
                writer.delete(path);
            }
        }
        self.written = wanted;
        self.saved = Some(sessions.clone());
        Ok(())
    }

    fn texts(&self, sessions: &Sessions) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let alive = sessions.iter().map(|session| (session, None));
        let dead = sessions.dead().iter();
        let dead = dead.map(|dead| (&dead.session, Some(dead.died)));
        let mut texts = BTreeMap::new();
        for (session, died) in alive.chain(dead) {
            let saved = Saved {
                version: VERSION,
                died,
                session,
            };
            let path = self.dir.join(format!("{}.json", session.id.0));
            texts.insert(path, serde_json::to_vec_pretty(&saved)?);
        }
        let index = Index {
            version: VERSION,
            last_id: sessions.last_id(),
            latest: sessions.latest.map(|latest| latest.0),
        };
        texts.insert(self.dir.join(INDEX), serde_json::to_vec_pretty(&index)?);
        Ok(texts)
    }
}

/// The files of sessions in `dir`: those that a number names.
fn session_files(dir: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_suffix(".json"));
        number.is_some_and(|number| number.parse::<u64>().is_ok())
    })
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let mut text = Vec::new();
    let file = plain::open(path)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    ensure!(text.len() as u64 <= MAX_BYTES, "it is too long");
    Ok(serde_json::from_slice(&text)?)
}

fn checked(saved: Saved<Session>) -> Result<Saved<Session>> {
    let version = saved.version;
    ensure!(version == VERSION, "version {version} is not known");
    ensure!(saved.session.is_sound(), "it does not hold together");
    Ok(saved)
}

/// Renames a file that cannot be read, so that nothing writes over it; says so.
fn put_aside(path: &Path, error: &anyhow::Error) -> String {
    let aside = path.with_extension(ASIDE);
    let _ = fs::rename(path, &aside);
    format!(
        "a session's file cannot be read ({error:#}): it is put aside as {}; its panes' history is kept",
        aside.display()
    )
}

/// Tells of what was put aside before, for as long as it lies there.
fn put_aside_before(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let aside = entries.map(|entry| entry.path());
    let aside = aside.filter(|path| path.extension().is_some_and(|end| end == ASIDE));
    let told = aside.map(|path| {
        format!(
            "{} could not be read: a session may be missing; delete it to hear no more of it",
            path.display()
        )
    });
    told.take(MAX_TOLD).collect()
}

fn modified_ms(path: &Path) -> u64 {
    let modified = path.metadata().and_then(|found| found.modified());
    let since = modified.map(|at| at.duration_since(UNIX_EPOCH).unwrap_or_default());
    since.map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::PaneId;
    use crate::term::Size;

    fn files(dir: &Path) -> SessionFiles {
        SessionFiles {
            dir: dir.join("sessions"),
            ..SessionFiles::default()
        }
    }

    /// Saves through a writer that has written all when it ends.
    fn save(files: &mut SessionFiles, sessions: &Sessions) {
        files.save(sessions, &Writer::default()).unwrap();
    }

    /// `one` lives, `two` is dead.
    fn two() -> Sessions {
        let mut sessions = Sessions::default();
        let mut add = |name: &str| {
            let pane = PaneId(sessions.fresh_id());
            let env = vec![("A".to_owned(), "b".to_owned())];
            sessions.add(name.into(), pane, Size::new(80, 23), env, 7)
        };
        let (one, two) = (add("one"), add("two"));
        sessions.latest = Some(one);
        let (last_seen_ms, run) = (5, 9);
        sessions.bury(two, Died { last_seen_ms, run });
        sessions
    }

    #[test]
    fn what_was_saved_is_read_and_what_is_gone_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let mut sessions = two();
        save(&mut files(dir.path()), &sessions);
        let loaded = files(dir.path()).load();
        assert_eq!(loaded.sessions, sessions);
        assert!(loaded.problems.is_empty() && loaded.written_ms > 0);
        let dead = sessions.dead()[0].session.id;
        sessions.forget_dead(dead);
        let mut kept = files(dir.path());
        kept.load();
        save(&mut kept, &sessions);
        let loaded = kept.load();
        assert!(loaded.sessions.dead().is_empty());
        // The number of what is gone is not given again.
        assert_eq!(loaded.sessions, sessions);
    }

    #[test]
    fn what_has_not_changed_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut sessions = two();
        let mut kept = files(dir.path());
        save(&mut kept, &sessions);
        let of = |id: u64| dir.path().join(format!("sessions/{id}.json"));
        let ids: Vec<u64> = sessions.iter().map(|session| session.id.0).collect();
        let dead = sessions.dead()[0].session.id.0;
        for id in [ids[0], dead] {
            fs::remove_file(of(id)).unwrap();
        }
        save(&mut kept, &sessions);
        assert!(!of(ids[0]).exists());
        let id = sessions.iter().next().unwrap().id;
        sessions.get_mut(id).unwrap().created += 1;
        save(&mut kept, &sessions);
        assert!(of(ids[0]).exists() && !of(dead).exists());
    }

    #[test]
    fn a_damaged_file_costs_its_own_session_and_is_kept() {
        for damage in [&b""[..], b"{", b"garbage\0", b"{\"version\": 9}"] {
            let dir = tempfile::tempdir().unwrap();
            let sessions = two();
            save(&mut files(dir.path()), &sessions);
            let id = sessions.iter().next().expect("one").id.0;
            let path = dir.path().join(format!("sessions/{id}.json"));
            fs::write(&path, damage).unwrap();
            let loaded = files(dir.path()).load();
            assert_eq!(loaded.sessions.iter().count(), 0);
            assert_eq!(loaded.sessions.dead(), sessions.dead());
            assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
            assert_eq!(fs::read(path.with_extension("damaged")).unwrap(), damage);
        }
    }

    #[test]
    fn without_its_index_the_rest_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = two();
        save(&mut files(dir.path()), &sessions);
        fs::write(dir.path().join("sessions/index.json"), "").unwrap();
        let mut loaded = files(dir.path()).load();
        assert_eq!(loaded.problems.len(), 1);
        assert_eq!(loaded.sessions.iter().count(), 1);
        let highest = sessions.last_id();
        assert!(loaded.sessions.fresh_id() > highest);
    }

    #[test]
    fn the_one_file_of_earlier_releases_is_read_and_moved_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sessions");
        fs::write(&path, serde_json::to_vec(&two()).unwrap()).unwrap();
        let mut kept = files(dir.path());
        let loaded = kept.load();
        assert_eq!(loaded.sessions.iter().count(), 1);
        save(&mut kept, &loaded.sessions);
        assert!(path.is_dir() && path.with_extension("old").is_file());
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("sessions"), "\0\0").unwrap();
        let loaded = files(other.path()).load();
        assert!(loaded.sessions.is_empty() && loaded.problems.len() == 1);
        assert!(other.path().join("sessions.damaged").is_file());
    }
}
