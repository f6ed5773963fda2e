//! `wt history open`: a pane's history in the user's editor or pager.

use super::super::args::{At, Open};
use super::super::past::Past;
use super::{Bounds, copy, export};
use crate::disk::places::Places;
use crate::disk::process::Identity;
use crate::export::{Format, Wrapping, goes_on};
use anyhow::{Context, Result};
use std::fs::{DirBuilder, OpenOptions};
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Runs the program, which is named with its arguments as in `$EDITOR`, and deletes the file whatever becomes of it.
/// Control-C is the program's own business.
const SCRIPT: &str = r#"trap : INT QUIT
dir=$1; shift
eval "$WT_OPENS \"\$@\""
code=$?
rm -rf -- "$dir"
exit $code"#;

/// Does what was asked for; does not return where that succeeds.
pub(super) fn run(places: &Places, open: Open) -> Result<ExitCode> {
    let target = At { target: open.pane };
    let past = Past::open(places, &target.or_here(places))?;
    let lines = Bounds::default().among(&past)?;
    let (program, format) = match open.pager {
        true => pager(),
        false => (editor(), Format::Text),
    };
    let dir = scratch(places)?;
    let path = dir.join(format!("pane-{}.txt", past.pane.0));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("making {}", path.display()))?;
    let setting = export::setting(places, &past, Wrapping::Wrap);
    let copied = copy(&past, lines.clone(), (format, setting), file, None)
        .with_context(|| format!("writing {}", path.display()))
        .and_then(|copied| {
            copied.told(&past);
            match open.line {
                Some(line) => row_of(&past, lines.start, line.saturating_sub(1)),
                None => Ok(copied.rows),
            }
        });
    let at = copied.inspect_err(|_| drop(std::fs::remove_dir_all(&dir)))?;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(SCRIPT).arg("sh").arg(&dir);
    command.arg(format!("+{at}")).arg(&path);
    command.env("WT_OPENS", &program);
    if open.pager && std::env::var_os("LESS").is_none() {
        command.env("LESS", "-R");
    }
    let error = command.exec();
    let _ = std::fs::remove_dir_all(&dir);
    Err(error).context("starting /bin/sh")
}

fn editor() -> String {
    chosen(&["VISUAL", "EDITOR"], "vi")
}

fn pager() -> (String, Format) {
    let pager = chosen(&["PAGER"], "less");
    let program = pager.split_whitespace().next().unwrap_or_default();
    let is_less = Path::new(program)
        .file_name()
        .is_some_and(|name| name == "less");
    match is_less {
        true => (pager, Format::Ansi),
        false => (pager, Format::Text),
    }
}

/// The first of these variables that says something.
fn chosen(variables: &[&str], default: &str) -> String {
    let said = variables.iter().filter_map(|name| std::env::var(name).ok());
    let mut said = said.filter(|program| !program.trim().is_empty());
    said.next().unwrap_or_else(|| default.to_owned())
}

/// In which line of the file a line of the history stands, from 1: pieces of one line are joined there.
fn row_of(past: &Past, start: u64, line: u64) -> Result<u64> {
    let mut row = 1;
    past.read(start..line, &mut |_, _, body| {
        row += u64::from(!goes_on(body));
        ControlFlow::Continue(())
    })?;
    Ok(row)
}

/// A directory of this process's own, for the user alone. Those that a killed process has left are deleted.
fn scratch(places: &Places) -> Result<PathBuf> {
    for (pid, left) in places.scratch_dirs() {
        if Identity::of(pid).is_none() {
            let _ = std::fs::remove_dir_all(left);
        }
    }
    let dir = places.scratch_dir(std::process::id());
    DirBuilder::new()
        .mode(0o700)
        .create(&dir)
        .with_context(|| format!("making {}", dir.display()))?;
    Ok(dir)
}
