//! How the server is reached, where that is over a network: what the status line says of the path.

use crate::sync::silence::{AWAITED, LATE, LATE_ROUNDS};
use core::net::IpAddr;

/// From so many of a thousand on it is worth saying how many packets are lost.
const LOSSY: u32 = 20;

/// How the path to the server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reach {
    /// By which address: of those that a host has, the one that answered first.
    pub by: IpAddr,
    /// The round trip in ms.
    pub round_trip_ms: u64,
    /// How many packets of a thousand are lost.
    pub loss: u32,
    /// How many ms ago the server was heard last.
    pub silent_ms: u64,
    /// How many ms an answer has been waited for; 0 if none is.
    pub awaited_ms: u64,
}

impl Reach {
    /// Whether the server should have been heard by now.
    pub fn is_late(&self) -> bool {
        let rounds = self.round_trip_ms * LATE_ROUNDS;
        self.silent_ms >= LATE.max(rounds) || self.awaited_ms >= AWAITED.max(rounds)
    }

    /// What is said of it.
    pub fn words(&self) -> String {
        if self.is_late() {
            return format!("last heard {} ago", ago(self.silent_ms / 1000));
        }
        match self.loss {
            LOSSY.. => format!("{} ms, {}% lost", self.round_trip_ms, self.loss / 10),
            _ => format!("{} ms", self.round_trip_ms),
        }
    }
}

fn ago(secs: u64) -> String {
    match secs {
        0..=119 => format!("{secs} s"),
        120..=7199 => format!("{} min", secs / 60),
        _ => format!("{} h", secs / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_round_trip_loss_and_silence_are_told_when_they_matter() {
        let words = |round_trip_ms, loss, (silent_ms, awaited_ms)| {
            let reach = Reach {
                by: [10, 0, 0, 7].into(),
                round_trip_ms,
                loss,
                silent_ms,
                awaited_ms,
            };
            reach.words()
        };
        assert_eq!(words(102, 0, (5_100, 0)), "102 ms");
        assert_eq!(words(102, 19, (0, 0)), "102 ms");
        assert_eq!(words(102, 296, (9_999, 100)), "102 ms, 29% lost");
        assert_eq!(words(102, 296, (10_000, 0)), "last heard 10 s ago");
        assert_eq!(words(102, 0, (4_000, 2_000)), "last heard 4 s ago");
        assert_eq!(words(2_000, 0, (7_500, 7_500)), "2000 ms");
        assert_eq!(words(102, 0, (250_000, 0)), "last heard 4 min ago");
        assert_eq!(words(102, 0, (90_000_000, 0)), "last heard 25 h ago");
    }
}
