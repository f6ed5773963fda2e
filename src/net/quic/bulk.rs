//! How much of files and forwarded connections waits in QUIC to be sent or acknowledged. QUIC keeps a bounded number of
//! bytes for all streams of a connection, and sends those of higher priority first; what is to be shown would still have to
//! wait for room, behind as much of a file as there is room for, which a slow path takes a minute to carry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Bytes that may wait at least.
const LEAST: usize = 64 << 10;

/// And at most: there is room for others beside that.
const MOST: usize = 768 << 10;

/// How often to try where the allowance is not what was lacking.
const SOME_TIME: Duration = Duration::from_millis(250);

/// What the conversations of a connection that give way may hand to QUIC, all together. It is renewed when all that QUIC
/// had was sent, so that what waits is a little more than the path bears.
#[derive(Debug, Clone)]
pub(super) struct Bulk(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    left: AtomicUsize,
    renewed: Notify,
}

impl Default for Bulk {
    fn default() -> Self {
        Self(Arc::new(Shared {
            left: AtomicUsize::new(LEAST),
            renewed: Notify::new(),
        }))
    }
}

impl Bulk {
    /// Takes up to so many bytes; says how many.
    pub fn take(&self, wanted: usize) -> usize {
        let take = |left: usize| Some(left.saturating_sub(wanted));
        let order = Ordering::Relaxed;
        let before = self.0.left.fetch_update(order, order, take);
        before.unwrap_or_default().min(wanted)
    }

    /// Gives back what was taken and not handed over.
    pub fn give_back(&self, bytes: usize) {
        self.0.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// All that QUIC had was sent, of which so many bytes may be under way.
    pub fn renew(&self, window: u64) {
        let window = usize::try_from(window).unwrap_or(MOST);
        let left = window.saturating_mul(2).clamp(LEAST, MOST);
        self.0.left.store(left, Ordering::Relaxed);
        self.0.renewed.notify_waiters();
    }

    /// Ends once there is something to take again. Where there is already, something else is waited for, and it ends some
    /// time.
    pub async fn renewed(&self) {
        let renewed = self.0.renewed.notified();
        match self.0.left.load(Ordering::Relaxed) {
            0 => renewed.await,
            _ => tokio::time::sleep(SOME_TIME).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let bulk = Bulk::default();
        assert_eq!(bulk.take(10), 10);
        assert_eq!(bulk.clone().take(LEAST), LEAST - 10);
        assert_eq!(bulk.take(1), 0);
        bulk.give_back(5);
        assert_eq!(bulk.take(9), 5);
        bulk.renew(1 << 40);
        assert_eq!(bulk.take(usize::MAX), MOST);
        bulk.renew(0);
        assert_eq!(bulk.take(usize::MAX), LEAST);
    }
}
