//! Sessions, tabs and layouts: what belongs where. Panes are named by id only; what they run is not known here.

mod change;
mod layout;
mod name;
mod tab;
mod target;
mod title;
mod viewpoint;

pub use change::Refused;
pub use layout::{Layout, MIN_COLS, MIN_ROWS};
pub use name::{check_name, check_tab_name};
pub use tab::{Tab, Titles};
pub use target::{Target, TargetError};
pub use title::clean_title;
pub use viewpoint::Viewpoint;

use crate::protocol::{PaneId, SessionId, TabId};
use crate::term::Size;
use serde::{Deserialize, Serialize};

/// Named tabs that outlive every client; never without a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which session.
    pub id: SessionId,
    /// Its name: not empty, none of `/ : .`, see [`check_name`].
    pub name: String,
    /// Seconds since the Unix epoch when it was made.
    pub created: u64,
    /// The environment of the client that made it, which its panes inherit.
    pub env: Vec<(String, String)>,
    /// Its tabs in order.
    pub tabs: Vec<Tab>,
    /// The tab that was looked at last.
    pub current: TabId,
    /// The one before that.
    #[serde(default)]
    pub before: Option<TabId>,
    /// The cells that a new tab fills: the terminal, less the status line, of the client that typed last.
    pub area: Size,
}

/// All sessions of a server, with the ids that are given out next.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sessions {
    list: Vec<Session>,
    next_id: u64,
    /// The session that was used last.
    pub latest: Option<SessionId>,
}

impl Session {
    /// The tab with that id.
    pub fn tab(&self, id: TabId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.id == id)
    }

    /// The tab with that id, to be changed.
    pub fn tab_mut(&mut self, id: TabId) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.id == id)
    }

    /// The tab that holds `pane`.
    pub fn tab_of(&self, pane: PaneId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.layout.contains(pane))
    }

    /// Takes note that somebody looks at `tab` now.
    pub fn look_at(&mut self, tab: TabId) {
        if tab != self.current {
            self.before = Some(self.current);
            self.current = tab;
        }
    }

    /// The tab `steps` after `from`, round the end.
    pub fn tab_after(&self, from: TabId, steps: isize) -> TabId {
        let here = self.tabs.iter().position(|tab| tab.id == from).unwrap_or(0);
        let there = (here as isize + steps).rem_euclid(self.tabs.len() as isize);
        self.tabs[there as usize].id
    }

    /// Moves `tab` by so many places to the right, or (negative) to the left; it stops at the ends.
    pub fn move_tab(&mut self, tab: TabId, by: i16) {
        let Some(from) = self.tabs.iter().position(|here| here.id == tab) else {
            return;
        };
        let last = self.tabs.len() - 1;
        let to = from.saturating_add_signed(isize::from(by)).min(last);
        let tab = self.tabs.remove(from);
        self.tabs.insert(to, tab);
    }

    /// Every pane of every tab.
    pub fn panes(&self) -> Vec<PaneId> {
        self.tabs
            .iter()
            .flat_map(|tab| tab.layout.panes())
            .collect()
    }

    /// Takes `pane` out, and its tab if it was the last one there. Says whether a tab is left.
    fn remove_pane(&mut self, pane: PaneId) -> bool {
        let Some(at) = self.tabs.iter().position(|tab| tab.layout.contains(pane)) else {
            return !self.tabs.is_empty();
        };
        let tab = self.tabs.remove(at);
        let id = tab.id;
        match tab.without(pane) {
            Some(tab) => self.tabs.insert(at, tab),
            None if self.tabs.is_empty() => return false,
            None if self.current == id => self.current = self.tabs[at.min(self.tabs.len() - 1)].id,
            None => {}
        }
        true
    }
}

impl Sessions {
    /// The sessions in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.list.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A number never given before: panes, tabs and sessions share one count.
    pub fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Makes sure that `id` is not given again: it was met in the world outside.
    pub fn reserve_id(&mut self, id: u64) {
        self.next_id = self.next_id.max(id);
    }

    /// Adds a session of one tab with one pane. `name` is free and checked.
    pub fn add(
        &mut self,
        name: String,
        pane: PaneId,
        area: Size,
        env: Vec<(String, String)>,
        created: u64,
    ) -> SessionId {
        let (id, tab) = (SessionId(self.fresh_id()), TabId(self.fresh_id()));
        self.list.push(Session {
            id,
            name,
            created,
            env,
            tabs: vec![Tab::new(tab, pane, area)],
            current: tab,
            before: None,
            area,
        });
        id
    }

    /// The session with that id.
    pub fn get(&self, id: SessionId) -> Option<&Session> {
        self.list.iter().find(|session| session.id == id)
    }

    /// The session with that id, to be changed.
    pub fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.list.iter_mut().find(|session| session.id == id)
    }

    /// The session of exactly that name.
    pub fn named(&self, name: &str) -> Option<&Session> {
        self.list.iter().find(|session| session.name == name)
    }

    /// The session that holds `pane`.
    pub fn of_pane(&self, pane: PaneId) -> Option<&Session> {
        self.list
            .iter()
            .find(|session| session.tab_of(pane).is_some())
    }

    /// The session `steps` after `from` in the order in which they were made, round the end.
    pub fn after(&self, from: SessionId, steps: isize) -> SessionId {
        let Some(here) = self.list.iter().position(|session| session.id == from) else {
            return from;
        };
        let there = (here as isize + steps).rem_euclid(self.list.len() as isize);
        self.list[there as usize].id
    }

    /// The session that was used last, or else the newest.
    pub fn latest(&self) -> Option<&Session> {
        self.latest.and_then(|id| self.get(id)).or(self.list.last())
    }

    /// The smallest number that names no session yet.
    pub fn free_name(&self) -> String {
        (0..)
            .map(|n: u32| n.to_string())
            .find(|name| self.named(name).is_none())
            .expect("numbers do not run out")
    }

    /// Takes `pane` out of wherever it is; its session goes when it was the last pane. Returns that session.
    pub fn remove_pane(&mut self, pane: PaneId) -> Option<Session> {
        let at = self
            .list
            .iter()
            .position(|session| session.tab_of(pane).is_some())?;
        if self.list[at].remove_pane(pane) {
            None
        } else {
            Some(self.list.remove(at))
        }
    }

    /// Drops what cannot be shown: panes that are not in `alive`, and tabs and sessions without any.
    pub fn keep_only(&mut self, alive: &dyn Fn(PaneId) -> bool) {
        let gone: Vec<_> = self
            .list
            .iter()
            .flat_map(Session::panes)
            .filter(|pane| !alive(*pane))
            .collect();
        for pane in gone {
            self.remove_pane(pane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Direction;

    fn one() -> (Sessions, SessionId) {
        let mut sessions = Sessions::default();
        let id = sessions.add("work".into(), PaneId(10), Size::new(80, 23), Vec::new(), 0);
        (sessions, id)
    }

    #[test]
    fn the_last_pane_takes_its_session_along() {
        let (mut sessions, id) = one();
        let session = sessions.get_mut(id).expect("just made");
        let tab = session.current;
        let tab = session.tab_mut(tab).expect("its tab");
        tab.split(PaneId(10), Direction::Down, PaneId(11));
        assert_eq!(sessions.remove_pane(PaneId(10)), None);
        assert_eq!(
            sessions.remove_pane(PaneId(11)).map(|session| session.id),
            Some(id)
        );
        assert!(sessions.is_empty());
    }

    #[test]
    fn closing_a_tab_moves_to_its_neighbour() {
        let (mut sessions, id) = one();
        let tab = TabId(sessions.fresh_id());
        let session = sessions.get_mut(id).expect("just made");
        session.tabs.push(Tab::new(tab, PaneId(20), session.area));
        session.current = tab;
        let first = session.tabs[0].id;
        assert_eq!(session.tab_after(tab, 1), first);
        sessions.remove_pane(PaneId(20));
        assert_eq!(sessions.get(id).map(|session| session.current), Some(first));
    }

    #[test]
    fn a_moved_tab_stops_at_the_ends() {
        let (mut sessions, id) = one();
        let more = [(); 3].map(|()| TabId(sessions.fresh_id()));
        let session = sessions.get_mut(id).expect("just made");
        let first = session.current;
        for tab in more {
            session
                .tabs
                .push(Tab::new(tab, PaneId(tab.0), session.area));
        }
        let [second, third, fourth] = more;
        for (by, order) in [
            (1, [second, first, third, fourth]),
            (i16::MAX, [second, third, fourth, first]),
            (-2, [second, first, third, fourth]),
            (i16::MIN, [first, second, third, fourth]),
        ] {
            session.move_tab(first, by);
            assert_eq!(
                session.tabs.iter().map(|tab| tab.id).collect::<Vec<_>>(),
                order
            );
        }
        session.move_tab(TabId(0), 1);
        assert_eq!((session.tabs.len(), session.current), (4, first));
    }

    #[test]
    fn sessions_follow_each_other_round_the_end() {
        let (mut sessions, first) = one();
        let second = sessions.add("b".into(), PaneId(30), Size::new(80, 23), Vec::new(), 0);
        assert_eq!(sessions.after(first, 1), second);
        assert_eq!(sessions.after(second, 1), first);
        assert_eq!(sessions.after(first, -1), second);
        assert_eq!(sessions.after(SessionId(0), 1), SessionId(0));
    }

    #[test]
    fn what_is_dead_is_dropped() {
        let (mut sessions, _) = one();
        sessions.add("other".into(), PaneId(30), Size::new(80, 23), Vec::new(), 0);
        sessions.keep_only(&|pane| pane == PaneId(30));
        assert_eq!(
            sessions.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
            ["other"]
        );
    }

    #[test]
    fn a_snapshot_comes_back() {
        let (sessions, _) = one();
        let text = serde_json::to_string(&sessions).expect("plain values");
        assert_eq!(
            serde_json::from_str::<Sessions>(&text).expect("what was written"),
            sessions
        );
    }
}
