//! A split's share: how much of the cells its first part gets.

use serde::{Deserialize, Serialize};

/// The first part gets `part` of `whole`, where each part is counted together with the line behind it. Counted so,
/// equal shares are equal cells at every length: a row of three even panes stays even when the terminal is resized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub(super) struct Share {
    part: u32,
    whole: u32,
}

impl Share {
    /// Both parts alike.
    pub const HALF: Share = Share { part: 1, whole: 2 };

    /// One of `count` parts alike; `count` is not 0.
    pub fn one_of(count: u32) -> Self {
        Share {
            part: 1,
            whole: count,
        }
    }

    /// The share that gives the first part exactly `first` of `length` cells, one of which is the line's.
    pub fn exact(first: u16, length: u16) -> Self {
        Share {
            part: u32::from(first) + 1,
            whole: u32::from(length) + 1,
        }
    }

    /// How many of `length` cells the first part gets, if nothing stands in the way.
    pub fn of(self, length: u16) -> u16 {
        let slots = (u64::from(length) + 1) * u64::from(self.part);
        // No more than `length`, as `part` is no more than `whole`.
        slots.div_ceil(u64::from(self.whole)).saturating_sub(1) as u16
    }
}

/// What a snapshot may hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Saved {
    Ratio { part: u32, whole: u32 },
    TenThousandths(u32),
}

impl TryFrom<Saved> for Share {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let (part, whole) = match saved {
            Saved::Ratio { part, whole } => (part, whole),
            Saved::TenThousandths(part) => (part, 10_000),
        };
        match part <= whole && whole > 0 {
            true => Ok(Share { part, whole }),
            false => Err("a share is no more than the whole"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_exact_share_gives_exactly_that(length in 1u16..=u16::MAX, first in 0u16..=u16::MAX) {
            let first = first % length;
            prop_assert_eq!(Share::exact(first, length).of(length), first);
        }
    }

    #[test]
    fn ten_thousandths_are_understood() {
        let read = |text| serde_json::from_str::<Share>(text);
        assert_eq!(read("5000").expect("a share").of(81), 40);
        assert!(read("10001").is_err());
        assert!(read(r#"{"part":0,"whole":0}"#).is_err());
        let text = serde_json::to_string(&Share::one_of(3)).expect("plain values");
        assert_eq!(read(&text).expect("what was written"), Share::one_of(3));
    }
}
