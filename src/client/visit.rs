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
use crate::net::{Link, Ready, is_nonsense, refusal};
use crate::protocol::request::{Attach, Request};
use crate::protocol::view::Chrome;
use crate::protocol::{Event, Input, Message, Side, Undelivered, View};
use crate::sync::{Handled, Reliability, Time};
use crate::term::Size;
use crate::ui::{self, Contact, Ui, chrome};
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
    looking: Looking,
}

/// Where the user looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looking {
    /// At this session.
    Here,
    /// At another one.
    Elsewhere,
}

impl Looking {
    /// As the protocol says it.
    pub(super) fn is_here(self) -> bool {
        self == Self::Here
    }
}

/// Where a visit begins: the session, and the link over which it was entered.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) host: Option<String>,
    pub(super) link: Link,
    pub(super) tie: Tie,
    pub(super) entered: Entered,
    pub(super) reach: Reach,
    /// As the server was told on entering.
    pub(super) looking: Looking,
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
            looking,
        } = arrival;
        let visit = Self {
            id,
            host,
            session: chrome::plain(&entered.session),
            carrier: Carrier::new(reach),
            uplink: Uplink::new(link.reliability()),
            vigil: Vigil::over(&link),
            link: Some(link),
            tie,
            attempt: None,
            ui,
            view: View::default(),
            next_view: None,
            looking,
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
        // It is said in many places, and last of all on the user's own screen.
        let shown = chrome::plain(&self.view.chrome.session);
        let is_new = !shown.is_empty() && shown != self.session;
        if is_new {
            self.session = shown;
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
                return match self.end_by(&error, now) {
                    Some(line) => Heard::Ended(line),
                    None => self.lose(Loss::Silent, now),
                };
            }
        }
        Heard::Nothing
    }

    /// Why there is no use in coming again, if that is so: nonsense is forgiven once.
    fn end_by(&mut self, error: &anyhow::Error, now: Time) -> Option<String> {
        let line = refusal(error)?;
        let is_mended = is_nonsense(error) && self.tie.may_mend(now);
        if is_mended {
            tracing::warn!(%line, "comes again");
        }
        (!is_mended).then_some(line)
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
        self.turn_page();
        self.ui.look_ahead(&mut self.view);
        self.tell(ui::Event::ViewChanged, now);
        Heard::News
    }

    /// What was shown over another link gives way to what is shown over this one. Whoever looks elsewhere is sent no
    /// panes, and keeps what stood there.
    fn turn_page(&mut self) {
        let Some(next) = self.next_view.take() else {
            return;
        };
        if !next.surfaces.is_empty() || self.view.surfaces.is_empty() {
            self.view = next;
            return;
        }
        let before = std::mem::take(&mut self.view.chrome);
        self.view.chrome = Chrome {
            panes: before.panes,
            area: before.area,
            zoomed: before.zoomed,
            ..next.chrome.clone()
        };
        self.next_view = Some(next);
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
                looking: self.looking.is_here(),
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
            Err(error) => match self.end_by(&error, now) {
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
        if undelivered.is_some() {
            // It was dropped with all else, and may have changed since this link was asked for.
            self.push(Input::Looking(self.looking.is_here()));
        }
        self.session = chrome::plain(&entered.session);
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
    pub(super) fn turn(&mut self, looking: Looking) {
        if std::mem::replace(&mut self.looking, looking) != looking {
            self.push(Input::Looking(looking.is_here()));
        }
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

    /// What the server is never given if the user leaves now: it is out of reach, or what waits was for what it would
    /// have answered.
    pub(super) fn undelivered(&self) -> Undelivered {
        let mut undelivered = match self.link {
            Some(_) => Undelivered::default(),
            None => self.uplink.undelivered(),
        };
        undelivered.keys += self.ui.kept_keys();
        undelivered
    }

    /// How it ends if the user leaves now; by that name.
    pub(super) fn parting(&self, session: String) -> Outcome {
        Outcome::Detached {
            session,
            undelivered: self.undelivered(),
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
                    // The server has ended it, and knows how far it came.
                    Ready::Closed => {
                        self.link = Some(link);
                        return Ok(());
                    }
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

#[cfg(test)]
mod tests {
    use super::super::again::Again;
    use super::super::reach::AgentWish;
    use super::*;
    use crate::config::SshAgent;
    use crate::protocol::InputReceiver;
    use crate::sync::Endpoint;
    use crate::term::Size;
    use crate::ui::{ColorDepth, Options, Settings};
    use std::os::unix::net::UnixStream;

    /// The two ends of a link.
    fn pair() -> (Link, Link) {
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        let link = |socket| Link::unix(socket).expect("a link");
        (link(near), link(far))
    }

    fn entered() -> Entered {
        Entered {
            session: "work".to_owned(),
            resumed: None,
            early: Vec::new(),
        }
    }

    /// A session that the user looks at.
    fn visit(link: Link) -> Visit {
        let arrival = Arrival {
            host: None,
            reach: Reach::new(&link, PathBuf::new(), (AgentWish::Withheld, SshAgent::Off)),
            link,
            tie: Tie::new(Again::by(|_| Box::pin(std::future::pending()))),
            entered: entered(),
            looking: Looking::Here,
        };
        let ui = Ui::new(Options {
            size: Size::new(80, 24),
            settings: Settings::default(),
            colors: ColorDepth::True,
        });
        Visit::begin(VisitId(0), arrival, ui).0
    }

    /// What the visit sends to a server that knows nothing of it.
    async fn sent(visit: &mut Visit, far: &mut Link) -> Vec<Input> {
        visit.send(Time(0));
        let mut inputs = InputReceiver::default();
        let heard = tokio::time::timeout(Duration::from_secs(20), far.recv()).await;
        let heard = heard.expect("it says something").expect("a packet");
        let Some(Message::Packet(packet)) = heard else {
            panic!("no packet")
        };
        Endpoint::<u64>::new(Reliability::Reliable)
            .handle(&packet, &mut inputs, Time(0))
            .expect("a packet");
        std::iter::from_fn(|| inputs.next()).collect()
    }

    #[test]
    fn a_server_that_begins_anew_hears_where_the_user_looks_by_then() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            for looking in [Looking::Here, Looking::Elsewhere] {
                let mut visit = visit(pair().0);
                assert_eq!(visit.hear(Ok(Ready::Closed), Time(0)), Heard::News);
                // While a link is being made for one who looks there still, or not yet.
                visit.turn(Looking::Elsewhere);
                visit.turn(looking);
                let (near, mut far) = pair();
                visit.come_back(near, entered(), PathBuf::new(), Time(0));
                let sent = sent(&mut visit, &mut far).await;
                assert!(
                    sent.contains(&Input::Looking(looking.is_here())),
                    "{sent:?}"
                );
            }
        });
    }

    #[test]
    fn the_name_of_a_session_steers_no_terminal() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let _in_runtime = runtime.enter();
        let mut visit = visit(pair().0);
        visit.view.chrome.session = "a\x1b]2;b\x07\n".to_owned();
        assert!(visit.is_renamed() && !visit.is_renamed());
        assert_eq!(visit.name(), "a ]2;b  ");
    }
}
