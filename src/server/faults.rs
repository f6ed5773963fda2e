//! Tells viewers that a disk refuses what their panes print, and that it takes it again: their sessions go on in memory.

use super::viewer::Viewer;
use super::world::World;
use crate::protocol::{Event, PaneId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often it is said again while it lasts.
const REPEAT: Duration = Duration::from_secs(30);

/// The panes of which viewers have been told, and when.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<PaneId, Instant>);

impl World {
    /// Tells what has changed since the last call.
    pub fn tell_faults(&mut self) {
        let panes: Vec<PaneId> = self.panes.keys().copied().collect();
        self.saved.told.0.retain(|pane, _| panes.contains(pane));
        for pane in panes {
            let Some(hosted) = self.panes.get(&pane) else {
                continue;
            };
            let told = self.saved.told.0.get(&pane);
            let words = match (hosted.history.fault(), told) {
                (Some(_), Some(at)) if at.elapsed() < REPEAT => continue,
                (Some(_), _) => {
                    self.saved.told.0.insert(pane, Instant::now());
                    hosted.warning().unwrap_or_default()
                }
                (None, Some(_)) => {
                    self.saved.told.0.remove(&pane);
                    format!("{pane}: scrollback is saved again")
                }
                (None, None) => continue,
            };
            self.tell(pane, &Event::Message(words));
            let session = self.sessions.of_pane(pane).map(|session| session.id);
            let viewers = self.viewers.values_mut();
            viewers
                .filter(|viewer| Some(viewer.at.session()) == session)
                .for_each(Viewer::renew);
        }
    }
}
