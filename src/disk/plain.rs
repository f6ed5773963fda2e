//! Opening files of wt's own: what was put in the place of one (a pipe, a device, a link, a folder) is refused at once,
//! and holds nobody up.

use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a file to be read.
pub(super) fn open(path: &Path) -> io::Result<File> {
    open_as(OpenOptions::new().read(true), path)
}

/// Opens a file as `options` say; one that is made is the user's alone.
pub(super) fn open_as(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    open_measured(options, path).map(|(file, _)| file)
}

/// With the file's length.
fn open_measured(options: &mut OpenOptions, path: &Path) -> io::Result<(File, u64)> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW).bits();
    let file = options.mode(0o600).custom_flags(flags as i32).open(path)?;
    let found = file.metadata()?;
    match found.is_file() {
        true => Ok((file, found.len())),
        false => Err(io::Error::other("it is no file")),
    }
}

/// Reads up to `max` bytes; with room made beforehand, which saves most calls where files are short and many.
pub(super) fn read_up_to(max: u64, path: &Path) -> io::Result<Vec<u8>> {
    let (file, len) = open_measured(OpenOptions::new().read(true), path)?;
    let mut bytes = Vec::with_capacity(len.min(max) as usize + 1);
    file.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, Mode, mkfifoat};

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("file"), "text").expect("it is written");
        mkfifoat(CWD, path("pipe"), Mode::RUSR | Mode::WUSR).expect("a pipe is made");
        std::os::unix::fs::symlink(path("file"), path("link")).expect("a link is made");
        assert!(open(&path("file")).is_ok());
        for name in ["pipe", "link", "."] {
            assert!(open(&path(name)).is_err(), "{name}");
            let mut options = OpenOptions::new();
            assert!(
                open_as(options.append(true), &path(name)).is_err(),
                "{name}"
            );
        }
    }
}
