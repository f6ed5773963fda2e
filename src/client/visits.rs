//! The sessions that the client holds, in the order in which they were opened; one of them is shown.

use super::visit::{Happened, Visit, VisitId};
use crate::ui::beside::{Beside, Held};

/// Most sessions that one client holds: all their links are waited for at each key, without asking for memory.
pub const MAX_VISITS: usize = 8;

/// The sessions that the client holds; never none.
#[derive(Debug)]
pub(super) struct Visits {
    all: Vec<Visit>,
    shown: usize,
}

impl Visits {
    /// Begins with one, which is shown.
    pub(super) fn of(first: Visit) -> Self {
        Self {
            all: vec![first],
            shown: 0,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// The one that is shown.
    pub(super) fn shown(&self) -> &Visit {
        &self.all[self.shown]
    }

    /// The same.
    pub(super) fn shown_mut(&mut self) -> &mut Visit {
        &mut self.all[self.shown]
    }

    /// Whether that one is shown.
    pub(super) fn is_shown(&self, id: VisitId) -> bool {
        self.shown().id == id
    }

    pub(super) fn get_mut(&mut self, id: VisitId) -> Option<&mut Visit> {
        self.all.iter_mut().find(|visit| visit.id == id)
    }

    /// Which one stands at that place of the row.
    pub(super) fn at(&self, place: usize) -> Option<VisitId> {
        self.all.get(place).map(|visit| visit.id)
    }

    /// The one of that name, as [`Visit::name`] has it.
    pub(super) fn called(&self, name: &str) -> Option<VisitId> {
        let found = self.all.iter().find(|visit| visit.name() == name);
        found.map(|visit| visit.id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Visit> {
        self.all.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Visit> {
        self.all.iter_mut()
    }

    /// Takes in one more; it stands behind those that were opened before it.
    pub(super) fn add(&mut self, visit: Visit) {
        let place = self.all.partition_point(|known| known.id < visit.id);
        self.all.insert(place, visit);
        if place <= self.shown {
            self.shown += 1;
        }
    }

    /// Shows that one.
    pub(super) fn show(&mut self, id: VisitId) {
        if let Some(place) = self.all.iter().position(|visit| visit.id == id) {
            self.shown = place;
        }
    }

    /// The one that is shown if that one goes: itself, or the next, or behind the last the one before.
    pub(super) fn heir_of(&self, id: VisitId) -> Option<VisitId> {
        let place = self.all.iter().position(|visit| visit.id == id)?;
        if place != self.shown {
            return Some(self.shown().id);
        }
        let next = self.at(place + 1);
        next.or_else(|| self.at(place.checked_sub(1)?))
    }

    /// Takes one out that is not shown.
    pub(super) fn remove(&mut self, id: VisitId) -> Option<Visit> {
        let place = self.all.iter().position(|visit| visit.id == id)?;
        if place == self.shown {
            return None;
        }
        if place < self.shown {
            self.shown -= 1;
        }
        Some(self.all.remove(place))
    }

    /// All of them, out of their order.
    pub(super) fn into_all(self) -> Vec<Visit> {
        self.all
    }

    /// What the status line says of them.
    pub(super) fn beside(&self) -> Beside {
        let held = |(place, visit): (usize, &Visit)| Held {
            name: visit.name(),
            tabs: match place == self.shown {
                true => Vec::new(),
                false => visit.view.chrome.tabs.clone(),
            },
            is_lost: visit.is_lost(),
        };
        match self.all.len() {
            1 => Beside::default(),
            _ => Beside {
                sessions: self.all.iter().enumerate().map(held).collect(),
                shown: self.shown,
            },
        }
    }

    /// Waits for what happens next to any of them, to the one that is shown first. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> (VisitId, Happened) {
        let (before, rest) = self.all.split_at_mut(self.shown);
        let mut order = rest.iter_mut().chain(before);
        let lanes: [Option<&mut Visit>; MAX_VISITS] = std::array::from_fn(|_| order.next());
        let [a, b, c, d, e, f, g, h] = lanes;
        tokio::select! {
            biased;
            next = lane(a) => next,
            next = lane(b) => next,
            next = lane(c) => next,
            next = lane(d) => next,
            next = lane(e) => next,
            next = lane(f) => next,
            next = lane(g) => next,
            next = lane(h) => next,
        }
    }
}

async fn lane(visit: Option<&mut Visit>) -> (VisitId, Happened) {
    match visit {
        Some(visit) => (visit.id, visit.next().await),
        None => std::future::pending().await,
    }
}
