//! Sessions whose programs are all gone: the machine stopped, or whoever held them was killed. They are kept as they
//! were, to be brought back or forgotten.

use super::name::stem;
use super::target::{TargetError, pane_id};
use super::{Session, Sessions};
use crate::protocol::request::WhichDead;
use crate::protocol::{PaneId, SessionId};
use serde::{Deserialize, Serialize};

/// Most dead sessions that are kept; of more, the oldest are forgotten.
pub const MAX_DEAD: usize = 100;

/// A session whose programs are all gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadSession {
    /// The session as it was.
    pub session: Session,
    /// How it was lost.
    pub died: Died,
}

/// When a session was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Died {
    /// The last sign of life, in milliseconds since the Unix epoch.
    pub last_seen_ms: u64,
    /// The same for all sessions that were missed at once.
    pub run: u64,
}

impl Sessions {
    /// The dead ones, oldest first.
    pub fn dead(&self) -> &[DeadSession] {
        &self.dead
    }

    /// Takes a session for dead.
    pub fn bury(&mut self, id: SessionId, died: Died) {
        if let Some(at) = self.list.iter().position(|session| session.id == id) {
            let session = self.list.remove(at);
            self.dead.push(DeadSession { session, died });
            let surplus = self.dead.len().saturating_sub(MAX_DEAD);
            self.dead.drain(..surplus);
        }
    }

    /// The dead sessions that `which` names, in the order in which they were made.
    pub fn find_dead(&self, which: &WhichDead) -> Result<Vec<SessionId>, TargetError> {
        let last_run = self.dead.last().map(|dead| dead.died.run);
        let found: Vec<_> = match which {
            WhichDead::Named(name) => return self.find_dead_named(name).map(|id| vec![id]),
            WhichDead::All => self.dead.iter().collect(),
            WhichDead::LastRun => {
                let dead = self.dead.iter();
                dead.filter(|dead| Some(dead.died.run) == last_run)
                    .collect()
            }
        };
        match found.is_empty() {
            true => Err(TargetError::NoneDead),
            false => Ok(found.iter().map(|dead| dead.session.id).collect()),
        }
    }

    /// The newest dead session of that name, or else the only one whose name begins so.
    fn find_dead_named(&self, name: &str) -> Result<SessionId, TargetError> {
        let id = |dead: &DeadSession| dead.session.id;
        if let Some(pane) = name.starts_with('%').then(|| pane_id(name)).flatten() {
            let found = self.dead_of(pane);
            return found.ok_or_else(|| TargetError::NoSuchPane(name.to_owned()));
        }
        let mut newest = self.dead.iter().rev();
        if let Some(found) = newest.find(|dead| dead.session.name == name) {
            return Ok(id(found));
        }
        let mut names: Vec<_> = self
            .dead
            .iter()
            .map(|dead| dead.session.name.as_str())
            .filter(|known| !name.is_empty() && known.starts_with(name))
            .collect();
        names.dedup();
        match names[..] {
            [] => Err(TargetError::NotDead(name.to_owned())),
            [full] => self.find_dead_named(full),
            _ => Err(TargetError::Ambiguous(name.to_owned(), names.join(", "))),
        }
    }

    fn dead_of(&self, pane: PaneId) -> Option<SessionId> {
        let mut dead = self.dead.iter();
        let found = dead.find(|dead| dead.session.tab_of(pane).is_some())?;
        Some(found.session.id)
    }

    /// Puts a dead session among the living, under its own name or, if that is taken, one like it.
    pub fn resume(&mut self, id: SessionId) -> Option<&Session> {
        let mut dead = self.dead.iter();
        let at = dead.position(|dead| dead.session.id == id)?;
        let mut session = self.dead.remove(at).session;
        session.name = self.name_like(&session.name);
        let place = self.list.partition_point(|other| other.id < id);
        self.list.insert(place, session);
        self.get(id)
    }

    /// Drops a dead session, and returns it.
    pub fn forget_dead(&mut self, id: SessionId) -> Option<Session> {
        let mut dead = self.dead.iter();
        let at = dead.position(|dead| dead.session.id == id)?;
        Some(self.dead.remove(at).session)
    }

    /// `name` if no living session has it, or else that with a number behind it.
    fn name_like(&self, name: &str) -> String {
        let numbered = (2..).map(|n: u32| format!("{}-{n}", stem(name)));
        std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| self.named(name).is_none())
            .expect("numbers do not run out")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Size;

    /// Dead: `work` of run 1, then `work` and `web` of run 2.
    fn three() -> (Sessions, [SessionId; 3]) {
        let mut sessions = Sessions::default();
        let mut add = |name: &str, run, pane| {
            let area = Size::new(80, 23);
            let id = sessions.add(name.into(), PaneId(pane), area, Vec::new(), 0);
            let last_seen_ms = 1000 * run;
            sessions.bury(id, Died { last_seen_ms, run });
            id
        };
        let ids = [add("work", 1, 100), add("work", 2, 200), add("web", 2, 300)];
        (sessions, ids)
    }

    fn named(name: &str) -> WhichDead {
        WhichDead::Named(name.to_owned())
    }

    #[test]
    fn the_dead_are_found_by_run_name_and_pane() {
        let (sessions, [old, work, web]) = three();
        assert!(sessions.is_empty() && sessions.dead().len() == 3);
        assert_eq!(sessions.find_dead(&WhichDead::LastRun), Ok(vec![work, web]));
        assert_eq!(
            sessions.find_dead(&WhichDead::All),
            Ok(vec![old, work, web])
        );
        assert_eq!(sessions.find_dead(&named("work")), Ok(vec![work]));
        assert_eq!(sessions.find_dead(&named("we")), Ok(vec![web]));
        assert_eq!(sessions.find_dead(&named("%100")), Ok(vec![old]));
        for missing in ["%7", "x", "", "w"] {
            assert!(sessions.find_dead(&named(missing)).is_err(), "{missing:?}");
        }
        let none = Sessions::default().find_dead(&WhichDead::LastRun);
        assert_eq!(none, Err(TargetError::NoneDead));
    }

    #[test]
    fn one_that_comes_back_gets_a_name_that_is_free() {
        let (mut sessions, [old, work, _]) = three();
        let mut resume = |id| sessions.resume(id).map(|session| session.name.clone());
        assert_eq!(resume(work).as_deref(), Some("work"));
        assert_eq!(resume(old).as_deref(), Some("work-2"));
        assert_eq!(resume(old), None);
        let order: Vec<_> = sessions.iter().map(|session| session.id).collect();
        assert_eq!(order, [old, work]);
    }

    #[test]
    fn a_new_session_is_not_numbered_as_a_dead_one() {
        let mut sessions = Sessions::default();
        let id = sessions.add("0".into(), PaneId(1), Size::new(80, 23), Vec::new(), 0);
        sessions.bury(
            id,
            Died {
                last_seen_ms: 1,
                run: 1,
            },
        );
        assert_eq!(sessions.free_name(), "1");
        assert!(sessions.forget_dead(id).is_some());
        assert_eq!(sessions.free_name(), "0");
    }

    #[test]
    fn the_oldest_are_forgotten_when_there_are_too_many() {
        let mut sessions = Sessions::default();
        for n in 0..MAX_DEAD as u64 + 3 {
            let (name, area) = (n.to_string(), Size::new(80, 23));
            let id = sessions.add(name, PaneId(1000 + n), area, Vec::new(), 0);
            let run = n;
            sessions.bury(
                id,
                Died {
                    last_seen_ms: n,
                    run,
                },
            );
        }
        assert_eq!(sessions.dead().len(), MAX_DEAD);
        assert_eq!(sessions.dead()[0].session.name, "3");
    }
}
