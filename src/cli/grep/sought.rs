//! One pane that is searched: which of its lines, and what matches there.

use super::super::args::Grep;
use super::super::past::Past;
use super::super::records::Records;
use super::Query;
use crate::disk::archive::Archive;
use anyhow::Result;
use std::ops::{ControlFlow, Range};

/// Up to so many lines of a pane are searched before anybody asks for its matches, beside other panes. Those of longer
/// panes are looked through on several threads when their turn comes.
const MAX_SHORT: u64 = 1 << 16;

/// A pane, and its lines that are meant.
pub(super) struct Sought {
    pub past: Past,
    lines: Vec<Range<u64>>,
    /// The lines that match, if it is a short one.
    found: Option<Vec<u64>>,
}

impl Sought {
    /// Opens a pane; a short one is searched.
    pub fn of(past: Past, archive: &Archive, query: &Query) -> Result<Sought> {
        let lines = lines(&past, archive, query)?;
        let count: u64 = lines.iter().map(|range| range.end - range.start).sum();
        let mut sought = Sought {
            past,
            lines,
            found: None,
        };
        if count <= MAX_SHORT {
            let mut found = Vec::new();
            for range in &sought.lines {
                let each = &mut |line| {
                    found.push(line);
                    ControlFlow::Continue(())
                };
                sought.past.each_match(query.pattern, range.clone(), each)?;
            }
            sought.found = Some(found);
        }
        Ok(sought)
    }

    /// The lines that are meant.
    pub fn lines(&self) -> &[Range<u64>] {
        &self.lines
    }

    /// Calls `each` with the number of each line in `range`, one of the ranges that are meant, that matches.
    pub fn each_match(
        &self,
        query: &Query,
        range: Range<u64>,
        each: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let Some(found) = &self.found else {
            return self.past.each_match(query.pattern, range, each);
        };
        let start = found.partition_point(|line| *line < range.start);
        let within = found[start..].iter().take_while(|line| **line < range.end);
        let _ = within.copied().try_for_each(each);
        Ok(())
    }
}

/// The lines of a pane that are searched: also those that `clear` took out of sight.
fn lines(past: &Past, archive: &Archive, query: &Query) -> Result<Vec<Range<u64>>> {
    let mut first = past.first_line();
    if let Some(since_ms) = query.since_ms {
        first = first.max(past.line_at_time(since_ms)?);
    }
    let all = first..past.end_line();
    let Grep { failed, .. } = query.grep;
    match archive.pane(past.pane.0) {
        _ if !failed => Ok(vec![all]),
        Some(pane) => Ok(of_failed(&Records::of(&pane)?, &all)),
        None => Ok(Vec::new()),
    }
}

/// The lines of commands that failed, as far as they are among `all`.
fn of_failed(records: &Records, all: &Range<u64>) -> Vec<Range<u64>> {
    let commands = records.newest.values();
    let failed = commands.filter(|command| command.has_failed());
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
    ranges
}
