//! `wt hosts`: the servers that are known here.

use super::args::{HostsArgs, HostsCommand};
use super::listing;
use crate::auth::{Address, AgentUse, Host};
use crate::client::Elsewhere;
use crate::client::clock;
use crate::disk::places::Places;
use crate::disk::trust;
use crate::pane::duration;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Does what was asked for.
pub(super) fn run(places: &Places, args: HostsArgs) -> Result<ExitCode> {
    if let Some(HostsCommand::Forget { name }) = args.command {
        return forget(places, &name);
    }
    let hosts = trust::hosts(places)?;
    let known: Vec<Host> = hosts.all().flatten().collect();
    let answers = match args.check {
        true => ask_all(places, &known),
        false => known.iter().map(|_| Answer::NotAsked).collect(),
    };
    let entries: Vec<_> = known.into_iter().zip(answers).collect();
    let mut out = std::io::stdout().lock();
    match args.json {
        true => {
            let all: Vec<_> = entries.iter().map(json).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        }
        false => out.write_all(page(&entries, clock::now().ms() / 1000).as_bytes())?,
    }
    if hosts.all().next().is_none() && !args.json {
        eprintln!("no hosts: `wt ssh HOST` or `wt pair` makes one known");
    }
    let is_answered = |(_, answer): &(Host, Answer)| !matches!(answer, Answer::None(_));
    let code = told(hosts.all().filter_map(Result::err));
    Ok(match entries.iter().all(is_answered) {
        true => code,
        false => ExitCode::FAILURE,
    })
}

fn forget(places: &Places, name: &str) -> Result<ExitCode> {
    let name = name.trim_end_matches('/');
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

/// Whether a host is reached.
#[derive(Debug)]
enum Answer {
    NotAsked,
    /// So quickly.
    Within(Duration),
    /// In one line, why it is not.
    None(String),
}

/// Asks all at the same time.
fn ask_all(places: &Places, hosts: &[Host]) -> Vec<Answer> {
    let ask = |host: &Host| {
        let started = Instant::now();
        match Elsewhere::Host(host.name.clone()).reach(places) {
            Ok(_) => Answer::Within(started.elapsed()),
            Err(error) => Answer::None(listing::plain(&format!("{error:#}"))),
        }
    };
    std::thread::scope(|scope| {
        let asked: Vec<_> = hosts.iter().map(|host| scope.spawn(|| ask(host))).collect();
        let answers = asked.into_iter().map(|asked| asked.join());
        answers
            .map(|answer| answer.unwrap_or_else(|_| Answer::None("it was not asked".to_owned())))
            .collect()
    })
}

fn json((host, answer): &(Host, Answer)) -> serde_json::Value {
    let mut told = serde_json::json!({
        "name": host.name,
        "key": host.key.to_string(),
        "fingerprint": host.key.fingerprint(),
        "addresses": texts(&host.addresses),
        "last": host.last.as_ref().map(Address::to_string),
        "used": host.used,
        "ssh": host.ssh,
        "agent": host.agent.map(agent),
    });
    match answer {
        Answer::NotAsked => {}
        Answer::Within(time) => told["answers-ms"] = (time.as_millis() as u64).into(),
        Answer::None(why) => told["fault"] = why.as_str().into(),
    }
    told
}

fn agent(agent: AgentUse) -> &'static str {
    match agent {
        AgentUse::Always => "always",
        AgentUse::Never => "never",
    }
}

fn texts(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(Address::to_string).collect()
}

fn told(faults: impl Iterator<Item = impl std::fmt::Display>) -> ExitCode {
    let lines = faults.map(|fault| eprintln!("wt: {}", listing::plain(&fault.to_string())));
    match lines.count() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The hosts, each with the words of its key, whether it answers, and its addresses, the one that won last first.
fn page(hosts: &[(Host, Answer)], now_secs: u64) -> String {
    let mut page = String::new();
    for (host, answer) in hosts {
        let ssh = host.ssh.as_ref().map(|ssh| format!("ssh {ssh}"));
        let agent = host.agent.map(|set| format!("ssh agent: {}", agent(set)));
        let beside: Vec<String> = ssh.into_iter().chain(agent).collect();
        let beside = match beside.is_empty() {
            true => String::new(),
            false => format!("  ({})", beside.join(", ")),
        };
        let _ = writeln!(
            page,
            "{}{beside}\n    {}",
            host.name,
            host.key.fingerprint()
        );
        let _ = match answer {
            Answer::NotAsked => Ok(()),
            Answer::Within(time) => writeln!(page, "    answers within {} ms", time.as_millis()),
            Answer::None(why) => writeln!(page, "    {why}"),
        };
        addresses(host, now_secs, &mut page);
    }
    page
}

fn addresses(host: &Host, now_secs: u64, page: &mut String) {
    // What is written may be an hour old.
    let used = match host.used.map(|used| now_secs.saturating_sub(used)) {
        None => "used last".to_owned(),
        Some(..3600) => "used within the hour".to_owned(),
        Some(secs) => format!("used {} ago", duration(secs.saturating_mul(1000))),
    };
    if let Some(last) = &host.last {
        let _ = writeln!(page, "  * {last}  {used}");
    }
    let others = host.addresses.iter();
    for address in others.filter(|address| Some(*address) != host.last.as_ref()) {
        let _ = writeln!(page, "    {address}");
    }
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
            used: Some(60),
            ssh: Some("ann@desk.example".into()),
            agent: Some(AgentUse::Never),
        };
        let asked = Host {
            ssh: None,
            agent: None,
            last: None,
            ..host.clone()
        };
        let why = Answer::None("desk is not reached".into());
        insta::assert_snapshot!(page(&[(host, Answer::NotAsked), (asked, why)], 3660), @r"
        desk  (ssh ann@desk.example, ssh agent: never)
            waffle-carrot-guitar-tomato-robin-prairie-onion-eagle
          * [fd00::7]:60001  used 1 h 0 m ago
            10.0.0.7:60001
        desk
            waffle-carrot-guitar-tomato-robin-prairie-onion-eagle
            desk is not reached
            10.0.0.7:60001
            [fd00::7]:60001
        ");
    }
}
