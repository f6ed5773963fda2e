//! Judges this machine: wt's files, its server, and what the system lets it have.

use super::finding::{Finding, good, mend, note};
use crate::cli::{control, listing};
use crate::disk::places::Places;
use rustix::process::{Resource, getrlimit};

/// Least number of files that a server of some dozens of panes needs.
const FILES: u64 = 1024;
/// Least room that scrollback should have, in bytes.
const ROOM: u64 = 1 << 30;

/// Judges everything.
pub fn judge(places: &Places) -> Vec<Finding> {
    let mut findings = configuration(places);
    findings.push(state(places));
    findings.push(open_files());
    findings.extend(server(places));
    findings
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
            .map(|problem| mend("config", problem.to_string()))
            .collect(),
    }
}

/// The folder of scrollback can be made and written, and has room.
fn state(places: &Places) -> Finding {
    let dir = match places.state_dir() {
        Ok(dir) => dir,
        Err(error) => {
            let says = "set XDG_STATE_HOME to a folder of yours";
            return mend("state", format!("{error:#}: {says}"));
        }
    };
    let shown = dir.display();
    if let Err(error) = rustix::fs::access(dir, rustix::fs::Access::WRITE_OK) {
        return mend("state", format!("{shown} cannot be written: {error}"));
    }
    match rustix::fs::statvfs(dir) {
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM => {
            let left = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
            mend(
                "state",
                format!("{shown} has {left} MiB left for scrollback: make room"),
            )
        }
        _ => good("state", shown.to_string()),
    }
}

fn open_files() -> Finding {
    match getrlimit(Resource::Nofile).current {
        Some(most) if most < FILES => mend(
            "files",
            format!("a process may open {most}: raise it, `ulimit -n {FILES}`"),
        ),
        Some(most) => good("files", format!("a process may open {most}")),
        None => good("files", "a process may open any number"),
    }
}

/// The server that runs, if one does.
fn server(places: &Places) -> Vec<Finding> {
    let status = control::connect(places).and_then(|link| {
        link.map(|mut link| listing::ask_status(&mut link))
            .transpose()
    });
    match status {
        Ok(None) => vec![note("server", "does not run; the first `wt` starts it")],
        Ok(Some(status)) => {
            let about = format!("pid {}, wt {}", status.pid, status.release);
            let network = good("network", format!("listens {}", listing::listens(&status)));
            let warnings = status.warnings.into_iter();
            let warnings = warnings.map(|warning| mend("server", warning));
            [good("server", about), network]
                .into_iter()
                .chain(warnings)
                .collect()
        }
        Err(error) => vec![mend("server", format!("{error:#}"))],
    }
}
