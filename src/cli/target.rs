//! What a command is done to, as far as this side of the connection decides it.

use super::args::At;
use crate::disk::places::Places;
use crate::protocol::PaneId;
use crate::protocol::request::{SessionSummary, TabSummary};
use anyhow::{Context, Result, bail};
use std::path::Path;

impl At {
    /// The target that was given; else the pane of this server that wt runs in; else an empty one, which the server
    /// takes for the session used last.
    pub(super) fn or_here(self, places: &Places) -> String {
        let var = |name| std::env::var(name).unwrap_or_default();
        let here = || here(&var("WT"), &var("WT_PANE"), &places.socket());
        self.target.or_else(here).unwrap_or_default()
    }
}

/// The pane in which wt runs, if that is one of the server that listens on `socket`.
fn here(wt: &str, pane: &str, socket: &Path) -> Option<String> {
    let is_ours = !wt.is_empty() && Path::new(wt) == socket;
    (is_ours && pane.starts_with('%')).then(|| pane.to_owned())
}

/// The pane that `target` names among `sessions`, by the grammar that the server reads, but for an empty name.
pub(super) fn find_pane(sessions: &[SessionSummary], target: &str) -> Result<PaneId> {
    let nothing = || format!("no pane {target:?}: `wt ls` lists them");
    if let Some(id) = target.strip_prefix('%') {
        return id.parse().map(PaneId).ok().with_context(nothing);
    }
    let (name, rest) = target.split_once(':').unwrap_or((target, ""));
    let session = find_session(sessions, name)?;
    let (tab, pane) = rest.split_once('.').unwrap_or((rest, ""));
    let tab: &TabSummary = match tab {
        "" => session.tabs.iter().find(|tab| tab.active),
        number => nth(&session.tabs, number),
    }
    .with_context(nothing)?;
    let pane = match pane {
        "" => tab.panes.iter().find(|pane| pane.focused),
        number => nth(&tab.panes, number),
    };
    Ok(pane.with_context(nothing)?.id)
}

fn find_session<'a>(sessions: &'a [SessionSummary], name: &str) -> Result<&'a SessionSummary> {
    if let Some(session) = sessions.iter().find(|session| session.name == name) {
        return Ok(session);
    }
    let mut starting = sessions
        .iter()
        .filter(|session| !name.is_empty() && session.name.starts_with(name));
    match (starting.next(), starting.next()) {
        (Some(session), None) => Ok(session),
        (Some(_), Some(_)) => bail!("{name:?} could be several sessions: write the name in full"),
        (None, _) => bail!("no session {name:?}: `wt ls` lists them"),
    }
}

/// The item with that number, from 1.
fn nth<'a, T>(items: &'a [T], number: &str) -> Option<&'a T> {
    items.get(number.parse::<usize>().ok()?.checked_sub(1)?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::request::PaneSummary;
    use crate::term::Size;

    pub(in crate::cli) fn pane(id: u64) -> PaneSummary {
        PaneSummary {
            id: PaneId(id),
            size: Size::new(40, 23),
            pid: Some(4711),
            command: "vim".into(),
            title: String::new(),
            cwd: "/srv".into(),
            name: String::new(),
            focused: false,
            busy: false,
            fate: String::new(),
            history_lines: 0,
        }
    }

    pub(in crate::cli) fn session(name: &str, first_pane: u64) -> SessionSummary {
        let tab = |number: u16| {
            let first = first_pane + u64::from(number) * 2;
            let mut panes = vec![pane(first), pane(first + 1)];
            panes[1].focused = true;
            TabSummary {
                number,
                name: "vim".into(),
                active: number == 2,
                zoomed: false,
                panes,
            }
        };
        SessionSummary {
            name: name.into(),
            created: 0,
            clients: 1,
            size: Size::new(80, 23),
            tabs: vec![tab(1), tab(2)],
        }
    }

    #[test]
    fn a_pane_is_found_as_the_server_would() {
        let sessions = [session("build", 100), session("bugs", 200)];
        for (target, id) in [
            ("build", 105),
            ("bui", 105),
            ("bugs:1", 203),
            ("bugs:1.1", 202),
            ("%42", 42),
        ] {
            assert_eq!(
                find_pane(&sessions, target).ok(),
                Some(PaneId(id)),
                "{target}"
            );
        }
        for target in ["", "b", "x", "bugs:3", "bugs:1.3", "bugs:0", "%x", "%"] {
            assert!(find_pane(&sessions, target).is_err(), "{target}");
        }
    }

    #[test]
    fn a_pane_of_another_server_is_not_here() {
        let socket = Path::new("/tmp/wt-1/default.sock");
        let found = here("/tmp/wt-1/default.sock", "%3", socket);
        assert_eq!(found.as_deref(), Some("%3"));
        assert_eq!(here("/tmp/wt-1/other.sock", "%3", socket), None);
        assert_eq!(here("", "%3", socket), None);
        assert_eq!(here("/tmp/wt-1/default.sock", "", socket), None);
    }
}
