//! The moment after a key: until its echo is on its way, programs in other panes are not read. One that floods its
//! terminal then has to wait, and leaves the processor to the program that was typed into, to the server and to the
//! client. It costs the flood what the echo takes, a key at a time.

use crate::protocol::PaneId;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The longest that others wait for an echo, which may never come.
const HUSH: Duration = Duration::from_millis(1);

/// Which pane's echo is awaited.
#[derive(Default)]
pub(super) struct Hush {
    awaited: Option<(PaneId, Instant)>,
    /// Wakes those who wait for its end.
    over: Rc<Notify>,
}

impl Hush {
    /// A key went to `pane`.
    pub fn begin(&mut self, pane: PaneId) {
        self.awaited = Some((pane, Instant::now() + HUSH));
    }

    /// What `pane` printed is on its way to whoever typed.
    pub fn end(&mut self, pane: PaneId) {
        if self.awaited.is_some_and(|(awaited, _)| awaited == pane) {
            self.awaited = None;
            self.over.notify_waiters();
        }
    }

    /// What `pane` has to wait for before it is read, and how long at most.
    pub fn keeps(&mut self, pane: PaneId) -> Option<(Rc<Notify>, Duration)> {
        let (awaited, until) = self.awaited?;
        if awaited == pane {
            return None;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            self.awaited = None;
            return None;
        }
        Some((self.over.clone(), left))
    }
}
