//! A bad network in words: `rtt=200,jitter=40,loss=20`.
//!
//! | word | what |
//! |---|---|
//! | `rtt` | the round trip in ms |
//! | `delay` | ms that each packet takes: half of `rtt`, and of use where the two ways differ |
//! | `jitter` | at most so many ms more |
//! | `loss` | percent of the packets |
//! | `burst` | how many are lost in a row |
//! | `double` | percent that arrive twice |
//! | `flip` | percent of which one bit arrives as another |
//! | `rate` | kbit/s |
//! | `queue` | kB that may wait where the rate is limited; 64 if nothing is said |
//! | `order` | `kept` or `free`: whether jitter lets packets overtake each other |
//! | `outage` | `AT+LENGTH` in seconds, AT from the beginning on: nothing arrives; may be said more than once |
//! | `move` | `AT` in seconds: the client is at another address from then on; may be said more than once |
//!
//! Each but `rtt` and `move` holds both ways, or one way where that is named before it: `up.loss=5`, `down.rate=64`.

use super::Time;
use super::wire::{Conditions, Order};
use thiserror::Error;

/// A network between a client and its servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// How the way to the server is.
    pub up: Conditions,
    /// How the way to the client is.
    pub down: Conditions,
    /// When the client comes to be at another address.
    pub moves: Vec<Time>,
}

/// Why words say nothing about a network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is nothing that a link is like: write rtt=200,jitter=40,loss=20 (also delay, burst, double, flip, rate, queue, order, outage=AT+LENGTH and move=AT in seconds; up. or down. before a word: that way alone)"
)]
pub struct Unclear(String);

/// Bytes that may wait where nothing is said of it.
const USUAL_QUEUE: u64 = 64_000;

/// Largest number of any word.
const MOST: f64 = 1e6;

/// Most outages each way, and most moves.
const MAX_EVENTS: usize = 64;

impl Profile {
    /// The same both ways.
    pub fn both_ways(link: Conditions) -> Self {
        Self {
            up: link.clone(),
            down: link,
            moves: Vec::new(),
        }
    }

    fn take(&mut self, word: &str) -> Option<()> {
        let (name, value) = word.split_once('=')?;
        if let Some(name) = name.strip_prefix("up.") {
            return take(&mut self.up, name, value);
        }
        if let Some(name) = name.strip_prefix("down.") {
            return take(&mut self.down, name, value);
        }
        match name {
            "rtt" => {
                let half = (number(value)? / 2.0) as u64;
                (self.up.delay, self.down.delay) = (half, half);
            }
            "move" => push(&mut self.moves, seconds(value)?)?,
            _ => {
                take(&mut self.up, name, value)?;
                take(&mut self.down, name, value)?;
            }
        }
        Some(())
    }
}

impl std::str::FromStr for Profile {
    type Err = Unclear;

    fn from_str(text: &str) -> Result<Self, Unclear> {
        let mut profile = Profile::both_ways(Conditions {
            queue: USUAL_QUEUE,
            ..Conditions::default()
        });
        for word in text.split(',').filter(|word| !word.is_empty()) {
            let taken = profile.take(word);
            taken.ok_or_else(|| Unclear(word.to_owned()))?;
        }
        profile.moves.sort();
        Ok(profile)
    }
}

/// Lets one word hold for one way.
fn take(link: &mut Conditions, name: &str, value: &str) -> Option<()> {
    match name {
        "delay" => link.delay = number(value)? as u64,
        "jitter" => link.jitter = number(value)? as u64,
        "loss" => link.loss = permille(value)?,
        "burst" => link.burst = number(value).filter(|burst| *burst <= 1000.0)? as u32,
        "double" => link.doubling = permille(value)?,
        "flip" => link.flipping = permille(value)?,
        "rate" => link.rate = (number(value)? * 125.0) as u64,
        "queue" => link.queue = (number(value)? * 1000.0) as u64,
        "order" => {
            link.order = match value {
                "kept" => Order::Kept,
                "free" => Order::Free,
                _ => return None,
            };
        }
        "outage" => {
            let (at, length) = value.split_once('+')?;
            let (from, length) = (seconds(at)?, seconds(length)?);
            push(&mut link.outages, from..from.after(length.0))?;
        }
        _ => return None,
    }
    Some(())
}

fn number(value: &str) -> Option<f64> {
    let number = value.parse::<f64>().ok();
    number.filter(|number| (0.0..=MOST).contains(number))
}

fn permille(value: &str) -> Option<u32> {
    let percent = number(value).filter(|percent| *percent <= 100.0)?;
    Some((percent * 10.0) as u32)
}

fn seconds(value: &str) -> Option<Time> {
    Some(Time((number(value)? * 1000.0) as u64))
}

fn push<T>(events: &mut Vec<T>, event: T) -> Option<()> {
    let has_room = events.len() < MAX_EVENTS;
    has_room.then(|| events.push(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Conditions {
        Conditions {
            queue: USUAL_QUEUE,
            ..Conditions::default()
        }
    }

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
        assert_eq!(link, Ok(Profile::both_ways(expected)));
    }

    #[test]
    fn each_way_may_be_another() {
        let link = "rtt=60,up.delay=5,loss=1,down.loss=20,down.burst=3,up.rate=32,up.queue=4";
        let expected = Profile {
            up: Conditions {
                delay: 5,
                loss: 10,
                rate: 4_000,
                queue: 4_000,
                ..usual()
            },
            down: Conditions {
                delay: 30,
                loss: 200,
                burst: 3,
                ..usual()
            },
            moves: Vec::new(),
        };
        assert_eq!(link.parse(), Ok(expected));
    }

    #[test]
    fn outages_and_moves_have_their_times() {
        let link = "move=9,outage=2+0.5,up.outage=20+10,move=1.5";
        let (first, second) = (Time(2_000)..Time(2_500), Time(20_000)..Time(30_000));
        let expected = Profile {
            up: Conditions {
                outages: vec![first.clone(), second],
                ..usual()
            },
            down: Conditions {
                outages: vec![first],
                ..usual()
            },
            moves: vec![Time(1_500), Time(9_000)],
        };
        assert_eq!(link.parse(), Ok(expected));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for wrong in [
            "rtt",
            "rtt=",
            "rtt=-1",
            "loss=101",
            "rtt=NaN",
            "order=x",
            "a=1",
            "up.rtt=5",
            "up.move=1",
            "up.up.loss=1",
            "sideways.loss=1",
            "outage=5",
            "outage=5+",
            "outage=+5",
            "outage=1+-1",
            "move=now",
        ] {
            let refused = wrong.parse::<Profile>();
            assert_eq!(refused, Err(Unclear(wrong.to_owned())));
        }
        let told = "loss=lots".parse::<Profile>().unwrap_err().to_string();
        assert!(told.starts_with("\"loss=lots\" is nothing that a link is like"));
        let many = vec!["move=1"; MAX_EVENTS + 1].join(",");
        assert!(many.parse::<Profile>().is_err());
    }
}
