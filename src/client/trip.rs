//! How the user goes from one session to another, and how the client comes to hold one more or lets one go.

use super::again::Entered;
use super::attachment::Attachment;
use super::departures::Departures;
use super::door::Door;
use super::opening::{Opened, Opening, Then};
use super::outcome::Outcome;
use super::reach::Reach;
use super::visit::{Arrival, Visit, VisitId};
use super::visits::MAX_VISITS;
use crate::net::Link;
use crate::protocol::Input;
use crate::ui::{self, Landing, Visiting};
use anyhow::Result;
use std::time::{Duration, Instant};

/// How long a server that takes nothing is waited for when the client leaves.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

impl Attachment {
    /// Does what the user wants of the sessions held side by side.
    pub(super) fn go(&mut self, visiting: Visiting) {
        match visiting {
            Visiting::Show(place, landing) => {
                if let Some(id) = self.visits.at(place) {
                    self.show(id, landing);
                }
            }
            Visiting::Open(target) => self.open(target),
            Visiting::Leave => self.leave(),
        }
    }

    /// Shows that session, which is held already.
    fn show(&mut self, id: VisitId, landing: Landing) {
        let now = self.now();
        let has_focus = self.console.has_focus();
        let before = self.visits.shown_mut();
        let (left, rest) = (before.id, before.ui.leave());
        if left != id {
            before.turn(false);
            self.console.turn_from(&before.ui);
            self.visits.show(id);
            let visit = self.visits.shown_mut();
            visit.turn(true);
            visit.push(Input::Focus(has_focus));
            visit.ui.land(landing, &visit.view, now);
            self.is_row_old = true;
            self.follow(left);
            self.follow(id);
        }
        for input in rest {
            self.tell_shown(ui::Event::Input(input), now);
        }
    }

    /// Begins to hold the session that `target` names, and says so.
    fn open(&mut self, target: String) {
        match self.doors.find(&target) {
            Ok(door) => {
                self.say(format!("reaching {target}"));
                self.open_by(target, door, Then::Show);
            }
            Err(error) => self.say(format!("{error:#}")),
        }
    }

    /// Begins to hold the session behind that door.
    pub(super) fn open_by(&mut self, target: String, door: Door, then: Then) {
        if self.visits.count() + self.openings.count() >= MAX_VISITS {
            return self.say(format!(
                "{target} is too many: {MAX_VISITS} sessions are held already, `visit leave` lets one go"
            ));
        }
        self.last_id.0 += 1;
        let at = (self.console.terminal.size(), self.now());
        let opening = Opening::begin(self.last_id, target, door, then, at);
        self.openings.add(opening);
    }

    /// An attempt to reach a session that is about to be held has come to an end.
    pub(super) fn opened(&mut self, (id, made): (VisitId, Result<(Link, Entered)>)) {
        let now = self.now();
        match self.openings.made(id, made, now) {
            Some(Opened::There(opening, link, entered)) => self.hold(*opening, link, entered),
            Some(Opened::Failed(line)) => self.say(line),
            None => {}
        }
    }

    /// Holds one more session.
    fn hold(&mut self, opening: Opening, link: Link, entered: Entered) {
        let now = self.now();
        let Opening {
            id,
            then,
            host,
            agent,
            tie,
            ..
        } = opening;
        let configuration = &self.console.configuration;
        let sharing = configuration.settings().sharing.clone();
        let agent = (agent, sharing.ssh_agent);
        let reach = Reach::new(&link, configuration.places().socket(), agent);
        let arrival = Arrival {
            host,
            link,
            tie,
            entered,
            reach,
        };
        let (mut visit, early) = Visit::begin(id, arrival, self.console.ui());
        visit.has_begun(then == Then::Show);
        visit.introduce(&sharing);
        visit.tell(ui::Event::Resize(self.console.resize.told), now);
        for missed in self.console.missed() {
            visit.tell(missed, now);
        }
        self.visits.add(visit);
        self.is_row_old = true;
        self.follow(id);
        if then == Then::Show {
            self.show(id, Landing::AsItWas);
        }
        self.hear_all(id, early);
    }

    /// Lets go of the session that is shown; the client ends with its last one.
    fn leave(&mut self) {
        let id = self.visits.shown().id;
        match self.visits.heir_of(id) {
            Some(heir) => {
                self.show(heir, Landing::AsItWas);
                self.drop_visit(id);
            }
            None => self.detach(),
        }
    }

    /// That session is over, for a reason that the user is told.
    pub(super) fn end_visit(&mut self, id: VisitId, reason: String) {
        let Some(visit) = self.visits.get_mut(id) else {
            return;
        };
        let (session, name) = (visit.session().to_owned(), visit.name());
        match self.visits.heir_of(id) {
            Some(heir) => {
                self.show(heir, Landing::AsItWas);
                self.drop_visit(id);
                self.say(format!("{name}: {reason}"));
            }
            None => self.end(vec![Outcome::Ended { session, reason }]),
        }
    }

    fn drop_visit(&mut self, id: VisitId) {
        self.is_row_old = true;
        if let Some(mut visit) = self.visits.remove(id) {
            let started = self.started;
            self.departures.add(async move {
                say_farewell(&mut visit, started).await;
                visit.close().await;
            });
        }
    }

    /// Says the last words to all servers, gives the terminal back, and ends the conversations.
    pub(super) async fn part(self) {
        let Self {
            console,
            visits,
            mut departures,
            started,
            ..
        } = self;
        let mut visits = visits.into_all();
        let mut words = Departures::default();
        for visit in &mut visits {
            words.add(say_farewell(visit, started));
        }
        words.finish().await;
        drop(words);
        // It is the user's again at once, however far the servers are.
        drop(console);
        for visit in visits {
            departures.add(visit.close());
        }
        departures.finish().await;
    }
}

/// Nobody is left to be told if it cannot be done in time.
async fn say_farewell(visit: &mut Visit, started: Instant) {
    let _ = tokio::time::timeout(LEAVE_WAIT, visit.deliver(started)).await;
}
