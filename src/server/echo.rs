//! What a viewer is told of the echo of its keys: how far they have come, and what they come to. With it the viewer
//! can guess what they will do before this can be seen.

use super::foreground;
use super::hosted::{Hosted, Process};
use super::world::World;
use crate::pane::settling::{Kind, Settling, Telling};
use crate::protocol::{Echo, Ground, Guesses, PaneId, ViewerId};
use crate::sync::Time;
use crate::term::RowId;
use std::time::{Duration, Instant};

/// How long the name of a program is read again and again after it has come to the foreground: it bears its shell's
/// until it is what it is to be.
const NAME_SETTLES: Duration = Duration::from_millis(500);

/// How often it is read later.
const NAME_AGE: Duration = Duration::from_secs(1);

/// Milliseconds after which a viewer is told of what has settled if no other frame has carried it.
const TOLD_AFTER_MS: u64 = 250;

/// Milliseconds after a Return at which the terminal is looked at once more while the kernel echoes: what was started
/// may be about to ask for a password, and says nothing of it.
const LOOKS_MS: [u64; 3] = [50, 150, 350];

/// The keys of a viewer, and what it was told of them.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Bytes that it has typed and pasted.
    typed: u64,
    /// The pane that they went to last.
    pane: PaneId,
    settling: Settling,
    kernel_echoes: bool,
    /// When the last Return had settled, and how often the terminal was looked at since.
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
            ground.tty = foreground::tty(process.master.as_ref());
            ground.program = self.typing.program(process);
        }
        ground
    }

    fn kernel_echoes(&self) -> bool {
        let tty = |process: &Process| foreground::tty(process.master.as_ref());
        self.process
            .as_ref()
            .is_some_and(|process| tty(process).kernel_echoes())
    }
}

impl World {
    /// Takes note that `viewer` has sent `bytes` for `pane`, and whether that took them.
    pub fn note_keys(&mut self, viewer: ViewerId, pane: PaneId, (count, kind): (usize, Kind)) {
        let now = self.now();
        let is_written = self
            .panes
            .get(&pane)
            .is_none_or(|hosted| hosted.pane.unwritten().is_empty());
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
            keys.kernel_echoes = hosted.kernel_echoes();
            telling = keys.settling.settle(now.0, keys.kernel_echoes);
        }
        if telling == Telling::Whenever {
            keys.untold.get_or_insert(now);
        } else if is_due(keys.tells_at()) {
            telling = Telling::AtOnce;
        }
        if telling == Telling::AtOnce && keys.kernel_echoes {
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
                other.touch(crate::sync::Urgency::Paced);
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

    /// When the terminal is looked at for no other reason than that a Return went before.
    fn looks_at(&self) -> Option<Time> {
        let (at, looked) = self.turned?;
        LOOKS_MS.get(looked).map(|wait| at.after(*wait))
    }
}
