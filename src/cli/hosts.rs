//! `wt hosts`: the servers that are known here.

use super::args::{HostsArgs, HostsCommand};
use super::listing;
use crate::auth::{Address, Host};
use crate::disk::places::Places;
use crate::disk::trust;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::process::ExitCode;

/// Does what was asked for.
pub(super) fn run(places: &Places, hosts: HostsArgs) -> Result<ExitCode> {
    match hosts.command {
        Some(HostsCommand::Forget { name }) => forget(places, &name),
        None if hosts.json => json(places),
        None => list(places),
    }
}

fn forget(places: &Places, name: &str) -> Result<ExitCode> {
    trust::change_hosts(places, |hosts| {
        if hosts.forget(name) {
            return Ok(());
        }
        match hosts.find(name) {
            Err(error) => bail!(error),
            Ok(_) => bail!("{name:?} cannot be taken out of the file"),
        }
    })?;
    println!("{name} is forgotten; its server still lets this device in until `wt revoke` there");
    Ok(ExitCode::SUCCESS)
}

fn json(places: &Places) -> Result<ExitCode> {
    let hosts = trust::hosts(places)?;
    let host = |host: Host| {
        serde_json::json!({
            "name": host.name,
            "key": host.key.to_string(),
            "fingerprint": host.key.fingerprint(),
            "addresses": texts(&host.addresses),
            "last": host.last.map(|address| address.to_string()),
            "ssh": host.ssh,
        })
    };
    let all: Vec<_> = hosts.all().flatten().map(host).collect();
    println!("{}", serde_json::to_string_pretty(&all)?);
    Ok(told(hosts.all().filter_map(Result::err)))
}

fn texts(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(Address::to_string).collect()
}

fn list(places: &Places) -> Result<ExitCode> {
    let hosts = trust::hosts(places)?;
    print!("{}", page(hosts.all().flatten()));
    if hosts.all().next().is_none() {
        eprintln!("no hosts: `wt ssh HOST` or `wt pair` makes one known");
    }
    Ok(told(hosts.all().filter_map(Result::err)))
}

fn told(faults: impl Iterator<Item = impl std::fmt::Display>) -> ExitCode {
    let lines = faults.map(|fault| eprintln!("wt: {}", listing::plain(&fault.to_string())));
    match lines.count() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The hosts, each with the words of its key and its addresses, the one that won last first.
fn page(hosts: impl Iterator<Item = Host>) -> String {
    let mut page = String::new();
    for host in hosts {
        let ssh = host
            .ssh
            .map(|ssh| format!("  (ssh {ssh})"))
            .unwrap_or_default();
        let _ = writeln!(page, "{}{ssh}\n    {}", host.name, host.key.fingerprint());
        let others = host
            .addresses
            .iter()
            .filter(|address| Some(*address) != host.last.as_ref());
        for (mark, address) in host
            .last
            .iter()
            .map(|last| ("*", last))
            .chain(others.map(|other| (" ", other)))
        {
            let _ = writeln!(page, "  {mark} {address}");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::PublicKey;

    #[test]
    fn the_address_that_won_stands_first() {
        let host = Host {
            name: "desk".into(),
            key: PublicKey::new([1; 32]),
            addresses: vec![
                Address::new("10.0.0.7", 60001),
                Address::new("fd00::7", 60001),
            ],
            last: Some(Address::new("fd00::7", 60001)),
            ssh: Some("ann@desk.example".into()),
        };
        insta::assert_snapshot!(page([host].into_iter()), @r"
        desk  (ssh ann@desk.example)
            waffle-carrot-guitar-tomato-robin-prairie-onion-eagle
          * [fd00::7]:60001
            10.0.0.7:60001
        ");
    }
}
