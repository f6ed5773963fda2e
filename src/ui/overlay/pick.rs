//! A sign over each pane: the next key picks the one that has it.

use super::{Answer, Choice};
use crate::protocol::command::{PaneCommand, Which};
use crate::protocol::{Command, On, PaneId};
use crate::sync::Time;
use crate::term::{Key, KeyCode, Mods, Mouse, MouseAction};

/// The keys of the first panes, in order.
const KEYS: &str = "1234567890abcdefghijklmnopqrstuvwxyz";

/// The panes that can be picked.
#[derive(Debug)]
pub struct Pick {
    panes: Vec<PaneId>,
    /// When the signs go.
    pub until: Time,
}

impl Pick {
    /// Among these panes, until then.
    pub fn new(panes: Vec<PaneId>, until: Time) -> Self {
        Self { panes, until }
    }

    /// The panes, each with the key that picks it.
    pub fn signs(&self) -> impl Iterator<Item = (PaneId, char)> {
        self.panes.iter().copied().zip(KEYS.chars())
    }

    /// A key that is no pane's belongs to the pane with the focus.
    pub fn key(&self, key: Key) -> Answer {
        let KeyCode::Char(c) = key.code else {
            return match key.code {
                KeyCode::Escape => Answer::Leave,
                _ => Answer::Pass,
            };
        };
        let picked = self
            .signs()
            .find(|&(_, sign)| sign == c && key.mods == Mods::NONE);
        match picked {
            Some((pane, _)) => Answer::Choose(Choice::Send(
                On::Pane(pane),
                Command::Pane(PaneCommand::Focus(Which::Here)),
            )),
            None if c.is_ascii_digit() => Answer::Leave,
            None => Answer::Pass,
        }
    }

    /// A press belongs to what lies below.
    pub fn mouse(&self, mouse: Mouse) -> Answer {
        match mouse.action {
            MouseAction::Press(_) => Answer::Pass,
            _ => Answer::Stay,
        }
    }
}
