//! Sessions, tabs and layouts: what belongs where. Panes are named by id only; what they run is not known here.

mod change;
mod dead;
mod layout;
mod name;
mod tab;
mod target;
mod title;
mod viewpoint;

pub use change::Refused;
pub use dead::{DeadSession, Died, MAX_DEAD};
pub use layout::{Layout, MIN_COLS, MIN_ROWS};
pub use name::{check_name, check_tab_name};
pub use tab::{Tab, Titles};
pub use target::{Target, TargetError};
pub use title::clean_title;
pub use viewpoint::Viewpoint;

use crate::protocol::{PaneId, SessionId, TabId};
use crate::term::Size;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The highest number that a file may name: as many are left to be given.
const MAX_ID: u64 = u64::MAX / 2;

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
    /// Those whose programs are gone, oldest first.
    #[serde(default)]
    dead: Vec<DeadSession>,
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

    /// Its own number, and those of its tabs and panes.
    fn ids(&self) -> impl Iterator<Item = u64> {
        let tabs = self.tabs.iter().map(|tab| tab.id.0);
        let panes = self.panes().into_iter().map(|pane| pane.0);
        std::iter::once(self.id.0).chain(tabs).chain(panes)
    }

    /// The session less what was met before; `None` if nothing is left, or if it does not hold together.
    fn without(mut self, met: &mut BTreeSet<u64>) -> Option<Self> {
        let panes = self.panes();
        let doubled = panes.into_iter().filter(|pane| met.contains(&pane.0));
        let is_sound = self.is_sound() && !met.contains(&self.id.0);
        let is_left = is_sound && doubled.fold(true, |_, pane| self.remove_pane(pane));
        is_left.then(|| {
            met.extend(self.ids());
            self
        })
    }

    /// Whether it is as sessions always are: what comes from a file may be anything.
    pub fn is_sound(&self) -> bool {
        let ids: BTreeSet<_> = self.ids().collect();
        check_name(&self.name).is_none()
            && self.tab(self.current).is_some()
            && self.tabs.iter().all(Tab::is_sound)
            && ids.len() == self.ids().count()
            && ids.iter().all(|id| *id <= MAX_ID)
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
    /// Sessions as they were saved. What does not hold together is left out, and a pane that stands in two of them, as
    /// it was being moved, stays in one. No number among them, nor `last_id`, is given again.
    pub fn from_saved(
        alive: Vec<Session>,
        dead: Vec<DeadSession>,
        last_id: u64,
        latest: Option<u64>,
    ) -> Self {
        let mut sessions = Self {
            latest: latest.map(SessionId),
            ..Self::default()
        };
        let ids = alive.iter().chain(dead.iter().map(|dead| &dead.session));
        let last_id = ids.flat_map(Session::ids).chain([last_id]).max();
        sessions.next_id = last_id.unwrap_or_default().min(MAX_ID);
        let mut met = BTreeSet::new();
        let alive = alive.into_iter();
        sessions.list = alive
            .filter_map(|session| session.without(&mut met))
            .collect();
        let dead = dead.into_iter().filter_map(|dead| {
            let session = dead.session.without(&mut met)?;
            Some(DeadSession { session, ..dead })
        });
        sessions.dead = dead.collect();
        sessions.list.sort_by_key(|session| session.id);
        sessions
            .dead
            .sort_by_key(|dead| (dead.died.run, dead.session.id));
        sessions
    }

    /// The number that was given last.
    pub fn last_id(&self) -> u64 {
        self.next_id
    }

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

    /// The smallest number that names no session yet, nor one that may be brought back.
    pub fn free_name(&self) -> String {
        let is_dead = |name: &str| self.dead.iter().any(|dead| dead.session.name == name);
        (0..)
            .map(|n: u32| n.to_string())
            .find(|name| self.named(name).is_none() && !is_dead(name))
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
    fn what_does_not_hold_together_is_left_out() {
        let (sessions, id) = one();
        let good = sessions.get(id).expect("just made").clone();
        let changed = |change: &dyn Fn(&mut Session)| {
            let mut session = good.clone();
            change(&mut session);
            let sessions = Sessions::from_saved(vec![session], Vec::new(), 0, None);
            sessions.iter().count()
        };
        assert_eq!(changed(&|_| {}), 1);
        assert_eq!(changed(&|session| session.tabs.clear()), 0);
        assert_eq!(changed(&|session| session.current = TabId(99)), 0);
        assert_eq!(changed(&|session| session.name = "a:b".into()), 0);
        assert_eq!(changed(&|session| session.tabs[0].focus = PaneId(99)), 0);
        assert_eq!(
            changed(&|session| session.tabs[0].zoomed = Some(PaneId(99))),
            0
        );
        assert_eq!(changed(&|session| session.id.0 = u64::MAX), 0);
        let mut moved = good.clone();
        (moved.id, moved.tabs[0].id, moved.current) = (SessionId(50), TabId(51), TabId(51));
        let mut tab = Tab::new(TabId(52), PaneId(53), good.area);
        tab.split(PaneId(53), Direction::Down, PaneId(54));
        moved.tabs.push(tab);
        let twice = Sessions::from_saved(vec![good.clone(), moved], Vec::new(), 0, None);
        let panes: Vec<_> = twice.iter().map(|session| session.panes().len()).collect();
        assert_eq!(panes, [1, 2]);
        let mut after = Sessions::from_saved(vec![good], Vec::new(), 0, None);
        assert!(after.fresh_id() > 10);
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
