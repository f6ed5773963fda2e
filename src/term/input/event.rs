//! What a terminal says, as values.

use crate::term::{KeyboardFlags, Mouse, Stroke};

/// Something that the user, or the terminal, did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputEvent {
    /// A key.
    Key(Stroke),
    /// The mouse, at a cell of the terminal.
    Mouse(Mouse),
    /// Part of a paste.
    Paste {
        /// At most [`PASTE_CHUNK`](super::PASTE_CHUNK).
        bytes: Vec<u8>,
        /// Whether this is the first part.
        first: bool,
        /// Whether this is the last part.
        last: bool,
    },
    /// The terminal has the user's attention.
    FocusGained,
    /// It no longer has.
    FocusLost,
    /// The terminal answered a question.
    Reply(TerminalReply),
    /// Bytes that mean nothing here; they are a program's affair.
    Unknown(Vec<u8>),
}

/// What a terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalReply {
    /// DA1: what kind of terminal it is.
    Attributes(Vec<u16>),
    /// CPR: where the cursor is, 0-based.
    CursorPosition {
        /// The row.
        row: u16,
        /// The column.
        col: u16,
    },
    /// OSC 10: the colour of text, as the terminal spells it.
    Foreground(String),
    /// OSC 11: the colour behind it.
    Background(String),
    /// DECRPM: how a private mode stands: 0 unknown, 1 set, 2 reset, 3 and 4 for good.
    Mode {
        /// Which.
        mode: u16,
        /// How it stands.
        state: u16,
    },
    /// The terminal's colours are light on dark now (the answer to `CSI ? 996 n`, and mode 2031).
    DarkScheme,
    /// The terminal's colours are dark on light now.
    LightScheme,
    /// XTVERSION: name and version.
    Version(String),
    /// OSC 52: what is on the clipboard, decoded.
    Clipboard(Vec<u8>),
    /// The flags of the kitty keyboard protocol: the terminal speaks it.
    Keyboard(KeyboardFlags),
}
