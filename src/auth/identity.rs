//! Who a device is: an Ed25519 key (RFC 8032), made of a seed that never leaves the device. Servers and clients have one
//! each; a connection's certificate is the bare key (RFC 7250).

use super::bech32::{self, Unreadable};
use super::words;
use ring::digest::{Context, SHA256};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Bytes of a seed and of either half of a key.
pub const LEN: usize = 32;

/// What comes before a key in its SubjectPublicKeyInfo (RFC 8410 §4).
const SPKI_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// What comes before a private key in PKCS #8 (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// How many words a fingerprint has: 72 bits.
const FINGERPRINT_WORDS: usize = 8;

/// The kind of key that the words of this release stand for: Ed25519.
const KIND: u8 = 0;

/// A text that stands for no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a key of wt's (wt1 and 59 letters more): {0}")]
pub struct NoKey(Unreadable);

/// What all keys of a device are made of: 32 random bytes, the device's one secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; LEN]);

impl Seed {
    const PREFIX: &str = "wt-secret-seed";

    /// The seed of these random bytes.
    pub fn new(random: [u8; LEN]) -> Self {
        Self(random)
    }

    /// As it stands in its file: one word. Law: [`parse`](Self::parse) gives it back.
    pub fn text(&self) -> String {
        bech32::encode(Self::PREFIX, KIND, &self.0)
    }

    /// Reads [`text`](Self::text).
    ///
    /// # Errors
    /// If it is damaged or something else; nothing of it is repeated.
    pub fn parse(text: &str) -> Result<Self, NoSeed> {
        let bytes = bech32::decode(Self::PREFIX, KIND, text.trim()).map_err(NoSeed)?;
        Ok(Self(bytes))
    }

    /// 32 bytes of their own for each purpose (HKDF, RFC 5869).
    fn derive(&self, purpose: &str) -> [u8; LEN] {
        let secret = Salt::new(HKDF_SHA256, b"wt seed 1").extract(&self.0);
        let info = [purpose.as_bytes()];
        let mut bytes = [0; LEN];
        let filled = secret
            .expand(&info, HKDF_SHA256)
            .and_then(|made| made.fill(&mut bytes));
        filled.expect("as many bytes as the hash has");
        bytes
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

/// What should be a device's secret and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a secret key of wt's: {0}")]
pub struct NoSeed(Unreadable);

/// A device's own key: it signs, and its public half is the device's name among others.
pub struct DeviceKey {
    pair: Ed25519KeyPair,
    private: [u8; LEN],
}

impl DeviceKey {
    /// The key that a seed gives; always the same.
    pub fn of(seed: &Seed) -> Self {
        let private = seed.derive("wt identity");
        let pair = Ed25519KeyPair::from_seed_unchecked(&private);
        Self {
            pair: pair.expect("any 32 bytes are a private key (RFC 8032 §5.1.5)"),
            private,
        }
    }

    /// What others may know.
    pub fn public(&self) -> PublicKey {
        let bytes = self.pair.public_key().as_ref();
        PublicKey(bytes.try_into().expect("a public key has 32 bytes"))
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.pair.sign(message);
        signature
            .as_ref()
            .try_into()
            .expect("a signature has 64 bytes")
    }

    /// The private key as TLS libraries take it: PKCS #8 in DER. A secret.
    pub fn pkcs8(&self) -> Vec<u8> {
        [&PKCS8_HEAD[..], &self.private].concat()
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceKey").field(&self.public()).finish()
    }
}

/// The public half of a device's key. Written as one word: `wt1…`, 62 letters with a checksum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; LEN]);

impl PublicKey {
    const PREFIX: &str = "wt";

    /// The key of these bytes. Whether they are a point of the curve shows when a signature is checked.
    pub const fn new(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes (RFC 8032 §5.1.5).
    pub const fn bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// As a SubjectPublicKeyInfo in DER, which is what a raw public key is in TLS (RFC 7250 §3).
    pub fn spki(&self) -> [u8; SPKI_HEAD.len() + LEN] {
        let mut spki = [0; SPKI_HEAD.len() + LEN];
        spki[..SPKI_HEAD.len()].copy_from_slice(&SPKI_HEAD);
        spki[SPKI_HEAD.len()..].copy_from_slice(&self.0);
        spki
    }

    /// Reads [`spki`](Self::spki); `None` if it is anything else than an Ed25519 key.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let bytes = der.strip_prefix(&SPKI_HEAD)?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Whether `signature` is this device's for `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, signature).is_ok()
    }

    /// Eight words to compare by eye or ear. They tell keys apart; the key itself is the whole word.
    pub fn fingerprint(&self) -> String {
        let mut hash = Context::new(&SHA256);
        hash.update(b"wt fingerprint 1");
        hash.update(&self.0);
        words::spell(hash.finish().as_ref(), FINGERPRINT_WORDS)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode(Self::PREFIX, KIND, &self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for PublicKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        bech32::decode(Self::PREFIX, KIND, text)
            .map(Self)
            .map_err(NoKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> DeviceKey {
        DeviceKey::of(&Seed::new([byte; LEN]))
    }

    /// What other devices have pinned stays what it is.
    #[test]
    fn a_seed_gives_the_same_key_for_ever() {
        let public = key(7).public();
        insta::assert_snapshot!(
            format!("{public}\n{}", public.fingerprint()),
            @r"
            wt1qu7qlx940hmtsyme9v2fxn2zmjyct2alf2f83u96uakmw5v4aqg5qy6ta46
            almond-teapot-mercury-lagoon-lotus-maple-wombat-mitten
            "
        );
    }

    #[test]
    fn a_key_signs_and_others_do_not_pass_for_it() {
        let signature = key(1).sign(b"hello");
        assert!(key(1).public().verifies(b"hello", &signature));
        assert!(!key(1).public().verifies(b"hellO", &signature));
        assert!(!key(2).public().verifies(b"hello", &signature));
        assert!(!key(1).public().verifies(b"hello", &signature[1..]));
        assert!(!PublicKey::new([0xff; LEN]).verifies(b"hello", &signature));
    }

    #[test]
    fn libraries_read_the_private_key() {
        let read = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key(3).pkcs8()).unwrap();
        assert_eq!(read.public_key().as_ref(), key(3).public().bytes());
    }

    #[test]
    fn a_secret_is_not_shown_by_accident() {
        let seed = Seed::new([9; LEN]);
        assert_eq!(format!("{seed:?}"), "Seed");
        let key = DeviceKey::of(&seed);
        assert_eq!(format!("{key:?}"), format!("DeviceKey({})", key.public()));
    }

    #[test]
    fn what_is_no_key_is_refused_with_a_reason() {
        let text = key(1).public().to_string();
        let refused = |text: &str| text.parse::<PublicKey>().unwrap_err().to_string();
        insta::assert_snapshot!(
            [refused("ssh-ed25519 AAAA"), refused(&text.replace('q', "p")), refused(&text[1..])].join("\n"),
            @r"
            not a key of wt's (wt1 and 59 letters more): it starts otherwise or has another length
            not a key of wt's (wt1 and 59 letters more): a letter is wrong, copy it again
            not a key of wt's (wt1 and 59 letters more): it starts otherwise or has another length
            "
        );
    }

    proptest! {
        #[test]
        fn keys_and_seeds_come_back_from_their_texts(bytes: [u8; LEN]) {
            let public = PublicKey::new(bytes);
            prop_assert_eq!(public.to_string().parse(), Ok(public));
            prop_assert_eq!(PublicKey::from_spki(&public.spki()), Some(public));
            let seed = Seed::new(bytes);
            prop_assert_eq!(Seed::parse(&format!("{}\n", seed.text())), Ok(seed.clone()));
            prop_assert!(Seed::parse(&public.to_string()).is_err());
            prop_assert!(seed.text().parse::<PublicKey>().is_err());
        }
    }
}
