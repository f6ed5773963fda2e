//! `wt history rm`: deletes what panes have left that nobody runs.

use super::super::args::Removed;
use super::super::control;
use super::super::errand::{self, Words};
use crate::disk::archive::{Archive, PastPane};
use crate::disk::meta::Meta;
use crate::disk::places::Places;
use anyhow::{Context, Result, bail, ensure};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Does what was asked for: all of it or, where one cannot be deleted, nothing.
pub(super) fn run(places: &Places, removed: &Removed) -> Result<ExitCode> {
    if let Some((there, panes)) = errand::split(&removed.panes)? {
        if !removed.yes && !is_wanted(&removed.named())? {
            return Ok(ExitCode::FAILURE);
        }
        return errand::run(places, &there, Words::removed(panes));
    }
    let archive = Archive::open(places);
    let mut link = control::connect_to_programs(places)?;
    let mut found = Vec::new();
    for name in &removed.panes {
        let number = name.strip_prefix('%').unwrap_or(name).parse().ok();
        let pane = number.and_then(|number| archive.pane(number));
        let pane = pane.with_context(|| {
            format!("no history of {name}: `wt history ls --dead` lists what can be deleted")
        })?;
        let is_served = match &mut link {
            Some(link) => control::recent(link, &format!("%{}", pane.pane), u64::MAX).is_ok(),
            None => false,
        };
        let is_alive = Meta::read(&pane.dir)
            .ok()
            .flatten()
            .is_some_and(|meta| meta.is_alive());
        ensure!(
            !is_served && !is_alive,
            "%{} lives: once `wt pane close -t %{0}` has ended it, its history can be deleted",
            pane.pane
        );
        found.push(pane);
    }
    if !removed.yes && !is_wanted(&named(&found))? {
        return Ok(ExitCode::FAILURE);
    }
    for pane in found {
        std::fs::remove_dir_all(&pane.dir)
            .with_context(|| format!("deleting {}", pane.dir.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn named(panes: &[PastPane]) -> String {
    let names: Vec<_> = panes.iter().map(|pane| format!("%{}", pane.pane)).collect();
    names.join(", ")
}

/// Asks whoever sits at the terminal.
fn is_wanted(panes: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody can be asked here: --yes deletes without a question");
    }
    eprint!("Delete the history of {panes} for good? [y/N] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
