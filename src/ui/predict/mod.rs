//! What the user typed and the server has not yet shown, drawn over a copy of what it has: rollback and replay.
//!
//! ```text
//! shown = replay(the newest screen, the keys that it does not reflect)
//! ```
//!
//! Every screen comes with how far the keys have come ([`Echo`](crate::protocol::Echo)). Those that have settled are
//! dropped; of those that were written and may or may not show, as many count as shown as fit to what was expected; the
//! rest is replayed from where the cursor truly is. So a wrong guess is mended by the next screen, however fast one
//! types. (mosh's engine, Winstein & Balakrishnan, USENIX ATC 2012, §3.2, restarts from a cursor that keys under way
//! have left behind.)
//!
//! A guess is shown where it can be relied on: a key was echoed since the last Return, or the line stands at a prompt at
//! which keys were. What is typed where nothing echoes is never shown.

mod draft;
mod edit;
mod guess;
mod key;
mod line;
mod overlay;
mod pace;
mod replay;
mod tally;
mod trust;

pub use draft::{Slot, Text};
pub use overlay::{Overlay, Underline};

use crate::config::Predict;
use crate::protocol::{Ground, Guesses, PaneId, View};
use crate::sync::Time;
use crate::term::{Modes, RowId};
use guess::{Fit, Guess, Hope, Seen, fit, verdict};
use key::Key;
use line::{Behind, Line};
use pace::Pace;
use std::collections::VecDeque;
use tally::{Tally, Verdict};
use trust::{Place, Trusts};

/// Keys under way that are told apart; who types further ahead sees what comes back.
const MAX_GUESSES: usize = 256;

/// Guesses the echo of what is typed into the pane with the focus.
#[derive(Debug, Default)]
pub struct Predictor {
    mode: Predict,
    now: Time,
    /// Bytes sent so far, whatever pane they were for.
    sent: u64,
    /// The keys that the screen does not reflect.
    guesses: VecDeque<Guess>,
    /// What the screen said last of where they go.
    ground: Ground,
    place: Place,
    /// Where the last screen had its cursor.
    cursor: Option<(RowId, u16)>,
    /// What is known of the line that is being typed.
    line: Line,
    trusts: Trusts,
    pace: Pace,
    tally: Tally,
    overlay: Option<Overlay>,
}

impl Predictor {
    /// Follows the configuration.
    pub fn configure(&mut self, mode: Predict) {
        self.mode = mode;
        if mode == Predict::Never {
            self.overlay = None;
        }
    }

    /// It is this time now.
    pub fn set_now(&mut self, now: Time) {
        self.now = now;
    }

    /// Begins anew with a server that has seen nothing of this viewer.
    pub fn restart(&mut self) {
        *self = Self {
            mode: self.mode,
            now: self.now,
            tally: self.tally,
            pace: std::mem::take(&mut self.pace),
            ..Self::default()
        };
    }

    /// Takes note of bytes that go to the program in `pane`: keys, or what else the terminal sends.
    pub fn typed(&mut self, pane: PaneId, bytes: &[u8], view: &View) {
        let first = self.sent;
        self.sent += bytes.len() as u64;
        if self.mode == Predict::Never || pane != self.ground.pane {
            return;
        }
        let mut end = first;
        for (key, len) in key::keys(bytes) {
            end += len as u64;
            self.guesses.push_back(Guess::new(key, end, self.now));
        }
        if self.guesses.len() > MAX_GUESSES {
            // Nothing is known until all of it has settled.
            self.guesses.clear();
            self.guesses
                .push_back(Guess::new(Key::Other, self.sent, self.now));
        }
        self.replay(view);
    }

    /// Takes note of pasted bytes: they are not guessed.
    pub fn pasted(&mut self, pane: PaneId, count: usize, view: &View) {
        self.sent += count as u64;
        if self.mode != Predict::Never && pane == self.ground.pane {
            self.guesses
                .push_back(Guess::new(Key::Other, self.sent, self.now));
            self.replay(view);
        }
    }

    /// Takes note of a new screen.
    pub fn see(&mut self, view: &View) {
        if self.mode == Predict::Never {
            return;
        }
        self.move_to(view);
        match seen(view, self.ground.pane) {
            Some(seen) => self.reflect(&seen, view),
            None => self.drop_settled(view.echo.settled),
        }
        self.replay(view);
    }

    /// Takes note that time has passed.
    pub fn tick(&mut self, view: &View) {
        self.replay(view);
    }

    /// When [`Predictor::tick`] is due.
    pub fn timeout(&self) -> Option<Time> {
        let waiting = self
            .guesses
            .front()
            .filter(|_| self.mode == Predict::Auto)?;
        self.pace.due(waiting.at)
    }

    /// What is to be drawn over the pane with the focus.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// How guesses have turned out.
    pub fn counts(&self) -> Guesses {
        self.tally.counts
    }

    /// The same, if it is time that the server knows.
    pub fn report(&mut self) -> Option<Guesses> {
        self.tally.report(self.now)
    }

    /// The same, if the server does not know it yet.
    pub fn last_report(&mut self) -> Option<Guesses> {
        self.tally.last_report(self.now)
    }

    /// Follows the focus, and what runs there.
    fn move_to(&mut self, view: &View) {
        let ground = view.echo.ground;
        if ground.pane != self.ground.pane {
            self.guesses.clear();
            self.line = Line::default();
            self.cursor = None;
        }
        let surface = view.focused_surface();
        let header = surface.and_then(|surface| surface.header.as_ref());
        let is_full_screen =
            header.is_some_and(|header| header.modes.contains(Modes::ALTERNATE_SCREEN));
        let place = Place::of(ground, is_full_screen);
        if place != self.place || ground.tty != self.ground.tty {
            self.line.moved();
        }
        (self.ground, self.place) = (ground, place);
    }

    /// Drops the keys that the screen reflects, and takes note of how their guesses turned out.
    fn reflect(&mut self, seen: &Seen, view: &View) {
        let upto = |offset: u64| self.guesses.partition_point(|guess| guess.end <= offset);
        let (settled, written) = (upto(view.echo.settled), upto(view.echo.written));
        self.guesses.make_contiguous();
        let found = self.reflected(seen, settled, written);
        let count = found.map_or(settled, |(count, _)| count);
        self.learn_edits(count, found.map(|(_, fit)| fit));
        let mut reflected = self.guesses.iter().take(count);
        let moves = |key: Key| key.is_edit() || matches!(key, Key::Left | Key::Right);
        let behind = match count > 1 && reflected.any(|guess| moves(guess.key)) {
            true => Behind::Unclear,
            false => seen.behind_cursor(),
        };
        for _ in 0..count {
            if let Some(guess) = self.guesses.pop_front() {
                self.judge(&guess, seen);
                self.line.reflects(guess.key, behind);
                if found.is_some() {
                    self.pace.echoed(self.now.since(guess.at));
                }
            }
        }
        let is_clear = found.is_some() || written <= settled;
        let ambiguous = if is_clear { 0 } else { written - settled };
        for (at, guess) in self.guesses.iter_mut().enumerate() {
            guess.hope = if at < ambiguous {
                Hope::Taken
            } else {
                Hope::Unknown
            };
        }
        let is_untouched = count == 0 && ambiguous == 0;
        if is_untouched && seen.cursor() != self.cursor {
            self.line.interrupted(&self.ground);
        }
        self.cursor = seen.cursor();
        self.line
            .see(seen, &self.ground, self.trusts.of(self.place));
    }

    /// How many of the first keys the screen reflects: at least those that have settled, at most those that were
    /// written, and as many as fit. Nothing if that cannot be told.
    fn reflected(&self, seen: &Seen, settled: usize, written: usize) -> Option<(usize, Fit)> {
        let (guesses, _) = self.guesses.as_slices();
        let taken = guesses
            .iter()
            .take_while(|guess| guess.hope == Hope::Taken)
            .count();
        let fits = |count: usize| match count {
            0 if seen.cursor() == self.cursor => Fit::Whole,
            0 => Fit::None,
            _ if self.is_after_return(&guesses[..count], settled, seen) => Fit::Whole,
            _ => fit(&guesses[..count], seen),
        };
        let least = settled.max(taken + usize::from(taken > settled));
        let mut contrary = None;
        for count in (least..=written).rev() {
            match fits(count) {
                Fit::Whole => return Some((count, Fit::Whole)),
                Fit::Contrary if contrary.is_none() => contrary = Some((count, Fit::Contrary)),
                _ => {}
            }
        }
        match self.is_loose(&guesses[settled.min(written)..written], seen) {
            true => Some((written, Fit::Loose)),
            false => contrary,
        }
    }

    fn is_after_return(&self, keys: &[Guess], settled: usize, seen: &Seen) -> bool {
        let was_at = self.cursor.map(|(row, _)| row);
        self.trusts.peek(self.place).is_some_and(|trust| {
            let ground = (&self.ground, trust);
            self.line
                .is_after_return((keys, settled), seen, was_at, ground)
        })
    }

    /// Whether the last of `keys` stands before a cursor that has moved: somewhere else than was expected, but there.
    fn is_loose(&self, keys: &[Guess], seen: &Seen) -> bool {
        let last = keys.last().map(|guess| guess.key);
        let is_there = matches!(last, Some(Key::Print(c)) if c != ' ' && seen.ends_with(c));
        let has_return = keys.iter().any(|guess| guess.key == Key::Return);
        is_there && !has_return && seen.cursor() != self.cursor
    }

    /// Learns how the keys that edit turned out of the first `count`, all of which a screen reflects.
    fn learn_edits(&mut self, count: usize, fit: Option<Fit>) {
        let reflected = self.guesses.iter().take(count);
        if reflected.clone().any(|guess| guess.key == Key::Return) {
            return;
        }
        let is_foreseen = |guess: &&Guess| matches!(guess.hope, Hope::Known(_));
        let keys = reflected.filter(is_foreseen).map(|guess| guess.key);
        let keys: Vec<Key> = keys.filter(|key| key.is_edit()).collect();
        let verdict = match fit {
            Some(Fit::Whole) => Verdict::Right,
            _ => Verdict::Wrong,
        };
        let trust = self.trusts.of(self.place);
        for key in keys {
            trust.learn_edit(key, verdict);
        }
    }

    fn judge(&mut self, guess: &Guess, seen: &Seen) {
        let (later, _) = self.guesses.as_slices();
        let verdict = verdict(guess, later, seen);
        self.tally.note(verdict, guess.shown);
        let trust = self.trusts.of(self.place);
        match verdict {
            Verdict::Right => {
                trust.was_right();
                trust.wraps |= guess.has_wrapped();
                self.line.confirmed(trust);
            }
            Verdict::Wrong => {
                if guess.is_firm {
                    trust.was_wrong();
                }
                self.line.refuted();
            }
            Verdict::Neutral => {}
        }
    }

    fn drop_settled(&mut self, settled: u64) {
        while let Some(guess) = self.guesses.front().filter(|guess| guess.end <= settled) {
            self.line.reflects(guess.key, Behind::Unclear);
            self.guesses.pop_front();
        }
        for guess in &mut self.guesses {
            guess.hope = Hope::Unknown;
        }
        self.cursor = None;
    }
}

/// The live screen of the pane with the focus, if that is `pane`.
fn seen(view: &View, pane: PaneId) -> Option<Seen<'_>> {
    view.focused().filter(|focused| focused.pane == pane)?;
    let surface = view.focused_surface()?;
    let header = surface.header.as_ref()?;
    header.scrolled.is_none().then_some(Seen {
        surface,
        tables: &view.tables,
    })
}

#[cfg(test)]
mod tests;
