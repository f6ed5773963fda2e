//! One pane's lines, wherever they are: on disk, in the memory of its server, or in the last snapshot of a server that
//! is gone. They are read in this process, however many they are: no server waits for it.

use super::listing::plain;
use super::{control, remote};
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::Meta;
use crate::disk::moments::EachTimed;
use crate::disk::places::Places;
use crate::disk::search::Searcher;
use crate::disk::snapshot::Snapshot;
use crate::pane::Recent;
use crate::protocol::PaneId;
use crate::protocol::recent::RecentLines;
use crate::scrollback::lines as encoded;
use crate::scrollback::search::Pattern;
use crate::term::{Emulator, Size};
use crate::varint::Reader;
use anyhow::{Result, bail};
use std::ops::{ControlFlow, Range};

/// How many lines are looked through for the first and the last that have a time: more than a screen has.
const MAX_BLANK: u64 = 1000;

/// How many gaps are told one by one.
const MAX_GAPS: usize = 20;

/// The lines of one pane.
///
/// Law: each line that exists is read once, under its own number, while its program goes on printing.
pub(super) struct Past {
    pub pane: PaneId,
    /// What is told of it; `None` if nothing is, or it cannot be read.
    pub meta: Option<Meta>,
    /// Whether its program is a running server's.
    pub is_live: bool,
    /// Why its lines on disk cannot be read.
    pub fault: Option<String>,
    disk: Option<Searcher>,
    /// The line before which views show nothing.
    floor: u64,
    /// The lines in memory; at least one part.
    memory: Vec<RecentLines>,
}

impl Past {
    /// The pane that a target names: one of the running server's, or `%ID` of any that has left something on disk.
    pub fn open(places: &Places, target: &str) -> Result<Past> {
        if let (Some(_), rest) = remote::split(Some(target.to_owned()))? {
            let there = rest.unwrap_or_default();
            bail!(
                "{target} is on another machine: `wt history export` brings what it has, or run this there for {there:?}"
            );
        }
        let archive = Archive::open(places);
        let id = target.strip_prefix('%').and_then(|id| id.parse().ok());
        let dead = || id.and_then(|id| archive.pane(id));
        let Some(mut link) = control::connect_to_programs(places)? else {
            return match (dead(), target) {
                (Some(pane), _) => Past::dead(&pane),
                (None, "") => {
                    bail!("no server runs: say which pane is meant, as `wt history ls` shows them")
                }
                (None, target) => bail!("no history of {target}: `wt history ls` lists them all"),
            };
        };
        match control::recent(&mut link, target, 0) {
            Ok(memory) => Ok(Past::live(&archive, memory)),
            Err(error) => match dead() {
                Some(pane) => Past::dead(&pane),
                None => Err(error),
            },
        }
    }

    /// A pane of the running server, whose lines in memory these are. What is on disk is looked for after they were
    /// asked for, so that nothing falls between.
    pub fn live(archive: &Archive, memory: Vec<RecentLines>) -> Past {
        let pane = memory.first().map(|part| part.pane).unwrap_or_default();
        let found = archive.pane(pane.0);
        let (disk, fault) = match &found {
            None => (None, None),
            Some(pane) => on_disk(pane.lines()),
        };
        Past {
            pane,
            meta: found.and_then(|found| Meta::read(&found.dir).ok().flatten()),
            is_live: true,
            fault,
            floor: floor(&disk).max(memory.first().map_or(0, |part| part.floor)),
            disk: disk.map(Searcher::reaching_back),
            memory,
        }
    }

    /// A pane that nobody runs.
    ///
    /// # Errors
    /// If nothing of it can be read.
    pub fn dead(pane: &PastPane) -> Result<Past> {
        let snapshot = pane.snapshot();
        let beside = snapshot.as_ref().ok().and_then(Option::as_deref);
        let (disk, fault) = on_disk(pane.lines_beside(beside));
        let end = disk.as_ref().map_or(0, Searcher::end_line);
        let screen = snapshot.and_then(|bytes| last_screen(bytes, end));
        let (screen, fault) = match (screen, fault) {
            (Ok(screen), fault) => (screen, fault),
            (Err(error), None) => (None, Some(format!("{error:#}"))),
            (Err(_), fault) if disk.is_some() => (None, fault),
            (Err(_), Some(fault)) => bail!(fault),
        };
        let nothing = RecentLines {
            first: end,
            ..RecentLines::default()
        };
        Ok(Past {
            pane: PaneId(pane.pane),
            meta: Meta::read(&pane.dir).ok().flatten(),
            is_live: false,
            fault,
            floor: floor(&disk),
            disk: disk.map(Searcher::reaching_back),
            memory: vec![screen.unwrap_or(nothing)],
        })
    }

    /// The oldest line that is kept.
    pub fn first_line(&self) -> u64 {
        match &self.disk {
            Some(disk) if disk.first_line() < disk.end_line() => disk.first_line(),
            _ => self.border(),
        }
    }

    /// The number after the last line's.
    pub fn end_line(&self) -> u64 {
        self.memory.last().map_or(0, RecentLines::end)
    }

    /// The line before which views show nothing: the program cleared its scrollback.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// The first line that is not complete: its program may write on in it.
    pub fn open_line(&self) -> u64 {
        self.memory.first().map_or(0, |part| part.open_line)
    }

    /// The terminal's size.
    pub fn size(&self) -> Size {
        let said = self.memory.first().and_then(|part| part.size);
        said.unwrap_or(Size::new(80, 24))
    }

    /// Whether a full-screen program hides the screen that the lines belong to.
    pub fn is_hidden(&self) -> bool {
        self.memory.first().is_some_and(|part| part.is_hidden)
    }

    /// Lines from here on are in memory.
    fn border(&self) -> u64 {
        self.memory.first().map_or(0, |part| part.first)
    }

    /// Those of `lines` that are looked for on disk; what it has not got is noted.
    fn older(&self, disk: &Searcher, lines: &Range<u64>) -> Range<u64> {
        let older = lines.start..lines.end.min(self.border());
        let unknown = disk.end_line().max(older.start)..older.end;
        disk.gaps().note(unknown);
        older
    }

    /// What cannot be read, of what was looked for until now: one line for each gap.
    pub fn faults(&self) -> Vec<String> {
        let gaps = self.disk.as_ref().map(|disk| disk.gaps().ranges());
        let gaps = gaps.unwrap_or_default();
        let fault = self.fault.as_deref().map(plain);
        let mut told: Vec<_> = gaps
            .iter()
            .take(MAX_GAPS)
            .map(|gap| format!("{} {}", self.named(gap), why(gap, fault.as_deref())))
            .collect();
        if let Some(untold) = gaps.get(MAX_GAPS..).filter(|untold| !untold.is_empty()) {
            let lines: u64 = untold.iter().map(|gap| gap.end - gap.start).sum();
            told.push(format!("so are {lines} more lines of {}", self.pane));
        }
        match (told.is_empty(), fault) {
            (true, Some(fault)) => vec![format!("{}: {fault}", self.pane)],
            _ => told,
        }
    }

    /// Says on standard error what cannot be read; how many lines that took.
    pub fn tell_faults(&self) -> u64 {
        let faults = self.faults();
        for fault in &faults {
            eprintln!("wt: {fault}");
        }
        faults.len() as u64
    }

    /// Lines by their numbers, from 1.
    fn named(&self, lines: &Range<u64>) -> String {
        match lines.end - lines.start {
            1 => format!("line {} of {}", lines.end, self.pane),
            _ => format!("lines {}–{} of {}", lines.start + 1, lines.end, self.pane),
        }
    }

    /// The first line that was written at `at_ms` (Unix ms) or later; the number of the next line if none was.
    pub fn line_at_time(&self, at_ms: u64) -> Result<u64> {
        if let Some(disk) = &self.disk {
            let line = disk.line_at_time(at_ms)?;
            if line < disk.end_line().min(self.border()) {
                return Ok(line);
            }
        }
        let mut found = None;
        for part in &self.memory {
            let _ = each_line(part, &mut |number, written, _| match written >= at_ms {
                true => {
                    found = Some(number);
                    ControlFlow::Break(())
                }
                false => ControlFlow::Continue(()),
            });
            if found.is_some() {
                break;
            }
        }
        Ok(found.unwrap_or(self.end_line()))
    }

    /// Calls `each` with the number, time (Unix ms, 0 if nobody knows) and encoded body of each line in `lines`, in order,
    /// until it breaks. Lost ones are left out: the numbers tell.
    pub fn read(&self, lines: Range<u64>, each: EachTimed) -> Result<()> {
        let mut flow = ControlFlow::Continue(());
        if let Some(disk) = &self.disk {
            disk.read_timed(self.older(disk, &lines), &mut |number, at_ms, body| {
                flow = each(number, at_ms, body);
                flow
            })?;
        }
        for part in &self.memory {
            if flow.is_break() {
                break;
            }
            flow = each_line(
                part,
                &mut |number, at_ms, body| match lines.contains(&number) {
                    true => each(number, at_ms, body),
                    false => ControlFlow::Continue(()),
                },
            );
        }
        Ok(())
    }

    /// Calls `each` with the number of each line in `lines` in which `pattern` matches, in order, until it breaks. Those
    /// on disk are looked through on several threads.
    pub fn each_match(
        &self,
        pattern: &Pattern,
        lines: Range<u64>,
        each: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut flow = ControlFlow::Continue(());
        if let Some(disk) = &self.disk {
            disk.each_match(pattern, self.older(disk, &lines), &mut |number| {
                flow = each(number);
                flow
            })?;
        }
        for part in &self.memory {
            if flow.is_break() {
                break;
            }
            flow = each_line(part, &mut |number, _, body| {
                let is_meant = lines.contains(&number);
                match is_meant && pattern.find_in(encoded::text(body), 0).is_some() {
                    true => each(number),
                    false => ControlFlow::Continue(()),
                }
            });
        }
        Ok(())
    }

    /// When the first and the last line were written, as far as that is known: of blank rows on which nothing was ever
    /// printed nobody knows.
    pub fn times(&self) -> Result<(Option<u64>, Option<u64>)> {
        let (start, end) = (self.first_line(), self.end_line());
        let (mut first, mut last) = (None, None);
        self.read(start..end.min(start + MAX_BLANK), &mut |_, at_ms, _| {
            first = Some(at_ms).filter(|at_ms| *at_ms > 0);
            match first {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })?;
        self.read(end.saturating_sub(MAX_BLANK)..end, &mut |_, at_ms, _| {
            last = Some(at_ms).filter(|at_ms| *at_ms > 0).or(last);
            ControlFlow::Continue(())
        })?;
        Ok((first, last))
    }
}

/// The lines that a pane has on disk, and why some of them cannot be read.
fn on_disk(lines: Result<Searcher>) -> (Option<Searcher>, Option<String>) {
    match lines {
        Ok(lines) => {
            let locked = lines.locked().map(str::to_owned);
            (Some(lines), locked)
        }
        Err(error) => (None, Some(format!("{error:#}"))),
    }
}

/// What is wrong with a gap.
fn why(gap: &Range<u64>, fault: Option<&str>) -> String {
    match (fault, gap.end - gap.start) {
        (Some(fault), _) => format!("cannot be read: {fault}"),
        (None, 1) => "is damaged or gone".to_owned(),
        (None, _) => "are damaged or gone".to_owned(),
    }
}

/// Calls `each` with the number, time and body of each line of a part, until it breaks.
pub(super) fn each_line(part: &RecentLines, each: EachTimed) -> ControlFlow<()> {
    let times = part.times.iter();
    let mut times = times.flat_map(|&(count, ms)| (0..count).map(move |_| ms));
    let mut reader = Reader::new(&part.lines);
    for number in (part.first..).take(part.count as usize) {
        // A server that says less than it counts is another release's.
        let Ok(body) = reader.bytes() else { break };
        each(number, times.next().unwrap_or(0), body)?;
    }
    ControlFlow::Continue(())
}

/// The lines that a snapshot's emulator has in memory, without those that are on disk, where line `end` would come next.
/// The disk may know many more: all that a flood printed since the snapshot was written.
fn last_screen(snapshot: Option<Vec<u8>>, end: u64) -> Result<Option<RecentLines>> {
    let Some(bytes) = snapshot else {
        return Ok(None);
    };
    let snapshot = Snapshot::read(&bytes)?;
    let emulator = Emulator::restore(snapshot.emulator)?;
    let screen = Recent::of(&emulator);
    let start = snapshot.first_line.unwrap_or(end);
    let known = end.saturating_sub(start).min(screen.count());
    let (mut lines, mut times) = (Vec::new(), Vec::new());
    screen.encode(known..screen.count(), &mut lines, &mut times);
    Ok(Some(RecentLines {
        first: (start + known).max(end),
        count: screen.count() - known,
        lines,
        times,
        open_line: (start + screen.count()).max(end),
        size: Some(emulator.size()),
        ..RecentLines::default()
    }))
}

fn floor(disk: &Option<Searcher>) -> u64 {
    disk.as_ref().map_or(0, Searcher::floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A snapshot of a screen with three lines, the first of which is line 10.
    fn snapshot() -> Vec<u8> {
        let mut emulator = Emulator::new(Size::new(20, 5));
        emulator.feed(b"ten\r\neleven\r\ntwelve");
        let mut bytes = Vec::new();
        emulator.snapshot(&mut bytes);
        let snapshot = Snapshot {
            said: b"{}",
            emulator: &bytes,
            history: b"",
            first_line: Some(10),
        };
        snapshot.written()
    }

    #[test]
    fn a_screen_hides_no_line_that_is_on_disk() {
        let of = |end| {
            let screen = last_screen(Some(snapshot()), end).expect("it can be read");
            let screen = screen.expect("a screen");
            (screen.first, screen.count, screen.open_line)
        };
        assert_eq!(of(10), (10, 3, 13));
        assert_eq!(of(12), (12, 1, 13));
        assert_eq!(of(13), (13, 0, 13));
        assert_eq!(of(9000), (9000, 0, 9000), "a flood went to disk since");
        assert_eq!(of(4), (10, 3, 13), "lines 4 to 9 are lost");
    }

    #[test]
    fn blank_rows_above_and_below_have_no_time() {
        let line = |text: &str| {
            let (mut body, mut line) = (vec![2], Vec::new());
            crate::varint::put_bytes(&mut body, text.as_bytes());
            body.extend([0, 0]);
            crate::varint::put_bytes(&mut line, &body);
            line
        };
        let memory = RecentLines {
            count: 5,
            lines: ["", "", "one", "two", ""].map(line).concat(),
            times: vec![(2, 0), (1, 7000), (1, 9000), (1, 0)],
            ..RecentLines::default()
        };
        let past = Past {
            pane: PaneId(1),
            meta: None,
            is_live: true,
            fault: None,
            disk: None,
            floor: 0,
            memory: vec![memory],
        };
        assert_eq!(
            past.times().expect("they are read"),
            (Some(7000), Some(9000))
        );
    }
}
