//! Dead sessions: telling them from the living when a server begins, listing them, forgetting them.

use super::world::{World, unix_ms};
use crate::disk::meta::Meta;
use crate::disk::snapshot::Snapshot;
use crate::protocol::PaneId;
use crate::protocol::request::{PaneSummary, SessionSummary, TabSummary, WhichDead};
use crate::session::{DeadSession, Died, Tab};
use crate::term::Size;
use anyhow::Result;
use std::time::UNIX_EPOCH;

impl World {
    /// Sorts out whom nobody runs: whole sessions are dead, and single panes of others wait to be started again.
    pub(super) fn part_the_dead(&mut self, written_ms: u64) {
        let sessions: Vec<_> = self.sessions.iter().map(|session| session.id).collect();
        let run = unix_ms();
        for id in sessions {
            let Some(session) = self.sessions.get(id) else {
                continue;
            };
            let panes = session.panes();
            if panes.iter().any(|pane| self.panes.contains_key(pane)) {
                self.restore_panes(id, written_ms);
            } else {
                let last_seen_ms = panes.iter().map(|pane| self.last_seen_ms(*pane));
                let last_seen_ms = last_seen_ms.max().unwrap_or_default().max(written_ms);
                self.sessions.bury(id, Died { last_seen_ms, run });
            }
        }
        self.saved.sessions_changed.notify_one();
    }

    /// When something was written of the pane last.
    fn last_seen_ms(&self, pane: PaneId) -> u64 {
        let dir = self.places.pane_dir(pane.0);
        let files = [Snapshot::file(&dir), Meta::file(&dir)];
        let modified = files
            .iter()
            .filter_map(|file| file.metadata().ok()?.modified().ok());
        let since = modified.filter_map(|at| at.duration_since(UNIX_EPOCH).ok());
        since.max().map_or(0, |since| since.as_millis() as u64)
    }

    /// Drops a dead session; its panes' files stay. Says so, if there is one of that name.
    pub(super) fn forget_dead(&mut self, name: &str) -> Result<String> {
        let found = self
            .sessions
            .find_dead(&WhichDead::Named(name.to_owned()))?;
        let forgotten = found
            .into_iter()
            .filter_map(|id| self.sessions.forget_dead(id));
        let names: Vec<_> = forgotten.map(|session| session.name).collect();
        self.saved.sessions_changed.notify_one();
        let names = names.join(", ");
        Ok(format!(
            "dead session {names} is forgotten; what its panes printed stays in {} (`wt history ls --dead` lists it)",
            self.places.pane_dir(0).with_file_name("").display()
        ))
    }

    fn offer(&self) -> Option<String> {
        match self.sessions.find_dead(&WhichDead::LastRun).ok()?.len() {
            1 => Some("1 session has lost its programs: `wt resume` brings it back".to_owned()),
            count => Some(format!(
                "{count} sessions have lost their programs: `wt resume` brings them back"
            )),
        }
    }

    /// What a client is told that comes while there are dead sessions: the first one, and whoever starts another session.
    pub(super) fn offer_once(&mut self, starts_another: bool) -> Option<String> {
        let was_made = std::mem::replace(&mut self.saved.offered, true);
        let is_due = starts_another || !was_made;
        is_due.then(|| self.offer()).flatten()
    }

    /// The dead sessions as they are listed.
    pub(super) fn dead_summaries(&self) -> impl Iterator<Item = SessionSummary> {
        let dead = self.sessions.dead().iter();
        dead.map(|DeadSession { session, died }| SessionSummary {
            name: session.name.clone(),
            created: session.created,
            clients: 0,
            size: session.area,
            tabs: (1..)
                .zip(&session.tabs)
                .map(|(number, tab)| {
                    let active = tab.id == session.current;
                    self.dead_tab(number, tab, active)
                })
                .collect(),
            dead_since_ms: Some(died.last_seen_ms),
        })
    }

    fn dead_tab(&self, number: u16, tab: &Tab, active: bool) -> TabSummary {
        let places = tab.places(self.titles(), tab.focus);
        let size = |pane| {
            let place = places.iter().find(|(placed, _)| *placed == pane);
            place.map_or(tab.area, |(_, place)| Size::new(place.cols, place.rows))
        };
        let panes = tab.layout.panes().into_iter();
        let panes = panes.map(|pane| self.dead_pane(pane, pane == tab.focus, size(pane)));
        let panes: Vec<_> = panes.collect();
        let focused = panes.iter().find(|pane| pane.focused);
        let command = focused.map(|pane| pane.command.clone()).unwrap_or_default();
        TabSummary {
            number,
            name: match tab.name.is_empty() {
                true => command,
                false => tab.name.clone(),
            },
            active,
            zoomed: tab.zoomed.is_some(),
            panes,
        }
    }

    /// A pane as its record tells of it. Its lines are not counted: that would take reading them.
    fn dead_pane(&self, id: PaneId, focused: bool, size: Size) -> PaneSummary {
        let meta = Meta::read(&self.places.pane_dir(id.0));
        let meta = meta.ok().flatten().unwrap_or_default();
        let shell = "shell".to_owned();
        let own = meta.origin.argv.first();
        let command = match meta.command.is_empty() {
            true => own.cloned().unwrap_or(shell),
            false => meta.command,
        };
        PaneSummary {
            id,
            size,
            pid: None,
            command,
            title: meta.title,
            cwd: meta.cwd,
            name: meta.name,
            focused,
            busy: false,
            fate: "its process is gone".to_owned(),
            history_lines: 0,
        }
    }
}
