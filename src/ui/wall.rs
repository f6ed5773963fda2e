//! The time of day, as far as the user interface knows it: told now and then, and counted on in between.

use crate::sync::Time;
use crate::when::Now;

/// What time it is.
#[derive(Debug, Default)]
pub(super) struct WallClock {
    told: Option<(Now, Time)>,
    now_ms: u64,
}

impl WallClock {
    /// It was that time at `at`.
    pub fn tell(&mut self, now: Now, at: Time) {
        self.told = Some((now, at));
        self.pass(at);
    }

    /// It is `at` now.
    pub fn pass(&mut self, at: Time) {
        self.now_ms = self.now(at).map_or(0, |now| now.ms());
    }

    /// What time it is at `at`, if it was ever told.
    pub fn now(&self, at: Time) -> Option<Now> {
        let (now, told) = self.told.as_ref()?;
        Some(now.later(at.since(*told)))
    }

    /// How many milliseconds before now that was, if that can be said.
    pub fn since(&self, unix_ms: u64) -> Option<u64> {
        (self.now_ms > 0).then(|| self.now_ms.saturating_sub(unix_ms))
    }
}
