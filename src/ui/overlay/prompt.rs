//! A line typed for a purpose, with what was typed for the same before.

use super::{Answer, Line};
use crate::protocol::command::Syntax;
use crate::protocol::{PaneId, TabId};
use crate::term::{Key, KeyCode, Mods};
use crate::ui::copy::SearchDirection;
use std::mem::{self, Discriminant};

/// What the text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To be searched for in that pane, as a pattern that is so written.
    Search(PaneId, SearchDirection, Syntax),
    /// Where to go in what that pane has printed.
    Go(PaneId),
    /// That pane's title.
    RenamePane(PaneId),
    /// That tab's name.
    RenameTab(TabId),
    /// The session's name.
    RenameSession,
    /// The name of a session to be made; none for a number.
    NewSession,
    /// The tab, or the target, that the pane moves to.
    Move(PaneId),
    /// The number of the tab to go to.
    SelectTab,
    /// The session to be held beside this one.
    Visit,
}

impl Purpose {
    /// What stands before the text.
    pub fn label(&self) -> &'static str {
        match self {
            Purpose::Search(_, SearchDirection::Forwards, Syntax::Literal) => "search: ",
            Purpose::Search(_, SearchDirection::Backwards, Syntax::Literal) => "search back: ",
            Purpose::Search(_, SearchDirection::Forwards, Syntax::Regex) => "search regex: ",
            Purpose::Search(_, SearchDirection::Backwards, Syntax::Regex) => "search back regex: ",
            Purpose::Go(_) => "go to line, % or time: ",
            Purpose::RenamePane(_) => "title of the pane: ",
            Purpose::RenameTab(_) => "name of the tab: ",
            Purpose::RenameSession => "name of the session: ",
            Purpose::NewSession => "name of the new session (none for a number): ",
            Purpose::Move(_) => "move pane to tab: ",
            Purpose::SelectTab => "go to tab: ",
            Purpose::Visit => "visit [HOST/]SESSION: ",
        }
    }
}

impl Purpose {
    /// Between a text that stands for itself and a regular expression.
    fn turn_syntax(&mut self) {
        if let Purpose::Search(_, _, syntax) = self {
            *syntax = match syntax {
                Syntax::Literal => Syntax::Regex,
                Syntax::Regex => Syntax::Literal,
            };
        }
    }
}

/// Most texts remembered for each kind of prompt.
const MAX_HISTORY: usize = 100;

/// What was typed into prompts, the newest last.
#[derive(Debug, Default)]
pub struct History(Vec<(Discriminant<Purpose>, Vec<String>)>);

impl History {
    /// What was typed for that purpose.
    pub fn of(&self, purpose: &Purpose) -> &[String] {
        let kind = mem::discriminant(purpose);
        let known = self.0.iter().find(|(known, _)| *known == kind);
        known.map_or(&[], |(_, texts)| texts)
    }

    /// Remembers what was typed; what was typed before moves to the end.
    pub fn push(&mut self, purpose: &Purpose, text: &str) {
        if text.is_empty() {
            return;
        }
        let kind = mem::discriminant(purpose);
        let at = self.0.iter().position(|(known, _)| *known == kind);
        let at = at.unwrap_or_else(|| {
            self.0.push((kind, Vec::new()));
            self.0.len() - 1
        });
        let texts = &mut self.0[at].1;
        texts.retain(|known| known != text);
        texts.push(text.to_owned());
        if texts.len() > MAX_HISTORY {
            texts.remove(0);
        }
    }
}

/// A line that is being typed.
#[derive(Debug)]
pub struct Prompt {
    /// What for.
    pub purpose: Purpose,
    /// What so far.
    pub line: Line,
    /// What is to be said of it; stands on the right.
    pub note: String,
    /// What was typed before, and what is being typed at the end.
    past: Vec<String>,
    /// Which of `past` is shown.
    at: usize,
}

impl Prompt {
    /// Asks for a text, `text` standing there already.
    pub fn new(purpose: Purpose, text: &str, history: &History) -> Self {
        let mut past = history.of(&purpose).to_vec();
        past.push(text.to_owned());
        Self {
            purpose,
            line: Line::new(text),
            note: String::new(),
            at: past.len() - 1,
            past,
        }
    }

    /// Takes a key in.
    pub fn key(&mut self, key: Key) -> Answer {
        let ctrl = key.mods.contains(Mods::CTRL);
        match key.code {
            KeyCode::Enter => {
                return Answer::Typed(self.purpose.clone(), self.line.text().to_owned());
            }
            KeyCode::Char('m' | 'j') if ctrl => {
                return Answer::Typed(self.purpose.clone(), self.line.text().to_owned());
            }
            KeyCode::Escape => return Answer::Leave,
            KeyCode::Char('c' | 'g') if ctrl => return Answer::Leave,
            KeyCode::Backspace if self.line.is_empty() => return Answer::Leave,
            KeyCode::Char('r') if key.mods.contains(Mods::ALT) => self.purpose.turn_syntax(),
            KeyCode::Up => self.turn(self.at.saturating_sub(1)),
            KeyCode::Char('p') if ctrl => self.turn(self.at.saturating_sub(1)),
            KeyCode::Down => self.turn(self.at + 1),
            KeyCode::Char('n') if ctrl => self.turn(self.at + 1),
            _ => drop(self.line.key(key)),
        }
        Answer::Stay
    }

    /// Shows another text of the past; what was typed instead of this one stays until the prompt goes.
    fn turn(&mut self, to: usize) {
        if to != self.at && to < self.past.len() {
            self.past[self.at] = self.line.text().to_owned();
            self.at = to;
            self.line = Line::new(&self.past[to]);
        }
    }
}
