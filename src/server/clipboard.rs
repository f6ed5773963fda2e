//! Programs that ask what is on the clipboard (OSC 52 with a `?`): the client in use is asked, and it alone may answer.
//!
//! Whether the program may know is for that client to say. A question that nobody can answer is answered with nothing at
//! once, and every other one in bounded time: a program that asks waits.

use super::Server;
use super::world::World;
use crate::protocol::{Event, PaneId, ViewerId};
use crate::term::clipboard_answer;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long a client may take: its user may have to be asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest contents that a program is given, in bytes.
const MAX_CONTENTS: usize = 1 << 20;

/// Most questions that wait at once.
const MAX_WAITING: usize = 32;

/// The questions that wait for an answer.
#[derive(Debug, Default)]
pub(super) struct Asks {
    last: u64,
    waiting: BTreeMap<u64, Ask>,
    /// Wakes the task that gives up on those that nobody answers.
    pub changed: Rc<Notify>,
}

/// A question.
#[derive(Debug)]
struct Ask {
    /// The pane that gets the answer.
    pane: PaneId,
    /// The client that may give it.
    viewer: ViewerId,
    selection: String,
    end: &'static str,
    due: Instant,
}

/// Gives up on questions that nobody answers.
pub(super) async fn give_up(server: Server) {
    loop {
        let (changed, due) = server.with(|world| {
            let due = world.asks.waiting.values().map(|ask| ask.due).min();
            (world.asks.changed.clone(), due)
        });
        match due {
            None => changed.notified().await,
            Some(due) => {
                let _ = tokio::time::timeout_at(due.into(), changed.notified()).await;
                server.with(World::give_up_asks);
            }
        }
    }
}

impl World {
    /// Asks the client in use what is on the clipboard, for a program that it shows.
    pub(super) fn ask_clipboard(&mut self, pane: PaneId, selection: String, end: &'static str) {
        let waiting = &self.asks.waiting;
        let is_crowded = waiting.len() >= MAX_WAITING;
        let is_waiting = waiting.values().any(|ask| ask.pane == pane);
        let asked = self.sessions.of_pane(pane).map(|session| session.id);
        let asked = asked.and_then(|session| self.leader_of(session));
        let shows = |viewer: &ViewerId| self.viewers.get(viewer).is_some_and(|it| it.shows(pane));
        let Some(viewer) = asked.filter(|viewer| !is_crowded && !is_waiting && shows(viewer))
        else {
            return self.give_clipboard(pane, &selection, &[], end);
        };
        self.asks.last += 1;
        let id = self.asks.last;
        let asker = match self.panes.get(&pane) {
            Some(hosted) if !hosted.command.is_empty() => format!("{} in {pane}", hosted.command),
            _ => format!("a program in {pane}"),
        };
        let ask = Ask {
            pane,
            viewer,
            selection: selection.clone(),
            end,
            due: Instant::now() + PATIENCE,
        };
        self.asks.waiting.insert(id, ask);
        self.asks.changed.notify_one();
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.tell(Event::AskClipboard {
                id,
                selection,
                asker,
            });
        }
    }

    /// A client says what is on its clipboard, or that the program may not know.
    pub(super) fn clipboard_said(&mut self, viewer: ViewerId, id: u64, contents: Option<Vec<u8>>) {
        let waiting = &mut self.asks.waiting;
        if waiting.get(&id).is_none_or(|ask| ask.viewer != viewer) {
            return;
        }
        let contents = contents.filter(|bytes| bytes.len() <= MAX_CONTENTS);
        if let Some(ask) = waiting.remove(&id) {
            let contents = contents.unwrap_or_default();
            self.give_clipboard(ask.pane, &ask.selection, &contents, ask.end);
        }
    }

    /// Answers what a client was asked that has gone.
    pub(super) fn clipboard_of(&mut self, gone: ViewerId) {
        self.end_asks(|ask| ask.viewer == gone);
    }

    fn give_up_asks(&mut self) {
        let now = Instant::now();
        self.end_asks(|ask| ask.due <= now);
    }

    fn end_asks(&mut self, is_over: impl Fn(&Ask) -> bool) {
        let waiting = self.asks.waiting.iter();
        let over = waiting.filter(|(_, ask)| is_over(ask));
        let over: Vec<u64> = over.map(|(id, _)| *id).collect();
        for id in over {
            let Some(ask) = self.asks.waiting.remove(&id) else {
                continue;
            };
            self.give_clipboard(ask.pane, &ask.selection, &[], ask.end);
        }
    }

    fn give_clipboard(&mut self, pane: PaneId, selection: &str, contents: &[u8], end: &str) {
        if let Some(hosted) = self.panes.get_mut(&pane) {
            let answer = clipboard_answer(selection, contents, end);
            hosted.pane.write(&answer);
            hosted.pump();
        }
    }
}
