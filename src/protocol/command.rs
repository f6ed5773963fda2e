//! What can be done to sessions, tabs, panes and layouts: the same values from a key binding, a menu and the command
//! line.

use super::extent::{Extent, Spot};
use super::geometry::Direction;
use super::id::{PaneId, TabId};
use serde::{Deserialize, Serialize};

/// Something to do, grouped by noun. What it is done to is said beside it: a target, or [`On`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// To the session, or to which one the viewer looks at.
    Session(SessionCommand),
    /// To a tab.
    Tab(TabCommand),
    /// To a pane.
    Pane(PaneCommand),
    /// To the way a tab's panes divide it.
    Layout(LayoutCommand),
    /// To the viewer's own place in a pane's scrollback.
    Scroll(ScrollCommand),
}

/// What a viewer's command is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum On {
    /// The pane that its keys go to, and that pane's tab.
    #[default]
    Focus,
    /// That pane, wherever it is on the server.
    Pane(PaneId),
    /// That tab and its focused pane.
    Tab(TabId),
}

/// What is done to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionCommand {
    /// Makes one, in the directory of the target and with its environment, and shows it to the viewer. Without a name it
    /// gets a number.
    New(String),
    /// Gives it another name.
    Rename(String),
    /// Ends all its programs.
    Kill(Asking),
    /// Shows the viewer what a target names, in whichever session that is.
    Switch(String),
    /// Shows the viewer the session after it, round the end.
    Next,
    /// Shows the viewer the session before it.
    Previous,
    /// Shows the viewer the session that it looked at before.
    Last,
    /// Asks for all sessions: they come as an [`Event::Sessions`](super::Event).
    List,
    /// Brings a dead session back, named as by [`WhichDead`](super::request::WhichDead), and shows it to the viewer.
    Resume(String),
}

/// What is done to a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabCommand {
    /// Adds one at the end.
    New(Spawn),
    /// Goes to the next, round the end.
    Next,
    /// Goes to the one before.
    Previous,
    /// Goes to the one that was looked at before.
    Last,
    /// Goes to the tab with that number, from 1.
    Select(u16),
    /// Gives it a name; an empty one lets it be named by its command again.
    Rename(String),
    /// Moves it by so many places to the right, or (negative) to the left; it stops at the ends.
    Move(i16),
    /// Ends all its panes.
    Close(Asking),
}

/// What is done to a pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaneCommand {
    /// Puts a new pane beside it: to the right, or below.
    Split {
        /// On which side; `Left` and `Up` put the new one first.
        side: Direction,
        /// What runs in it and whether the focus moves there.
        spawn: Spawn,
    },
    /// Moves the focus from it to another pane of the tab.
    Focus(Which),
    /// Changes its size.
    Resize(Resize),
    /// Shows it alone, or all again.
    Zoom,
    /// Changes places with another pane; the focus stays with it.
    Swap(Which),
    /// Moves it into a tab of its own, behind its tab.
    Break,
    /// Moves it beside the pane that `to` names, perhaps in another tab or session.
    Move {
        /// A target.
        to: String,
        /// On which side of that pane.
        side: Direction,
    },
    /// Gives it a title; an empty one lets the program choose again.
    Rename(String),
    /// Pastes what was copied last.
    Paste,
    /// Ends its program: HUP, TERM, KILL to the whole process group.
    Close(Asking),
    /// Starts the command of a pane whose program has ended again.
    Restart,
    /// Changes places with the pane that a target names, perhaps in another tab or session.
    SwapWith(String),
    /// Runs again what ran in a pane that was brought back without its process.
    Rerun,
    /// Opens its history in a tab of its own.
    OpenHistory {
        /// With what.
        with: Opener,
        /// At this line; else at the end.
        line: Option<u64>,
    },
}

/// What a history is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opener {
    /// `$VISUAL` or `$EDITOR`.
    Editor,
    /// `$PAGER`.
    Pager,
}

/// One pane among those of a tab, seen from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The pane itself.
    Here,
    /// The neighbour on that side, round the edge.
    Towards(Direction),
    /// The next in order, round the end.
    Next,
    /// The one before.
    Previous,
    /// The one that had the focus before.
    Last,
    /// The one with that number, from 1, in order.
    Number(u16),
}

/// How a pane's size changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resize {
    /// The border behind the pane (before it, if it is the last) moves that way by so many cells.
    By(Direction, u16),
    /// The border on that side comes to stand in this column or row of the tab's area.
    Border(Direction, u16),
    /// To so many columns.
    Cols(u16),
    /// To so many rows.
    Rows(u16),
}

/// Whether a viewer is asked before programs end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asking {
    /// If anything but a shell runs: an [`Event::Ask`](super::Event) comes back.
    IfBusy,
    /// No.
    Never,
}

/// What is done to the way a tab's panes divide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayoutCommand {
    /// Arranges all panes anew.
    Preset(Preset),
    /// Arranges them by the preset after the one used last.
    NextPreset,
    /// Moves every pane to the place of the next one.
    Rotate,
    /// Moves every pane to the place of the one before.
    RotateBack,
}

/// A way to arrange any number of panes; the names are tmux's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preset {
    /// Side by side, of one width.
    EvenHorizontal,
    /// One above the other, of one height.
    EvenVertical,
    /// A large one above, the others side by side below.
    MainHorizontal,
    /// A large one on the left, the others one above the other beside it.
    MainVertical,
    /// In rows and columns of about one size.
    Tiled,
}

impl Preset {
    /// All, in the order in which [`LayoutCommand::NextPreset`] goes round, with their names.
    pub const ALL: [(Preset, &'static str); 5] = [
        (Preset::EvenHorizontal, "even-horizontal"),
        (Preset::EvenVertical, "even-vertical"),
        (Preset::MainHorizontal, "main-horizontal"),
        (Preset::MainVertical, "main-vertical"),
        (Preset::Tiled, "tiled"),
    ];

    /// The preset of that name.
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|&(preset, _)| preset)
    }
}

/// What a new pane runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spawn {
    /// Program and arguments; empty for the shell.
    pub argv: Vec<String>,
    /// The directory; `None` for that of the pane it comes from.
    pub cwd: Option<String>,
    /// Whether the focus stays where it is.
    pub keep_focus: bool,
}

/// What a viewer does with its own place in a pane's scrollback. Any of these enters it, if nothing else is
/// said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScrollCommand {
    /// Stops following new output, without moving.
    Enter,
    /// Rows up (negative) or down; reaching the bottom does not leave.
    By(i32),
    /// To the first line.
    Top,
    /// To the last.
    Bottom,
    /// To the next place where a pattern stands.
    Search(Search),
    /// Shows that cell, in the middle unless it is in sight already.
    Show(Spot),
    /// Copies a part of the text: it comes back as an [`Event::Clipboard`](super::Event), and can be pasted.
    Copy(Extent),
    /// Leaves it: back to following the screen.
    Live,
    /// There, at the top; what cannot be reached is said.
    To(Goal),
    /// To or with the output of a command that ran in the pane.
    Output(OutputCommand),
}

/// A search in all that a pane has printed, from the cursor on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// What is looked for; empty for what was looked for before.
    pub pattern: String,
    /// How the pattern is written.
    pub syntax: Syntax,
    /// Towards the first line.
    pub backwards: bool,
    /// Cursor row within the shown rows, 0-based.
    pub row: u16,
    /// Cursor column, 0-based.
    pub col: u16,
    /// Whether the viewer has made up its mind.
    pub stage: Stage,
}

/// How a pattern is written; it matches either case unless it has an uppercase letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Syntax {
    /// It stands for itself.
    #[default]
    Literal,
    /// A regular expression.
    Regex,
}

/// How far a viewer has come with a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It still types: whatever it types is looked for from where it was when it began.
    Typing,
    /// It goes where the pattern stands.
    Settled,
    /// It gave up typing: back to where it was when it began.
    GivenUp,
}

/// Where in all that a pane has printed a viewer wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// The line of that number, the first that was ever printed being 1.
    Line(u64),
    /// So many hundredths of the way from the first line to the last.
    Percent(u8),
    /// The first line that was written at that time or later, in milliseconds since the Unix epoch.
    Time(u64),
}

/// What a viewer does with the output of the commands that ran in a pane, as the shell marks them. A row is one that the
/// viewer is shown, 0-based; the command is the one that the row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputCommand {
    /// To the last prompt above the row.
    Previous {
        /// The cursor's row.
        row: u16,
    },
    /// To the first prompt below the row.
    Next {
        /// The cursor's row.
        row: u16,
    },
    /// Selects the output, to be copied perhaps.
    Select {
        /// The cursor's row.
        row: u16,
    },
    /// Folds the output into one row, or shows it again.
    Fold {
        /// The cursor's row.
        row: u16,
    },
    /// Folds the output of every command that has ended.
    FoldAll,
    /// Shows all output again.
    UnfoldAll,
    /// Shows commands that failed alone, or all again.
    OnlyFailed,
    /// Copies the output of the last command that has ended. It enters no place in scrollback.
    CopyLast,
}
