//! Which panes are searched, and opening them.

use super::super::args::{At, Grep};
use super::super::control;
use super::super::past::Past;
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::Meta;
use crate::disk::places::Places;
use crate::net::Blocking;
use crate::protocol::PaneId;
use crate::protocol::recent::RecentLines;
use crate::protocol::request::SessionSummary;
use anyhow::Result;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Opens panes, on any thread.
pub(super) struct Panes<'a> {
    places: &'a Places,
    archive: Archive,
    link: Mutex<Option<Blocking>>,
    /// Where the panes of the running server stand.
    standing: BTreeMap<PaneId, String>,
}

/// A pane that is to be searched.
pub(super) enum Next {
    /// By a target.
    Named(String),
    /// One of the running server's.
    Live(PaneId),
    /// One that nobody runs.
    Dead(PastPane),
}

impl<'a> Panes<'a> {
    /// The panes that are meant, by number, or in the order in which they were named.
    pub fn open(places: &'a Places, grep: &Grep) -> Result<(Panes<'a>, Vec<Next>)> {
        let mut link = control::connect_to_programs(places)?;
        let sessions = match &mut link {
            Some(link) => control::living_sessions(link)?,
            None => Vec::new(),
        };
        let panes = Panes {
            places,
            archive: Archive::open(places),
            standing: sessions.iter().flat_map(standing).collect(),
            link: Mutex::new(None),
        };
        let meant = match (&mut link, grep.pane.is_empty()) {
            (_, false) => grep.pane.iter().cloned().map(Next::Named).collect(),
            (None, true) => panes.archive.panes()?.into_iter().map(Next::Dead).collect(),
            (Some(link), true) => panes.choose(link, &sessions, grep)?,
        };
        let link = Mutex::new(link);
        Ok((Panes { link, ..panes }, meant))
    }

    /// Where a pane stands, or stood last: `SESSION:TAB.PANE`; empty if nobody knows.
    pub fn place(&self, past: &Past) -> String {
        let stood = || Some(past.meta.as_ref()?.place.to_string());
        let stands = self.standing.get(&past.pane).cloned();
        stands.or_else(stood).unwrap_or_default()
    }

    fn choose(
        &self,
        link: &mut Blocking,
        sessions: &[SessionSummary],
        grep: &Grep,
    ) -> Result<Vec<Next>> {
        let here = At { target: None }.or_here(self.places);
        let here = control::recent(link, &here, u64::MAX).ok();
        let here = here.and_then(|parts| Some(parts.first()?.pane));
        let is_of = |session: &&SessionSummary| {
            let mut panes = session.tabs.iter().flat_map(|tab| &tab.panes);
            panes.any(|pane| Some(pane.id) == here)
        };
        let session = sessions.iter().find(is_of).filter(|_| !grep.all);
        let is_meant = |name: &str| session.is_none_or(|session| session.name == name);
        let mut meant = Vec::new();
        for session in sessions.iter().filter(|session| is_meant(&session.name)) {
            let panes = session.tabs.iter().flat_map(|tab| &tab.panes);
            meant.extend(panes.map(|pane| (pane.id.0, Next::Live(pane.id))));
        }
        for pane in self.archive.panes()? {
            let is_dead = !self.standing.contains_key(&PaneId(pane.pane));
            let was_of = || Meta::read(&pane.dir).ok().flatten();
            let was_meant = || was_of().is_some_and(|meta| is_meant(&meta.place.session));
            if is_dead && (session.is_none() || was_meant()) {
                meant.push((pane.pane, Next::Dead(pane)));
            }
        }
        meant.sort_by_key(|(number, _)| *number);
        Ok(meant.into_iter().map(|(_, next)| next).collect())
    }

    /// Opens one of them; of one whose program has ended in the meantime what is on disk, if anything is.
    pub fn pane(&self, next: &Next) -> Option<Result<Past>> {
        match next {
            Next::Named(target) => Some(Past::open(self.places, target)),
            Next::Dead(pane) => Some(Past::dead(pane)),
            Next::Live(pane) => match self.recent(*pane) {
                Some(memory) => Some(Ok(Past::live(&self.archive, memory))),
                None => Some(Past::dead(&self.archive.pane(pane.0)?)),
            },
        }
    }

    fn recent(&self, pane: PaneId) -> Option<Vec<RecentLines>> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        control::recent(link.as_mut()?, &pane.to_string(), 0).ok()
    }
}

/// Where each pane of a session stands.
fn standing(session: &SessionSummary) -> impl Iterator<Item = (PaneId, String)> {
    session.tabs.iter().flat_map(|tab| {
        let panes = (1..).zip(&tab.panes);
        panes.map(|(at, pane)| (pane.id, format!("{}:{}.{at}", session.name, tab.number)))
    })
}
