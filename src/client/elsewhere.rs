//! Servers elsewhere: how they are reached, first and again.

use super::again::Again;
use super::clock;
use super::names::{self, Names};
use super::reach::AgentWish;
use super::redial::Redial;
use crate::auth::address::rank;
use crate::auth::{Address, AgentUse, Host, PublicKey};
use crate::disk::places::Places;
use crate::disk::{identity, trust};
use crate::net::Blocking;
use crate::net::addresses;
use crate::net::quic;
use crate::sync::Profile;
use anyhow::{Context, Result, anyhow, ensure};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Most addresses of a host that are tried.
const MAX_TRIED: usize = 32;

/// How long names are waited for: where there are numbers to try, and where there are none.
const NAMES_BESIDE: Duration = Duration::from_millis(250);
const NAMES_ALONE: Duration = Duration::from_secs(10);

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

    /// How a client comes to the server there again, or for the first time.
    pub fn again(self, places: &Places) -> Again {
        self.again_from(places, &Road::Real, None)
    }

    /// The same, over that road, if it was reached at that place of the road's already.
    pub fn again_from(self, places: &Places, road: &Road, at: Option<SocketAddr>) -> Again {
        let at = at.map(|at| road.behind(at));
        Redial::new(places, self, road.clone(), at).again()
    }

    /// As [`reach`](Self::reach), over a network that may be made worse.
    pub fn reach_by(&self, places: &Places, road: &Road) -> Result<Blocking> {
        let names = &Names::default();
        match self {
            Elsewhere::Host(name) => {
                let host = trust::hosts(places)?.find(name)?;
                let found = Candidates::of_host(host.clone()).find(names);
                reach_host(places, host, found, road)
            }
            Elsewhere::Network(address) => {
                let candidates = self.candidates(places)?;
                let found = candidates.find(names);
                let at: Vec<SocketAddr> = found.into_iter().map(|(_, place)| place).collect();
                let machine = &address.machine;
                ensure!(!at.is_empty(), "nobody knows where {machine} is");
                Ok(connect_by(places, &at, candidates.keys, road)?.0)
            }
        }
    }

    /// Where it may be, and which keys it may have, as far as that is known without asking anybody.
    pub(super) fn candidates(&self, places: &Places) -> Result<Candidates> {
        match self {
            Elsewhere::Host(name) => Ok(Candidates::of_host(trust::hosts(places)?.find(name)?)),
            Elsewhere::Network(address) => Ok(Candidates {
                addresses: vec![address.clone()],
                first: None,
                keys: keys_of(places, address)?,
            }),
        }
    }
}

/// Where a server may be, and which keys it may have.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    addresses: Vec<Address>,
    /// The one that won last.
    first: Option<Address>,
    /// One of these is the server's.
    pub(super) keys: Vec<PublicKey>,
}

impl Candidates {
    fn of_host(host: Host) -> Self {
        let mut addresses: Vec<Address> = host.last.iter().cloned().collect();
        let others = host.addresses.into_iter();
        addresses.extend(others.filter(|address| host.last.as_ref() != Some(address)));
        Self {
            addresses,
            first: host.last,
            keys: vec![host.key],
        }
    }

    /// Those of its addresses that somebody has to be asked for.
    pub(super) fn names(&self) -> impl Iterator<Item = Address> {
        let names = self.addresses.iter();
        names.filter(|address| address.ip().is_none()).cloned()
    }

    /// Asks where it is; each place with the address that leads there.
    fn find(&self, names: &Names) -> Vec<(Address, SocketAddr)> {
        names.ask(self.names());
        let has_numbers = self.names().count() < self.addresses.len();
        let wait = match has_numbers {
            true => NAMES_BESIDE,
            false => NAMES_ALONE,
        };
        names.wait(Instant::now() + wait);
        self.found(names)
    }

    /// Its places in the order in which they are tried, the one that won last first; and which address each is.
    fn found(&self, names: &Names) -> Vec<(Address, SocketAddr)> {
        let places = |address: &Address| match address.ip() {
            Some(ip) => vec![SocketAddr::new(ip, address.port)],
            None => names.places_of(address),
        };
        let mut found: Vec<(Address, SocketAddr)> = Vec::new();
        for address in &self.addresses {
            found.extend(
                places(address)
                    .into_iter()
                    .map(|place| (address.clone(), place)),
            );
        }
        let first = self.first.as_ref();
        found.sort_by_key(|(address, place)| (Some(address) != first, rank(&place.ip())));
        found.truncate(MAX_TRIED);
        found
    }

    /// As [`found`](Self::found), each place once.
    pub(super) fn order(&self, names: &Names) -> Vec<SocketAddr> {
        distinct(&self.found(names))
    }
}

fn distinct(found: &[(Address, SocketAddr)]) -> Vec<SocketAddr> {
    let mut order = Vec::new();
    for (_, place) in found {
        if !order.contains(place) {
            order.push(*place);
        }
    }
    order
}

/// What lies between here and a server.
#[derive(Debug, Clone)]
pub enum Road {
    /// The network as it is.
    Real,
    /// And a network like this before it.
    Simulated(quic::simulate::Network),
}

impl Road {
    /// Over a network like that.
    pub fn simulated(link: Profile) -> Self {
        Self::Simulated(quic::simulate::Network::new(link))
    }

    /// Which server is reached at that place.
    fn behind(&self, place: SocketAddr) -> SocketAddr {
        let place = addresses::canonical(place);
        match self {
            Road::Real => place,
            Road::Simulated(network) => network.behind(place).unwrap_or(place),
        }
    }

    /// Where to send to for each address, and which it leads to.
    pub(super) fn lead_to(
        &self,
        addresses: &[SocketAddr],
    ) -> Result<Vec<(SocketAddr, SocketAddr)>> {
        let lead = |address: &SocketAddr| {
            let entry = match self {
                Road::Real => *address,
                Road::Simulated(network) => network.before(*address)?,
            };
            Ok((entry, *address))
        };
        addresses.iter().map(lead).collect()
    }
}

fn reach_host(
    places: &Places,
    host: Host,
    found: Vec<(Address, SocketAddr)>,
    road: &Road,
) -> Result<Blocking> {
    let name = &host.name;
    ensure!(
        !found.is_empty(),
        "no address of {name} is known: {}",
        known_again(&host)
    );
    let reached = connect_by(places, &distinct(&found), vec![host.key], road);
    let (link, winner) = reached.map_err(|error| {
        match error.is::<quic::Denied>() {
            // It was reached, and says why.
            true => error,
            false => error.context(format!("{name} is not reached; {}", known_again(&host))),
        }
    })?;
    let won = found.into_iter().find(|(_, place)| *place == winner);
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

/// Where an address is.
pub fn resolve(address: &Address) -> Result<Vec<SocketAddr>> {
    let found = names::resolve(address);
    found.with_context(|| format!("nobody knows where {} is", address.machine))
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
        let order = Candidates::of_host(host).order(&Names::default());
        let order: Vec<String> = order.iter().map(SocketAddr::to_string).collect();
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
