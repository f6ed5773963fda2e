//! `wt tail`: the last lines of a pane, and each new one once it is complete.

use super::args::{At, Tail};
use super::control;
use super::errand::{self, Words};
use super::history::{Bounds, copy, setting};
use super::past::{Past, each_line};
use crate::disk::archive::Archive;
use crate::disk::places::Places;
use crate::export::{Exporter, Format, Setting, Wrapping};
use crate::protocol::recent::RecentLines;
use crate::protocol::request::{Reply, Request};
use anyhow::{Result, bail};
use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

/// Does what was asked for.
pub(super) fn run(places: &Places, tail: Tail) -> Result<ExitCode> {
    if let Some((there, pane)) = errand::split_one(tail.pane.as_ref())? {
        return errand::run(places, &there, Words::tail(&tail, pane));
    }
    let target = At { target: tail.pane };
    let past = Past::open(places, &target.or_here(places))?;
    let format = match tail.ansi {
        true => Format::Ansi,
        false => Format::Text,
    };
    let setting = setting(places, &past, Wrapping::Wrap);
    let follows = tail.follow && past.is_live;
    let mut lines = Bounds::default().among(&past)?;
    if follows {
        lines.end = past.open_line();
    }
    let end = lines.end;
    lines.start = lines.start.max(end.saturating_sub(tail.lines));
    let copied = copy(
        &past,
        lines,
        (format, setting.clone()),
        std::io::stdout().lock(),
        None,
    )?;
    let code = copied.told(&past);
    if !follows {
        return Ok(code);
    }
    follow(places, &past, end, Follower::new(format, setting))
}

/// Prints each line from number `next` on, until the pane's program ends.
fn follow(places: &Places, past: &Past, next: u64, mut follower: Follower) -> Result<ExitCode> {
    let mut link = control::connect_running(places)?;
    link.request(Request::Follow {
        target: past.pane.to_string(),
        from: next,
    })?;
    follower.next = next;
    loop {
        match link.reply()? {
            Reply::Recent(part) => follower.take(places, part)?,
            Reply::Over(fate) => {
                if !fate.is_empty() {
                    eprintln!("wt: {}: {}", past.pane, super::listing::plain(&fate));
                }
                return Ok(ExitCode::SUCCESS);
            }
            Reply::Error(line) => bail!(line),
            _ => bail!("the server answered something else: `wt server restart` replaces it"),
        }
    }
}

/// Prints lines as they come.
struct Follower {
    exporter: Exporter,
    /// The number of the line that comes next.
    next: u64,
    out: Vec<u8>,
}

impl Follower {
    fn new(format: Format, setting: Setting) -> Follower {
        let mut out = Vec::new();
        Follower {
            exporter: Exporter::new(format, setting, &mut out),
            next: 0,
            out,
        }
    }

    /// Prints the lines of a part, and before them those that went to disk since the last one.
    fn take(&mut self, places: &Places, part: RecentLines) -> Result<()> {
        if part.first > self.next {
            let end = part.first;
            let past = Past::live(&Archive::open(places), vec![part]);
            past.read(self.next..end, &mut |number, at_ms, body| {
                self.line(number, at_ms, body)
            })?;
            past.read(end..past.end_line(), &mut |number, at_ms, body| {
                self.line(number, at_ms, body)
            })?;
        } else {
            // What was printed already and written anew comes again under its old numbers.
            self.next = part.first;
            let _ = each_line(&part, &mut |number, at_ms, body| {
                self.line(number, at_ms, body)
            });
        }
        let mut to = std::io::stdout().lock();
        to.write_all(&self.out)?;
        to.flush()?;
        self.out.clear();
        Ok(())
    }

    fn line(&mut self, number: u64, at_ms: u64, body: &[u8]) -> ControlFlow<()> {
        self.next = number + 1;
        self.exporter.line(at_ms, body, &mut self.out);
        ControlFlow::Continue(())
    }
}
