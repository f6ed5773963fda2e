//! Whole conversations in virtual time: a server that shows screens and takes input, a client that types, and a bad
//! link between them, which loses, doubles and reorders packets, goes away, and ends in another address; the server is
//! restarted, and dies.
//!
//! `SEED=n` runs one conversation, `WT_SEEDS=n` that many. The whole campaign, some minutes:
//! `WT_SEEDS=10000 cargo test --release --lib protocol::simulation`.

use super::scripted::Scripted;
use super::view::{Chrome, View, ViewMark, ViewSource};
use super::{Echo, Input, InputLog, InputReceiver, PaneId, SurfaceId};
use crate::sync::wire::{Chance, Conditions, Order, Wire};
use crate::sync::{Carrier, Earlier, Endpoint, FrameNo, Handled, MIN_DATAGRAM, Outgoing};
use crate::sync::{Reliability, Time, Urgency, Way};

/// What stands between an endpoint and the wire that its packets leave by.
struct Port {
    reliability: Reliability,
    carrier: Carrier,
    wire: Wire,
    /// Streams under way, and when they will be there.
    streams: Vec<(Time, Vec<u8>)>,
    chance: Chance,
}

impl Port {
    fn new(reliability: Reliability, chance: &mut Chance) -> Self {
        let conditions = match reliability {
            Reliability::Reliable => Conditions {
                delay: chance.below(100),
                ..Conditions::default()
            },
            Reliability::Lossy => conditions(chance),
        };
        Self {
            reliability,
            carrier: Carrier::new(MIN_DATAGRAM + chance.below(1000) as usize),
            wire: Wire::new(conditions, chance.any()),
            streams: Vec::new(),
            chance: Chance::new(chance.any()),
        }
    }

    /// Says which way the packet goes.
    fn put(&mut self, packet: Vec<u8>, now: Time) -> Way {
        match self.reliability {
            Reliability::Lossy => self.carrier.put(packet),
            Reliability::Reliable => {
                self.wire.put(packet, now);
                Way::Datagrams
            }
        }
    }

    /// Sends what the carrier has, to an address where somebody hears it or nobody.
    fn send(&mut self, to: Address, now: Time) {
        while let Some(outgoing) = self.carrier.poll(now) {
            match outgoing {
                Outgoing::Datagram(bytes) if to == Address::Right => self.wire.put(bytes, now),
                Outgoing::Datagram(_) => {}
                Outgoing::Stream { bytes, earlier } => {
                    // What is superseded may have left before anybody knew.
                    if earlier == Earlier::Superseded && self.chance.permille(500) {
                        self.streams.clear();
                    }
                    let takes = 50 + self.chance.below(2_000);
                    self.streams.push((now.after(takes), bytes));
                }
            }
        }
    }

    fn cut(&mut self) {
        self.wire.cut();
        self.streams.clear();
    }

    fn next(&self) -> Option<Time> {
        let streams = self.streams.iter().map(|(at, _)| *at);
        streams
            .chain(self.wire.next())
            .chain(self.carrier.timeout())
            .min()
    }
}

/// Whether the server knows where the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    Right,
    Outdated,
}

/// The packets that have come through `from`; `to` is the port that answers.
fn arrived(from: &mut Port, to: &mut Port, now: Time) -> Vec<Vec<u8>> {
    let raw = from.wire.take(now);
    if from.reliability == Reliability::Reliable {
        return raw;
    }
    let (come, left) = std::mem::take(&mut from.streams)
        .into_iter()
        .partition(|(at, _)| *at <= now);
    from.streams = left;
    let come: Vec<(Time, Vec<u8>)> = come;
    let whole = raw.iter().filter_map(|bytes| {
        let packet = to.carrier.handle_datagram(bytes, now);
        packet.expect("a datagram of the peer's")
    });
    let mut packets = whole.collect::<Vec<_>>();
    packets.extend(come.into_iter().map(|(_, bytes)| {
        let packet = to.carrier.handle_stream(bytes, now);
        packet.expect("a stream of the peer's")
    }));
    packets
}

struct Conversation {
    reliability: Reliability,
    chance: Chance,
    up: Port,
    down: Port,
    address: Address,
    client: Endpoint<u64>,
    log: InputLog,
    view: View,
    server: Endpoint<ViewMark>,
    input: InputReceiver,
    stage: Stage,
    acked: [FrameNo; 4],
}

/// What is said, and what came of it.
struct Stage {
    typed: Vec<Input>,
    got: Vec<Input>,
    /// How many items were dropped as the server had died, and may have been got or not.
    dropped: u64,
    screens: Vec<Scripted>,
    shown: Vec<usize>,
    chrome: Chrome,
    chrome_version: u64,
}

fn conditions(chance: &mut Chance) -> Conditions {
    let outage = chance.below(2000);
    let is_slow = chance.permille(200);
    Conditions {
        loss: chance.below(501) as u32,
        burst: chance.below(6) as u32,
        doubling: chance.below(300) as u32,
        // What was changed on its way is lost: the link below opens no such packet.
        flipping: 0,
        holding: chance.below(200) as u32,
        hold: chance.below(500),
        delay: chance.below(300),
        jitter: chance.below(100),
        order: match chance.permille(300) {
            true => Order::Kept,
            false => Order::Free,
        },
        rate: if is_slow {
            8_000 + chance.below(50_000)
        } else {
            0
        },
        queue: 2_000 + chance.below(60_000),
        outages: vec![Time(outage)..Time(outage + chance.below(1500))],
    }
}

fn id(screen: usize) -> SurfaceId {
    match screen % 2 {
        0 => SurfaceId::live(PaneId(screen as u64)),
        _ => SurfaceId::scrolled(screen as u64),
    }
}

impl Stage {
    fn new() -> Self {
        let screens = [(20, 5), (30, 8), (7, 3), (120, 40)];
        Self {
            typed: Vec::new(),
            got: Vec::new(),
            dropped: 0,
            screens: screens.map(|(c, r)| Scripted::new(c, r)).into(),
            shown: vec![0],
            chrome: Chrome::default(),
            chrome_version: 1,
        }
    }

    fn source(&self) -> ViewSource<'_> {
        let surfaces = self.shown.iter();
        ViewSource {
            chrome: &self.chrome,
            chrome_version: self.chrome_version,
            echo: Echo::default(),
            surfaces: surfaces
                .map(|n| (id(*n), self.screens[*n].source()))
                .collect(),
        }
    }

    /// Whether something changed.
    fn act(&mut self, chance: &mut Chance) -> bool {
        let all = self.screens.len();
        match chance.below(1000) {
            0..80 => {
                let screen = chance.below(all as u64) as usize;
                self.screens[screen].act(chance);
            }
            80..90 => self.shown = (0..all).filter(|_| chance.permille(600)).collect(),
            90..100 => {
                // Some are so long that they go by stream.
                let len = if chance.permille(200) { 9_000 } else { 9 };
                let name = (0..chance.below(len)).map(|_| (b' ' + chance.below(90) as u8) as char);
                self.chrome.session = name.collect();
                self.chrome_version += 1;
            }
            _ => return false,
        }
        true
    }

    /// All that was typed was got, once and in order, but for what was dropped and counted.
    fn assert_got(&self) {
        let mut typed = self.typed.iter();
        let in_order = self.got.iter().all(|got| typed.any(|typed| typed == got));
        assert!(in_order, "got what was not typed, or twice");
        let lacking = self.typed.len() - self.got.len();
        assert!(lacking as u64 <= self.dropped, "{lacking} lacking");
    }
}

impl Conversation {
    fn new(seed: u64, reliability: Reliability) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            reliability,
            up: Port::new(reliability, &mut chance),
            down: Port::new(reliability, &mut chance),
            chance,
            address: Address::Right,
            client: Endpoint::new(reliability),
            log: InputLog::default(),
            view: View::default(),
            server: Endpoint::new(reliability),
            input: InputReceiver::default(),
            stage: Stage::new(),
            acked: [FrameNo(0); 4],
        }
    }

    fn act(&mut self, now: Time) {
        if self.chance.permille(60) {
            let input = Input::Bytes {
                pane: PaneId(self.chance.below(9)),
                bytes: self.stage.typed.len().to_string().into_bytes(),
            };
            self.log.push(&input);
            self.stage.typed.push(input);
            self.client.changed(Urgency::AtOnce, now);
        }
        if self.stage.act(&mut self.chance) {
            let all = [Urgency::AtOnce, Urgency::Paced, Urgency::Lazy];
            self.server.changed(all[self.chance.below(3) as usize], now);
        }
        // On a reliable link what was sent counts as delivered and is not kept: nothing to resume.
        if self.reliability == Reliability::Lossy && self.chance.permille(1) {
            self.happen(now);
        }
    }

    /// The client moves, or the server is another.
    fn happen(&mut self, now: Time) {
        match self.chance.below(4) {
            0 | 1 => {
                self.down.wire.cut();
                self.address = Address::Outdated;
                if self.chance.permille(500) {
                    self.client.path_changed(now);
                }
            }
            3 => {
                // The next server knows nothing.
                self.stage.dropped += self.log.abandon();
                self.input = InputReceiver::default();
                self.reconnect(now);
            }
            _ => {
                let mut saved = Vec::new();
                self.input.save(&mut saved);
                self.input = InputReceiver::restore(&saved).expect("what was saved");
                let resumed = self.log.resume(self.input.received());
                resumed.expect("the log's own offset");
                self.reconnect(now);
            }
        }
    }

    fn reconnect(&mut self, now: Time) {
        for port in [&mut self.up, &mut self.down] {
            port.cut();
            port.carrier = Carrier::new(MIN_DATAGRAM + self.chance.below(1000) as usize);
        }
        self.address = Address::Right;
        self.client = Endpoint::new(self.reliability);
        self.server = Endpoint::new(self.reliability);
        self.view = View::default();
        self.acked = [FrameNo(0); 4];
        self.client.changed(Urgency::AtOnce, now);
        self.server.changed(Urgency::AtOnce, now);
    }

    fn exchange(&mut self, now: Time) {
        for packet in arrived(&mut self.up, &mut self.down, now) {
            // Nothing that left before a move arrives after it: that would only make it later.
            self.address = Address::Right;
            let handled = self.server.handle(&packet, &mut self.input, now);
            if handled.expect("a packet of the client's") == Handled::Moved {
                let got = std::iter::from_fn(|| self.input.next());
                self.stage.got.extend(got);
            }
        }
        for packet in arrived(&mut self.down, &mut self.up, now) {
            let handled = self.client.handle(&packet, &mut self.view, now);
            handled.expect("a packet of the server's");
        }
        self.server.adapt(&mut self.down.carrier, now);
        let source = self.stage.source();
        while let Some(packet) = self.server.poll(&source, now) {
            if self.down.put(packet, now) == Way::Stream {
                self.server.went_by_stream(now);
            }
        }
        self.client.adapt(&mut self.up.carrier, now);
        while let Some(packet) = self.client.poll(&self.log, now) {
            if self.up.put(packet, now) == Way::Stream {
                self.client.went_by_stream(now);
            }
        }
        self.up.send(Address::Right, now);
        self.down.send(self.address, now);
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
    fn settle(&mut self, mut now: Time) {
        if self.reliability == Reliability::Lossy {
            self.up.wire.set_conditions(Conditions::default());
            self.down.wire.set_conditions(Conditions::default());
        }
        let end = now.after(600_000);
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
        self.stage.assert_got();
        assert_eq!(self.log.unacknowledged_bytes(), 0);
        assert_eq!(self.view.chrome, self.stage.chrome);
        for screen in &self.stage.shown {
            let shown = &self.view.surfaces[&id(*screen)];
            self.stage.screens[*screen].assert_shown(shown, &self.view.tables);
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
    talk.settle(Time(3000));
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
