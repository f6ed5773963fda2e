//! The command line: each command is one call into client, server or holder.

mod args;
mod control;
mod doctor;
mod enter;
mod service;

use crate::disk::places::Places;
use anyhow::{Result, bail};
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs `wt`; the process's exit code is 0, 1 for a failure (told in one line), or 2 for wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            // A reader that has gone (`wt ls | head -1`) is no failure.
            let gone = error
                .downcast_ref::<std::io::Error>()
                .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe);
            if !gone {
                eprintln!("wt: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let places = Places::new(&cli.server)?;
    match cli.command {
        None => refuse_nested(cli.nested).and_then(|()| enter::attach(&places, None, true)),
        Some(Command::New(new)) => {
            if !new.detached {
                refuse_nested(cli.nested)?;
            }
            enter::new(&places, new)
        }
        Some(Command::Attach { session, create }) => {
            refuse_nested(cli.nested)?;
            enter::attach(&places, session, create)
        }
        Some(Command::Detach { target }) => control::detach(&places, target),
        Some(Command::Ls { json }) => control::list(&places, json),
        Some(Command::Kill { session }) => control::kill(&places, session),
        Some(Command::Split(split)) => control::split(&places, split),
        Some(Command::Tab { command }) => control::tab(&places, command),
        Some(Command::Capture {
            target,
            ansi,
            history,
        }) => control::capture(&places, target, ansi, history),
        Some(Command::Server { command }) => service::run(&places, command),
        Some(Command::Doctor) => doctor::run(&places),
    }
}

fn refuse_nested(allowed: bool) -> Result<()> {
    if !allowed && std::env::var_os("WT").is_some_and(|socket| !socket.is_empty()) {
        bail!(
            "this is a pane of wt already: C-b c opens a tab here, C-b d leaves; --nested goes on all the same"
        );
    }
    Ok(())
}
