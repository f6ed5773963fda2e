//! Searching in copy mode: while a pattern is typed, the view shows where it stands; Enter stays there, Escape leads
//! back.

use super::{Copy, Outcome, Pending};
use crate::protocol::Spot;
use crate::protocol::command::{ScrollCommand, Search, Stage, Syntax};
use crate::protocol::surface::Scrolled;
use crate::ui::page::{Page, Point};

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchDirection {
    /// Towards the last line.
    Forwards,
    /// Towards the first.
    Backwards,
}

impl SearchDirection {
    pub(super) fn opposite(self) -> Self {
        match self {
            SearchDirection::Forwards => SearchDirection::Backwards,
            SearchDirection::Backwards => SearchDirection::Forwards,
        }
    }
}

/// What is searched for, and how far that has come.
#[derive(Debug, Clone)]
pub(super) struct Seeking {
    /// Where the last search went to.
    pub direction: SearchDirection,
    /// How its pattern was written.
    syntax: Syntax,
    /// Which of the commands that the server was sent was a search whose answer is awaited.
    pub awaited: Option<u64>,
    trial: Option<Trial>,
}

/// What is shown while the pattern is typed.
#[derive(Debug, Clone)]
struct Trial {
    /// What the server was asked to look for last.
    sent: (String, Syntax),
    /// Where the cursor was.
    from: Spot,
}

impl Default for Seeking {
    fn default() -> Self {
        Self {
            direction: SearchDirection::Backwards,
            syntax: Syntax::default(),
            awaited: None,
            trial: None,
        }
    }
}

impl Copy {
    /// How the pattern of the last search was written.
    pub fn syntax(&self) -> Syntax {
        self.seeking.syntax
    }

    /// Whether a pattern is being typed of which the view shows where it stands.
    pub fn is_seeking(&self) -> bool {
        self.seeking.trial.is_some()
    }

    /// Searches for a pattern; an empty one repeats the last.
    pub fn search(
        &mut self,
        (pattern, syntax): (String, Syntax),
        direction: SearchDirection,
        page: &Page,
    ) -> Outcome {
        if !pattern.is_empty() {
            self.seeking.direction = direction;
            self.seeking.syntax = syntax;
        }
        self.seeking.trial = None;
        self.ask((pattern, syntax), direction, Stage::Settled, page)
    }

    /// Goes to the next match of the last search in a direction.
    pub(super) fn search_on(&mut self, direction: SearchDirection, page: &Page) -> Outcome {
        self.search((String::new(), Syntax::default()), direction, page)
    }

    /// Shows where a pattern stands that is still being typed.
    pub fn seek(
        &mut self,
        wanted: (String, Syntax),
        direction: SearchDirection,
        page: &Page,
    ) -> Outcome {
        let from = match &self.seeking.trial {
            Some(trial) if trial.sent == wanted => return Outcome::Moved,
            Some(trial) => trial.from,
            None if wanted.0.is_empty() => return Outcome::Moved,
            None => page.spot(page.clamp(self.cursor)),
        };
        self.seeking.syntax = wanted.1;
        let sent = wanted.clone();
        self.seeking.trial = Some(Trial { sent, from });
        self.ask(wanted, direction, Stage::Typing, page)
    }

    /// Goes back to where it was before a pattern was typed.
    pub fn give_up_seeking(&mut self, page: &Page) -> Outcome {
        let Some(trial) = self.seeking.trial.take() else {
            return Outcome::Moved;
        };
        let nothing = (String::new(), Syntax::default());
        let outcome = self.ask(nothing, self.seeking.direction, Stage::GivenUp, page);
        self.seeking.awaited = None;
        self.pending = Some(Pending::Cursor(trial.from));
        outcome
    }

    fn ask(
        &mut self,
        (pattern, syntax): (String, Syntax),
        direction: SearchDirection,
        stage: Stage,
        page: &Page,
    ) -> Outcome {
        self.seeking.awaited = Some(self.asked + 1);
        let cursor = page.clamp(self.cursor);
        Outcome::Scroll(ScrollCommand::Search(Search {
            pattern,
            syntax,
            backwards: direction == SearchDirection::Backwards,
            row: cursor.row,
            col: cursor.col,
            stage,
        }))
    }

    /// Takes the answer to a search, if this is it; what it said.
    pub(super) fn answer(&mut self, page: &Page, scrolled: &Scrolled) -> Option<String> {
        self.seeking
            .awaited
            .take_if(|number| *number <= scrolled.followed)?;
        let from = self.seeking.trial.as_ref().map(|trial| trial.from);
        let found = scrolled.matches.first();
        let found = found.map(|found| Point {
            row: found.y,
            col: found.x,
        });
        let place = found.or_else(|| page.point_of(from?));
        if let Some(place) = place {
            self.move_to(page, page.clamp(place));
        }
        // While a pattern is typed, what was said of the one before is over.
        (!scrolled.note.is_empty() || from.is_some()).then(|| scrolled.note.clone())
    }
}
