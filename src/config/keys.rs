//! The keys of `config.toml`: one row each, which is how it is read and how it is explained.

use super::{Config, Predict};
use toml::de::{DeTable, DeValue};

/// One key of `config.toml`.
#[derive(Clone, Copy)]
pub struct KeyDoc {
    /// As it is written in the file.
    pub name: &'static str,
    /// What may follow the `=`.
    pub expects: &'static str,
    /// What holds without it, in TOML; empty if that is nothing.
    pub default: &'static str,
    /// What it does: one sentence, or two.
    pub doc: &'static str,
    /// Puts a value into a configuration; `None` if it is not as `expects` says.
    pub(super) set: fn(&DeValue, &mut Config) -> Option<()>,
}

/// All keys, in the order in which they are explained.
pub const KEYS: &[KeyDoc] = &[
    KeyDoc {
        name: "shell",
        expects: "a program, \"zsh\", or one with its arguments, [\"zsh\", \"-l\"]",
        default: "",
        doc: "What a new pane runs. Without it: $SHELL, as a login shell.",
        set: |value, config| {
            config.shell = Some(command(value)?);
            Some(())
        },
    },
    KeyDoc {
        name: "term",
        expects: "a terminal type, such as \"xterm-256color\"",
        default: "\"xterm-256color\"",
        doc: "TERM in panes.",
        set: |value, config| {
            let fits = |c: char| c.is_ascii_graphic() && c != '/';
            config.term = filled(value.as_str()?).filter(|name| name.chars().all(fits))?;
            Some(())
        },
    },
    KeyDoc {
        name: "env",
        expects: "a table of strings, such as { EDITOR = \"vim\" }",
        default: "{}",
        doc: "Variables added to the environment of every new pane.",
        set: |value, config| {
            config.env = variables(value.as_table()?)?;
            Some(())
        },
    },
    KeyDoc {
        name: "predict",
        expects: "\"auto\", \"always\" or \"never\"",
        default: "\"auto\"",
        doc: "Whether keys are drawn before the server has answered: on slow links, on all, or not at all. A local link is never slow enough, and there is no other yet.",
        set: |value, config| {
            config.predict = match value.as_str()? {
                "auto" => Predict::Auto,
                "always" => Predict::Always,
                "never" => Predict::Never,
                _ => return None,
            };
            Some(())
        },
    },
    KeyDoc {
        name: "mouse",
        expects: "true or false",
        default: "true",
        doc: "Whether wt uses the mouse: to select panes and text, and to scroll. Without it the terminal keeps the mouse.",
        set: |value, config| {
            config.mouse = value.as_bool()?;
            Some(())
        },
    },
];

fn filled(text: &str) -> Option<String> {
    (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned())
}

/// A program, alone or with its arguments.
fn command(value: &DeValue) -> Option<Vec<String>> {
    if let Some(program) = value.as_str() {
        return Some(vec![filled(program)?]);
    }
    let words = value.as_array()?.iter();
    let argv: Vec<String> = words
        .map(|word| word.get_ref().as_str().map(str::to_owned))
        .collect::<Option<_>>()?;
    filled(argv.first()?)?;
    (!argv.iter().any(|word| word.contains('\0'))).then_some(argv)
}

fn variables(table: &DeTable) -> Option<Vec<(String, String)>> {
    table
        .iter()
        .map(|(name, value)| {
            let name = filled(name.get_ref()).filter(|name| !name.contains('='))?;
            let value = value.get_ref().as_str()?;
            (!value.contains('\0')).then(|| (name, value.to_owned()))
        })
        .collect()
}
