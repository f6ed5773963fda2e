//! esctest2: George Nachman's and Thomas Dickey's tests of xterm's control sequences. The suite stays outside; what it
//! has to be told otherwise is in `esctest.py`, which loads it.

use super::host;
use anyhow::{Context, Result, ensure};
use portable_pty::CommandBuilder;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use wt::term::Emulator;

/// The tests that are known to fail, with why.
const FAILURES: &str = include_str!("esctest-failures.txt");
/// The tests of what programs use every day.
const EVERYDAY: &str = include_str!("esctest-everyday.txt");

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    /// The suite expects xterm itself to fail, or asks for a higher VT level: not counted.
    Skipped,
}

/// Runs the suite in `dir`, the tests that match the pattern alone if there is one; fails if the outcome is not the
/// one on record.
pub fn run(dir: &Path, pattern: &[&str]) -> Result<ExitCode> {
    let scratch = tempfile::tempdir().context("making a directory for the results")?;
    let results = scratch.path().join("results");
    let mut emulator = Emulator::new(host::SIZE);
    // The suite expects xterm's own.
    emulator.set_default_colors((0, 0, 0), (0xff, 0xff, 0xff));
    let status = host::run(command(dir, &results, pattern)?, &mut emulator)?;
    let text = fs::read_to_string(&results).with_context(|| {
        let seen = host::text(&emulator);
        format!("esctest wrote no results ({status}); its screen:\n{seen}")
    })?;
    let verdicts = parse(&text);
    ensure!(!verdicts.is_empty(), "no test matches {pattern:?}");
    report(&text, &verdicts);
    Ok(compare(&verdicts))
}

fn command(dir: &Path, results: &Path, pattern: &[&str]) -> Result<CommandBuilder> {
    let suite = dir.join("esctest");
    ensure!(
        suite.join("esctest.py").exists(),
        "no esctest2 in {}: give the directory that holds esctest/esctest.py",
        dir.display()
    );
    let mut command = CommandBuilder::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/esctest.py"));
    command.arg(suite);
    command.arg(results);
    command.arg(format!(
        "--logfile={}",
        results.with_extension("log").display()
    ));
    command.args([
        "--max-vt-level=4",
        "--expected-terminal=xterm",
        "--xterm-checksum=334",
        "--xterm-reverse-wrap=383",
        "--timeout=0.3",
        "--no-print-logs",
    ]);
    if let [pattern, ..] = pattern {
        command.arg(format!("--include={pattern}"));
    }
    // Last: it takes every word that follows.
    command.args(["--options", "xtermWinopsEnabled", "allowC2Controls"]);
    Ok(command)
}

/// Each test's name and verdict from lines of `passed NAME`, `failed NAME why` and `skipped NAME`.
fn parse(text: &str) -> BTreeMap<&str, Verdict> {
    let mut verdicts = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let verdict = match words.next() {
            Some("passed") => Verdict::Passed,
            Some("failed") => Verdict::Failed,
            _ => Verdict::Skipped,
        };
        verdicts.extend(words.next().map(|name| (name, verdict)));
    }
    verdicts
}

fn report(text: &str, verdicts: &BTreeMap<&str, Verdict>) {
    for line in text.lines().filter(|line| line.starts_with("failed ")) {
        println!("{line}");
    }
    let count = |names: &dyn Fn(&str) -> bool, verdict| {
        let chosen = verdicts.iter().filter(|(name, _)| names(name));
        chosen.filter(|(_, found)| **found == verdict).count()
    };
    let figures = |what: &str, names: &dyn Fn(&str) -> bool| {
        let (passed, failed) = (count(names, Verdict::Passed), count(names, Verdict::Failed));
        println!("{what}: {passed} passed of {}", passed + failed);
    };
    figures("all", &|_| true);
    figures("everyday", &|name| {
        listed(EVERYDAY).any(|known| known == name)
    });
    println!("not counted: {}", count(&|_| true, Verdict::Skipped));
}

/// Whether the outcome is the one on record; says where it is not.
fn compare(verdicts: &BTreeMap<&str, Verdict>) -> ExitCode {
    let known: Vec<&str> = listed(FAILURES).collect();
    let mut code = ExitCode::SUCCESS;
    for (name, verdict) in verdicts {
        match (verdict, known.contains(name)) {
            (Verdict::Failed, false) => println!("newly failing: {name}"),
            (Verdict::Passed, true) => println!("no longer failing, take it off the list: {name}"),
            _ => continue,
        }
        code = ExitCode::FAILURE;
    }
    code
}

/// The names in a list: one a line; what follows `#` explains.
fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|name| !name.is_empty())
}
