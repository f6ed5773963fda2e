//! What client and server say to each other, as values and bytes.
//!
//! A connection opens with [`hello`]; then requests and replies ([`request`]) or, once attached, sync packets that
//! carry [`input`] up and the [`view`] down, and [`event`]s beside them.

pub mod command;
pub mod event;
pub mod geometry;
pub mod hello;
pub mod id;
pub mod input;
pub mod request;
pub mod surface;
pub mod view;

pub use command::Command;
pub use event::Event;
pub use geometry::{Direction, Rect};
pub use id::{PaneId, SessionId, SurfaceId, TabId, ViewerId};
pub use input::Input;
pub use surface::{Header, Surface};
pub use view::{Chrome, View};
