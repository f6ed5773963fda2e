//! Whole conversations in virtual time: a server that shows screens and takes input, a client that types, and a bad
//! link between them. `SEED=n` runs one; `WT_SEEDS=n` runs that many.

use super::scripted::Scripted;
use super::view::{Chrome, View, ViewMark, ViewSource};
use super::{Echo, Input, InputLog, InputReceiver, PaneId, SurfaceId};
use crate::sync::wire::{Chance, Conditions, Wire};
use crate::sync::{Endpoint, FrameNo, Handled, Reliability, Time, Urgency};

struct Conversation {
    chance: Chance,
    up: Wire,
    down: Wire,
    client: Endpoint<u64>,
    log: InputLog,
    view: View,
    typed: Vec<Input>,
    server: Endpoint<ViewMark>,
    input: InputReceiver,
    got: Vec<Input>,
    screens: Vec<Scripted>,
    shown: Vec<usize>,
    chrome: Chrome,
    chrome_version: u64,
    acked: [FrameNo; 4],
}

fn conditions(chance: &mut Chance) -> Conditions {
    let outage = chance.below(2000);
    Conditions {
        loss: chance.below(501) as u32,
        doubling: chance.below(300) as u32,
        holding: chance.below(200) as u32,
        hold: chance.below(500),
        delay: chance.below(300),
        jitter: chance.below(100),
        outages: vec![Time(outage)..Time(outage + chance.below(1500))],
    }
}

fn id(screen: usize) -> SurfaceId {
    match screen % 2 {
        0 => SurfaceId::live(PaneId(screen as u64)),
        _ => SurfaceId::scrolled(screen as u64),
    }
}

impl Conversation {
    fn new(seed: u64, reliability: Reliability) -> Self {
        let mut chance = Chance::new(seed);
        let wire = |chance: &mut Chance| {
            let conditions = match reliability {
                Reliability::Reliable => Conditions {
                    delay: chance.below(100),
                    ..Conditions::default()
                },
                Reliability::Lossy => conditions(chance),
            };
            Wire::new(conditions, chance.any())
        };
        let screens = [(20, 5), (30, 8), (7, 3)];
        Self {
            up: wire(&mut chance),
            down: wire(&mut chance),
            chance,
            client: Endpoint::new(reliability),
            log: InputLog::default(),
            view: View::default(),
            typed: Vec::new(),
            server: Endpoint::new(reliability),
            input: InputReceiver::default(),
            got: Vec::new(),
            screens: screens.map(|(c, r)| Scripted::new(c, r)).into(),
            shown: vec![0],
            chrome: Chrome::default(),
            chrome_version: 1,
            acked: [FrameNo(0); 4],
        }
    }

    fn act(&mut self, now: Time) {
        if self.chance.permille(60) {
            let input = Input::Bytes {
                pane: PaneId(self.chance.below(9)),
                bytes: self.typed.len().to_string().into_bytes(),
            };
            self.log.push(&input);
            self.typed.push(input);
            self.client.changed(Urgency::AtOnce, now);
        }
        let before = self.chance.below(1000);
        if before < 80 {
            let screen = self.chance.below(3) as usize;
            self.screens[screen].act(&mut self.chance);
        } else if before < 90 {
            self.shown = (0..3).filter(|_| self.chance.permille(600)).collect();
        } else if before < 100 {
            self.chrome.session = format!("session {}", self.chance.below(5));
            self.chrome_version += 1;
        } else {
            return;
        }
        let urgency = match self.chance.permille(500) {
            true => Urgency::AtOnce,
            false => Urgency::Paced,
        };
        self.server.changed(urgency, now);
    }

    fn exchange(&mut self, now: Time) {
        for packet in self.up.take(now) {
            let handled = self.server.handle(&packet, &mut self.input, now);
            if handled.expect("a packet of the client's") == Handled::Moved {
                self.got.extend(std::iter::from_fn(|| self.input.next()));
            }
        }
        for packet in self.down.take(now) {
            let handled = self.client.handle(&packet, &mut self.view, now);
            handled.expect("a packet of the server's");
        }
        let surfaces = self
            .shown
            .iter()
            .map(|n| (id(*n), self.screens[*n].source()));
        let source = ViewSource {
            chrome: &self.chrome,
            chrome_version: self.chrome_version,
            echo: Echo::default(),
            surfaces: surfaces.collect(),
        };
        while let Some(packet) = self.server.poll(&source, now) {
            self.down.put(packet, now);
        }
        while let Some(packet) = self.client.poll(&self.log, now) {
            self.up.put(packet, now);
        }
        self.log
            .forget(self.client.acked_mark().copied().unwrap_or(0));
        let acked = [
            self.server.acked(),
            self.server.confirmed(),
            self.client.acked(),
            self.client.received(),
        ];
        assert!(acked.iter().zip(&self.acked).all(|(now, then)| now >= then));
        self.acked = acked;
    }

    /// Goes on until nothing is under way and nobody has a timer.
    fn settle(&mut self, reliability: Reliability, mut now: Time) {
        if reliability == Reliability::Lossy {
            self.up.set_conditions(Conditions::default());
            self.down.set_conditions(Conditions::default());
        }
        let end = now.after(60_000);
        loop {
            self.exchange(now);
            let timers = [self.server.timeout(), self.client.timeout()];
            let arrivals = [self.up.next(), self.down.next()];
            let Some(next) = timers.into_iter().chain(arrivals).flatten().min() else {
                return;
            };
            assert!(next < end, "still talking at {next:?}");
            now = next.max(now);
        }
    }

    fn assert_equal(&self) {
        assert_eq!(self.got, self.typed);
        assert_eq!(self.log.unacknowledged_bytes(), 0);
        assert_eq!(self.view.chrome, self.chrome);
        for screen in &self.shown {
            let shown = &self.view.surfaces[&id(*screen)];
            self.screens[*screen].assert_shown(shown, &self.view.tables);
        }
    }
}

fn converse(seed: u64, reliability: Reliability) {
    let mut talk = Conversation::new(seed, reliability);
    talk.server.changed(Urgency::AtOnce, Time(0));
    for now in (0..3000).map(Time) {
        talk.act(now);
        talk.exchange(now);
    }
    talk.settle(reliability, Time(3000));
    talk.assert_equal();
}

pub(super) fn each_seed(default: u64, run: impl Fn(u64) + std::panic::RefUnwindSafe) {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("WT_SEEDS").unwrap_or(default),
    };
    for seed in seeds {
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            eprintln!("SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn both_sides_come_to_agree_over_a_bad_link() {
    each_seed(200, |seed| converse(seed, Reliability::Lossy));
}

#[test]
fn both_sides_come_to_agree_over_a_reliable_link() {
    each_seed(50, |seed| converse(seed, Reliability::Reliable));
}
