//! Every bound on what a program may send or make the emulator keep. What goes beyond is dropped or ignored, never
//! half obeyed.
//!
//! Those of one file alone stand there: numbers and marks of a sequence (`sequence`), what REP repeats (`csi`), the bytes
//! of a cluster (`cluster`), looks that a rectangle changes (`rectangle`), styles, clusters and links in use at once
//! (`tables`), rows in memory and bytes of a line (`history`), the size of the screen and
//! with it the tab stops ([`Size::MAX`](super::Size::MAX)), pairs of one command for colours (`string::color`), the name
//! of a capability (`string::capability`), flags pushed for the keyboard (`keyboard`), modes put aside (`settings`).

/// Bytes of a control sequence, ESC included. A longer one does nothing.
pub(super) const MAX_SEQUENCE: usize = 1 << 10;
/// Bytes of a string: OSC, DCS, APC, PM, SOS. A longer one does nothing.
pub(super) const MAX_STRING: usize = 64 << 10;
/// Bytes of an OSC 52, which alone may be longer: [`MAX_CLIPBOARD`] in base64.
pub(super) const MAX_CLIPBOARD_STRING: usize = 1400 << 10;
/// Bytes that a program may put on the clipboard at once.
pub(super) const MAX_CLIPBOARD: usize = 1 << 20;
/// How deep strings wrapped for tmux are unwrapped: a multiplexer in a multiplexer.
pub(super) const MAX_WRAPPED: u8 = 2;

/// Bytes of a title, of a directory, and of a notice's title and body each.
pub(super) const MAX_LABEL: usize = 4 << 10;
/// Bytes of the name that a shell gives itself in its marks.
pub(super) const MAX_SHELL: usize = 64;
/// Titles put aside (XTWINOPS 22); the oldest falls out.
pub(super) const MAX_TITLES: usize = 10;
/// Bytes of a link's address. A longer one is no link.
pub(super) const MAX_URI: usize = 2083;
/// Bytes of a link's id. A longer one is no link.
pub(super) const MAX_LINK_ID: usize = 250;
/// Bytes of a colour's name or value.
pub(super) const MAX_COLOR: usize = 64;

/// Notices that arrive in parts at the same time (OSC 99); the oldest is given up.
pub(super) const MAX_OPEN_NOTICES: usize = 8;
/// Bytes of the id of a notice that arrives in parts.
pub(super) const MAX_NOTICE_ID: usize = 64;
/// Notices not yet taken; of more the newest are dropped.
pub(super) const MAX_NOTICES: usize = 16;

/// Bytes of answers not yet taken: a program that asks more than this before it is answered goes unanswered.
pub(super) const MAX_REPLY: usize = 64 << 10;
/// Effects not yet taken; the newest are dropped.
pub(super) const MAX_EFFECTS: usize = 1024;
/// Capabilities answered of one XTGETTCAP.
pub(super) const MAX_CAPABILITIES: usize = 64;
