//! A search that is typed: what the prompt holds is looked for at once.

use super::{Overlay, Purpose};
use crate::protocol::command::Syntax;
use crate::protocol::{PaneId, View};
use crate::scrollback::search::{self, BadPattern, Case, Pattern};
use crate::sync::Time;
use crate::ui::Ui;
use crate::ui::copy::{Copy, SearchDirection};
use crate::ui::page::Page;

impl Ui {
    /// Looks for what is typed, or goes back if it was given up.
    pub(in crate::ui) fn seek(&mut self, view: &View, now: Time) {
        let Some((pane, direction, wanted)) = self.wanted() else {
            return self.give_up_seeking(view, now);
        };
        let note = fault(&wanted);
        let (copy, page) = (self.copies.get_mut(&pane), Page::of(view, pane));
        let (Some(copy), Some(page)) = (copy, page) else {
            return;
        };
        let outcome = match note {
            Some(_) => None,
            None => Some(copy.seek(wanted, direction, &page)),
        };
        self.note_search(pane, note.unwrap_or_default());
        if let Some(outcome) = outcome {
            self.follow(outcome, pane, now);
        }
    }

    /// Searches for what was typed.
    pub(in crate::ui) fn search(
        &mut self,
        pane: PaneId,
        direction: SearchDirection,
        wanted: (String, Syntax),
        view: &View,
        now: Time,
    ) {
        if let Some(fault) = fault(&wanted) {
            return self.say(fault, now);
        }
        let page = Page::of(view, pane);
        if let (Some(copy), Some(page)) = (self.copies.get_mut(&pane), page) {
            let outcome = copy.search(wanted, direction, &page);
            self.follow(outcome, pane, now);
        }
    }

    /// Says something of the pattern that is being typed for `pane`; false if none is.
    pub(in crate::ui) fn note_search(&mut self, pane: PaneId, note: String) -> bool {
        match &mut self.overlay {
            Some(Overlay::Prompt(prompt)) if matches!(prompt.purpose, Purpose::Search(sought, ..) if sought == pane) =>
            {
                prompt.note = note;
                true
            }
            _ => false,
        }
    }

    /// What stands in the prompt of a search.
    fn wanted(&self) -> Option<(PaneId, SearchDirection, (String, Syntax))> {
        let Some(Overlay::Prompt(prompt)) = &self.overlay else {
            return None;
        };
        match prompt.purpose {
            Purpose::Search(pane, direction, syntax) => {
                Some((pane, direction, (prompt.line.text().to_owned(), syntax)))
            }
            _ => None,
        }
    }

    fn give_up_seeking(&mut self, view: &View, now: Time) {
        let seeking = self.copies.iter().find(|(_, copy)| copy.is_seeking());
        let Some(pane) = seeking.map(|(pane, _)| *pane) else {
            return;
        };
        let page = Page::of(view, pane);
        if let (Some(copy), Some(page)) = (self.copies.get_mut(&pane), page) {
            let outcome = copy.give_up_seeking(&page);
            self.follow(outcome, pane, now);
        }
    }

    /// How the last pattern for `pane` was written.
    pub(in crate::ui) fn syntax_of(&self, pane: PaneId) -> Syntax {
        self.copies.get(&pane).map(Copy::syntax).unwrap_or_default()
    }
}

/// Why a pattern cannot be searched for. None is one yet if nothing is typed.
fn fault((text, syntax): &(String, Syntax)) -> Option<String> {
    let syntax = match syntax {
        Syntax::Literal => return None,
        Syntax::Regex => search::Syntax::Regex,
    };
    match Pattern::parse(text, syntax, Case::Smart) {
        Ok(_) | Err(BadPattern::Empty) => None,
        Err(error) => Some(error.to_string()),
    }
}
