//! `wt capture`: what a pane shows, and all that it has shown.

use super::args::Capture;
use super::control;
use super::errand::{self, Words};
use super::history::{Bounds, copy, setting};
use super::past::Past;
use crate::disk::places::Places;
use crate::export::{Format, Wrapping};
use crate::protocol::request::{Reply, Request};
use anyhow::{Result, bail};
use std::io::Write;
use std::process::ExitCode;

/// `wt capture`.
pub(super) fn run(places: &Places, capture: Capture) -> Result<ExitCode> {
    if let Some((there, target)) = errand::split_one(capture.at.target.as_ref())? {
        return errand::run(places, &there, Words::capture(&capture, target));
    }
    let format = match capture.ansi {
        true => Format::Ansi,
        false => Format::Text,
    };
    let target = capture.at.or_here(places);
    match capture.history {
        true => history(places, &target, format),
        false => ask(places, &target, format, Reach::Screen),
    }
}

/// Prints all lines of a pane, the screen's last; of one in which a full-screen program runs, that program's screen.
fn history(places: &Places, target: &str, format: Format) -> Result<ExitCode> {
    let past = Past::open(places, target)?;
    if past.is_hidden() {
        return ask(places, target, format, Reach::All);
    }
    let lines = Bounds::default().among(&past)?;
    let setting = setting(places, &past, Wrapping::Wrap);
    let copied = copy(
        &past,
        lines,
        (format, setting),
        std::io::stdout().lock(),
        None,
    )?;
    Ok(copied.told(&past))
}

/// How far back the server is asked.
#[derive(PartialEq, Eq)]
enum Reach {
    Screen,
    All,
}

/// Prints what the server says of a pane: the rows of its screen, or all.
fn ask(places: &Places, target: &str, format: Format, reach: Reach) -> Result<ExitCode> {
    let mut link = control::connect_running(places)?;
    link.request(Request::Capture {
        target: target.to_owned(),
        ansi: format == Format::Ansi,
        history: reach == Reach::All,
    })?;
    let mut out = std::io::stdout().lock();
    loop {
        match link.reply()? {
            Reply::Text(part) => out.write_all(&part)?,
            Reply::Error(line) => bail!(line),
            _ => break,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
