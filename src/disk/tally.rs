//! How many matches a pattern has in one pane's scrollback, and which of them a place is.

use super::search::{Searcher, stop_if};
use super::sweep::sweep;
use crate::scrollback::lines;
use crate::scrollback::search::{Direction, Match, Pattern};
use anyhow::Result;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

/// The matches among the lines up to some end, counted part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The first line of each part that has matches, and how many.
    parts: Vec<(u64, u64)>,
    /// The line up to which was counted.
    end: u64,
}

impl Tally {
    /// How many matches there are.
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|(_, matches)| matches).sum()
    }

    /// Counts what `searcher` has behind the lines counted before, and calls `progress` with the line that was come to;
    /// false if `cancel` was set before the end.
    pub fn go_on(
        &mut self,
        searcher: &Searcher,
        pattern: &Pattern,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<bool> {
        let count = |searcher: &Searcher, part: Range<u64>| {
            let matches = count(searcher, part.clone(), pattern, cancel, None)?;
            Ok((part, matches))
        };
        let rest = self.end..searcher.end_line();
        let forward = Direction::Forward;
        sweep(searcher, rest, forward, &count, &mut |(part, matches)| {
            if cancel.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            self.parts
                .extend((matches > 0).then_some((part.start, matches)));
            self.end = part.end;
            progress(part.end);
            ControlFlow::Continue(())
        })?;
        let is_done = !cancel.load(Ordering::Relaxed);
        if is_done {
            self.end = self.end.max(searcher.end_line());
        }
        Ok(is_done)
    }

    /// How many matches stand in the lines behind scrollback, and how many of them before `found`.
    pub fn recent(
        searcher: &Searcher,
        found: Match,
        pattern: &Pattern,
        cancel: &AtomicBool,
    ) -> Result<(u64, u64)> {
        let lines = searcher.end_line()..searcher.searched_end();
        let all = count(searcher, lines.clone(), pattern, cancel, None)?;
        let before = match lines.contains(&found.line) {
            true => count(
                searcher,
                lines.start..found.line + 1,
                pattern,
                cancel,
                Some(found),
            )?,
            false => 0,
        };
        Ok((all, before))
    }

    /// How many of the matches begin before `found`, which may itself stand behind them all.
    pub fn before(
        &self,
        found: Match,
        searcher: &Searcher,
        pattern: &Pattern,
        cancel: &AtomicBool,
    ) -> Result<u64> {
        let begun = self
            .parts
            .partition_point(|(first, _)| *first <= found.line);
        let Some(((first, matches), whole)) = self.parts[..begun].split_last() else {
            return Ok(0);
        };
        let whole: u64 = whole.iter().map(|(_, matches)| matches).sum();
        let end = self.parts.get(begun).map_or(self.end, |(first, _)| *first);
        let rest = match found.line < end {
            true => count(
                searcher,
                *first..found.line + 1,
                pattern,
                cancel,
                Some(found),
            )?,
            false => *matches,
        };
        Ok(whole + rest)
    }
}

/// How many matches stand in `lines`, or how many of them before `until`.
fn count(
    searcher: &Searcher,
    lines: Range<u64>,
    pattern: &Pattern,
    cancel: &AtomicBool,
    until: Option<Match>,
) -> Result<u64> {
    let mut matches = 0;
    let forward = Direction::Forward;
    searcher.each_candidate(lines.clone(), forward, pattern, cancel, &mut |candidates| {
        for (number, body) in candidates
            .iter()
            .filter(|(number, _)| lines.contains(number))
            .take_while(|_| !cancel.load(Ordering::Relaxed))
        {
            let end = until.filter(|until| until.line == number);
            pattern.each_in(lines::text(body), &mut |found| {
                let is_behind = end.is_some_and(|end| found.start >= end.start_byte);
                matches += u64::from(!is_behind);
                stop_if(is_behind || cancel.load(Ordering::Relaxed))
            });
        }
        ControlFlow::Continue(())
    })?;
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::history::History;
    use crate::disk::writer::Writer;
    use crate::scrollback::search::{Case, Position, Syntax};
    use crate::varint;
    use std::time::Duration;
    use tempfile::TempDir;

    /// A pane whose line `n` is `line n of many`.
    fn history(lines: u64) -> (TempDir, Writer, History) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let writer = Writer::default();
        let mut history = History::create(&dir.path().join("1"), &writer).expect("it is empty");
        append(&mut history, lines);
        assert!(writer.flush(Duration::from_secs(60)), "the writer is stuck");
        (dir, writer, history)
    }

    fn append(history: &mut History, lines: u64) {
        for n in history.end_line()..history.end_line() + lines {
            let (mut body, mut line) = (vec![0], Vec::new());
            varint::put_bytes(&mut body, format!("line {n} of many").as_bytes());
            body.extend([0, 0]);
            varint::put_bytes(&mut line, &body);
            history.append(1, &line, 1);
        }
    }

    fn tally(searcher: &Searcher, pattern: &Pattern) -> Tally {
        let mut tally = Tally::default();
        let (cancel, mut seen) = (AtomicBool::new(false), 0);
        let done = tally.go_on(searcher, pattern, &cancel, &mut |line| {
            assert!(line > seen, "progress goes one way");
            seen = line;
        });
        assert!(done.expect("it can be read"));
        assert_eq!(seen, searcher.end_line());
        tally
    }

    #[test]
    fn all_matches_are_counted_and_know_their_number() {
        let (_dir, _writer, mut history) = history(40_000);
        history.set_floor(77);
        for (text, syntax) in [("77", Syntax::Literal), ("7+", Syntax::Regex)] {
            let pattern = Pattern::parse(text, syntax, Case::Smart).expect("a pattern");
            let searcher = history.searcher();
            let tally = tally(&searcher, &pattern);
            let (mut from, mut before) = (Position::default(), 0);
            let cancel = AtomicBool::new(false);
            while let Some(found) = searcher
                .find(&pattern, from, Direction::Forward, &cancel)
                .expect("it can be read")
            {
                // All of them would take minutes.
                if before % 501 == 0 {
                    let ordinal = tally.before(found, &searcher, &pattern, &cancel);
                    assert_eq!(ordinal.expect("it can be read"), before);
                }
                before += 1;
                from = Position {
                    line: found.line,
                    byte: pattern.behind(&(found.start_byte..found.end_byte)),
                };
            }
            assert!(before > 1000);
            assert_eq!(tally.total(), before);
        }
    }

    #[test]
    fn counting_goes_on_where_it_ended() {
        let (_dir, _writer, mut history) = history(10_000);
        let pattern = Pattern::new("7").expect("a pattern");
        let mut counted = tally(&history.searcher(), &pattern);
        append(&mut history, 10_000);
        let searcher = history.searcher();
        let cancel = AtomicBool::new(false);
        let mut least = u64::MAX;
        let done = counted.go_on(&searcher, &pattern, &cancel, &mut |line| {
            least = least.min(line)
        });
        assert!(done.expect("it can be read") && least > 10_000);
        assert_eq!(counted.total(), tally(&searcher, &pattern).total());
    }

    #[test]
    fn counting_ends_when_it_is_cancelled() {
        let (_dir, _writer, history) = history(40_000);
        let pattern = Pattern::new("many").expect("a pattern");
        let cancel = AtomicBool::new(false);
        let mut tally = Tally::default();
        let done = tally.go_on(&history.searcher(), &pattern, &cancel, &mut |_| {
            cancel.store(true, Ordering::Relaxed)
        });
        assert!(!done.expect("it can be read"));
        assert!(tally.total() < 20_000, "{}", tally.total());
    }
}
