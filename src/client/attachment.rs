//! One attachment, seen from the client: what comes from the terminal goes into the ui and on to the server, what comes
//! from the server goes into the view and on to the terminal. All in one task; `run` waits for what
//! happens and tells it here.

use super::again::{Attempt, Entered};
use super::clipboard::Copier;
use super::clock::{self, Clock};
use super::configuration::{Configuration, Reread};
use super::notices::Way;
use super::open::{Failure, Opener};
use super::outage::Loss;
use super::outcome::Outcome;
use super::outer::{self, Title};
use super::paste::{Answer, Paster};
use super::reach::{Carrier, Reach};
use super::terminal::Terminal;
use super::tie::Tie;
use super::uplink::{Sent, Uplink};
use super::vigil::Vigil;
use crate::net::{Link, Ready, refusal};
use crate::protocol::request::{Attach, Request};
use crate::protocol::{Event, Message, Side, Undelivered, View};
use crate::sync::{Handled, Reliability, Time};
use crate::term::Size;
use crate::term::input::{Decoder, InputEvent, TerminalReply};
use crate::ui::{self, Contact, MousePrecision, Options, Ui};
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
/// How often what the user does may lead to rows that are there, and these to others, before the screen is painted.
const LOOKS_AHEAD: usize = 64;
/// Milliseconds between two sizes told to the server while a window is being dragged.
const RESIZE_INTERVAL: u64 = 30;

/// What the terminal should be shown, once it is clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Paint {
    Nothing,
    Changes,
    Whole,
}

/// The client's end of an attachment.
#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) terminal: Terminal,
    /// `None` while the server is out of reach.
    pub(super) link: Option<Link>,
    /// What leads to another link.
    tie: Tie,
    pub(super) copier: Copier,
    pub(super) paster: Paster,
    pub(super) carrier: Carrier,
    pub(super) opener: Opener,
    clock: Clock,
    pub(super) vigil: Vigil,
    /// The session that was attached to.
    session: String,
    ui: Ui,
    configuration: Configuration,
    decoder: Decoder,
    view: View,
    /// What takes the place of `view` once the server has shown something over another link.
    next_view: Option<View>,
    uplink: Uplink,
    paint: Paint,
    title: Title,
    way: Way,
    resize: Resize,
    /// The size that was told last.
    told: Size,
    started: Instant,
    outcome: Option<Outcome>,
}

impl Attachment {
    pub(super) fn new(
        mut terminal: Terminal,
        (mut link, tie): (Link, Tie),
        session: String,
        configuration: Configuration,
        reach: Reach,
    ) -> Self {
        let mut ui = Ui::new(Options {
            size: terminal.size(),
            settings: configuration.settings().clone(),
            colors: outer::color_depth(),
        });
        if let Some(problem) = configuration.problem() {
            ui.say(problem, Time(0));
        }
        let settings = configuration.settings();
        let copier = Copier::new(settings.clipboard.clone());
        let paster = Paster::new(settings.clipboard.clone());
        let here = Side::Here(reach.surroundings(&settings.sharing));
        link.queue(&Message::Request(Request::Side(here)));
        // A failure is told by the next read.
        let _ = link.try_flush();
        let opener = Opener::new(settings.open.clone());
        let clock = Clock::new(settings.look.clock);
        Self {
            told: terminal.size(),
            copier,
            paster,
            carrier: Carrier::new(reach),
            configuration,
            terminal,
            uplink: Uplink::new(link.reliability()),
            vigil: Vigil::over(&link),
            link: Some(link),
            tie,
            opener,
            clock,
            session,
            ui,
            decoder: Decoder::new(),
            view: View::default(),
            next_view: None,
            paint: Paint::Whole,
            title: Title::default(),
            way: Way::from_env(),
            resize: Resize::default(),
            started: Instant::now(),
            outcome: None,
        }
    }

    /// Says something to a newcomer, unless there is something to be mended.
    pub(super) fn welcome(&mut self, text: Option<String>) {
        if let Some(text) = text.filter(|_| self.configuration.problem().is_none()) {
            self.ui.welcome(text, Time(0));
        }
    }

    fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    /// How it ended, if it did.
    pub(super) fn outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// Whether more may be read from the terminal.
    pub(super) fn has_room(&self) -> bool {
        self.uplink.kept_bytes() < MAX_UNSENT
    }

    /// When [`Attachment::time_passed`] is due.
    pub(super) fn timeout(&self) -> Option<Instant> {
        let is_clear = self.link.as_ref().is_some_and(Link::is_clear);
        let packet = self.uplink.timeout().filter(|_| is_clear);
        let tie = self.tie.timeout(self.uplink.asked());
        let decoder = self.decoder.timeout().map(Time);
        let copy = self.copier.due().filter(|_| self.terminal.is_clear());
        let paste = self.paster.due();
        let all = [
            decoder,
            self.ui.timeout(),
            packet,
            tie,
            self.resize.due,
            copy,
            paste,
        ];
        let due = all.into_iter().flatten().min();
        let due = due.map(|due| self.started + Duration::from_millis(due.0));
        let path = self.vigil.due.filter(|_| self.link.is_some());
        let all = [due, self.clock.due, path];
        all.into_iter().flatten().min()
    }

    /// Reads what the user did.
    pub(super) fn read_terminal(&mut self) {
        let mut buffer = [0; READ];
        if self.terminal.size() != self.told {
            // Keys are typed into the size that the user sees.
            self.resize = Resize::default();
            self.resized();
        }
        for _ in 0..READS_A_TURN {
            match self.terminal.try_read(&mut buffer) {
                Ok(length @ 1..) => {
                    let now = self.now();
                    self.decoder.feed(&buffer[..length], now.0);
                    self.decoded(now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => return self.hang_up(),
            }
        }
    }

    /// Tells the ui what was decoded. What follows the key that detaches is no more for the session.
    fn decoded(&mut self, now: Time) {
        while self.outcome.is_none()
            && let Some(event) = self.decoder.poll()
        {
            if let InputEvent::Reply(TerminalReply::Clipboard(contents)) = &event {
                self.paster.hear(contents);
                continue;
            }
            if let InputEvent::Reply(reply) = &event {
                self.terminal.hear(reply);
                let wanted = self.ui.keyboard_use(&self.view);
                self.terminal.use_keyboard(wanted);
            }
            self.tell(ui::Event::Input(event), now);
        }
    }

    /// Takes in what came over the link. One that fails is lost, whatever the reason: the next one begins with nothing.
    pub(super) fn hear(&mut self, ready: Result<Ready>) {
        let now = self.now();
        match ready {
            Ok(Ready::Message(Message::Packet(packet))) => self.see(&packet, now),
            Ok(Ready::Message(Message::Event(Event::Detached(reason)))) => self.end(reason),
            Ok(Ready::Message(Message::Event(Event::Restarting))) => self.lose(Loss::Restarting),
            Ok(Ready::Message(Message::Event(Event::Agent { id }))) => self.carrier.carry(id),
            Ok(Ready::Message(Message::Event(event))) => self.tell(ui::Event::Server(event), now),
            Ok(Ready::Message(_) | Ready::Clear) => {}
            Ok(Ready::Closed) => self.lose(Loss::Silent),
            Err(error) => match refusal(&error) {
                Some(line) => self.end(line),
                None => self.lose(Loss::Silent),
            },
        }
    }

    fn see(&mut self, packet: &[u8], now: Time) {
        let view = self.next_view.as_mut().unwrap_or(&mut self.view);
        let Ok(handled) = self.uplink.hear(packet, view, now) else {
            return self.lose(Loss::Silent);
        };
        self.tie.heard();
        if handled == Handled::Moved {
            if let Some(next) = self.next_view.take() {
                self.view = next;
            }
            self.paint = self.paint.max(Paint::Changes);
            self.ui.look_ahead(&mut self.view);
            self.tell(ui::Event::ViewChanged, now);
        }
    }

    /// The link is gone. All else stays as it is until there is another one.
    fn lose(&mut self, loss: Loss) {
        let now = self.now();
        self.link = None;
        self.tie.lose(loss, now);
        self.tell(ui::Event::Contact(Contact::Lost), now);
    }

    /// The network has changed, or the machine has slept.
    pub(super) fn stirred(&mut self) {
        let now = self.now();
        self.tie.stir(self.uplink.asked(), now);
    }

    /// The attempt to get another link that is due, if one is.
    pub(super) fn attempt(&mut self) -> Option<Attempt> {
        let now = self.now();
        if !self.tie.is_due(self.uplink.asked(), now) {
            return None;
        }
        let attach = Attach {
            session: Some(self.session()),
            create: None,
            size: self.terminal.size(),
            viewer: self.tie.viewer,
            confirmed: Some(self.uplink.confirmed()),
        };
        self.tie.attempt(attach, now)
    }

    /// Whether another link is looked for.
    pub(super) fn is_seeking(&self) -> bool {
        self.tie.is_seeking()
    }

    /// The attempt has come to an end.
    pub(super) fn attempted(&mut self, made: Result<(Link, Entered)>) {
        match made {
            Ok((link, entered)) => self.come_back(link, entered),
            // The link that there is was heard meanwhile.
            Err(_) if !self.tie.is_seeking() => {}
            Err(error) => match refusal(&error) {
                Some(line) => self.end(format!("lost the server: {line}")),
                None => {
                    let now = self.now();
                    let contact = self.tie.failed(&error, now);
                    self.tell(ui::Event::Contact(contact), now);
                }
            },
        }
    }

    /// Tells a server over a new link what it may reach of this client.
    fn introduce(&mut self) {
        let sharing = &self.configuration.settings().sharing;
        let here = Side::Here(self.carrier.surroundings(sharing));
        if let Some(link) = &mut self.link {
            link.queue(&Message::Request(Request::Side(here)));
        }
    }

    /// Goes on over another link. The screen stays until the server shows something there.
    fn come_back(&mut self, link: Link, entered: Entered) {
        let now = self.now();
        let undelivered = self.uplink.go_on(link.reliability(), entered.resumed);
        self.session = entered.session;
        self.vigil = Vigil::over(&link);
        self.carrier
            .follow(&link, self.configuration.places().socket());
        self.link = Some(link);
        self.introduce();
        self.tie.found();
        self.next_view = Some(self.view.anew());
        let contact = match undelivered {
            None => Contact::Back,
            Some(undelivered) => Contact::Anew(undelivered),
        };
        self.tell(ui::Event::Contact(contact), now);
        self.told = self.terminal.size();
        self.tell(ui::Event::Resize(self.told), now);
        for message in entered.early {
            self.hear(Ok(Ready::Message(message)));
        }
    }

    /// The session that is shown: the user may have gone to another one.
    fn session(&self) -> String {
        let shown = &self.view.chrome.session;
        if shown.is_empty() {
            &self.session
        } else {
            shown
        }
        .clone()
    }

    fn end(&mut self, reason: String) {
        let session = self.session();
        self.outcome = Some(Outcome::Ended { session, reason });
    }

    /// The user, or who sent a signal, wants to leave.
    pub(super) fn detach(&mut self) {
        let session = self.session();
        let undelivered = match self.link {
            Some(_) => Undelivered::default(),
            None => self.uplink.undelivered(),
        };
        self.outcome = Some(Outcome::Detached {
            session,
            undelivered,
        });
    }

    /// The terminal hung up.
    pub(super) fn hang_up(&mut self) {
        self.outcome = Some(Outcome::HungUp);
    }

    /// The terminal has another size, perhaps.
    pub(super) fn resized(&mut self) {
        let now = self.now();
        if self.resize.may_happen(now) {
            self.told = self.terminal.size();
            self.tell(ui::Event::Resize(self.told), now);
            self.paint = Paint::Whole;
        }
    }

    /// The client was stopped; the terminal may be in any state.
    pub(super) fn resumed(&mut self) -> Result<()> {
        self.terminal.enter()?;
        self.title = Title::default();
        self.resize = Resize::default();
        self.resized();
        Ok(())
    }

    /// Does what was due at [`Attachment::timeout`].
    pub(super) fn time_passed(&mut self) {
        let now = self.now();
        self.decoder.tick(now.0);
        self.paster.tick(now);
        self.decoded(now);
        if self.resize.due.is_some_and(|due| due <= now) {
            self.resized();
        }
        if self.ui.timeout().is_some_and(|due| due <= now) {
            self.tell(ui::Event::Tick, now);
        }
        self.look_at_path(now);
        if self.clock.due.is_some_and(|due| due <= Instant::now()) {
            let text = self.clock.tell();
            self.tell(ui::Event::Clock(clock::now(), text), now);
        }
    }

    /// Looks after the path to the server.
    fn look_at_path(&mut self, now: Time) {
        if let Some(link) = &self.link
            && let Some(reach) = self.vigil.look(link)
        {
            self.tie.note_round_trip(reach.round_trip_ms);
            self.tell(ui::Event::Reach(reach), now);
        }
    }

    /// Tells the server what is on the clipboard, or that a program may not know.
    pub(super) fn pasted(&mut self, (id, bytes): Answer) {
        let answer = Side::Clipboard { id, bytes };
        if let Some(link) = &mut self.link {
            link.queue(&Message::Request(Request::Side(answer)));
        }
    }

    /// An address could not be opened: the user may do it elsewhere.
    pub(super) fn not_opened(&mut self, failure: Failure) {
        let Failure { url, why } = failure;
        // That it was opened nowhere is what is to be said, whatever becomes of this.
        let _ = self.copier.set("c".to_owned(), url.as_bytes().to_vec());
        let text = format!("cannot open the link ({why}); copied instead: {url}");
        let now = self.now();
        self.ui.say(text, now);
        self.paint = self.paint.max(Paint::Changes);
    }

    fn tell(&mut self, event: ui::Event, now: Time) {
        self.ui.handle(event, &self.view, now);
        // What shows at once may lead on, as a word that is looked for row by row.
        for _ in 0..LOOKS_AHEAD {
            if !self.ui.look_ahead(&mut self.view) {
                break;
            }
            self.ui.handle(ui::Event::ViewChanged, &self.view, now);
        }
        self.follow();
    }

    /// Does what the ui wants done.
    fn follow(&mut self) {
        while let Some(effect) = self.ui.poll() {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: ui::Effect) {
        match effect {
            ui::Effect::Send(input) => self.uplink.push(input),
            ui::Effect::Detach => self.detach(),
            ui::Effect::Clipboard { selection, bytes } => {
                if let Err(error) = self.copier.set(selection, bytes) {
                    self.say(error.to_string());
                }
            }
            ui::Effect::GiveClipboard { id, selection } => {
                let now = self.now();
                let out = self.terminal.buffer();
                self.paster.read(id, &selection, now, out);
            }
            ui::Effect::KeepClipboard(id) => self.paster.refuse(id),
            ui::Effect::Open(url) => self.opener.open(url),
            ui::Effect::Bell => outer::bell(self.terminal.buffer()),
            ui::Effect::Notify(notice) => self.way.show(&notice, self.terminal.buffer()),
            ui::Effect::AskColors => self.terminal.ask_colors(),
            ui::Effect::Repaint => self.paint = self.paint.max(Paint::Changes),
            ui::Effect::RepaintWhole => self.paint = Paint::Whole,
            ui::Effect::Reload => self.reload_as_asked(),
        }
    }

    /// A file of configuration may have changed.
    pub(super) fn configuration_changed(&mut self) {
        if self.configuration.reread() == Reread::Changed {
            self.configure();
            self.follow();
        }
    }

    /// The user wants the configuration read again, and to know how that went.
    fn reload_as_asked(&mut self) {
        self.configuration.reread();
        self.configure();
        if self.configuration.problem().is_none() {
            let now = self.now();
            self.ui.say("the configuration was read".to_owned(), now);
        }
    }

    /// Lets what was read hold.
    fn configure(&mut self) {
        let settings = self.configuration.settings().clone();
        self.copier.follow(&settings.clipboard);
        self.paster.follow(&settings.clipboard);
        self.opener.follow(settings.open.clone());
        self.clock = Clock::new(settings.look.clock);
        self.ui.configure(settings);
        if let Some(problem) = self.configuration.problem() {
            let now = self.now();
            self.ui.say(problem, now);
        }
    }

    /// Says `text` to the user.
    pub(super) fn say(&mut self, text: String) {
        let now = self.now();
        self.ui.say(text, now);
        self.paint = self.paint.max(Paint::Changes);
    }

    /// Sends and paints whatever is ready for it. What the user did goes first.
    pub(super) async fn settle(&mut self) {
        let now = self.now();
        if self.send(now) == Sent::Input {
            match self.ui.is_guessing() {
                true => self.paint(now),
                false => self.await_echo(),
            }
        }
        for _ in 0..MESSAGES_A_TURN {
            let Some(link) = &mut self.link else { break };
            let ready = tokio::select! {
                biased;
                ready = link.ready() => ready,
                () = std::future::ready(()) => break,
            };
            self.hear(ready);
            if self.outcome.is_some() {
                return;
            }
        }
        self.send(now);
        self.paint(now);
    }

    fn send(&mut self, now: Time) -> Sent {
        let uplink = &mut self.uplink;
        let link = self.link.as_mut();
        link.map_or(Sent::Nothing, |link| uplink.send(link, now))
    }

    /// Stays awake for the echo of what was just sent, if it comes soon.
    fn await_echo(&mut self) {
        let until = Instant::now() + ECHO_WAIT;
        while self.outcome.is_none()
            && let Some(link) = &mut self.link
        {
            let message = match link.linger(until) {
                Ok(Some(message)) => Ok(message),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let is_frame = matches!(message, Ok(Message::Packet(_)));
            self.hear(message.map(Ready::Message));
            if is_frame {
                return;
            }
        }
    }

    fn paint(&mut self, now: Time) {
        // What waits goes first: only a clear terminal is painted, and nothing else would bring us back here.
        if self.terminal.try_flush().is_err() {
            return self.hang_up();
        }
        if self.paint != Paint::Nothing && self.terminal.is_clear() {
            if self.paint == Paint::Whole {
                self.ui.forget_painted();
            }
            self.follow_ui();
            let out = self.terminal.buffer();
            self.ui.paint(&self.view, now, out);
            self.title.show(&self.view, out);
            if self.ui.picture().cursor_color.is_some() {
                self.terminal.cursor_is_colored();
            }
            self.paint = Paint::Nothing;
        }
        if self.terminal.try_flush().is_ok() && self.terminal.is_clear() {
            self.copier.tell(now, self.terminal.buffer());
        }
        if self.terminal.try_flush().is_err() {
            self.hang_up();
        }
    }

    /// Asks the terminal for what the programs and the ui want to know of keys and mouse.
    fn follow_ui(&mut self) {
        self.terminal.use_mouse(self.ui.mouse_use(&self.view));
        self.terminal.use_keyboard(self.ui.keyboard_use(&self.view));
        let mut precision = self.ui.mouse_precision(&self.view);
        if precision == MousePrecision::Pixels {
            let cell = self.terminal.cell();
            self.decoder.set_cell(cell);
            precision = cell.map_or(MousePrecision::Cells, |_| precision);
        }
        self.terminal.use_precision(precision);
    }

    /// Sends all that the user still did before leaving, and says that this viewer does not come back.
    pub(super) async fn deliver(&mut self) -> Result<()> {
        let Some(mut link) = self.link.take() else {
            return Ok(());
        };
        if let Some(report) = self.ui.last_report() {
            self.uplink.push(report);
        }
        while !self.uplink.is_delivered() {
            let now = self.now();
            self.uplink.send(&mut link, now);
            if link.reliability() == Reliability::Reliable {
                link.flush().await?;
            }
            if self.uplink.is_delivered() {
                break;
            }
            let due = self.uplink.timeout().unwrap_or(now.after(1));
            let due = self.started + Duration::from_millis(due.0);
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
        let Self { terminal, link, .. } = self;
        // It is the user's again at once, however far the server is.
        drop(terminal);
        if let Some(link) = link {
            link.close().await;
        }
    }
}

/// Keeps a window that is being dragged from resizing every program at every pixel.
#[derive(Debug, Default)]
struct Resize {
    last: Option<Time>,
    due: Option<Time>,
}

impl Resize {
    /// Whether a resize may happen at `now`; if not, it is due later.
    fn may_happen(&mut self, now: Time) -> bool {
        let next = self.last.map(|last| last.after(RESIZE_INTERVAL));
        self.due = next.filter(|next| *next > now);
        if self.due.is_none() {
            self.last = Some(now);
        }
        self.due.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dragged_window_resizes_now_and_then_and_at_the_end() {
        let mut resize = Resize::default();
        let happens: Vec<u64> = (0..100)
            .step_by(10)
            .filter(|at| resize.may_happen(Time(*at)))
            .collect();
        assert_eq!(happens, [0, 30, 60, 90]);
        assert_eq!(resize.due, None);
        assert!(!resize.may_happen(Time(100)));
        assert_eq!(resize.due, Some(Time(120)));
        assert!(resize.may_happen(Time(120)));
    }
}
