//! What is wrong in a file of configuration, each thing in one line; and the words in which it is said.

use std::fmt;
use std::io;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Which file.
    pub file: String,
    /// On which line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what would be right, in one line.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// The file as a whole could not be read.
    pub fn unreadable(file: &str, error: &io::Error) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            message: format!("cannot be read: {error}"),
        }
    }

    /// Puts problems in the order in which one meets them: by file and line.
    pub fn sort(problems: &mut [ConfigError]) {
        problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    }

    /// Says the first of `problems`, and how many more there are; `None` if there is none.
    pub fn summary(problems: &[ConfigError]) -> Option<String> {
        let (first, more) = problems.split_first()?;
        Some(match more.len() {
            0 => first.to_string(),
            more => format!("{first} (+{more} more: wt config check)"),
        })
    }
}

/// What is found wrong while one file is read.
#[derive(Debug)]
pub struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<(usize, String)>,
    /// Lines that are no TOML.
    broken: Vec<usize>,
}

/// One entry of a table, where it stands in the file.
#[derive(Debug, Clone)]
pub struct Entry<'a, 'i> {
    /// Its key, unquoted.
    pub name: &'a str,
    /// What follows the `=`.
    pub value: &'a DeValue<'i>,
    /// Its line, from 1.
    pub line: usize,
}

impl<'a> Faults<'a> {
    /// Reads `text` as TOML; `file` is the name that problems are given under. What is no TOML is a fault, and the rest
    /// is read all the same.
    pub fn read(text: &'a str, file: &'a str) -> (DeTable<'a>, Self) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let found: Vec<(usize, String)> = errors
            .iter()
            .map(|error| {
                let at = error.span().map_or(0, |span| span.start);
                (line_of(text, at), one_line(error.message()))
            })
            .collect();
        let faults = Self {
            file,
            text,
            broken: found.iter().map(|&(line, _)| line).collect(),
            found,
        };
        (table.into_inner(), faults)
    }

    /// The entries of a table in the order of the file. What was made of a line that is no TOML is a guess, and its
    /// problem is said already: it is left out.
    pub fn entries<'t, 'i>(&self, table: &'t DeTable<'i>) -> Vec<Entry<'t, 'i>> {
        let mut entries: Vec<(usize, Entry)> = table
            .iter()
            .map(|(key, value): (&Spanned<_>, _)| {
                let at = key.span().start;
                let (name, value) = (key.get_ref().as_ref(), value.get_ref());
                let line = line_of(self.text, at);
                (at, Entry { name, value, line })
            })
            .filter(|(_, entry)| !self.broken.contains(&entry.line))
            .collect();
        entries.sort_by_key(|&(at, _)| at);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// The line on which something in the file begins.
    pub fn line(&self, span: &Range<usize>) -> usize {
        line_of(self.text, span.start)
    }

    /// Notes what is wrong on a line.
    pub fn push(&mut self, line: usize, message: String) {
        self.found.push((line, message));
    }

    /// All that is wrong, in the order of the file.
    pub fn finish(mut self) -> Vec<ConfigError> {
        self.found.sort();
        let file = self.file;
        self.found
            .into_iter()
            .map(|(line, message)| ConfigError {
                file: file.to_owned(),
                line,
                message,
            })
            .collect()
    }
}

/// "there is no key `shel`; is `shell` meant?", or a list of all that there are.
pub fn no_such<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    let nearest = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|&(distance, nearest)| distance <= 1 + nearest.len() / 3);
    let name = shown(name);
    match nearest {
        Some((_, nearest)) => format!("there is no {what} `{name}`; is `{nearest}` meant?"),
        None => {
            let all: Vec<&str> = known.collect();
            format!("there is no {what} `{name}`; there are {}", all.join(", "))
        }
    }
}

/// What a value is, for a message that says what it should be.
pub fn describe(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", shown(text)),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// A user's text as it may stand in a message: short, and with nothing in it that moves a cursor.
pub fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn line_of(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_the_first_and_how_many_more() {
        let problem = |line| ConfigError {
            file: "f".into(),
            line,
            message: "wrong".into(),
        };
        assert_eq!(ConfigError::summary(&[]), None);
        assert_eq!(
            ConfigError::summary(&[problem(1)]),
            Some("f:1: wrong".into())
        );
        let all = [problem(1), problem(2), problem(3)];
        let summary = ConfigError::summary(&all).expect("problems");
        assert_eq!(summary, "f:1: wrong (+2 more: wt config check)");
    }

    #[test]
    fn what_a_user_wrote_moves_no_cursor_in_a_message() {
        assert_eq!(shown("a\x1b[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(shown(&"x".repeat(50)).chars().count(), 41);
    }

    #[test]
    fn entries_come_in_the_order_of_the_file() {
        let (table, faults) = Faults::read("z = 1\n= 2\na = 3\n", "f");
        let names: Vec<_> = faults
            .entries(&table)
            .iter()
            .map(|e| (e.name, e.line))
            .map(|(n, l)| (n.to_owned(), l))
            .collect();
        assert_eq!(names, [("z".to_owned(), 1), ("a".to_owned(), 3)]);
        assert_eq!(faults.finish().len(), 1);
    }
}
