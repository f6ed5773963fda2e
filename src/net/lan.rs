//! Finding, in the local network, the server that shows a code: `auth::pairing::lan` over UDP sockets.

use super::addresses;
use crate::auth::pairing::lan::{Found, GROUP, GROUP_OF_LINK, PORT, QUESTION, asked, question};
use anyhow::{Context, Result};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// How long servers are given to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often the question is repeated meanwhile: any may be lost.
const REPEAT: Duration = Duration::from_millis(300);

/// How long to wait for another server once one has answered.
const OTHERS: Duration = Duration::from_millis(150);

/// How many servers are told of.
const MAX_FOUND: usize = 8;

/// How often a server answers at most.
const ANSWER_GAP: Duration = Duration::from_millis(10);

/// A server's ear for questions.
#[derive(Debug)]
pub struct Ear {
    sockets: Vec<tokio::net::UdpSocket>,
}

impl Ear {
    /// Listens for questions. Several servers of one machine may. Call within a runtime.
    ///
    /// # Errors
    /// If that can be neither by IPv4 nor by IPv6.
    pub fn open() -> Result<Self> {
        let both = [ear_for_v4(), ear_for_v6()];
        let (open, failed): (Vec<_>, Vec<_>) = both.into_iter().partition(Result::is_ok);
        if let (true, Some(Err(error))) = (open.is_empty(), failed.into_iter().next()) {
            return Err(error).with_context(|| format!("listening on UDP port {PORT}"));
        }
        let sockets = open.into_iter().flatten();
        let sockets: io::Result<_> = sockets.map(tokio::net::UdpSocket::from_std).collect();
        Ok(Self { sockets: sockets? })
    }

    /// Answers questions by what `known` has for a number. Never ends by itself.
    pub async fn answer(&self, known: impl Fn(u16) -> Option<Found>) {
        let (one, other) = (self.sockets.first(), self.sockets.get(1));
        tokio::join!(answer(one, &known), answer(other, &known));
    }
}

async fn answer(socket: Option<&tokio::net::UdpSocket>, known: impl Fn(u16) -> Option<Found>) {
    let Some(socket) = socket else { return };
    let mut bytes = [0; QUESTION + 1];
    loop {
        let Ok((len, from)) = socket.recv_from(&mut bytes).await else {
            // An ICMP message about an earlier answer, most likely.
            tokio::time::sleep(ANSWER_GAP).await;
            continue;
        };
        if let Some(found) = asked(&bytes[..len]).and_then(&known) {
            let _ = socket.send_to(&found.answer(), from).await;
            tokio::time::sleep(ANSWER_GAP).await;
        }
    }
}

fn ear_for_v4() -> io::Result<UdpSocket> {
    let socket = shared_socket(AddressFamily::INET)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT))?;
    let socket = UdpSocket::from(socket);
    // Where there is no multicast there may be broadcast.
    for (own, _) in addresses::broadcasts().unwrap_or_default() {
        let _ = socket.join_multicast_v4(&GROUP.into(), &own);
    }
    Ok(socket)
}

fn ear_for_v6() -> io::Result<UdpSocket> {
    let socket = shared_socket(AddressFamily::INET6)?;
    // What comes by IPv4 is heard by the other one.
    sockopt::set_ipv6_v6only(&socket, true)?;
    bind(
        &socket,
        &SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, PORT, 0, 0),
    )?;
    let socket = UdpSocket::from(socket);
    for (_, link) in addresses::links().unwrap_or_default() {
        let _ = socket.join_multicast_v6(&GROUP_OF_LINK.into(), link);
    }
    Ok(socket)
}

fn shared_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::DGRAM, flags, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    Ok(socket)
}

/// Asks for the server that shows a code with that number: where those are that answer, the first first.
pub fn find(number: u16) -> Result<Vec<(SocketAddr, Found)>> {
    let asking = Asking::open().context("asking in the local network")?;
    let mut found: Vec<(SocketAddr, Found)> = Vec::new();
    let (mut until, mut ask_at) = (Instant::now() + PATIENCE, Instant::now());
    while Instant::now() < until && found.len() < MAX_FOUND {
        if Instant::now() >= ask_at {
            asking.ask(number);
            ask_at = Instant::now() + REPEAT;
        }
        let wait = until.min(ask_at).saturating_duration_since(Instant::now());
        for (from, answer) in asking.hear(wait)? {
            // The link that a link-local address belongs to goes along.
            let mut place = from;
            place.set_port(answer.port);
            if answer.number == number && !found.iter().any(|(known, _)| *known == place) {
                found.push((place, answer));
                until = until.min(Instant::now() + OTHERS);
            }
        }
    }
    Ok(found)
}

/// A socket for each address of this machine, with where it asks: what is sent to all goes out where it is bound.
struct Asking(Vec<(UdpSocket, Vec<SocketAddr>)>);

impl Asking {
    fn open() -> io::Result<Self> {
        let mut sockets = Vec::new();
        for (own, broadcast) in addresses::broadcasts()? {
            let socket = UdpSocket::bind((own, 0))?;
            socket.set_broadcast(true)?;
            let to = [broadcast, GROUP.into()].map(|to| (to, PORT).into());
            sockets.push((socket, to.to_vec()));
        }
        for (own, link) in addresses::links()? {
            // One that another machine has as well cannot be bound.
            if let Ok(socket) = UdpSocket::bind(SocketAddrV6::new(own, 0, 0, link)) {
                let to = SocketAddrV6::new(GROUP_OF_LINK.into(), PORT, 0, link);
                sockets.push((socket, vec![to.into()]));
            }
        }
        for (socket, _) in &sockets {
            socket.set_nonblocking(true)?;
        }
        Ok(Self(sockets))
    }

    /// A way that is barred leaves the others.
    fn ask(&self, number: u16) {
        let question = question(number);
        for (socket, all) in &self.0 {
            for to in all {
                let _ = socket.send_to(&question, to);
            }
        }
    }

    /// What has come within `wait`, or at once if something has already.
    fn hear(&self, wait: Duration) -> Result<Vec<(SocketAddr, Found)>> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut watched: Vec<_> = self
            .0
            .iter()
            .map(|(socket, _)| PollFd::new(socket, PollFlags::IN))
            .collect();
        match poll(&mut watched, Some(&Timespec::try_from(wait)?)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for answers"),
        }
        let mut heard = Vec::new();
        let mut bytes = [0; QUESTION + 1];
        for (socket, _) in &self.0 {
            while heard.len() < MAX_FOUND
                && let Ok((len, from)) = socket.recv_from(&mut bytes)
            {
                heard.extend(Found::read(&bytes[..len]).map(|found| (from, found)));
            }
        }
        Ok(heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_found_by_its_number_beside_others() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let numbers = [7u16, 8];
        let ears: Vec<Ear> =
            runtime.block_on(async { numbers.map(|_| Ear::open().unwrap()).into() });
        let (done, until) = tokio::sync::oneshot::channel::<()>();
        let answering = std::thread::spawn(move || {
            runtime.block_on(async {
                let found = |own: u16| {
                    move |number| {
                        (number == own).then(|| Found {
                            number,
                            port: 4000 + number,
                            server: [1; 8],
                            name: "desk".into(),
                        })
                    }
                };
                tokio::select! {
                    () = ears[0].answer(found(7)) => {}
                    () = ears[1].answer(found(8)) => {}
                    _ = until => {}
                }
            });
        });
        let found = find(8).unwrap();
        assert!(!found.is_empty());
        assert!(
            found
                .iter()
                .all(|(place, found)| place.port() == 4008 && found.name == "desk"),
            "{found:?}"
        );
        done.send(()).unwrap();
        answering.join().unwrap();
    }
}
