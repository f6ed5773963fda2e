//! Runs outside suites against wt's emulator, without a server or a window: see `README.md` beside this file.

mod alacritty;
mod esctest;
mod golden;
mod host;
mod look;
mod opinions;
mod record;
mod recording;
mod shown;
mod ucs_detect;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
usage: conformance esctest DIR [PATTERN]   run esctest2 from its copy in DIR
       conformance run COMMAND [ARG]...    run a command in the emulator, then print its screen
       conformance ucs-detect [OPTION]...  measure the columns of characters and clusters
       conformance alacritty               replay alacritty's recordings
       conformance record SCRIPT           record what a program writes, beside the script
       conformance look [RECORDING]...     write the screens of recordings anew, and what others see in them";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("conformance: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<ExitCode> {
    match args {
        ["esctest", dir, rest @ ..] => esctest::run(dir.as_ref(), rest),
        ["run", command, rest @ ..] => host::show(command, rest),
        ["ucs-detect", options @ ..] => ucs_detect::run(options),
        ["alacritty"] => Ok(alacrittys_recordings()),
        ["record", script] => record::run(script.as_ref()),
        ["look", paths @ ..] => look::run(paths),
        _ => bail!("{USAGE}"),
    }
}

/// Replays alacritty's recordings and prints what differs.
fn alacrittys_recordings() -> ExitCode {
    let replayed = alacritty::replay_all();
    let failed = replayed.iter().filter(|one| !one.differences.is_empty());
    let count = failed
        .map(|one| println!("{}:\n  {}", one.name, one.differences.join("\n  ")))
        .count();
    println!("{} of {}", replayed.len() - count, replayed.len());
    ExitCode::from(u8::from(count > 0))
}
