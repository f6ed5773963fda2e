//! `wt pair`: two machines come to know each other by a short code.

use super::args::Pair;
use super::{control, listing};
use crate::auth::pairing::{Code, Paired, lan};
use crate::auth::{Address, Host, Hosts, name};
use crate::client::{self, clock};
use crate::disk::places::Places;
use crate::disk::{identity, trust};
use crate::net::{addresses, lan as network};
use crate::protocol::request::{Reply, Request};
use crate::protocol::trust::{Trust, Trusted, Whereabouts};
use crate::server::start::ensure_server;
use anyhow::{Result, bail, ensure};
use std::net::SocketAddr;
use std::process::ExitCode;

/// Does what was asked for.
pub(super) fn run(places: &Places, pair: Pair) -> Result<ExitCode> {
    match &pair.code {
        None => show(places),
        Some(code) => join(places, code, &pair),
    }
}

/// Shows a code, and waits for whoever knows it.
fn show(places: &Places) -> Result<ExitCode> {
    let mut link = control::reach(places, ensure_server)?;
    link.request(Request::Trust(Trust::Pair))?;
    let mut there = None;
    loop {
        match link.reply()? {
            Reply::Trust(Trusted::Whereabouts(place)) => there = Some(place),
            Reply::Trust(Trusted::Code(code)) => invite(&code, there.as_ref()),
            Reply::Trust(Trusted::Paired { name, words }) => {
                println!("{name} is let in from now on; the same words stand there: {words}");
                return Ok(ExitCode::SUCCESS);
            }
            Reply::Error(line) => bail!(line),
            _ => bail!("the server answered something else"),
        }
    }
}

fn invite(code: &str, there: Option<&Whereabouts>) {
    println!("On the other machine, in the same network:\n\n    wt pair {code}\n");
    let addresses = there
        .map(|there| there.addresses.as_slice())
        .unwrap_or_default();
    if let Some(first) = addresses.first() {
        println!("From elsewhere, with an address of this machine: wt pair {code} {first}");
        println!("It listens at {} (UDP).", addresses.join(", "));
    }
    println!("Waiting for five minutes; a wrong code ends it.");
}

/// Uses a code that is shown elsewhere.
fn join(places: &Places, code: &str, pair: &Pair) -> Result<ExitCode> {
    let code: Code = code.parse()?;
    if let Some(name) = &pair.name {
        ensure!(
            name::is_name(name),
            "{name:?} cannot be the name of a host: write one word"
        );
    }
    let addresses = match &pair.address {
        Some(address) => client::resolve(&Address::with_port(address)?)?,
        None => look_for(&code)?,
    };
    let (paired, winner) = client::pair(
        &identity::device_key(places)?,
        &machine_name(),
        &code,
        &addresses,
    )?;
    let given = pair
        .address
        .as_deref()
        .and_then(|text| Address::with_port(text).ok());
    let host = keep(places, &paired, pair.name.as_deref(), given, winner)?;
    println!(
        "{} is known from now on; the same words stand there: {}",
        host.name, paired.words
    );
    match learn(places, host.clone()) {
        Ok(()) => println!("`wt attach {}/` goes there", host.name),
        Err(error) => {
            let error = listing::plain(&format!("{error:#}"));
            println!("but it is not reached yet: {error}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where in the local network a code with that number is shown.
fn look_for(code: &Code) -> Result<Vec<SocketAddr>> {
    let number = code.number();
    let mut found: Vec<(SocketAddr, lan::Found)> = network::find(number)?;
    let Some((_, first)) = found.first().cloned() else {
        bail!(
            "nobody in this network shows a code with the number {number}: `wt pair {number}-… ADDR` asks there"
        );
    };
    if found.iter().any(|(_, other)| other.server != first.server) {
        let names: Vec<String> = found
            .iter()
            .map(|(place, found)| format!("{} ({place})", found.name))
            .collect();
        bail!(
            "several show a code with the number {number}: {}; write the address behind the code",
            names.join(", ")
        );
    }
    found.dedup_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(place, _)| place).collect())
}

/// What this machine calls itself.
pub(super) fn machine_name() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let short = name.split('.').next().unwrap_or_default();
    name::name_like(short).unwrap_or_else(|| "client".to_owned())
}

/// Pins the key of the other machine.
fn keep(
    places: &Places,
    paired: &Paired,
    name: Option<&str>,
    given: Option<Address>,
    winner: SocketAddr,
) -> Result<Host> {
    let machine = || addresses::machine(winner);
    let won = given.unwrap_or_else(|| Address::new(&machine(), winner.port()));
    trust::change_hosts(places, |hosts| {
        let known = hosts.of_key(paired.key);
        let name = match (name, &known) {
            (Some(name), _) => name.to_owned(),
            (None, Some(known)) => known.name.clone(),
            (None, None) => free_name(hosts, paired.name.as_deref().unwrap_or("host")),
        };
        let mut addresses = vec![won.clone()];
        addresses.extend(known.iter().flat_map(|known| known.addresses.clone()));
        addresses.dedup();
        let host = Host {
            name,
            key: paired.key,
            addresses,
            last: Some(won),
            used: Some(clock::now().ms() / 1000),
            ssh: known.and_then(|known| known.ssh),
            agent: None,
        };
        hosts.put(&host)?;
        Ok(host)
    })
}

/// The name itself, or with a number behind it where another host has it.
fn free_name(hosts: &Hosts, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names
        .find(|name| !hosts.has(name))
        .expect("numbers do not end")
}

/// Asks a host that was just made known where else it is reached.
pub(super) fn learn(places: &Places, host: Host) -> Result<()> {
    let at = host
        .last
        .iter()
        .chain(&host.addresses)
        .find_map(|address| client::resolve(address).ok());
    let (mut link, _) = client::connect(places, &at.unwrap_or_default(), vec![host.key])?;
    let Reply::Trust(Trusted::Whereabouts(there)) =
        control::ask(&mut link, Request::Trust(Trust::Whereabouts))?
    else {
        bail!("the server answered something else");
    };
    trust::change_hosts(places, |hosts| {
        let mut host = hosts.find(&host.name)?;
        for address in there.addresses.iter().filter_map(|text| text.parse().ok()) {
            if !host.addresses.contains(&address) {
                host.addresses.push(address);
            }
        }
        host.addresses.truncate(crate::auth::hosts::MAX_ADDRESSES);
        Ok(hosts.put(&host)?)
    })
}
