//! What a viewer is shown: its chrome, and the surfaces of the panes in its tab.

use super::hosted::Hosted;
use super::world::World;
use crate::pane::settling::Telling;
use crate::protocol::surface::SurfaceSource;
use crate::protocol::view::{Chrome, Marks, PaneBox, TabLabel, ViewMark, ViewSource};
use crate::protocol::{PaneId, SurfaceId, ViewerId};
use crate::session::{Session, Tab, Titles};
use crate::sync::{Endpoint, Time, Urgency};

impl World {
    /// The next packet for `viewer`, if one is due. Built late: from the present state.
    pub fn frame(
        &mut self,
        viewer: ViewerId,
        endpoint: &mut Endpoint<ViewMark>,
        now: Time,
    ) -> Option<Vec<u8>> {
        if self.settle_keys(viewer, now) == Telling::AtOnce {
            endpoint.changed(Urgency::AtOnce, now);
        }
        if let Some(urgency) = self.viewers.get_mut(&viewer)?.owed.take() {
            endpoint.changed(urgency, now);
        }
        self.widen_margin(viewer, endpoint, now);
        if endpoint.timeout().is_none_or(|due| due > now) {
            return None;
        }
        self.refresh_chrome(viewer);
        let id = viewer;
        let answer = self.viewers.get_mut(&viewer)?.take_answer(now);
        let halfway = self.synchronized(viewer);
        let echo = self.echo(viewer);
        let viewer = self.viewers.get_mut(&viewer)?;
        for (pane, (_, window)) in viewer.windows.iter_mut().filter(|_| viewer.looking) {
            if let Some(hosted) = self.panes.get(pane) {
                window.keep_up(&hosted.pane, &hosted.history);
            }
        }
        let mut surfaces: Vec<(SurfaceId, SurfaceSource)> = viewer
            .chrome
            .panes
            .iter()
            .filter_map(|shown| {
                let source = match viewer.windows.get(&shown.pane) {
                    Some((_, window)) => window.source(),
                    None => self.panes.get(&shown.pane)?.pane.source(),
                };
                Some((shown.surface, source))
            })
            .collect();
        let waits = |surface: SurfaceId| {
            let is_other = answer.is_some_and(|pane| SurfaceId::live(pane) != surface);
            is_other || halfway.contains(&surface)
        };
        let kept_back = match viewer.looking {
            true => keep_back(&mut surfaces, waits, endpoint.acked_mark()),
            false => {
                hold(&mut surfaces, endpoint.acked_mark());
                false
            }
        };
        surfaces.extend(viewer.margin_source(&surfaces, endpoint));
        let source = ViewSource {
            chrome: &viewer.chrome,
            chrome_version: viewer.chrome_version,
            echo,
            surfaces,
        };
        let packet = endpoint.poll(&source, now);
        if kept_back {
            endpoint.changed(Urgency::Paced, now);
        }
        self.margin_left(id, endpoint, now);
        packet
    }

    /// How many milliseconds the viewer's frame waits for a pane that is in the middle of a synchronized update. The
    /// answer to a key waits for its own pane alone.
    pub fn must_wait(&mut self, viewer: ViewerId) -> Option<u64> {
        let viewer = self.viewers.get(&viewer)?;
        let answering = viewer.answering();
        let shown = viewer.live_panes();
        let waited_for = shown.filter(|pane| answering.is_none_or(|answering| answering == *pane));
        waited_for
            .filter_map(|pane| self.panes.get_mut(&pane)?.synchronized_for())
            .min()
    }

    /// What the viewer sees of panes in the middle of a synchronized update.
    fn synchronized(&mut self, viewer: ViewerId) -> Vec<SurfaceId> {
        let Some(viewer) = self.viewers.get(&viewer) else {
            return Vec::new();
        };
        let is_halfway = |pane: &PaneId| {
            let hosted = self.panes.get_mut(pane);
            hosted.is_some_and(|hosted| hosted.synchronized_for().is_some())
        };
        let halfway = viewer.live_panes().filter(is_halfway);
        halfway.map(SurfaceId::live).collect()
    }

    fn refresh_chrome(&mut self, id: ViewerId) {
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        if !std::mem::take(&mut viewer.stale) {
            return;
        }
        let Some(chrome) = self.chrome(id) else {
            return;
        };
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        if chrome == viewer.chrome {
            return;
        }
        let before = viewer.focused();
        viewer.shown = chrome.panes.iter().map(|shown| shown.pane).collect();
        viewer.chrome = chrome;
        viewer.chrome_version += 1;
        let after = viewer.focused();
        if before == after || !viewer.has_focus() {
            return;
        }
        for (pane, gained) in [(before, false), (after, true)] {
            if let Some(pane) = pane {
                self.tell_focus(id, pane, gained);
            }
        }
    }

    /// Tells a program that the viewer's keys go to it now, or no more, unless another viewer's do anyway.
    pub fn tell_focus(&mut self, viewer: ViewerId, pane: PaneId, gained: bool) {
        let is_held = self
            .viewers
            .iter()
            .filter(|(id, other)| **id != viewer && other.has_focus())
            .any(|(_, other)| other.focused() == Some(pane));
        if let Some(hosted) = self.panes.get_mut(&pane).filter(|_| !is_held) {
            hosted.pane.focus(gained);
            hosted.pump();
        }
    }

    /// What the border of a pane says; nothing where titles are not wanted.
    fn title_of(&self, pane: PaneId) -> String {
        let hosted = self.panes.get(&pane);
        let hosted = hosted.filter(|_| self.titles() == Titles::Shown);
        hosted.map(Hosted::title).unwrap_or_default()
    }

    fn chrome(&self, viewer: ViewerId) -> Option<Chrome> {
        let viewer = self.viewers.get(&viewer)?;
        let session = self.sessions.get(viewer.at.session())?;
        let tab = session.tab(viewer.at.tab())?;
        if !viewer.looking {
            // What stood there stays until somebody looks again.
            return Some(Chrome {
                session: session.name.clone(),
                host: self.host.clone(),
                tabs: self.labels(session, tab),
                unsaved: self.is_unsaved(session),
                answered: viewer.answered,
                ..viewer.chrome.clone()
            });
        }
        let focus = viewer.at.pane_in(session, tab.id)?;
        let panes = tab
            .places(self.titles(), focus)
            .into_iter()
            .map(|(pane, area)| PaneBox {
                pane,
                surface: viewer
                    .windows
                    .get(&pane)
                    .map_or(SurfaceId::live(pane), |(surface, _)| *surface),
                area,
                focused: pane == focus,
                title: self.title_of(pane),
            });
        Some(Chrome {
            session: session.name.clone(),
            host: self.host.clone(),
            tabs: self.labels(session, tab),
            panes: panes.collect(),
            area: Some(tab.area),
            zoomed: tab.zoomed.is_some(),
            unsaved: self.is_unsaved(session),
            answered: viewer.answered,
        })
    }

    /// Whether a pane of the session prints what no disk takes.
    fn is_unsaved(&self, session: &Session) -> bool {
        let panes = session.panes().into_iter();
        let mut hosted = panes.filter_map(|pane| self.panes.get(&pane));
        hosted.any(|hosted| hosted.history.fault().is_some())
    }

    fn labels(&self, session: &Session, shown: &Tab) -> Vec<TabLabel> {
        let label = |tab: &Tab| TabLabel {
            id: tab.id,
            name: self.tab_name(tab),
            active: tab.id == shown.id,
            marks: Marks {
                failed: self.has_failed(tab),
                ..tab.marks
            },
        };
        session.tabs.iter().map(label).collect()
    }

    /// Whether a program in the tab has ended with a failure.
    fn has_failed(&self, tab: &Tab) -> bool {
        let mut panes = tab.layout.panes().into_iter();
        panes.any(|pane| self.panes.get(&pane).is_some_and(Hosted::has_failed))
    }

    /// A tab's name: the user's, or the command in its focused pane.
    pub fn tab_name(&self, tab: &Tab) -> String {
        if !tab.name.is_empty() {
            return tab.name.clone();
        }
        self.panes
            .get(&tab.focus)
            .map(|hosted| hosted.command.clone())
            .unwrap_or_default()
    }
}

/// Leaves all surfaces as the viewer has them, and out those that it has not: who looks elsewhere is told nothing of what
/// panes print, and goes on from there on coming back.
fn hold(surfaces: &mut Vec<(SurfaceId, SurfaceSource)>, last: Option<&ViewMark>) {
    surfaces.retain_mut(|(id, surface)| {
        let mut known = last.into_iter().flat_map(|last| &last.surfaces);
        let known = known.find(|(known, _)| known == id).map(|(_, at)| *at);
        surface.version = known.unwrap_or_default().min(surface.version);
        known.is_some()
    });
}

/// Leaves the surfaces that wait as the viewer has them: on a reliable link that is where the last frame stood. Says
/// whether any was.
fn keep_back(
    surfaces: &mut [(SurfaceId, SurfaceSource)],
    waits: impl Fn(SurfaceId) -> bool,
    last: Option<&ViewMark>,
) -> bool {
    let mut kept_back = false;
    for (id, surface) in surfaces.iter_mut().filter(|(id, _)| waits(*id)) {
        let mut known = last.into_iter().flat_map(|last| &last.surfaces);
        let known = known.find(|(known, _)| known == id).map(|(_, at)| *at);
        // One that has another size or place is needed at once.
        if let Some(at) =
            known.filter(|at| *at < surface.version && surface.header_changed_at <= *at)
        {
            surface.version = at;
            kept_back = true;
        }
    }
    kept_back
}
