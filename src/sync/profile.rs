//! A bad link in words: `rtt=200,jitter=40,loss=20`.
//!
//! | word | what |
//! |---|---|
//! | `rtt` | the round trip in ms |
//! | `jitter` | at most so many ms more, each way |
//! | `loss` | percent of the packets, each way |
//! | `burst` | how many are lost in a row |
//! | `double` | percent that arrive twice |
//! | `rate` | kbit/s, each way |
//! | `queue` | kB that may wait where the rate is limited; 64 if nothing is said |
//! | `order` | `kept` or `free`: whether jitter lets packets overtake each other |

use super::wire::{Conditions, Order};
use thiserror::Error;

/// Why words say nothing about a link.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is nothing that a link is like: write rtt=200,jitter=40,loss=20 (also burst, double, rate, queue, order)"
)]
pub struct Unclear(String);

/// Bytes that may wait where nothing is said of it.
const USUAL_QUEUE: u64 = 64_000;
/// Largest number of any word.
const MOST: f64 = 1e6;

impl std::str::FromStr for Conditions {
    type Err = Unclear;

    fn from_str(text: &str) -> Result<Self, Unclear> {
        let mut link = Conditions {
            queue: USUAL_QUEUE,
            ..Conditions::default()
        };
        for word in text.split(',').filter(|word| !word.is_empty()) {
            take(&mut link, word).ok_or_else(|| Unclear(word.to_owned()))?;
        }
        Ok(link)
    }
}

fn take(link: &mut Conditions, word: &str) -> Option<()> {
    let (name, value) = word.split_once('=')?;
    if name == "order" {
        link.order = match value {
            "kept" => Order::Kept,
            "free" => Order::Free,
            _ => return None,
        };
        return Some(());
    }
    let number = value.parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=MOST).contains(number))?;
    let permille = || (number <= 100.0).then_some((number * 10.0) as u32);
    match name {
        "rtt" => link.delay = (number / 2.0) as u64,
        "jitter" => link.jitter = number as u64,
        "loss" => link.loss = permille()?,
        "burst" => link.burst = (number <= 1000.0).then_some(number as u32)?,
        "double" => link.doubling = permille()?,
        "rate" => link.rate = (number * 125.0) as u64,
        "queue" => link.queue = (number * 1000.0) as u64,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_said_in_words() {
        let link = "rtt=200,jitter=40,loss=0.5,burst=3,rate=64,order=kept".parse();
        let expected = Conditions {
            delay: 100,
            jitter: 40,
            loss: 5,
            burst: 3,
            rate: 8_000,
            queue: 64_000,
            order: Order::Kept,
            ..Conditions::default()
        };
        assert_eq!(link, Ok(expected));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for wrong in [
            "rtt", "rtt=", "rtt=-1", "loss=101", "rtt=NaN", "order=x", "a=1",
        ] {
            let refused = wrong.parse::<Conditions>();
            assert_eq!(refused, Err(Unclear(wrong.to_owned())));
        }
        let told = "loss=lots".parse::<Conditions>().unwrap_err().to_string();
        assert!(told.starts_with("\"loss=lots\" is nothing that a link is like"));
    }
}
