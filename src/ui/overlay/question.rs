//! A question that a `y` says yes to.

use super::{Answer, Choice};
use crate::protocol::{Command, On};
use crate::term::{Key, KeyCode, Mods};

/// What is asked, and what a yes sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// One line, without the keys that answer it.
    pub text: String,
    /// What `command` is done to.
    pub on: On,
    /// What is sent then.
    pub command: Command,
}

impl Question {
    /// As in tmux, anything but a yes is a no.
    pub fn key(&self, key: Key) -> Answer {
        match key.code {
            KeyCode::Char('y' | 'Y') if key.mods == Mods::NONE => {
                Answer::Choose(Choice::Send(self.on, self.command.clone()))
            }
            _ => Answer::Leave,
        }
    }
}
