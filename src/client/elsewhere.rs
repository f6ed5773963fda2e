//! Servers elsewhere: how they are reached, first and again.

use super::again::Again;
use super::clock;
use super::outage::Try;
use super::reach::AgentWish;
use crate::auth::address::rank;
use crate::auth::{Address, AgentUse, DeviceKey, Host, PublicKey};
use crate::disk::places::Places;
use crate::disk::{identity, trust};
use crate::net::addresses;
use crate::net::quic;
use crate::net::{Blocking, Link};
use crate::sync::wire::Conditions;
use anyhow::{Context, Result, anyhow, ensure};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Most addresses of one name that are tried.
const MAX_OF_NAME: usize = 8;

/// Most addresses of a host that are tried.
const MAX_TRIED: usize = 32;

/// How long names are waited for: where there are numbers to try, and where there are none.
const NAMES_BESIDE: Duration = Duration::from_millis(250);
const NAMES_ALONE: Duration = Duration::from_secs(10);
/// How long most attempts to come back may take: where the path is there again, a new one finds that out sooner than an
/// old one that waits longer and longer between its packets. Every so many take longer, for slow paths.
const TRY: Duration = Duration::from_millis(1_200);
const LONG_TRY: Duration = Duration::from_secs(6);
const LONG_TRIES: u32 = 4;

/// How old what is written of a host's last use may be, in seconds: nobody waits for the disk each time.
const USED_FRESH: u64 = 3600;

/// A server elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// The host of that name.
    Host(String),
    /// The server at that address.
    Network(Address),
}

impl Elsewhere {
    /// Connects to the server there, and greets it.
    ///
    /// # Errors
    /// In one line: nobody knows it, it does not answer, it is another, or it does not let us in.
    pub fn reach(&self, places: &Places) -> Result<Blocking> {
        self.reach_by(places, &Road::Real)
    }

    /// The same, over a network that may be made worse.
    pub fn reach_by(&self, places: &Places, road: &Road) -> Result<Blocking> {
        match self {
            Elsewhere::Host(name) => reach_host(places, name, road),
            Elsewhere::Network(address) => reach_address(places, address, road),
        }
    }

    /// What is wished of the ssh agent there, where nothing is said: what stands beside the host.
    pub fn agent(&self, places: &Places, said: AgentWish) -> AgentWish {
        let known = trust::hosts(places).ok().and_then(|hosts| match self {
            Elsewhere::Host(name) => hosts.find(name).ok(),
            Elsewhere::Network(address) => hosts.all().flatten().find(|host| {
                host.last.as_ref() == Some(address) || host.addresses.contains(address)
            }),
        });
        match (said, known.and_then(|host| host.agent)) {
            (AgentWish::AsConfigured, Some(AgentUse::Always)) => AgentWish::Offered,
            (AgentWish::AsConfigured, Some(AgentUse::Never)) => AgentWish::Withheld,
            (said, _) => said,
        }
    }

    /// How a client comes to the server there again.
    pub fn again(self, places: &Places) -> Again {
        let places = places.clone();
        Again::by(move |nth| {
            let (places, elsewhere) = (places.clone(), self.clone());
            Box::pin(async move {
                let dialled = dial_again(places, elsewhere);
                let dialled = tokio::time::timeout(patience(nth), dialled).await;
                dialled.context("the server does not answer")?
            })
        })
    }

    /// Where it may be, and which keys it may have.
    fn candidates(&self, places: &Places) -> Result<(Vec<SocketAddr>, Vec<PublicKey>)> {
        match self {
            Elsewhere::Host(name) => {
                let host = trust::hosts(places)?.find(name)?;
                Ok((found(&host).0, vec![host.key]))
            }
            Elsewhere::Network(address) => Ok((resolve(address)?, keys_of(places, address)?)),
        }
    }
}

fn patience(nth: Try) -> Duration {
    match (nth.nth + 1).is_multiple_of(LONG_TRIES) {
        true => LONG_TRY,
        false => TRY,
    }
}

async fn dial_again(places: Places, elsewhere: Elsewhere) -> Result<Link> {
    type Known = (DeviceKey, (Vec<SocketAddr>, Vec<PublicKey>));
    let (tell, told) = tokio::sync::oneshot::channel::<Result<Known>>();
    // Who knows where a name is may take long to say so.
    std::thread::spawn(move || {
        let known = || {
            Ok((
                identity::device_key(&places)?,
                elsewhere.candidates(&places)?,
            ))
        };
        let _ = tell.send(known());
    });
    let (own, (addresses, known)) = told.await??;
    let connection = quic::dial(&addresses, &own, known).await?;
    let mut link = connection.open().await?;
    link.greet().await?;
    Ok(link)
}

/// What lies between here and a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Road {
    /// The network as it is.
    Real,
    /// And a link like this before it.
    Simulated(Conditions),
}

impl Road {
    /// Where to send to for each address, and which it leads to.
    fn lead_to(&self, addresses: &[SocketAddr]) -> Result<Vec<(SocketAddr, SocketAddr)>> {
        let lead = |address: &SocketAddr| {
            let entry = match self {
                Road::Real => *address,
                Road::Simulated(link) => quic::simulate::before(*address, link)?,
            };
            Ok((entry, *address))
        };
        addresses.iter().map(lead).collect()
    }
}

fn reach_host(places: &Places, name: &str, road: &Road) -> Result<Blocking> {
    let host = trust::hosts(places)?.find(name)?;
    let (addresses, named) = found(&host);
    ensure!(
        !addresses.is_empty(),
        "no address of {name} is known: {}",
        known_again(&host)
    );
    let reached = connect_by(places, &addresses, vec![host.key], road);
    let (link, winner) = reached.map_err(|error| {
        match error.is::<quic::Denied>() {
            // It was reached, and says why.
            true => error,
            false => error.context(format!("{name} is not reached; {}", known_again(&host))),
        }
    })?;
    let won = named.into_iter().find(|(_, place)| *place == winner);
    let won = won.map_or_else(
        || Address::new(&addresses::machine(winner), winner.port()),
        |(won, _)| won,
    );
    let now = clock::now().ms() / 1000;
    let is_fresh = host
        .used
        .is_some_and(|used| (used..used.saturating_add(USED_FRESH)).contains(&now));
    if host.last.as_ref() != Some(&won) || !is_fresh {
        let (last, used) = (Some(won), Some(now));
        // Next time is as good.
        let _ = trust::change_hosts(places, |hosts| {
            Ok(hosts.put(&Host { last, used, ..host })?)
        });
    }
    Ok(link)
}

fn known_again(host: &Host) -> String {
    match &host.ssh {
        Some(ssh) => format!("`wt ssh {ssh}` finds it again"),
        None => "`wt pair` finds it again".to_owned(),
    }
}

/// The places of a host in the order in which they are tried, the one that won last first; and which address each is.
fn found(host: &Host) -> (Vec<SocketAddr>, Vec<(Address, SocketAddr)>) {
    let (mut named, mut names) = (Vec::new(), Vec::new());
    for address in host.last.iter().chain(&host.addresses) {
        match address.ip() {
            Some(ip) => named.push((address.clone(), SocketAddr::new(ip, address.port))),
            None => names.push(address.clone()),
        }
    }
    let wait = match named.is_empty() {
        true => NAMES_ALONE,
        false => NAMES_BESIDE,
    };
    named.extend(resolve_all(names, wait));
    let first = host.last.clone();
    named.sort_by_key(|(address, place)| (Some(address) != first.as_ref(), rank(&place.ip())));
    named.truncate(MAX_TRIED);
    let mut order = Vec::new();
    for (_, place) in &named {
        if !order.contains(place) {
            order.push(*place);
        }
    }
    (order, named)
}

/// Where those names are that somebody knows in time.
fn resolve_all(names: Vec<Address>, wait: Duration) -> Vec<(Address, SocketAddr)> {
    let (found, places) = mpsc::channel();
    for name in names {
        let found = found.clone();
        // Nobody waits for one that asks in vain.
        std::thread::spawn(move || {
            for place in resolve(&name).unwrap_or_default() {
                let _ = found.send((name.clone(), place));
            }
        });
    }
    drop(found);
    let until = Instant::now() + wait;
    let next = || {
        let rest = until.saturating_duration_since(Instant::now());
        places.recv_timeout(rest).ok()
    };
    std::iter::from_fn(next).collect()
}

/// Where an address is.
pub fn resolve(address: &Address) -> Result<Vec<SocketAddr>> {
    let found = (&*address.machine, address.port).to_socket_addrs();
    let found = found.with_context(|| format!("nobody knows where {} is", address.machine))?;
    Ok(found.take(MAX_OF_NAME).collect())
}

fn reach_address(places: &Places, address: &Address, road: &Road) -> Result<Blocking> {
    let known = keys_of(places, address)?;
    Ok(connect_by(places, &resolve(address)?, known, road)?.0)
}

/// The keys that the server at that address may have.
fn keys_of(places: &Places, address: &Address) -> Result<Vec<PublicKey>> {
    let mut known: Vec<PublicKey> = identity::own_server(places)?.into_iter().collect();
    let hosts = trust::hosts(places)?;
    let there: Vec<Host> = hosts.all().flatten().collect();
    let is_there =
        |host: &&Host| host.last.as_ref() == Some(address) || host.addresses.contains(address);
    let pinned: Vec<PublicKey> = there.iter().filter(is_there).map(|host| host.key).collect();
    match pinned.is_empty() {
        // Any server that is known may have moved there; no other is talked to.
        true => known.extend(there.iter().map(|host| host.key)),
        false => known.extend(pinned),
    }
    ensure!(
        !known.is_empty(),
        "the server at {address} is not known here: `wt pair` or `wt ssh` makes it known"
    );
    Ok(known)
}

/// A greeted link to whoever of those answers first, and where that is.
pub fn connect(
    places: &Places,
    addresses: &[SocketAddr],
    known: Vec<PublicKey>,
) -> Result<(Blocking, SocketAddr)> {
    connect_by(places, addresses, known, &Road::Real)
}

fn connect_by(
    places: &Places,
    addresses: &[SocketAddr],
    known: Vec<PublicKey>,
    road: &Road,
) -> Result<(Blocking, SocketAddr)> {
    let own = identity::device_key(places)?;
    let led = road.lead_to(addresses)?;
    let entries: Vec<SocketAddr> = led.iter().map(|(entry, _)| *entry).collect();
    let mut winner = None;
    let link = Blocking::dial(async {
        let connection = quic::dial(&entries, &own, known).await?;
        winner = Some(connection.remote_address());
        connection.open().await
    })?;
    let winner = winner.ok_or_else(|| anyhow!("a link comes from a connection"))?;
    let winner = addresses::canonical(winner);
    let real = led.iter().find(|(entry, _)| *entry == winner);
    Ok((link, real.map_or(winner, |(_, real)| *real)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_won_last_is_tried_first_and_near_ones_next() {
        let host = Host {
            name: "desk".into(),
            key: PublicKey::new([1; 32]),
            addresses: [
                "93.184.216.34:7",
                "10.0.0.7:7",
                "100.100.0.1:7",
                "[fd00::7]:7",
            ]
            .map(|text| text.parse().unwrap())
            .to_vec(),
            last: Some("100.100.0.1:7".parse().unwrap()),
            used: None,
            ssh: None,
            agent: None,
        };
        let order: Vec<String> = found(&host).0.iter().map(SocketAddr::to_string).collect();
        assert_eq!(
            order,
            [
                "100.100.0.1:7",
                "[fd00::7]:7",
                "10.0.0.7:7",
                "93.184.216.34:7"
            ]
        );
    }
}
