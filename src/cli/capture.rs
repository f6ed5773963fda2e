//! `wt capture`: what a pane shows, and all that it has shown.

use super::args::Capture;
use super::control;
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
    let format = match capture.ansi {
        true => Format::Ansi,
        false => Format::Text,
    };
    let target = capture.at.or_here(places);
    match capture.history {
        true => history(places, target, format),
        false => screen(places, target, format),
    }
}

/// Prints the rows of a pane's screen.
fn screen(places: &Places, target: String, format: Format) -> Result<ExitCode> {
    ask(places, request(target, format, Reach::Screen))
}

/// Prints all lines of a pane, the screen's last; of one in which a full-screen program runs, that program's screen.
fn history(places: &Places, target: String, format: Format) -> Result<ExitCode> {
    let past = Past::open(places, &target)?;
    if past.is_hidden() {
        return ask(places, request(target, format, Reach::All));
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

fn request(target: String, format: Format, reach: Reach) -> Request {
    Request::Capture {
        target,
        ansi: format == Format::Ansi,
        history: reach == Reach::All,
    }
}

fn ask(places: &Places, request: Request) -> Result<ExitCode> {
    let mut link = control::connect_running(places)?;
    link.request(request)?;
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
