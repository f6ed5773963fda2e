//! A bad network between a client and its servers, in real time, so that anybody can feel one: what passes goes through
//! the wires that the tests use.

use crate::sync::wire::Wire;
use crate::sync::{Profile, Time};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket as Socket;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::{JoinHandle, LocalSet};

/// Longest packet that passes.
const MAX_PACKET: usize = 2048;

/// What a wire's chances follow from: the same packets meet the same fate each time.
const SEED: u64 = 1;

/// Most ports of clients that packets are carried for; the one that was heard first makes room.
const MAX_CLIENTS: usize = 16;

/// Most packets that have come from servers and wait to be put on a wire; others are lost.
const MAX_WAITING: usize = 256;

/// A network that is as bad as its profile says. Clones are the same network: it began when the first was made.
#[derive(Debug, Clone)]
pub struct Network {
    profile: Arc<Profile>,
    started: Instant,
    entries: Arc<Mutex<BTreeMap<SocketAddr, SocketAddr>>>,
}

impl Network {
    /// A network that begins now.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile: Arc::new(profile),
            started: Instant::now(),
            entries: Arc::default(),
        }
    }

    /// The address of this machine that leads to `server` through the network, until the process ends: the same each
    /// time.
    pub fn before(&self, server: SocketAddr) -> Result<SocketAddr> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&server) {
            return Ok(*entry);
        }
        let entry = self.lead_to(server).context("simulating a network")?;
        entries.insert(server, entry);
        Ok(entry)
    }

    /// The server that `entry` leads to.
    pub fn behind(&self, entry: SocketAddr) -> Option<SocketAddr> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let leads_there = |(_, known): &(&SocketAddr, &SocketAddr)| **known == entry;
        entries.iter().find(leads_there).map(|(server, _)| *server)
    }

    fn lead_to(&self, server: SocketAddr) -> Result<SocketAddr> {
        let near = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let entry = near.local_addr()?;
        let (profile, started) = (Profile::clone(&self.profile), self.started);
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            LocalSet::new().block_on(&runtime, async {
                let near = Socket::from_std(near)?;
                Simulated::new((near, server), profile, started).run().await
            })
        };
        let thread = std::thread::Builder::new().name("simulated network".to_owned());
        thread.spawn(move || {
            if let Err(error) = run() {
                tracing::warn!(%error, "the simulated network is gone");
            }
        })?;
        Ok(entry)
    }
}

fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A packet, and the client's port that it came from or goes to.
#[derive(Debug, Clone)]
struct Packet {
    client: SocketAddr,
    bytes: Vec<u8>,
}

impl AsRef<[u8]> for Packet {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsMut<[u8]> for Packet {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// The way to one server.
struct Simulated {
    near: Socket,
    server: SocketAddr,
    up: Wire<Packet>,
    down: Wire<Packet>,
    /// When the clients come to be elsewhere.
    moves: VecDeque<Time>,
    clients: VecDeque<Client>,
    started: Instant,
}

/// A port of a client, as the server sees it.
struct Client {
    at: SocketAddr,
    far: Rc<Socket>,
    hearing: JoinHandle<()>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

impl Client {
    fn new(at: SocketAddr, server: SocketAddr, heard: Sender<Packet>) -> std::io::Result<Self> {
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let far = bind(any)?;
        far.connect(server)?;
        let far = Rc::new(Socket::from_std(far)?);
        let hearing = tokio::task::spawn_local(hear(at, far.clone(), heard));
        Ok(Self { at, far, hearing })
    }
}

/// Brings what the server says to that client's port.
async fn hear(client: SocketAddr, far: Rc<Socket>, heard: Sender<Packet>) {
    let mut buffer = [0; MAX_PACKET];
    loop {
        // What the system says of an earlier packet is no end of the network.
        if let Ok(len) = far.recv(&mut buffer).await {
            let bytes = buffer[..len].to_vec();
            let _ = heard.try_send(Packet { client, bytes });
        }
    }
}

impl Simulated {
    fn new((near, server): (Socket, SocketAddr), profile: Profile, started: Instant) -> Self {
        Self {
            near,
            server,
            up: Wire::new(profile.up, SEED),
            down: Wire::new(profile.down, SEED + 1),
            moves: profile.moves.into(),
            clients: VecDeque::new(),
            started,
        }
    }

    async fn run(mut self) -> Result<()> {
        let mut buffer = [0; MAX_PACKET];
        let (heard, mut from_server) = channel(MAX_WAITING);
        loop {
            let moves = self.moves.front().copied();
            let next = [self.up.next(), self.down.next(), moves];
            let next = next.into_iter().flatten().min();
            let next = next.map(|at| self.started + Duration::from_millis(at.0));
            tokio::select! {
                came = self.near.recv_from(&mut buffer) => {
                    if let Ok((len, client)) = came {
                        let bytes = buffer[..len].to_vec();
                        let now = self.now();
                        self.up.put(Packet { client, bytes }, now);
                    }
                }
                packet = from_server.recv() => {
                    if let Some(packet) = packet {
                        let now = self.now();
                        self.down.put(packet, now);
                    }
                }
                () = sleep_until(next) => {}
            }
            self.move_clients();
            self.pass_on(&heard).await;
        }
    }

    fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    /// Lets the server see the clients at other ports from now on; what is on its way to the old ones is lost.
    fn move_clients(&mut self) {
        let now = self.now();
        while self.moves.front().is_some_and(|at| *at <= now) {
            self.moves.pop_front();
            self.clients.clear();
            self.down.cut();
        }
    }

    /// Sends what has been under way for long enough. A packet that the system does not take is lost.
    async fn pass_on(&mut self, heard: &Sender<Packet>) {
        let now = self.now();
        for packet in self.up.take(now) {
            if let Ok(far) = self.far_of(packet.client, heard) {
                let _ = far.send(&packet.bytes).await;
            }
        }
        for packet in self.down.take(now) {
            let _ = self.near.send_to(&packet.bytes, packet.client).await;
        }
    }

    /// The socket by which the server sees that client's port.
    fn far_of(&mut self, at: SocketAddr, heard: &Sender<Packet>) -> std::io::Result<Rc<Socket>> {
        if let Some(client) = self.clients.iter().find(|client| client.at == at) {
            return Ok(client.far.clone());
        }
        if self.clients.len() >= MAX_CLIENTS {
            self.clients.pop_front();
        }
        let client = Client::new(at, self.server, heard.clone())?;
        let far = client.far.clone();
        self.clients.push_back(client);
        Ok(far)
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::wire::Conditions;

    const DEADLINE: Duration = Duration::from_secs(20);

    fn socket() -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket
    }

    fn network(link: &str) -> Network {
        Network::new(link.parse().unwrap())
    }

    /// What came, and from where.
    fn next(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut bytes = [0; 10];
        let (len, from) = socket.recv_from(&mut bytes).unwrap();
        (bytes[..len].to_vec(), from)
    }

    #[test]
    fn packets_take_the_time_of_each_way() {
        let server = socket();
        let entry = network("up.delay=10,down.delay=90").before(server.local_addr().unwrap());
        let client = socket();
        let start = Instant::now();
        client.send_to(b"there", entry.unwrap()).unwrap();
        let (there, from) = next(&server);
        assert_eq!(there, b"there");
        let arrived = start.elapsed();
        assert!(arrived >= Duration::from_millis(9), "{arrived:?}");
        let back = Instant::now();
        server.send_to(b"back", from).unwrap();
        assert_eq!(next(&client).0, b"back");
        assert!(back.elapsed() >= Duration::from_millis(88));
    }

    #[test]
    fn two_ports_of_a_client_are_two_to_the_server_and_hear_their_own() {
        let server = socket();
        let network = network("rtt=2");
        let address = server.local_addr().unwrap();
        let entry = network.before(address).unwrap();
        assert_eq!(network.clone().before(address).unwrap(), entry);
        assert_eq!(network.behind(entry), Some(address));
        let clients = [socket(), socket()];
        let mut seen = Vec::new();
        for (n, client) in clients.iter().enumerate() {
            client.send_to(&[n as u8], entry).unwrap();
            seen.push(next(&server));
        }
        assert_ne!(seen[0].1, seen[1].1);
        for (said, from) in seen.iter().rev() {
            server.send_to(said, from).unwrap();
        }
        for (n, client) in clients.iter().enumerate() {
            assert_eq!(next(client).0, [n as u8]);
        }
    }

    #[test]
    fn in_an_outage_nothing_arrives_and_after_a_move_the_client_is_elsewhere() {
        let server = socket();
        let link = Profile {
            up: Conditions {
                outages: vec![Time(0)..Time(300)],
                ..Conditions::default()
            },
            // So late that a machine with much to do sees something pass before.
            moves: vec![Time(4_000)],
            ..Profile::default()
        };
        let network = Network::new(link);
        let entry = network.before(server.local_addr().unwrap()).unwrap();
        let client = socket();
        let start = network.started;
        let mut ports = Vec::new();
        while ports.len() < 2 {
            assert!(start.elapsed() < DEADLINE, "the server sees {ports:?}");
            client.send_to(b"x", entry).unwrap();
            server
                .set_read_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            let Ok((_, from)) = server.recv_from(&mut [0; 10]) else {
                continue;
            };
            if ports.last() != Some(&from) {
                ports.push(from);
                let soonest = [300, 4_000][ports.len() - 1];
                assert!(start.elapsed() >= Duration::from_millis(soonest));
            }
        }
    }

    #[test]
    fn what_is_lost_never_arrives() {
        let server = socket();
        let entry = network("up.loss=50").before(server.local_addr().unwrap());
        let (entry, client) = (entry.unwrap(), socket());
        let (mut came, mut last) = (0, 0);
        // Few at a time: what a socket has no room for is lost, too.
        for some in (0..100).collect::<Vec<u8>>().chunks(10) {
            for n in some {
                client.send_to(&[*n], entry).unwrap();
            }
            // One of these arrives, after all of those before that do.
            while came == 0 || last < some[0] {
                last = next(&server).0[0];
                came += 1;
            }
        }
        assert!((20..=80).contains(&came), "{came}");
    }
}
