//! What moves panes between tabs and sessions, and gives these other names.

use super::name::{check_name, check_tab_name};
use super::{Session, Sessions, Tab, Target};
use crate::protocol::{Direction, PaneId, SessionId, TabId};
use thiserror::Error;

/// Why a change was refused; nothing has changed then. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// The pane is in no tab any more.
    #[error("pane {0} has ended: `wt ls` lists the others")]
    NoPane(PaneId),
    /// The session or tab is not there any more.
    #[error("the {0} has ended: `wt ls` lists the others")]
    Ended(&'static str),
    /// A pane that has its tab to itself cannot be broken out of it.
    #[error("pane {0} has its tab to itself already: split it first")]
    Alone(PaneId),
    /// A pane has to be moved beside another one.
    #[error("pane {0} cannot be moved beside itself: name another pane")]
    BesideItself(PaneId),
    /// Some pane would be too small to be shown.
    #[error("no room for pane {0} in that tab: name another tab, or enlarge the terminal")]
    NoRoom(PaneId),
    /// Another session has that name.
    #[error("session {0:?} is there already: choose another name")]
    Taken(String),
    /// Nothing can have that name; says why.
    #[error("{0}")]
    BadName(String),
}

impl Sessions {
    /// Lets two panes change places, wherever they are. A zoom ends.
    pub fn swap(&mut self, a: PaneId, b: PaneId) -> Result<(), Refused> {
        let (a_home, b_home) = (self.home(a)?, self.home(b)?);
        if a_home == b_home {
            let tab = self.at_home(a_home)?;
            tab.layout.swap(a, b);
            tab.zoomed = None;
        } else {
            self.at_home(a_home)?.replace(a, b);
            self.at_home(b_home)?.replace(b, a);
        }
        Ok(())
    }

    /// Moves `pane` into a tab of its own, right behind its tab; says which.
    pub fn break_pane(&mut self, pane: PaneId) -> Result<TabId, Refused> {
        let home = self.home(pane)?;
        let tab = self.at_home(home)?;
        if tab.is_single() {
            return Err(Refused::Alone(pane));
        }
        let area = tab.area;
        self.remove_pane(pane);
        let new = TabId(self.fresh_id());
        let (session, tab) = home;
        let session = self.get_mut(session).ok_or(Refused::Ended("session"))?;
        let at = session.tabs.iter().position(|here| here.id == tab);
        let behind = at.map_or(session.tabs.len(), |at| at + 1);
        session.tabs.insert(behind, Tab::new(new, pane, area));
        Ok(new)
    }

    /// Moves `pane` beside the pane of `to`, on that side; a tab that this leaves empty goes away, and so does a
    /// session, which is returned then. The target tab's focus stays where it is.
    pub fn move_pane(
        &mut self,
        pane: PaneId,
        to: Target,
        side: Direction,
    ) -> Result<Option<Session>, Refused> {
        let (from, there) = (self.home(pane)?, self.home(to.pane)?);
        if pane == to.pane {
            return Err(Refused::BesideItself(pane));
        }
        let mut arranged = self.at_home(there)?.clone();
        if from == there {
            arranged.layout = arranged
                .layout
                .without(pane)
                .ok_or(Refused::BesideItself(pane))?;
        }
        arranged.split(to.pane, side, pane);
        if !arranged.has_room() {
            return Err(Refused::NoRoom(pane));
        }
        let gone = match from == there {
            true => None,
            false => self.remove_pane(pane),
        };
        *self.at_home(there)? = arranged;
        Ok(gone)
    }

    /// Gives a session another name.
    pub fn rename(&mut self, session: SessionId, name: &str) -> Result<(), Refused> {
        if let Some(why) = check_name(name) {
            return Err(Refused::BadName(why));
        }
        if self.named(name).is_some_and(|other| other.id != session) {
            return Err(Refused::Taken(name.to_owned()));
        }
        let session = self.get_mut(session).ok_or(Refused::Ended("session"))?;
        session.name = name.to_owned();
        Ok(())
    }

    /// Gives a tab a name; an empty one lets it be named by its command again.
    pub fn rename_tab(
        &mut self,
        session: SessionId,
        tab: TabId,
        name: &str,
    ) -> Result<(), Refused> {
        let name = name.trim_matches(' ');
        if let Some(why) = check_tab_name(name) {
            return Err(Refused::BadName(why));
        }
        let session = self.get_mut(session).ok_or(Refused::Ended("session"))?;
        let tab = session.tab_mut(tab).ok_or(Refused::Ended("tab"))?;
        tab.name = name.to_owned();
        Ok(())
    }

    /// The session and the tab that hold `pane`.
    fn home(&self, pane: PaneId) -> Result<(SessionId, TabId), Refused> {
        let home = self.of_pane(pane).and_then(|session| {
            let tab = session.tab_of(pane)?;
            Some((session.id, tab.id))
        });
        home.ok_or(Refused::NoPane(pane))
    }

    fn at_home(&mut self, (session, tab): (SessionId, TabId)) -> Result<&mut Tab, Refused> {
        let session = self.get_mut(session).ok_or(Refused::Ended("session"))?;
        session.tab_mut(tab).ok_or(Refused::Ended("tab"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Size;
    use proptest::prelude::*;

    const A: PaneId = PaneId(100);
    const B: PaneId = PaneId(101);
    const C: PaneId = PaneId(102);

    /// Session `one` with `A|B` in a tab, session `two` with C.
    fn two() -> Sessions {
        let mut sessions = Sessions::default();
        let area = Size::new(80, 24);
        let one = sessions.add("one".into(), A, area, Vec::new(), 0);
        sessions.add("two".into(), C, area, Vec::new(), 0);
        let session = sessions.get_mut(one).expect("just made");
        session.tabs[0].split(A, Direction::Right, B);
        sessions
    }

    fn at(sessions: &Sessions, pane: PaneId) -> Target {
        let (session, tab) = sessions.home(pane).expect("it is there");
        Target { session, tab, pane }
    }

    /// Session names with the panes of each of their tabs.
    fn plan(sessions: &Sessions) -> Vec<(String, Vec<Vec<u64>>)> {
        let panes = |tab: &Tab| tab.layout.panes().iter().map(|pane| pane.0).collect();
        sessions
            .iter()
            .map(|s| (s.name.clone(), s.tabs.iter().map(panes).collect()))
            .collect()
    }

    fn named(name: &str, tabs: &[&[u64]]) -> (String, Vec<Vec<u64>>) {
        (
            name.to_owned(),
            tabs.iter().map(|tab| tab.to_vec()).collect(),
        )
    }

    #[test]
    fn panes_change_places_across_sessions_and_back() {
        let mut sessions = two();
        let before = sessions.clone();
        assert_eq!(sessions.swap(A, C), Ok(()));
        assert_eq!(
            plan(&sessions),
            [named("one", &[&[102, 101]]), named("two", &[&[100]])]
        );
        let focus: Vec<_> = sessions.iter().map(|s| s.tabs[0].focus).collect();
        assert_eq!(focus, [C, A]);
        assert_eq!(sessions.swap(A, C), Ok(()));
        assert_eq!(sessions, before);
        assert_eq!(sessions.swap(A, PaneId(7)), Err(Refused::NoPane(PaneId(7))));
        assert_eq!(sessions, before);
    }

    #[test]
    fn within_a_tab_the_focus_stays_with_its_pane() {
        let mut sessions = two();
        assert_eq!(sessions.swap(A, B), Ok(()));
        let tab = &sessions.iter().next().expect("one").tabs[0];
        assert_eq!((tab.layout.panes(), tab.focus), (vec![B, A], A));
        assert_eq!(sessions.swap(A, A), Ok(()));
    }

    #[test]
    fn a_broken_pane_gets_the_tab_behind() {
        let mut sessions = two();
        let one = at(&sessions, A).session;
        let last = TabId(sessions.fresh_id());
        let session = sessions.get_mut(one).expect("it is there");
        session
            .tabs
            .push(Tab::new(last, PaneId(103), Size::new(80, 24)));
        let new = sessions.break_pane(A).expect("two are there");
        assert_eq!(
            plan(&sessions),
            [
                named("one", &[&[101], &[100], &[103]]),
                named("two", &[&[102]])
            ]
        );
        assert_eq!(at(&sessions, A).tab, new);
        let says = sessions.break_pane(A).expect_err("alone").to_string();
        assert_eq!(
            says,
            "pane %100 has its tab to itself already: split it first"
        );
    }

    #[test]
    fn a_moved_pane_takes_an_empty_session_along() {
        let mut sessions = two();
        let to = at(&sessions, B);
        let gone = sessions.move_pane(C, to, Direction::Up).expect("room");
        assert_eq!(gone.map(|session| session.name), Some("two".to_owned()));
        assert_eq!(plan(&sessions), [named("one", &[&[100, 102, 101]])]);
    }

    #[test]
    fn a_pane_moves_within_its_tab() {
        let mut sessions = two();
        let to = at(&sessions, A);
        assert_eq!(sessions.move_pane(B, to, Direction::Left), Ok(None));
        assert_eq!(
            plan(&sessions),
            [named("one", &[&[101, 100]]), named("two", &[&[102]])]
        );
        assert_eq!(
            sessions.move_pane(A, to, Direction::Left),
            Err(Refused::BesideItself(A))
        );
    }

    #[test]
    fn without_room_nothing_moves() {
        let mut sessions = two();
        let to = at(&sessions, A);
        sessions.at_home((to.session, to.tab)).expect("there").area = Size::new(7, 24);
        let before = sessions.clone();
        let refused = sessions.move_pane(C, to, Direction::Left);
        assert_eq!(refused, Err(Refused::NoRoom(C)));
        assert_eq!(sessions, before);
        assert_eq!(
            sessions.move_pane(C, to, Direction::Down).map(|_| ()),
            Ok(())
        );
    }

    #[test]
    fn names_are_given_and_taken_ones_refused() {
        let mut sessions = two();
        let Target { session, tab, .. } = at(&sessions, A);
        assert_eq!(
            sessions.rename(session, "two"),
            Err(Refused::Taken("two".into()))
        );
        assert_eq!(sessions.rename(session, "one"), Ok(()));
        assert_eq!(sessions.rename(session, "three"), Ok(()));
        assert!(matches!(
            sessions.rename(session, "a:b"),
            Err(Refused::BadName(_))
        ));
        assert_eq!(sessions.rename_tab(session, tab, " my build "), Ok(()));
        assert_eq!(sessions.get(session).expect("it").tabs[0].name, "my build");
        assert!(matches!(
            sessions.rename_tab(session, tab, "a.b"),
            Err(Refused::BadName(_))
        ));
        assert_eq!(sessions.rename_tab(session, tab, ""), Ok(()));
        assert_eq!(sessions.get(session).expect("it").tabs[0].name, "");
        assert_eq!(
            sessions.rename_tab(session, TabId(0), "x"),
            Err(Refused::Ended("tab"))
        );
    }

    #[derive(Debug, Clone)]
    enum Change {
        Swap(u64, u64),
        Break(u64),
        Move(u64, u64, Direction),
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let pane = || 100u64..110;
        let side = prop::sample::select(vec![
            Direction::Left,
            Direction::Right,
            Direction::Up,
            Direction::Down,
        ]);
        let change = prop_oneof![
            (pane(), pane()).prop_map(|(a, b)| Change::Swap(a, b)),
            pane().prop_map(Change::Break),
            (pane(), pane(), side).prop_map(|(pane, to, side)| Change::Move(pane, to, side)),
        ];
        prop::collection::vec(change, 0..40)
    }

    proptest! {
        #[test]
        fn no_pane_is_lost_or_doubled(changes in changes()) {
            let mut sessions = Sessions::default();
            for pane in 100..108 {
                sessions.add(pane.to_string(), PaneId(pane), Size::new(20, 12), Vec::new(), 0);
            }
            for change in changes {
                let before = sessions.clone();
                let refused = match change {
                    Change::Swap(a, b) => sessions.swap(PaneId(a), PaneId(b)).is_err(),
                    Change::Break(pane) => sessions.break_pane(PaneId(pane)).is_err(),
                    Change::Move(pane, to, side) => match sessions.home(PaneId(to)) {
                        Ok((session, tab)) => {
                            let to = Target { session, tab, pane: PaneId(to) };
                            sessions.move_pane(PaneId(pane), to, side).is_err()
                        }
                        Err(_) => continue,
                    },
                };
                if refused {
                    prop_assert_eq!(&sessions, &before);
                }
                let mut panes: Vec<_> = sessions.iter().flat_map(Session::panes).collect();
                panes.sort();
                prop_assert_eq!(panes, (100..108).map(PaneId).collect::<Vec<_>>());
                for session in sessions.iter() {
                    prop_assert!(session.tab(session.current).is_some());
                    for tab in &session.tabs {
                        prop_assert!(tab.layout.contains(tab.focus) && tab.has_room());
                    }
                }
            }
        }
    }
}
