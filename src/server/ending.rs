//! How things end: programs, panes, sessions, and the server itself.

use super::revive::{self, Again};
use super::world::{World, unix_ms};
use super::{Server, Start, spawn};
use crate::holder::kill::Ladder;
use crate::holder::protocol::{Exit, KillSignal, Status};
use crate::holder::{HolderEvent, HolderLink};
use crate::pane::{Ending, Origin};
use crate::protocol::{PaneId, SessionId};
use anyhow::{Context, Result};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::Receiver;

/// How long the server waits for its programs to end before it goes itself.
const GOODBYE: Duration = Duration::from_secs(10);

/// How long to wait before trying to start a holder again.
const HOLDER_RETRY: Duration = Duration::from_secs(5);

/// How long clients may take to hear that the server ends.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

/// How often to look for what a program that has ended left running, while that is being ended too.
const REMAINS_CHECK: Duration = Duration::from_millis(50);

/// How long a killed program may take to be gone, in milliseconds.
const LAST_BREATH_MS: u64 = 2000;

/// Hears from the holder how programs end; when the holder itself dies, starts another one and hands it the panes.
pub(super) async fn follow_holder(server: Server, mut events: Receiver<HolderEvent>) {
    loop {
        match events.recv().await {
            Some(HolderEvent::Exited { pane, exit }) => {
                server.with(|world| world.program_ended(PaneId(pane), of(exit), exit.at));
            }
            // The server is ending: it has let the holder go itself.
            Some(HolderEvent::Gone) | None if server.with(|world| world.holder.is_none()) => return,
            Some(HolderEvent::Gone) | None => events = another_holder(&server).await,
        }
    }
}

/// Tries until there is another holder.
async fn another_holder(server: &Server) -> Receiver<HolderEvent> {
    loop {
        match super::adopt::replace_holder(server).await {
            Ok(events) => return events,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "no holder of programs");
                server.with(|world| {
                    world
                        .warnings
                        .push(format!("no new pane can start: {error:#}"))
                });
                tokio::time::sleep(HOLDER_RETRY).await;
            }
        }
    }
}

/// All output of a program has been taken. If the program has ended too, the pane closes or says how it ended.
pub(super) async fn output_ended(server: &Server, pane: PaneId) {
    // The holder's word usually comes first. One that comes later finds the PTY closed.
    let holder = server.with(|world| {
        let hosted = world.panes.get_mut(&pane)?;
        hosted.process = None;
        world.holder.clone()
    });
    if server.with(|world| {
        world
            .panes
            .get(&pane)
            .is_some_and(|hosted| hosted.ending.is_none())
    }) && holder.is_none()
    {
        server.with(|world| world.program_ended(pane, Ending::Unseen, unix_ms()));
    }
    server.with(|world| world.settle(pane));
}

/// Ends the programs of `panes`: HUP, TERM, KILL. Their panes close whatever they exit with.
pub(super) fn close(server: &Server, panes: Vec<PaneId>) {
    for pane in panes {
        let running = server.with(|world| {
            let Some(hosted) = world.panes.get_mut(&pane) else {
                return false;
            };
            if hosted.pane.ending().is_some() {
                world.drop_pane(pane);
                return false;
            }
            let running = !std::mem::replace(&mut hosted.closing, true);
            world.note_places();
            // It may take its time to end, but its user is done with it: keys go elsewhere from now on.
            world.leave_layout(pane);
            running
        });
        if running {
            server.with(|world| world.leaving.owed += 1);
            let server = server.clone();
            tokio::task::spawn_local(async move {
                note_closing(&server, pane).await;
                climb(&server, pane).await;
                server.with(|world| {
                    // Killed, but its end was not heard of: it is gone all the same.
                    world.drop_pane(pane);
                    world.depart(pane);
                });
            });
        }
    }
}

/// Lets the holder remember that the pane is being closed, should this server be killed meanwhile.
pub(super) async fn note_closing(server: &Server, pane: PaneId) {
    let noted = server.with(|world| {
        let origin = Origin {
            closing: true,
            ..world.panes.get(&pane)?.pane.origin.clone()
        };
        Some((world.holder.clone()?, postcard::to_allocvec(&origin).ok()?))
    });
    if let Some((holder, meta)) = noted {
        // Without a holder there is nothing to be taken up either.
        let _ = holder.set_meta(pane.0, meta).await;
    }
}

/// Sees panes out of the holder, which keeps their process ids until then.
pub(super) async fn see_out(server: Server) {
    let departures = server.with(|world| world.leaving.wake.clone());
    loop {
        departures.notified().await;
        while let Some(pane) = server.with(|world| world.leaving.gone.pop()) {
            if let Some(holder) = server.with(|world| world.holder.clone()) {
                let _ = holder.forget(pane.0).await;
            }
            server.with(|world| {
                world.leaving.owed -= 1;
                world.leaving.emptied.notify_waiters();
                world.end_if_empty();
            });
        }
    }
}

/// Sends one signal after the other until no process of the pane is left: its program may leave others behind.
async fn climb(server: &Server, pane: PaneId) {
    let mut ladder = Ladder::new(server.with(|world| world.now()));
    while let Some(due) = ladder.timeout() {
        let now = server.with(|world| world.now());
        if let Some(signal) = ladder.poll(now) {
            strike(server, pane, signal, &mut ladder).await;
        } else if wait_for_end(server, pane, due.since(now)).await {
            // The program is gone: another hangup tells whether anything is left of it.
            strike(server, pane, KillSignal::Hup, &mut ladder).await;
            tokio::time::sleep(REMAINS_CHECK).await;
        }
    }
    wait_for_end(server, pane, LAST_BREATH_MS).await;
}

/// Sends a signal to all processes of the pane, and tells the ladder how many there were.
async fn strike(server: &Server, pane: PaneId, signal: KillSignal, ladder: &mut Ladder) {
    let Some(holder) = server.with(|world| world.holder.clone()) else {
        return;
    };
    match holder.signal(pane.0, signal).await {
        Ok(processes) => ladder.handle(processes),
        // It holds no such pane, or has just died; another one may take its place before the next signal.
        Err(error) => {
            tracing::debug!(
                pane = pane.0,
                error = format!("{error:#}"),
                "no signal was sent"
            );
            if server.with(|world| !world.panes.contains_key(&pane)) {
                ladder.handle(0);
            }
        }
    }
}

/// Waits up to `ms` for the pane to leave the world; says whether it has.
async fn wait_for_end(server: &Server, pane: PaneId, ms: u64) -> bool {
    let ended = async {
        while let Some(changed) = server.with(|world| {
            world
                .panes
                .contains_key(&pane)
                .then(|| world.leaving.emptied.clone())
        }) {
            changed.notified().await;
        }
    };
    tokio::time::timeout(Duration::from_millis(ms), ended)
        .await
        .is_ok()
}

/// Starts the program of an ended pane again, in the same pane.
pub(super) async fn restart(server: &Server, pane: PaneId) -> Result<()> {
    let is_restored = |world: &mut World| world.panes.get(&pane)?.revival.as_ref().map(drop);
    if server.with(is_restored).is_some() {
        return revive::start(server, pane, Again::Shell).await;
    }
    let holder = server.with(|world| {
        let hosted = world.panes.get_mut(&pane).context("the pane is gone")?;
        if hosted.pane.ending().is_none() {
            return Ok(None);
        }
        hosted.pane.restarted(unix_ms());
        hosted.ending = None;
        world
            .holder
            .clone()
            .context("the holder of programs does not run")
            .map(Some)
    })?;
    let Some(holder) = holder else { return Ok(()) };
    holder.forget(pane.0).await?;
    let started = spawn::try_start(server, pane).await;
    if started.is_err() {
        server.with(|world| world.show_ending(pane, Ending::Code(127), unix_ms()));
    }
    started
}

/// Returns when the server has to end.
pub(super) async fn until_stopped(server: &Server) {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = server.with(|world| world.stop.clone());
    let (Ok(mut term), Ok(mut int), Ok(mut hup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return stop.notified().await;
    };
    tokio::select! {
        () = stop.notified() => {}
        _ = term.recv() => tracing::info!("asked to end; the programs stay with the holder"),
        _ = hup.recv() => tracing::info!("the terminal is gone; the programs stay with the holder"),
        _ = int.recv() => tracing::info!("asked to end; the programs stay with the holder"),
    }
    server.with(|world| {
        // When the machine stops, programs end a moment after this server was told to: what they leave is to come back.
        world.leaving.suspended = true;
        if !world.leaving.restarting {
            world.dismiss_all("the server ended; your programs run on, `wt` brings them back");
        }
    });
    let left = async {
        while let Some(emptied) =
            server.with(|world| world.is_watched().then(|| world.leaving.emptied.clone()))
        {
            emptied.notified().await;
        }
    };
    // A client that does not read is not waited for.
    let _ = tokio::time::timeout(LEAVE_WAIT, left).await;
}

/// Ends the programs of `panes`, and returns when their panes are gone.
pub(super) async fn close_and_wait(server: &Server, panes: Vec<PaneId>) {
    close(server, panes.clone());
    for pane in panes {
        wait_for_end(server, pane, GOODBYE.as_millis() as u64).await;
    }
}

/// Ends every program, and then the holder.
pub(super) async fn end_everything(server: &Server) {
    let panes: Vec<_> = server.with(|world| {
        world.leaving.stopping = true;
        world.panes.keys().copied().collect()
    });
    close(server, panes);
    let ended = async {
        while let Some(emptied) = server.with(World::waits_for_panes) {
            emptied.notified().await;
        }
    };
    if tokio::time::timeout(GOODBYE, ended).await.is_err() {
        tracing::warn!("some programs did not end");
    }
    if let Some(holder) = server.with(|world| world.holder.take()) {
        let _ = holder.stop().await;
    }
}

impl World {
    /// Notes that a program has ended; its pane is settled once its last output is taken.
    pub fn program_ended(&mut self, pane: PaneId, ending: Ending, at_ms: u64) {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        if self.leaving.suspended {
            return;
        }
        hosted.ending = Some(ending);
        hosted.ended_ms = at_ms;
        match &hosted.process {
            Some(process) => process.wake.notify_one(),
            None => self.settle(pane),
        }
    }

    /// Closes an ended pane, or says in it how it ended: a shell's pane closes with it, and so does one whose command
    /// went well or that was to be closed.
    fn settle(&mut self, pane: PaneId) {
        let Some(hosted) = self.panes.get(&pane) else {
            return;
        };
        let (Some(ending), None) = (hosted.ending, &hosted.process) else {
            return;
        };
        if hosted.pane.origin.argv.is_empty() || ending.is_success() || hosted.closing {
            self.drop_pane(pane);
        } else {
            let at_ms = hosted.ended_ms;
            self.show_ending(pane, ending, at_ms);
        }
    }

    fn show_ending(&mut self, pane: PaneId, ending: Ending, at_ms: u64) {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        hosted.ending = Some(ending);
        hosted.pane.ended(ending, at_ms);
        hosted.commands_ended(at_ms);
        hosted.news.stir();
        hosted.dirty = true;
        self.note_commands(pane);
        self.saved.panes_changed.notify_one();
        if let Some(session) = self.sessions.of_pane(pane).map(|session| session.id) {
            self.touch_session(session);
        }
        // Whoever was held back as it did not read may send on.
        self.viewers
            .values()
            .for_each(|viewer| viewer.wake.notify_one());
    }

    /// Takes a pane out of the world, and its session when it was the last one. What it printed stays on disk.
    pub fn drop_pane(&mut self, pane: PaneId) {
        self.note_places();
        self.close_commands(pane);
        self.leave_layout(pane);
        if let Some(hosted) = self.panes.remove(&pane) {
            hosted.take_leave();
            let is_closing = hosted.closing;
            self.lay_to_rest(pane, hosted);
            // A pane that is being closed is seen out already, once nothing of it is left.
            if !is_closing {
                self.leaving.owed += 1;
                self.depart(pane);
            }
        }
        for viewer in self.viewers.values_mut() {
            viewer.windows.remove(&pane);
        }
        self.saved.sessions_changed.notify_one();
        self.leaving.emptied.notify_waiters();
        self.end_if_empty();
    }

    /// Takes a pane out of its tab, and its session away when it was the last one.
    fn leave_layout(&mut self, pane: PaneId) {
        let Some(session) = self.sessions.of_pane(pane).map(|session| session.id) else {
            return;
        };
        if let Some(ended) = self.sessions.remove_pane(pane) {
            self.see_off(&ended, None);
        }
        self.mend_viewers();
        self.arrange(session);
        self.touch_session(session);
    }

    /// A server that a client started ends with its last session, unless it listens in the network.
    pub fn end_if_empty(&mut self) {
        let is_empty = self.sessions.is_empty() && self.leaving.owed == 0 && self.connections == 0;
        // One that listens in the network is waited for elsewhere.
        let is_awaited = !self.network.listening.is_nowhere();
        if is_empty && !is_awaited && self.start == Start::Auto && !self.leaving.stopping {
            self.stop.notify_one();
        }
    }

    fn depart(&mut self, pane: PaneId) {
        self.leaving.gone.push(pane);
        self.leaving.wake.notify_one();
    }

    /// Ends every attachment to `session`.
    pub fn dismiss(&mut self, session: SessionId, why: &str) {
        self.viewers
            .values_mut()
            .filter(|viewer| viewer.at.session() == session)
            .for_each(|viewer| viewer.end(why));
    }

    /// Sends every viewer to the server that comes after this one.
    pub fn send_on(&mut self) {
        self.leaving.restarting = true;
        self.viewers
            .values()
            .for_each(|viewer| viewer.wake.notify_one());
    }

    /// Ends every attachment.
    pub fn dismiss_all(&mut self, why: &str) {
        self.viewers.values_mut().for_each(|viewer| viewer.end(why));
    }

    fn waits_for_panes(&mut self) -> Option<Rc<Notify>> {
        (self.leaving.owed > 0 || !self.panes.is_empty()).then(|| self.leaving.emptied.clone())
    }

    /// The holder, if one runs.
    pub fn holder(&self) -> Option<&HolderLink> {
        self.holder.as_ref()
    }
}

/// A program's end, as the holder tells it.
pub(super) fn of(exit: Exit) -> Ending {
    match exit.status {
        Status::Code(code) => Ending::Code(code),
        Status::Signal(signal) => Ending::Signal(signal),
        Status::Unknown => Ending::Unseen,
    }
}
