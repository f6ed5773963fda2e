//! The file of a pane's commands: `panes/ID/commands`, one line of JSON for each change of one, only ever added to. A
//! line that is torn or damaged is passed over by whoever reads it. What the lines say is others' business. A sealed line
//! is `sealed:` and the Base64 of what `scrollback::seal` makes of it; one that cannot be opened is passed over as well.
//!
//! A file that has grown to 8 MiB becomes `commands.old`, in place of the one before.

use super::blocks::make_dir;
use super::key::{Keys, pane_of};
use super::plain;
use crate::scrollback::seal::{Kind, OVERHEAD, Opener, Sealer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes after which a file is put aside: some 30,000 commands.
const MAX_FILE: u64 = 8 << 20;

/// Bytes that wait for a disk that refuses them, per file; of more the oldest lines are given up.
const MAX_WAITING: usize = 256 << 10;

/// The longest line that is read, in bytes: a command line and a directory of 4 KiB each, every byte escaped.
const MAX_LINE: usize = 64 << 10;

/// The same, sealed.
const MAX_SEALED: usize = PREFIX.len() + (MAX_LINE + OVERHEAD).div_ceil(3) * 4;

/// How a sealed line begins.
const PREFIX: &str = "sealed:";

/// Where the commands of the pane with that directory stand.
pub fn file(pane_dir: &Path) -> PathBuf {
    pane_dir.join("commands")
}

/// Calls `each` with the lines of what stands in a pane's directory, oldest first: those in the last `max_bytes`. Files
/// that are not there hold none. Says how many sealed lines could not be opened.
pub fn read(
    pane_dir: &Path,
    keys: &Keys,
    max_bytes: u64,
    each: &mut dyn FnMut(&str),
) -> io::Result<u64> {
    let pane = pane_of(pane_dir);
    let opener = Opener { keys, pane };
    let mut locked = 0;
    let each = &mut |line: &str| match line.strip_prefix(PREFIX) {
        None => each(line),
        Some(sealed) => match open(sealed, &opener) {
            Some(line) => each(&line),
            None => locked += 1,
        },
    };
    let newest = file(pane_dir);
    let newest_len = length(&newest)?;
    let left = max_bytes.saturating_sub(newest_len);
    if left > 0 {
        read_end(&newest.with_extension("old"), left, each)?;
    }
    read_end(&newest, max_bytes, each)?;
    Ok(locked)
}

fn open(sealed: &str, opener: &Opener<'_>) -> Option<String> {
    let sealed = STANDARD.decode(sealed).ok()?;
    let line = opener.open(Kind::Command, &[], &sealed).ok()?;
    String::from_utf8(line).ok()
}

/// Whole lines as they are stored: sealed, if there is something to seal with.
pub(super) fn stored(lines: Vec<u8>, sealer: Option<&Sealer<'_>>) -> Vec<u8> {
    let Some(sealer) = sealer else {
        return lines;
    };
    let mut out = String::new();
    for line in lines
        .split(|byte| *byte == b'\n')
        .filter(|it| !it.is_empty())
    {
        let mut sealed = Vec::new();
        sealer.seal(Kind::Command, &[], line, &mut sealed);
        out.push_str(PREFIX);
        STANDARD.encode_string(&sealed, &mut out);
        out.push('\n');
    }
    out.into_bytes()
}

fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        found => Ok(found?.len()),
    }
}

/// The lines in the last `max_bytes` of a file; one that begins before them is left out.
fn read_end(path: &Path, max_bytes: u64, each: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut file = match plain::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let skipped = file.metadata()?.len().saturating_sub(max_bytes);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(max_bytes.min(2 * MAX_FILE))
        .read_to_end(&mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    for line in lines.skip(usize::from(skipped > 0)) {
        if line.len() <= MAX_SEALED
            && let Ok(line) = std::str::from_utf8(line)
            && !line.is_empty()
        {
            each(line);
        }
    }
    Ok(())
}

/// The files of all panes, as the writer's thread adds to them.
#[derive(Debug, Default)]
pub(super) struct CommandFiles {
    /// What a disk has refused so far.
    waiting: BTreeMap<PathBuf, Vec<u8>>,
    unsynced: Vec<File>,
}

impl CommandFiles {
    /// Adds whole lines to the file at `path`, after those that still wait for it. Those that cannot be written wait.
    pub fn extend(&mut self, path: PathBuf, lines: &[u8]) -> io::Result<()> {
        let mut bytes = self.waiting.remove(&path).unwrap_or_default();
        bytes.extend_from_slice(lines);
        match add(&path, &bytes) {
            Ok(file) => {
                self.unsynced.push(file);
                Ok(())
            }
            Err(error) => {
                drop_oldest(&mut bytes);
                self.waiting.insert(path, bytes);
                Err(error)
            }
        }
    }

    /// Tries once more what was refused; says how it went with each file.
    pub fn retry(&mut self) -> Vec<(PathBuf, io::Result<()>)> {
        let paths: Vec<_> = self.waiting.keys().cloned().collect();
        let paths = paths.into_iter();
        paths
            .map(|path| (path.clone(), self.extend(path, b"")))
            .collect()
    }

    /// Sees to it that what was written outlasts a power cut.
    pub fn sync(&mut self) {
        for file in self.unsynced.drain(..) {
            // What cannot be synced is at most five seconds of records, and the lines themselves are told of elsewhere.
            let _ = file.sync_data();
        }
    }

    /// Forgets the pane with that directory, which is being deleted.
    pub fn forget(&mut self, pane_dir: &Path) {
        self.waiting.remove(&file(pane_dir));
    }
}

/// Adds `bytes` to a file, behind a line of its own if the last one is torn.
fn add(path: &Path, bytes: &[u8]) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        make_dir(dir)?;
    }
    if length(path)? + bytes.len() as u64 > MAX_FILE {
        fs::rename(path, path.with_extension("old"))?;
    }
    let mut options = OpenOptions::new();
    let mut file = plain::open_as(options.read(true).append(true).create(true), path)?;
    let len = file.metadata()?.len();
    let mut last = [b'\n'];
    if len > 0 {
        file.read_exact_at(&mut last, len - 1)?;
    }
    let written = match last {
        [b'\n'] => file.write_all(bytes),
        _ => file.write_all(&[b"\n", bytes].concat()),
    };
    // A part of it would be written twice.
    if written.is_err() {
        let _ = file.set_len(len);
    }
    written.map(|()| file)
}

/// Drops lines from the front until the bound is kept.
fn drop_oldest(bytes: &mut Vec<u8>) {
    if let Some(over) = bytes.len().checked_sub(MAX_WAITING) {
        let end = bytes[over..].iter().position(|byte| *byte == b'\n');
        bytes.drain(..end.map_or(bytes.len(), |end| over + end + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn lines(dir: &Path, max_bytes: u64) -> Vec<String> {
        let mut found = Vec::new();
        let keys = Keys::default();
        let read = read(dir, &keys, max_bytes, &mut |line| {
            found.push(line.to_owned())
        });
        read.expect("it can be read");
        found
    }

    #[test]
    fn lines_are_added_behind_a_torn_one() {
        let root = tempfile::tempdir().expect("a directory");
        let dir = root.path().join("7");
        let mut files = CommandFiles::default();
        assert!(lines(&dir, 99).is_empty());
        files.extend(file(&dir), b"one\ntwo\n").expect("written");
        let mode = file(&dir).metadata().expect("made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let torn = OpenOptions::new().append(true).open(file(&dir));
        torn.and_then(|mut file| file.write_all(b"\xffto"))
            .expect("written");
        files.extend(file(&dir), b"three\n").expect("written");
        files.sync();
        assert_eq!(lines(&dir, 99), ["one", "two", "three"]);
        assert_eq!(lines(&dir, 8), ["three"]);
    }

    #[test]
    fn a_disk_that_refuses_is_tried_again_in_order() {
        let root = tempfile::tempdir().expect("a directory");
        let dir = root.path().join("7");
        fs::write(&dir, "in the way").expect("written");
        let mut files = CommandFiles::default();
        assert!(files.extend(file(&dir), b"one\n").is_err());
        assert!(files.retry().iter().all(|(_, tried)| tried.is_err()));
        assert!(!files.waiting.is_empty());
        let many = "many\n".repeat(MAX_WAITING);
        assert!(files.extend(file(&dir), many.as_bytes()).is_err());
        assert!(files.waiting[&file(&dir)].len() <= MAX_WAITING);
        fs::remove_file(&dir).expect("it is there");
        files.extend(file(&dir), b"last\n").expect("written");
        assert!(files.waiting.is_empty() && files.retry().is_empty());
        let found = lines(&dir, u64::MAX);
        assert!(found.len() > 1000 && found[0] == "many");
        assert_eq!(found.last().map(String::as_str), Some("last"));
    }

    #[test]
    fn a_file_that_is_full_is_put_aside_and_still_read() {
        let root = tempfile::tempdir().expect("a directory");
        let mut files = CommandFiles::default();
        let line = format!("{}\n", "x".repeat(MAX_LINE - 1));
        let count = 3 * MAX_FILE as usize / line.len();
        for _ in 0..count {
            files
                .extend(file(root.path()), line.as_bytes())
                .expect("written");
        }
        files.extend(file(root.path()), b"last\n").expect("written");
        let found = lines(root.path(), u64::MAX);
        assert!(found.len() < count && found.len() > count / 3);
        assert_eq!(found.last().map(String::as_str), Some("last"));
        let both = length(&file(root.path())).expect("read")
            + length(&file(root.path()).with_extension("old")).expect("read");
        assert!(both <= 2 * MAX_FILE);
    }
}
