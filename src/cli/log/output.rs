//! `wt log --output`: what a command printed.

use super::super::args::Ran;
use super::super::past::Past;
use super::read;
use crate::disk::archive::Archive;
use crate::disk::places::Places;
use crate::export::{goes_on, text_of};
use crate::pane::commands::Extent;
use crate::term::Tables;
use anyhow::{Context, Result, bail};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

/// Prints what a command printed.
pub(super) fn print(places: &Places, ran: Ran) -> Result<ExitCode> {
    let around = || {
        std::env::var("WT_PANE")
            .ok()?
            .strip_prefix('%')?
            .parse()
            .ok()
    };
    let pane = ran.pane.or_else(around);
    let pane = pane.context("which pane's command? Write %3/17, as `wt log` names them")?;
    let name = format!("%{pane}/{}", ran.number);
    let found = Archive::open(places).pane(pane);
    let found =
        found.with_context(|| format!("no pane %{pane} has left commands: `wt log` lists them"))?;
    let (entries, _) = read(&found)?;
    let entry = entries
        .iter()
        .find(|entry| entry.command.number == ran.number);
    let entry = entry.with_context(|| format!("no command {name}: `wt log` lists them"))?;
    let Some(lines) = entry.command.lines else {
        bail!("the lines of {name} are gone: something was written over them");
    };
    let past = Past::open(places, &format!("%{pane}"))?;
    if lines.output < past.first_line() {
        eprintln!("wt: the first lines of {name} are gone: the history's quota was reached");
    }
    write(&past, lines, &mut io::stdout().lock())?;
    match past.tell_faults() {
        0 => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}

/// Writes the output as text: of a command that runs, all up to the last line.
fn write(past: &Past, lines: Extent, out: &mut impl Write) -> Result<()> {
    // What the quota took is told of already.
    let wanted = lines.output.max(past.first_line())..lines.end.unwrap_or(past.end_line());
    let mut written = Ok(());
    past.read(wanted, &mut |number, _, body| {
        // Behind the last line's output may stand the next prompt.
        let is_shared = lines.end == Some(number + 1) && lines.last_cols > 0;
        let cols = match is_shared {
            true => lines.last_cols as usize,
            false => usize::MAX,
        };
        written = write_line(body, cols, out);
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    Ok(written?)
}

/// Writes the first `cols` columns of a line as text; one that goes on in the next is not ended.
fn write_line(body: &[u8], cols: usize, out: &mut impl Write) -> io::Result<()> {
    let mut text = text_of(body, cols, &mut Tables::default());
    if !goes_on(body) {
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}
