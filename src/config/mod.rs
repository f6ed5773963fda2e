//! What the files of configuration may say: the keys of `config.toml`, the shape of keymaps, which file lies on which,
//! and what is wrong with them.
//!
//! A file is read leniently: what is right in it holds, and each thing that is wrong becomes one line.

pub mod faults;
pub mod history;
mod keys;
mod layer;
mod parse;
pub mod sharing;
pub mod sources;

pub use faults::ConfigError;
pub use history::History;
pub use keys::{Applies, KEYS, KeyDoc};
pub use layer::{Layer, LayerBinding, LayerTable, Unbound};
pub use sharing::{ClipboardRead, Sharing, SshAgent};
pub use sources::{Source, Sources};

use crate::term::Key;
use core::net::SocketAddr;

/// What the user has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// What a new pane runs: a program and its arguments; `None` for the login shell.
    pub shell: Option<Vec<String>>,
    /// Whether shells are made to tell of their prompts and commands.
    pub shell_integration: bool,
    /// `TERM` in panes.
    pub term: String,
    /// Added to the environment of every new pane.
    pub env: Vec<(String, String)>,
    /// Whether keys are drawn before the server has answered.
    pub predict: Predict,
    /// How the chrome looks.
    pub look: Look,
    /// What keys do.
    pub keys: Keys,
    /// Whether wt asks the terminal for the mouse.
    pub mouse: bool,
    /// What panes that are not looked at may do to be noticed.
    pub alerts: Alerts,
    /// Where copied text goes.
    pub clipboard: Clipboard,
    /// What programs get of the client in use.
    pub sharing: Sharing,
    /// How much history is kept.
    pub history: History,
    /// Where the server hears clients in the network.
    pub listen: Vec<SocketAddr>,
    /// What opens a link: a program and its arguments; `None` for the platform's own.
    pub open: Option<Vec<String>>,
    /// Where each key stands that is set.
    pub origin: Origin,
}

/// How the chrome looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The theme on a dark terminal.
    pub dark: String,
    /// The theme on a light terminal.
    pub light: String,
    /// Whether panes have titles.
    pub pane_titles: bool,
    /// The clock in the status line.
    pub clock: Clock,
    /// How long a message stands.
    pub message_ms: u64,
}

/// What keys do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Which keymap.
    pub keymap: String,
    /// Replaces the keymap's prefix key.
    pub prefix: Option<Key>,
    /// How long a key that repeats may be repeated without the prefix.
    pub repeat_ms: u64,
    /// Bindings laid over the keymap.
    pub overlay: Layer,
}

/// What panes that are not looked at may do to be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alerts {
    /// Whether tabs with new output are marked.
    pub activity: bool,
    /// Seconds without output after which a tab is marked; 0 for never.
    pub silence_secs: u64,
    /// What a bell does.
    pub bell: Bell,
    /// Seconds after which the end of a command is news for those who look elsewhere; 0 for never.
    pub notify_secs: u64,
}

/// Where the keys stand that are set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// Each key, and its line.
    pub lines: Vec<(&'static str, usize)>,
}

/// The clock in the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// 17:45.
    #[default]
    Hours24,
    /// 5:45 pm.
    Hours12,
    /// None.
    Off,
}

/// What a bell does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bell {
    /// The terminal rings, and the tab is marked.
    #[default]
    Ring,
    /// The tab is marked.
    Mark,
    /// Nothing.
    Off,
}

/// Where copied text goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Clipboard {
    /// The terminal's, and by the platform's own tool where there is one.
    #[default]
    Auto,
    /// The terminal's, by OSC 52.
    Terminal,
    /// Nowhere but wt's own buffer.
    Off,
    /// To the standard input of a program.
    Command(Vec<String>),
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

impl Default for Config {
    fn default() -> Self {
        Self {
            shell: None,
            shell_integration: true,
            term: "xterm-256color".to_owned(),
            env: Vec::new(),
            predict: Predict::Auto,
            look: Look::default(),
            keys: Keys::default(),
            mouse: true,
            alerts: Alerts::default(),
            clipboard: Clipboard::Auto,
            sharing: Sharing::default(),
            history: History::default(),
            listen: Vec::new(),
            open: None,
            origin: Origin::default(),
        }
    }
}

impl Default for Look {
    fn default() -> Self {
        Self {
            dark: "default".to_owned(),
            light: "light".to_owned(),
            pane_titles: true,
            clock: Clock::default(),
            message_ms: 4000,
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            keymap: "tmux".to_owned(),
            prefix: None,
            repeat_ms: 500,
            overlay: Layer::default(),
        }
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            activity: true,
            silence_secs: 0,
            bell: Bell::default(),
            notify_secs: 30,
        }
    }
}

impl Config {
    /// Reads `text`; `file` is the name that problems are given under.
    ///
    /// Law: a key that is wrong keeps its default and changes no other.
    pub fn parse(text: &str, file: &str) -> (Self, Vec<ConfigError>) {
        parse::parse(text, file)
    }

    /// A problem with what the key `name` is set to.
    pub fn problem(&self, name: &str, message: String) -> ConfigError {
        let set = self.origin.lines.iter().find(|(set, _)| *set == name);
        ConfigError {
            file: self.origin.file.clone(),
            line: set.map_or(0, |&(_, line)| line),
            message,
        }
    }
}
