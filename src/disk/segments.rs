//! The files of one pane's scrollback: segments of blocks, each but the last with an index file beside it.
//!
//! ```text
//! panes/ID/scrollback/00000000.seg  00000000.idx  00000001.seg  00000001.idx  00000002.seg …
//! ```
//!
//! A number is never used again while a later one stands. Before there were segments `scrollback` was a file of blocks:
//! that is read as segment 0.

use super::atomic::{self, Survives};
use super::blocks::make_dir;
use super::plain;
use crate::scrollback::index::{MAX_INDEX, Segment};
use crate::scrollback::recovery::{Found, scan};
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The folder of segments in a pane's directory.
const FOLDER: &str = "scrollback";

/// Where a pane's segments are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    dir: PathBuf,
}

/// One segment as it lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Which.
    pub number: u32,
    /// Its length.
    pub bytes: u64,
}

/// What [`Segments::read`] found.
#[derive(Debug, Default)]
pub struct Contents {
    /// The blocks.
    pub found: Found,
    /// The segments, oldest first; the last one as long as it is whole.
    pub held: Vec<Held>,
    /// The last segment's blocks.
    pub last: Segment,
    /// Those whose index file has to be written anew, with their lengths.
    pub without_index: Vec<(Segment, u64)>,
}

impl Segments {
    /// Those of the pane with this directory.
    pub fn of_pane(pane_dir: &Path) -> Self {
        Self {
            dir: pane_dir.join(FOLDER),
        }
    }

    /// The folder; it need not exist.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The pane's directory.
    pub fn pane_dir(&self) -> &Path {
        self.dir.parent().unwrap_or(&self.dir)
    }

    /// Where a segment stands.
    pub fn path(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:08}.seg"))
    }

    fn index_path(&self, number: u32) -> PathBuf {
        self.path(number).with_extension("idx")
    }

    /// Whether anything stands there.
    pub fn exist(&self) -> bool {
        self.dir.symlink_metadata().is_ok()
    }

    /// The segments' numbers, in order.
    pub fn numbers(&self) -> io::Result<Vec<u32>> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(vec![0]),
            entries => entries?,
        };
        let mut numbers = Vec::new();
        for entry in entries {
            numbers.extend(entry?.file_name().to_str().and_then(number));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Opens a segment to be read.
    pub fn open(&self, number: u32) -> io::Result<File> {
        match plain::open(&self.path(number)) {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => plain::open(&self.dir),
            file => file,
        }
    }

    /// Opens a segment to be written from `end` on, which need not exist; what stands behind `end` is cut.
    pub fn open_at(&self, number: u32, end: u64) -> io::Result<File> {
        make_dir(&self.dir)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = plain::open_as(&mut options, &self.path(number))?;
        if file.metadata()?.len() > end {
            file.set_len(end)?;
        }
        Ok(file)
    }

    /// Puts a file of the time before segments in its place.
    pub fn adopt_single_file(&self) -> io::Result<()> {
        let is_file = self
            .dir
            .symlink_metadata()
            .is_ok_and(|found| found.is_file());
        if !is_file {
            return Ok(());
        }
        let beside = self.dir.with_extension("single");
        fs::rename(&self.dir, &beside)?;
        make_dir(&self.dir)?;
        fs::rename(&beside, self.path(0))
    }

    /// Writes the index file of a segment of `len` bytes.
    pub fn write_index(&self, segment: &Segment, len: u64) -> io::Result<()> {
        let path = self.index_path(segment.number);
        atomic::write(&path, &segment.to_bytes(len), Survives::Kill)
    }

    /// Deletes a segment and its index.
    pub fn remove(&self, number: u32) -> io::Result<()> {
        let _ = fs::remove_file(self.index_path(number));
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads which blocks there are: from index files, and from the heads of blocks where there is none that is right.
    /// A segment that goes while this runs, or cannot be read, costs itself alone; if it was the one being written, the
    /// next begins behind it. Nothing is written.
    pub fn read(&self) -> Result<Contents> {
        let context = || format!("reading {}", self.dir.display());
        let numbers = self.numbers().with_context(context)?;
        let mut contents = Contents::default();
        for &number in &numbers {
            let is_last = Some(&number) == numbers.last();
            let outcome = self.read_one(number, is_last, &mut contents);
            if outcome.is_err() && is_last {
                contents.held.push(Held {
                    number: number.saturating_add(1),
                    bytes: 0,
                });
            }
        }
        Ok(contents)
    }

    fn read_one(&self, number: u32, is_last: bool, contents: &mut Contents) -> io::Result<()> {
        let file = self.open(number)?;
        let len = file.metadata()?.len();
        let read = |at, out: &mut [u8]| read_at(&file, at, out);
        let mut bytes = len;
        let indexed = (!is_last).then(|| self.read_index(number, len)).flatten();
        let segment = match indexed {
            Some(segment) => segment,
            None => {
                let mut scan = scan(number, len, read)?;
                contents.found.damaged_bytes += scan.damaged_bytes;
                if is_last {
                    scan.drop_torn(read)?;
                    bytes = scan.end;
                    contents.found.torn_bytes = len - scan.end;
                    contents.last = scan.segment.clone();
                } else {
                    contents.without_index.push((scan.segment.clone(), len));
                }
                scan.segment
            }
        };
        contents.held.push(Held { number, bytes });
        contents.found.index.add(segment);
        Ok(())
    }

    fn read_index(&self, number: u32, len: u64) -> Option<Segment> {
        let mut bytes = Vec::new();
        let file = plain::open(&self.index_path(number)).ok()?;
        file.take(MAX_INDEX).read_to_end(&mut bytes).ok()?;
        Segment::read(number, len, &bytes).ok()
    }
}

/// The number of the segment with that file name; only the way that it is written counts.
fn number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".seg")?;
    let number: u32 = digits.parse().ok()?;
    (format!("{number:08}") == digits).then_some(number)
}

/// Fills `out` from `offset`; says how far that came.
pub fn read_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < out.len() {
        match file.read_at(&mut out[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}
