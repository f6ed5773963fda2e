//! A program wants something of the user's. It may ask at any moment, so a key that is typed just then is neither taken
//! for a yes nor kept from the program: only `C-y` lets it, and only once the question could be read.

use super::{Answer, Choice};
use crate::sync::Time;
use crate::term::{Key, KeyCode, Mods};

/// Milliseconds for which the question has to stand before a key can be meant as a yes: `C-y` means something in many
/// programs.
const READ_MS: u64 = 1000;

/// Who wants to read the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The question as it is shown.
    pub text: String,
    /// Which question of the server's.
    pub id: u64,
    /// Which selection is wanted, as OSC 52 names it.
    pub selection: String,
    /// When a key may be a yes.
    pub readable: Time,
}

impl Consent {
    /// The question of `asker`, shown from now on.
    pub fn new((id, selection): (u64, String), asker: &str, now: Time) -> Self {
        let text =
            format!("{asker} wants to read your clipboard: C-y lets it, any other key does not");
        Self {
            text,
            id,
            selection,
            readable: now.after(READ_MS),
        }
    }

    /// Anything but the one key is a no, and means what it would have meant.
    pub fn key(&self, key: Key, now: Time) -> Answer {
        match key.code {
            KeyCode::Char('y') if key.mods == Mods::CTRL && now >= self.readable => {
                Answer::Choose(Choice::Give(self.id, self.selection.clone()))
            }
            _ => Answer::Pass,
        }
    }
}
