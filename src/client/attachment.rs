//! A client while it is attached: what comes from the terminal goes into the ui of the session that is shown and on to its
//! server, what comes from the servers goes into their views, and of the one that is shown on to the terminal. All in one
//! task; `run` waits for what happens and tells it here.

use super::again::Entered;
use super::configuration::Configuration;
use super::console::{Console, Paint, Resize};
use super::departures::Departures;
use super::door::Doors;
use super::open::Failure;
use super::opening::{Deeds, Openings};
use super::outcome::Outcome;
use super::paste::Answer;
use super::terminal::Terminal;
use super::uplink::Sent;
use super::visit::{Arrival, Happened, Heard, Visit, VisitId, named};
use super::visits::Visits;
use crate::net::{Link, Ready};
use crate::protocol::{Event, Input, Message};
use crate::sync::Time;
use crate::term::input::{InputEvent, TerminalReply};
use crate::ui::{self, Contact};
use anyhow::Result;
use std::io;
use std::time::{Duration, Instant};

/// Unsent input from which on the terminal is not read: the rest of a paste waits there.
const MAX_UNSENT: usize = 128 << 20;
/// How long the client stays awake for the echo of a key. A local echo takes about half of it.
const ECHO_WAIT: Duration = Duration::from_micros(200);
/// What a terminal hands out at once.
const READ: usize = 4096;
/// How often the terminal is read before what came is sent.
const READS_A_TURN: usize = 16;
/// Messages that are taken in before the screen is painted.
const MESSAGES_A_TURN: usize = 64;

/// A client while it is attached.
#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) console: Console,
    pub(super) visits: Visits,
    /// Sessions that are about to be held.
    pub(super) openings: Openings,
    /// What is said to servers that were left.
    pub(super) departures: Departures<'static>,
    pub(super) doors: Doors,
    /// Whether the status line may say something else of the sessions held side by side.
    pub(super) is_row_old: bool,
    pub(super) last_id: VisitId,
    /// How often the user has done something.
    pub(super) deeds: Deeds,
    pub(super) started: Instant,
    /// How it ended, once it has.
    ended: Option<Vec<Outcome>>,
}

impl Attachment {
    /// Begins with one session.
    pub(super) fn new(
        terminal: Terminal,
        configuration: Configuration,
        doors: Doors,
        first: Arrival,
    ) -> Self {
        let mut console = Console::new(terminal, configuration);
        let (id, ui) = (VisitId(0), console.ui());
        let (visit, early) = Visit::begin(id, first, ui);
        let mut attachment = Self {
            console,
            visits: Visits::of(visit),
            openings: Openings::default(),
            departures: Departures::default(),
            doors,
            is_row_old: false,
            last_id: id,
            deeds: Deeds::default(),
            started: Instant::now(),
            ended: None,
        };
        let visit = attachment.visits.shown_mut();
        visit.introduce(&attachment.console.configuration.settings().sharing);
        if let Some(problem) = attachment.console.configuration.problem() {
            visit.ui.say(problem, Time(0));
        }
        attachment.hear_all(id, early);
        attachment
    }

    /// Says something to a newcomer, unless there is something to be mended.
    pub(super) fn welcome(&mut self, text: Option<String>) {
        let problem = self.console.configuration.problem();
        if let Some(text) = text.filter(|_| problem.is_none()) {
            self.visits.shown_mut().ui.welcome(text, Time(0));
        }
    }

    pub(super) fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    /// How it ended, if it did.
    pub(super) fn outcomes(&mut self) -> Option<Vec<Outcome>> {
        self.ended.take()
    }

    /// Whether it has ended.
    fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// It is over.
    pub(super) fn end(&mut self, outcomes: Vec<Outcome>) {
        self.ended = Some(outcomes);
    }

    /// Whether more may be read from the terminal.
    pub(super) fn has_room(&self) -> bool {
        self.visits.shown().kept_bytes() < MAX_UNSENT
    }

    /// When [`Attachment::time_passed`] is due.
    pub(super) fn timeout(&self) -> Option<Instant> {
        let visits = self.visits.iter().filter_map(Visit::timeout);
        let others = [self.console.timeout(), self.openings.timeout()];
        let due = visits.chain(others.into_iter().flatten()).min();
        let due = due.map(|due| self.started + Duration::from_millis(due.0));
        let paths = self.visits.iter().filter_map(Visit::looks_at);
        let all = [due, self.console.clock.due];
        paths.chain(all.into_iter().flatten()).min()
    }

    /// Reads what the user did.
    pub(super) fn read_terminal(&mut self) {
        let mut buffer = [0; READ];
        if self.console.terminal.size() != self.console.resize.told {
            // Keys are typed into the size that the user sees.
            self.console.resize = Resize::at(self.console.resize.told);
            self.resized();
        }
        for _ in 0..READS_A_TURN {
            match self.console.terminal.try_read(&mut buffer) {
                Ok(length @ 1..) => {
                    let now = self.now();
                    self.console.decoder.feed(&buffer[..length], now.0);
                    self.decoded(now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => return self.hang_up(),
            }
        }
    }

    /// Tells the ui what was decoded. What follows the key that detaches is no more for the session.
    fn decoded(&mut self, now: Time) {
        while !self.is_over()
            && let Some(event) = self.console.decoder.poll()
        {
            self.console.hear(&event);
            self.deeds.count(&event);
            match &event {
                InputEvent::Reply(TerminalReply::Clipboard(_)) => continue,
                InputEvent::Reply(reply) => {
                    let visit = self.visits.shown();
                    let wanted = visit.ui.keyboard_use(&visit.view);
                    self.console.terminal.use_keyboard(wanted);
                    if matches!(
                        reply,
                        TerminalReply::Foreground(_) | TerminalReply::Background(_)
                    ) {
                        self.tell_all(&ui::Event::Input(event), now);
                        continue;
                    }
                }
                _ => {}
            }
            self.tell_shown(ui::Event::Input(event), now);
        }
    }

    /// Takes in what happened to one of the sessions.
    pub(super) fn happened(&mut self, (id, happened): (VisitId, Happened)) {
        match happened {
            Happened::Ready(ready) => self.hear(id, ready),
            Happened::Attempted(made) => self.attempted(id, made),
            Happened::Stirred => self.stirred(id),
            Happened::Carried => {}
        }
    }

    /// Takes in what came over the link of a session.
    pub(super) fn hear(&mut self, id: VisitId, ready: Result<Ready>) {
        let now = self.now();
        let is_shown = self.visits.is_shown(id);
        let Some(visit) = self.visits.get_mut(id) else {
            return;
        };
        match visit.hear(ready, now) {
            Heard::Nothing => {}
            Heard::News if is_shown => {
                self.console.paint = self.console.paint.max(Paint::Changes);
                self.is_row_old |= visit.is_renamed();
            }
            Heard::News => {
                visit.is_renamed();
                self.is_row_old = true;
            }
            Heard::Event(event) if is_shown => visit.tell(ui::Event::Server(event), now),
            Heard::Event(event) => self.hear_aside(id, event, now),
            Heard::Ended(reason) => return self.end_visit(id, reason),
        }
        self.follow(id);
    }

    /// A session says something that is not shown: what the user is to read is said in the one that is.
    fn hear_aside(&mut self, id: VisitId, event: Event, now: Time) {
        let Some(visit) = self.visits.get_mut(id) else {
            return;
        };
        match event {
            // Nobody would see who asks.
            Event::AskClipboard { id, .. } if visit.ui.asks_for_clipboard() => {
                visit.answer(id, None);
            }
            Event::Message(_) | Event::Notice(_) => {
                if let Some(event) = named(&visit.name(), event) {
                    self.tell_shown(ui::Event::Server(event), now);
                }
            }
            event => visit.tell(ui::Event::Server(event), now),
        }
    }

    /// Tells the user news of a session that is not shown.
    fn say_aside(&mut self, name: &str, news: Option<String>) {
        if let Some(news) = news {
            self.say(format!("{name}: {news}"));
        }
    }

    pub(super) fn hear_all(&mut self, id: VisitId, messages: Vec<Message>) {
        for message in messages {
            self.hear(id, Ok(Ready::Message(message)));
        }
    }

    /// An attempt to reach a server again has come to an end.
    fn attempted(&mut self, id: VisitId, made: Result<(Link, Entered)>) {
        let now = self.now();
        let Some(visit) = self.visits.get_mut(id) else {
            return;
        };
        let (link, entered) = match visit.attempted(made, now) {
            Ok(Some(made)) => made,
            Ok(None) => return,
            Err(reason) => return self.end_visit(id, reason),
        };
        let configuration = &self.console.configuration;
        let socket = configuration.places().socket();
        let (contact, early) = visit.come_back(link, entered, socket, now);
        visit.introduce(&configuration.settings().sharing);
        let size = self.console.terminal.size();
        visit.tell(ui::Event::Resize(size), now);
        if matches!(contact, Contact::Anew(_)) {
            visit.push(Input::Focus(self.console.has_focus()));
        }
        let name = visit.name();
        match self.visits.is_shown(id) {
            true => self.console.resize.told = size,
            false => self.say_aside(&name, contact.news()),
        }
        self.is_row_old = true;
        self.follow(id);
        self.hear_all(id, early);
    }

    /// The network has changed, or the machine has slept.
    fn stirred(&mut self, id: VisitId) {
        let now = self.now();
        if let Some(visit) = self.visits.get_mut(id) {
            visit.stirred(now);
        }
    }

    /// The terminal hung up.
    pub(super) fn hang_up(&mut self) {
        self.end(vec![Outcome::HungUp]);
    }

    /// The user, or who sent a signal, wants to leave all sessions.
    pub(super) fn detach(&mut self) {
        let is_one = self.visits.count() == 1;
        let parting = |visit: &Visit| {
            visit.parting(match is_one {
                true => visit.session().to_owned(),
                false => visit.name(),
            })
        };
        self.end(self.visits.iter().map(parting).collect());
    }

    /// The terminal has another size, perhaps.
    pub(super) fn resized(&mut self) {
        let now = self.now();
        if let Some(size) = self.console.resized(now) {
            self.tell_all(&ui::Event::Resize(size), now);
        }
    }

    /// The client was stopped; the terminal may be in any state.
    pub(super) fn resumed(&mut self) -> Result<()> {
        self.console.resume()?;
        self.resized();
        Ok(())
    }

    /// Does what was due at [`Attachment::timeout`].
    pub(super) fn time_passed(&mut self) {
        let now = self.now();
        self.console.tick(now);
        self.decoded(now);
        if self.console.resize.due.is_some_and(|due| due <= now) {
            self.resized();
        }
        for visit in self.visits.iter_mut() {
            visit.time_passed(now);
        }
        if let Some(time) = self.console.time() {
            self.tell_all(&time, now);
        }
        self.follow_all();
    }

    /// Begins the attempts to reach servers that are due.
    pub(super) fn seek(&mut self) {
        let (now, size) = (self.now(), self.console.resize.told);
        for visit in self.visits.iter_mut() {
            visit.seek(size, now);
        }
        self.openings.seek(now);
    }

    /// Tells a server what is on the clipboard, or that a program may not know.
    pub(super) fn pasted(&mut self, ((id, question), contents): Answer) {
        if let Some(visit) = self.visits.get_mut(id) {
            visit.answer(question, contents);
        }
    }

    /// An address could not be opened: the user may do it elsewhere.
    pub(super) fn not_opened(&mut self, failure: Failure) {
        let Failure { url, why } = failure;
        // That it was opened nowhere is what is to be said, whatever becomes of this.
        let _ = self
            .console
            .copier
            .set("c".to_owned(), url.as_bytes().to_vec());
        self.say(format!(
            "cannot open the link ({why}); copied instead: {url}"
        ));
    }

    pub(super) fn tell_shown(&mut self, event: ui::Event, now: Time) {
        let visit = self.visits.shown_mut();
        visit.tell(event, now);
        let id = visit.id;
        self.follow(id);
    }

    fn tell_all(&mut self, event: &ui::Event, now: Time) {
        for visit in self.visits.iter_mut() {
            visit.tell(event.clone(), now);
        }
        self.follow_all();
    }

    /// Says `text` to the user.
    pub(super) fn say(&mut self, text: String) {
        let now = self.now();
        self.visits.shown_mut().ui.say(text, now);
        self.console.paint = self.console.paint.max(Paint::Changes);
    }

    /// Sends and paints whatever is ready for it. What the user did goes first.
    pub(super) async fn settle(&mut self) {
        let now = self.now();
        if self.visits.shown_mut().send(now) == Sent::Input {
            match self.visits.shown().ui.is_guessing() {
                true => self.paint(now),
                false => self.await_echo(),
            }
        }
        for _ in 0..MESSAGES_A_TURN {
            let visit = self.visits.shown_mut();
            let id = visit.id;
            let Some(link) = &mut visit.link else { break };
            let ready = tokio::select! {
                biased;
                ready = link.ready() => ready,
                () = std::future::ready(()) => break,
            };
            self.hear(id, ready);
            if self.is_over() {
                return;
            }
        }
        for visit in self.visits.iter_mut() {
            visit.send(now);
        }
        self.paint(now);
    }

    /// Stays awake for the echo of what was just sent, if it comes soon.
    fn await_echo(&mut self) {
        let until = Instant::now() + ECHO_WAIT;
        let id = self.visits.shown().id;
        while !self.is_over()
            && let Some(link) = self
                .visits
                .get_mut(id)
                .and_then(|visit| visit.link.as_mut())
        {
            let message = match link.linger(until) {
                Ok(Some(message)) => Ok(message),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let is_frame = matches!(message, Ok(Message::Packet(_)));
            self.hear(id, message.map(Ready::Message));
            if is_frame {
                return;
            }
        }
    }

    /// Tells the session that is shown what is held beside it.
    pub(super) fn renew_row(&mut self) {
        if std::mem::take(&mut self.is_row_old) {
            let beside = self.visits.beside();
            let visit = self.visits.shown_mut();
            visit.ui.set_beside(beside);
            let id = visit.id;
            self.follow(id);
        }
    }

    fn paint(&mut self, now: Time) {
        self.renew_row();
        let visit = self.visits.shown_mut();
        let shown = self.console.show(&mut visit.ui, &visit.view, now);
        if shown.is_err() {
            self.hang_up();
        }
    }
}
