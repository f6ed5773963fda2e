//! Watches over a link to a server elsewhere: how the path does, for the status line, and whether something has happened
//! after which it may be there again.

use crate::net::Link;
use crate::net::changes::Changes;
use crate::net::clocks::Clocks;
use crate::ui::Reach;
use std::time::{Duration, Instant};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);

/// Watches over one link after another; over those of the server's own machine there is nothing to watch.
#[derive(Debug)]
pub(super) struct Vigil {
    /// When to look next at the path.
    pub(super) due: Option<Instant>,
    around: Option<Around>,
}

/// What happens around a path.
#[derive(Debug)]
struct Around {
    changes: Changes,
    clocks: Clocks,
    /// When to look next at the clocks.
    due: Instant,
}

impl Vigil {
    /// Call within a runtime.
    pub(super) fn over(link: &Link) -> Self {
        let now = link.health().map(|_| Instant::now());
        Self {
            due: now,
            around: now.map(|now| Around {
                changes: Changes::listen(),
                clocks: Clocks::read(),
                due: now + EVERY,
            }),
        }
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

    /// Ready when this machine's network has changed, or when it has slept. Dropping the future loses nothing.
    pub(super) async fn stirred(&mut self) {
        match &mut self.around {
            Some(around) => around.stirred().await,
            None => std::future::pending().await,
        }
    }
}

impl Around {
    async fn stirred(&mut self) {
        loop {
            tokio::select! {
                () = self.changes.next() => return,
                () = tokio::time::sleep_until(self.due.into()) => {
                    self.due = Instant::now() + EVERY;
                    if self.clocks.have_jumped() {
                        return;
                    }
                }
            }
        }
    }
}
