//! `wt log`: the commands that shells ran, in all panes that have left something on disk, live and dead.

mod output;

use super::args::Log;
use super::columns::{self, Side};
use super::errand::{self, Words};
use super::listing::plain;
use super::records::Records;
use crate::client::clock::now;
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::{Meta, Place};
use crate::disk::places::Places;
use crate::pane::commands::{Command, Extent};
use crate::pane::duration;
use crate::when::{Now, When};
use anyhow::{Context, Result};
use std::io::Write;
use std::process::ExitCode;

/// A command, and where it ran.
#[derive(Debug, Clone)]
struct Entry {
    pane: u64,
    place: Place,
    /// Whether the pane's program runs.
    is_alive: bool,
    command: Command,
}

/// `wt log`.
pub(super) fn run(places: &Places, log: Log) -> Result<ExitCode> {
    if let Some(ran) = log.output {
        return match errand::split_one(ran.host.as_ref())? {
            Some((there, _)) => errand::run(places, &there, Words::output(&ran)),
            None => output::print(places, ran),
        };
    }
    if let Some((there, target)) = errand::split_one(log.pane.as_ref())? {
        return errand::run(places, &there, Words::log(&log, target));
    }
    let now = now();
    let since = match &log.since {
        None => 0,
        Some(text) => {
            let when: When = text.parse()?;
            now.find(when).context("the calendar has no such day")?
        }
    };
    let wanted = Wanted { log: &log, since };
    let (shown, outcome) = gather(&Archive::open(places), &wanted)?;
    let mut out = std::io::stdout().lock();
    if log.json {
        let records: Vec<_> = shown.iter().map(|entry| entry.json(&now)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&records)?)?;
    } else if shown.is_empty() {
        eprintln!("{}", wanted.nothing());
    } else {
        let home = std::env::var("HOME").unwrap_or_default();
        out.write_all(page(&shown, &now, &home).as_bytes())?;
    }
    Ok(outcome)
}

/// Which commands are meant.
struct Wanted<'a> {
    log: &'a Log,
    /// Those that began then (Unix ms) or later.
    since: u64,
}

impl Wanted<'_> {
    /// What is said where no command is meant.
    fn nothing(&self) -> &'static str {
        let log = self.log;
        let is_all = !log.failed && log.since.is_none() && log.pane.is_none();
        match is_all && log.count != Some(0) {
            true => {
                "no commands: shells that wt starts tell of theirs unless shell-integration is off"
            }
            false => "no such commands",
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        entry.command.started_ms >= self.since
            && (!self.log.failed || entry.command.has_failed())
            && (self.log.pane.as_ref()).is_none_or(|pane| entry.is_in(pane))
    }

    /// Sorts the entries, and drops those that are not among the last that are to be shown.
    fn cut(&self, entries: &mut Vec<Entry>) {
        entries.sort_by_key(|entry| (entry.command.started_ms, entry.pane, entry.command.number));
        if let Some(count) = self.log.count {
            entries.drain(..entries.len().saturating_sub(count));
        }
    }
}

/// The commands of all panes that are meant, oldest first. A pane that cannot be read costs the others nothing, but makes
/// a failure of it.
fn gather(archive: &Archive, wanted: &Wanted) -> Result<(Vec<Entry>, ExitCode)> {
    let (mut entries, mut locked, mut outcome) = (Vec::new(), 0, ExitCode::SUCCESS);
    for pane in archive.panes()? {
        match read(&pane) {
            Ok((commands, unread)) => {
                locked += unread;
                entries.extend(commands.into_iter().filter(|entry| wanted.holds(entry)));
                wanted.cut(&mut entries);
            }
            Err(error) => {
                outcome = ExitCode::FAILURE;
                eprintln!("wt: %{}: {}", pane.pane, plain(&format!("{error:#}")));
            }
        }
    }
    if locked > 0 {
        let why = plain(&archive.complaint());
        eprintln!("wt: of {locked} records of commands nothing is shown: {why}");
    }
    Ok((entries, outcome))
}

/// The commands of a pane, by number, and how many records of them cannot be opened.
fn read(pane: &PastPane) -> Result<(Vec<Entry>, u64)> {
    let Records { newest, locked } = Records::of(pane)?;
    // What is told of a pane may be damaged: its commands still stand.
    let meta = Meta::read(&pane.dir).ok().flatten().unwrap_or_default();
    let is_alive = meta.is_alive();
    let entry = |command| Entry {
        pane: pane.pane,
        place: meta.place.clone(),
        is_alive,
        command,
    };
    Ok((newest.into_values().map(entry).collect(), locked))
}

impl Entry {
    /// Whether it ran in a pane, tab or session of that name.
    fn is_in(&self, target: &str) -> bool {
        let Place { session, tab, .. } = &self.place;
        let name = target.strip_prefix('%');
        name.is_some_and(|pane| pane.parse() == Ok(self.pane))
            || target == session
            || target == format!("{session}:{tab}")
            || target == self.place.to_string()
    }

    fn is_running(&self) -> bool {
        self.is_alive && self.command.ended_ms.is_none()
    }

    /// How long it ran; `None` if nobody saw its end.
    fn ran_ms(&self, now: &Now) -> Option<u64> {
        let is_known = self.is_running() || self.command.ended_ms.is_some();
        is_known.then(|| self.command.ran_ms(now.ms()))
    }

    fn name(&self) -> String {
        format!("%{}/{}", self.pane, self.command.number)
    }

    fn json(&self, now: &Now) -> serde_json::Value {
        let command = &self.command;
        serde_json::json!({
            "id": self.name(),
            "pane": format!("%{}", self.pane),
            "session": self.place.session,
            "tab": self.place.tab,
            "pane-in-tab": self.place.pane,
            "command": command.text,
            "directory": command.dir,
            "exit": command.exit,
            "running": self.is_running(),
            "started-ms": command.started_ms,
            "ended-ms": command.ended_ms,
            "duration-ms": self.ran_ms(now),
            "lines": command.lines.map(numbered),
        })
    }
}

/// Lines by their numbers from 1, as every other command counts them.
fn numbered(lines: Extent) -> serde_json::Value {
    serde_json::json!({
        "prompt": lines.prompt + 1,
        "output": lines.output + 1,
        // One past the last from 0 is the last from 1.
        "last": lines.end,
    })
}

/// One row for each command, the columns below each other.
fn page(entries: &[Entry], now: &Now, home: &str) -> String {
    let rows: Vec<_> = entries.iter().map(|entry| row(entry, now, home)).collect();
    let [left, right] = [Side::Left, Side::Right];
    columns::page(&rows, [right, right, right, left, left, left, left])
}

/// When, how long, what came of it, which, where twice, and what.
fn row(entry: &Entry, now: &Now, home: &str) -> [String; 7] {
    let command = &entry.command;
    let exit = match command.exit {
        Some(code) => code.to_string(),
        None if entry.is_running() => "runs".to_owned(),
        None => "?".to_owned(),
    };
    let place = match &entry.place {
        place if place.session.is_empty() => "-".to_owned(),
        place => plain(&place.to_string()),
    };
    let dir = match command.dir.strip_prefix(home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            format!("~{rest}")
        }
        _ => command.dir.clone(),
    };
    let text = command.text.replace('\n', " ⏎ ").replace('\t', " ");
    [
        now.brief(command.started_ms),
        entry.ran_ms(now).map_or("?".to_owned(), duration),
        exit,
        entry.name(),
        place,
        plain(&dir),
        plain(&text),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn entry(pane: u64, number: u64, text: &str, exit: Option<i32>) -> Entry {
        Entry {
            pane,
            place: Place {
                session: "work".into(),
                tab: 2,
                pane: 1,
                ..Place::default()
            },
            is_alive: true,
            command: Command {
                number,
                text: text.into(),
                dir: "/home/me/src".into(),
                exit,
                started_ms: 60_000 * number,
                ended_ms: exit.map(|_| 60_000 * number + 130_000),
                ..Command::default()
            },
        }
    }

    #[test]
    fn a_page_says_when_how_long_what_came_of_it_where_and_what() {
        let mut lost = entry(12, 3, "for x in *\ndo\techo \u{1b}[31m$x\ndone", None);
        lost.is_alive = false;
        lost.place = Place::default();
        lost.command.dir = "/home/me2".into();
        let entries = [
            entry(3, 1, "make -j8", Some(2)),
            entry(3, 2, "vim", None),
            lost,
        ];
        let now = Now::new(300_000, TimeZone::UTC);
        insta::assert_snapshot!(page(&entries, &now, "/home/me"), @r"
        00:01  2 m 10 s     2  %3/1   work:2.1  ~/src      make -j8
        00:02   3 m 0 s  runs  %3/2   work:2.1  ~/src      vim
        00:03         ?     ?  %12/3  -         /home/me2  for x in * ⏎ do echo �[31m$x ⏎ done
        ");
        let told = entries[1].json(&now);
        assert_eq!(
            (&told["id"], &told["running"]),
            (&"%3/2".into(), &true.into())
        );
        assert_eq!(told["lines"], serde_json::Value::Null);
        assert_eq!(
            (&told["exit"], &told["duration-ms"]),
            (&().into(), &180_000.into())
        );
    }

    #[test]
    fn lines_are_counted_from_one() {
        let mut ran = entry(3, 1, "ls", Some(0));
        ran.command.lines = Some(Extent {
            prompt: 0,
            output: 1,
            end: Some(4),
            last_cols: 0,
        });
        let told = ran.json(&Now::new(300_000, TimeZone::UTC));
        let wanted = serde_json::json!({"prompt": 1, "output": 2, "last": 4});
        assert_eq!(told["lines"], wanted, "the output is lines 2 to 4");
    }

    #[test]
    fn a_target_names_a_pane_a_tab_or_a_session() {
        let entry = entry(3, 1, "ls", Some(0));
        for target in ["%3", "work", "work:2", "work:2.1"] {
            assert!(entry.is_in(target), "{target}");
        }
        for target in ["%31", "wor", "work:1", "work:2.2", "3"] {
            assert!(!entry.is_in(target), "{target}");
        }
    }
}
