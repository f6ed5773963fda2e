//! `wt grep`: searching what panes have printed, live and dead. All is read in this process, on several threads; a
//! server is only asked for the lines that it has not written down yet.

mod panes;
mod print;

use super::args::Grep;
use super::listing::plain;
use super::past::Past;
use crate::client::clock;
use crate::disk::archive::Archive;
use crate::disk::commands;
use crate::disk::places::Places;
use crate::pane::commands::Command;
use crate::scrollback::search::{Case, Pattern, Syntax};
use crate::when::When;
use anyhow::{Context, Result};
use panes::Panes;
use print::{Form, Printer};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::process::ExitCode;

/// The exit code for what is wrong, as grep has it.
const WRONG: u8 = 2;

/// How many of a pane's records of commands are read, in bytes.
const MAX_COMMANDS: u64 = 16 << 20;

/// Lines between two matches that are rather read than sought.
const NEAR: u64 = 256;

/// The most lines that are read at once.
const MAX_WINDOW: u64 = 1 << 16;

/// Does what was asked for.
pub(super) fn run(places: &Places, grep: Grep) -> Result<ExitCode> {
    match search(places, &grep) {
        Ok((_, faults)) if faults > 0 => Ok(ExitCode::from(WRONG)),
        Ok((0, _)) => Ok(ExitCode::from(1)),
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) if error.is::<std::io::Error>() => Err(error),
        Err(error) => {
            eprintln!("wt: {}", plain(&format!("{error:#}")));
            Ok(ExitCode::from(WRONG))
        }
    }
}

/// How many lines match, and how many panes could not be read.
fn search(places: &Places, grep: &Grep) -> Result<(u64, u64)> {
    let pattern = pattern(grep)?;
    let archive = Archive::open(places);
    let now = clock::now();
    let since_ms = match &grep.since {
        None => None,
        Some(text) => {
            let when: When = text.parse()?;
            Some(now.find(when).context("there is no such day")?)
        }
    };
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut printer = Printer::new(out, Form::of(grep), &pattern, now, grep.context);
    let (mut matches, mut faults) = (0, 0);
    let mut panes = Panes::open(places, grep)?;
    while let Some(past) = panes.next() {
        let outcome = past.and_then(|past| {
            let lines = lines(&past, &archive, since_ms, grep)?;
            printer.begin(&past, &panes.place(&past));
            let found = in_pane(&past, lines, &pattern, grep, &mut printer)?;
            Ok((found, past))
        });
        match outcome {
            Ok((found, past)) => {
                matches += found;
                faults += past.tell_faults();
            }
            // The reader has gone.
            Err(error) if error.is::<std::io::Error>() => return Err(error),
            Err(error) => {
                faults += 1;
                eprintln!("wt: {}", plain(&format!("{error:#}")));
            }
        }
    }
    printer.end()?;
    Ok((matches, faults))
}

fn pattern(grep: &Grep) -> Result<Pattern> {
    let syntax = match grep.fixed_strings {
        true => Syntax::Literal,
        false => Syntax::Regex,
    };
    let case = match (grep.ignore_case, grep.case_sensitive) {
        (true, _) => Case::Ignored,
        (_, true) => Case::Kept,
        _ => Case::Smart,
    };
    let shown: String = grep.pattern.chars().take(80).collect();
    Pattern::parse(&grep.pattern, syntax, case).with_context(|| format!("searching for '{shown}'"))
}

/// The lines of a pane that are searched: also those that `clear` took out of sight.
fn lines(
    past: &Past,
    archive: &Archive,
    since_ms: Option<u64>,
    grep: &Grep,
) -> Result<Vec<Range<u64>>> {
    let mut first = past.first_line();
    if let Some(since_ms) = since_ms {
        first = first.max(past.line_at_time(since_ms)?);
    }
    let all = first..past.end_line();
    if !grep.failed {
        return Ok(vec![all]);
    }
    let Some(pane) = archive.pane(past.pane.0) else {
        return Ok(Vec::new());
    };
    let mut newest = BTreeMap::new();
    commands::read(&pane.dir, &pane.keys, MAX_COMMANDS, &mut |record| {
        if let Ok(command) = serde_json::from_str::<Command>(record) {
            newest.insert(command.number, command);
        }
    })?;
    let failed = newest.values().filter(|command| command.has_failed());
    let mut ranges = Vec::new();
    for extent in failed.filter_map(|command| command.lines) {
        let start = extent.prompt.max(all.start);
        let end = extent.end.unwrap_or(extent.output).min(all.end);
        // Damaged records may lie across each other; no line is told twice.
        let start = ranges
            .last()
            .map_or(start, |last: &Range<u64>| start.max(last.end));
        ranges.extend((start < end).then_some(start..end));
    }
    Ok(ranges)
}

/// Prints the matches among `lines` of one pane; how many lines match.
fn in_pane(
    past: &Past,
    lines: Vec<Range<u64>>,
    pattern: &Pattern,
    grep: &Grep,
    printer: &mut Printer<impl Write>,
) -> Result<u64> {
    let mut matches = 0;
    for range in lines {
        let mut window = range.start..range.start;
        let mut outcome = Ok(());
        past.each_match(pattern, range.clone(), &mut |line| {
            matches += 1;
            if grep.count || line < window.start {
                return ControlFlow::Continue(());
            }
            let from = line.saturating_sub(grep.context).max(window.start);
            let end = (line + grep.context + 1).min(range.end);
            if from > window.end.saturating_add(NEAR) || end - window.start > MAX_WINDOW {
                outcome = printer.lines(past, window.clone());
                window.start = from.max(window.end);
            }
            window.end = end.max(window.start);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome?;
        printer.lines(past, window)?;
    }
    if grep.count {
        printer.count(matches)?;
    }
    Ok(matches)
}
