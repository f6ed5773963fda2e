//! The commands that stand in a pane's directory, each as it was told of last.

use crate::disk::archive::PastPane;
use crate::disk::commands;
use crate::pane::commands::Command;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// How many of a pane's records are read, in bytes: all that its files may hold.
const MAX_BYTES: u64 = 16 << 20;

/// The commands of one pane.
pub(super) struct Records {
    /// By their numbers.
    pub newest: BTreeMap<u64, Command>,
    /// How many records are sealed and cannot be opened.
    pub locked: u64,
}

impl Records {
    /// Reads those of a pane; what is damaged among them is passed over.
    pub fn of(pane: &PastPane) -> Result<Records> {
        let mut newest = BTreeMap::new();
        let locked = commands::read(&pane.dir, &pane.keys, MAX_BYTES, &mut |record| {
            if let Ok(command) = serde_json::from_str::<Command>(record) {
                newest.insert(command.number, command);
            }
        })
        .with_context(|| format!("reading {}", commands::file(&pane.dir).display()))?;
        Ok(Records { newest, locked })
    }
}
