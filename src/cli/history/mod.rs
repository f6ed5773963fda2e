//! `wt history …`: what has left the screens of panes, live and dead.

mod export;
mod list;
mod open;
mod prune;
mod remove;

pub(super) use export::{Bounds, copy, setting};

use super::args::HistoryCommand;
use crate::disk::places::Places;
use anyhow::Result;
use std::process::ExitCode;

/// Does what was asked for.
pub(super) fn run(places: &Places, command: HistoryCommand) -> Result<ExitCode> {
    match command {
        HistoryCommand::Ls(listed) => list::run(places, listed),
        HistoryCommand::Export(export) => export::run(places, export),
        HistoryCommand::Open(open) => open::run(places, open),
        HistoryCommand::Prune(prune) => prune::run(places, prune),
        HistoryCommand::Rm(removed) => remove::run(places, &removed),
    }
}
