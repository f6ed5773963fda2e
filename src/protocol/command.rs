//! What can be done to sessions, tabs and panes: the same values from a key binding and from the command line.

use super::geometry::Direction;
use serde::{Deserialize, Serialize};

/// Something to do, grouped by noun. What it is done to is said beside it (a target, or the viewer's focus).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// To a pane.
    Pane(PaneCommand),
    /// To a tab.
    Tab(TabCommand),
    /// To the viewer's own place in a pane's scrollback.
    Scroll(ScrollCommand),
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
    /// Moves the focus to the neighbour on that side.
    Focus(Direction),
    /// Moves the focus to the next pane of the tab, in order.
    FocusNext,
    /// Shows it alone, or all again.
    Zoom,
    /// Ends its program: HUP, TERM, KILL to the whole process group.
    Close,
    /// Starts the command of a pane whose program has ended again.
    Restart,
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
    /// Goes to the tab with that number, from 1.
    Select(u16),
    /// Ends all its panes.
    Close,
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

/// What a viewer does with its own place in a pane's scrollback. Any of these but `Live` enters it.
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
    /// To the next place where `pattern` (a literal, smart case) stands, from the row and column of the cursor.
    Search {
        /// The text; empty repeats the last one.
        pattern: String,
        /// Towards the first line.
        backwards: bool,
        /// Cursor row within the shown rows, 0-based.
        row: u16,
        /// Cursor column, 0-based.
        col: u16,
    },
    /// Back to following the screen.
    Live,
}
