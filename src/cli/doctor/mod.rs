//! `wt doctor`: what this terminal, this machine and the configuration allow, and what to mend.

mod answers;
mod ask;
mod finding;
mod machine;
mod terminal;

use super::args::Printed;
use crate::client;
use crate::disk::places::Places;
use anyhow::Result;
use ask::{Distance, Questions};
use finding::{Finding, Verdict};
use std::io::Write;
use std::process::ExitCode;
use terminal::Setting;

/// Prints the report; fails if something needs mending.
pub(super) fn run(places: &Places, printed: Printed) -> Result<ExitCode> {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let setting = Setting::read(var, client::terminal_size().ok());
    let mut findings = about_terminal(&setting)?;
    findings.extend(machine::judge(places));
    let mut out = std::io::stdout().lock();
    if printed.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
    }
    let healthy = findings.iter().all(|found| found.verdict != Verdict::Mend);
    Ok(match healthy {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn about_terminal(setting: &Setting) -> Result<Vec<Finding>> {
    if !setting.is_terminal() {
        return Ok(terminal::judge(setting, None));
    }
    let questions = match setting.is_old() {
        true => Questions::Old,
        false => Questions::All,
    };
    let distance = match setting.is_far {
        true => Distance::Far,
        false => Distance::Near,
    };
    let answers = ask::ask(questions, distance)?;
    Ok(terminal::judge(setting, answers.as_ref()))
}
