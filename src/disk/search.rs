//! One pane's scrollback at one moment, to be searched and read on any thread while the server goes on.

use super::gaps::Gaps;
use super::moments::EachTimed;
use super::reader::BlockReader;
use super::sweep::sweep;
use crate::scrollback::index::Entry;
use crate::scrollback::lines::{self, Lines};
use crate::scrollback::search::{Direction, Match, Pattern, Position};
use crate::scrollback::store::{Store, Where};
use anyhow::Result;
use std::cell::RefCell;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lines `from..until`, or a gap where none can be read.
pub(super) struct Chunk<'a> {
    from: u64,
    /// The first line behind it.
    pub(super) until: u64,
    found: Found<'a>,
}

enum Found<'a> {
    Memory(&'a Lines),
    Disk(Arc<Lines>),
    Nothing,
}

impl Chunk<'_> {
    /// The lines; `None` where there are none.
    pub(super) fn lines(&self) -> Option<&Lines> {
        match &self.found {
            Found::Memory(lines) => Some(lines),
            Found::Disk(lines) => Some(lines),
            Found::Nothing => None,
        }
    }
}

/// What stands at `place`; a damaged block is a gap.
pub(super) fn chunk<'a>(place: Where<'a>, reader: &RefCell<BlockReader>) -> Result<Chunk<'a>> {
    Ok(match place {
        Where::Memory(lines) => Chunk {
            from: lines.first(),
            until: lines.end(),
            found: Found::Memory(lines),
        },
        Where::Missing { from, until } => Chunk {
            from,
            until,
            found: Found::Nothing,
        },
        Where::Block(entry) => Chunk {
            from: entry.first_line,
            until: entry.end_line(),
            found: match reader.borrow_mut().load(entry)? {
                Some(lines) => Found::Disk(lines),
                None => Found::Nothing,
            },
        },
    })
}

/// Calls `each` with the number, time and body of each line in `lines` that can be read, in order, until it breaks.
pub(super) fn read<'a>(
    store: &'a Store,
    lines: Range<u64>,
    chunk: &dyn Fn(Where<'a>) -> Result<Chunk<'a>>,
    each: EachTimed,
) -> Result<()> {
    let mut at = lines.start;
    while at < lines.end
        && let Some(place) = store.locate(at)
    {
        let chunk = chunk(place)?;
        let found = chunk.lines().into_iter().flat_map(Lines::timed);
        for (number, at_ms, body) in found.skip_while(|(number, ..)| *number < at) {
            if number >= lines.end || each(number, at_ms, body).is_break() {
                return Ok(());
            }
        }
        at = chunk.until;
    }
    Ok(())
}

/// The scrollback of one pane at one moment, to be searched apart from the server's thread.
pub struct Searcher {
    pub(super) store: Store,
    pub(super) reader: RefCell<BlockReader>,
    pub(super) locked: Option<String>,
    gaps: Gaps,
    /// Lines behind those of scrollback, which the program may still write over.
    recent: Arc<Lines>,
}

impl Searcher {
    pub(super) fn new(store: Store, reader: BlockReader) -> Searcher {
        Searcher {
            recent: Arc::new(Lines::starting_at(store.end_line())),
            store,
            reader: RefCell::new(reader),
            locked: None,
            gaps: Gaps::default(),
        }
    }

    /// Why some of it cannot be read, if it is sealed and cannot be opened.
    pub fn locked(&self) -> Option<&str> {
        self.locked.as_deref()
    }

    /// With lines to be searched that follow those of scrollback.
    pub fn with_recent(mut self, recent: Lines) -> Searcher {
        if recent.first() == self.store.end_line() {
            self.recent = Arc::new(recent);
        }
        self
    }

    /// The oldest line that is kept.
    pub fn first_line(&self) -> u64 {
        self.store.first_line()
    }

    /// The number after the last line's in scrollback.
    pub fn end_line(&self) -> u64 {
        self.store.end_line()
    }

    /// The number after the last line's that is searched.
    pub(super) fn searched_end(&self) -> u64 {
        self.recent.end()
    }

    fn locate(&self, line: u64) -> Option<Where<'_>> {
        let recent = (line < self.recent.end()).then_some(Where::Memory(&self.recent));
        self.store.locate(line).or(recent)
    }

    /// The line before which views and searches find nothing.
    pub fn floor(&self) -> u64 {
        self.store.floor()
    }

    /// With the lines that views and searches do not find otherwise, as far as they are kept.
    pub fn reaching_back(mut self) -> Searcher {
        self.store.set_floor(0);
        self
    }

    /// The same lines for another thread.
    pub(super) fn fork(&self) -> Searcher {
        Searcher {
            locked: self.locked.clone(),
            gaps: self.gaps.clone(),
            recent: self.recent.clone(),
            ..Searcher::new(self.store.clone(), self.reader.borrow().fork())
        }
    }

    /// The lines that were met and could not be read so far.
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// What stands at `place`; if that cannot be read, it is noted.
    pub(super) fn chunk<'a>(&self, place: Where<'a>) -> Result<Chunk<'a>> {
        let chunk = chunk(place, &self.reader)?;
        if chunk.lines().is_none() {
            self.gaps.note(chunk.from..chunk.until);
        }
        Ok(chunk)
    }

    /// The next match from `from` in a direction; `None` if there is none, or as soon as `cancel` is set. Lines before
    /// the floor, and lost ones, are passed over.
    pub fn find(
        &self,
        pattern: &Pattern,
        from: Position,
        direction: Direction,
        cancel: &AtomicBool,
    ) -> Result<Option<Match>> {
        let lines = match direction {
            Direction::Forward => from.line..u64::MAX,
            Direction::Backward => 0..from.line.saturating_add(1),
        };
        self.find_within(lines, pattern, from, direction, cancel)
    }

    /// Where [`Searcher::find`] found nothing: the next match round the end, up to the line of `from`.
    pub fn find_round(
        &self,
        pattern: &Pattern,
        from: Position,
        direction: Direction,
        cancel: &AtomicBool,
    ) -> Result<Option<Match>> {
        let (lines, line) = match direction {
            Direction::Forward => (0..from.line.saturating_add(1), 0),
            Direction::Backward => (from.line..u64::MAX, u64::MAX),
        };
        let edge = Position { line, byte: 0 };
        self.find_within(lines, pattern, edge, direction, cancel)
    }

    fn find_within(
        &self,
        lines: Range<u64>,
        pattern: &Pattern,
        from: Position,
        direction: Direction,
        cancel: &AtomicBool,
    ) -> Result<Option<Match>> {
        let look = |searcher: &Searcher, part: Range<u64>| {
            let mut found = None;
            let within = part.clone();
            searcher.each_candidate(part, direction, pattern, cancel, &mut |lines| {
                let meant = lines.iter().filter(|(line, _)| within.contains(line));
                let meant = meant.take_while(|_| !cancel.load(Ordering::Relaxed));
                found = find_among(meant, pattern, from, direction);
                stop_if(found.is_some())
            })?;
            Ok(found)
        };
        let mut found = None;
        sweep(self, lines, direction, &look, &mut |next| {
            found = next;
            stop_if(found.is_some() || cancel.load(Ordering::Relaxed))
        })?;
        Ok(found)
    }

    /// Calls `each` with the number of each line in `lines` in which `pattern` matches, in order, until it breaks.
    pub fn each_match(
        &self,
        pattern: &Pattern,
        lines: Range<u64>,
        each: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let cancel = AtomicBool::new(false);
        let forward = Direction::Forward;
        let look = |searcher: &Searcher, part: Range<u64>| {
            let mut found = Vec::new();
            searcher.each_candidate(
                part.clone(),
                forward,
                pattern,
                &cancel,
                &mut |candidates| {
                    let meant = candidates.iter().filter(|(line, _)| part.contains(line));
                    let meant = meant.take_while(|_| !cancel.load(Ordering::Relaxed));
                    let matching =
                        meant.filter(|(_, body)| pattern.find_in(lines::text(body), 0).is_some());
                    found.extend(matching.map(|(line, _)| line));
                    ControlFlow::Continue(())
                },
            )?;
            Ok(found)
        };
        let take = &mut |found: Vec<u64>| {
            let flow = found.into_iter().try_for_each(&mut *each);
            // Those that still look need not end their parts.
            cancel.store(flow.is_break(), Ordering::Relaxed);
            flow
        };
        sweep(self, lines, forward, &look, take)
    }

    /// Calls `each` with the lines that stand together on disk or in memory, for all of `lines` in a direction, until
    /// it breaks or `cancel` is set. What cannot hold a match is left out.
    pub(super) fn each_candidate(
        &self,
        lines: Range<u64>,
        direction: Direction,
        pattern: &Pattern,
        cancel: &AtomicBool,
        each: &mut dyn FnMut(&Lines) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut left = lines;
        while !left.is_empty() && !cancel.load(Ordering::Relaxed) {
            let at = match direction {
                Direction::Forward => left.start,
                Direction::Backward => left.end - 1,
            };
            let Some(place) = self.locate(at) else {
                break;
            };
            let chunk = match place {
                Where::Block(entry) if self.is_ruled_out(entry, pattern)? => Chunk {
                    from: entry.first_line,
                    until: entry.end_line(),
                    found: Found::Nothing,
                },
                place => self.chunk(place)?,
            };
            let candidate = chunk.lines();
            let candidate = candidate.filter(|lines| pattern.may_match(lines.bytes()));
            if candidate.is_some_and(|lines| each(lines).is_break()) {
                break;
            }
            match direction {
                Direction::Forward => left.start = chunk.until,
                Direction::Backward => left.end = chunk.from,
            }
        }
        Ok(())
    }

    /// Whether the filter of a block says that `pattern` does not match in it.
    fn is_ruled_out(&self, entry: Entry, pattern: &Pattern) -> Result<bool> {
        let mut reader = self.reader.borrow_mut();
        let filter = reader.filter(entry)?;
        Ok(filter.is_some_and(|filter| !pattern.query().may_hold(&filter)))
    }

    /// The first of the lines that stand together with `line`.
    pub(super) fn first_beside(&self, line: u64) -> u64 {
        match self.locate(line) {
            Some(Where::Block(entry)) => entry.first_line,
            Some(Where::Memory(lines)) => lines.first(),
            Some(Where::Missing { from, .. }) => from,
            None => line,
        }
    }

    /// Calls `each` with the number and encoded body of each line in `lines` that is in scrollback, in order, until it
    /// breaks. Lines before the floor, and lost ones, are left out.
    pub fn read(
        &self,
        lines: Range<u64>,
        each: &mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read_timed(lines, &mut |number, _, body| each(number, body))
    }
}

/// The match nearest to `from` in a direction, among lines that rise.
fn find_among<'a>(
    lines: impl Iterator<Item = (u64, &'a [u8])>,
    pattern: &Pattern,
    from: Position,
    direction: Direction,
) -> Option<Match> {
    let look = |(line, body): (u64, &[u8])| {
        let text = lines::text(body);
        let edge = (line == from.line).then_some(from.byte);
        let range = match direction {
            Direction::Forward => pattern.find_in(text, edge.unwrap_or(0)),
            Direction::Backward => pattern.rfind_in(text, edge.unwrap_or(usize::MAX)),
        }?;
        Some(Match {
            line,
            start_byte: range.start,
            end_byte: range.end,
        })
    };
    let mut lines = lines;
    match direction {
        Direction::Forward => lines.find_map(look),
        Direction::Backward => lines.collect::<Vec<_>>().into_iter().rev().find_map(look),
    }
}

pub(super) fn stop_if(is_enough: bool) -> ControlFlow<()> {
    match is_enough {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}
