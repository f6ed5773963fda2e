//! A surface: a list of rows with a cursor and modes, versioned so that what changed since any version is cheap to
//! say. A pane's live screen is one; a viewer's place in scrollback is another.
//!
//! What goes over the wire is the *order* of row ids (scrolling moves ids and resends no text) and, of each row that
//! changed, the columns that did.

pub use super::scrolled::Scrolled;
use crate::term::palette::Palette;
use crate::term::{Cursor, Modes, Row, RowId, Size, Tables, Version};
use std::collections::HashMap;

/// What is said of a surface beside its rows and cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Columns and rows.
    pub size: Size,
    /// What keys and mice send.
    pub modes: Modes,
    /// The program's title, without control characters.
    pub title: String,
    /// The colours that the program has changed.
    pub palette: Palette,
    /// Set while the surface is a place in scrollback.
    pub scrolled: Option<Scrolled>,
    /// How the program ended, in one line for the pane's last row; empty while it runs.
    pub fate: String,
    /// Whether what ran in the pane can be run again: its process is gone with its machine.
    pub can_rerun: bool,
}

/// A surface as a viewer holds it.
#[derive(Debug, Clone, Default)]
pub struct Surface {
    /// What is said of it; `None` before the first difference arrived.
    pub header: Option<Header>,
    /// The cursor.
    pub cursor: Cursor,
    /// Ids of the shown rows, top to bottom.
    pub order: Vec<RowId>,
    /// The rows by id; cells index the view's [`Tables`].
    pub rows: HashMap<RowId, Row>,
    /// The version it stands at.
    pub version: Version,
}

/// A surface as its owner shows it: borrowed for the length of one encoding.
#[derive(Debug, Clone)]
pub struct SurfaceSource<'a> {
    /// Where it stands; every change up to now carries this version or an earlier one.
    pub version: Version,
    /// What is said of it.
    pub header: Header,
    /// When `header` last changed.
    pub header_changed_at: Version,
    /// The cursor; it is part of every difference.
    pub cursor: Cursor,
    /// When the order of rows last changed.
    pub order_changed_at: Version,
    /// The rows, top to bottom.
    pub rows: Vec<&'a Row>,
    /// What the rows' cells index.
    pub tables: &'a Tables,
}
