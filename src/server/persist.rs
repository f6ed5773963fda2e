//! What the next server needs: the sessions, written at once when they change, and a snapshot of each pane and the
//! journal of its scrollback, written well within a second of a change, on another thread. An idle server writes nothing.

use super::hosted::Hosted;
use super::world::World;
use super::{Server, quota};
use crate::disk::snapshot::Snapshot;
use crate::pane::{Ending, Origin};
use crate::protocol::PaneId;
use crate::term::Emulator;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long the first change waits for others of the same moment.
const SETTLE: Duration = Duration::from_millis(50);

/// How long later changes gather before they are written.
const INTERVAL: Duration = Duration::from_millis(550);

/// How long the end of the server waits for the disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the sessions as soon as they have changed: they are small, and nothing else knows them.
pub(super) async fn keep_sessions(server: Server) {
    let changed = server.with(|world| world.saved.sessions_changed.clone());
    loop {
        changed.notified().await;
        server.with(World::save_sessions);
    }
}

/// Writes the panes that changed: soon after the first change, then before a second has passed for as long as they go on
/// changing.
pub(super) async fn keep_panes(server: Server) {
    let changed = server.with(|world| world.saved.panes_changed.clone());
    loop {
        changed.notified().await;
        tokio::time::sleep(SETTLE).await;
        server.with(|world| {
            world.refresh_commands();
            world.save_sessions();
            world.save_records();
            world.save_panes();
        });
        quota::keep(&server);
        tokio::time::sleep(INTERVAL).await;
        server.with(|world| {
            world.save_records();
            world.retry_saving();
            world.tell_faults();
        });
    }
}

/// Writes everything and waits until it stands on disk.
pub(super) fn save_all(server: &Server) {
    server.with(|world| {
        world.save_sessions();
        world.save_records();
        world.save_panes();
        if !world.writer.flush(PATIENCE) {
            tracing::warn!("the disk is slow: the last second may be lost");
        }
    });
}

/// What a snapshot says of a pane beside its screen and scrollback.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said {
    pub origin: Origin,
    pub ending: Option<Ending>,
    /// The title that the user gave it.
    #[serde(default)]
    pub name: String,
}

impl World {
    /// Writes the sessions, if they have changed.
    fn save_sessions(&mut self) {
        let saved = self.saved.sessions.save(&self.sessions, &self.writer);
        self.saved.refused = saved.err().map(|error| {
            let error = format!("the sessions cannot be saved: {error:#}");
            tracing::warn!(error);
            error
        });
    }

    /// Comes back while there is something to do: a journal that has to be written whole, or a disk that refuses, of
    /// which viewers are told. What was refused is tried again by the writer.
    fn retry_saving(&mut self) {
        let mut is_due = false;
        for hosted in self.panes.values_mut() {
            hosted.dirty |= hosted.history.is_unsaved();
            is_due |= hosted.dirty || hosted.history.fault().is_some();
        }
        if is_due {
            self.saved.panes_changed.notify_one();
        }
    }

    fn save_panes(&mut self) {
        for (id, hosted) in &mut self.panes {
            if !std::mem::take(&mut hosted.dirty) {
                continue;
            }
            if hosted.history.is_locked() {
                continue;
            }
            let dir = self.places.pane_dir(id.0);
            // Before the snapshot: its screen begins where the journal ends.
            hosted.history.save();
            self.writer
                .snapshot(&dir, hosted.snapshot(hosted.pane.emulator()));
        }
    }

    /// Reads the names of the foreground commands again; tabs are named by them.
    fn refresh_commands(&mut self) {
        let renamed: Vec<PaneId> = self
            .panes
            .iter_mut()
            .filter(|(_, hosted)| hosted.dirty)
            .filter_map(|(id, hosted)| hosted.refresh_command(true).then_some(*id))
            .collect();
        for pane in renamed {
            if let Some(session) = self.sessions.of_pane(pane).map(|session| session.id) {
                self.touch_session(session);
            }
        }
    }
}

impl Hosted {
    /// What the next server needs of the pane, with `emulator` as its screen.
    pub(super) fn snapshot(&self, emulator: &Emulator) -> Vec<u8> {
        let said = Said {
            origin: self.pane.origin.clone(),
            ending: self.pane.ending(),
            name: self.name.clone(),
        };
        let said = serde_json::to_vec(&said).unwrap_or_default();
        let mut screen = Vec::new();
        emulator.snapshot(&mut screen);
        let snapshot = Snapshot {
            said: &said,
            emulator: &screen,
            history: &[],
            first_line: Some(self.history.end_line()),
        };
        snapshot.written()
    }
}

/// What a snapshot says of its pane.
pub(super) fn read_said(snapshot: &Snapshot) -> Option<Said> {
    serde_json::from_slice(snapshot.said).ok()
}
