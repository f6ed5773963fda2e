//! Targets: `SESSION[:TAB[.PANE]]`, or `%ID` of a pane. Tabs and panes are numbered from 1.

use super::{Session, Sessions, Tab};
use crate::protocol::{PaneId, SessionId, TabId};
use thiserror::Error;

/// What a target names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The session.
    pub session: SessionId,
    /// The named tab, or the session's current one.
    pub tab: TabId,
    /// The named pane, or the tab's focused one.
    pub pane: PaneId,
}

/// Why a target names nothing; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// No session has that name.
    #[error("no session {0:?}: `wt ls` lists them, `wt new -s {0}` makes it")]
    NoSession(String),
    /// Several sessions begin with that text.
    #[error("{0:?} could be any of {1}: write the name in full")]
    Ambiguous(String, String),
    /// There is no session at all.
    #[error("no sessions: `wt` or `wt new` makes one")]
    NoSessions,
    /// The session has no such tab.
    #[error("session {0:?} has no tab {1:?}: `wt ls` lists them")]
    NoTab(String, String),
    /// No pane has that id.
    #[error("no pane {0}: `wt ls` lists them")]
    NoSuchPane(String),
    /// The tab has no such pane.
    #[error("tab {0:?} has no pane {1:?}: `wt ls` lists them")]
    NoPane(String, String),
}

impl Sessions {
    /// Finds what `target` names. A session's name may be cut short where only one begins so; an empty name is the
    /// session used last.
    pub fn find(&self, target: &str) -> Result<Target, TargetError> {
        if let Some(id) = target.strip_prefix('%') {
            return self
                .find_pane(id)
                .ok_or_else(|| TargetError::NoSuchPane(target.into()));
        }
        let (name, rest) = target.split_once(':').unwrap_or((target, ""));
        let session = self.find_session(name)?;
        let (tab, pane) = rest.split_once('.').unwrap_or((rest, ""));
        let tab = find_tab(session, tab)?;
        let pane =
            find_pane_in(tab, pane).ok_or_else(|| TargetError::NoPane(rest.into(), pane.into()))?;
        Ok(Target {
            session: session.id,
            tab: tab.id,
            pane,
        })
    }

    /// The session that `name` names: exactly, or as the only one that begins so.
    pub fn find_session(&self, name: &str) -> Result<&Session, TargetError> {
        if name.is_empty() {
            return self.latest().ok_or(TargetError::NoSessions);
        }
        if let Some(session) = self.named(name) {
            return Ok(session);
        }
        let starting: Vec<_> = self
            .iter()
            .filter(|session| session.name.starts_with(name))
            .collect();
        match starting[..] {
            [session] => Ok(session),
            [] if self.is_empty() => Err(TargetError::NoSessions),
            [] => Err(TargetError::NoSession(name.into())),
            _ => {
                let names: Vec<_> = starting
                    .iter()
                    .map(|session| session.name.as_str())
                    .collect();
                Err(TargetError::Ambiguous(name.into(), names.join(", ")))
            }
        }
    }

    fn find_pane(&self, id: &str) -> Option<Target> {
        let pane = PaneId(id.parse().ok()?);
        let session = self.of_pane(pane)?;
        let tab = session.tab_of(pane)?;
        Some(Target {
            session: session.id,
            tab: tab.id,
            pane,
        })
    }
}

fn find_tab<'a>(session: &'a Session, number: &str) -> Result<&'a Tab, TargetError> {
    let found = match number {
        "" => session.tab(session.current),
        _ => number
            .parse::<usize>()
            .ok()
            .and_then(|n| session.tabs.get(n.checked_sub(1)?)),
    };
    found.ok_or_else(|| TargetError::NoTab(session.name.clone(), number.into()))
}

fn find_pane_in(tab: &Tab, number: &str) -> Option<PaneId> {
    match number {
        "" => Some(tab.focus),
        _ => tab
            .layout
            .panes()
            .get(number.parse::<usize>().ok()?.checked_sub(1)?)
            .copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Size;

    fn sessions() -> Sessions {
        let mut sessions = Sessions::default();
        for (name, pane) in [("build", 100), ("bugs", 101)] {
            sessions.add(name.into(), PaneId(pane), Size::new(80, 24), Vec::new(), 0);
        }
        sessions
    }

    #[test]
    fn the_grammar_is_understood() {
        let sessions = sessions();
        for (target, pane) in [
            ("build", 100),
            ("bui", 100),
            ("bugs:1", 101),
            ("bugs:1.1", 101),
            ("%100", 100),
            ("", 101),
        ] {
            assert_eq!(
                sessions.find(target).map(|found| found.pane),
                Ok(PaneId(pane)),
                "{target}"
            );
        }
    }

    #[test]
    fn what_names_nothing_says_so() {
        let sessions = sessions();
        let says = |target: &str| {
            sessions
                .find(target)
                .expect_err("names nothing")
                .to_string()
        };
        assert!(says("b").contains("build, bugs"));
        assert!(says("x").contains("wt new -s x"));
        assert!(says("bugs:2").contains("no tab"));
        assert!(says("bugs:1.2").contains("no pane"));
        assert!(says("%7").contains("no pane"));
        assert_eq!(Sessions::default().find("x"), Err(TargetError::NoSessions));
    }
}
