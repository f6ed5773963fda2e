//! `wt grep`: searching what panes have printed, live and dead. All is read in this process, on several threads; a
//! server is only asked for the lines that it has not written down yet.

mod panes;
mod print;
mod sought;

use super::ahead;
use super::args::Grep;
use super::errand::{self, Words};
use super::is_reader_gone;
use super::listing::plain;
use crate::client::clock;
use crate::disk::archive::Archive;
use crate::disk::places::Places;
use crate::scrollback::search::{Case, Pattern, Syntax};
use crate::when::{Now, When};
use anyhow::{Context, Result, ensure};
use panes::{Next, Panes};
use print::{Form, Printer};
use sought::Sought;
use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

/// The exit code for what is wrong, as grep has it.
const WRONG: u8 = 2;

/// Lines between two matches that are rather read than sought.
const NEAR: u64 = 256;

/// The most lines that are read at once.
const MAX_WINDOW: u64 = 1 << 16;

/// Does what was asked for.
pub(super) fn run(places: &Places, grep: Grep) -> Result<ExitCode> {
    match errand::split(&grep.pane) {
        Ok(Some((there, panes))) if panes.is_empty() || !grep.all => {
            return errand::run(places, &there, Words::grep(&grep, panes));
        }
        _ => {}
    }
    match search(places, &grep) {
        Ok((_, faults)) if faults > 0 => Ok(ExitCode::from(WRONG)),
        Ok((0, _)) => Ok(ExitCode::from(1)),
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) if is_reader_gone(&error) => Err(error),
        Err(error) => {
            eprintln!("wt: {}", plain(&format!("{error:#}")));
            Ok(ExitCode::from(WRONG))
        }
    }
}

/// What is looked for, and in which lines.
struct Query<'a> {
    grep: &'a Grep,
    pattern: &'a Pattern,
    /// Only in what was written then (Unix ms) or later.
    since_ms: Option<u64>,
}

/// How many lines match, and how many things are wrong. Panes are opened on several threads, and what is found in them
/// is told in their order.
fn search(places: &Places, grep: &Grep) -> Result<(u64, u64)> {
    ensure!(
        !grep.all || grep.pane.is_empty(),
        "--all means every pane: leave out --pane"
    );
    let pattern = pattern(grep)?;
    let now = clock::now();
    let query = Query {
        grep,
        pattern: &pattern,
        since_ms: since(grep, &now)?,
    };
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut printer = Printer::new(out, Form::of(grep), &pattern, now, grep.context);
    let archive = Archive::open(places);
    let (panes, meant) = Panes::open(places, grep)?;
    let work = |next: &Next| {
        let past = panes.pane(next)?;
        Some(past.and_then(|past| Sought::of(past, &archive, &query)))
    };
    let (mut matches, mut faults) = (0, 0);
    ahead::in_order(&meant, &work, &mut |sought: Option<Result<Sought>>| {
        let told = sought.map(|sought| tell(&sought?, &panes, &query, &mut printer));
        match told.transpose() {
            Ok(told) => {
                let (found, wrong) = told.unwrap_or_default();
                matches += found;
                faults += wrong;
            }
            Err(error) if is_reader_gone(&error) => return Err(error),
            Err(error) => {
                faults += 1;
                eprintln!("wt: {}", plain(&format!("{error:#}")));
            }
        }
        Ok(())
    })?;
    printer.end()?;
    Ok((matches, faults))
}

fn since(grep: &Grep, now: &Now) -> Result<Option<u64>> {
    let Some(text) = &grep.since else {
        return Ok(None);
    };
    let when: When = text.parse()?;
    let at_ms = now.find(when).context("the calendar has no such day")?;
    Ok(Some(at_ms))
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

/// Prints the matches of one pane; how many lines match, and how many gaps are in the way.
fn tell(
    sought: &Sought,
    panes: &Panes,
    query: &Query,
    printer: &mut Printer<impl Write>,
) -> Result<(u64, u64)> {
    let (past, grep) = (&sought.past, query.grep);
    printer.begin(past, &panes.place(past));
    let mut matches = 0;
    for range in sought.lines() {
        let mut window = range.start..range.start;
        let mut outcome = Ok(());
        sought.each_match(query, range.clone(), &mut |line| {
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
    Ok((matches, past.tell_faults()))
}
