//! `wt history export`: a pane's history as a file.

use super::super::args::{At, Export, Kind};
use super::super::errand::{self, Words};
use super::super::past::Past;
use crate::client::Configuration;
use crate::client::Elsewhere;
use crate::client::clock;
use crate::disk::meta::Meta;
use crate::disk::places::Places;
use crate::export::{Exporter, Format, Setting, Wrapping, goes_on};
use crate::ui::theme::Scheme;
use crate::when::When;
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::ops::{ControlFlow, Range};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Bytes that are gathered before they are written.
const WRITE_BYTES: usize = 256 << 10;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Does what was asked for.
pub(super) fn run(places: &Places, export: Export) -> Result<ExitCode> {
    if let Some((there, pane)) = errand::split_one(export.pane.as_ref())? {
        return from(places, &there, &export, pane);
    }
    let target = At {
        target: export.pane.clone(),
    };
    let past = Past::open(places, &target.or_here(places))?;
    let bounds = Bounds::read(export.from.as_deref(), export.to.as_deref())?;
    let lines = bounds.among(&past)?;
    if lines.is_empty() && past.first_line() < past.end_line() {
        let (first, last) = (past.first_line() + 1, past.end_line());
        eprintln!(
            "wt: no lines there: {} has lines {first} to {last}",
            past.pane
        );
    }
    let format = format(export.format, export.output.as_deref());
    let wrapping = match export.no_wrap {
        true => Wrapping::Scroll,
        false => Wrapping::Wrap,
    };
    let setting = setting(places, &past, wrapping);
    let copied = match file_of(&export) {
        Some(path) => {
            let file = create(path, Standing::of(&export))?;
            let told = io::stderr().is_terminal().then(|| Progress::new(path));
            copy(&past, lines, (format, setting), file, told)
                .with_context(|| format!("writing {}", path.display()))?
        }
        None => copy(&past, lines, (format, setting), io::stdout().lock(), None)?,
    };
    let cleared = past.floor().saturating_sub(past.first_line());
    if cleared > 0 && export.from.is_none() {
        eprintln!("wt: {cleared} lines before the last `clear` are left out: --from 1 has them");
    }
    Ok(copied.told(&past))
}

/// The file that is written; `None` for what is printed.
fn file_of(export: &Export) -> Option<&Path> {
    let path = export.output.as_deref();
    path.filter(|path| *path != Path::new("-"))
}

/// Does it with the history of a pane elsewhere: what it becomes is made there, and written here.
fn from(
    places: &Places,
    there: &Elsewhere,
    export: &Export,
    pane: Option<String>,
) -> Result<ExitCode> {
    let kind = match format(export.format, export.output.as_deref()) {
        Format::Text => Kind::Text,
        Format::Ansi => Kind::Ansi,
        Format::Html => Kind::Html,
        Format::Asciicast => Kind::Asciicast,
    };
    let words = Words::export(export, kind, pane);
    match file_of(export) {
        None => errand::run(places, there, words),
        Some(path) => {
            let mut file = create(path, Standing::of(export))?;
            let done = errand::run_into(places, there, words, &mut file);
            if !matches!(done, Ok(0)) && file.metadata().is_ok_and(|file| file.len() == 0) {
                // Nothing came: no file is to be in the way of the next try.
                let _ = std::fs::remove_file(path);
            }
            Ok(ExitCode::from(done?))
        }
    }
}

/// The format that was asked for, or that a file's name tells.
fn format(kind: Option<Kind>, output: Option<&Path>) -> Format {
    let extension = output
        .and_then(Path::extension)
        .and_then(|name| name.to_str());
    match (kind, extension) {
        (Some(Kind::Text), _) => Format::Text,
        (Some(Kind::Ansi), _) | (None, Some("ansi" | "ans")) => Format::Ansi,
        (Some(Kind::Html), _) | (None, Some("html" | "htm")) => Format::Html,
        (Some(Kind::Asciicast), _) | (None, Some("cast")) => Format::Asciicast,
        (None, _) => Format::Text,
    }
}

/// What is said of a pane's history beside its lines; the colours are those of the theme's kind.
pub(in crate::cli) fn setting(places: &Places, past: &Past, wrapping: Wrapping) -> Setting {
    let title = past.meta.as_ref().map(Meta::title);
    let title = title.filter(|title| !title.is_empty());
    let configuration = Configuration::read(places);
    let theme = configuration.settings().theme(Scheme::Dark);
    Setting {
        title: title.unwrap_or_else(|| past.pane.to_string()),
        size: past.size(),
        colors: theme.kind.defaults(),
        wrapping,
    }
}

/// What becomes of a file that is there already.
enum Standing {
    Kept,
    WrittenOver,
}

impl Standing {
    fn of(export: &Export) -> Self {
        match export.force {
            true => Self::WrittenOver,
            false => Self::Kept,
        }
    }
}

/// Makes the file, for the user alone: what was on a screen may be secret.
fn create(path: &Path, standing: Standing) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match standing {
        Standing::WrittenOver => options.create(true).truncate(true),
        Standing::Kept => options.create_new(true),
    };
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!(
                "{} is there already: --force writes over it",
                path.display()
            )
        }
        file => file.with_context(|| format!("making {}", path.display())),
    }
}

/// The part of a history that is wanted.
#[derive(Debug, Default)]
pub(in crate::cli) struct Bounds {
    from: Option<Bound>,
    to: Option<Bound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// By its number, from 1.
    Line(u64),
    Time(When),
}

impl Bounds {
    fn read(from: Option<&str>, to: Option<&str>) -> Result<Bounds> {
        let bound = |text: Option<&str>| text.map(Bound::read).transpose();
        Ok(Bounds {
            from: bound(from)?,
            to: bound(to)?,
        })
    }

    /// The lines that are meant; what the program has cleared is left out unless it is asked for.
    pub(in crate::cli) fn among(&self, past: &Past) -> Result<Range<u64>> {
        let first = past.first_line();
        let start = match self.from {
            None => first.max(past.floor()),
            Some(bound) => bound.line(past)?.max(first),
        };
        let end = match self.to {
            None => past.end_line(),
            Some(Bound::Line(line)) => line,
            Some(bound) => bound.line(past)?,
        };
        Ok(start..end.min(past.end_line()))
    }
}

impl Bound {
    fn read(text: &str) -> Result<Bound> {
        match text.parse() {
            Ok(line) => Ok(Bound::Line(line)),
            Err(_) => Ok(Bound::Time(text.parse()?)),
        }
    }

    fn line(self, past: &Past) -> Result<u64> {
        match self {
            Bound::Line(line) => Ok(line.saturating_sub(1)),
            Bound::Time(when) => {
                let at_ms = clock::now().find(when);
                past.line_at_time(at_ms.context("the calendar has no such day")?)
            }
        }
    }
}

/// What went out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Copied {
    pub lines: u64,
    pub bytes: u64,
    /// Lines of the file: pieces of one line are joined there.
    pub rows: u64,
}

impl Copied {
    /// Says what is missing; the exit code is a failure if nothing could be read at all.
    pub(in crate::cli) fn told(&self, past: &Past) -> ExitCode {
        let is_lost = past.tell_faults() > 0 && self.lines == 0;
        match is_lost {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }
}

/// Writes some lines of a history; however many they are, a few are in memory.
pub(in crate::cli) fn copy(
    past: &Past,
    lines: Range<u64>,
    (format, setting): (Format, Setting),
    mut to: impl Write,
    mut progress: Option<Progress>,
) -> Result<Copied> {
    let (mut out, mut copied) = (Vec::new(), Copied::default());
    let mut exporter = Exporter::new(format, setting, &mut out);
    let mut outcome = Ok(());
    past.read(lines, &mut |_, at_ms, body| {
        copied.lines += 1;
        copied.rows += u64::from(!goes_on(body));
        exporter.line(at_ms, body, &mut out);
        if out.len() >= WRITE_BYTES {
            copied.bytes += out.len() as u64;
            outcome = to.write_all(&out);
            out.clear();
            progress
                .iter_mut()
                .for_each(|progress| progress.tell(&copied));
        }
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome?;
    exporter.finish(&mut out);
    copied.bytes += out.len() as u64;
    to.write_all(&out)?;
    to.flush()?;
    if let Some(progress) = progress {
        progress.end(&copied);
    }
    Ok(copied)
}

/// How far a file has come, for somebody who waits for it.
pub(in crate::cli) struct Progress {
    name: String,
    started: Instant,
    told: Instant,
}

impl Progress {
    fn new(path: &Path) -> Progress {
        let now = Instant::now();
        Progress {
            name: super::super::listing::plain(&path.to_string_lossy()),
            started: now,
            told: now,
        }
    }

    fn tell(&mut self, copied: &Copied) {
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            eprint!("\r{}", self.line(copied));
        }
    }

    fn end(self, copied: &Copied) {
        eprintln!("\r{}", self.line(copied));
    }

    fn line(&self, copied: &Copied) -> String {
        let mega = copied.bytes as f64 / 1e6;
        let rate = mega / self.started.elapsed().as_secs_f64().max(1e-6);
        let (name, lines) = (&self.name, copied.lines);
        format!("{name}: {lines} lines, {mega:.1} MB, {rate:.0} MB/s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number_or_a_time() {
        let read = |text| Bound::read(text).ok();
        assert_eq!(read("120"), Some(Bound::Line(120)));
        assert_eq!(read("2h"), Some(Bound::Time(When::Ago(7_200_000))));
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn the_format_is_known_by_the_files_name() {
        let of = |name| format(None, Some(Path::new(name)));
        assert_eq!(of("a.html"), Format::Html);
        assert_eq!(of("a.cast"), Format::Asciicast);
        assert_eq!(of("a.log"), Format::Text);
        let chosen = format(Some(Kind::Ansi), Some(Path::new("a.html")));
        assert_eq!(chosen, Format::Ansi);
    }
}
