//! What somebody who types costs on the wire: real endpoints over real sockets, and a link that takes its time.

use super::*;
use crate::protocol::{Input, InputLog, InputReceiver, PaneId};
use crate::sync::wire::Chance;
use crate::sync::{Endpoint, FrameNo, Handled, Mark, Replica, Source, Time, Urgency};
use crate::varint::Malformed;
use anyhow::anyhow;
use std::cell::Cell;
use std::time::Instant;

/// How many keys are typed at leisure, so that the round trip is known well, and how many are counted then.
const FIRST: u64 = 8;
const COUNTED: u64 = 25;

/// From one key to the next: first so long that nothing rides along, then longer than two round trips, after which QUIC
/// alone would wait no more.
const LEISURE: Duration = Duration::from_millis(400);
const GAP: Duration = Duration::from_millis(140);
const ROUND_TRIP: u32 = 50;

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

/// One end of a conversation.
struct End<M> {
    link: Link,
    endpoint: Endpoint<M>,
    started: Instant,
}

impl<M: Mark> End<M> {
    fn new(link: Link) -> Self {
        Self {
            link,
            endpoint: Endpoint::new(Reliability::Lossy),
            started: Instant::now(),
        }
    }

    fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    fn changed(&mut self) {
        let now = self.now();
        self.endpoint.changed(Urgency::AtOnce, now);
    }

    /// Sends what is due, and waits for a packet, or until more is due.
    async fn turn(
        &mut self,
        source: &impl Source<Mark = M>,
        replica: &mut impl Replica,
    ) -> Result<Handled> {
        let now = self.now();
        self.link.adapt(&mut self.endpoint, now);
        if self.link.is_clear()
            && let Some(packet) = self.endpoint.poll(source, now)
        {
            assert_eq!(self.link.queue_packet(packet), Way::Datagrams);
            self.link.try_flush()?;
        }
        let due = self.endpoint.timeout().filter(|_| self.link.is_clear());
        let due = due.map(|due| self.started + Duration::from_millis(due.0));
        let due = due.unwrap_or(Instant::now() + Duration::from_secs(1));
        let ready = tokio::select! {
            biased;
            ready = self.link.ready() => ready?,
            () = tokio::time::sleep_until(due.into()) => Ready::Clear,
        };
        match ready {
            Ready::Message(Message::Packet(packet)) => {
                let now = self.now();
                Ok(self.endpoint.handle(&packet, replica, now)?)
            }
            _ => Ok(Handled::Unmoved),
        }
    }

    /// Packets and bytes of them that left.
    fn sent(&self) -> (u64, u64) {
        let connection = self.link.connection().expect("one over the network");
        let sent = connection.inner().stats().udp_tx;
        (sent.datagrams, sent.bytes + HEADS * sent.datagrams)
    }
}

async fn serve(mut end: End<u64>, sent: &Cell<(u64, u64)>) -> Result<()> {
    let (mut screen, mut inputs) = (Screen(0), InputReceiver::default());
    loop {
        sent.set(end.sent());
        if end.turn(&screen, &mut inputs).await? == Handled::Moved {
            screen.0 += std::iter::from_fn(|| inputs.next()).count() as u64;
            end.changed();
        }
    }
}

async fn press(end: &mut End<u64>, log: &mut InputLog, gap: Duration) -> Result<()> {
    log.push(&Input::Bytes {
        pane: PaneId(1),
        bytes: b"j".to_vec(),
    });
    end.changed();
    let next = Instant::now() + gap;
    while Instant::now() < next {
        let rest = next.saturating_duration_since(Instant::now());
        if let Ok(turned) = tokio::time::timeout(rest, end.turn(log, &mut Shown)).await {
            turned?;
        }
        log.forget(end.endpoint.acked_mark().copied().unwrap_or(0));
    }
    Ok(())
}

/// Packets and bytes for each key, both ways.
async fn cost() -> Result<(f64, f64)> {
    let (listener, address) = listener()?;
    let network = simulate::Network::new(format!("rtt={ROUND_TRIP}").parse()?);
    let (own, addresses) = (key(CLIENT), [network.before(address)?]);
    let expected = vec![key(SERVER).public()];
    let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
    let (client, server) = conversation(&client?, &server?).await?;
    let (client, down) = (End::new(client), Cell::default());
    tokio::select! {
        cost = type_at(client, &down) => cost,
        served = serve(End::new(server), &down) => served.and(Err(anyhow!("no server"))),
    }
}

async fn type_at(mut end: End<u64>, down: &Cell<(u64, u64)>) -> Result<(f64, f64)> {
    let mut log = InputLog::default();
    for _ in 0..FIRST {
        press(&mut end, &mut log, LEISURE).await?;
    }
    let before = [end.sent(), down.get()];
    for _ in 0..COUNTED {
        press(&mut end, &mut log, GAP).await?;
    }
    let after = [end.sent(), down.get()];
    let grown = |of: fn((u64, u64)) -> u64| {
        let all = after.map(of).iter().sum::<u64>() - before.map(of).iter().sum::<u64>();
        all as f64 / COUNTED as f64
    };
    Ok((grown(|sent| sent.0), grown(|sent| sent.1)))
}

#[test]
fn a_key_costs_its_packet_and_that_of_its_answer() {
    run(async {
        let (packets, bytes) = cost().await?;
        assert!(
            packets < 2.4 && bytes < 240.0,
            "{packets} packets, {bytes} bytes"
        );
        Ok(())
    });
}
