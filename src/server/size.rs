//! Whose terminal decides the size of a tab: that of the viewer that typed last, among those who look at it.

use super::world::World;
use crate::protocol::{SessionId, TabId, ViewerId};
use crate::term::Size;

impl World {
    /// The viewer is in use: the tab that it looks at, and new ones of its session, have the size of its terminal.
    pub fn lead(&mut self, viewer: ViewerId) {
        self.typed += 1;
        let Some(leader) = self.viewers.get_mut(&viewer) else {
            return;
        };
        leader.typed = self.typed;
        let (session, area) = (leader.at.session(), leader.area());
        let tab = leader.at.tab();
        if let Some(session) = self.sessions.get_mut(session) {
            session.area = area;
        }
        self.fit(session, tab);
    }

    /// Gives the tabs of a session the sizes that they have by who looks at them now.
    pub fn fit_all(&mut self, session: SessionId) {
        let tabs = self.sessions.get(session).map(|session| &session.tabs);
        let tabs: Vec<TabId> = tabs.into_iter().flatten().map(|tab| tab.id).collect();
        for tab in tabs {
            self.fit(session, tab);
        }
    }

    /// Gives a tab the size of the terminal in which somebody typed last; one that nobody looks at keeps its own.
    fn fit(&mut self, session: SessionId, tab: TabId) {
        let Some(area) = self.area_of(session, tab) else {
            return;
        };
        let tab = self
            .sessions
            .get_mut(session)
            .and_then(|session| session.tab_mut(tab));
        if let Some(tab) = tab.filter(|tab| tab.area != area) {
            tab.area = area;
            self.arrange(session);
            self.touch_session(session);
        }
    }

    /// The viewer of a session that typed last, of those that look at it if any does.
    pub fn leader_of(&self, session: SessionId) -> Option<ViewerId> {
        let viewers = self.viewers.iter();
        let looking =
            viewers.filter(|(_, viewer)| viewer.is_here() && viewer.at.session() == session);
        looking
            .max_by_key(|(_, viewer)| (viewer.looking, viewer.typed))
            .map(|(id, _)| *id)
    }

    fn area_of(&self, session: SessionId, tab: TabId) -> Option<Size> {
        let viewers = self.viewers.values();
        let looking = viewers.filter(|viewer| {
            let looks_at = (viewer.at.session(), viewer.at.tab());
            viewer.is_here() && viewer.looking && looks_at == (session, tab)
        });
        let leader = looking.max_by_key(|viewer| viewer.typed)?;
        Some(leader.area())
    }
}
