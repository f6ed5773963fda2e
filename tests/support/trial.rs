//! Somebody types at a program over a simulated link, in virtual time: emulator, view, endpoints and carriers are the
//! real ones, the clock and the wire are not. Exact, so that tests may assert what it says.

use std::collections::VecDeque;
use wt::protocol::{Chrome, Echo, Header, Input, InputLog, InputReceiver, PaneId, SurfaceId};
use wt::protocol::{SurfaceSource, View, ViewMark, ViewSource};
use wt::sync::wire::{Chance, Conditions, Wire};
use wt::sync::{
    Carrier, Earlier, Endpoint, Handled, Mark, Outgoing, Reliability, Time, Urgency, Way,
};
use wt::term::{Emulator, Size, Version};

/// Bytes of IP, UDP and QUIC around a datagram: IPv4 20, UDP 8, short header 8, tag 16, frame 3, and two to spare.
const AROUND: u64 = 57;
/// Bytes of an acknowledgement of QUIC's in a packet that leaves anyway.
const QUIC_ACK: u64 = 5;
/// Milliseconds that QUIC holds an acknowledgement back.
const QUIC_ACK_DELAY: u64 = 170;
/// Longest datagram of a QUIC packet of 1200 bytes.
const MAX_DATAGRAM: usize = 1160;
const PANE: SurfaceId = SurfaceId(12);

/// A program in the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Echoes what is typed, and prints a prompt after each Return.
    Shell,
    /// Redraws 800 random letters at every key.
    Redraw,
    /// Scrolls by one line at every key, as vim does; so many lines at the top stand still.
    Pager(u16),
    /// Prints lines without end, 10 kB every 10 ms, until Ctrl-C.
    Flood,
}

/// One machine, and the way to the other.
pub(super) struct End<M> {
    pub endpoint: Endpoint<M>,
    pub carrier: Carrier,
    out: Wire,
    conditions: Conditions,
    chance: Chance,
    pub bytes: u64,
    pub packets: u64,
    owes_quic_ack: Option<Time>,
    streams: VecDeque<(Time, Vec<u8>)>,
}

impl<M: Mark> End<M> {
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        let mut endpoint = Endpoint::new(Reliability::Lossy);
        // As the handshake of the connection measured it.
        endpoint.expect_round_trip(2 * conditions.delay + conditions.jitter);
        Self {
            endpoint,
            carrier: Carrier::new(MAX_DATAGRAM),
            out: Wire::new(conditions.clone(), seed),
            conditions,
            chance: Chance::new(seed + 1),
            bytes: 0,
            packets: 0,
            owes_quic_ack: None,
            streams: VecDeque::new(),
        }
    }

    pub fn put(&mut self, packet: Vec<u8>, now: Time) {
        if self.carrier.put(packet) == Way::Stream {
            self.endpoint.went_by_stream(now);
        }
    }

    pub fn send(&mut self, now: Time) {
        while let Some(outgoing) = self.carrier.poll(now) {
            match outgoing {
                Outgoing::Datagram(bytes) => {
                    self.count(bytes.len() as u64);
                    // The wire counts what is around it too.
                    let around = vec![0; AROUND as usize];
                    self.out.put([around, bytes].concat(), now);
                }
                Outgoing::Stream { bytes, earlier } => {
                    if earlier == Earlier::Superseded {
                        self.streams.clear();
                    }
                    self.stream(bytes, now);
                }
            }
        }
        if self
            .owes_quic_ack
            .is_some_and(|at| now.since(at) >= QUIC_ACK_DELAY)
        {
            self.count(0);
        }
    }

    fn count(&mut self, bytes: u64) {
        self.packets += 1;
        self.bytes += AROUND + bytes;
        self.bytes += self.owes_quic_ack.take().map_or(0, |_| QUIC_ACK);
    }

    /// A stream as QUIC would repair it: each lost piece comes a timeout later.
    fn stream(&mut self, bytes: Vec<u8>, now: Time) {
        let link = self.conditions.clone();
        let (mut latest, mut takes) = (now, 0);
        for _ in 0..bytes.len().div_ceil(MAX_DATAGRAM) {
            self.count(MAX_DATAGRAM as u64);
            takes += (MAX_DATAGRAM as u64 * 1000)
                .checked_div(link.rate)
                .unwrap_or(0);
            let mut at = now.after(takes);
            while self.chance.permille(link.loss) {
                at = at.after(2 * link.delay + link.jitter + 100);
            }
            latest = latest.max(at);
        }
        self.streams.push_back((latest.after(link.delay), bytes));
    }

    /// The packets that the other end sent, `self` being the one that hears them.
    pub fn hear<N: Mark>(&mut self, from: &mut End<N>, now: Time) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        for bytes in from.out.take(now) {
            self.owes_quic_ack.get_or_insert(now);
            let packet = self.carrier.handle_datagram(&bytes[AROUND as usize..], now);
            packets.extend(packet.expect("the peer's datagram"));
        }
        while from.streams.front().is_some_and(|(at, _)| *at <= now) {
            let (_, bytes) = from.streams.pop_front().expect("the first");
            let packet = self.carrier.handle_stream(bytes, now);
            packets.push(packet.expect("the peer's stream"));
        }
        packets
    }
}

/// The server's half: a program in an emulator.
struct Stage {
    program: Program,
    emulator: Emulator,
    chrome: Chrome,
    input: InputReceiver,
    chance: Chance,
    printed: u64,
    stopped: bool,
    /// After which version each key has had its effect.
    effects: Vec<Version>,
}

impl Stage {
    fn new(program: Program, seed: u64) -> Self {
        let size = match program {
            Program::Pager(_) => Size::new(200, 50),
            _ => Size::new(80, 24),
        };
        let mut stage = Self {
            program,
            emulator: Emulator::new(size),
            chrome: Chrome::default(),
            input: InputReceiver::default(),
            chance: Chance::new(seed),
            printed: 0,
            stopped: program != Program::Flood,
            effects: Vec::new(),
        };
        stage.begin(size.rows);
        stage
    }

    fn begin(&mut self, rows: u16) {
        let Program::Pager(header) = self.program else {
            self.emulator.feed(b"$ ");
            return;
        };
        for row in 1..rows {
            let text = match row <= header {
                true => "a header that stands still".to_owned(),
                false => self.line(),
            };
            let text = format!("\x1b[{row};1H{text}");
            self.emulator.feed(text.as_bytes());
        }
    }

    /// A line as the harness's pager shows it.
    fn line(&mut self) -> String {
        self.printed += 1;
        let n = self.printed as u32;
        let item = n.wrapping_mul(2_654_435_761);
        let call = n.wrapping_mul(40_503);
        let thing = n % 97;
        format!(
            "L{n:06}  fn item_{item:x}(arg: &Thing{thing}) -> Result<(), Error> {{ call_{call:x}(arg)?; }}"
        )
    }

    fn press(&mut self, key: u8) {
        let text = match (self.program, key) {
            (_, 3) => {
                self.stopped = true;
                "^C\r\n$ ".to_owned()
            }
            (Program::Shell, b'\r') => "\r\n$ ".to_owned(),
            (Program::Shell, key) => char::from(key).to_string(),
            (Program::Redraw, _) => {
                let letters = (0..800).map(|_| char::from(b'!' + self.chance.below(90) as u8));
                let letters = letters.collect::<String>();
                format!("\x1b[H{letters}")
            }
            (Program::Pager(header), _) => self.scroll(header),
            (Program::Flood, _) => String::new(),
        };
        self.emulator.feed(text.as_bytes());
        self.emulator.take_spill();
        self.effects.push(self.emulator.version());
    }

    fn scroll(&mut self, header: u16) -> String {
        let rows = self.emulator.size().rows;
        let (top, last, line) = (header + 1, rows - 1, self.line());
        let status = self.printed;
        format!(
            "\x1b[{top};{last}r\x1b[{last};1H\n\x1b[r\x1b[{last};1H{line}\x1b[{rows};1H\x1b[7mTOP{status:06}\x1b[0m\x1b[K"
        )
    }

    fn print(&mut self, now: Time) -> bool {
        let goes_on = !self.stopped && now.0.is_multiple_of(10);
        if goes_on {
            for _ in 0..120 {
                let line = format!("{}\r\n", self.line());
                self.emulator.feed(line.as_bytes());
            }
            self.emulator.take_spill();
        }
        goes_on
    }

    fn source(&self) -> ViewSource<'_> {
        let emulator = &self.emulator;
        let header = Header {
            size: emulator.size(),
            modes: emulator.modes(),
            title: String::new(),
            palette: emulator.palette().clone(),
            scrolled: None,
            fate: String::new(),
            can_rerun: false,
        };
        let surface = SurfaceSource {
            version: emulator.version(),
            header,
            header_changed_at: emulator.header_changed_at(),
            cursor: emulator.cursor(),
            order_changed_at: emulator.order_changed_at(),
            rows: emulator.rows().collect(),
            tables: emulator.tables(),
        };
        ViewSource {
            chrome: &self.chrome,
            chrome_version: 1,
            echo: Echo::default(),
            surfaces: vec![(PANE, surface)],
        }
    }
}

/// Who types what, and when.
#[derive(Debug, Clone, Copy)]
pub struct Hand {
    /// How many keys.
    pub keys: usize,
    /// Milliseconds from one key to the next, at least and less than.
    pub gap: (u64, u64),
    /// Milliseconds more after each Return, which is every 41st key.
    pub rest: u64,
}

/// What typing cost.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Milliseconds from each key until its effect is shown.
    pub took: Vec<u64>,
    /// Bytes of IP packets, client to server and back.
    pub bytes: (u64, u64),
    /// How many packets.
    pub packets: (u64, u64),
}

impl Outcome {
    /// The time that so many of a hundred keys took at most.
    pub fn percentile(&self, percent: usize) -> u64 {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
    }

    /// Adds what another trial came to.
    pub fn add(&mut self, other: Outcome) {
        self.took.extend(other.took);
        self.bytes.0 += other.bytes.0;
        self.bytes.1 += other.bytes.1;
        self.packets.0 += other.packets.0;
        self.packets.1 += other.packets.1;
    }
}

struct Trial {
    client: End<u64>,
    server: End<ViewMark>,
    stage: Stage,
    log: InputLog,
    view: View,
    /// Bytes that are due to be written to the program, as a shell takes two milliseconds to answer.
    pressed: VecDeque<(Time, u8)>,
    typed_at: Vec<Time>,
    outcome: Outcome,
}

/// Types at a program over a link that is as bad in both directions.
pub fn type_at(program: Program, link: &Conditions, hand: Hand, seed: u64) -> Outcome {
    let mut trial = Trial {
        client: End::new(link.clone(), seed * 10),
        server: End::new(link.clone(), seed * 10 + 5),
        stage: Stage::new(program, seed),
        log: InputLog::default(),
        view: View::default(),
        pressed: VecDeque::new(),
        typed_at: Vec::new(),
        outcome: Outcome::default(),
    };
    trial.server.endpoint.changed(Urgency::AtOnce, Time(0));
    trial.run(hand, &mut Chance::new(seed));
    trial.outcome
}

impl Trial {
    fn run(&mut self, hand: Hand, chance: &mut Chance) {
        let (mut next_key, mut end) = (Time(3000), None);
        for now in (0..100_000_000).map(Time) {
            if now == next_key && self.typed_at.len() < hand.keys {
                let count = self.typed_at.len() as u64 + 1;
                let is_return = count.is_multiple_of(41);
                self.press(
                    if is_return {
                        b'\r'
                    } else {
                        b'a' + (count % 26) as u8
                    },
                    now,
                );
                let rest = if is_return { hand.rest } else { 0 };
                next_key = now.after(rest + hand.gap.0 + chance.below(hand.gap.1 - hand.gap.0));
            }
            if now == Time(2999) {
                // What attaching cost is another matter.
                (self.client.bytes, self.server.bytes) = (0, 0);
                (self.client.packets, self.server.packets) = (0, 0);
            }
            self.step(now);
            if self.outcome.took.len() == hand.keys && now >= *end.get_or_insert(now.after(1000)) {
                self.outcome.bytes = (self.client.bytes, self.server.bytes);
                self.outcome.packets = (self.client.packets, self.server.packets);
                return;
            }
        }
        panic!("never shown");
    }

    fn press(&mut self, key: u8, now: Time) {
        let key = if self.stage.program == Program::Flood {
            3
        } else {
            key
        };
        self.typed_at.push(now);
        self.log.push(&Input::Bytes {
            pane: PaneId(1),
            bytes: vec![key],
        });
        self.client.endpoint.changed(Urgency::AtOnce, now);
    }

    fn step(&mut self, now: Time) {
        for packet in self.server.hear(&mut self.client, now) {
            let handled = self
                .server
                .endpoint
                .handle(&packet, &mut self.stage.input, now);
            if handled.expect("the client's") == Handled::Moved {
                while let Some(Input::Bytes { bytes, .. }) = self.stage.input.next() {
                    self.pressed
                        .extend(bytes.iter().map(|key| (now.after(2), *key)));
                }
            }
        }
        while self.pressed.front().is_some_and(|(at, _)| *at <= now) {
            let (_, key) = self.pressed.pop_front().expect("the first");
            self.stage.press(key);
            self.server.endpoint.changed(Urgency::Answer, now);
        }
        if self.stage.print(now) {
            self.server.endpoint.changed(Urgency::Paced, now);
        }
        for packet in self.client.hear(&mut self.server, now) {
            let handled = self.client.endpoint.handle(&packet, &mut self.view, now);
            handled.expect("the server's");
        }
        self.measure(now);
        self.send(now);
    }

    fn measure(&mut self, now: Time) {
        let Some(shown) = self.view.surfaces.get(&PANE) else {
            return;
        };
        let effects = self.stage.effects.iter().skip(self.outcome.took.len());
        let settled = effects.take_while(|version| **version <= shown.version);
        for _ in 0..settled.count() {
            let typed_at = self.typed_at[self.outcome.took.len()];
            self.outcome.took.push(now.since(typed_at));
        }
    }

    fn send(&mut self, now: Time) {
        let Self { client, server, .. } = self;
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        client.endpoint.adapt(&mut client.carrier, now);
        while is_due(client.endpoint.timeout()) {
            let Some(packet) = client.endpoint.poll(&self.log, now) else {
                break;
            };
            client.put(packet, now);
        }
        self.log
            .forget(client.endpoint.acked_mark().copied().unwrap_or(0));
        client.send(now);
        server.endpoint.adapt(&mut server.carrier, now);
        while is_due(server.endpoint.timeout()) {
            let Some(packet) = server.endpoint.poll(&self.stage.source(), now) else {
                break;
            };
            server.put(packet, now);
        }
        server.send(now);
    }
}
