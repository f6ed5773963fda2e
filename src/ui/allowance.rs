//! How often the user may be disturbed.

use crate::sync::Time;

/// Notices that are let through one right after another.
const MAX_BURST: u32 = 3;
/// Milliseconds until one more may follow.
const REFILL_MS: u64 = 2000;

/// What is still allowed of something that a program may ask for as often as it likes.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u32,
    /// Since when the next one is being waited for.
    since: Time,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            left: MAX_BURST,
            since: Time(0),
        }
    }
}

impl Allowance {
    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let gained = now.since(self.since) / REFILL_MS;
        if self.left == MAX_BURST || gained >= u64::from(MAX_BURST) {
            (self.left, self.since) = (MAX_BURST, now);
        } else if gained > 0 {
            self.left = MAX_BURST.min(self.left + gained as u32);
            self.since = self.since.after(gained * REFILL_MS);
        }
        let taken = self.left > 0;
        self.left -= u32::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_at_once_and_then_one_now_and_then() {
        let mut allowance = Allowance::default();
        let taken = (0..100_u64).filter(|n| allowance.take(Time(n * 100)));
        let taken: Vec<_> = taken.collect();
        assert_eq!(taken, [0, 1, 2, 20, 40, 60, 80]);
        let burst = (0..9).filter(|_| allowance.take(Time(1_000_000)));
        assert_eq!(burst.count(), MAX_BURST as usize);
    }
}
