//! Which panes are searched, and opening one after the other.

use super::super::args::{At, Grep};
use super::super::control;
use super::super::past::Past;
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::Meta;
use crate::disk::places::Places;
use crate::net::unix::Blocking;
use crate::protocol::PaneId;
use crate::protocol::request::SessionSummary;
use anyhow::Result;
use std::collections::{BTreeMap, VecDeque};

/// The panes that are to be searched, by number, or in the order in which they were named.
pub(super) struct Panes<'a> {
    places: &'a Places,
    archive: Archive,
    link: Option<Blocking>,
    /// Where the panes of the running server stand.
    standing: BTreeMap<PaneId, String>,
    left: VecDeque<Next>,
}

enum Next {
    Named(String),
    Live(PaneId),
    Dead(PastPane),
}

impl<'a> Panes<'a> {
    /// The panes that are meant.
    pub fn open(places: &'a Places, grep: &Grep) -> Result<Panes<'a>> {
        let mut link = control::connect_to_programs(places)?;
        let sessions = match &mut link {
            Some(link) => control::living_sessions(link)?,
            None => Vec::new(),
        };
        let mut panes = Panes {
            places,
            archive: Archive::open(places),
            link,
            standing: sessions.iter().flat_map(standing).collect(),
            left: grep.pane.iter().cloned().map(Next::Named).collect(),
        };
        if grep.pane.is_empty() {
            panes.choose(&sessions, grep)?;
        }
        Ok(panes)
    }

    /// Where a pane stands, or stood last: `SESSION:TAB.PANE`; empty if nobody knows.
    pub fn place(&self, past: &Past) -> String {
        let stood = || Some(past.meta.as_ref()?.place.to_string());
        let stands = self.standing.get(&past.pane).cloned();
        stands.or_else(stood).unwrap_or_default()
    }

    fn choose(&mut self, sessions: &[SessionSummary], grep: &Grep) -> Result<()> {
        let on_disk = self.archive.panes()?;
        let Some(link) = &mut self.link else {
            self.left = on_disk.into_iter().map(Next::Dead).collect();
            return Ok(());
        };
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
        for pane in on_disk {
            let is_dead = !self.standing.contains_key(&PaneId(pane.pane));
            let was_of = || Meta::read(&pane.dir).ok().flatten();
            let was_meant = || was_of().is_some_and(|meta| is_meant(&meta.place.session));
            if is_dead && (session.is_none() || was_meant()) {
                meant.push((pane.pane, Next::Dead(pane)));
            }
        }
        meant.sort_by_key(|(number, _)| *number);
        self.left = meant.into_iter().map(|(_, next)| next).collect();
        Ok(())
    }

    /// The next of them; of one whose program has ended in the meantime what is on disk, if anything is.
    pub fn next(&mut self) -> Option<Result<Past>> {
        loop {
            match (self.left.pop_front()?, &mut self.link) {
                (Next::Named(target), _) => return Some(Past::open(self.places, &target)),
                (Next::Dead(pane), _) => return Some(Past::dead(&pane)),
                (Next::Live(pane), Some(link)) => {
                    if let Ok(memory) = control::recent(link, &pane.to_string(), 0) {
                        return Some(Ok(Past::live(&self.archive, memory)));
                    }
                    if let Some(pane) = self.archive.pane(pane.0) {
                        return Some(Past::dead(&pane));
                    }
                }
                (Next::Live(_), None) => {}
            }
        }
    }
}

/// Where each pane of a session stands.
fn standing(session: &SessionSummary) -> impl Iterator<Item = (PaneId, String)> {
    session.tabs.iter().flat_map(|tab| {
        let panes = (1..).zip(&tab.panes);
        panes.map(|(at, pane)| (pane.id, format!("{}:{}.{at}", session.name, tab.number)))
    })
}
