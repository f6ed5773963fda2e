//! Targets: `SESSION[:TAB[.PANE]]`, or `%ID` of a pane. Tabs and panes are numbered from 1; a tab may also be named as
//! it is shown, a pane by `%ID`, a session by `%ID` of any of its panes. What is left empty is the one in use.

use super::{Session, Sessions, Tab, check_name, clean_title};
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
    /// No session has that name, which is one that a session may have.
    #[error("no session {0:?}: `wt ls` lists them, `wt new -s {0}` makes it")]
    NoSession(String),
    /// No session can have that name.
    #[error("no session {0:?}: `wt ls` lists them")]
    NoSuchSession(String),
    /// Several sessions begin with that text.
    #[error("{0:?} could be any of {1}: write the name in full")]
    Ambiguous(String, String),
    /// Several tabs are named so, or begin so.
    #[error("{0:?} could be any of {1}: write its number, or the name in full")]
    AmbiguousTab(String, String),
    /// There is no session at all.
    #[error("no sessions: `wt` or `wt new` makes one")]
    NoSessions,
    /// There is none that runs, but so many whose programs are gone.
    #[error("no session runs, but {} can be brought back: `wt resume`", counted(*.0))]
    OnlyDead(usize),
    /// The programs of the session of that name are gone.
    #[error("session {0:?} is dead, its programs are gone: `wt resume {0}` brings it back")]
    Dead(String),
    /// No dead session has that name.
    #[error("no dead session {0:?}: `wt ls` lists them")]
    NotDead(String),
    /// There is nothing to bring back.
    #[error("no dead sessions: there is nothing to bring back")]
    NoneDead,
    /// The session has no such tab.
    #[error("session {0:?} has no tab {1:?}: `wt ls` lists them")]
    NoTab(String, String),
    /// No pane has that id.
    #[error("no pane {0:?}: `wt ls` lists them")]
    NoSuchPane(String),
    /// The tab has no such pane.
    #[error("tab {0:?} has no pane {1:?}: `wt ls` lists them")]
    NoPane(String, String),
}

impl Sessions {
    /// Finds what `target` names. `name_of` says what a tab is shown as. The names of sessions and tabs may be cut short
    /// where only one begins so; an empty session is the one used last, an empty tab its current one, an empty pane the
    /// focused one.
    pub fn find(
        &self,
        target: &str,
        name_of: &dyn Fn(&Tab) -> String,
    ) -> Result<Target, TargetError> {
        let (name, rest) = match target.split_once(':') {
            Some(split) => split,
            None if target.starts_with('%') => {
                return pane_id(target)
                    .and_then(|pane| self.find_pane(pane))
                    .ok_or_else(|| TargetError::NoSuchPane(target.into()));
            }
            None => (target, ""),
        };
        let session = self.find_session(name)?;
        let (tab, pane) = find_in(session, rest, name_of)?;
        Ok(Target {
            session: session.id,
            tab: tab.id,
            pane,
        })
    }

    /// The session that `name` names: exactly, or as the only one that begins so; or by `%ID` of a pane.
    pub fn find_session(&self, name: &str) -> Result<&Session, TargetError> {
        if name.is_empty() {
            return self.latest().ok_or_else(|| self.none_alive());
        }
        if name.starts_with('%') {
            return pane_id(name)
                .and_then(|pane| self.of_pane(pane))
                .ok_or_else(|| TargetError::NoSuchPane(name.into()));
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
            [] if self.is_dead(name) => Err(TargetError::Dead(name.into())),
            [] if self.is_empty() => Err(self.none_alive()),
            [] if check_name(name).is_some() => Err(TargetError::NoSuchSession(name.into())),
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

    fn none_alive(&self) -> TargetError {
        match self.dead().len() {
            0 => TargetError::NoSessions,
            count => TargetError::OnlyDead(count),
        }
    }

    fn is_dead(&self, name: &str) -> bool {
        let mut dead = self.dead().iter();
        dead.any(|dead| dead.session.name == name)
    }

    fn find_pane(&self, pane: PaneId) -> Option<Target> {
        let session = self.of_pane(pane)?;
        let tab = session.tab_of(pane)?;
        Some(Target {
            session: session.id,
            tab: tab.id,
            pane,
        })
    }
}

/// What `TAB[.PANE]` names. A command's name may hold a dot itself: written in full it is the tab's name.
fn find_in<'a>(
    session: &'a Session,
    rest: &str,
    name_of: &dyn Fn(&Tab) -> String,
) -> Result<(&'a Tab, PaneId), TargetError> {
    let is_name = rest.contains('.') && session.tabs.iter().any(|tab| name_of(tab) == rest);
    let (tab, pane) = match rest.rsplit_once('.') {
        Some(split) if !is_name => split,
        _ => (rest, ""),
    };
    let found = find_tab(session, tab, name_of)?;
    match find_pane_in(found, pane) {
        Some(pane) => Ok((found, pane)),
        None => Err(TargetError::NoPane(tab.into(), pane.into())),
    }
}

/// The tab of that number, or else of that name, or else the only one whose name begins so.
fn find_tab<'a>(
    session: &'a Session,
    text: &str,
    name_of: &dyn Fn(&Tab) -> String,
) -> Result<&'a Tab, TargetError> {
    let numbered = match text {
        "" => session.tab(session.current),
        _ => nth(&session.tabs, text),
    };
    if let Some(tab) = numbered {
        return Ok(tab);
    }
    let mut named: Vec<_> = (1..)
        .zip(&session.tabs)
        .map(|(number, tab): (u32, _)| (number, name_of(tab), tab))
        .filter(|(_, name, _)| !text.is_empty() && name.starts_with(text))
        .collect();
    if named.iter().any(|(_, name, _)| name == text) {
        named.retain(|(_, name, _)| name == text);
    }
    match named[..] {
        [(.., tab)] => Ok(tab),
        [] => Err(TargetError::NoTab(session.name.clone(), text.into())),
        _ => {
            let list: Vec<_> = named
                .iter()
                .map(|(number, name, _)| format!("{number}:{}", clean_title(name)))
                .collect();
            Err(TargetError::AmbiguousTab(text.into(), list.join(", ")))
        }
    }
}

fn find_pane_in(tab: &Tab, text: &str) -> Option<PaneId> {
    if text.is_empty() {
        return Some(tab.focus);
    }
    match pane_id(text) {
        Some(pane) => tab.layout.contains(pane).then_some(pane),
        None => nth(&tab.layout.panes(), text).copied(),
    }
}

/// The item of that number, from 1.
fn nth<'a, T>(items: &'a [T], number: &str) -> Option<&'a T> {
    items.get(number.parse::<usize>().ok()?.checked_sub(1)?)
}

fn counted(sessions: usize) -> String {
    match sessions {
        1 => "1 dead one".to_owned(),
        count => format!("{count} dead ones"),
    }
}

/// What `%ID` names.
pub(super) fn pane_id(text: &str) -> Option<PaneId> {
    text.strip_prefix('%')?.parse().ok().map(PaneId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Direction;
    use crate::session::title::is_hidden;
    use crate::term::Size;
    use proptest::prelude::*;

    fn sessions() -> Sessions {
        let mut sessions = Sessions::default();
        for (name, pane) in [("build", 100), ("bugs", 101)] {
            sessions.add(name.into(), PaneId(pane), Size::new(80, 24), Vec::new(), 0);
        }
        sessions
    }

    /// As [`sessions`], with more tabs in `bugs`: `bugs` runs in the first, which has two panes.
    fn tabs() -> Sessions {
        let mut sessions = sessions();
        let id = sessions.named("bugs").expect("just made").id;
        let fresh = [(); 4].map(|()| TabId(sessions.fresh_id()));
        let session = sessions.get_mut(id).expect("just made");
        session.tabs[0].split(PaneId(101), Direction::Right, PaneId(110));
        for (tab, pane) in fresh.into_iter().zip(111..) {
            session
                .tabs
                .push(Tab::new(tab, PaneId(pane), Size::new(80, 24)));
        }
        sessions
    }

    /// What is shown of the tab with that focus.
    fn shown(tab: &Tab) -> String {
        let name = match tab.focus.0 {
            101 => "bugs",
            111 => "build",
            112 => "python3.12",
            113 => "sh",
            114 => "sh\u{1b}[2J",
            _ => "vim",
        };
        name.to_owned()
    }

    #[test]
    fn the_grammar_is_understood() {
        let sessions = tabs();
        for (target, pane) in [
            ("build", 100),
            ("bui", 100),
            ("bugs:1", 101),
            ("bugs:1.1", 101),
            ("bugs:1.2", 110),
            ("bugs:1.%110", 110),
            ("bugs:.2", 110),
            ("bugs:2", 111),
            ("bugs:build", 111),
            ("bugs:bug", 101),
            ("bugs:bugs.2", 110),
            ("bugs:python3.12", 112),
            ("bugs:python3.12.1", 112),
            ("bugs:py", 112),
            ("bugs:py.1", 112),
            ("bugs:sh", 113),
            ("bugs:", 101),
            (":2", 111),
            ("%110:2", 111),
            ("%110:.1", 101),
            ("%100:", 100),
            ("%100", 100),
            ("", 101),
        ] {
            assert_eq!(
                sessions.find(target, &shown).map(|found| found.pane),
                Ok(PaneId(pane)),
                "{target}"
            );
        }
    }

    #[test]
    fn what_names_nothing_says_so() {
        let sessions = tabs();
        let says = |target: &str| {
            sessions
                .find(target, &shown)
                .expect_err("names nothing")
                .to_string()
        };
        assert!(says("b").contains("build, bugs"));
        assert!(says("x").contains("wt new -s x"));
        assert_eq!(says("a/b"), "no session \"a/b\": `wt ls` lists them");
        assert_eq!(
            says("bugs:bu"),
            "\"bu\" could be any of 1:bugs, 2:build: write its number, or the name in full"
        );
        assert!(says("bugs:s").contains("4:sh, 5:sh[2J:"));
        assert!(says("bugs:7").contains("no tab"));
        assert!(says("bugs:0").contains("no tab"));
        assert!(says("bugs:vim").contains("no tab"));
        assert!(says("bugs:1.3").contains("no pane"));
        assert!(says("bugs:1.x").contains("no pane"));
        assert!(says("bugs:1.%100").contains("no pane"));
        assert!(says("%7").contains("no pane"));
        assert!(says("%x").contains("no pane"));
        assert_eq!(says("%7:1"), "no pane \"%7\": `wt ls` lists them");
        assert!(says("%100:2").contains("session \"build\" has no tab \"2\""));
        assert_eq!(
            Sessions::default().find("x", &shown),
            Err(TargetError::NoSessions)
        );
    }

    proptest! {
        #[test]
        fn what_is_said_is_one_line_that_controls_nothing(target in "[b:.%0-9x\n\u{1b}\u{9b}\u{202e}\u{2066}\u{200f}]{0,9}") {
            if let Err(error) = tabs().find(&target, &shown) {
                let said = error.to_string();
                prop_assert!(!said.chars().any(is_hidden) && !said.contains('\n'), "{said:?}");
            }
        }
    }
}
