//! wt: a terminal multiplexer that replaces tmux, mosh and tmate with one program. This page is the map.
//!
//! A **session** lives in a **server**. Each **viewer** is shown a **view**: one value holding all that it may see.
//! Input goes up and views come down, each kept equal on both machines by **sync**, over any **link**.
//! What leaves the top of a screen is **scrollback**: numbered lines on disk, kept for good.
//! *Values* say what things are, *machines* say what happens next, *edges* touch the world, and only edges do.
//!
//! ```text
//!  VALUES, pure
//!  varint        the one integer coding, and the bounded reader over bytes from outside
//!  when          points in time as people write them: "2h", "14:30", "yesterday 9:05"
//!  term          cell, style, row, screen; the emulator; what keys and mice say in bytes, and back
//!  scrollback    lines ↔ blocks, index, search, recovery: bytes in, effects out
//!  sync          frames, acknowledgement, resend, pace; a simulated bad link
//!  protocol      what client and server say: hello, input ↑, view ↓, command, event
//!  export        a history for use outside wt: text, escape sequences, HTML, a recording
//!  config        what config.toml, themes and keymaps may say, and what is wrong with them
//!  MACHINES, pure
//!  pane          one program: emulator, scrollback, commands, fate
//!  session       sessions, tabs, layouts, targets: holds pane ids, never panes
//!  ui            keymap, copy mode, guesses, status line, lists and menus, painting: the client's mind
//!  auth          keys, who is granted what, pairing: who may do what
//!  EDGES
//!  disk          places, locks, logs, atomic files, blocks, watching the configuration
//!  net           links and what makes them: the unix socket, QUIC
//!  carry         what links carry beside the views: files, connections
//!  holder        the small process that owns PTYs and children; no async runtime
//!  server        one thread that owns every pane and session; accept, adopt, persist
//!  client        connect, the sessions held side by side, the user's terminal, the loop between them
//!  cli           each command: one call into client, server or holder
//! ```
//!
//! - **Key → shell**: client/terminal → term/input → ui/keymap (not bound) → term/key → ui/predict →
//!   protocol/input → sync → net ⇒ net → server → sync → session (whose focus) → pane → PTY.
//! - **Output → eye**: PTY → server → pane → term/emulator (→ scrollback → disk) → [a frame is due] protocol/view →
//!   sync ⇒ sync → ui/predict → ui/compose → ui/paint → client/terminal.
//! - **Echo before the round trip**: ui/predict → ui/compose, over a copy of what the server showed last.
//! - **A theme or keymap edited**: disk/watch → disk/places → config → ui/settings → ui/compose. A bad file leaves what held.
//! - **A command**: a shell's marks (`shell/`, the scripts that make it say them) → term/emulator → pane/commands → disk,
//!   numbered as scrollback's lines are.
//! - **A command for another machine** that reads what stands there: cli/errand → client/errand ⇒ server/errand → a process
//!   of wt there, with the same words → what it prints, back through cli/errand's sieve.
//! - **Scrolling back** is only another view: the server fills the viewer's surface from scrollback. Over a link that
//!   takes its time it sends what lies around that place as well (server/margin), and the client shows it before the
//!   server has followed (ui/ahead).
//!
//! Three words that these pages add to the field's own: a **surface** is a list of versioned rows that a viewer is shown
//! (a pane's live screen, a place in its scrollback, or the **margin** around one); a **window** is such a place; the **chrome** is all that stands
//! around the panes.
//!
//! Imports run downwards only; `tests/architecture.rs` holds the rules and is the place to look them up.

pub mod auth;
pub mod carry;
pub mod cli;
pub mod client;
pub mod config;
pub mod disk;
pub mod export;
pub mod holder;
pub mod net;
pub mod pane;
pub mod protocol;
pub mod scrollback;
pub mod server;
pub mod session;
pub mod sync;
pub mod term;
pub mod ui;
pub mod varint;
pub mod when;
