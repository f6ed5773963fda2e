//! What somebody who types costs on the wire: the ends of a conversation and of its connection as they are, in virtual
//! time.

use super::controller::Interactive;
use super::*;
use crate::protocol::{Input, InputLog, InputReceiver, PaneId};
use crate::sync::wire::Chance;
use crate::sync::{
    Carrier, Endpoint, FrameNo, Handled, Mark, Outgoing, Replica, Source, Time, Urgency,
};
use crate::varint::Malformed;
use quinn_proto::{ConnectionHandle, DatagramEvent, Side};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// How many keys are typed at leisure, so that the round trip is known well, and how many are counted then.
const FIRST: u64 = 8;
const COUNTED: u64 = 25;

/// From one key to the next: first so long that nothing rides along, then longer than two round trips, after which QUIC
/// alone would wait no more.
const LEISURE: u64 = 400;
const GAP: u64 = 140;
const ROUND_TRIP: u64 = 50;

/// How long the handshake is given.
const HANDSHAKE: u64 = 500;

/// Bytes that IPv4 and UDP put before a packet.
const HEADS: u64 = 28;

/// A screen that says how many keys have come, in as many bytes as a pager's next line takes.
struct Screen(u64);

impl Source for Screen {
    type Mark = u64;

    fn mark(&self) -> u64 {
        self.0
    }

    fn diff(&self, base: Option<&u64>, out: &mut Vec<u8>) {
        for line in base.copied().unwrap_or(0)..self.0 {
            let mut chance = Chance::new(line);
            out.extend((0..70).map(|_| chance.any() as u8));
        }
    }
}

/// Takes whatever it is shown.
struct Shown;

impl Replica for Shown {
    fn apply(&mut self, _: FrameNo, _: FrameNo, _: &[u8]) -> Result<(), Malformed> {
        Ok(())
    }
}

/// One end of a connection.
struct Node {
    endpoint: quinn_proto::Endpoint,
    connection: Option<(ConnectionHandle, quinn_proto::Connection)>,
    /// Where the other one is.
    peer: SocketAddr,
    /// What is on its way here, and when it arrives.
    coming: VecDeque<(Time, Vec<u8>)>,
    /// Packets and bytes of them that left.
    sent: (u64, u64),
    /// When virtual time began.
    started: Instant,
}

impl Node {
    fn server(started: Instant) -> Result<Self> {
        let own = key(SERVER);
        let mut config = tls::server(&own)?;
        config.transport_config(Arc::new(transport(Side::Server)));
        let endpoint = Arc::new(settings::server_endpoint(&own));
        let config = Some(Arc::new(config));
        Ok(Self {
            endpoint: quinn_proto::Endpoint::new(endpoint, config, false, Some([2; 32])),
            connection: None,
            peer: address(CLIENT),
            coming: VecDeque::new(),
            sent: (0, 0),
            started,
        })
    }

    fn client(started: Instant) -> Result<Self> {
        let expected = tls::Expected::OneOf(vec![key(SERVER).public()]);
        let mut config = tls::client(&key(CLIENT), expected)?;
        config.transport_config(Arc::new(transport(Side::Client)));
        let own = Arc::new(settings::client_endpoint());
        let mut endpoint = quinn_proto::Endpoint::new(own, None, false, Some([1; 32]));
        let peer = address(SERVER);
        let connection = endpoint.connect(started, config, peer, tls::SERVER_NAME)?;
        Ok(Self {
            endpoint,
            connection: Some(connection),
            peer,
            coming: VecDeque::new(),
            sent: (0, 0),
            started,
        })
    }

    fn at(&self, now: Time) -> Instant {
        self.started + Duration::from_millis(now.0)
    }

    /// Takes in what has arrived, and does what is due.
    fn hear(&mut self, now: Time) -> Result<()> {
        let at = self.at(now);
        while let Some((_, packet)) = self.coming.pop_front_if(|(due, _)| *due <= now) {
            let (peer, mut answer) = (self.peer, Vec::new());
            let packet = packet.as_slice().into();
            let heard = self
                .endpoint
                .handle(at, peer, None, None, packet, &mut answer);
            match heard {
                Some(DatagramEvent::NewConnection(incoming)) => {
                    let accepted = self.endpoint.accept(incoming, at, &mut answer, None);
                    self.connection = Some(accepted.ok().context("a connection")?);
                }
                Some(DatagramEvent::ConnectionEvent(_, event)) => {
                    let (_, connection) = self.connection.as_mut().context("a connection")?;
                    connection.handle_event(event);
                }
                Some(DatagramEvent::Response(_)) => bail!("an answer to nobody it knows"),
                None => {}
            }
        }
        if let Some((_, connection)) = &mut self.connection
            && connection.poll_timeout().is_some_and(|due| due <= at)
        {
            connection.handle_timeout(at);
        }
        Ok(())
    }

    /// Sends what it has to send, which arrives at `other`.
    fn send(&mut self, other: &mut Self, now: Time) {
        let at = self.at(now);
        let Some((handle, connection)) = &mut self.connection else {
            return;
        };
        while connection.poll().is_some() {}
        while let Some(event) = connection.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                connection.handle_event(event);
            }
        }
        let mut packet = Vec::new();
        while connection.poll_transmit(at, 1, &mut packet).is_some() {
            self.sent.0 += 1;
            self.sent.1 += HEADS + packet.len() as u64;
            let arrives = now.after(ROUND_TRIP / 2);
            other
                .coming
                .push_back((arrives, std::mem::take(&mut packet)));
        }
    }
}

fn address(node: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, node], 60_001))
}

fn transport(side: Side) -> quinn_proto::TransportConfig {
    settings::transport(side, Interactive::default())
}

/// One end of a conversation.
struct End<M> {
    node: Node,
    endpoint: Endpoint<M>,
    carrier: Carrier,
}

impl<M: Mark> End<M> {
    fn new(node: Node) -> Self {
        Self {
            node,
            endpoint: Endpoint::new(Reliability::Lossy),
            carrier: Carrier::new(1000),
        }
    }

    /// Takes in what has arrived.
    fn hear(&mut self, replica: &mut impl Replica, now: Time) -> Result<Handled> {
        self.node.hear(now)?;
        let mut handled = Handled::Unmoved;
        let Some((_, connection)) = &mut self.node.connection else {
            return Ok(handled);
        };
        while let Some(datagram) = connection.datagrams().recv() {
            if let Some(packet) = self.carrier.handle_datagram(&datagram[1..], now)?
                && self.endpoint.handle(&packet, replica, now)? == Handled::Moved
            {
                handled = Handled::Moved;
            }
        }
        Ok(handled)
    }

    /// Sends what is due.
    fn send(&mut self, source: &impl Source<Mark = M>, other: &mut Node, now: Time) -> Result<()> {
        self.endpoint.expect_round_trip(ROUND_TRIP);
        self.endpoint.adapt(&mut self.carrier, now);
        if let Some(packet) = self.endpoint.poll(source, now) {
            assert_eq!(self.carrier.put(packet), Way::Datagrams);
        }
        while let Some(outgoing) = self.carrier.poll(now) {
            let Outgoing::Datagram(bytes) = outgoing else {
                bail!("too long for a datagram");
            };
            let mut named = connection::name(0);
            named.extend_from_slice(&bytes);
            let (_, connection) = self.node.connection.as_mut().context("a connection")?;
            connection.datagrams().send(named.into(), false)?;
        }
        self.node.send(other, now);
        Ok(())
    }
}

/// Somebody who types, and what answers.
struct Desk {
    client: End<u64>,
    log: InputLog,
    server: End<u64>,
    screen: Screen,
    inputs: InputReceiver,
    now: Time,
}

impl Desk {
    fn new() -> Result<Self> {
        let started = Instant::now();
        let mut desk = Self {
            client: End::new(Node::client(started)?),
            log: InputLog::default(),
            server: End::new(Node::server(started)?),
            screen: Screen(0),
            inputs: InputReceiver::default(),
            now: Time(0),
        };
        desk.wait(HANDSHAKE)?;
        Ok(desk)
    }

    fn press(&mut self) {
        self.log.push(&Input::Bytes {
            pane: PaneId(1),
            bytes: b"j".to_vec(),
        });
        self.client.endpoint.changed(Urgency::AtOnce, self.now);
    }

    fn wait(&mut self, ms: u64) -> Result<()> {
        for _ in 0..ms {
            let now = self.now;
            self.client.hear(&mut Shown, now)?;
            let acked = self.client.endpoint.acked_mark();
            self.log.forget(acked.copied().unwrap_or(0));
            self.client.send(&self.log, &mut self.server.node, now)?;
            if self.server.hear(&mut self.inputs, now)? == Handled::Moved {
                self.screen.0 += std::iter::from_fn(|| self.inputs.next()).count() as u64;
                self.server.endpoint.changed(Urgency::Answer, now);
            }
            self.server.send(&self.screen, &mut self.client.node, now)?;
            self.now = now.after(1);
        }
        Ok(())
    }

    /// Packets and bytes of them that left, both ways.
    fn sent(&self) -> [u64; 2] {
        let (up, down) = (self.client.node.sent, self.server.node.sent);
        [up.0 + down.0, up.1 + down.1]
    }
}

#[test]
fn a_key_costs_its_packet_and_that_of_its_answer() -> Result<()> {
    let mut desk = Desk::new()?;
    for _ in 0..FIRST {
        desk.press();
        desk.wait(LEISURE)?;
    }
    let before = desk.sent();
    for _ in 0..COUNTED {
        desk.press();
        desk.wait(GAP)?;
    }
    let after = desk.sent();
    assert_eq!(desk.screen.0, FIRST + COUNTED, "all of it has come");
    let cost = |of: usize| (after[of] - before[of]) as f64 / COUNTED as f64;
    let (packets, bytes) = (cost(0), cost(1));
    assert!(
        packets < 2.2 && bytes < 240.0,
        "{packets} packets, {bytes} bytes"
    );
    Ok(())
}
