//! ucs-detect: Jeff Quast's measurement of how many columns a terminal gives to characters, clusters and languages. It
//! prints them and asks where the cursor is; its findings are read from the JSON that it saves.

use super::host;
use anyhow::{Context, Result, ensure};
use portable_pty::CommandBuilder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;
use wt::term::Emulator;

/// What each class has to reach, in percent.
const WANTED: f64 = 99.0;

/// How many of what fails is told of each class.
const TOLD: usize = 3;

/// The findings: by class, then by Unicode version or language.
#[derive(Deserialize)]
struct Findings {
    test_results: BTreeMap<String, Option<BTreeMap<String, Finding>>>,
}

#[derive(Deserialize)]
struct Finding {
    n_errors: u64,
    n_total: u64,
    #[serde(default, alias = "failed_codepoints")]
    failed: Vec<Value>,
}

/// Runs it with `options` of its own (`--limit-codepoints=100` makes it short), and prints what each class reaches.
pub fn run(options: &[&str]) -> Result<ExitCode> {
    let scratch = tempfile::tempdir().context("making a directory for the findings")?;
    let findings = scratch.path().join("findings.json");
    let mut command = CommandBuilder::new("ucs-detect");
    command.args(["--no-terminal-test", "--no-final-summary"]);
    command.args(["--set-software-name=wt", "--set-software-version=0"]);
    command.arg(format!("--save-json={}", findings.display()));
    command.args(options);
    command.env("TERM", "xterm-256color");
    let status = host::run(command, &mut Emulator::new(host::SIZE))?;
    ensure!(status.success(), "ucs-detect ended with {status}");
    let text = fs::read(&findings).context("reading what ucs-detect found")?;
    let findings: Findings = serde_json::from_slice(&text).context("reading what it found")?;
    let mut is_good = true;
    for (class, found) in &findings.test_results {
        if let Some(percent) = report(class, found.iter().flat_map(|found| found.values())) {
            is_good &= percent >= WANTED;
        }
    }
    Ok(ExitCode::from(u8::from(!is_good)))
}

/// Prints one class; says how many percent are right, if anything was measured.
fn report<'a>(class: &str, found: impl Iterator<Item = &'a Finding>) -> Option<f64> {
    let (mut errors, mut total, mut failed) = (0, 0, Vec::new());
    for finding in found {
        errors += finding.n_errors;
        total += finding.n_total;
        failed.extend(&finding.failed);
    }
    let percent = (total - errors) as f64 * 100.0 / total as f64;
    if total == 0 {
        return None;
    }
    println!("{class}: {} of {total}, {percent:.2} %", total - errors);
    failed.iter().take(TOLD).for_each(|one| println!("  {one}"));
    Some(percent)
}
