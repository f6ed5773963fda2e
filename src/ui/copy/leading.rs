//! What the keys so far say of the next one in copy mode: how often it is done, or that it is a character to jump to.

use crate::term::{Key, KeyCode, Mods};
use crate::ui::action::Jump;

/// The largest count: it may be the number of a line.
const MAX_COUNT: u32 = 999_999_999;

/// A jump to a character, so many times.
pub(super) type Aim = (Jump, char, u32);

/// What leads the next key.
#[derive(Debug, Clone, Default)]
pub(super) struct Leading {
    count: Option<u32>,
    /// The jump that waits for its character.
    awaited: Option<(Jump, u32)>,
    /// The jump that was done last.
    last: Option<(Jump, char)>,
}

impl Leading {
    /// Whether digits were typed.
    pub fn is_counting(&self) -> bool {
        self.count.is_some()
    }

    /// Takes a digit in; false if `key` is none, or a 0 that begins no number.
    pub fn take_digit(&mut self, key: Key) -> bool {
        let digit = plain(key).and_then(|c| c.to_digit(10));
        let Some(digit) = digit.filter(|digit| *digit > 0 || self.is_counting()) else {
            return false;
        };
        let count = self.count.unwrap_or(0).saturating_mul(10);
        self.count = Some(count.saturating_add(digit).min(MAX_COUNT));
        true
    }

    /// How often the next action is done, if that was said.
    pub fn take_count(&mut self) -> Option<u32> {
        self.count.take()
    }

    /// Where `jump` goes; `None` if the next key is to say it, or if there was no jump to repeat.
    pub fn aim(&mut self, jump: Jump, times: u32) -> Option<Aim> {
        let (last, c) = match jump {
            Jump::Again | Jump::Reverse => self.last?,
            _ => {
                self.awaited = Some((jump, times));
                return None;
            }
        };
        match jump {
            Jump::Reverse => Some((last.reversed(), c, times)),
            _ => Some((last, c, times)),
        }
    }

    /// Whether the next key is a character to jump to.
    pub fn awaits_character(&self) -> bool {
        self.awaited.is_some()
    }

    /// Takes the character in that a jump waited for; a key that is none ends the waiting.
    pub fn take_character(&mut self, key: Key) -> Option<Aim> {
        let ((jump, times), c) = (self.awaited.take()?, plain(key)?);
        self.last = Some((jump, c));
        Some((jump, c, times))
    }
}

fn plain(key: Key) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if !key.mods.contains(Mods::CTRL) && !key.mods.contains(Mods::ALT) => {
            Some(c)
        }
        _ => None,
    }
}
