//! The command line: each command is one call into client, server or holder.

mod ahead;
mod args;
mod bootstrap;
mod capture;
mod columns;
mod command;
mod config;
mod confirm;
mod control;
mod cp;
mod doctor;
mod enter;
mod env;
mod errand;
mod forward;
mod grep;
mod hint;
mod history;
mod host;
mod hosts;
mod keys;
mod listing;
mod log;
mod pages;
mod pair;
mod past;
mod progress;
mod quoting;
mod records;
mod remote;
mod send;
mod service;
mod ssh;
mod tail;
mod target;
mod trust;

use crate::client::{AgentWish, Configuration, Road};
use crate::disk::places::Places;
use crate::protocol::request::Request;
use anyhow::{Result, bail};
use args::{Cli, Command};
use clap::Parser;
use enter::{Missing, Wishes};
use std::process::ExitCode;
use target::Aim;

/// Runs `wt`; the process's exit code is 0, 1 for a failure (told in one line), or 2 for wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            if !is_reader_gone(&error) {
                eprintln!("wt: {}", listing::plain(&format!("{error:#}")));
            }
            ExitCode::FAILURE
        }
    }
}

/// Whether whoever read what was printed has gone (`wt ls | head -1`), which is no failure.
fn is_reader_gone(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(cli: Cli) -> Result<ExitCode> {
    let places = Places::new(&cli.server)?;
    let enters = match &cli.command {
        None | Some(Command::Attach { .. }) => true,
        Some(Command::Ssh(_)) => true,
        Some(Command::New(new)) => !new.detached,
        Some(Command::Resume(resume)) => resume.is_elsewhere() && !resume.detached,
        Some(_) => false,
    };
    if enters && !cli.nested {
        refuse_nested(&places)?;
    }
    match cli.command {
        None => {
            let wishes = Wishes {
                missing: Missing::Made,
                agent: AgentWish::AsConfigured,
                road: Road::Real,
            };
            enter::attach(&places, Vec::new(), &wishes)
        }
        Some(Command::Resume(resume))
            if is_in_pane() && !cli.nested && !resume.detached && !resume.is_elsewhere() =>
        {
            enter::resume_here(&places, resume)
        }
        Some(command) => perform(&places, command),
    }
}

fn perform(places: &Places, command: Command) -> Result<ExitCode> {
    match command {
        Command::New(new) => enter::new(places, new),
        Command::Attach {
            sessions,
            target,
            create,
            agent,
            simulate,
        } => {
            let missing = match create {
                true => Missing::Made,
                false => Missing::Refused,
            };
            let agent = match agent {
                true => AgentWish::Offered,
                false => AgentWish::AsConfigured,
            };
            let road = simulate.map_or(Road::Real, Road::simulated);
            let wishes = Wishes {
                missing,
                agent,
                road,
            };
            let targets = sessions.into_iter().chain(target).collect();
            enter::attach(places, targets, &wishes)
        }
        Command::Resume(resume) => enter::resume(places, resume),
        Command::Detach { target } => detach(places, target),
        Command::Ls { host, printed } => listing::list(places, host, printed),
        // One of both was given.
        Command::Kill { session, target } => {
            control::kill(places, session.or(target).unwrap_or_default())
        }
        Command::Rename { at, name } => command::rename(places, at, name),
        Command::Switch { to, at } => command::switch(places, at, to),
        Command::Split(split) => command::split(places, split),
        Command::Tab(tab) => command::tab(places, tab),
        Command::Pane(pane) => command::pane(places, pane),
        Command::Layout { at, layout } => command::layout(places, at, layout),
        Command::Send(send) => send::run(places, send),
        Command::Capture(capture) => capture::run(places, capture),
        Command::History(command) => history::run(places, command),
        Command::Tail(tail) => tail::run(places, tail),
        Command::Log(log) => log::run(places, log),
        Command::ShellIntegration { shell } => pages::shell_script(shell),
        Command::Grep(grep) => grep::run(places, grep),
        Command::Cp(cp) => cp::run(places, cp),
        Command::Forward(forward) => forward::run(places, forward),
        Command::Env(env) => env::run(places, env),
        Command::Status(printed) => listing::status(places, printed),
        Command::Reload => control::reload(places),
        Command::Ssh(ssh) => ssh::run(places, ssh),
        Command::Pair(pair) => pair::run(places, pair),
        Command::Key => trust::key(places),
        Command::Allow(allow) => trust::allow(places, allow),
        Command::Revoke { key_or_name } => trust::revoke(places, &key_or_name),
        Command::Hosts(hosts) => hosts::run(places, hosts),
        Command::Server(command) => service::run(places, command),
        Command::Config(command) => config::run(places, command),
        Command::Keys(listed) => keys::run(places, listed),
        Command::Doctor(printed) => doctor::run(places, printed),
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { dir } => pages::man(dir.as_deref()),
    }
}

/// Whether this runs in a pane of wt.
fn is_in_pane() -> bool {
    std::env::var_os("WT").is_some_and(|socket| !socket.is_empty())
}

fn detach(places: &Places, target: Option<String>) -> Result<ExitCode> {
    let aim = Aim::new(target)?;
    let session = (!aim.target.is_empty()).then(|| aim.target.clone());
    control::order(&mut aim.connect(places)?, Request::Detach { session })
}

fn refuse_nested(places: &Places) -> Result<()> {
    if is_in_pane() {
        bail!(hint::nested(&Configuration::read(places).settings().keymap));
    }
    Ok(())
}
