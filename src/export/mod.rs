//! A history for use outside wt: encoded lines in, the bytes of a file out. No control character leaves here that a
//! format does not write itself: what is shown of a line is its cells.
//!
//! Lines go through one at a time, so that any number of them takes no more memory than the longest.

mod cast;
mod html;
mod text;

use crate::term::palette::Rgb;
use crate::term::{Cell, Size, Tables, ansi, codec};

/// How many lines share their tables of styles: enough to find most styles again, few enough for the tables to stay
/// small.
const LINES_OF_TABLES: u32 = 4096;

/// What a history can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Logical lines, without looks.
    Text,
    /// Lines with escape sequences for looks and hyperlinks (ECMA-48 SGR, OSC 8).
    Ansi,
    /// A page that needs nothing beside it.
    Html,
    /// A recording: asciicast v2.
    Asciicast,
}

/// What a page does with lines that are wider than its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// It goes on below.
    Wrap,
    /// It goes on to the right.
    Scroll,
}

/// What is said of a history beside its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is of.
    pub title: String,
    /// The terminal's size.
    pub size: Size,
    /// Default colours: letters, and what is behind them.
    pub colors: (Rgb, Rgb),
    /// For pages.
    pub wrapping: Wrapping,
}

/// Writes one history in one format.
///
/// Laws: the text that leaves here is the text of the lines, each once and in order; blank lines at the end are left
/// out.
pub struct Exporter {
    form: Form,
    tables: Tables,
    lines_of_tables: u32,
    /// Blank lines not written yet: they may be the last.
    blanks: u64,
    /// Whether the last piece of a line is not written yet.
    is_open: bool,
}

enum Form {
    Text,
    Ansi,
    Html(html::Page),
    Cast(cast::Cast),
}

impl Exporter {
    /// A writer of `format`; appends what stands before the lines to `out`.
    pub fn new(format: Format, setting: Setting, out: &mut Vec<u8>) -> Exporter {
        let form = match format {
            Format::Text => Form::Text,
            Format::Ansi => Form::Ansi,
            Format::Html => Form::Html(html::Page::begin(setting, out)),
            Format::Asciicast => Form::Cast(cast::Cast::new(setting)),
        };
        Exporter {
            form,
            tables: Tables::default(),
            lines_of_tables: 0,
            blanks: 0,
            is_open: false,
        }
    }

    /// Appends a line, given as it is stored (`term::codec`), which was written at `at_ms` (Unix ms; 0: nobody knows).
    /// One that cannot be read is blank.
    pub fn line(&mut self, at_ms: u64, body: &[u8], out: &mut Vec<u8>) {
        let after = match goes_on(body) {
            true => After::Rest,
            false => After::Line,
        };
        if matches!(self.form, Form::Text) {
            if let Some(text) = text::plain(body) {
                return self.text(text, after, out);
            }
            self.count_line();
            let text = text_of(body, usize::MAX, &mut self.tables);
            return self.text(&text, after, out);
        }
        self.count_line();
        let decoded = codec::decode_line(body, &mut self.tables);
        let cells = decoded.map(|(cells, _)| cells).unwrap_or_default();
        let cells = match after {
            After::Rest => &cells[..],
            After::Line => Cell::trim_end(&cells),
        };
        if cells.is_empty() && after == After::Line && !self.is_open {
            self.blanks += 1;
            return;
        }
        for _ in 0..std::mem::take(&mut self.blanks) {
            self.put(at_ms, &[], After::Line, out);
        }
        self.put(at_ms, cells, after, out);
        self.is_open = after == After::Rest;
    }

    /// Appends what stands behind the lines.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_open) {
            self.put(0, &[], After::Line, out);
        }
        match &mut self.form {
            Form::Text | Form::Ansi => {}
            Form::Html(page) => page.end(out),
            Form::Cast(cast) => cast.end(out),
        }
    }

    /// Counts a line that needs the tables; once they have served enough, new ones begin.
    fn count_line(&mut self) {
        if self.lines_of_tables == LINES_OF_TABLES {
            self.tables = Tables::default();
            self.lines_of_tables = 0;
            if let Form::Html(page) = &mut self.form {
                page.forget_styles();
            }
        }
        self.lines_of_tables += 1;
    }

    fn text(&mut self, text: &str, after: After, out: &mut Vec<u8>) {
        let text = match after {
            After::Rest => text,
            After::Line => text.trim_end_matches(' '),
        };
        if text.is_empty() && after == After::Line && !self.is_open {
            self.blanks += 1;
            return;
        }
        let blanks = std::mem::take(&mut self.blanks);
        out.extend(std::iter::repeat_n(b'\n', blanks as usize));
        out.extend_from_slice(text.as_bytes());
        if after == After::Line {
            out.push(b'\n');
        }
        self.is_open = after == After::Rest;
    }

    fn put(&mut self, at_ms: u64, cells: &[Cell], after: After, out: &mut Vec<u8>) {
        let tables = &self.tables;
        match &mut self.form {
            Form::Html(page) => page.cells(cells, tables, out),
            Form::Cast(cast) => return cast.line(at_ms, cells, after, tables, out),
            Form::Text | Form::Ansi => ansi::put_cells(cells, tables, out),
        }
        if after == After::Line {
            out.push(b'\n');
        }
    }
}

/// What follows what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// The next line.
    Line,
    /// More of the same line.
    Rest,
}

/// A colour as pages and recordings write it.
fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The text of the first `cols` columns of an encoded line, with blanks at its end; one that cannot be read is blank.
pub fn text_of(body: &[u8], cols: usize, tables: &mut Tables) -> String {
    let decoded = codec::decode_line(body, tables);
    let cells = decoded.map(|(cells, _)| cells).unwrap_or_default();
    let mut text = String::with_capacity(cells.len());
    let cells = cells.iter().take(cols);
    cells.for_each(|cell| tables.push_text(cell, &mut text));
    text
}

/// Whether an encoded line is cut off by the length limit, and goes on in the next.
pub fn goes_on(body: &[u8]) -> bool {
    body.first()
        .is_some_and(|flags| flags & codec::CONTINUED != 0)
}

#[cfg(test)]
mod tests;
