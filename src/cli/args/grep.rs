//! `wt grep` as it is typed.

use clap::{Args, ValueEnum};
use std::io::IsTerminal;

/// The most lines of context, which are held in memory.
const MAX_CONTEXT: i64 = 10_000;

// What is looked for, where, and how it is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --all or --pane, all panes of one session are searched: the one that this runs in, or the one used\nlast. Where no server runs, all histories are.\n\nThe exit code is 0 if something was found, 1 if nothing was, 2 if something is wrong.\n\nExamples:\n  wt grep 'error\\[E\\d{4}\\]'\n  wt grep --all --since 2h -C 3 panicked\n  wt grep --failed -c warning\n  wt grep --json -F 'Cargo.toml' | jq .text\n  wt grep -p desk/work panicked      on the host desk; with -p desk/ --all in every pane there"
)]
pub struct Grep {
    /// A regular expression; it matches either case unless it has an uppercase letter
    pub pattern: String,
    /// The pattern stands for itself
    #[arg(short = 'F', long)]
    pub fixed_strings: bool,
    /// Either case matches, whatever the pattern's is
    #[arg(short, long, conflicts_with = "case_sensitive")]
    pub ignore_case: bool,
    /// Only the pattern's own case matches
    #[arg(short = 's', long)]
    pub case_sensitive: bool,
    /// Every pane of every session, also of those that are gone
    #[arg(short, long)]
    pub all: bool,
    /// This pane (may be given more than once): `SESSION[:TAB[.PANE]]` or `%ID`, also of a pane that is gone; `HOST/` before it asks there, and alone means what is meant there without it
    #[arg(short, long, value_name = "PANE")]
    pub pane: Vec<String>,
    /// Only what was written since then: `2h`, `14:30`, `yesterday 9:05`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only what commands printed that failed, where the shell tells of its commands
    #[arg(long)]
    pub failed: bool,
    /// So many lines around each match
    #[arg(short = 'C', long, value_name = "LINES", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..MAX_CONTEXT as u64))]
    pub context: u64,
    /// Say when each line was written
    #[arg(long)]
    pub time: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Only how many lines match in each pane
    #[arg(short, long)]
    pub count: bool,
    /// When to colour panes, numbers and matches
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When what is printed is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Always or never: what `auto` is for what is printed here.
    pub fn settled(self) -> Self {
        let is_plain = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            Self::Auto if std::io::stdout().is_terminal() && !is_plain() => Self::Always,
            Self::Auto => Self::Never,
            settled => settled,
        }
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        })
    }
}
