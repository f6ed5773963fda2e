//! Tells that this machine slept, or that this process was stopped: timers do not.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// From so much on a difference is no accident.
const JUMP: Duration = Duration::from_secs(2);

/// Two clocks, one of which goes on while the machine sleeps.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    awake: Instant,
    all: Duration,
}

impl Clocks {
    /// Looks at both.
    pub fn read() -> Self {
        // Elsewhere the monotonic clock is the one that goes on, and the two agree.
        #[cfg(target_os = "linux")]
        let id = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let id = ClockId::Monotonic;
        Self {
            awake: Instant::now(),
            all: Duration::try_from(clock_gettime(id)).unwrap_or_default(),
        }
    }

    /// Whether more time has passed since the last call than should have, asked every second or so.
    pub fn have_jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::read());
        is_jump(
            self.awake - before.awake,
            self.all.saturating_sub(before.all),
        )
    }
}

fn is_jump(awake: Duration, all: Duration) -> bool {
    all.saturating_sub(awake) >= JUMP || awake >= 2 * JUMP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_and_being_stopped_are_noticed() {
        let seconds = Duration::from_secs;
        assert!(!is_jump(seconds(1), seconds(1)));
        assert!(!is_jump(seconds(3), seconds(3)));
        assert!(is_jump(seconds(1), seconds(3600)));
        assert!(is_jump(seconds(3600), seconds(3600)));
        assert!(!Clocks::read().have_jumped());
    }
}
