//! One pane's scrollback, as the server holds it: the store, its files and the writer, joined.

use super::blocks::{Blocks, News};
use super::journal::Journal;
use super::key::{Keys, pane_of};
use super::reader::BlockReader;
use super::search::Searcher;
use super::segments::Segments;
use super::snapshot::Snapshot;
use super::writer::Writer;
use crate::scrollback::journal::Memory;
use crate::scrollback::recovery::Recovery;
use crate::scrollback::seal::Opener;
use crate::scrollback::store::{Effect, Store, Where};
use crate::varint::Reader;
use anyhow::{Context, Result, ensure};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The most that is handed to the store before the writer is given its turn.
const PIECE_BYTES: usize = 512 << 10;

/// The scrollback of one pane.
pub struct History {
    writer: Writer,
    blocks: Arc<Blocks>,
    journal: Arc<Journal>,
    store: RefCell<Store>,
    reader: RefCell<BlockReader>,
}

impl History {
    /// A new pane's scrollback in `dir`, which belongs to that pane alone. Nothing is made on disk before the first
    /// block is full. Fails if `dir` holds scrollback already.
    pub fn create(dir: &Path, writer: &Writer) -> Result<History> {
        let segments = Segments::of_pane(dir);
        let shown = segments.dir().display();
        ensure!(!segments.exist(), "{shown} exists already");
        let journal = Journal::of_pane(dir);
        Ok(Self::of(
            Blocks::new(segments, writer.keys().clone()),
            journal,
            Store::default(),
            writer,
        ))
    }

    /// The scrollback that stands in `dir`, with what was in memory when the journal was written last. A torn end is cut
    /// off. Where lines of the journal cannot be opened nothing is ever written: see [`History::lock`]. With the pane's
    /// snapshot no line gets a number that the snapshot's screen has passed.
    pub fn open(
        dir: &Path,
        writer: &Writer,
        snapshot: Option<&Snapshot<'_>>,
    ) -> Result<(History, Recovery)> {
        let segments = Segments::of_pane(dir);
        segments
            .adopt_single_file()
            .with_context(|| format!("moving {}", segments.dir().display()))?;
        let mut contents = segments.read()?;
        let (journal, memory) = read_journal(dir, snapshot, writer.keys())?;
        let found = std::mem::take(&mut contents.found);
        let (mut store, mut recovery) = Store::recover(found, &memory);
        recovery.torn_bytes += journal.torn_bytes();
        if let Some(line) = snapshot.and_then(|snapshot| snapshot.first_line) {
            store.reach(line);
            recovery.end_line = store.end_line();
        }
        for (segment, len) in std::mem::take(&mut contents.without_index) {
            // Without it the next start takes a little longer.
            let _ = segments.write_index(&segment, len);
        }
        let blocks = Blocks::of(segments, contents, writer.keys().clone());
        let mut history = Self::of(blocks, journal, store, writer);
        if memory.is_locked() {
            history.lock(writer.keys().complaint());
        }
        history.carry_out();
        Ok((history, recovery))
    }

    /// The scrollback that stands in `dir`, with what was in memory at the last snapshot, to be read without a server:
    /// nothing is written, cut or locked, and a server may be at work in the same files.
    pub fn peek(dir: &Path, keys: &Keys) -> Result<Searcher> {
        let snapshot = Snapshot::load(dir, keys).ok().flatten();
        Self::peek_beside(snapshot.as_deref(), dir, keys)
    }

    /// As [`History::peek`], where the snapshot has been read already.
    pub fn peek_beside(snapshot: Option<&[u8]>, dir: &Path, keys: &Keys) -> Result<Searcher> {
        let segments = Segments::of_pane(dir);
        // Blocks are read after the journal: a line that goes from one to the other is seen in one of them.
        let snapshot = snapshot.map(Snapshot::read);
        let snapshot = snapshot.and_then(|snapshot| snapshot.ok());
        let (_, memory) = read_journal(dir, snapshot.as_ref(), keys)?;
        let mut contents = segments.read()?;
        let (store, _) = Store::recover(std::mem::take(&mut contents.found), &memory);
        let blocks = Arc::new(Blocks::of(segments, contents, keys.clone()));
        let mut reader = BlockReader::new(blocks);
        let is_locked = memory.is_locked() || locked_blocks(&store, &mut reader)?;
        let mut searcher = Searcher::new(store, reader);
        searcher.locked = is_locked.then(|| keys.complaint());
        Ok(searcher)
    }

    fn of(blocks: Blocks, journal: Journal, store: Store, writer: &Writer) -> History {
        let blocks = Arc::new(blocks);
        writer.know(&blocks);
        History {
            writer: writer.clone(),
            reader: RefCell::new(BlockReader::new(blocks.clone())),
            blocks,
            journal: Arc::new(journal),
            store: RefCell::new(store),
        }
    }

    /// Adds lines that were all written at `now_ms`: see [`History::append_timed`].
    pub fn append(&mut self, lines: u64, encoded: &[u8], now_ms: u64) {
        self.append_timed(lines, encoded, &[(lines, now_ms)]);
    }

    /// Adds `lines` encoded lines (each its length, then its body), and how many of them were written when (Unix ms; the
    /// last time holds for the rest). Copies the bytes and leaves the rest to the writer; waits for it only when more than
    /// 4 MiB is queued, and then at most 50 ms for a disk that takes nothing.
    pub fn append_timed(&mut self, lines: u64, encoded: &[u8], times: &[(u64, u64)]) {
        let (mut left, mut rest) = (lines, encoded);
        let mut times = times.to_vec();
        while rest.len() > PIECE_BYTES {
            let (count, len) = piece(rest);
            if count == 0 || count >= left {
                break;
            }
            self.append_piece(count, &rest[..len], &times);
            drop_times(&mut times, count);
            rest = &rest[len..];
            left -= count;
        }
        self.append_piece(left, rest, &times);
    }

    fn append_piece(&mut self, lines: u64, encoded: &[u8], times: &[(u64, u64)]) {
        self.store.get_mut().push(lines, encoded, times);
        if self.carry_out() {
            self.blocks.wait_for_room(|| self.writer.is_at_disk());
        }
        self.settle();
    }

    /// Hands the store's effects to the writer; says whether it has something to write.
    fn carry_out(&mut self) -> bool {
        let store = self.store.get_mut();
        let mut has_more = false;
        while let Some(effect) = store.poll() {
            match effect {
                Effect::Append(lines) => {
                    self.blocks.enqueue(lines);
                    has_more = true;
                }
                Effect::Forget { first_line } => self.blocks.forget(first_line),
            }
        }
        if has_more {
            self.writer.append(&self.blocks);
        }
        has_more
    }

    /// Lets `read` look things up in what stands here now.
    pub(super) fn with_store<T>(&self, read: impl FnOnce(&Store, &RefCell<BlockReader>) -> T) -> T {
        self.settle();
        read(&self.store.borrow(), &self.reader)
    }

    /// Tells the store what was written in the meantime, which frees the memory of it.
    fn settle(&self) {
        // While a reader's callback runs the store is lent out; the next call settles.
        let Ok(mut store) = self.store.try_borrow_mut() else {
            return;
        };
        for news in self.blocks.take_news() {
            match news {
                News::Written(entry) => store.written(entry),
                News::Dropped(segment) => store.dropped(segment),
            }
        }
    }

    /// The oldest line that is kept.
    pub fn first_line(&self) -> u64 {
        self.settle();
        self.store.borrow().first_line()
    }

    /// The number that the next line will get.
    pub fn end_line(&self) -> u64 {
        self.store.borrow().end_line()
    }

    /// The first line of those that only memory may hold: all before it are on disk, or lost.
    pub fn memory_line(&self) -> u64 {
        self.settle();
        self.store.borrow().memory_line()
    }

    /// The line before which views and searches find nothing.
    pub fn floor(&self) -> u64 {
        self.store.borrow().floor()
    }

    /// Hides the lines before `line` from views and searches; they stay on disk.
    pub fn set_floor(&mut self, line: u64) {
        self.store.get_mut().set_floor(line);
    }

    /// Sees to it that nothing is written over what cannot be opened: lines stay in memory, as far as there is room, and
    /// the warning says why.
    pub fn lock(&self, why: String) {
        self.blocks.lock(why);
    }

    /// Whether nothing may be written.
    pub fn is_locked(&self) -> bool {
        self.blocks.is_locked()
    }

    /// Whether so much waits to be written that the pane's program should pause for a moment.
    pub fn is_crowded(&self) -> bool {
        self.blocks.is_crowded()
    }

    /// As [`History::read_timed`], for `start..start + max_lines`, without the times.
    pub fn read(&self, start: u64, max_lines: usize, f: &mut dyn FnMut(u64, &[u8])) -> Result<()> {
        let lines = start..start.saturating_add(max_lines as u64);
        self.read_timed(lines, &mut |number, _, body| {
            f(number, body);
            ControlFlow::Continue(())
        })
    }

    /// What stands here now, to be searched on another thread.
    pub fn searcher(&self) -> Searcher {
        self.settle();
        let reader = BlockReader::new(self.blocks.clone());
        Searcher::new(self.store.borrow().clone(), reader)
    }

    /// Lets the journal take in what is in memory, so that a kill costs none of it. Nothing is written where nothing has
    /// changed.
    pub fn save(&mut self) {
        self.settle();
        if self.is_locked() {
            return;
        }
        let store = self.store.get_mut();
        if self.journal.take_lost() {
            store.lose_journal();
        }
        let dir = self.blocks.segments().pane_dir();
        match self
            .writer
            .sealing()
            .of_pane(dir, |sealer| store.journal(sealer))
        {
            Ok(None) => {}
            Ok(Some(write)) => {
                self.journal.enqueue(write);
                self.writer.journal(&self.journal);
            }
            Err(why) => self.journal.refuse(format!("{why:#}")),
        }
    }

    /// Whether [`History::save`] has to be tried again.
    pub fn is_unsaved(&self) -> bool {
        self.journal.is_lost()
    }

    /// Deletes the pane's directory and the files in it.
    pub fn remove(self) {
        self.writer.remove(self.blocks, self.journal);
    }

    /// Why lines cannot be saved; `None` while they can.
    pub fn fault(&self) -> Option<String> {
        self.blocks.fault().or_else(|| self.journal.fault())
    }

    /// What the user should know: that lines cannot be saved, or that some were lost.
    pub fn warning(&self) -> Option<String> {
        self.settle();
        let counted =
            |lines, what| (lines > 0).then(|| format!("{lines} lines of scrollback {what}"));
        let damaged = self.blocks.damage.lines_from(self.first_line());
        let losses = [
            counted(self.store.borrow().given_up(), "lost"),
            counted(damaged, "damaged on disk"),
        ];
        let lost = losses.into_iter().flatten().collect::<Vec<_>>().join("; ");
        match self.fault() {
            Some(fault) if lost.is_empty() => Some(format!("scrollback is not saved: {fault}")),
            Some(fault) => Some(format!("scrollback is not saved: {fault}; {lost}")),
            None => (!lost.is_empty()).then_some(lost),
        }
    }
}

/// The journal in `dir` and what it says; before there were journals the snapshot said it.
fn read_journal(
    dir: &Path,
    snapshot: Option<&Snapshot<'_>>,
    keys: &Keys,
) -> Result<(Journal, Memory)> {
    let pane = pane_of(dir);
    let opener = Opener { keys, pane };
    let (journal, mut memory) = Journal::open(dir, &opener)
        .with_context(|| format!("reading the journal in {}", dir.display()))?;
    let record = snapshot.map(|snapshot| snapshot.history);
    if let Some(record) = record.filter(|record| !record.is_empty()) {
        // One that is damaged costs itself alone.
        let _ = memory.read_record(record, &opener);
    }
    Ok((journal, memory))
}

/// Whether the first or the last block cannot be opened: whoever lost a key has lost it for one of them.
fn locked_blocks(store: &Store, reader: &mut BlockReader) -> Result<bool> {
    let last = store.memory_line().checked_sub(1);
    for line in [Some(store.first_line()), last].into_iter().flatten() {
        if let Some(Where::Block(entry)) = store.locate(line)
            && reader.is_locked(entry)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the times of the first `lines` lines off; the last time stays.
fn drop_times(times: &mut Vec<(u64, u64)>, mut lines: u64) {
    let mut passed = 0;
    for (count, _) in times.iter_mut() {
        let taken = lines.min(*count);
        *count -= taken;
        lines -= taken;
        passed += usize::from(*count == 0);
    }
    times.drain(..passed.min(times.len().saturating_sub(1)));
}

/// How many lines, and how many bytes, make a piece off the front of `encoded`.
fn piece(encoded: &[u8]) -> (u64, usize) {
    let mut reader = Reader::new(encoded);
    let mut count = 0;
    while encoded.len() - reader.rest().len() < PIECE_BYTES && reader.bytes().is_ok() {
        count += 1;
    }
    (count, encoded.len() - reader.rest().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrollback::lines::Lines;
    use crate::scrollback::search::{Direction, Match, Pattern, Position};
    use crate::scrollback::store::HELD_BYTES;
    use crate::varint;
    use proptest::prelude::*;
    use std::fs;
    use std::os::unix::fs::{FileExt, PermissionsExt};
    use std::path::PathBuf;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;
    use tempfile::TempDir;

    const PATIENCE: Duration = Duration::from_secs(60);

    struct World {
        root: TempDir,
        writer: Writer,
    }

    impl World {
        fn new() -> World {
            World {
                root: tempfile::tempdir().expect("a temporary directory"),
                writer: Writer::default(),
            }
        }

        fn dir(&self) -> PathBuf {
            self.root.path().join("panes").join("1")
        }

        fn create(&self) -> History {
            History::create(&self.dir(), &self.writer).expect("nothing is there")
        }

        fn flush(&self) {
            assert!(self.writer.flush(PATIENCE), "the writer is stuck");
        }

        fn reopen(&self) -> (History, Recovery) {
            History::open(&self.dir(), &self.writer, None).expect("it can be read")
        }

        fn segment(&self, number: u32) -> PathBuf {
            Segments::of_pane(&self.dir()).path(number)
        }

        fn mode(&self, path: &Path) -> u32 {
            path.metadata().expect("it exists").permissions().mode() & 0o777
        }
    }

    fn body(n: u64) -> Vec<u8> {
        let mut body = vec![0];
        varint::put_bytes(&mut body, format!("Line {n} of many").as_bytes());
        body.extend([0, 0]);
        body
    }

    fn append(history: &mut History, lines: u64) {
        let mut bytes = Vec::new();
        for n in history.end_line()..history.end_line() + lines {
            varint::put_bytes(&mut bytes, &body(n));
        }
        history.append(lines, &bytes, 1);
    }

    fn numbers(history: &History) -> Vec<u64> {
        let mut numbers = Vec::new();
        let mut take = |n, found: &[u8]| {
            assert_eq!(found, body(n));
            numbers.push(n);
        };
        history
            .read(0, usize::MAX, &mut take)
            .expect("it can be read");
        numbers
    }

    fn all(lines: u64) -> Vec<u64> {
        (0..lines).collect()
    }

    #[test]
    fn lines_are_found_before_and_after_they_are_written() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        assert_eq!(numbers(&history), all(20_000));
        world.flush();
        assert_eq!(numbers(&history), all(20_000));
        assert_eq!(history.store.borrow().waiting_bytes(), 0);
        let path = world.segment(0);
        assert_eq!(world.mode(&path), 0o600);
        assert_eq!(world.mode(&world.dir()), 0o700);
        assert!(History::create(&world.dir(), &world.writer).is_err());
        let mut few = Vec::new();
        history
            .read(9_999, 2, &mut |n, _| few.push(n))
            .expect("it can be read");
        assert_eq!(few, [9_999, 10_000]);
    }

    #[test]
    fn one_large_append_loses_nothing() {
        let world = World::new();
        let mut history = world.create();
        // More than may wait, in long lines: those are packed fast enough on a busy machine, even in a test.
        let line = |n: u64| {
            let mut line = vec![0];
            varint::put_bytes(&mut line, format!("{n:x<4000}").as_bytes());
            line.extend([0, 0]);
            line
        };
        let lines = 4 * HELD_BYTES as u64 / 4000;
        let mut bytes = Vec::new();
        (0..lines).for_each(|n| varint::put_bytes(&mut bytes, &line(n)));
        history.append(lines, &bytes, 1);
        world.flush();
        assert_eq!(history.warning(), None);
        let mut next = 0;
        let mut take = |n, found: &[u8]| {
            assert!(n == next && found == line(n), "line {n} instead of {next}");
            next += 1;
        };
        history
            .read(0, usize::MAX, &mut take)
            .expect("it can be read");
        assert_eq!(next, lines);
    }

    #[test]
    fn a_killed_server_finds_its_lines_again() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 12_345);
        history.save();
        world.flush();
        drop(history);
        let (mut history, recovery) = world.reopen();
        assert_eq!(recovery.journal_end, Some(12_345));
        assert_eq!((recovery.end_line, recovery.missing_lines), (12_345, 0));
        append(&mut history, 10_000);
        world.flush();
        assert_eq!(numbers(&history), all(22_345));
    }

    #[test]
    fn a_peek_sees_what_is_on_disk_and_leaves_it_alone() {
        let world = World::new();
        assert_eq!(
            History::peek(&world.dir(), &Keys::default())
                .expect("nothing")
                .end_line(),
            0
        );
        let mut history = world.create();
        append(&mut history, 20_000);
        world.flush();
        let path = world.segment(0);
        let mut bytes = fs::read(&path).expect("it exists");
        bytes.extend(b"torn");
        fs::write(&path, &bytes).expect("it is writable");
        let searcher = History::peek(&world.dir(), &Keys::default()).expect("it can be read");
        let mut read = Vec::new();
        let mut each = |n, found: &[u8]| {
            assert_eq!(found, body(n));
            read.push(n);
            std::ops::ControlFlow::Continue(())
        };
        searcher
            .read(0..u64::MAX, &mut each)
            .expect("it can be read");
        assert!(searcher.end_line() > 10_000);
        assert_eq!(read, all(searcher.end_line()));
        assert_eq!(fs::read(&path).expect("it exists"), bytes);
    }

    #[test]
    fn times_stay_with_their_lines_in_a_large_append() {
        let world = World::new();
        let mut history = world.create();
        let mut bytes = Vec::new();
        for n in 0..100_000 {
            varint::put_bytes(&mut bytes, &body(n));
        }
        history.append_timed(100_000, &bytes, &[(10, 5), (0, 6), (60_000, 7), (5, 8)]);
        let at = |line| history.time_of(line).expect("it can be read");
        let lines = [0, 9, 10, 60_009, 60_010, 99_999];
        assert_eq!(lines.map(at), [5, 5, 7, 7, 8, 8].map(Some));
    }

    #[test]
    fn a_torn_end_is_cut_and_written_over() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        world.flush();
        drop(history);
        let path = world.segment(0);
        let file = fs::OpenOptions::new().write(true).open(&path);
        let file = file.expect("it exists");
        let len = file.metadata().expect("it is open").len();
        file.set_len(len - 1).expect("it is writable");
        let (mut history, recovery) = world.reopen();
        assert!(recovery.torn_bytes > 0 && recovery.end_line > 0);
        assert_eq!(numbers(&history), all(recovery.end_line));
        append(&mut history, 20_000);
        world.flush();
        drop(history);
        let (history, again) = world.reopen();
        assert_eq!((again.torn_bytes, again.damaged_bytes), (0, 0));
        assert_eq!(numbers(&history), all(again.end_line));
        assert!(again.end_line > recovery.end_line);
    }

    #[test]
    fn a_file_that_refuses_costs_nothing_until_it_is_gone() {
        let world = World::new();
        let mut history = world.create();
        let path = world.segment(0);
        fs::create_dir_all(path.parent().expect("a folder")).expect("there is room");
        std::os::unix::fs::symlink("/dev/full", &path).expect("there is room");
        append(&mut history, 20_000);
        world.flush();
        let warning = history.warning().expect("what is there refuses");
        assert!(warning.contains("scrollback is not saved"), "{warning}");
        assert_eq!(numbers(&history), all(20_000));
        fs::remove_file(&path).expect("it is there");
        world.flush();
        assert_eq!(history.warning(), None);
        assert_eq!(history.store.borrow().waiting_bytes(), 0);
        assert_eq!(numbers(&history), all(20_000));
    }

    #[test]
    fn a_directory_that_cannot_be_made_costs_the_oldest_in_the_end() {
        let world = World::new();
        fs::write(world.root.path().join("panes"), "in the way").expect("there is room");
        let mut history = world.create();
        for _ in 0..10 {
            append(&mut history, 100_000);
        }
        world.flush();
        let lost = history.store.borrow().given_up();
        assert!(lost > 0);
        assert!(
            history
                .warning()
                .expect("a fault")
                .contains(&lost.to_string())
        );
        assert_eq!(numbers(&history), (lost..1_000_000).collect::<Vec<_>>());
        fs::remove_file(world.root.path().join("panes")).expect("it is there");
        world.flush();
        assert!(history.blocks.fault().is_none());
        assert_eq!(numbers(&history), (lost..1_000_000).collect::<Vec<_>>());
        history.save();
        drop(history);
        let (history, recovery) = world.reopen();
        assert_eq!(recovery.missing_lines, lost);
        assert_eq!(history.first_line(), lost);
    }

    #[test]
    fn a_pane_that_is_closed_while_the_disk_refuses_is_written_down_later() {
        let world = World::new();
        let panes = world.root.path().join("panes");
        fs::write(&panes, "in the way").expect("there is room");
        let mut history = world.create();
        append(&mut history, 12_345);
        history.save();
        let meta = world.dir().join("meta.json");
        world.writer.replace(meta.clone(), b"{}".to_vec());
        drop(history);
        world.flush();
        assert!(world.writer.warning().is_some());
        fs::remove_file(panes).expect("it is there");
        world.flush();
        assert_eq!(world.writer.warning(), None);
        assert_eq!(numbers(&world.reopen().0), all(12_345));
        assert_eq!(fs::read(meta).expect("it is written"), b"{}");
    }

    #[test]
    fn the_journal_before_stays_until_blocks_are_synced() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        history.save();
        world.flush();
        let (folder, aside) = (world.dir().join("scrollback"), world.dir().join("aside"));
        fs::rename(&folder, &aside).expect("it is there");
        // Nobody can open a link to itself; what is open already is written.
        std::os::unix::fs::symlink(&folder, &folder).expect("there is room");
        append(&mut history, 20_000);
        history.store.get_mut().lose_journal();
        history.save();
        let old = world.dir().join("journal.old");
        for _ in 0..3 {
            world.flush();
            assert!(old.exists() && history.fault().is_some());
        }
        fs::remove_file(&folder).expect("it is there");
        fs::rename(&aside, &folder).expect("it is there");
        world.flush();
        assert!(!old.exists() && history.fault().is_none());
        assert_eq!(numbers(&history), all(40_000));
    }

    #[test]
    fn what_is_removed_is_gone() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        world.writer.replace(world.dir().join("snapshot"), vec![1]);
        history.remove();
        world.flush();
        assert!(!world.dir().exists());
        assert_eq!(world.writer.warning(), None);
    }

    #[test]
    fn search_finds_what_a_scan_finds() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 30_000);
        world.flush();
        append(&mut history, 5_000);
        history.set_floor(40);
        let searcher = history.searcher();
        append(&mut history, 5_000);
        let pattern = Pattern::new("77 of").expect("it is not empty");
        let expected: Vec<u64> = (40..35_000).filter(|n| n % 100 == 77).collect();
        let found = all_matches(&searcher, &pattern, Direction::Forward);
        assert_eq!(found, expected);
        let mut found = all_matches(&searcher, &pattern, Direction::Backward);
        found.reverse();
        assert_eq!(found, expected);
    }

    /// The lines of all matches, in the order in which they were found.
    fn all_matches(searcher: &Searcher, pattern: &Pattern, direction: Direction) -> Vec<u64> {
        let cancel = AtomicBool::new(false);
        let mut from = match direction {
            Direction::Forward => Position::default(),
            Direction::Backward => Position {
                line: u64::MAX,
                byte: 0,
            },
        };
        let mut found = Vec::new();
        let step = |from| searcher.find(pattern, from, direction, &cancel);
        while let Some(next) = step(from).expect("it can be read") {
            found.push(next.line);
            from = Position {
                line: next.line,
                byte: match direction {
                    Direction::Forward => next.start_byte + 1,
                    Direction::Backward => next.start_byte,
                },
            };
        }
        found
    }

    #[test]
    fn a_damaged_block_is_passed_over() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        world.flush();
        history.settle();
        let entry = match history.store.borrow().locate(8_000) {
            Some(Where::Block(entry)) => entry,
            other => panic!("it is not on disk: {other:?}"),
        };
        let file = fs::OpenOptions::new().write(true).open(world.segment(0));
        file.and_then(|file| file.write_all_at(&[0; 64], entry.offset + 100))
            .expect("it is writable");
        let lost = entry.first_line..entry.end_line();
        let mut expected = all(20_000);
        expected.retain(|n| !lost.contains(n));
        assert_eq!((history.gap_at(8_000), history.warning()), (None, None));
        assert_eq!(numbers(&history), expected);
        assert_eq!(history.gap_at(8_000), Some(lost.clone()));
        let warning = format!("{} lines of scrollback damaged on disk", entry.lines);
        assert_eq!(history.warning(), Some(warning));
        let pattern = Pattern::new("77 of").expect("it is not empty");
        expected.retain(|n| n % 100 == 77);
        let searcher = history.searcher();
        assert_eq!(
            all_matches(&searcher, &pattern, Direction::Forward),
            expected
        );
        let mut found = all_matches(&searcher, &pattern, Direction::Backward);
        found.reverse();
        assert_eq!(found, expected);
        drop(history);
        assert_eq!(
            numbers(&world.reopen().0).iter().find(|n| **n >= lost.end),
            Some(&lost.end)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn any_search_equals_a_naive_one(
            texts in prop::collection::vec("[aAb]{0,4}x{2000}[abé]{0,3}", 1..80),
            recent_texts in prop::collection::vec("[aAbé]{0,4}", 0..9),
            needle in "[aAbé]{1,2}",
            line in 0..90u64,
            byte in 0..2010usize,
        ) {
            let world = World::new();
            let mut history = world.create();
            for text in &texts {
                let (mut body, mut bytes) = (vec![0], Vec::new());
                varint::put_bytes(&mut body, text.as_bytes());
                varint::put_bytes(&mut bytes, &body);
                history.append(1, &bytes, 0);
            }
            world.flush();
            let pattern = Pattern::new(&needle).expect("it is not empty");
            let from = Position { line, byte };
            let mut matches = Vec::new();
            for (line, text) in (0..).zip(texts.iter().chain(&recent_texts)) {
                let mut at = 0;
                while let Some(range) = pattern.find_in(text, at) {
                    at = range.start + 1;
                    matches.push(Match { line, start_byte: range.start, end_byte: range.end });
                }
            }
            let place = |m: &&Match| Position { line: m.line, byte: m.start_byte };
            let cancel = AtomicBool::new(false);
            let searcher = |history: &History| {
                let mut recent = Lines::starting_at(history.end_line());
                for text in &recent_texts {
                    let mut body = vec![0];
                    varint::put_bytes(&mut body, text.as_bytes());
                    recent.push(&body, 0);
                }
                history.searcher().with_recent(recent)
            };
            let find = |direction| searcher(&history).find(&pattern, from, direction, &cancel);
            let next = matches.iter().find(|m| place(m) >= from);
            prop_assert_eq!(find(Direction::Forward).expect("it can be read"), next.copied());
            let previous = matches.iter().rfind(|m| place(m) < from);
            prop_assert_eq!(find(Direction::Backward).expect("it can be read"), previous.copied());
            let round = |direction| searcher(&history).find_round(&pattern, from, direction, &cancel);
            if next.is_none() {
                prop_assert_eq!(round(Direction::Forward).expect("it can be read"), matches.first().copied());
            }
            if previous.is_none() {
                prop_assert_eq!(round(Direction::Backward).expect("it can be read"), matches.last().copied());
            }
        }
    }

    #[test]
    fn a_search_runs_on_another_thread_and_can_be_cancelled() {
        let world = World::new();
        let mut history = world.create();
        append(&mut history, 10_000);
        let searcher = history.searcher();
        let pattern = Pattern::new("of many").expect("it is not empty");
        let found = std::thread::spawn(move || {
            let start = Position::default();
            let ask = |cancel| {
                let cancel = AtomicBool::new(cancel);
                searcher.find(&pattern, start, Direction::Forward, &cancel)
            };
            (ask(false), ask(true))
        });
        let (found, cancelled) = found.join().expect("it does not panic");
        assert_eq!(found.expect("it can be read").map(|m| m.line), Some(0));
        assert_eq!(cancelled.expect("it can be read"), None);
    }

    #[test]
    fn a_replacement_is_whole_and_the_last_one() {
        let world = World::new();
        let path = world.dir().join("snapshot");
        for n in 0..100u8 {
            world.writer.replace(&path, vec![n; 100]);
        }
        world.flush();
        assert_eq!(fs::read(&path).expect("it exists"), [99; 100]);
        assert_eq!(world.mode(&path), 0o600);
        let entries = fs::read_dir(world.dir()).expect("it exists");
        assert_eq!(entries.count(), 1);
    }

    #[test]
    fn the_last_handle_writes_what_waits() {
        let mut world = World::new();
        let mut history = world.create();
        append(&mut history, 20_000);
        let end = history.store.borrow().end_line();
        history.save();
        drop(history);
        world.writer = Writer::default();
        let (history, recovery) = world.reopen();
        assert_eq!(recovery.end_line, end);
        assert_eq!(numbers(&history), all(end));
        let on_disk = world.reopen().1.end_line;
        assert!(on_disk > end - 10_000);
    }
}
