//! `wt config`: what the files of configuration say, and what is wrong with them.

use super::args::ConfigCommand;
use crate::config::history;
use crate::config::sources::Shelf;
use crate::config::{Applies, Config, ConfigError, KEYS, Keys, Source, Sources};
use crate::disk::places::Places;
use crate::ui::{Keymap, Settings, Theme, keymap, theme};
use anyhow::Result;
use std::io::Write;
use std::process::ExitCode;

/// Does what was asked for.
pub(super) fn run(places: &Places, command: ConfigCommand) -> Result<ExitCode> {
    match command {
        ConfigCommand::Check => check(places),
        ConfigCommand::Show => show(places),
    }
}

/// Prints every problem of every file; fails if there is one.
fn check(places: &Places) -> Result<ExitCode> {
    let (config, mut problems) = places.read_config();
    let sources = places.read_sources();
    let (_, wrong) = Settings::load(&config, &sources, None);
    problems.extend(wrong);
    problems.extend(of_all_files(&config, &sources));
    ConfigError::sort(&mut problems);
    // A file that lies under others is wrong once.
    let mut seen: Vec<ConfigError> = Vec::new();
    problems.retain(|problem| {
        let is_new = !seen.contains(problem);
        seen.push(problem.clone());
        is_new
    });
    let mut out = std::io::stdout().lock();
    if !problems.is_empty() {
        for problem in &problems {
            writeln!(out, "{problem}")?;
        }
        return Ok(ExitCode::FAILURE);
    }
    let file = places.config_file();
    match file.exists() {
        true => writeln!(out, "ok: {}", file.display())?,
        false => writeln!(out, "ok: no {}, and none is needed", file.display())?,
    }
    for source in sources.themes.iter().chain(&sources.keymaps) {
        writeln!(out, "ok: {}", source.file)?;
    }
    let (look, keys) = (&config.look, &config.keys);
    writeln!(
        out,
        "ok: theme {} ({} on light terminals), keymap {}",
        look.dark, look.light, keys.keymap
    )?;
    Ok(ExitCode::SUCCESS)
}

/// What is wrong in the themes and keymaps that are there, whether they are used or not.
fn of_all_files(config: &Config, sources: &Sources) -> Vec<ConfigError> {
    let mut problems = Vec::new();
    for source in &sources.themes {
        let asked = |message| of_file(source, message);
        problems.extend(Theme::load(&source.name, &sources.themes, asked).1);
    }
    for source in &sources.keymaps {
        // The one that is used was read with what lies over it.
        if source.name == config.keys.keymap {
            continue;
        }
        let keys = Keys {
            keymap: source.name.clone(),
            ..Keys::default()
        };
        let asked = |_: &'static str, message| of_file(source, message);
        problems.extend(Keymap::load(&keys, &sources.keymaps, asked).1);
    }
    problems
}

fn of_file(source: &Source, message: String) -> ConfigError {
    ConfigError {
        file: source.file.clone(),
        line: 0,
        message,
    }
}

/// Prints every key of `config.toml` with what it does, as a file that could be one.
fn show(places: &Places) -> Result<ExitCode> {
    let (config, _) = places.read_config();
    let sources = places.read_sources();
    let mut out = std::io::stdout().lock();
    writeln!(out, "# {}", places.config_file().display())?;
    names(&mut out, "themes", &theme::shelf(&sources.themes))?;
    names(&mut out, "keymaps", &keymap::shelf(&sources.keymaps))?;
    for key in KEYS {
        writeln!(out, "\n# {}", key.doc)?;
        writeln!(out, "# It takes {}.", key.expects)?;
        if key.applies == Applies::NewPanes {
            writeln!(out, "# A change holds for new panes.")?;
        }
        let set = config
            .origin
            .lines
            .iter()
            .find(|(name, _)| *name == key.name);
        match set {
            Some((_, line)) => writeln!(out, "# It is set on line {line}.")?,
            None if key.default.is_empty() => writeln!(out, "# {} =", key.name)?,
            None => writeln!(out, "# {} = {}", key.name, key.default)?,
        }
    }
    writeln!(out, "\n# [history]")?;
    for key in history::KEYS {
        writeln!(out, "# {}\n# It takes {}.", key.doc, key.expects)?;
        writeln!(
            out,
            "{}",
            format!("# {} = {}", key.name, key.default).trim_end()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn names(out: &mut impl Write, what: &str, shelf: &Shelf) -> Result<()> {
    let names: Vec<&str> = shelf.names().collect();
    Ok(writeln!(out, "# {what}: {}", names.join(", "))?)
}
