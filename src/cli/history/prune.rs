//! `wt history prune`: deletes the oldest history, by the server or, where none runs, in its place.

use super::super::args::Prune;
use super::super::control;
use super::super::errand::{self, Words};
use super::super::remote;
use crate::disk::Lock;
use crate::disk::archive::Archive;
use crate::disk::places::Places;
use crate::disk::writer::Writer;
use crate::protocol::request::{PruneHistory, Reply, Request};
use crate::server::quota;
use anyhow::{Context, Result, ensure};
use std::process::ExitCode;
use std::time::SystemTime;

/// Does what was asked for; without a size and an age, what the configuration asks for.
pub(super) fn run(places: &Places, wanted: Prune) -> Result<ExitCode> {
    if let Some(host) = &wanted.host {
        let there = remote::named(host)?;
        return errand::run(places, &there, Words::prune(&wanted, None));
    }
    if let Some((there, pane)) = errand::split_one(wanted.pane.as_ref())? {
        return errand::run(places, &there, Words::prune(&wanted, pane));
    }
    let wanted = plan(places, wanted)?;
    let said = match control::connect(places)? {
        Some(mut link) => match control::ask(&mut link, Request::Prune(wanted))? {
            Reply::Said(said) => said,
            _ => String::new(),
        },
        None => {
            // So that no server begins to write meanwhile.
            let _lock = Lock::take(&places.lock()).context("a server is starting; try again")?;
            let prune = quota::plan(&wanted);
            let archive = Archive::open(places);
            let pruned = prune.run(&archive, &Writer::default(), SystemTime::now())?;
            prune.sentence(&pruned)
        }
    };
    println!("{said}");
    Ok(ExitCode::SUCCESS)
}

fn plan(places: &Places, wanted: Prune) -> Result<PruneHistory> {
    let pane = match &wanted.pane {
        None => None,
        Some(name) => {
            let number = name.strip_prefix('%').unwrap_or(name).parse().ok();
            let pane = number.and_then(|number| Archive::open(places).pane(number));
            ensure!(
                pane.is_some(),
                "no history of {name}: `wt history ls` lists them all"
            );
            number
        }
    };
    let limits = places.read_config().0.history;
    let by_configuration = wanted.older_than.is_none() && wanted.to.is_none();
    let (age, bytes) = match by_configuration {
        true if pane.is_some() => (limits.max_age_secs, Some(limits.pane_bytes)),
        true => (limits.max_age_secs, Some(limits.total_bytes)),
        false => (wanted.older_than, wanted.to),
    };
    Ok(PruneHistory {
        older_than_secs: age,
        to_bytes: bytes,
        pane,
        dead: wanted.dead,
        dry_run: wanted.dry_run,
    })
}
