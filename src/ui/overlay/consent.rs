//! A program wants something of the user's. It may ask at any moment, so a key that is typed just then is neither taken
//! for a yes nor kept from the program: only `C-y` lets it.

use super::{Answer, Choice};
use crate::term::{Key, KeyCode, Mods};

/// Who wants to read the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The question as it is shown.
    pub text: String,
    /// Which question of the server's.
    pub id: u64,
    /// Which selection is wanted, as OSC 52 names it.
    pub selection: String,
}

impl Consent {
    /// The question of `asker`.
    pub fn new(id: u64, selection: String, asker: &str) -> Self {
        let text =
            format!("{asker} wants to read your clipboard: C-y lets it, any other key does not");
        Self {
            text,
            id,
            selection,
        }
    }

    /// Anything but the one key is a no, and means what it would have meant.
    pub fn key(&self, key: Key) -> Answer {
        match key.code {
            KeyCode::Char('y') if key.mods == Mods::CTRL => {
                Answer::Choose(Choice::Give(self.id, self.selection.clone()))
            }
            _ => Answer::Pass,
        }
    }
}
