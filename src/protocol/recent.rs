//! Lines of a pane that only its server has: on their way from memory to whoever reads the rest from disk.

use super::PaneId;
use crate::term::Size;
use serde::{Deserialize, Serialize};

/// Consecutive lines of one pane.
///
/// Law: whoever asks for these first, and then reads from disk what lies before the first of them, has every line once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecentLines {
    /// Which pane.
    pub pane: PaneId,
    /// The number of the first line. All lines before it are on disk, or lost.
    pub first: u64,
    /// How many there are; perhaps none.
    pub count: u64,
    /// Each line's length and its encoding (`term::codec`).
    pub lines: Vec<u8>,
    /// When they were written, in Unix ms, 0 where that is not known: runs of lines.
    pub times: Vec<(u64, u64)>,
    /// The line before which views show nothing.
    pub floor: u64,
    /// The line that the cursor is in: what is before it is complete.
    pub open_line: u64,
    /// The terminal's size.
    pub size: Option<Size>,
    /// Whether a full-screen program hides the main screen, to which these lines belong.
    pub is_hidden: bool,
}
