//! Runs outside suites against wt's emulator, without a server or a window: see `README.md` beside this file.

mod esctest;
mod host;

use anyhow::{Result, bail};
use std::process::ExitCode;

const USAGE: &str = "\
usage: conformance esctest DIR [PATTERN]   run esctest2 from its copy in DIR
       conformance run COMMAND [ARG]...    run a command in the emulator, then print its screen";

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
        _ => bail!("{USAGE}"),
    }
}
