//! What `config.toml` may say: the keys, their meanings and their defaults, and what is wrong with a file.
//!
//! A file is read leniently: what is right in it holds, and each thing that is wrong becomes one line.

mod keys;
mod parse;

pub use keys::{KEYS, KeyDoc};
pub use parse::ConfigError;

/// What the user has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// What a new pane runs: a program and its arguments; `None` for the login shell.
    pub shell: Option<Vec<String>>,
    /// Whether keys are drawn before the server has answered.
    pub predict: Predict,
    /// `TERM` in panes.
    pub term: String,
    /// Whether wt asks the terminal for the mouse.
    pub mouse: bool,
    /// Added to the environment of every new pane.
    pub env: Vec<(String, String)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            shell: None,
            predict: Predict::Auto,
            term: "xterm-256color".to_owned(),
            mouse: true,
            env: Vec::new(),
        }
    }
}

/// When keys are drawn before the server has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Predict {
    /// When the link is slow enough for it to be seen.
    #[default]
    Auto,
    /// On any link.
    Always,
    /// Not at all.
    Never,
}

impl Config {
    /// Reads `text`; `file` is the name that problems are given under.
    ///
    /// Law: a key that is wrong keeps its default and changes no other.
    pub fn parse(text: &str, file: &str) -> (Self, Vec<ConfigError>) {
        parse::parse(text, file)
    }
}
