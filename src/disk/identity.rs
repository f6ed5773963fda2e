//! The keys that devices are known by, each in a file of its own, made at first use:
//!
//! ```text
//! STATE/wt/device.key         the key of this user's clients on this machine
//! STATE/wt/NAME/server.key    the key of the server called NAME
//! ```
//!
//! Whoever can read both is the same user on the same machine: such a client and server know each other without pairing.

use super::places::Places;
use super::private::{create, read_private};
use super::random::random;
use crate::auth::{DeviceKey, PublicKey, Seed};
use anyhow::{Context, Result, anyhow};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// The longest file of a key that is read, in bytes.
const MAX_KEY_FILE: usize = 4 << 10;

/// The server's key, made if there is none.
///
/// # Errors
/// If the file is damaged, or others can read it; it stays as it is.
pub fn server_key(places: &Places) -> Result<DeviceKey> {
    key_or_new(&places.server_key_file())
}

/// The key of this user's clients, made if there is none.
///
/// # Errors
/// As [`server_key`].
pub fn device_key(places: &Places) -> Result<DeviceKey> {
    key_or_new(&places.device_key_file())
}

/// The key of the server whose state lies here, without making one; `None` if none has needed a key yet.
///
/// # Errors
/// As [`server_key`].
pub fn own_server(places: &Places) -> Result<Option<PublicKey>> {
    public_of(&places.server_key_file())
}

/// The key of the clients whose state lies here, without making one; `None` if none has needed a key yet.
///
/// # Errors
/// As [`server_key`].
pub fn own_device(places: &Places) -> Result<Option<PublicKey>> {
    public_of(&places.device_key_file())
}

fn public_of(path: &Path) -> Result<Option<PublicKey>> {
    Ok(read(path)?.map(|key| key.public()))
}

fn read(path: &Path) -> Result<Option<DeviceKey>> {
    let Some(bytes) = read_private(path, MAX_KEY_FILE)? else {
        return Ok(None);
    };
    let read = std::str::from_utf8(&bytes).map_err(anyhow::Error::from);
    let seed = read.and_then(|text| Ok(Seed::parse(text)?));
    let seed = seed.map_err(|error| {
        let shown = path.display();
        anyhow!(
            "{shown} is {error}: put it back from a copy, or delete it and pair this device anew"
        )
    })?;
    Ok(Some(DeviceKey::of(&seed)))
}

fn key_or_new(path: &Path) -> Result<DeviceKey> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let folder = path.parent().context("a key lies in a folder")?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    create(path, format!("{}\n", Seed::new(random()).text()).as_bytes())?;
    // Another process may have been first: then its key is the one.
    read(path)?.context("the key that was just made is gone")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::places::Roots;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn places(dir: &Path) -> Places {
        let roots = Roots {
            tmp: dir.to_owned(),
            config: dir.join("config"),
            state: dir.join("state"),
        };
        Places::under("default", &roots).unwrap()
    }

    #[test]
    fn keys_are_made_once_for_their_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        assert_eq!(own_server(&places).unwrap(), None);
        let (server, device) = (server_key(&places).unwrap(), device_key(&places).unwrap());
        assert_ne!(server.public(), device.public());
        assert_eq!(own_server(&places).unwrap(), Some(server.public()));
        assert_eq!(own_device(&places).unwrap(), Some(device.public()));
        assert_eq!(server_key(&places).unwrap().public(), server.public());
        let mode = places
            .server_key_file()
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn many_that_come_at_once_agree() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        let keys: Vec<PublicKey> = std::thread::scope(|scope| {
            let make = || device_key(&places).unwrap().public();
            let made: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            made.into_iter().map(|made| made.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_damaged_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        let key = server_key(&places).unwrap().public();
        let file = places.server_key_file();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let refused = format!("{:#}", server_key(&places).unwrap_err());
        assert!(refused.contains("chmod 600"), "{refused}");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(server_key(&places).unwrap().public(), key);
        let text = fs::read_to_string(&file).unwrap();
        for damaged in [&text[..40], "", "\u{1}"] {
            fs::write(&file, damaged).unwrap();
            let refused = format!("{:#}", server_key(&places).unwrap_err());
            assert!(refused.contains("put it back"), "{refused}");
            assert!(!refused.contains(&text[20..30]), "{refused}");
            assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
        }
    }
}
