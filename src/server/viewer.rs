//! A client as the server sees it: where it looks, and what it is owed.

use super::echo::Keys;
use super::hosted::Hosted;
use super::margin::Margin;
use super::returning::Tie;
use super::search::Search;
use crate::pane::Window;
use crate::protocol::side::Agent;
use crate::protocol::view::Chrome;
use crate::protocol::{Event, PaneId, SurfaceId};
use crate::session::Viewpoint;
use crate::sync::{FRAME_INTERVAL, Time, Urgency};
use crate::term::Size;
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::sync::Notify;

/// One attached client.
#[derive(Debug)]
pub(super) struct Viewer {
    /// Where it looks.
    pub at: Viewpoint,
    /// Its terminal.
    pub size: Size,
    /// What ties it to its client.
    pub tie: Tie,
    /// When it was typed into last, as the world counts.
    pub typed: u64,
    /// Whether its terminal has the focus.
    pub attentive: bool,
    /// Whether its user looks at the session; the client may show another one.
    pub looking: bool,
    /// Its places in scrollback.
    pub windows: BTreeMap<PaneId, (SurfaceId, Window)>,
    /// What lies around one of them, as far as it is sent ahead.
    pub margin: Option<(PaneId, Margin)>,
    /// What it was shown around the panes last, and how often that has changed.
    pub chrome: Chrome,
    pub chrome_version: u64,
    /// Whether `chrome` may no longer be what it should be shown.
    pub stale: bool,
    /// Wakes the task that serves it.
    pub wake: Rc<Notify>,
    /// A frame is owed, and how soon.
    pub owed: Option<Urgency>,
    /// Events not yet sent.
    pub events: Vec<Event>,
    /// Why it has to go; `None` while it stays.
    pub ended: Option<String>,
    /// How many of its commands have been done or refused.
    pub answered: u64,
    /// The panes it is shown.
    pub shown: Vec<PaneId>,
    /// How far its keys have come.
    pub keys: Keys,
    /// What it searches for.
    pub search: Search,
    /// Whether its ssh agent is reached through it.
    pub agent: Agent,
    /// The pane that its last key went to, and how many frames of it still go out at once.
    prompt: Option<(PaneId, u8)>,
    /// The pane whose answer to a key is to be shown before all else.
    answering: Option<PaneId>,
    /// Since when other panes have waited for such answers.
    others_since: Option<Time>,
}

/// Frames that go out at once after a key: its echo, and the two that a shell's answer tends to come in.
const PROMPT_FRAMES: u8 = 3;

/// Most notices that wait for a client that does not read.
const MAX_NOTICES: usize = 16;

/// Most events that wait for a client that does not read.
const MAX_EVENTS: usize = 256;

impl Viewer {
    pub fn new(at: Viewpoint, size: Size, tie: Tie) -> Self {
        Self {
            at,
            size,
            tie,
            typed: 0,
            attentive: true,
            looking: true,
            windows: BTreeMap::new(),
            margin: None,
            chrome: Chrome::default(),
            chrome_version: 0,
            stale: true,
            wake: Rc::default(),
            owed: Some(Urgency::AtOnce),
            events: Vec::new(),
            ended: None,
            answered: 0,
            shown: Vec::new(),
            keys: Keys::default(),
            search: Search::default(),
            agent: Agent::None,
            prompt: None,
            answering: None,
            others_since: None,
        }
    }

    /// What its terminal leaves for panes: all but the status line.
    pub fn area(&self) -> Size {
        area_within(self.size)
    }

    /// Whether its user sees anything of the session.
    pub fn looks(&self) -> bool {
        self.looking && !self.tie.is_lost()
    }

    /// Whether its user sees `pane`.
    pub fn shows(&self, pane: PaneId) -> bool {
        self.looks() && self.shown.contains(&pane)
    }

    /// Whether keys go from its terminal to the pane that it was shown with the focus.
    pub fn has_focus(&self) -> bool {
        self.looks() && self.attentive
    }

    /// Whether it is there and stays.
    pub fn is_here(&self) -> bool {
        self.tie.is_heard() && self.ended.is_none()
    }

    /// The pane that its keys go to, as it was shown last.
    pub fn focused(&self) -> Option<PaneId> {
        let mut panes = self.chrome.panes.iter();
        panes.find(|pane| pane.focused).map(|pane| pane.pane)
    }

    /// A key went to `pane`: what it prints next is shown at once.
    pub fn typed_into(&mut self, pane: PaneId) {
        self.prompt = Some((pane, PROMPT_FRAMES));
    }

    /// The pane that it typed into last.
    pub fn fed(&self) -> Option<PaneId> {
        self.prompt.map(|(pane, _)| pane)
    }

    /// The pane that it typed into last, once something of it was shown since.
    pub fn echoed(&self) -> Option<PaneId> {
        let (pane, frames) = self.prompt?;
        (frames < PROMPT_FRAMES).then_some(pane)
    }

    /// How soon new output of `pane` has to be shown.
    pub fn urgency_of(&mut self, pane: PaneId) -> Urgency {
        match &mut self.prompt {
            // What comes before that frame has left goes with it.
            Some((awaited, _)) if *awaited == pane && self.answering == Some(pane) => {
                Urgency::Answer
            }
            Some((awaited, frames)) if *awaited == pane && *frames > 0 => {
                *frames -= 1;
                self.answering = Some(pane);
                Urgency::Answer
            }
            _ => Urgency::Paced,
        }
    }

    /// The pane that has printed since a key went to it, and that the next frame is for.
    pub fn answering(&self) -> Option<PaneId> {
        self.answering
    }

    /// The panes that it sees as they are now, not scrolled back.
    pub fn live_panes(&self) -> impl Iterator<Item = PaneId> {
        let shown = self.shown.iter().copied().filter(|_| self.looking);
        shown.filter(|pane| !self.windows.contains_key(pane))
    }

    /// The pane that the next frame is for, if it answers a key. What others have printed waits for the frame after
    /// that, but never for longer than frames are apart anyway: a key beside a flood would carry the flood along.
    pub fn take_answer(&mut self, now: Time) -> Option<PaneId> {
        let answering = self.answering.take();
        let since = *self.others_since.get_or_insert(now);
        if answering.is_none() || now.since(since) >= FRAME_INTERVAL {
            self.others_since = None;
            return None;
        }
        answering
    }

    /// Owes it a frame.
    pub fn touch(&mut self, urgency: Urgency) {
        self.owed = self.owed.max(Some(urgency));
        self.wake.notify_one();
    }

    /// Something around its panes has changed: it is owed a frame at once, with all of that anew.
    pub fn renew(&mut self) {
        self.stale = true;
        self.touch(Urgency::AtOnce);
    }

    /// Owes it an event; the oldest go when it does not read.
    pub fn tell(&mut self, event: Event) {
        // What happens while nobody looks is no news later.
        if self.tie.is_lost() {
            return;
        }
        // Of what replaces itself only the newest is worth sending.
        match &event {
            Event::Bell => self.events.retain(|waiting| *waiting != Event::Bell),
            Event::Clipboard { .. } => self
                .events
                .retain(|waiting| !matches!(waiting, Event::Clipboard { .. })),
            Event::Notice(_) => self.drop_notices(),
            _ => {}
        }
        if self.events.len() >= MAX_EVENTS {
            self.events.remove(0);
        }
        self.events.push(event);
        self.wake.notify_one();
    }

    /// Makes room for a notice: the oldest go first, before anything else has to.
    fn drop_notices(&mut self) {
        let is_notice = |event: &Event| matches!(event, Event::Notice(_));
        if self.events.iter().filter(|event| is_notice(event)).count() >= MAX_NOTICES {
            let oldest = self.events.iter().position(is_notice);
            oldest.map(|at| self.events.remove(at));
        }
    }

    /// Sends it away with a reason.
    pub fn end(&mut self, why: &str) {
        self.ended.get_or_insert_with(|| why.to_owned());
        self.wake.notify_one();
    }

    /// Fits its place in the scrollback of `pane` to the pane's new size.
    pub fn resize_window(&mut self, pane: PaneId, hosted: &Hosted) {
        if let Some((_, window)) = self.windows.get_mut(&pane) {
            window.resize(&hosted.pane, &hosted.history);
        }
    }
}

/// What a terminal of that size leaves for panes: all but the status line, which a single row has no room for.
pub(super) fn area_within(size: Size) -> Size {
    Size::new(size.cols, if size.rows > 1 { size.rows - 1 } else { 1 })
}
