//! Sealing: what stands on disk so that only who has the key reads it. Key and nonce come from outside.
//!
//! ```text
//! sealed = key id (8) │ nonce (12) │ ciphertext │ tag (16)          AES-256-GCM, NIST SP 800-38D
//! ```
//!
//! The associated data says what it is and where it stands, so that nothing is taken for something else, or for the same
//! of another place: `kind (1) │ pane (8, little-endian) │` whatever the kind adds.
//!
//! Every record has a random nonce of 96 bits. Section 8.3 allows 2³² records with one key then; among so many two nonces
//! are the same with a chance below 2⁻³². A pane that never rests writes a journal record and a snapshot a second, and
//! two records per 128 KiB of lines: ten such panes reach the bound after six years, or after 200 TiB of output.
//!
//! The key in a file, or from a passphrase, seals nothing itself: what seals and what names it are made of it by AES in
//! counter mode (NIST SP 800-108 §4.1), so that the name tells nothing of the key.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{Array, BlockCipherEncrypt};
use aes_gcm::{Aes256Gcm, KeyInit};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;

/// How many bytes longer a sealed thing is.
pub const OVERHEAD: usize = ID_LEN + NONCE_LEN + TAG_LEN;

const ID_LEN: usize = 8;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// Says which key was used, and nothing of it.
pub type KeyId = [u8; ID_LEN];

/// What makes every sealing differ; never used twice with one key.
pub type Nonce = [u8; NONCE_LEN];

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A block's lines.
    Body = 1,
    /// A block's filter: it tells of text.
    Filter = 2,
    /// A record of the journal.
    Record = 3,
    /// A pane's snapshot.
    Snapshot = 4,
    /// A line of the file of commands.
    Command = 5,
}

/// Something sealed that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Locked {
    /// It was sealed with a key that is not there.
    #[error("sealed with another key")]
    NoKey,
    /// It is not what was sealed, or stands elsewhere.
    #[error("not what was sealed")]
    Altered,
}

/// What seals.
pub struct Key {
    id: KeyId,
    cipher: Aes256Gcm,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish()
    }
}

impl Key {
    /// The key that is made of these random bytes.
    pub fn of(secret: &[u8; KEY_LEN]) -> Self {
        let prf = Aes256::new(&Array::from(*secret));
        let part = |number: u8| {
            let mut block = Array::from([0; 16]);
            block[..7].copy_from_slice(b"wt seal");
            block[15] = number;
            prf.encrypt_block(&mut block);
            block
        };
        let mut key = Array::from([0; KEY_LEN]);
        key[..16].copy_from_slice(&part(1));
        key[16..].copy_from_slice(&part(2));
        let name = part(3);
        Self {
            id: std::array::from_fn(|at| name[at]),
            cipher: Aes256Gcm::new(&key),
        }
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

/// Who has keys.
pub trait Keyring {
    /// The key with that name.
    fn key(&self, id: KeyId) -> Option<Arc<Key>>;
}

/// A ring without keys.
pub struct NoKeys;

impl Keyring for NoKeys {
    fn key(&self, _: KeyId) -> Option<Arc<Key>> {
        None
    }
}

/// Seals what belongs to one pane.
pub struct Sealer<'a> {
    /// The key.
    pub key: &'a Key,
    /// The pane's number.
    pub pane: u64,
    /// Gives another nonce at each call.
    pub nonce: &'a dyn Fn() -> Nonce,
}

impl Sealer<'_> {
    /// Adds `plain` to `out`, sealed. `about` has to be known to whoever opens it.
    pub fn seal(&self, kind: Kind, about: &[u8], plain: &[u8], out: &mut Vec<u8>) {
        let nonce = (self.nonce)();
        let aad = associated(kind, self.pane, about);
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let sealed = self.key.cipher.encrypt(&Array::from(nonce), payload);
        out.extend(self.key.id);
        out.extend(nonce);
        out.extend(sealed.expect("no record is as long as GCM's bound of 64 GiB"));
    }
}

/// Opens what belongs to one pane.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    /// Who has the keys.
    pub keys: &'a dyn Keyring,
    /// The pane's number.
    pub pane: u64,
}

impl Opener<'_> {
    /// One that opens nothing.
    pub const NONE: Opener<'static> = Opener {
        keys: &NoKeys,
        pane: 0,
    };

    /// What was sealed. Law: what comes back is what was sealed, as that kind and about the same, or [`Locked`].
    pub fn open(&self, kind: Kind, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Locked> {
        let (id, rest) = sealed.split_first_chunk().ok_or(Locked::Altered)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(Locked::Altered)?;
        let key = self.keys.key(*id).ok_or(Locked::NoKey)?;
        let aad = associated(kind, self.pane, about);
        let payload = Payload {
            msg: sealed,
            aad: &aad,
        };
        let opened = key.cipher.decrypt(&Array::from(*nonce), payload);
        opened.map_err(|_| Locked::Altered)
    }
}

fn associated(kind: Kind, pane: u64, about: &[u8]) -> Vec<u8> {
    let mut aad = vec![kind as u8];
    aad.extend(pane.to_le_bytes());
    aad.extend(about);
    aad
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A ring of one key.
    pub(crate) struct One(pub Arc<Key>);

    impl Keyring for One {
        fn key(&self, id: KeyId) -> Option<Arc<Key>> {
            (id == self.0.id).then(|| self.0.clone())
        }
    }

    pub(crate) fn ring(secret: u8) -> One {
        One(Arc::new(Key::of(&[secret; KEY_LEN])))
    }

    pub(crate) fn sealer(ring: &One, pane: u64) -> Sealer<'_> {
        Sealer {
            key: &ring.0,
            pane,
            nonce: &|| [7; NONCE_LEN],
        }
    }

    fn sealed(ring: &One, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        sealer(ring, 5).seal(Kind::Body, b"about", plain, &mut out);
        out
    }

    proptest! {
        #[test]
        fn what_is_sealed_comes_back_and_nothing_else_does(
            plain in prop::collection::vec(any::<u8>(), 0..200),
            at: prop::sample::Index,
            bit in 0..8u8,
        ) {
            let ring = ring(1);
            let mut bytes = sealed(&ring, &plain);
            prop_assert_eq!(bytes.len(), plain.len() + OVERHEAD);
            let opener = Opener { keys: &ring, pane: 5 };
            prop_assert_eq!(opener.open(Kind::Body, b"about", &bytes), Ok(plain.clone()));
            let cut = at.index(bytes.len());
            prop_assert!(opener.open(Kind::Body, b"about", &bytes[..cut]).is_err());
            bytes[cut] ^= 1 << bit;
            prop_assert!(opener.open(Kind::Body, b"about", &bytes).is_err());
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let ring = ring(1);
            let _ = Opener { keys: &ring, pane: 0 }.open(Kind::Record, b"", &bytes);
        }
    }

    #[test]
    fn another_kind_place_or_key_is_refused() {
        let (ring, other) = (ring(1), ring(2));
        let bytes = sealed(&ring, b"secret");
        let opener = Opener {
            keys: &ring,
            pane: 5,
        };
        let refused = Err(Locked::Altered);
        assert_eq!(opener.open(Kind::Filter, b"about", &bytes), refused);
        assert_eq!(opener.open(Kind::Body, b"abouT", &bytes), refused);
        let elsewhere = Opener { pane: 6, ..opener };
        assert_eq!(elsewhere.open(Kind::Body, b"about", &bytes), refused);
        let wrong = Opener {
            keys: &other,
            ..opener
        };
        assert_eq!(wrong.open(Kind::Body, b"about", &bytes), Err(Locked::NoKey));
        let mut renamed = bytes.clone();
        renamed[..ID_LEN].copy_from_slice(&other.0.id);
        assert_eq!(wrong.open(Kind::Body, b"about", &renamed), refused);
        assert!(!bytes.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn the_cipher_is_aes_256_gcm() {
        // Test case 14 of McGrew and Viega, "The Galois/Counter Mode of Operation".
        let cipher = Aes256Gcm::new(&Array::from([0; KEY_LEN]));
        let sealed = cipher.encrypt(&Array::from([0; NONCE_LEN]), &[0; 16][..]);
        let expected = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3,
            0x9d, 0x18, 0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5,
            0xd4, 0x8a, 0xb9, 0x19,
        ];
        assert_eq!(sealed.expect("it is short"), expected);
    }
}
