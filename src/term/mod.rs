//! The terminal as a value: what a program draws, and what keys and mice say to it.
//!
//! A program's bytes go into an emulator, which keeps a screen of [`Row`]s of [`Cell`]s. Rows that leave
//! the top come out as encoded lines. Nothing here knows of panes, sessions or links.
//!
//! | what | where |
//! |---|---|
//! | bytes in: text, sequences, strings are told apart | `feed`, `scan`, `sequence` |
//! | what a sequence does | `csi` (which one it is), `mode`, `sgr`, `tabs`, `charset`, `margins`, `erase`, `rectangle`, `window` |
//! | what a string does: OSC, DCS, APC | `string` |
//! | text on its way into cells | `text`, `run`, `cluster`, `width` |
//! | the state: caret, pen, modes, both screens | `terminal`, `caret`, `modes`, `screen`, `keyboard`, `palette` |
//! | cells and rows; their looks and clusters | `cell`, `row`, `edit`, `style`, `tables`, `pool` |
//! | what leaves the top; a new width | `history`, `wrap`, `reflow`, `squeeze` |
//! | answers | `replies`, `settings`, `checksum`, `string::capability` |
//! | rows and whole states as bytes | `codec`, `snapshot` |
//! | keys and mice, in and out | `key`, `stroke`, `mouse`, `functional`, `input`, `encode` |
//!
//! All bounds on what a program may send or make the emulator keep stand in `limits`.

pub mod ansi;
#[cfg(test)]
mod areas;
#[cfg(test)]
mod bounds;
mod caret;
pub mod cell;
mod charset;
mod checksum;
mod cluster;
pub mod codec;
mod csi;
mod edit;
mod effect;
mod emulator;
pub mod encode;
mod erase;
mod feed;
mod functional;
pub mod hidden;
mod history;
pub mod input;
mod joins;
pub mod key;
pub mod keyboard;
mod limits;
mod margins;
mod mode;
pub mod modes;
pub mod mouse;
#[cfg(test)]
mod oracle;
pub mod palette;
mod pool;
mod presentation;
mod rectangle;
mod reflow;
#[cfg(test)]
mod reflow_laws;
mod replies;
mod reverse;
pub mod row;
mod run;
mod scan;
mod screen;
mod sequence;
mod settings;
mod sgr;
mod snapshot;
mod squeeze;
mod string;
pub mod stroke;
pub mod style;
mod tables;
mod tabs;
mod terminal;
#[cfg(test)]
pub(crate) mod testing;
mod text;
#[cfg(test)]
mod times;
pub mod width;
mod window;
mod wrap;

pub use cell::Cell;
pub use effect::{CommandLine, Effect, Mark, Notice, Urgency};
pub use emulator::{Emulator, PORTION};
pub use history::{HISTORY_ROWS, Spill};
pub use key::{Key, KeyCode, Keypad, Mods};
pub use keyboard::KeyboardFlags;
pub use modes::{Cursor, Modes};
pub use mouse::{Mouse, MouseAction, Within};
pub use row::{Row, RowId, Version};
pub use string::clipboard_answer;
pub use stroke::{Phase, Stroke};
pub use style::{Attrs, Color, Style, StyleId};
pub use tables::Tables;
pub use window::Grants;
pub use wrap::{rows_to_lines, wrap_line};

/// A size in cells, `cols × rows`. Neither is ever 0: see [`Size::new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// Cells in a row.
    pub cols: u16,
    /// Rows on the screen.
    pub rows: u16,
}

impl Size {
    /// The largest width and height that wt draws; larger terminals are used in part.
    pub const MAX: u16 = 2000;

    /// Makes a size, each side clamped to `1..=Size::MAX`.
    pub fn new(cols: u16, rows: u16) -> Self {
        Self {
            cols: cols.clamp(1, Self::MAX),
            rows: rows.clamp(1, Self::MAX),
        }
    }
}
