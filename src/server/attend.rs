//! The task of one attached client: its input goes in, its view goes out, never more than one frame unsent.

use super::foreign::Origin;
use super::returning::{Hearing, Owes, Seat};
use super::world::World;
use super::{Server, command, side};
use crate::net::{Link, Ready};
use crate::pane::settling::Kind;
use crate::protocol::Message;
use crate::protocol::command::{PaneCommand, Resize, Which};
use crate::protocol::request::Request;
use crate::protocol::view::ViewMark;
use crate::protocol::{Command, Event, Input, On, PaneId, ViewerId};
use crate::sync::{Endpoint, Handled, Time, Way};
use crate::term::palette::Rgb;
use anyhow::Result;
use std::time::Duration;

/// Input that waits for a program that does not read; beyond it the client that sends it is held back.
const MAX_UNWRITTEN: usize = 1024 * 1024;

/// Input of up to so many bytes was typed, not pasted: its echo is waited for.
const MAX_KEYS: usize = 64;

/// How often a client that is held back is looked at.
const LIFE_CHECK: Duration = Duration::from_millis(500);

/// How soon a client hears over a reliable link that its input has come, in milliseconds, if it is shown nothing before.
const CONFIRM_MS: u64 = 250;

/// A packet of so many bytes is confirmed at once: the next waits for that.
const LARGE: usize = 16 * 1024;

/// How a link ended.
enum Parting {
    /// The user has left.
    Left,
    /// The viewer was sent away, and told why.
    Dismissed,
    /// The viewer was sent on to the server that comes after this one.
    SentOn,
    /// The client is gone and said nothing: it may come back over another link.
    Lost,
    /// It has come back over another link already.
    Superseded,
}

/// Serves the viewer until it leaves, is sent away or loses the link.
pub(super) async fn serve(server: Server, mut link: Link, seat: Seat) -> Result<()> {
    let parting = attend(&server, &mut link, seat).await;
    match parting {
        Ok(Parting::Left) => server.with(|world| world.leave_seat(seat)),
        Ok(Parting::Dismissed) => {
            link.close().await;
            server.with(|world| world.leave_seat(seat));
        }
        Ok(Parting::SentOn) => {
            link.close().await;
            server.with(|world| world.lose(seat));
        }
        Ok(Parting::Lost) | Err(_) => server.with(|world| world.lose(seat)),
        Ok(Parting::Superseded) => {}
    }
    parting.map(|_| ())
}

async fn attend(server: &Server, link: &mut Link, seat: Seat) -> Result<Parting> {
    let viewer = seat.viewer;
    let mut endpoint = Endpoint::new(link.reliability());
    let mut hearing = Hearing::at(server.with(|world| world.now()));
    loop {
        if let Some((parting, last)) = server.with(|world| world.farewell(seat)) {
            if let Some(last) = last {
                link.queue(&Message::Event(last));
                link.flush().await?;
            }
            return Ok(parting);
        }
        let due = give(server, link, viewer, &mut endpoint)?;
        server.with(|world| {
            hearing.ask(owes(&endpoint), world.now());
            world.hear(seat, hearing);
        });
        let (wake, held_back) = server.with(|world| world.waits_for(viewer));
        let pause =
            due.map(|due| Duration::from_millis(due.since(server.with(|world| world.now()))));
        tokio::select! {
            biased;
            ready = next(link, held_back) => match ready? {
                Ready::Message(Message::Request(Request::Leave)) => return Ok(Parting::Left),
                Ready::Message(Message::Packet(packet)) => {
                    take(server, seat, &packet, &mut endpoint)?;
                    hearing = Hearing::at(server.with(|world| world.now()));
                }
                Ready::Message(Message::Request(Request::Side(side))) => {
                    side::told(server, (viewer, Origin::of(link)), side);
                }
                Ready::Message(_) | Ready::Clear => {}
                Ready::Closed => return Ok(Parting::Lost),
            },
            () = wake.notified() => {}
            () = tokio::time::sleep(pause.unwrap_or(Duration::MAX)), if pause.is_some() => {}
        }
    }
}

/// Whether the client has yet to say that it has what it was sent. Over a reliable link that is not said.
fn owes(endpoint: &Endpoint<ViewMark>) -> Owes {
    match endpoint.sent_mark() == endpoint.acked_mark() {
        true => Owes::Nothing,
        false => Owes::Answer,
    }
}

/// What the link has. A client that is held back is not read, only written to; it is looked at whether it lives.
async fn next(link: &mut Link, held_back: bool) -> Result<Ready> {
    if !held_back {
        return link.ready().await;
    }
    if !link.is_clear() {
        return link.flush().await.map(|()| Ready::Clear);
    }
    while !link.is_hung_up() {
        tokio::time::sleep(LIFE_CHECK).await;
    }
    Ok(Ready::Closed)
}

/// Sends what is due; says when more will be.
fn give(
    server: &Server,
    link: &mut Link,
    viewer: ViewerId,
    endpoint: &mut Endpoint<ViewMark>,
) -> Result<Option<Time>> {
    link.try_flush()?;
    if !link.is_clear() {
        return Ok(None);
    }
    for event in server.with(|world| world.events_for(viewer)) {
        link.queue(&Message::Event(event));
    }
    let (now, wait) = server.with(|world| (world.now(), world.must_wait(viewer)));
    if let Some(wait) = wait {
        link.try_flush()?;
        return Ok(Some(now.after(wait)));
    }
    link.adapt(endpoint, now);
    if let Some(packet) = server.with(|world| world.frame(viewer, endpoint, now))
        && link.queue_packet(packet) == Way::Stream
    {
        endpoint.went_by_stream(now);
    }
    link.try_flush()?;
    let settles = server.with(|world| {
        world.echoed(viewer);
        [world.keys_settle_at(viewer), world.widens_at(viewer)]
    });
    let settles = settles.into_iter().flatten();
    Ok(endpoint.timeout().into_iter().chain(settles).min())
}

fn take(
    server: &Server,
    seat: Seat,
    packet: &[u8],
    endpoint: &mut Endpoint<ViewMark>,
) -> Result<()> {
    let handled = server.with(|world| {
        let now = world.now();
        let Some(viewer) = world.seated(seat) else {
            return Ok(Handled::Unmoved);
        };
        let handled = endpoint.handle(packet, &mut viewer.tie.inputs, now)?;
        if handled == Handled::Moved {
            let wait = if packet.len() < LARGE { CONFIRM_MS } else { 0 };
            endpoint.acknowledge_by(now.after(wait));
        }
        anyhow::Ok(handled)
    })?;
    if handled == Handled::Moved {
        while let Some(input) = server.with(|world| world.seated(seat)?.tie.inputs.next()) {
            apply(server, seat.viewer, input);
        }
    }
    Ok(())
}

fn apply(server: &Server, viewer: ViewerId, input: Input) {
    if let Some((on, command)) = server.with(|world| world.input(viewer, input)) {
        command::start(server, viewer, on, command);
    }
}

impl World {
    /// How the viewer's link ends, if it has to, and what is said last.
    fn farewell(&mut self, seat: Seat) -> Option<(Parting, Option<Event>)> {
        let is_restarting = self.leaving.restarting;
        let Some(viewer) = self.seated(seat) else {
            return Some((Parting::Superseded, None));
        };
        match &viewer.ended {
            Some(why) => Some((Parting::Dismissed, Some(Event::Detached(why.clone())))),
            None => is_restarting.then_some((Parting::SentOn, Some(Event::Restarting))),
        }
    }

    fn events_for(&mut self, viewer: ViewerId) -> Vec<Event> {
        self.viewers
            .get_mut(&viewer)
            .map(|viewer| std::mem::take(&mut viewer.events))
            .unwrap_or_default()
    }

    /// What wakes the viewer's task, and whether it is held back: a program does not read what it sent.
    fn waits_for(&self, viewer: ViewerId) -> (std::rc::Rc<tokio::sync::Notify>, bool) {
        let Some(viewer) = self.viewers.get(&viewer) else {
            return (std::rc::Rc::default(), false);
        };
        let full = |pane: PaneId| {
            self.panes
                .get(&pane)
                .is_some_and(|hosted| hosted.pane.unwritten().len() > MAX_UNWRITTEN)
        };
        (viewer.wake.clone(), viewer.fed().is_some_and(full))
    }

    /// Takes one input; a command comes back to be done.
    fn input(&mut self, viewer: ViewerId, input: Input) -> Option<(On, Command)> {
        match input {
            Input::Bytes { pane, bytes } => {
                self.feed(viewer, pane, |pane| pane.write(&bytes));
                self.note_keys(viewer, pane, (bytes.len(), Kind::of(&bytes)));
                if bytes.len() <= MAX_KEYS {
                    self.hush.begin(pane);
                }
            }
            Input::Paste {
                pane,
                bytes,
                first,
                last,
            } => {
                self.feed(viewer, pane, |pane| pane.paste(&bytes, first, last));
                self.note_keys(viewer, pane, (bytes.len(), Kind::Turning));
            }
            Input::Resize(size) => {
                let resized = self.viewers.get_mut(&viewer)?;
                resized.size = size;
                resized.renew();
                let session = resized.at.session();
                self.fit_all(session);
            }
            Input::Focus(gained) => {
                let target = self.target_of(viewer)?;
                let was = std::mem::replace(&mut self.viewers.get_mut(&viewer)?.attentive, gained);
                if was != gained && self.viewers.get(&viewer)?.looking {
                    self.tell_focus(viewer, target.pane, gained);
                }
            }
            Input::Guessed(guesses) => self.note_guesses(viewer, guesses),
            Input::Looking(looking) => self.turn(viewer, looking),
            Input::Colors {
                foreground,
                background,
            } => self.take_colors((foreground, background)),
            Input::Command { on, command } => {
                if is_typed(&command) {
                    self.lead(viewer);
                }
                return Some((on, command));
            }
        }
        None
    }

    /// Gives input to a pane of the viewer's session; the viewer is the one in use now.
    fn feed(&mut self, viewer: ViewerId, pane: PaneId, write: impl FnOnce(&mut crate::pane::Pane)) {
        let Some(session) = self.viewers.get(&viewer).map(|viewer| viewer.at.session()) else {
            return;
        };
        if self
            .sessions
            .of_pane(pane)
            .is_none_or(|owner| owner.id != session)
        {
            return;
        }
        self.sessions.latest = Some(session);
        // Before the program sees the key: it may ask for the size at once.
        self.lead(viewer);
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        write(&mut hosted.pane);
        hosted.pump();
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.typed_into(pane);
        }
    }

    /// A frame went out to the viewer: what it typed into may be seen.
    fn echoed(&mut self, viewer: ViewerId) {
        let fed = self.viewers.get(&viewer).and_then(|viewer| viewer.echoed());
        if let Some(pane) = fed {
            self.hush.end(pane);
        }
    }

    /// Lets every program know the colours of the terminal that was attached last.
    fn take_colors(&mut self, colors: (Rgb, Rgb)) {
        self.colors = Some(colors);
        for hosted in self.panes.values_mut() {
            hosted.pane.set_colors(colors);
            hosted.pump();
        }
    }

    /// The viewer is gone for good.
    pub fn leave(&mut self, viewer: ViewerId) {
        let Some(mut gone) = self.viewers.remove(&viewer) else {
            return;
        };
        gone.search.begin();
        self.keep_guesses(&gone.keys);
        self.clipboard_of(viewer);
        if let Some(pane) = gone.focused().filter(|_| gone.has_focus()) {
            self.tell_focus(viewer, pane, false);
        }
        self.fit_all(gone.at.session());
        self.leaving.emptied.notify_waiters();
        tracing::info!(viewer = viewer.0, "left");
    }
}

/// Whether a command says that its viewer is in use. What a mouse does while somebody else types does not.
fn is_typed(command: &Command) -> bool {
    !matches!(
        command,
        Command::Scroll(_)
            | Command::Pane(
                PaneCommand::Focus(Which::Here) | PaneCommand::Resize(Resize::Border(..))
            )
    )
}
