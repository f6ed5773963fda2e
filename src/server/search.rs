//! Searching for a viewer: the lines in memory at once, those on disk on other threads, so that nobody waits. A new
//! search ends the one before.

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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::spawn_blocking;

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
        let cell = (wanted.row, wanted.col);
        let pattern = match self.pattern(&wanted).await {
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(error)) => return self.show(None, &error.to_string()),
            None => None,
        };
        if self.is_over() {
            return Matches::None;
        }
        let from = self.with_window(|window, hosted| {
            let (pane, stored) = (&hosted.pane, &hosted.history);
            match (wanted.stage, &pattern) {
                (Stage::Typing, _) => window.begin_trial(cell, pane, stored),
                (Stage::GivenUp, _) | (Stage::Settled, None) => window.give_up_trial(pane, stored),
                (Stage::Settled, Some(_)) => {}
            }
            if wanted.stage == Stage::Typing && pattern.is_none() {
                window.forget_matches(pane, stored);
            }
            if let Some(pattern) = &pattern {
                window.set_pattern(pattern.clone());
            }
            let is_sought = wanted.stage != Stage::GivenUp && window.pattern().is_some();
            let from = is_sought.then(|| window.origin(cell, direction, pane, stored));
            if wanted.stage == Stage::Settled {
                window.end_trial();
            }
            from
        });
        if pattern.is_some() || wanted.stage != Stage::Settled {
            self.forget_counted();
        }
        match from {
            Some(Some(from)) => self.seek(from, direction).await,
            _ => Matches::None,
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
        let around = match direction {
            Direction::Forward => Position::default(),
            Direction::Backward => Position {
                line: u64::MAX,
                byte: 0,
            },
        };
        for (from, note) in [(from, ""), (around, "round the end")] {
            match self.find(from, direction).await {
                None => return Matches::None,
                Some(None) => {}
                found => return self.show(found.flatten(), note),
            }
        }
        self.show(None, "not found")
    }

    /// The next match from `from` on; `None` if the search was given up.
    async fn find(&self, from: Position, direction: Direction) -> Option<Option<Match>> {
        let in_memory = || {
            self.with_window(|window, hosted| {
                window.find_in_memory(&hosted.pane, &hosted.history, from, direction)
            })
        };
        if direction == Direction::Backward
            && let Some(found) = in_memory()?
        {
            return Some(Some(found));
        }
        if let Some(found) = self.find_on_disk(from, direction).await? {
            return Some(Some(found));
        }
        match direction {
            Direction::Forward => in_memory(),
            Direction::Backward => Some(None),
        }
    }

    async fn find_on_disk(&self, from: Position, direction: Direction) -> Option<Option<Match>> {
        let (searcher, pattern) = self.parts()?;
        let cancel = self.cancel.clone();
        let find = move || searcher.find(&pattern, from, direction, &cancel);
        let found = spawn_blocking(find).await.ok()?;
        if self.is_over() {
            return None;
        }
        Some(found.unwrap_or_else(|error| {
            tracing::warn!(%error, "scrollback cannot be searched");
            None
        }))
    }

    /// Counts the matches, telling the viewer how far that has come, and which of them is in use.
    pub async fn count(&self) {
        for _ in 0..MAX_ROUNDS {
            let Some(on_disk) = self.count_on_disk().await else {
                return;
            };
            let is_all = self.with_window(|window, hosted| {
                let (all, before) = window.count_in_memory(&hosted.pane, &hosted.history);
                let is_all = hosted.history.end_line() <= on_disk.end;
                window.set_tally(Some(scrolled::Tally::Counted {
                    at: on_disk.before + before + 1,
                    of: on_disk.all + all,
                }));
                is_all
            });
            if is_all != Some(false) {
                return;
            }
        }
    }

    async fn count_on_disk(&self) -> Option<OnDisk> {
        let (searcher, pattern) = self.parts()?;
        let lines = searcher.floor().max(searcher.first_line())..searcher.end_line();
        let found = self.with_window(|window, _| window.found())??;
        let tally = self.take_counted();
        let (cancel, reached) = (self.cancel.clone(), Arc::new(AtomicU64::new(lines.start)));
        let told = reached.clone();
        let mut job = spawn_blocking(move || {
            OnDisk::count(tally, &searcher, &pattern, found, &cancel, &told)
        });
        let counted = loop {
            match tokio::time::timeout(PROGRESS, &mut job).await {
                Ok(counted) => break counted.ok()?,
                Err(_) if self.is_over() => return None,
                Err(_) => {
                    let done = reached.load(Ordering::Relaxed) - lines.start;
                    let percent = done * 100 / (lines.end - lines.start).max(1);
                    let tally = scrolled::Tally::Counting(percent.min(99) as u8);
                    self.with_window(|window, _| window.set_tally(Some(tally)));
                }
            }
        };
        if self.is_over() {
            return None;
        }
        match counted {
            Ok((tally, on_disk)) => {
                self.keep_counted(tally);
                Some(on_disk)
            }
            Err(error) => {
                tracing::warn!(%error, "matches cannot be counted");
                None
            }
        }
    }

    /// What is needed to search on another thread.
    fn parts(&self) -> Option<(Searcher, Pattern)> {
        self.with_window(|window, hosted| {
            let searcher = hosted.history.searcher();
            let searcher = match window.reaches_back() {
                true => searcher.reaching_back(),
                false => searcher,
            };
            Some((searcher, window.pattern()?.clone()))
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

/// The matches on disk.
struct OnDisk {
    all: u64,
    /// How many of them are before the one in use.
    before: u64,
    /// The line up to which was counted.
    end: u64,
}

impl OnDisk {
    fn count(
        mut tally: Tally,
        searcher: &Searcher,
        pattern: &Pattern,
        found: Match,
        cancel: &AtomicBool,
        reached: &AtomicU64,
    ) -> Result<(Tally, OnDisk)> {
        let reach = &mut |line| reached.store(line, Ordering::Relaxed);
        tally.go_on(searcher, pattern, cancel, reach)?;
        let on_disk = OnDisk {
            all: tally.total(),
            before: tally.before(found, searcher, pattern, cancel)?,
            end: searcher.end_line(),
        };
        Ok((tally, on_disk))
    }
}
