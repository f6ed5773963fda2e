//! The task of one PTY: reads what the program prints, writes what it was not ready to take, and sees it end.

use super::Server;
use super::hosted::Process;
use super::{ending, world::World};
use crate::config::Bell;
use crate::net::watched::Watched;
use crate::protocol::{Event, PaneId};
use crate::term::Effect;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// Bytes taken from one program before others have their turn: what Linux hands out at once. A key typed beside a flood
/// waits for several turns on its way; with eight times as much it took twice as long, and nothing was won for it.
const TURN_BYTES: usize = 4 * 1024;

/// How long the output of a program that has ended may take to arrive, while another one still holds its terminal.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How long a program waits for the disk at a time.
const CROWDED_WAIT: Duration = Duration::from_millis(2);

/// What a turn of reading came to.
enum Turn {
    /// There is more to read.
    More,
    /// All was read for now.
    Empty,
    /// Nobody holds the program's side any more.
    Closed,
}

/// Serves the PTY of `pane` until its program has ended and all its output is taken.
pub(super) async fn serve(server: Server, pane: PaneId, process: Process) {
    let mut buffer = vec![0; 2 * TURN_BYTES];
    let mut last_words = None;
    loop {
        let (writes, ended, crowded) = server.with(|world| world.pty_state(pane));
        if crowded {
            // The disk is slower than the program: the program waits, nobody else.
            tokio::time::sleep(CROWDED_WAIT).await;
        }
        if let Some((over, left)) = server.with(|world| world.hush.keeps(pane)) {
            let _ = tokio::time::timeout(left, over.notified()).await;
        }
        let until = ended.then(|| *last_words.get_or_insert_with(|| Instant::now() + LAST_WORDS));
        if until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        tokio::select! {
            biased;
            ready = process.master.readable() => match ready.map(|()| turn(&server, pane, &process.master, &mut buffer)) {
                Ok(Turn::More) => tokio::task::yield_now().await,
                Ok(Turn::Empty) => {}
                Ok(Turn::Closed) | Err(_) => break,
            },
            ready = process.master.writable(), if writes => match ready {
                Ok(()) => server.with(|world| world.pump(pane)),
                Err(_) => break,
            },
            () = process.wake.notified() => {}
            () = tokio::time::sleep(LAST_WORDS), if ended => {}
        }
    }
    ending::output_ended(&server, pane).await;
}

/// Reads about [`TURN_BYTES`] and feeds them.
fn turn(server: &Server, pane: PaneId, master: &Watched, buffer: &mut [u8]) -> Turn {
    let mut filled = 0;
    let outcome = loop {
        if filled >= TURN_BYTES / 2 {
            break Turn::More;
        }
        match master.try_read(&mut buffer[filled..]) {
            Ok(0) => break Turn::Closed,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break Turn::Empty,
            // Linux says EIO once the last holder of the program's side is gone.
            Err(_) => break Turn::Closed,
        }
    };
    if filled > 0 {
        server.with(|world| world.output(pane, &buffer[..filled]));
    }
    outcome
}

impl World {
    /// Whether input waits for the program, whether the program has ended, and whether its scrollback is more than the
    /// disk takes.
    fn pty_state(&self, pane: PaneId) -> (bool, bool, bool) {
        let Some(hosted) = self.panes.get(&pane) else {
            return (false, true, false);
        };
        (
            !hosted.pane.unwritten().is_empty(),
            hosted.ending.is_some(),
            hosted.history.is_crowded(),
        )
    }

    /// Writes waiting input; once there is none, clients that were held back may send on.
    fn pump(&mut self, pane: PaneId) {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        hosted.pump();
        if hosted.pane.unwritten().is_empty() {
            self.viewers
                .values()
                .for_each(|viewer| viewer.wake.notify_one());
        }
    }

    /// Takes output of `pane`, and does what it asks for.
    fn output(&mut self, pane: PaneId, bytes: &[u8]) {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        hosted.output(bytes);
        let mut events = Vec::new();
        let mut rang = false;
        while let Some(effect) = hosted.poll() {
            match effect {
                Effect::Bell => rang = true,
                Effect::Clipboard { selection, bytes } => {
                    events.push(Event::Clipboard { selection, bytes })
                }
                Effect::Notify(text) => events.push(Event::Message(text)),
                Effect::Mark(_) | Effect::Reply(_) => {}
            }
        }
        hosted.pump();
        let renamed = hosted.refresh_command(false) | hosted.has_new_title();
        self.printed(pane);
        self.saved.panes_changed.notify_one();
        self.touch_pane(pane);
        events.iter().for_each(|event| self.tell(pane, event));
        if rang {
            self.ring(pane);
        }
        if renamed && let Some(session) = self.sessions.of_pane(pane) {
            self.touch_session(session.id);
        }
    }

    /// Rings for everybody in the session, and marks the tab for those who look elsewhere.
    fn ring(&mut self, pane: PaneId) {
        self.tell(pane, &Event::Bell);
        if self.config.alerts.bell != Bell::Off {
            self.mark(pane, |marks| &mut marks.bell);
        }
    }
}
