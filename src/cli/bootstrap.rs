//! `wt server bootstrap`: what `wt ssh` runs on the machine that it reaches. It lets the device in that asks over ssh,
//! and tells where the server is. Speaks by lines on standard input and output.

use super::{control, trust as granting};
use crate::auth::bootstrap::{Answer, Ask, MAX_LINE, There};
use crate::auth::{Address, PublicKey, name};
use crate::client::clock;
use crate::disk::places::Places;
use crate::disk::trust;
use crate::protocol::hello::{self, VERSION};
use crate::protocol::request::{Reply, Request};
use crate::protocol::trust::{Trust, Trusted};
use crate::server::start::ensure_server;
use anyhow::{Context, Result, bail, ensure};
use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

/// Does it. What goes wrong is told to the other side, not here.
pub(super) fn run(places: &Places) -> Result<ExitCode> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(MAX_LINE as u64)
        .read_line(&mut line)?;
    let result = answer(places, &line).map_err(|error| format!("{error:#}"));
    let is_done = result.is_ok();
    let answer = Answer {
        version: VERSION,
        result,
    };
    let mut out = io::stdout().lock();
    out.write_all(answer.line().as_bytes())?;
    out.flush()?;
    Ok(match is_done {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn answer(places: &Places, line: &str) -> Result<There> {
    let ask =
        Ask::parse(line).context("this is for `wt ssh`, which asks here in its own way")??;
    let fits = hello::check((ask.version, ""), (VERSION, "")).is_ok();
    ensure!(
        fits,
        "the wt here and the wt there are of other versions: upgrade the older one"
    );
    let mut link = control::reach(places, ensure_server)?;
    let listen = Request::Trust(Trust::Listen { port: ask.port });
    let Reply::Trust(Trusted::Whereabouts(there)) = control::ask(&mut link, listen)? else {
        bail!("the server here answered something else");
    };
    let now_secs = clock::now().ms() / 1000;
    trust::change_grants(places, |grants| {
        // What was granted already stays as it is, with its end.
        if grants.check(ask.key, now_secs).is_err() {
            let name = name::name_like(&ask.name);
            grants.put(granting::granted(
                grants,
                ask.key,
                name.as_deref(),
                now_secs,
            ));
        }
        Ok(())
    })?;
    let key: PublicKey = there.key.parse()?;
    let ports: Vec<u16> = addresses(&there.addresses)
        .map(|address| address.port)
        .collect();
    let mut reached: Vec<Address> = asked_at()
        .iter()
        .flat_map(|machine| ports.first().map(|port| Address::new(machine, *port)))
        .collect();
    for address in addresses(&there.addresses) {
        if !reached.contains(&address) {
            reached.push(address);
        }
    }
    Ok(There {
        key,
        name: there.name,
        addresses: reached,
    })
}

fn addresses(texts: &[String]) -> impl Iterator<Item = Address> {
    texts.iter().filter_map(|text| text.parse().ok())
}

/// By which address of this machine ssh has come (ssh(1): SSH_CONNECTION has the client's address and port, then ours).
fn asked_at() -> Option<String> {
    let connection = std::env::var("SSH_CONNECTION").ok()?;
    let machine = connection.split_ascii_whitespace().nth(2)?;
    machine
        .parse::<std::net::IpAddr>()
        .ok()
        .map(|ip| ip.to_string())
}
