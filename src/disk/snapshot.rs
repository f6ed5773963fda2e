//! The file that holds what a pane had in memory a second ago: a description, its emulator and the tail of its
//! scrollback, each opaque here.
//!
//! ```text
//! "wt pane 1\n" { length, description } { length, emulator } { length, scrollback } first-line      varints
//! ```
//!
//! *First line* is the number that the first line in the emulator's memory will get in scrollback. A file may end before
//! it: then nobody knows. Sealed, all of that stands behind `"wt pane 2\n"`: see `scrollback::seal`.

use super::key::{Keys, pane_of};
use super::plain;
use crate::scrollback::seal::{Kind, Opener, Sealer};
use crate::varint::{self, Malformed, Reader};
use std::io;
use std::path::{Path, PathBuf};

/// What the file is, and the version of its form.
const MAGIC: &[u8] = b"wt pane 1\n";
const SEALED: &[u8] = b"wt pane 2\n";

/// The longest snapshot that is read, in bytes: beyond what a screen, the rows above it and all lines that may wait for
/// the disk can take.
const MAX_BYTES: u64 = 256 << 20;

/// A pane's snapshot in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// What the server says of the pane, in JSON.
    pub said: &'a [u8],
    /// The emulator, as it writes itself down.
    pub emulator: &'a [u8],
    /// What was in memory of the scrollback.
    pub history: &'a [u8],
    /// The number of the first line in the emulator's memory.
    pub first_line: Option<u64>,
}

impl<'a> Snapshot<'a> {
    /// Where the snapshot of the pane with that directory stands.
    pub fn file(pane_dir: &Path) -> PathBuf {
        pane_dir.join("snapshot")
    }

    /// The bytes of the snapshot in that directory; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is longer than any that was written. One that is sealed and cannot be opened is
    /// [`io::ErrorKind::PermissionDenied`].
    pub fn load(pane_dir: &Path, keys: &Keys) -> io::Result<Option<Vec<u8>>> {
        let bytes = match plain::read_up_to(MAX_BYTES + 1, &Self::file(pane_dir)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("the snapshot is too long"));
        }
        let Some(sealed) = bytes.strip_prefix(SEALED) else {
            return Ok(Some(bytes));
        };
        let pane = pane_of(pane_dir);
        let opened = Opener { keys, pane }.open(Kind::Snapshot, SEALED, sealed);
        let locked = |_| io::Error::new(io::ErrorKind::PermissionDenied, keys.complaint());
        opened.map(Some).map_err(locked)
    }

    /// The bytes of a snapshot as they are stored: sealed, if there is something to seal with.
    pub fn stored(bytes: Vec<u8>, sealer: Option<&Sealer<'_>>) -> Vec<u8> {
        let Some(sealer) = sealer else {
            return bytes;
        };
        let mut out = SEALED.to_vec();
        sealer.seal(Kind::Snapshot, SEALED, &bytes, &mut out);
        out
    }

    /// Takes a snapshot apart.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let rest = bytes.strip_prefix(MAGIC);
        let mut reader = Reader::new(rest.ok_or(Malformed("snapshot's beginning"))?);
        Ok(Self {
            said: reader.bytes()?,
            emulator: reader.bytes()?,
            history: reader.bytes()?,
            first_line: reader.u64().ok(),
        })
    }

    /// The file's bytes.
    pub fn written(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for part in [self.said, self.emulator, self.history] {
            varint::put_bytes(&mut out, part);
        }
        if let Some(line) = self.first_line {
            varint::put(&mut out, line);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_with_and_without_the_line() {
        for first_line in [None, Some(0), Some(1 << 40)] {
            let snapshot = Snapshot {
                said: b"{}",
                emulator: b"screen",
                history: b"",
                first_line,
            };
            assert_eq!(Snapshot::read(&snapshot.written()), Ok(snapshot));
        }
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for bytes in [&b""[..], b"wt pane 2\n", b"wt pane 1\n\x05ab"] {
            assert!(Snapshot::read(bytes).is_err());
        }
    }
}
