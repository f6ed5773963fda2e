//! Files with secrets: for their owner alone, made whole or not at all.

use super::atomic::{self, Survives};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of a file that its owner alone may read; `None` if it is not there.
pub(super) fn read_private(path: &Path, max_bytes: usize) -> Result<Option<Vec<u8>>> {
    let shown = path.display();
    let reading = || format!("reading {shown}");
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.with_context(reading)?,
    };
    ensure!(found.is_file(), "{shown} is no file");
    ensure!(
        found.permissions().mode() & 0o077 == 0,
        "others can read {shown}: `chmod 600` makes it yours alone"
    );
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(reading)?;
    file.take(max_bytes as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(reading)?;
    ensure!(
        bytes.len() <= max_bytes,
        "{shown} is longer than {max_bytes} bytes"
    );
    Ok(Some(bytes))
}

/// Makes a file that is not there, whole and synced before it has its name. One that another process has made in the
/// meantime stays.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let making = || format!("making {}", path.display());
    // A name that neither another process nor another thread writes to.
    static MADE: AtomicU64 = AtomicU64::new(0);
    let nth = MADE.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("new-{}-{nth}", std::process::id()));
    atomic::write(&beside, bytes, Survives::PowerCut).with_context(making)?;
    let linked = fs::hard_link(&beside, path);
    let _ = fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).with_context(making)
        }
        _ => Ok(()),
    }
}
