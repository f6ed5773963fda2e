//! The surroundings of the place in scrollback that a viewer moved last: they are sent ahead while it is shown. There is
//! one such place a viewer, and what is held for it is bounded by that.

use super::margin::{Leisure, Margin};
use super::viewer::Viewer;
use super::world::World;
use crate::pane::{Place, Window};
use crate::protocol::surface::SurfaceSource;
use crate::protocol::view::ViewMark;
use crate::protocol::{PaneId, SurfaceId, ViewerId};
use crate::sync::{Endpoint, Time};

impl Viewer {
    /// Its place in the scrollback of `pane` was at `before`.
    pub fn travelled(&mut self, pane: PaneId, before: Place, now: Time) {
        if self
            .margin
            .as_ref()
            .is_some_and(|(other, _)| *other != pane)
        {
            self.forget_margin();
        }
        let Some((_, window)) = self.windows.get(&pane) else {
            return;
        };
        let new = || (pane, Margin::new(window.size().rows, now));
        let (_, margin) = self.margin.get_or_insert_with(new);
        margin.travelled(before, window.top(), now);
    }

    /// Holds nothing around any place.
    fn forget_margin(&mut self) {
        let left = self.margin.take();
        let window = left.and_then(|(pane, _)| self.windows.get_mut(&pane));
        if let Some((_, window)) = window {
            window.drop_margin();
        }
    }

    /// The place that it moved last, if that is shown.
    fn place(&mut self) -> Option<(&mut Margin, PaneId, SurfaceId, &mut Window)> {
        let (pane, margin) = self.margin.as_mut()?;
        let (surface, window) = self.windows.get_mut(pane)?;
        let mut shown = self.chrome.panes.iter();
        let is_shown = self.looking && shown.any(|shown| shown.surface == *surface);
        is_shown.then_some((margin, *pane, *surface, window))
    }

    /// What it is sent of what lies around the place, beside these surfaces.
    pub fn margin_source(
        &self,
        surfaces: &[(SurfaceId, SurfaceSource)],
        endpoint: &Endpoint<ViewMark>,
    ) -> Option<(SurfaceId, SurfaceSource<'_>)> {
        let (pane, margin) = self.margin.as_ref()?;
        let (id, window) = self.windows.get(pane)?;
        let (_, place) = surfaces.iter().find(|(other, _)| other == id)?;
        margin.source(*id, window, place, endpoint)
    }
}

impl World {
    /// Takes more of what lies around the place of `viewer`, if its link bears it now and nothing else waits.
    pub fn widen_margin(&mut self, viewer: ViewerId, endpoint: &mut Endpoint<ViewMark>, now: Time) {
        let Some(viewer) = self.viewers.get_mut(&viewer) else {
            return;
        };
        let leisure = match viewer.answering() {
            Some(_) => Leisure::Busy,
            None => Leisure::Free,
        };
        let is_stale = viewer.stale;
        match (viewer.place(), is_stale) {
            (Some((margin, pane, id, window)), _) => {
                if let Some(hosted) = self.panes.get(&pane) {
                    let lines = (&hosted.pane, &hosted.history as _);
                    margin.widen((id, window), lines, (endpoint, leisure), now);
                }
            }
            (None, true) => {
                if let Some((_, margin)) = &mut viewer.margin {
                    margin.gives_way(now);
                }
            }
            // It is hidden, or left.
            (None, false) => viewer.forget_margin(),
        }
    }

    /// When [`World::widen_margin`] has something to do for `viewer`.
    pub fn widens_at(&self, viewer: ViewerId) -> Option<Time> {
        let (_, margin) = self.viewers.get(&viewer)?.margin.as_ref()?;
        margin.timeout()
    }

    /// Takes note that a frame has left for `viewer`.
    pub fn margin_left(&mut self, viewer: ViewerId, endpoint: &Endpoint<ViewMark>, now: Time) {
        let viewer = self.viewers.get_mut(&viewer);
        if let Some((margin, _, id, _)) = viewer.and_then(Viewer::place) {
            margin.left(id, endpoint, now);
        }
    }
}
