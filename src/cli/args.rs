//! The command line as it is typed.

use crate::server::Start;
use clap::{Args, Parser, Subcommand};

/// Split panes, detach and reattach, scroll back through everything.
///
/// `wt` alone attaches to the session used last, or starts one. Inside, C-b is the prefix: C-b % splits to the right,
/// C-b " below, C-b d detaches, C-b ? shows every key. Programs live on until you end them; `wt` brings you back.
#[derive(Debug, Parser)]
#[command(
    name = "wt",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Use another server than the default one; each name has sessions of its own
    #[arg(
        short = 'L',
        value_name = "NAME",
        global = true,
        default_value = "default"
    )]
    pub server: String,
    /// Run inside another wt's pane although that is seldom meant
    #[arg(long, global = true)]
    pub nested: bool,
    /// What to do; nothing attaches to the session used last, or starts one
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a session and attach to it
    #[command(
        after_help = "Examples:\n  wt new -s work           a shell in a session named work\n  wt new -A -s work        the same, or attach if it is there\n  wt new -d -- make -j8    a build in the background; `wt attach` looks at it"
    )]
    New(New),
    /// Attach to a session: `wt attach work`
    Attach {
        /// Which session; the first letters will do. None: the one used last
        session: Option<String>,
        /// Make it if it is missing
        #[arg(long)]
        create: bool,
    },
    /// Detach clients; their programs go on
    Detach {
        /// From this session only
        #[arg(short = 't', long = "target", value_name = "SESSION")]
        target: Option<String>,
    },
    /// List the sessions, their tabs and panes
    #[command(visible_alias = "list")]
    Ls {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End a session and every program in it
    Kill {
        /// Which session
        session: String,
    },
    /// Split a pane: `wt split -t work --down -- htop`
    Split(Split),
    /// Work with tabs
    Tab {
        /// What to do
        #[command(subcommand)]
        command: TabCommand,
    },
    /// Print what a pane shows: `wt capture -t work --history | less`
    Capture {
        /// `SESSION[:TAB[.PANE]]` or `%ID`
        #[arg(
            short = 't',
            long = "target",
            value_name = "TARGET",
            default_value = ""
        )]
        target: String,
        /// Keep colours and attributes as escape sequences
        #[arg(long)]
        ansi: bool,
        /// From the first line of scrollback on
        #[arg(long)]
        history: bool,
    },
    /// Start, stop or look at the server
    Server {
        /// What to do
        #[command(subcommand)]
        command: ServerCommand,
    },
    /// Say what this terminal, this machine and the configuration allow, and what to mend
    Doctor,
}

/// A new session.
#[derive(Debug, Args)]
pub struct New {
    /// Its name; a number if none is given
    #[arg(short = 's', long = "name", value_name = "NAME")]
    pub name: Option<String>,
    /// Attach if a session of that name is there already
    #[arg(short = 'A')]
    pub attach_existing: bool,
    /// Do not attach
    #[arg(short = 'd', long = "detached")]
    pub detached: bool,
    /// Where it starts
    #[arg(short = 'c', long = "cwd", value_name = "DIR")]
    pub cwd: Option<String>,
    /// Add to its environment; may be given several times
    #[arg(short = 'e', long = "env", value_name = "K=V")]
    pub env: Vec<String>,
    /// A program and its arguments instead of the shell; no shell stands between
    #[arg(last = true, value_name = "CMD")]
    pub argv: Vec<String>,
}

/// A new pane beside another.
#[derive(Debug, Args)]
pub struct Split {
    /// `SESSION[:TAB[.PANE]]` or `%ID`
    #[arg(
        short = 't',
        long = "target",
        value_name = "TARGET",
        default_value = ""
    )]
    pub target: String,
    /// Put the new pane to the right (the default)
    #[arg(long, conflicts_with = "down")]
    pub right: bool,
    /// Put the new pane below
    #[arg(long)]
    pub down: bool,
    /// Leave the focus where it is
    #[arg(long)]
    pub no_focus: bool,
    /// A program and its arguments instead of the shell; no shell stands between
    #[arg(last = true, value_name = "CMD")]
    pub argv: Vec<String>,
}

/// Work with tabs.
#[derive(Debug, Subcommand)]
pub enum TabCommand {
    /// Add a tab: `wt tab new -t work -- tail -f log`
    New {
        /// The session
        #[arg(
            short = 't',
            long = "target",
            value_name = "SESSION",
            default_value = ""
        )]
        target: String,
        /// Leave the focus where it is
        #[arg(long)]
        no_focus: bool,
        /// A program and its arguments instead of the shell; no shell stands between
        #[arg(last = true, value_name = "CMD")]
        argv: Vec<String>,
    },
}

/// What started a server.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum StartedBy {
    /// A client that needs one: it ends with its last session.
    Client,
    /// `wt server start`: it stays in the background.
    Service,
    /// A user: it stays in the terminal.
    Foreground,
}

impl From<StartedBy> for Start {
    fn from(by: StartedBy) -> Self {
        match by {
            StartedBy::Client => Start::Auto,
            StartedBy::Service => Start::Staying,
            StartedBy::Foreground => Start::Foreground,
        }
    }
}

/// The per-user server.
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// Run the server here, in the foreground
    Run {
        /// How it was started: by a client that needs it, by `wt server start`, or by hand
        #[arg(long, hide = true, default_value = "foreground")]
        start: StartedBy,
    },
    /// Start the server in the background; it stays until it is stopped
    Start,
    /// End the server and every program in it
    Stop,
    /// Replace the server by a new one; every program lives on
    Restart,
    /// Say how the server is
    Status,
    /// Run the process that keeps terminals and programs; the server starts it
    #[command(hide = true)]
    Hold,
}
