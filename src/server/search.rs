//! Searching for a viewer, on other threads, so that nobody waits. A new search ends the one before.

use super::Server;
use super::hosted::Hosted;
use crate::disk::search::Searcher;
use crate::disk::tally::Tally;
use crate::pane::Window;
use crate::protocol::command::{self, Stage, Syntax};
use crate::protocol::scrolled;
use crate::protocol::{PaneId, ViewerId};
use crate::scrollback::search::{self, BadPattern, Case, Direction, Match, Pattern, Position};
use anyhow::Result;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};

/// How often the viewer is told how far the counting has come.
const PROGRESS: Duration = Duration::from_millis(100);

/// How often lines that came while others were counted are counted too. In a flood there are always more.
const MAX_ROUNDS: usize = 3;

/// What one viewer searches for.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Ends the search that runs.
    cancel: Arc<AtomicBool>,
    /// The matches on disk of the pattern that was searched for last in a pane.
    counted: Option<(PaneId, Tally)>,
}

impl Search {
    /// Ends the search that runs; the next one gets the returned flag.
    pub fn begin(&mut self) -> Arc<AtomicBool> {
        self.cancel.store(true, Ordering::Relaxed);
        self.cancel = Arc::default();
        self.cancel.clone()
    }

    /// Forgets what was counted in `pane`.
    pub fn forget(&mut self, pane: PaneId) {
        self.counted.take_if(|(counted, _)| *counted == pane);
    }
}

/// Whether there is something to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matches {
    None,
    Many,
}

/// One search, for one viewer in one pane.
pub(super) struct Hunt<'a> {
    server: &'a Server,
    viewer: ViewerId,
    pane: PaneId,
    cancel: Arc<AtomicBool>,
}

impl<'a> Hunt<'a> {
    /// Ends the viewer's search before.
    pub fn begin(server: &'a Server, viewer: ViewerId, pane: PaneId) -> Hunt<'a> {
        let cancel = server.with(|world| {
            let viewer = world.viewers.get_mut(&viewer);
            viewer.map(|viewer| viewer.search.begin())
        });
        Hunt {
            server,
            viewer,
            pane,
            cancel: cancel.unwrap_or_default(),
        }
    }

    /// Looks for what is wanted and shows it.
    pub async fn follow(&self, wanted: command::Search) -> Matches {
        let direction = match wanted.backwards {
            true => Direction::Backward,
            false => Direction::Forward,
        };
        let pattern = match self.pattern(&wanted).await {
            Some(Ok(pattern)) => Some(pattern.ended_by(self.cancel.clone())),
            Some(Err(error)) => return self.show(None, &error.to_string()),
            None => None,
        };
        if self.is_over() {
            return Matches::None;
        }
        if pattern.is_some() || wanted.stage != Stage::Settled {
            self.forget_counted();
        }
        let from = self.with_window(|window, hosted| {
            settle(window, hosted, &wanted, pattern);
            let is_sought = wanted.stage != Stage::GivenUp && window.pattern().is_some();
            let cell = (wanted.row, wanted.col);
            let from =
                is_sought.then(|| window.origin(cell, direction, &hosted.pane, &hosted.history));
            if wanted.stage == Stage::Settled {
                window.end_trial();
            }
            from
        });
        match from.flatten() {
            Some(from) => self.seek(from, direction).await,
            None => Matches::None,
        }
    }

    /// The pattern, if there is one. An expression is read elsewhere: that may take some time.
    async fn pattern(&self, wanted: &command::Search) -> Option<Result<Pattern, BadPattern>> {
        let text = wanted.pattern.clone();
        let read = |text: String, syntax| Pattern::parse(&text, syntax, Case::Smart);
        match wanted.syntax {
            _ if text.is_empty() => None,
            Syntax::Literal => Some(read(text, search::Syntax::Literal)),
            Syntax::Regex => spawn_blocking(move || read(text, search::Syntax::Regex))
                .await
                .ok(),
        }
    }

    /// Looks from `from` on, round the end.
    async fn seek(&self, from: Position, direction: Direction) -> Matches {
        let Some((searcher, pattern)) = self.parts() else {
            return Matches::None;
        };
        let cancel = self.cancel.clone();
        let find = move || {
            let found = searcher.find(&pattern, from, direction, &cancel)?;
            if found.is_some() || cancel.load(Ordering::Relaxed) {
                return Ok((found, ""));
            }
            let found = searcher.find_round(&pattern, from, direction, &cancel)?;
            let note = found.map_or("not found", |_| "round the end");
            anyhow::Ok((found, note))
        };
        match spawn_blocking(find).await {
            Ok(Ok((found, note))) => self.show(found, note),
            Ok(Err(error)) => {
                tracing::warn!(%error, "scrollback cannot be searched");
                self.show(None, "scrollback cannot be searched: see the server's log")
            }
            Err(_) => Matches::None,
        }
    }

    /// Counts the matches, telling the viewer how far that has come, and which of them is in use.
    pub async fn count(&self) {
        for _ in 0..MAX_ROUNDS {
            let Some(counted) = self.count_once().await else {
                return;
            };
            let is_all = self.with_window(|window, hosted| {
                window.set_tally(Some(scrolled::Tally::Counted {
                    at: counted.before + 1,
                    of: counted.all,
                }));
                hosted.history.end_line() <= counted.end
            });
            if is_all != Some(false) {
                return;
            }
        }
    }

    async fn count_once(&self) -> Option<Counted> {
        let (searcher, pattern) = self.parts()?;
        let lines = searcher.floor().max(searcher.first_line())..searcher.end_line();
        let found = self.with_window(|window, _| window.found())??;
        let tally = self.take_counted();
        let (cancel, reached) = (self.cancel.clone(), Arc::new(AtomicU64::new(lines.start)));
        let told = reached.clone();
        let job = spawn_blocking(move || {
            Counted::count(tally, &searcher, &pattern, found, &cancel, &told)
        });
        match self.wait_for(job, lines, &reached).await? {
            Ok((tally, counted)) => {
                self.keep_counted(tally);
                Some(counted)
            }
            Err(error) => {
                tracing::warn!(%error, "matches cannot be counted");
                None
            }
        }
    }

    /// What comes of `job`, which goes through `lines` and says where it is; tells the viewer. `None` if the search was
    /// given up.
    async fn wait_for<T>(
        &self,
        mut job: JoinHandle<T>,
        lines: Range<u64>,
        reached: &AtomicU64,
    ) -> Option<T> {
        loop {
            match tokio::time::timeout(PROGRESS, &mut job).await {
                _ if self.is_over() => return None,
                Ok(outcome) => return outcome.ok(),
                Err(_) => {
                    let done = reached.load(Ordering::Relaxed) - lines.start;
                    let percent = done * 100 / (lines.end - lines.start).max(1);
                    let tally = scrolled::Tally::Counting(percent.min(99) as u8);
                    self.with_window(|window, _| window.set_tally(Some(tally)));
                }
            }
        }
    }

    /// What is needed to search on another thread: all lines, as they are at this moment.
    fn parts(&self) -> Option<(Searcher, Pattern)> {
        self.with_window(|window, hosted| {
            let searcher = hosted.history.searcher();
            let searcher = match window.reaches_back() {
                true => searcher.reaching_back(),
                false => searcher,
            };
            let recent = window.lines_in_memory(&hosted.pane, &hosted.history);
            // A search that was given up ended its pattern with it; this one goes on with the same.
            let pattern = window.pattern()?.clone().ended_by(self.cancel.clone());
            Some((searcher.with_recent(recent), pattern))
        })?
    }

    fn take_counted(&self) -> Tally {
        let counted = self.server.with(|world| {
            let viewer = world.viewers.get_mut(&self.viewer)?;
            let counted = &mut viewer.search.counted;
            counted.take_if(|(pane, _)| *pane == self.pane)
        });
        counted.map(|(_, tally)| tally).unwrap_or_default()
    }

    fn keep_counted(&self, tally: Tally) {
        self.server.with(|world| {
            if let Some(viewer) = world.viewers.get_mut(&self.viewer) {
                viewer.search.counted = Some((self.pane, tally));
            }
        });
    }

    fn forget_counted(&self) {
        self.server.with(|world| {
            if let Some(viewer) = world.viewers.get_mut(&self.viewer) {
                viewer.search.counted = None;
            }
        });
    }

    fn show(&self, found: Option<Match>, note: &str) -> Matches {
        self.with_window(|window, hosted| {
            if found.is_none() {
                window.set_tally(None);
            }
            window.show(found, note, &hosted.pane, &hosted.history)
        });
        match found {
            Some(_) => Matches::Many,
            None => Matches::None,
        }
    }

    /// Lets `act` on the viewer's place, unless another search has begun.
    fn with_window<T>(&self, act: impl FnOnce(&mut Window, &Hosted) -> T) -> Option<T> {
        if self.is_over() {
            return None;
        }
        self.server
            .with(|world| world.with_window(self.viewer, self.pane, act))
    }

    fn is_over(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// Does to the window what is wanted before anything is looked for.
fn settle(
    window: &mut Window,
    hosted: &Hosted,
    wanted: &command::Search,
    pattern: Option<Pattern>,
) {
    let (pane, stored) = (&hosted.pane, &hosted.history);
    match (wanted.stage, &pattern) {
        (Stage::Typing, _) => window.begin_trial((wanted.row, wanted.col), pane, stored),
        (Stage::GivenUp, _) | (Stage::Settled, None) => window.give_up_trial(pane, stored),
        (Stage::Settled, Some(_)) => {}
    }
    match pattern {
        Some(pattern) => window.set_pattern(pattern),
        None if wanted.stage == Stage::Typing => window.forget_matches(pane, stored),
        None => {}
    }
}

/// The matches in a pane.
struct Counted {
    all: u64,
    /// How many of them are before the one in use.
    before: u64,
    /// The line of scrollback up to which was counted.
    end: u64,
}

impl Counted {
    fn count(
        mut tally: Tally,
        searcher: &Searcher,
        pattern: &Pattern,
        found: Match,
        cancel: &AtomicBool,
        reached: &AtomicU64,
    ) -> Result<(Tally, Counted)> {
        let reach = &mut |line| reached.store(line, Ordering::Relaxed);
        tally.go_on(searcher, pattern, cancel, reach)?;
        let (recent, recent_before) = Tally::recent(searcher, found, pattern, cancel)?;
        let counted = Counted {
            all: tally.total() + recent,
            before: tally.before(found, searcher, pattern, cancel)? + recent_before,
            end: searcher.end_line(),
        };
        Ok((tally, counted))
    }
}
