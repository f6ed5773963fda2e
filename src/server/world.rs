//! All that the server owns, and how to find one's way in it.

use super::Start;
use super::agent::Agents;
use super::clipboard::Asks;
use super::faults::Told;
use super::hosted::Hosted;
use super::hush::Hush;
use super::quota::Quota;
use super::remote::Network;
use super::viewer::Viewer;
use crate::config::Config;
use crate::disk::places::Places;
use crate::disk::sessions::SessionFiles;
use crate::disk::writer::Writer;
use crate::holder::link::HolderLink;
use crate::protocol::{Event, Guesses, PaneId, SessionId, SurfaceId, ViewerId};
use crate::session::{Sessions, Titles};
use crate::sync::Time;
use crate::term::Size;
use crate::term::palette::Rgb;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// All that the server owns.
pub(super) struct World {
    pub places: Places,
    /// The configuration as it was read last.
    pub config: Config,
    pub start: Start,
    pub started: Instant,
    /// Differs for every start.
    pub incarnation: u64,
    /// The machine's name, for the status line.
    pub host: String,
    pub sessions: Sessions,
    pub panes: BTreeMap<PaneId, Hosted>,
    pub viewers: BTreeMap<ViewerId, Viewer>,
    pub holder: Option<HolderLink>,
    /// Clients that come over the network.
    pub network: Network,
    pub writer: Writer,
    pub quota: Quota,
    /// Letters and background of the terminal that told them last.
    pub colors: Option<(Rgb, Rgb)>,
    /// What was copied last, by whomever.
    pub copied: Vec<u8>,
    /// Things to say in `wt server status`.
    pub warnings: Vec<String>,
    pub saved: Saved,
    pub leaving: Leaving,
    pub hush: Hush,
    /// What programs ask of the clients' clipboards.
    pub asks: Asks,
    /// The sockets of the clients' ssh agents.
    pub agents: Agents,
    /// Wakes the end of the server.
    pub stop: Rc<Notify>,
    /// Wakes the task that watches for silence.
    pub stirred: Rc<Notify>,
    /// How the guesses of viewers that have left turned out.
    pub guesses: Guesses,
    /// Open connections: whoever has one may be about to ask for a session.
    pub connections: usize,
    /// Counts what viewers have typed, to know who did last.
    pub typed: u64,
    next_viewer: u64,
    next_window: u64,
}

/// What stands on disk, and what wakes the tasks that write it.
#[derive(Default)]
pub(super) struct Saved {
    /// The sessions as they stand on disk.
    pub sessions: SessionFiles,
    /// Whether a client was told of those that are dead.
    pub offered: bool,
    /// Why they could not be written last time.
    pub refused: Option<String>,
    /// The panes whose viewers know that the disk refuses.
    pub told: Told,
    /// Wakes the task that writes snapshots of panes.
    pub panes_changed: Rc<Notify>,
    /// Wakes the task that writes the sessions.
    pub sessions_changed: Rc<Notify>,
}

/// Panes on their way out.
#[derive(Default)]
pub(super) struct Leaving {
    /// How many the holder has yet to let go of.
    pub owed: usize,
    /// Those whose processes have ended.
    pub gone: Vec<PaneId>,
    /// Wakes the task that sees those out.
    pub wake: Rc<Notify>,
    /// Wakes whoever waits for panes or viewers to go.
    pub emptied: Rc<Notify>,
    /// Whether the server is to end with its programs.
    pub stopping: bool,
    /// Whether it ends by itself: programs that end now are another server's business.
    pub suspended: bool,
    /// Whether it makes room for another server, to which viewers go on.
    pub restarting: bool,
    /// Whether programs are left alone from now on: what they print, and what is typed, is for the next server.
    pub still: bool,
    /// How many PTYs are being served.
    pub served: usize,
}

impl World {
    pub fn new(places: &Places, start: Start) -> Self {
        let mut world = Self {
            places: places.clone(),
            config: places.read_config().0,
            start,
            started: Instant::now(),
            incarnation: unix_ms() << 20 | u64::from(std::process::id()),
            host: super::foreground::host_name(),
            sessions: Sessions::default(),
            panes: BTreeMap::new(),
            viewers: BTreeMap::new(),
            holder: None,
            network: Network::default(),
            writer: Writer::with_keys(places.keys()),
            quota: Quota::default(),
            colors: None,
            copied: Vec::new(),
            warnings: Vec::new(),
            saved: Saved {
                sessions: SessionFiles::of(places),
                ..Saved::default()
            },
            leaving: Leaving::default(),
            hush: Hush::default(),
            asks: Asks::default(),
            agents: Agents::default(),
            stop: Rc::default(),
            stirred: Rc::default(),
            guesses: Guesses::default(),
            connections: 0,
            typed: 0,
            next_viewer: 0,
            next_window: 0,
        };
        world.seal_history();
        world
    }

    /// Milliseconds since the server started.
    pub fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    /// Reads the configuration again, and does what has changed in it; says what is wrong with it.
    pub fn read_config(&mut self) -> Vec<String> {
        let (config, problems) = self.places.read_config();
        // A file that is wrong changes nothing.
        if problems.is_empty() && config != self.config {
            let is_sealed_so = self.config.history == config.history;
            self.config = config;
            if !is_sealed_so {
                self.seal_history();
            }
            self.stirred.notify_one();
            self.quota.aging_changed.notify_one();
            let sessions: Vec<_> = self.sessions.iter().map(|session| session.id).collect();
            for session in sessions {
                self.arrange(session);
                self.touch_session(session);
            }
        }
        problems.iter().map(ToString::to_string).collect()
    }

    pub fn next_viewer(&mut self) -> ViewerId {
        self.next_viewer += 1;
        ViewerId(self.next_viewer)
    }

    pub fn next_window(&mut self) -> u64 {
        self.next_window += 1;
        self.next_window
    }

    /// Lets no other place in scrollback have that name.
    pub fn reserve_window(&mut self, surface: SurfaceId) {
        self.next_window = self.next_window.max(surface.number());
    }

    /// Keeps what was copied, to be pasted.
    pub fn copied(&mut self, bytes: Vec<u8>) {
        self.copied = bytes;
    }

    /// Wakes the viewers who see `pane`, or a tab of its session, for a frame.
    pub fn touch_pane(&mut self, pane: PaneId) {
        for viewer in self
            .viewers
            .values_mut()
            .filter(|viewer| viewer.shows(pane))
        {
            let urgency = viewer.urgency_of(pane);
            viewer.touch(urgency);
        }
    }

    /// Wakes every viewer of `session` for a frame at once: something around the panes has changed.
    pub fn touch_session(&mut self, session: SessionId) {
        self.saved.sessions_changed.notify_one();
        for viewer in self
            .viewers
            .values_mut()
            .filter(|viewer| viewer.at.session() == session)
        {
            viewer.renew();
        }
    }

    /// Leads viewers elsewhere whose tab has gone.
    pub fn mend_viewers(&mut self) {
        let mut moved = Vec::new();
        for viewer in self.viewers.values_mut() {
            let tab = viewer.at.tab();
            viewer.at.mend(&self.sessions);
            if viewer.at.tab() != tab {
                moved.push((viewer.at.session(), viewer.at.tab()));
            }
        }
        for (session, tab) in moved {
            self.look_at(session, tab);
            self.fit_all(session);
            self.arrange(session);
            self.touch_session(session);
        }
    }

    /// Tells an event to every viewer of the session that holds `pane`.
    pub fn tell(&mut self, pane: PaneId, event: &Event) {
        let Some(session) = self.sessions.of_pane(pane).map(|session| session.id) else {
            return;
        };
        for viewer in self
            .viewers
            .values_mut()
            .filter(|viewer| viewer.at.session() == session)
        {
            viewer.tell(event.clone());
        }
    }

    /// Gives every pane the size that its place in the layout has.
    pub fn arrange(&mut self, session: SessionId) {
        let Some(session) = self.sessions.get(session) else {
            return;
        };
        let titles = self.titles();
        let tabs = session.tabs.iter();
        let places: Vec<_> = tabs.flat_map(|tab| tab.places(titles, tab.focus)).collect();
        for (pane, rect) in places {
            let Some(hosted) = self.panes.get_mut(&pane) else {
                continue;
            };
            if hosted.resize(Size::new(rect.cols, rect.rows)) {
                for viewer in self.viewers.values_mut() {
                    viewer.resize_window(pane, hosted);
                }
                self.saved.panes_changed.notify_one();
            }
        }
    }

    /// Whether the panes of a tab have titles above them.
    pub fn titles(&self) -> Titles {
        match self.config.look.pane_titles {
            true => Titles::Shown,
            false => Titles::Hidden,
        }
    }

    /// How many clients are attached to `session`.
    pub fn clients_of(&self, session: SessionId) -> usize {
        self.viewers
            .values()
            .filter(|viewer| viewer.at.session() == session && viewer.is_here())
            .count()
    }

    /// Everything that is not as it should be, in words.
    pub fn all_warnings(&mut self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        warnings.extend(self.read_config());
        warnings.extend(self.network.listening.faults().iter().cloned());
        warnings.extend(self.mend_sealing());
        warnings.extend(self.writer.warning());
        warnings.extend(self.saved.refused.clone());
        warnings.extend(self.panes.values().filter_map(Hosted::warning));
        warnings.dedup();
        warnings
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
