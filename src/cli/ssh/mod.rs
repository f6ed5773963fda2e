//! `wt ssh`: reaches a machine by the user's own ssh once, and by wt's own connection from then on.

mod command;
mod install;

use super::args::Ssh;
use super::enter::{self, Missing};
use super::{confirm, listing, pair};
use crate::auth::bootstrap::{Answer, Ask, MAX_LINE, MAX_OTHERS, There};
use crate::auth::hosts::{MAX_ADDRESSES, is_ssh};
use crate::auth::{Address, Host, name};
use crate::client::{AgentWish, Elsewhere, Road};
use crate::disk::places::Places;
use crate::disk::{identity, trust};
use crate::protocol::hello::{self, VERSION};
use anyhow::{Context, Result, bail, ensure};
use command::Remote;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::ExitCode;

/// What a shell exits with if it does not find a program, and if it cannot run it (POSIX, Shell Command Language §2.8.2).
const NOT_FOUND: [i32; 2] = [127, 126];

/// What ssh exits with if it fails itself (ssh(1)).
const SSH_FAILED: i32 = 255;

/// What became of asking for a server.
enum Asked {
    There(There),
    /// There is no wt that could answer, for this reason.
    Missing(String),
}

/// Does what was asked for.
pub(super) fn run(places: &Places, ssh: Ssh) -> Result<ExitCode> {
    ensure!(is_ssh(&ssh.host), "{:?} is no host for ssh", ssh.host);
    let machine = ssh.host.rsplit('@').next().unwrap_or_default();
    let name = match &ssh.name {
        Some(name) => name.clone(),
        None => name::name_like(machine).context("what is it to be called? `--name NAME` says")?,
    };
    ensure!(
        name::is_name(&name),
        "{name:?} cannot be the name of a host: write one word"
    );
    let remote = Remote::of(&ssh);
    let there = match ask(places, &remote, ssh.udp_port)? {
        Asked::There(there) => there,
        Asked::Missing(why) => {
            install::offer(&remote, &why)?;
            match ask(places, &remote, ssh.udp_port)? {
                Asked::There(there) => there,
                Asked::Missing(why) => bail!("{} has wt now, but: {why}", ssh.host),
            }
        }
    };
    let host = pin(places, name, (&ssh.host, remote.machine()), there)?;
    let agent = match ssh.agent {
        true => AgentWish::Offered,
        false => AgentWish::AsConfigured,
    };
    attach(places, (&remote, &host), ssh.session, agent)
}

/// Runs `wt server bootstrap` there.
fn ask(places: &Places, remote: &Remote, port: Option<u16>) -> Result<Asked> {
    let question = Ask {
        version: VERSION,
        key: identity::device_key(places)?.public(),
        name: pair::machine_name(),
        port,
    };
    let mut child = remote
        .run("wt server bootstrap")
        .spawn()
        .context("running ssh")?;
    if let Some(mut to) = child.stdin.take() {
        // If nobody reads it, what comes back says why.
        let _ = to.write_all(question.line().as_bytes());
    }
    let said = child.stdout.take().context("ssh has no output")?;
    let answer = find_answer(BufReader::new(said))?;
    let status = child.wait().context("waiting for ssh")?;
    let Some(answer) = answer else {
        return match status.code() {
            Some(SSH_FAILED) => bail!(
                "ssh has not reached {}: see what it says above",
                remote.host()
            ),
            Some(code) if NOT_FOUND.contains(&code) => Ok(Asked::Missing(format!(
                "there is no wt on {}",
                remote.host()
            ))),
            _ => Ok(Asked::Missing(format!(
                "the wt on {} is too old for `wt ssh`",
                remote.host()
            ))),
        };
    };
    let answer = answer?;
    let (here, there) = (VERSION, answer.version);
    if hello::check((here, ""), (there, "")).is_err() {
        let host = remote.host();
        // The newer one stays: what runs there understands it.
        ensure!(
            (there.major, there.minor) < (here.major, here.minor),
            "the wt on {host} is newer than this one: upgrade wt here"
        );
        return Ok(Asked::Missing(format!(
            "the wt on {host} is older than this one"
        )));
    }
    match answer.result {
        Ok(there) => Ok(Asked::There(there)),
        Err(line) => bail!("on {}: {line}", remote.host()),
    }
}

/// The answer among what shells and login messages say.
fn find_answer(said: impl BufRead) -> Result<Option<Result<Answer>>> {
    let mut said = said.take((MAX_LINE * MAX_OTHERS) as u64);
    for _ in 0..MAX_OTHERS {
        let mut line = Vec::new();
        let read = said
            .by_ref()
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut line);
        if read.context("reading what ssh says")? == 0 {
            break;
        }
        if let Some(answer) = Answer::parse(&String::from_utf8_lossy(&line)) {
            return Ok(Some(answer.map_err(Into::into)));
        }
    }
    Ok(None)
}

/// Pins the key that came over ssh.
fn pin(
    places: &Places,
    name: String,
    (ssh, machine): (&str, Option<String>),
    there: There,
) -> Result<Host> {
    trust::change_hosts(places, |hosts| {
        let known = hosts.find(&name).ok();
        let used = known.as_ref().and_then(|known| known.used);
        let mut addresses = there.addresses;
        let last = known
            .and_then(|known| known.last)
            .filter(|last| addresses.contains(last));
        if let Some(named) = named_address(machine.as_deref(), &addresses) {
            addresses.push(named);
        }
        addresses.dedup();
        addresses.truncate(MAX_ADDRESSES);
        let host = Host {
            name,
            key: there.key,
            addresses,
            last,
            ssh: Some(ssh.to_owned()),
            used,
            agent: None,
        };
        hosts.put(&host)?;
        Ok(host)
    })
}

/// The name by which ssh goes there may be one that everybody knows, and outlive the numbers.
fn named_address(machine: Option<&str>, others: &[Address]) -> Option<Address> {
    let port = others.first()?.port;
    let address: Address = Address::new(machine?, port).to_string().parse().ok()?;
    (!others.contains(&address)).then_some(address)
}

/// Leaves ssh, or goes on by it where nothing else gets through.
fn attach(
    places: &Places,
    (remote, host): (&Remote, &Host),
    session: Option<String>,
    agent: AgentWish,
) -> Result<ExitCode> {
    let target = format!("{}/{}", host.name, session.as_deref().unwrap_or_default());
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        println!(
            "{} is known from now on: `wt attach {target}` goes there",
            host.name
        );
        return Ok(ExitCode::SUCCESS);
    }
    let elsewhere = Elsewhere::Host(host.name.clone());
    let road = Road::Real;
    let link = match elsewhere.reach(places) {
        Ok(link) => link,
        Err(error) => return through(remote, &error, session, agent),
    };
    let reached = (link, elsewhere, &road);
    enter::attach_over(places, reached, session, Missing::Made, agent)
}

/// Offers to attach within ssh: always works where ssh does, and is as slow as ssh is.
fn through(
    remote: &Remote,
    error: &anyhow::Error,
    session: Option<String>,
    agent: AgentWish,
) -> Result<ExitCode> {
    eprintln!("wt: {}", listing::plain(&format!("{error:#}")));
    eprintln!(
        "wt: UDP may be barred on the way. Through ssh it goes, without roaming and without prediction."
    );
    if !confirm::confirmed("Go on through ssh?")? {
        bail!("{} is known, but not reached", remote.host());
    }
    remote.attach(session.as_deref(), agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::PublicKey;

    #[test]
    fn the_answer_is_found_behind_what_a_shell_says() {
        let there = There {
            key: PublicKey::new([1; 32]),
            name: "desk".into(),
            addresses: vec![Address::new("10.0.0.7", 60001)],
        };
        let answer = Answer {
            version: VERSION,
            result: Ok(there),
        };
        let said = format!("Welcome!\r\n\u{1b}[0m\n{}rest", answer.line());
        assert_eq!(
            find_answer(said.as_bytes()).unwrap().unwrap().unwrap(),
            answer
        );
        assert!(find_answer(&b"Welcome!\n"[..]).unwrap().is_none());
        let endless = std::io::repeat(b'x');
        assert!(find_answer(BufReader::new(endless)).unwrap().is_none());
    }

    #[test]
    fn the_name_that_ssh_was_given_is_tried_as_well() {
        let known = [Address::new("10.0.0.7", 60005)];
        let named = |host| named_address(Some(host), &known).map(|address| address.to_string());
        assert_eq!(named("desk.example").as_deref(), Some("desk.example:60005"));
        assert_eq!(named("10.0.0.7"), None);
    }
}
