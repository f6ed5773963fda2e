//! How matches are told: lines with their pane and number, objects, or counts.

use super::super::args::{Color, Grep};
use super::super::listing::plain;
use super::super::past::Past;
use crate::scrollback::lines;
use crate::scrollback::search::Pattern;
use crate::when::Now;
use anyhow::Result;
use serde::Serialize;
use std::collections::VecDeque;
use std::io::Write;
use std::ops::{ControlFlow, Range};

/// What is said of each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text(Look),
    Json,
}

/// What a line of text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    colors: Colors,
    time: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colors {
    None,
    /// As grep has them: pane, number, separator and match.
    Some,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Hidden,
    Shown,
}

impl Form {
    pub fn of(grep: &Grep) -> Form {
        if grep.json {
            return Form::Json;
        }
        Form::Text(Look {
            colors: match grep.color.settled() {
                Color::Always => Colors::Some,
                _ => Colors::None,
            },
            time: match grep.time {
                true => Time::Shown,
                false => Time::Hidden,
            },
        })
    }
}

/// A line that is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    pane: u64,
    /// Where the pane stands, or stood last: `SESSION:TAB.PANE`.
    place: &'a str,
    live: bool,
    /// The line's number, from 1.
    line: u64,
    /// When it was written, in Unix ms.
    time_ms: Option<u64>,
    text: &'a str,
    /// The bytes of the text that match; none in a line of context.
    matches: Vec<(usize, usize)>,
}

/// How many lines match in a pane.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counted<'a> {
    pane: u64,
    place: &'a str,
    live: bool,
    count: u64,
}

struct Line {
    number: u64,
    at_ms: u64,
    text: String,
}

/// Tells of lines as they come.
pub(super) struct Printer<'a, W: Write> {
    out: W,
    form: Form,
    pattern: &'a Pattern,
    now: Now,
    context: u64,
    pane: u64,
    place: String,
    is_live: bool,
    /// The last lines that were not told.
    before: VecDeque<Line>,
    /// How many lines behind a match are still to be told.
    after: u64,
    /// The line behind the last that was told, of this pane.
    next: Option<u64>,
}

impl<'a, W: Write> Printer<'a, W> {
    pub fn new(out: W, form: Form, pattern: &'a Pattern, now: Now, context: u64) -> Self {
        Self {
            out,
            form,
            pattern,
            now,
            context,
            pane: 0,
            place: String::new(),
            is_live: false,
            before: VecDeque::new(),
            after: 0,
            next: None,
        }
    }

    /// What comes is another pane's, which stands at `place`.
    pub fn begin(&mut self, past: &Past, place: &str) {
        self.place = plain(place);
        self.pane = past.pane.0;
        self.is_live = past.is_live;
        self.before.clear();
        self.after = 0;
    }

    /// Tells what matches in `range` of a pane, with what stands around it there.
    pub fn lines(&mut self, past: &Past, range: Range<u64>) -> Result<()> {
        let mut outcome = Ok(());
        self.before.clear();
        past.read(range, &mut |number, at_ms, body| {
            outcome = self.line(number, at_ms, lines::text(body));
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome
    }

    fn line(&mut self, number: u64, at_ms: u64, text: &str) -> Result<()> {
        let mut matches = Vec::new();
        self.pattern.each_in(text, &mut |found| {
            // Those that overlap are one.
            match matches.last_mut() {
                Some((_, end)) if found.start <= *end => *end = found.end,
                _ => matches.push((found.start, found.end)),
            }
            ControlFlow::Continue(())
        });
        let text = text.to_owned();
        let line = Line {
            number,
            at_ms,
            text,
        };
        if !matches.is_empty() {
            let first = self.before.front().map_or(number, |line| line.number);
            if self.context > 0 && self.next.is_some_and(|next| next != first) {
                self.gap()?;
            }
            for line in std::mem::take(&mut self.before) {
                self.tell(&line, Vec::new())?;
            }
            self.after = self.context;
            self.next = Some(number + 1);
            return self.tell(&line, matches);
        }
        if self.after > 0 && self.next == Some(number) {
            self.after -= 1;
            self.next = Some(number + 1);
            return self.tell(&line, matches);
        }
        self.before.push_back(line);
        if self.before.len() as u64 > self.context {
            self.before.pop_front();
        }
        Ok(())
    }

    fn gap(&mut self) -> Result<()> {
        match self.form {
            Form::Text(_) => writeln!(self.out, "--")?,
            Form::Json => {}
        }
        Ok(())
    }

    fn tell(&mut self, line: &Line, matches: Vec<(usize, usize)>) -> Result<()> {
        match self.form {
            Form::Text(look) => self.tell_text(line, &matches, look)?,
            Form::Json => {
                let told = Told {
                    pane: self.pane,
                    place: &self.place,
                    live: self.is_live,
                    line: line.number + 1,
                    time_ms: Some(line.at_ms).filter(|at_ms| *at_ms > 0),
                    text: &line.text,
                    matches,
                };
                serde_json::to_writer(&mut self.out, &told).map_err(std::io::Error::from)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    /// `work:1.2(%3):17: text`, with `-` for `:` around the number in a line of context, as grep has it.
    fn tell_text(&mut self, line: &Line, matches: &[(usize, usize)], look: Look) -> Result<()> {
        let paint = |text: &str, sgr: &str| match look.colors {
            Colors::Some => format!("\x1b[{sgr}m{text}\x1b[m"),
            Colors::None => text.to_owned(),
        };
        let separator = paint(if matches.is_empty() { "-" } else { ":" }, "36");
        let pane = paint(&format!("{}(%{})", self.place, self.pane), "35");
        let number = paint(&(line.number + 1).to_string(), "32");
        write!(self.out, "{pane}{separator}{number}{separator} ")?;
        if look.time == Time::Shown && line.at_ms > 0 {
            write!(self.out, "{} ", self.now.written(line.at_ms))?;
        }
        let mut at = 0;
        for &(start, end) in matches {
            write!(self.out, "{}", plain(&line.text[at..start]))?;
            write!(
                self.out,
                "{}",
                paint(&plain(&line.text[start..end]), "1;31")
            )?;
            at = end;
        }
        writeln!(self.out, "{}", plain(&line.text[at..]))?;
        Ok(())
    }

    /// Tells how many lines match in the pane.
    pub fn count(&mut self, count: u64) -> Result<()> {
        match self.form {
            Form::Text(_) => writeln!(self.out, "{}(%{}):{count}", self.place, self.pane)?,
            Form::Json => {
                let counted = Counted {
                    pane: self.pane,
                    place: &self.place,
                    live: self.is_live,
                    count,
                };
                serde_json::to_writer(&mut self.out, &counted).map_err(std::io::Error::from)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    /// Everything was told.
    pub fn end(mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }
}
