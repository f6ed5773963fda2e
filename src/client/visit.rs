//! A session that the client holds: its link, what leads to another one when that is lost, what was typed for it, what it
//! shows. A client may hold several; one of them is looked at.

use super::again::{Attempt, Entered};
use super::outage::Loss;
use super::outcome::Outcome;
use super::reach::{Carrier, Reach};
use super::tie::Tie;
use super::uplink::{Sent, Uplink};
use super::vigil::Vigil;
use crate::config::Sharing;
use crate::net::{Link, Ready, refusal};
use crate::protocol::request::{Attach, Request};
use crate::protocol::{Event, Input, Message, Side, Undelivered, View};
use crate::sync::{Handled, Reliability, Time};
use crate::term::Size;
use crate::ui::{self, Contact, Ui};
use anyhow::Result;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often what the user does may lead to rows that are there, and these to others, before the screen is painted.
const LOOKS_AHEAD: usize = 64;

/// Names a visit for as long as the client lives; those that were opened later have larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VisitId(pub(super) u64);

/// A session that the client holds.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: VisitId,
    /// The host as the user named it; `None` for this machine.
    host: Option<String>,
    /// The session's name.
    session: String,
    /// `None` while the server is out of reach.
    pub(super) link: Option<Link>,
    /// What leads to another link.
    tie: Tie,
    /// The attempt to get one that is under way.
    attempt: Option<Attempt>,
    vigil: Vigil,
    carrier: Carrier,
    uplink: Uplink,
    pub(super) view: View,
    /// What takes the place of `view` once the server has shown something over another link.
    next_view: Option<View>,
    pub(super) ui: Ui,
    /// Whether the user looks at it.
    looking: bool,
}

/// Where a visit begins: the session, and the link over which it was entered.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) host: Option<String>,
    pub(super) link: Link,
    pub(super) tie: Tie,
    pub(super) entered: Entered,
    pub(super) reach: Reach,
}

/// What came of something that the server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing that others have to know.
    Nothing,
    /// The view is another one, or the server is out of reach or in reach again.
    News,
    /// Something for the user.
    Event(Event),
    /// The visit is over, for this reason.
    Ended(String),
}

/// What happened to a visit.
#[derive(Debug)]
pub(super) enum Happened {
    /// Its link has something.
    Ready(Result<Ready>),
    /// The attempt to get another link has come to an end.
    Attempted(Result<(Link, Entered)>),
    /// What is carried beside it is done.
    Carried,
    /// The network has changed, or the machine has slept.
    Stirred,
}

impl Visit {
    /// Begins; what came before the word that the session was entered is to be heard first.
    pub(super) fn begin(id: VisitId, arrival: Arrival, ui: Ui) -> (Self, Vec<Message>) {
        let Arrival {
            host,
            link,
            tie,
            entered,
            reach,
        } = arrival;
        let visit = Self {
            id,
            host,
            session: entered.session,
            carrier: Carrier::new(reach),
            uplink: Uplink::new(link.reliability()),
            vigil: Vigil::over(&link),
            link: Some(link),
            tie,
            attempt: None,
            ui,
            view: View::default(),
            next_view: None,
            looking: false,
        };
        (visit, entered.early)
    }

    /// Tells the server what it may reach of this client.
    pub(super) fn introduce(&mut self, sharing: &Sharing) {
        let here = Side::Here(self.carrier.surroundings(sharing));
        if let Some(link) = &mut self.link {
            link.queue(&Message::Request(Request::Side(here)));
            // A failure is told by the next read.
            let _ = link.try_flush();
        }
    }

    /// The session's name: the user may have gone to another one.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// The name by which it is told apart from others: `HOST/SESSION`, or `SESSION` of this machine.
    pub(super) fn name(&self) -> String {
        match &self.host {
            Some(host) => format!("{host}/{}", self.session),
            None => self.session.clone(),
        }
    }

    /// Takes note of the session that the view shows; whether it is another one, or has another name.
    pub(super) fn is_renamed(&mut self) -> bool {
        let shown = &self.view.chrome.session;
        let is_new = !shown.is_empty() && *shown != self.session;
        if is_new {
            shown.clone_into(&mut self.session);
        }
        is_new
    }

    /// Waits for what happens next. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Happened {
        let Self {
            link,
            attempt,
            carrier,
            vigil,
            ..
        } = self;
        let ready = async {
            match link {
                Some(link) => link.ready().await,
                None => std::future::pending().await,
            }
        };
        let attempted = async {
            match attempt {
                Some(attempt) => attempt.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            ready = ready => Happened::Ready(ready),
            made = attempted => Happened::Attempted(made),
            () = carrier.work() => Happened::Carried,
            () = vigil.stirred() => Happened::Stirred,
        }
    }

    /// Takes in what came over the link. One that fails is lost, whatever the reason: the next one begins with nothing.
    pub(super) fn hear(&mut self, ready: Result<Ready>, now: Time) -> Heard {
        match ready {
            Ok(Ready::Message(Message::Packet(packet))) => return self.see(&packet, now),
            Ok(Ready::Message(Message::Event(event))) => return self.heard(event, now),
            Ok(Ready::Message(_) | Ready::Clear) => {}
            Ok(Ready::Closed) => return self.lose(Loss::Silent, now),
            Err(error) => {
                return match refusal(&error) {
                    Some(line) => Heard::Ended(line),
                    None => self.lose(Loss::Silent, now),
                };
            }
        }
        Heard::Nothing
    }

    fn heard(&mut self, event: Event, now: Time) -> Heard {
        match event {
            Event::Detached(reason) => Heard::Ended(reason),
            Event::Restarting => self.lose(Loss::Restarting, now),
            Event::Agent { id } => {
                self.carrier.carry(id);
                Heard::Nothing
            }
            event => Heard::Event(event),
        }
    }

    fn see(&mut self, packet: &[u8], now: Time) -> Heard {
        let view = self.next_view.as_mut().unwrap_or(&mut self.view);
        let handled = match self.uplink.hear(packet, view, now) {
            Ok(handled) => handled,
            Err(nonsense) => return self.hear(Err(nonsense.into()), now),
        };
        self.tie.heard();
        if handled != Handled::Moved {
            return Heard::Nothing;
        }
        if let Some(next) = self.next_view.take() {
            self.view = next;
        }
        self.ui.look_ahead(&mut self.view);
        self.tell(ui::Event::ViewChanged, now);
        Heard::News
    }

    /// The link is gone. All else stays as it is until there is another one.
    fn lose(&mut self, loss: Loss, now: Time) -> Heard {
        self.link = None;
        self.tie.lose(loss, now);
        self.tell(ui::Event::Contact(Contact::Lost), now);
        Heard::News
    }

    /// The network has changed, or the machine has slept.
    pub(super) fn stirred(&mut self, now: Time) {
        self.tie.stir(self.uplink.asked(), now);
    }

    /// Whether the server is out of reach.
    pub(super) fn is_lost(&self) -> bool {
        self.link.is_none()
    }

    /// Begins the attempt to get another link that is due, or drops one that is not needed any more.
    pub(super) fn seek(&mut self, size: Size, now: Time) {
        if self.tie.is_due(self.uplink.asked(), now) {
            let attach = Attach {
                session: Some(self.session.clone()),
                create: None,
                size,
                viewer: self.tie.viewer,
                confirmed: Some(self.uplink.confirmed()),
                looking: self.looking,
            };
            if let Some(attempt) = self.tie.attempt(attach, now) {
                self.attempt = Some(attempt);
                return;
            }
        }
        if !self.tie.is_seeking() {
            // The server was heard after all.
            self.attempt.take_if(|attempt| !attempt.has_asked());
        }
    }

    /// The attempt has come to an end: the link that it made, if it did.
    pub(super) fn attempted(
        &mut self,
        made: Result<(Link, Entered)>,
        now: Time,
    ) -> Result<Option<(Link, Entered)>, String> {
        self.attempt = None;
        match made {
            Ok(made) => return Ok(Some(made)),
            // The link that there is was heard meanwhile.
            Err(_) if !self.tie.is_seeking() => {}
            Err(error) => match refusal(&error) {
                Some(line) => return Err(format!("lost the server: {line}")),
                None => {
                    let contact = self.tie.failed(&error, now);
                    self.tell(ui::Event::Contact(contact), now);
                }
            },
        }
        Ok(None)
    }

    /// Goes on over another link; a server of this machine listens at `socket`. The screen stays until the server shows
    /// something there.
    pub(super) fn come_back(
        &mut self,
        link: Link,
        entered: Entered,
        socket: PathBuf,
        now: Time,
    ) -> (Contact, Vec<Message>) {
        let undelivered = self.uplink.go_on(link.reliability(), entered.resumed);
        self.session = entered.session;
        self.vigil = Vigil::over(&link);
        self.carrier.follow(&link, socket);
        self.link = Some(link);
        self.tie.found();
        self.next_view = Some(self.view.anew());
        let contact = match undelivered {
            None => Contact::Back,
            Some(undelivered) => Contact::Anew(undelivered),
        };
        self.tell(ui::Event::Contact(contact), now);
        (contact, entered.early)
    }

    /// Tells the user interface what happened.
    pub(super) fn tell(&mut self, event: ui::Event, now: Time) {
        self.ui.handle(event, &self.view, now);
        // What shows at once may lead on, as a word that is looked for row by row.
        for _ in 0..LOOKS_AHEAD {
            if !self.ui.look_ahead(&mut self.view) {
                break;
            }
            self.ui.handle(ui::Event::ViewChanged, &self.view, now);
        }
    }

    /// Takes what the user did.
    pub(super) fn push(&mut self, input: Input) {
        self.uplink.push(input);
    }

    /// The user looks at it now, or no longer.
    pub(super) fn turn(&mut self, looking: bool) {
        if std::mem::replace(&mut self.looking, looking) != looking {
            self.push(Input::Looking(looking));
        }
    }

    /// It begins as one that is looked at, or not, as the server was told on entering.
    pub(super) fn has_begun(&mut self, looking: bool) {
        self.looking = looking;
    }

    /// Sends whatever is to be said.
    pub(super) fn send(&mut self, now: Time) -> Sent {
        let Self { link, uplink, .. } = self;
        let link = link.as_mut();
        link.map_or(Sent::Nothing, |link| uplink.send(link, now))
    }

    /// Tells the server what is on the clipboard, or that a program may not know.
    pub(super) fn answer(&mut self, id: u64, bytes: Option<Vec<u8>>) {
        let answer = Side::Clipboard { id, bytes };
        if let Some(link) = &mut self.link {
            link.queue(&Message::Request(Request::Side(answer)));
        }
    }

    /// Bytes that the server may lack.
    pub(super) fn kept_bytes(&self) -> usize {
        self.uplink.kept_bytes()
    }

    /// When [`Visit::time_passed`], [`Visit::seek`] or [`Visit::send`] is due.
    pub(super) fn timeout(&self) -> Option<Time> {
        let is_clear = self.link.as_ref().is_some_and(Link::is_clear);
        let packet = self.uplink.timeout().filter(|_| is_clear);
        let tie = self.tie.timeout(self.uplink.asked());
        let all = [packet, tie, self.ui.timeout()];
        all.into_iter().flatten().min()
    }

    /// When to look after the path to the server.
    pub(super) fn looks_at(&self) -> Option<Instant> {
        self.vigil.due.filter(|_| self.link.is_some())
    }

    /// Does what was due at [`Visit::timeout`] and [`Visit::looks_at`].
    pub(super) fn time_passed(&mut self, now: Time) {
        if self.ui.timeout().is_some_and(|due| due <= now) {
            self.tell(ui::Event::Tick, now);
        }
        if let Some(link) = &self.link
            && let Some(reach) = self.vigil.look(link)
        {
            self.tie.note_round_trip(reach.round_trip_ms);
            self.tell(ui::Event::Reach(reach), now);
        }
    }

    /// How it ends if the user leaves now; by that name.
    pub(super) fn parting(&self, session: String) -> Outcome {
        let undelivered = match self.link {
            Some(_) => Undelivered::default(),
            None => self.uplink.undelivered(),
        };
        Outcome::Detached {
            session,
            undelivered,
        }
    }

    /// Sends all that the user still did before leaving, and says that this viewer does not come back. `started` is when
    /// time began.
    pub(super) async fn deliver(&mut self, started: Instant) -> Result<()> {
        let Some(mut link) = self.link.take() else {
            return Ok(());
        };
        if let Some(report) = self.ui.last_report() {
            self.uplink.push(report);
        }
        while !self.uplink.is_delivered() {
            let now = Time(started.elapsed().as_millis() as u64);
            self.uplink.send(&mut link, now);
            if link.reliability() == Reliability::Reliable {
                link.flush().await?;
            }
            if self.uplink.is_delivered() {
                break;
            }
            let due = self.uplink.timeout().unwrap_or(now.after(1));
            let due = started + Duration::from_millis(due.0);
            tokio::select! {
                ready = link.ready() => match ready? {
                    Ready::Message(Message::Packet(packet)) => {
                        self.uplink.hear(&packet, &mut self.view, now)?;
                    }
                    Ready::Closed => return Ok(()),
                    _ => {}
                },
                () = tokio::time::sleep_until(due.into()) => {}
            }
        }
        link.queue(&Message::Request(Request::Leave));
        link.flush().await?;
        self.link = Some(link);
        Ok(())
    }

    /// Ends the conversation with the server.
    pub(super) async fn close(self) {
        if let Some(link) = self.link {
            link.close().await;
        }
    }
}

/// What a session that is not shown says to the user, with its name before it.
pub(super) fn named(name: &str, event: Event) -> Option<Event> {
    match event {
        Event::Message(text) => Some(Event::Message(format!("{name}: {text}"))),
        Event::Notice(mut notice) => {
            notice.title = match notice.title.is_empty() {
                true => name.to_owned(),
                false => format!("{name}: {}", notice.title),
            };
            Some(Event::Notice(notice))
        }
        _ => None,
    }
}
