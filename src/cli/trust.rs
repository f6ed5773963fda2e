//! `wt key`, `wt allow`, `wt revoke`: who may use the server over a network.

use super::args::Allow;
use super::{control, listing};
use crate::auth::grants::Fault;
use crate::auth::{Grant, Grants, PublicKey, Role, name};
use crate::client::clock;
use crate::disk::places::Places;
use crate::disk::{identity, trust};
use crate::protocol::request::{Reply, Request};
use crate::protocol::trust::Trust;
use crate::when::{self, Now, When};
use anyhow::{Context, Result, bail, ensure};
use std::process::ExitCode;

/// `wt key`.
pub(super) fn key(places: &Places) -> Result<ExitCode> {
    let key = identity::device_key(places)?.public();
    println!("{key}");
    println!("{}", key.fingerprint());
    Ok(ExitCode::SUCCESS)
}

/// `wt allow`.
pub(super) fn allow(places: &Places, allow: Allow) -> Result<ExitCode> {
    let now = clock::now();
    let Some(text) = allow.key else {
        return list(places, &now);
    };
    let key: PublicKey = text.parse()?;
    if let Some(name) = &allow.name {
        ensure!(
            name::is_name(name),
            "{name:?} cannot be the name of a key: write one word of letters and digits"
        );
    }
    let until = allow.until.map(|text| end(&text, &now)).transpose()?;
    let grant = trust::change_grants(places, |grants| {
        let grant = granted(grants, key, allow.name.as_deref(), now.ms() / 1000);
        let grant = Grant { until, ..grant };
        grants.put(grant.clone());
        Ok(grant)
    })?;
    println!(
        "{} may use this server as its {}{}",
        grant.name,
        grant.role,
        ends(&grant, &now)
    );
    println!("{}", key.fingerprint());
    recheck(places)?;
    Ok(ExitCode::SUCCESS)
}

/// A grant without end for a key: called as it was, or as it is to be called, or else by the first words of its
/// fingerprint.
pub(super) fn granted(grants: &Grants, key: PublicKey, name: Option<&str>, now_secs: u64) -> Grant {
    let known = grants.all().find(|grant| grant.key == key);
    let name = match (name, known) {
        (Some(name), _) => grants.free_name(name, key),
        (None, Some(known)) => known.name.clone(),
        (None, None) => {
            let words = key.fingerprint();
            let short: Vec<&str> = words.splitn(3, '-').take(2).collect();
            grants.free_name(&short.join("-"), key)
        }
    };
    Grant {
        key,
        role: Role::Owner,
        name,
        added: Some(now_secs),
        until: None,
    }
}

/// When a grant ends: after a length of time, or at a point in time; Unix seconds.
fn end(text: &str, now: &Now) -> Result<u64> {
    let unclear = || format!("--until {text}: write 30d, 8h, 2027-01-31 or \"2027-01-31 14:30\"");
    let secs = match when::length(text) {
        Some(length) => (now.ms().saturating_add(length)) / 1000,
        None => {
            let when: When = text.parse().ok().with_context(unclear)?;
            now.find(when).with_context(unclear)? / 1000
        }
    };
    ensure!(
        secs > now.ms() / 1000,
        "--until {text}: that is over already"
    );
    Ok(secs)
}

fn ends(grant: &Grant, now: &Now) -> String {
    match grant.until {
        None => String::new(),
        Some(secs) if grant.is_valid(now.ms() / 1000) => {
            format!(", until {}", now.written(secs * 1000))
        }
        Some(secs) => format!(", which ended {}", now.written(secs * 1000)),
    }
}

fn list(places: &Places, now: &Now) -> Result<ExitCode> {
    let grants = trust::grants(places)?;
    for grant in grants.all() {
        println!("{}  {}{}", grant.name, grant.role, ends(grant, now));
        println!("    {}\n    {}", grant.key, grant.key.fingerprint());
    }
    let faults: Vec<(usize, &Fault)> = grants.faults().collect();
    let file = places.authorized_file();
    for (line, fault) in &faults {
        eprintln!(
            "wt: {}:{line}: {}",
            file.display(),
            listing::plain(&fault.to_string())
        );
    }
    if grants.all().next().is_none() && faults.is_empty() {
        eprintln!("nobody is let in: `wt pair` shows a code, `wt allow KEY` takes a key");
    }
    Ok(match faults.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// `wt revoke`.
pub(super) fn revoke(places: &Places, key_or_name: &str) -> Result<ExitCode> {
    let count = trust::change_grants(places, |grants| {
        let keys = grants.revoke(key_or_name);
        if keys.is_empty() {
            let names: Vec<&str> = grants.all().map(|grant| grant.name.as_str()).collect();
            match names.as_slice() {
                [] => bail!("nobody is let in: there is nothing to revoke"),
                names => bail!(
                    "nobody called {key_or_name:?} is let in, only {}",
                    names.join(", ")
                ),
            }
        }
        Ok(keys.len())
    })?;
    let closed = recheck(places)?.unwrap_or_default();
    let keys = match count {
        1 => key_or_name.to_owned(),
        count => format!("{count} keys called {key_or_name}"),
    };
    println!("{keys} may use this server no more{closed}");
    Ok(ExitCode::SUCCESS)
}

/// Lets a running server look at once at whom it lets in; what it has to say of that.
pub(super) fn recheck(places: &Places) -> Result<Option<String>> {
    let Some(stream) = crate::server::start::find_server(places)? else {
        return Ok(None);
    };
    // One that is ending, or of another release, lets in whom its file names, as soon as it looks.
    let Ok(mut link) = crate::net::Blocking::greet(stream) else {
        return Ok(None);
    };
    match control::ask(&mut link, Request::Trust(Trust::Recheck))? {
        Reply::Said(line) => Ok(Some(line)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn a_grant_ends_after_a_while_or_at_a_time_to_come() {
        let now = Now::new(1_795_266_269_000, TimeZone::UTC);
        let end = |text: &str| {
            end(text, &now)
                .map(when::utc)
                .map_err(|error| error.to_string())
        };
        assert_eq!(end("30d").as_deref(), Ok("2026-12-21T13:04:29Z"));
        assert_eq!(end("90 min").as_deref(), Ok("2026-11-21T14:34:29Z"));
        assert_eq!(end("2027-01-31").as_deref(), Ok("2027-01-31T00:00:00Z"));
        for bad in ["soon", "2020-01-01", "0d", ""] {
            assert!(end(bad).unwrap_err().starts_with("--until"), "{bad}");
        }
    }

    #[test]
    fn a_key_without_a_name_is_called_by_its_first_words() {
        let mut grants = Grants::default();
        let key = PublicKey::new([1; 32]);
        let grant = granted(&grants, key, None, 0);
        assert!(key.fingerprint().starts_with(&format!("{}-", grant.name)));
        grants.put(granted(&grants, key, Some("ann"), 0));
        assert_eq!(granted(&grants, key, None, 0).name, "ann");
        assert_eq!(
            granted(&grants, PublicKey::new([2; 32]), Some("ann"), 0).name,
            "ann-2"
        );
    }
}
