//! `wt history …` and `wt tail` as they are typed.

use crate::config::history::parse_size;
use crate::when;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What has left the screens of panes, of those that are gone as well.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum HistoryCommand {
    /// List the panes that have a history, with its size and age
    Ls(Listed),
    /// Write a pane's history as text, with colours, as a page or as a recording
    #[command(
        after_help = "Examples:\n  wt history export | less\n  wt history export %3 -o build.html      the page's kind is known by its name\n  wt history export %3 --format asciicast -o build.cast\n  wt history export work:2 --from 2h --to '10 min ago'"
    )]
    Export(Export),
    /// Open a pane's history in $VISUAL, $EDITOR or $PAGER
    Open(Open),
    /// Delete the oldest history, of running panes as well; what is on their screens stays
    #[command(
        after_help = "Examples:\n  wt history prune                        to what the configuration allows\n  wt history prune --older-than 30d --dry-run\n  wt history prune --dead --to 2GiB"
    )]
    Prune(Prune),
    /// Delete the histories of panes whose programs are gone
    Rm(Removed),
}

// What is listed, and how.
#[derive(Debug, Args)]
pub struct Listed {
    /// On which server: `HOST/` or `wt://ADDR:PORT/`. None: the one of this machine
    pub host: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Only panes whose programs are gone
    #[arg(long)]
    pub dead: bool,
}

// What is deleted as a whole.
#[derive(Debug, Args)]
pub struct Removed {
    /// Which: `[HOST/]%ID`, as `wt history ls --dead` shows them
    #[arg(required = true, value_name = "PANE")]
    pub panes: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

// What is exported, and how.
#[derive(Debug, Args)]
pub struct Export {
    /// `[HOST/]SESSION[:TAB[.PANE]]` or `[HOST/]%ID`, also of a pane that is gone; else the pane that this runs in, or the one used last
    pub pane: Option<String>,
    /// What it becomes; else what the name of FILE says, or text
    #[arg(long)]
    pub format: Option<Kind>,
    /// Write to this file instead of printing
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Begin with this line, by its number as `wt grep` tells it, or with what was written then: `2h`, `14:30`, `yesterday 9:05`
    #[arg(long, value_name = "LINE|TIME")]
    pub from: Option<String>,
    /// End with this line, or before what was written then
    #[arg(long, value_name = "LINE|TIME")]
    pub to: Option<String>,
    /// On a page, let long lines go on to the right
    #[arg(long)]
    pub no_wrap: bool,
    /// Write over FILE if it is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// What a history can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Lines
    Text,
    /// Lines with colours, attributes and links as escape sequences
    Ansi,
    /// A page that needs nothing beside it
    Html,
    /// A recording with the pauses as they were (asciicast v2)
    Asciicast,
}

// What is deleted.
#[derive(Debug, Args)]
pub struct Prune {
    /// On which server: `HOST/` or `wt://ADDR:PORT/`. None: the one of this machine
    #[arg(conflicts_with = "pane")]
    pub host: Option<String>,
    /// What was written last before that long ago: `30d`, `12h`
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub older_than: Option<u64>,
    /// The oldest, until no more than this is left: `2GiB`, `500MB`
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub to: Option<u64>,
    /// Of this pane alone: `[HOST/]%ID`
    #[arg(long, value_name = "PANE", conflicts_with = "dead")]
    pub pane: Option<String>,
    /// Of panes whose programs are gone alone
    #[arg(long)]
    pub dead: bool,
    /// Say what would go, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
}

fn seconds(text: &str) -> Result<u64, String> {
    let ms = when::length(text);
    ms.map(|ms| ms / 1000)
        .ok_or_else(|| "a time is written like 30d, 12h or 90 min".to_owned())
}

fn bytes(text: &str) -> Result<u64, String> {
    parse_size(text).ok_or_else(|| "a size is written like 2GiB, 500MB or 4096B".to_owned())
}

// What is opened, and with what.
#[derive(Debug, Args)]
pub struct Open {
    /// `[HOST/]SESSION[:TAB[.PANE]]` or `[HOST/]%ID`, also of a pane that is gone; else the pane that this runs in, or the one used last
    pub pane: Option<String>,
    /// In $VISUAL or $EDITOR; this is what is done
    #[arg(long, conflicts_with = "pager")]
    pub editor: bool,
    /// In $PAGER, with colours where that is less
    #[arg(long)]
    pub pager: bool,
    /// At this line, by its number as `wt grep` tells it; else at the end
    #[arg(long, value_name = "LINE")]
    pub line: Option<u64>,
}

// What is printed of a pane's end.
#[derive(Debug, Args)]
pub struct Tail {
    /// `[HOST/]SESSION[:TAB[.PANE]]` or `[HOST/]%ID`, also of a pane that is gone; else the pane used last
    pub pane: Option<String>,
    /// Go on with each line that is completed, until the pane's program ends
    #[arg(short = 'f', long = "follow")]
    pub follow: bool,
    /// How many lines to begin with
    #[arg(
        short = 'n',
        long = "lines",
        value_name = "LINES",
        default_value_t = 10
    )]
    pub lines: u64,
    /// Keep colours and attributes as escape sequences
    #[arg(long)]
    pub ansi: bool,
}
