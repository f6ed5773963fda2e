//! `wt history ls`: the panes that have a history.

use super::super::ahead;
use super::super::args::Listed;
use super::super::columns::{self, Side};
use super::super::control;
use super::super::errand::{self, Words};
use super::super::listing::plain;
use super::super::past::Past;
use super::super::remote;
use crate::client::clock;
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::{Ended, How};
use crate::disk::places::Places;
use crate::disk::prune::amount;
use crate::pane::Ending;
use crate::protocol::PaneId;
use crate::when::Now;
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

/// How many panes a thread reads before it hands them over.
const PART: usize = 64;

/// One pane's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    /// Its number.
    pane: u64,
    /// Where it stands, or stood last: `SESSION:TAB.PANE`.
    place: String,
    /// Its name, title, or what runs in it.
    title: String,
    /// Where its program was last.
    cwd: String,
    /// How many lines there are.
    lines: u64,
    /// What they take on disk, with all else that is kept of the pane.
    bytes: u64,
    /// When the first and the last were written, in Unix ms.
    first_ms: Option<u64>,
    last_ms: Option<u64>,
    /// Whether it is a pane of the running server.
    live: bool,
    /// How its program ended, if somebody saw that.
    ended: Option<Ended>,
    /// Why some of it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

/// Does what was asked for.
pub(super) fn run(places: &Places, listed: Listed) -> Result<ExitCode> {
    if let Some(host) = &listed.host {
        let there = remote::named(host)?;
        return errand::run(places, &there, Words::listed(&listed));
    }
    let mut entries = entries(places)?;
    entries.retain(|entry| !(listed.dead && entry.live));
    let mut out = std::io::stdout().lock();
    if listed.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&entries)?)?;
    } else if entries.is_empty() {
        eprintln!("no history yet: it begins with the first line that a pane prints");
    } else {
        out.write_all(page(&entries, &clock::now()).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn entries(places: &Places) -> Result<Vec<Entry>> {
    let archive = Archive::open(places);
    let mut link = control::connect_to_programs(places)?;
    let mut live = BTreeSet::new();
    if let Some(link) = &mut link {
        let sessions = control::living_sessions(link)?;
        let tabs = sessions.iter().flat_map(|session| &session.tabs);
        live.extend(tabs.flat_map(|tab| &tab.panes).map(|pane| pane.id));
    }
    let on_disk = archive.panes()?;
    let mut entries = Vec::new();
    // What has ended in the meantime, or lost its server, is read from disk.
    live.retain(|pane| {
        let asked = link
            .as_mut()
            .and_then(|link| control::recent(link, &pane.to_string(), 0).ok());
        let lives = asked.is_some();
        entries.extend(asked.map(|memory| entry(&archive, &Past::live(&archive, memory))));
        lives
    });
    let mut dead = on_disk;
    dead.retain(|found| !live.contains(&PaneId(found.pane)));
    entries.extend(dead_entries(&archive, &dead)?);
    entries.sort_by_key(|entry| entry.pane);
    Ok(entries)
}

/// Those of panes that nobody runs, read on several threads; what is wrong with the others is told.
fn dead_entries(archive: &Archive, panes: &[PastPane]) -> Result<Vec<Entry>> {
    let read = |pane: &PastPane| match Past::dead(pane) {
        Ok(past) => Ok(entry(archive, &past)),
        Err(error) => Err(format!("%{}: {}", pane.pane, plain(&format!("{error:#}")))),
    };
    let parts: Vec<_> = panes.chunks(PART).collect();
    let mut entries = Vec::new();
    let read_all = |part: &&[PastPane]| part.iter().map(read).collect::<Vec<_>>();
    ahead::in_order(&parts, &read_all, &mut |outcomes| {
        for outcome in outcomes {
            match outcome {
                Ok(entry) => entries.push(entry),
                Err(fault) => eprintln!("wt: {fault}"),
            }
        }
        Ok(())
    })?;
    Ok(entries)
}

fn entry(archive: &Archive, past: &Past) -> Entry {
    let meta = past.meta.clone().unwrap_or_default();
    // Damage is told below; the rest of the line stands all the same.
    let times = past.times();
    let fault = times.as_ref().err().map(|error| format!("{error:#}"));
    let (first_ms, last_ms) = times.unwrap_or_default();
    Entry {
        pane: past.pane.0,
        place: meta.place.to_string(),
        title: meta.title(),
        cwd: meta.cwd,
        lines: past.end_line().saturating_sub(past.first_line()),
        bytes: archive.pane(past.pane.0).map_or(0, |pane| pane.bytes()),
        first_ms,
        last_ms,
        live: past.is_live,
        ended: meta.ended.filter(|_| !past.is_live),
        fault: past.fault.clone().or(fault),
    }
}

/// One line for each, in columns.
fn page(entries: &[Entry], now: &Now) -> String {
    let rows: Vec<[String; 6]> = entries.iter().map(|entry| row(entry, now)).collect();
    let [left, right] = [Side::Left, Side::Right];
    columns::page(&rows, [left, left, right, right, left, left])
}

fn row(entry: &Entry, now: &Now) -> [String; 6] {
    let brief = |ms: Option<u64>| ms.map_or("?".to_owned(), |ms| now.brief(ms));
    let since = match (entry.first_ms, entry.last_ms) {
        (None, None) => String::new(),
        (first, last) => format!("{} – {}", brief(first), brief(last)),
    };
    let state = match (entry.live, &entry.fault) {
        (_, Some(fault)) => format!("({}) ", plain(fault)),
        (true, None) => String::new(),
        (false, None) => format!("({}) ", fate(entry.ended)),
    };
    let lines = match entry.lines {
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    };
    [
        format!("%{}", entry.pane),
        plain(&entry.place),
        lines,
        amount(entry.bytes),
        since,
        format!("{state}{}", plain(&entry.title)),
    ]
}

/// How a program ended, in words.
fn fate(ended: Option<Ended>) -> String {
    match ended.map(|ended| ended.how) {
        Some(How::Closed { code }) => Ending::Code(code).words(),
        Some(How::Killed { signal }) => Ending::Signal(signal).words(),
        Some(How::Lost) | None => "gone".to_owned(),
    }
}
