//! Drops the oldest history: of all panes together, of those that run and of those that are gone. What a running pane
//! writes to stays, and so does all that is needed to bring it back.
//!
//! However many panes there are, what is kept in memory of them is bounded: the oldest parts are gathered, deleted, and
//! gathered again.

use super::archive::{Archive, PastPane};
use super::meta::Meta;
use super::segments::Segments;
use super::writer::Writer;
use anyhow::{Context, Result};
use std::collections::BinaryHeap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How many parts are gathered at a time, some 32 bytes each.
const MAX_PARTS: usize = 64 << 10;

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prune {
    /// All that was written last before this long ago.
    pub older_than: Option<Duration>,
    /// The oldest, until what is left of the panes that are looked at takes no more bytes on disk than this.
    pub to_bytes: Option<u64>,
    /// Of which panes.
    pub of: Whose,
    /// Whether it is done or only counted.
    pub mode: Mode,
}

/// Whose history is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// Every pane's.
    #[default]
    All,
    /// That of panes whose programs are gone.
    Dead,
    /// One pane's.
    One(u64),
}

/// Whether something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It is.
    #[default]
    Delete,
    /// It is counted alone.
    Count,
}

/// What has gone, or would have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Segments of panes that remain.
    pub segments: u64,
    /// Panes that are gone altogether.
    pub panes: u64,
    /// Bytes on disk of both.
    pub bytes: u64,
    /// Bytes on disk of what is left.
    pub left: u64,
    /// Segments and panes that could not be deleted.
    pub refused: u64,
    /// Why the first of them could not.
    pub why: Option<String>,
}

/// Something that goes as a whole; older ones are less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Seconds since the Unix epoch at which it was written last.
    written_at: i64,
    pane: u64,
    what: What,
    bytes: u64,
}

/// A part of a pane's history: its segments go before the pane does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A segment but the last.
    Segment(u32),
    /// The pane's directory.
    Pane,
}

/// How much of a pane may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MayGo {
    Nothing,
    /// All segments but the last.
    Segments,
    Everything,
}

/// What was found in one walk.
#[derive(Default)]
struct Walk {
    oldest: BinaryHeap<Part>,
    bytes: u64,
    is_cut: bool,
}

impl Prune {
    /// What has gone, or would go, in words.
    pub fn sentence(&self, pruned: &Pruned) -> String {
        let left = amount(pruned.left);
        let went = match (self.mode, pruned.bytes) {
            (_, 0) if pruned.refused > 0 => format!("nothing was deleted; {left} stay"),
            (_, 0) => match self.to_bytes {
                // What a pane still writes to goes with the pane.
                Some(limit) if pruned.left > limit => format!(
                    "nothing to delete: {left} stay, in files that panes which run write to"
                ),
                _ => format!("nothing to delete: {left} stay, within what is allowed"),
            },
            (Mode::Delete, bytes) => {
                format!(
                    "deleted {} ({}); {left} stay",
                    amount(bytes),
                    pruned.parts()
                )
            }
            (Mode::Count, bytes) => {
                format!(
                    "would delete {} ({}); {left} stay",
                    amount(bytes),
                    pruned.parts()
                )
            }
        };
        match &pruned.why {
            None => went,
            Some(why) => format!("{went}; {} could not be deleted: {why}", pruned.refused),
        }
    }

    /// Goes through the panes in `archive`; those that run in this process are known to `writer`.
    ///
    /// # Errors
    /// If the panes cannot be listed. What cannot be deleted is passed over and counted.
    pub fn run(&self, archive: &Archive, writer: &Writer, now: SystemTime) -> Result<Pruned> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let oldest_kept = self
            .older_than
            .map(|age| now.saturating_sub(age).as_secs() as i64);
        let mut pruned = Pruned::default();
        loop {
            let walk = self.walk(archive, writer)?;
            pruned.left = walk.bytes;
            pruned.refused = 0;
            let before = pruned.bytes;
            for part in walk.oldest.into_sorted_vec() {
                let is_old = oldest_kept.is_some_and(|kept| part.written_at < kept);
                let is_over = self.to_bytes.is_some_and(|limit| pruned.left > limit);
                if !is_old && !is_over {
                    return Ok(pruned);
                }
                match self.drop_part(&part, archive, writer) {
                    Ok(()) => pruned.count(&part),
                    Err(error) => {
                        pruned.refused += 1;
                        pruned.why.get_or_insert_with(|| format!("{error:#}"));
                    }
                }
            }
            // Counting does not make room for what was not gathered.
            if !walk.is_cut || self.mode == Mode::Count || pruned.bytes == before {
                return Ok(pruned);
            }
        }
    }

    fn walk(&self, archive: &Archive, writer: &Writer) -> Result<Walk> {
        let mut walk = Walk::default();
        archive.each(&mut |pane| {
            if matches!(self.of, Whose::One(number) if number != pane.pane) {
                return;
            }
            let is_live = writer.blocks_of(&pane.dir).is_some() || is_alive(&pane.dir);
            let may_go = match (self.of, is_live) {
                (Whose::Dead, true) => MayGo::Nothing,
                (_, true) => MayGo::Segments,
                (_, false) => MayGo::Everything,
            };
            walk.add(&pane, may_go);
        })?;
        Ok(walk)
    }

    fn drop_part(&self, part: &Part, archive: &Archive, writer: &Writer) -> Result<()> {
        let pane = archive.pane(part.pane);
        let Some(pane) = pane.filter(|_| self.mode == Mode::Delete) else {
            return Ok(());
        };
        let context = || format!("deleting history in {}", pane.dir.display());
        match (part.what, writer.blocks_of(&pane.dir)) {
            (What::Segment(number), Some(blocks)) => blocks.drop_segment(number).map(drop),
            (What::Segment(number), None) => Segments::of_pane(&pane.dir).remove(number),
            // It has come back to life meanwhile.
            (What::Pane, Some(_)) => Ok(()),
            (What::Pane, None) => fs::remove_dir_all(&pane.dir),
        }
        .or_else(|error| match error.kind() {
            // Somebody else was faster.
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
        .with_context(context)
    }
}

fn is_alive(dir: &Path) -> bool {
    let meta = Meta::read(dir).ok().flatten();
    meta.is_some_and(|meta| meta.is_alive())
}

impl Walk {
    fn add(&mut self, pane: &PastPane, may_go: MayGo) {
        let segments = Segments::of_pane(&pane.dir);
        let mut numbers = segments.numbers().unwrap_or_default();
        let last = numbers.pop();
        for number in numbers {
            let Ok(found) = segments.path(number).metadata() else {
                continue;
            };
            let part = Part {
                written_at: found.mtime(),
                pane: pane.pane,
                what: What::Segment(number),
                bytes: on_disk(&found),
            };
            self.bytes += part.bytes;
            if may_go != MayGo::Nothing {
                self.offer(part);
            }
        }
        let last = last.and_then(|number| segments.path(number).metadata().ok());
        let files = fs::read_dir(&pane.dir).into_iter().flatten().flatten();
        let files = files.filter_map(|file| file.metadata().ok());
        let (mut written_at, mut bytes) = (0, 0);
        for found in files.filter(fs::Metadata::is_file).chain(last) {
            written_at = found.mtime().max(written_at);
            bytes += on_disk(&found);
        }
        let rest = Part {
            written_at,
            pane: pane.pane,
            what: What::Pane,
            bytes,
        };
        self.bytes += bytes;
        if may_go == MayGo::Everything {
            self.offer(rest);
        }
    }

    /// Keeps a part that may go, if it is among the oldest.
    fn offer(&mut self, part: Part) {
        self.oldest.push(part);
        if self.oldest.len() > MAX_PARTS {
            self.oldest.pop();
            self.is_cut = true;
        }
    }
}

/// Bytes as people read them.
pub fn amount(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut amount, mut unit) = (bytes as f64, 0);
    while amount >= 1024.0 && unit + 1 < units.len() {
        amount /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{amount:.1} {}", units[unit]),
    }
}

/// What a file takes of the disk, which for a short one is more than it holds.
fn on_disk(found: &fs::Metadata) -> u64 {
    (found.blocks() * 512).max(found.len())
}

impl Pruned {
    fn parts(&self) -> String {
        let parts = [
            (self.segments, "segment", "segments"),
            (self.panes, "pane that is gone", "panes that are gone"),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<_> = parts
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        parts.join(", ")
    }

    fn count(&mut self, part: &Part) {
        match part.what {
            What::Segment(_) => self.segments += 1,
            What::Pane => self.panes += 1,
        }
        self.bytes += part.bytes;
        self.left = self.left.saturating_sub(part.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;
    use super::super::places::{Places, Roots};
    use super::*;
    use crate::varint;
    use std::fs::File;
    use tempfile::TempDir;

    const DAY: Duration = Duration::from_secs(86_400);

    fn random(noise: &mut u64) -> u8 {
        *noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*noise >> 40) as u8
    }

    struct World {
        root: TempDir,
        writer: Writer,
        places: Places,
    }

    impl World {
        fn new() -> World {
            let root = tempfile::tempdir().unwrap();
            let roots = Roots {
                tmp: root.path().to_owned(),
                config: root.path().join("config"),
                state: root.path().join("state"),
            };
            let writer = Writer::default();
            // The smallest segments, of which none is dropped.
            writer.set_quota(4 << 20);
            World {
                places: Places::under("default", &roots).unwrap(),
                writer,
                root,
            }
        }

        /// A pane with several segments that were written so many days ago.
        fn pane(&self, number: u64, days: u32) -> History {
            let mut history = History::create(&self.places.pane_dir(number), &self.writer).unwrap();
            let mut noise = number + 1;
            for _ in 0..60 {
                let body: Vec<u8> = (0..20_000).map(|_| random(&mut noise)).collect();
                let mut bytes = Vec::new();
                varint::put_bytes(&mut bytes, &body);
                history.append(1, &bytes, 0);
            }
            assert!(self.writer.flush(Duration::from_secs(60)));
            history.save();
            assert!(self.writer.flush(Duration::from_secs(60)));
            let then = SystemTime::now() - DAY * days;
            let segments = Segments::of_pane(&self.places.pane_dir(number));
            let numbers = segments.numbers().unwrap();
            assert!(numbers.len() > 2, "{numbers:?}");
            for number in numbers {
                let file = File::options()
                    .write(true)
                    .open(segments.path(number))
                    .unwrap();
                file.set_modified(then).unwrap();
            }
            let journal = File::options()
                .write(true)
                .open(segments.pane_dir().join("journal"));
            journal.unwrap().set_modified(then).unwrap();
            history
        }

        fn prune(&self, prune: &Prune) -> Pruned {
            let archive = Archive::open(&self.places);
            prune
                .run(&archive, &self.writer, SystemTime::now())
                .unwrap()
        }

        fn segments(&self, pane: u64) -> usize {
            let segments = Segments::of_pane(&self.places.pane_dir(pane));
            segments.numbers().unwrap().len()
        }
    }

    #[test]
    fn the_oldest_goes_first_and_what_runs_keeps_its_last_segment() {
        let world = World::new();
        drop(world.pane(1, 30));
        let live = world.pane(2, 20);
        drop(world.pane(3, 10));
        let whole = world.prune(&Prune::default());
        assert_eq!((whole.bytes, whole.segments, whole.panes), (0, 0, 0));
        let counted = Prune {
            to_bytes: Some(whole.left - 1),
            mode: Mode::Count,
            ..Prune::default()
        };
        assert_eq!(world.prune(&counted).segments, 1);
        assert_eq!(world.prune(&Prune::default()).left, whole.left);
        let first = Prune {
            mode: Mode::Delete,
            ..counted
        };
        let before = world.segments(1);
        let pruned = world.prune(&first);
        assert_eq!((pruned.segments, pruned.panes), (1, 0));
        assert_eq!(world.segments(1), before - 1);
        let all = Prune {
            to_bytes: Some(0),
            ..Prune::default()
        };
        let pruned = world.prune(&all);
        assert_eq!(pruned.panes, 2);
        assert!(!world.places.pane_dir(1).exists() && !world.places.pane_dir(3).exists());
        assert_eq!(world.segments(2), 1);
        let first = live.first_line();
        assert!(first > 0 && first < live.end_line());
        let mut read = Vec::new();
        live.read(0, usize::MAX, &mut |n, _| read.push(n)).unwrap();
        assert_eq!(read, (first..live.end_line()).collect::<Vec<_>>());
        drop(world.root);
    }

    #[test]
    fn what_went_is_said() {
        let said = |mode, segments, panes, bytes| {
            let pruned = Pruned {
                segments,
                panes,
                bytes,
                left: 3 << 30,
                ..Pruned::default()
            };
            let prune = Prune {
                mode,
                ..Prune::default()
            };
            prune.sentence(&pruned)
        };
        let lines = [
            said(Mode::Delete, 0, 0, 0),
            said(Mode::Delete, 1, 2, 5000),
            said(Mode::Count, 0, 1, 700),
        ];
        assert_eq!(
            lines,
            [
                "nothing to delete: 3.0 GiB stay, within what is allowed",
                "deleted 4.9 KiB (1 segment, 2 panes that are gone); 3.0 GiB stay",
                "would delete 700 B (1 pane that is gone); 3.0 GiB stay",
            ]
        );
    }

    #[test]
    fn what_cannot_be_deleted_is_passed_over() {
        let world = World::new();
        drop(world.pane(1, 30));
        drop(world.pane(2, 30));
        let live = world.pane(3, 30);
        // A directory with something in it is not deleted as a segment.
        let segments = Segments::of_pane(&world.places.pane_dir(3));
        let stubborn = segments.path(segments.numbers().unwrap()[0]);
        fs::remove_file(&stubborn).unwrap();
        fs::create_dir_all(stubborn.join("inside")).unwrap();
        let old = Prune {
            older_than: Some(DAY * 10),
            ..Prune::default()
        };
        let archive = Archive::open(&world.places);
        let later = SystemTime::now() + DAY * 40;
        let pruned = old.run(&archive, &world.writer, later).unwrap();
        assert_eq!((pruned.panes, pruned.refused), (2, 1));
        assert!(pruned.segments > 2 && live.first_line() > 0);
        let said = old.sentence(&pruned);
        assert!(
            said.contains("; 1 could not be deleted: deleting"),
            "{said}"
        );
    }

    #[test]
    fn age_counts_from_the_last_write() {
        let world = World::new();
        drop(world.pane(1, 30));
        drop(world.pane(2, 10));
        let of_a_month = |of| Prune {
            older_than: Some(DAY * 20),
            of,
            ..Prune::default()
        };
        assert_eq!(world.prune(&of_a_month(Whose::One(2))).bytes, 0);
        assert_eq!(world.prune(&of_a_month(Whose::Dead)).panes, 1);
        assert!(!world.places.pane_dir(1).exists() && world.places.pane_dir(2).exists());
    }
}
