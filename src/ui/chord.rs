//! Which table of the keymap the next key is looked up in: one for all keys, and perhaps one for the next alone.

use super::catalog;
use super::keymap::{Keymap, ROOT};
use crate::sync::Time;

/// Where the user is in the keymap.
#[derive(Debug, Clone, Default)]
pub(super) struct Chord {
    next: Option<Next>,
    mode: Option<Mode>,
}

/// A table for all keys.
#[derive(Debug, Clone)]
struct Mode {
    name: String,
    /// Its keys, in short.
    hint: String,
}

/// A table for the next key alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) table: String,
    /// After a key that repeats: until when another may follow.
    pub(super) until: Option<Time>,
}

impl Chord {
    /// The next key comes from that table.
    pub(super) fn expect(&mut self, table: &str) {
        self.next = Some(Next {
            table: table.to_owned(),
            until: None,
        });
    }

    /// A key of that table that repeats may follow until then, if nothing else was asked for.
    pub(super) fn expect_again(&mut self, table: &str, until: Time) {
        if self.next.is_none() {
            self.next = Some(Next {
                table: table.to_owned(),
                until: Some(until),
            });
        }
    }

    /// All keys come from that table.
    pub(super) fn enter(&mut self, mode: &str, keymap: &Keymap) {
        self.mode = (mode != ROOT).then(|| Mode {
            name: mode.to_owned(),
            hint: catalog::hint(keymap, mode),
        });
    }

    /// The table for a key that comes now, if it is not the one for all keys.
    pub(super) fn take_next(&mut self, now: Time) -> Option<Next> {
        let next = self.next.take()?;
        next.until.is_none_or(|until| now < until).then_some(next)
    }

    /// Forgets what the next key was to be.
    pub(super) fn drop_next(&mut self) {
        self.next = None;
    }

    /// Whether the next key has a table of its own.
    pub(super) fn is_under_way(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.until.is_none())
    }

    /// The table for all keys.
    pub(super) fn base(&self) -> &str {
        self.mode.as_ref().map_or(ROOT, |mode| &mode.name)
    }

    /// What the status line says of it: the table that waits for a key, or the mode.
    pub(super) fn name(&self) -> Option<&str> {
        let next = self.next.as_ref().filter(|next| next.until.is_none());
        next.map(|next| next.table.as_str())
            .or(self.mode.as_ref().map(|mode| mode.name.as_str()))
    }

    /// The keys of the mode, in short; nothing while another table waits for a key.
    pub(super) fn hint(&self) -> &str {
        let mode = self.mode.as_ref().filter(|_| !self.is_under_way());
        mode.map_or("", |mode| &mode.hint)
    }

    /// Another keymap: what it does not have is left.
    pub(super) fn move_to(&mut self, keymap: &Keymap) {
        self.next = None;
        if let Some(mode) = self.mode.take()
            && keymap.tables().any(|table| table == mode.name)
        {
            self.enter(&mode.name, keymap);
        }
    }
}
