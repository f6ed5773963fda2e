//! Commands that read what stands on a server's machine, for targets elsewhere: the same command is run there, and what
//! it says is printed here.

mod sieve;
mod words;

use super::args::{Cli, Command, HistoryCommand};
use super::remote;
use crate::client::Elsewhere;
use crate::client::{self, ErrandEnd, clock};
use crate::disk::places::Places;
use crate::net::Link;
use crate::protocol::errand::{Errand, ErrandReply, MAX_WRITTEN};
use crate::protocol::words::plain;
use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use sieve::Sieve;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
pub(super) use words::Words;

/// What a shell says of a program that C-c ended (128 and the signal's number).
const INTERRUPTED: u8 = 130;

/// What clap exits with for wrong usage.
const USAGE: u8 = 2;

/// How much less than others an errand gets of the processors.
const NICE: i32 = 5;

/// Has the command run at the server there, and prints what it says; its exit code.
pub(super) fn run(places: &Places, there: &Elsewhere, words: Words) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    Ok(ExitCode::from(run_into(places, there, words, &mut out)?))
}

/// The same, with what it prints going to `out`; 0 if all is well.
pub(super) fn run_into(
    places: &Places,
    there: &Elsewhere,
    words: Words,
    out: &mut dyn Write,
) -> Result<u8> {
    let patience = words.patience();
    let wanted = Errand {
        words: words.into(),
        zone: clock::zone(),
    };
    let mut says = Says {
        out,
        printed: Sieve::default(),
        beside: Sieve::default(),
    };
    let ended = there.reach(places)?.enter(async |link: Link| {
        client::errand(link, (wanted, patience), |part| says.part(part)).await
    });
    says.end()?;
    Ok(match ended? {
        ErrandEnd::Over(code) => code,
        ErrandEnd::Interrupted => INTERRUPTED,
    })
}

/// Where what an errand says goes to: nothing that it says steers a terminal.
struct Says<'a> {
    out: &'a mut dyn Write,
    printed: Sieve,
    beside: Sieve,
}

impl Says<'_> {
    fn part(&mut self, part: ErrandReply) -> Result<()> {
        match part {
            ErrandReply::Out(bytes) => {
                self.out.write_all(&self.printed.pass(&bytes))?;
                self.out.flush()?;
            }
            ErrandReply::Err(bytes) => beside(&self.beside.pass(&bytes))?,
            ErrandReply::Over(_) => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.out.write_all(&self.printed.end())?;
        self.out.flush()?;
        beside(&self.beside.end())
    }
}

fn beside(text: &[u8]) -> Result<()> {
    let text = plain(&String::from_utf8_lossy(text));
    Ok(io::stderr().write_all(text.as_bytes())?)
}

/// The server that these targets name, with what they name there; `None` if they lie here.
///
/// # Errors
/// If they name several.
pub(super) fn split(targets: &[String]) -> Result<Option<(Elsewhere, Vec<String>)>> {
    let (mut found, mut rests) = (Vec::new(), Vec::new());
    for target in targets {
        let (place, rest) = remote::split(Some(target.clone()))?;
        found.push(place);
        rests.extend(rest);
    }
    found.dedup();
    match found.as_slice() {
        [] | [None] => Ok(None),
        [Some(there)] => Ok(Some((there.clone(), rests))),
        _ => bail!("several servers are meant: run it for one of them after the other"),
    }
}

/// The same for one target; what it names there is `None` where that is the pane or session used last.
pub(super) fn split_one(target: Option<&String>) -> Result<Option<(Elsewhere, Option<String>)>> {
    let targets: Vec<String> = target.cloned().into_iter().collect();
    let found = split(&targets)?;
    Ok(found.map(|(there, rests)| (there, rests.into_iter().next())))
}

/// Runs a command for a client elsewhere: one that reads, or that deletes history. Its words come by standard input; where
/// that is closed, nobody waits for the command any more, and it ends.
pub(super) fn perform(places: &Places) -> Result<ExitCode> {
    let _ = rustix::process::setpriority_process(None, NICE);
    let words = handed()?;
    let typed = std::iter::once("wt".to_owned()).chain(words);
    let command = match Cli::try_parse_from(typed) {
        Ok(cli) => cli.command.context("there is no command")?,
        Err(error) => {
            error.print()?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let targets = targets(&command).context("this is run on the machine that it is meant for")?;
    ensure!(
        split(&targets)?.is_none(),
        "no server goes on to another: name its host here"
    );
    super::perform(places, command)
}

/// The words that the server hands over.
fn handed() -> Result<Vec<String>> {
    let mut server = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Nothing that the command reads is meant for it.
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    let mut len = [0; 4];
    server.read_exact(&mut len).context("there is no command")?;
    let len = u32::from_le_bytes(len) as usize;
    ensure!(len <= MAX_WRITTEN, "the command is too long");
    let mut written = vec![0; len];
    server
        .read_exact(&mut written)
        .context("reading the command")?;
    std::thread::spawn(move || {
        // It says no more: this returns when it has gone.
        let _ = server.read(&mut [0]);
        std::process::exit(1);
    });
    Ok(Errand::read_words(&written)?)
}

/// What a command is done to, if it is one of those that are run for others.
fn targets(command: &Command) -> Option<Vec<String>> {
    let one = |target: &Option<String>| target.iter().cloned().collect();
    match command {
        Command::Tail(tail) => Some(one(&tail.pane)),
        Command::Capture(capture) => Some(one(&capture.at.target)),
        Command::Grep(grep) => Some(grep.pane.clone()),
        Command::Log(log) => {
            let of_output = log.output.iter().flat_map(|ran| ran.host.clone());
            Some(log.pane.iter().cloned().chain(of_output).collect())
        }
        Command::History(HistoryCommand::Ls(listed)) => Some(one(&listed.host)),
        Command::History(HistoryCommand::Export(export)) if export.output.is_none() => {
            Some(one(&export.pane))
        }
        Command::History(HistoryCommand::Prune(prune)) => {
            Some(prune.host.iter().chain(&prune.pane).cloned().collect())
        }
        Command::History(HistoryCommand::Rm(removed)) => Some(removed.panes.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets_of(words: &str) -> Option<Vec<String>> {
        let typed = "wt".split(' ').chain(words.split(' '));
        targets(&Cli::try_parse_from(typed).unwrap().command.unwrap())
    }

    #[test]
    fn what_is_run_for_others_reads_or_prunes() {
        assert_eq!(targets_of("tail -f %3"), Some(vec!["%3".into()]));
        assert_eq!(targets_of("history ls"), Some(vec![]));
        for other in [
            "new -d",
            "send -t work x",
            "server stop",
            "history export -o /tmp/x",
            "history open",
            "cp a b:",
            "allow",
        ] {
            assert_eq!(targets_of(other), None, "{other}");
        }
    }

    #[test]
    fn targets_of_one_server_are_taken_apart() {
        let split = |targets: &[&str]| {
            let targets: Vec<String> = targets.iter().map(|target| (*target).into()).collect();
            split(&targets)
        };
        let desk = Elsewhere::Host("desk".into());
        assert_eq!(split(&[]).unwrap(), None);
        assert_eq!(split(&["work", "%3"]).unwrap(), None);
        let found = split(&["desk/work", "desk/%3"]).unwrap();
        assert_eq!(
            found,
            Some((desk.clone(), vec!["work".into(), "%3".into()]))
        );
        assert_eq!(split(&["desk/"]).unwrap(), Some((desk, vec![])));
        assert!(split(&["desk/work", "lap/work"]).is_err());
        assert!(split(&["desk/work", "work"]).is_err());
    }
}
