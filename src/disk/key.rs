//! The keys that histories are sealed with, in a server's state directory:
//!
//! ```text
//! history.key    32 random bytes
//! history.salt   JSON: what makes a key of a passphrase, where that stands, and which key it has to give
//! ```
//!
//! Either is made when it is first needed and never written over. Whoever reads a history finds here what opens it.

use super::atomic::{self, Survives};
use super::private::{create, read_private};
use super::random::random;
use crate::scrollback::seal::{KEY_LEN, Key, KeyId, Keyring, Nonce, Sealer};
use anyhow::{Context, Result, bail, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The longest passphrase, in bytes.
const MAX_PASSPHRASE: usize = 4 << 10;

/// The longest file of a salt that is read, in bytes.
const MAX_SALT_FILE: usize = 64 << 10;

/// What a file may ask of Argon2 at most: 1 GiB, 100 passes, 64 lanes.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 100;
const MAX_LANES: u32 = 64;

const SALT_VERSION: u32 = 1;
const SALT_LEN: usize = 16;

/// The keys of one server's state directory, read when something sealed is met. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<Ring>);

#[derive(Debug, Default)]
struct Ring {
    /// The state directory; none has no keys.
    dir: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    keys: Vec<Arc<Key>>,
    /// The files as they were when they were read last.
    seen: Option<[Option<SystemTime>; 2]>,
    /// What is wrong with them.
    faults: Vec<String>,
}

/// How a key comes from a passphrase.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Salt {
    version: u32,
    /// The passphrase's file.
    passphrase_file: PathBuf,
    /// Argon2id's parameters (RFC 9106).
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Base64, as the next.
    salt: String,
    /// The name of the key.
    key_id: String,
}

/// How what is written is sealed.
#[derive(Debug, Clone, Default)]
pub enum Sealing {
    /// Not at all.
    #[default]
    Plain,
    /// With this key.
    With(Arc<Key>),
    /// It has to be, and cannot, for this reason: nothing may be written.
    Impossible(String),
}

impl Sealing {
    /// Lets `write` make what is written for a pane.
    ///
    /// # Errors
    /// If nothing may be written.
    pub fn of_pane<T>(
        &self,
        pane_dir: &Path,
        write: impl FnOnce(Option<&Sealer<'_>>) -> T,
    ) -> Result<T> {
        match self {
            Sealing::Plain => Ok(write(None)),
            Sealing::With(key) => Ok(write(Some(&Sealer {
                key,
                pane: pane_of(pane_dir),
                nonce: &nonce,
            }))),
            Sealing::Impossible(why) => bail!("{why}"),
        }
    }
}

/// The number of the pane with that directory, which what is sealed there is bound to.
pub fn pane_of(pane_dir: &Path) -> u64 {
    let name = pane_dir.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(u64::MAX)
}

fn nonce() -> Nonce {
    random()
}

impl Keyring for Keys {
    fn key(&self, id: KeyId) -> Option<Arc<Key>> {
        let mut held = self.held();
        held.find(id).or_else(|| {
            held.read(self.0.dir.as_deref()?);
            held.find(id)
        })
    }
}

impl Keys {
    /// Those in this state directory. Nothing need be there.
    pub fn of(state_dir: &Path) -> Self {
        Self(Arc::new(Ring {
            dir: Some(state_dir.to_owned()),
            held: Mutex::default(),
        }))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why something sealed cannot be opened, in one line.
    pub fn complaint(&self) -> String {
        let faults = self.held().faults.join("; ");
        let Some(dir) = self.0.dir.as_deref().filter(|_| faults.is_empty()) else {
            return format!("the history is sealed: {faults}");
        };
        let dir = dir.display();
        format!(
            "the history is sealed with a key that is not here: put its history.key or history.salt into {dir} again"
        )
    }

    /// The key that is written with: of the passphrase in that file, or the one that lies here. Made when there is none.
    ///
    /// # Errors
    /// If the files cannot be used as they are; they stay so.
    pub fn to_write(&self, passphrase_file: Option<&Path>) -> Result<Arc<Key>> {
        let dir = self
            .0
            .dir
            .as_deref()
            .context("there is no place for keys")?;
        let key = Arc::new(match passphrase_file {
            None => key_or_new(dir)?,
            Some(file) => passphrase_key_or_new(dir, file)?,
        });
        let mut held = self.held();
        if held.find(key.id()).is_none() {
            held.keys.push(key.clone());
        }
        Ok(key)
    }
}

impl Held {
    fn find(&self, id: KeyId) -> Option<Arc<Key>> {
        self.keys.iter().find(|key| key.id() == id).cloned()
    }

    /// Reads the files, unless they are as they were.
    fn read(&mut self, dir: &Path) {
        let changed = |path: PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
        let now = Some([changed(key_file(dir)), changed(salt_file(dir))]);
        if self.seen == now {
            return;
        }
        self.seen = now;
        self.faults.clear();
        for found in [read_key(dir), read_passphrase_key(dir)] {
            match found {
                Ok(key) => self.keys.extend(key.map(Arc::new)),
                Err(error) => self.faults.push(format!("{error:#}")),
            }
        }
    }
}

fn key_file(dir: &Path) -> PathBuf {
    dir.join("history.key")
}

fn salt_file(dir: &Path) -> PathBuf {
    dir.join("history.salt")
}

fn read_key(dir: &Path) -> Result<Option<Key>> {
    let path = key_file(dir);
    let Some(bytes) = read_private(&path, KEY_LEN)? else {
        return Ok(None);
    };
    let Ok(secret) = bytes.try_into() else {
        bail!("{} is no key: it has not 32 bytes", path.display());
    };
    Ok(Some(Key::of(&secret)))
}

fn key_or_new(dir: &Path) -> Result<Key> {
    if let Some(key) = read_key(dir)? {
        return Ok(key);
    }
    create(&key_file(dir), &random::<KEY_LEN>())?;
    read_key(dir)?.context("the key that was just made is gone")
}

fn read_salt(dir: &Path) -> Result<Option<Salt>> {
    let path = salt_file(dir);
    let Some(bytes) = read_private(&path, MAX_SALT_FILE)? else {
        return Ok(None);
    };
    let salt: Salt = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let in_bounds = salt.version == SALT_VERSION
        && salt.memory_kib <= MAX_MEMORY_KIB
        && salt.passes <= MAX_PASSES
        && salt.lanes <= MAX_LANES;
    ensure!(in_bounds, "{} is not known", path.display());
    Ok(Some(salt))
}

fn read_passphrase_key(dir: &Path) -> Result<Option<Key>> {
    let Some(salt) = read_salt(dir)? else {
        return Ok(None);
    };
    salt.key_of(&salt.passphrase_file).map(Some)
}

fn passphrase_key_or_new(dir: &Path, file: &Path) -> Result<Key> {
    let Some(mut salt) = read_salt(dir)? else {
        let salt = Salt::new(file)?;
        create(&salt_file(dir), &salt.text())?;
        return read_passphrase_key(dir)?.context("the salt that was just made is gone");
    };
    let key = salt.key_of(file)?;
    if salt.passphrase_file != file {
        salt.passphrase_file = file.to_owned();
        let path = salt_file(dir);
        atomic::write(&path, &salt.text(), Survives::PowerCut)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(key)
}

impl Salt {
    /// A new one for the passphrase in `file`.
    fn new(file: &Path) -> Result<Self> {
        // The second choice of RFC 9106 §4: a memory that every machine has.
        let mut salt = Self {
            version: SALT_VERSION,
            passphrase_file: file.to_owned(),
            memory_kib: 64 << 10,
            passes: 3,
            lanes: 4,
            salt: STANDARD.encode(random::<SALT_LEN>()),
            key_id: String::new(),
        };
        salt.key_id = STANDARD.encode(salt.derive(&passphrase(file)?)?.id());
        Ok(salt)
    }

    fn text(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("plain values become JSON")
    }

    /// The key that the passphrase in `file` gives, if it is the right one.
    fn key_of(&self, file: &Path) -> Result<Key> {
        let key = self.derive(&passphrase(file)?)?;
        ensure!(
            STANDARD.encode(key.id()) == self.key_id,
            "the passphrase in {} is not the one that the history is sealed with: put that one there again",
            file.display()
        );
        Ok(key)
    }

    fn derive(&self, passphrase: &[u8]) -> Result<Key> {
        let salt = STANDARD.decode(&self.salt).context("the salt")?;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_LEN));
        let params = params.map_err(|error| anyhow::anyhow!("the salt's parameters: {error}"))?;
        let mut secret = [0; KEY_LEN];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase, &salt, &mut secret)
            .map_err(|error| anyhow::anyhow!("making a key of the passphrase: {error}"))?;
        Ok(Key::of(&secret))
    }
}

/// What stands in the file of a passphrase, without the end of its line.
fn passphrase(file: &Path) -> Result<Vec<u8>> {
    let shown = file.display();
    let bytes = read_private(file, MAX_PASSPHRASE)?;
    let mut bytes = bytes.with_context(|| format!("there is no passphrase file {shown}"))?;
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    ensure!(!bytes.is_empty(), "the passphrase file {shown} is empty");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn private(path: &Path, text: &[u8]) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn refused(keys: &Keys, file: Option<&Path>) -> String {
        format!("{:#}", keys.to_write(file).unwrap_err())
    }

    #[test]
    fn a_key_is_made_once_and_found_by_others() {
        let dir = tempfile::tempdir().unwrap();
        let key = Keys::of(dir.path()).to_write(None).unwrap();
        let file = key_file(dir.path());
        let made = fs::read(&file).unwrap();
        assert_eq!(made.len(), KEY_LEN);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let others = Keys::of(dir.path());
        assert_eq!(others.to_write(None).unwrap().id(), key.id());
        assert!(Keys::of(dir.path()).key(key.id()).is_some());
        assert_eq!(fs::read(&file).unwrap(), made);
        // Who looked before the key was there finds it later.
        let early = Keys::of(dir.path());
        fs::rename(&file, dir.path().join("away")).unwrap();
        assert!(early.key(key.id()).is_none());
        assert!(early.complaint().contains("a key that is not here"));
        fs::rename(dir.path().join("away"), &file).unwrap();
        assert!(early.key(key.id()).is_some());
    }

    #[test]
    fn one_that_others_can_read_or_that_is_none_is_refused_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (keys, file) = (Keys::of(dir.path()), key_file(dir.path()));
        private(&file, &[7; KEY_LEN]);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(refused(&keys, None).contains("chmod 600"));
        for len in [0, KEY_LEN - 1, KEY_LEN + 1] {
            private(&file, &vec![7; len]);
            assert!(refused(&keys, None).contains("history.key"), "{len}");
            assert_eq!(fs::read(&file).unwrap().len(), len);
        }
    }

    #[test]
    fn a_passphrase_gives_its_key_wherever_it_stands_and_another_gives_none() {
        let dir = tempfile::tempdir().unwrap();
        let (file, moved) = (dir.path().join("one"), dir.path().join("two"));
        let keys = Keys::of(dir.path());
        assert!(refused(&keys, Some(&file)).contains("there is no passphrase file"));
        private(&file, b"\n");
        assert!(refused(&keys, Some(&file)).contains("is empty"));
        assert!(!salt_file(dir.path()).exists());
        private(&file, b"correct horse\n");
        let key = keys.to_write(Some(&file)).unwrap();
        let salt = fs::read(salt_file(dir.path())).unwrap();
        private(&file, b"battery staple");
        assert!(refused(&keys, Some(&file)).contains("is not the one"));
        let others = Keys::of(dir.path());
        assert!(others.key(key.id()).is_none());
        assert!(others.complaint().contains("is not the one"));
        assert_eq!(fs::read(salt_file(dir.path())).unwrap(), salt);
        private(&moved, b"correct horse");
        assert_eq!(keys.to_write(Some(&moved)).unwrap().id(), key.id());
        assert!(Keys::of(dir.path()).key(key.id()).is_some());
    }

    #[test]
    fn a_salt_that_asks_for_too_much_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut salt = Salt {
            version: SALT_VERSION,
            passphrase_file: dir.path().join("one"),
            memory_kib: MAX_MEMORY_KIB + 1,
            passes: 1,
            lanes: 1,
            salt: STANDARD.encode([1; SALT_LEN]),
            key_id: String::new(),
        };
        private(&salt.passphrase_file, b"pass");
        private(&salt_file(dir.path()), &salt.text());
        let keys = Keys::of(dir.path());
        assert!(refused(&keys, Some(&salt.passphrase_file)).contains("is not known"));
        salt.memory_kib = 1;
        private(&salt_file(dir.path()), &salt.text());
        assert!(refused(&keys, Some(&salt.passphrase_file)).contains("parameters"));
        private(&salt_file(dir.path()), b"{");
        assert!(refused(&keys, Some(&salt.passphrase_file)).contains("history.salt"));
    }
}
