//! How often to look for what happens without a word: that a datagram has left QUIC.

use std::time::Duration;

/// After how long the first look comes: who waits for it may have a frame to send.
const SOONEST: Duration = Duration::from_millis(1);

/// How far apart looks are at most. While nothing is heard of the other side nothing leaves, and that may last.
const LATEST: Duration = Duration::from_millis(20);

/// Looks that come further and further apart while nothing happens.
#[derive(Debug)]
pub(super) struct Looking {
    wait: Duration,
    received: u64,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            wait: SOONEST,
            received: 0,
        }
    }
}

impl Looking {
    /// After how long to look.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Takes note of a look that was in vain, so many packets having come in all: what came lets others leave.
    pub fn in_vain(&mut self, received: u64) {
        self.wait = match received == self.received {
            true => (self.wait * 2).min(LATEST),
            false => SOONEST,
        };
        self.received = received;
    }

    /// Begins to look for something else.
    pub fn begin(&mut self) {
        self.wait = SOONEST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_slept_through_and_what_comes_is_noticed() {
        let mut looking = Looking::default();
        let (mut passed, mut looks) = (Duration::ZERO, 0);
        while passed < Duration::from_secs(60) {
            passed += looking.wait();
            looking.in_vain(7);
            looks += 1;
        }
        assert!(looks < 3100, "{looks} looks in a minute");
        looking.in_vain(8);
        assert_eq!(looking.wait(), SOONEST);
        looking.in_vain(8);
        looking.begin();
        assert_eq!(looking.wait(), SOONEST);
    }
}
