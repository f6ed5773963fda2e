//! A file on its way in: written beside the place where it will be, and put there once it is whole.
//!
//! What a cut has left beside it (`.NAME.wt-part`) is taken up again if its bytes are the beginning of what comes. The
//! part is locked while it is written, so that two copies to one place do not become a third.

use super::outgoing::{STEP, add, finished};
use super::tree::{Base, PERMISSIONS, Spot, meta, set_time, spot};
use crate::protocol::files::{FileKind, FilePath, Have, Keep, Meta, Resume, Sum};
use anyhow::{Context as _, Result, bail, ensure};
use ring::digest::{Context, SHA256};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;

/// Longest name of a file, in bytes (`NAME_MAX` of Linux and macOS).
const MAX_NAME: usize = 255;

const PART: &[u8] = b".wt-part";

/// A file that is being written.
pub struct Incoming {
    spot: Spot,
    part: Vec<u8>,
    file: File,
    sum: Context,
    bytes: u64,
    meta: Meta,
    keep: Keep,
    /// The permissions of the file whose place it takes.
    replaced: Option<u32>,
    /// Whether nothing is left to be put into its place.
    is_placed: bool,
}

impl Incoming {
    /// Opens the part. What stands in the place and is no file is left as it is, and refused.
    pub fn open(
        base: Base,
        path: &FilePath,
        meta: Meta,
        keep: Keep,
        resume: Resume,
    ) -> Result<Self> {
        let spot = spot(base, path)?;
        let replaced = replaced(&spot)?;
        let part = part_name(&spot.name);
        let opened = open_part(&spot, &part, meta.mode);
        let file = opened.with_context(|| spot.shown.clone())?;
        if resume == Resume::Never {
            file.set_len(0).with_context(|| spot.shown.clone())?;
        }
        Ok(Self {
            part,
            file,
            sum: Context::new(&SHA256),
            bytes: 0,
            meta,
            keep,
            replaced,
            is_placed: false,
            spot,
        })
    }

    /// Where it goes, to be told.
    pub fn shown(&self) -> &str {
        &self.spot.shown
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sums another step of what is there already; `Some` once that is all.
    pub fn known(&mut self) -> Result<Option<Have>> {
        let read = add(&mut self.file, STEP as u64, &mut self.sum);
        let read = read.with_context(|| format!("reading what is there of {}", self.spot.shown))?;
        self.bytes += read;
        let sum = finished(&self.sum);
        let have = Have {
            bytes: self.bytes,
            sum,
        };
        Ok((read < STEP as u64).then_some(have))
    }

    /// Begins there: behind all that is known, or anew.
    pub fn begin(&mut self, from: u64) -> Result<()> {
        if from != self.bytes {
            ensure!(from == 0, "{}: that is not its beginning", self.spot.shown);
            self.sum = Context::new(&SHA256);
            self.bytes = 0;
        }
        let begun = self.file.set_len(from);
        let begun = begun.and_then(|()| self.file.seek(SeekFrom::Start(from)));
        begun.map(|_| ()).with_context(|| self.spot.shown.clone())
    }

    /// Appends.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_all(bytes);
        written.with_context(|| format!("writing {}", self.spot.shown))?;
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Puts it into its place, if it is what was sent.
    pub fn finish(mut self, sum: Sum) -> Result<()> {
        let shown = self.spot.shown.clone();
        if finished(&self.sum) != sum {
            self.remove();
            self.is_placed = true;
            bail!("{shown} has not arrived as it was sent: copy it again");
        }
        let name = OsStr::from_bytes(&self.spot.name);
        let part = OsStr::from_bytes(&self.part);
        let placed = self.dress().and_then(|()| {
            let dir = &self.spot.dir;
            Ok(rustix::fs::renameat(dir, part, dir, name)?)
        });
        self.is_placed = placed.is_ok();
        placed.with_context(|| format!("putting {shown} into its place"))
    }

    /// Takes away what was written.
    fn remove(&self) {
        let part = OsStr::from_bytes(&self.part);
        // What cannot be removed is overwritten by the next attempt.
        let _ = rustix::fs::unlinkat(&self.spot.dir, part, AtFlags::empty());
    }

    /// Gives it its mode and time.
    fn dress(&self) -> Result<()> {
        let mode = match (self.keep, self.replaced) {
            (Keep::ModeAndTime, _) => self.meta.mode & PERMISSIONS,
            (Keep::Nothing, Some(mode)) => mode,
            // The system has taken from it what the user's umask says.
            (Keep::Nothing, None) => {
                rustix::fs::fstat(&self.file)?.st_mode & PERMISSIONS & (self.meta.mode | 0o600)
            }
        };
        rustix::fs::fchmod(&self.file, Mode::from_raw_mode(mode))?;
        if self.keep == Keep::ModeAndTime {
            set_time(&self.file, &self.meta)?;
        }
        Ok(())
    }
}

impl Drop for Incoming {
    /// What has got nothing leaves nothing.
    fn drop(&mut self) {
        if !self.is_placed && self.file.metadata().is_ok_and(|part| part.len() == 0) {
            self.remove();
        }
    }
}

/// The permissions of the file that stands there; what is no file is not replaced.
fn replaced(spot: &Spot) -> Result<Option<u32>> {
    let name = OsStr::from_bytes(&spot.name);
    let found = rustix::fs::statat(&spot.dir, name, AtFlags::SYMLINK_NOFOLLOW);
    match found.map(|stat| meta(&stat)) {
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error).with_context(|| spot.shown.clone()),
        Ok(found) if found.kind == FileKind::File => Ok(Some(found.mode)),
        Ok(found) if found.kind == FileKind::Directory => {
            bail!("{}: a directory is in the way", spot.shown)
        }
        Ok(_) => bail!("{}: what is there is no regular file", spot.shown),
    }
}

/// The name of the part; of a name that is too long for that, only as much as there is room for.
fn part_name(name: &[u8]) -> Vec<u8> {
    let room = MAX_NAME - PART.len() - 1;
    let mut part = vec![b'.'];
    if name.len() > room {
        // So that two long names do not share a part.
        let sum = ring::digest::digest(&SHA256, name);
        let mark: String = sum.as_ref()[..8]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        part.extend_from_slice(&name[..room - mark.len()]);
        part.extend_from_slice(mark.as_bytes());
    } else {
        part.extend_from_slice(name);
    }
    part.extend_from_slice(PART);
    part
}

/// Opens the part for this copy alone.
fn open_part(spot: &Spot, part: &[u8], mode: u32) -> Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let flags = flags | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mode = Mode::from_raw_mode((mode & PERMISSIONS) | 0o600);
    let name = OsStr::from_bytes(part);
    loop {
        let fd = rustix::fs::openat(&spot.dir, name, flags, mode)?;
        match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => bail!("it is being copied already"),
            locked => locked?,
        }
        let open = rustix::fs::fstat(&fd)?;
        let own = rustix::process::geteuid().as_raw();
        ensure!(
            meta(&open).kind == FileKind::File && open.st_uid == own && open.st_nlink <= 1,
            "{} is in the way: remove it",
            String::from_utf8_lossy(part)
        );
        // The copy that had it may have put it into its place in between: that file is finished.
        let named = rustix::fs::statat(&spot.dir, name, AtFlags::SYMLINK_NOFOLLOW);
        if named.is_ok_and(|named| (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino)) {
            return Ok(File::from(fd));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::outgoing::Outgoing;
    use super::super::tree::path_of;
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    const LIKE: Meta = Meta {
        kind: FileKind::File,
        size: 3,
        mode: 0o640,
        modified: (1_000_000_000, 5),
    };

    fn open(path: &Path, keep: Keep, resume: Resume) -> Result<Incoming> {
        Incoming::open(Base::Current, &path_of(path), LIKE, keep, resume)
    }

    fn sum(bytes: &[u8]) -> Sum {
        let mut context = Context::new(&SHA256);
        context.update(bytes);
        finished(&context)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_there_once_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let mut file = open(&path, Keep::ModeAndTime, Resume::Never).unwrap();
        file.write(b"abc").unwrap();
        assert!(!path.exists());
        file.finish(sum(b"abc")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(mode(&path), 0o640);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_secs(), 1_000_000_000);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_damaged_takes_no_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut file = open(&path, Keep::Nothing, Resume::Never).unwrap();
        file.write(b"abd").unwrap();
        let error = file.finish(sum(b"abc")).unwrap_err().to_string();
        assert!(error.contains("has not arrived as it was sent"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_cut_has_left_is_taken_up_if_it_is_the_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let whole: Vec<u8> = (0..9_000_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        fs::write(&from, &whole).unwrap();
        for (left, expected) in [(&whole[..5_000_000], 5_000_000), (b"other", 0), (b"", 0)] {
            let mut file = open(&to, Keep::Nothing, Resume::IfEqual).unwrap();
            file.write(left).unwrap();
            drop(file);
            let mut file = open(&to, Keep::Nothing, Resume::IfEqual).unwrap();
            let have = loop {
                if let Some(have) = file.known().unwrap() {
                    break have;
                }
            };
            assert_eq!(have.bytes, left.len() as u64);
            let mut source = Outgoing::open(Base::Current, &path_of(&from)).unwrap();
            let mut check = source.check(have);
            let from = loop {
                if let Some(from) = source.compare(&mut check).unwrap() {
                    break from;
                }
            };
            assert_eq!(from, expected);
            file.begin(from).unwrap();
            loop {
                let bytes = source.read().unwrap();
                if bytes.is_empty() {
                    break;
                }
                file.write(&bytes).unwrap();
            }
            file.finish(source.sum()).unwrap();
            assert!(fs::read(&to).unwrap() == whole);
            fs::remove_file(&to).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_replaced_lends_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let mut file = open(&path, Keep::Nothing, Resume::Never).unwrap();
        file.write(b"abc").unwrap();
        file.finish(sum(b"abc")).unwrap();
        assert_eq!(mode(&path), 0o604);
    }

    #[test]
    fn two_copies_to_one_place_exclude_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let first = open(&path, Keep::Nothing, Resume::Never).unwrap();
        let Err(error) = open(&path, Keep::Nothing, Resume::Never) else {
            panic!("two have it")
        };
        assert!(format!("{error:#}").contains("it is being copied already"));
        drop(first);
        open(&path, Keep::Nothing, Resume::Never).unwrap();
    }

    #[test]
    fn nothing_is_written_through_what_stands_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "mine").unwrap();
        let inner = dir.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let below = |name: &str| FilePath {
            below: vec![name.as_bytes().to_vec()],
            ..path_of(&inner)
        };
        let open = |name: &str| {
            let keep = Keep::Nothing;
            Incoming::open(Base::Current, &below(name), LIKE, keep, Resume::Never)
        };
        symlink(&outside, inner.join("link")).unwrap();
        assert!(open("link").is_err());
        symlink(&outside, inner.join(".a.wt-part")).unwrap();
        assert!(open("a").is_err());
        fs::hard_link(&outside, inner.join(".b.wt-part")).unwrap();
        assert!(open("b").is_err());
        fs::create_dir(inner.join("c")).unwrap();
        assert!(open("c").is_err());
        assert_eq!(fs::read(&outside).unwrap(), b"mine");
        open(&"x".repeat(255)).unwrap();
    }
}
