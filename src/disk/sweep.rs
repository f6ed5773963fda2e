//! Goes through the lines of one pane on several threads: part by part, with the outcomes handed over in order.

use super::search::Searcher;
use crate::scrollback::search::Direction;
use anyhow::Result;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The most threads that one search keeps busy.
const MAX_THREADS: usize = 4;

/// Lines of a part, but for those that its edges stand among.
const PART_LINES: u64 = 8192;

/// How many parts may be done before the one that is waited for.
const MAX_AHEAD: usize = 16;

/// Does `work` for all of `lines` and gives `take` what comes of each part, in the order of `direction`, until it
/// breaks. Parts begin and end where blocks do. The nearest part is done before any thread is started: what one looks
/// for is most often near.
pub(super) fn sweep<T: Send>(
    searcher: &Searcher,
    lines: Range<u64>,
    direction: Direction,
    work: &(dyn Fn(&Searcher, Range<u64>) -> Result<T> + Sync),
    take: &mut dyn FnMut(T) -> ControlFlow<()>,
) -> Result<()> {
    let parts = Parts::of(searcher, lines, direction);
    if parts.count == 0 || take(work(searcher, parts.get(searcher, 0))?).is_break() {
        return Ok(());
    }
    let desk = Desk::new(parts.count);
    let threads = thread::available_parallelism().map_or(1, |count| count.get());
    let threads = threads.min(MAX_THREADS).min(parts.count - 1);
    thread::scope(|scope| {
        let (desk, parts) = (&desk, &parts);
        for _ in 0..threads {
            let searcher = searcher.fork();
            scope.spawn(move || {
                let _leaving = Leaving(desk);
                while let Some(part) = desk.next() {
                    desk.put(part, work(&searcher, parts.get(&searcher, part)));
                }
            });
        }
        let outcome = desk.hand_over(take);
        desk.close();
        outcome
    })
}

/// How lines fall into parts.
struct Parts {
    lines: Range<u64>,
    direction: Direction,
    count: usize,
}

impl Parts {
    fn of(searcher: &Searcher, lines: Range<u64>, direction: Direction) -> Parts {
        let first = lines.start.max(searcher.floor()).max(searcher.first_line());
        let lines = first..lines.end.min(searcher.searched_end()).max(first);
        let count = (lines.end - lines.start).div_ceil(PART_LINES) as usize;
        Parts {
            lines,
            direction,
            count,
        }
    }

    fn get(&self, searcher: &Searcher, part: usize) -> Range<u64> {
        let part = match self.direction {
            Direction::Forward => part,
            Direction::Backward => self.count - 1 - part,
        };
        self.edge(searcher, part)..self.edge(searcher, part + 1)
    }

    fn edge(&self, searcher: &Searcher, part: usize) -> u64 {
        match part {
            0 => self.lines.start,
            part if part >= self.count => self.lines.end,
            part => {
                let line = self.lines.start + part as u64 * PART_LINES;
                searcher.first_beside(line).max(self.lines.start)
            }
        }
    }
}

/// Where threads take parts from and put outcomes.
struct Desk<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    parts: usize,
}

struct State<T> {
    /// The part that is begun next.
    next: usize,
    /// The part whose outcome is handed over next.
    awaited: usize,
    outcomes: BTreeMap<usize, Result<T>>,
    is_closed: bool,
}

impl<T> Desk<T> {
    /// All parts but the first wait.
    fn new(parts: usize) -> Self {
        Self {
            state: Mutex::new(State {
                next: 1,
                awaited: 1,
                outcomes: BTreeMap::new(),
                is_closed: false,
            }),
            changed: Condvar::new(),
            parts,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `is_ready`, or the desk is closed.
    fn wait(&self, is_ready: impl Fn(&State<T>) -> bool) -> MutexGuard<'_, State<T>> {
        let is_early = |state: &mut State<T>| !state.is_closed && !is_ready(state);
        let waited = self.changed.wait_while(self.state(), is_early);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// A part to be done; `None` once there is nothing more to do.
    fn next(&self) -> Option<usize> {
        let mut state = self.wait(|state| state.next < state.awaited + MAX_AHEAD);
        if state.is_closed || state.next >= self.parts {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    fn put(&self, part: usize, outcome: Result<T>) {
        self.state().outcomes.insert(part, outcome);
        self.changed.notify_all();
    }

    fn hand_over(&self, take: &mut dyn FnMut(T) -> ControlFlow<()>) -> Result<()> {
        for part in 1..self.parts {
            let mut state = self.wait(|state| state.outcomes.contains_key(&part));
            let outcome = state.outcomes.remove(&part);
            state.awaited = part + 1;
            drop(state);
            self.changed.notify_all();
            let Some(outcome) = outcome else { break };
            if take(outcome?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Sends the threads away.
    fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }
}

/// Closes the desk if its thread panics, so that nobody waits for it.
struct Leaving<'a, T>(&'a Desk<T>);

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}
