//! What lies over the panes and takes the keys while it is there: a prompt, a question, a list, a menu, the panes'
//! numbers. Each is a small machine: input goes in, an [`Answer`] comes out.

mod consent;
mod line;
mod list;
mod menu;
mod opening;
mod pick;
mod prompt;
mod question;
mod seeking;

pub use consent::Consent;
pub use line::Line;
pub use list::{Item, List, Place};
pub use menu::{Entry, Menu};
pub(super) use opening::pane_title;
pub use pick::Pick;
pub use prompt::{History, Prompt, Purpose};
pub use question::Question;

use super::action::Action;
use super::beside::Landing;
use super::chrome::status::StatusLine;
use super::chrome::{self, Drawing};
use super::offset::Offset;
use super::theme::Theme;
use crate::protocol::{Command, On, View};
use crate::sync::Time;
use crate::term::{Key, Mouse, Size, Stroke};

/// One of them.
#[derive(Debug)]
pub enum Overlay {
    /// A line to be typed.
    Prompt(Prompt),
    /// A yes to be given.
    Question(Question),
    /// A program that wants something of the user's.
    Consent(Consent),
    /// One of many to be found.
    List(List),
    /// One of a few to be chosen.
    Menu(Menu),
    /// A pane to be named.
    Pick(Pick),
}

/// What input came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The overlay stays.
    Stay,
    /// It goes; nothing was chosen.
    Leave,
    /// It goes, and the key means what it would have meant without it.
    Pass,
    /// It goes, and this is to be done.
    Choose(Choice),
    /// It goes, and this was typed.
    Typed(Purpose, String),
}

/// What is to be done for a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// What a key would do; the key for an action that asks which it was.
    Perform(Vec<Action>, Key),
    /// This, by the server.
    Send(On, Command),
    /// To ask for a text.
    Ask(Purpose),
    /// To put a text into the clipboard.
    Copy(String),
    /// To show what an address names.
    Open(String),
    /// To answer this question of a program's with what is in that selection.
    Give(u64, String),
    /// To go to another of the sessions held side by side: its place, and which of its tabs.
    Visit(usize, Landing),
}

impl Overlay {
    /// Takes in what was typed: a key as older terminals tell of it, or the text that an input method made.
    pub fn stroke(&mut self, stroke: &Stroke, size: Size, now: Time) -> Answer {
        let text = stroke.text();
        match text.chars().count() {
            0 | 1 => self.key(stroke.legacy(), size, now),
            _ => {
                self.paste(&text);
                Answer::Stay
            }
        }
    }

    fn key(&mut self, key: Key, size: Size, now: Time) -> Answer {
        match self {
            Overlay::Prompt(prompt) => prompt.key(key),
            Overlay::Question(question) => question.key(key),
            Overlay::Consent(consent) => consent.key(key, now),
            Overlay::List(list) => list.key(key, size),
            Overlay::Menu(menu) => menu.key(key),
            Overlay::Pick(pick) => pick.key(key),
        }
    }

    /// Takes in what the mouse did.
    pub fn mouse(&mut self, mouse: Mouse, size: Size) -> Answer {
        match self {
            Overlay::Prompt(_) | Overlay::Question(_) => Answer::Stay,
            Overlay::Consent(_) => Answer::Pass,
            Overlay::List(list) => list.mouse(mouse, size),
            Overlay::Menu(menu) => menu.mouse(mouse, size),
            Overlay::Pick(pick) => pick.mouse(mouse),
        }
    }

    /// Takes pasted text in; false if there is nothing to paste into.
    pub fn paste(&mut self, text: &str) -> bool {
        match self {
            Overlay::Prompt(prompt) => prompt.line.insert(text),
            Overlay::List(list) => list.paste(text),
            Overlay::Question(_) | Overlay::Consent(_) | Overlay::Menu(_) | Overlay::Pick(_) => {
                return false;
            }
        }
        true
    }

    /// When it goes by itself.
    pub fn until(&self) -> Option<Time> {
        match self {
            Overlay::Pick(pick) => Some(pick.until),
            _ => None,
        }
    }

    /// What it says in the status line.
    pub fn status(&self) -> Option<StatusLine<'_>> {
        match self {
            Overlay::Prompt(prompt) => {
                let (label, line) = (prompt.purpose.label(), &prompt.line);
                Some(StatusLine::Prompt(label, line, &prompt.note))
            }
            Overlay::Question(question) => Some(StatusLine::Question(&question.text)),
            Overlay::Consent(consent) => Some(StatusLine::Message(&consent.text)),
            Overlay::List(_) | Overlay::Menu(_) | Overlay::Pick(_) => None,
        }
    }

    /// What it draws over the panes; `None` if it stands in the status line alone.
    pub fn draw(&self, view: &View, offset: Offset, size: Size, theme: &Theme) -> Option<Drawing> {
        match self {
            Overlay::Prompt(_) | Overlay::Question(_) | Overlay::Consent(_) => None,
            Overlay::List(list) => Some(chrome::list::draw(list, size, theme)),
            Overlay::Menu(menu) => Some(chrome::menu::draw(menu, size, theme)),
            Overlay::Pick(pick) => Some(chrome::pick::draw(pick, view, offset, size, theme)),
        }
    }
}

#[cfg(test)]
mod tests;
