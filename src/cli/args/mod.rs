//! The command line as it is typed.
//!
//! Subcommands are described in full only once they are met (`defer`): a start costs the same however many there are.
//! What a struct of arguments is, is a plain comment: clap would print it in place of the words of the command.

mod carry;
mod grep;
mod history;
mod log;
mod pane;
mod tab;
mod trust;

pub use carry::{Cp, Env, Forward};
pub use grep::{Color, Grep};
pub use history::{Export, HistoryCommand, Kind, Listed, Open, Prune, Removed, Tail};
pub use log::{Log, Ran};
pub use pane::{PaneCommand, Resized, Split, SwapWith};
pub use tab::{Sideways, TabCommand};
pub use trust::{Allow, HostsArgs, HostsCommand, Pair, Ssh};

use crate::auth::address::Place;
use crate::protocol::command::LayoutCommand;
use crate::server::Start;
use crate::sync::Profile;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;

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
#[command(defer = true)]
pub enum Command {
    /// Start a session and attach to it (tmux: new-session)
    #[command(
        after_help = "Examples:\n  wt new -s work           a shell in a session named work\n  wt new -A -s work        the same, or attach if it is there\n  wt new -d -- make -j8    a build in the background; `wt attach` looks at it\n  wt new -s desk/work      a session on the host desk"
    )]
    New(New),
    /// Attach to a session, or to several side by side: `wt attach work desk/build` (tmux: attach-session)
    #[command(visible_alias = "a")]
    Attach {
        /// Which sessions; the first letters will do. None: the one used last. HOST/SESSION: of another machine;
        /// wt://ADDR:PORT/SESSION: over the network. The first one is shown, the others wait beside it
        #[arg(value_name = "SESSION")]
        sessions: Vec<String>,
        /// The same, as tmux spells it
        #[arg(
            short = 't',
            long = "target",
            value_name = "SESSION",
            conflicts_with = "sessions"
        )]
        target: Option<String>,
        /// Make it if it is missing
        #[arg(long)]
        create: bool,
        /// Let programs on every host that is named here use your ssh agent, and whoever runs that machine, while you are
        /// attached (ssh -A)
        #[arg(short = 'A', long = "agent")]
        agent: bool,
        /// Over a network that is as bad as this: `rtt=200,jitter=40,loss=20`; also delay, burst, double, flip, rate, queue,
        /// order, `outage=AT+LENGTH` and `move=AT` in seconds, and `up.` or `down.` before a word for that way alone
        #[arg(long, value_name = "LINK", hide = true)]
        simulate: Option<Profile>,
    },
    /// Bring back sessions whose programs are gone, and attach: tabs, directories and scrollback as they were
    #[command(
        after_help = "After a reboot, or when wt's processes were killed, `wt ls` shows what was there as dead.\nNothing runs by itself: in each pane Enter starts the shell, and r what ran there.\n\nExamples:\n  wt resume             all that was lost last\n  wt resume work        that one\n  wt resume --all -d    all there is, without attaching"
    )]
    Resume(Resume),
    /// Detach clients; their programs go on (tmux: detach-client)
    Detach {
        /// From this session only
        #[arg(short = 't', long = "target", value_name = "SESSION")]
        target: Option<String>,
    },
    /// List the sessions, their tabs and panes (tmux: list-sessions, list-windows, list-panes)
    #[command(visible_alias = "list")]
    Ls {
        /// Of which server: `HOST/` or `wt://ADDR:PORT/`. None: the one of this machine
        host: Option<String>,
        /// How.
        #[command(flatten)]
        printed: Printed,
    },
    /// Give a session another name: `wt rename -t 0 work` (tmux: rename-session)
    Rename {
        /// Which session.
        #[command(flatten)]
        at: At,
        /// Its new name
        name: String,
    },
    /// Show the attached client another session: `wt switch work:2` (tmux: switch-client)
    Switch {
        /// `SESSION[:TAB[.PANE]]` or `%ID`
        to: String,
        /// Whose client: that of this session instead of the one around
        #[command(flatten)]
        at: At,
    },
    /// End a session and every program in it, or forget a dead one (tmux: kill-session)
    Kill {
        /// Which session; the first letters will do
        #[arg(required_unless_present = "target")]
        session: Option<String>,
        /// The same, as tmux spells it
        #[arg(
            short = 't',
            long = "target",
            value_name = "SESSION",
            conflicts_with = "session"
        )]
        target: Option<String>,
    },
    /// Split a pane: `wt split -t work --down -- htop` (tmux: split-window)
    Split(Split),
    /// Work with tabs (tmux: windows)
    #[command(subcommand)]
    Tab(TabCommand),
    /// Work with panes
    #[command(subcommand)]
    Pane(PaneCommand),
    /// Arrange a tab's panes: `wt layout tiled` (tmux: select-layout, rotate-window)
    Layout {
        /// Which tab.
        #[command(flatten)]
        at: At,
        /// How
        #[arg(value_parser = pane::layout_parser())]
        layout: LayoutCommand,
    },
    /// Type into a pane: `wt send -t work "make test" Enter` (tmux: send-keys)
    #[command(
        after_help = "An argument that is a key's name is that key; any other is typed as text.\nKeys: C-c, M-x, S-Up, Enter, Escape, Tab, BTab, Space, BSpace, Up, Home, End, F1,\nPageUp (PPage), PageDown (NPage), Insert (IC), Delete (DC).\n\nExamples:\n  wt send -t work C-c           interrupts what runs\n  wt send -t work:2 -l Enter    types the word\n  wt send -N 3 Up Enter         does the same again, three times\n  wt send -- -v                 text that begins with -"
    )]
    Send(Send),
    /// List the commands that shells ran, in all panes: `wt log --failed --since 2h`
    #[command(
        after_help = "Columns: when it began, how long it took, what it exited with, its name, where, and what.\n\nExamples:\n  wt log -n 20               the last twenty\n  wt log --pane work:2       those of a tab\n  wt log --output %3/17      what that one printed"
    )]
    Log(Log),
    /// Print the shell integration: `eval "$(wt shell-integration bash)"` in ~/.bashrc
    #[command(
        after_help = "Shells that wt starts read it by themselves, unless shell-integration = false. Elsewhere, as over\nssh, put into your shell's file:\n  bash  eval \"$(wt shell-integration bash)\"\n  zsh   eval \"$(wt shell-integration zsh)\"\n  fish  wt shell-integration fish | source"
    )]
    ShellIntegration {
        /// For which shell
        shell: crate::disk::shells::Shell,
    },
    /// Print what a pane shows: `wt capture -t work --history | less` (tmux: capture-pane)
    Capture(Capture),
    /// Work with what has left the screens: list, export, open or delete it
    #[command(subcommand)]
    History(HistoryCommand),
    /// Print a pane's last lines, and go on with new ones: `wt tail -f %3`
    Tail(Tail),
    /// Search what panes have printed, those that are gone as well: `wt grep --all panicked`
    Grep(Grep),
    /// Copy files to or from a host: `wt cp report.pdf desk:` (scp)
    Cp(Cp),
    /// Let a port here lead to an address behind a host: `wt forward 8080:localhost:80 desk` (ssh -L)
    Forward(Forward),
    /// Print the session's DISPLAY, SSH_AUTH_SOCK and the like for a shell: `eval "$(wt env)"` (tmux: show-environment)
    Env(Env),
    /// Say how the server is and what it holds
    Status(Printed),
    /// Make the server and its clients read the configuration again (tmux: source-file)
    Reload,
    /// Attach to a session of a machine that ssh reaches; ssh is left once wt has its own way there
    #[command(
        after_help = "ssh runs as always: with your keys, agents, jump hosts and configuration. It starts a server there\nthat listens on a UDP port, and makes both machines known to each other; from then on\n`wt attach HOST/SESSION` needs no ssh.\n\nExamples:\n  wt ssh ann@desk             the session used last, or a new one\n  wt ssh desk work -p 2222    the session work\n  wt ssh desk -- -4           more words for ssh"
    )]
    Ssh(Ssh),
    /// Make two machines known to each other by a short code
    #[command(
        after_help = "On the machine with the sessions `wt pair` shows a code; on the other one `wt pair CODE` uses it.\nThe code holds for five minutes and one try."
    )]
    Pair(Pair),
    /// Print the key of this device, and the words of its fingerprint
    Key,
    /// Let a device use this machine's server over the network, or list those that may
    Allow(Allow),
    /// Let a device use this machine's server no more
    Revoke {
        /// Its name, as `wt allow` lists it, or its key
        key_or_name: String,
    },
    /// List the hosts that are known here, or forget one
    Hosts(HostsArgs),
    /// Start, stop or look at the server
    #[command(subcommand)]
    Server(ServerCommand),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// List everything that can be done, and the keys that do it (tmux: list-keys)
    Keys(ListedKeys),
    /// Say what this terminal, this machine and the configuration allow, and what to mend
    Doctor(Printed),
    /// Print what a shell needs to complete wt's commands
    #[command(
        after_help = "Examples:\n  wt completions bash > ~/.local/share/bash-completion/completions/wt\n  wt completions zsh > ~/.zfunc/_wt          with ~/.zfunc in fpath\n  wt completions fish > ~/.config/fish/completions/wt.fish"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write the pages of all commands: `wt man ~/.local/share/man/man1`
    Man {
        /// A folder for `wt.1`, `wt-split.1` and so on
        dir: Option<std::path::PathBuf>,
    },
}

// A new session.
#[derive(Debug, Args)]
pub struct New {
    /// Its name; a number if none is given. `HOST/NAME` or `HOST/` makes it there
    #[arg(short = 's', long = "name", value_name = "NAME")]
    pub name: Option<String>,
    /// Attach if a session of that name is there already
    #[arg(short = 'A')]
    pub attach_existing: bool,
    /// Do not attach
    #[arg(short = 'd', long = "detached")]
    pub detached: bool,
    /// Print the session's name and its pane's id; with -d, for scripts
    #[arg(short = 'P', long = "print", requires = "detached")]
    pub print: bool,
    /// Where it starts; on another machine else in the home directory
    #[arg(short = 'c', long = "cwd", value_name = "DIR")]
    pub cwd: Option<String>,
    /// Add to its environment; may be given several times
    #[arg(short = 'e', long = "env", value_name = "K=V")]
    pub env: Vec<String>,
    /// A program and its arguments instead of the shell; no shell stands between
    #[arg(last = true, value_name = "CMD")]
    pub argv: Vec<String>,
}

// Dead sessions to be brought back.
#[derive(Debug, Args)]
pub struct Resume {
    /// Which session, by its name (the first letters will do) or `%ID` of a pane. None: all that were lost last. `HOST/` before it, or alone, asks there
    pub session: Option<String>,
    /// All dead sessions, however long ago they were lost
    #[arg(long, conflicts_with = "session")]
    pub all: bool,
    /// Do not attach; print the names instead, as is done where there is no terminal
    #[arg(short = 'd', long = "detached")]
    pub detached: bool,
}

impl Resume {
    /// Whether the sessions of another server are meant.
    pub fn is_elsewhere(&self) -> bool {
        let session = self.session.as_deref().unwrap_or_default();
        !matches!(Place::split(session), Ok((Place::Here, _)))
    }
}

// Which keys are listed, and how.
#[derive(Debug, Args)]
pub struct ListedKeys {
    /// By this keymap instead of the configured one
    #[arg(long, value_name = "NAME")]
    pub keymap: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

// What is printed of a pane, and how.
#[derive(Debug, Args)]
pub struct Capture {
    /// Which pane.
    #[command(flatten)]
    pub at: At,
    /// Keep colours and attributes as escape sequences
    #[arg(long)]
    pub ansi: bool,
    /// From the first line of scrollback on
    #[arg(long)]
    pub history: bool,
}

// What a command is done to.
#[derive(Debug, Args)]
pub struct At {
    /// `[HOST/]SESSION[:TAB[.PANE]]` or `[HOST/]%ID`; else the pane that this runs in, or the session used last
    #[arg(short = 't', long = "target", value_name = "TARGET")]
    pub target: Option<String>,
}

// What a new pane runs.
#[derive(Debug, Args)]
pub struct Run {
    /// Where it starts; else in the directory of the pane beside it
    #[arg(short = 'c', long = "cwd", value_name = "DIR")]
    pub cwd: Option<String>,
    /// Leave the focus where it is
    #[arg(long)]
    pub no_focus: bool,
    /// Print the new pane's id, for scripts
    #[arg(short = 'P', long = "print")]
    pub print: bool,
    /// A program and its arguments instead of the shell; no shell stands between
    #[arg(last = true, value_name = "CMD")]
    pub argv: Vec<String>,
}

// What is typed into a pane.
#[derive(Debug, Args)]
pub struct Send {
    /// Into which pane.
    #[command(flatten)]
    pub at: At,
    /// Type every argument as text, even one that is a key's name
    #[arg(short = 'l', long = "literal")]
    pub literal: bool,
    /// Every argument is the code of a character, in hexadecimal
    #[arg(short = 'H', long = "hex", conflicts_with = "literal")]
    pub hex: bool,
    /// Type it all so many times
    #[arg(short = 'N', long = "repeat", value_name = "COUNT", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub repeat: u16,
    /// Names of keys (`C-c`, `M-x`, `Enter`, `Up`, `F5`, `Space`), or text
    #[arg(required = true, value_name = "KEYS")]
    pub keys: Vec<String>,
}

// How an answer is printed.
#[derive(Debug, Args)]
pub struct Printed {
    /// As JSON
    #[arg(long)]
    pub json: bool,
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
#[command(defer = true)]
pub enum ServerCommand {
    /// Run the server here, in the foreground
    Run {
        /// How it was started: by a client that needs it, by `wt server start`, or by hand
        #[arg(long, hide = true, default_value = "foreground")]
        start: StartedBy,
        /// Also take clients over the network, at this UDP address; may be given again
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Vec<SocketAddr>,
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
    /// Let the device in that asks over ssh; `wt ssh` runs it
    #[command(hide = true)]
    Bootstrap,
    /// Run a command for a client elsewhere; the server starts it
    #[command(hide = true)]
    Errand,
}

/// The configuration.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum ConfigCommand {
    /// Say everything that is wrong in config.toml, themes and keymaps, with its line
    Check,
    /// Explain every key of config.toml, with its default
    Show,
}
