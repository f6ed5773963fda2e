//! The read-only door to the histories of all panes of a server, live and dead: for commands that read them without
//! the server's help. Nothing here writes, cuts or locks; a server may be at work in the same files.

use super::Places;
use super::history::History;
use super::key::Keys;
use super::search::Searcher;
use super::snapshot::Snapshot;
use anyhow::{Context, Result};
use std::fs;
use std::io;
use std::path::PathBuf;

/// The histories that stand in one server's state directory.
#[derive(Debug, Clone)]
pub struct Archive {
    panes: PathBuf,
    keys: Keys,
}

/// A pane that has left something on disk; its program may run or not.
#[derive(Debug, Clone)]
pub struct PastPane {
    /// Its number; shown as `%N`.
    pub pane: u64,
    /// The directory that holds what is known of it.
    pub dir: PathBuf,
    /// What opens what is sealed there.
    pub keys: Keys,
}

impl Archive {
    /// The histories of the server that has these places. Nothing need be there.
    pub fn open(places: &Places) -> Archive {
        Archive {
            panes: places.panes_dir(),
            keys: places.keys(),
        }
    }

    /// Why something sealed cannot be opened, in one line.
    pub fn complaint(&self) -> String {
        self.keys.complaint()
    }

    /// All panes that have a directory, by number. What else lies between them is passed over.
    pub fn panes(&self) -> Result<Vec<PastPane>> {
        let mut found = Vec::new();
        self.each(&mut |pane| found.push(pane))?;
        found.sort_by_key(|pane| pane.pane);
        Ok(found)
    }

    /// Calls `take` with every pane that has a directory, in no order.
    pub fn each(&self, take: &mut dyn FnMut(PastPane)) -> Result<()> {
        let shown = self.panes.display();
        let entries = match fs::read_dir(&self.panes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.with_context(|| format!("reading {shown}"))?,
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("reading {shown}"))?;
            if let Some(pane) = entry.file_name().to_str().and_then(number) {
                take(PastPane {
                    pane,
                    dir: entry.path(),
                    keys: self.keys.clone(),
                });
            }
        }
        Ok(())
    }

    /// The pane with that number; `None` if it has no directory.
    pub fn pane(&self, pane: u64) -> Option<PastPane> {
        let dir = self.panes.join(pane.to_string());
        let keys = self.keys.clone();
        dir.is_dir().then_some(PastPane { pane, dir, keys })
    }
}

/// The number that a directory is named by; only the way that it is written counts.
fn number(name: &str) -> Option<u64> {
    let number: u64 = name.parse().ok()?;
    (number.to_string() == name).then_some(number)
}

impl PastPane {
    /// The lines of its scrollback that are on disk.
    pub fn lines(&self) -> Result<Searcher> {
        History::peek(&self.dir, &self.keys)
    }

    /// As [`PastPane::lines`], where the snapshot has been read already; it has to be read before.
    pub fn lines_beside(&self, snapshot: Option<&[u8]>) -> Result<Searcher> {
        History::peek_beside(snapshot, &self.dir, &self.keys)
    }

    /// The snapshot of what was in memory when the pane's server wrote it last; `None` if there is none.
    pub fn snapshot(&self) -> Result<Option<Vec<u8>>> {
        Snapshot::load(&self.dir, &self.keys)
            .with_context(|| format!("reading {}", Snapshot::file(&self.dir).display()))
    }

    /// The bytes of all its files.
    pub fn bytes(&self) -> u64 {
        let folders = [self.dir.clone(), self.dir.join("scrollback")];
        let folders = folders.iter().filter_map(|dir| fs::read_dir(dir).ok());
        folders
            .flat_map(|files| files.flatten())
            .filter_map(|file| file.metadata().ok())
            .filter(|file| file.is_file())
            .map(|file| file.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::places::Roots;
    use super::*;
    use crate::disk::writer::Writer;
    use crate::varint;
    use std::ops::ControlFlow;
    use std::path::Path;
    use std::time::Duration;

    fn places(dir: &Path) -> Places {
        let roots = Roots {
            tmp: dir.to_owned(),
            config: dir.join("config"),
            state: dir.join("state"),
        };
        Places::under("default", &roots).expect("a private place")
    }

    fn body(text: &str) -> Vec<u8> {
        let mut body = vec![2];
        varint::put_bytes(&mut body, text.as_bytes());
        body.extend([0, 0]);
        let mut line = Vec::new();
        varint::put_bytes(&mut line, &body);
        line
    }

    #[test]
    fn panes_are_found_by_their_numbers_alone() {
        let root = tempfile::tempdir().expect("a directory");
        let places = places(root.path());
        let archive = Archive::open(&places);
        assert!(archive.panes().expect("none is no error").is_empty());
        for name in ["10", "9", "007", "3.damaged", "x"] {
            fs::create_dir_all(places.pane_dir(0).with_file_name(name)).expect("made");
        }
        let numbers = archive.panes().expect("they can be listed");
        let numbers: Vec<_> = numbers.iter().map(|pane| pane.pane).collect();
        assert_eq!(numbers, [9, 10]);
        assert!(archive.pane(9).is_some() && archive.pane(7).is_none());
    }

    #[test]
    fn lines_are_read_while_their_writer_goes_on() {
        let root = tempfile::tempdir().expect("a directory");
        let places = places(root.path());
        let writer = Writer::default();
        let mut history = History::create(&places.pane_dir(4), &writer).expect("made");
        let (line, count) = (body("0123456789"), 20_000);
        history.append(count, &line.repeat(count as usize), 7);
        assert!(writer.flush(Duration::from_secs(60)));
        let pane = Archive::open(&places).pane(4).expect("it is there");
        let before = fs::read(pane.dir.join("scrollback/00000000.seg")).expect("it has blocks");
        let mut found = 0;
        let lines = pane.lines().expect("it can be read");
        lines
            .read(0..u64::MAX, &mut |number, _| {
                assert_eq!(number, found);
                found += 1;
                ControlFlow::Continue(())
            })
            .expect("it can be read");
        assert!(found > count / 2 && found <= count, "{found}");
        assert!(pane.bytes() >= before.len() as u64);
        let after = fs::read(pane.dir.join("scrollback/00000000.seg")).expect("it is still there");
        assert_eq!(before, after, "nothing was cut");
        drop(history);
    }
}
