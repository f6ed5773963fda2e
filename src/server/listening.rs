//! Where the server hears clients in the network: nowhere, unless a flag, the configuration, `wt ssh` or `wt pair` asked
//! for it.

use super::{Server, guests, remote};
use crate::auth::{Address, Asker, address};
use crate::disk::{identity, listening as kept};
use crate::net::addresses;
use crate::net::quic::Listener;
use crate::protocol::request;
use crate::protocol::trust::Whereabouts;
use anyhow::{Context, Result, anyhow};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How often an address of the configuration is tried again at which nobody is heard: its interface may come.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// The listeners.
#[derive(Default)]
pub(super) struct Listening {
    heard: Vec<Heard>,
    /// Whether they are there for a code that is shown, and for nothing else.
    is_lent: bool,
    /// Whether a flag stands for what the configuration says.
    is_overridden: bool,
    /// What is wrong with addresses of the configuration.
    faults: Vec<String>,
}

/// One listener.
struct Heard {
    listener: Listener,
    /// As it was asked for.
    address: SocketAddr,
    by: Asker,
}

impl Listening {
    /// Whether there is no listener.
    pub fn is_nowhere(&self) -> bool {
        self.heard.is_empty()
    }

    /// Where clients are heard.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.bound().map(|(address, _)| address).collect()
    }

    /// The same in words, with who asked for it.
    pub fn told(&self) -> Vec<request::Listening> {
        let told = self.bound().map(|(address, by)| request::Listening {
            address: address.to_string(),
            asked_by: by.to_string(),
        });
        told.collect()
    }

    /// Whether whoever comes to `address` is heard, whoever asked for that.
    fn hears(&self, address: SocketAddr) -> bool {
        let mut bound = self.bound();
        bound.any(|(bound, _)| covers(bound, address))
    }

    /// What is wrong with it, in words.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    fn bound(&self) -> impl Iterator<Item = (SocketAddr, Asker)> {
        let bound = |heard: &Heard| Some((heard.listener.address().ok()?, heard.by));
        self.heard.iter().filter_map(bound)
    }

    /// Takes out those that `is_over` holds of.
    fn take(&mut self, is_over: impl Fn(&Heard) -> bool) -> Vec<Listener> {
        let taken = self.heard.extract_if(.., |heard| is_over(heard));
        taken.map(|heard| heard.listener).collect()
    }
}

/// Whether a listener at `bound` hears all who come to `address`: the unspecified address of IPv6 stands for those of both
/// versions, as listeners are made here.
fn covers(bound: SocketAddr, address: SocketAddr) -> bool {
    let is_any = match bound.ip() {
        IpAddr::V4(ip) => ip.is_unspecified() && address.is_ipv4(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    bound.port() == address.port() && (is_any || bound.ip() == address.ip())
}

/// Listens where the flags say, or else the configuration; and without flags where the server before this one was asked
/// to.
///
/// # Errors
/// If that cannot be where a flag says. Everything else becomes a warning.
pub(super) fn begin(server: &Server, flags: &[SocketAddr]) -> Result<()> {
    for address in flags {
        listen(server, *address, Asker::Flag)?;
    }
    if !flags.is_empty() {
        server.with(|world| world.network.listening.is_overridden = true);
        return remember(server);
    }
    listen_as_configured(server);
    let places = server.with(|world| world.places.clone());
    for (address, by) in kept::read(&places) {
        if server.with(|world| world.network.listening.hears(address)) {
            continue;
        }
        if let Err(error) = listen(server, address, by) {
            let warning = format!("clients are not heard at {address}: {error:#}");
            tracing::warn!(warning);
            server.with(|world| world.warnings.push(warning));
        }
    }
    Ok(())
}

/// Does from now on what the configuration says.
pub(super) async fn follow_config(server: &Server) {
    let dropped = server.with(|world| {
        let wanted = world.config.listen.clone();
        let is_over = |heard: &Heard| heard.by == Asker::Config && !wanted.contains(&heard.address);
        world.network.listening.take(is_over)
    });
    for listener in dropped {
        listener.close().await;
    }
    listen_as_configured(server);
}

/// Tries addresses of the configuration again at which clients could not be heard.
pub(super) async fn keep(server: Server) {
    loop {
        tokio::time::sleep(TRY_AGAIN).await;
        if server.with(|world| !world.network.listening.faults.is_empty()) {
            listen_as_configured(&server);
        }
    }
}

fn listen_as_configured(server: &Server) {
    let missing = server.with(|world| {
        let listening = &mut world.network.listening;
        listening.faults.clear();
        let mut missing = world.config.listen.clone();
        // One that somebody else has asked for stays theirs: it is heard as well once the configuration says so no more.
        missing.retain(|address| !listening.is_overridden && !listening.hears(*address));
        missing
    });
    for address in missing {
        if let Err(error) = listen(server, address, Asker::Config) {
            let fault = format!(
                "clients are not heard at {address}, as `listen` in config.toml says: {error:#}; correct it, or free the port"
            );
            tracing::warn!(fault);
            server.with(|world| world.network.listening.faults.push(fault));
        }
    }
}

fn listen(server: &Server, address: SocketAddr, by: Asker) -> Result<()> {
    let own = identity::server_key(&server.with(|world| world.places.clone()))?;
    let listener = Listener::bind(address, &own)?;
    tracing::info!(address = %listener.address()?, %by, "listening");
    let heard = Heard {
        listener: listener.clone(),
        address,
        by,
    };
    server.with(|world| world.network.listening.heard.push(heard));
    tokio::task::spawn_local(remote::accept(server.clone(), listener));
    guests::watch(server);
    Ok(())
}

/// Lets the next server listen where this one was asked to; what the configuration says it reads itself.
fn remember(server: &Server) -> Result<()> {
    let (places, addresses) = server.with(|world| {
        let bound = world.network.listening.bound();
        let asked: Vec<_> = bound.filter(|(_, by)| *by != Asker::Config).collect();
        (world.places.clone(), asked)
    });
    kept::write(&places, &addresses)
}

/// The next server listens nowhere unless it is asked to.
pub(super) fn forget(server: &Server) {
    let places = server.with(|world| world.places.clone());
    if let Err(error) = kept::forget(&places) {
        tracing::warn!(%error, "the next server may listen where this one did");
    }
}

/// Listens at that port, or at one of wt's own, for `wt ssh`; where that is, with every address of this machine.
pub(super) fn somewhere(server: &Server, port: Option<u16>) -> Result<Whereabouts> {
    let has = server.with(|world| {
        let addresses = world.network.listening.addresses();
        let mut ports = addresses.iter().map(SocketAddr::port);
        port.map_or(!addresses.is_empty(), |port| ports.any(|has| has == port))
    });
    if !has {
        match port {
            Some(port) => listen_at(server, port, Asker::Ssh)?,
            None => listen_at_any(server, Asker::Ssh)?,
        }
        remember(server)?;
    }
    stay(server)?;
    whereabouts(server)
}

/// As [`somewhere`], for a code: until [`close_lent`], or for good once somebody is let in.
pub(super) fn for_code(server: &Server) -> Result<Whereabouts> {
    if server.with(|world| world.network.listening.is_nowhere()) {
        listen_at_any(server, Asker::Pairing)?;
        server.with(|world| world.network.listening.is_lent = true);
    }
    whereabouts(server)
}

/// Listens from now on, and so does the next server, where it was only for a code.
pub(super) fn stay(server: &Server) -> Result<()> {
    match server.with(|world| std::mem::take(&mut world.network.listening.is_lent)) {
        true => remember(server),
        false => Ok(()),
    }
}

/// Listens no more where that was for codes alone, and none is shown.
pub(super) async fn close_lent(server: &Server) {
    let lent = server.with(|world| {
        let network = &mut world.network;
        let is_over = network.listening.is_lent && network.pairings.is_idle();
        network.listening.is_lent &= !is_over;
        let is_lent = |heard: &Heard| is_over && heard.by == Asker::Pairing;
        network.listening.take(is_lent)
    });
    for listener in lent {
        listener.close().await;
    }
    // The configuration may want the same address.
    listen_as_configured(server);
}

/// Stops listening; clients hear that they have to go.
pub(super) async fn close(server: &Server) {
    let all = server.with(|world| world.network.listening.take(|_| true));
    for listener in all {
        listener.close().await;
    }
}

fn listen_at_any(server: &Server, by: Asker) -> Result<()> {
    let mut failed = anyhow!("there is no port");
    for port in address::PORTS {
        match listen_at(server, port, by) {
            Ok(()) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// On every address of this machine.
fn listen_at(server: &Server, port: u16, by: Asker) -> Result<()> {
    let both = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    // A machine may know IPv4 alone.
    let one = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    listen(server, both, by).or_else(|error| match error.downcast_ref::<std::io::Error>() {
        Some(error) if error.kind() != std::io::ErrorKind::AddrInUse => listen(server, one, by),
        _ => Err(error),
    })
}

/// Where this server is reached.
pub(super) fn whereabouts(server: &Server) -> Result<Whereabouts> {
    let (places, name, bound) = server.with(|world| {
        (
            world.places.clone(),
            world.host.clone(),
            world.network.listening.addresses(),
        )
    });
    let mut reached = Vec::new();
    for bound in bound {
        for ip in
            addresses::of_socket(bound.ip()).context("looking for addresses of this machine")?
        {
            reached.push(Address::new(&ip.to_string(), bound.port()).to_string());
        }
    }
    Ok(Whereabouts {
        key: identity::server_key(&places)?.public().to_string(),
        name,
        addresses: reached,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_heard_at_itself_and_at_all_of_the_machine() {
        let covers = |bound: &str, address: &str| {
            let [bound, address] = [bound, address].map(|it| it.parse().expect("an address"));
            covers(bound, address)
        };
        for (bound, address) in [
            ("127.0.0.1:60001", "127.0.0.1:60001"),
            ("[::]:60001", "[::]:60001"),
            ("[::]:60001", "[::1]:60001"),
            ("[::]:60001", "0.0.0.0:60001"),
            ("0.0.0.0:60001", "127.0.0.1:60001"),
        ] {
            assert!(covers(bound, address), "{bound} {address}");
        }
        for (bound, address) in [
            ("127.0.0.1:60001", "[::]:60001"),
            ("127.0.0.1:60001", "127.0.0.2:60001"),
            ("0.0.0.0:60001", "[::1]:60001"),
            ("[::]:60001", "[::]:60002"),
        ] {
            assert!(!covers(bound, address), "{bound} {address}");
        }
    }
}
