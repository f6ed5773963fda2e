//! Reads `config.toml`, and says in one line what is wrong where.

use super::{Config, KEYS};
use std::fmt;
use std::io;
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
}

pub(super) fn parse(text: &str, file: &str) -> (Config, Vec<ConfigError>) {
    let mut config = Config::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut found: Vec<(usize, String)> = errors
        .iter()
        .map(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (line_of(text, at), one_line(error.message()))
        })
        .collect();
    let broken: Vec<usize> = found.iter().map(|&(line, _)| line).collect();
    for (key, value) in table.get_ref() {
        let line = line_of(text, key.span().start);
        // What was made of a line that is no TOML is a guess: its problem is said already.
        if broken.contains(&line) {
            continue;
        }
        if let Err(message) = set(key.get_ref(), value.get_ref(), &mut config) {
            found.push((line, message));
        }
    }
    // The table is sorted by name: back to the order of the file.
    found.sort();
    let errors = found.into_iter().map(|(line, message)| ConfigError {
        file: file.to_owned(),
        line,
        message,
    });
    (config, errors.collect())
}

fn set(name: &str, value: &DeValue, config: &mut Config) -> Result<(), String> {
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        return Err(unknown(name));
    };
    (key.set)(value, config).ok_or_else(|| {
        let found = describe(value);
        format!("`{name}` is {found}; it takes {}", key.expects)
    })
}

/// Says that there is no such key, and names the one that was perhaps meant.
fn unknown(name: &str) -> String {
    let nearest = KEYS
        .iter()
        .map(|key| (strsim::damerau_levenshtein(name, key.name), key.name))
        .min()
        .filter(|&(distance, nearest)| distance <= 1 + nearest.len() / 3);
    let name = shown(name);
    match nearest {
        Some((_, nearest)) => format!("there is no key `{name}`; is `{nearest}` meant?"),
        None => {
            let all: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
            format!("there is no key `{name}`; there are {}", all.join(", "))
        }
    }
}

fn describe(value: &DeValue) -> String {
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
fn shown(text: &str) -> String {
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
    use super::super::Predict;
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        let (_, errors) = Config::parse(text, "config.toml");
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
            shell = ["zsh", "-l"]
            predict = "never"
            term = "screen-256color"
            mouse = false
            [env]
            EDITOR = "vim"
        "#;
        let (config, errors) = Config::parse(text, "config.toml");
        assert_eq!(errors, []);
        assert_eq!(config.shell, Some(vec!["zsh".into(), "-l".into()]));
        assert_eq!(config.predict, Predict::Never);
        assert_eq!(config.term, "screen-256color");
        assert!(!config.mouse);
        assert_eq!(config.env, [("EDITOR".into(), "vim".into())]);
    }

    #[test]
    fn an_empty_file_and_the_documented_defaults_are_the_default() {
        assert_eq!(Config::parse("", "").0, Config::default());
        let keys = KEYS.iter().filter(|key| !key.default.is_empty());
        let text: Vec<String> = keys
            .map(|key| format!("{} = {}", key.name, key.default))
            .collect();
        let (config, errors) = Config::parse(&text.join("\n"), "");
        assert_eq!((config, errors), (Config::default(), vec![]));
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_the_nearest_right_one() {
        assert_eq!(
            lines("mouse = true\nshel = 'zsh'\n"),
            ["config.toml:2: there is no key `shel`; is `shell` meant?"]
        );
        assert_eq!(
            lines("colour = 1"),
            ["config.toml:1: there is no key `colour`; there are shell, term, env, predict, mouse"]
        );
    }

    #[test]
    fn a_wrong_value_is_said_with_what_is_expected() {
        assert_eq!(
            lines("\n\nmouse = 'on'"),
            ["config.toml:3: `mouse` is \"on\"; it takes true or false"]
        );
        assert_eq!(
            lines("predict = 3"),
            ["config.toml:1: `predict` is 3; it takes \"auto\", \"always\" or \"never\""]
        );
        for wrong in [
            "shell = []",
            "shell = ['']",
            "shell = [1]",
            "term = ''",
            "env = { A = 1 }",
        ] {
            assert_eq!(lines(wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn what_is_right_holds_beside_what_is_wrong() {
        let (config, errors) = Config::parse("shell = 1\nmouse = false\nterm = 'vt100'\nx = ", "f");
        assert!(!config.mouse);
        assert_eq!(config.term, "vt100");
        let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [1, 4]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_every_problem_is_one_line(text in "[\\PC\n=\"\\[\\]{}#']{0,200}") {
            for error in Config::parse(&text, "f").1 {
                prop_assert!(!error.to_string().contains('\n'));
                prop_assert!(error.line <= 1 + text.matches('\n').count());
            }
        }
    }
}
