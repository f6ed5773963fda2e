//! Bech32m (BIP 350): 32 bytes as one word in lower case, with a prefix that says what it is and a checksum that finds
//! any four wrong letters.

use thiserror::Error;

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What the checksum of a whole word comes to.
const WHOLE: u32 = 0x2bc8_30a3;

/// Letters of the checksum.
const CHECKSUM: usize = 6;

/// Letters that 32 bytes and a version take.
const LEN: usize = 1 + 52;

/// Why a word does not stand for 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Unreadable {
    /// It begins otherwise, or has another length, or holds other letters.
    #[error("it starts otherwise or has another length")]
    Other,
    /// The checksum does not fit.
    #[error("a letter is wrong, copy it again")]
    Mistyped,
    /// It is of a version that this release does not know.
    #[error("its kind is of a later release, upgrade wt")]
    Version,
}

/// The word for `bytes`: `prefix`, `1`, a letter for `version` (below 32), the bytes, the checksum.
pub(super) fn encode(prefix: &str, version: u8, bytes: &[u8; 32]) -> String {
    let mut values = vec![version & 31];
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let group = |nth: usize| (nth * 5..nth * 5 + 5).fold(0, |value, at| value << 1 | bit(at));
    values.extend((0..LEN - 1).map(group));
    let sum = checksum(prefix, values.iter().copied().chain([0; CHECKSUM])) ^ WHOLE;
    values.extend(
        (0..CHECKSUM as u32)
            .rev()
            .map(|nth| (sum >> (5 * nth) & 31) as u8),
    );
    let letters = values
        .iter()
        .map(|&value| LETTERS[usize::from(value)] as char);
    format!("{prefix}1{}", letters.collect::<String>())
}

/// The bytes that `word` stands for, if it has this prefix and version.
pub(super) fn decode(prefix: &str, version: u8, word: &str) -> Result<[u8; 32], Unreadable> {
    let rest = word
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('1'));
    let rest = rest.ok_or(Unreadable::Other)?;
    if rest.len() != LEN + CHECKSUM {
        return Err(Unreadable::Other);
    }
    let value = |letter| LETTERS.iter().position(|&known| known == letter);
    let values: Option<Vec<u8>> = rest
        .bytes()
        .map(|letter| Some(value(letter)? as u8))
        .collect();
    let values = values.ok_or(Unreadable::Mistyped)?;
    if checksum(prefix, values.iter().copied()) != WHOLE {
        return Err(Unreadable::Mistyped);
    }
    if values[0] != version {
        return Err(Unreadable::Version);
    }
    let mut bytes = [0; 32];
    for at in 0..LEN * 5 - 5 {
        let bit = values[1 + at / 5] >> (4 - at % 5) & 1;
        match bytes.get_mut(at / 8) {
            Some(byte) => *byte |= bit << (7 - at % 8),
            // What fills the last letter up is nothing: each key has one word.
            None if bit == 1 => return Err(Unreadable::Mistyped),
            None => {}
        }
    }
    Ok(bytes)
}

/// The remainder that BIP 173 computes over the prefix and the values.
fn checksum(prefix: &str, values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let high = prefix.bytes().map(|letter| letter >> 5);
    let low = prefix.bytes().map(|letter| letter & 31);
    let all = high.chain([0]).chain(low).chain(values);
    all.fold(1, |sum, value| {
        let top = sum >> 25;
        let next = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        (0..5)
            .filter(|bit| top >> bit & 1 == 1)
            .fold(next, |sum, bit| sum ^ GENERATOR[bit])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // Valid words of BIP 350.
        for word in [
            "a1lqfn3a",
            "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
            "?1v759aa",
        ] {
            let (prefix, rest) = word.rsplit_once('1').unwrap();
            let value = |letter| LETTERS.iter().position(|&known| known == letter).unwrap() as u8;
            assert_eq!(checksum(prefix, rest.bytes().map(value)), WHOLE, "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_word_comes_back_and_no_wrong_letter_passes(
            bytes: [u8; 32],
            at in 0usize..LEN + CHECKSUM,
            other in 0usize..32,
        ) {
            let word = encode("wt", 0, &bytes);
            prop_assert_eq!(word.len(), 62);
            prop_assert_eq!(decode("wt", 0, &word), Ok(bytes));
            prop_assert_eq!(decode("wt", 1, &word), Err(Unreadable::Version));
            prop_assert_eq!(decode("other", 0, &word), Err(Unreadable::Other));
            let mut wrong = word.clone().into_bytes();
            wrong[3 + at] = LETTERS[other];
            let wrong = String::from_utf8(wrong).unwrap();
            if wrong != word {
                prop_assert_eq!(decode("wt", 0, &wrong), Err(Unreadable::Mistyped));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = decode("wt", 0, &text);
            let _ = decode("wt", 0, &format!("wt1{text}"));
        }
    }
}
