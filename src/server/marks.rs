//! What happens in tabs that nobody looks at: they are marked until somebody does.

use super::Server;
use super::world::World;
use crate::protocol::view::Marks;
use crate::protocol::{PaneId, SessionId, TabId};
use crate::term::Modes;
use std::time::{Duration, Instant};

/// How long what a new pane prints is not marked.
const SETTLING: Duration = Duration::from_secs(1);

/// Marks the tabs in which nothing was printed for as long as the configuration says. Sleeps while it says nothing, and
/// while all is silent already.
pub(super) async fn watch_silence(server: Server) {
    let stirred = server.with(|world| world.stirred.clone());
    loop {
        let due = server.with(|world| world.mark_silence(Instant::now()));
        let sleep = async {
            match due {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stirred.notified() => {}
            () = sleep => {}
        }
    }
}

impl World {
    /// Sets a mark on the tab of `pane`, unless somebody looks at it. Says whether it is set now.
    pub fn mark(&mut self, pane: PaneId, which: fn(&mut Marks) -> &mut bool) -> bool {
        // The common case, for every piece of output.
        if self.viewers.values().any(|viewer| viewer.shows(pane)) {
            return false;
        }
        let Some(session) = self.sessions.of_pane(pane) else {
            return false;
        };
        let (session, tab) = (session.id, session.tab_of(pane).map(|tab| tab.id));
        // A zoomed pane may hide the one that is meant.
        let is_seen = self
            .viewers
            .values()
            .any(|viewer| viewer.looks() && Some(viewer.at.tab()) == tab);
        let tab = tab.and_then(|tab| self.sessions.get_mut(session)?.tab_mut(tab));
        let Some(tab) = tab.filter(|_| !is_seen) else {
            return false;
        };
        if !std::mem::replace(which(&mut tab.marks), true) {
            self.touch_session(session);
        }
        true
    }

    /// Takes note that `pane` has printed something.
    pub fn printed(&mut self, pane: PaneId) {
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return;
        };
        if self.config.alerts.silence_secs > 0 {
            hosted.printed_at = Instant::now();
            if std::mem::replace(&mut hosted.is_silent, false) {
                self.stirred.notify_one();
            }
        }
        // A screen that a program draws, and the first prompt of a shell, are no news.
        let is_news = !hosted
            .pane
            .emulator()
            .modes()
            .contains(Modes::ALTERNATE_SCREEN)
            && hosted.started_at.elapsed() > SETTLING;
        if self.config.alerts.activity && is_news && !hosted.is_marked {
            let is_marked = self.mark(pane, |marks| &mut marks.activity);
            if let Some(hosted) = self.panes.get_mut(&pane) {
                hosted.is_marked = is_marked;
            }
        }
    }

    /// Takes note that somebody looks at a tab: it has no marks any more.
    pub fn unmark(&mut self, session: SessionId, tab: TabId) {
        let tab = self
            .sessions
            .get_mut(session)
            .and_then(|session| session.tab_mut(tab));
        let Some(tab) = tab else { return };
        tab.marks = Marks::default();
        for pane in tab.layout.panes() {
            if let Some(hosted) = self.panes.get_mut(&pane) {
                hosted.is_marked = false;
            }
        }
    }

    /// Marks what has been silent for long enough; says when to look again.
    fn mark_silence(&mut self, now: Instant) -> Option<Instant> {
        if self.config.alerts.silence_secs == 0 {
            return None;
        }
        let patience = Duration::from_secs(self.config.alerts.silence_secs);
        let mut silent = Vec::new();
        let mut next = None;
        for (id, hosted) in self
            .panes
            .iter_mut()
            .filter(|(_, hosted)| !hosted.is_silent)
        {
            let due = hosted.printed_at + patience;
            if due <= now {
                hosted.is_silent = true;
                silent.push(*id);
            } else {
                next = Some(next.map_or(due, |next: Instant| next.min(due)));
            }
        }
        for pane in silent {
            self.mark(pane, |marks| &mut marks.silence);
        }
        next
    }
}
