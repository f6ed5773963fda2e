//! `wt log --output`: what a command printed, from disk and from the server's memory.

use super::super::args::Ran;
use super::super::control;
use super::read;
use crate::disk::archive::{Archive, PastPane};
use crate::disk::places::Places;
use crate::pane::commands::Extent;
use crate::protocol::recent::RecentLines;
use crate::protocol::request::{Reply, Request};
use crate::term::{Tables, codec};
use crate::varint::Reader;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::ops::{ControlFlow, Range};
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
    let dir = Archive::open(places).pane(pane);
    let dir =
        dir.with_context(|| format!("no pane has left commands as %{pane}: `wt log` lists them"))?;
    let entries = read(&dir)?;
    let entry = entries
        .iter()
        .find(|entry| entry.command.number == ran.number);
    let entry = entry.with_context(|| format!("no command {name}: `wt log` lists them"))?;
    let Some(lines) = entry.command.lines else {
        bail!("the lines of {name} are gone: something was written over them");
    };
    let recent = match entry.is_alive {
        true => recent(places, pane, lines.output)?,
        false => Vec::new(),
    };
    let mut out = std::io::stdout().lock();
    put(&dir, wanted(lines, &recent), &recent, &mut out)?;
    Ok(ExitCode::SUCCESS)
}

/// The lines of the output: all up to the last one for a command that runs.
fn wanted(lines: Extent, recent: &[RecentLines]) -> Range<u64> {
    let newest = recent.last().map(|part| part.first + part.count);
    lines.output..lines.end.or(newest).unwrap_or(u64::MAX)
}

/// The lines from `from` on that only the server has. They are asked for before the disk is read: then nothing is
/// missed.
fn recent(places: &Places, pane: u64, from: u64) -> Result<Vec<RecentLines>> {
    let Some(mut link) = control::connect(places)? else {
        return Ok(Vec::new());
    };
    let target = format!("%{pane}");
    link.request(Request::Recent { target, from })?;
    let mut parts = Vec::new();
    loop {
        match link.reply()? {
            Reply::Recent(part) => parts.push(part),
            Reply::Error(line) => bail!(line),
            _ => return Ok(parts),
        }
    }
}

/// Writes the lines of a range as text: first those on disk, then those that are recent.
fn put(
    pane: &PastPane,
    wanted: Range<u64>,
    recent: &[RecentLines],
    out: &mut impl Write,
) -> Result<()> {
    let border = recent.first().map_or(u64::MAX, |part| part.first);
    let mut failed = None;
    if wanted.start < border {
        let on_disk = wanted.start..wanted.end.min(border);
        pane.lines()?
            .read(on_disk, &mut |_, body| match put_line(body, out) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })?;
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    for part in recent {
        let mut reader = Reader::new(&part.lines);
        for number in part.first..part.first + part.count {
            let body = reader.bytes().context("the server's lines")?;
            if wanted.contains(&number) {
                put_line(body, out)?;
            }
        }
    }
    Ok(())
}

/// Writes a line's text; one that goes on in the next is not ended.
fn put_line(body: &[u8], out: &mut impl Write) -> std::io::Result<()> {
    let mut tables = Tables::default();
    let (cells, goes_on) = codec::decode_line(body, &mut tables).unwrap_or_default();
    let mut text = String::with_capacity(cells.len() + 1);
    cells
        .iter()
        .for_each(|cell| tables.push_text(cell, &mut text));
    if !goes_on {
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}
