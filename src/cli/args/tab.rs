//! `wt tab …` as it is typed.

use super::{At, Run};
use clap::{Subcommand, ValueEnum};

/// Work with tabs.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum TabCommand {
    /// Add a tab: `wt tab new -t work -- tail -f log` (tmux: new-window)
    New {
        /// In which session.
        #[command(flatten)]
        at: At,
        /// What runs in it.
        #[command(flatten)]
        run: Run,
    },
    /// Give a tab a name; an empty one lets its program name it again (tmux: rename-window)
    Rename {
        /// Which tab.
        #[command(flatten)]
        at: At,
        /// Its new name
        name: String,
    },
    /// Go to the next tab (tmux: next-window)
    Next(At),
    /// Go to the tab before (tmux: previous-window)
    Previous(At),
    /// Go to the tab that was looked at before (tmux: last-window)
    Last(At),
    /// Go to a tab by its number: `wt tab select 2` (tmux: select-window)
    Select {
        /// In which session.
        #[command(flatten)]
        at: At,
        /// From 1
        number: u16,
    },
    /// Move a tab among the others: `wt tab move left 2` (tmux: swap-window, move-window)
    Move {
        /// Which tab.
        #[command(flatten)]
        at: At,
        /// Which way
        to: Sideways,
        /// By how many places
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(i16).range(1..))]
        places: i16,
    },
    /// End every program in a tab, without a question (tmux: kill-window)
    Close(At),
}

/// A way along the row of tabs.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Sideways {
    Left,
    Right,
}
