//! Keys and mouse actions as values, named as tmux names them (`C-b`, `M-Left`, `S-F3`).

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// What was held.
    pub mods: Mods,
}

/// Which key. A character stands for itself with Shift already in it (`A`, `%`); `C-a` is `Char('a')` with
/// [`Mods::CTRL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the keys' own")]
pub enum KeyCode {
    Char(char),
    F(u8),
    Enter,
    Tab,
    /// Shift-Tab (CSI Z).
    BackTab,
    Backspace,
    Escape,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Insert,
    Delete,
}

/// Modifier bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mods(pub u8);

impl Mods {
    /// Nothing held.
    pub const NONE: Mods = Mods(0);
    /// `S-`.
    pub const SHIFT: Mods = Mods(1);
    /// `M-` (Alt).
    pub const ALT: Mods = Mods(2);
    /// `C-`.
    pub const CTRL: Mods = Mods(4);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Mods) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A mouse action at a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mouse {
    /// What happened.
    pub action: MouseAction,
    /// 0-based column.
    pub x: u16,
    /// 0-based row.
    pub y: u16,
    /// What was held.
    pub mods: Mods,
}

/// What a mouse did. Buttons: 0 left, 1 middle, 2 right, 3 and up the extra ones as xterm numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MouseAction {
    Press(u8),
    Release(u8),
    Drag(u8),
    Motion,
    WheelUp,
    WheelDown,
    WheelLeft,
    WheelRight,
}
