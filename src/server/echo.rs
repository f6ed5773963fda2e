//! What a viewer is told of the echo of its keys: how far they have come, and what they come to. With it the viewer
//! can guess what they will do before this can be seen.

use super::foreground;
use super::hosted::{Hosted, Process};
use super::world::World;
use crate::pane::settling::{Kind, Settling, Telling};
use crate::protocol::{Echo, Ground, Guesses, PaneId, Tty, ViewerId};
use crate::sync::{Time, Urgency};
use crate::term::RowId;
use std::time::{Duration, Instant};

/// How long the name of a program is read again and again after it has come to the foreground: it bears its shell's
/// until it is what it is to be.
const NAME_SETTLES: Duration = Duration::from_millis(500);

/// How often it is read later.
const NAME_AGE: Duration = Duration::from_secs(1);

/// Milliseconds after which a viewer is told of what has settled if no other frame has carried it.
const TOLD_AFTER_MS: u64 = 250;

/// Milliseconds after a key at which the terminal is looked at once more while the kernel echoes: what runs there may be
/// about to ask for a password, and says nothing of it.
const LOOKS_MS: [u64; 6] = [50, 150, 350, 700, 1400, 3000];

/// The keys of a viewer, and what it was told of them.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Bytes that it has typed and pasted.
    typed: u64,
    /// The pane that they went to last.
    pane: PaneId,
    settling: Settling,
    kernel_echoes: bool,
    /// When the last key had settled, and how often the terminal was looked at since.
    turned: Option<(Time, usize)>,
    told: Echo,
    /// Since when more has settled than it was told.
    untold: Option<Time>,
    guesses: Guesses,
}

/// What is known of a pane for those who type into it.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// Where the command line begins that the shell waits for, if it has said so.
    pub prompt: Option<(RowId, u16)>,
    leader: u32,
    leads_since: Option<Instant>,
    read_at: Option<Instant>,
    program: u32,
}

impl Typing {
    /// Stands for the program in the foreground.
    fn program(&mut self, process: &Process) -> u32 {
        let leader = foreground::leader(process.master.as_ref(), process.pid);
        let now = Instant::now();
        if leader != self.leader {
            (self.leader, self.leads_since, self.read_at) = (leader, Some(now), None);
        }
        let within = |since: Option<Instant>, age| since.is_some_and(|at| now - at < age);
        if within(self.leads_since, NAME_SETTLES) || !within(self.read_at, NAME_AGE) {
            self.read_at = Some(now);
            self.program = Ground::program(&foreground::name(leader), leader == process.pid);
        }
        self.program
    }
}

impl Hosted {
    fn ground(&mut self) -> Ground {
        let mut ground = Ground {
            pane: self.pane.id,
            prompt: self.typing.prompt,
            ..Ground::default()
        };
        if let Some(process) = &self.process {
            ground.tty = self.tty();
            ground.program = self.typing.program(process);
        }
        ground
    }

    /// How the terminal treats what is typed right now.
    fn tty(&self) -> Tty {
        let process = self.process.as_ref();
        process.map_or(Tty::default(), |process| {
            foreground::tty(process.master.as_ref())
        })
    }
}

impl World {
    /// Takes note that `viewer` has sent `count` bytes for `pane`, and whether that took them. One that does not know that
    /// they are hidden there is told at once: it may draw them.
    pub fn note_keys(&mut self, viewer: ViewerId, pane: PaneId, (count, kind): (usize, Kind)) {
        let now = self.now();
        let hosted = self.panes.get(&pane);
        let is_written = hosted.is_none_or(|hosted| hosted.pane.unwritten().is_empty());
        let hides = hosted.is_some_and(|hosted| hosted.tty().hides());
        let Some(viewer) = self.viewers.get_mut(&viewer) else {
            return;
        };
        let keys = &mut viewer.keys;
        if keys.pane != pane {
            (keys.pane, keys.settling) = (pane, Settling::from(keys.typed));
        }
        keys.typed += count as u64;
        keys.turned = None;
        keys.settling.typed(keys.typed, kind);
        if is_written {
            keys.settling.wrote(now.0);
        }
        let told = keys.told.ground;
        if hides && told.pane == pane && !told.tty.hides() {
            viewer.touch(Urgency::AtOnce);
        }
    }

    /// Takes note that the program in `pane` has printed something.
    pub fn note_answer(&mut self, pane: PaneId) {
        let now = self.now();
        for viewer in self.viewers.values_mut() {
            let keys = &mut viewer.keys;
            if keys.pane == pane && keys.settling.is_under_way() {
                keys.settling.printed(now.0);
            }
        }
    }

    /// Settles what is due of the keys of `viewer`; says whether it has to be told at once.
    pub fn settle_keys(&mut self, viewer: ViewerId, now: Time) -> Telling {
        let Some(keys) = self.viewers.get_mut(&viewer).map(|viewer| &mut viewer.keys) else {
            return Telling::Nothing;
        };
        let is_due = |due: Option<Time>| due.is_some_and(|due| due <= now);
        let looks = is_due(keys.looks_at());
        let pane = keys.pane;
        let Some(hosted) = self.panes.get_mut(&pane) else {
            return Telling::Nothing;
        };
        if hosted.pane.unwritten().is_empty() {
            keys.settling.wrote(now.0);
        }
        let mut telling = Telling::Nothing;
        if is_due(keys.settling.due_ms(false).map(Time)) {
            keys.kernel_echoes = hosted.tty().kernel_echoes();
            telling = keys.settling.settle(now.0, keys.kernel_echoes);
        }
        let has_settled = telling;
        if telling == Telling::Whenever {
            keys.untold.get_or_insert(now);
        } else if is_due(keys.tells_at()) {
            telling = Telling::AtOnce;
        }
        if has_settled > Telling::Nothing && keys.kernel_echoes {
            keys.turned = Some((now, 0));
        } else if looks {
            keys.turned = keys.turned.map(|(at, looked)| (at, looked + 1));
            if hosted.ground() != keys.told.ground {
                telling = Telling::AtOnce;
            }
        }
        let is_over = telling > Telling::Nothing && !keys.settling.is_under_way();
        if is_over {
            self.free_others(viewer, pane);
        }
        telling
    }

    /// When [`World::settle_keys`] has something to do for `viewer`.
    pub fn keys_settle_at(&self, viewer: ViewerId) -> Option<Time> {
        let keys = &self.viewers.get(&viewer)?.keys;
        // What went to a pane that is gone settles no more.
        self.panes.get(&keys.pane)?;
        let due = keys.settling.due_ms(keys.kernel_echoes).map(Time);
        let others = [keys.looks_at(), keys.tells_at()];
        due.into_iter().chain(others.into_iter().flatten()).min()
    }

    /// The viewer is not there: nothing more is to be seen of its keys.
    pub fn drop_keys(&mut self, viewer: ViewerId) {
        let Some(keys) = self.viewers.get_mut(&viewer).map(|viewer| &mut viewer.keys) else {
            return;
        };
        keys.settling = Settling::from(keys.typed);
        keys.turned = None;
        let pane = keys.pane;
        self.free_others(viewer, pane);
    }

    /// Lets those know who have heard that others type into `pane`.
    fn free_others(&mut self, viewer: ViewerId, pane: PaneId) {
        let others = self.viewers.iter_mut().filter(|(id, _)| **id != viewer);
        for (_, other) in others {
            if other.keys.told.others && other.keys.told.ground.pane == pane {
                other.touch(Urgency::Paced);
            }
        }
    }

    /// Takes note of how the guesses of `viewer` have turned out.
    pub fn note_guesses(&mut self, viewer: ViewerId, guesses: Guesses) {
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.keys.guesses = guesses;
        }
    }

    /// Keeps the counts of one that leaves.
    pub fn keep_guesses(&mut self, gone: &Keys) {
        self.guesses += gone.guesses;
    }

    /// How all guesses have turned out, of those who have left too.
    pub fn all_guesses(&self) -> Guesses {
        let mut all = self.guesses;
        let viewers = self.viewers.values();
        viewers.for_each(|viewer| all += viewer.keys.guesses);
        all
    }

    /// What `viewer` is told now.
    pub fn echo(&mut self, viewer: ViewerId) -> Echo {
        let Some(pane) = self
            .viewers
            .get(&viewer)
            .and_then(|viewer| viewer.focused())
        else {
            return Echo::default();
        };
        let types = |keys: &Keys| keys.pane == pane && keys.settling.is_under_way();
        let mut others = self.viewers.iter().filter(|(id, _)| **id != viewer);
        let others = others.any(|(_, other)| types(&other.keys));
        let hosted = self.panes.get_mut(&pane);
        let ground = hosted.map(Hosted::ground).unwrap_or_default();
        let Some(viewer) = self.viewers.get_mut(&viewer) else {
            return Echo::default();
        };
        let keys = &mut viewer.keys;
        let (written, settled) = match keys.pane == pane {
            true => (keys.settling.written(), keys.settling.settled()),
            false => (keys.typed, keys.typed),
        };
        let changes = keys.told.changes + u64::from(ground != keys.told.ground);
        keys.untold = None;
        keys.told = Echo {
            written,
            settled,
            others,
            ground,
            changes,
        };
        keys.told
    }
}

impl Keys {
    fn tells_at(&self) -> Option<Time> {
        self.untold.map(|since| since.after(TOLD_AFTER_MS))
    }

    /// The keys of a viewer that has typed so many bytes into another server's panes.
    pub fn after(typed: u64) -> Self {
        Self {
            typed,
            settling: Settling::from(typed),
            ..Self::default()
        }
    }

    /// How many bytes it has typed and pasted.
    pub fn typed(&self) -> u64 {
        self.typed
    }

    /// When the terminal is looked at for no other reason than that a key went before.
    fn looks_at(&self) -> Option<Time> {
        let (at, looked) = self.turned?;
        LOOKS_MS.get(looked).map(|wait| at.after(*wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::history::History;
    use crate::disk::places::{Places, Roots};
    use crate::disk::writer::Writer;
    use crate::net::Peer;
    use crate::net::watched::Watched;
    use crate::pane::{Origin, Pane};
    use crate::protocol::view::PaneBox;
    use crate::protocol::{Rect, SessionId, SurfaceId, TabId, Token};
    use crate::server::Start;
    use crate::server::returning::Tie;
    use crate::server::viewer::Viewer;
    use crate::session::Viewpoint;
    use crate::term::Size;
    use rustix::fs::{Mode, OFlags};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::rc::Rc;

    const SIZE: Size = Size { rows: 24, cols: 80 };
    const PANE: PaneId = PaneId(9);
    const VIEWER: ViewerId = ViewerId(1);

    /// A world with a viewer.
    fn world(dir: &Path) -> World {
        let roots = Roots {
            tmp: dir.to_owned(),
            config: dir.join("config"),
            state: dir.join("state"),
        };
        let places = Places::under("default", &roots).unwrap();
        let mut world = World::new(&places, Start::Auto);
        let at = Viewpoint::new(SessionId(1), TabId(1));
        let tie = Tie::new(Token::default(), Peer::Local);
        world.viewers.insert(VIEWER, Viewer::new(at, SIZE, tie));
        world
    }

    /// A pane on a terminal, and that terminal.
    fn pane(dir: &Path) -> (Hosted, OwnedFd) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).and_then(|()| unlockpt(&master)).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let terminal = rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let (history, _) = History::open(dir, &Writer::default(), None).unwrap();
        let mut hosted = Hosted::new(Pane::new(PANE, Origin::default(), SIZE), history);
        hosted.process = Some(Process {
            pid: std::process::id(),
            start_time: 0,
            master: Rc::new(Watched::new(master).unwrap()),
            wake: Rc::default(),
        });
        (hosted, terminal.unwrap())
    }

    /// Terminals are watched within a runtime.
    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    }

    fn stop_echo(terminal: &OwnedFd) {
        let mut modes = tcgetattr(terminal).unwrap();
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Now, &modes).unwrap();
    }

    #[test]
    fn a_viewer_is_told_at_once_that_its_keys_are_hidden() {
        let runtime = runtime();
        let _within = runtime.enter();
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let (mut hosted, terminal) = pane(&dir.path().join("pane"));
        let ground = hosted.ground();
        assert!(ground.tty.kernel_echoes());
        world.panes.insert(PANE, hosted);
        let viewer = world.viewers.get_mut(&VIEWER).unwrap();
        (viewer.keys.told.ground, viewer.owed) = (ground, None);

        world.note_keys(VIEWER, PANE, (1, Kind::Editing));
        assert_eq!(world.viewers[&VIEWER].owed, None);
        stop_echo(&terminal);
        world.note_keys(VIEWER, PANE, (1, Kind::Editing));
        assert_eq!(world.viewers[&VIEWER].owed, Some(Urgency::AtOnce));
    }

    #[test]
    fn a_terminal_that_stops_to_echo_in_silence_is_seen_to() {
        let runtime = runtime();
        let _within = runtime.enter();
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let (mut hosted, terminal) = pane(&dir.path().join("pane"));
        let ground = hosted.ground();
        world.panes.insert(PANE, hosted);
        let viewer = world.viewers.get_mut(&VIEWER).unwrap();
        viewer.keys.told.ground = ground;
        world.note_keys(VIEWER, PANE, (1, Kind::Editing));
        world.note_answer(PANE);
        let settled = world.now().after(400);
        assert_eq!(world.settle_keys(VIEWER, settled), Telling::Whenever);

        stop_echo(&terminal);
        let looks = world.keys_settle_at(VIEWER).unwrap();
        assert!(looks <= settled.after(50));
        assert_eq!(world.settle_keys(VIEWER, looks), Telling::AtOnce);
    }

    #[test]
    fn guesses_wait_while_anothers_keys_are_unsettled() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let (history, _) =
            History::open(&dir.path().join("pane"), &Writer::default(), None).unwrap();
        let hosted = Hosted::new(Pane::new(PANE, Origin::default(), SIZE), history);
        world.panes.insert(PANE, hosted);
        let other = ViewerId(2);
        let at = Viewpoint::new(SessionId(1), TabId(1));
        let tie = Tie::new(Token::default(), Peer::Local);
        world.viewers.insert(other, Viewer::new(at, SIZE, tie));
        for viewer in world.viewers.values_mut() {
            viewer.chrome.panes = vec![PaneBox {
                pane: PANE,
                surface: SurfaceId::live(PANE),
                area: Rect::default(),
                focused: true,
                title: String::new(),
            }];
        }
        assert!(!world.echo(VIEWER).others);
        world.note_keys(other, PANE, (1, Kind::Editing));
        assert!(world.echo(VIEWER).others && !world.echo(other).others);
        let settled = world.now().after(1000);
        world.viewers.get_mut(&VIEWER).unwrap().owed = None;
        world.settle_keys(other, settled);
        assert!(!world.echo(VIEWER).others);
        let owed = world.viewers[&VIEWER].owed;
        assert_eq!(
            owed,
            Some(Urgency::Paced),
            "it is told that it may guess again"
        );
    }

    #[test]
    fn nobody_is_woken_for_the_keys_that_ended_their_pane() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        world.note_keys(VIEWER, PANE, (1, Kind::Turning));
        assert_eq!(world.keys_settle_at(VIEWER), None);
    }
}
