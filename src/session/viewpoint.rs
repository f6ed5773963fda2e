//! Where one viewer looks: its session, its tab, in each tab the pane that its keys go to, and where it looked before.

use super::{Session, Sessions, Target};
use crate::protocol::{PaneId, SessionId, TabId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where one viewer looks. It may name what has ended meanwhile: [`Viewpoint::mend`] leads it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewpoint {
    session: SessionId,
    session_before: Option<SessionId>,
    tab: TabId,
    tab_before: Option<TabId>,
    /// In each tab that the viewer has looked at.
    focus: BTreeMap<TabId, Focus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Focus {
    pane: PaneId,
    before: Option<PaneId>,
}

impl Viewpoint {
    /// Looks at `tab` of `session`.
    pub fn new(session: SessionId, tab: TabId) -> Self {
        Self {
            session,
            session_before: None,
            tab,
            tab_before: None,
            focus: BTreeMap::new(),
        }
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The tab.
    pub fn tab(&self) -> TabId {
        self.tab
    }

    /// The tab that was looked at before.
    pub fn tab_before(&self) -> Option<TabId> {
        self.tab_before
    }

    /// The session that was looked at before.
    pub fn session_before(&self) -> Option<SessionId> {
        self.session_before
    }

    /// What the viewer's keys go to; `None` once the tab has ended.
    pub fn target(&self, sessions: &Sessions) -> Option<Target> {
        let session = sessions.get(self.session)?;
        Some(Target {
            session: self.session,
            tab: self.tab,
            pane: self.pane_in(session, self.tab)?,
        })
    }

    /// The pane that the viewer's keys would go to in `tab`: the one shown alone, the one that the viewer chose or, if
    /// that has ended, the one before, or else the one that was chosen by anybody last.
    pub fn pane_in(&self, session: &Session, tab: TabId) -> Option<PaneId> {
        let tab = session.tab(tab)?;
        let chosen = self.focus.get(&tab.id);
        let chosen = chosen.and_then(|focus| {
            let mut panes = [Some(focus.pane), focus.before].into_iter().flatten();
            panes.find(|pane| tab.layout.contains(*pane))
        });
        Some(tab.zoomed.or(chosen).unwrap_or(tab.focus))
    }

    /// The pane of `tab` that the viewer had chosen before the present one.
    pub fn pane_before(&self, tab: TabId) -> Option<PaneId> {
        self.focus.get(&tab)?.before
    }

    /// Chooses `pane` of `tab`; what the viewer looks at stays.
    pub fn choose(&mut self, tab: TabId, pane: PaneId) {
        let old = self.focus.get(&tab).copied();
        let before = match old {
            Some(old) if old.pane == pane => old.before,
            Some(old) => Some(old.pane),
            None => None,
        };
        self.focus.insert(tab, Focus { pane, before });
    }

    /// Looks at another tab of the session.
    pub fn go_to(&mut self, tab: TabId) {
        if tab != self.tab {
            self.tab_before = Some(self.tab);
            self.tab = tab;
        }
    }

    /// Looks at a tab of another session.
    pub fn switch(&mut self, session: SessionId, tab: TabId) {
        if session == self.session {
            return self.go_to(tab);
        }
        self.session_before = Some(self.session);
        self.session = session;
        self.tab_before = None;
        self.tab = tab;
    }

    /// Leads a viewer whose tab has ended to the one before, or else to the session's current one, and forgets tabs
    /// that are in no session any more.
    pub fn mend(&mut self, sessions: &Sessions) {
        let Some(session) = sessions.get(self.session) else {
            return;
        };
        if session.tab(self.tab).is_none() {
            let before = self.tab_before.filter(|tab| session.tab(*tab).is_some());
            self.tab = before.unwrap_or(session.current);
            self.tab_before = None;
        }
        let is_there = |tab: &TabId| sessions.iter().any(|session| session.tab(*tab).is_some());
        self.focus.retain(|tab, _| is_there(tab));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Direction;
    use crate::session::Tab;
    use crate::term::Size;

    const AREA: Size = Size { cols: 80, rows: 23 };

    /// A session of two tabs, the first with the panes 1 and 2, the second with 3; and a viewer of the first.
    fn world() -> (Sessions, Viewpoint, [TabId; 2]) {
        let mut sessions = Sessions::default();
        let id = sessions.add("work".into(), PaneId(1), AREA, Vec::new(), 0);
        let second = TabId(sessions.fresh_id());
        let session = sessions.get_mut(id).expect("just made");
        let first = session.current;
        let tab = session.tab_mut(first).expect("its tab");
        tab.split(PaneId(1), Direction::Right, PaneId(2));
        session.tabs.push(Tab::new(second, PaneId(3), AREA));
        (sessions, Viewpoint::new(id, first), [first, second])
    }

    fn pane(sessions: &Sessions, at: &Viewpoint) -> Option<u64> {
        at.target(sessions).map(|target| target.pane.0)
    }

    #[test]
    fn each_viewer_has_a_focus_of_its_own() {
        let (sessions, mut one, [first, _]) = world();
        let mut two = one.clone();
        one.choose(first, PaneId(2));
        two.choose(first, PaneId(1));
        assert_eq!(pane(&sessions, &one), Some(2));
        assert_eq!(pane(&sessions, &two), Some(1));
        assert_eq!(one.pane_before(first), None);
        one.choose(first, PaneId(1));
        one.choose(first, PaneId(1));
        assert_eq!(one.pane_before(first), Some(PaneId(2)));
    }

    #[test]
    fn the_focus_of_a_tab_is_kept_while_one_looks_elsewhere() {
        let (sessions, mut at, [first, second]) = world();
        at.choose(first, PaneId(2));
        at.go_to(second);
        assert_eq!(pane(&sessions, &at), Some(3));
        assert_eq!(at.tab_before(), Some(first));
        at.go_to(first);
        at.go_to(first);
        assert_eq!(pane(&sessions, &at), Some(2));
        assert_eq!(at.tab_before(), Some(second));
    }

    #[test]
    fn keys_go_to_the_pane_that_is_shown_alone() {
        let (mut sessions, mut at, [first, _]) = world();
        at.choose(first, PaneId(2));
        let session = sessions.get_mut(at.session()).expect("it stands");
        session.tab_mut(first).expect("its tab").zoom(PaneId(1));
        assert_eq!(pane(&sessions, &at), Some(1));
    }

    #[test]
    fn who_looked_at_what_has_ended_is_led_on() {
        let (mut sessions, mut at, [first, second]) = world();
        at.choose(first, PaneId(2));
        sessions.remove_pane(PaneId(2));
        assert_eq!(pane(&sessions, &at), Some(1));
        at.go_to(second);
        sessions.remove_pane(PaneId(3));
        assert_eq!(pane(&sessions, &at), None);
        at.mend(&sessions);
        assert_eq!(pane(&sessions, &at), Some(1));
    }

    #[test]
    fn a_closed_pane_gives_the_focus_back() {
        let (mut sessions, mut at, [first, _]) = world();
        let session = sessions.get_mut(at.session()).expect("it stands");
        let tab = session.tab_mut(first).expect("its tab");
        tab.split(PaneId(2), Direction::Down, PaneId(4));
        // Somebody else is elsewhere.
        tab.select(PaneId(1));
        at.choose(first, PaneId(2));
        at.choose(first, PaneId(4));
        sessions.remove_pane(PaneId(4));
        assert_eq!(pane(&sessions, &at), Some(2));
    }

    #[test]
    fn another_session_has_tabs_of_its_own() {
        let (mut sessions, mut at, [first, _]) = world();
        let old = at.session();
        let other = sessions.add("other".into(), PaneId(9), AREA, Vec::new(), 0);
        let tab = sessions.get(other).expect("just made").current;
        at.switch(other, tab);
        assert_eq!(pane(&sessions, &at), Some(9));
        assert_eq!(at.session_before(), Some(old));
        assert_eq!(at.tab_before(), None);
        at.switch(old, first);
        assert_eq!(at.session_before(), Some(other));
    }
}
