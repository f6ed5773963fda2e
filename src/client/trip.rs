//! How the user goes from one session to another, and how the client comes to hold one more or lets one go.

use super::again::Entered;
use super::attachment::Attachment;
use super::departures::Departures;
use super::door::Door;
use super::opening::{Opened, Opening, Then};
use super::outcome::Outcome;
use super::outer;
use super::reach::Reach;
use super::visit::{Arrival, Looking, Visit, VisitId};
use super::visits::MAX_VISITS;
use crate::net::Link;
use crate::protocol::Input;
use crate::term::input::InputEvent;
use crate::ui::{self, Landing, Visiting};
use anyhow::Result;
use std::time::{Duration, Instant};

/// How long a server that takes nothing is waited for when the client leaves.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

impl Attachment {
    /// Does what the user wants of the sessions held side by side.
    pub(super) fn go(&mut self, visiting: Visiting) {
        match visiting {
            Visiting::Show(place, landing) => match self.visits.at(place) {
                Some(id) => self.show(id, landing),
                None => self.stay(),
            },
            Visiting::Open(target) => self.open(target, Then::Show(self.deeds)),
            Visiting::Leave => self.leave(),
        }
    }

    /// Shows that session, which is held already.
    fn show(&mut self, id: VisitId, landing: Landing) {
        let rest = match self.visits.is_shown(id) {
            true => self.visits.shown_mut().ui.stay(),
            false => self.turn_to(id, landing),
        };
        self.go_on_with(rest);
    }

    /// Does what was typed for the session that is shown now.
    fn go_on_with(&mut self, rest: Vec<InputEvent>) {
        let now = self.now();
        for input in rest {
            self.tell_shown(ui::Event::Input(input), now);
        }
    }

    /// Takes the terminal from the session that is shown, and gives it to that other one; what was typed for this already.
    fn turn_to(&mut self, id: VisitId, landing: Landing) -> Vec<InputEvent> {
        let (now, has_focus) = (self.now(), self.console.has_focus());
        let before = self.visits.shown_mut();
        let (left, rest) = (before.id, before.ui.leave());
        before.turn(Looking::Elsewhere);
        self.console.turn_from(&before.ui);
        self.visits.show(id);
        let visit = self.visits.shown_mut();
        visit.turn(Looking::Here);
        visit.push(Input::Focus(has_focus));
        visit.ui.land(landing, &visit.view, now);
        self.is_row_old = true;
        // The next key may lead on from there.
        self.renew_row();
        self.follow(left);
        self.follow(id);
        rest
    }

    /// There is no session to go to: what was typed for it is for nobody.
    fn stay(&mut self) {
        let visit = self.visits.shown_mut();
        let dropped = visit.ui.stay();
        if !dropped.is_empty() {
            outer::bell(self.console.terminal.buffer());
        }
        self.say("that session is not held any more".to_owned());
    }

    /// Begins to hold the session that `target` names, and says so; or goes there if it is held.
    pub(super) fn open(&mut self, target: String, then: Then) {
        if let Some(id) = self.visits.called(&target) {
            return self.receive(id, then);
        }
        match self.doors.find(&target) {
            Ok(door) => {
                self.give_up(&target);
                self.say(format!("reaching {target}"));
                self.open_by(target, door, then);
            }
            Err(error) => self.say(format!("{error:#}")),
        }
    }

    /// Gives up what was begun to reach `target`: the user asks anew.
    fn give_up(&mut self, target: &str) {
        for opening in self.openings.take(target) {
            self.departures.add(give_up(opening));
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
            looking: then.looking(),
        };
        let (mut visit, early) = Visit::begin(id, arrival, self.console.ui());
        if let Some(held) = self.visits.called(&visit.name()) {
            self.part_from(visit);
            return self.receive(held, then);
        }
        visit.introduce(&sharing);
        visit.tell(ui::Event::Resize(self.console.resize.told), now);
        for missed in self.console.missed() {
            visit.tell(missed, now);
        }
        self.visits.add(visit);
        self.is_row_old = true;
        self.follow(id);
        self.receive(id, then);
        self.hear_all(id, early);
    }

    /// Shows a session that is held from now on, if that is wanted still; or says that it is there.
    fn receive(&mut self, id: VisitId, then: Then) {
        let now = self.now();
        match then {
            Then::Wait => {}
            Then::Show(_) if self.visits.is_shown(id) => {}
            Then::Show(asked) if asked == self.deeds => self.show(id, Landing::AsItWas),
            Then::Show(_) => {
                let Some(visit) = self.visits.get_mut(id) else {
                    return;
                };
                visit.turn(Looking::Elsewhere);
                let name = visit.name();
                self.visits.shown_mut().ui.announce(&name, now);
            }
        }
    }

    /// Lets go of the session that is shown; the client ends with its last one.
    fn leave(&mut self) {
        let id = self.visits.shown().id;
        match self.visits.heir_of(id) {
            Some(heir) => {
                // By what was typed behind the key that leaves nobody comes here again.
                let rest = self.turn_to(heir, Landing::AsItWas);
                if let Some(visit) = self.take_out(id) {
                    self.part_from(visit);
                }
                self.go_on_with(rest);
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
                let rest = match self.visits.is_shown(heir) {
                    true => Vec::new(),
                    false => self.turn_to(heir, Landing::AsItWas),
                };
                let Some(mut visit) = self.take_out(id) else {
                    return;
                };
                let (undelivered, started) = (visit.undelivered(), self.started);
                self.departures.add(async move {
                    say_farewell(&mut visit, started).await;
                    visit.close().await;
                });
                self.say(match undelivered.is_empty() {
                    true => format!("{name}: {reason}"),
                    false => format!("{name}: {reason} ({undelivered})"),
                });
                self.go_on_with(rest);
            }
            None => self.end(vec![Outcome::Ended { session, reason }]),
        }
    }

    /// Takes out a session that is not shown.
    fn take_out(&mut self, id: VisitId) -> Option<Visit> {
        let visit = self.visits.remove(id)?;
        self.is_row_old = true;
        // The places in the row are others now, by which the next key may go.
        self.renew_row();
        Some(visit)
    }

    /// Takes leave of a session. What was typed there and reaches nobody is counted to the user: at once, or when its server
    /// has taken nothing for long enough.
    fn part_from(&mut self, mut visit: Visit) {
        let started = self.started;
        self.departures.add_told(async move {
            say_farewell(&mut visit, started).await;
            let (name, undelivered) = (visit.name(), visit.undelivered());
            visit.close().await;
            (!undelivered.is_empty()).then(|| format!("{name}: {undelivered}"))
        });
    }

    /// Says the last words to all servers, gives the terminal back, and ends the conversations. How it has ended for each
    /// session is told with what its server has not taken by then.
    pub(super) async fn part(self, outcomes: &mut [Outcome]) {
        let Self {
            console,
            visits,
            openings,
            mut departures,
            started,
            ..
        } = self;
        for opening in openings.into_all() {
            departures.add(give_up(opening));
        }
        let mut visits = visits.into_all();
        let mut words = Departures::default();
        for visit in &mut visits {
            words.add(say_farewell(visit, started));
        }
        words.finish().await;
        drop(words);
        for (outcome, visit) in outcomes.iter_mut().zip(&visits) {
            if let Outcome::Detached { undelivered, .. } = outcome {
                *undelivered = visit.undelivered();
            }
        }
        // It is the user's again at once, however far the servers are.
        drop(console);
        for visit in visits {
            departures.add(visit.close());
        }
        departures.finish().await;
    }
}

/// Nobody waits for it for long.
async fn give_up(opening: Opening) {
    let _ = tokio::time::timeout(LEAVE_WAIT, opening.give_up()).await;
}

/// Nobody is left to be told if it cannot be done in time.
async fn say_farewell(visit: &mut Visit, started: Instant) {
    let _ = tokio::time::timeout(LEAVE_WAIT, visit.deliver(started)).await;
}
