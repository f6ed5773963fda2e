//! What a command is done to, as far as this side of the connection decides it.

use super::args::At;
use super::{control, remote};
use crate::client::Elsewhere;
use crate::disk::places::Places;
use crate::net::Blocking;
use anyhow::Result;
use std::path::Path;

/// A server, and what is meant on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    /// The server, if it is not this machine's.
    pub elsewhere: Option<Elsewhere>,
    /// `SESSION[:TAB[.PANE]]` or `%ID`; empty for the session used last.
    pub target: String,
}

impl Aim {
    /// What a target names.
    pub(super) fn new(target: Option<String>) -> Result<Self> {
        let (elsewhere, target) = remote::split(target)?;
        let target = target.unwrap_or_default();
        Ok(Self { elsewhere, target })
    }

    /// Opens a connection to the server, which has to run.
    pub(super) fn connect(&self, places: &Places) -> Result<Blocking> {
        match &self.elsewhere {
            Some(elsewhere) => elsewhere.reach(places),
            None => control::connect_running(places),
        }
    }
}

impl At {
    /// What is meant, on whichever server; what is left out is as for [`or_here`](Self::or_here).
    pub(super) fn aim(self, places: &Places) -> Result<Aim> {
        let aim = Aim::new(self.target.clone())?;
        Ok(match aim.elsewhere {
            Some(_) => aim,
            None => Aim {
                target: self.or_here(places),
                ..aim
            },
        })
    }

    /// The target that was given, a tab or pane alone being meant within the session that wt runs in; else the pane of
    /// this server that wt runs in; else an empty one, which the server takes for the session used last.
    pub(super) fn or_here(self, places: &Places) -> String {
        let var = |name| std::env::var(name).unwrap_or_default();
        let here = here(&var("WT"), &var("WT_PANE"), &places.socket());
        complete(self.target, here).unwrap_or_default()
    }
}

fn complete(target: Option<String>, here: Option<String>) -> Option<String> {
    match (target, here) {
        (Some(target), Some(here)) if target.starts_with(':') => Some(here + &target),
        (Some(target), _) => Some(target),
        (None, here) => here,
    }
}

/// The pane in which wt runs, if that is one of the server that listens on `socket`.
fn here(wt: &str, pane: &str, socket: &Path) -> Option<String> {
    let is_ours = !wt.is_empty() && Path::new(wt) == socket;
    (is_ours && pane.starts_with('%')).then(|| pane.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::PaneId;
    use crate::protocol::request::{PaneSummary, SessionSummary, TabSummary};
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
            dead_since_ms: None,
        }
    }

    #[test]
    fn what_is_left_out_is_here() {
        let complete = |target: Option<&str>, here: Option<&str>| {
            let completed = complete(target.map(str::to_owned), here.map(str::to_owned));
            completed.unwrap_or_default()
        };
        assert_eq!(complete(None, Some("%3")), "%3");
        assert_eq!(complete(Some(":2.1"), Some("%3")), "%3:2.1");
        assert_eq!(complete(Some(":2"), None), ":2");
        assert_eq!(complete(Some("work"), Some("%3")), "work");
        assert_eq!(complete(None, None), "");
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
