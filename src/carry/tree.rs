//! Places in the file system as [`FilePath`] names them: what the user wrote is followed wherever it leads, and below
//! that no link is, and no name that is more than a name.

use crate::protocol::files::{FileKind, FileName, FilePath, Meta};
use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// How deep a tree may be.
pub const MAX_DEPTH: usize = 128;

/// Longest path as the user writes it, in bytes.
const MAX_PATH: usize = 4096;

/// The permissions that are copied: no file gets its owner's rights for others to run it with.
pub const PERMISSIONS: u32 = 0o777;

/// Where a path begins that does not begin with `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// In the home directory, which `~` stands for.
    Home,
    /// In the directory that the program runs in.
    Current,
}

/// A name within a directory that is open.
#[derive(Debug)]
pub struct Spot {
    /// The directory.
    pub dir: OwnedFd,
    /// The name.
    pub name: FileName,
    /// The whole path, to be told.
    pub shown: String,
}

/// Refuses what is no name of a file in a directory: what a hostile side could say to lead out of it.
pub fn check_name(name: &[u8]) -> Result<()> {
    let is_name = !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/');
    ensure!(
        is_name && !name.contains(&0),
        "{:?} is no name of a file",
        String::from_utf8_lossy(name)
    );
    Ok(())
}

/// The path that the user wrote.
fn rooted(base: Base, root: &[u8]) -> Result<PathBuf> {
    ensure!(
        root.len() <= MAX_PATH && !root.contains(&0),
        "the path is too long, or none"
    );
    let home = || std::env::home_dir().context("no home directory: set HOME");
    let written = Path::new(OsStr::from_bytes(root));
    Ok(match base {
        Base::Current if root.is_empty() => PathBuf::from("."),
        Base::Current => written.to_owned(),
        Base::Home => match root.strip_prefix(b"~") {
            Some(rest) if rest.is_empty() || rest.starts_with(b"/") => {
                let rest = rest.strip_prefix(b"/").unwrap_or(rest);
                home()?.join(rest_of(rest))
            }
            // An absolute path takes the place of the home directory.
            _ => home()?.join(written),
        },
    })
}

/// A path that cannot take the place of what it is joined to.
fn rest_of(path: &[u8]) -> &Path {
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    Path::new(OsStr::from_bytes(&path[slashes..]))
}

/// The whole path, as it is told.
pub fn shown(base: Base, path: &FilePath) -> String {
    let root = rooted(base, &path.root).unwrap_or_default();
    let below = path.below.iter().map(|name| OsStr::from_bytes(name));
    let whole = below.fold(root, |path, name| path.join(name));
    whole.to_string_lossy().into_owned()
}

const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::RDONLY)
    .union(OFlags::CLOEXEC);

/// Opens the root, and the directories below it one by one.
fn descend(base: Base, root: &[u8], below: &[FileName]) -> Result<OwnedFd> {
    ensure!(below.len() <= MAX_DEPTH, "the tree is too deep");
    let mut dir = rustix::fs::openat(CWD, rooted(base, root)?, DIRECTORY, Mode::empty())?;
    for name in below {
        check_name(name)?;
        let next = rustix::fs::openat(
            &dir,
            OsStr::from_bytes(name),
            DIRECTORY | OFlags::NOFOLLOW,
            Mode::empty(),
        );
        dir = match next {
            Err(Errno::LOOP | Errno::NOTDIR) if is_link(dir.as_fd(), name) => {
                bail!("a symbolic link is in the way")
            }
            next => next?,
        };
    }
    Ok(dir)
}

fn is_link(dir: impl AsFd, name: &[u8]) -> bool {
    let stat = rustix::fs::statat(dir, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| kind_bits(&stat) == 0o120_000)
}

fn kind_bits(stat: &Stat) -> u32 {
    stat.st_mode & 0o170_000
}

/// The open directory and the name in it. What the user wrote may be a link to the file that is meant.
pub fn spot(base: Base, path: &FilePath) -> Result<Spot> {
    let shown = shown(base, path);
    let found = || {
        if let Some((name, above)) = path.below.split_last() {
            check_name(name)?;
            let dir = descend(base, &path.root, above)?;
            return anyhow::Ok((dir, name.clone()));
        }
        let written = rooted(base, &path.root)?;
        let meant = std::fs::canonicalize(&written).unwrap_or(written);
        let name = meant.file_name().context("it is a directory")?;
        let above = match meant.parent() {
            Some(above) if !above.as_os_str().is_empty() => above,
            _ => Path::new("."),
        };
        let dir = rustix::fs::openat(CWD, above, DIRECTORY, Mode::empty())?;
        Ok((dir, name.as_bytes().to_vec()))
    };
    let (dir, name) = found().with_context(|| shown.clone())?;
    Ok(Spot { dir, name, shown })
}

/// What is there; `None` if nothing is.
pub fn look(base: Base, path: &FilePath) -> Result<Option<Meta>> {
    let looked = || match path.below.split_last() {
        None => {
            let found = rustix::fs::stat(rooted(base, &path.root)?);
            absent(found.map(|stat| meta(&stat)))
        }
        Some((name, above)) => {
            check_name(name)?;
            let dir = descend(base, &path.root, above)?;
            absent(look_in(&dir, name))
        }
    };
    looked().with_context(|| shown(base, path))
}

fn absent(found: rustix::io::Result<Meta>) -> Result<Option<Meta>> {
    match found {
        Ok(meta) => Ok(Some(meta)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a name in a directory is. A link to a directory is none: a tree of those may have no end.
fn look_in(dir: &OwnedFd, name: &[u8]) -> rustix::io::Result<Meta> {
    let os = OsStr::from_bytes(name);
    let own = rustix::fs::statat(dir, os, AtFlags::SYMLINK_NOFOLLOW)?;
    if kind_bits(&own) != 0o120_000 {
        return Ok(meta(&own));
    }
    let followed = rustix::fs::statat(dir, os, AtFlags::empty()).unwrap_or(own);
    let mut meta = meta(&followed);
    if meta.kind == FileKind::Directory {
        meta.kind = FileKind::Other;
    }
    Ok(meta)
}

/// What the system tells, as it is sent.
pub fn meta(stat: &Stat) -> Meta {
    Meta {
        kind: match kind_bits(stat) {
            0o100_000 => FileKind::File,
            0o040_000 => FileKind::Directory,
            _ => FileKind::Other,
        },
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mode: stat.st_mode & PERMISSIONS,
        modified: (stat.st_mtime, stat.st_mtime_nsec as u32),
    }
}

/// The entries of a directory in the order of their names.
pub fn list(base: Base, path: &FilePath) -> Result<Vec<(FileName, Meta)>> {
    let listed = || {
        let dir = descend(base, &path.root, &path.below)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&dir)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name == b"." || name == b".." {
                continue;
            }
            // What is gone since is no entry any more.
            if let Ok(meta) = look_in(&dir, &name) {
                entries.push((name, meta));
            }
        }
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        anyhow::Ok(entries)
    };
    listed().with_context(|| shown(base, path))
}

/// Makes a directory that can be filled, unless it is there.
pub fn make_dir(base: Base, path: &FilePath, mode: u32) -> Result<()> {
    let Spot { dir, name, shown } = spot(base, path)?;
    let mode = Mode::from_raw_mode((mode & PERMISSIONS) | 0o700);
    match rustix::fs::mkdirat(&dir, OsStr::from_bytes(&name), mode) {
        Err(Errno::EXIST) => {
            let is_dir = look(base, path)?.is_some_and(|meta| meta.kind == FileKind::Directory);
            ensure!(is_dir, "{shown} is in the way: it is no directory");
            Ok(())
        }
        made => made.with_context(|| format!("making {shown}")),
    }
}

/// Gives a directory its mode and time.
pub fn finish(base: Base, path: &FilePath, meta: &Meta) -> Result<()> {
    let finished = || {
        let dir = descend(base, &path.root, &path.below)?;
        rustix::fs::fchmod(&dir, Mode::from_raw_mode(meta.mode & PERMISSIONS))?;
        set_time(&dir, meta)
    };
    finished().with_context(|| shown(base, path))
}

/// Gives what is open the time at which it was changed.
pub fn set_time(fd: impl AsFd, meta: &Meta) -> Result<()> {
    let (tv_sec, nanoseconds) = meta.modified;
    let time = Timespec {
        tv_sec,
        tv_nsec: nanoseconds.min(999_999_999).into(),
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    Ok(rustix::fs::futimens(fd, &times)?)
}

/// A path as it came from the command line.
pub fn path_of(root: impl Into<std::ffi::OsString>) -> FilePath {
    FilePath {
        root: root.into().into_vec(),
        below: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn at(dir: &Path, below: &[&str]) -> FilePath {
        FilePath {
            below: below.iter().map(|name| name.as_bytes().to_vec()).collect(),
            ..path_of(dir)
        }
    }

    #[test]
    fn no_name_leads_out_of_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["", ".", "..", "a/b", "/etc/passwd", "../x", "a\0b"] {
            let path = at(dir.path(), &[name]);
            assert!(spot(Base::Current, &path).is_err(), "{name:?}");
            assert!(look(Base::Current, &path).is_err(), "{name:?}");
            assert!(make_dir(Base::Current, &path, 0o755).is_err(), "{name:?}");
            let path = at(dir.path(), &[name, "x"]);
            assert!(list(Base::Current, &path).is_err(), "{name:?}");
        }
    }

    #[test]
    fn no_link_below_the_root_is_gone_through() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        symlink(outside.path(), dir.path().join("out")).unwrap();
        let error = spot(Base::Current, &at(dir.path(), &["out", "x"])).unwrap_err();
        assert!(format!("{error:#}").contains("a symbolic link is in the way"));
        assert!(make_dir(Base::Current, &at(dir.path(), &["out"]), 0o755).is_err());
        let through = at(&dir.path().join("out"), &["x"]);
        make_dir(Base::Current, &through, 0o755).unwrap();
        assert!(
            outside.path().join("x").is_dir(),
            "the user's own is followed"
        );
    }

    #[test]
    fn a_directory_is_listed_without_what_has_no_end() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b"), "four").unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        symlink(".", dir.path().join("loop")).unwrap();
        symlink("b", dir.path().join("short")).unwrap();
        symlink("nowhere", dir.path().join("stale")).unwrap();
        let listed = list(Base::Current, &path_of(dir.path())).unwrap();
        let shown: Vec<_> = listed
            .iter()
            .map(|(name, meta)| (std::str::from_utf8(name).unwrap(), meta.kind, meta.size))
            .filter(|(name, ..)| *name != "a")
            .collect();
        assert_eq!(listed.len(), 5);
        assert_eq!(shown[0], ("b", FileKind::File, 4));
        assert_eq!((shown[1].0, shown[1].1), ("loop", FileKind::Other));
        assert_eq!(shown[2], ("short", FileKind::File, 4));
        assert_eq!((shown[3].0, shown[3].1), ("stale", FileKind::Other));
    }

    #[test]
    fn a_path_begins_at_home_or_here() {
        let home = std::env::home_dir().unwrap();
        let shown = |base, root: &str| shown(base, &path_of(root));
        let home = |rest: &str| home.join(rest).to_string_lossy().into_owned();
        assert_eq!(shown(Base::Home, "a/b"), home("a/b"));
        assert_eq!(shown(Base::Home, "~/a"), home("a"));
        assert_eq!(shown(Base::Home, "~//etc"), home("etc"));
        assert_eq!(shown(Base::Home, "~b"), home("~b"));
        assert_eq!(shown(Base::Home, "/etc"), "/etc");
        assert_eq!(shown(Base::Current, "~/a"), "~/a");
        assert_eq!(shown(Base::Current, ""), ".");
    }
}
