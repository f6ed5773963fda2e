//! A bad link between a client and its servers, in real time, so that anybody can feel one: what passes goes through the
//! wires that the tests use.

use crate::sync::Time;
use crate::sync::wire::{Conditions, Wire};
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket as Socket;

/// Longest packet that passes.
const MAX_PACKET: usize = 2048;
/// What a wire's chances follow from: the same packets meet the same fate each time.
const SEED: u64 = 1;

/// Puts a link like `link` before `server`: an address of this machine that leads there from now on, until the process
/// ends.
pub fn before(server: SocketAddr, link: &Conditions) -> Result<SocketAddr> {
    let here = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let any = match server {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, 0)),
    };
    let there = bind(any)?;
    there.connect(server).context("simulating a link")?;
    let address = here.local_addr().context("simulating a link")?;
    let link = link.clone();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (here, there) = (Socket::from_std(here)?, Socket::from_std(there)?);
            Simulated::new(here, there, link).run().await
        })
    };
    let name = "simulated link".to_owned();
    let thread = std::thread::Builder::new().name(name);
    thread.spawn(move || {
        if let Err(error) = run() {
            tracing::warn!(%error, "the simulated link is gone");
        }
    })?;
    Ok(address)
}

fn bind(address: SocketAddr) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(address).context("simulating a link")?;
    socket.set_nonblocking(true).context("simulating a link")?;
    Ok(socket)
}

struct Simulated {
    here: Socket,
    there: Socket,
    up: Wire,
    down: Wire,
    /// Where the client was last heard from.
    client: Option<SocketAddr>,
    started: Instant,
}

impl Simulated {
    fn new(here: Socket, there: Socket, link: Conditions) -> Self {
        Self {
            here,
            there,
            up: Wire::new(link.clone(), SEED),
            down: Wire::new(link, SEED + 1),
            client: None,
            started: Instant::now(),
        }
    }

    async fn run(mut self) -> std::io::Result<()> {
        let (mut up, mut down) = ([0; MAX_PACKET], [0; MAX_PACKET]);
        loop {
            let next = self.up.next().into_iter().chain(self.down.next()).min();
            let next = next.map(|at| self.started + Duration::from_millis(at.0));
            tokio::select! {
                came = self.here.recv_from(&mut up) => {
                    // What the system says of an earlier packet is no end of the link.
                    if let Ok((len, from)) = came {
                        self.client = Some(from);
                        let now = self.now();
                        self.up.put(up[..len].to_vec(), now);
                    }
                }
                came = self.there.recv(&mut down) => {
                    if let Ok(len) = came {
                        let now = self.now();
                        self.down.put(down[..len].to_vec(), now);
                    }
                }
                () = sleep_until(next) => {}
            }
            self.pass_on().await;
        }
    }

    fn now(&self) -> Time {
        Time(self.started.elapsed().as_millis() as u64)
    }

    /// Sends what has been under way for long enough. A packet that the system does not take is lost.
    async fn pass_on(&mut self) {
        let now = self.now();
        for packet in self.up.take(now) {
            let _ = self.there.send(&packet).await;
        }
        let arrived = self.down.take(now);
        let Some(client) = self.client else { return };
        for packet in arrived {
            let _ = self.here.send_to(&packet, client).await;
        }
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

    #[test]
    fn packets_take_the_time_of_the_link_both_ways() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        server
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let link = Conditions {
            delay: 30,
            ..Conditions::default()
        };
        let address = before(server.local_addr().unwrap(), &link).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let start = Instant::now();
        client.send_to(b"there", address).unwrap();
        let mut bytes = [0; 10];
        let (len, from) = server.recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..len], b"there");
        server.send_to(b"back", from).unwrap();
        let (len, _) = client.recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..len], b"back");
        assert!(start.elapsed() >= Duration::from_millis(58));
    }

    #[test]
    fn what_is_lost_never_arrives() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        server
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let link = Conditions {
            loss: 500,
            ..Conditions::default()
        };
        let address = before(server.local_addr().unwrap(), &link).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for n in 0..200u8 {
            client.send_to(&[n], address).unwrap();
        }
        // One of the last hundred arrives, after all of the first that do.
        let mut byte = [0];
        let mut came = 0;
        while byte[0] < 100 {
            server.recv_from(&mut byte).unwrap();
            came += usize::from(byte[0] < 100);
        }
        assert!((20..=80).contains(&came), "{came}");
    }
}
