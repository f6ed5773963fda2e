//! Watches how the server is reached, where that is over a network, for the status line.

use crate::net::Link;
use crate::ui::Reach;
use std::time::{Duration, Instant};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);

/// Looks at the path now and then; never on the server's own machine.
#[derive(Debug)]
pub(super) struct Vigil {
    /// When to look next.
    pub(super) due: Option<Instant>,
}

impl Vigil {
    pub(super) fn over(link: &Link) -> Self {
        let due = link.health().map(|_| Instant::now() + EVERY);
        Self { due }
    }

    /// How the path does, if it was time to look.
    pub(super) fn look(&mut self, link: &Link) -> Option<Reach> {
        let now = Instant::now();
        self.due.filter(|due| *due <= now)?;
        let health = link.health()?;
        self.due = Some(now + EVERY);
        let ms = |duration: Duration| duration.as_millis() as u64;
        Some(Reach {
            by: health.by,
            round_trip_ms: ms(health.round_trip),
            loss: health.loss,
            silent_ms: ms(health.silent),
            awaited_ms: ms(health.awaited),
        })
    }
}
