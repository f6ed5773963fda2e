//! The command line: each command is one call into client, server or holder.

mod args;
mod capture;
mod command;
mod config;
mod control;
mod doctor;
mod enter;
mod grep;
mod hint;
mod history;
mod keys;
mod listing;
mod log;
mod pages;
mod past;
mod send;
mod service;
mod tail;
mod target;

use crate::client::Configuration;
use crate::disk::places::Places;
use crate::export::Format;
use crate::protocol;
use crate::protocol::command::SessionCommand;
use crate::protocol::request::Request;
use anyhow::{Result, bail};
use args::{Cli, Command};
use clap::Parser;
use std::io::Write;
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
                eprintln!("wt: {}", listing::plain(&format!("{error:#}")));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let places = Places::new(&cli.server)?;
    let Some(command) = cli.command else {
        refuse_nested(&places, cli.nested)?;
        return enter::attach(&places, None, true);
    };
    let enters = match &command {
        Command::New(new) => !new.detached,
        Command::Resume(resume) => enter::is_entered(resume),
        command => matches!(command, Command::Attach { .. }),
    };
    refuse_nested(&places, cli.nested || !enters)?;
    perform(&places, command)
}

fn perform(places: &Places, command: Command) -> Result<ExitCode> {
    match command {
        Command::New(new) => enter::new(places, new),
        Command::Attach {
            session,
            target,
            create,
        } => enter::attach(places, session.or(target), create),
        Command::Resume(resume) => enter::resume(places, resume),
        Command::Detach { target } => control::order(places, Request::Detach { session: target }),
        Command::Ls(printed) => listing::list(places, printed),
        Command::Kill { session, target } => {
            // One of both was given.
            let session = session.or(target).unwrap_or_default();
            control::order(places, Request::Kill { session })
        }
        Command::Rename { at, name } => {
            let renamed = protocol::Command::Session(SessionCommand::Rename(name));
            command::run(places, at, renamed)
        }
        Command::Switch { to, at } => {
            let switched = protocol::Command::Session(SessionCommand::Switch(to));
            command::run(places, at, switched)
        }
        Command::Split(split) => command::split(places, split),
        Command::Tab(tab) => command::tab(places, tab),
        Command::Pane(pane) => command::pane(places, pane),
        Command::Layout { at, layout } => {
            command::run(places, at, protocol::Command::Layout(layout))
        }
        Command::Send(send) => send::run(places, send),
        Command::Capture { at, ansi, history } => {
            let format = match ansi {
                true => Format::Ansi,
                false => Format::Text,
            };
            let target = at.or_here(places);
            match history {
                true => capture::history(places, target, format),
                false => capture::screen(places, target, format),
            }
        }
        Command::History(command) => history::run(places, command),
        Command::Tail(tail) => tail::run(places, tail),
        Command::Log(log) => log::run(places, log),
        Command::ShellIntegration { shell } => {
            std::io::stdout().write_all(shell.script().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Grep(grep) => grep::run(places, grep),
        Command::Status(printed) => listing::status(places, printed),
        Command::Reload => control::reload(places),
        Command::Server(command) => service::run(places, command),
        Command::Config(command) => config::run(places, command),
        Command::Keys { keymap, json } => keys::run(places, keymap, json),
        Command::Doctor(printed) => doctor::run(places, printed),
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { dir } => pages::man(dir.as_deref()),
    }
}

fn refuse_nested(places: &Places, allowed: bool) -> Result<()> {
    if !allowed && std::env::var_os("WT").is_some_and(|socket| !socket.is_empty()) {
        bail!(hint::nested(&Configuration::read(places).settings().keymap));
    }
    Ok(())
}
