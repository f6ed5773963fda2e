//! `wt doctor`: what this terminal, this machine and the configuration allow, and what to mend.

use super::control;
use crate::client;
use crate::disk::places::Places;
use crate::protocol::request::{Reply, Request};
use anyhow::Result;
use std::process::ExitCode;

/// One line of the report.
struct Finding {
    ok: bool,
    what: &'static str,
    says: String,
}

fn good(what: &'static str, says: impl Into<String>) -> Finding {
    Finding {
        ok: true,
        what,
        says: says.into(),
    }
}

fn bad(what: &'static str, says: impl Into<String>) -> Finding {
    Finding {
        ok: false,
        what,
        says: says.into(),
    }
}

/// Prints the report; fails if something needs mending.
pub(super) fn run(places: &Places) -> Result<ExitCode> {
    let mut findings = vec![terminal(), colors(), locale()];
    findings.extend(configuration(places));
    findings.push(state(places));
    findings.extend(server(places));
    for finding in &findings {
        println!(
            "{} {:<10} {}",
            if finding.ok { "ok  " } else { "MEND" },
            finding.what,
            finding.says
        );
    }
    Ok(if findings.iter().all(|finding| finding.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn terminal() -> Finding {
    let term = std::env::var("TERM").unwrap_or_default();
    match client::terminal_size() {
        Err(_) => bad(
            "terminal",
            "standard input or output is no terminal: run `wt doctor` in one",
        ),
        Ok(_) if term.is_empty() || term == "dumb" => bad(
            "terminal",
            format!("TERM={term}: set it to what your terminal is, such as xterm-256color"),
        ),
        Ok(size) => good("terminal", format!("{term}, {}×{}", size.cols, size.rows)),
    }
}

fn colors() -> Finding {
    let depth = client::color_depth();
    good(
        "colours",
        format!("{depth}; COLORTERM=truecolor says that the terminal has 16 million"),
    )
}

fn locale() -> Finding {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(value) if value.to_ascii_uppercase().replace('-', "").contains("UTF8") => {
            good("locale", value)
        }
        Some(value) => bad(
            "locale",
            format!("{value} is not UTF-8: programs may print boxes; try LANG=C.UTF-8"),
        ),
        None => bad(
            "locale",
            "none is set: programs may print boxes; try LANG=C.UTF-8",
        ),
    }
}

fn configuration(places: &Places) -> Vec<Finding> {
    let file = places.config_file();
    let (_, problems) = places.read_config();
    match (problems.is_empty(), file.exists()) {
        (true, true) => vec![good("config", file.display().to_string())],
        (true, false) => vec![good(
            "config",
            format!("none, and none is needed ({})", file.display()),
        )],
        (false, _) => problems
            .iter()
            .map(|problem| bad("config", problem.to_string()))
            .collect(),
    }
}

fn state(places: &Places) -> Finding {
    match places.state_dir() {
        Ok(dir) => good("state", dir.display().to_string()),
        Err(error) => bad("state", format!("{error:#}")),
    }
}

fn server(places: &Places) -> Vec<Finding> {
    let status = control::connect(places).and_then(|link| match link {
        None => Ok(None),
        Some(mut link) => control::ask(&mut link, Request::Status).map(Some),
    });
    match status {
        Ok(None) => vec![good("server", "does not run; the first `wt` starts it")],
        Ok(Some(Reply::Status(status))) => {
            let mut findings = vec![good(
                "server",
                format!("pid {}, wt {}", status.pid, status.release),
            )];
            findings.extend(
                status
                    .warnings
                    .into_iter()
                    .map(|warning| bad("server", warning)),
            );
            findings
        }
        Ok(Some(_)) => vec![bad(
            "server",
            "answered something else: `wt server restart` replaces it",
        )],
        Err(error) => vec![bad("server", format!("{error:#}"))],
    }
}
