//! Files that say whom to trust: refused when others could have written them, changed under a lock, whole or not at all.

use super::atomic::{self, Survives};
use super::lock::{Lock, LockError};
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another process may take to change the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often to look whether it has.
const RETRY: Duration = Duration::from_millis(2);

/// The file's text; empty if there is no file.
///
/// # Errors
/// If others than its owner could have written it, or it is longer than `max_bytes`, or no text.
pub(super) fn read(path: &Path, max_bytes: usize) -> Result<String> {
    let reading = || format!("reading {}", path.display());
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        file => file.with_context(reading)?,
    };
    let found = file.metadata().with_context(reading)?;
    ensure!(found.is_file(), "{} is no file", path.display());
    own(path, &found)?;
    if let Some(folder) = path.canonicalize().with_context(reading)?.parent() {
        own(folder, &fs::metadata(folder).with_context(reading)?)?;
    }
    let mut text = String::new();
    file.take(max_bytes as u64 + 1)
        .read_to_string(&mut text)
        .with_context(reading)?;
    ensure!(
        text.len() <= max_bytes,
        "{} is longer than {max_bytes} bytes",
        path.display()
    );
    Ok(text)
}

/// Refuses what others can write, or have.
fn own(path: &Path, found: &Metadata) -> Result<()> {
    let shown = path.display();
    let uid = rustix::process::geteuid().as_raw();
    ensure!(
        found.uid() == uid || found.uid() == 0,
        "{shown} belongs to user {}, not to you (user {uid}): nobody is trusted by it",
        found.uid()
    );
    let mode = found.mode() & 0o777;
    ensure!(
        mode & 0o022 == 0,
        "others can write {shown} (mode {mode:o}), so nobody is trusted by it: `chmod go-w {shown}`"
    );
    Ok(())
}

/// Changes the file's text: `change` gets what stands there, and says what is to. Nobody else changes it meanwhile, and
/// whoever reads finds the old text or the new.
///
/// # Errors
/// As [`read`], and if it cannot be locked or written; then it stays as it was.
pub(super) fn change<T>(
    path: &Path,
    max_bytes: usize,
    change: impl FnOnce(&str) -> Result<(String, T)>,
) -> Result<T> {
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let _lock = lock(path)?;
    let old = read(path, max_bytes)?;
    let (new, told) = change(&old)?;
    ensure!(
        new.len() <= max_bytes,
        "{} would be longer than {max_bytes} bytes",
        path.display()
    );
    if new != old {
        // Where a link leads is what its user keeps.
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        atomic::write(&place, new.as_bytes(), Survives::PowerCut)
            .with_context(|| format!("writing {}", place.display()))?;
    }
    Ok(told)
}

fn lock(path: &Path) -> Result<Lock> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Lock::take(&name) {
            Err(LockError::Held { .. }) if Instant::now() < deadline => std::thread::sleep(RETRY),
            Err(error @ LockError::Held { .. }) => bail!("{error}: try again when it has ended"),
            taken => return Ok(taken?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const MAX: usize = 1000;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_that_others_can_write_is_refused_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("authorized");
        assert_eq!(read(&path, MAX).unwrap(), "");
        change(&path, MAX, |_| Ok(("text".into(), ()))).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        for (place, mode) in [(path.as_path(), 0o620), (&path, 0o602), (dir.path(), 0o777)] {
            let before = place.metadata().unwrap().mode();
            chmod(place, mode);
            let refused = format!("{:#}", read(&path, MAX).unwrap_err());
            assert!(refused.contains("chmod go-w"), "{refused}");
            assert!(change(&path, MAX, |_| Ok((String::new(), ()))).is_err());
            chmod(place, before);
            assert_eq!(read(&path, MAX).unwrap(), "text");
        }
        chmod(&path, 0o644);
        assert_eq!(read(&path, MAX).unwrap(), "text");
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hosts.toml");
        for bad in [vec![b'a'; MAX + 1], vec![0xff]] {
            fs::write(&path, &bad).unwrap();
            assert!(read(&path, MAX).is_err());
            assert!(change(&path, MAX, |_| Ok((String::new(), ()))).is_err());
            assert_eq!(fs::read(&path).unwrap(), bad);
        }
        fs::remove_file(&path).unwrap();
        assert!(change(&path, MAX, |_| Ok(("a".repeat(MAX + 1), ()))).is_err());
        assert!(!path.exists());
    }

    #[test]
    fn many_that_change_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made/hosts.toml");
        let add = |nth: usize| change(&path, MAX, |old| Ok((format!("{old}{nth}\n"), ()))).unwrap();
        std::thread::scope(|scope| {
            for nth in 0..8 {
                scope.spawn(move || add(nth));
            }
        });
        let text = read(&path, MAX).unwrap();
        assert_eq!(text.lines().count(), 8, "{text}");
    }

    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (link, file) = (dir.path().join("authorized"), dir.path().join("kept"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        change(&link, MAX, |_| Ok(("new".into(), ()))).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }
}
