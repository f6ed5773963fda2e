//! The replay: what is under way, done to a copy of the newest screen.

use super::draft::{Draft, Echoer};
use super::guess::Hope;
use super::key::Key;
use super::overlay::{Overlay, Underline};
use super::tally::Shown;
use super::{Predictor, seen};
use crate::config::Predict;
use crate::protocol::{Tty, View};

impl Predictor {
    /// Does to a copy of the newest screen what is under way, and takes note of what is to be shown of it.
    pub(super) fn replay(&mut self, view: &View) {
        self.overlay = None;
        let Some(first) = self.guesses.front() else {
            return;
        };
        self.pace.waits(first.at, self.now);
        let seen = seen(view, self.ground.pane);
        let draft = seen.and_then(|seen| Draft::of(seen.surface, seen.tables));
        let (Some(seen), Some(mut draft)) = (seen, draft) else {
            return;
        };
        draft.start = self.line.start;
        draft.ends(self.line.end());
        let echoer = Echoer::of(self.ground.tty);
        let trust = self.trusts.of(self.place);
        let (most, wraps) = (trust.ahead(), trust.wraps);
        let (edits, is_line) = (trust.edits(), !trust.is_full_screen());
        let is_line = is_line && self.line.is_known;
        let mut room = self.room(echoer, most, view);
        let underline = match self.pace.marks() {
            true => Underline::Yes,
            false => Underline::No,
        };
        let surface = (seen.surface, seen.tables);
        let pane = self.ground.pane;
        let overlay = |draft: &Draft| Overlay::of(draft, surface, pane, underline);
        let (mut shown, mut hidden) = (0, None);
        for guess in &mut self.guesses {
            if guess.hope == Hope::Taken {
                room = Room::default();
                continue;
            }
            let is_edit = guess.key.is_edit() && echoer == Echoer::Program;
            if is_edit && !is_line {
                break;
            }
            // What a key does that edits has to be seen once.
            room.is_relied_on &= !is_edit || edits.contains(&guess.key);
            let is_last = !room.is_relied_on || shown >= room.most;
            if hidden.is_none() && (is_last || draft.is_at_margin()) {
                hidden = Some((shown, overlay(&draft)));
            }
            let Some(outcome) = draft.apply(known(guess.key, self.ground.tty), echoer) else {
                break;
            };
            room.is_relied_on &= wraps || !outcome.wrapped;
            guess.is_firm = room.is_relied_on;
            guess.hope = Hope::Known(outcome);
            if !room.is_relied_on || is_last {
                room.most = 0;
                continue;
            }
            hidden = None;
            shown += 1;
            if guess.shown == Shown::No && matches!(guess.key, Key::Print(_)) {
                self.tally.counts.shown += 1;
            }
            guess.shown = Shown::Yes;
        }
        let (shown, drawn) = hidden.unwrap_or_else(|| (shown, overlay(&draft)));
        self.overlay = (shown > 0).then_some(drawn);
    }

    /// Whether guesses can be relied on, and how many may be shown.
    fn room(&self, echoer: Echoer, most: usize, view: &View) -> Room {
        let is_relied_on = match echoer {
            Echoer::Nobody => false,
            // A program tells nobody that it has let the kernel echo no more.
            Echoer::Kernel => self.line.is_known || self.line.proofs > 0,
            Echoer::Program => {
                let proofs = self
                    .trusts
                    .peek(self.place)
                    .map_or(1, |trust| trust.proofs());
                self.line.is_known || self.line.proofs >= proofs
            }
        };
        let is_wanted = match self.mode {
            Predict::Always => true,
            Predict::Auto => self.pace.shows(),
            Predict::Never => false,
        };
        let is_free = !view.echo.others && !self.line.is_awaited;
        let most = match echoer {
            _ if !is_wanted || !is_free => 0,
            Echoer::Kernel => usize::MAX,
            _ => most,
        };
        Room { is_relied_on, most }
    }
}

/// A key as the terminal has it: where the kernel edits lines by other keys than everywhere, those are nothing known.
fn known(key: Key, tty: Tty) -> Key {
    let edits = matches!(key, Key::Erase | Key::KillLine | Key::KillWord);
    match edits && tty.kernel_echoes() && !tty.contains(Tty::USUAL_KEYS) {
        true => Key::Other,
        false => key,
    }
}

/// What may be shown.
#[derive(Debug, Default)]
struct Room {
    is_relied_on: bool,
    /// How many guesses.
    most: usize,
}
