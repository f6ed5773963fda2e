//! Questions and orders outside an attachment, mostly from the command line, and their answers.

use super::errand::ErrandReply;
use super::files::FileReply;
use super::recent::RecentLines;
use super::side::Side;
use super::trust::{Trust, Trusted};
use super::{Command, Guesses, PaneId, Token};
use crate::term::Size;
use serde::{Deserialize, Serialize};

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Makes a session.
    New(NewSession),
    /// Turns this connection into an attachment: sync packets follow the reply.
    Attach(Attach),
    /// Lists the sessions.
    List,
    /// Ends the attachments to a session, or to all.
    Detach {
        /// A session; `None` for all.
        session: Option<String>,
    },
    /// Ends a session and all its programs.
    Kill {
        /// Which session.
        session: String,
    },
    /// Does something to a target.
    Run {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
        /// What.
        command: Command,
    },
    /// Asks for a pane's text.
    Capture {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
        /// With colours and attributes as escape sequences.
        ansi: bool,
        /// From the first line of scrollback on.
        history: bool,
    },
    /// Types into a pane, as if its user had.
    Send {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
        /// What, in order.
        keys: Vec<Typed>,
    },
    /// Makes server and clients read the configuration again.
    Reload,
    /// Asks how the server is.
    Status,
    /// Ends the server: with all its programs, or leaving them to the holder for the next server.
    Stop {
        /// Whether the programs live on.
        keep_panes: bool,
    },
    /// Asks for the lines of a pane that are in memory.
    Recent {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
        /// The first line that is wanted.
        from: u64,
    },
    /// Asks for each line of a pane once it is complete, until its program ends.
    Follow {
        /// `SESSION[:TAB[.PANE]]` or `%ID`.
        target: String,
        /// The first line that is wanted.
        from: u64,
    },
    /// Brings dead sessions back, without starting anything.
    Resume {
        /// Which.
        which: WhichDead,
        /// The environment of the client: what belongs to its login replaces what is no more.
        env: Vec<(String, String)>,
    },
    /// Deletes the oldest history.
    Prune(PruneHistory),
    /// Something beside the views: files, forwarded connections, the client's clipboard and agent.
    Side(Side),
    /// Something about whom the server trusts and where it is reached.
    Trust(Trust),
    /// Ends this attachment for good: a link that closes without it may have been lost.
    Leave,
}

/// What history is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PruneHistory {
    /// What was written last before so many seconds ago.
    pub older_than_secs: Option<u64>,
    /// The oldest, until no more bytes are left than these.
    pub to_bytes: Option<u64>,
    /// Of this pane; `None` for all.
    pub pane: Option<u64>,
    /// Of panes whose programs are gone alone.
    pub dead: bool,
    /// Nothing is deleted: it is said how much it would be.
    pub dry_run: bool,
}

/// Which dead sessions are meant: those whose programs are all gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhichDead {
    /// Those that were lost together, last.
    LastRun,
    /// All.
    All,
    /// One, by its name, by the first letters of that, or by `%ID` of one of its panes.
    Named(String),
}

/// Something that is typed into a pane from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typed {
    /// A key by its name (`C-c`, `Enter`, `M-x`), which becomes the bytes that the pane's modes ask for.
    Key(String),
    /// Text, as it is.
    Text(String),
}

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewSession {
    /// Its name; `None` picks the first free number.
    pub name: Option<String>,
    /// Whether a session of that name is taken as it is instead of being an error.
    pub or_existing: bool,
    /// What the first pane runs; empty for the shell.
    pub argv: Vec<String>,
    /// Where it starts: of one on another machine, below the home directory there.
    pub cwd: String,
    /// The environment of the client: what panes of the session inherit.
    pub env: Vec<(String, String)>,
    /// The size until somebody attaches.
    pub size: Option<Size>,
    /// What was asked to be in the environment besides, whichever machine it is on.
    pub added: Vec<(String, String)>,
}

/// What a session on another machine takes over of the client's environment, as ssh does: what its terminal and its
/// language are told by.
const GOES_ALONG: [&str; 3] = ["LANG", "LANGUAGE", "COLORTERM"];

/// Whether a variable of that name goes along to another machine.
pub fn goes_along(name: &str) -> bool {
    GOES_ALONG.contains(&name) || name.starts_with("LC_")
}

/// An attachment to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// Which session (a target); `None` for the one used last.
    pub session: Option<String>,
    /// Makes this session if it, or any, is missing.
    pub create: Option<NewSession>,
    /// The client's terminal.
    pub size: Size,
    /// Names the viewer over all its links.
    pub viewer: Token,
    /// Set if the viewer has lost its link: the offset up to which the server is known to have its input.
    pub confirmed: Option<u64>,
    /// Whether its user looks at the session from the beginning: the client may show another one.
    pub looking: bool,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Done; nothing to say.
    Done,
    /// Refused or failed: what, on what, and what to do, in one line.
    Error(String),
    /// The session that was made.
    Made {
        /// Its name.
        session: String,
        /// The pane that was made.
        pane: PaneId,
    },
    /// Attached to this session; sync packets follow.
    Attached {
        /// Its name.
        session: String,
        /// Where the viewer's input goes on, if it has lost its link and is known; otherwise its input begins anew.
        resumed: Option<u64>,
    },
    /// The sessions.
    Sessions(Vec<SessionSummary>),
    /// Part of a text; the last part is followed by `Done`.
    Text(Vec<u8>),
    /// How the server is.
    Status(Status),
    /// Some of a pane's lines; `Done`, or `Over`, follows the last of them.
    Recent(RecentLines),
    /// The pane that was followed has ended, like this, in words; perhaps nobody knows how.
    Over(String),
    /// Done, and this is to be said.
    Said(String),
    /// Sessions are back.
    Resumed {
        /// Their names, the one used last first.
        sessions: Vec<String>,
    },
    /// Something about files.
    File(FileReply),
    /// Variables; `None` for those that are not set.
    Env(Vec<(String, Option<String>)>),
    /// Something about whom the server trusts and where it is reached.
    Trust(Trusted),
    /// Something of an errand.
    Errand(ErrandReply),
}

/// One session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// Its name.
    pub name: String,
    /// Seconds since the Unix epoch when it was made.
    pub created: u64,
    /// How many clients are attached.
    pub clients: u32,
    /// Its size in cells.
    pub size: Size,
    /// Its tabs.
    pub tabs: Vec<TabSummary>,
    /// Set if its programs are gone: the last sign of life, in milliseconds since the Unix epoch.
    pub dead_since_ms: Option<u64>,
}

/// One tab in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabSummary {
    /// From 1.
    pub number: u16,
    /// Its name.
    pub name: String,
    /// Whether it is the one in use.
    pub active: bool,
    /// Whether one of its panes is shown alone.
    pub zoomed: bool,
    /// Its panes.
    pub panes: Vec<PaneSummary>,
}

/// One pane in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneSummary {
    /// Shown as `%N`.
    pub id: PaneId,
    /// Its size in cells.
    pub size: Size,
    /// Process id of its program; `None` once that has ended.
    pub pid: Option<u32>,
    /// The program in the foreground, or the given command.
    pub command: String,
    /// The program's title.
    pub title: String,
    /// Its directory.
    pub cwd: String,
    /// The name that the user gave it; empty if none.
    pub name: String,
    /// Whether it has its tab's focus.
    pub focused: bool,
    /// Whether anything but a shell runs in its foreground.
    pub busy: bool,
    /// How it ended, in words; empty while it runs.
    pub fate: String,
    /// Lines in scrollback.
    pub history_lines: u64,
}

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Process id of the server.
    pub pid: u32,
    /// Process id of the holder, if it runs.
    pub holder_pid: Option<u32>,
    /// Release of the server.
    pub release: String,
    /// Seconds since it started.
    pub uptime_secs: u64,
    /// How many sessions, panes and clients there are.
    pub sessions: u32,
    /// Panes.
    pub panes: u32,
    /// Attached clients.
    pub clients: u32,
    /// Things that are not as they should be, in words.
    pub warnings: Vec<String>,
    /// How its clients' guesses of the echo have turned out.
    pub guesses: Guesses,
    /// Where it hears clients in the network.
    pub listening: Vec<Listening>,
}

/// Where a server hears clients in the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// `ADDR:PORT`, of UDP.
    pub address: String,
    /// Who asked for that, in a word.
    pub asked_by: String,
}
