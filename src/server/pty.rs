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

/// How long the output of one program is drawn before others have their turn: there are sequences of few bytes that cost
/// much, and a key typed elsewhere must not wait for a buffer full of them.
const TURN_TIME: Duration = Duration::from_millis(1);

/// How long the output of a program that has ended may take to arrive, while another one still holds its terminal.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How often is looked whether the disk has made room.
const CROWDED_WAIT: Duration = Duration::from_millis(2);

/// How long a program waits for a disk that hangs before some more of its output is taken.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// How long the end of the server waits for what was read to be drawn.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Why a PTY is served no more.
enum End {
    /// Its program has ended, or nobody can hear of it any more.
    Over,
    /// The server ends: what comes now is for the next one.
    Stopped,
}

/// Serves the PTY of `pane` until its program has ended and all its output is taken, or the server ends.
pub(super) async fn serve(server: Server, pane: PaneId, process: Process) {
    server.with(|world| world.leaving.served += 1);
    let end = follow(&server, pane, process).await;
    server.with(|world| {
        world.leaving.served -= 1;
        world.leaving.emptied.notify_waiters();
    });
    if let End::Over = end {
        ending::output_ended(&server, pane).await;
    }
}

/// Stops reading what programs print, before their screens are saved for the next server: what is read after that is
/// seen by nobody.
pub(super) async fn stop_all(server: &Server) {
    server.with(|world| {
        world.leaving.still = true;
        let processes = world.panes.values().filter_map(|it| it.process.as_ref());
        processes.for_each(|process| process.wake.notify_one());
    });
    let stopped = async {
        while let Some(emptied) = server.with(|world| {
            let leaving = &world.leaving;
            (leaving.served > 0).then(|| leaving.emptied.clone())
        }) {
            emptied.notified().await;
        }
    };
    if tokio::time::timeout(STOP_WAIT, stopped).await.is_err() {
        tracing::warn!("output of programs may be lost: it is not drawn yet");
    }
}

async fn follow(server: &Server, pane: PaneId, process: Process) -> End {
    let mut output = Output::new();
    let mut last_words = None;
    let end = loop {
        wait_for_disk(server, pane).await;
        if server.with(|world| world.leaving.still) {
            break End::Stopped;
        }
        let (writes, ended) = server.with(|world| world.pty_state(pane));
        if let Some((over, left)) = server.with(|world| world.hush.keeps(pane)) {
            let _ = tokio::time::timeout(left, over.notified()).await;
        }
        let until = ended.then(|| *last_words.get_or_insert_with(|| Instant::now() + LAST_WORDS));
        let is_late = until.is_some_and(|until| Instant::now() >= until);
        if is_late || output.is_over() {
            break End::Over;
        }
        tokio::select! {
            biased;
            ready = process.master.readable(), if output.is_drawn() => {
                match ready {
                    Ok(()) => output.read(&process.master),
                    Err(_) => output.closed = true,
                }
                output.draw(server, pane);
                if output.is_full() {
                    tokio::task::yield_now().await;
                }
            }
            ready = process.master.writable(), if writes => match ready {
                Ok(()) => server.with(|world| world.pump(pane)),
                Err(_) => break End::Over,
            },
            () = tokio::task::yield_now(), if !output.is_drawn() => output.draw(server, pane),
            () = process.wake.notified() => {}
            () = tokio::time::sleep(LAST_WORDS), if ended => {}
        }
    };
    while !output.is_drawn() {
        output.draw(server, pane);
    }
    end
}

/// Waits while the disk is slower than the program, which waits then, as nobody else does. A disk that takes nothing at
/// all is not waited for: the pane goes on in memory.
async fn wait_for_disk(server: &Server, pane: PaneId) {
    let begun = Instant::now();
    while begun.elapsed() < MAX_WAIT && server.with(|world| world.is_crowded(pane)) {
        server.with(|world| world.pump(pane));
        tokio::time::sleep(CROWDED_WAIT).await;
    }
}

/// What was read of a program's output: `buffer[drawn..filled]` is not drawn yet.
struct Output {
    buffer: Vec<u8>,
    drawn: usize,
    filled: usize,
    closed: bool,
}

impl Output {
    fn new() -> Self {
        Self {
            buffer: vec![0; 2 * TURN_BYTES],
            drawn: 0,
            filled: 0,
            closed: false,
        }
    }

    fn is_drawn(&self) -> bool {
        self.drawn == self.filled
    }

    /// Whether no more will come.
    fn is_over(&self) -> bool {
        self.closed && self.is_drawn()
    }

    /// Whether there may be more to read at once.
    fn is_full(&self) -> bool {
        self.filled >= TURN_BYTES / 2
    }

    /// Reads about [`TURN_BYTES`]; only once all that was read is drawn.
    fn read(&mut self, master: &Watched) {
        (self.drawn, self.filled) = (0, 0);
        while !self.is_full() {
            match master.try_read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.closed = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // Linux says EIO once the last holder of the program's side is gone.
                Err(_) => self.closed = true,
            }
            if self.closed {
                return;
            }
        }
    }

    /// Draws what was read, for [`TURN_TIME`] at most.
    fn draw(&mut self, server: &Server, pane: PaneId) {
        let bytes = &self.buffer[self.drawn..self.filled];
        if !bytes.is_empty() {
            self.drawn += server.with(|world| world.output(pane, bytes));
        }
    }
}

impl World {
    /// Whether the scrollback of `pane` is more than a disk takes that works.
    fn is_crowded(&self, pane: PaneId) -> bool {
        let hosted = self.panes.get(&pane);
        hosted.is_some_and(|hosted| hosted.history.is_crowded() && hosted.history.fault().is_none())
    }

    /// Whether input waits for the program, and whether the program has ended.
    fn pty_state(&self, pane: PaneId) -> (bool, bool) {
        let Some(hosted) = self.panes.get(&pane) else {
            return (false, true);
        };
        (!hosted.pane.unwritten().is_empty(), hosted.ending.is_some())
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

    /// Takes output of `pane` for [`TURN_TIME`] at most, and does what it asks for; says how many bytes it took.
    fn output(&mut self, pane: PaneId, bytes: &[u8]) -> usize {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return bytes.len();
        };
        let until = Instant::now() + TURN_TIME;
        let taken = hosted.output(bytes, || Instant::now() < until);
        let mut events = Vec::new();
        let mut asked = Vec::new();
        let mut rang = false;
        while let Some(effect) = hosted.poll() {
            if hosted.marked(&effect) {
                continue;
            }
            match effect {
                Effect::Bell => rang = true,
                Effect::Clipboard { selection, bytes } => {
                    events.push(Event::Clipboard { selection, bytes })
                }
                Effect::AskClipboard { selection, end } => asked.push((selection, end)),
                Effect::Notice(notice) => events.push(Event::Notice(notice)),
                Effect::Mark { .. } | Effect::Reply(_) | Effect::Resize(_) => {}
            }
        }
        hosted.pump();
        let renamed = hosted.refresh_command(false) | hosted.has_new_title();
        self.printed(pane);
        self.note_commands(pane);
        self.saved.panes_changed.notify_one();
        self.note_answer(pane);
        self.touch_pane(pane);
        let noticed = events.iter().any(|event| matches!(event, Event::Notice(_)));
        events.iter().for_each(|event| self.tell(pane, event));
        for (selection, end) in asked {
            self.ask_clipboard(pane, selection, end);
        }
        if rang {
            self.ring(pane);
        }
        if noticed {
            self.mark_bell(pane);
        }
        if renamed && let Some(session) = self.sessions.of_pane(pane) {
            self.touch_session(session.id);
        }
        taken
    }

    /// Rings for everybody in the session, and marks the tab for those who look elsewhere.
    fn ring(&mut self, pane: PaneId) {
        self.tell(pane, &Event::Bell);
        self.mark_bell(pane);
    }

    /// Marks the tab for those who look elsewhere: its pane rang or has something to say.
    fn mark_bell(&mut self, pane: PaneId) {
        if self.config.alerts.bell != Bell::Off {
            self.mark(pane, |marks| &mut marks.bell);
        }
    }
}
